"""Unions of entities, and what kind of values a type stands for."""

from __future__ import annotations

import importlib
import os
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from mlsdk.schema.entity import Entity, fields
from mlsdk.schema.words import Path, dotted_path


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
    brought: Callable[[str], str] = str.lower
    elsewhere: Mapping[str, str] = attrs.field(factory=dict)
    told: Callable[[Any], str | None] | None = None
    unsaid: Callable[[Mapping[str, Any]], str | None] | None = None

    def member_elsewhere(self, word: str) -> type[Entity] | None:
        """The member of a word in lower case that is imported only now; None when there is none."""
        found = self.elsewhere.get(word)
        if found is None:
            return None
        module, _, name = found.partition(":")
        return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]

    def words(self) -> dict[str, type[Entity]]:
        """The word in a body, in lower case, of each member."""
        return {
            mark.word.lower(): member
            for member in self.members
            for _, _, mark in fields(member)
            if mark.word is not None and mark.path == self.at
        }

    def file_words(self) -> dict[str, type[Entity]]:
        """The word in a file, in lower case, of each member that has one."""
        return {
            str(mark.file_word).lower(): member
            for member in self.members
            for _, _, mark in fields(member)
            if mark.word is not None and mark.file is not None and mark.file == self.file
        }

    def spelled(self) -> set[str | None]:
        """The words in a file as their members write them."""
        return {mark.file_word for member in self.members for _, _, mark in fields(member) if mark.file == self.file}


CHOICES: dict[Any, Choice] = {}


def choice(
    union: Any,
    *,
    at: str | None,
    file: str | None = "type",
    scalars: tuple[str, str] | None = None,
    fallback: type[Entity] | None = None,
    default: type[Entity] | None = None,
    base: type[Entity] | None = None,
    exact: bool = False,
    brought: Callable[[str], str] = str.lower,
    elsewhere: Mapping[str, str] | None = None,
    told: Callable[[Any], str | None] | None = None,
    unsaid: Callable[[Mapping[str, Any]], str | None] | None = None,
) -> None:
    """The members of `union` differ by the tag at the dotted place `at` of a body, at `file` of a file.

    Where files have no such place, the keys given tell. `scalars` names the word and key under which plain values travel
    (`{at: "literal", "value": …}`); `fallback` loads a word that this version does not know; `default` is meant by a file
    that names none; `base` lets the union be asked for by the base class of its members too, which may itself be `fallback`
    or `default`. `exact` takes the word of a file only as it is written there, not in another case; `brought` brings the
    spellings of one word together. `elsewhere` names
    further members by their word, which is the same in files and, but for its case, in bodies: `{"automl": "module:Class"}`;
    they are imported when they are first met. `told` gives the word of a body where another place says it better; None
    where `at` counts. `unsaid` gives the word of a file that says none, by what else it says.
    """
    members = tuple(m for m in get_args(union) if is_entity(m))
    places = (dotted_path(at), dotted_path(file))
    made = Choice(members, *places, scalars, fallback, default, exact, brought, elsewhere or {}, told, unsaid)
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
