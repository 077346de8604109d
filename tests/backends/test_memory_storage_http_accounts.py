"""Storage accounts over HTTP: where they are, who opens them, and what the backend does around them."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO

import pytest
from azure.core.exceptions import ResourceNotFoundError
from storage_clients import BLOBS, Http, code, document

from mlsdk.backends.memory import MemoryBackend
from mlsdk.backends.memory.storage_http import serve_storage

BLOB = {"x-ms-blob-type": "BlockBlob"}


def test_whose_requests_are_answered(http: Http) -> None:
    """Without anything to go by a request is 401 and told how to sign in, or (old ones) 409; with a token it is answered."""
    for method in ("GET", "PUT", "HEAD"):
        reply = serve_storage(http.backend, method, f"{BLOBS}/con/ten", {"x-ms-version": "2024-11-04"}, b"")
        assert (reply.status, code(reply)) == (401, "NoAuthenticationInformation")
        assert "resource_id=https://storage.azure.com" in reply.headers["www-authenticate"]
        for headers in ({}, {"x-ms-version": "2019-02-02"}):
            reply = serve_storage(http.backend, method, f"{BLOBS}/con/ten", headers, b"")
            assert (reply.status, code(reply)) == (409, "PublicAccessNotPermitted")
    assert http("GET", "/con/ten").status == 200
    reply = http("GET", "/con/ten", {"Authorization": "SharedKey account:AAAA"})
    assert (reply.status, code(reply)) == (403, "AuthenticationFailed")


def test_addresses_with_the_account_in_the_path(http: Http) -> None:
    """`https://127.0.0.1:1234/account.blob.local/…` is the same account."""
    for base in ("https://127.0.0.1:1234/account.blob.local", "https://localhost/account.blob.local", BLOBS):
        assert http("GET", "/con/ten", base=base).body == b"0123456789"
    found = document(http("GET", "/?comp=list", base="https://127.0.0.1:1234/account.blob.local"))
    assert found.get("ServiceEndpoint") == "https://127.0.0.1:1234/account.blob.local/"


def test_accounts_speak_https_only(http: Http) -> None:
    """A request over http is refused, but at a machine that stands for the account."""
    reply = http("GET", "/con/ten", base=BLOBS.replace("https", "http"))
    assert (reply.status, code(reply)) == (400, "AccountRequiresHttps")
    assert http("GET", "/con/ten", base="http://127.0.0.1:1234/account.blob.local").status == 200


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


def test_a_storage_account_is_made_when_it_is_first_stored_to() -> None:
    """A provisioning backend makes it and its container through the seam too, whatever opens it; reading makes none."""
    backend = MemoryBackend(provision=True)
    for credential in ("any key", "sv=1&sig=any", None):
        backend.container(f"{BLOBS}/con", credential).put("file", BytesIO(b"x"), overwrite=True)
    assert Http(backend)("GET", "/con/file").body == b"x"
    with pytest.raises(ResourceNotFoundError, match="container does not exist"):
        backend.container(f"{BLOBS}/other").get("file")


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


def test_what_raw_http_needs_is_imported_when_it_is_first_asked() -> None:
    """A backend with a workspace, spoken to through the seam, has loaded nothing of it."""
    program = (
        "import sys; from mlsdk.backends.memory import MemoryBackend; MemoryBackend().add_workspace('sub', 'rg', 'ws'); "
        "print(*(name.rpartition('.')[2] for name in sys.modules if name.startswith('mlsdk.backends.memory.')))"
    )
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    loaded = set(run.stdout.split())
    assert "blobs" in loaded
    assert not {name for name in loaded if name.startswith("storage_")} | loaded & {
        "front",
        "signatures",
        "stored_file",
    }
