"""The two bodies of a workspace beside its own form: what creates one, and what changes one (a PATCH).

The official client creates a workspace by a deployment of ARM, whose template fills in what the user left out; here the
same is filled in for a PUT of the workspace itself.
"""

from __future__ import annotations

from typing import Any

from mlsdk.entities.network import ManagedNetwork, NetworkAcls
from mlsdk.entities.workspace import Hub, Workspace
from mlsdk.schema.bodies import to_body

JSON = dict[str, Any]

TOOLKIT_TAG = "createdByToolkit"
"""The tag that says what a workspace was created with."""

_NOT_CREATED = frozenset({"discoveryUrl", "workspaceHubConfig"})
"""Parts of the own form that say nothing to a service that makes something new."""


def creation_body(workspace: Workspace, *, toolkit: str | None = None) -> JSON:
    """The body of the PUT that creates `workspace`, complete but for the resources that are made for it.

    `toolkit` is the value of the tag `createdByToolkit`, unless there is one. ValidationException for a project that
    names resources of its own: it lives on those of its hub.
    """
    project = workspace.kind == "project"
    if project:
        _check_project(workspace)
    body = to_body(workspace)
    given: JSON = body.pop("properties")
    properties = {key: value for key, value in given.items() if value != "" and key not in _NOT_CREATED}
    defaults: JSON = {"friendlyName": workspace.name, "description": workspace.name, "publicNetworkAccess": "Enabled"}
    if not project:
        network = to_body(ManagedNetwork())
        defaults |= {"allowRoleAssignmentOnRG": True, "provisionNetworkNow": False, "managedNetwork": network}
    elif not workspace.hbi_workspace:
        properties.pop("hbiWorkspace", None)
    if workspace.customer_managed_key is not None:
        key = to_body(workspace.customer_managed_key)
        properties["encryption"] = {name: value for name, value in key.items() if value != ""}
    if workspace.network_acls is not None:
        properties["networkAcls"] = to_body(workspace.network_acls)
    if isinstance(workspace, Hub) and workspace.default_resource_group:
        properties["workspaceHubConfig"] = {"defaultWorkspaceResourceGroup": workspace.default_resource_group}
    tags = {**({TOOLKIT_TAG: toolkit} if toolkit else {}), **workspace.tags}
    return {"identity": {"type": "SystemAssigned"}, **body, "tags": tags, "properties": {**defaults, **properties}}


def _check_project(project: Workspace) -> None:
    for name in ("storage_account", "container_registry", "key_vault"):
        if getattr(project, name) is not None:
            from mlsdk.exceptions import ValidationException

            message = f"{type(project).__name__}({name}=…): a project has no {name} of its own, it uses its hub's"
            raise ValidationException(message)


# -- changing one ----------------------------------------------------------------------------------------------
_UPDATED = frozenset(
    {
        "description",
        "friendlyName",
        "publicNetworkAccess",
        "systemDatastoresAuthMode",
        "imageBuildCompute",
        "primaryUserAssignedIdentity",
        "managedNetwork",
        "featureStoreSettings",
        "allowRoleAssignmentOnRG",
        "serverlessComputeSettings",
        "containerRegistry",
        "applicationInsights",
    }
)
"""What of the own form of a workspace a PATCH carries."""

_REJECTED_TAGS = frozenset({"AttachKeyVaultToWorkspace", "AttachAppInsightsToWorkspace"})
"""Tags of old workspaces that the service no longer takes."""

_MADE_BY_SERVICE = frozenset({"Required", "Recommended"})
"""The categories of outbound rules that the service does not take back."""


def update_body(workspace: Workspace, existing: Workspace) -> JSON:
    """The body of the PATCH that brings the workspace `existing` to what `workspace` says; what is None there stays.

    A user-assigned identity that `existing` has and the wanted identity has not is taken away.
    """
    body = to_body(workspace)
    properties = {key: value for key, value in body["properties"].items() if key in _UPDATED}
    for key in ("containerRegistry", "applicationInsights"):
        if not properties.get(key):
            properties.pop(key, None)
    if "managedNetwork" in properties:
        rules: JSON = properties["managedNetwork"]["outboundRules"]
        own = {name: rule for name, rule in rules.items() if rule.get("category") not in _MADE_BY_SERVICE}
        properties["managedNetwork"] = {**properties["managedNetwork"], "outboundRules": own}
    acls = _acls(workspace, existing)
    if acls is not None:
        properties["networkAcls"] = to_body(acls)
    customer = workspace.customer_managed_key
    if customer is not None and customer.key_uri is not None:
        properties["encryption"] = {"keyVaultProperties": {"keyIdentifier": customer.key_uri}}
    tags = {key: value for key, value in workspace.tags.items() if key not in _REJECTED_TAGS}
    made: JSON = {"tags": tags, "properties": properties}
    if "identity" in body:
        made["identity"] = _identity(body["identity"], existing)
    return made


def _acls(wanted: Workspace, existing: Workspace) -> NetworkAcls | None:
    """The rules for who may come in; none are left where public access is disabled."""
    access = wanted.public_network_access
    if access is None:
        access = existing.public_network_access
    return NetworkAcls() if access == "Disabled" else wanted.network_acls


def _identity(identity: JSON, existing: Workspace) -> JSON:
    """The wanted identity, with null for each user-assigned one that is to go."""
    had = (existing.identity.user_assigned_identities or []) if existing.identity else []
    if not had:
        return identity
    wanted = identity.get("userAssignedIdentities") or {}
    gone = dict.fromkeys(one.resource_id for one in had if one.resource_id not in wanted)
    return {**identity, "userAssignedIdentities": {**gone, **wanted}}
