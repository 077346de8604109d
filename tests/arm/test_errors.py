"""What the service refuses becomes azure-core's own error, with what to do about it."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from error_answers import FRONT_END, ML, SUBSCRIPTION, TENANT, arm, denied, error_for, missing

from mlsdk import MLClient
from mlsdk.arm.advice import TABLE
from mlsdk.backends.memory import MemoryBackend
from mlsdk.entities import AmlCompute
from mlsdk.exceptions import service_details

CASES: list[tuple[int, Any, type[HttpResponseError], str | None]] = [
    # status, body, class, what the advice says; None where the service's own words are enough
    (
        401,
        arm("ExpiredAuthenticationToken", "The access token expiry UTC time '1' is earlier than current UTC time '2'."),
        ClientAuthenticationError,
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
        f"another tenant than that of subscription '{SUBSCRIPTION}': `az login --tenant {TENANT}`",
    ),
    (
        401,
        arm("InvalidAuthenticationTokenTenant", "The access token is from the wrong issuer."),
        ClientAuthenticationError,
        "give the credential tenant_id=",
    ),
    (
        401,
        arm(
            "InvalidAuthenticationTokenAudience",
            "The access token has been obtained for wrong audience or resource 'x'.",
        ),
        ClientAuthenticationError,
        "for another service or another cloud",
    ),
    (
        401,
        arm("InvalidAuthenticationToken", "The access token is invalid."),
        ClientAuthenticationError,
        "the token is not accepted",
    ),
    (
        404,
        arm("SubscriptionNotFound", f"The subscription '{SUBSCRIPTION}' could not be found."),
        ResourceNotFoundError,
        f"no subscription '{SUBSCRIPTION}' can be seen with this credential",
    ),
    (
        400,
        arm("InvalidSubscriptionId", "The provided subscription identifier 'x' is malformed or invalid."),
        HttpResponseError,
        "not its name",
    ),
    (
        409,
        arm(
            "MissingSubscriptionRegistration",
            "The subscription is not registered to use namespace 'Microsoft.KeyVault'.",
        ),
        ResourceExistsError,
        "az provider register --namespace Microsoft.KeyVault",
    ),
    (
        404,
        arm("ResourceGroupNotFound", "Resource group 'rgg' could not be found."),
        ResourceNotFoundError,
        "az group create --name rgg",
    ),
    (
        404,
        arm("ResourceNotFound", missing(f"{ML}/workspaces/wss")),
        ResourceNotFoundError,
        f"no workspace 'wss' in resource group 'rg' of subscription '{SUBSCRIPTION}': check the names given to MLClient",
    ),
    (
        404,
        arm("ResourceNotFound", missing(f"{ML}/workspaces/ws/computes/cpu")),
        ResourceNotFoundError,
        None,
    ),
    (
        404,
        arm("UserError", "Model 'm' not found in workspace 'ws'", details=[], additionalInfo=FRONT_END),
        ResourceNotFoundError,
        None,
    ),
    (
        403,
        arm("AuthorizationFailed", denied(f"{ML}/workspaces/models/versions/write")),
        HttpResponseError,
        f"lacks the action {ML}/workspaces/models/versions/write. The built-in role 'AzureML Data Scientist' allows it",
    ),
    (
        403,
        arm("AuthorizationFailed", denied(f"{ML}/workspaces/computes/write")),
        HttpResponseError,
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
        "lacks the action Microsoft.Storage/storageAccounts/write. The built-in role 'Contributor' allows it",
    ),
    (
        403,
        arm("AuthorizationFailed", denied(f"{ML}/workspaces/jobs/write") + " rg-private-link-firewall"),
        HttpResponseError,
        f"lacks the action {ML}/workspaces/jobs/write",
    ),
    (403, arm("Forbidden", "No."), HttpResponseError, "the credential is known but lacks a role for this"),
    (
        403,
        arm("RequestDisallowedByPolicy", "Resource 'ws' was disallowed by policy."),
        HttpResponseError,
        "a policy of the subscription forbids it",
    ),
    (
        409,
        arm("ScopeLocked", "The scope '/s' cannot perform delete operation because following scope(s) are locked."),
        ResourceExistsError,
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
        "outside the network that may reach it",
    ),
    (
        403,
        arm("Forbidden", "Request is not allowed from public network. PublicNetworkAccess is Disabled."),
        HttpResponseError,
        "let public network access be enabled",
    ),
    (
        403,
        arm("Forbidden", "Client IP address 20.1.2.3 is not authorized."),
        HttpResponseError,
        "rules of its firewall",
    ),
    (
        400,
        arm("BadRequest", "Soft-deleted workspace exists. Please purge or recover it. https://aka.ms/wsoftdelete"),
        HttpResponseError,
        "permanently_delete=True",
    ),
    (
        409,
        arm("StorageAccountAlreadyTaken", "The storage account named wsstorage is already taken."),
        ResourceExistsError,
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
        "the quota of the region or the workspace is used up",
    ),
    (
        400,
        arm(None, "OutOfQuota: Not enough cluster CPU quota. The amount of additional CPU quota requested is 8."),
        HttpResponseError,
        "the quota of the region or the workspace is used up",
    ),
    (
        412,
        arm("PreconditionFailed", "The condition 'If-Match' was not met."),
        HttpResponseError,
        "get it again, make the change there",
    ),
    (
        409,
        arm("RetryableErrorDueToAnotherOperation", "Another operation on this resource is in progress."),
        ResourceExistsError,
        "wait for its end",
    ),
    (
        500,
        arm("ServiceError", "InternalServerError", details=[], additionalInfo=FRONT_END),
        HttpResponseError,
        "open a support request and give it the ids of this error",
    ),
    (400, arm("UserError", "The Value field is required."), HttpResponseError, None),
    (400, {"code": "BadRequest", "message": "no envelope"}, HttpResponseError, None),
    (400, {"Message": "in another case"}, HttpResponseError, None),
]


@pytest.mark.parametrize(("status", "body", "kind", "sentence"), CASES, ids=lambda part: str(part)[:60])
def test_a_refusal_says_what_to_do(status: int, body: Any, kind: type[HttpResponseError], sentence: str | None) -> None:
    """The class and the code are the service's, its text stands whole, and one line tells the way out where it is known."""
    error = error_for(status, body)
    assert type(error) is kind
    assert error.status_code == status
    assert error.error is not None
    told = body.get("error", body)
    assert error.error.code == told.get("code")
    own_words = told.get("message") or told.get("Message")
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
