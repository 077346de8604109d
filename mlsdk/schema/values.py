"""What may be assigned to an attribute: checked and brought to its own form, or refused by name.

The same checks serve constructors, assignment and files, so that a value is right or wrong in all of them alike.
"""

from __future__ import annotations

import inspect
import operator
import os
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import cache
from typing import Any, Literal, SupportsIndex, get_args, get_origin

import attrs

Check = Callable[[Any], Any]
_SIGNATURE = inspect.Signature([inspect.Parameter("value", inspect.Parameter.POSITIONAL_ONLY)])


class Binding(str):
    """An expression that the service fills in when a job runs, such as `${{inputs.size}}`.

    A type for the fields where a binding may stand in the place of a number, a flag or a word: `int | Binding`.
    """

    __slots__ = ()


class Expression:
    """What stands for a value that is known later, and whose text is the expression for it: any attribute takes one."""

    __slots__ = ()


BINDING = re.compile(r"\$\{\{.*\}\}", re.DOTALL)


def did_you_mean(word: Any, known: Iterable[str], *, likeness: float = 0.6) -> str:
    """`; did you mean 'x'?` where one of `known` is near `word`, else nothing."""
    import difflib

    near = difflib.get_close_matches(str(word), list(known), 1, likeness)
    return f"; did you mean {near[0]!r}?" if near else ""


_SHOWN = (str, int, float, Enum, os.PathLike, type(None))


def kind_of(value: Any) -> str:
    """The kind of a value, for an error that must not show the value: it may be a secret in the wrong place."""
    return type(value).__name__.strip("_")


def described(value: Any) -> str:
    """The kind of a value and, of a single one, its text, for an error. What a list or mapping holds may be secret."""
    if not isinstance(value, _SHOWN):
        return kind_of(value)
    text = repr(value)
    return f"{kind_of(value)} {text if len(text) <= 80 else text[:77] + '...'}"


# -- scalars -------------------------------------------------------------------------------------------
class Number(float):
    """A number of a file which remembers how it was written: `version: 1.10` must not become "1.1"."""

    text: str


class Whole(int):
    """A whole number of a file that was not written in plain digits: `0x10`, `010`, `1_000`."""

    text: str


def text(value: Any) -> str:
    """A text; a number stands for its digits, a path for its text, a member of an enum for its value."""
    if value.__class__ is str:
        return value
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        message = f"expected a text, got {described(value)}"
        raise TypeError(message)
    if isinstance(value, (int, float)):
        return value.text if isinstance(value, (Number, Whole)) else str(value)
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
    message = f"expected a text, got {described(value)}"
    raise TypeError(message)


def integer(value: Any) -> int:
    """A whole number, also when written as text or by a library such as numpy."""
    if value.__class__ is int:
        return value
    if not isinstance(value, bool):
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d+\s*", value):
            return int(value)
        if isinstance(value, SupportsIndex):
            return operator.index(value)
    message = f"expected a whole number, got {described(value)}"
    raise TypeError(message)


def number(value: Any) -> float:
    """A number, also when written as text or by a library such as numpy."""
    if value.__class__ in (float, int):
        return value
    if not isinstance(value, bool) and (isinstance(value, str) or hasattr(value, "__float__")):
        try:
            return float(value)
        except ValueError:
            pass
    message = f"expected a number, got {described(value)}"
    raise TypeError(message)


_TRUE = frozenset({"true", "yes", "on", "y", "t", "1"})
_FALSE = frozenset({"false", "no", "off", "n", "f", "0"})


def flag(value: Any) -> bool:
    """True or false, also when written as a word or digit that means it: `yes`, `off`, `1`."""
    if value.__class__ is bool:
        return value
    word = str(value).lower() if isinstance(value, (str, int)) else None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    message = f"expected true or false, got {described(value)}"
    raise TypeError(message)


def binding(value: Any) -> Binding:
    """An expression `${{…}}`."""
    if isinstance(value, str) and BINDING.search(value):
        return Binding(value)
    message = f"expected an expression such as '${{{{inputs.x}}}}', got {described(value)}"
    raise TypeError(message)


def _folded(word: Any) -> str:
    return str(word).replace("_", "").replace("-", "").replace(" ", "").lower()


def one_of(words: tuple[Any, ...], *, folded: Callable[[Any], str] = _folded) -> Check:
    """One of a closed list of words; other spellings of the same word are brought to the listed form.

    `folded` gives what all spellings of a word share: by default they differ in their case and separators.
    """
    by_fold = {folded(word): word for word in words}
    listed = set(words)

    def check(value: Any) -> Any:
        if isinstance(value, Enum):
            value = value.value
        if value in listed:
            return value
        found = by_fold.get(folded(value)) if isinstance(value, (str, int)) else None
        if found is not None:
            return found
        message = (
            f"{described(value)} is not one of {', '.join(map(repr, words))}{did_you_mean(value, map(str, words))}"
        )
        raise ValueError(message)

    return check


SCALARS: dict[Any, Check] = {str: text, int: integer, float: number, bool: flag, Binding: binding}


# -- any type ----------------------------------------------------------------------------------------------
def keep(value: Any) -> Any:
    """The value as it is."""
    return value


def check_of(kind: Any) -> Check:
    """The check for a type: it gives the value in its own form or raises TypeError or ValueError saying what is wrong."""
    from mlsdk.schema.fields import is_entity, is_union

    if kind in SCALARS:
        return SCALARS[kind]
    if os.PathLike in (kind, get_origin(kind)):
        return text
    if is_union(kind):
        return _check_of_union(kind)
    if is_entity(kind):
        return _check_of_members((kind,), kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return one_of(arguments)
    if origin is list and arguments:
        return _check_of_list(arguments[0])
    if isinstance(origin, type) and issubclass(origin, dict) and arguments:
        return _check_of_dict(arguments[-1], origin)
    if isinstance(kind, type) and kind not in (Any, object):
        return _instance(kind)
    return keep


_SHAPES: dict[type, tuple[str, tuple[type, ...]]] = {list: ("a list", (list, tuple)), dict: ("a mapping", (Mapping,))}


def _instance(kind: type) -> Check:
    named, accepted = _SHAPES.get(kind, (f"a {kind.__name__}", (kind,)))

    def check(value: Any) -> Any:
        if isinstance(value, accepted):
            return value
        message = f"expected {named}, got {described(value)}"
        raise TypeError(message)

    return check


def _check_of_list(kind: Any) -> Check:
    check, shape = check_of(kind), _instance(list)

    def checked(value: Any) -> Any:
        shape(value)
        return [item if item is None else check(item) for item in value]

    return shape if check is keep else checked


def _check_of_dict(kind: Any, made_as: type) -> Check:
    check, shape = check_of(kind), _instance(dict)
    if made_as is dict and (check is keep or kind in SCALARS):
        return shape  # the keys and plain values of a mapping are the user's own

    def checked(value: Any) -> Any:
        shape(value)
        made = {}
        for key, item in value.items():
            try:
                made[key] = item if item is None else check(item)
            except (TypeError, ValueError) as error:
                message = f"{key}: {error}"
                raise type(error)(message) from None
        return made if made_as is dict else made_as(made)

    return checked


def _check_of_union(kind: Any) -> Check:
    from mlsdk.schema.fields import is_entity

    arguments = [a for a in get_args(kind) if a is not types.NoneType]
    members = tuple(a for a in arguments if is_entity(a))
    others = [a for a in arguments if not is_entity(a)]
    if Any in others or object in others:
        return _check_of_members(members, kind, otherwise=keep) if members else keep
    checks = [check_of(a) for a in others]
    if len(arguments) == 1:
        return checks[0] if checks else _check_of_members(members, kind)
    exact = tuple(a for a in others if isinstance(a, type) and a in SCALARS)

    def plain(value: Any) -> Any:
        if value.__class__ in exact:
            return value
        problems = []
        for check in checks:
            try:
                return check(value)
            except (TypeError, ValueError) as error:
                problems.append(str(error))
        raise TypeError(" or: ".join(problems))

    return _check_of_members(members, kind, otherwise=plain if checks else None) if members else plain


def _check_of_members(members: tuple[type, ...], kind: Any, otherwise: Check | None = None) -> Check:
    """An instance of one of `members`, or a mapping that one of them is made from."""
    wanted = " or ".join(member.__name__ for member in members)

    def check(value: Any) -> Any:
        if isinstance(value, members):
            return value
        if isinstance(value, Mapping):
            from mlsdk.schema import files

            return files.from_mapping(dict(value), kind)
        if otherwise is not None:
            return otherwise(value)
        message = f"expected {wanted} or its mapping form, got {kind_of(value)}"
        raise TypeError(message)

    return check


@cache
def _hints_of(cls: type) -> dict[str, Any]:
    """The resolved types of a class's attributes, worked out once for all of them."""
    return typing.get_type_hints(cls)


# -- attributes ----------------------------------------------------------------------------------------------
class Accept:
    """The converter of one attribute: what is assigned comes out in its own form, or ValidationException names it.

    The type is resolved when the first value comes, so that the order of imports never matters.
    """

    __signature__ = (
        _SIGNATURE  # attrs asks for it at every class; working it out each time costs more than all the rest
    )
    __slots__ = ("check", "name", "owner", "secret")

    def __init__(self, owner: type, name: str, *, secret: bool = False, words: tuple[Any, ...] | None = None) -> None:
        """Serve the attribute `name` of `owner`; `words` replaces the check of its type by a closed list."""
        self.owner, self.name, self.secret = owner, name, secret
        self.check: Check | None = one_of(words) if words else None

    def __call__(self, value: Any) -> Any:
        """The value in its own form."""
        if value is None:
            return None
        check = self.check
        if check is None:
            check = self.check = check_of(_hints_of(self.owner)[self.name])
        try:
            return check(value)
        except (TypeError, ValueError) as error:
            if isinstance(value, (Expression, Binding)):
                return Binding(value)
            from mlsdk.exceptions import ValidationException

            told = f"a value of type {type(value).__name__} is not allowed" if self.secret else str(error)
            message = f"{self.owner.__name__}({self.name}=…): {told}"
            raise ValidationException(message) from None


def keyword_error(cls: type, given: Mapping[str, Any], error: TypeError) -> TypeError:
    """The TypeError of a constructor, saying which keyword was meant or is missing."""
    known = [a.alias for a in attrs.fields(cls) if a.init]
    unknown = [name for name in given if name not in known]
    if unknown:
        hints = did_you_mean(unknown[0], known) or f"; it takes {', '.join(sorted(known))}"
        return TypeError(f"{cls.__name__}() has no argument {unknown[0]!r}{hints}")
    return TypeError(
        str(error)
        .replace(f"{cls.__qualname__}.__init__()", f"{cls.__name__}()")
        .replace("__init__()", f"{cls.__name__}()")
    )
