"""Files of a container written to this disk: each whole or not at all, checked, never outside the folder asked for."""

# Paths as text: for thousands of files they are several times as fast as Path objects.
# ruff: noqa: PTH103, PTH105, PTH107, PTH118, PTH119, PTH120, PTH123

from __future__ import annotations

import hashlib
import os
import uuid
from contextlib import suppress
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from mlsdk.transfers import Progress, move_each

if TYPE_CHECKING:
    from mlsdk.backends import BlobInfo, Container

PIECE = 8 << 20
"""Bytes of one request; larger files come in several."""

_FOLDER_MARK = "hdi_isfolder"
"""Metadata of an empty file that stands for a folder, in accounts with hierarchical names."""


def download(
    container: Container,
    path: str,
    destination: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
    threads: int | None = None,
) -> list[Path]:
    """Write the file at `path`, or all files below it, into the folder `destination`; gives the paths written, sorted.

    A file keeps its name, and the files of a folder their paths inside it. The folder is made when needed. What is
    there under the same name is replaced, after the size and the MD5 of the new content were found right.

    Raises azure-core's ResourceNotFoundError when there is no file at `path`, and AssetException when a stored name
    would lead out of `destination` (then nothing is written) or when content is not what the service said it is.
    """
    path = path.strip("/")
    inside = len(path) + 1 if path else 0
    root = os.path.realpath(destination)
    files: dict[str, BlobInfo] = {}
    folders = {root}
    for info in container.list(path):
        if path and info.name != path and not info.name.startswith(f"{path}/"):
            continue  # a name that only begins like this one
        stands_for_folder = info.size == 0 and (_FOLDER_MARK in info.metadata or info.name.endswith("/"))
        relative = info.name[inside:].rstrip("/") if stands_for_folder else info.name[inside:]
        if stands_for_folder and not relative:
            continue  # the folder asked for
        target = _target(root, relative or os.path.basename(path), info.name)
        folders.add(target if stands_for_folder else os.path.dirname(target))
        if target in files:
            message = f"{files[target].name!r} and {info.name!r} would both become {target}; download one of them alone"
            raise _refusal(message)
        if not stands_for_folder:
            files[target] = info
    if not files:
        raise _nothing(path)
    for folder in folders:
        if os.path.commonpath((root, os.path.realpath(folder))) != root:
            message = f"{folder} leads out of {root} over a symbolic link; remove the link, or take another folder"
            raise _refusal(message)
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
    move_each(
        list(files), lambda target: _fetch(container, files[target], target), lambda target: files[target].size,
        progress, threads,
    )  # fmt: skip
    return [Path(destination, os.path.relpath(target, root)) for target in sorted(files)]


def _target(root: str, relative: str, name: str) -> str:
    """Where a stored file goes. AssetException when its name is no path below `root`, on this system or another."""
    there = PureWindowsPath(relative)
    strange = any(part in ("", ".", "..") for part in relative.split("/")) or "\0" in relative
    if strange or there.root or ".." in there.parts or (os.name == "nt" and ("\\" in relative or there.drive)):
        message = f"the stored file {name!r} cannot be written below {root}: its name does not stay inside a folder"
        raise _refusal(message)
    return os.path.join(root, *relative.split("/"))


def _fetch(container: Container, info: BlobInfo, target: str) -> None:
    """Write one file under a name of its own, check it, then give it its name."""
    part = os.path.join(os.path.dirname(target), f".{uuid.uuid4().hex}.part")
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with open(part, "xb") as file:
            for offset in range(0, info.size, PIECE):
                piece = container.get(info.name, offset, min(PIECE, info.size - offset))
                digest.update(piece)
                file.write(piece)
            size = file.tell()
        if size != info.size:
            message = f"{info.name!r} came with {size} bytes instead of {info.size}; download it again"
            raise _refusal(message)
        if info.content_md5 is not None and digest.digest() != info.content_md5:
            message = f"{info.name!r} came with other content than its MD5 says; download it again"
            raise _refusal(message)
        os.replace(part, target)
    finally:
        with suppress(FileNotFoundError):
            os.remove(part)


def _nothing(path: str) -> Exception:
    from azure.core.exceptions import ResourceNotFoundError

    where = f"at {path!r} in the container" if path else "in the container"
    return ResourceNotFoundError(f"There is no file {where}.")


def _refusal(message: str) -> Exception:
    from mlsdk.exceptions import AssetException, ErrorTarget

    return AssetException(message, "A stored file cannot be downloaded.", target=ErrorTarget.ARTIFACT)
