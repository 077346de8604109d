"""What the service refuses, and what is no answer of the service at all, as errors that a person can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure_answers import ARM, BASE, MODEL, model_body, refusal

from mlsdk.backends import Request
from mlsdk.backends.azure import AzureBackend
from mlsdk.entities import Model
from mlsdk.exceptions import service_details

if TYPE_CHECKING:
    import responses
    from azure_answers import Credential

    from mlsdk import MLClient

PAGE = "<html><head><title>503 Bad gateway</title></head><body>squid</body></html>"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, HttpResponseError),
        (401, ClientAuthenticationError),
        (403, HttpResponseError),
        (404, ResourceNotFoundError),
        (409, ResourceExistsError),
        (412, HttpResponseError),
        (500, HttpResponseError),
    ],
)
def test_the_envelope_of_resource_manager(
    azure: responses.RequestsMock, client: MLClient, status: int, error: type[HttpResponseError]
) -> None:
    """azure-core's own class, with status, code, message, details and response; the ids that support asks for."""
    details = [{"code": "Inner", "message": "the deeper reason", "target": "name"}]
    azure.get(MODEL, json=refusal(details=details), status=status, headers={"x-ms-correlation-request-id": "c-1"})
    with pytest.raises(error, match="the words") as caught:
        client.models.get("iris", "1")
    assert type(caught.value) is error
    assert caught.value.status_code == status
    assert caught.value.error is not None
    assert (caught.value.error.code, caught.value.error.message) == ("TheCode", "the words")
    assert caught.value.error.details[0].message == "the deeper reason"
    assert caught.value.response is not None
    assert caught.value.response.json()["error"]["code"] == "TheCode"
    assert "c-1" in str(service_details(caught.value))


def test_the_envelope_of_the_machine_learning_front_end(azure: responses.RequestsMock, client: MLClient) -> None:
    """Its component, time and correlation are told apart from its words."""
    more = [
        {"type": "ComponentName", "info": {"value": "managementfrontend"}},
        {"type": "Correlation", "info": {"value": {"operation": "op-1", "request": "req-1"}}},
        {"type": "Environment", "info": {"value": "eastus"}},
        {"type": "Time", "info": {"value": "2026-01-02T03:04:05.678+00:00"}},
    ]
    azure.get(MODEL, json=refusal("UserError", "the model is not ready", additionalInfo=more), status=400)
    with pytest.raises(HttpResponseError, match="the model is not ready") as caught:
        client.models.get("iris", "1")
    told = service_details(caught.value)
    assert told is not None
    assert (told.component, told.operation_id, told.request_id) == ("managementfrontend", "op-1", "req-1")
    assert (told.environment, told.time) == ("eastus", "2026-01-02T03:04:05.678+00:00")
    assert "op-1" in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": PAGE, "content_type": "text/html"}, "proxy"),
        ({"body": ""}, "502"),
        ({"body": "{broken", "content_type": "application/json"}, "{broken"),
        ({"body": "upstream connect error", "content_type": "text/plain"}, "upstream connect error"),
        ({"json": {"Message": "no envelope"}}, "no envelope"),
        ({"json": ["a list"]}, "a list"),
    ],
    ids=["page", "empty", "broken", "text", "no envelope", "list"],
)
def test_a_refusal_in_no_known_form_is_an_error_with_its_status(
    azure: responses.RequestsMock, client: MLClient, answer: dict[str, Any], words: str
) -> None:
    """A proxy's page, nothing, broken JSON, plain text: its words are shown, nothing of ours breaks."""
    azure.get(MODEL, status=502, **answer)
    with pytest.raises(HttpResponseError) as caught:
        client.models.get("iris", "1")
    assert caught.value.status_code == 502
    assert words in str(caught.value)


def test_an_answer_that_says_to_be_json_and_is_not(azure: responses.RequestsMock, client: MLClient) -> None:
    """Names the request without its query, and is not asked for again."""
    azure.get(MODEL, body='{"id": "x", "na', content_type="application/json")
    with pytest.raises(
        DecodeError, match=r"^GET https://management\.azure\.com/.*/versions/1 was answered with broken JSON"
    ):
        client.models.get("iris", "1")
    assert len(azure.calls) == 1


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "text/json", "application/problem+json"]
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
def test_json_is_known_by_its_kind(
    azure: responses.RequestsMock, credential: Credential, kind: str, mark: bytes
) -> None:
    """Also with a mark of its byte order."""
    azure.get(f"{ARM}/x", body=mark + '{"größe": 1}'.encode(), content_type=kind)
    assert AzureBackend(credential).send(Request("GET", "/x")).body == {"größe": 1}


def test_an_asset_that_exists_with_other_content(azure: responses.RequestsMock, client: MLClient) -> None:
    """409 is azure-core's ResourceExistsError, as existing code expects it."""
    azure.put(MODEL, json=refusal("UserError", "Asset paths cannot be updated."), status=409)
    with pytest.raises(ResourceExistsError, match="cannot be updated"):
        client.models.create_or_update(Model(name="iris", version="1", path="azureml://datastores/store/paths/n"))


def test_whether_something_is_there_raises_nothing(azure: responses.RequestsMock, client: MLClient) -> None:
    """A new asset of no version: the 404 on its name means version 1."""
    azure.get(f"{BASE}/models/iris", json=refusal("ModelNotFound"), status=404)
    azure.put(MODEL, json=model_body(), status=201)
    made = client.models.create_or_update(Model(name="iris", path="azureml://datastores/store/paths/m"))
    assert made.version == "1"
