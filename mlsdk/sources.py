"""The files of a local file or folder that an upload takes, as they were when they were looked at."""

# Paths as text: for thousands of files they are several times as fast as Path objects.
# ruff: noqa: PTH100, PTH112, PTH113, PTH116, PTH119

from __future__ import annotations

import io
import os
import stat
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Buffer

    from mlsdk.ignore import IgnoreRules


@attrs.frozen
class SourceFile:
    """One local file."""

    name: str
    """Its path inside the folder with `/` between the parts; of a single file, its name. Links keep their own name."""
    path: str
    """Where the content is: absolute, without symbolic links."""
    size: int
    """Bytes."""
    modified: int
    """When it was last written, in nanoseconds."""


@attrs.frozen
class Source:
    """A file or folder that was hashed, with what an upload of it has to store."""

    name: str
    """The last part of the path: a file's own, a folder's where a link to it leads."""
    is_folder: bool
    digest: str
    """The hash of the content, hexadecimal."""
    files: tuple[SourceFile, ...]
    unhashed: frozenset[str] = frozenset()
    """Names of files that are stored although `digest` leaves them out: those which an ignore file takes back in
    (`!keep/me`) from a folder that it left out. The official client has the same gap."""

    @property
    def size(self) -> int:
        """Bytes in all files."""
        return sum(file.size for file in self.files)


def existing(path: str | os.PathLike[str]) -> str:
    """The path as text, where there is a file or a folder; ValidationException where there is none."""
    text = os.fspath(path)
    if os.path.isfile(text) or os.path.isdir(text):
        return text
    from mlsdk.exceptions import ErrorTarget, ValidationErrorType, ValidationException

    message = f"No such file or directory: {os.path.abspath(text)}"
    raise ValidationException(
        message,
        "No such file or directory",
        target=ErrorTarget.ARTIFACT,
        error_type=ValidationErrorType.FILE_OR_FOLDER_NOT_FOUND,
    )


def single_file(path: str) -> SourceFile:
    """A file on its own; its name is that of the file a link leads to."""
    real = os.path.realpath(path)
    return _file(os.path.basename(real), real, os.stat(real))


def folder_files(folder: str, rules: IgnoreRules) -> list[SourceFile]:
    """The files below a folder that `rules` do not leave out, links followed, a folder's own files before deeper ones.

    As in the official client, rules are asked for files only, and for those behind a link to a folder with the path
    that they really have. ValidationException for what can never be stored: a link to nothing, a pipe, a link that
    leads back to a folder around it.
    """
    found: list[SourceFile] = []
    real = os.path.realpath(folder)
    _collect(real, "", rules, (real,), found)
    return found


def _collect(folder: str, below: str, rules: IgnoreRules, above: tuple[str, ...], found: list[SourceFile]) -> None:
    """Add the files in `folder`, which the upload calls `below`; `above` are the real paths of the folders around."""
    folders = []
    prefix = rules.prefix(folder)
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                folders.append(entry)
            elif not rules.exclude(prefix + entry.name):
                found.append(_entry(entry, below + entry.name))
    for entry in folders:
        inside = linked_folder(entry.path, above) if entry.is_symlink() else entry.path
        _collect(inside, f"{below}{entry.name}/", rules, (*above, inside), found)


def _entry(entry: os.DirEntry[str], name: str) -> SourceFile:
    if not entry.is_symlink():
        return _file(name, entry.path, entry.stat())
    path = os.path.realpath(entry.path)
    try:
        return _file(name, path, os.stat(path))
    except OSError as error:
        message = f"{entry.path} is a link to {path}, which cannot be read: {error.strerror}"
        raise unusable(message) from error


def _file(name: str, path: str, status: os.stat_result) -> SourceFile:
    if not stat.S_ISREG(status.st_mode):
        message = f"{path} is neither a file nor a folder; remove it, or leave it out by an .amlignore"
        raise unusable(message)
    return SourceFile(name, path, status.st_size, status.st_mtime_ns)


def linked_folder(link: str, above: tuple[str, ...]) -> str:
    """Where a link to a folder leads; ValidationException when that is a folder around the link."""
    target = os.path.realpath(link)
    if target in above:
        message = f"{link} is a link back to {target}, so the folder has no end; remove the link"
        raise unusable(message)
    return target


def unusable(message: str) -> Exception:
    """A ValidationException about local files."""
    from mlsdk.exceptions import ErrorTarget, ValidationException

    return ValidationException(message, "A local file cannot be used.", target=ErrorTarget.ARTIFACT)


class SourceStream(io.FileIO):
    """A file opened for an upload, which can be read to its end only if it still is what was looked at.

    What reads it stores all or nothing, so nothing that differs from the hash is stored.
    """

    def __init__(self, file: SourceFile, step: Callable[[int], None] | None = None) -> None:
        super().__init__(file.path)
        self._file = file
        self._step = step
        try:
            self._check()
        except BaseException:
            self.close()
            raise

    def readinto(self, buffer: Buffer, /) -> int:
        """Read into `buffer`. AssetException when the file has changed."""
        count = super().readinto(buffer)
        if not count or self.tell() >= self._file.size:
            self._check()
        if self._step is not None and count:
            self._step(count)
        return count

    def readall(self) -> bytes:
        """Read the rest. AssetException when the file has changed."""
        if self._step is not None:
            self._step(0)  # what else has failed stops this before it is read
        content = super().readall()
        self._check()
        if self._step is not None and content:
            self._step(len(content))
        return content

    def _check(self) -> None:
        status = os.fstat(self.fileno())
        if (status.st_size, status.st_mtime_ns) == (self._file.size, self._file.modified):
            return
        from mlsdk.exceptions import AssetException, ErrorCategory, ErrorTarget

        message = (
            f"{self._file.path} changed while it was being uploaded; "
            "try again when nothing writes to it, or leave it out by an .amlignore"
        )
        raise AssetException(
            message,
            "A file changed while it was being uploaded.",
            target=ErrorTarget.ARTIFACT,
            error_category=ErrorCategory.USER_ERROR,
        )


def open_source(file: SourceFile, step: Callable[[int], None] | None = None) -> io.BufferedReader:
    """Open a file for an upload; `step` is called with the bytes of each piece that is read.

    AssetException when it is not what was looked at, OSError when it cannot be read.
    """
    return io.BufferedReader(SourceStream(file, step), 1 << 16)
