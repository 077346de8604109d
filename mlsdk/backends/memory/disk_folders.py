"""The files below a folder of this machine's disk, as they can be kept under names: regular files, with their paths."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import attrs


@attrs.frozen
class FolderFiles:
    """What is below a folder."""

    files: Mapping[str, Path]
    """Where each file is, by its path below the folder, with `/` between the parts; sorted."""
    left_out: Mapping[str, str]
    """What is below it and cannot be kept, by path: why not."""


def below(folder: Path, *, confined: bool) -> FolderFiles:
    """Every file below a folder, sorted by its path.

    Symbolic links are followed; where it is `confined`, only those that stay inside, so that nobody who may read the folder
    reads other files by it. Whatever cannot be kept is left out and named: other links, those that lead nowhere or in a circle,
    pipes and devices, what may not be read, and names that are no text. FileNotFoundError or NotADirectoryError without a
    folder.
    """
    left_out: dict[str, str] = {}
    limit = Path(os.path.realpath(folder)) if confined else None
    os.scandir(folder).close()  # of the folder itself, an error is one
    found = dict(_walk(folder, "", (_identity(folder.stat()),), limit, left_out))
    return FolderFiles(dict(sorted(found.items())), dict(sorted(left_out.items())))


def has_only(folder: Path, names: Collection[str]) -> bool:
    """Whether the files below a folder are these and no others, and nothing is there that `below` would leave out."""
    left_out: dict[str, str] = {}
    count = 0
    for name, _ in _walk(folder, "", (_identity(folder.stat()),), Path(os.path.realpath(folder)), left_out):
        if name not in names:
            return False  # without looking at the rest, which may be anything
        count += 1
    return not left_out and count == len(names)


def _walk(
    folder: Path, prefix: str, above: tuple[tuple[int, int], ...], limit: Path | None, left_out: dict[str, str]
) -> Iterator[tuple[str, Path]]:
    try:
        with os.scandir(folder) as listing:
            entries = list(listing)
    except OSError as error:
        left_out[prefix.rstrip("/")] = f"it cannot be read: {error.strerror}"
        return
    for entry in entries:
        name = f"{prefix}{entry.name}"
        try:
            name.encode()
            found = entry.stat()
        except UnicodeEncodeError:
            left_out[ascii(name)] = "its name is not text in UTF-8"
            continue
        except OSError as error:
            left_out[name] = f"it cannot be read: {error.strerror}"
            continue
        if limit is not None and entry.is_symlink() and not Path(os.path.realpath(entry.path)).is_relative_to(limit):
            left_out[name] = "it is a symbolic link that leads out of the folder"
        elif stat.S_ISREG(found.st_mode):
            yield name, Path(entry.path)
        elif not stat.S_ISDIR(found.st_mode):
            left_out[name] = "it is neither a file nor a folder"
        elif _identity(found) in above:
            left_out[name] = "it is a symbolic link that leads back to a folder it is in"
        else:
            yield from _walk(Path(entry.path), f"{name}/", (*above, _identity(found)), limit, left_out)


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino
