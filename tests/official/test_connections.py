"""Connections: other services a workspace can use, through the official client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml.entities import (
    AadCredentialConfiguration,
    AccessKeyConfiguration,
    AccountKeyConfiguration,
    ApiKeyConfiguration,
    APIKeyConnection,
    AzureAISearchConnection,
    AzureAIServicesConnection,
    AzureBlobStoreConnection,
    AzureContentSafetyConnection,
    AzureOpenAIConnection,
    AzureSpeechServicesConnection,
    ManagedIdentityConfiguration,
    MicrosoftOneLakeConnection,
    NoneCredentialConfiguration,
    OpenAIConnection,
    PatTokenConfiguration,
    SasTokenConfiguration,
    SerpConnection,
    ServerlessConnection,
    ServicePrincipalConfiguration,
    UsernamePasswordConfiguration,
    WorkspaceConnection,
)
from azure.ai.ml.entities._workspace.connections.one_lake_artifacts import OneLakeConnectionArtifact
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


AT = "https://service.example.com"
CONNECTIONS: list[WorkspaceConnection] = [
    AzureOpenAIConnection(name="openai", azure_endpoint=AT, api_key="made-up", api_version="2024-02-01"),
    AzureOpenAIConnection(name="openai-aad", azure_endpoint=AT, open_ai_resource_id="/o"),
    AzureAIServicesConnection(name="services", endpoint=AT, api_key="made-up", ai_services_resource_id="/r"),
    AzureAISearchConnection(name="search", endpoint=AT, api_key="made-up"),
    AzureContentSafetyConnection(name="safety", endpoint=AT, api_key="made-up"),
    AzureSpeechServicesConnection(name="speech", endpoint=AT, api_key="made-up"),
    APIKeyConnection(name="key", api_base=AT, api_key="made-up"),
    OpenAIConnection(name="oai", api_key="made-up"),
    SerpConnection(name="serp", api_key="made-up"),
    ServerlessConnection(name="serverless", endpoint=AT, api_key="made-up"),
    AzureBlobStoreConnection(
        name="blob",
        url=AT,
        account_name="a",
        container_name="c",
        credentials=AccountKeyConfiguration(account_key="made-up"),
    ),
    AzureBlobStoreConnection(
        name="blob-sas",
        url=AT,
        account_name="a",
        container_name="c",
        credentials=SasTokenConfiguration(sas_token="made-up"),
    ),
    MicrosoftOneLakeConnection(
        name="lake",
        endpoint="onelake.dfs.fabric.microsoft.com",
        one_lake_workspace_name="w",
        artifact=OneLakeConnectionArtifact(name="l"),
        credentials=ServicePrincipalConfiguration(client_id="i", client_secret="made-up", tenant_id="t"),
    ),
    WorkspaceConnection(
        name="git", type="git", target=AT, credentials=UsernamePasswordConfiguration(username="u", password="made-up")
    ),
    WorkspaceConnection(name="feed", type="python_feed", target=AT, credentials=PatTokenConfiguration(pat="made-up")),
    WorkspaceConnection(
        name="bucket",
        type="s3",
        target=AT,
        credentials=AccessKeyConfiguration(access_key_id="i", secret_access_key="made-up"),
    ),
    WorkspaceConnection(
        name="images",
        type="container_registry",
        target=AT,
        credentials=ManagedIdentityConfiguration(client_id="i", resource_id="/me"),
    ),
    WorkspaceConnection(name="own", type="custom", target=AT, credentials=ApiKeyConfiguration(key="made-up")),
    WorkspaceConnection(name="open", type="git", target=AT, credentials=NoneCredentialConfiguration()),
    WorkspaceConnection(name="aad", type="python_feed", target=AT, credentials=AadCredentialConfiguration()),
]
"""Every class of connection and of credentials that the client has."""


@pytest.mark.emulates("connections.create_or_update", "connections.get", "connections.list", "connections.delete")
@pytest.mark.parametrize("wanted", CONNECTIONS, ids=lambda one: one.name)
def test_each_class_of_connection(plain: MemoryBackend, client: MLClient, wanted: WorkspaceConnection) -> None:
    """It comes back as the class it was, with its credentials' class and without their secret."""
    made = client.connections.create_or_update(wanted)
    found = client.connections.get(wanted.name)
    for one in (made, found):
        assert type(one) is type(wanted)
        assert (one.name, one.target) == (wanted.name, wanted.target)
        assert type(one.credentials) is type(wanted.credentials or NoneCredentialConfiguration())
    assert "made-up" not in str(plain.find(f"{WORKSPACE}/connections/{wanted.name}").body)
    assert "made-up" not in str(plain.requests)
    secret = client.connections.get(wanted.name, populate_secrets=True).credentials
    if isinstance(wanted.credentials, ApiKeyConfiguration):
        assert secret.key == "made-up"
        again = client.connections.create_or_update(wanted, populate_secrets=True)
        assert again.credentials.key == "made-up"
    client.connections.delete(wanted.name)
    with pytest.raises(ResourceNotFoundError):
        client.connections.get(wanted.name)


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("connections.list")
def test_connections_of_a_type(client: MLClient) -> None:
    """A list is of one type when that is asked for, and holds secrets when those are."""
    for one in CONNECTIONS:
        client.connections.create_or_update(one)
    names = {one.name for one in client.connections.list(connection_type="azure_open_ai")}
    assert names == {"openai", "openai-aad"}
    keys = [one.credentials.key for one in client.connections.list(connection_type="serp", populate_secrets=True)]
    assert keys == ["made-up"]
    shown = {one.name for one in client.connections.list()}
    assert {"git", "key", "own"} < shown
    assert not {"blob", "lake", "bucket"} & shown
