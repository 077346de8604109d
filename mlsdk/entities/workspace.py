"""Workspaces: the plain kind, the hub that shares its resources, and the project that lives on a hub's."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Any, Literal

from mlsdk.entities.identity import IdentityConfiguration, with_type
from mlsdk.entities.kind import Kind, name_rule
from mlsdk.entities.network import ManagedNetwork, NetworkAcls, acls, network, shown_only
from mlsdk.entities.resource import Resource
from mlsdk.schema import codecs, files
from mlsdk.schema.bodies import from_body, to_body
from mlsdk.schema.fields import Codec, Entity, choice, constant, entity, output, tag, wire

if TYPE_CHECKING:
    from os import PathLike

JSON = dict[str, Any]

_ARM_ID = re.compile(
    r"/subscriptions/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/resourcegroups/.*/providers/[a-z.]*/[a-z]*/.*",
    re.IGNORECASE,
)
_URL = re.compile(r"https?://([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9](:\d+)?([/?]\S*)?", re.IGNORECASE)


def _checked_arm_id(value: Any) -> Any:
    if isinstance(value, str) and not _ARM_ID.fullmatch(value):
        message = (
            f"{value!r} is not the id of a resource; expected "
            "/subscriptions/{guid}/resourceGroups/{group}/providers/{namespace}/{type}/{name}"
        )
        raise ValueError(message)
    return value


def _checked_url(value: Any) -> Any:
    if isinstance(value, str) and not _URL.fullmatch(value):
        message = f"{value!r} is not a URL; expected https://{{vault}}.vault.azure.net/keys/{{key}}/{{version}}"
        raise ValueError(message)
    return value


_arm_id = Codec(lambda value: value, _checked_arm_id)
"""The id of a resource in a file; Python takes any text, as the service has the last word."""


# -- parts -------------------------------------------------------------------------------------------------------
@entity(constants=(constant("status", "Enabled"),))
class CustomerManagedKey(Entity):
    """The customer's own key, which a workspace's data is encrypted with.

    >>> from mlsdk.entities import CustomerManagedKey
    >>> key = CustomerManagedKey(key_uri="https://vault.vault.azure.net/keys/key/1", key_vault="/subscriptions/...")
    """

    key_vault: str | None = wire("keyVaultProperties.keyVaultArmId", default=None, kw_only=False)
    """The id of the key vault that holds the key."""
    key_uri: str | None = wire(
        "keyVaultProperties.keyIdentifier",
        default=None,
        file_codec=Codec(lambda value: value, _checked_url),
        kw_only=False,
    )
    """The key with its version; all of it that can change later."""
    cosmosdb_id: str = wire("cosmosDbResourceId", default=None, missing=str, kw_only=False)
    """The id of the customer's own Cosmos DB account for the encrypted data; the service makes one when empty."""
    storage_id: str = wire("storageAccountResourceId", default=None, missing=str, kw_only=False)
    """The same for a storage account."""
    search_id: str = wire("searchAccountResourceId", default=None, missing=str, kw_only=False)
    """The same for a search service."""

    def __attrs_post_init__(self) -> None:
        self.cosmosdb_id = self.cosmosdb_id or ""
        self.storage_id = self.storage_id or ""
        self.search_id = self.search_id or ""


def _key_of_body(body: JSON) -> CustomerManagedKey | None:
    """None where the data is encrypted with Microsoft's keys."""
    return from_body(CustomerManagedKey, body) if str(body.get("status")).lower() == "enabled" else None


def _subnet_of_file(value: Any) -> Any:
    """The word `None` takes the subnet away again, which an absent key would not."""
    return None if value == "None" else _checked_arm_id(value)


@entity
class ServerlessComputeSettings(Entity):
    """Where a workspace's serverless computes stand."""

    custom_subnet: str | None = wire(
        "serverlessComputeCustomSubnet",
        default=None,
        nullable=True,
        file_codec=Codec(lambda value: value, _subnet_of_file),
    )
    """The id of the subnet; the service's own network when None."""
    no_public_ip: bool | None = wire("serverlessComputeNoPublicIP", default=False)
    """Whether they are without a public address, which takes a subnet."""

    def __attrs_post_init__(self) -> None:
        self.no_public_ip = self.no_public_ip or False
        try:
            _checked_arm_id(self.custom_subnet)
        except ValueError as error:
            from mlsdk.exceptions import ValidationException

            message = f"ServerlessComputeSettings(custom_subnet=…): {error}"
            raise ValidationException(message) from None


@entity
class ComputeRuntime(Entity):
    """The version of Spark."""

    spark_runtime_version: str | None = wire("sparkRuntimeVersion", default=None)


@entity
class FeatureStoreSettings(Entity):
    """What makes a workspace a feature store."""

    compute_runtime: ComputeRuntime | None = wire("computeRuntime", default=None)
    """What materialization runs on: Spark 3.4.0 when not said."""
    offline_store_connection_name: str | None = wire("offlineStoreConnectionName", default=None)
    online_store_connection_name: str | None = wire("onlineStoreConnectionName", default=None)

    def __attrs_post_init__(self) -> None:
        if self.compute_runtime is None:
            self.compute_runtime = ComputeRuntime(spark_runtime_version="3.4.0")


# -- the identity in a file -----------------------------------------------------------------------------------
def _identity_to_file(identity: IdentityConfiguration) -> JSON:
    """The user-assigned identities by their resource id, where computes and endpoints have a list."""
    form: JSON = {
        **identity.to_dict(),
        "user_assigned_identities": {
            one.resource_id: {key: value for key in ("client_id", "principal_id") if (value := getattr(one, key))}
            for one in identity.user_assigned_identities or ()
        },
    }
    return {key: value for key, value in form.items() if value != {}}


def _identity_of_file(data: Any) -> Any:
    """The identity with its user-assigned ones as a list; null is as good as none of them."""
    made = with_type(data, codecs.snake_to_camel)
    if not isinstance(made, dict):
        return made
    listed = made.get("user_assigned_identities")
    if "user_assigned_identities" in made and listed is None:
        made = {key: value for key, value in made.items() if key != "user_assigned_identities"}
    if listed is not None:
        if not isinstance(listed, dict):
            message = "user_assigned_identities: expected a mapping whose keys are resource ids"
            raise ValueError(message)
        made = {
            **made,
            "user_assigned_identities": [{**(more or {}), "resource_id": id_} for id_, more in listed.items()],
        }
    return made


_identity = Codec(_identity_to_file, _identity_of_file)


# -- workspaces -----------------------------------------------------------------------------------------------
@entity(eq=False)
class Workspace(Resource):
    """The place where computes, data, models, jobs and endpoints belong together, with storage and keys of its own.

    >>> from mlsdk.entities import Workspace
    >>> workspace = Workspace(name="demo", location="eastus", tags={"purpose": "demo"})

    What it stands on (a storage account, a key vault, Application Insights) is made with it unless the ids of existing
    resources are given.
    """

    name: str = wire("name", sent=False)
    """2 to 33 letters, digits, hyphens or underscores."""
    description: str | None = wire("properties.description", default=None)
    tags: dict[str, str] = wire("tags", default=None, missing=dict)
    """None at construction is none of them."""
    display_name: str | None = wire("properties.friendlyName", default=None)
    """Need not be unique; the name when it is not given."""
    location: str | None = wire("location", default=None)
    """An Azure region; that of the resource group when not given."""
    resource_group: str | None = wire("id", default=None, sent=False, codec=codecs.segment("resourceGroups"))
    """Where it is made, that of the client when not given."""
    hbi_workspace: bool | None = wire("properties.hbiWorkspace", default=False)
    """Whether the data is of high business impact: less telemetry, more encryption. It cannot change later."""
    storage_account: str | None = wire("properties.storageAccount", default=None, file_codec=_arm_id)
    """The id of an existing storage account; one is made when not given. So it is with the three below."""
    container_registry: str | None = wire("properties.containerRegistry", default=None, file_codec=_arm_id)
    key_vault: str | None = wire("properties.keyVault", default=None, file_codec=_arm_id)
    application_insights: str | None = wire("properties.applicationInsights", default=None, file_codec=_arm_id)
    customer_managed_key: CustomerManagedKey | None = wire(
        "properties.encryption", default=None, sent=False, codec=Codec(to_body, _key_of_body)
    )
    """Microsoft's keys encrypt the data when not given."""
    image_build_compute: str | None = wire("properties.imageBuildCompute", default=None)
    """The compute that builds images of environments, where the container registry stands in a private network."""
    public_network_access: Literal["Enabled", "Disabled"] | None = wire("properties.publicNetworkAccess", default=None)
    network_acls: NetworkAcls | None = wire("properties.networkAcls", default=None, sent=False, file_codec=acls)
    """Which addresses may come in while public access is enabled."""
    identity: IdentityConfiguration | None = wire("identity", default=None, file_codec=_identity)
    """Who the workspace is to other resources: system-assigned when not given."""
    primary_user_assigned_identity: str | None = wire("properties.primaryUserAssignedIdentity", default=None)
    """The id of the one of several user-assigned identities that the workspace acts as."""
    managed_network: ManagedNetwork | None = wire("properties.managedNetwork", default=None, file_codec=network)
    provision_network_now: bool | None = wire("properties.provisionNetworkNow", default=None)
    """Whether the managed network is made at once; else with the first compute."""
    system_datastores_auth_mode: str | None = wire("properties.systemDatastoresAuthMode", default=None)
    """How the default datastores are opened: `accessKey`, `identity` or `userDelegationSAS`."""
    enable_data_isolation: bool | None = wire("properties.enableDataIsolation", default=False)
    """Whether projects of a hub see only their own containers. It cannot change later."""
    allow_roleassignment_on_rg: bool | None = wire("properties.allowRoleAssignmentOnRG", default=None)
    """Whether the workspace's identity gets a role on the whole resource group."""
    hub_id: str | None = wire("properties.hubResourceId", default=None, file=None)
    """The id of the hub; a workspace with a hub is a project, see Project."""
    workspace_hub: str | None = wire(None, default=None, file_codec=_arm_id)
    """The older name of `hub_id`."""
    serverless_compute: ServerlessComputeSettings | None = wire("properties.serverlessComputeSettings", default=None)

    kind: str | None = wire(
        "kind", default="default", file=None, codec=Codec(lambda word: word, str.lower), missing=lambda: "default"
    )
    """`default`, `hub`, `project` or `featurestore`."""
    feature_store_settings: FeatureStoreSettings | None = wire(
        "properties.featureStoreSettings", default=None, file=None
    )
    discovery_url: str | None = wire("properties.discoveryUrl", default=None)
    """Where the addresses of the service's other parts are told."""
    properties: dict[str, Any] = wire(None, factory=dict, missing=dict, file=None)
    """Not kept by the service for workspaces."""
    mlflow_tracking_uri: str | None = output("properties.mlFlowTrackingUri", file="mlflow_tracking_uri")
    workspace_id: str | None = output("properties.workspaceId")
    """The GUID that stands in the names of the workspace's containers."""

    def __attrs_post_init__(self) -> None:
        self.tags = dict(self.tags or {})
        self.hub_id = self.hub_id or self.workspace_hub or self.hub_id
        self.kind = "project" if self.hub_id else self.kind or "default"

    def to_dict(self) -> JSON:
        """The YAML form as the official client gives it, which says neither the kind nor the hub."""
        return {key: value for key, value in super().to_dict().items() if key not in ("kind", "workspace_hub")}

    def dump(self, dest: str | PathLike[str] | IO[str], **kwargs: Any) -> None:
        """Write the YAML form with the kind and the hub, so that a hub or project is loaded as such again."""
        files.write(files.to_dict(self), kwargs.pop("path", None) or dest)


@entity(eq=False, constants=(constant("properties.workspaceHubConfig", {}),))
class Hub(Workspace):
    """A workspace whose storage, keys, registry and network its projects share.

    >>> from mlsdk.entities import Hub
    >>> Hub(name="research-hub", location="eastus").kind
    'hub'
    """

    kind: str | None = tag("kind", default="hub")
    default_resource_group: str | None = wire(
        "properties.workspaceHubConfig.defaultWorkspaceResourceGroup", default=None, sent=False
    )
    """The id of the resource group for projects that name none."""
    associated_workspaces: list[str] | None = wire(
        "properties.associatedWorkspaces", default=None, sent=False, missing=list, file_codec=shown_only
    )
    """The ids of its projects, told by the service."""

    def __attrs_post_init__(self) -> None:
        self.tags = dict(self.tags or {})


@entity(eq=False)
class Project(Workspace):
    """A light workspace on the resources of a hub.

    >>> from mlsdk.entities import Project
    >>> project = Project(name="churn", hub_id="/subscriptions/.../workspaces/research-hub")
    """

    kind: str | None = tag("kind", default="project")
    hub_id: str = wire("properties.hubResourceId")  # pyright: ignore[reportIncompatibleVariableOverride]
    """The id of the hub. It cannot change later."""

    def __attrs_post_init__(self) -> None:
        self.tags = dict(self.tags or {})


choice(Hub | Project, at="kind", file="kind", base=Workspace, fallback=Workspace, default=Workspace)

WORKSPACE = Kind(
    label="workspace",
    entity=Workspace,
    collection="workspaces",
    api_version="2024-10-01-preview",
    schema="workspaces",
    long_running=True,
    # The published schema says 3 to 33, the page of limits 2 to 32: what either allows is left to the service.
    name_rule=name_rule(
        r"[a-zA-Z0-9][a-zA-Z0-9_-]{1,32}",
        "2 to 33 letters, digits, hyphens or underscores, the first a letter or digit",
    ),
)
