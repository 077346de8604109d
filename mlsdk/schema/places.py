"""Where in a file something stands that was found to be wrong with an entity after it was read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from mlsdk.schema import documents
from mlsdk.schema.entity import Entity


@attrs.frozen
class Place:
    """A line and column of a file, counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """As compilers write it, the file relative to the current folder where it is below that."""
        try:
            near = os.path.relpath(self.file)
        except ValueError:  # another drive
            near = self.file
        return f"{self.file if near.startswith('..') else near}:{self.line}:{self.column}"


def places(entity: Any, paths: Iterable[str]) -> dict[str, Place]:
    """The places of what dotted paths (`jobs.train.inputs.data`) lead to in an entity; none for what is in no file.

    A path may lead through entities that other files hold: a component that a pipeline names by its file.
    """
    texts: dict[str, Any] = {}
    found: dict[str, Place] = {}
    for path in paths:
        file, rest = _origin(entity, path)
        if file is None:
            continue
        if file not in texts:
            texts[file] = _document(file)
        if texts[file] is not None:
            mark = documents.mark_at(texts[file], rest)
            found[path] = Place(file, mark.line + 1, mark.column + 1)
    return found


def _document(file: str) -> Any:
    """The nodes of a file; None when it is no longer what was read."""
    try:
        return documents.compose(Path(file).read_text(encoding="utf-8-sig"))
    except (OSError, documents.Malformed):
        return None


def _origin(entity: Any, path: str) -> tuple[str | None, str]:
    """The file that holds what a path leads to, and the path from the top of that file."""
    steps = path.split(".")
    here, file, rest = entity, getattr(entity, "_file", None), path
    start = 0
    while start < len(steps):
        here, start = _next(here, steps, start)
        own = getattr(here, "_file", None) if isinstance(here, Entity) else None
        if own is not None:
            file, rest = own, ".".join(steps[start:])
        if here is None:
            break
    return file, rest


def _next(here: Any, steps: list[str], start: int) -> tuple[Any, int]:
    """What the next step leads to; names of mappings may have points in them, so the longest that is there counts."""
    if isinstance(here, Entity):
        return getattr(here, steps[start], None), start + 1
    if isinstance(here, Mapping):
        for end in range(len(steps), start, -1):
            key = ".".join(steps[start:end])
            if key in here:
                return here[key], end
    return None, start + 1
