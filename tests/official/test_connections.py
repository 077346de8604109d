"""Connections: other services a workspace can use, through the official client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml.entities import ApiKeyConfiguration, AzureBlobStoreConnection, WorkspaceConnection
from azure.core.exceptions import ResourceNotFoundError

from mlsdk.backends import Request

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

    from mlsdk.backends.memory import MemoryBackend

WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
PATH = f"{WORKSPACE}/connections/search"


def connection(name: str = "search", **changes: str) -> WorkspaceConnection:
    """A connection that an API key opens."""
    return WorkspaceConnection(
        name=name,
        type="api_key",
        target=changes.get("target", "https://search.example.com"),
        credentials=ApiKeyConfiguration(key=changes.get("key", "made-up")),
        metadata={"ApiVersion": "2024"},
    )


@pytest.mark.emulates("connections.create_or_update", "connections.get", "connections.list", "connections.delete")
def test_the_life_of_a_connection(azure: MemoryBackend, client: MLClient) -> None:
    """A connection is made, read with and without its secret, listed, changed and deleted."""
    made = client.connections.create_or_update(connection())
    assert (made.name, made.target) == ("search", "https://search.example.com")
    assert client.connections.get("search").credentials.key is None
    assert client.connections.get("search", populate_secrets=True).credentials.key == "made-up"
    client.connections.create_or_update(connection("other"))
    assert {one.name for one in client.connections.list()} == {"search", "other"}
    client.connections.create_or_update(connection(target="https://new.example.com", key="another"))
    assert client.connections.get("search").target == "https://new.example.com"
    assert client.connections.get("search", populate_secrets=True).credentials.key == "another"
    client.connections.delete("search")
    with pytest.raises(ResourceNotFoundError):
        client.connections.get("search")
    assert "made-up" not in str(azure.requests)


@pytest.mark.emulates("connections.create_or_update")
def test_a_connection_without_a_secret(plain: MemoryBackend, client: MLClient) -> None:
    """What is used with an identity has no credentials to ask for."""
    wanted = AzureBlobStoreConnection(
        name="store",
        url="https://files.blob.core.windows.net/raw",
        account_name="files",
        container_name="raw",
        credentials=None,
    )
    client.connections.create_or_update(wanted)
    assert list(client.connections.list()) == []
    # The client sends `includeAll=false` whatever it is told, so the service is asked without it.
    query = {"api-version": "2024-04-01-preview", "includeAll": "true"}
    everything = plain.send(Request("GET", f"{WORKSPACE}/connections", query)).body
    assert [one["name"] for one in everything["value"]] == ["store"]
    assert client.connections.get("store").target == "https://files.blob.core.windows.net/raw"


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"category": "ApiKey", "authType": "ApiKey", "target": "x"}, "needs its credentials"),
        ({"category": "ApiKey", "target": "x"}, "AuthType field is required"),
        ({"category": "ApiKey", "authType": "None", "metadata": []}, "'metadata' has to be an object"),
    ],
)
def test_a_malformed_connection(plain: MemoryBackend, properties: dict[str, Any], said: str) -> None:
    """A body that is wrong is the service's 400, and says where."""
    reply = plain.send(Request("PUT", PATH, {"api-version": "2024-04-01-preview"}, body={"properties": properties}))
    assert reply.status == 400
    assert said in reply.body["error"]["message"]
