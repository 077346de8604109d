"""Copies within one backend: of a whole blob, or of a part of one into a block; done when the answer is there."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from mlsdk.backends.memory.clock import http_date
from mlsdk.backends.memory.storage_authorization import authorize
from mlsdk.backends.memory.storage_blob import store
from mlsdk.backends.memory.storage_conditions import asked_range, check
from mlsdk.backends.memory.storage_errors import StorageError, header_refused, storage_not_emulated
from mlsdk.backends.memory.storage_exchange import Exchange

if TYPE_CHECKING:
    from mlsdk.backends import Reply
    from mlsdk.backends.memory.stored_file import StoredFile


def copy(exchange: Exchange) -> Reply:
    """Make a blob of another one, with its metadata unless the request brings some."""
    source = _source(exchange)
    held = source.held.copied()
    told = {
        "x-ms-copy-id": str(uuid.uuid4()),
        "x-ms-copy-source": exchange.header("x-ms-copy-source").partition("?")[0],
        "x-ms-copy-status": "success",
        "x-ms-copy-progress": f"{held.size}/{held.size}",
        "x-ms-copy-completion-time": http_date(exchange.now),
    }
    stored = store(
        exchange,
        held,
        source.content_md5,
        type=source.type,
        settings=dict(source.settings),
        metadata=exchange.metadata() or dict(source.metadata),
        blocks=source.blocks,
        origin=source.origin,
        copied=told,
    )
    answered = {name: told[name] for name in ("x-ms-copy-id", "x-ms-copy-status")}
    return exchange.written(202, stored, answered)


def abort(exchange: Exchange) -> Reply:
    """Never: a copy is done when it is answered, so that none is under way."""
    exchange.file()
    raise StorageError(409, "NoPendingCopyOperation")


def put_from_url(exchange: Exchange) -> Reply:
    """Make a block blob of another blob's content."""
    source = _source(exchange)
    brings = exchange.header("x-ms-copy-source-blob-properties").lower() != "false"
    settings = {**(source.settings if brings else {}), **exchange.settings()}
    metadata = exchange.metadata() or dict(source.metadata)
    stored = store(
        exchange,
        source.held.copied(),
        source.content_md5,
        settings=settings,
        metadata=metadata,
        origin=source.origin,
    )
    return exchange.written(201, stored)


def source_content(exchange: Exchange) -> bytes:
    """What stands at the address that the request names, or the range of it that it names."""
    source = _source(exchange)
    asked = asked_range(exchange, source.size, "source-range")
    return source.content if asked is None else source.read(asked[0], asked[1] - asked[0])


def _source(exchange: Exchange) -> StoredFile:
    """The blob to copy. StorageError: 404 without it, 403 when the request may not read it, 400 outside this backend."""
    url = exchange.header("x-ms-copy-source")
    granted = exchange.header("x-ms-copy-source-authorization")
    try:
        source = Exchange(exchange.backend, "GET", url, {"authorization": granted} if granted else {}, None)
    except ValueError:
        raise header_refused(exchange, "x-ms-copy-source") from None
    account = exchange.backend.state.accounts.get(source.address.account)
    if account is None:
        raise storage_not_emulated(400, f"copies from {source.address}, which is in no account of this backend")
    source.enter(account)
    source.refuse_unknown()
    try:
        if account is not exchange.account or "sig" in source.params:
            authorize(source, account, "r")
        found = source.file()
    except StorageError as error:  # the code says that it is the source that is meant, the rest why
        raise StorageError(error.status, "CannotVerifyCopySource", error.message, details=error.details) from None
    check(exchange, found.etag, found.modified, prefix="x-ms-source-")
    return found
