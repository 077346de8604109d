"""A blob container behind the seam, against a real blob server: what is stored, under which address, and what comes back."""

from __future__ import annotations

import gzip
import io
import os
from typing import IO, TYPE_CHECKING, Any

import pytest
from azure.storage.blob import ContentSettings

from mlsdk.backends import BlobInfo, Container
from mlsdk.backends.azure import storage
from mlsdk.backends.azure.storage import BlobContainer

if TYPE_CHECKING:
    from azurite import Azurite

from storage_transports import KEY, Answering, Counting, md5

pytest_plugins = ["azurite"]

CONTENTS = {"nothing": b"", "one": b"1", "many": os.urandom(10_000)}


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
