"""Local files put into a container under the paths of the official client, each content once.

The file of an upload that the official client looks at to see whether it was done (the indicator) is marked when all is
stored; until then nobody relies on what is there, and the next upload completes or replaces it.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import attrs

from mlsdk.sources import Source, SourceFile, open_source
from mlsdk.transfers import Progress, move_each

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.backends import BlobInfo, Container

PREFIX = "LocalUpload"
"""The folder of a datastore that has a folder for each content."""
MARK = {"upload_status": "completed"}
"""What the metadata of an indicator says when all files are stored."""


@attrs.frozen
class Upload:
    """Where a file or folder is stored."""

    path: str
    """The file, or the folder of the files, from the root of the container."""
    indicator: str
    """The file that carries the mark, with the name and the version of the asset that was uploaded first."""
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
    progress: Progress | None = None,
    threads: int | None = None,
) -> Upload:
    """Store a file as `{prefix}/{name of the file}`, a folder as `{prefix}/{name of the folder}/…`.

    `prefix` is `LocalUpload/{digest}` in a datastore, and empty where a container was lent for one code snapshot or one
    asset of a registry. Nothing is uploaded where the mark says that this content is stored. `name` and `version` of
    the asset go into the mark.

    Raises EmptyDirectoryError for a folder without files, AssetException when a file has changed or the place holds
    other content, OSError with its path for a file that cannot be read; then the mark is not set.
    """
    if not source.files:
        raise _empty(source)
    path = "/".join(filter(None, (prefix, source.name)))
    targets = {f"{path}/{file.name}" if source.is_folder else path: file for file in source.files}
    # The official client takes the first file by its local path, links followed, then by where it goes.
    indicator = min(targets, key=lambda target: (targets[target].path.replace(os.sep, "/"), target))
    begun = container.head(indicator)
    if begun is not None and MARK.items() <= begun.metadata.items():
        _refuse_other_content(container, source, path, targets)
        asset = {"name": name, "version": str(version), **begun.metadata}
        return Upload(path, indicator, source.digest, asset["name"], asset["version"], is_new=False)

    def put(target: str) -> None:
        _put(container, target, targets[target], overwrite=begun is not None)

    move_each(list(targets), put, lambda target: targets[target].size, progress, threads)
    container.set_metadata(indicator, {**MARK, "name": name, "version": str(version)})
    return Upload(path, indicator, source.digest, name, str(version), is_new=True)


def _put(container: Container, target: str, file: SourceFile, *, overwrite: bool) -> None:
    """Store one file; what another upload put there meanwhile stays when it is the same, else it is replaced."""
    try:
        with open_source(file) as stream:
            container.put(target, stream, overwrite=overwrite)
    except FileExistsError:
        if not _is_same(container.head(target), file):
            _put(container, target, file, overwrite=True)


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
