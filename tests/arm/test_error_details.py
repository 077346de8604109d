"""What an error of the service carries: its ids, its place and its own words, in whatever form they come."""

from __future__ import annotations

import copy
import io
import pickle
from typing import Any

import pytest
from azure.core.exceptions import (
    HttpResponseError,
)
from azure.core.polling.base_polling import OperationFailed
from error_answers import ASKED, FRONT_END, arm, error_for

from mlsdk.arm.errors import enriched, refused
from mlsdk.arm.transport import BackendResponse, azure_request
from mlsdk.backends import Reply, Request
from mlsdk.exceptions import JobException, ServiceDetails, service_details


def test_what_the_front_end_adds_is_found_and_not_shown_as_json() -> None:
    """Component, ids, place and time; one line of it in the text."""
    body = arm("UserError", "Model 'm' not found in workspace 'ws'", details=[], additionalInfo=FRONT_END)
    error = error_for(404, body)
    details = service_details(error)
    assert details == ServiceDetails(
        component="managementfrontend",
        operation_id="6e4c9385ea4ab2cbe675b3ea87817616",
        request_id="5437c8df3ad9226c",
        environment="westeurope",
        location="westeurope",
        time="2022-11-23T14:58:44.8639911+00:00",
        inner_codes=("NotFoundError",),
    )
    assert str(error) == (
        "(UserError) Model 'm' not found in workspace 'ws'\nFor support: operation 6e4c9385ea4ab2cbe675b3ea87817616, "
        "request 5437c8df3ad9226c, westeurope, 2022-11-23T14:58:44.8639911+00:00"
    )


def test_the_ids_stand_in_details_too() -> None:
    """What a detail tells counts where the error itself tells nothing; what the error tells counts first."""
    detail = {"code": "InferencingClientCallFailed", "message": "inside", "additionalInfo": FRONT_END}
    error = error_for(400, arm("BadRequest", "The request is invalid.", details=[detail]))
    details = service_details(error)
    assert details is not None
    assert (details.component, details.request_id) == ("managementfrontend", "5437c8df3ad9226c")
    assert str(error).startswith("(BadRequest) The request is invalid.\n  (InferencingClientCallFailed) inside\n")
    assert error.error is not None
    assert [part.code for part in error.error.details] == ["InferencingClientCallFailed"]
    outer = [{"type": "ComponentName", "info": {"value": "outer"}}]
    both = service_details(error_for(400, arm("BadRequest", "x", details=[detail], additionalInfo=outer)))
    assert both is not None
    assert (both.component, both.request_id) == ("outer", "5437c8df3ad9226c")


def test_the_ids_stand_beside_the_error_where_the_ml_services_put_them() -> None:
    """The shape of Azure Machine Learning's own services, nulls and all."""
    body = {
        "error": {
            "code": "UserError",
            "severity": None,
            "message": "Exception of type 'ForbiddenException' was thrown.",
            "messageFormat": None,
            "target": None,
            "details": None,
            "innerError": {"code": "ForbiddenError", "innerError": {"code": "Deeper", "innerError": None}},
            "additionalInfo": None,
        },
        "correlation": {"operation": "9998a5d762b09d4d9b4e4dd225887078", "request": "8e677849c163f0c0"},
        "environment": "westus2",
        "location": "westus2",
        "time": "2020-07-09T13:26:37.105308+00:00",
        "componentName": "execution",
    }
    error = error_for(400, body)
    assert error.error is not None
    assert error.error.code == "UserError"
    assert service_details(error) == ServiceDetails(
        component="execution",
        operation_id="9998a5d762b09d4d9b4e4dd225887078",
        request_id="8e677849c163f0c0",
        environment="westus2",
        location="westus2",
        time="2020-07-09T13:26:37.105308+00:00",
        inner_codes=("ForbiddenError", "Deeper"),
    )


def test_the_ids_of_resource_manager_come_from_the_headers() -> None:
    """An id that is there twice is said once."""
    error = error_for(
        404,
        arm("ResourceGroupNotFound", "Resource group 'rg' could not be found."),
        x_ms_request_id="a1",
        x_ms_correlation_request_id="a1",
        x_ms_client_request_id="c3",
        date="Fri, 20 Nov 2026 10:00:00 GMT",
    )
    details = service_details(error)
    assert details is not None
    assert (details.arm_request_id, details.arm_correlation_id, details.client_request_id) == ("a1", "a1", "c3")
    assert str(error).endswith("\nFor support: correlation a1, Fri, 20 Nov 2026 10:00:00 GMT")
    sent = Request(ASKED.method, ASKED.url, {}, {"x-ms-client-request-id": "sent"})
    echoless = service_details(refused(sent, Reply(500, None, {})))
    assert echoless is not None
    assert echoless.client_request_id == "sent"


def test_other_additional_information_stays_in_the_text() -> None:
    """Which policy forbids something is worth reading."""
    info = [{"type": "PolicyViolation", "info": {"policyDefinitionDisplayName": "No public workspaces"}}]
    error = error_for(403, arm("RequestDisallowedByPolicy", "Disallowed by policy.", target="ws", additionalInfo=info))
    assert 'PolicyViolation: {"policyDefinitionDisplayName": "No public workspaces"}' in str(error)
    assert "Target: ws" in str(error)


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (404, None, None, "404 Not Found from /subscriptions/.*; the answer is empty"),
        (
            407,
            b"<html><head><style>p {}</style><title>Proxy</title></head><body><p>Sign in</p></body></html>",
            "text/html; charset=utf-8",
            "the answer is not JSON but text/html: Proxy Sign in\nWhat to do: this is a page",
        ),
        (503, b"upstream down", "text/plain", "not JSON but text/plain: upstream down\nWhat to do: this is a page"),
        (400, b"\xff\xfe\x00", "application/octet-stream", "not JSON but application/octet-stream"),
        (400, {"odd": 1}, "application/json", r"the answer holds no error: \{\"odd\": 1\}"),
        (400, ["a"], "application/json", r"the answer holds no error: \[\"a\"\]"),
        (400, {"error": None}, "application/json", "the answer holds no error"),
        (400, {"error": "invalid_grant"}, "application/json", "the answer holds no error.*invalid_grant"),
        (400, {"error": {"code": "c", "details": [1, {"x": 1}], "additionalInfo": [2, {}]}}, None, r"\(c\) None"),
    ],
)
def test_an_answer_in_no_known_form_is_still_shown(status: int, body: Any, kind: str | None, words: str) -> None:
    """An empty one, a proxy's page, JSON without an error: what is known is said, and nothing breaks."""
    headers = {"content_type": kind} if kind else {}
    with pytest.raises(HttpResponseError, match=words) as caught:
        raise error_for(status, body, **headers)
    assert "Content:" not in str(caught.value)


def test_azure_storage_names_its_code_in_a_header() -> None:
    """Its errors are XML; a role for the data is another one than that for the account."""
    body = b"<?xml version='1.0'?><Error><Code>x</Code><Message>This request is not authorized.</Message></Error>"
    error = error_for(403, body, content_type="application/xml", x_ms_error_code="AuthorizationPermissionMismatch")
    assert error.error is not None
    assert error.error.code == "AuthorizationPermissionMismatch"
    assert "'Storage Blob Data Contributor' on the storage account to write" in str(error)


def polled(status: int, body: Any) -> HttpResponseError:
    """The error that azure-core's poller makes of an answer: inside an `except`, with what it found as the inner one."""
    response = BackendResponse(azure_request(ASKED), Reply(status, body, {"x-ms-request-id": "r"}))
    failure = OperationFailed("Operation failed or canceled")
    try:
        raise failure
    except OperationFailed as error:
        return HttpResponseError(response=response, error=error)


def test_a_failed_operation_is_told_like_a_refusal() -> None:
    """azure-core makes that error itself; it is completed once, however often it passes."""
    body = {"status": "Failed", **arm("UserError", "Quota of cores is exceeded.", additionalInfo=FRONT_END)}
    made = polled(200, body)
    error = enriched(made)
    assert error is made
    assert error.error is not None
    assert error.error.code == "UserError"
    lines = str(error).splitlines()
    assert lines[0] == "(UserError) Quota of cores is exceeded."
    assert lines[1].startswith("What to do: the quota")
    assert lines[2].startswith("For support: operation 6e4c")
    assert str(enriched(error)).splitlines() == lines
    bare = enriched(HttpResponseError("no response"))
    assert str(bare) == "no response"
    assert service_details(bare) is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"status": "Canceled"}, r"^\(Canceled\) the operation ended as Canceled; the service does not say why"),
        ({"properties": {"provisioningState": "Failed"}}, r"^\(Failed\) the operation ended as Failed"),
        ({"id": "x"}, r"^Operation failed or canceled; the answer holds no error"),
        (None, r"^Operation failed or canceled; the answer is empty"),
    ],
)
def test_a_failed_operation_without_a_reason_says_so(body: Any, words: str) -> None:
    """Not `invalid status 'OK'`, which is what azure-core would say."""
    with pytest.raises(HttpResponseError, match=words):
        raise enriched(polled(200, body))


@pytest.mark.parametrize("twice", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])  # noqa: S301
def test_an_error_can_go_to_another_process(twice: Any) -> None:
    """With its text, code, status and ids, also where azure-core made it inside an `except`."""
    body = {"status": "Failed", **arm("UserError", "no", additionalInfo=FRONT_END)}
    errors: list[Any] = [error_for(404, body), enriched(polled(200, body))]
    for error in errors:
        again = twice(error)
        assert type(again) is type(error)
        assert (str(again), again.status_code, again.error.code) == (str(error), error.status_code, "UserError")
        assert service_details(again) == service_details(error)
        assert again.response.json() == body


def test_what_was_sent_does_not_travel_with_the_error() -> None:
    """The question is there, its body and its key are not; a stream in it hinders nothing."""
    headers = {"Authorization": "Bearer hush-hush", "Accept": "application/json"}
    for body in ({"accountKey": "hush-hush"}, io.BytesIO(b"hush-hush")):
        error = refused(Request("PUT", ASKED.url, ASKED.params, headers, body), Reply(400, arm("UserError", "no")))
        assert b"hush-hush" not in pickle.dumps(error)
        request: Any = error.response.request if error.response else None
        assert (request.method, request.headers["accept"]) == ("PUT", "application/json")
        assert request.url.endswith("/workspaces/ws/models/m?api-version=2023-08-01-preview")


def test_the_ids_are_found_through_what_was_raised_from_it() -> None:
    """An error of this side that was raised because of the service's leads to the same ids; a circle ends."""
    outer = JobException("it failed")
    assert service_details(outer) is None
    outer.__cause__ = error_for(404, arm("UserError", "no", additionalInfo=FRONT_END))
    found = service_details(outer)
    assert found is not None
    assert found.request_id == "5437c8df3ad9226c"
    circle = ValueError()
    circle.__cause__ = circle
    assert service_details(circle) is None
    assert service_details(None) is None
