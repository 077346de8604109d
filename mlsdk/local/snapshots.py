"""Files that a job is given are on this machine's disk, once for each content."""

from __future__ import annotations

import hashlib
import itertools
import os
import secrets
import shutil
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from mlsdk.local.outputs import OutputError, files_of

if TYPE_CHECKING:
    from mlsdk.local.work import Given, StoredContent

_EXECUTABLE = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH


def copy_tree(source: Path, target: Path) -> None:
    """Copy all files below a folder into a folder that is there, each with the right to be written, and executed as before."""
    with os.scandir(source) as entries:
        for entry in entries:
            own = target / entry.name
            if entry.is_dir():
                own.mkdir()
                copy_tree(Path(entry.path), own)
            else:
                shutil.copyfile(entry.path, own)
                mode = entry.stat().st_mode
                if mode & _EXECUTABLE:
                    own.chmod(own.stat().st_mode | mode & _EXECUTABLE)


class Snapshots:
    """The folder with what jobs were given, by what tells its content from any other.

    Threads and processes may share it. What was not finished is under another name, and is never found.
    """

    def __init__(self, folder: Path) -> None:
        """Keep the files in `folder`, which is made when it is first needed."""
        self._folder = folder
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}

    def place(self, given: Given) -> Path:
        """The folder in which the files of `given` are, or the file itself where it is one; nobody may change them.

        Raises
        ------
        OSError
            It cannot be written, or a stored file cannot be read.
        """
        if given.is_file:
            name, content = next(iter(given.files.items()))
            # One that is on disk already serves as it is, where the script finds it under its own name.
            if content.path is not None and content.path.name == Path(name).name:
                return content.path
            return (given.folder or self._made(given)) / name
        return given.folder or self._made(given)

    def _made(self, given: Given) -> Path:
        identity = given.identity or secrets.token_hex(16)
        name = hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()
        with self._lock:
            lock = self._making.setdefault(name, threading.Lock())
        with lock:  # so that steps that begin at once with the same input write it once
            # A job that wrote into what it was given has spoilt that, and may still be using it.
            places = (self._folder / (f"{name}-{number}" if number else name) for number in itertools.count())
            made = next(each for each in places if not each.is_dir() or _is_as_made(each, given))
            if not made.is_dir():
                self._make(given, made)
        with self._lock:
            self._making.pop(name, None)
        return made

    def _make(self, given: Given, made: Path) -> None:
        unfinished = self._folder / f".{made.name}-{secrets.token_hex(4)}"
        unfinished.mkdir(parents=True)
        try:
            for path, content in given.files.items():
                _write(content, _inside(unfinished, path))
            try:
                unfinished.rename(made)
            except OSError:
                if not made.is_dir():
                    raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _is_as_made(folder: Path, given: Given) -> bool:
    """Whether a folder still has the files that were written into it, and no others."""
    try:
        found = files_of(folder)
    except OutputError:
        return False
    return found.keys() == given.files.keys() and all(
        each.st_size == given.files[path].size for path, each in found.items()
    )


def _inside(folder: Path, path: str) -> Path:
    """Where a stored file goes; ValueError for a path that would lead out of the folder."""
    target = folder / path
    if ".." in Path(path).parts or Path(path).is_absolute():
        msg = f"the stored file {path!r} would be written outside of its folder"
        raise ValueError(msg)
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _write(content: StoredContent, target: Path) -> None:
    """Write a stored file, read-only; programs (`#!…`, or what was one on this disk) may be executed."""
    with content.open() as source, target.open("wb") as file:
        first = source.read(1 << 16)
        file.write(first)
        shutil.copyfileobj(source, file, 1 << 20)
    mode = 0o444
    if first.startswith(b"#!") or (content.path is not None and content.path.stat().st_mode & _EXECUTABLE):
        mode |= _EXECUTABLE
    target.chmod(mode)
