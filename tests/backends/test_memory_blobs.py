"""Files: stored, read in parts, listed, opened with keys and signatures."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError
from hypothesis import given
from hypothesis import strategies as st

from mlsdk.backends import Container
from mlsdk.backends.memory import ManualClock, MemoryBackend

URL = "https://acc.blob.core.windows.net/con"


@pytest.fixture
def backend() -> MemoryBackend:
    """A backend with the container `con` of the storage account `acc`, whose key is `k3y`."""
    backend = MemoryBackend()
    backend.add_storage_account("acc", containers=["con"], shares=["share"], key="k3y", sas=["sv=1&sig=abc"])
    return backend


def put(container: Any, name: str, content: bytes = b"content", **more: Any) -> None:
    """Store a file."""
    container.put(name, BytesIO(content), **more)


def test_a_file_comes_back_byte_for_byte(backend: MemoryBackend) -> None:
    """Whole, or from an offset, or so many bytes; its size, digest and metadata are known without reading it."""
    container = backend.container(URL)
    assert isinstance(container, Container)
    put(container, "a/b.txt", b"0123456789", metadata={"name": "x"})
    assert container.get("a/b.txt") == b"0123456789"
    assert container.get("a/b.txt", 4) == b"456789"
    assert container.get("a/b.txt", 4, 2) == b"45"
    info = container.head("a/b.txt")
    assert info is not None
    assert (info.name, info.size, info.metadata) == ("a/b.txt", 10, {"name": "x"})
    assert info.content_md5 == hashlib.md5(b"0123456789", usedforsecurity=False).digest()
    assert container.head("a") is None


def test_a_file_is_not_overwritten_by_accident(backend: MemoryBackend) -> None:
    """FileExistsError unless `overwrite`."""
    container = backend.container(URL)
    put(container, "a", b"old")
    with pytest.raises(FileExistsError, match="con/a"):
        put(container, "a", b"new")
    assert container.get("a") == b"old"
    put(container, "a", b"new", overwrite=True)
    assert container.get("a") == b"new"


def test_a_file_is_stored_whole_or_not_at_all(backend: MemoryBackend) -> None:
    """A stream that breaks off leaves what was there."""
    broken = BytesIO()
    broken.close()
    container = backend.container(URL)
    with pytest.raises(ValueError, match="closed file"):
        container.put("a", broken)
    assert container.head("a") is None


def test_what_is_not_there(backend: MemoryBackend) -> None:
    """FileNotFoundError for files, azure-core's ResourceNotFoundError for containers and accounts."""
    container = backend.container(URL)
    with pytest.raises(FileNotFoundError, match="con/none"):
        container.get("none")
    with pytest.raises(FileNotFoundError, match="con/none"):
        container.set_metadata("none", {})
    with pytest.raises(ResourceNotFoundError, match="container does not exist"):
        backend.container("https://acc.blob.core.windows.net/none").head("x")
    with pytest.raises(ResourceNotFoundError, match="add_storage_account"):
        backend.container("https://none.blob.core.windows.net/con").head("x")
    for url in ("https://acc.blob.core.windows.net/", "http://acc.blob.core.windows.net/con", "con"):
        with pytest.raises(ValueError, match=r"account\.blob"):
            backend.container(url)


def test_metadata_is_replaced(backend: MemoryBackend) -> None:
    """Setting metadata leaves the content, and what was given can be changed afterwards without effect."""
    container = backend.container(URL)
    given_metadata = {"a": "1"}
    put(container, "a", b"x", metadata=given_metadata)
    given_metadata["a"] = "9"
    container.set_metadata("a", {"b": "2"})
    info = container.head("a")
    assert info is not None
    assert info.metadata == {"b": "2"}
    assert container.get("a") == b"x"


@given(
    st.dictionaries(st.text("ab/", min_size=1, max_size=4), st.binary(max_size=9), max_size=8),
    st.text("ab/", max_size=2),
)
def test_lists_are_sorted_and_complete(files: dict[str, bytes], prefix: str) -> None:
    """Law: a list holds exactly the files with the prefix, by name, with their sizes."""
    backend = MemoryBackend()
    backend.add_storage_account("acc", containers=["con"])
    container = backend.container(URL)
    for name, content in files.items():
        put(container, name, content)
        list(container.list())
    expected = [(name, len(files[name])) for name in sorted(files) if name.startswith(prefix)]
    assert [(info.name, info.size) for info in container.list(prefix)] == expected


@pytest.mark.parametrize("good", ["k3y", {"account_key": "k3y"}, "?sv=1&sig=abc", None, object()])
def test_what_opens_an_account(backend: MemoryBackend, good: Any) -> None:
    """Its key, a signature it trusts, or the identity of who is signed in."""
    assert list(backend.container(URL, good).list()) == []


@pytest.mark.parametrize("bad", ["other", "sv=1&sig=abd", "?sig=", {"account_key": "x"}])
def test_what_does_not(backend: MemoryBackend, bad: Any) -> None:
    """A wrong key or signature is refused with 403, and the error does not repeat it."""
    with pytest.raises(ClientAuthenticationError, match="failed to authenticate") as caught:
        backend.container(URL, bad).head("x")
    assert caught.value.status_code == 403
    for secret in ("other", "abd"):
        assert secret not in str(caught.value).replace("another", "")


def test_signatures_are_for_one_container_and_a_day(wired: Any) -> None:
    """What `startPendingUpload` gives opens nothing else, cannot be altered, and expires."""
    clock = ManualClock()
    azure = wired(MemoryBackend(clock=clock))
    reference = azure.post("codes/c/versions/1/startPendingUpload", {})["blobReferenceForConsumption"]
    uri = reference["credential"]["sasUri"]
    put(azure.backend.container(uri), "file")
    base, _, token = uri.partition("?")
    assert azure.backend.container(base, token).get("file") == b"content"
    elsewhere = base.rpartition("/")[0] + "/azureml"
    altered = token.replace("sc=", "sc=x").replace("se=", "se=9")
    for url, opener in ((elsewhere, token), (base, altered)):
        with pytest.raises(ClientAuthenticationError):
            azure.backend.container(url, opener).head("file")
    clock.advance(timedelta(days=1, seconds=1))
    with pytest.raises(ClientAuthenticationError):
        azure.backend.container(uri).head("file")
    assert "sig=" not in repr(azure.backend.container(uri))


def test_a_url_may_lead_into_a_folder(backend: MemoryBackend) -> None:
    """What follows the container in a URL is a folder, from which names count."""
    put(backend.container(URL), "folder/a/b")
    inner = backend.container(f"{URL}/folder")
    assert [info.name for info in inner.list()] == ["a/b"]
    assert inner.get("a/b") == b"content"
    assert [info.name for info in inner.list("a")] == ["a/b"]


def test_shares_are_not_containers(backend: MemoryBackend) -> None:
    """File shares have names of their own; the data lake's address opens the same files as the blobs'."""
    put(backend.container("https://acc.file.core.windows.net/share"), "a")
    with pytest.raises(ResourceNotFoundError):
        backend.container("https://acc.blob.core.windows.net/share").head("a")
    put(backend.container(URL), "b")
    assert backend.container(URL.replace(".blob.", ".dfs.")).get("b") == b"content"


def test_an_account_cannot_be_added_twice(backend: MemoryBackend) -> None:
    """Account names are unique."""
    with pytest.raises(ValueError, match="exists already"):
        backend.add_storage_account("ACC")
