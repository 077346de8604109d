"""The YAML form where a body carries it: read as the service says it, without the checks of a user's file."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, get_args, get_origin

import attrs

from mlsdk.schema.bodies import attrs_slot
from mlsdk.schema.fields import Codec, Entity, Wire, fields, find_choice, is_entity, is_plain, is_union

Reader = Callable[[Any], Any]


def _same(form: Any) -> Any:
    return form


@cache
def form_reader(kind: Any) -> Reader:
    """A function that reads values of a type from the YAML form that a body carries.

    What a form leaves out is None, keys not known are kept, and one that does not fit stays as it is.
    """
    if is_plain(kind):
        return _same
    if is_entity(kind):
        return _entity_reader(kind)
    chosen = find_choice(kind)
    if chosen is not None:
        word, members = (chosen.file or ("type",))[-1], chosen.file_words()
        readers = {name: _entity_reader(member) for name, member in members.items()}
        return lambda form: readers.get(str(form.get(word)).lower(), _same)(form) if isinstance(form, dict) else form
    origin, arguments = get_origin(kind), get_args(kind)
    if is_union(kind):
        readers_of_shapes = [form_reader(one) for one in arguments if one is not types.NoneType and not is_plain(one)]
        return readers_of_shapes[0] if len(readers_of_shapes) == 1 else _same
    if isinstance(origin, type) and arguments:
        item = form_reader(arguments[-1])
        if issubclass(origin, dict):
            made: Any = origin
            return lambda form: made((key, item(one)) for key, one in form.items()) if isinstance(form, dict) else form
        if issubclass(origin, list):
            return lambda form: [item(one) for one in form] if isinstance(form, list) else form
    return _same


def _entity_reader(cls: Any) -> Reader:
    """The reader of one class; what it needs to know of the attributes is worked out once."""
    marks = fields(cls)
    fixed = [(attrs_slot(cls, one.name), one.default) for one, _, mark in marks if mark.word is not None]
    private = [(attrs_slot(cls, one.name), one.default) for one in attrs.fields(cls) if Wire not in one.metadata]
    read = [
        (attrs_slot(cls, one.name), mark.file or (), _form_of_file(form_reader(kind), mark.file_codec), mark.missing)
        for one, kind, mark in marks
        if mark.word is None
    ]
    known = {mark.file[0] for _, _, mark in marks if mark.file}
    keep = attrs_slot(cls, "_extra")

    def read_entity(form: Any) -> Any:
        if not isinstance(form, Mapping):
            return form
        made = object.__new__(cls)
        for setter, value in fixed:
            setter(made, value)
        for setter, default in private:
            setter(made, default.factory() if hasattr(default, "factory") else default)
        for setter, path, reader, missing in read:
            value = form.get(path[0]) if len(path) == 1 else _at(form, path)
            setter(made, reader(value) if value is not None else missing() if missing is not None else None)
        keep(made, {key: item for key, item in form.items() if key not in known} or None)
        return made

    return read_entity


def _form_of_file(reader: Reader, codec: Codec | None) -> Reader:
    """The reader of an attribute whose form in files differs from its value; a form that it does not know passes."""
    if codec is None:
        return reader
    load = codec.load

    def read(form: Any) -> Any:
        try:
            found = load(form)
        except (TypeError, ValueError, KeyError, AttributeError):
            found = form
        return reader(found) if found is not None else None

    return read


def _at(form: Any, path: tuple[str, ...]) -> Any:
    if not path:
        return None
    for step in path:
        form = form.get(step) if isinstance(form, Mapping) else None
    return form


def to_form(value: Any) -> Any:
    """The YAML form of a value, with what its reader kept of it."""
    if isinstance(value, Entity):
        return {**value.to_dict(), **(value._extra or {})}  # noqa: SLF001 - what this module put there
    return value


def form_of(kind: Any) -> Codec:
    """A type's values in their YAML form, for an attribute of an entity whose body carries that."""

    def load(form: Any) -> Any:
        return form_reader(kind)(form)

    return Codec(to_form, load)
