"""The `az ml` YAML form: read strictly, every problem at once with its place; written as it is read."""

from __future__ import annotations

import os
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar, get_args, get_origin

import attrs

from mlsdk.schema import documents
from mlsdk.schema.fields import MASK, Choice, Codec, Entity, Wire, fields, find_choice, is_entity, is_union
from mlsdk.schema.values import check_of, described, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
JSON = dict[str, Any]
Steps = tuple[Any, ...]
FILE_PREFIX = "file:"
_BAD: Any = object()
"""Stands for a value that a problem was told of, so that reading goes on and the next problem is found too."""


@attrs.frozen
class Problem:
    """One thing wrong in a document."""

    steps: Steps
    """Keys and indexes that lead to it."""
    what: str
    at_key: bool = False
    """Whether it is about the key rather than its value."""
    file: str | None = None
    """Another file that the document names, when the problem is in there."""

    def __str__(self) -> str:
        where = ".".join(map(str, self.steps))
        return f"{where}: {self.what}" if where else self.what


@attrs.frozen
class _Place:
    """What a key of a mapping stands for."""

    alias: str | None
    """The constructor's argument; None for a key that is passed over."""
    kind: Any = None
    codec: Codec | None = None
    word: Any = None
    below: Mapping[str, _Place] | None = None


def _places(cls: type[Entity]) -> Mapping[str, _Place]:
    """The keys that a file may have for a class."""
    found: dict[str, Any] = {}

    def put(path: tuple[str, ...], place: _Place) -> None:
        here = found
        for step in path[:-1]:
            below = here.setdefault(step, _Place(None, below={}))
            here = below.below
        here[path[-1]] = place

    for attribute, kind, mark in fields(cls):
        if mark.file is None:
            continue
        if mark.ours:
            word = attribute.default if mark.word is not None else None
            put(mark.file, _Place(attribute.alias, kind, mark.file_codec, word))
        else:
            put(mark.file, _Place(None))
    found.setdefault("$schema", _Place(None))
    return found


_PLACES: dict[type[Entity], Mapping[str, _Place]] = {}


def _places_of(cls: type[Entity]) -> Mapping[str, _Place]:
    if cls not in _PLACES:
        _PLACES[cls] = _places(cls)
    return _PLACES[cls]


class _Reader:
    """Turns plain data into entities and gathers what is wrong with it."""

    def __init__(self, base: str | None, *, by_attribute: bool = False) -> None:
        """Read data of a file in the folder `base`, or the mapping form of a Python value, whose keys may also be the
        names of attributes (`by_attribute`)."""
        self.base = base
        self.by_attribute = by_attribute
        self.problems: list[Problem] = []

    def problem(self, steps: Steps, what: str, *, at_key: bool = False) -> Any:
        self.problems.append(Problem(steps, what, at_key))
        return _BAD

    def read(self, value: Any, kind: Any, steps: Steps) -> Any:
        """`value` as `kind`, or `_BAD` with the problem told."""
        if value is None:
            return None
        chosen = find_choice(kind)
        if chosen is not None:
            return self.read_choice(value, chosen, kind, steps)
        if is_entity(kind):
            return self.read_entity(value, kind, steps)
        if is_union(kind):
            return self.read_union(value, kind, steps)
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is list and arguments and isinstance(value, (list, tuple)):
            return self.gather([self.read(item, arguments[0], (*steps, index)) for index, item in enumerate(value)])
        if origin is dict and arguments and isinstance(value, Mapping):
            made = {str(key): self.read(item, arguments[1], (*steps, key)) for key, item in value.items()}
            return _BAD if any(item is _BAD for item in made.values()) else made
        try:
            return documents.plain(check_of(kind)(value))
        except (TypeError, ValueError) as error:
            return self.problem(steps, str(error))

    def gather(self, items: list[Any]) -> Any:
        return _BAD if any(item is _BAD for item in items) else items

    def read_union(self, value: Any, kind: Any, steps: Steps) -> Any:
        arguments = [a for a in get_args(kind) if a is not types.NoneType]
        shaped = [a for a in arguments if is_entity(a) or get_origin(a) is not None and get_origin(a) in (list, dict)]
        if len(arguments) == 1:
            return self.read(value, arguments[0], steps)
        for candidate in shaped:
            if is_entity(candidate):
                fits = isinstance(value, (Mapping, candidate)) or self.is_file(value)
            else:
                fits = isinstance(value, (list, tuple) if get_origin(candidate) is list else Mapping)
            if fits:
                return self.read(value, candidate, steps)
        others = [a for a in arguments if a not in shaped]
        problems = []
        for candidate in others:
            try:
                return documents.plain(check_of(candidate)(value))
            except (TypeError, ValueError) as error:
                problems.append(str(error))
        return self.problem(steps, " or: ".join(problems) or f"expected a mapping, got {described(value)}")

    def is_file(self, value: Any) -> bool:
        return self.base is not None and isinstance(value, str) and value.startswith(FILE_PREFIX)

    def read_choice(self, value: Any, chosen: Choice, kind: Any, steps: Steps) -> Any:
        if isinstance(value, chosen.members):
            return value
        if self.is_file(value):
            return self.read_file(value, kind, steps)
        if not isinstance(value, Mapping):
            others = [a for a in get_args(kind) if not is_entity(a) and a is not types.NoneType] if is_union(kind) else []
            if others:
                return self.read_plain(value, others, steps)
            return self.problem(steps, f"expected a mapping, got {described(value)}")
        member = self.member(value, chosen, steps)
        return member if member is _BAD else self.read_entity(value, member, steps)

    def read_plain(self, value: Any, kinds: Sequence[Any], steps: Steps) -> Any:
        if type(value) in kinds:
            return value
        problems = []
        for kind in kinds:
            try:
                return documents.plain(check_of(kind)(value))
            except (TypeError, ValueError) as error:
                problems.append(str(error))
        return self.problem(steps, " or: ".join(problems))

    def member(self, value: Mapping[str, Any], chosen: Choice, steps: Steps) -> Any:
        """The class that a mapping is meant for."""
        words = chosen.file_words()
        if not words:
            return self.member_by_keys(value, chosen)
        word: Any = value
        for step in chosen.file or ():
            word = word.get(step) if isinstance(word, Mapping) else None
        name = ".".join(chosen.file or ())
        if word is None and chosen.default is not None:
            return chosen.default
        if word is None:
            return self.problem(steps, f"{name!r} is required: one of {', '.join(words)}")
        member = words.get(str(word).lower())
        if member is None:
            hint = did_you_mean(str(word).lower(), words)
            return self.problem((*steps, *(chosen.file or ())), f"{described(word)} is not one of {', '.join(words)}{hint}")
        return member

    @staticmethod
    def member_by_keys(value: Mapping[str, Any], chosen: Choice) -> Any:
        """The member which shares most keys with the mapping; of equals the one that asks for least."""
        def fit(member: type[Entity]) -> tuple[int, int]:
            places = _places_of(member)
            return len(set(places) & set(value)), -len(places)

        return max(chosen.members, key=fit)

    def read_file(self, value: str, kind: Any, steps: Steps) -> Any:
        """The entity in another file that `file:…` names, relative to this one."""
        path = Path(self.base or ".", value[len(FILE_PREFIX):])
        try:
            text = path.read_text(encoding="utf-8-sig")
            data = documents.parse(text, str(path))
        except OSError as error:
            return self.problem(steps, f"cannot read {value[len(FILE_PREFIX):]!r}: {error.strerror}")
        except documents.Malformed as error:
            self.problems.append(Problem((), str(error), file=""))
            return _BAD
        inner = _Reader(str(path.parent))
        made = inner.read(data, kind, ())
        lines = documents.located(text, str(path), inner.problems)
        self.problems += [Problem((), line, file="") for line in lines]
        return _BAD if lines else made

    def read_entity(self, value: Any, cls: type[Entity], steps: Steps) -> Any:
        if isinstance(value, cls):
            return value
        if self.is_file(value):
            return self.read_file(value, cls, steps)
        if not isinstance(value, Mapping):
            return self.problem(steps, f"expected a mapping, got {described(value)}")
        before = len(self.problems)
        arguments: JSON = {}
        self.read_keys(value, cls, _places_of(cls), steps, arguments)
        self.require(cls, arguments, steps)
        if len(self.problems) > before:
            return _BAD
        if self.base is not None and any(a.name == "base_path" and a.init for a in attrs.fields(cls)):
            arguments["base_path"] = self.base
        try:
            return cls(**arguments)
        except (ValueError, OSError) as error:
            return self.problem(steps, str(error))

    def require(self, cls: type[Entity], arguments: JSON, steps: Steps) -> None:
        for attribute in attrs.fields(cls):
            mark = attribute.metadata.get(Wire)
            if mark is None or not attribute.init or attribute.alias in arguments:
                continue
            if attribute.default is attrs.NOTHING or (mark.required and not self.by_attribute):
                name = ".".join(mark.file or (attribute.name,))
                self.problem(steps, f"{name!r} is required")

    def read_keys(
        self, value: Mapping[str, Any], cls: type[Entity], places: Mapping[str, _Place], steps: Steps, arguments: JSON
    ) -> None:
        for key, item in value.items():
            place = places.get(key)
            if place is None and self.by_attribute:
                place = next((p for p in _leaves(_places_of(cls)) if p.alias == key), None)
            here = (*steps, key)
            if place is None:
                self.problem(here, f"unknown field{did_you_mean(key, places) or '; known are ' + ', '.join(sorted(places))}",
                             at_key=True)
            elif place.below is not None:
                if isinstance(item, Mapping):
                    self.read_keys(item, cls, place.below, here, arguments)
                elif item is not None:
                    self.problem(here, f"expected a mapping, got {described(item)}")
            elif place.word is not None:
                if str(item).lower() != str(place.word).lower():
                    self.problem(here, f"{described(item)} is not {place.word!r}, which a {cls.__name__} is")
            elif place.alias is not None:
                arguments[place.alias] = self.read_value(item, place, here)

    def read_value(self, item: Any, place: _Place, steps: Steps) -> Any:
        if place.codec is not None and item is not None:
            try:
                item = place.codec.load(documents.plain(item))
            except (TypeError, ValueError, KeyError, AttributeError) as error:
                return self.problem(steps, str(error))
        return self.read(item, place.kind, steps)


def _leaves(places: Mapping[str, _Place]) -> list[_Place]:
    found = []
    for place in places.values():
        found += _leaves(place.below) if place.below is not None else [place]
    return found


# -- in ------------------------------------------------------------------------------------------------------
def from_mapping(data: Mapping[str, Any], kind: Any) -> Any:
    """The entity that a mapping stands for, its keys those of a file or the names of attributes; ValueError tells all
    that is wrong with it."""
    reader = _Reader(None, by_attribute=True)
    made = reader.read(data, kind, ())
    if reader.problems:
        raise ValueError("\n".join(map(str, reader.problems)))
    return made


def loads(text: str, kind: Any, name: str = "<text>", *, base: str = ".", overrides: Sequence[Mapping[str, Any]] = (),
          prepare: Callable[[JSON], Any] | None = None) -> Any:
    """The entity in a YAML text.

    `kind` is a class, a union or a base class that a choice was declared for; `name` is what errors call the text, `base` the
    folder that its relative paths start from, `overrides` values by dotted path that replace what the text says, `prepare` a
    function that sees the data first and may give another kind. ValidationException lists every problem as
    `name:line:column: path: what is wrong`.
    """
    from mlsdk.exceptions import ValidationException

    try:
        data = documents.parse(text, name)
    except documents.Malformed as error:
        raise ValidationException(str(error)) from None
    for override in overrides or ():
        for path, value in override.items():
            documents.override(data, path, value)
    kind = (prepare(data) if prepare else None) or kind
    reader = _Reader(base)
    made = reader.read(data, kind, ())
    if reader.problems:
        raise ValidationException("\n".join(documents.located(text, name, reader.problems)))
    return made


def load(source: str | os.PathLike[str] | IO[Any], kind: Any, *, relative_origin: str | os.PathLike[str] | None = None,
         overrides: Sequence[Mapping[str, Any]] = (), prepare: Callable[[JSON], Any] | None = None) -> Any:
    """The entity in a YAML file, given by its path or as an open stream; see `loads`.

    Relative paths in the file start from its own folder, or from the folder of `relative_origin`.
    """
    from mlsdk.exceptions import ValidationException

    if isinstance(source, (str, os.PathLike)):
        name = os.fspath(source)
        try:
            with open(name, encoding="utf-8-sig") as stream:
                text = stream.read()
        except OSError as error:
            message = f"cannot read {name}: {error.strerror}"
            raise ValidationException(message) from None
        except UnicodeDecodeError as error:
            message = f"{name}: not UTF-8 text (byte {error.start}); save it as UTF-8"
            raise ValidationException(message) from None
    else:
        name = str(getattr(source, "name", "<stream>"))
        content = source.read()
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    origin = os.fspath(relative_origin) if relative_origin is not None else (name if not name.startswith("<") else "./")
    return loads(text, kind, name, base=os.path.dirname(origin) or ".", overrides=overrides, prepare=prepare)


# -- out ---------------------------------------------------------------------------------------------------------
def to_dict(entity: Entity, *, masked: bool = False) -> JSON:
    """The YAML form of an entity as plain data; with `masked`, secrets are replaced by asterisks."""
    made: JSON = {}
    for attribute, _, mark in fields(type(entity)):
        if mark.file is None:
            continue
        value = getattr(entity, attribute.name)
        if value is None:
            continue
        if masked and mark.secret:
            form: Any = MASK
        else:
            form = mark.file_codec.dump(value) if mark.file_codec else value
            form = _form(form, masked=masked)
        if form is None:
            continue
        here = made
        for step in mark.file[:-1]:
            here = here.setdefault(step, {})
        here[mark.file[-1]] = form
    return made


def _form(value: Any, *, masked: bool) -> Any:
    if isinstance(value, Entity):
        return value.to_dict() if not masked else to_dict(value, masked=True)
    if isinstance(value, Mapping):
        return {key: _form(item, masked=masked) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_form(item, masked=masked) for item in value]
    return documents.plain(value)


def text(data: JSON) -> str:
    """Plain data as a YAML document, its keys in their order."""
    return documents.write(data)


def write(data: JSON, dest: str | os.PathLike[str] | IO[str]) -> None:
    """Write plain data as YAML to a new file or an open text stream; FileExistsError when the file is there."""
    document = text(data)
    if isinstance(dest, (str, os.PathLike)):
        with open(dest, "x", encoding="utf-8") as stream:
            stream.write(document)
    else:
        dest.write(document)
