"""The YAML form where a body carries it: read as the service says it, without the checks of a file that a user wrote."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, get_args, get_origin

import attrs

from mlsdk.schema.bodies import attrs_slot
from mlsdk.schema.fields import JSON, Entity, Wire, fields, find_choice, is_entity, is_union


def from_form(kind: Any, form: Any) -> Any:
    """The value of a type whose YAML form a body carries: what it leaves out is None, keys not known are kept.

    A form that does not fit stays as it is, so that nothing is lost.
    """
    if form is None:
        return None
    if is_entity(kind):
        return _entity(kind, form) if isinstance(form, Mapping) else form
    chosen = find_choice(kind)
    if chosen is not None:
        word = form.get((chosen.file or ("type",))[-1]) if isinstance(form, Mapping) else None
        member = chosen.file_words().get(str(word).lower())
        return form if member is None else _entity(member, form)
    if is_union(kind):
        shaped = [one for one in get_args(kind) if one is not types.NoneType and _fits(one, form)]
        return from_form(shaped[0], form) if shaped else form
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(origin, type) and arguments:
        if issubclass(origin, dict) and isinstance(form, Mapping):
            return origin({key: from_form(arguments[-1], item) for key, item in form.items()})
        if issubclass(origin, list) and isinstance(form, list):
            return [from_form(arguments[0], item) for item in form]
    return form


def _fits(kind: Any, form: Any) -> bool:
    origin = get_origin(kind)
    if isinstance(form, Mapping):
        return is_entity(kind) or (isinstance(origin, type) and issubclass(origin, dict))
    return isinstance(form, list) and isinstance(origin, type) and issubclass(origin, list)


def _entity(cls: type[Entity], form: Mapping[str, Any]) -> Entity:
    made: Entity = object.__new__(cls)
    known = set()
    for attribute, kind, mark in fields(cls):
        value = None
        if mark.word is not None:
            value = attribute.default
        elif mark.file is not None:
            value = from_form(kind, _at(form, mark.file))
        if value is None and mark.missing is not None:
            value = mark.missing()
        if mark.file is not None:
            known.add(mark.file[0])
        attrs_slot(cls, attribute.name)(made, value)
    for attribute in attrs.fields(cls):
        if Wire not in attribute.metadata:
            default: Any = attribute.default
            attrs_slot(cls, attribute.name)(made, default.factory() if isinstance(default, attrs.Factory) else default)  # type: ignore[arg-type]
    rest: JSON = {key: item for key, item in form.items() if key not in known}
    attrs_slot(cls, "_extra")(made, rest or None)
    return made


def _at(form: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        form = form.get(step) if isinstance(form, Mapping) else None
    return form


def to_form(value: Any) -> Any:
    """The YAML form of a value, with what `from_form` kept of it."""
    if isinstance(value, Entity):
        return {**value.to_dict(), **(value._extra or {})}  # noqa: SLF001 - what this module put there
    if isinstance(value, Mapping):
        return {key: to_form(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_form(item) for item in value]
    return value
