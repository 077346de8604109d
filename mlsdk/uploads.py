"""Local files put into a container under the paths of the official client, each content once.

The file of an upload that the official client looks at to see whether it was done (the indicator) is marked when all is
stored; until then nobody relies on what is there, and the next upload completes or replaces it.
"""

from __future__ import annotations

import hashlib
import io
import os
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, unquote

import attrs

from mlsdk.sources import Source, SourceFile, open_source
from mlsdk.transfers import FOLDER_MARK, Progress, Step, move_each

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.backends import BlobInfo, Container

PREFIX = "LocalUpload"
"""The folder of a datastore that has a folder for each content."""
MARK = {"upload_status": "completed"}
"""What the metadata of an indicator says when all files are stored."""
LARGE = 8 << 20
"""Bytes from which on progress is told within a file."""


@attrs.frozen
class Upload:
    """Where a file or folder is stored."""

    path: str
    """The file, or the folder of the files, from the root of the container."""
    indicator: str
    """What carries the mark, with the name and the version of the asset that was uploaded first."""
    digest: str
    """The hash of the content."""
    name: str
    version: str
    """The asset that the mark names: not the one uploaded for where the content was there already."""
    is_new: bool
    """Whether anything was uploaded; the same content from before is used again."""


def upload(
    container: Container,
    source: Source,
    prefix: str,
    *,
    name: str,
    version: str | None = None,
    mark: Literal["file", "folder"] = "file",
    progress: Progress | None = None,
    threads: int | None = None,
) -> Upload:
    """Store a file as `{prefix}/{name of the file}`, a folder as `{prefix}/{name of the folder}/…`.

    `prefix` is `LocalUpload/{digest}` in a datastore, and empty where a container was lent for one code snapshot or one
    asset of a registry. Nothing is uploaded where the mark says that this content is stored; what an upload that broke
    off has left is not sent again. `name` and `version` of the asset go into the mark, which the first file carries, or
    the folder `prefix` with `mark="folder"`, as in storage with true folders (Data Lake Gen2).

    Raises EmptyDirectoryError for a folder without files, AssetException when a file has changed or the place holds
    other content, OSError with its path for a file that cannot be read; then the mark is not set.
    """
    if not source.files:
        raise _empty(source)
    path = "/".join(filter(None, (prefix, source.name)))
    targets = {f"{path}/{file.name}" if source.is_folder else path: file for file in source.files}
    # The official client takes the first file by its local path, links followed, then by where it goes.
    first = min(targets, key=lambda target: (targets[target].path.replace(os.sep, "/"), target))
    indicator = prefix if mark == "folder" else first
    begun = container.head(indicator)
    marked = begun is not None and MARK.items() <= begun.metadata.items()
    if marked and indicator == first:
        _refuse_other_content(container, source, path, targets)
        return _found(path, indicator, source, begun)
    # A mark on the folder speaks of the same content under any name, so what stands under this name is looked at.
    stored = _stored(container, path, targets, indicator, begun)
    if marked and targets.keys() <= stored.keys():
        _refuse_other_content(container, source, path, targets)
        return _found(path, indicator, source, begun)

    def put(target: str, step: Step) -> None:
        if not _is_same(stored.get(target), targets[target]):
            _put(container, target, targets[target], step, overwrite=target in stored)

    move_each(list(targets), put, lambda target: targets[target].size, progress, threads)
    if not marked:
        metadata = {**MARK, "name": _sent(name), "version": _sent(str(version))}
        if indicator == first:
            container.set_metadata(indicator, metadata)
        else:
            _mark_folder(container, indicator, metadata)
    return Upload(path, indicator, source.digest, name, str(version), is_new=True)


def _found(path: str, indicator: str, source: Source, begun: BlobInfo | None) -> Upload:
    """An upload that was done before, with the asset it was done for."""
    metadata = {} if begun is None else begun.metadata
    name, version = (unquote(metadata.get(key, "")) for key in ("name", "version"))
    return Upload(path, indicator, source.digest, name, version, is_new=False)


def _stored(
    container: Container, path: str, targets: Mapping[str, SourceFile], indicator: str, begun: BlobInfo | None
) -> dict[str, BlobInfo]:
    """What is stored already at the places of an upload, from one that broke off; one listing tells it of a folder."""
    if path in targets:
        found = begun if indicator == path else container.head(path)
        return {} if found is None else {path: found}
    return {info.name: info for info in container.list(f"{path}/") if info.name in targets}


def _put(container: Container, target: str, file: SourceFile, step: Step, *, overwrite: bool) -> None:
    """Store one file; what another upload put there meanwhile stays when it is the same, else it is replaced."""
    try:
        with open_source(file, step if file.size > LARGE else None) as stream:
            container.put(target, stream, overwrite=overwrite)
    except FileExistsError:
        if not _is_same(container.head(target), file):
            _put(container, target, file, step, overwrite=True)


def _mark_folder(container: Container, indicator: str, metadata: Mapping[str, str]) -> None:
    """Mark a folder; where there are no true folders, an empty file is made that stands for it."""
    try:
        container.set_metadata(indicator, metadata)
    except FileNotFoundError:
        container.put(indicator, io.BytesIO(), metadata={FOLDER_MARK: "true", **metadata}, overwrite=True)


def _sent(text: str) -> str:
    """A name as metadata can carry it: what is not ASCII is escaped. The service takes no such names for assets."""
    return quote(text, safe=" !#$&'()*+,/:;=?@[]~")


def _refuse_other_content(container: Container, source: Source, path: str, targets: Mapping[str, SourceFile]) -> None:
    """AssetException where a marked upload holds other content than `source`.

    A place that is named by the hash holds what the hash says; looked at is only what no hash in the name vouches for.
    """
    vouched = source.digest in path.split("/")
    doubtful = {target: file for target, file in targets.items() if not vouched or file.name in source.unhashed}
    if not doubtful:
        return
    stored = {info.name: info for info in container.list(path)}
    wrong = sorted(file.path for target, file in doubtful.items() if not _is_same(stored.get(target), file))
    if not wrong:
        return
    from mlsdk.exceptions import AssetException, ErrorCategory, ErrorTarget

    reason = (
        "their content is not part of the hash, since the ignore file leaves out their folder and takes them back in; "
        "let no pattern match the folder itself (write `folder/*` and `!folder/file`)"
        if vouched
        else "upload to another container"
    )
    message = f"{path} is stored already with other content of {', '.join(wrong)}: {reason}"
    raise AssetException(
        message,
        "Other content is stored already.",
        target=ErrorTarget.ARTIFACT,
        error_category=ErrorCategory.USER_ERROR,
    )


def _is_same(stored: BlobInfo | None, file: SourceFile) -> bool:
    """Whether a stored file has the content of a local one, by its size, and its MD5 where the service has one."""
    if stored is None or stored.size != file.size:
        return False
    if stored.content_md5 is None:
        return True
    digest = hashlib.md5(usedforsecurity=False)
    with open_source(file) as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.digest() == stored.content_md5


def _empty(source: Source) -> Exception:
    from mlsdk.exceptions import EmptyDirectoryError, ErrorCategory, ErrorTarget

    return EmptyDirectoryError(
        f"Directory {source.name} is empty, or its ignore file leaves out all files; give a folder with files",
        "A directory to upload is empty.",
        target=ErrorTarget.ARTIFACT,
        error_category=ErrorCategory.USER_ERROR,
    )
