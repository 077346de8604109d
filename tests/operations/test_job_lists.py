"""Jobs are found by what is known of them: by the service where it can, here where it cannot, page by page."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from operations.jobs import submitted

from mlsdk import MLClient
from mlsdk.backends.memory import JobOutcome, ManualClock, MemoryBackend
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from operations.conftest import Reached


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still."""
    return ManualClock()


@pytest.fixture
def client(reached: Reached, backend: MemoryBackend) -> MLClient:
    """A client of a workspace with two computes, whose time is moved by hand."""
    backend.add_workspace("s", "rg", "ws", computes=["cpu-cluster", "gpu"])
    return MLClient(None, "s", "rg", "ws", backend=reached(backend))


@pytest.fixture
def backend(clock: ManualClock) -> MemoryBackend:
    """A backend with that clock."""
    return MemoryBackend(clock=clock)


def names(client: MLClient, **wanted: Any) -> list[str]:
    """The names of the jobs that a list shows."""
    return [str(job.name) for job in client.jobs.list(**wanted)]


@pytest.mark.shows("jobs.list")
def test_the_newest_job_stands_first_and_archived_ones_apart(client: MLClient) -> None:
    """Without a word, all jobs that are not archived are shown."""
    for name in ("a", "b"):
        submitted(client, name=name)
    assert names(client) == ["b", "a"]
    client.jobs.archive("a")
    assert names(client) == ["b"]
    assert names(client, list_view_type="ArchivedOnly") == ["a"]
    assert names(client, list_view_type="All") == ["b", "a"]


@pytest.mark.shows("jobs.list")
def test_jobs_are_found_by_their_status(client: MLClient, backend: MemoryBackend, clock: ManualClock) -> None:
    """One word or several, whatever their case."""
    backend.run_jobs_with(lambda job: JobOutcome(status="Completed" if job["name"] == "good" else "Failed"))
    for name in ("good", "bad"):
        submitted(client, name=name)
    clock.advance(timedelta(hours=1))
    submitted(client, name="new")
    assert names(client, status="completed") == ["good"]
    assert names(client, status=["Failed", "NotStarted"]) == ["new", "bad"]


def test_a_status_that_there_is_none_of_is_refused(client: MLClient, backend: MemoryBackend) -> None:
    """A slip would find nothing in silence; nothing is asked for."""
    before = len(backend.requests)
    with pytest.raises(ValidationException, match="'Compleet'; did you mean 'Completed'"):
        client.jobs.list(status="Compleet")
    assert len(backend.requests) == before


@pytest.mark.shows("jobs.list")
def test_jobs_are_found_by_experiment_compute_and_tags(client: MLClient, backend: MemoryBackend) -> None:
    """The service is asked for those with a tag; what it cannot look for is looked at here."""
    submitted(client, name="a", experiment_name="iris", compute="cpu-cluster", tags={"team": "red", "run": "1"})
    submitted(client, name="b", experiment_name="wine", compute="gpu", tags={"team": "blue"})
    submitted(client, name="c", experiment_name="wine")
    assert names(client, experiment_name="wine") == ["c", "b"]
    assert names(client, compute="gpu") == ["b"]
    assert names(client, compute="serverless") == ["c"]
    assert names(client, tags={"team": "red", "run": 1}) == ["a"]
    assert names(client, tags={"team": None}) == ["b", "a"]
    assert backend.requests[-1].params["tag"] == "team"
    assert names(client, experiment_name="wine", tags={"team": "red"}) == []


@pytest.mark.shows("jobs.list")
def test_jobs_are_found_by_when_they_were_made(client: MLClient, clock: ManualClock) -> None:
    """A moment, or its text; one without a zone is local time."""
    submitted(client, name="old")
    clock.advance(timedelta(days=2))
    submitted(client, name="new")
    moment = datetime.fromtimestamp(clock.now(), timezone.utc) - timedelta(days=1)
    assert names(client, created_after=moment) == ["new"]
    assert names(client, created_after=moment.isoformat()) == ["new"]
    assert names(client, created_after=moment.astimezone().replace(tzinfo=None)) == ["new"]
    assert names(client, created_after=moment - timedelta(days=2)) == ["new", "old"]
    with pytest.raises(ValidationException, match="created_after is 'yesterday'"):
        client.jobs.list(created_after="yesterday")


@pytest.mark.shows("jobs.list")
def test_the_first_jobs_are_had_without_the_rest(reached: Reached, clock: ManualClock) -> None:
    """Reading stops at the page on which the last wanted job stands, and pages can be had as such."""
    backend = MemoryBackend(clock=clock, page_size=2)
    backend.add_workspace("s", "rg", "ws")
    client = MLClient(None, "s", "rg", "ws", backend=reached(backend))
    for number in range(7):
        submitted(client, name=f"job{number}", experiment_name="odd" if number % 2 else "even")
    before = len(backend.requests)
    assert names(client, max_results=3) == ["job6", "job5", "job4"]
    assert 2 <= len(backend.requests) - before <= 3  # one more where the next page is fetched ahead
    assert names(client, max_results=2, experiment_name="odd") == ["job5", "job3"]
    assert names(client, max_results=0) == []
    assert [[job.name for job in page] for page in client.jobs.list(max_results=3).by_page()] == [
        ["job6", "job5"],
        ["job4"],
    ]
    with pytest.raises(ValidationException, match="max_results is -1"):
        client.jobs.list(max_results=-1)


def test_a_mistyped_keyword_is_refused(client: MLClient) -> None:
    """At once, with what was meant."""
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'experiment'.*did you mean 'experiment_name'"):
        client.jobs.list(experiment="iris")


@pytest.mark.shows("jobs.list", "jobs.get")
def test_what_is_not_there_is_not_found(client: MLClient) -> None:
    """A job, and the children of one."""
    for ask in (client.jobs.get, client.jobs.children, lambda name: client.jobs.list(parent_job_name=name)):
        with pytest.raises(ResourceNotFoundError):
            ask("missing")
