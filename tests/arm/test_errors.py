"""What the service refuses becomes azure-core's own error, with what to do and the ids that support asks for."""

from __future__ import annotations

import copy
import io
import json
import pickle
from typing import Any

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.core.polling.base_polling import OperationFailed

from mlsdk import MLClient
from mlsdk.arm.advice import TABLE
from mlsdk.arm.errors import enriched, refused
from mlsdk.arm.redaction import redacted, redacted_json
from mlsdk.arm.roles import roles_with
from mlsdk.arm.transport import BackendResponse, azure_request
from mlsdk.backends import Reply, Request
from mlsdk.backends.memory import MemoryBackend
from mlsdk.entities import AmlCompute
from mlsdk.exceptions import JobException, ServiceDetails, service_details

SUBSCRIPTION = "5f2ed6c2-3d1e-4a8b-9d0f-0c7a4b1f2e3d"
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
ML = "Microsoft.MachineLearningServices"
WORKSPACE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/{ML}/workspaces/ws"
ASKED = Request("GET", f"{WORKSPACE}/models/m", {"api-version": "2023-08-01-preview"})

FRONT_END = [
    {"type": "ComponentName", "info": {"value": "managementfrontend"}},
    {
        "type": "Correlation",
        "info": {"value": {"operation": "6e4c9385ea4ab2cbe675b3ea87817616", "request": "5437c8df3ad9226c"}},
    },
    {"type": "Environment", "info": {"value": "westeurope"}},
    {"type": "Location", "info": {"value": "westeurope"}},
    {"type": "Time", "info": {"value": "2022-11-23T14:58:44.8639911+00:00"}},
    {"type": "InnerError", "info": {"value": {"code": "NotFoundError", "innerError": None}}},
]
"""What the ML front end adds to an error; the shape is that of public traces."""


def arm(code: str | None, message: str, **more: Any) -> dict[str, Any]:
    """An error in the envelope of Azure Resource Manager."""
    return {"error": {"code": code, "message": message, **more}}


def error_for(status: int, body: Any, **headers: str) -> HttpResponseError:
    """The error of a reply to a question after a model; `x_ms_request_id` stands for `x-ms-request-id`."""
    return refused(ASKED, Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()}))


def denied(action: str) -> str:
    """How Azure Resource Manager says that a role is missing."""
    return (
        f"The client 'me@example.org' with object id 'f6bde659' does not have authorization to perform action '{action}' "
        f"over scope '{WORKSPACE}' or the scope is invalid. If access was recently granted, please refresh your credentials."
    )


def missing(resource: str) -> str:
    """How Azure Resource Manager says that a resource is not there."""
    return f"The Resource '{resource}' under resource group 'rg' was not found. For more details please go to https://aka.ms/x"


CASES: list[tuple[int, Any, type[HttpResponseError], str | None, str | None]] = [
    # status, body, class, code, what the advice says; None where the service's own words are enough
    (
        401,
        arm("ExpiredAuthenticationToken", "The access token expiry UTC time '1' is earlier than current UTC time '2'."),
        ClientAuthenticationError,
        "ExpiredAuthenticationToken",
        "the token ran out: sign in again",
    ),
    (
        401,
        arm(
            "InvalidAuthenticationTokenTenant",
            "The access token is from the wrong issuer 'https://sts.windows.net/4a4d599f-e69d-4cd8-a9e1-9882ea340fb5/'. It "
            f"must match the tenant 'https://sts.windows.net/{TENANT}/' associated with this subscription.",
        ),
        ClientAuthenticationError,
        "InvalidAuthenticationTokenTenant",
        f"another tenant than that of subscription '{SUBSCRIPTION}': `az login --tenant {TENANT}`",
    ),
    (
        401,
        arm("InvalidAuthenticationTokenTenant", "The access token is from the wrong issuer."),
        ClientAuthenticationError,
        "InvalidAuthenticationTokenTenant",
        "give the credential tenant_id=",
    ),
    (
        401,
        arm(
            "InvalidAuthenticationTokenAudience",
            "The access token has been obtained for wrong audience or resource 'x'.",
        ),
        ClientAuthenticationError,
        "InvalidAuthenticationTokenAudience",
        "for another service or another cloud",
    ),
    (
        401,
        arm("InvalidAuthenticationToken", "The access token is invalid."),
        ClientAuthenticationError,
        "InvalidAuthenticationToken",
        "the token is not accepted",
    ),
    (
        404,
        arm("SubscriptionNotFound", f"The subscription '{SUBSCRIPTION}' could not be found."),
        ResourceNotFoundError,
        "SubscriptionNotFound",
        f"no subscription '{SUBSCRIPTION}' can be seen with this credential",
    ),
    (
        400,
        arm("InvalidSubscriptionId", "The provided subscription identifier 'x' is malformed or invalid."),
        HttpResponseError,
        "InvalidSubscriptionId",
        "not its name",
    ),
    (
        409,
        arm(
            "MissingSubscriptionRegistration",
            "The subscription is not registered to use namespace 'Microsoft.KeyVault'.",
        ),
        ResourceExistsError,
        "MissingSubscriptionRegistration",
        "az provider register --namespace Microsoft.KeyVault",
    ),
    (
        404,
        arm("ResourceGroupNotFound", "Resource group 'rgg' could not be found."),
        ResourceNotFoundError,
        "ResourceGroupNotFound",
        "az group create --name rgg",
    ),
    (
        404,
        arm("ResourceNotFound", missing(f"{ML}/workspaces/wss")),
        ResourceNotFoundError,
        "ResourceNotFound",
        f"no workspace 'wss' in resource group 'rg' of subscription '{SUBSCRIPTION}': check the names given to MLClient",
    ),
    (
        404,
        arm("ResourceNotFound", missing(f"{ML}/workspaces/ws/computes/cpu")),
        ResourceNotFoundError,
        "ResourceNotFound",
        None,
    ),
    (
        404,
        arm("UserError", "Model 'm' not found in workspace 'ws'", details=[], additionalInfo=FRONT_END),
        ResourceNotFoundError,
        "UserError",
        None,
    ),
    (
        403,
        arm("AuthorizationFailed", denied(f"{ML}/workspaces/models/versions/write")),
        HttpResponseError,
        "AuthorizationFailed",
        f"lacks the action {ML}/workspaces/models/versions/write. The built-in role 'AzureML Data Scientist' allows it",
    ),
    (
        403,
        arm("AuthorizationFailed", denied(f"{ML}/workspaces/computes/write")),
        HttpResponseError,
        "AuthorizationFailed",
        "The built-in role 'AzureML Compute Operator' allows it",
    ),
    (
        403,
        arm(
            "UserError",
            f"Identity(object id: 1a327ac2) does not have permissions for {ML}/workspaces/datastores/read actions.",
            additionalInfo=[{"type": "InnerError", "info": {"value": {"code": "ForbiddenError"}}}],
        ),
        HttpResponseError,
        "UserError",
        f"lacks the action {ML}/workspaces/datastores/read. The built-in role 'Reader' allows it",
    ),
    (
        403,
        arm(
            "LinkedAuthorizationFailed",
            f"The client 'x' with object id 'y' has permission to perform action '{ML}/workspaces/write' on scope '/s'; "
            "however, it does not have permission to perform action(s) 'Microsoft.Storage/storageAccounts/write' on the "
            "linked scope(s) '/t' (respectively) or the linked scope(s) are invalid.",
        ),
        HttpResponseError,
        "LinkedAuthorizationFailed",
        "lacks the action Microsoft.Storage/storageAccounts/write. The built-in role 'Contributor' allows it",
    ),
    (
        403,
        arm("AuthorizationFailed", denied(f"{ML}/workspaces/jobs/write") + " rg-private-link-firewall"),
        HttpResponseError,
        "AuthorizationFailed",
        f"lacks the action {ML}/workspaces/jobs/write",
    ),
    (403, arm("Forbidden", "No."), HttpResponseError, "Forbidden", "the credential is known but lacks a role for this"),
    (
        403,
        arm("RequestDisallowedByPolicy", "Resource 'ws' was disallowed by policy."),
        HttpResponseError,
        "RequestDisallowedByPolicy",
        "a policy of the subscription forbids it",
    ),
    (
        409,
        arm("ScopeLocked", "The scope '/s' cannot perform delete operation because following scope(s) are locked."),
        ResourceExistsError,
        "ScopeLocked",
        "remove the lock first",
    ),
    (
        502,
        arm(
            "UserError",
            "Access to workspace was denied based on workspace private link configuration.",
            additionalInfo=FRONT_END,
        ),
        HttpResponseError,
        "UserError",
        "outside the network that may reach it",
    ),
    (
        403,
        arm("Forbidden", "Request is not allowed from public network. PublicNetworkAccess is Disabled."),
        HttpResponseError,
        "Forbidden",
        "let public network access be enabled",
    ),
    (
        403,
        arm("Forbidden", "Client IP address 20.1.2.3 is not authorized."),
        HttpResponseError,
        "Forbidden",
        "rules of its firewall",
    ),
    (
        400,
        arm("BadRequest", "Soft-deleted workspace exists. Please purge or recover it. https://aka.ms/wsoftdelete"),
        HttpResponseError,
        "BadRequest",
        "permanently_delete=True",
    ),
    (
        409,
        arm("StorageAccountAlreadyTaken", "The storage account named wsstorage is already taken."),
        ResourceExistsError,
        "StorageAccountAlreadyTaken",
        "take another name",
    ),
    (
        400,
        arm(
            "NoRegisteredProviderFound",
            "No registered resource provider found for location 'eastus' and API version '2018' for type 'workspaces'. The "
            "supported api-versions are '2024'.",
        ),
        HttpResponseError,
        "NoRegisteredProviderFound",
        "api_versions={…}",
    ),
    (
        400,
        arm(
            "InvalidTemplateDeployment",
            "The template deployment is not valid. See inner errors for details.",
            details=[{"code": "QuotaExceeded", "message": "Operation could not be completed."}],
        ),
        HttpResponseError,
        "InvalidTemplateDeployment",
        "the quota of the region or the workspace is used up",
    ),
    (
        400,
        arm(None, "OutOfQuota: Not enough cluster CPU quota. The amount of additional CPU quota requested is 8."),
        HttpResponseError,
        None,
        "the quota of the region or the workspace is used up",
    ),
    (
        412,
        arm("PreconditionFailed", "The condition 'If-Match' was not met."),
        HttpResponseError,
        "PreconditionFailed",
        "get it again, make the change there",
    ),
    (
        409,
        arm("RetryableErrorDueToAnotherOperation", "Another operation on this resource is in progress."),
        ResourceExistsError,
        "RetryableErrorDueToAnotherOperation",
        "wait for its end",
    ),
    (
        500,
        arm("ServiceError", "InternalServerError", details=[], additionalInfo=FRONT_END),
        HttpResponseError,
        "ServiceError",
        "open a support request and give it the ids of this error",
    ),
    (400, arm("UserError", "The Value field is required."), HttpResponseError, "UserError", None),
    (400, {"code": "BadRequest", "message": "no envelope"}, HttpResponseError, "BadRequest", None),
    (400, {"Message": "in another case"}, HttpResponseError, None, None),
]


@pytest.mark.parametrize(("status", "body", "kind", "code", "sentence"), CASES, ids=lambda part: str(part)[:60])
def test_a_refusal_says_what_to_do(
    status: int, body: Any, kind: type[HttpResponseError], code: str | None, sentence: str | None
) -> None:
    """The class and the code are the service's, its text stands whole, and one line tells the way out where it is known."""
    error = error_for(status, body)
    assert type(error) is kind
    assert error.status_code == status
    assert error.error is not None
    assert error.error.code == code
    own_words = body.get("error", body).get("message") or body.get("Message")
    assert own_words in str(error)
    assert error.error.message == own_words
    assert error.message == str(error)
    advice = [line for line in str(error).splitlines() if line.startswith("What to do: ")]
    assert len(advice) == (sentence is not None)
    assert sentence is None or sentence in advice[0]


def test_every_row_of_advice_can_be_said() -> None:
    """No sentence names a fact that its row does not find."""
    known = {"subscription", "group", "workspace", "wait", "roles"}
    for row in TABLE:
        found = set(row.words.groupindex) if row.words else set()
        row.sentence.format_map(dict.fromkeys(known | found, "x"))
        assert row.codes or row.statuses or row.words


def test_throttling_names_the_wait() -> None:
    """What `Retry-After` says is in the text."""
    error = error_for(
        429, arm("SubscriptionRequestsThrottled", "Number of 'read' requests exceeded."), retry_after="17"
    )
    assert "try again in 17 seconds" in str(error)
    assert "try again later" in str(error_for(429, arm("TooManyRequests", "Slow down.")))


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


@pytest.fixture
def backend() -> MemoryBackend:
    """An Azure in memory with one workspace, whose long-running operations take their time."""
    backend = MemoryBackend(long_running="async")
    backend.add_workspace(SUBSCRIPTION, "rg", "ws", location="eastus")
    return backend


@pytest.fixture
def client(backend: MemoryBackend) -> MLClient:
    """A client of that workspace."""
    return MLClient(None, SUBSCRIPTION, "rg", "ws", backend=backend, polling_interval=0.01)


KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
TOKEN = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL21sIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
SIGNATURE = "Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm8%3D"

SECRETS = [
    (f"PUT https://a.blob.core.windows.net/c/b?sv=2024&sig={SIGNATURE}&se=2026", SIGNATURE),
    (f"see 'https://a.blob.core.windows.net/c?SIG={SIGNATURE}'.", SIGNATURE),
    (f"redirect=https%3A%2F%2Fa%2Fc%3Fsv%3D1%26sig%3D{SIGNATURE.replace('%', '%25')}%26se%3D2", SIGNATURE[:20]),
    (f"the header was Authorization: Bearer {TOKEN}", TOKEN),
    (f"token {TOKEN} is not valid", TOKEN[:36]),
    ("Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123", "abcdefghijklmnop"),
    ("Authorization: SharedKey account:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=", "QUJDREVG"),
    (f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={KEY};EndpointSuffix=x", KEY),
    (f"key {KEY} was not accepted", KEY[:40]),
    ('{"accountKey": "c2VjcmV0", "accountName": "a"}', "c2VjcmV0"),
    ('"{\\"clientSecret\\":\\"hush-hush\\"}"', "hush-hush"),
    ("failed with client_secret=hush-hush&grant_type=x", "hush-hush"),
    ("proxy http://me:hush-hush@proxy:8080 refused", "hush-hush"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_no_error_carries_a_secret(text: str, secret: str) -> None:
    """Whatever the service or a proxy echoes: not in the text, the repr, the message or the details."""
    cleaned = redacted(text)
    assert secret not in cleaned
    assert "REDACTED" in cleaned
    assert redacted(cleaned) == cleaned
    bodies: list[Any] = [
        arm("BadRequest", text),
        arm("BadRequest", "x", details=[{"code": "Inner", "message": text, "target": text}]),
        arm(
            "BadRequest", "x", additionalInfo=[{"type": "Other", "info": {"value": text}}], innererror={"trace": [text]}
        ),
        {"odd": text},
        f"<p>{text}</p>".encode(),
    ]
    for body in bodies:
        error = error_for(400, body)
        said = [str(error), repr(error), error.message, error.exc_msg, str(error.error), repr(service_details(error))]
        assert error.error is not None
        said.extend([str(error.error.message), json.dumps(error.error.innererror)])
        assert not [words for words in said if secret in words]


@pytest.mark.parametrize(
    "text",
    [
        "The bearer token is missing.",
        "design=3 and signature are no secrets",
        "https://management.azure.com/subscriptions/x?api-version=2024-01-01",
        "commit 0123456789abcdef0123456789abcdef01234567",
        "The password must have 12 characters: letters and digits.",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Words about secrets are not secrets."""
    assert redacted(text) == text


def test_secrets_are_known_by_their_names() -> None:
    """A value under such a name is hidden whatever it looks like; other values stay as they are."""
    value = {"accountKey": "x", "list": [{"sasToken": "y", "n": 1}], "none": None, "password": {"rule": "long"}}
    expected = {"accountKey": "REDACTED", "list": [{"sasToken": "REDACTED", "n": 1}], "none": None}
    assert redacted_json(value) == {**expected, "password": {"rule": "long"}}


@pytest.mark.parametrize(
    ("action", "least"),
    [
        (f"{ML}/workspaces/read", "Reader"),
        (f"{ML}/workspaces/models/versions/write", "AzureML Data Scientist"),
        (f"{ML}/workspaces/datastores/listSecrets/action", "AzureML Data Scientist"),
        (f"{ML}/workspaces/computes/write", "AzureML Compute Operator"),
        (f"{ML}/workspaces/computes/start/action", "AzureML Compute Operator"),
        (f"{ML}/workspaces/write", "Contributor"),
        (f"{ML}/workspaces/listKeys/action", "Contributor"),
        (f"{ML}/registries/assets/write", "AzureML Registry User"),
        (f"{ML.lower()}/WORKSPACES/delete", "Contributor"),
        ("Microsoft.Authorization/roleAssignments/write", "Role Based Access Control Administrator"),
        ("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write", "Storage Blob Data Contributor"),
    ],
)
def test_the_role_that_allows_least_comes_first(action: str, least: str) -> None:
    """As Azure evaluates roles: actions less not-actions, without regard to case; data by data actions alone."""
    assert roles_with(action)[0] == least


def test_nobody_is_told_a_role_that_does_not_help() -> None:
    """A data scientist makes no clusters; an owner reads no blobs."""
    assert "AzureML Data Scientist" not in roles_with(f"{ML}/workspaces/computes/write")
    assert "AzureML Data Scientist" not in roles_with(f"{ML}/workspaces/write")
    assert "Owner" not in roles_with("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read")


def test_a_client_shows_it(client: MLClient, backend: MemoryBackend) -> None:
    """Through any operation: the missing role with the action's name, and that a token ran out."""
    backend.fail(status=403, code="AuthorizationFailed", message=denied(f"{ML}/workspaces/models/versions/write"))
    with pytest.raises(
        HttpResponseError, match=r"lacks the action .*/models/versions/write\. .*'AzureML Data Scientist'"
    ):
        client.models.get("m", "1")
    backend.fail(status=401, code="ExpiredAuthenticationToken", message="expired", headers={"x-ms-request-id": "r7"})
    with pytest.raises(ClientAuthenticationError, match=r"the token ran out(.|\n)*For support: request r7") as caught:
        client.data.get("d", "1")
    details = service_details(caught.value)
    assert details is not None
    assert details.arm_request_id == "r7"


def test_a_missing_workspace_is_named(client: MLClient, backend: MemoryBackend) -> None:
    """The most common mistake is a wrong name."""
    strange = MLClient(None, client.subscription_id, client.resource_group_name, "nowhere", backend=backend)
    with pytest.raises(ResourceNotFoundError, match="there is no workspace 'nowhere' in resource group 'rg'"):
        strange.models.get("m", "1")


def test_a_failed_operation_of_a_client_says_what_to_do(client: MLClient, backend: MemoryBackend) -> None:
    """Also where the request was accepted and failed later."""
    backend.fail(method="PUT", path="*/computes/*", code="QuotaExceeded", message="no cores", operation=True)
    with pytest.raises(HttpResponseError, match=r"no cores(.|\n)*What to do: the quota"):
        client.compute.begin_create_or_update(AmlCompute(name="cpu", size="Standard_DS3_v2")).result()
