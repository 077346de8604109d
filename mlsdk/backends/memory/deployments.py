"""Deployments of templates: what azure-ai-ml makes a workspace with, expanded from the parameters it sends.

Templates are not evaluated. Those of azure-ai-ml for workspaces, hubs and projects say in their parameters all there is to
know; any other template is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.bodies import dig_object, dig_text
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.clock import stamp
from mlsdk.backends.memory.errors import not_emulated, refusal
from mlsdk.backends.memory.kinds import ML, Kind
from mlsdk.backends.memory.surroundings import GROUP, SUBSCRIPTION, guid

if TYPE_CHECKING:
    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource

STORAGE = "Microsoft.Storage/storageAccounts"
VAULT = "Microsoft.KeyVault/vaults"
LOG = "Microsoft.OperationalInsights/workspaces"
INSIGHTS = "Microsoft.Insights/components"
REGISTRY = "Microsoft.ContainerRegistry/registries"
WORKSPACE = f"{ML}/workspaces"
KINDS = ("default", "hub", "project")


class _Parameters:
    """The parameters of a deployment by name; ServiceError (400) for one that is not what it has to be."""

    def __init__(self, given: Body, group: str) -> None:
        self._given = given
        self._group = group

    def value(self, name: str) -> Any:
        """The value of a parameter, None where it is not given."""
        given = dig_object(self._given, name)
        return given.get("value")

    def text(self, name: str, default: str = "") -> str:
        """The value of a parameter that is text; the client writes some booleans as text too."""
        value = self.value(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return str(value).lower()
        if not isinstance(value, str):
            raise refusal(400, f"The value of the deployment parameter '{name}' has to be text.", "InvalidTemplate")
        return value

    def object(self, name: str) -> Body:
        """The value of a parameter that is an object."""
        return dig_object(dig_object(self._given, name), "value")

    def id(self, subject: str, type_: str) -> str:
        """The id of one of the resources around a workspace, which may stand in another group or subscription."""
        _, _, subscription, _, group = self._group.split("/")
        subscription = self.text(f"{subject}SubscriptionId") or subscription
        group = self.text(f"{subject}ResourceGroupName") or group
        return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{type_}/{self.text(f'{subject}Name')}"


def expand(given: Body, group: str) -> list[tuple[str, Body]]:
    """The resources that a deployment makes, id and body, each after those it needs."""
    parameters = _Parameters(given, group)
    location, tags = parameters.text("location"), parameters.object("tagValues")
    found: list[tuple[str, Body]] = []

    def add(path: str, properties: Body) -> None:
        found.append((path, {"location": location, "tags": dict(tags), "properties": properties}))

    project = parameters.text("kind").lower() == "project"
    if not project:
        if _new(parameters, "storageAccount"):
            add(parameters.id("storageAccount", STORAGE), {"supportsHttpsTrafficOnly": True})
        if _new(parameters, "keyVault"):
            add(parameters.id("keyVault", VAULT), {"sku": {"name": "standard", "family": "A"}})
        if _new(parameters, "applicationInsights"):
            log = (
                parameters.text("logAnalyticsArmId") or f"{group}/providers/{LOG}/{parameters.text('logAnalyticsName')}"
            )
            add(log, {})
            add(parameters.id("applicationInsights", INSIGHTS), {"WorkspaceResourceId": log, "Application_Type": "web"})
        if _new(parameters, "containerRegistry"):
            add(parameters.id("containerRegistry", REGISTRY), {})
    workspace: Body = {
        "location": location,
        "kind": parameters.text("kind", "default"),
        "tags": dict(tags),
        "properties": _project(parameters) if project else _workspace(parameters),
    }
    if parameters.object("identity"):
        workspace["identity"] = parameters.object("identity")
    found.append((f"{group}/providers/{WORKSPACE}/{parameters.text('workspaceName')}", workspace))
    return found


def _new(parameters: _Parameters, subject: str) -> bool:
    return parameters.text(f"{subject}Option").lower() == "new"


def _workspace(parameters: _Parameters) -> Body:
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
    properties["hbiWorkspace"] = _true(parameters, "confidential_data")
    for name, parameter in (
        ("allowRecoverSoftDeletedWorkspace", "allow_recover_softdeleted_workspace"),
        ("provisionNetworkNow", "provisionNetworkNow"),
        ("allowRoleAssignmentOnRG", "allowRoleAssignmentOnRG"),
    ):
        properties[name] = _true(parameters, parameter)
    for name in ("imageBuildCompute", "systemDatastoresAuthMode"):
        if parameters.text(name):
            properties[name] = parameters.text(name)
    if parameters.object("managedNetwork"):
        properties["managedNetwork"] = parameters.object("managedNetwork")
    if parameters.object("workspace_hub_config"):
        properties["workspaceHubConfig"] = parameters.object("workspace_hub_config")
    encryption = _encryption(parameters)
    if encryption:
        properties["encryption"] = encryption
    return properties


def _encryption(parameters: _Parameters) -> Body:
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


def _project(parameters: _Parameters) -> Body:
    """The properties of a project, which has all the rest from its hub."""
    return {**_shared(parameters), "hubResourceId": parameters.text("workspace_hub")}


def _shared(parameters: _Parameters) -> Body:
    properties: Body = {"enableDataIsolation": _true(parameters, "enable_data_isolation")}
    for name in ("friendlyName", "description", "primaryUserAssignedIdentity"):
        if parameters.text(name):
            properties[name] = parameters.text(name)
    # The client writes its own enumeration's name for a project: `PublicNetworkAccessType.ENABLED`.
    access = parameters.text("publicNetworkAccess").rpartition(".")[2].lower()
    properties["publicNetworkAccess"] = "Disabled" if access == "disabled" else "Enabled"
    if parameters.object("serverless_compute_settings"):
        properties["serverlessComputeSettings"] = parameters.object("serverless_compute_settings")
    return properties


def _true(parameters: _Parameters, name: str) -> bool:
    return parameters.text(name).lower() == "true"


def _prepare(_call: Call, body: Body, _existing: Resource | None) -> None:
    properties = body["properties"]
    template, parameters = dig_object(properties, "template"), dig_object(properties, "parameters")
    resources = template.get("resources")
    types = {str(one.get("type", "")).lower() for one in resources if isinstance(one, dict)} if resources else set()
    name = dig_object(parameters, "workspaceName").get("value")
    if WORKSPACE.lower() not in types or not name or "kind" not in parameters:
        what = "deployments of templates other than those azure-ai-ml makes workspaces, hubs and projects with"
        raise not_emulated(400, what)
    kind = str(dig_object(parameters, "kind").get("value"))
    if kind.lower() not in KINDS:
        raise not_emulated(400, f"the deployment of a workspace of kind '{kind}', only of {', '.join(KINDS)}")
    if (dig_text(properties, "mode") or "incremental").lower() != "incremental":
        raise not_emulated(400, f"deployments in mode '{properties['mode']}', only 'Incremental'")


def _accept(call: Call, deployment: Resource, body: Body, _new: bool) -> None:
    """Make what the deployment describes; one that is going to fail makes nothing."""
    properties = body["properties"]
    parameters = dig_object(properties, "parameters")
    group = call.parent.id
    resources = expand(parameters, group)
    if call.operation_failure is None:
        for path, resource in resources:
            existing = call.backend.find(path)
            if existing is None or existing.kind.key == WORKSPACE.lower():
                call.backend.create(path, resource)
    deployment.known["made"] = [path for path, _ in resources]
    # A stored deployment shows neither its template nor what parameters may hold in secret.
    for name in ("template", "parameters"):
        properties.pop(name, None)
    properties["timestamp"] = stamp(call.now)
    properties["duration"] = "PT0S"
    properties["correlationId"] = guid("deployment", deployment.id, call.stamp)
    properties["outputResources"] = [{"id": path} for path, _ in resources]


def _operations(_call: Call, holder: Resource) -> Reply:
    """What a deployment has made so far, a line each."""
    group = holder.above(GROUP) or holder
    subscription = holder.above(SUBSCRIPTION)
    kind = group.kind.children[DEPLOYMENTS.path_key]
    deployments = group.existing(kind)
    deployment = deployments.find(holder.name) if deployments is not None else None
    if deployment is None or subscription is None:
        raise refusal(404, f"Deployment '{holder.name}' could not be found.", "DeploymentNotFound")
    state = deployment.stored["properties"]["provisioningState"]
    state = "Running" if deployment.pending is not None else state
    return reply({"value": [_operation(deployment, path, state) for path in deployment.known["made"]]})


def _operation(deployment: Resource, path: str, state: str) -> Body:
    unique = guid("operation", deployment.id, path).replace("-", "").upper()[:16]
    type_, _, name = path.rpartition("/providers/")[2].rpartition("/")
    return {
        "id": f"{deployment.id}/operations/{unique}",
        "operationId": unique,
        "properties": {
            "provisioningOperation": "Create",
            "provisioningState": state,
            "timestamp": deployment.stored["properties"]["timestamp"],
            "duration": "PT0S",
            "statusCode": "OK" if state == "Succeeded" else "Accepted",
            "targetResource": {"id": path, "resourceType": type_, "resourceName": name},
        },
    }


DEPLOYMENTS = Kind(
    type="Microsoft.Resources/deployments",
    below="Microsoft.Resources/resourceGroups",
    segment="providers/Microsoft.Resources/deployments",
    noun="Deployment",
    stamped=False,
    provisions=True,
    long_running={"PUT": 60.0, "DELETE": 5.0},
    prepare=_prepare,
    accepted=_accept,
)
ROWS = (
    DEPLOYMENTS,
    Kind(
        type="deployments (of a group)",
        below="Microsoft.Resources/resourceGroups",
        segment="deployments",
        noun="Deployment",
        passing=True,
        lists=False,
        methods=frozenset(),
    ),
    Kind(
        type="deployments (of a group)/operations",
        below="deployments (of a group)",
        segment="operations",
        noun="Deployment operation",
        methods=frozenset(),
        lister=_operations,
    ),
)
"""Deployments, and their operations, which have a path of their own."""
