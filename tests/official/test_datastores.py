"""Datastores: where files are, and what opens them, through the official client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml.entities import (
    AccountKeyConfiguration,
    AzureBlobDatastore,
    AzureDataLakeGen1Datastore,
    AzureDataLakeGen2Datastore,
    AzureFileDatastore,
    CertificateConfiguration,
    NoneCredentialConfiguration,
    OneLakeDatastore,
    SasTokenConfiguration,
    ServicePrincipalConfiguration,
)
from azure.ai.ml.entities._datastore.one_lake import OneLakeArtifact
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import Datastore

    from mlsdk.backends.memory import MemoryBackend

KEY = "bWFkZSB1cA=="


@pytest.mark.emulates("datastores.create_or_update", "datastores.get", "datastores.list", "datastores.delete")
def test_the_life_of_a_datastore(azure: MemoryBackend, client: MLClient) -> None:
    """A datastore is made, read with and without its secret, listed, changed and deleted."""
    wanted = AzureBlobDatastore(
        name="raw", account_name="files", container_name="raw", credentials=AccountKeyConfiguration(account_key=KEY)
    )
    made = client.datastores.create_or_update(wanted)
    assert (made.name, made.account_name, made.container_name) == ("raw", "files", "raw")
    assert client.datastores.get("raw").credentials.account_key is None
    assert client.datastores.get("raw", include_secrets=True).credentials.account_key == KEY
    assert {one.name for one in client.datastores.list()} >= {"raw", "workspaceblobstore"}
    wanted.description = "what came in"
    client.datastores.create_or_update(wanted)
    assert client.datastores.get("raw").description == "what came in"
    client.datastores.delete("raw")
    with pytest.raises(ResourceNotFoundError):
        client.datastores.get("raw")
    assert KEY not in str(azure.requests)


@pytest.mark.emulates("datastores.get_default", "datastores.get")
def test_the_default_datastore(azure: MemoryBackend, client: MLClient) -> None:
    """A new workspace has one by default, which the account key opens."""
    assert client.datastores.get_default().name == "workspaceblobstore"
    secret = client.datastores.get_default(include_secrets=True).credentials.account_key
    assert secret == next(iter(azure.state.accounts.values())).keys[0]


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("datastores.create_or_update")
def test_a_datastore_without_credentials(client: MLClient) -> None:
    """A datastore may be used with the identity of the caller."""
    client.datastores.create_or_update(AzureDataLakeGen2Datastore(name="lake", account_name="files", filesystem="raw"))
    read = client.datastores.get("lake", include_secrets=True)
    assert read.filesystem == "raw"


TENANT = "00000000-0000-0000-0000-00000000000d"
CREDENTIALS: tuple[Any, ...] = (
    AccountKeyConfiguration(account_key=KEY),
    SasTokenConfiguration(sas_token="sv=2024&sig=made-up"),
    ServicePrincipalConfiguration(tenant_id=TENANT, client_id=TENANT, client_secret="made up"),
    CertificateConfiguration(tenant_id=TENANT, client_id=TENANT, certificate="made up", thumbprint="t"),
    NoneCredentialConfiguration(),
)
SECRET = ("account_key", "sas_token", "client_secret", "certificate")
ARTIFACT = OneLakeArtifact(name="raw.Lakehouse", type="lake_house")
KINDS: dict[str, Callable[[Any], Datastore]] = {
    "blob": lambda key: AzureBlobDatastore(name="d", account_name="a", container_name="c", credentials=key),
    "file": lambda key: AzureFileDatastore(name="d", account_name="a", file_share_name="c", credentials=key),
    "lake, first": lambda key: AzureDataLakeGen1Datastore(name="d", store_name="a", credentials=key),
    "lake, second": lambda key: AzureDataLakeGen2Datastore(name="d", account_name="a", filesystem="c", credentials=key),
    "one lake": lambda key: OneLakeDatastore(
        name="d", one_lake_workspace_name="w", artifact=ARTIFACT, endpoint="onelake.dfs.fabric", credentials=key
    ),
}


@pytest.mark.emulates("datastores.create_or_update", "datastores.get", "datastores.list")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("credentials", CREDENTIALS, ids=lambda one: type(one).__name__)
def test_every_type_with_all_credentials(client: MLClient, kind: str, credentials: Any) -> None:
    """A datastore comes back with its credentials, and with the secret only where that is asked for."""
    wanted = KINDS[kind](credentials)
    wanted.tags = {"team": "a"}
    client.datastores.create_or_update(wanted)
    plain, full = client.datastores.get("d"), client.datastores.get("d", include_secrets=True)
    assert (type(plain), plain.tags) == (type(wanted), {"team": "a"})
    assert type(plain.credentials) is type(full.credentials) is type(credentials)
    for name in SECRET:
        if hasattr(credentials, name):
            assert getattr(plain.credentials, name) is None
            assert getattr(full.credentials, name) == getattr(credentials, name)
    assert {one.name for one in client.datastores.list(include_secrets=True)} >= {"d", "workspaceblobstore"}


def test_what_belongs_to_the_workspace_stays(client: MLClient) -> None:
    """Its own datastores cannot be deleted or led elsewhere, and none can become one of another type."""
    with pytest.raises(HttpResponseError, match="cannot be deleted"):
        client.datastores.delete("workspaceblobstore")
    with pytest.raises(HttpResponseError, match="cannot be changed"):
        client.datastores.create_or_update(
            AzureBlobDatastore(name="workspaceblobstore", account_name="other", container_name="other")
        )
    client.datastores.create_or_update(KINDS["blob"](None))
    with pytest.raises(HttpResponseError, match="datastoreType"):
        client.datastores.create_or_update(KINDS["file"](None))
    odd = ServicePrincipalConfiguration(tenant_id="t", client_id="c", client_secret="made up")
    with pytest.raises(HttpResponseError, match="has to be a GUID"):
        client.datastores.create_or_update(KINDS["blob"](odd))
