"""Workspaces, hubs and projects: what they need around them, what they make, how they go and come back."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from mlsdk.backends.memory import datastores, networks
from mlsdk.backends.memory.bodies import dig, dig_object, dig_text, merge
from mlsdk.backends.memory.errors import ServiceError, refusal, resource_not_found, user_error
from mlsdk.backends.memory.kinds import ML, Kind, Statuses, name_rule
from mlsdk.backends.memory.longrunning import Operation, forget, hold
from mlsdk.backends.memory.resource_lists import GROUPS, SUBSCRIPTION, across_subscription, tracked
from mlsdk.backends.memory.surroundings import identify
from mlsdk.backends.memory.versions import VERSIONS
from mlsdk.backends.memory.workspace_actions import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body, Stored
    from mlsdk.backends.memory.state import Resource, State

NAMES = name_rule(r"[a-zA-Z0-9][a-zA-Z0-9_-]{1,32}", "2 to 33 letters, digits, - and _, a letter or digit first")
"""The schema says 3 to 33 characters, the page of limits says 2 to 32: what either allows is accepted."""

WORKSPACE = f"{ML}/workspaces".lower()
SOFT_DELETE_SECONDS = 14 * 24 * 3600.0
GONE_AT_ONCE = ("computes", "onlineendpoints", "batchendpoints", "serverlessendpoints")
"""What a soft delete removes for good."""

NEEDS = {
    "default": ("storageAccount", "keyVault", "applicationInsights"),
    "featurestore": ("storageAccount", "keyVault", "applicationInsights"),
    "hub": ("storageAccount", "keyVault"),
    "project": ("hubResourceId",),
}
"""The resources that each kind of workspace cannot be made without."""

TYPES = {
    "storageAccount": "microsoft.storage/storageaccounts",
    "keyVault": "microsoft.keyvault/vaults",
    "applicationInsights": "microsoft.insights/components",
    "containerRegistry": "microsoft.containerregistry/registries",
    "hubResourceId": WORKSPACE,
}
TEXTS = (
    *TYPES,
    *("friendlyName", "description", "imageBuildCompute", "primaryUserAssignedIdentity"),
)
BOOLEANS = (
    *("hbiWorkspace", "v1LegacyMode", "enableDataIsolation", "provisionNetworkNow"),
    *("allowRoleAssignmentOnRG", "allowRecoverSoftDeletedWorkspace"),
)
OBJECTS = (
    *("encryption", "managedNetwork", "networkAcls", "serverlessComputeSettings"),
    *("featureStoreSettings", "workspaceHubConfig"),
)
INHERITED = ("storageAccount", "keyVault", "applicationInsights", "containerRegistry")
"""What a project has from its hub."""


def deleted_at(workspace: Resource) -> float | None:
    """When a workspace was softly deleted; None when it was not."""
    deleted: float | None = workspace.data.get("deleted") if workspace.data is not None else None
    return deleted


def _gone(call: Call, workspace: Resource) -> ServiceError:
    return resource_not_found(f"{workspace.kind.type}/{workspace.name}", call.group)


def _guard(call: Call, workspace: Resource) -> None:
    """A softly deleted workspace can only be recovered (PUT) or purged (DELETE)."""
    if deleted_at(workspace) is not None and call.method not in ("PUT", "DELETE"):
        raise _gone(call, workspace)


def _enter(call: Call, workspace: Resource, child: Kind) -> None:
    """What is below a workspace needs the workspace, and assets need its storage account."""
    if deleted_at(workspace) is not None:
        raise _gone(call, workspace)
    if child.needs_storage and workspace.known.get("account") not in call.state.accounts:
        message = (
            f"The storage account '{workspace.known.get('account')}' of workspace '{workspace.name}' "
            "does not exist any more. The workspace cannot be used without it: "
            "recreate the workspace with another storage account."
        )
        raise user_error(400, message, inner="StorageAccountNotFound")


def _missing(call: Call, node: Resource, kind: Kind, name: str) -> Resource | None:
    return call.backend.make_workspace(node, kind, name) if call.backend.provision else None


def _prepare(call: Call, body: Body, existing: Resource | None) -> None:
    properties = body["properties"]
    _check_kind(body, existing.stored if existing is not None else None)
    networks.check_network(properties)
    if existing is not None and deleted_at(existing) is not None:
        _recover(call, existing, properties)
    for unsaid in ("allowRecoverSoftDeletedWorkspace", "softDeleteRetentionInDays"):
        properties.pop(unsaid, None)
    if existing is not None:
        stored = existing.body
        for key in ("identity", "sku", "tags"):
            if body.get(key) is None and key in stored:
                body[key] = stored[key]
        for key, value in stored["properties"].items():
            properties.setdefault(key, value)
    hub = _resolve_needs(call, body)
    if hub is not None:
        inherited = hub.body["properties"]
        for key in INHERITED:
            if key in inherited:
                properties[key] = inherited[key]


def _check_kind(body: Body, before: Stored | None) -> None:
    kind = dig_text(body, "kind")
    if kind is None:
        body["kind"] = before["kind"] if before is not None else "Default"
    elif kind.lower() not in NEEDS:
        message = f"The workspace kind '{kind}' is not valid. Allowed values: Default,Hub,Project,FeatureStore."
        raise refusal(400, message, "InvalidParameter")
    elif before is not None and before["kind"].lower() != kind.lower():
        message = f"The kind of workspace '{before['name']}' is '{before['kind']}' and cannot be changed to '{kind}'."
        raise refusal(400, message, "PropertyChangeNotAllowed")


def _resolve_needs(call: Call, body: Body) -> Resource | None:
    """Check that what a workspace refers to exists; the hub of a project, else None."""
    properties, kind = body["properties"], body["kind"].lower()
    hub = None
    for key, type_ in TYPES.items():
        resource_id = dig_text(properties, key)
        if not resource_id:
            if key in NEEDS[kind]:
                message = (
                    f"The {kind} workspace '{call.name}' needs 'properties.{key}': the id of a resource that exists."
                )
                raise refusal(400, message, "MissingDependentResource")
            properties.pop(key, None)
            continue
        found = call.backend.find(resource_id)
        if found is None or found.kind.key != type_ or deleted_at(found) is not None:
            message = f"The resource in 'properties.{key}' does not exist: '{resource_id}' (of type {type_})."
            raise refusal(400, message, "DependentResourceNotFound")
        if key == "hubResourceId":
            hub = found
            if found.stored["kind"].lower() != "hub":
                kind_found = found.stored["kind"]
                message = f"'properties.hubResourceId' has to name a hub; '{found.name}' is of kind '{kind_found}'."
                raise refusal(400, message, "InvalidParameter")
    return hub if kind == "project" else None


def _recover(call: Call, workspace: Resource, properties: Body) -> None:
    wanted = properties.get("allowRecoverSoftDeletedWorkspace")
    if str(wanted).lower() != "true":
        message = (
            f"Soft-deleted workspace exists with the name '{workspace.name}'. Please purge or recover it: "
            "https://aka.ms/wsoftdelete"
        )
        raise refusal(409, message)
    stored = workspace.stored["properties"]
    for key in ("storageAccount", "keyVault", "applicationInsights"):
        resource_id = stored.get(key)
        if resource_id and call.backend.find(resource_id) is None:
            message = (
                f"Workspace '{workspace.name}' cannot be recovered: its 'properties.{key}' '{resource_id}' is gone."
            )
            raise refusal(409, message)
        if resource_id:
            properties.setdefault(key, resource_id)
    del workspace.known["deleted"]
    call.state.operations.pop(workspace.known.pop("purge", ""), None)


def _accept(call: Call, workspace: Resource, body: Body, new: bool) -> None:
    known, properties = workspace.known, body["properties"]
    if new:
        _found(call, workspace, body)
    if dig(properties, "storageAccount") is not None:
        known["account"] = properties["storageAccount"].rpartition("/")[2].lower()
    if new and "account" in known:
        datastores.add_default(call.state, workspace, known["account"], body["systemData"], call.now)
    at_once = str(properties.pop("provisionNetworkNow", None)).lower() == "true"
    networks.split_rules(call, workspace, properties, at_once=at_once)
    _identify(call, workspace, body)


def _found(call: Call, workspace: Resource, body: Body) -> None:
    """Give a new workspace what the service alone decides."""
    properties, location = body["properties"], str(body["location"]).replace(" ", "").lower()
    unique = workspace.known["workspaceId"] = str(uuid.uuid4())
    host = f"{location}.api.azureml.ms"
    properties["workspaceId"] = unique
    properties["discoveryUrl"] = f"https://{host}/discovery"
    properties["mlFlowTrackingUri"] = f"azureml://{host}/mlflow/v1.0{workspace.id}"
    properties["tenantId"] = call.backend.tenant_id
    properties["creationTime"] = body["systemData"]["createdAt"]
    properties["notebookInfo"] = {
        "fqdn": f"ml-{workspace.name.lower()}-{location}-{unique}.{location}.notebooks.azure.net",
        "resourceId": unique.replace("-", ""),
        "isPrivateLinkEnabled": False,
    }
    for key, value in (
        ("friendlyName", workspace.name),
        ("hbiWorkspace", False),
        ("v1LegacyMode", False),
        ("publicNetworkAccess", "Enabled"),
        ("systemDatastoresAuthMode", "accesskey"),
        ("enableDataIsolation", False),
        ("storageHnsEnabled", False),
        ("privateLinkCount", 0),
    ):
        if properties.get(key) is None:
            properties[key] = value


def _identify(call: Call, workspace: Resource, body: Body) -> None:
    """A workspace always has an identity, the system's own when nothing else is said."""
    identity = dig_object(body, "identity")
    identity["type"] = dig_text(identity, "type") or "SystemAssigned"
    identify(call, workspace, identity)
    body["identity"] = identity


def _show(_state: State, workspace: Resource, body: Body) -> None:
    networks.join_rules(workspace, body["properties"])
    if body["kind"].lower() == "hub":
        body["properties"]["associatedWorkspaces"] = [project.id for project in projects(workspace)]


def projects(hub: Resource) -> list[Resource]:
    """The projects of a hub, from all resource groups of its subscription."""
    subscription = hub.above(SUBSCRIPTION) or hub
    hub_id = hub.id.lower()
    return [
        one
        for one in tracked(subscription)
        if one.kind is hub.kind
        and deleted_at(one) is None
        and str(one.stored["properties"].get("hubResourceId", "")).lower() == hub_id
    ]


def _amend(call: Call, changes: Body, body: Body) -> Body:
    """A PATCH replaces tags and identities as a whole and merges everything else."""
    _check_kind(changes, body)
    for key in ("tags", "identity"):
        if changes.get(key) is not None:
            body[key] = changes.pop(key)
    dig_object(body, "tags")
    networks.check_network(changes.get("properties") or {})
    resource_ids = {key: (changes.get("properties") or {}).get(key) for key in INHERITED}
    merge(body, changes)
    for key, resource_id in resource_ids.items():
        if resource_id and call.backend.find(str(resource_id)) is None:
            message = f"The resource in 'properties.{key}' does not exist: '{resource_id}'."
            raise refusal(400, message, "DependentResourceNotFound")
    return body


def _refuse_removal(call: Call, workspace: Resource) -> None:
    children = projects(workspace) if workspace.stored["kind"].lower() == "hub" else []
    if children:
        names = ", ".join(project.name for project in children)
        raise refusal(409, f"Hub '{workspace.name}' cannot be deleted while it has projects: {names}.")
    workspace.known["forceToPurge"] = str(call.param("forceToPurge")).lower() == "true"


def _hide(state: State, workspace: Resource, now: float) -> bool:
    """Softly delete: keep the name and the assets for 14 days; True when the workspace is only hidden."""
    known = workspace.known
    if known.pop("forceToPurge", False):
        return False
    deleted = deleted_at(workspace)
    if deleted is not None:
        return now < deleted + SOFT_DELETE_SECONDS
    for segment in GONE_AT_ONCE:
        child = workspace.kind.children.get(segment)
        collection = workspace.existing(child) if child is not None else None
        for resource in list(collection.items.values()) if collection is not None else ():
            forget(state, resource)
    known["deleted"] = now
    known["purge"] = hold(state, workspace, now, SOFT_DELETE_SECONDS)
    return True


def _filter(call: Call) -> Callable[[Resource], bool]:
    kinds = call.param("kind")
    wanted = {kind.strip().lower() for kind in kinds.split(",")} if kinds else None
    return lambda one: deleted_at(one) is None and (wanted is None or one.stored["kind"].lower() in wanted)


def _finished(state: State, workspace: Resource, operation: Operation) -> None:
    if operation.verb == "provisionmanagednetwork":
        networks.provisioned(state, workspace)


_WORKSPACE = Kind(
    type=f"{ML}/workspaces",
    below=GROUPS,
    segment=f"providers/{ML}/workspaces",
    noun="Workspace",
    names=NAMES,
    methods=frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"}),
    api_versions=VERSIONS,
    located=True,
    provisions=True,
    long_running={"PUT": 60.0, "PATCH": 10.0, "DELETE": 30.0},
    statuses=Statuses(created=200, updated=200, pending=202),
    immutable=(
        "properties.storageAccount",
        "properties.keyVault",
        "properties.hbiWorkspace",
        "properties.hubResourceId",
    ),
    types={
        **{f"properties.{name}": "text" for name in TEXTS},
        **{f"properties.{name}": "boolean" for name in BOOLEANS},
        **{f"properties.{name}": "object" for name in OBJECTS},
        "properties.encryption.status": "text",
        "properties.encryption.keyVaultProperties.keyVaultArmId": "text",
        "properties.encryption.keyVaultProperties.keyIdentifier": "text",
        "properties.featureStoreSettings.computeRuntime.sparkRuntimeVersion": "text",
        "properties.serverlessComputeSettings.serverlessComputeNoPublicIP": "boolean",
        "properties.networkAcls.defaultAction": "text",
        "properties.networkAcls.ipRules": "list",
    },
    words={
        "properties.publicNetworkAccess": ("Enabled", "Disabled"),
        "properties.systemDatastoresAuthMode": ("AccessKey", "Identity", "UserDelegationSAS"),
    },
    defaults={"tags": {}, "sku": {"name": "Basic", "tier": "Basic"}},
    missing=_missing,
    enter=_enter,
    guard=_guard,
    prepare=_prepare,
    amend=_amend,
    accepted=_accept,
    finished=_finished,
    remove=_refuse_removal,
    hide=_hide,
    show=_show,
    list_filter=_filter,
    actions=ACTIONS,
)
WORKSPACES: tuple[Kind, ...] = (
    _WORKSPACE,
    across_subscription(_WORKSPACE, api_versions=VERSIONS),
    networks.OUTBOUND_RULES,
)
