"""Conditional headers and ranges: whether a request is to be carried out, and on which bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsdk.backends.memory.storage_errors import StorageError

if TYPE_CHECKING:
    from mlsdk.backends.memory.storage_exchange import Exchange
    from mlsdk.backends.memory.stored_file import StoredFile

RANGE = re.compile(r"bytes=([0-9]{1,18})-([0-9]{0,18})")


def check(exchange: Exchange, etag: str | None, modified: float, *, reading: bool = False, prefix: str = "") -> None:
    """Raise StorageError (304, 412) unless the conditions of a request hold for something; `etag` is None without it.

    `prefix` is `x-ms-source-` for the conditions on what is copied.
    """
    match, none_match = exchange.header(f"{prefix}if-match"), exchange.header(f"{prefix}if-none-match")
    code = "SourceConditionNotMet" if prefix else "ConditionNotMet"
    unmodified = exchange.time(f"{prefix}if-unmodified-since")
    since = exchange.time(f"{prefix}if-modified-since")
    if reading and none_match == "*":
        raise StorageError(400, "UnsatisfiableCondition")
    if match and (etag is None or (match != "*" and etag not in _etags(match))):
        raise StorageError(412, code)
    if etag is None:
        return
    # Dates have seconds; what was changed in the same second was not changed since. An etag goes before a date.
    if not match and unmodified is not None and int(modified) > unmodified:
        raise StorageError(412, code)
    unchanged = etag in _etags(none_match) or (not none_match and since is not None and int(modified) <= since)
    if unchanged or none_match == "*":
        raise StorageError(304 if reading else 412, code)


def check_file(exchange: Exchange, stored: StoredFile | None, *, reading: bool = False) -> None:
    """As `check`, for a file."""
    if stored is None:
        check(exchange, None, 0.0, reading=reading)
    else:
        check(exchange, stored.etag, stored.modified, reading=reading)


def check_new(exchange: Exchange, stored: StoredFile | None) -> None:
    """As `check_file`, for what is put in the place of a file: `If-None-Match: *` is a 409 with a code that says why."""
    if stored is not None and exchange.header("if-none-match") == "*":
        raise StorageError(409, "PathAlreadyExists" if exchange.address.service == "dfs" else "BlobAlreadyExists")
    check_file(exchange, stored)


def _etags(text: str) -> list[str]:
    return [etag.strip().removeprefix("W/").strip('"') for etag in text.split(",")] if text else []


def asked_range(exchange: Exchange, size: int, name: str = "range") -> tuple[int, int] | None:
    """The first byte that is asked for and the one after the last; None for all of them.

    `x-ms-range` goes before `Range`, and what cannot be understood is left alone, as HTTP has it. StorageError (416) for a
    range that begins after the end.
    """
    found = RANGE.fullmatch(exchange.header(f"x-ms-{name}") or exchange.header(name))
    if found is None:
        return None
    begin, last = int(found[1]), int(found[2] or size - 1)
    if begin >= size:
        raise StorageError(416, "InvalidRange", headers={"content-range": f"bytes */{size}"})
    return (begin, min(last + 1, size)) if last >= begin else None
