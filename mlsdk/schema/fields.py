"""The words an entity is written with: `entity`, `wire`, `output`, `tag`, `constant`, `choice`.

One attrs class says where each attribute lives in the ARM body and in a file; every other form is derived from it.
"""

from __future__ import annotations

import os
import sys
import types
import typing
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin, overload

import attrs

if sys.version_info >= (3, 11):
    from typing import dataclass_transform
else:
    from typing_extensions import dataclass_transform

from mlsdk.schema.values import Accept, did_you_mean, keyword_error

if TYPE_CHECKING:
    from os import PathLike
    from typing import IO

    from typing_extensions import Self

T = TypeVar("T")
C = TypeVar("C", bound=type)
JSON = dict[str, Any]
Path = tuple[str, ...]
MASK = "**********"


# Neither compared nor shown: to compile what does that is most of the time that importing such a class takes.
@attrs.frozen(eq=False, repr=False)
class Codec:
    """Two pure functions between a Python value and its form in a body or a file.

    Both are total: a word that this version does not know passes unchanged, so that nothing is lost on the way.
    """

    dump: Callable[[Any], Any]
    load: Callable[[Any], Any]


class _Unset:
    """Nothing was said; None would be an answer."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Any = _Unset()


@attrs.frozen(eq=False, repr=False)
class Wire:
    """What the derived forms need to know about one attribute."""

    path: Path | None = None
    """Where it stands in the body; None when it has no place there."""
    codec: Codec | None = None
    file: Path | None = None
    """Where it stands in a file; None when it has no place there."""
    file_codec: Codec | None = None
    sent: bool = True
    """Part of a request body; otherwise only read."""
    ours: bool = True
    """Set by the user; otherwise by the service."""
    secret: bool = False
    absent: Any = UNSET
    """What is sent for None, where the service or the official client knows such a word."""
    also: tuple[tuple[Path, Callable[[Any], Any]], ...] = ()
    """Further places in the body that follow from the value, None included; UNSET leaves a place out."""
    empty: bool = True
    """Whether an empty mapping or list is sent."""
    missing: Callable[[], Any] | None = None
    """Makes the value for a body that lacks it; None when it is None then."""
    required: bool = False
    """Whether a file has to say it, although Python has a default."""
    nullable: bool = False
    """Whether a file may have it without a value."""
    read: bool = True
    """Whether it is read from a file; otherwise a file may have it, and it is passed over."""
    rather: Path | None = None
    """Where a body may say it better than at `path`; only read there."""
    given: Callable[[Any, Any], Any] | None = None
    """Makes the attribute's value of the one that was given and the entity, as a path relative to its `base_path`."""
    word: str | None = None
    """A tag's word in the body."""
    file_word: str | None = None
    """A tag's word in a file."""


@attrs.frozen(eq=False, repr=False)
class Constant:
    """What a body always carries, unless the service said otherwise for this resource."""

    path: Path
    value: Any


def _path(dotted: str | None) -> Path | None:
    return None if dotted is None else tuple(dotted.split("."))


@overload
def wire(path: str | None, *, default: None = ..., codec: Codec | None = ..., file: str | None = ...,
         file_codec: Codec | None = ...,
         sent: bool = ..., secret: bool = ..., absent: Any = ..., also: Mapping[str, Callable[[Any], Any]] | None = ...,
         empty: bool = ..., missing: Callable[[], Any] | None = ..., required: bool = ..., nullable: bool = ...,
         read: bool = ...,
         rather: str | None = ..., given: Callable[[Any, Any], Any] | None = ..., alias: str | None = ...,
         kw_only: bool = ...) -> Any: ...
@overload
def wire(path: str | None, *, default: T, codec: Codec | None = ..., file: str | None = ...,
         file_codec: Codec | None = ..., sent: bool = ..., secret: bool = ..., absent: Any = ...,
         also: Mapping[str, Callable[[Any], Any]] | None = ..., empty: bool = ...,
         missing: Callable[[], Any] | None = ..., required: bool = ..., nullable: bool = ..., read: bool = ...,
         rather: str | None = ..., given: Callable[[Any, Any], Any] | None = ..., alias: str | None = ...,
         kw_only: bool = ...) -> T: ...
@overload
def wire(path: str | None, *, factory: Callable[[], T], codec: Codec | None = ..., file: str | None = ...,
         file_codec: Codec | None = ..., sent: bool = ..., secret: bool = ..., absent: Any = ...,
         also: Mapping[str, Callable[[Any], Any]] | None = ..., empty: bool = ...,
         missing: Callable[[], Any] | None = ..., required: bool = ..., nullable: bool = ..., read: bool = ...,
         rather: str | None = ..., given: Callable[[Any, Any], Any] | None = ..., alias: str | None = ...,
         kw_only: bool = ...) -> T: ...
def wire(
    path: str | None,
    *,
    default: Any = attrs.NOTHING,
    factory: Any = None,
    codec: Codec | None = None,
    file: str | None = "",
    file_codec: Codec | None = None,
    sent: bool = True,
    secret: bool = False,
    absent: Any = UNSET,
    also: Mapping[str, Callable[[Any], Any]] | None = None,
    empty: bool = True,
    missing: Callable[[], Any] | None = None,
    required: bool = False,
    nullable: bool = False,
    read: bool = True,
    rather: str | None = None,
    given: Callable[[Any, Any], Any] | None = None,
    alias: str | None = None,
    kw_only: bool = True,
) -> Any:
    """An attribute that the user sets, at the dotted `path` of the ARM body (None: it has no place there).

    Parameters
    ----------
    default, factory
        Its value at construction. A body or file that lacks it never brings a default back from a body.
    codec, file_codec
        How the value differs from its form in a body, in a file.
    file
        Its dotted place in a file; the attribute's own name when left out, nowhere when None.
    sent
        False for what is part of the URL or only read, such as a name.
    secret
        Masked in `repr`, in texts of errors and in `str`.
    absent
        What a body carries when the value is None.
    also
        Further dotted places of the body, each with the function that makes its value from this one's.
    empty
        False: an empty mapping or list is left out of a body.
    missing
        Makes the value when a body lacks it.
    required
        A file has to say it, although there is a default in Python.
    nullable
        A file may have its key without a value, which says as much as leaving it out; anywhere else that is an error.
    read
        False: a file may have it and it is shown there, but it is passed over when the file is read.
    rather
        A dotted place of the body which is read first, and never written; `path` counts where it is missing.
    given
        Makes the value of what was given (checked already) and the entity itself, at construction and on assignment.
    alias
        The constructor's argument; the attribute's own name when left out.
    kw_only
        False where the official class takes it by position.
    """
    mark = Wire(
        path=_path(path), codec=codec, file=_path(file or None) if file != "" else (), file_codec=file_codec, sent=sent,
        secret=secret, absent=absent, empty=empty, missing=missing, required=required, nullable=nullable,
        read=read, rather=_path(rather), given=given,
        also=tuple((tuple(at.split(".")), make) for at, make in (also or {}).items()),
    )
    value = attrs.Factory(factory) if factory else default
    return attrs.field(default=value, kw_only=kw_only, alias=alias, metadata={Wire: mark})


def output(path: str | None, *, codec: Codec | None = None, file: str | None = None, file_codec: Codec | None = None,
           secret: bool = False, init: Literal[False] = False) -> Any:
    """An attribute that only the service sets: loaded and shown, never sent, compared or read from a file.

    `file` names the dotted place where `to_dict` shows it; it is shown nowhere when None, and passed over when read.
    """
    mark = Wire(path=_path(path), codec=codec, file=_path(file), file_codec=file_codec, sent=False, ours=False, secret=secret)
    return attrs.field(default=None, init=init, eq=False, on_setattr=attrs.setters.NO_OP, metadata={Wire: mark})


def tag(path: str | None, *, default: T, wire: str | None = None, file: str | None = "", file_word: str | None = None) -> T:
    """The attribute that tells one member of a union from the others: it has one allowed value, `default`.

    `path` is the dotted place in the body, `wire` the word there (`default` when left out); `file` the dotted place in a
    file (the attribute's name when left out, None when files do not say it), `file_word` the word there (`default` when left
    out).
    """
    codec = Codec(lambda _: file_word, lambda _: default) if file_word else None
    mark = Wire(path=_path(path), file=_path(file or None) if file != "" else (), word=wire or str(default),
                file_word=file_word or str(default), file_codec=codec)
    return attrs.field(  # a field is typed by its default
        default=default, kw_only=True, on_setattr=attrs.setters.NO_OP, metadata={Wire: mark})


def constant(path: str, value: Any) -> Constant:
    """What the body always carries at the dotted `path`; what the service answered there wins over it."""
    return Constant(tuple(path.split(".")), value)


def without_nulls(value: Any) -> Any:
    """Plain data without the keys that have no value; the service takes none below an open place."""
    if isinstance(value, Mapping):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, (list, tuple)) else value


def made_anew(default: Any) -> bool:
    """Whether a default of attrs is a function that makes it each time."""
    return hasattr(default, "factory") and hasattr(default, "takes_self")


def attributes(cls: type) -> dict[str, attrs.Attribute[Any]]:
    """The attrs attributes of an entity class, by name."""
    return attrs.fields_dict(cls)


# -- the decorator -----------------------------------------------------------------------------
def _finish(cls: type, attributes: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Give each attribute its place in files and, where a value may be wrong or in its mapping form, a converter."""
    finished = []
    for attribute in attributes:
        mark: Wire | None = attribute.metadata.get(Wire)
        if mark is None or getattr(attribute, "inherited"):  # noqa: B009 - attrs has it, its stubs do not
            finished.append(attribute)
            continue
        if mark.file == ():
            mark = attrs.evolve(mark, file=(attribute.name,))
        changes: JSON = {"metadata": {**attribute.metadata, Wire: mark}}
        if mark.ours and mark.word is None and attribute.converter is None:
            accept = Accept(cls, attribute.name, secret=mark.secret)
            changes["converter"] = accept if mark.given is None else attrs.Converter(_given(accept, mark.given), takes_self=True)
        finished.append(attribute.evolve(**changes))
    return finished


def _given(accept: Accept, given: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The check of a value, then what its entity makes of it."""
    def convert(value: Any, entity: Any) -> Any:
        return given(accept(value), entity)

    return convert


def _explaining(cls: type) -> None:
    """Make the constructor say which keyword was meant, and refuse another tag than the class's own."""
    made: Callable[..., None] = cls.__init__  # type: ignore[misc]
    tags = {a.alias: a.default for a in attrs.fields(cls) if Wire in a.metadata and a.metadata[Wire].word is not None}

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it becomes the class's own constructor
        for name in tags:
            if name in kwargs:
                kwargs[name] = cls.__accept_tag__(name, kwargs[name])  # type: ignore[attr-defined]
        kept = _unknown(cls, kwargs) if cls.__lenient__ else None  # type: ignore[attr-defined]
        try:
            made(self, *args, **kwargs)
        except TypeError as error:
            raise keyword_error(cls, kwargs, error) from None
        if kept:
            self._extra = kept

    types_of: dict[str, Any] = made.__annotations__
    for attribute in attributes(cls).values():  # attrs leaves out the types of what has a converter
        if attribute.init:
            types_of.setdefault(str(attribute.alias), attribute.type)
    setattr(__init__, "__wrapped__", made)  # noqa: B010 - inspect reads it, and no stub knows it
    __init__.__doc__ = made.__doc__
    __init__.__qualname__ = f"{cls.__qualname__}.__init__"
    cls.__init__ = __init__  # type: ignore[misc]


def _unknown(cls: Any, arguments: JSON) -> JSON:
    """Take the arguments that a class does not know out of `arguments`, and give those it keeps at their place of a body.

    A warning says which are dropped, and which of the kept ones look like a slip of the pen.
    """
    known = {a.alias for a in attrs.fields(cls) if a.init}
    found = {name: arguments.pop(name) for name in [*arguments] if name not in known}
    for name in found:
        hint = did_you_mean(name, known, likeness=0.6 if cls.__open__ is None else 0.85)
        if hint or cls.__open__ is None:
            from mlsdk.exceptions import UnknownArgumentWarning

            told = "is not known and left out" if cls.__open__ is None else "is not known and sent as it is"
            warnings.warn(f"{cls.__name__}({name}=…) {told}{hint}", UnknownArgumentWarning, stacklevel=3)
    kept: Any = without_nulls(found) if cls.__open__ is not None else {}
    for step in reversed(cls.__open__ or ()) if kept else ():
        kept = {step: kept}
    return kept  # type: ignore[no-any-return]


@overload
def entity(maybe: C) -> C: ...
@overload
def entity(
    *, eq: bool = ..., constants: tuple[Constant, ...] = ..., lenient: bool = ..., keeps: str | None = ...
) -> Callable[[C], C]: ...
@dataclass_transform(kw_only_default=True, field_specifiers=(wire, output, tag, attrs.field))
def entity(
    maybe: Any = None, *, eq: bool = True, constants: tuple[Constant, ...] = (), lenient: bool = False, keeps: str | None = None
) -> Any:
    """Make a class an entity: slots, keyword arguments, checked and converted values.

    `eq=False` compares by identity, as the official client does for jobs, computes and workspaces. `constants` are added to
    those of the base classes. `lenient` takes unknown keyword arguments and drops them with a warning, where the official
    client swallows them; `keeps` takes them too, and unknown keys at the top of a file, and sends them at this dotted place
    of the body.
    """

    def make(cls: Any) -> Any:
        made = attrs.define(cls, slots=True, eq=eq, repr=False, field_transformer=_finish)
        if not eq and "__eq__" not in cls.__dict__:  # a base class compares by value
            made.__eq__, made.__ne__, made.__hash__ = object.__eq__, object.__ne__, object.__hash__
        made.__constants__ = (*getattr(cls, "__constants__", ()), *constants)
        if keeps is not None:
            made.__open__ = _path(keeps)
        if lenient or keeps is not None:
            made.__lenient__ = True
        _explaining(made)
        return made

    return make if maybe is None else make(maybe)


@entity
class Entity:
    """Something with a Python, a body and a file form, all of them derived from its class."""

    __constants__: typing.ClassVar[tuple[Constant, ...]] = ()
    __lenient__: typing.ClassVar[bool] = False
    """Whether unknown keyword arguments are taken, with a warning."""
    __open__: typing.ClassVar[Path | None] = None
    """Where in the body those stand that are kept; None when they are dropped or refused."""
    _extra: JSON | None = attrs.field(default=None, init=False, eq=False, on_setattr=attrs.setters.NO_OP)
    """What a newer service added and this version does not know; it is sent back as it came."""

    @classmethod
    def __accept_tag__(cls, name: str, value: Any) -> Any:
        """The class's own word for its tag `name`; ValidationException when `value` is another one."""
        own = attributes(cls)[name].default
        return own if value is None else Accept(cls, name, words=(own,))(value)

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:  # noqa: ARG003
        """What a file in the folder `base` says of an entity, before its keys are read; `top` when it is the file's own.

        A class brings older spellings to today's here, or raises ValueError with what is wrong with the whole.
        """
        return data

    def __sendable__(self) -> None:
        """ValidationException where no body can be made of an entity, though it may be shown and written to a file."""

    def __complete__(self, body: JSON) -> None:
        """Add to a body, made of the attributes one by one, what follows from several of them together."""

    def evolve(self, **changes: Any) -> Self:
        """A copy with `changes`; it keeps what the service set, which `attrs.evolve` would drop."""
        new = attrs.evolve(self, **changes)  # type: ignore[misc]  # a checker knows entities by dataclass_transform  # noqa: TID251
        for attribute in attributes(type(self)).values():
            if not attribute.init:
                setattr(new, attribute.name, getattr(self, attribute.name))
        return new

    def to_dict(self) -> JSON:
        """The YAML form: what `dump` writes and the `load_…` functions read. It keeps the secrets the user set."""
        from mlsdk.schema import files

        return files.to_dict(self)

    def dump(self, dest: str | PathLike[str] | IO[str], **kwargs: Any) -> None:
        """Write the YAML form to a new file, or to an open text stream.

        FileExistsError when the file exists; nothing is half written. `path` is the official client's older name of `dest`.
        """
        from mlsdk.schema import files

        files.write(self.to_dict(), kwargs.pop("path", None) or dest)

    def __repr__(self) -> str:
        shown = []
        for attribute in attributes(type(self)).values():
            value = getattr(self, attribute.name, None)
            mark = attribute.metadata.get(Wire)
            if value is not None and mark is not None:
                shown.append(f"{attribute.name}={MASK!r}" if mark.secret else f"{attribute.name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def __str__(self) -> str:
        from mlsdk.schema import files

        return files.text(files.to_dict(self, masked=True))


class Mapped:
    """The dictionary manners of the official client's small classes: `x["path"]`, `x.get(…)`, `dict(x)`, `"path" in x`."""

    __slots__ = ()

    def keys(self) -> list[str]:
        """The names of the attributes."""
        return [a.name for a in attributes(type(self)).values() if Wire in a.metadata]

    def values(self) -> list[Any]:
        """The values of the attributes, None included."""
        return [getattr(self, name) for name in self.keys()]

    def items(self) -> list[tuple[str, Any]]:
        """Pairs of attribute name and value."""
        return [(name, getattr(self, name)) for name in self.keys()]

    def get(self, key: Any, default: Any | None = None) -> Any:
        """The value of an attribute, `default` where there is no such attribute."""
        return getattr(self, key) if key in self.keys() else default

    def has_key(self, k: Any) -> bool:
        """Whether there is an attribute of this name."""
        return k in self.keys()

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set several attributes at once, given as `dict.update` takes them."""
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def __getitem__(self, key: str) -> Any:
        if key not in self.keys():
            raise KeyError(key)
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        if key not in self.keys():
            raise KeyError(key)
        setattr(self, key, value)

    def __delitem__(self, key: str) -> None:
        self[key] = None

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    def __iter__(self) -> typing.Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())


# -- unions ----------------------------------------------------------------------------------------
@attrs.frozen(eq=False, repr=False)
class Choice:
    """How the members of one union are told apart."""

    members: tuple[type[Entity], ...]
    at: Path | None
    file: Path | None
    scalars: tuple[str, str] | None = None
    fallback: type[Entity] | None = None
    default: type[Entity] | None = None
    exact: bool = False

    def words(self) -> dict[str, type[Entity]]:
        """The word in a body, in lower case, of each member."""
        return {mark.word.lower(): member for member in self.members for _, _, mark in fields(member)
                if mark.word is not None and mark.path == self.at}

    def file_words(self) -> dict[str, type[Entity]]:
        """The word in a file, in lower case, of each member that has one."""
        return {str(mark.file_word).lower(): member for member in self.members for _, _, mark in fields(member)
                if mark.word is not None and mark.file is not None and mark.file == self.file}

    def spelled(self) -> set[str | None]:
        """The words in a file as their members write them."""
        return {mark.file_word for member in self.members for _, _, mark in fields(member) if mark.file == self.file}


CHOICES: dict[Any, Choice] = {}


def choice(
    union: Any, *, at: str | None, file: str | None = "type", scalars: tuple[str, str] | None = None,
    fallback: type[Entity] | None = None, default: type[Entity] | None = None, base: type[Entity] | None = None,
    exact: bool = False,
) -> None:
    """The members of `union` differ by the tag at the dotted place `at` of a body, at `file` of a file.

    Where files have no such place, the keys given tell. `scalars` names the word and key under which plain values travel
    (`{at: "literal", "value": …}`); `fallback` loads a word that this version does not know; `default` is meant by a file
    that names none; `base` lets the union be asked for by the base class of its members too, which may itself be `fallback`
    or `default`. `exact` takes the word of a file only as it is written there, not in another case.
    """
    members = tuple(m for m in get_args(union) if is_entity(m))
    made = Choice(members, _path(at), _path(file), scalars, fallback, default, exact)
    CHOICES[frozenset(get_args(union))] = made
    if base is not None:
        CHOICES[base] = made


# -- types -------------------------------------------------------------------------------------------
SCALARS = (str, int, float, bool)


def is_entity(kind: Any) -> bool:
    """Whether `kind` is an entity class."""
    return isinstance(kind, type) and issubclass(kind, Entity)


def is_union(kind: Any) -> bool:
    """Whether `kind` is `A | B` or `Union[A, B]`."""
    return get_origin(kind) in (Union, types.UnionType)


def find_choice(kind: Any) -> Choice | None:
    """The choice declared for a union (with or without None) or for a base class; None when there is none."""
    if is_union(kind):
        return CHOICES.get(frozenset(get_args(kind)) - {types.NoneType})
    return CHOICES.get(kind) if isinstance(kind, type) else None


def is_plain(kind: Any) -> bool:
    """Whether values of `kind` are JSON as they are: nothing inside needs a hook, and no key is ever renamed."""
    if kind is Any or kind in SCALARS or kind is types.NoneType or kind in (dict, list, object):
        return True
    if get_origin(kind) is Literal:
        return True
    if os.PathLike in (kind, get_origin(kind)):
        return True  # it came out of its check as text
    if is_union(kind) or get_origin(kind) in (dict, list):
        return all(map(is_plain, get_args(kind)))
    return isinstance(kind, type) and issubclass(kind, str)


def fields(cls: type) -> list[tuple[attrs.Attribute[Any], Any, Wire]]:
    """Each attribute of an entity class with its resolved type and its mark; forward references are resolved on first use."""
    found = cls.__dict__.get("__fields__")
    if found is None:
        hints = typing.get_type_hints(cls)
        found = [(a, hints[a.name], a.metadata[Wire]) for a in attrs.fields(cls) if Wire in a.metadata]
        cls.__fields__ = found  # type: ignore[attr-defined]
    return found
