"""How an attribute says where it lives: `wire`, `output`, `tag`, `constant`, and the marks they leave on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import attrs

if TYPE_CHECKING:
    from typing import TypedDict

    from typing_extensions import Unpack

    class _Marks(TypedDict, total=False):
        """What `wire` takes besides an attribute's place and its value at construction."""

        codec: Codec | None
        file: str | None
        file_codec: Codec | None
        sent: bool
        secret: bool
        absent: Any
        also: Mapping[str, Callable[[Any], Any]] | None
        empty: bool
        missing: Callable[[], Any] | None
        required: bool
        nullable: bool
        read: bool
        rather: str | None
        given: Callable[[Any, Any], Any] | None
        alias: str | None
        kw_only: bool


T = TypeVar("T")
JSON = dict[str, Any]
Path = tuple[str, ...]
MASK = "**********"
LOADED = "loaded"
"""In the metadata of an attribute that is in no body: its value where the service gave the entity, not its default."""


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


def dotted_path(dotted: str | None) -> Path | None:
    """The steps of a dotted place; None where there is no place."""
    return None if dotted is None else tuple(dotted.split("."))


@overload
def wire(path: str | None, *, default: None = ..., **marks: Unpack[_Marks]) -> Any: ...
@overload
def wire(path: str | None, *, default: T, **marks: Unpack[_Marks]) -> T: ...
@overload
def wire(path: str | None, *, factory: Callable[[], T], **marks: Unpack[_Marks]) -> T: ...
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
        path=dotted_path(path),
        codec=codec,
        file=dotted_path(file or None) if file != "" else (),
        file_codec=file_codec,
        sent=sent,
        secret=secret,
        absent=absent,
        empty=empty,
        missing=missing,
        required=required,
        nullable=nullable,
        read=read,
        rather=dotted_path(rather),
        given=given,
        also=tuple((tuple(at.split(".")), make) for at, make in (also or {}).items()),
    )
    value = attrs.Factory(factory) if factory else default
    return attrs.field(default=value, kw_only=kw_only, alias=alias, metadata={Wire: mark})


def output(
    path: str | None,
    *,
    codec: Codec | None = None,
    file: str | None = None,
    file_codec: Codec | None = None,
    secret: bool = False,
    init: Literal[False] = False,
) -> Any:
    """An attribute that only the service sets: loaded and shown, never sent, compared or read from a file.

    `file` names the dotted place where `to_dict` shows it; it is shown nowhere when None, and passed over when read.
    """
    mark = Wire(
        path=dotted_path(path),
        codec=codec,
        file=dotted_path(file),
        file_codec=file_codec,
        sent=False,
        ours=False,
        secret=secret,
    )
    return attrs.field(default=None, init=init, eq=False, on_setattr=attrs.setters.NO_OP, metadata={Wire: mark})


def tag(
    path: str | None, *, default: T, wire: str | None = None, file: str | None = "", file_word: str | None = None
) -> T:
    """The attribute that tells one member of a union from the others: it has one allowed value, `default`.

    `path` is the dotted place in the body, `wire` the word there (`default` when left out); `file` the dotted place in a
    file (the attribute's name when left out, None when files do not say it), `file_word` the word there (`default` when left
    out).
    """
    codec = Codec(lambda _: file_word, lambda _: default) if file_word else None
    mark = Wire(
        path=dotted_path(path),
        file=dotted_path(file or None) if file != "" else (),
        word=wire or str(default),
        file_word=file_word or str(default),
        file_codec=codec,
    )
    return attrs.field(  # a field is typed by its default
        default=default, kw_only=True, on_setattr=attrs.setters.NO_OP, metadata={Wire: mark}
    )


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
