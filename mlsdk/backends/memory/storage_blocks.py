"""Blobs in blocks: blocks wait, and a list of them makes a blob."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from mlsdk.backends.memory import storage_xml
from mlsdk.backends.memory.storage_blob import store
from mlsdk.backends.memory.storage_copy import source_content
from mlsdk.backends.memory.storage_errors import StorageError, header_refused, parameter_refused

if TYPE_CHECKING:
    from mlsdk.backends import Reply
    from mlsdk.backends.memory.storage_exchange import Exchange

NAME_BYTES = 64
MOST = 50_000
"""How many blocks a blob may have."""


def put_block(exchange: Exchange) -> Reply:
    """Keep a block until a list names it: what was sent, or what stands at `x-ms-copy-source`."""
    name = exchange.param("blockid")
    length = _length(exchange, name)
    files = exchange.stored(making=True)
    stored = files.get(exchange.path)
    if stored is not None and stored.type != "BlockBlob":
        raise StorageError(409, "InvalidBlobType")
    if "x-ms-copy-source" in exchange.headers:
        exchange.body = source_content(exchange)
    if not exchange.body:
        raise header_refused(exchange, "content-length")
    content, digest = exchange.checked_body()
    waiting = files.staged.get(exchange.path, {})
    if any(_length(exchange, other) != length for other in waiting):
        raise StorageError(400, "InvalidBlobOrBlock")
    files.staged[exchange.path] = {**waiting, name: content}
    headers = {"content-md5": base64.b64encode(digest).decode(), "x-ms-request-server-encrypted": "true"}
    return exchange.reply(201, headers)


def put_block_list(exchange: Exchange) -> Reply:
    """Make a blob of blocks, in the order of the list; what else waited for it is forgotten."""
    exchange.checked_body()
    wanted = storage_xml.read_block_list(exchange.body)
    if len(wanted) > MOST:
        raise StorageError(400, "BlockListTooLong")
    files = exchange.stored(making=True)
    before = files.get(exchange.path)
    if before is not None and before.type != "BlockBlob":
        raise StorageError(409, "InvalidBlobType")
    waiting, committed, offset = files.staged.get(exchange.path, {}), dict[str, bytes](), 0
    for name, size in before.blocks if before is not None else ():
        committed[name] = before.read(offset, size) if before is not None else b""
        offset += size
    pieces = []
    for where, name in wanted:
        found = waiting.get(name) if where != "Committed" else None
        if found is None and where != "Uncommitted":
            found = committed.get(name)
        if found is None:
            raise StorageError(400, "InvalidBlockList")
        pieces.append((name, found))
    stored = store(
        exchange,
        b"".join(content for _, content in pieces),
        exchange.md5("x-ms-blob-content-md5"),
        # The body of this request is a document of its own; only what is said of the blob counts.
        settings={"content-type": "application/octet-stream", **exchange.settings()},
        blocks=tuple((name, len(content)) for name, content in pieces),
    )
    return exchange.written(201, stored)


def get_block_list(exchange: Exchange) -> Reply:
    """The blocks a blob consists of, those that wait for it, or both."""
    kind = (exchange.param("blocklisttype") or "committed").lower()
    if kind not in ("committed", "uncommitted", "all"):
        raise parameter_refused(exchange, "blocklisttype")
    files = exchange.stored()
    stored, waiting = files.get(exchange.path), files.staged.get(exchange.path)
    if stored is None and waiting is None:
        raise StorageError(404, "BlobNotFound")
    headers = {"x-ms-blob-content-length": str(stored.size if stored is not None else 0)}
    if stored is not None:
        headers["etag"] = f'"{stored.etag}"'
    text = storage_xml.block_list(
        (stored.blocks if stored is not None else ()) if kind != "uncommitted" else None,
        [(name, len(content)) for name, content in (waiting or {}).items()] if kind != "committed" else None,
    )
    return exchange.xml(text, headers)


def _length(exchange: Exchange, name: str) -> int:
    """How many bytes a block's name has; StorageError (400) when it is none."""
    try:
        length = len(base64.b64decode(name, validate=True))
    except (binascii.Error, ValueError):
        length = 0
    if not 0 < length <= NAME_BYTES:
        raise parameter_refused(exchange, "blockid")
    return length
