"""Files of a container written to this disk: each whole or not at all, checked, never outside the folder asked for."""

# Paths as text: for thousands of files they are several times as fast as Path objects.
# ruff: noqa: PTH103, PTH105, PTH107, PTH112, PTH114, PTH118, PTH119, PTH120, PTH123

from __future__ import annotations

import hashlib
import os
import uuid
from collections import deque
from contextlib import suppress
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from mlsdk.transfers import FOLDER_MARK, Progress, Step, move_each

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from concurrent.futures import Future

    from mlsdk.backends import BlobInfo, Container

PIECE = 8 << 20
"""Bytes of one request; larger files come in several."""
AT_ONCE = 8
"""How many pieces are on their way at a time where few files are downloaded."""


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
        stands_for_folder = info.size == 0 and (FOLDER_MARK in info.metadata or info.name.endswith("/"))
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
    _refuse_folders(files, folders, root)
    for folder in folders:
        if os.path.commonpath((root, os.path.realpath(folder))) != root:
            message = f"{folder} leads out of {root} over a symbolic link; remove the link, or take another folder"
            raise _refusal(message)
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
    at_once = max(1, AT_ONCE // len(files))

    def fetch(target: str, step: Step) -> None:
        _fetch(container, files[target], target, step, at_once)

    move_each(list(files), fetch, lambda target: files[target].size, progress, threads)
    return [Path(destination, os.path.relpath(target, root)) for target in sorted(files)]


def _refuse_folders(files: Mapping[str, BlobInfo], folders: set[str], root: str) -> None:
    """AssetException where a file would take the place of a folder: one of the others', or one that is there."""
    around = {parent for folder in folders for parent in _parents(folder, root)}
    for target, info in files.items():
        if target in around or (os.path.isdir(target) and not os.path.islink(target)):
            message = (
                f"{info.name!r} would become {target}, which is a folder; download one of them alone, or elsewhere"
            )
            raise _refusal(message)


def _parents(folder: str, root: str) -> Iterator[str]:
    """A folder and those around it, down from `root`."""
    yield folder
    while folder not in (root, os.path.dirname(folder)):
        folder = os.path.dirname(folder)
        yield folder


def is_file(container: Container, path: str) -> bool:
    """Whether there is a file at `path`; what stands for a folder is none."""
    info = container.head(path) if path else None
    return info is not None and FOLDER_MARK not in info.metadata


def _target(root: str, relative: str, name: str) -> str:
    """Where a stored file goes. AssetException when its name is no path below `root`, on this system or another."""
    there = PureWindowsPath(relative)
    strange = any(part in ("", ".", "..") for part in relative.split("/")) or "\0" in relative
    if strange or there.root or ".." in there.parts or (os.name == "nt" and ("\\" in relative or ":" in relative)):
        message = f"the stored file {name!r} cannot be written below {root}: its name does not stay inside a folder"
        raise _refusal(message)
    return os.path.join(root, *relative.split("/"))


def _fetch(container: Container, info: BlobInfo, target: str, step: Step, at_once: int) -> None:
    """Write one file under a name of its own, check it, then give it its name."""
    part = os.path.join(os.path.dirname(target), f".{uuid.uuid4().hex}.part")
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with open(part, "xb") as file:
            for piece in _pieces(container, info, at_once):
                digest.update(piece)
                file.write(piece)
                if info.size > PIECE:
                    step(len(piece))
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


def _pieces(container: Container, info: BlobInfo, at_once: int) -> Iterator[bytes]:
    """The content of a file in order, the next pieces fetched while one is written."""
    ranges = [(offset, min(PIECE, info.size - offset)) for offset in range(0, info.size, PIECE)]
    if min(at_once, len(ranges)) <= 1:
        for offset, length in ranges:
            yield container.get(info.name, offset, length)
        return
    from concurrent.futures import ThreadPoolExecutor

    under_way: deque[Future[bytes]] = deque()
    with ThreadPoolExecutor(min(at_once, len(ranges)), "mlsdk-pieces") as pool:
        try:
            for offset, length in ranges:
                if len(under_way) == at_once:
                    yield under_way.popleft().result()
                under_way.append(pool.submit(container.get, info.name, offset, length))
            while under_way:
                yield under_way.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _nothing(path: str) -> Exception:
    from azure.core.exceptions import ResourceNotFoundError

    where = f"at {path!r} in the container" if path else "in the container"
    return ResourceNotFoundError(f"There is no file {where}.")


def _refusal(message: str) -> Exception:
    from mlsdk.exceptions import AssetException, ErrorTarget

    return AssetException(message, "A stored file cannot be downloaded.", target=ErrorTarget.ARTIFACT)
