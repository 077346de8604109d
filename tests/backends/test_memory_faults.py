"""Faults on demand, and the log of requests."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseTimeoutError

from mlsdk.backends import Request
from mlsdk.backends.memory import MemoryBackend

CLUSTER = {"properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2"}}}


def test_a_fault_strikes_what_it_matches_and_as_often_as_it_says(azure: Any) -> None:
    """By method and path; afterwards everything is as if nothing had been."""
    azure.backend.fail(method="PUT", path="*/COMPUTES/*", status=429, headers={"Retry-After": "1"}, times=2)
    assert azure.names("computes") == []
    for _ in range(2):
        reply = azure("PUT", "computes/cpu", CLUSTER)
        assert (reply.status, reply.body["error"]["code"]) == (429, "TooManyRequests")
        assert reply.headers["retry-after"] == "1"
    assert azure.names("computes") == []
    assert azure("PUT", "computes/cpu", CLUSTER).status == 201


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "AuthorizationFailed"), (409, "Conflict"), (503, "ServiceUnavailable"), (418, "InjectedFault")],
)
def test_each_status_has_its_code(azure: Any, status: int, code: str) -> None:
    """The usual code of a status, or the one that is given."""
    azure.backend.fail(status=status)
    assert azure.error("GET", "")[:2] == (status, code)
    azure.backend.fail(status=status, code="Mine", message="told so")
    assert azure.error("GET", "") == (status, "Mine", "told so")


def test_a_fault_for_ever(azure: Any) -> None:
    """`times=None` strikes until the backend is reset."""
    azure.backend.fail(path="*/models*", status=500, times=None)
    assert [azure("GET", "models").status for _ in range(5)] == [500] * 5
    azure.backend.reset()
    assert azure("GET", "models").status == 404


def test_only_the_answer_is_lost(azure: Any) -> None:
    """With `after=True` the request was carried out, as after a time-out on the way back."""
    azure.backend.fail(method="PUT", exception=ServiceResponseTimeoutError("read timed out"), after=True)
    with pytest.raises(ServiceResponseTimeoutError):
        azure("PUT", "computes/cpu", CLUSTER)
    assert azure.names("computes") == ["cpu"]
    assert azure.backend.requests[0].status is None
    assert str(azure.backend.requests[0]).endswith("-> no answer")


def test_a_refusal_is_lost_like_any_other_answer(azure: Any) -> None:
    """What was not there, or not allowed, is not told either; the fault has struck and is gone."""
    azure.backend.fail(status=504, after=True)
    assert azure.error("GET", "computes/none")[0] == 504
    assert azure.error("GET", "computes/none")[0] == 404


def test_nothing_was_carried_out(azure: Any) -> None:
    """Without `after` an exception comes before anything happens."""
    azure.backend.fail(method="PUT", exception=ServiceResponseTimeoutError("read timed out"))
    with pytest.raises(ServiceResponseTimeoutError):
        azure("PUT", "computes/cpu", CLUSTER)
    assert azure.names("computes") == []


def test_the_log_tells_what_was_asked(azure: Any) -> None:
    """Method, path, query and status, in order; seeding and polling of the clock are not in it."""
    azure("PUT", "computes/cpu", CLUSTER)
    azure("GET", "computes/none")
    first, second = azure.backend.requests
    assert (first.method, first.path, first.status) == ("PUT", f"{azure.workspace}/computes/cpu", 201)
    assert first.params["api-version"] == "2024-10-01-preview"
    assert str(second) == f"GET {azure.workspace}/computes/none?api-version=2024-10-01-preview -> 404"
    assert azure.backend.requests.writes == 1
    assert repr(azure.backend.requests) == "<2 requests, 1 of them writes>"
    assert str(azure.backend.requests).count("\n") == 1
    assert [one.method for one in azure.backend.requests[-1:]] == ["GET"]


def test_the_log_is_bounded(model: dict[str, Any]) -> None:
    """The oldest requests go when it is full."""
    backend = MemoryBackend(log_limit=3)
    for number in range(5):
        backend.send(Request("GET", f"/subscriptions/s{number}", {"api-version": "2020-06-01"}, {}, model))
    assert [one.path for one in backend.requests] == ["/subscriptions/s2", "/subscriptions/s3", "/subscriptions/s4"]
    backend.requests.clear()
    assert len(backend.requests) == 0


def test_no_secret_is_in_the_log(azure: Any) -> None:
    """Bodies and headers are not kept, signatures in a query are masked."""
    headers = {"Authorization": "Bearer t0ken"}
    query = {"api-version": "2020-06-01", "sig": "s1gnature"}
    azure.backend.send(Request("PUT", "/subscriptions/s", query, headers, {"password": "passw0rd"}))
    azure.backend.send(
        Request("GET", "https://management.azure.com/subscriptions/s?api-version=2020-06-01&sig=s1gnature")
    )
    seen = f"{azure.backend.requests} {list(azure.backend.requests)} {azure.backend!r}"
    assert "sig=***" in seen
    for secret in ("t0ken", "s1gnature", "passw0rd"):
        assert secret not in seen
