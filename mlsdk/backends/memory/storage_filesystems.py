"""File systems of the data lake, and lists of them and of the paths in them."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory import storage_containers
from mlsdk.backends.memory.clock import http_date
from mlsdk.backends.memory.storage_errors import StorageError, header_refused, parameter_refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.storage_exchange import Exchange
    from mlsdk.backends.memory.stored_file import StoredFile
    from mlsdk.backends.memory.stored_files import StoredFiles

OWNER = {"owner": "$superuser", "group": "$superuser"}
FILE_PERMISSIONS = "rw-r-----"
FOLDER_PERMISSIONS = "rwxr-x---"
"""What every path has whose access was not changed, and changing it is not emulated."""
TICKS_TO_1970 = 116_444_736_000_000_000
"""From the first day of 1601, in units of 100 ns."""


def list_filesystems(exchange: Exchange) -> Reply:
    """The file systems of an account by name."""
    limit = exchange.number("maxresults", storage_containers.MOST)
    found, following = storage_containers.page_of_containers(exchange, limit, _start(exchange))
    shown = [
        {"name": name, "etag": files.etag, "lastModified": http_date(files.modified or 0.0)} for name, files in found
    ]
    return exchange.json({"filesystems": shown}, {} if following is None else {"x-ms-continuation": following})


def create_filesystem(exchange: Exchange) -> Reply:
    """Make a file system, which is a container."""
    made = storage_containers.make(exchange, "FilesystemAlreadyExists")
    made.metadata = metadata_of(exchange)
    return exchange.reply(201, _described(made))


def head_filesystem(exchange: Exchange) -> Reply:
    """What is known of a file system."""
    found = exchange.stored()
    return exchange.reply(200, {**_described(found), "x-ms-properties": as_properties(found.metadata)})


def delete_filesystem(exchange: Exchange) -> Reply:
    """Delete a file system with all that is in it, at once."""
    return storage_containers.delete(exchange)


def list_paths(exchange: Exchange) -> Reply:
    """The paths below a folder by name, all of them or only those directly in it, page by page."""
    files, folder = exchange.stored(), exchange.param("directory").strip("/")
    if folder and not files.is_folder(folder):
        raise StorageError(404, "PathNotFound")
    recursive = exchange.param("recursive").lower()
    if recursive not in ("true", "false"):
        raise parameter_refused(exchange, "recursive")
    entries = sorted(_below(files, folder, recursive=recursive == "true"), key=lambda entry: entry[0])
    limit = exchange.number("maxresults", storage_containers.MOST)
    begin = bisect_left([name for name, _ in entries], _start(exchange))
    page = entries[begin : begin + limit]
    following = {}
    if begin + limit < len(entries):
        following["x-ms-continuation"] = storage_containers.marker(entries[begin + limit][0])
    paths = [_listed(name, stored, files.modified or 0.0) for name, stored in page]
    return exchange.json({"paths": paths}, {**_filesystem_version(files), **following})


def _below(files: StoredFiles, folder: str, *, recursive: bool) -> Iterator[tuple[str, StoredFile | None]]:
    """The paths below a folder; None with those folders that are there only because something is in them."""
    begin, seen = f"{folder}/" if folder else "", set[str]()
    for name in files.names(begin):
        parts = name[len(begin) :].split("/")
        for depth in range(1, len(parts) if recursive else min(len(parts), 2)):
            above = begin + "/".join(parts[:depth])
            if above not in seen and above not in files.files:
                seen.add(above)
                yield above, None
        stored = files.get(name) if name != begin and (recursive or len(parts) == 1) else None
        if stored is not None:
            yield name, stored


def _listed(name: str, stored: StoredFile | None, now: float) -> dict[str, Any]:
    """A path as lists show it; numbers and booleans are text there."""
    folder = stored is None or stored.is_folder
    modified, created = (now, now) if stored is None else (stored.modified, stored.created)
    entry = {
        "name": name,
        "contentLength": str(stored.size if stored is not None else 0),
        "creationTime": str(int(created * 10_000_000) + TICKS_TO_1970),
        "lastModified": http_date(modified),
        "permissions": FOLDER_PERMISSIONS if folder else FILE_PERMISSIONS,
        **OWNER,
    }
    if stored is not None:
        entry["etag"] = stored.etag
    if folder:
        entry["isDirectory"] = "true"
    return entry


def metadata_of(exchange: Exchange) -> dict[str, str]:
    """The metadata in `x-ms-properties`: `name=value,name=value`, the values in Base64."""
    found = {}
    for pair in filter(None, exchange.header("x-ms-properties").split(",")):
        name, _, value = pair.partition("=")
        try:
            found[name.strip()] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise header_refused(exchange, "x-ms-properties") from None
    return found


def as_properties(metadata: Mapping[str, str]) -> str:
    """Metadata as `x-ms-properties` has it."""
    return ",".join(f"{name}={base64.b64encode(value.encode()).decode()}" for name, value in metadata.items())


def _start(exchange: Exchange) -> str:
    return storage_containers.marked(exchange, "continuation")


def _described(files: StoredFiles) -> dict[str, str]:
    return {**_filesystem_version(files), "x-ms-namespace-enabled": "true" if files.hierarchical else "false"}


def _filesystem_version(files: StoredFiles) -> dict[str, str]:
    return {"etag": f'"{files.etag}"', "last-modified": http_date(files.modified or 0.0)}
