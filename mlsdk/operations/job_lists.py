"""Which jobs a list shows: what the service does not filter by is looked at here, page by page."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from azure.core.paging import ItemPaged

from mlsdk.schema import codecs
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

T = TypeVar("T")
JSON = dict[str, Any]

STATUSES = (
    *("NotStarted", "Starting", "Provisioning", "Preparing", "Queued", "Running", "Finalizing", "CancelRequested"),
    *("Completed", "Failed", "Canceled", "NotResponding", "Paused", "Scheduled", "Unknown"),
)
"""What the service says of how a job is."""
SERVERLESS = "serverless"
PARAMETERS = {
    "job_type": "jobType",
    "schedule_defined": "scheduled",
    "scheduled_job_name": "scheduleId",
    "tag": "tag",
}
"""What the service itself filters a list by, beside the view: the official client's words for it, and the service's."""
KEYWORDS = (
    *(
        "parent_job_name",
        "list_view_type",
        "status",
        "experiment_name",
        "compute",
        "tags",
        "created_after",
        "max_results",
    ),
    *PARAMETERS,
)


def for_service(given: Mapping[str, Any]) -> JSON:
    """Keyword arguments as parameters of the service; TypeError for one that there is none for."""
    for name in given:
        if name not in PARAMETERS:
            message = f"list() got an unexpected keyword argument {name!r}{did_you_mean(name, KEYWORDS)}"
            raise TypeError(message)
    return {PARAMETERS[name]: value for name, value in given.items()}


def wanted(
    *,
    status: str | Iterable[str] | None,
    experiment_name: str | None,
    compute: str | None,
    tags: Mapping[str, str | None] | None,
    created_after: datetime | str | None,
) -> Callable[[JSON], bool] | None:
    """What says whether a job's body is wanted; None where all are. ValidationException for what no job can fulfil."""
    tests: list[Callable[[JSON], bool]] = []
    if status is not None:
        statuses = _statuses(status)
        tests.append(lambda body: str(_properties(body).get("status")).lower() in statuses)
    if experiment_name is not None:
        experiment = experiment_name.lower()
        tests.append(lambda body: str(_properties(body).get("experimentName")).lower() == experiment)
    if compute is not None:
        name = compute.removeprefix("azureml:").rpartition("/")[2].lower()
        tests.append(lambda body: name in _computes(_properties(body)))
    if tags:
        asked = dict(tags)
        tests.append(lambda body: _has(_properties(body).get("tags") or {}, asked))
    if created_after is not None:
        moment = _moment(created_after)
        tests.append(lambda body: _made_after(body, moment))
    if not tests:
        return None
    return lambda body: all(test(body) for test in tests)


def _properties(body: JSON) -> JSON:
    return body["properties"]  # type: ignore[no-any-return]


def _statuses(given: str | Iterable[str]) -> frozenset[str]:
    known = {word.lower() for word in STATUSES}
    words = [given] if isinstance(given, str) else list(given)
    for word in words:
        if str(word).lower() not in known:
            message = (
                f"status: no job is ever {word!r}{did_you_mean(str(word), STATUSES)}; there are {', '.join(STATUSES)}"
            )
            raise wrong(message)
    return frozenset(str(word).lower() for word in words)


def _computes(properties: JSON) -> set[str]:
    """The names of the computes that a job names for itself: a pipeline has a default one; `serverless` without any."""
    settings = properties.get("settings") or {}
    named = (properties.get("computeId"), settings.get("default_compute"), settings.get("defaultCompute"))
    return {str(each).rpartition("/")[2].lower() for each in named if each} or {SERVERLESS}


def _has(tags: Mapping[str, Any], asked: Mapping[str, str | None]) -> bool:
    return all(name in tags and (value is None or str(tags[name]) == str(value)) for name, value in asked.items())


def _moment(given: datetime | str) -> datetime:
    """A moment with its zone; one without is local time, as everywhere in Python."""
    found = codecs.timestamp.load(given)
    if not isinstance(found, datetime):
        message = f"created_after is {given!r}; expected a datetime, or its text like '2025-01-31T08:00:00+00:00'"
        raise wrong(message)
    return found.astimezone()


def _made_after(body: JSON, moment: datetime) -> bool:
    """Whether a job was made after a moment; one whose making the service does not tell was not."""
    made = codecs.timestamp.load((body.get("systemData") or {}).get("createdAt"))
    return isinstance(made, datetime) and made.astimezone() > moment


class AtMost(ItemPaged[T]):
    """The first items of a list; no page is read after the last one that is needed."""

    def __init__(self, listed: ItemPaged[T], most: Any) -> None:
        """Give up to `most` items of `listed`; ValidationException when that is no number of items."""
        if isinstance(most, bool) or not isinstance(most, int) or most < 0:
            message = f"max_results is {most!r}; expected how many at most, 0 or more"
            raise wrong(message)
        super().__init__()
        self._listed, self._most = listed, most

    def by_page(self, continuation_token: str | None = None) -> Iterator[Iterator[T]]:
        """The same, page by page."""
        left = self._most
        pages = self._listed.by_page(continuation_token)
        while left > 0 and (page := next(pages, None)) is not None:
            items = [item for _, item in zip(range(left), page, strict=False)]
            left -= len(items)
            yield iter(items)
