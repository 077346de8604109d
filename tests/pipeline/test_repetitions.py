"""What is sent again, after which wait, and what is sent once and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ServiceRequestError,
    ServiceResponseError,
)
from pipeline.making import REMOTE, SIZE, cluster, datastore

from mlsdk.backends import Request
from mlsdk.entities import AmlCompute, ComputeInstance, Model, Workspace
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlsdk import MLClient
    from mlsdk.backends.memory import MemoryBackend

VERSION = {"api-version": "2024-10-01-preview"}
CALLS: dict[str, Callable[[MLClient], Any]] = {
    "GET": lambda client: client.models.get("iris", "1"),
    "PUT": lambda client: client.models.create_or_update(Model(name="iris", version="1", path=REMOTE)),
    "DELETE": lambda client: client.compute.begin_delete("cluster").result(),
    "POST": lambda client: client.compute.begin_restart("mine").result(),
    "PATCH": lambda client: client.workspaces.begin_update(Workspace(name="wks", description="new")).result(),
}
"""A call for each method."""
ONCE = {method: CALLS[method] for method in ("POST", "PATCH")}
READING: dict[str, Callable[[MLClient], Any]] = {
    "listNodes": lambda client: list(client.compute.list_nodes("cluster")),
    "listSecrets": lambda client: client.datastores.get("store", include_secrets=True),
    "listKeys": lambda client: client.workspaces.get_keys(),
}
"""Calls that only read, though by POST."""


@pytest.fixture(autouse=True)
def furnished(client: MLClient, memory: MemoryBackend, folder: Path) -> None:
    """There is one of each in the workspace."""
    CALLS["PUT"](client)
    cluster(client, folder)
    client.compute.begin_create_or_update(ComputeInstance(name="mine", size=SIZE)).result()
    client.datastores.create_or_update(datastore())
    memory.requests.clear()


def sent(memory: MemoryBackend, method: str) -> int:
    """How many requests of a method arrived."""
    return sum(request.method == method for request in memory.requests)


@pytest.mark.parametrize("header", [("Retry-After", "7"), ("x-ms-retry-after-ms", "7000")], ids=["seconds", "ms"])
@pytest.mark.parametrize("method", CALLS)
def test_a_throttled_request_waits_as_long_as_it_was_told(
    client: MLClient, memory: MemoryBackend, method: str, header: tuple[str, str]
) -> None:
    """Of every method, since what was turned away was not carried out."""
    before = memory.clock.now()
    memory.fail(method=method, status=429, headers=dict([header]), times=2)
    CALLS[method](client)
    assert memory.clock.now() - before == pytest.approx(14)
    assert sent(memory, method) == 3


@pytest.mark.parametrize("method", CALLS)
def test_a_service_that_throttles_on_and_on_is_an_error_in_the_end(
    client: MLClient, memory: MemoryBackend, method: str
) -> None:
    """With its status, after azure-core's three repetitions."""
    memory.fail(method=method, status=429, headers={"Retry-After": "1"}, times=None)
    with pytest.raises(HttpResponseError) as error:
        CALLS[method](client)
    assert error.value.status_code == 429
    assert sent(memory, method) == 4


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ({"status": 503}, HttpResponseError),
        ({"exception": ServiceRequestError("refused")}, ServiceRequestError),
        ({"exception": ServiceResponseError("reset"), "after": True}, ServiceResponseError),
    ],
    ids=["unavailable", "unreachable", "answers lost"],
)
def test_a_service_that_stays_away_is_an_error_in_the_end(
    client: MLClient, memory: MemoryBackend, method: str, fault: Any, raised: type[Exception]
) -> None:
    """The last thing that went wrong, after azure-core's three repetitions."""
    memory.fail(method=method, times=None, **fault)
    with pytest.raises(raised):
        CALLS[method](client)
    assert sent(memory, method) == 4


@pytest.mark.parametrize("method", ONCE)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ({"status": 500}, HttpResponseError),
        ({"status": 503, "headers": {"Retry-After": "1"}}, HttpResponseError),
        ({"status": 504}, HttpResponseError),
        ({"exception": ServiceResponseError("connection reset")}, ServiceResponseError),
    ],
    ids=["broken", "unavailable", "gateway", "answer lost"],
)
def test_what_does_something_is_sent_once(
    client: MLClient, memory: MemoryBackend, method: str, fault: Any, raised: type[Exception], after: bool
) -> None:
    """Who does not know whether it was carried out must not do it again; the error tells the user."""
    memory.fail(method=method, after=after, **fault)
    with pytest.raises(raised):
        ONCE[method](client)
    assert sent(memory, method) == 1


@pytest.mark.parametrize("call", READING)
@pytest.mark.parametrize("fault", [{"status": 500}, {"exception": ServiceResponseError("connection reset")}])
def test_what_only_reads_is_sent_again_though_by_post(
    client: MLClient, memory: MemoryBackend, call: str, fault: Any
) -> None:
    """Reading twice is as good as once."""
    memory.fail(method="POST", after=True, **fault)
    assert READING[call](client) is not None
    assert sent(memory, "POST") == 2


def test_a_next_version_is_tried_only_where_another_one_took_the_first(client: MLClient, memory: MemoryBackend) -> None:
    """A PUT that was carried out unheard is not taken for one of somebody else."""
    memory.fail(method="PUT", after=True, exception=ServiceResponseError("connection reset"))
    assert client.models.create_or_update(Model(name="iris", path=REMOTE + "2/")).version == "2"
    memory.fail(method="PUT", status=409)
    assert client.models.create_or_update(Model(name="iris", path=REMOTE + "3/")).version == "3"
    assert {model.version for model in client.models.list("iris")} == {"1", "2", "3"}


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412])
@pytest.mark.parametrize("method", CALLS)
def test_a_refusal_is_no_fault_of_the_network(
    client: MLClient, memory: MemoryBackend, method: str, status: int
) -> None:
    """It is raised at once."""
    memory.fail(method=method, status=status)
    with pytest.raises(HttpResponseError) as error:
        CALLS[method](client)
    assert (error.value.status_code, sent(memory, method)) == (status, 1)


def test_what_this_side_sees_to_be_wrong_is_not_sent_at_all(client: MLClient, memory: MemoryBackend) -> None:
    """Nor is a token asked for."""
    with pytest.raises(ValidationException):
        client.compute.begin_create_or_update(AmlCompute(name="1abc"))
    assert len(memory.requests) == 0


def test_another_content_is_not_hidden_by_a_repetition(client: MLClient, memory: MemoryBackend) -> None:
    """A version that is taken by something else stays a refusal, whatever happened to the first try."""
    memory.fail(method="PUT", status=503)
    with pytest.raises(ResourceExistsError):
        client.models.create_or_update(Model(name="iris", version="1", path=REMOTE + "other/"))


@pytest.mark.parametrize("fault", [{"status": 429}, {"status": 500}, {"exception": ServiceRequestError("refused")}])
def test_what_somebody_else_has_begun_is_not_taken_for_ones_own(
    client: MLClient, memory: MemoryBackend, fault: Any
) -> None:
    """A change that was not carried out and then met another one at work is refused, and the other one's stays."""
    path = client.compute._path("cluster")
    theirs = memory.send(Request("GET", path, VERSION)).body
    theirs["properties"]["properties"]["scaleSettings"]["maxNodeCount"] = 4
    memory.long_running = "async"
    memory.send(Request("PUT", path, VERSION, body=theirs))
    memory.fail(method="PUT", **fault)
    with pytest.raises(ResourceExistsError, match="another operation is in progress"):
        client.compute.begin_create_or_update(AmlCompute(name="cluster", size=SIZE, max_instances=8)).result()
    memory.sleep(3600)
    assert client.compute.get("cluster").max_instances == 4  # type: ignore[attr-defined]
