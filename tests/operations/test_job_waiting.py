"""A job is waited for, and what it does meanwhile can be seen: its services and its metrics."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from operations.jobs import submitted

from mlsdk import MLClient
from mlsdk.backends.memory import JobOutcome, ManualClock, MemoryBackend
from mlsdk.entities import JupyterLabJobService, SshJobService
from mlsdk.exceptions import JobException, JobTimeoutError, ValidationException

if TYPE_CHECKING:
    from operations.conftest import Reached

    from mlsdk.backends import Reply, Request


@pytest.fixture
def clock() -> ManualClock:
    """A clock that is moved by hand."""
    return ManualClock()


@pytest.fixture
def manual(reached: Reached, clock: ManualClock) -> tuple[MLClient, MemoryBackend]:
    """A client of a workspace whose time is moved by hand, and what is behind it."""
    backend = MemoryBackend(clock=clock)
    backend.add_workspace("s", "rg", "ws")
    return MLClient(None, "s", "rg", "ws", backend=reached(backend)), backend


def test_a_job_is_given_as_it_is_when_it_has_completed(
    manual: tuple[MLClient, MemoryBackend], clock: ManualClock
) -> None:
    """However long it takes: on a clock moved by hand no time at all."""
    client, backend = manual
    backend.run_jobs_with(lambda _: JobOutcome(seconds=7200))
    name, began, real = submitted(client), clock.now(), time.monotonic()
    job = client.jobs.wait(name)
    assert (job.name, job.status) == (name, "Completed")
    assert clock.now() - began > 7200
    assert time.monotonic() - real < 60


def test_a_job_that_fails_raises_why(manual: tuple[MLClient, MemoryBackend]) -> None:
    """With the end of its log, as `stream` does."""
    client, backend = manual
    backend.run_jobs_with(lambda _: JobOutcome(status="Failed", log="Traceback\n", error="no data"))
    with pytest.raises(JobException, match=r"failed: \(UserError\) no data\n.*std_log.txt:\n  Traceback") as failed:
        client.jobs.wait(submitted(client))
    assert failed.value.error.message == "no data"


def test_a_job_that_was_stopped_has_not_completed(manual: tuple[MLClient, MemoryBackend]) -> None:
    """Whoever goes on after `wait` counts on what the job was to leave."""
    client, backend = manual
    backend.run_jobs_with(lambda _: JobOutcome(seconds=7200))
    name = submitted(client)
    client.jobs.begin_cancel(name).result()
    with pytest.raises(JobException, match="has not completed: it is Canceled"):
        client.jobs.wait(name)


def test_a_wait_may_end_before_the_job(manual: tuple[MLClient, MemoryBackend], clock: ManualClock) -> None:
    """The error is also a TimeoutError, and the job goes on."""
    client, backend = manual
    backend.run_jobs_with(lambda _: JobOutcome(seconds=7200))
    name, began = submitted(client), clock.now()
    with pytest.raises(TimeoutError, match=f"job '{name}' is Running after 600 seconds; it goes on") as late:
        client.jobs.wait(name, timeout=600)
    assert isinstance(late.value, JobTimeoutError)
    assert 599 < clock.now() - began < 601
    assert client.jobs.wait(name, timeout=7200).status == "Completed"


def test_a_job_that_is_not_there_is_not_waited_for(client: MLClient) -> None:
    """Nor followed, nor asked for what it logged."""
    for ask in (client.jobs.wait, client.jobs.stream, client.jobs.metrics, client.jobs.show_services):
        with pytest.raises(ResourceNotFoundError):
            ask("missing")


@pytest.mark.parametrize("name", ["", None])
def test_a_job_without_a_name_is_not_asked_for(client: MLClient, backend: MemoryBackend, name: Any) -> None:
    """The mistake is told here, not by a service that is asked for a strange path."""
    before = len(backend.requests)
    for ask in (client.jobs.wait, client.jobs.stream, client.jobs.metrics, client.jobs.show_services):
        with pytest.raises(ValidationException, match="a job needs a name"):
            ask(name)
    assert len(backend.requests) == before


@pytest.mark.shows("jobs.show_services")
def test_the_services_beside_a_running_job_are_shown(client: MLClient, backend: MemoryBackend) -> None:
    """Each with its address on the node; none when the job has ended, or asked for none."""
    backend.run_jobs_with(lambda _: JobOutcome(seconds=3600))
    wanted = {"lab": JupyterLabJobService(nodes="all"), "shell": SshJobService(ssh_public_keys="ssh-rsa AAAA")}
    name = submitted(client, services=wanted)
    found = client.jobs.show_services(name)
    assert found is not None
    assert (found["lab"].type, found["lab"].status) == ("JupyterLab", "Running")
    assert str(found["lab"].endpoint).startswith("https://jupyterlab-")
    assert (found["shell"].properties or {})["ProxyEndpoint"].startswith("wss://ssh-")
    client.jobs.begin_cancel(name).result()
    assert client.jobs.show_services(name) is None


def test_what_a_job_has_logged_is_a_mapping_of_its_metrics(client: MLClient, backend: MemoryBackend) -> None:
    """The last values come with one question, a curve when it is looked at."""
    backend.run_jobs_with(lambda _: JobOutcome(metrics={"loss": [0.9, 0.4, 0.1], "accuracy": 0.93}))
    name = submitted(client)
    metrics = client.jobs.metrics(name)
    before = len(backend.requests)
    assert metrics.last == {"loss": 0.1, "accuracy": 0.93}
    assert metrics["loss"].last == 0.1
    assert len(backend.requests) == before
    assert metrics["loss"].values == [0.9, 0.4, 0.1]
    assert [(step, value) for step, value, _ in metrics["loss"]] == [(0, 0.9), (1, 0.4), (2, 0.1)]
    assert len(metrics["loss"]) == 3
    assert metrics["loss"][-1] == metrics["loss"][2]
    assert metrics["loss"][0].timestamp.tzinfo is not None
    assert len(backend.requests) == before + 1
    assert "loss=0.1" in repr(metrics)
    assert set(metrics) == {"loss", "accuracy"}


def test_a_job_that_logs_nothing_has_no_metrics(client: MLClient, backend: MemoryBackend) -> None:
    """An empty mapping."""
    backend.run_jobs_with(lambda _: JobOutcome())
    assert dict(client.jobs.metrics(submitted(client))) == {}


class Asked(MemoryBackend):
    """A backend that remembers whose token each of its services was asked with."""

    audiences: set[tuple[str, str | None]]

    def send(self, request: Request) -> Reply:
        """Answer, and remember."""
        parts = request.url.split("/")
        self.audiences.add((parts[3] if "://" in request.url else "resource manager", request.audience))
        return super().send(request)


def test_each_service_gets_the_token_that_it_takes() -> None:
    """Run history that of Azure Machine Learning, MLflow that of Azure Resource Manager, the discovery document none."""
    backend = Asked()
    backend.audiences = set()
    backend.add_workspace("s", "rg", "ws")
    client = MLClient(None, "s", "rg", "ws", backend=backend, polling_interval=0.01)
    name = submitted(client)
    client.jobs.wait(name)
    client.jobs.metrics(name)
    list(client.jobs.children(name))
    known = {("resource manager", "arm"), ("history", "ml"), ("mlflow", "arm"), ("discovery", None)}
    assert backend.audiences == known
