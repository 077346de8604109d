"""Data Lake Storage over HTTP: requests as they are, without a client."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from storage_clients import LAKE, SIGNED_IN, code

from mlsdk.backends.memory.storage_http import serve_storage

if TYPE_CHECKING:
    from storage_clients import Http

MD5 = base64.b64encode(hashlib.md5(b"0123456789", usedforsecurity=False).digest()).decode()


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
        assert code(lake("GET", f"/lake/{folder}")) == "ResourceTypeMismatch"
    assert lake("DELETE", "/lake?resource=filesystem").status == 202
    assert code(lake("HEAD", "/lake?resource=filesystem")) == "FilesystemNotFound"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "expected"),
    [
        ("PUT", "/con/folder?resource=file", {}, 409, "PathConflict"),
        ("PUT", "/con/ten?resource=directory", {}, 409, "PathConflict"),
        ("PUT", "/con/ten?resource=file", {"If-None-Match": "*"}, 409, "PathAlreadyExists"),
        ("PUT", "/con/ten/below?resource=file", {}, 409, "PathConflict"),
        ("PUT", "/con/ten/below?resource=directory", {}, 409, "PathConflict"),
        ("PUT", "/con/ten", {"x-ms-rename-source": "/con/folder"}, 409, "InvalidSourceOrDestinationResourceType"),
        ("PUT", "/con/folder", {"x-ms-rename-source": "/con/ten"}, 409, "PathAlreadyExists"),
        ("PUT", "/con/new?resource=file", {"x-ms-properties": "a=!"}, 400, "InvalidHeaderValue"),
        ("PUT", "/con/new?resource=file", {"x-ms-acl": "user::rwx"}, 400, "NotEmulated"),
        ("PUT", "/con/new", {}, 400, "NotEmulated"),
        ("PATCH", "/con/none?action=append&position=0", {}, 404, "PathNotFound"),
        ("PATCH", "/con/folder?action=append&position=0", {}, 409, "ResourceTypeMismatch"),
        ("PATCH", "/con/ten?action=append&position=x", {}, 400, "InvalidQueryParameterValue"),
        ("PATCH", "/con/ten?action=append&position=5", {}, 400, "InvalidFlushPosition"),
        ("PATCH", "/con/ten?action=setAccessControl", {}, 400, "HierarchicalNamespaceNotEnabled"),
        ("HEAD", "/con/ten?action=getAccessControl", {}, 400, "HierarchicalNamespaceNotEnabled"),
        ("PATCH", "/con/ten?action=setSomething", {}, 400, "NotEmulated"),
        ("PUT", "/con/new?resource=file", {"x-ms-permissions": "0777"}, 400, "NotEmulated"),
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
    assert method == "HEAD" or json.loads(reply.body)["error"]["code"] == expected
    assert http.backend.snapshot()._state == before


def test_a_path_moved_onto_itself_stays(http: Http) -> None:
    """Renaming to the same name changes nothing."""
    assert http("PUT", "/con/ten", {"x-ms-rename-source": "/con/ten"}, base=LAKE).status == 201
    assert http("GET", "/con/ten").body == b"0123456789"
