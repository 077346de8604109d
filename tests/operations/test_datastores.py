"""Datastores: of every type and credential, their secrets given only when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from mlsdk.entities import (
    AccountKeyConfiguration,
    AzureBlobDatastore,
    AzureDataLakeGen1Datastore,
    AzureDataLakeGen2Datastore,
    AzureFileDatastore,
    CertificateConfiguration,
    Datastore,
    Model,
    NoneCredentialConfiguration,
    OneLakeArtifact,
    OneLakeDatastore,
    SasTokenConfiguration,
    ServicePrincipalConfiguration,
)
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from operations.conftest import Unique

    from mlsdk import MLClient

TENANT = "11111111-1111-1111-1111-111111111111"
PRINCIPAL = {"tenant_id": TENANT, "client_id": TENANT, "client_secret": "s3cret-of-a-principal"}
CASES: list[Datastore] = [
    AzureBlobDatastore(
        name="a_key",
        account_name="account",
        container_name="c",
        credentials=AccountKeyConfiguration(account_key="s3cret"),
    ),
    AzureBlobDatastore(
        name="a_sas",
        account_name="account",
        container_name="c",
        credentials=SasTokenConfiguration(sas_token="?sig=s3cret"),
    ),
    AzureBlobDatastore(name="a_none", account_name="account", container_name="c"),
    AzureFileDatastore(
        name="a_file",
        account_name="account",
        file_share_name="share",
        credentials=AccountKeyConfiguration(account_key="s3cret"),
    ),
    AzureDataLakeGen1Datastore(
        name="a_lake1", store_name="store", credentials=ServicePrincipalConfiguration(**PRINCIPAL)
    ),
    AzureDataLakeGen2Datastore(
        name="a_lake2",
        account_name="account",
        filesystem="fs",
        credentials=CertificateConfiguration(tenant_id=TENANT, client_id=TENANT, certificate="s3cret", thumbprint="t"),
    ),
    OneLakeDatastore(
        name="a_onelake",
        artifact=OneLakeArtifact(name="lakehouse", type="lake_house"),
        one_lake_workspace_name="w",
        credentials=NoneCredentialConfiguration(),
    ),
]


@pytest.mark.shows("datastores.create_or_update", "datastores.get")
@pytest.mark.parametrize("datastore", CASES, ids=lambda datastore: datastore.name)
def test_a_datastore_is_kept_and_its_secret_given_only_when_asked_for(client: MLClient, datastore: Datastore) -> None:
    """Type and place are as registered; the secret comes with `include_secrets` alone."""
    made = client.datastores.create_or_update(datastore)
    plain = client.datastores.get(str(datastore.name))
    whole = client.datastores.get(str(datastore.name), include_secrets=True)
    for found in (made, plain, whole):
        assert type(found) is type(datastore)
        assert found.name == datastore.name
    if "s3cret" in str(datastore.to_dict()):
        assert "s3cret" not in str(made.to_dict()) + str(plain.to_dict())
    assert whole.credentials == datastore.credentials


@pytest.mark.shows("datastores.get_default")
def test_a_new_workspace_has_a_default_datastore(client: MLClient) -> None:
    """It is the blob store, and files of models go there."""
    default = client.datastores.get_default()
    assert isinstance(default, AzureBlobDatastore)
    assert default.name == "workspaceblobstore"
    assert default.container_name.startswith("azureml-blobstore-")
    assert client.datastores.get_default(include_secrets=True).credentials.account_key  # type: ignore[union-attr]


@pytest.mark.shows("datastores.list")
def test_datastores_are_listed_with_those_of_the_workspace(client: MLClient) -> None:
    """Four come with a workspace; secrets are listed when asked for."""
    client.datastores.create_or_update(CASES[0])
    names = {store.name for store in client.datastores.list()}
    assert names == {
        "workspaceblobstore",
        "workspaceartifactstore",
        "workspacefilestore",
        "workspaceworkingdirectory",
        "a_key",
    }
    secrets: dict[Any, Any] = {store.name: store.credentials for store in client.datastores.list(include_secrets=True)}
    assert secrets["a_key"] == AccountKeyConfiguration(account_key="s3cret")


@pytest.mark.shows("datastores.delete")
def test_a_deleted_datastore_is_gone(client: MLClient, unique: Unique) -> None:
    """It is not found any more; deleting what is not there is an error, and the workspace's own stay."""
    client.datastores.create_or_update(CASES[0].evolve(name=unique("key")))
    client.datastores.delete(unique("key"))
    with pytest.raises(ResourceNotFoundError):
        client.datastores.get(unique("key"))
    with pytest.raises(ResourceNotFoundError):
        client.datastores.delete(unique("key"))
    with pytest.raises(HttpResponseError):
        client.datastores.delete("workspaceblobstore")


def test_a_datastore_is_replaced(client: MLClient, unique: Unique) -> None:
    """Another container under the same name is the new one."""
    client.datastores.create_or_update(CASES[0].evolve(name=unique("key")))
    client.datastores.create_or_update(
        AzureBlobDatastore(name=unique("key"), account_name="account", container_name="other")
    )
    found = client.datastores.get(unique("key"))
    assert isinstance(found, AzureBlobDatastore)
    assert found.container_name == "other"


@pytest.mark.shows("datastores.mount")
def test_mounting_says_what_to_do_instead(client: MLClient) -> None:
    """There is no driver: the error names the path and the ways that work."""
    with pytest.raises(Exception, match="cannot be mounted"):
        client.datastores.mount("azureml://datastores/a/paths/b")
    with pytest.raises(ValidationException, match="allowed are 'ro_mount' and 'rw_mount'"):
        client.datastores.mount("azureml://datastores/a/paths/b", mode="read")


def test_files_do_not_go_to_a_share(client: MLClient, tmp_path: Any) -> None:
    """A model's files need a blob store; the error says which store cannot take them."""
    client.datastores.create_or_update(CASES[3])
    (tmp_path / "model.txt").write_text("x")
    with pytest.raises(ValidationException, match="'a_file' is of type AzureFile"):
        client.models.create_or_update(Model(name="m", path=tmp_path / "model.txt", datastore="a_file"))


def test_secrets_are_in_no_repr_and_no_error(client: MLClient) -> None:
    """Neither of an entity nor of a refusal of the service."""
    for datastore in CASES:
        assert "s3cret" not in repr(datastore) + str(datastore)
    with pytest.raises(HttpResponseError) as error:
        client.datastores.create_or_update(CASES[0].evolve(name="no/such name"))
    assert "s3cret" not in str(error.value) + repr(error.value)
