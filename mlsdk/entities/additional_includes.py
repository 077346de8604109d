"""A component's code together with the files and folders that it shares with others."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mlsdk.hashing import COMPONENT_IGNORES
from mlsdk.ignore import IgnoreRules, ignore_rules
from mlsdk.sources import existing, folder_files

if TYPE_CHECKING:
    import os
    from collections.abc import Generator, Iterator, Sequence

FOLDER = "code_with_additional_includes"
"""The name of the folder they are put into, which the upload shows; the official client's."""


@contextmanager
def together(code: str | os.PathLike[str] | None, includes: Sequence[str], base: str) -> Generator[Path]:
    """A folder with the content of `code` and every one of `includes` beside it; it is gone afterwards.

    Relative paths start from `base`. Ignore files count, that of `code` for what is included too. An include `name.zip`
    of which only the folder `name` is there is packed. ValidationException when there is nothing at a path.
    """
    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary, FOLDER)
        target.mkdir()
        root = Path(base, code or "").resolve()
        rules = ignore_rules(str(root), COMPONENT_IGNORES) if root.is_dir() else IgnoreRules(str(root))
        if code is not None:
            _copy(Path(existing(root)), target if root.is_dir() else target / root.name, IgnoreRules(""))
        for include in includes:
            source = Path(base, include).resolve()
            if folder := folder_to_pack(source):
                _pack(folder, target / source.name, rules)
            else:
                _copy(Path(existing(source)), target / source.name, rules)
        yield target


def folder_to_pack(source: Path) -> Path | None:
    """The folder that an include stands for which names a zip file that is not there; None when it does not."""
    folder = source.with_suffix("")
    return folder if source.suffix == ".zip" and not source.exists() and folder.is_dir() else None


def _files(source: Path, around: IgnoreRules) -> Iterator[tuple[str, Path]]:
    """The files of a folder by their path in it, without those that its own rules or those `around` leave out."""
    for file in folder_files(str(source), ignore_rules(str(source), COMPONENT_IGNORES)):
        if not around.exclude(f"{source.name}/{file.name}"):
            yield file.name, Path(file.path)


def _copy(source: Path, target: Path, around: IgnoreRules) -> None:
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        return
    for name, path in _files(source, around):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / name)


def _pack(folder: Path, target: Path, around: IgnoreRules) -> None:
    """Write a folder as a zip file: sorted and without times, so that the same content has the same hash."""
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr(zipfile.ZipInfo(f"{folder.name}/"), b"")
        for name, path in sorted(_files(folder, around)):
            packed.writestr(zipfile.ZipInfo(f"{folder.name}/{name}"), path.read_bytes())
