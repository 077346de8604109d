"""Blob Storage over HTTP: containers, and lists of them and of what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from hypothesis import given
from hypothesis import strategies as st
from storage_clients import Http, code, document

from mlsdk.backends.memory import MemoryBackend

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree import ElementTree as ET


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
