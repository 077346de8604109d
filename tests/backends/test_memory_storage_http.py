"""Blob Storage over HTTP: requests as they are, without a client."""

from __future__ import annotations

import base64
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_clients import BLOBS, LAKE, SIGNED_IN, Http, code, document

from mlsdk.backends.memory import ManualClock, MemoryBackend
from mlsdk.backends.memory.storage_http import serve_storage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree import ElementTree as ET

MD5 = base64.b64encode(hashlib.md5(b"0123456789", usedforsecurity=False).digest()).decode()
OTHER_MD5 = base64.b64encode(bytes(16)).decode()
BLOCK = base64.b64encode(b"block-1").decode()
LONGER = base64.b64encode(b"block-10").decode()
BLOB = {"x-ms-blob-type": "BlockBlob"}


@pytest.fixture
def http() -> Http:
    """An account with a container, and in it ten bytes and an append blob."""
    backend = MemoryBackend(clock=ManualClock())
    backend.add_storage_account("account", containers=["con"])
    http = Http(backend)
    http.put("/con/ten", b"0123456789")
    assert http("PUT", "/con/log", {"x-ms-blob-type": "AppendBlob"}).status == 201
    return http


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "expected"),
    [
        ("PUT", "/con?restype=container", {}, b"", 409, "ContainerAlreadyExists"),
        ("PUT", "/Con?restype=container", {}, b"", 400, "InvalidResourceName"),
        ("PUT", "/a?restype=container", {}, b"", 400, "OutOfRangeInput"),
        ("PUT", "/two--hyphens?restype=container", {}, b"", 400, "InvalidResourceName"),
        ("PUT", "/new?restype=container", {"x-ms-blob-public-access": "blob"}, b"", 409, "PublicAccessNotPermitted"),
        ("GET", "/none?restype=container", {}, b"", 404, "ContainerNotFound"),
        ("DELETE", "/none?restype=container", {}, b"", 404, "ContainerNotFound"),
        ("GET", "/none?restype=container&comp=list", {}, b"", 404, "ContainerNotFound"),
        ("PUT", "/none/blob", BLOB, b"", 404, "ContainerNotFound"),
        ("GET", "/con/none", {}, b"", 404, "BlobNotFound"),
        ("HEAD", "/con/none", {}, b"", 404, "BlobNotFound"),
        ("DELETE", "/con/none", {}, b"", 404, "BlobNotFound"),
        ("PUT", "/con/none?comp=metadata", {}, b"", 404, "BlobNotFound"),
        ("GET", "/con/none?comp=blocklist", {}, b"", 404, "BlobNotFound"),
        ("GET", "/in-root", {}, b"", 404, "ContainerNotFound"),
        ("PUT", "/con/ten", {**BLOB, "If-None-Match": "*"}, b"", 409, "BlobAlreadyExists"),
        ("PUT", "/con/ten", {**BLOB, "If-Match": '"0x1"'}, b"", 412, "ConditionNotMet"),
        ("PUT", "/con/none", {**BLOB, "If-Match": "*"}, b"", 412, "ConditionNotMet"),
        ("DELETE", "/con/ten", {"If-Match": '"0x1"'}, b"", 412, "ConditionNotMet"),
        ("GET", "/con/ten", {"If-None-Match": "*"}, b"", 400, "UnsatisfiableCondition"),
        ("GET", "/con/ten", {"If-Modified-Since": "yesterday"}, b"", 400, "InvalidHeaderValue"),
        ("PUT", "/con/new", {**BLOB, "Content-MD5": OTHER_MD5}, b"x", 400, "Md5Mismatch"),
        ("PUT", "/con/new", {**BLOB, "Content-MD5": "x"}, b"x", 400, "InvalidMd5"),
        ("PUT", "/con/new", {**BLOB, "Content-MD5": "eHg="}, b"x", 400, "InvalidMd5"),
        ("PUT", "/con/new", {}, b"x", 400, "InvalidHeaderValue"),
        ("PUT", "/con/new", {"x-ms-blob-type": "PageBlob"}, b"", 400, "NotEmulated"),
        ("PUT", "/con/new", {"x-ms-blob-type": "AppendBlob"}, b"x", 400, "InvalidHeaderValue"),
        ("PUT", "/con/new", {**BLOB, "x-ms-meta-": "x"}, b"", 400, "EmptyMetadataKey"),
        ("PUT", "/con/new", {**BLOB, "x-ms-meta-a-b": "x"}, b"", 400, "InvalidMetadata"),
        ("PUT", "/con/new", {**BLOB, "x-ms-meta-a": "x" * 8192}, b"", 400, "MetadataTooLarge"),
        ("PUT", "/con/new", {**BLOB, "x-ms-access-tier": "Warm"}, b"", 400, "InvalidHeaderValue"),
        ("PUT", "/con/new", {**BLOB, "x-ms-tags": "a=b"}, b"", 400, "NotEmulated"),
        ("PUT", "/con/new", {**BLOB, "x-ms-content-crc64": "AAAA"}, b"", 400, "NotEmulated"),
        ("PUT", "/con/ten", {**BLOB, "x-ms-lease-id": "x"}, b"", 412, "LeaseNotPresentWithBlobOperation"),
        ("PUT", "/con/ten?comp=lease", {}, b"", 400, "NotEmulated"),
        ("PUT", "/con/ten?comp=snapshot", {}, b"", 400, "NotEmulated"),
        ("GET", "/con/ten?snapshot=2025-01-01T00:00:00Z", {}, b"", 400, "NotEmulated"),
        ("PUT", "/con/ten?comp=tier", {}, b"", 400, "InvalidHeaderValue"),
        ("PUT", "/con/log?comp=tier", {"x-ms-access-tier": "Cool"}, b"", 400, "AccessTierNotSupportedForBlobType"),
        ("PUT", "/con/ten?comp=appendblock", {}, b"x", 409, "InvalidBlobType"),
        ("PUT", "/con/log?comp=appendblock", {"x-ms-blob-condition-appendpos": "1"}, b"x", 412,
         "AppendPositionConditionNotMet"),
        ("PUT", "/con/log?comp=appendblock", {"x-ms-blob-condition-maxsize": "1"}, b"xx", 412,
         "MaxBlobSizeConditionNotMet"),
        ("PUT", "/con/log?comp=appendblock", {"x-ms-blob-condition-maxsize": "one"}, b"xx", 400, "InvalidHeaderValue"),
        ("PUT", f"/con/log?comp=block&blockid={BLOCK}", {}, b"x", 409, "InvalidBlobType"),
        ("PUT", "/con/new?comp=block&blockid=%21", {}, b"x", 400, "InvalidQueryParameterValue"),
        ("PUT", "/con/new?comp=block", {}, b"x", 400, "InvalidQueryParameterValue"),
        ("PUT", "/con/new?comp=blocklist", {}, b"<BlockList>", 400, "InvalidXmlDocument"),
        ("PUT", "/con/new?comp=blocklist", {}, b"<List/>", 400, "InvalidXmlDocument"),
        ("PUT", "/con/new?comp=blocklist", {}, b"<BlockList><Oldest>eA==</Oldest></BlockList>", 400,
         "InvalidXmlDocument"),
        ("PUT", "/con/new?comp=blocklist", {}, b"<BlockList><Latest>eA==</Latest></BlockList>", 400,
         "InvalidBlockList"),
        ("PUT", "/con/log?comp=blocklist", {}, b"<BlockList/>", 409, "InvalidBlobType"),
        ("PUT", "/con/new?comp=blocklist", {}, b"<BlockList>" + b"<Latest>eA==</Latest>" * 50_001 + b"</BlockList>", 400,
         "BlockListTooLong"),
        ("PUT", "/con/copy", {"x-ms-copy-source": "https://["}, b"", 400, "InvalidHeaderValue"),
        ("POST", "/con?restype=container&comp=batch", {"content-type": "multipart/mixed; boundary=x"},
         b"--x\r\n\r\nnothing\r\n--x--", 400, "InvalidInput"),
        ("PUT", "/con/ten?comp=properties", {"x-ms-blob-content-length": "512"}, b"", 400, "NotEmulated"),
        ("POST", "/?restype=service&comp=userdelegationkey", {"Authorization": f"SharedKey account:{OTHER_MD5}"}, b"",
         403, "AuthenticationFailed"),
        ("GET", "/con/ten?comp=blocklist&blocklisttype=some", {}, b"", 400, "InvalidQueryParameterValue"),
        ("GET", "/con?restype=container&comp=list&maxresults=0", {}, b"", 400, "InvalidQueryParameterValue"),
        ("GET", "/con?restype=container&comp=list&maxresults=x", {}, b"", 400, "InvalidQueryParameterValue"),
        ("GET", "/con?restype=container&comp=list&marker=x", {}, b"", 400, "InvalidQueryParameterValue"),
        ("GET", "/con?restype=container&comp=list&marker=2!%21", {}, b"", 400, "InvalidQueryParameterValue"),
        ("GET", "/con?restype=container&comp=list&include=uncommittedblobs", {}, b"", 400, "NotEmulated"),
        ("GET", "/con?restype=container&comp=acl", {}, b"", 400, "NotEmulated"),
        ("GET", "/?comp=properties&restype=service", {}, b"", 400, "NotEmulated"),
        ("PUT", "/con/copy", {"x-ms-copy-source": f"{BLOBS}/con/none"}, b"", 404, "CannotVerifyCopySource"),
        ("PUT", "/con/copy", {"x-ms-copy-source": "https://other.blob.core.windows.net/c/b"}, b"", 400, "NotEmulated"),
        ("POST", "/?restype=service&comp=userdelegationkey", {}, b"<KeyInfo/>", 400, "InvalidXmlNodeValue"),
        ("POST", "/con?restype=container&comp=batch", {"content-type": "text/plain"}, b"", 400, "InvalidInput"),
        ("GET", "/con/ten", {"x-ms-version": "2015-02-21"}, b"", 400, "NotEmulated"),
        ("GET", "/con/ten", {"x-ms-version": "latest"}, b"", 400, "InvalidHeaderValue"),
        ("GET", "/con/ten", {"Authorization": "Basic x"}, b"", 400, "InvalidAuthenticationInfo"),
    ],
)  # fmt: skip
def test_refusals(
    http: Http, method: str, path: str, headers: dict[str, str], body: bytes, status: int, expected: str
) -> None:
    """What cannot be done is refused with the service's status and code, and changes nothing."""
    before = http.backend.snapshot()._state
    reply = http(method, path, headers, body)
    assert (reply.status, code(reply)) == (status, expected)
    assert http.backend.snapshot()._state == before


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
    name, _, value = condition.partition(": ")
    value = value.replace("ETAG", known["etag"]).replace("SAME", known["last-modified"])
    headers = {name: value.replace("BEFORE", "Tue, 31 Dec 2024 00:00:00 GMT")}
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


def test_blocks_become_a_blob(http: Http) -> None:
    """Blocks wait, out of sight; a list puts them together in its own order, and later lists take committed ones again."""
    one, two, three = (base64.b64encode(f"block-{number}".encode()).decode() for number in (1, 2, 3))

    def block(name: str, content: bytes) -> None:
        assert http("PUT", f"/con/blob?comp=block&blockid={quote(name, safe='')}", {}, content).status == 201

    def commit(*rows: str) -> Any:
        items = "".join(f"<{row.partition(' ')[0]}>{row.partition(' ')[2]}</{row.partition(' ')[0]}>" for row in rows)
        return http("PUT", "/con/blob?comp=blocklist", {"x-ms-meta-a": "1"}, f"<BlockList>{items}</BlockList>".encode())

    def listed(kind: str) -> list[tuple[str | None, str | None]]:
        found = document(http("GET", "/con/blob?comp=blocklist&blocklisttype=all"))
        return [(item.findtext("Name"), item.findtext("Size")) for item in found.findall(f"{kind}Blocks/Block")]

    block(one, b"one")
    block(two, b"zwei")
    assert http("GET", "/con/blob").status == 404
    assert listed("Uncommitted") == [(one, "3"), (two, "4")]
    assert commit(f"Latest {two}", f"Uncommitted {one}").status == 201
    stored = http("GET", "/con/blob")
    assert (stored.body, stored.headers["x-ms-meta-a"]) == (b"zweione", "1")
    assert "content-md5" not in stored.headers
    assert listed("Committed") == [(two, "4"), (one, "3")]
    assert listed("Uncommitted") == []
    block(three, b"3")
    block(one, b"uno")
    assert commit(f"Committed {one}", f"Latest {one}", f"Latest {two}", f"Latest {three}").status == 201
    assert http("GET", "/con/blob").body == b"oneunozwei3"
    block(three, b"forgotten")
    http.put("/con/blob", b"whole")
    assert listed("Uncommitted") == []
    assert code(commit(f"Committed {one}")) == "InvalidBlockList"


def test_names_of_blocks_have_one_length(http: Http) -> None:
    """A block whose name is longer than those that wait is refused."""
    assert http("PUT", f"/con/blob?comp=block&blockid={BLOCK}", {}, b"1").status == 201
    assert code(http("PUT", f"/con/blob?comp=block&blockid={LONGER}", {}, b"1")) == "InvalidBlobOrBlock"


def test_blocks_of_another_blob(http: Http) -> None:
    """A block can be a part of what stands at an address."""
    headers = {"x-ms-copy-source": f"{BLOBS}/con/ten", "x-ms-source-range": "bytes=2-4"}
    assert http("PUT", f"/con/part?comp=block&blockid={BLOCK}", headers).status == 201
    body = f"<BlockList><Latest>{BLOCK}</Latest></BlockList>".encode()
    assert http("PUT", "/con/part?comp=blocklist", {}, body).status == 201
    assert http("GET", "/con/part").body == b"234"


def test_append_blobs(http: Http) -> None:
    """Appending tells where it began and how many blocks there are."""
    for offset, content in ((0, b"ab"), (2, b"c")):
        reply = http("PUT", "/con/log?comp=appendblock", {"x-ms-blob-condition-appendpos": str(offset)}, content)
        assert (reply.status, reply.headers["x-ms-blob-append-offset"]) == (201, str(offset))
    read = http("GET", "/con/log")
    assert (read.body, read.headers["x-ms-blob-committed-block-count"]) == (b"abc", "2")


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


def test_containers(http: Http) -> None:
    """A container is made once, has metadata and an etag, and takes its blobs with it."""
    made = http("PUT", "/new?restype=container", {"x-ms-meta-a": "1"})
    assert made.status == 201
    told = http("HEAD", "/new?restype=container").headers
    assert (told["x-ms-meta-a"], told["etag"]) == ("1", made.headers["etag"])
    assert http("PUT", "/new?restype=container&comp=metadata", {"x-ms-meta-b": "2"}).status == 200
    assert code(http("DELETE", "/new?restype=container", {"If-Match": told["etag"]})) == "ConditionNotMet"
    http.put("/new/blob")
    assert http("DELETE", "/new?restype=container").status == 202
    assert code(http("GET", "/new/blob")) == "ContainerNotFound"
    http("PUT", "/new?restype=container")
    assert code(http("GET", "/new/blob")) == "BlobNotFound"


def pages(http: Http, query: str) -> Iterator[ET.Element]:
    """The pages of a list."""
    marker: str | None = ""
    while marker is not None:
        reply = http("GET", f"{query}&marker={quote(marker, safe='')}")
        assert reply.status == 200, reply.body
        page = document(reply)
        yield page
        marker = page.findtext("NextMarker") or None


def test_lists_of_more_than_a_page(http: Http) -> None:
    """5,000 blobs fit a page; what was deleted or added between two pages loses or doubles no other blob."""
    for number in range(5001):
        http.backend.state.accounts["account"].containers["blob/con"].put(f"many/{number:04}", b"", {}, 0.0)
    found: list[list[str | None]] = []
    for page in pages(http, "/con?restype=container&comp=list&prefix=many/"):
        found.append([item.findtext("Name") for item in page.iter("Blob")])
        http("DELETE", "/con/many/0000")
        http.put("/con/many/0000a")
    assert [len(page) for page in found] == [5000, 1]
    assert found[0] + found[1] == [f"many/{number:04}" for number in range(5001)]


def test_lists_of_containers(http: Http) -> None:
    """Containers are listed by name, page by page, with their metadata on demand."""
    for name in ("aaa", "abc", "xyz"):
        http("PUT", f"/{name}?restype=container", {"x-ms-meta-of": name})
    found = list(pages(http, "/?comp=list&maxresults=2&include=metadata"))
    names = [[item.findtext("Name") for item in page.iter("Container")] for page in found]
    assert names == [["aaa", "abc"], ["con", "xyz"]]
    assert found[0].findtext("Containers/Container/Metadata/of") == "aaa"
    (only,) = pages(http, "/?comp=list&prefix=ab")
    assert [item.findtext("Name") for item in only.iter("Container")] == ["abc"]
    assert only.find(".//Metadata") is None


NAMES = st.text(st.sampled_from("ab/-é&<\x01\uffff\U0001f600"), min_size=1, max_size=5)


@given(
    st.sets(NAMES, max_size=12),
    st.text("ab/", max_size=2),
    st.sampled_from(["", "/", "a", "-é"]),
    st.integers(1, 5),
)
def test_lists_are_sorted_and_complete(names: set[str], prefix: str, delimiter: str, size: int) -> None:
    """Law: the pages of a list hold each name with the prefix once, by name, those beyond a delimiter as one."""
    backend = MemoryBackend()
    backend.add_storage_account("account", containers=["con"])
    http = Http(backend)
    files = backend.state.accounts["account"].containers["blob/con"]
    for name in names:
        files.put(name, b"", {}, 0.0)
        files.page("", "", "", 1)
    query = f"/con?restype=container&comp=list&maxresults={size}&prefix={quote(prefix)}&delimiter={quote(delimiter)}"
    found = []
    for page in pages(http, query):
        items = [item for item in page.find("Blobs") or () if item.tag in ("Blob", "BlobPrefix")]
        assert len(items) <= size
        found += [(item.tag, told(item.find("Name"))) for item in items]
    expected = set()
    for name in names:
        if name.startswith(prefix):
            cut = name.find(delimiter, len(prefix)) if delimiter else -1
            expected.add(("Blob", name) if cut < 0 else ("BlobPrefix", name[: cut + len(delimiter)]))
    assert found == sorted(expected, key=lambda item: item[1])


def told(name: ET.Element | None) -> str:
    """A name as a list tells it, percent-encoded where XML cannot hold it."""
    assert name is not None
    return unquote(name.text or "") if name.get("Encoded") == "true" else name.text or ""


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


def test_whose_requests_are_answered(http: Http) -> None:
    """Without anything to go by a request is 401 and told how to sign in; with a token it is answered."""
    for method in ("GET", "PUT", "HEAD"):
        reply = serve_storage(http.backend, method, f"{BLOBS}/con/ten", {}, b"")
        assert (reply.status, code(reply)) == (401, "NoAuthenticationInformation")
        assert "resource_id=https://storage.azure.com" in reply.headers["www-authenticate"]
    assert http("GET", "/con/ten").status == 200
    reply = http("GET", "/con/ten", {"Authorization": "SharedKey account:AAAA"})
    assert (reply.status, code(reply)) == (403, "AuthenticationFailed")


def test_addresses_with_the_account_in_the_path(http: Http) -> None:
    """`https://127.0.0.1:1234/account.blob.local/…` is the same account."""
    for base in ("https://127.0.0.1:1234/account.blob.local", "https://localhost/account.blob.local", BLOBS):
        assert http("GET", "/con/ten", base=base).body == b"0123456789"
    found = document(http("GET", "/?comp=list", base="https://127.0.0.1:1234/account.blob.local"))
    assert found.get("ServiceEndpoint") == "https://127.0.0.1:1234/account.blob.local/"


def test_an_account_that_is_not_there(http: Http) -> None:
    """A strict backend says which account is missing and how to make it."""
    reply = http("GET", "/con/ten", base="https://nobody.blob.core.windows.net")
    assert (reply.status, code(reply)) == (404, "ResourceNotFound")
    assert b"add_storage_account('nobody'" in reply.body


def test_an_account_is_made_when_it_is_referred_to() -> None:
    """A provisioning backend makes the account and takes any key; a container comes with the first blob in it."""
    http = Http(MemoryBackend(provision=True))
    key = {"Authorization": "SharedKey account:AAAA"}
    assert code(http("HEAD", "/con?restype=container", key)) == "ContainerNotFound"
    assert http("PUT", "/con/blob", {**BLOB, **key}).status == 201
    assert http("HEAD", "/con?restype=container").status == 200
    assert code(http("GET", "/none/blob")) == "ContainerNotFound"
    assert http("GET", "/con/blob", base="https://not-a-name.blob.core.windows.net").status == 404


@pytest.mark.parametrize("service", ["file", "queue", "table"])
def test_services_that_are_not_emulated(http: Http, service: str) -> None:
    """File shares, queues and tables are refused in so many words."""
    reply = http("GET", "/share/file", base=f"https://account.{service}.core.windows.net")
    assert (reply.status, code(reply)) == (400, "NotEmulated")
    assert f"the {service} service".encode() in reply.body


def test_faults(http: Http) -> None:
    """Storage goes wrong on demand as everything else does, in the words of the service."""
    backend = http.backend
    backend.fail(method="PUT", path="*/LocalUpload/*", status=500)
    backend.fail(path="/con/slow", status=503, headers={"Retry-After": "1"})
    backend.fail(path="*.blob.*/con/lost", after=True, exception=TimeoutError)
    backend.fail(path="/con/ten", status=409, code="LeaseIdMissing", message="a & b")
    assert code(http("PUT", "/con/LocalUpload/hash/file", BLOB)) == "InternalError"
    assert http("PUT", "/con/LocalUpload/hash/file", BLOB).status == 201
    slow = http("GET", "/con/slow")
    assert (slow.status, code(slow), slow.headers["retry-after"]) == (503, "ServerBusy", "1")
    with pytest.raises(TimeoutError):
        http("PUT", "/con/lost", BLOB)
    assert http("GET", "/con/lost").status == 200
    assert code(http("GET", "/con/ten")) == "LeaseIdMissing"
    assert backend.requests[-3].status is None


def test_the_log(http: Http) -> None:
    """Requests to storage are logged as all others, without signatures, and with the reason of a refusal."""
    http.backend.requests.clear()
    serve_storage(http.backend, "PUT", f"{BLOBS}/con/a%20b?sv=1&sig=secret", BLOB, b"")
    http("GET", "/con/none")
    first, second = http.backend.requests
    assert (first.method, first.host, first.path, first.status) == ("PUT", BLOBS, "/con/a b", 403)
    assert first.writes
    assert "secret" not in first.details
    assert second.answer["error"]["code"] == "BlobNotFound"


def test_snapshots_hold_blobs(http: Http) -> None:
    """What was stored over HTTP comes back with a snapshot; an etag from after it does not."""
    snapshot = http.backend.snapshot()
    assert http("DELETE", "/con/ten").status == 202
    http.backend.clock.sleep(1)
    lost = http.put("/con/ten", b"other").headers["etag"]
    http.backend.restore(snapshot)
    assert http("GET", "/con/ten").body == b"0123456789"
    http.backend.clock.sleep(1)
    assert http.put("/con/ten", b"third").headers["etag"] != lost


def test_the_same_files_through_the_seam(http: Http) -> None:
    """What mlsdk stores a client of storage reads, and the other way round, folders and all."""
    container = http.backend.container(f"{BLOBS}/con")
    container.put("dir/file", BytesIO(b"x"), metadata={"upload_status": "completed"})
    assert http("HEAD", "/con/dir/file").headers["x-ms-meta-upload_status"] == "completed"
    http.put("/con/dir/other", b"yz", x_ms_meta_a="1")
    info = container.head("dir/other")
    assert info is not None
    assert (info.size, info.metadata) == (2, {"a": "1"})
    assert [item.name for item in container.list("dir/")] == ["dir/file", "dir/other"]


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
    assert (foreign.status, code(foreign)) == (401, "NoAuthenticationInformation")
    granted = {**source, "x-ms-copy-source-authorization": "Bearer token"}
    assert http("PUT", "/con/from", granted, base=there).status == 202


def test_the_data_lake_says_no_in_json(http: Http) -> None:
    """Refusals at the data lake's address are JSON."""
    reply = serve_storage(http.backend, "GET", f"{LAKE}/con/none", SIGNED_IN, b"")
    assert (reply.status, code(reply)) == (404, "PathNotFound")
    assert b'"code": "PathNotFound"' in reply.body


def encoded(**metadata: str) -> str:
    """Metadata as the data lake has it in one header."""
    return ",".join(f"{name}={base64.b64encode(value.encode()).decode()}" for name, value in metadata.items())


def test_the_data_lake_on_its_own(http: Http) -> None:
    """File systems and paths without the blob service: made, described, read, changed, listed, deleted."""

    def lake(method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Any:
        return http(method, path, headers, body, base=LAKE)

    assert lake("PUT", "/lake?resource=filesystem", {"x-ms-properties": encoded(a="1")}).status == 201
    assert code(lake("PUT", "/lake?resource=filesystem")) == "FilesystemAlreadyExists"
    assert lake("HEAD", "/lake?resource=filesystem").headers["x-ms-properties"] == encoded(a="1")
    found = lake("GET", "/?resource=account&maxResults=1")
    assert [item["name"] for item in json.loads(found.body)["filesystems"]] == ["con"]
    following = quote(found.headers["x-ms-continuation"])
    found = lake("GET", f"/?resource=account&continuation={following}")
    assert [item["name"] for item in json.loads(found.body)["filesystems"]] == ["lake"]
    headers = {"x-ms-properties": encoded(b="2"), "x-ms-content-type": "text/plain"}
    assert lake("PUT", "/lake/a/f?resource=file", headers).status == 201
    assert lake("PATCH", "/lake/a/f?action=append&position=0", {"Content-MD5": MD5}, b"0123456789").status == 202
    assert lake("PATCH", "/lake/a/f?action=flush&position=10", {"x-ms-content-md5": MD5}).status == 200
    for reply in (lake("HEAD", "/lake/a/f"), lake("GET", "/lake/a/f"), lake("HEAD", "/lake/a/f?action=getStatus")):
        told = reply.headers
        assert (told["x-ms-resource-type"], told["x-ms-properties"]) == ("file", encoded(b="2"))
        assert (told["content-length"], told["content-type"], told["content-md5"]) == ("10", "text/plain", MD5)
    part = lake("GET", "/lake/a/f", {"Range": "bytes=2-3"})
    assert (part.status, part.body) == (206, b"23")
    assert lake("PATCH", "/lake/a/f?action=setProperties", {"x-ms-properties": encoded(c="3")}).status == 200
    assert lake("HEAD", "/lake/a/f").headers["x-ms-properties"] == encoded(c="3")
    http.put("/lake/b/only-inside")
    for folder in ("a", "b"):
        assert lake("HEAD", f"/lake/{folder}").headers["x-ms-resource-type"] == "directory"
    assert code(lake("GET", "/lake/a")) == "ResourceTypeMismatch"
    assert lake("DELETE", "/lake?resource=filesystem").status == 202
    assert code(lake("HEAD", "/lake?resource=filesystem")) == "FilesystemNotFound"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "expected"),
    [
        ("PUT", "/con/folder?resource=file", {}, 409, "PathAlreadyExists"),
        ("PUT", "/con/ten?resource=directory", {}, 409, "PathAlreadyExists"),
        ("PUT", "/con/ten?resource=file", {"If-None-Match": "*"}, 409, "PathAlreadyExists"),
        ("PUT", "/con/ten/below?resource=file", {}, 409, "ResourceTypeMismatch"),
        ("PUT", "/con/new?resource=file", {"x-ms-properties": "a=!"}, 400, "InvalidHeaderValue"),
        ("PUT", "/con/new?resource=file", {"x-ms-acl": "user::rwx"}, 400, "NotEmulated"),
        ("PUT", "/con/new", {}, 400, "NotEmulated"),
        ("PATCH", "/con/none?action=append&position=0", {}, 404, "PathNotFound"),
        ("PATCH", "/con/folder?action=append&position=0", {}, 409, "ResourceTypeMismatch"),
        ("PATCH", "/con/ten?action=append&position=x", {}, 400, "InvalidQueryParameterValue"),
        ("PATCH", "/con/ten?action=append&position=5", {}, 400, "InvalidFlushPosition"),
        ("PATCH", "/con/ten?action=setAccessControl", {}, 400, "NotEmulated"),
        ("DELETE", "/con/folder", {}, 409, "DirectoryNotEmpty"),
        ("GET", "/con?resource=filesystem", {}, 400, "InvalidQueryParameterValue"),
        ("GET", "/con?resource=filesystem&recursive=true&directory=none", {}, 404, "PathNotFound"),
        ("PUT", "/con/new", {"x-ms-rename-source": "/con"}, 400, "InvalidHeaderValue"),
        ("PUT", "/con/new", {"x-ms-rename-source": "/none/x"}, 404, "FilesystemNotFound"),
        ("PUT", "/con/new", {"x-ms-rename-source": "/con/ten?sig=x"}, 403, "AuthenticationFailed"),
        ("PUT", "/con/new", {"x-ms-rename-source": "/con/ten", "x-ms-source-if-match": '"0x1"'}, 412,
         "SourceConditionNotMet"),
        ("PUT", "/none/new?resource=file", {}, 404, "FilesystemNotFound"),
    ],
)  # fmt: skip
def test_refusals_of_the_data_lake(
    http: Http, method: str, path: str, headers: dict[str, str], status: int, expected: str
) -> None:
    """What cannot be done in the data lake is refused with its status and code, and changes nothing."""
    http("PUT", "/con/folder/f?resource=file", base=LAKE)
    before = http.backend.snapshot()._state
    reply = http(method, path, headers, base=LAKE)
    assert (reply.status, code(reply)) == (status, expected)
    assert json.loads(reply.body)["error"]["code"] == expected
    assert http.backend.snapshot()._state == before


def test_a_path_moved_onto_itself_stays(http: Http) -> None:
    """Renaming to the same name changes nothing."""
    assert http("PUT", "/con/ten", {"x-ms-rename-source": "/con/ten"}, base=LAKE).status == 201
    assert http("GET", "/con/ten").body == b"0123456789"


TEXT = st.sampled_from(
    ["", "*", "0", "-1", "9" * 5000, "true", "bytes=0-", "bytes=1-" + "9" * 5000, '"0x1"', "x", "é", "eA==", "2!eA==",
     "BlockBlob", "AppendBlob", "a=b", "https://[", f"{BLOBS}/con/ten", "Wed, 01 Jan 9999 00:00:00 GMT", "Cool"]
)  # fmt: skip
HEADERS = st.sampled_from(
    ["range", "x-ms-range", "if-match", "if-none-match", "if-modified-since", "x-ms-blob-type", "content-md5",
     "x-ms-copy-source", "x-ms-source-range", "x-ms-rename-source", "x-ms-properties", "x-ms-meta-é", "x-ms-access-tier",
     "x-ms-blob-condition-appendpos", "x-ms-blob-condition-maxsize", "content-type", "authorization", "x-ms-version"]
)  # fmt: skip
WORDS = {
    "comp": [
        "list",
        "metadata",
        "properties",
        "block",
        "blocklist",
        "batch",
        "appendblock",
        "userdelegationkey",
        "tier",
    ],
    "restype": ["container", "service"],
    "resource": ["file", "directory", "filesystem", "account"],
    "action": ["append", "flush", "setProperties", "setAccessControl"],
}
QUERY = st.dictionaries(
    st.sampled_from(
        ["blockid", "maxresults", "marker", "position", "recursive", "continuation", "sig", "se", "directory"]
    ),
    TEXT,
    max_size=3,
)


@given(
    st.sampled_from(["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS"]),
    st.sampled_from([BLOBS, LAKE]),
    st.sampled_from(["/", "/con", "/con/ten", "/con/new", "//", "/con//", "/none/x", "/con/log", "/con/ten/x"]),
    st.fixed_dictionaries({}, optional={name: st.sampled_from(words) for name, words in WORDS.items()}),
    QUERY,
    st.dictionaries(HEADERS, TEXT, max_size=3),
    st.sampled_from([b"", b"x", b"<BlockList/>", b'<?xml version="1.0" encoding="none"?><KeyInfo/>', b"--x--"]),
)
def test_no_request_is_too_odd(
    method: str,
    base: str,
    path: str,
    asked: dict[str, str],
    query: dict[str, str],
    headers: dict[str, str],
    body: bytes,
) -> None:
    """Law: whatever is asked is answered, with bytes or nothing, and never as a failure of the service's."""
    backend = MemoryBackend()
    backend.add_storage_account("account", containers=["con"])
    http = Http(backend)
    http.put("/con/ten", b"0123456789")
    http("PUT", "/con/log", {"x-ms-blob-type": "AppendBlob"})
    text = "&".join(f"{name}={quote(value)}" for name, value in {**asked, **query}.items())
    reply = http(method, f"{path}?{text}", headers, body, base=base)
    assert 200 <= reply.status < 500
    assert reply.body is None or (isinstance(reply.body, bytes) and method != "HEAD")
