"""What a job leaves counts only when it is there, and is in its own folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.local.tasks import Task
    from mlsdk.local.work import Value

_VALUES = frozenset({"boolean", "integer", "number", "string"})
_LONGEST_VALUE = 1_000_000
"""Bytes of the longest value that is read."""
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


class OutputError(ValueError):
    """An output that is not as it was declared, and what to do about it."""


def is_value(type_: str) -> bool:
    """Whether an output of this type is a value, that steers other steps, and neither a file nor a folder."""
    return type_ in _VALUES


def output_path(task: Task, attempt: Path, name: str) -> Path:
    """Where a job finds the place for one of its outputs: a folder, or a file in a folder of its own."""
    folder = attempt / "outputs" / name
    type_ = task.outputs[name]
    if type_ == "uri_file" or is_value(type_):
        place = PurePosixPath(task.places.get(name) or name)
        return folder / (name if place.is_absolute() or ".." in place.parts else place)
    return folder


def make_places(task: Task, attempt: Path) -> dict[str, Path]:
    """Make the folders for the outputs; the path that the job gets of each."""
    places = {}
    for name, type_ in task.outputs.items():
        path = places[name] = output_path(task, attempt, name)
        (path.parent if type_ == "uri_file" or is_value(type_) else path).mkdir(parents=True)
    return places


def check(task: Task, attempt: Path) -> None:
    """See that each output was written; OutputError says which was not, or is elsewhere."""
    for name, type_ in task.outputs.items():
        path = output_path(task, attempt, name)
        own = attempt / "outputs" / name
        place = f"${{{{outputs.{name}}}}}"
        if type_ == "uri_file" or is_value(type_):
            if path.is_dir():
                msg = f"the output {name!r} is a folder, and was declared as {type_}: write one file to {place}"
                raise OutputError(msg)
            if not path.is_file() and not path.is_symlink():
                what = "no file" if path.exists() else "nothing"
                msg = f"the output {name!r} was not written: {what} is at {place} ({path})"
                raise OutputError(msg)
        elif path.is_file() and type_ in {"uri_folder", "mltable"}:
            msg = f"the output {name!r} is a file, and was declared as {type_}: write files into the folder {place}"
            raise OutputError(msg)
        elif not path.exists() and not path.is_symlink():
            msg = f"the output {name!r} was removed: write into the folder {place}, and leave it where it is ({path})"
            raise OutputError(msg)
        if not files_of(own, name):
            msg = f"the output {name!r} was not written: the folder {place} is empty ({path})"
            raise OutputError(msg)
        if is_value(type_):
            value(type_, path, name)


def files_of(path: Path, name: str = "", *, links: bool = True) -> dict[str, os.stat_result]:
    """All files below a folder, by path below it; a file is one itself, under an empty path. Pipes and sockets are none.

    Parameters
    ----------
    path
        The folder or the file; FileNotFoundError where there is none.
    name
        The output that it is, for errors.
    links
        Whether links count: those to files of the folder as one file more, all others as an OutputError. Where they do not,
        they are left out.
    """
    found: dict[str, os.stat_result] = {}
    if links and path.is_symlink():
        _refuse(path, path.name, name)
    if not path.is_dir():
        return {"": path.stat()}
    top = ""
    folders = [("", str(path))]
    while folders:
        below, folder = folders.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                own = below + entry.name
                if entry.is_symlink():
                    if links:
                        top = top or os.path.realpath(path) + os.sep
                        # A link to a folder above it would be endless.
                        if not os.path.realpath(entry.path).startswith(top) or not entry.is_file():
                            _refuse(Path(entry.path), own, name)
                        found[own] = entry.stat()
                elif entry.is_dir():
                    folders.append((own + "/", entry.path))
                elif entry.is_file():
                    found[own] = entry.stat()
    return found


def _refuse(link: Path, own: str, name: str) -> None:
    msg = (
        f"the output {name!r} is outside its folder: {own!r} is a link to {link.readlink()}; "
        "write or copy the files themselves"
    )
    raise OutputError(msg)


def keep_safe(path: Path, files: Mapping[str, os.stat_result]) -> None:
    """Make files read-only, since what was an output is an input of others, and is taken over by later runs."""
    for below, found in files.items():
        if found.st_mode & _WRITABLE and stat.S_ISREG(found.st_mode):
            (path / below).chmod(stat.S_IMODE(found.st_mode) & ~_WRITABLE | stat.S_IRUSR)


def value(type_: str, path: Path, name: str) -> Value:
    """The value that a job wrote; OutputError for one that is not of its type."""
    with path.open("rb") as file:
        text = file.read(_LONGEST_VALUE).decode(errors="replace")
    word = text.strip()
    try:
        if type_ == "boolean":
            return {"true": True, "false": False, "1": True, "0": False}[word.lower()]
        if type_ == "integer":
            return int(word)
        if type_ == "number":
            return float(word)
    except (ValueError, KeyError):
        msg = f"the output {name!r} is declared as {type_}, and what was written to ${{{{outputs.{name}}}}} is {word[:100]!r}"
        raise OutputError(msg) from None
    return text.removesuffix("\n").removesuffix("\r")
