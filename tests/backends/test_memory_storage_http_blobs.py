"""Blob Storage over HTTP: blobs as they are read, changed, deleted and copied."""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from storage_clients import BLOBS, code

if TYPE_CHECKING:
    from storage_clients import Http

MD5 = base64.b64encode(hashlib.md5(b"0123456789", usedforsecurity=False).digest()).decode()
BLOB = {"x-ms-blob-type": "BlockBlob"}


@pytest.mark.parametrize(
    ("asked", "status", "content", "told"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=8-", 206, b"89", "bytes 8-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=9-9", 206, b"9", "bytes 9-9/10"),
        ("bytes=10-", 416, None, "bytes */10"),
        ("bytes=5-2", 200, b"0123456789", None),
        ("bytes=-2", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
@pytest.mark.parametrize("header", ["Range", "x-ms-range"])
def test_ranges(http: Http, header: str, asked: str, status: int, content: bytes | None, told: str | None) -> None:
    """A range is answered with 206 and where it lies, one after the end with 416, and what is none with everything."""
    reply = http("GET", "/con/ten", {header: asked})
    assert reply.status == status
    assert reply.headers.get("content-range") == told
    if content is None:
        assert code(reply) == "InvalidRange"
        return
    assert reply.body == content
    assert reply.headers["content-length"] == str(len(content))
    assert reply.headers["x-ms-blob-content-md5" if status == 206 else "content-md5"] == MD5


def test_ranges_are_told_apart(http: Http) -> None:
    """`x-ms-range` goes before `Range`, nothing of an empty blob can be asked for, and a range has an MD5 on demand."""
    headers = {"x-ms-range": "bytes=1-1", "Range": "bytes=2-2", "x-ms-range-get-content-md5": "true"}
    reply = http("GET", "/con/ten", headers)
    assert reply.body == b"1"
    digest = hashlib.md5(b"1", usedforsecurity=False).digest()
    assert reply.headers["content-md5"] == base64.b64encode(digest).decode()
    http.put("/con/empty")
    assert http("GET", "/con/empty", {"Range": "bytes=0-0"}).status == 416
    assert http("GET", "/con/empty").status == 200
    http.put("/con/large", bytes(5 << 20))
    refused = http("GET", "/con/large", {"x-ms-range": "bytes=0-", "x-ms-range-get-content-md5": "true"})
    assert code(refused) == "InvalidHeaderValue"


@pytest.mark.parametrize(
    ("condition", "reading", "writing"),
    [
        ("If-Match: ETAG", 200, 200),
        ('If-Match: "0x1", ETAG', 200, 200),
        ("If-Match: *", 200, 200),
        ("If-Match: *; If-Unmodified-Since: BEFORE", 200, 200),
        ('If-None-Match: "0x1"; If-Modified-Since: SAME', 200, 200),
        ('If-Match: "0x1"', 412, 412),
        ("If-None-Match: ETAG", 304, 412),
        ('If-None-Match: "0x1"', 200, 200),
        ("If-Modified-Since: BEFORE", 200, 200),
        ("If-Modified-Since: SAME", 304, 412),
        ("If-Unmodified-Since: BEFORE", 412, 412),
        ("If-Unmodified-Since: SAME", 200, 200),
    ],
)
def test_conditions(http: Http, condition: str, reading: int, writing: int) -> None:
    """A condition that does not hold is 304 for who reads what has not changed, else 412."""
    known = http("HEAD", "/con/ten").headers
    words = {"ETAG": known["etag"], "SAME": known["last-modified"], "BEFORE": "Tue, 31 Dec 2024 00:00:00 GMT"}
    for word, value in words.items():
        condition = condition.replace(word, value)
    headers = dict(one.split(": ", 1) for one in condition.split("; "))
    read = http("GET", "/con/ten", headers)
    assert read.status == reading
    if reading == 304:
        assert read.body is None
    assert http("HEAD", "/con/ten", headers).status == reading
    assert http("PUT", "/con/ten?comp=metadata", headers).status == writing


def test_what_a_blob_is_read_with(http: Http) -> None:
    """Reading brings content, type, MD5, metadata in its own case, etag and dates; HEAD the same without the content."""
    http.put("/con/a%20b/%C3%A4?x=1", b"text", x_ms_blob_content_type="text/plain", x_ms_meta_Author="me")
    read, head = http("GET", "/con/a b/ä"), http("HEAD", "/con/a%20b/%C3%A4")
    assert read.body == b"text"
    assert head.body is None
    for reply in (read, head):
        told = reply.headers
        assert told["content-length"] == "4"
        assert told["content-type"] == "text/plain"
        assert told["x-ms-meta-Author"] == "me"
        assert told["x-ms-blob-type"] == "BlockBlob"
        assert told["x-ms-server-encrypted"] == "true"
        assert told["last-modified"] == told["x-ms-creation-time"] == "Wed, 01 Jan 2025 00:00:00 GMT"
        assert told["etag"].startswith('"0x8')
    assert head.headers["x-ms-access-tier-inferred"] == "true"


def test_every_reply_can_be_traced(http: Http) -> None:
    """Each reply has an id of its own, the client's, the version asked for, and a date by the backend's clock."""
    asked = {"x-ms-version": "2024-11-04", "x-ms-client-request-id": "mine"}
    first, second = (http("GET", f"/con/{name}", asked) for name in ("ten", "none"))
    assert first.headers["x-ms-request-id"] != second.headers["x-ms-request-id"]
    for reply in (first, second):
        assert reply.headers["x-ms-version"] == "2024-11-04"
        assert reply.headers["x-ms-client-request-id"] == "mine"
        assert reply.headers["date"] == "Wed, 01 Jan 2025 00:00:00 GMT"


def test_metadata_and_properties_are_replaced(http: Http) -> None:
    """Setting metadata leaves the rest; setting properties clears what is left out; both change the etag, a tier does not."""
    http.put("/con/blob", b"x", x_ms_blob_cache_control="no-store", x_ms_meta_a="1")
    etags = [http("HEAD", "/con/blob").headers["etag"]]
    assert http("PUT", "/con/blob?comp=metadata", {"x-ms-meta-b": "2"}).status == 200
    told = http("GET", "/con/blob?comp=metadata").headers
    assert told["x-ms-meta-b"] == "2"
    assert "x-ms-meta-a" not in told
    etags.append(told["etag"])
    assert http("HEAD", "/con/blob").headers["cache-control"] == "no-store"
    assert http("PUT", "/con/blob?comp=properties", {"x-ms-blob-content-type": "text/css"}).status == 200
    told = http("HEAD", "/con/blob").headers
    assert told["content-type"] == "text/css"
    assert told["x-ms-meta-b"] == "2"
    assert {"cache-control", "content-md5"}.isdisjoint(told)
    etags.append(told["etag"])
    assert len(set(etags)) == 3
    assert http("PUT", "/con/blob?comp=tier", {"x-ms-access-tier": "Archive"}).status == 200
    assert http("HEAD", "/con/blob").headers["etag"] == etags[-1]
    assert code(http("GET", "/con/blob")) == "BlobArchived"


def test_only_snapshots_are_deleted(http: Http) -> None:
    """Who deletes only the snapshots of a blob keeps the blob, which has none."""
    assert http("DELETE", "/con/ten", {"x-ms-delete-snapshots": "only"}).status == 202
    assert http("GET", "/con/ten").status == 200


def test_copies(http: Http) -> None:
    """A copy has the content, the properties and, unless told otherwise, the metadata; it says where it came from."""
    http.put("/con/from", b"x", x_ms_meta_a="1", x_ms_blob_content_type="text/plain")
    source = {"x-ms-copy-source": f"{BLOBS}/con/from"}
    reply = http("PUT", "/con/to", source)
    assert (reply.status, reply.headers["x-ms-copy-status"]) == (202, "success")
    told = http("GET", "/con/to").headers
    assert (told["x-ms-meta-a"], told["content-type"]) == ("1", "text/plain")
    assert told["x-ms-copy-source"] == f"{BLOBS}/con/from"
    http("PUT", "/con/to", {**source, "x-ms-meta-b": "2"})
    assert "x-ms-meta-a" not in http("GET", "/con/to").headers
    etag = http("HEAD", "/con/from").headers["etag"]
    assert http("PUT", "/con/to", {**source, "x-ms-source-if-none-match": etag}).status == 412
    assert http("PUT", "/con/to", {**source, **BLOB}).status == 201
    http.backend.add_storage_account("other", containers=["con"])
    there = "https://other.blob.core.windows.net"
    foreign = http("PUT", "/con/from", source, base=there)
    assert (foreign.status, code(foreign)) == (409, "CannotVerifyCopySource")
    forged = http("PUT", "/con/to", {"x-ms-copy-source": f"{BLOBS}/con/from?sig=x&se=2099-01-01"})
    assert (forged.status, code(forged)) == (403, "CannotVerifyCopySource")
    granted = {**source, "x-ms-copy-source-authorization": "Bearer token"}
    assert http("PUT", "/con/from", granted, base=there).status == 202


def test_one_of_eight_threads_wins(http: Http) -> None:
    """Of eight that create one blob, one does; of eight that change it on one condition, one does."""

    def create(number: int) -> int:
        return http("PUT", "/con/race", {**BLOB, "If-None-Match": "*"}, str(number).encode()).status

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(create, range(8))) == [201, *[409] * 7]
        etag = http("HEAD", "/con/race").headers["etag"]

        def change(number: int) -> int:
            return http("PUT", "/con/race?comp=metadata", {"If-Match": etag, "x-ms-meta-by": str(number)}).status

        assert sorted(pool.map(change, range(8))) == [200, *[412] * 7]
