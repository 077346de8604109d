"""What can be read from an entity class: reference tables, command-line options, a JSON schema. Nothing runs at import."""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any, Literal, get_args, get_origin

import attrs

from mlsdk.schema.fields import Wire, fields, find_choice, is_entity, is_union, made_anew

JSON = dict[str, Any]


@attrs.frozen
class Option:
    """One attribute that a user may set, or that the service sets."""

    name: str
    type: str
    required: bool
    default: Any
    """The default at construction; None when there is none, or when it is made anew each time."""
    path: str | None
    """Its dotted place in the ARM body."""
    file: str | None
    """Its dotted place in a file."""
    help: str
    choices: tuple[Any, ...]
    secret: bool
    ours: bool
    """Set by the user; otherwise by the service."""


@cache
def texts(cls: type) -> dict[str, str]:
    """The text under each attribute, that of the nearest class."""
    found: dict[str, str] = {}
    for base in cls.__mro__:
        if "__attrs_attrs__" not in base.__dict__:
            continue
        tree = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        statements = tree.body if isinstance(tree, ast.ClassDef) else []
        for statement, following in pairwise(statements):
            if (
                isinstance(statement, ast.AnnAssign)
                and isinstance(statement.target, ast.Name)
                and isinstance(following, ast.Expr)
                and isinstance(following.value, ast.Constant)
            ):
                found.setdefault(statement.target.id, inspect.cleandoc(str(following.value.value)))
    return found


def options(cls: type) -> list[Option]:
    """The attributes of an entity class, in their order."""
    help_ = texts(cls)
    made = []
    for attribute, kind, mark in fields(cls):
        made.append(
            Option(
                name=attribute.name,
                type=type_name(kind),
                required=mark.ours and attribute.default is attrs.NOTHING,
                default=None
                if attribute.default is attrs.NOTHING or made_anew(attribute.default)
                else attribute.default,
                path=_dotted(mark.path),
                file=_dotted(mark.file),
                help=help_.get(attribute.name, ""),
                choices=choices(kind),
                secret=mark.secret,
                ours=mark.ours,
            )
        )
    return made


def _dotted(path: tuple[str, ...] | None) -> str | None:
    return None if path is None else ".".join(path)


def type_name(kind: Any) -> str:
    """A type as one would write it, without modules."""
    if is_union(kind):
        return " | ".join(type_name(one) for one in get_args(kind))
    if kind is types.NoneType:
        return "None"
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " | ".join(repr(word) for word in arguments)
    if origin is not None:
        return f"{getattr(origin, '__name__', origin)}[{', '.join(map(type_name, arguments))}]"
    return getattr(kind, "__name__", str(kind))


def choices(kind: Any) -> tuple[Any, ...]:
    """The words that a closed type allows; empty for an open one."""
    if is_union(kind):
        return tuple(word for one in get_args(kind) for word in choices(one))
    return get_args(kind) if get_origin(kind) is Literal else ()


_SIMPLE: dict[Any, JSON] = {
    str: {"type": ["string", "number"]},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    dict: {"type": "object"},
    list: {"type": "array"},
}


def json_schema(kind: Any) -> JSON:
    """The JSON schema (draft 2020-12) of the YAML form: editors complete and check files with it."""
    if isinstance(kind, type) and (chosen := find_choice(kind)) is not None:
        members = (*chosen.members, *filter(None, (chosen.default,)))
        return {"anyOf": [_entity_schema(one) if find_choice(one) is chosen else json_schema(one) for one in members]}
    if is_entity(kind):
        return _entity_schema(kind)
    if is_union(kind):
        some = [json_schema(one) for one in get_args(kind) if one is not types.NoneType]
        return some[0] if len(some) == 1 else {"anyOf": some}
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is dict:
        return {"type": "object", "additionalProperties": json_schema(arguments[1])}
    if origin is list:
        return {"type": "array", "items": json_schema(arguments[0])}
    return dict(_SIMPLE.get(kind, {}))


def _entity_schema(cls: type) -> JSON:
    help_ = texts(cls)
    schema: JSON = {"type": "object", "additionalProperties": False, "properties": {"$schema": {"type": "string"}}}
    for attribute, kind, mark in fields(cls):
        if mark.file is None or not mark.ours:
            continue
        here = schema
        for step in mark.file[:-1]:
            here = here["properties"].setdefault(
                step, {"type": "object", "additionalProperties": False, "properties": {}}
            )
        known = {"const": mark.file_word} if mark.word is not None else {} if mark.file_codec else json_schema(kind)
        here["properties"][mark.file[-1]] = known | (
            {"description": help_[attribute.name]} if attribute.name in help_ else {}
        )
        if attribute.default is attrs.NOTHING or mark.required:
            here.setdefault("required", []).append(mark.file[-1])
    return schema


def marks(cls: type) -> dict[str, Wire]:
    """How each attribute of a class was declared."""
    return {attribute.name: mark for attribute, _, mark in fields(cls)}
