"""What the body of an entity has to be, worked out attribute by attribute: an independent statement of `to_wire`."""

from __future__ import annotations

from typing import Any, get_args, get_origin

from mlsdk.schema.fields import UNSET, Entity, Wire, fields, find_choice, is_plain, is_union

Path = tuple[str, ...]


def interpreted(entity: Entity) -> dict[str, Any]:
    """The body that the declarations of an entity's attributes ask for."""
    body: dict[str, Any] = {}
    places = [path for _, _, mark in fields(type(entity)) for path in (mark.path, *(at for at, _ in mark.also)) if path]
    shared = {path for path in places if any(len(other) > len(path) and other[: len(path)] == path for other in places)}
    # What stands at a place which others stand below gives way to them; of two at one place the later wins.
    for attribute, kind, mark in sorted(fields(type(entity)), key=lambda one: one[2].path in shared):
        for path, value in _said(getattr(entity, attribute.name), kind, mark):
            if path not in shared or value or path != mark.path:
                _put(body, path, value, wins=mark.path not in shared)
    for fact in type(entity).__constants__:
        _put(body, fact.path, fact.value, wins=False)
    entity.__complete__(body)
    return body


def _said(value: Any, kind: Any, mark: Wire) -> list[tuple[Path, Any]]:
    """What one attribute says, and at which places."""
    if mark.word is not None:
        return [] if mark.path is None else [(mark.path, mark.word)]
    if not mark.sent:
        return []
    found: list[tuple[Path, Any]] = []
    if mark.path is not None:
        if value is not None and (mark.empty or value not in ({}, [])):
            found.append((mark.path, mark.codec.dump(value) if mark.codec else _form(value, kind)))
        elif value is None and mark.absent is not UNSET:
            found.append((mark.path, mark.absent))
    derived = [(path, make(value)) for path, make in mark.also]
    return found + [(path, made) for path, made in derived if made is not UNSET]


def _put(body: dict[str, Any], path: Path, value: Any, *, wins: bool) -> None:
    """Put a value at its place; two mappings at one place become one, and of other values the new one may win."""
    here = body
    for step in path[:-1]:
        here = here.setdefault(step, {})
    there = here.get(path[-1])
    if isinstance(there, dict) and isinstance(value, dict):
        for key, item in value.items():
            _put(there, (key,), item, wins=wins)
    elif wins or path[-1] not in here:
        here[path[-1]] = value


def _form(value: Any, kind: Any) -> Any:
    if isinstance(value, Entity):
        return interpreted(value)
    if is_plain(kind):
        return value
    chosen = find_choice(kind)
    if chosen is not None and chosen.scalars and chosen.at and not isinstance(value, (dict, list)):
        return {chosen.at[-1]: chosen.scalars[0], chosen.scalars[1]: str(value)}
    if isinstance(value, dict):
        return {key: _form(item, _item(kind)) for key, item in value.items()}
    if isinstance(value, list):
        return [_form(item, _item(kind)) for item in value]
    return value


def _item(kind: Any) -> Any:
    """The type of the items of the mapping or list in a type."""
    options = get_args(kind) if is_union(kind) else (kind,)
    found = next((option for option in options if get_origin(option) in (dict, list)), None)
    return get_args(found)[-1] if found else Any
