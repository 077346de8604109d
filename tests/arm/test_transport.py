"""azure-core over a backend: management clients, errors and waiting work on every backend."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.core.rest import HttpRequest
from azure.mgmt.resource.resources import ResourceManagementClient

from mlsdk import MLClient
from mlsdk.arm.transport import BackendResponse, BackendTransport
from mlsdk.backends import Reply
from mlsdk.backends.memory import MemoryBackend
from mlsdk.entities import Model, Workspace

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"


class Credential:
    """A credential of nobody's."""

    def get_token(self, *_scopes: str, **_options: Any) -> Any:
        """A token that no one checks."""
        return SimpleNamespace(token="t", expires_on=time.time() + 3600)


def test_azures_own_management_client_runs_over_a_backend() -> None:
    """Resource groups and the resources around a workspace are there for azure-mgmt-resource too."""
    backend = MemoryBackend()
    manager = ResourceManagementClient(Credential(), SUBSCRIPTION, transport=BackendTransport(backend))
    group = manager.resource_groups.create_or_update("rg", {"location": "eastus"})
    assert (group.name, group.location) == ("rg", "eastus")
    MLClient(None, SUBSCRIPTION, "rg", backend=backend).workspaces.begin_create(Workspace(name="demo")).result()
    types = {resource.type.lower() for resource in manager.resources.list_by_resource_group("rg")}
    assert {
        "microsoft.storage/storageaccounts",
        "microsoft.keyvault/vaults",
        "microsoft.machinelearningservices/workspaces",
    } <= types
    with pytest.raises(ResourceNotFoundError):
        manager.resource_groups.get("none")
    manager.resource_groups.begin_delete("rg").result()
    assert list(manager.resource_groups.list()) == []


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, ClientAuthenticationError),
        (403, HttpResponseError),
        (404, ResourceNotFoundError),
        (409, ResourceExistsError),
        (500, HttpResponseError),
    ],
)
def test_a_refusal_is_azure_cores_own_error(
    client: MLClient, backend: MemoryBackend, status: int, error: type[HttpResponseError]
) -> None:
    """With status, code, message and response, so that existing `except` clauses keep working."""
    backend.fail(status=status, code="TheCode", message="the words", times=None)
    with pytest.raises(error, match="the words") as caught:
        client.models.get("m", "1")
    assert caught.value.status_code == status
    assert caught.value.error is not None
    assert caught.value.error.code == "TheCode"
    assert caught.value.response is not None
    assert caught.value.response.json()["error"]["message"] == "the words"


def test_a_response_has_azure_cores_shape() -> None:
    """Text, JSON, bytes and headers, read in any way."""
    request = HttpRequest("GET", "https://management.azure.com/x")
    response = BackendResponse(request, Reply(200, {"a": "ä"}, {"x-ms-y": "1"}))
    assert (response.json(), response.headers["X-MS-Y"], response.reason, response.url) == (
        {"a": "ä"},
        "1",
        "OK",
        request.url,
    )
    assert response.text() == response.content.decode() == response.body().decode() == response.read().decode()
    assert b"".join(response.iter_raw()) == b"".join(response.iter_bytes()) == b"".join(response.stream_download())
    assert (response.is_closed, response.is_stream_consumed, response.encoding) == (True, True, "utf-8")
    with response as entered:
        assert "200 OK" in repr(entered)
    response.raise_for_status()
    assert BackendResponse(request, Reply(200, b"x")).content_type == "application/octet-stream"
    with pytest.raises(ResourceNotFoundError):
        BackendResponse(request, Reply(404, {"error": {"code": "c", "message": "m"}})).raise_for_status()


def test_pages_are_fetched_as_they_are_read(backend: MemoryBackend) -> None:
    """Reading the first item of a long list asks for one page; `by_page` gives them one by one."""
    small = MemoryBackend(page_size=2)
    small.add_workspace(SUBSCRIPTION, "rg", "wks", location="eastus")
    client = MLClient(None, SUBSCRIPTION, "rg", "wks", backend=small)
    for number in range(5):
        client.models.create_or_update(Model(name=f"m{number}", path="azureml://datastores/x/paths/y"))
    small.requests.clear()
    assert next(iter(client.models.list())).name is not None
    assert len(small.requests) == 1
    assert [len(list(page)) for page in client.models.list().by_page()] == [2, 2, 1]
    assert len(list(client.models.list())) == 5
    assert not backend.requests
