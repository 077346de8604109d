"""A backend that answers what a test wrote down."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any, Union

from mlsdk.arm.connection import Connection, Scope
from mlsdk.backends import Container, Reply, Request
from mlsdk.clouds import PUBLIC, Cloud

HOST = "https://management.azure.com"
WORKSPACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/demo"
COMPUTE = f"{WORKSPACE}/computes/cpu"

Answer = Union[Reply, Exception, Callable[[Request], Reply]]


class Scripted:
    """Gives its answers in order; what it was asked and how long it was to sleep stand in `requests` and `sleeps`."""

    distant = False

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.sleeps: list[float] = []
        self.held = threading.Event()
        """Whether a poller may go on after it slept; set unless a test clears it."""
        self.held.set()

    @property
    def cloud(self) -> Cloud:
        """The public one."""
        return PUBLIC

    def send(self, request: Request) -> Reply:
        """The next answer."""
        self.requests.append(request)
        assert self.answers, f"not expected: {request.method} {request.url}"
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    def container(self, url: str, credential: Any = None) -> Container:
        """None is expected to be asked for."""
        raise AssertionError(url, credential)

    def sleep(self, seconds: float) -> None:
        """Note it, and wait only for a test that holds it."""
        self.sleeps.append(seconds)
        assert self.held.wait(10)

    def close(self) -> None:
        """Nothing is held."""

    @property
    def asked(self) -> list[str]:
        """The requests, without the host and the query: `GET /subscriptions/…`."""
        return [f"{one.method} {one.url.removeprefix(HOST).partition('?')[0]}" for one in self.requests]


def connect(backend: Scripted, **more: Any) -> Connection:
    """A connection that asks again after 5 seconds where the service proposes nothing."""
    return Connection(backend, Scope("s", "g", "demo"), **{"polling_interval": 5.0, "show_progress": False, **more})


def state(word: str, **more: Any) -> Reply:
    """A resource in a provisioning state."""
    return Reply(200, {"id": COMPUTE, "name": "cpu", "properties": {"provisioningState": word, **more}})


def operation(word: str, headers: dict[str, str] | None = None, **more: Any) -> Reply:
    """The state of an operation."""
    return Reply(200, {"status": word, **more}, headers or {})


def started(body: Any = None, status: int = 202, **headers: str) -> Reply:
    """The first answer of something long, with headers named as in `azure_asyncoperation=`."""
    return Reply(status, json.loads(json.dumps(body)), {name.replace("_", "-"): text for name, text in headers.items()})
