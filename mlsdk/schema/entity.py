"""Entities: `entity`, which makes a class one, and what all of them can do."""

from __future__ import annotations

import sys
import typing
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, overload

import attrs

if sys.version_info >= (3, 11):
    from typing import dataclass_transform
else:
    from typing_extensions import dataclass_transform

from mlsdk.schema.values import Accept, did_you_mean, keyword_error
from mlsdk.schema.words import (
    JSON,
    MASK,
    Constant,
    Path,
    Wire,
    attributes,
    dotted_path,
    output,
    tag,
    wire,
    without_nulls,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from os import PathLike
    from typing import IO

    from typing_extensions import Self

C = TypeVar("C", bound=type)


# -- the decorator -----------------------------------------------------------------------------
def _finish(cls: type, attributes: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Give each attribute its place in files and, where a value may be wrong or in its mapping form, a converter.

    One that a base class has too keeps its place among that class's, so that those after it still find its value.
    """
    finished = []
    for attribute in attributes:
        mark: Wire | None = attribute.metadata.get(Wire)
        if mark is None or getattr(attribute, "inherited"):  # noqa: B009 - attrs has it, its stubs do not
            finished.append(attribute)
            continue
        if mark.file == ():
            mark = attrs.evolve(mark, file=(attribute.name,))  # noqa: TID251 - a mark is no entity
        changes: JSON = {"metadata": {**attribute.metadata, Wire: mark}}
        if mark.ours and mark.word is None and attribute.converter is None:
            accept = Accept(cls, attribute.name, secret=mark.secret)
            changes["converter"] = (
                accept if mark.given is None else attrs.Converter(_given(accept, mark.given), takes_self=True)
            )
        finished.append(attribute.evolve(**changes))
    base = next((one for one in cls.__mro__[1:] if attrs.has(one)), None)
    places = {} if base is None else {attribute.name: place for place, attribute in enumerate(attrs.fields(base))}
    return sorted(finished, key=lambda attribute: places.get(attribute.name, len(places)))


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


@cache
def _arguments(cls: Any) -> frozenset[str]:
    """The keyword arguments of a class."""
    return frozenset(str(attribute.alias) for attribute in attrs.fields(cls) if attribute.init)


def _unknown(cls: Any, arguments: JSON) -> JSON:
    """Take the arguments that a class does not know out of `arguments`, and give those it keeps at their place of a body.

    A warning says which are dropped, and which of the kept ones look like a slip of the pen.
    """
    known = _arguments(cls)
    found = {name: arguments.pop(name) for name in [*arguments] if name not in known}
    if not found:
        return {}
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


def _shown(cls: Any) -> None:
    """Make the public attributes properties over their slots: so help and inspection tell of them as of the official ones.

    The slots stay at hand in `__members__`, for what passes by the checks of assignment.
    """
    members = dict(getattr(cls, "__members__", {}))
    for name in cls.__slots__:
        member = cls.__dict__[name]
        if not name.startswith("_"):
            members[name] = member
            setattr(cls, name, property(member.__get__, member.__set__, member.__delete__, ""))
    cls.__members__ = members


@overload
def entity(maybe: C) -> C: ...
@overload
def entity(
    *, eq: bool = ..., constants: tuple[Constant, ...] = ..., lenient: bool = ..., keeps: str | None = ...
) -> Callable[[C], C]: ...
@dataclass_transform(kw_only_default=True, field_specifiers=(wire, output, tag, attrs.field))
def entity(
    maybe: Any = None,
    *,
    eq: bool = True,
    constants: tuple[Constant, ...] = (),
    lenient: bool = False,
    keeps: str | None = None,
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
        _shown(made)
        made.__constants__ = (*getattr(cls, "__constants__", ()), *constants)
        if keeps is not None:
            made.__open__ = dotted_path(keeps or None) or ()
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
    __expressions__: typing.ClassVar[bool] = False
    """Whether an expression may stand for any plain value, at every level, where a file has it within another entity."""
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
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What a file in the folder `base` says of an entity, before its keys are read; `top` when it is the file's own.

        A class brings older spellings to today's here, or raises ValueError with what is wrong with the whole.
        """
        return data

    def __sendable__(self) -> None:
        """ValidationException where no body can be made of an entity, though it may be shown and written to a file."""

    def __complete__(self, body: JSON) -> None:
        """Add to a body, made of the attributes one by one, what follows from several of them together."""

    def __loaded__(self, body: JSON) -> None:
        """Take from a body, whose attributes are loaded one by one already, what no single place says."""

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

        files.write(self.__file_form__(), kwargs.pop("path", None) or dest)

    def __file_form__(self) -> JSON:
        """What `dump` writes, where that has to say more than the YAML form of the official client."""
        return self.to_dict()

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


def fields(cls: type) -> list[tuple[attrs.Attribute[Any], Any, Wire]]:
    """Each attribute of an entity class with its resolved type and its mark; forward references are resolved on first use."""
    found = cls.__dict__.get("__fields__")
    if found is None:
        hints = typing.get_type_hints(cls)
        found = [(a, hints[a.name], a.metadata[Wire]) for a in attrs.fields(cls) if Wire in a.metadata]
        cls.__fields__ = found  # type: ignore[attr-defined]
    return found
