"""Blob Storage over HTTP: what is refused, and how."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_clients import BLOBS, LAKE, Http, code

from mlsdk.backends.memory import MemoryBackend

MD5 = base64.b64encode(hashlib.md5(b"0123456789", usedforsecurity=False).digest()).decode()
OTHER_MD5 = base64.b64encode(bytes(16)).decode()
BLOCK = base64.b64encode(b"block-1").decode()
BLOB = {"x-ms-blob-type": "BlockBlob"}


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
        ("PUT", f"/con/new?comp=block&blockid={BLOCK}", {}, b"", 400, "InvalidHeaderValue"),
        ("PUT", "/con/ten?comp=copy&copyid=x", {"x-ms-copy-action": "abort"}, b"", 409, "NoPendingCopyOperation"),
        ("DELETE", "/con/ten", {"x-ms-delete-snapshots": "some"}, b"", 400, "InvalidHeaderValue"),
        ("GET", "/none?restype=account&comp=properties", {}, b"", 404, "ContainerNotFound"),
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
        ("GET", "/con?restype=container&comp=list&maxresults=0", {}, b"", 400, "OutOfRangeQueryParameterValue"),
        ("GET", "/con?restype=container&comp=list&maxresults=x", {}, b"", 400, "InvalidQueryParameterValue"),
        ("GET", "/con?restype=container&comp=list&marker=x", {}, b"", 400, "InvalidQueryParameterValue"),
        ("GET", "/con?restype=container&comp=list&marker=2!%21", {}, b"", 400, "InvalidQueryParameterValue"),
        ("GET", "/con?restype=container&comp=list&include=uncommittedblobs", {}, b"", 400, "NotEmulated"),
        ("GET", "/con?restype=container&comp=list&include=everything", {}, b"", 400, "InvalidQueryParameterValue"),
        ("PUT", "/con/log?comp=appendblock", {}, b"", 400, "InvalidHeaderValue"),
        ("GET", "/con/ten", {"x-ms-range-get-content-md5": "true"}, b"", 400, "InvalidHeaderValue"),
        ("GET", "/con?restype=container&comp=acl", {}, b"", 400, "NotEmulated"),
        ("GET", "/?comp=properties&restype=service", {}, b"", 400, "NotEmulated"),
        ("PUT", "/con/copy", {"x-ms-copy-source": f"{BLOBS}/con/none"}, b"", 404, "CannotVerifyCopySource"),
        ("PUT", "/con/copy", {"x-ms-copy-source": "https://other.blob.core.windows.net/c/b"}, b"", 400, "NotEmulated"),
        ("POST", "/?restype=service&comp=userdelegationkey", {}, b"<KeyInfo/>", 400, "InvalidXmlNodeValue"),
        ("POST", "/con?restype=container&comp=batch", {"content-type": "text/plain"}, b"", 400, "InvalidInput"),
        ("GET", "/con/ten", {"x-ms-version": "2015-02-21"}, b"", 400, "NotEmulated"),
        ("GET", "/con/ten", {"x-ms-version": "latest"}, b"", 400, "InvalidHeaderValue"),
        ("GET", "/con/ten", {"x-ms-version": "2024-13-04"}, b"", 400, "InvalidHeaderValue"),
        ("GET", "/con/ten", {"Authorization": "SharedKeyLite account:AAAA"}, b"", 400, "NotEmulated"),
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
    st.booleans(),
    st.sampled_from(["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS"]),
    st.sampled_from([BLOBS, LAKE]),
    st.sampled_from(["/", "/con", "/con/ten", "/con/new", "//", "/con//", "/none/x", "/con/log", "/con/ten/x"]),
    st.fixed_dictionaries({}, optional={name: st.sampled_from(words) for name, words in WORDS.items()}),
    QUERY,
    st.dictionaries(HEADERS, TEXT, max_size=3),
    st.sampled_from([b"", b"x", b"<BlockList/>", b'<?xml version="1.0" encoding="none"?><KeyInfo/>', b"--x--"]),
)
def test_no_request_is_too_odd(
    hierarchical: bool,
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
    backend.add_storage_account("account", containers=["con"], hierarchical=hierarchical)
    http = Http(backend)
    http.put("/con/ten", b"0123456789")
    http("PUT", "/con/log", {"x-ms-blob-type": "AppendBlob"})
    text = "&".join(f"{name}={quote(value)}" for name, value in {**asked, **query}.items())
    reply = http(method, f"{path}?{text}", headers, body, base=base)
    assert 200 <= reply.status < 500
    assert reply.body is None or (isinstance(reply.body, bytes) and method != "HEAD")
