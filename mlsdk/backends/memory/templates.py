"""What the templates of azure-ai-ml make, from the parameters sent along: every parameter has its effect or is refused.

Templates are not evaluated. Those of azure-ai-ml for workspaces, hubs and projects say in their parameters all there is to
know; any other template is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.bodies import dig_object, dig_text
from mlsdk.backends.memory.errors import ServiceError, not_emulated, refusal
from mlsdk.backends.memory.kinds import ML

if TYPE_CHECKING:
    from mlsdk.backends.memory.kinds import Body

STORAGE = "Microsoft.Storage/storageAccounts"
VAULT = "Microsoft.KeyVault/vaults"
LOG = "Microsoft.OperationalInsights/workspaces"
INSIGHTS = "Microsoft.Insights/components"
REGISTRY = "Microsoft.ContainerRegistry/registries"
WORKSPACE = f"{ML}/workspaces"
KINDS = ("default", "hub", "project")

TYPES = frozenset(
    type_.lower()
    for type_ in (
        STORAGE,
        f"{STORAGE}/blobServices/containers",
        VAULT,
        LOG,
        INSIGHTS,
        WORKSPACE,
        "Microsoft.ManagedIdentity/userAssignedIdentities",
        "Microsoft.Network/virtualNetworks",
        "Microsoft.Network/virtualNetworks/subnets",
        "Microsoft.Resources/deployments",
    )
)
"""What the templates of azure-ai-ml hold, most of it under conditions on their parameters."""

SHARED = (
    "workspaceName",
    "friendlyName",
    "description",
    "location",
    "kind",
    "tagValues",
    "identity",
    "resourceGroupName",
    "publicNetworkAccess",
    "primaryUserAssignedIdentity",
    "enable_data_isolation",
    "serverless_compute_settings",
)
"""The parameters that say something of every kind of workspace."""
OF_WORKSPACES = (
    *SHARED,
    *(
        f"storageAccount{word}"
        for word in ("Option", "Name", "Type", "SubscriptionId", "ResourceGroupName", "Location")
    ),
    *(f"keyVault{word}" for word in ("Option", "Name", "ResourceGroupName", "Location")),
    *(f"applicationInsights{word}" for word in ("Option", "Name", "ResourceGroupName", "Location")),
    *("logAnalyticsName", "logAnalyticsArmId"),
    *(f"containerRegistry{word}" for word in ("Option", "Name", "ResourceGroupName")),
    *("associatedResourcePNA", "systemDatastoresAuthMode", "imageBuildCompute", "confidential_data"),
    *("encryption_status", "cmk_keyvault", "resource_cmk_uri"),
    *(f"encryption_{what}_resourceid" for what in ("cosmosdb", "storage", "search")),
    *("managedNetwork", "provisionNetworkNow", "allowRoleAssignmentOnRG", "allow_recover_softdeleted_workspace"),
    *("workspace_hub_config", "spark_runtime_version"),
)
"""The parameters that say something of a workspace or a hub."""
OF_PROJECTS = (*SHARED, "workspace_hub")
"""The parameters that say something of a project, which has all the rest from its hub."""
REFUSED: dict[str, tuple[Any, ...]] = {
    "storageAccountBehindVNet": ("false",),
    "keyVaultBehindVNet": ("false",),
    "vnetOption": ("existing", "none"),
    "subnetOption": ("existing", "none"),
    "privateEndpointType": ("none",),
    "existing_workspaces": ([],),
}
"""The parameters of what is not emulated, with the values that ask for none of it."""
WITHOUT_EFFECT = frozenset(
    (
        # No resource of the templates reads them.
        *("adbWorkspace", "containerRegistrySku", "containerRegistryBehindVNet", "containerRegistryLocation"),
        *("endpoint_resource_id", "endpoint_kind", "endpoint_option"),
        *("storage_accounts", "key_vaults", "container_registies"),
        # Read only where a network or a private endpoint is made, which is refused.
        *("vnetName", "vnetResourceGroupName", "addressPrefixes", "subnetName", "subnetPrefix"),
        *("privateEndpointName", "privateEndpointResourceGroupName"),
        # Deletion is soft whatever is said.
        "soft_delete_enabled",
        # Read only where a feature store is made.
        *("offlineStoreStorageAccountOption", "materializationIdentityOption", "grant_materialization_permissions"),
        *(f"offline_store_{word}" for word in ("storage_account_name", "container_name", "connection_name")),
        *(f"offline_store_{word}" for word in ("resource_group_name", "subscription_id")),
        *(f"online_store_{word}" for word in ("resource_id", "connection_name")),
        *(f"online_store_{word}" for word in ("resource_group_name", "subscription_id")),
        *(f"materialization_identity_{word}" for word in ("name", "resource_group_name", "subscription_id")),
    )
)
"""The parameters that change nothing of a workspace, a hub or a project."""
KNOWN = frozenset((*OF_WORKSPACES, *OF_PROJECTS, *REFUSED)) | WITHOUT_EFFECT


class Parameters:
    """The parameters of a deployment by name; ServiceError (400) for one that is not what it has to be."""

    def __init__(self, properties: Body, group: str) -> None:
        self.group = group
        self.given = dig_object(properties, "parameters")
        self._declared = dig_object(dig_object(properties, "template"), "parameters")

    def value(self, name: str) -> Any:
        """The value of a parameter, else the one the template has for it; None where that is an expression."""
        given = dig_object(self.given, name)
        if "reference" in given:
            raise not_emulated(400, f"the reference to a key vault in the deployment parameter '{name}'")
        value = given.get("value")
        if value is None:
            value = dig_object(self._declared, name).get("defaultValue")
            return None if isinstance(value, str) and value.startswith("[") else value
        return value

    def text(self, name: str, default: str = "") -> str:
        """The value of a parameter that is text; the client writes some booleans as text too."""
        value = self.value(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return str(value).lower()
        if not isinstance(value, str):
            message = f"The value of the deployment parameter '{name}' has to be text."
            raise _invalid(message)
        return value

    def object(self, name: str) -> Body:
        """The value of a parameter that is an object."""
        value = self.value(name)
        if value is not None and not isinstance(value, dict):
            message = f"The value of the deployment parameter '{name}' has to be an object."
            raise _invalid(message)
        return value or {}

    def true(self, name: str) -> bool:
        """Whether a parameter says yes."""
        return self.text(name).lower() == "true"

    def name(self, subject: str) -> str:
        """The name of something the deployment makes or refers to."""
        name = self.text(f"{subject}Name")
        if not name:
            raise not_emulated(400, f"a deployment without the parameter '{subject}Name'")
        return name

    def id(self, subject: str, type_: str) -> str:
        """The id of one of the resources around a workspace, which may stand in another group or subscription."""
        _, _, subscription, _, group = self.group.split("/")
        subscription = self.text(f"{subject}SubscriptionId") or subscription
        group = self.text(f"{subject}ResourceGroupName") or self.text("resourceGroupName") or group
        return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{type_}/{self.name(subject)}"

    def check(self) -> None:
        """ServiceError (400) for what the template does not allow, and for what is not emulated."""
        for name in self._declared:
            if name not in KNOWN:
                raise not_emulated(400, f"deployments of a template with the parameter '{name}'")
        for name in self.given:
            if name not in self._declared:
                message = f"The template parameter '{name}' is not valid: it is not present in the template."
                raise _invalid(message)
        for name in self._declared:
            self._check_allowed(name)
        for name, neutral in REFUSED.items():
            value = self.value(name)
            if value is not None and _lower(value) not in neutral:
                raise not_emulated(400, f"the deployment parameter '{name}' with the value {value!r}")

    def _check_allowed(self, name: str) -> None:
        declared = dig_object(self._declared, name)
        value, allowed = self.value(name), declared.get("allowedValues")
        if value is None and "defaultValue" not in declared:
            message = f"The value for the template parameter '{name}' is not provided."
            raise _invalid(message)
        # The client writes its own enumeration's name for a project: `PublicNetworkAccessType.ENABLED`.
        said = value.rpartition(".")[2] if isinstance(value, str) else value
        if value is not None and isinstance(allowed, list) and _lower(said) not in map(_lower, allowed):
            message = (
                f"The provided value '{value}' for the template parameter '{name}' is not valid. "
                f"The parameter value is not part of the allowed value(s): {','.join(map(str, allowed))}."
            )
            raise _invalid(message)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _invalid(why: str) -> ServiceError:
    return refusal(400, f"Deployment template validation failed: {why}", "InvalidTemplate")


def check_template(properties: Body, group: str) -> None:
    """ServiceError (400) for a deployment that is none, or that the memory backend cannot expand."""
    template = dig_object(properties, "template")
    resources = template.get("resources")
    found = [one for one in resources if isinstance(one, dict)] if isinstance(resources, list) else []
    types = [str(one.get("type")) for one in found]
    parameters = Parameters(properties, group)
    if WORKSPACE.lower() not in map(str.lower, types) or not {"workspaceName", "kind"} <= parameters.given.keys():
        what = "deployments of templates other than those azure-ai-ml makes workspaces, hubs and projects with"
        raise not_emulated(400, what)
    for type_ in types:
        if type_.lower() not in TYPES:
            raise not_emulated(400, f"the deployment of a resource of type '{type_}'")
    kind = parameters.text("kind", "default")
    if kind.lower() not in KINDS:
        raise not_emulated(400, f"the deployment of a workspace of kind '{kind}', only of {', '.join(KINDS)}")
    mode = dig_text(properties, "mode") or "incremental"
    if mode.lower() != "incremental":
        raise not_emulated(400, f"deployments in mode '{mode}', only 'Incremental'")
    parameters.check()


def expand(properties: Body, group: str) -> list[tuple[str, Body]]:
    """The resources that a deployment makes, id and body, each after those it needs."""
    parameters = Parameters(properties, group)
    project = parameters.text("kind").lower() == "project"
    workspace: Body = {
        "location": parameters.text("location"),
        "kind": parameters.text("kind", "default"),
        "tags": dict(parameters.object("tagValues")),
        "properties": _project(parameters) if project else _workspace(parameters),
    }
    if parameters.object("identity"):
        workspace["identity"] = parameters.object("identity")
    around = [] if project else _around(parameters)
    return [*around, (f"{group}/providers/{WORKSPACE}/{parameters.name('workspace')}", workspace)]


def _around(parameters: Parameters) -> list[tuple[str, Body]]:
    """The resources that are made around a workspace or hub, all of them in the group of the deployment."""
    found: list[tuple[str, Body]] = []

    def add(type_: str, name: str, subject: str, body: Body) -> str:
        path = f"{parameters.group}/providers/{type_}/{name}"
        location = parameters.text(f"{subject}Location") or parameters.text("location")
        found.append((path, {"location": location, "tags": dict(parameters.object("tagValues")), **body}))
        return path

    if _new(parameters, "storageAccount"):
        sku = parameters.text("storageAccountType", "Standard_LRS")
        body: Body = {"kind": "StorageV2", "sku": {"name": sku, "tier": sku.partition("_")[0]}}
        body["properties"] = {
            "supportsHttpsTrafficOnly": True,
            "allowBlobPublicAccess": False,
            "isHnsEnabled": False,
            "minimumTlsVersion": "TLS1_2",
            **_access(parameters),
        }
        add(STORAGE, parameters.name("storageAccount"), "storageAccount", body)
    if _new(parameters, "keyVault"):
        properties = {
            "sku": {"name": "standard", "family": "A"},
            "accessPolicies": [],
            "enableRbacAuthorization": True,
            **_access(parameters),
        }
        add(VAULT, parameters.name("keyVault"), "keyVault", {"properties": properties})
    if _new(parameters, "applicationInsights"):
        log = add(LOG, parameters.name("logAnalytics"), "applicationInsights", {"properties": {}})
        # The id that insights are given is the client's own word, and may point elsewhere.
        properties = {"Application_Type": "web", "WorkspaceResourceId": parameters.text("logAnalyticsArmId") or log}
        body = {"kind": "web", "properties": properties}
        add(INSIGHTS, parameters.name("applicationInsights"), "applicationInsights", body)
    return found


def _new(parameters: Parameters, subject: str) -> bool:
    return parameters.text(f"{subject}Option").lower() == "new"


def _access(parameters: Parameters) -> Body:
    """Who reaches the resources around a workspace."""
    if parameters.text("associatedResourcePNA").lower() != "disabled":
        return {"publicNetworkAccess": "Enabled"}
    return {"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "deny", "bypass": "AzureServices"}}


def _workspace(parameters: Parameters) -> Body:
    """The properties of a workspace or hub."""
    properties = _shared(parameters)
    for subject, type_ in (
        ("storageAccount", STORAGE),
        ("keyVault", VAULT),
        ("applicationInsights", INSIGHTS),
        ("containerRegistry", REGISTRY),
    ):
        if parameters.text(f"{subject}Option").lower() in ("new", "existing"):
            properties[subject] = parameters.id(subject, type_)
    for name, parameter in (
        ("hbiWorkspace", "confidential_data"),
        ("allowRecoverSoftDeletedWorkspace", "allow_recover_softdeleted_workspace"),
        ("provisionNetworkNow", "provisionNetworkNow"),
        ("allowRoleAssignmentOnRG", "allowRoleAssignmentOnRG"),
    ):
        properties[name] = parameters.true(parameter)
    for name in ("imageBuildCompute", "systemDatastoresAuthMode"):
        if parameters.text(name):
            properties[name] = parameters.text(name)
    for name, parameter in (("managedNetwork", "managedNetwork"), ("workspaceHubConfig", "workspace_hub_config")):
        if parameters.object(parameter):
            properties[name] = parameters.object(parameter)
    if parameters.text("spark_runtime_version"):
        runtime = {"sparkRuntimeVersion": parameters.text("spark_runtime_version")}
        properties["featureStoreSettings"] = {"computeRuntime": runtime}
    encryption = _encryption(parameters)
    if encryption:
        properties["encryption"] = encryption
    return properties


def _encryption(parameters: Parameters) -> Body:
    """How a workspace is encrypted with a key of the customer's; empty without one."""
    if parameters.text("encryption_status").lower() != "enabled":
        return {}
    encryption: Body = {
        "status": "Enabled",
        "keyVaultProperties": {
            "keyVaultArmId": parameters.text("cmk_keyvault"),
            "keyIdentifier": parameters.text("resource_cmk_uri"),
        },
    }
    for name, parameter in (
        ("cosmosDbArmId", "encryption_cosmosdb_resourceid"),
        ("storageAccountArmId", "encryption_storage_resourceid"),
        ("searchAccountArmId", "encryption_search_resourceid"),
    ):
        if parameters.text(parameter):
            encryption[name] = parameters.text(parameter)
    return encryption


def _project(parameters: Parameters) -> Body:
    """The properties of a project, which has all the rest from its hub."""
    return {**_shared(parameters), "hubResourceId": parameters.text("workspace_hub")}


def _shared(parameters: Parameters) -> Body:
    properties: Body = {"enableDataIsolation": parameters.true("enable_data_isolation")}
    for name in ("friendlyName", "description", "primaryUserAssignedIdentity"):
        if parameters.text(name):
            properties[name] = parameters.text(name)
    access = parameters.text("publicNetworkAccess").rpartition(".")[2].lower()
    properties["publicNetworkAccess"] = "Disabled" if access == "disabled" else "Enabled"
    if parameters.object("serverless_compute_settings"):
        properties["serverlessComputeSettings"] = parameters.object("serverless_compute_settings")
    return properties
