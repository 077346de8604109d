"""Datastores: where files are, and what opens them, through the official client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.ai.ml.entities import AccountKeyConfiguration, AzureBlobDatastore, AzureDataLakeGen2Datastore
from azure.core.exceptions import ResourceNotFoundError

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

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
