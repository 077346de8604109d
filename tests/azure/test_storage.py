"""A blob container behind the seam, against a real blob server: what is stored, what is refused, and what errors say."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import threading
import time
from typing import IO, TYPE_CHECKING, Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError, ServiceRequestError
from azure.core.pipeline.transport import HttpTransport, RequestsTransport
from azure.storage.blob import ContentSettings
from requests import Response
from requests.structures import CaseInsensitiveDict

from mlsdk.backends import BlobInfo, Container
from mlsdk.backends.azure import AzureBackend, blocks, storage
from mlsdk.backends.azure.storage import BlobContainer
from mlsdk.exceptions import AssetException
from mlsdk.sources import open_source, single_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from azurite import Azurite

pytest_plugins = ["azurite"]

KEY = base64.b64encode(b"a key of no account").decode()
CONTENTS = {"nothing": b"", "one": b"1", "many": os.urandom(10_000)}


class Counting(RequestsTransport):
    """Remembers what was sent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sent: list[tuple[str, str]] = []
        self.closed = False

    def send(self, request: Any, **options: Any) -> Any:
        """Send it."""
        self.sent.append((request.method, request.url))
        return super().send(request, **options)

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
        super().close()

    def count(self, method: str, part: str = "") -> int:
        """How many requests of a method had `part` in their address."""
        return sum(verb == method and part in url for verb, url in self.sent)


class Answering(HttpTransport[Any, Any]):
    """Answers every request with the same error of the storage service."""

    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code
        self.urls: list[str] = []

    def send(self, request: Any, **_: Any) -> Any:
        """Give the answer."""
        from azure.core.rest._requests_basic import RestRequestsTransportResponse

        self.urls.append(request.url)
        answer = Response()
        answer.status_code, answer.reason = self.status, "Refused"
        answer.raw = io.BytesIO()
        body = f"<?xml version='1.0'?><Error><Code>{self.code}</Code><Message>Signed was sig=abc</Message></Error>"
        answer._content = body.encode()
        answer.headers = CaseInsensitiveDict(
            {"x-ms-error-code": self.code, "x-ms-request-id": "request-1", "Content-Type": "application/xml"}
        )
        return RestRequestsTransportResponse(request=request, internal_response=answer)

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to close."""

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""


class Credential:
    """Gives a token as Azure's directory makes them, unsigned."""

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """A token for the storage service."""
        assert scopes == ("https://storage.azure.com/.default",)
        now = int(time.time())
        claims = {
            "aud": "https://storage.azure.com", "iss": "https://sts.windows.net/ab1f708d-50f6-404c-a006-d71b2ac7a606/",
            "iat": now, "nbf": now - 60, "exp": now + 3600,
        }  # fmt: skip
        parts = [json.dumps(part).encode() for part in ({"typ": "JWT", "alg": "RS256"}, claims)]
        text = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (*parts, b"signature"))
        return AccessToken(text, now + 3600)


@pytest.fixture
def container(azurite: Azurite) -> BlobContainer:
    """A new, empty container."""
    return azurite.container()


@pytest.fixture
def in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of more than 100 kB go in blocks of 40 kB."""
    monkeypatch.setattr(storage, "SINGLE", 100_000)
    monkeypatch.setattr(blocks, "SIZE", 40_000)


def md5(content: bytes) -> bytes:
    """The MD5 of a content."""
    return hashlib.md5(content, usedforsecurity=False).digest()


@pytest.mark.parametrize("name", CONTENTS)
def test_what_is_put_comes_back(container: BlobContainer, name: str) -> None:
    """A file has its content, its size, its metadata and its MD5, by head and in a list."""
    assert isinstance(container, Container)
    content, metadata = CONTENTS[name], {"upload_status": "completed", "name": "a b"}
    container.put(f"folder/{name}", io.BytesIO(content), metadata=metadata)
    assert container.get(f"folder/{name}") == content
    info = BlobInfo(f"folder/{name}", len(content), metadata, md5(content))
    assert container.head(f"folder/{name}") == info
    assert list(container.list("folder/")) == [info]


def test_names_may_be_in_any_language(container: BlobContainer) -> None:
    """Blanks, signs of addresses and letters beyond ASCII are parts of a name like others."""
    names = sorted(["größe 1/数据.txt", "a+b&c=d?e#f%20g", "~tilde/[x]", "O'Neil"])
    for name in names:
        container.put(name, io.BytesIO(name.encode()))
    assert [info.name for info in container.list()] == names
    assert [container.get(name).decode() for name in names] == names


def test_a_file_that_is_there_stays_unless_told(container: BlobContainer) -> None:
    """Without `overwrite` the second is an error of Python's own; with it the content and the metadata are replaced."""
    container.put("file", io.BytesIO(b"first"), metadata={"a": "1"})
    with pytest.raises(FileExistsError, match="file exists already"):
        container.put("file", io.BytesIO(b"second"))
    assert container.get("file") == b"first"
    container.put("file", io.BytesIO(b"third"), overwrite=True)
    assert container.get("file") == b"third"
    assert container.head("file") == BlobInfo("file", 5, {}, md5(b"third"))


@pytest.mark.parametrize(
    ("offset", "length", "expected"),
    [(0, None, b"0123456789"), (3, None, b"3456789"), (3, 4, b"3456"), (8, 9, b"89"), (10, 5, b""), (3, 0, b"")],
)
def test_a_part_of_a_file(container: BlobContainer, offset: int, length: int | None, expected: bytes) -> None:
    """A range comes as asked for, cut at the end of the file."""
    container.put("file", io.BytesIO(b"0123456789"))
    assert container.get("file", offset, length) == expected


def test_a_compressed_file_comes_as_it_is_stored(azurite: Azurite) -> None:
    """A file that says it is compressed is not unpacked on the way, else neither its size nor its ranges would be right."""
    url, content = azurite.new(), gzip.compress(b"0123456789" * 100)
    with azurite.official(url) as client:
        client.upload_blob("file", content, content_settings=ContentSettings(content_encoding="gzip"))
    assert azurite.container(url).get("file") == content
    assert azurite.container(url).get("file", 5, 10) == content[5:15]


def test_what_is_missing_is_told(container: BlobContainer) -> None:
    """A file that is not there is None to head and an error of Python's own to others."""
    assert container.head("nothing") is None
    assert list(container.list("nothing")) == []
    with pytest.raises(FileNotFoundError, match="/nothing does not exist"):
        container.get("nothing")
    with pytest.raises(FileNotFoundError):
        container.set_metadata("nothing", {})


def test_metadata_is_replaced(container: BlobContainer) -> None:
    """New metadata takes the place of the old; the content stays."""
    container.put("file", io.BytesIO(b"1"), metadata={"old": "1"})
    container.set_metadata("file", {"new": "2"})
    assert container.head("file") == BlobInfo("file", 1, {"new": "2"}, md5(b"1"))


@pytest.mark.parametrize("metadata", [{"a": "größe"}, {"a": "1\r\nb: 2"}, {"a b": "1"}, {"a": " 1"}])
def test_metadata_that_headers_cannot_carry_is_refused(container: BlobContainer, metadata: dict[str, str]) -> None:
    """Metadata that would be altered or would end its header is an error before anything is sent."""
    with pytest.raises(ValueError, match="metadata"):
        container.put("file", io.BytesIO(b"1"), metadata=metadata)
    assert container.head("file") is None


def test_a_list_comes_page_by_page(azurite: Azurite, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list asks for a page when the one before is read, not for all at once."""
    monkeypatch.setattr(storage, "PAGE", 2)
    transport = Counting()
    container = azurite.container(transport=transport)
    for number in range(5):
        container.put(f"{number}", io.BytesIO(b"1"))
    found = container.list()
    assert next(found).name == "0"
    assert transport.count("GET", "comp=list") == 1
    assert [info.name for info in found] == ["1", "2", "3", "4"]
    assert transport.count("GET", "comp=list") == 3


# -- large files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [100_000, 100_001, 400_000, 410_000])
@pytest.mark.usefixtures("in_blocks")
def test_a_large_file_goes_in_blocks(azurite: Azurite, tmp_path: Path, size: int) -> None:
    """A file over the limit goes in blocks and is one file after; a stream whose size nobody knows likewise."""
    transport, content = Counting(), os.urandom(size)
    container = azurite.container(transport=transport)
    (tmp_path / "file").write_bytes(content)
    with (tmp_path / "file").open("rb") as stream:
        container.put("file", stream, metadata={"a": "1"})
    container.put("stream", io.BytesIO(content))
    for name, metadata in (("file", {"a": "1"}), ("stream", {})):
        assert container.head(name) == BlobInfo(name, size, metadata, md5(content))
        assert container.get(name) == content
    sent = transport.count("PUT", "comp=block&")
    assert (sent == 0) if size <= 100_000 else (sent >= 2 * size / 40_000)


@pytest.mark.usefixtures("in_blocks")
def test_a_large_file_that_is_there_is_not_sent(azurite: Azurite) -> None:
    """Nothing of a large file travels when one of its name is there; with `overwrite` it is replaced."""
    transport = Counting()
    container = azurite.container(transport=transport)
    container.put("file", io.BytesIO(b"small"))
    with pytest.raises(FileExistsError):
        container.put("file", io.BytesIO(bytes(200_000)))
    assert transport.count("PUT", "comp=block") == 0
    container.put("file", io.BytesIO(bytes(200_000)), overwrite=True)
    assert container.get("file") == bytes(200_000)


class Breaking(io.BytesIO):
    """A stream that cannot be read to its end."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, but not all."""
        if self.tell() > 250_000 or size is None or size < 0:
            message = "the file changed meanwhile"
            raise OSError(message)
        return super().read(size)


@pytest.mark.parametrize("size", [50_000, 400_000])
@pytest.mark.usefixtures("in_blocks")
def test_what_cannot_be_read_is_not_stored(container: BlobContainer, size: int) -> None:
    """What reading raises comes out as it is, and there is no file, or the one from before."""

    class Stream(Breaking):
        def read(self, size: int | None = -1, /) -> bytes:
            content = super().read(size)
            if len(self.getvalue()) == 50_000:
                message = "the file changed meanwhile"
                raise OSError(message)
            return content

    with pytest.raises(OSError, match="changed meanwhile"):
        container.put("file", Stream(os.urandom(size)))
    assert container.head("file") is None
    container.put("file", io.BytesIO(b"before"), overwrite=True)
    with pytest.raises(OSError, match="changed meanwhile"):
        container.put("file", Stream(os.urandom(size)), overwrite=True)
    assert container.get("file") == b"before"


@pytest.mark.parametrize("left", [0, 10_000])
def test_a_file_cut_short_after_it_was_opened_is_not_stored(
    container: BlobContainer, tmp_path: Path, left: int
) -> None:
    """A file that became shorter between its hash and its upload is an error, and nothing is stored."""
    (tmp_path / "file").write_bytes(os.urandom(90_000))
    with open_source(single_file(str(tmp_path / "file"))) as stream:
        os.truncate(tmp_path / "file", left)
        with pytest.raises(AssetException, match="changed while it was being uploaded"):
            container.put("file", stream)
    assert container.head("file") is None


@pytest.mark.usefixtures("in_blocks")
def test_blocks_that_were_sent_are_not_sent_again(azurite: Azurite) -> None:
    """After an upload that broke off, the next one of the same content sends only what is missing."""
    transport, content, url = Counting(), os.urandom(400_000), azurite.new()
    container = azurite.container(url, transport=transport)
    with pytest.raises(OSError, match="changed"):
        container.put("file", Breaking(content))
    assert transport.count("PUT", "comp=block&") >= 5
    container.put("file", io.BytesIO(content))
    with azurite.official(url) as client:
        stored, left = client.get_blob_client("file").get_block_list("all")
    assert (len(stored), len(left)) == (transport.count("PUT", "comp=block&"), 0)
    assert container.get("file") == content
    assert container.head("file") == BlobInfo("file", 400_000, {}, md5(content))


@pytest.mark.usefixtures("in_blocks")
def test_two_large_uploads_of_one_content_at_once(azurite: Azurite) -> None:
    """Two uploads of one large file do not break each other: one stores it, the other is told that it is there."""
    url, content = azurite.new(), os.urandom(400_000)
    barrier, outcomes = threading.Barrier(2), []

    class Together(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() == 0:
                barrier.wait(20)
            return super().read(size)

    def put() -> None:
        try:
            azurite.container(url).put("file", Together(content))
            outcomes.append("stored")
        except FileExistsError:
            outcomes.append("there")

    threads = [threading.Thread(target=put) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["stored", "there"]
    assert azurite.container(url).get("file") == content


# -- what opens it, and what errors say --------------------------------------------------------------------------


def texts(error: BaseException) -> str:
    """All that a person could see of an error, and of those that led to it."""
    found: list[BaseException | None] = [error]
    seen = []
    while found:
        one = found.pop()
        if one is not None and one not in seen:
            seen.append(one)
            found += [one.__cause__, one.__context__, getattr(one, "inner_exception", None)]
            found += [value for value in one.args if isinstance(value, BaseException)]
    requests = [getattr(getattr(one, "response", None), "request", None) for one in seen]
    return "\n".join(f"{one}\n{one!r}\n{vars(one)}" for one in seen) + "\n".join(map(repr, requests))


def test_a_signature_opens_it(azurite: Azurite) -> None:
    """A signature in the address or beside it opens a container, and no text of ours shows it."""
    url = azurite.new()
    signature = azurite.signature(url)
    for container in (BlobContainer(f"{url}?{signature}"), BlobContainer(url, f"?{signature}")):
        container.put("file", io.BytesIO(b"1"), overwrite=True)
        assert container.get("file") == b"1"
        assert repr(container) == f"BlobContainer({url!r})"
        assert container.url == url


def test_a_token_opens_it(azurite_over_https: Azurite) -> None:
    """A credential opens a container over HTTPS, and its token is for the storage service."""
    url = azurite_over_https.new()
    container = BlobContainer(url, Credential(), connection_verify=azurite_over_https.certificate)
    container.put("file", io.BytesIO(b"1"))
    assert [info.name for info in container.list()] == ["file"]


def test_the_backend_gives_containers(azurite: Azurite, azurite_over_https: Azurite) -> None:
    """A backend's containers are opened by what is named, else by who is signed in; closing the backend twice is fine."""
    url, guarded = azurite.new(), azurite_over_https.new()
    with AzureBackend(Credential(), connection_verify=azurite_over_https.certificate) as backend:
        for container in (
            backend.container(url, azurite.key),
            backend.container(url, azurite.signature(url)),
            backend.container(f"{url}?{azurite.signature(url)}"),
            backend.container(guarded),
        ):
            container.put("file", io.BytesIO(b"1"), overwrite=True)
            assert [info.name for info in container.list()] == ["file"]
        backend.close()


def test_a_wrong_key_is_told(azurite: Azurite) -> None:
    """An error about a key says so, and does not show the key."""
    wrong = base64.b64encode(b"another key of the same length or not").decode()
    container = BlobContainer(azurite.new(), wrong)
    for call in (
        lambda: container.put("a", io.BytesIO(b"1")),
        lambda: container.head("a"),
        lambda: list(container.list()),
    ):
        with pytest.raises(HttpResponseError, match="account key is not one of this account") as raised:
            call()
        assert raised.value.status_code == 403
        assert wrong not in texts(raised.value)
    with pytest.raises(AzureError, match="no base64 text") as badly:
        BlobContainer(azurite.new(), "wr0ng").head("a")
    assert "wr0ng" not in texts(badly.value)


def test_an_expired_signature_is_told(azurite: Azurite) -> None:
    """An error about a signature says when it ended, and does not show it."""
    url = azurite.new()
    signature = azurite.signature(url, hours=-1)
    secret = signature.partition("sig=")[2].partition("&")[0]
    container = BlobContainer(f"{url}?{signature}")
    for call in (
        lambda: container.put("a", io.BytesIO(b"1")),
        lambda: container.head("a"),
        lambda: list(container.list()),
    ):
        with pytest.raises(HttpResponseError, match=r"has expired \(20\d\d-.* UTC\); get a new one") as raised:
            call()
        assert secret not in texts(raised.value)


def test_a_signature_that_allows_too_little_is_told(azurite: Azurite) -> None:
    """What a signature does not allow is told as that."""
    url = azurite.new()
    with pytest.raises(
        HttpResponseError, match="does not allow this; on the container it needs rl to read, racwl to write"
    ):
        BlobContainer(f"{url}?{azurite.signature(url, 'rl')}").put("a", io.BytesIO(b"1"))


def test_a_missing_container_is_told(azurite: Azurite) -> None:
    """A container that is not there is named with its account, by every call."""
    container = azurite.container(f"{azurite.url}/missing")
    calls: list[Any] = [
        lambda: container.put("a", io.BytesIO(b"1")),
        lambda: container.get("a"),
        lambda: container.head("a"),
        lambda: list(container.list()),
        lambda: container.set_metadata("a", {}),
    ]
    for call in calls:
        with pytest.raises(ResourceNotFoundError, match=r"container 'missing' does not exist in .*'filesoftests'"):
            call()


def test_a_server_that_is_not_there_is_told_without_the_signature(free_port: int) -> None:
    """Errors of the network are azure-core's, with the host and without what opens it."""
    container = BlobContainer(f"http://127.0.0.1:{free_port}/account/c?sv=1&sig=s3cr3t%3D&se=2090-01-01", retry_total=0)
    for call in (lambda: container.put("a", io.BytesIO(b"1")), lambda: container.head("a")):
        with pytest.raises(ServiceRequestError, match=r"127\.0\.0\.1") as raised:
            call()
        assert "s3cr3t" not in texts(raised.value)


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port where nothing listens."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    ("credential", "code", "said"),
    [
        (Credential(), "AuthorizationPermissionMismatch", "role 'Storage Blob Data Contributor'"),
        (Credential(), "AuthorizationFailure", "network rules"),
        (Credential(), "InvalidAuthenticationInfo", "sign in again"),
        (KEY, "AuthorizationFailure", "network rules"),
        (KEY, "AuthenticationFailed", "account key"),
        (KEY, "KeyBasedAuthenticationNotPermitted", "without credentials"),
        (KEY, "AccountIsDisabled", "disabled"),
        ("sv=1&sig=abc", "AuthenticationFailed", "get a new one"),
        ("sv=1&sig=abc", "AuthorizationSourceIPMismatch", "this machine's address"),
        (None, "NoAuthenticationInformation", "give an account key"),
    ],
)
def test_refusals_say_what_to_do(credential: Any, code: str, said: str) -> None:
    """Each refusal of the service is told in words, with its code and the request's id, and without what was signed."""
    container = BlobContainer("https://acct.blob.core.windows.net/c", credential, transport=Answering(403, code))
    for call in (lambda: container.put("a", io.BytesIO(b"1")), lambda: container.get("a")):
        with pytest.raises(HttpResponseError, match=said) as raised:
            call()
        assert code in str(raised.value)
        assert "request-1" in str(raised.value)
        assert "sig=abc" not in str(raised.value)
        assert raised.value.status_code == 403


# -- addresses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "blob"),
    [
        ("https://acct.blob.core.windows.net/c", "https://acct.blob.core.windows.net/c/a/b"),
        ("https://acct.blob.core.windows.net/c/", "https://acct.blob.core.windows.net/c/a/b"),
        ("https://acct.z1.blob.storage.azure.net/c/below/it", "https://acct.z1.blob.storage.azure.net/c/below/it/a/b"),
        ("http://127.0.0.1:10000/devstoreaccount1/c", "http://127.0.0.1:10000/devstoreaccount1/c/a/b"),
        ("https://127.0.0.1:1/acct.blob.local/c/below", "https://127.0.0.1:1/acct.blob.local/c/below/a/b"),
        ("http://localhost:10000/devstoreaccount1/c", "http://localhost:10000/devstoreaccount1/c/a/b"),
        ("https://files.example.com/c", "https://files.example.com/c/a/b"),
    ],
)
def test_addresses(url: str, blob: str) -> None:
    """The account may stand in the host or in the path, and a container's address may go on below it."""
    transport = Answering(404, "BlobNotFound")
    container = BlobContainer(url, KEY, transport=transport)
    assert container.head("a/b") is None
    with pytest.raises(FileNotFoundError):
        container.put("a/b", io.BytesIO(b"1"))
    assert transport.urls == [blob, blob]


@pytest.mark.parametrize(
    "url", ["https://acct.blob.core.windows.net", "https://127.0.0.1/acct", "acct/c", "ftp://a.blob.b/c"]
)
def test_an_address_of_no_container_is_refused(url: str) -> None:
    """What is no address of a container is an error when it is given, without the signature in it."""
    with pytest.raises(ValueError, match="was expected") as raised:
        BlobContainer(f"{url}?sig=abc")
    assert "abc" not in str(raised.value)


def test_what_follows_the_container_is_part_of_every_name(azurite: Azurite) -> None:
    """A container that is lent for one folder shows names as they are inside it."""
    url = azurite.new()
    below, all_of_it = azurite.container(f"{url}/lent/folder"), azurite.container(url)
    below.put("a", io.BytesIO(b"1"))
    all_of_it.put("b", io.BytesIO(b"2"))
    assert [info.name for info in below.list()] == ["a"]
    assert [info.name for info in all_of_it.list()] == ["b", "lent/folder/a"]
    assert below.head("a") == BlobInfo("a", 1, {}, md5(b"1"))


def test_a_shared_transport_stays_open(azurite: Azurite) -> None:
    """What all containers of a backend send over is closed by none of them."""
    transport = Counting()
    container = azurite.container(transport=transport)
    container.put("a", io.BytesIO(b"1"))
    container.get("a")
    del container
    assert not transport.closed


def test_a_busy_service_is_asked_again(azurite: Azurite) -> None:
    """An upload goes through although the service was busy once."""

    class Busy(Counting):
        def send(self, request: Any, **options: Any) -> Any:
            if not self.sent:
                self.sent.append((request.method, request.url))
                return Answering(503, "ServerBusy").send(request)
            return super().send(request, **options)

    container = azurite.container(transport=Busy(), retry_backoff_factor=0)
    stream: IO[bytes] = io.BytesIO(b"1")
    container.put("a", stream)
    assert container.get("a") == b"1"
