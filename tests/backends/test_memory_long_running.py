"""Long-running operations in each of the ways Azure answers them."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from azure.core.pipeline.policies import RequestIdPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.core.polling import LROPoller
from azure.core.rest import HttpRequest
from azure.mgmt.core import ARMPipelineClient
from azure.mgmt.core.polling.arm_polling import ARMPolling
from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter

from mlsdk.backends import Reply, Request
from mlsdk.backends.memory import ManualClock, MemoryBackend

CLUSTER = {"properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2"}}}
DELETE = {"underlyingResourceAction": "Delete"}


def poll(azure: Any, url: str) -> Reply:
    """One look at a polling address."""
    reply: Reply = azure.backend.send(Request("GET", url))
    return reply


@pytest.fixture
def clock() -> ManualClock:
    """A clock moved by hand."""
    return ManualClock()


def make(wired: Any, clock: ManualClock, mode: Any) -> Any:
    """A backend in one of the modes."""
    return wired(MemoryBackend(clock=clock, long_running=mode))


def test_synchronously_everything_is_done_at_once(azure: Any) -> None:
    """The first answer is the last: no header to poll, `Succeeded` in the body."""
    reply = azure("PUT", "computes/cpu", CLUSTER)
    assert (reply.status, reply.body["properties"]["provisioningState"]) == (201, "Succeeded")
    assert not {"azure-asyncoperation", "location"} & set(reply.headers)
    reply = azure("DELETE", "computes/cpu", **DELETE)
    assert (reply.status, reply.body) == (200, None)


def test_azure_async_operation(wired: Any, clock: ManualClock) -> None:
    """The header leads to a status that ends in `Succeeded`; the resource is read where it is."""
    azure = make(wired, clock, "async")
    reply = azure("PUT", "computes/cpu", CLUSTER)
    assert (reply.status, reply.body["properties"]["provisioningState"]) == (201, "Creating")
    url = reply.headers["azure-asyncoperation"]
    assert url.startswith("https://management.azure.com/subscriptions/sub/")
    assert "location" not in reply.headers
    assert reply.headers["x-ms-retry-after-ms"] == "120000"
    assert poll(azure, url).body["status"] == "InProgress"
    clock.advance(121)
    done = poll(azure, url).body
    assert (done["status"], done["percentComplete"]) == ("Succeeded", 100.0)
    assert azure.get("computes/cpu")["properties"]["provisioningState"] == "Succeeded"


def test_location(wired: Any, clock: ManualClock) -> None:
    """The header answers 202 without a body while running, then 200 with the whole resource."""
    azure = make(wired, clock, "location")
    reply = azure("PUT", "computes/cpu", CLUSTER)
    assert reply.status == 201
    url = reply.headers["location"]
    assert "azure-asyncoperation" not in reply.headers
    waiting = poll(azure, url)
    assert (waiting.status, waiting.body) == (202, None)
    assert poll(azure, waiting.headers["location"]).status == 202
    clock.advance(121)
    done = poll(azure, url)
    assert done.status == 200
    assert done.body == azure.get("computes/cpu")


def test_the_body_itself_is_polled(wired: Any, clock: ManualClock) -> None:
    """Without any header the resource says when it is ready; a DELETE is done at once."""
    azure = make(wired, clock, "body")
    reply = azure("PUT", "computes/cpu", CLUSTER)
    assert (reply.status, reply.body["properties"]["provisioningState"]) == (201, "Creating")
    assert not {"azure-asyncoperation", "location"} & set(reply.headers)
    clock.advance(121)
    assert azure.get("computes/cpu")["properties"]["provisioningState"] == "Succeeded"
    assert azure("DELETE", "computes/cpu", **DELETE).status == 200
    assert azure("GET", "computes/cpu").status == 404


@pytest.mark.parametrize(("mode", "header"), [("async", "azure-asyncoperation"), ("location", "location")])
def test_a_deletion_takes_its_time(wired: Any, clock: ManualClock, mode: str, header: str) -> None:
    """It answers 202, the resource is `Deleting` and then gone, the name free again."""
    azure = make(wired, clock, mode)
    azure.put("computes/cpu", CLUSTER)
    clock.advance(121)
    reply = azure("DELETE", "computes/cpu", **DELETE)
    assert reply.status == 202
    assert azure.get("computes/cpu")["properties"]["provisioningState"] == "Deleting"
    assert azure("DELETE", "computes/cpu", **DELETE).status == 409
    clock.advance(61)
    done = poll(azure, reply.headers[header])
    assert done.status == (200 if mode == "async" else 204)
    assert azure("GET", "computes/cpu").status == 404
    assert azure("PUT", "computes/cpu", CLUSTER).status == 201


@pytest.mark.parametrize(("mode", "header"), [("async", "azure-asyncoperation"), ("location", "location")])
def test_workspaces_answer_202(wired: Any, clock: ManualClock, mode: str, header: str) -> None:
    """PUT, PATCH and a soft DELETE of a workspace are pending with 202, as real clients expect."""
    azure = make(wired, clock, mode)
    properties = azure.get()["properties"]
    other = azure.workspace + "2"
    needs = {key: properties[key] for key in ("storageAccount", "keyVault", "applicationInsights")}
    made = azure("PUT", other, {"location": "eastus", "properties": needs})
    assert made.status == 202
    clock.advance(61)
    assert poll(azure, made.headers[header]).status == 200
    patched = azure("PATCH", other, {"tags": {"a": "b"}})
    assert (patched.status, patched.body["properties"]["provisioningState"]) == (202, "Updating")
    clock.advance(61)
    assert azure.get(other)["properties"]["provisioningState"] == "Succeeded"
    assert azure("DELETE", other).status == 202
    clock.advance(61)
    assert azure("GET", other).status == 404
    recovered = azure("PUT", other, {"location": "eastus", "properties": {"allowRecoverSoftDeletedWorkspace": True}})
    assert recovered.status == 202


def test_an_action_with_a_result(wired: Any, clock: ManualClock) -> None:
    """A POST gives both headers; the result stands behind `Location` when the status says it is done."""
    azure = make(wired, clock, "async")
    reply = azure("POST", "diagnose", {})
    assert reply.status == 202
    clock.advance(11)
    assert poll(azure, reply.headers["azure-asyncoperation"]).body["status"] == "Succeeded"
    assert "storageAccountResults" in poll(azure, reply.headers["location"]).body["value"]


def test_the_systems_clock_ends_operations_at_the_first_poll(wired: Any) -> None:
    """Nobody waits minutes for a cluster in memory."""
    azure = wired(MemoryBackend(long_running="async"))
    reply = azure("PUT", "computes/cpu", CLUSTER)
    assert reply.body["properties"]["provisioningState"] == "Creating"
    assert poll(azure, reply.headers["azure-asyncoperation"]).body["status"] == "Succeeded"


def test_how_long_operations_take_can_be_chosen(wired: Any, clock: ManualClock) -> None:
    """`operation_seconds` is for all kinds."""
    azure = wired(MemoryBackend(clock=clock, long_running="async", operation_seconds=5))
    azure.put("computes/cpu", CLUSTER)
    clock.advance(4)
    assert azure.get("computes/cpu")["properties"]["provisioningState"] == "Creating"
    azure.backend.sleep(1)
    assert azure.get("computes/cpu")["properties"]["provisioningState"] == "Succeeded"


@pytest.mark.parametrize("mode", ["async", "location"])
def test_an_operation_can_fail(wired: Any, clock: ManualClock, mode: str) -> None:
    """The failure is told where the operation is polled, and the resource stays `Failed`."""
    azure = make(wired, clock, mode)
    azure.backend.fail(path="*/computes/*", operation=True, status=409, code="OutOfCapacity", message="no nodes left")
    reply = azure("PUT", "computes/cpu", CLUSTER)
    assert reply.status == 201
    clock.advance(121)
    if mode == "async":
        body = poll(azure, reply.headers["azure-asyncoperation"]).body
        assert (body["status"], body["error"]) == ("Failed", {"code": "OutOfCapacity", "message": "no nodes left"})
    else:
        failed = poll(azure, reply.headers["location"])
        assert (failed.status, failed.body["error"]["code"]) == (409, "OutOfCapacity")
    assert azure.get("computes/cpu")["properties"]["provisioningState"] == "Failed"


def test_an_operation_whose_resource_has_gone(wired: Any, clock: ManualClock) -> None:
    """A cluster that was still being made when its resource group was deleted does not come back."""
    azure = make(wired, clock, "async")
    reply = azure("PUT", "computes/cpu", CLUSTER)
    azure("DELETE", azure.group)
    clock.advance(100)
    assert azure("GET").status == 404
    clock.advance(100)
    assert poll(azure, reply.headers["azure-asyncoperation"]).body["status"] == "Succeeded"
    assert azure("GET", "computes/cpu").status == 404


def test_operations_are_not_remembered_for_ever(wired: Any) -> None:
    """The latest thousand can be asked for, so that a long run does not grow."""
    azure = wired(MemoryBackend(long_running="async"))
    first = azure("POST", "resyncKeys").headers["azure-asyncoperation"]
    assert poll(azure, first).status == 200
    for _ in range(1000):
        last = azure("POST", "resyncKeys").headers["azure-asyncoperation"]
    assert poll(azure, last).body["status"] == "Succeeded"
    assert poll(azure, first).status == 404


def test_an_operation_that_never_was(azure: Any) -> None:
    """An unknown polling address is a 404."""
    for segment in ("operationStatuses", "operationResults"):
        path = f"/subscriptions/sub/providers/Microsoft.MachineLearningServices/locations/eastus/{segment}/none"
        assert azure.error("GET", path)[:2] == (404, "OperationNotFound")


class IntoBackend(BaseAdapter):
    """Leads what `requests` would send into a backend."""

    def __init__(self, backend: MemoryBackend) -> None:
        super().__init__()
        self.backend = backend

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        """Carry one request out."""
        body = request.body.encode() if isinstance(request.body, str) else request.body
        reply = self.backend.send(Request(str(request.method), str(request.url), headers=request.headers, body=body))
        response = Response()
        response.status_code = reply.status
        response.headers.update(reply.headers)
        response.raw = BytesIO(b"" if reply.body is None else json.dumps(reply.body).encode())
        response.request, response.url = request, str(request.url)
        return response

    def close(self) -> None:
        """Nothing is open."""


class Patient(RequestsTransport):
    """Waits on the clock of the backend."""

    def sleep(self, duration: float) -> None:
        """Let time pass."""
        self.session.get_adapter("https://management.azure.com").backend.sleep(duration)


@pytest.mark.parametrize("mode", ["sync", "async", "location", "body"])
def test_azure_cores_own_poller_gets_along_with_every_mode(wired: Any, clock: ManualClock, mode: str) -> None:
    """The algorithms of real clients, over a pipeline that ends in the backend, come to the finished resource."""
    azure = make(wired, clock, mode)
    session = Session()
    session.mount("https://", IntoBackend(azure.backend))
    transport = Patient(session=session, session_owner=False)
    client = ARMPipelineClient("https://management.azure.com", transport=transport, policies=[RequestIdPolicy()])
    url = f"https://management.azure.com{azure.workspace}/computes/cpu?api-version=2023-08-01-preview"
    for method, body in (("PUT", CLUSTER), ("DELETE", None)):
        first = client.send_request(
            HttpRequest(method, url, params=DELETE if body is None else {}, json=body), _return_pipeline_response=True
        )
        poller = LROPoller(client, first, lambda last: last.http_response.text(), ARMPolling(timeout=30))
        poller.wait()
        assert poller.status() == "Succeeded"
        shown = azure("GET", "computes/cpu")
        assert shown.status == (200 if body else 404)
        if body:
            assert json.loads(poller.result()) == shown.body
            assert shown.body["properties"]["provisioningState"] == "Succeeded"
