"""Data Lake Storage: the same files as blobs, in folders, written by appending and flushing, and renamed."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import attrs

from mlsdk.backends.memory import storage_blob, storage_filesystems
from mlsdk.backends.memory.held import InMemory
from mlsdk.backends.memory.storage_authorization import authorize
from mlsdk.backends.memory.storage_conditions import check, check_file, check_new
from mlsdk.backends.memory.storage_errors import StorageError, header_refused, parameter_refused, storage_not_emulated
from mlsdk.backends.memory.storage_exchange import DIGITS, Exchange, described, resource_type, version_of
from mlsdk.backends.memory.storage_filesystems import (
    FILE_PERMISSIONS,
    FOLDER_PERMISSIONS,
    OWNER,
    as_properties,
    metadata_of,
)
from mlsdk.backends.memory.stored_file import CONTENT_TYPE, FOLDER_MARK

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.stored_file import StoredFile
    from mlsdk.backends.memory.stored_files import StoredFiles

HIERARCHICAL_ONLY = ("getaccesscontrol", "setaccesscontrol", "setaccesscontrolrecursive", "setexpiry", "undelete")
"""What the service does only where names are hierarchical; it is not emulated there."""

# Files and folders.


def create_file(exchange: Exchange) -> Reply:
    """Make an empty file, in the place of one of the same path; folders above it come with it."""
    files = exchange.stored(making=True)
    check_new(exchange, files.get(exchange.path))
    if files.is_folder(exchange.path):
        raise StorageError(409, "PathConflict")
    files.make_folders(exchange.path, exchange.now)
    settings = {"content-type": CONTENT_TYPE, **exchange.settings()}
    # The data lake knows no MD5 of what is appended but the one that a flush brings.
    stored = files.put(
        exchange.path, b"", metadata_of(exchange), exchange.now, settings=settings, content_md5=None
    )  # fmt: skip
    return exchange.written(201, stored)


def create_folder(exchange: Exchange) -> Reply:
    """Make a folder unless it is there; what is in it stays."""
    files = exchange.stored(making=True)
    stored = files.get(exchange.path)
    check_new(exchange, stored)
    if stored is not None and not stored.is_folder:
        raise StorageError(409, "PathConflict")
    files.make_folders(exchange.path, exchange.now)
    return exchange.written(201, files.make_folder(exchange.path, metadata_of(exchange), exchange.now))


def append(exchange: Exchange) -> Reply:
    """Keep bytes for a place in a file until they are flushed; with `flush=true` that is at once."""
    files, stored = exchange.stored(), _file(exchange)
    position = _position(exchange)
    if position < stored.size:
        raise StorageError(400, "InvalidFlushPosition")
    content, digest = exchange.checked_body()
    if exchange.param("flush").lower() == "true":
        check_file(exchange, stored)
    files.appended[exchange.path] = {**files.appended.get(exchange.path, {}), position: content}
    headers = {"content-md5": base64.b64encode(digest).decode(), "x-ms-request-server-encrypted": "true"}
    if exchange.param("flush").lower() != "true":
        return exchange.reply(202, headers)
    return exchange.reply(202, {**headers, **version_of(_flush(exchange, files, stored, position + len(content)))})


def flush(exchange: Exchange) -> Reply:
    """Make what was appended part of the file, up to the length that the request says it has to have then."""
    stored = _file(exchange)
    check_file(exchange, stored)
    return exchange.written(200, _flush(exchange, exchange.stored(), stored, _position(exchange)))


def _flush(exchange: Exchange, files: StoredFiles, stored: StoredFile, length: int) -> StoredFile:
    waiting = files.appended.get(exchange.path, {})
    content = stored.content
    pieces, reached = [content], len(content)
    for position in sorted(waiting):
        if position != reached:
            raise StorageError(400, "InvalidFlushPosition")
        pieces.append(waiting[position])
        reached += len(waiting[position])
    if reached != length:
        raise StorageError(400, "InvalidFlushPosition")
    files.appended.pop(exchange.path, None)
    return files.change(
        exchange.path,
        exchange.now,
        held=InMemory(b"".join(pieces)),
        content_md5=exchange.md5("x-ms-content-md5"),
        settings={**stored.settings, **exchange.settings()},
    )


def set_properties(exchange: Exchange) -> Reply:
    """Replace the metadata of a path, and what reading it brings."""
    stored = exchange.file()
    check_file(exchange, stored)
    changes: dict[str, Any] = {"settings": {**stored.settings, **exchange.settings()}}
    if "x-ms-properties" in exchange.headers:
        changes["metadata"] = metadata_of(exchange)
    return exchange.written(200, exchange.stored().change(exchange.path, exchange.now, **changes))


def head(exchange: Exchange) -> Reply:
    """What is known of a path."""
    files = exchange.stored()
    stored = files.get(exchange.path)
    if stored is None and files.is_folder(exchange.path):
        return exchange.reply(200, {"x-ms-resource-type": "directory", "content-length": "0"})
    stored = exchange.file()
    check_file(exchange, stored, reading=True)
    return exchange.reply(200, {**_told(stored), "content-length": str(stored.size)})


def read(exchange: Exchange) -> Reply:
    """The content of a file, or a range of it."""
    stored = _file(exchange)
    reply = storage_blob.get(exchange)
    headers = {name: value for name, value in reply.headers.items() if not name.startswith("x-ms-meta-")}
    return attrs.evolve(reply, headers={**headers, **_told(stored)})  # noqa: TID251 -- no entity


def delete(exchange: Exchange) -> Reply:
    """Delete a file, or a folder: with what is in it only when the request says so."""
    files = exchange.stored()
    inside = files.names(f"{exchange.path}/")
    stored = files.get(exchange.path)
    if stored is None and not inside:
        raise StorageError(404, "PathNotFound")
    check_file(exchange, stored)
    if inside and exchange.param("recursive").lower() != "true":
        raise StorageError(409, "DirectoryNotEmpty")
    for name in [*inside, *([exchange.path] if stored is not None else [])]:
        files.remove(name)
    return exchange.reply(200, {"x-ms-delete-type-permanent": "true"})


def rename(exchange: Exchange) -> Reply:
    """Move a file, or a folder with what is in it, to another path; a file that is there is replaced."""
    source = _renamed(exchange)
    old, files = source.path, exchange.stored()
    origin = source.stored()
    inside, moved = origin.names(f"{old}/"), origin.get(old)
    if moved is None and not inside:
        raise StorageError(404, "SourcePathNotFound")
    if moved is not None:
        check(exchange, moved.etag, moved.modified, prefix="x-ms-source-")
    there = files.get(exchange.path)
    check_new(exchange, there)
    if (source.container, old) == (exchange.container, exchange.path):
        return exchange.reply(201)
    if files is origin and exchange.path.startswith(f"{old}/"):
        raise StorageError(409, "InvalidRenameSourcePath")
    if files.names(f"{exchange.path}/"):
        raise StorageError(409, "PathAlreadyExists")
    if there is not None and there.is_folder != (moved is None or moved.is_folder):
        raise StorageError(409, "InvalidSourceOrDestinationResourceType")
    above = exchange.path.rpartition("/")[0]
    if files.hierarchical and above and not files.is_folder(above):
        raise StorageError(404, "RenameDestinationParentPathNotFound")
    files.make_folders(exchange.path, exchange.now)
    for name in [*([old] if moved is not None else []), *inside]:
        kept = origin.files[name]
        origin.remove(name)
        files.take(kept, exchange.path + name[len(old) :])
    stored = files.get(exchange.path)
    return exchange.reply(201, version_of(stored) if stored is not None else {})


def _renamed(exchange: Exchange) -> Exchange:
    """The path that is to be moved, within the same account; StorageError (403) when the request may not."""
    text = exchange.header("x-ms-rename-source")
    address = exchange.address
    try:
        named = urlsplit(text).path
        source = Exchange(exchange.backend, "DELETE", f"{address.scheme}://{address.host}/{text.lstrip('/')}", {}, None)
    except ValueError:  # an address that is none
        raise header_refused(exchange, "x-ms-rename-source") from None
    source.container, _, path = unquote(named).strip("/").partition("/")
    source.path = path.strip("/")
    source.enter(exchange.account)
    if not source.path:
        raise header_refused(exchange, "x-ms-rename-source")
    if "sig" in source.params:
        authorize(source, exchange.account, "d")
    return source


# Inside.


def _file(exchange: Exchange) -> StoredFile:
    """The file; StorageError (404, 409) when there is none, or a folder."""
    if exchange.stored().is_folder(exchange.path):
        raise StorageError(409, "ResourceTypeMismatch")
    return exchange.file()


def _told(stored: StoredFile) -> dict[str, str]:
    """The headers that reading a path brings."""
    headers = {name: value for name, value in described(stored).items() if not name.startswith("x-ms-meta-")}
    metadata = {name: value for name, value in stored.metadata.items() if name != FOLDER_MARK}
    headers["x-ms-resource-type"] = resource_type(stored)
    headers["x-ms-properties"] = as_properties(metadata)
    headers["x-ms-permissions"] = FOLDER_PERMISSIONS if stored.is_folder else FILE_PERMISSIONS
    return {**headers, **{f"x-ms-{name}": value for name, value in OWNER.items()}}


def _position(exchange: Exchange) -> int:
    text = exchange.param("position")
    if not DIGITS.fullmatch(text):
        raise parameter_refused(exchange, "position")
    return int(text)


# What is asked for.

OPERATIONS: dict[tuple[str, str, str], tuple[Callable[[Exchange], Reply], str]] = {
    ("service", "GET", "account"): (storage_filesystems.list_filesystems, "l"),
    ("container", "PUT", "filesystem"): (storage_filesystems.create_filesystem, "cw"),
    ("container", "HEAD", "filesystem"): (storage_filesystems.head_filesystem, "r"),
    ("container", "GET", "filesystem"): (storage_filesystems.list_paths, "l"),
    ("container", "DELETE", "filesystem"): (storage_filesystems.delete_filesystem, "d"),
    ("object", "PUT", "file"): (create_file, "cw"),
    ("object", "PUT", "directory"): (create_folder, "cw"),
    ("object", "PATCH", "append"): (append, "aw"),
    ("object", "PATCH", "flush"): (flush, "aw"),
    ("object", "PATCH", "setproperties"): (set_properties, "w"),
    ("object", "HEAD", ""): (head, "r"),
    ("object", "HEAD", "getstatus"): (head, "r"),
    ("object", "GET", ""): (read, "r"),
    ("object", "DELETE", ""): (delete, "d"),
}
"""What the data lake does, by what is addressed, method and `resource` or `action`, and the letters of a signature that
allow it."""


def operation(exchange: Exchange) -> tuple[Callable[[Exchange], Reply], str]:
    """What is to be done; StorageError (400) when it is not emulated."""
    exchange.path = exchange.path.strip("/")
    asked = (
        exchange.param("action") or exchange.param("resource") or exchange.param("comp") or exchange.param("restype")
    )
    if exchange.method == "PUT" and "x-ms-rename-source" in exchange.headers:
        return rename, "cw"
    found = OPERATIONS.get((exchange.target.scope, exchange.method, asked.lower()))
    if found is None:
        if asked.lower() in HIERARCHICAL_ONLY and not exchange.account.hierarchical:
            raise StorageError(400, "HierarchicalNamespaceNotEnabled")
        raise storage_not_emulated(400, f"{exchange.method} of a data lake {exchange.target.scope} with '{asked}'")
    return found
