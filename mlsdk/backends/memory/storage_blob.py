"""Blobs as they are read and written whole: content, ranges, metadata, properties, deletion; and append blobs."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from mlsdk.backends.memory.held import InMemory
from mlsdk.backends.memory.storage_conditions import asked_range, check_file, check_new
from mlsdk.backends.memory.storage_errors import StorageError, header_refused, storage_not_emulated
from mlsdk.backends.memory.storage_exchange import DIGITS, METADATA, described, resource_type, version_of
from mlsdk.backends.memory.stored_file import CONTENT_TYPE

if TYPE_CHECKING:
    from typing import Any

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.held import Held
    from mlsdk.backends.memory.storage_exchange import Exchange
    from mlsdk.backends.memory.stored_file import StoredFile

TIERS = ("Hot", "Cool", "Cold", "Archive")
RANGE_MD5 = 4 << 20
"""Bytes up to which the MD5 of a range can be asked for."""


def get(exchange: Exchange) -> Reply:
    """The content of a blob, or a range of it."""
    stored = exchange.file()
    check_file(exchange, stored, reading=True)
    size = stored.size  # of a log that grows, what is answered is as it is now
    if stored.tier == "Archive":
        raise StorageError(409, "BlobArchived")
    headers = {**_known(exchange, stored), **exchange.overrides()}
    asked = asked_range(exchange, size)
    if "x-ms-range-get-content-md5" in exchange.headers and exchange.headers.keys().isdisjoint(("x-ms-range", "range")):
        raise header_refused(exchange, "x-ms-range-get-content-md5")
    if asked is None:
        return exchange.reply(200, headers, stored.read(0, size))
    begin, end = asked
    content = stored.read(begin, end - begin)
    whole = headers.pop("content-md5", None)
    if whole is not None:
        headers["x-ms-blob-content-md5"] = whole
    if exchange.header("x-ms-range-get-content-md5").lower() == "true":
        if len(content) > RANGE_MD5:
            raise header_refused(exchange, "x-ms-range-get-content-md5")
        headers["content-md5"] = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
    headers["content-range"] = f"bytes {begin}-{end - 1}/{size}"
    return exchange.reply(206, headers, content)


def head(exchange: Exchange) -> Reply:
    """What is known of a blob."""
    stored = exchange.file()
    check_file(exchange, stored, reading=True)
    headers = {**_known(exchange, stored), "content-length": str(stored.size), **exchange.overrides()}
    if stored.type == "BlockBlob":
        headers["x-ms-access-tier"] = stored.tier or "Hot"
        if stored.tier is None:
            headers["x-ms-access-tier-inferred"] = "true"
    return exchange.reply(200, headers)


def _known(exchange: Exchange, stored: StoredFile) -> dict[str, str]:
    typed = {"x-ms-resource-type": resource_type(stored)} if exchange.account.hierarchical else {}
    return {**described(stored), **typed}


def get_metadata(exchange: Exchange) -> Reply:
    """The metadata of a blob, and nothing else that is known of it."""
    stored = exchange.file()
    check_file(exchange, stored, reading=True)
    return exchange.reply(
        200, {**version_of(stored), **{METADATA + name: value for name, value in stored.metadata.items()}}
    )


def put(exchange: Exchange) -> Reply:
    """Store a whole blob; an append blob begins empty."""
    type_ = exchange.header("x-ms-blob-type")
    if type_ not in ("BlockBlob", "AppendBlob"):
        if type_ == "PageBlob":
            raise storage_not_emulated(400, "page blobs")
        raise header_refused(exchange, "x-ms-blob-type")
    if type_ == "AppendBlob" and exchange.body:
        raise header_refused(exchange, "content-length")
    content, digest = exchange.checked_body()
    stored = store(exchange, content, exchange.md5("x-ms-blob-content-md5") or digest, type=type_)
    return exchange.written(201, stored, {"content-md5": base64.b64encode(digest).decode()})


def store(exchange: Exchange, content: bytes | Held, md5: bytes | None, **known: Any) -> StoredFile:
    """Put a blob with the metadata and settings of the request in its place."""
    files = exchange.stored(making=True)
    check_new(exchange, files.get(exchange.path))
    known.setdefault("settings", {"content-type": CONTENT_TYPE, **exchange.settings(plain=True)})
    known.setdefault("metadata", exchange.metadata())
    return files.put(
        exchange.path, content, now=exchange.now, content_md5=md5, tier=asked_tier(exchange) or None, **known
    )


def asked_tier(exchange: Exchange) -> str:
    """The access tier in a header, `""` without one."""
    tier = exchange.header("x-ms-access-tier")
    if tier and tier not in TIERS:
        raise header_refused(exchange, "x-ms-access-tier")
    return tier


def append(exchange: Exchange) -> Reply:
    """Add bytes to an append blob, where the request says it has to end if it says so."""
    stored = exchange.file()
    if stored.type != "AppendBlob":
        raise StorageError(409, "InvalidBlobType")
    check_file(exchange, stored)
    if not exchange.body:
        raise header_refused(exchange, "content-length")
    content, digest = exchange.checked_body()
    size = stored.size
    position, most = exchange.header("x-ms-blob-condition-appendpos"), exchange.header("x-ms-blob-condition-maxsize")
    if position and position != str(size):
        raise StorageError(412, "AppendPositionConditionNotMet")
    if most and not DIGITS.fullmatch(most):
        raise header_refused(exchange, "x-ms-blob-condition-maxsize")
    if most and size + len(content) > int(most):
        raise StorageError(412, "MaxBlobSizeConditionNotMet")
    changed = exchange.stored().change(
        exchange.path,
        exchange.now,
        held=InMemory(stored.content + content),
        content_md5=None,
        blocks=(*stored.blocks, (str(len(stored.blocks)), len(content))),
    )
    headers = {
        "x-ms-blob-append-offset": str(size),
        "x-ms-blob-committed-block-count": str(len(changed.blocks)),
        "content-md5": base64.b64encode(digest).decode(),
    }
    return exchange.written(201, changed, headers)


def set_metadata(exchange: Exchange) -> Reply:
    """Replace the metadata of a blob."""
    check_file(exchange, exchange.file())
    changed = exchange.stored().change(exchange.path, exchange.now, metadata=exchange.metadata())
    return exchange.written(200, changed)


def set_properties(exchange: Exchange) -> Reply:
    """Replace what reading the blob brings; what the request leaves out is cleared, its MD5 too."""
    check_file(exchange, exchange.file())
    if "x-ms-blob-content-length" in exchange.headers or "x-ms-sequence-number-action" in exchange.headers:
        raise storage_not_emulated(400, "page blobs")
    changed = exchange.stored().change(
        exchange.path,
        exchange.now,
        settings={"content-type": CONTENT_TYPE, **exchange.settings()},
        content_md5=exchange.md5("x-ms-blob-content-md5"),
    )
    return exchange.reply(200, version_of(changed))


def set_tier(exchange: Exchange) -> Reply:
    """Move a blob to another access tier, at once; its etag stays."""
    stored, tier = exchange.file(), asked_tier(exchange)
    if not tier:
        raise header_refused(exchange, "x-ms-access-tier")
    if stored.type != "BlockBlob":
        raise StorageError(400, "AccessTierNotSupportedForBlobType")
    exchange.stored().retier(exchange.path, tier)
    return exchange.reply(200)


def delete(exchange: Exchange) -> Reply:
    """Delete a blob for good; of folders, where they are real, only an empty one."""
    stored, files, snapshots = exchange.file(), exchange.stored(), exchange.header("x-ms-delete-snapshots")
    if snapshots not in ("", "include", "only"):
        raise header_refused(exchange, "x-ms-delete-snapshots")
    check_file(exchange, stored)
    if files.hierarchical and stored.is_folder:
        if snapshots:
            raise StorageError(400, "OperationNotSupportedOnDirectory")
        if files.names(f"{exchange.path}/"):
            raise StorageError(409, "DirectoryIsNotEmpty")
    if snapshots == "only":
        return exchange.reply(202, {"x-ms-delete-type-permanent": "true"})  # there are none
    files.remove(exchange.path)
    return exchange.reply(202, {"x-ms-delete-type-permanent": "true"})
