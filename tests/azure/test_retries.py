"""What is repeated, how often, after which wait; and what never is, since one POST is one job."""

from __future__ import annotations

import datetime as dt
import io
import time
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
import requests
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError
from azure_answers import ARM, BASE, MODEL, asked, compute_body, connect, model_body, refusal, sent_headers
from urllib3.exceptions import ProtocolError

from mlsdk.backends import Options, Request
from mlsdk.backends.azure import AzureBackend
from mlsdk.entities import AmlCompute, Model

if TYPE_CHECKING:
    from collections.abc import Callable

    import responses
    from azure_answers import Credential

    from mlsdk import MLClient

MOMENTARY = (408, 429, 500, 502, 503, 504)
LOST = requests.exceptions.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "reset")))
REFUSED = requests.exceptions.ConnectionError("connection refused")
ATTEMPTS = 4
"""One, and azure-core's three repetitions."""


def put_model(client: MLClient) -> Any:
    """A PUT."""
    return client.models.create_or_update(Model(name="iris", version="1", path="azureml://datastores/store/paths/m"))


def delete_compute(client: MLClient) -> Any:
    """A DELETE."""
    return client.compute.begin_delete("cluster").result()


def stop_compute(client: MLClient) -> Any:
    """A POST that does something."""
    return client.compute.begin_stop("cluster").result()


READS_AND_REPLACES: list[Any] = [
    pytest.param("GET", MODEL, lambda client: client.models.get("iris", "1"), id="GET"),
    pytest.param("PUT", MODEL, put_model, id="PUT"),
    pytest.param("DELETE", f"{BASE}/computes/cluster", delete_compute, id="DELETE"),
]
SAFE_POSTS: list[Any] = [
    pytest.param(f"{BASE}/computes/c/listNodes", lambda client: list(client.compute.list_nodes("c")), id="listNodes"),
    pytest.param(f"{BASE}/datastores/s/listSecrets", lambda client: client.datastores.secrets("s"), id="listSecrets"),
]


@pytest.mark.parametrize(("method", "url", "call"), READS_AND_REPLACES)
@pytest.mark.parametrize("status", MOMENTARY)
def test_what_failed_for_a_moment_is_tried_again(
    azure: responses.RequestsMock, client: MLClient, method: str, url: str, call: Callable[[MLClient], Any], status: int
) -> None:
    """The user does not see it."""
    azure.add(method, url, json=refusal(), status=status)
    azure.add(method, url, json=model_body(), status=200)
    call(client)
    assert [one.split()[0] for one in asked(azure)] == [method, method]


@pytest.mark.parametrize(("method", "url", "call"), READS_AND_REPLACES)
@pytest.mark.parametrize("failure", [LOST, REFUSED], ids=["lost", "refused"])
def test_a_dropped_connection_is_tried_again(
    azure: responses.RequestsMock,
    client: MLClient,
    method: str,
    url: str,
    call: Callable[[MLClient], Any],
    failure: Any,
) -> None:
    """Whether the answer was lost or the request never arrived."""
    azure.add(method, url, body=failure)
    azure.add(method, url, json=model_body(), status=200)
    call(client)
    assert len(azure.calls) == 2


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
@pytest.mark.parametrize(
    "headers", [{}, {"Retry-After": "1"}, {"x-ms-retry-after-ms": "10"}], ids=["bare", "after", "after ms"]
)
def test_a_post_or_patch_that_may_have_been_carried_out_is_not_repeated(
    azure: responses.RequestsMock,
    credential: Credential,
    slept: list[float],
    method: str,
    status: int,
    headers: dict[str, str],
) -> None:
    """Whatever the service proposes: one `invoke` is one job."""
    azure.add(method, f"{ARM}/x", json=refusal(), status=status, headers=headers)
    reply = AzureBackend(credential).send(Request(method, "/x", body={}))
    assert (reply.status, reply.body, len(azure.calls), slept) == (status, refusal(), 1, [])


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(("failure", "error"), [(LOST, ServiceResponseError), (REFUSED, ServiceRequestError)])
def test_a_post_or_patch_whose_answer_was_lost_is_not_repeated(
    azure: responses.RequestsMock, credential: Credential, method: str, failure: Any, error: type[Exception]
) -> None:
    """The caller is told."""
    azure.add(method, f"{ARM}/x", body=failure)
    with pytest.raises(error):
        AzureBackend(credential).send(Request(method, "/x", body={}))
    assert len(azure.calls) == 1


@pytest.mark.parametrize("status", [500, 503])
def test_an_action_is_not_carried_out_twice(azure: responses.RequestsMock, client: MLClient, status: int) -> None:
    """Through the client: stopping a compute fails with the service's words after one request."""
    azure.post(f"{BASE}/computes/cluster/stop", json=refusal(), status=status)
    with pytest.raises(HttpResponseError, match="the words"):
        stop_compute(client)
    assert asked(azure) == ["POST /computes/cluster/stop"]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_was_turned_away_by_throttling_is_sent_again(
    azure: responses.RequestsMock, credential: Credential, slept: list[float], method: str
) -> None:
    """A 429 says that nothing was done."""
    azure.add(method, f"{ARM}/x", json=refusal(), status=429, headers={"Retry-After": "7"})
    azure.add(method, f"{ARM}/x", json={"done": 1})
    assert AzureBackend(credential).send(Request(method, "/x", body={"a": 1})).body == {"done": 1}
    assert [call.request.body for call in azure.calls] == ['{"a": 1}'] * 2
    assert slept == [7]


@pytest.mark.parametrize(("url", "call"), SAFE_POSTS)
@pytest.mark.parametrize("failure", [503, 500, LOST], ids=["503", "500", "lost"])
def test_a_post_that_only_reads_is_repeated(
    azure: responses.RequestsMock, client: MLClient, url: str, call: Callable[[MLClient], Any], failure: Any
) -> None:
    """`Options.repeatable` says so."""
    if isinstance(failure, int):
        azure.post(url, json=refusal(), status=failure)
    else:
        azure.post(url, body=failure)
    azure.post(url, json={"nodes": []})
    call(client)
    assert len(azure.calls) == 2


def test_a_caller_can_forbid_the_repetition_of_any_method(
    azure: responses.RequestsMock, credential: Credential
) -> None:
    """`Options.repeatable=False`."""
    azure.put(f"{ARM}/x", json=refusal(), status=503)
    reply = AzureBackend(credential).send(Request("PUT", "/x", options=Options(repeatable=False)))
    assert (reply.status, len(azure.calls)) == (503, 1)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30),
        ({"Retry-After": "0"}, None),
        ({"retry-after-ms": "250"}, 0.25),
        ({"x-ms-retry-after-ms": "1500"}, 1.5),
        ({"Retry-After": "2", "x-ms-retry-after-ms": "9000"}, 2),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_that_the_service_asks_for_is_kept(
    azure: responses.RequestsMock,
    client: MLClient,
    slept: list[float],
    headers: dict[str, str],
    seconds: float | None,
    status: int,
) -> None:
    """In seconds or milliseconds."""
    azure.get(MODEL, json=refusal(), status=status, headers=headers)
    azure.get(MODEL, json=model_body())
    client.models.get("iris", "1")
    assert slept == ([] if seconds is None else [seconds])


def test_a_wait_until_a_date_is_kept(azure: responses.RequestsMock, client: MLClient, slept: list[float]) -> None:
    """As HTTP allows it."""
    then = dt.datetime.now(dt.timezone.utc) + dt.timedelta(seconds=40)
    azure.get(MODEL, json=refusal(), status=429, headers={"Retry-After": format_datetime(then, usegmt=True)})
    azure.get(MODEL, json=model_body())
    client.models.get("iris", "1")
    assert 30 < slept[0] <= 40


def test_waits_grow_where_the_service_asks_for_none(
    azure: responses.RequestsMock, credential: Credential, slept: list[float]
) -> None:
    """The first repetition is at once, the others are azure-core's, by `retry_backoff_factor`."""
    azure.get(MODEL, json=refusal(), status=503)
    with pytest.raises(HttpResponseError):
        connect(credential, retry_backoff_factor=0.5).models.get("iris", "1")
    assert slept == [1.0, 2.0]


@pytest.mark.parametrize("status", MOMENTARY)
def test_it_gives_up_with_the_services_own_error(azure: responses.RequestsMock, client: MLClient, status: int) -> None:
    """After azure-core's three repetitions."""
    azure.get(MODEL, json=refusal("ServerBusy", "come back later"), status=status)
    with pytest.raises(HttpResponseError, match="come back later") as caught:
        client.models.get("iris", "1")
    assert (caught.value.status_code, caught.value.error.code) == (status, "ServerBusy")
    assert len(azure.calls) == ATTEMPTS


@pytest.mark.parametrize(("failure", "error"), [(LOST, ServiceResponseError), (REFUSED, ServiceRequestError)])
def test_it_gives_up_on_a_connection_that_keeps_breaking(
    azure: responses.RequestsMock, client: MLClient, failure: Any, error: type[Exception]
) -> None:
    """After three repetitions too."""
    azure.get(MODEL, body=failure)
    with pytest.raises(error):
        client.models.get("iris", "1")
    assert len(azure.calls) == ATTEMPTS


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("headers", [{}, {"Retry-After": "60"}], ids=["bare", "after"])
@pytest.mark.parametrize(("total", "attempts"), [(0, 1), (1, 2), (2, 3)])
def test_retry_total_bounds_the_repetitions(
    azure: responses.RequestsMock,
    credential: Credential,
    slept: list[float],
    total: int,
    attempts: int,
    status: int,
    headers: dict[str, str],
) -> None:
    """0 means none, and no wait."""
    azure.get(MODEL, json=refusal(), status=status, headers=headers)
    with pytest.raises(HttpResponseError):
        connect(credential, retry_total=total).models.get("iris", "1")
    assert len(azure.calls) == attempts
    assert slept == ([60] * total if headers else slept[:0] if total < 2 else [1.6])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 501])
def test_a_refusal_is_not_repeated(azure: responses.RequestsMock, client: MLClient, status: int) -> None:
    """It would be refused again."""
    azure.get(MODEL, json=refusal(), status=status)
    with pytest.raises(HttpResponseError):
        client.models.get("iris", "1")
    assert len(azure.calls) == 1


def test_a_stream_is_sent_again_from_where_it_began(
    azure: responses.RequestsMock, credential: Credential, slept: list[float]
) -> None:
    """The whole body reaches the service the second time."""
    stream = io.BytesIO(b"not this|all of this")
    stream.seek(9)
    bodies, statuses = [], [503, 200]

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        bodies.append(request.body)  # `responses` has read the stream
        return statuses.pop(0), {}, "{}"

    azure.add_callback("PUT", f"{ARM}/x", answer, content_type="application/json")
    assert AzureBackend(credential).send(Request("PUT", "/x", body=stream)).status == 200
    assert bodies == [b"all of this"] * 2
    assert slept == []


def test_repetitions_of_one_call_have_one_request_id(azure: responses.RequestsMock, client: MLClient) -> None:
    """So that the service can tell that they are one."""
    azure.get(MODEL, json=refusal(), status=500)
    azure.get(MODEL, json=model_body())
    client.models.get("iris", "1")
    assert len({sent_headers(azure, index)["x-ms-client-request-id"] for index in (0, 1)}) == 1


def test_the_body_of_a_put_is_sent_again_whole(azure: responses.RequestsMock, client: MLClient) -> None:
    """With its headers."""
    url = f"{BASE}/computes/cluster"
    azure.put(url, body=LOST)
    azure.put(url, json=compute_body())
    client.compute.begin_create_or_update(
        AmlCompute(name="cluster", size="STANDARD_DS3_V2", location="eastus")
    ).result()
    first, second = (call.request for call in azure.calls)
    assert first.body == second.body
    assert (second.headers["Content-Type"], second.headers["Content-Length"]) == (
        "application/json",
        str(len(first.body)),
    )


def test_no_wait_goes_beyond_the_time_of_the_call(
    azure: responses.RequestsMock, client: MLClient, slept: list[float]
) -> None:
    """A service that asks for a minute gets none from a call that has five seconds; its own words are raised at once."""
    azure.get(MODEL, json=refusal("TooManyRequests", "slow down"), status=429, headers={"Retry-After": "60"})
    with pytest.raises(HttpResponseError, match="slow down"):
        client.with_options(timeout=5).models.get("iris", "1")
    assert (len(azure.calls), slept) == (1, [])


@pytest.mark.parametrize(
    ("options", "timeout", "expected"),
    [
        ({}, 2, (2, 2)),
        ({"timeout": 2}, None, (2, 2)),
        ({"read_timeout": 1, "timeout": 2}, None, (2, 1)),
        ({"read_timeout": 9}, None, (300, 9)),
    ],
)
def test_each_attempt_has_no_more_time_than_the_call(
    azure: responses.RequestsMock,
    credential: Credential,
    options: dict[str, Any],
    timeout: float | None,
    expected: tuple[float, float],
) -> None:
    """To connect and to read; azure-core's own five minutes where nothing is said."""
    azure.get(MODEL, json=model_body())
    client = connect(None, backend=AzureBackend(credential, **options))
    client.with_options(timeout=timeout).models.get("iris", "1")
    assert azure.calls[0].request.req_kwargs["timeout"] == pytest.approx(expected, abs=0.5)


def test_the_second_attempt_has_what_the_first_left(
    azure: responses.RequestsMock, client: MLClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of a call is for its repetitions too."""
    clock = [1000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])

    def answer(_: Any) -> tuple[int, dict[str, str], str]:
        clock[0] += 3
        return 503, {}, "{}"

    azure.add_callback("GET", MODEL, answer)
    with pytest.raises(HttpResponseError):
        client.with_options(timeout=5).models.get("iris", "1")
    limits = [call.request.req_kwargs["timeout"][1] for call in azure.calls]
    assert limits == [5, 2]
