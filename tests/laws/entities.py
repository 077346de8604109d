"""Entities of every public class, drawn from what the class itself says of its attributes: at random, and one by one."""

from __future__ import annotations

import types
from datetime import datetime, timezone
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import attrs
from hypothesis import strategies as st
from laws.declared import CANNOT_BE_SENT, COMPLETED, TYPES, VALUES
from laws.declared_sweep import MORE

from mlsdk import automl, data_transfer, entities, model_customization, sweep
from mlsdk.entities.bindings import Reference
from mlsdk.exceptions import ValidationException
from mlsdk.schema.fields import Entity, Wire, fields, find_choice, is_entity, is_union
from mlsdk.schema.values import Binding

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = ["", "a", "Word", "null", "true", "~", "1.10", "0x10", "1_000", "2024-05-01", "a: b # c", "é\n- x", " "]
"""Texts that YAML or a careless truth test would take for something else."""
WORDS = st.sampled_from(TEXTS) | st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=4)
KEYS = st.sampled_from(["Key", "snake_key", "camelKey", "1", "true", "é"])
JSON = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9, 9),
    WORDS,
    st.lists(WORDS, max_size=2),
    st.dictionaries(KEYS, st.none() | st.integers(0, 1) | WORDS, max_size=2),
)
MOMENTS = [datetime(2000, 1, 1, tzinfo=timezone.utc), datetime(2030, 12, 31, 23, 59, 59, 123456, tzinfo=timezone.utc)]

SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: WORDS,
    int: st.integers(0, 10_000),
    float: st.sampled_from([0.0, 1.0, 0.1, 1e-7, 12345.678]),
    bool: st.booleans(),
    types.NoneType: st.none(),
    Any: JSON,
    dict: st.dictionaries(KEYS, JSON, max_size=2),
    list: st.lists(JSON, max_size=2),
    datetime: st.sampled_from(MOMENTS),
    Binding: st.nothing(),  # expressions stand where there is a pipeline
}
EACH: dict[Any, list[Any]] = {
    str: TEXTS,
    int: [0, 1, 4000],
    float: [0.0, 1.0, 0.1],
    bool: [False, True],
    types.NoneType: [None],
    Any: [None, 0, "", False, {}, [], {"Key": None, "snake_key": 0, "camelKey": ["", {}]}],
    dict: [{}, {"Key": None, "snake_key": 0, "camelKey": {"k": ""}}],
    list: [[], [0, "", {}]],
    datetime: MOMENTS,
}


def _is_made(cls: Any) -> bool:
    """Whether entities of this very class are made: base classes are not that a choice only stands for."""
    if not is_entity(cls) or not fields(cls):
        return False
    chosen = find_choice(cls)
    return chosen is None or cls in (*chosen.members, chosen.fallback, chosen.default)


MODULES = (entities, automl, data_transfer, model_customization, sweep)
CLASSES = sorted(
    {
        cls
        for cls in (*MORE, *(getattr(module, name) for module in MODULES for name in module.__all__))
        if _is_made(cls) and cls.__name__ not in CANNOT_BE_SENT
    },
    key=lambda cls: cls.__name__,
)
"""Every public entity class that can be made and sent."""


def arguments(cls: type[Entity]) -> Iterator[tuple[str, bool, str, Any]]:
    """What may be given to the constructor of a class: argument, whether it must be, attribute and its type."""
    for attribute, kind, mark in fields(cls):
        if mark.ours and mark.word is None and attribute.init:
            needed = attribute.default is attrs.NOTHING or mark.required
            yield attribute.alias, needed, attribute.name, _declared(TYPES, cls, attribute.name, kind)


def _declared(table: dict[str, Any], cls: type[Entity], name: str, otherwise: Any = None) -> Any:
    """What a table says of an attribute of a class or of one of its base classes."""
    return next((table[key] for base in cls.__mro__ if (key := f"{base.__name__}.{name}") in table), otherwise)


def _members(kind: Any) -> list[Any]:
    """What a type may be: the members of a union, those of a choice with what stands for a word that nobody knows."""
    chosen = find_choice(kind)
    if chosen is None:
        return list(get_args(kind))
    others = [one for one in get_args(kind) if not is_entity(one)]
    more = [one for one in (chosen.default,) if one is not None and one not in chosen.members]
    return [*chosen.members, *more, *others]


# -- at random -----------------------------------------------------------------------------------------------
@cache
def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type."""
    if find_choice(kind) is not None or is_union(kind):
        return st.one_of(*(made(member) if is_entity(member) else values(member) for member in _members(kind)))
    if is_entity(kind):
        return made(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is list:
        return st.lists(values(inner[0]), max_size=2)
    if isinstance(origin, type) and issubclass(origin, dict):
        return st.dictionaries(KEYS, values(inner[-1]), max_size=2)
    if kind in SIMPLE:
        return SIMPLE[kind]
    if kind is Reference or hasattr(origin or kind, "__fspath__"):
        return st.nothing()  # a path, or what stands for a value, is drawn as the text it becomes
    message = f"no values for {kind!r}"
    raise NotImplementedError(message)


@cache
def made(cls: type[Entity]) -> st.SearchStrategy[Any]:
    """Entities of a class: each argument left out, or given."""
    required, optional = {}, {}
    for alias, needed, name, kind in arguments(cls):
        listed = _declared(VALUES, cls, name)
        drawn = values(kind) if listed is None else st.sampled_from(listed)
        if needed:
            required[alias] = drawn.filter(lambda value: value is not None)
        else:
            optional[alias] = drawn
    return (
        st.fixed_dictionaries(required, optional=optional)
        .map(lambda given: build(cls, given))
        .filter(lambda entity: entity is not None)
    )


def build(cls: type[Entity], given: dict[str, Any]) -> Any:
    """The entity with a different text in each of its secrets; None where the class refuses what is given together."""
    for attribute, _, mark in fields(cls):
        if mark.secret and isinstance(given.get(attribute.alias), str):
            given = {**given, attribute.alias: f"s3cret-{attribute.name}-{given[attribute.alias]}"}
    try:
        return cls(**COMPLETED.get(cls.__name__, dict)(given))
    except ValidationException:
        return None


# -- one by one ----------------------------------------------------------------------------------------------
@cache
def each(kind: Any) -> list[Any]:
    """A few values of a type, the falsy ones among them."""
    if find_choice(kind) is not None or is_union(kind):
        return [
            value for member in _members(kind) for value in ([least(member)] if is_entity(member) else each(member))
        ]
    if is_entity(kind):
        return [least(kind)]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return list(inner)
    if origin is list:
        return [[], each(inner[0])[:1]]
    if isinstance(origin, type) and issubclass(origin, dict):
        return [{}, dict(zip(["Key", "snake_key", "1"], each(inner[-1]), strict=False))]
    return EACH.get(kind, [])


def _required(cls: type[Entity]) -> dict[str, Any]:
    found = {}
    for alias, needed, name, kind in arguments(cls):
        if needed:
            listed = _declared(VALUES, cls, name)
            found[alias] = next(
                value for value in (each(kind) if listed is None else listed) if value not in (None, "")
            )
    return found


def least(cls: type[Entity]) -> Any:
    """The entity with nothing but what must be given."""
    return build(cls, _required(cls))


def one_by_one(cls: type[Entity]) -> Iterator[tuple[str, Any]]:
    """Entities with nothing but what must be given and one argument more, with what was given for it."""
    yield f"{cls.__name__}()", least(cls)
    for alias, needed, name, kind in arguments(cls):
        listed = _declared(VALUES, cls, name)
        for value in each(kind) if listed is None else listed:
            if value is None and needed:
                continue
            entity = build(cls, {**_required(cls), alias: value})
            if entity is not None:
                yield f"{cls.__name__}({alias}={value!r})", entity


def parts(value: Any) -> Iterator[Entity]:
    """An entity and all entities in it."""
    if isinstance(value, Entity):
        yield value
        for attribute in attrs.fields(type(value)):
            if Wire in attribute.metadata:
                yield from parts(getattr(value, attribute.name))
    elif isinstance(value, dict):
        for item in value.values():
            yield from parts(item)
    elif isinstance(value, list):
        for item in value:
            yield from parts(item)
