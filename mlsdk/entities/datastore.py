"""Datastores: a workspace's names for storage, with what opens it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from mlsdk.entities.credentials import (
    AccountKeyConfiguration,
    CertificateConfiguration,
    NoneCredentialConfiguration,
    SasTokenConfiguration,
    ServicePrincipalConfiguration,
)
from mlsdk.entities.kind import Kind
from mlsdk.entities.resource import Resource, own
from mlsdk.schema import codecs
from mlsdk.schema.fields import Codec, Entity, Mapped, choice, entity, fields, tag, wire
from mlsdk.schema.mappings import Field

ENDPOINT = "core.windows.net"
"""The suffix of storage addresses in the public cloud."""


def _opened_by(*members: type[Entity]) -> Codec:
    """Refuses credentials of a file that are of none of the kinds `members`; `{}` stands for none at all."""

    def load(value: Any) -> Any:
        if isinstance(value, Mapping):
            keys = [mark.file[-1] for member in members for _, _, mark in fields(member) if mark.file]
            strange = [key for key in value if key not in (*keys, "authority_uri")]
            if strange:
                known = ", ".join(dict.fromkeys(keys))
                message = f"{strange[0]!r} is not known here; credentials of this datastore have {known}"
                raise ValueError(message)
        return value

    return Codec(lambda value: value, load)


Credentials = (
    AccountKeyConfiguration
    | SasTokenConfiguration
    | ServicePrincipalConfiguration
    | CertificateConfiguration
    | NoneCredentialConfiguration
)
_BY_ACCOUNT = _opened_by(AccountKeyConfiguration, SasTokenConfiguration)
_BY_APPLICATION = _opened_by(ServicePrincipalConfiguration, CertificateConfiguration)
_BY_PRINCIPAL = _opened_by(ServicePrincipalConfiguration)


def _or_none(given: Any, _: Any) -> Any:
    """The credentials, those that are none where nothing was said."""
    return NoneCredentialConfiguration() if given is None else given


@entity
class Datastore(Resource):
    """Storage under a name of the workspace, so that paths are written `azureml://datastores/<name>/paths/<path>`."""

    name: str = wire("name", sent=False)
    description: str | None = wire("properties.description", default=None)
    tags: Field[dict[str, str], Mapping[str, str] | None] = wire(
        "properties.tags", default=None, missing=dict, given=own
    )
    properties: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.properties", default=None, missing=dict, empty=False, file=None, given=own
    )
    credentials: Field[Credentials, Credentials | dict[str, Any] | None] = wire(
        "properties.credentials", default=None, missing=NoneCredentialConfiguration, given=_or_none
    )
    """What opens the storage; with none, readers use their own identity."""

    if TYPE_CHECKING:  # each class below has its own word; a slot here would stand in their way

        @property
        def type(self) -> str | None:
            """The type of datastore: `AzureBlob`, `AzureFile`, …."""
            ...


@entity
class AzureBlobDatastore(Datastore):
    """A container of a storage account.

    >>> AzureBlobDatastore(name="images", account_name="demo", container_name="raw", credentials={"account_key": "…"})
    """

    type: Literal["AzureBlob"] = tag("properties.datastoreType", default="AzureBlob", file_word="azure_blob")
    account_name: str = wire("properties.accountName")
    container_name: str = wire("properties.containerName")
    endpoint: str | None = wire("properties.endpoint", default=None, given=lambda value, _: value or ENDPOINT)
    """The suffix of the account's address; it differs between clouds."""
    protocol: str | None = wire("properties.protocol", default="https")
    """`https` or `http`."""
    credentials: Field[Credentials, Credentials | dict[str, Any] | None] = wire(
        "properties.credentials",
        default=None,
        missing=NoneCredentialConfiguration,
        given=_or_none,
        file_codec=_BY_ACCOUNT,
    )
    """A key or a token of the account; with none, readers use their own identity."""


@entity
class AzureFileDatastore(Datastore):
    """A file share of a storage account."""

    type: Literal["AzureFile"] = tag("properties.datastoreType", default="AzureFile", file_word="azure_file")
    account_name: str = wire("properties.accountName")
    file_share_name: str = wire("properties.fileShareName")
    endpoint: str | None = wire("properties.endpoint", default=ENDPOINT)
    """The suffix of the account's address; it differs between clouds."""
    protocol: str | None = wire("properties.protocol", default="https")
    """`https` or `http`."""
    credentials: Field[Credentials, Credentials | dict[str, Any] | None] = wire(
        "properties.credentials",
        default=None,
        missing=NoneCredentialConfiguration,
        given=_or_none,
        file_codec=_BY_ACCOUNT,
    )
    """A key or a token of the account."""


@entity
class AzureDataLakeGen2Datastore(Datastore):
    """A file system of a storage account with hierarchical names."""

    type: Literal["AzureDataLakeGen2"] = tag(
        "properties.datastoreType", default="AzureDataLakeGen2", file_word="azure_data_lake_gen2"
    )
    account_name: str = wire("properties.accountName")
    filesystem: str = wire("properties.filesystem")
    """What blob storage calls a container."""
    endpoint: str | None = wire("properties.endpoint", default=ENDPOINT)
    """The suffix of the account's address; it differs between clouds."""
    protocol: str | None = wire("properties.protocol", default="https")
    """`https` or `http`."""
    credentials: Field[Credentials, Credentials | dict[str, Any] | None] = wire(
        "properties.credentials",
        default=None,
        missing=NoneCredentialConfiguration,
        given=_or_none,
        file_codec=_BY_APPLICATION,
    )
    """An application that may read the file system; with none, readers use their own identity."""


@entity
class AzureDataLakeGen1Datastore(Datastore):
    """A store of the first generation of Data Lake."""

    type: Literal["AzureDataLakeGen1"] = tag(
        "properties.datastoreType", default="AzureDataLakeGen1", file_word="azure_data_lake_gen1"
    )
    store_name: str = wire("properties.storeName")
    credentials: Field[Credentials, Credentials | dict[str, Any] | None] = wire(
        "properties.credentials",
        default=None,
        missing=NoneCredentialConfiguration,
        given=_or_none,
        file_codec=_BY_APPLICATION,
    )
    """An application that may read the store; with none, readers use their own identity."""


@entity
class OneLakeArtifact(Mapped, Entity):
    """What a OneLake datastore shows of its workspace: `OneLakeArtifact(name="<GUID>", type="lake_house")`."""

    name: str = wire("artifactName")
    """Its name or GUID."""
    type: Literal["lake_house"] | None = wire(
        "artifactType",
        default=None,
        codec=codecs.pascal,
        absent="LakeHouse",
        file_codec=codecs.snake_words("lake_house"),
    )
    """`lake_house`, the only kind there is; so is None."""


@entity
class OneLakeDatastore(Datastore):
    """A lake house of Microsoft Fabric."""

    type: Literal["OneLake"] = tag("properties.datastoreType", default="OneLake", file_word="one_lake")
    artifact: Field[OneLakeArtifact, OneLakeArtifact | dict[str, Any]] = wire("properties.artifact")
    one_lake_workspace_name: str = wire("properties.oneLakeWorkspaceName")
    """The Fabric workspace, its name or GUID."""
    endpoint: str | None = wire("properties.endpoint", default=None, required=True)
    """For example `onelake.dfs.fabric.microsoft.com`."""
    credentials: Field[Credentials, Credentials | dict[str, Any] | None] = wire(
        "properties.credentials",
        default=None,
        missing=NoneCredentialConfiguration,
        given=_or_none,
        file_codec=_BY_PRINCIPAL,
    )
    """An application that may read the workspace; with none, readers use their own identity."""


@entity
class UnsupportedDatastore(Datastore):
    """A datastore of a kind that this version does not know: it can be listed, and changed without loss."""

    type: str | None = wire("properties.datastoreType", default=None)
    """The service's word for the kind."""


choice(
    AzureBlobDatastore
    | AzureFileDatastore
    | AzureDataLakeGen2Datastore
    | AzureDataLakeGen1Datastore
    | OneLakeDatastore,
    at="properties.datastoreType",
    base=Datastore,
    fallback=UnsupportedDatastore,
    exact=True,
)

DATASTORE = Kind(
    label="datastore",
    entity=Datastore,
    collection="datastores",
    api_version="2024-10-01-preview",
    schema="workspaces_datastores",
)
