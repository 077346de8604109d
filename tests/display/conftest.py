"""A workspace in memory whose time is moved by hand, and what becomes of the jobs in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlsdk import MLClient
from mlsdk.backends.memory import JobOutcome, ManualClock, MemoryBackend
from mlsdk.display import graphviz

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlsdk.backends import Reply, Request

    Outcomes = dict[str, JobOutcome]


class Clock(ManualClock):
    """A clock that does something each time it is slept on."""

    def __init__(self) -> None:
        super().__init__()
        self.busy: Callable[[], None] | None = None

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        super().sleep(seconds)
        if self.busy is not None:
            self.busy()


class Counting(MemoryBackend):
    """A backend that keeps what it was asked."""

    asked: list[str]

    def send(self, request: Request) -> Reply:
        """Answer, and keep the address."""
        self.asked.append(f"{request.method} {request.url.rpartition('/workspaces/')[2] or request.url}")
        return super().send(request)


@pytest.fixture(autouse=True)
def no_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether `dot` is installed decides nothing here but where a test says so."""
    monkeypatch.setattr(graphviz, "is_there", lambda: False)


@pytest.fixture
def clock() -> Clock:
    """A clock that is moved by hand."""
    return Clock()


@pytest.fixture
def backend(clock: Clock) -> Counting:
    """A backend with that clock."""
    backend = Counting(clock=clock)
    backend.asked = []
    backend.add_workspace("s", "rg", "ws", computes=["cpu"])
    return backend


@pytest.fixture
def client(backend: Counting) -> MLClient:
    """A client of its workspace."""
    return MLClient(None, "s", "rg", "ws", backend=backend)


@pytest.fixture
def outcomes(backend: MemoryBackend) -> Outcomes:
    """What becomes of jobs by what they are called; of others, that they complete after half a minute."""
    known: Outcomes = {}

    def run(job: Mapping[str, Any]) -> JobOutcome:
        return known.get(str(job["properties"].get("displayName")), JobOutcome(seconds=30))

    backend.run_jobs_with(run)
    return known
