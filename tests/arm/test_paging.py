"""Lists: page by page as they are read, the next page fetched ahead where that helps."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from arm.scripted import HOST, WORKSPACE, Answer, Scripted, connect
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError, ServiceRequestError

from mlsdk import MLClient
from mlsdk.backends import Reply, Request
from mlsdk.backends.memory import MemoryBackend
from mlsdk.entities import Model

if TYPE_CHECKING:
    from azure.core.paging import ItemPaged

URL = f"{WORKSPACE}/models"
AHEAD = pytest.mark.parametrize("ahead", [False, True], ids=["plain", "ahead"])


def page(*names: str, after: str | None = None) -> Reply:
    """A page, and the link to the next."""
    link = {"nextLink": f"{HOST}{URL}?api-version=v&$skip={after}"} if after else {}
    return Reply(200, {"value": [{"name": name} for name in names], **link})


def listed(backend: Scripted, *, ahead: bool = False, **more: Any) -> ItemPaged[str]:
    """The names in a list."""
    backend.distant = ahead
    return connect(backend).pages(URL, "v", lambda row: str(row["name"]), **more)


def three_pages() -> list[Answer]:
    """Five names."""
    return [page("a", "b", after="1"), page("c", "d", after="2"), page("e")]


def settled(backend: Scripted, count: int) -> bool:
    """Whether the backend gets to `count` requests, and stays there for a moment."""
    until = time.monotonic() + 5
    while len(backend.requests) < count and time.monotonic() < until:
        time.sleep(0.002)
    time.sleep(0.02)
    return len(backend.requests) == count


def page_threads() -> list[threading.Thread]:
    """Those that fetch pages now."""
    return [one for one in threading.enumerate() if one.name == "mlsdk-next-page"]


@AHEAD
def test_a_list_has_all_items_in_order(ahead: bool) -> None:
    """By item and by page, with one request for each page."""
    backend = Scripted(*three_pages())
    assert list(listed(backend, ahead=ahead)) == ["a", "b", "c", "d", "e"]
    assert len(backend.requests) == 3
    backend = Scripted(*three_pages())
    assert [list(one) for one in listed(backend, ahead=ahead).by_page()] == [["a", "b"], ["c", "d"], ["e"]]


@AHEAD
def test_who_reads_one_page_asks_for_one(ahead: bool) -> None:
    """The first item, and the whole first page, cost one request."""
    backend = Scripted(*three_pages())
    reading = iter(listed(backend, ahead=ahead))
    assert (next(reading), next(reading)) == ("a", "b")
    assert settled(backend, 1)


def test_from_the_second_page_on_the_next_is_fetched_while_one_is_read() -> None:
    """The third page is there before it is asked for."""
    backend = Scripted(*three_pages())
    reading = iter(listed(backend, ahead=True))
    assert [next(reading) for _ in range(3)] == ["a", "b", "c"]
    assert settled(backend, 3)
    assert list(reading) == ["d", "e"]
    assert len(backend.requests) == 3


def test_nothing_is_fetched_ahead_unless_asked_for() -> None:
    """A backend in memory answers at once."""
    backend = Scripted(*three_pages())
    reading = iter(listed(backend))
    assert [next(reading) for _ in range(3)] == ["a", "b", "c"]
    assert settled(backend, 2)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Reply(404, {"error": {"code": "NotFound", "message": "no page"}}), ResourceNotFoundError),
        (Reply(500, {"error": {"code": "Broken", "message": "no page"}}), HttpResponseError),
        (ServiceRequestError("no page"), ServiceRequestError),
    ],
)
@AHEAD
def test_an_error_surfaces_at_its_page_and_reading_can_go_on_there(
    ahead: bool, answer: Answer, error: type[Exception]
) -> None:
    """Not before, though the page was fetched ahead; it carries the token to go on with."""
    backend = Scripted(page("a", after="1"), page("b", "c", after="2"), answer, page("d"), page("d"))
    listing = listed(backend, ahead=ahead)
    reading = listing.by_page()
    assert list(next(reading)) == ["a"]
    assert list(next(reading)) == ["b", "c"]
    with pytest.raises(error, match="no page") as caught:
        next(reading)
    token = caught.value.continuation_token  # type: ignore[attr-defined]
    assert [list(one) for one in listing.by_page(token)] == [["d"]]
    assert list(next(reading)) == ["d"]


@AHEAD
def test_a_list_goes_on_from_a_token(ahead: bool) -> None:
    """`by_page(continuation_token)`, the token being that of the page iterator."""
    reading = listed(Scripted(*three_pages()), ahead=ahead).by_page()
    next(reading)
    token = reading.continuation_token  # type: ignore[attr-defined]
    rest = Scripted(*three_pages()[1:])
    assert [list(one) for one in listed(rest, ahead=ahead).by_page(token)] == [["c", "d"], ["e"]]


def test_a_list_that_is_left_alone_leaves_no_thread() -> None:
    """The fetch that was under way ends, and its thread with it."""
    gate = threading.Event()

    def slow(_: Request) -> Reply:
        assert gate.wait(5)
        return page("e", after="3")

    backend = Scripted(*three_pages()[:2], slow)
    reading = iter(listed(backend, ahead=True))
    assert [next(reading) for _ in range(3)] == ["a", "b", "c"]
    waiting = page_threads()
    assert [one.daemon for one in waiting] == [True]
    del reading
    gate.set()
    waiting[0].join(5)
    assert not page_threads()
    assert len(backend.requests) == 3


def test_a_list_that_was_read_leaves_no_thread() -> None:
    """Though its reader still stands."""
    reading = listed(Scripted(*three_pages()), ahead=True).by_page()
    assert len(list(reading)) == 3
    for one in page_threads():
        one.join(5)
    assert not page_threads()


def test_a_wait_for_a_page_can_be_broken_off_and_taken_up() -> None:
    """Ctrl-C in the middle loses no page and asks for none twice."""
    backend = Scripted(*three_pages())
    reading = listed(backend, ahead=True).by_page()
    assert [list(next(reading)) for _ in range(2)] == [["a", "b"], ["c", "d"]]
    answers = reading._scout._answers  # type: ignore[attr-defined]

    class Interrupted:
        def get(self) -> None:
            raise KeyboardInterrupt

    reading._scout._answers = Interrupted()  # type: ignore[attr-defined]
    with pytest.raises(KeyboardInterrupt):
        next(reading)
    reading._scout._answers = answers  # type: ignore[attr-defined]
    assert [list(one) for one in reading] == [["e"]]
    assert len(backend.requests) == 3


@pytest.mark.parametrize(
    ("link", "asked"),
    [
        (f"{HOST}{URL}?api-version=old&%24skip=1", f"{HOST}{URL}?api-version=v&%24skip=1"),
        (f"{HOST}{URL}?$skip=1", f"{HOST}{URL}?$skip=1&api-version=v"),
        (f"{URL}?$skip=a%2Fb%3D&Api-Version=old", f"{HOST}{URL}?$skip=a%2Fb%3D&Api-Version=v"),
        (f"{HOST}{URL}/next", f"{HOST}{URL}/next?api-version=v"),
    ],
)
def test_a_link_is_followed_at_our_api_version(link: str, asked: str) -> None:
    """As the official client does; the rest of the link goes back to the letter, and a path stays on the host."""
    backend = Scripted(Reply(200, {"value": [], "nextLink": link}), page())
    assert list(listed(backend)) == []
    assert backend.requests[1].address(backend.cloud) == asked


def test_a_link_without_a_version_of_ours_is_left_as_it_is() -> None:
    """For lists that have no api-version."""
    backend = Scripted(Reply(200, {"value": [], "nextLink": "/next?x=1"}), page())
    assert list(connect(backend).pages("/first", None, str)) == []
    assert backend.requests[1].url == "/next?x=1"


def test_a_path_belongs_to_the_host_that_gave_it() -> None:
    """The pages of a registry come from a host of its own, and may lead to another."""
    links = ["/two?x=1", "https://other.example/three", "/four", None]
    backend = Scripted(*[Reply(200, {"value": [], "nextLink": link}) for link in links])
    assert list(connect(backend).pages("https://region.example/one", None, str)) == []
    assert [one.url for one in backend.requests] == [
        "https://region.example/one",
        "https://region.example/two?x=1",
        "https://other.example/three",
        "https://other.example/four",
    ]


@pytest.mark.parametrize("body", [None, {}, {"value": None}, {"value": [], "nextLink": None}, {"nextLink": ""}])
def test_an_empty_list_is_empty(body: Any) -> None:
    """In each form that services give it."""
    assert list(listed(Scripted(Reply(200, body)))) == []


def test_a_page_may_be_empty_and_rows_may_be_dropped() -> None:
    """An empty page in the middle does not end the list; `keep` drops rows before they are loaded."""
    backend = Scripted(page("a", "b", after="1"), page(after="2"), page("c"))
    assert list(listed(backend, keep=lambda row: row["name"] != "b")) == ["a", "c"]


def test_what_follows_a_list_that_is_asked_for_by_post_is_fetched_by_get() -> None:
    """As the official client does for the nodes of a compute."""
    backend = Scripted(
        Reply(200, {"nodes": [{"name": "a"}], "nextLink": "/more"}), Reply(200, {"nodes": [{"name": "b"}]})
    )
    found = listed(backend, items="nodes", method="POST", repeatable=True, params={"top": 5, "none": None})
    assert list(found) == ["a", "b"]
    assert [one.method for one in backend.requests] == ["POST", "GET"]
    assert backend.requests[0].params == {"api-version": "v", "top": "5"}
    assert backend.requests[0].options.repeatable is True


@AHEAD
def test_pages_of_a_real_list_read_ahead(ahead: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the memory backend: every model once, newest first."""
    backend = MemoryBackend(page_size=3)
    backend.add_workspace("s", "g", "demo")
    client = MLClient(None, "s", "g", "demo", backend=backend)
    for number in range(10):
        client.models.create_or_update(Model(name=f"m{number}", path="azureml://datastores/x/paths/y"))
    monkeypatch.setattr(MemoryBackend, "distant", ahead)
    found = client._session.connection.pages(URL, "2024-04-01", lambda row: str(row["name"]))
    assert sorted(found) == [f"m{number}" for number in range(10)]
