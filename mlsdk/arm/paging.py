"""Lists of the service, page by page as they are read: azure-core's `ItemPaged` over any backend."""

from __future__ import annotations

import contextvars
import re
import weakref
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from azure.core.paging import ItemPaged, PageIterator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
JSON = dict[str, Any]


def paged(
    ask: Callable[[str | None], JSON],
    url: str,
    api_version: str | None,
    load: Callable[[JSON], T],
    items: str,
    keep: Callable[[JSON], bool] | None,
    *,
    ahead: bool,
) -> ItemPaged[T]:
    """The items of a list, fetched page by page as they are read; `by_page` gives the pages, or those after a token.

    `ask` gets a page: the one at a link, the first one of the list at `url` for None. `items` names the list in a page, `keep`
    drops some of its rows, `load` turns the others into items. With `ahead`, once a reader has come to the second page, the
    next one is fetched while one is read. A page's error surfaces at that page.
    """

    def fetch(link: str | None) -> tuple[str, JSON]:
        return link or url, ask(link)

    def extract(answer: tuple[str, JSON]) -> tuple[str | None, Iterator[T]]:
        asked, page = answer
        rows, link = page.get(items) or (), page.get("nextLink")
        kept = rows if keep is None else filter(keep, rows)
        return _address(link, asked, api_version) if link else None, map(load, kept)

    return ItemPaged(fetch, extract, page_iterator_class=_PagesAhead if ahead else PageIterator)


def _address(link: str, asked: str, api_version: str | None) -> str:
    """Where a page's link leads, the link to the letter but for two things.

    A path alone belongs to the host that was asked. The api-version is ours, as the official client has it: services answer
    with another one, or with none.
    """
    if link.startswith("/") and "://" in asked:
        link = "/".join(asked.split("/", 3)[:3]) + link
    if api_version is None:
        return link
    found, count = re.subn(r"([?&]api-version=)[^&#]*", rf"\g<1>{api_version}", link, flags=re.IGNORECASE)
    return found if count else f"{link}{'&' if '?' in link else '?'}api-version={api_version}"


class _PagesAhead(PageIterator[T]):
    """Pages of which, from the second on, the next is fetched while one is read.

    Whoever takes only the first page costs one request; a reader that is left alone leaves nothing behind.
    """

    def __init__(
        self,
        get_next: Callable[[str | None], Any],
        extract_data: Callable[[Any], Any],
        continuation_token: str | None = None,
    ) -> None:
        self._scout = _Scout(get_next)
        weakref.finalize(self, self._scout.end).atexit = False
        super().__init__(self._scout.take, extract_data, continuation_token)

    def __next__(self) -> Iterator[T]:
        first = not self._did_a_call_already
        page = super().__next__()
        if self.continuation_token is None:
            self._scout.end()
        elif not first:
            self._scout.go_to(self.continuation_token)
        return page


class _Scout:
    """Fetches for one reader, on one thread: to hand over to it costs much less than a new thread for each page."""

    def __init__(self, fetch: Callable[[str | None], Any]) -> None:
        self._fetch = fetch
        self._links: SimpleQueue[str | None] = SimpleQueue()
        self._answers: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._started = self._coming = False

    def go_to(self, link: str) -> None:
        """Begin to fetch."""
        if not self._started:
            self._started = True
            run = contextvars.copy_context().run  # tracing follows the reader
            Thread(target=run, args=(self._fetch_each,), name="mlsdk-next-page", daemon=True).start()
        self._links.put(link)
        self._coming = True

    def take(self, link: str | None) -> Any:
        """The page that is coming, or else one fetched now; after an error, its page can so be asked for again."""
        if not self._coming:
            return self._fetch(link)
        page, error = self._answers.get()
        self._coming = False
        if error is not None:
            raise error
        return page

    def end(self) -> None:
        """Have the thread end, if there is one; calling it twice is fine."""
        self._links.put(None)

    def _fetch_each(self) -> None:
        while (link := self._links.get()) is not None:
            try:
                self._answers.put((self._fetch(link), None))
            except BaseException as error:  # noqa: BLE001 - raised where the page is read
                self._answers.put((None, error))
