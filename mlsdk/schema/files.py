"""The `az ml` YAML form: read strictly, every problem at once with its place; written as it is read."""

from __future__ import annotations

import os
import types
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin

import attrs

from mlsdk.schema import documents
from mlsdk.schema.fields import MASK, Choice, Codec, Entity, Wire, attributes, fields, find_choice, is_entity, is_union
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import BINDING, SCALARS, Binding, Check, check_of, described, did_you_mean, kind_of, one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
JSON = dict[str, Any]
Steps = tuple[Any, ...]
Read = Callable[["_Reader", Any, Steps], Any]
"""Reads a value that is not None: the reader, the value, the steps to it; gives `_BAD` with the problem told."""
FILE_PREFIX = "file:"
NO_VALUE = "has no value; give one, or leave the key out"
_READ: ContextVar[dict[Any, Any] | None] = ContextVar("mlsdk_files_read", default=None)
"""What was read of the files that the file being loaded names: one that is named twice is read once."""
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
    read: Read | None = None
    codec: Codec | None = None
    nullable: bool = False
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
        if mark.ours and mark.read:
            word = mark.file_word if mark.word is not None else None
            put(mark.file, _Place(attribute.alias, _reading(kind), mark.file_codec, mark.nullable, word))
        else:
            put(mark.file, _Place(None, nullable=mark.nullable))
    found.setdefault("$schema", _Place(None))
    return found


@attrs.frozen
class _Needs:
    """What a class wants beside what a file says."""

    base: bool
    """Whether its constructor takes the folder that relative paths start from."""
    arguments: tuple[tuple[str | None, str, bool], ...]
    """Arguments that have to be given: alias, place in a file, and whether Python code has to give it as well."""


def _needs_of(cls: type[Entity]) -> _Needs:
    found = _NEEDS.get(cls)
    if found is None:
        marked = [(a, a.metadata[Wire]) for a in attributes(cls).values() if a.init and Wire in a.metadata]
        found = _NEEDS[cls] = _Needs(
            any(a.name == "base_path" and a.init for a in attributes(cls).values()),
            tuple(
                (a.alias, ".".join(mark.file or (a.name,)), a.default is attrs.NOTHING)
                for a, mark in marked
                if a.default is attrs.NOTHING or mark.required
            ),
        )
    return found


_NEEDS: dict[type[Entity], _Needs] = {}
_PLACES: dict[type[Entity], Mapping[str, _Place]] = {}


def _places_of(cls: type[Entity]) -> Mapping[str, _Place]:
    if cls not in _PLACES:
        _PLACES[cls] = _places(cls)
    return _PLACES[cls]


def known_keys(cls: type[Entity]) -> Mapping[str, Any]:
    """The keys that a file may have at the top of a class's mapping."""
    return _places_of(cls)


class Misstated(ValueError):
    """Several things wrong with one mapping; each says which keys lead to it."""

    def __init__(self, problems: Sequence[Problem], rest: Mapping[str, Any] | None = None) -> None:
        """Tell `problems`, whose steps start at the mapping.

        `rest` is what else there is to be read of it, where some of it was read already.
        """
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)
        self.rest = rest


def unknown_key(steps: Steps, known: Iterable[str]) -> Problem:
    """The problem of a key, the last of `steps`, that is not among those that are known."""
    names = sorted(key for key in known if key[:1] not in "_$")
    hint = did_you_mean(steps[-1], names) or "; known are " + ", ".join(names)
    return Problem(steps, f"unknown field{hint}", at_key=True)


def read_part(value: Any, kind: Any, base: str, steps: Steps) -> Any:
    """A part of a file in the folder `base`, read as `kind`; Misstated with all that is wrong in it.

    For what a class has to read before its other keys: `steps` lead to the part from the mapping of the class.
    """
    reader = _Reader(base, nested=True)
    made = reader.read(value, kind, steps)
    if reader.problems:
        raise Misstated(reader.problems)
    return made


class _Reader:
    """Turns plain data into entities and gathers what is wrong with it."""

    def __init__(self, base: str | None, *, by_attribute: bool = False, nested: bool = False) -> None:
        """Read data of a file in the folder `base`, or (None) the mapping form of a Python value.

        The keys of the latter may also be names of attributes (`by_attribute`); `nested` when another file names this one.
        """
        self.base = base
        self.nested = nested
        self.by_attribute = by_attribute
        self.expressions = False
        self.problems: list[Problem] = []

    def problem(self, steps: Steps, what: str, *, at_key: bool = False) -> Any:
        self.problems.append(Problem(steps, what, at_key))
        return _BAD

    def read(self, value: Any, kind: Any, steps: Steps) -> Any:
        """`value` as `kind`, or `_BAD` with the problem told."""
        return None if value is None else _reading(kind)(self, value, steps)

    def nothing(self, steps: Steps, *, allowed: bool) -> Any:
        """None, where a file may say nothing; the mapping form of a Python value always may."""
        return None if allowed or self.base is None else self.problem(steps, NO_VALUE)

    def gather(self, items: list[Any]) -> Any:
        return _BAD if any(item is _BAD for item in items) else items

    def first(self, checks: Sequence[Check], value: Any, steps: Steps) -> Any:
        """`value` by the first of the checks that takes it."""
        problems = []
        for check in checks:
            try:
                return documents.plain(check(value))
            except (TypeError, ValueError) as error:
                problems.append(str(error))
        if self.is_expression(value):
            return Binding(value)
        return self.problem(steps, " or: ".join(problems) or f"expected a mapping, got {kind_of(value)}")

    def is_expression(self, value: Any) -> bool:
        """Whether an expression may stand here for a value that is known later, and is one."""
        return self.expressions and isinstance(value, str) and BINDING.search(value) is not None

    def is_file(self, value: Any) -> bool:
        return self.base is not None and isinstance(value, str) and value.startswith(FILE_PREFIX)

    def read_choice(self, value: Any, chosen: Choice, kind: Any, steps: Steps) -> Any:
        if isinstance(value, chosen.members):
            return value
        if self.is_file(value):
            return self.read_file(value, kind, steps)
        if not isinstance(value, Mapping):
            others = (
                [a for a in get_args(kind) if not is_entity(a) and a is not types.NoneType] if is_union(kind) else []
            )
            if others:
                return self.read_plain(value, others, steps)
            return self.problem(steps, f"expected a mapping, got {kind_of(value)}")
        member = self.member(value, chosen, steps)
        inner = find_choice(member)
        if inner is not None and inner is not chosen:  # what the member stands for differs in a further word
            return self.read_choice(value, inner, member, steps)
        return member if member is _BAD else self.read_entity(value, member, steps)

    def read_plain(self, value: Any, kinds: Sequence[Any], steps: Steps) -> Any:
        if type(value) in kinds:
            return value
        return self.first([check_of(kind) for kind in kinds], value, steps)

    def member(self, value: Mapping[str, Any], chosen: Choice, steps: Steps) -> Any:
        """The class that a mapping is meant for."""
        words = chosen.file_words()
        if not words:
            known = {key for member in chosen.members for key in (*_places_of(member), *attributes(member))}
            if value and known.isdisjoint(value):
                strange = next(iter(value))
                keys = sorted({key for member in chosen.members for key in _places_of(member) if key[:1] != "$"})
                hint = did_you_mean(strange, keys) or f"; known are {', '.join(keys)}"
                return self.problem((*steps, strange), f"unknown field{hint}", at_key=True)
            return self.member_by_keys(value, chosen)
        word: Any = value
        for step in chosen.file or ():
            word = word.get(step) if isinstance(word, Mapping) else None
        name = ".".join(chosen.file or ())
        if word is None and chosen.unsaid is not None:
            word = chosen.unsaid(value)
        if word is None and chosen.default is not None:
            return chosen.default
        if word is None:
            return self.problem(steps, f"{name!r} is required: one of {', '.join(words)}")
        member = words.get(chosen.brought(str(word)))
        if member is None and isinstance(word, str) and word in chosen.elsewhere:
            return chosen.member_elsewhere(word)
        if member is None or (chosen.exact and self.base is not None and word not in chosen.spelled()):
            allowed = [*words, *chosen.elsewhere]
            hint = did_you_mean(str(word).lower(), allowed)
            return self.problem(
                (*steps, *(chosen.file or ())), f"{described(word)} is not one of {', '.join(allowed)}{hint}"
            )
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
        path = Path(self.base or ".", value[len(FILE_PREFIX) :])
        known = _READ.get()
        key = (path.resolve(), str(kind))
        if known is not None and key in known:
            found = known[key]
            return found if found is not _BAD else self.problem(steps, f"{value[len(FILE_PREFIX) :]!r} names itself")
        if known is not None:
            known[key] = _BAD
        try:
            text = path.read_text(encoding="utf-8-sig")
            data = documents.parse(text, str(path))
        except OSError as error:
            return self.problem(steps, f"cannot read {value[len(FILE_PREFIX) :]!r}: {error.strerror}")
        except documents.Malformed as error:
            self.problems.append(Problem((), str(error), file=""))
            return _BAD
        inner = _Reader(str(path.parent), nested=True)
        made = inner.read(data, kind, ())
        _remember(made, str(path))
        lines = documents.located(text, str(path), inner.problems)
        self.problems += [Problem((), line, file="") for line in lines]
        if known is not None:
            del known[key]
            if not lines:
                known[key] = made
        return _BAD if lines else made

    def read_entity(self, value: Any, cls: type[Entity], steps: Steps) -> Any:
        if isinstance(value, cls):
            return value
        if self.is_file(value):
            return self.read_file(value, cls, steps)
        if not isinstance(value, Mapping):
            return self.problem(steps, f"expected a mapping, got {kind_of(value)}")
        before = len(self.problems)
        if self.base is not None:
            try:
                value = cls.__from_file__(value, self.base, top=not steps and not self.nested)
            except Misstated as error:
                for one in error.problems:
                    within = one.steps if one.file is not None else (*steps, *one.steps)
                    self.problems.append(Problem(within, one.what, one.at_key, one.file))
                value = value if error.rest is None else error.rest
            except ValueError as error:
                self.problem(steps, str(error))
        arguments: JSON = {}
        outside = self.expressions
        self.expressions = outside or (cls.__expressions__ and bool(steps or self.nested))
        self.read_keys(value, cls, _places_of(cls), steps, arguments)
        self.expressions = outside
        self.require(cls, arguments, steps)
        if len(self.problems) > before:
            return _BAD
        if self.base is not None and _needs_of(cls).base:
            arguments["base_path"] = self.base
        try:
            return cls(**arguments)
        except (ValueError, OSError) as error:
            return self.problem(steps, str(error))

    def require(self, cls: type[Entity], arguments: JSON, steps: Steps) -> None:
        for alias, name, always in _needs_of(cls).arguments:
            if alias not in arguments and (always or not self.by_attribute):
                self.problem(steps, f"{name!r} is required")

    def read_keys(
        self, value: Mapping[str, Any], cls: type[Entity], places: Mapping[str, _Place], steps: Steps, arguments: JSON
    ) -> None:
        for key, item in value.items():
            place = places.get(key)
            if place is None and self.by_attribute:
                place = next((p for p in _leaves(_places_of(cls)) if p.alias == key), None)
            here = (*steps, key)
            if place is None and places is _places_of(cls) and self.is_taken(key, cls):
                arguments[key] = documents.plain(item)
            elif place is None:
                self.problems.append(unknown_key(here, places))
            elif item is None:
                nothing = self.nothing(here, allowed=place.nullable)
                if place.alias is not None:
                    arguments[place.alias] = nothing
            elif place.below is not None:
                if isinstance(item, Mapping):
                    self.read_keys(item, cls, place.below, here, arguments)
                else:
                    self.problem(here, f"expected a mapping, got {kind_of(item)}")
            elif place.word is not None and str(item).lower() != str(place.word).lower():
                self.problem(here, f"{described(item)} is not {place.word!r}, which a {cls.__name__} is")
            elif place.word is None and place.alias is not None:
                arguments[place.alias] = self.read_value(item, place, here)

    def is_taken(self, key: Any, cls: type[Entity]) -> bool:
        """Whether a class takes a key that its files do not have: what it does with it is its constructor's business."""
        if not isinstance(key, str):
            return False
        argument = attributes(cls).get(key)
        named = argument is not None and argument.init
        return cls.__open__ is not None or (self.by_attribute and (cls.__lenient__ or named))

    def read_value(self, item: Any, place: _Place, steps: Steps) -> Any:
        if place.codec is not None:
            try:
                item = place.codec.load(documents.plain(item))
            except (TypeError, ValueError, KeyError, AttributeError) as error:
                return Binding(item) if self.is_expression(item) else self.problem(steps, str(error))
        return item if item is None or place.read is None else place.read(self, item, steps)


def _reading(kind: Any) -> Read:
    """How a value of a type is read; what depends on the type alone is found out here, once for each key."""
    chosen = find_choice(kind)
    if chosen is not None:
        return lambda reader, value, steps: reader.read_choice(value, chosen, kind, steps)
    if is_entity(kind):
        return lambda reader, value, steps: reader.read_entity(value, kind, steps)
    if is_union(kind):
        return _reading_union(kind)
    plain = _reading_plain([kind])
    origin, arguments = get_origin(kind), get_args(kind)
    if not arguments or not isinstance(origin, type) or not issubclass(origin, (list, dict)):
        return plain
    item = arguments[-1]
    nullable = item in (Any, object, types.NoneType) or (is_union(item) and types.NoneType in get_args(item))
    return _reading_all(origin, _reading(item), plain, nullable=nullable)


def _reading_plain(kinds: Sequence[Any]) -> Read:
    """How a value is read by the first check of several types that takes it; a file spells words as they are listed."""
    lenient = [check_of(kind) for kind in kinds]
    strict = [
        one_of(get_args(kind), folded=_lower) if get_origin(kind) is Literal else check
        for kind, check in zip(kinds, lenient, strict=True)
    ]

    def plain(reader: _Reader, value: Any, steps: Steps) -> Any:
        return reader.first(lenient if reader.base is None else strict, value, steps)

    return plain


def _lower(word: Any) -> str:
    return str(word).lower()


def _reading_all(origin: type, inner: Read, plain: Read, *, nullable: bool) -> Read:
    """How a list or a mapping is read whose items `inner` reads; anything else is left to `plain`."""

    def item(reader: _Reader, value: Any, steps: Steps) -> Any:
        return reader.nothing(steps, allowed=nullable) if value is None else inner(reader, value, steps)

    def items(reader: _Reader, value: Any, steps: Steps) -> Any:
        if not isinstance(value, (list, tuple)):
            return plain(reader, value, steps)
        return reader.gather([item(reader, one, (*steps, index)) for index, one in enumerate(value)])

    def mapping(reader: _Reader, value: Any, steps: Steps) -> Any:
        if not isinstance(value, Mapping):
            return plain(reader, value, steps)
        made = {str(key): item(reader, one, (*steps, key)) for key, one in value.items()}
        return _BAD if any(one is _BAD for one in made.values()) else made

    return items if issubclass(origin, list) else mapping


def _reading_union(kind: Any) -> Read:
    """How a value of a union is read that no choice was declared for: by its shape, else by the first fitting check."""
    arguments = [a for a in get_args(kind) if a is not types.NoneType]
    if len(arguments) == 1:
        return _reading(arguments[0])
    shaped: list[tuple[Any, bool, Read]] = []
    others = []
    for argument in arguments:
        shape = (list, tuple) if get_origin(argument) is list else Mapping if get_origin(argument) is dict else None
        if is_entity(argument):
            shaped.append(((Mapping, argument), True, _reading(argument)))
        elif shape is not None:
            shaped.append((shape, False, _reading(argument)))
        else:
            others.append(argument)
    plain = _reading_plain(others)
    as_it_is = others[0] if others and others[0] in SCALARS else None

    def read(reader: _Reader, value: Any, steps: Steps) -> Any:
        in_file = reader.is_file(value)
        if value.__class__ is as_it_is and not in_file:
            return value  # the first check takes it as it is
        for shape, entity, inner in shaped:
            if isinstance(value, shape) or (entity and in_file):
                return inner(reader, value, steps)
        return plain(reader, value, steps)

    return read


def _leaves(places: Mapping[str, _Place]) -> list[_Place]:
    found = []
    for place in places.values():
        found += _leaves(place.below) if place.below is not None else [place]
    return found


# -- in ------------------------------------------------------------------------------------------------------
def from_mapping(data: Mapping[str, Any], kind: Any) -> Any:
    """The entity that a mapping stands for, its keys those of a file or the names of attributes.

    ValueError tells all that is wrong with it.
    """
    reader = _Reader(None, by_attribute=True)
    made = reader.read(data, kind, ())
    if reader.problems:
        raise ValueError("\n".join(map(str, reader.problems)))
    return made


def loads(
    text: str,
    kind: Any,
    name: str = "<text>",
    *,
    base: str = ".",
    overrides: Sequence[Mapping[str, Any]] = (),
    prepare: Callable[[JSON], Any] | None = None,
) -> Any:
    """The entity in a YAML text.

    `kind` is a class, a union or a base class that a choice was declared for; `name` is what errors call the text, `base` the
    folder that its relative paths start from, `overrides` values by dotted path that replace what the text says, `prepare` a
    function that sees the data first and may give another kind. ValidationException lists every problem as
    `name:line:column: path: what is wrong`.
    """
    try:
        data = documents.parse(text, name)
    except documents.Malformed as error:
        raise wrong(str(error)) from None
    for override in overrides or ():
        for path, value in override.items():
            documents.override(data, path, value)
    kind = (prepare(data) if prepare else None) or kind
    reader = _Reader(base)
    token = _READ.set({})
    try:
        made = reader.read(data, kind, ())
    finally:
        _READ.reset(token)
    if reader.problems:
        raise wrong("\n".join(documents.located(text, name, reader.problems)))
    if not name.startswith("<"):
        _remember(made, name)
    return made


def _remember(made: Any, file: str) -> None:
    """Let an entity know the file that it was read from, for what is found to be wrong with it later."""
    if hasattr(made, "_file"):
        made._file = os.path.abspath(file)  # noqa: PTH100, SLF001 - a Path takes longer; it is the entities' own


def load(
    source: str | os.PathLike[str] | IO[Any],
    kind: Any,
    *,
    relative_origin: str | os.PathLike[str] | None = None,
    overrides: Sequence[Mapping[str, Any]] = (),
    prepare: Callable[[JSON], Any] | None = None,
) -> Any:
    """The entity in a YAML file, given by its path or as an open stream; see `loads`.

    Relative paths in the file start from its own folder, or from the folder of `relative_origin`.
    """
    if isinstance(source, (str, os.PathLike)):
        name = os.fspath(source)
        try:
            # Plain functions of paths: Path objects would take a tenth of the whole reading.
            with open(name, encoding="utf-8-sig") as stream:  # noqa: PTH123
                text = stream.read()
        except OSError as error:
            message = f"cannot read {name}: {error.strerror}"
            raise wrong(message) from None
        except UnicodeDecodeError as error:
            message = f"{name}: not UTF-8 text (byte {error.start}); save it as UTF-8"
            raise wrong(message) from None
    else:
        name = str(getattr(source, "name", "<stream>"))
        content = source.read()
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    origin = os.fspath(relative_origin) if relative_origin is not None else (name if not name.startswith("<") else "./")
    return loads(text, kind, name, base=os.path.dirname(origin) or ".", overrides=overrides, prepare=prepare)  # noqa: PTH120


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
    if type(entity).__open__ is not None:
        kept: Any = entity._extra  # noqa: SLF001 - what is kept of an entity belongs to its forms
        for step in type(entity).__open__ or ():
            kept = (kept or {}).get(step)
        made.update({key: item for key, item in (kept or {}).items() if key not in made})
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
        with Path(dest).open("x", encoding="utf-8") as stream:
            stream.write(document)
    else:
        dest.write(document)
