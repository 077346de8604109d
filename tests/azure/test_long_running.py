"""Long-running operations over HTTP, in each manner in which Azure tells that one goes on and how it ended."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
import requests
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError, ServiceResponseError
from azure_answers import ARM, BASE, PATH, asked, compute_body, connect, refusal, sent_headers
from urllib3.exceptions import ProtocolError

from mlsdk.backends.azure import AzureBackend
from mlsdk.entities import AmlCompute, Workspace

if TYPE_CHECKING:
    import responses
    from azure.core.polling import LROPoller
    from azure_answers import Credential

    from mlsdk import MLClient

URL = f"{BASE}/computes/cluster"
OPERATION = f"{ARM}{PATH}/operations/1?api-version=2023-08-01-preview"
RESULT = f"{ARM}{PATH}/results/1?api-version=2023-08-01-preview"
PUT, GET, POLL, LOOK = "PUT /computes/cluster", "GET /computes/cluster", "GET /operations/1", "GET /results/1"
LOST = requests.exceptions.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "reset")))


def begin(client: MLClient) -> LROPoller[Any]:
    """Start to make a cluster."""
    return client.compute.begin_create_or_update(AmlCompute(name="cluster", size="STANDARD_DS3_V2", location="eastus"))


def operation(azure: responses.RequestsMock, *states: Any) -> None:
    """What the address of the operation answers, one after another."""
    for state in states:
        azure.get(OPERATION, json={"status": state} if isinstance(state, str) else state)


# -- making -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize("word", ["InProgress", "Running", "Creating"])
def test_azure_async_operation(azure: responses.RequestsMock, client: MLClient, status: int, word: str) -> None:
    """Its address is polled whatever its words, until it has succeeded; then the resource is fetched."""
    azure.put(URL, json=compute_body(state="Creating"), status=status, headers={"Azure-AsyncOperation": OPERATION})
    operation(azure, word, word, "succeeded")
    azure.get(URL, json=compute_body())
    made = begin(client).result()
    assert (made.name, made.provisioning_state) == ("cluster", "Succeeded")
    assert asked(azure) == [PUT, POLL, POLL, POLL, GET]
    assert "api-version=2023-08-01-preview" in azure.calls[-1].request.url


def test_location(azure: responses.RequestsMock, client: MLClient) -> None:
    """It is polled while it answers 202, moves along, and what it gives in the end is the result."""
    azure.put(URL, status=202, headers={"Location": RESULT})
    azure.get(RESULT, status=202)
    azure.get(RESULT, status=202, headers={"Location": OPERATION})
    azure.get(OPERATION, json=compute_body())
    assert begin(client).result().name == "cluster"
    assert asked(azure) == [PUT, LOOK, LOOK, POLL]


def test_provisioning_state(azure: responses.RequestsMock, client: MLClient) -> None:
    """Without a header the resource itself is polled until its state is final."""
    azure.put(URL, json=compute_body(state="Creating"), status=201)
    azure.get(URL, json=compute_body(state="Updating"))
    azure.get(URL, json=compute_body())
    assert begin(client).result().provisioning_state == "Succeeded"
    assert asked(azure) == [PUT, GET, GET]


@pytest.mark.parametrize("status", [200, 201])
def test_done_at_once(azure: responses.RequestsMock, client: MLClient, slept: list[float], status: int) -> None:
    """Nothing is polled, nothing waited for."""
    azure.put(URL, json=compute_body(), status=status)
    poller = begin(client)
    assert poller.result().name == "cluster"
    assert (poller.done(), poller.status(), asked(azure), slept) == (True, "Succeeded", [PUT], [])


def test_a_change_by_patch(azure: responses.RequestsMock, client: MLClient) -> None:
    """Is followed as a PUT is: the resource is fetched in the end."""
    body = {"id": PATH, "name": "wks", "location": "eastus", "properties": {"description": "new"}}
    azure.get(BASE, json=body)
    azure.patch(BASE, json=body, status=202, headers={"Azure-AsyncOperation": OPERATION})
    operation(azure, "Succeeded")
    changed = client.workspaces.begin_update(Workspace(name="wks", description="new")).result()
    assert changed.description == "new"
    assert asked(azure)[-3:] == ["PATCH /", POLL, "GET /"]


# -- removing and acting ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        ({"status": 204}, [], []),
        ({"status": 200}, [], []),
        (
            {"status": 202, "headers": {"Location": RESULT}},
            [(RESULT, {"status": 202}), (RESULT, {"status": 204})],
            [LOOK] * 2,
        ),
        ({"status": 202, "headers": {"Location": RESULT}}, [(RESULT, {"status": 200})], [LOOK]),
        (
            {"status": 202, "headers": {"Azure-AsyncOperation": OPERATION, "Location": RESULT}},
            [(OPERATION, {"json": {"status": "Deleting"}}), (OPERATION, {"json": {"status": "Succeeded"}})],
            [POLL] * 2,
        ),
    ],
    ids=["204", "200", "location 204", "location 200", "async operation"],
)
@pytest.mark.parametrize("action", ["delete", "stop"])
def test_a_deletion_or_an_action_ends_without_a_result(
    azure: responses.RequestsMock,
    client: MLClient,
    action: str,
    first: dict[str, Any],
    then: list[tuple[str, dict[str, Any]]],
    expected: list[str],
) -> None:
    """In each manner."""
    method, url = ("DELETE", URL) if action == "delete" else ("POST", f"{URL}/stop")
    azure.add(method, url, **first)
    for address, answer in then:
        azure.get(address, **answer)
    if action == "stop" and first.get("headers", {}).get("Azure-AsyncOperation"):
        azure.get(RESULT, status=200)
        expected = [*expected, LOOK]
    poller = client.compute.begin_delete("cluster") if action == "delete" else client.compute.begin_stop("cluster")
    assert poller.result() is None
    assert poller.done()
    assert asked(azure) == [f"{method} {url.removeprefix(BASE)}", *expected]


def test_a_deletion_names_what_becomes_of_the_resource_behind(azure: responses.RequestsMock, client: MLClient) -> None:
    """The service wants it in the query."""
    azure.delete(URL, status=204)
    client.compute.begin_delete("cluster", action="detach").result()
    assert "underlyingResourceAction=Detach" in azure.calls[0].request.url


# -- waiting ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "12"}, 12),
        ({"x-ms-retry-after-ms": "750"}, 0.75),
        ({"retry-after-ms": "40"}, 0.04),
        ({}, 3),
        ({"Retry-After": "0"}, 3),
    ],
)
def test_the_service_says_when_to_look_again(
    azure: responses.RequestsMock,
    credential: Credential,
    slept: list[float],
    headers: dict[str, str],
    seconds: float,
) -> None:
    """In seconds or milliseconds; else it is `polling_interval`."""
    azure.put(URL, json={}, status=201, headers={"Azure-AsyncOperation": OPERATION, **headers})
    azure.get(OPERATION, json={"status": "Running"}, headers=headers)
    operation(azure, "Succeeded")
    azure.get(URL, json=compute_body())
    begin(connect(credential, polling_interval=3)).result()
    assert slept == [seconds]  # the first look is at once


@pytest.mark.parametrize(
    "failure", [{"status": 500}, {"status": 503}, {"status": 429}, {"body": LOST}], ids=["500", "503", "429", "lost"]
)
def test_a_poll_that_fails_for_a_moment_is_repeated(
    azure: responses.RequestsMock, client: MLClient, failure: dict[str, Any]
) -> None:
    """It costs the operation nothing, and the operation is started once."""
    azure.put(URL, json={}, status=201, headers={"Azure-AsyncOperation": OPERATION})
    azure.get(OPERATION, **failure)
    operation(azure, "Succeeded")
    azure.get(URL, json=compute_body())
    assert begin(client).result().name == "cluster"
    assert asked(azure) == [PUT, POLL, POLL, GET]


def test_a_post_that_starts_something_is_sent_once(azure: responses.RequestsMock, client: MLClient) -> None:
    """Though its answer was lost, and though the service was unwell."""
    azure.post(f"{URL}/stop", body=LOST)
    with pytest.raises(ServiceResponseError, match="Connection aborted"):
        client.compute.begin_stop("cluster").result()
    assert len(azure.calls) == 1


def test_polls_carry_the_token_and_the_calls_options(azure: responses.RequestsMock, client: MLClient) -> None:
    """Its headers, its hook and its timeout."""
    azure.put(URL, json={}, status=201, headers={"Azure-AsyncOperation": OPERATION})
    operation(azure, "Succeeded")
    azure.get(URL, json=compute_body())
    seen: list[Any] = []
    begin(client.with_options(headers={"x-team": "ours"}, raw_response_hook=seen.append, timeout=20)).result()
    for index, call in enumerate(azure.calls):
        headers = sent_headers(azure, index)
        assert (headers["Authorization"], headers["x-team"], headers["Accept"]) == (
            "Bearer token-1",
            "ours",
            "application/json",
        )
        assert headers["User-Agent"].startswith("mlsdk/")
        assert call.request.req_kwargs["timeout"][1] <= 20
    assert [one.http_response.status_code for one in seen] == [201, 200, 200]


# -- failing ----------------------------------------------------------------------------------------------------
DETAILED = {
    "code": "QuotaExceeded",
    "message": "no cores left",
    "details": [{"code": "Family", "message": "DSv2: 0 of 100"}],
}


def test_a_failed_operation_raises_what_the_service_says(azure: responses.RequestsMock, client: MLClient) -> None:
    """Code, message and details; the poller tells of it afterwards."""
    azure.put(URL, json={}, status=201, headers={"Azure-AsyncOperation": OPERATION})
    operation(azure, "Running", {"status": "Failed", "error": DETAILED})
    poller = begin(client)
    with pytest.raises(HttpResponseError, match="no cores left") as caught:
        poller.result()
    error = caught.value.error
    assert error is not None
    assert (error.code, error.message) == ("QuotaExceeded", "no cores left")
    assert [(one.code, one.message) for one in error.details] == [("Family", "DSv2: 0 of 100")]
    assert "DSv2: 0 of 100" in str(caught.value)
    assert (poller.done(), poller.status()) == (True, "Failed")


@pytest.mark.parametrize("word", ["Canceled", "canceled"])
def test_a_cancelled_operation_is_an_error(azure: responses.RequestsMock, client: MLClient, word: str) -> None:
    """Also where the service gives no reason."""
    azure.put(URL, json={}, status=201, headers={"Azure-AsyncOperation": OPERATION})
    operation(azure, word)
    poller = begin(client)
    with pytest.raises(HttpResponseError, match=r"(?i)cancel"):
        poller.result()
    assert poller.status().lower() == "canceled"


def test_a_resource_that_fails_is_an_error(azure: responses.RequestsMock, client: MLClient) -> None:
    """Where it is polled itself, with the reason it carries."""
    failed = compute_body(state="Failed")
    failed["properties"]["provisioningErrors"] = [{"error": {"code": "QuotaExceeded", "message": "no cores left"}}]
    azure.put(URL, json=compute_body(state="Creating"), status=201)
    azure.get(URL, json=failed)
    with pytest.raises(HttpResponseError, match="no cores left"):
        begin(client).result()


@pytest.mark.parametrize(
    ("status", "error"), [(400, HttpResponseError), (404, ResourceNotFoundError), (403, HttpResponseError)]
)
def test_a_location_that_ends_in_a_refusal_raises_it(
    azure: responses.RequestsMock, client: MLClient, status: int, error: type[Exception]
) -> None:
    """With the service's words."""
    azure.put(URL, status=202, headers={"Location": RESULT})
    azure.get(RESULT, json=refusal(), status=status)
    with pytest.raises(error, match="the words"):
        begin(client).result()


def test_a_refusal_of_the_start_raises_at_once(azure: responses.RequestsMock, client: MLClient) -> None:
    """Before there is anything to wait for."""
    azure.put(URL, json=refusal("BadArgument"), status=400)
    with pytest.raises(HttpResponseError, match="the words"):
        begin(client)


def test_a_poll_that_keeps_failing_ends_with_a_way_to_go_on(azure: responses.RequestsMock, client: MLClient) -> None:
    """The error holds a token; the operation goes on at the service."""
    azure.put(URL, json={}, status=201, headers={"Azure-AsyncOperation": OPERATION})
    azure.get(OPERATION, json=refusal(), status=503)
    with pytest.raises(HttpResponseError) as caught:
        begin(client).result()
    assert caught.value.continuation_token
    assert asked(azure) == [PUT, *[POLL] * 4]


# -- waits that end early ---------------------------------------------------------------------------------------
class Pause:
    """The pause between two polls: `begun` once it is reached, it lasts until `over` is set."""

    def __init__(self) -> None:
        self.begun, self.over = threading.Event(), threading.Event()


@pytest.fixture
def pause(monkeypatch: pytest.MonkeyPatch) -> Pause:
    """The pauses between polls, held on to by the test."""
    made = Pause()

    def sleep(*_: Any) -> None:
        made.begun.set()
        assert made.over.wait(10)

    monkeypatch.setattr(AzureBackend, "sleep", sleep)
    return made


def going_on(azure: responses.RequestsMock) -> None:
    """An operation that has succeeded at the second look."""
    azure.put(URL, json=compute_body(state="Creating"), status=201, headers={"Azure-AsyncOperation": OPERATION})
    operation(azure, "Running", "Succeeded")
    azure.get(URL, json=compute_body())


def test_a_wait_that_is_given_up_leaves_the_operation_going(
    azure: responses.RequestsMock, client: MLClient, pause: Pause
) -> None:
    """`result(timeout=…)` comes back; the poller goes on, and so can the wait."""
    going_on(azure)
    poller = begin(client)
    assert pause.begun.wait(5)
    poller.result(timeout=0.01)
    assert (poller.done(), asked(azure)) == (False, [PUT, POLL])
    pause.over.set()
    assert poller.result().provisioning_state == "Succeeded"
    assert (poller.done(), asked(azure)) == (True, [PUT, POLL, POLL, GET])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("show_progress", [False, True])
def test_ctrl_c_in_a_wait_leaves_the_operation_going(
    azure: responses.RequestsMock, client: MLClient, pause: Pause, *, show_progress: bool
) -> None:
    """Nothing is cancelled at the service, the poller does not say that it is done, and one can wait again."""
    going_on(azure)
    poller = begin(client.with_options(show_progress=show_progress))
    assert pause.begun.wait(5)
    # A shell starts what it runs in the background deaf to Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            poller.result()
    finally:
        signal.signal(signal.SIGINT, before)
    assert (poller.done(), asked(azure)) == (False, [PUT, POLL])
    threading.Timer(0.1, pause.over.set).start()
    assert poller.result().provisioning_state == "Succeeded"
    assert poller.done()


def test_callbacks_are_told_when_it_is_done(azure: responses.RequestsMock, client: MLClient, pause: Pause) -> None:
    """With the polling method, as azure-core has it."""
    going_on(azure)
    poller = begin(client)
    assert pause.begun.wait(5)
    told: list[Any] = []
    poller.add_done_callback(told.append)
    assert told == []
    pause.over.set()
    poller.wait()
    assert len(told) == 1
