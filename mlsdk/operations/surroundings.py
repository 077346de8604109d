"""The resources around a workspace: storage account, key vault, Log Analytics, Application Insights, container registry.

They are made as the template is that the official client deploys (wire.md §5).
"""

from __future__ import annotations

import re
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from mlsdk import ids
from mlsdk.operations.attempt import Attempt, reasons, say_more
from mlsdk.operations.background import side_by_side
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsdk.arm.management import Management
    from mlsdk.entities.workspace import Workspace

JSON = dict[str, Any]

STORAGE = "Microsoft.Storage/storageAccounts"
VAULT = "Microsoft.KeyVault/vaults"
LOGS = "Microsoft.OperationalInsights/workspaces"
INSIGHTS = "Microsoft.Insights/components"
REGISTRY = "Microsoft.ContainerRegistry/registries"

VERSIONS = {
    STORAGE: "2023-04-01",
    VAULT: "2023-07-01",
    LOGS: "2020-08-01",
    INSIGHTS: "2020-02-02-preview",
    REGISTRY: "2019-05-01",
}
"""The api-version of each type: those of the template."""

ARGUMENTS = {
    "storage_account": STORAGE,
    "key_vault": VAULT,
    "application_insights": INSIGHTS,
    "container_registry": REGISTRY,
}
"""The arguments of a workspace that take the id of such a resource."""

WITHOUT_INSIGHTS = {"westcentralus", "eastus2euap", "centraluseuap"}
"""The regions without Application Insights of their own, whose stand in `southcentralus`."""

_ID = re.compile(
    r"/subscriptions/[^/?#%]+/resourceGroups/[^/?#%]+/providers/(?P<type>[^/]+/[^/]+)/[^/?#%]+", re.IGNORECASE
)


def generated_name(workspace: str, purpose: str) -> str:
    """A name of 24 letters and digits for a resource around a workspace, as the official client makes them.

    It starts with a letter, which the name of a key vault has to.
    """
    letters = "".join(letter for letter in workspace.lower() if letter.isascii() and letter.isalnum())
    if not letters[:1].isalpha():
        letters = f"w{letters}"
    return f"{letters[:8]}{purpose[:8]}{uuid.uuid4().hex}"[:24]


@attrs.define
class Surroundings:
    """What a new workspace stands on, made side by side unless its id was given."""

    attempt: Attempt
    resource_group: str
    """Its path."""
    workspace: str
    """Its name."""
    location: str
    tags: JSON
    tenant: str
    """The GUID of the directory that a new key vault belongs to."""
    private: bool = False
    """Whether what is made is closed to public networks."""
    hierarchical: bool = False
    """Whether the storage account has real folders, which a feature store needs."""

    def make(self, names: Iterable[str]) -> JSON:
        """The ids of what is made for these properties of the workspace: `storageAccount`, `keyVault`, `applicationInsights`.

        When one cannot be made, what was begun is waited for; then its error is raised and tells of the others.
        """
        makers = {"storageAccount": self._storage, "keyVault": self._vault, "applicationInsights": self._insights}
        made, errors = side_by_side({name: makers[name] for name in names})
        for name, error in errors.items():
            others = {other: raised for other, raised in errors.items() if other != name}
            if others:
                say_more(error, f"the others failed too: {reasons(others)}")
            raise error
        return made

    def _put(self, words: str, kind: str, purpose: str, body: JSON) -> str:
        path = f"{self.resource_group}/providers/{kind}/{generated_name(self.workspace, purpose)}"
        self.attempt.put(words, path, VERSIONS[kind], {"location": self.location, "tags": self.tags, **body})
        return path

    def _network(self) -> JSON:
        """Who may come in: everyone who has the keys, or with `private` only Azure's own services."""
        if not self.private:
            return {"publicNetworkAccess": "Enabled"}
        return {"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"}}

    def _storage(self) -> str:
        encrypted = {
            "services": {"blob": {"enabled": True}, "file": {"enabled": True}},
            "keySource": "Microsoft.Storage",
        }
        properties = {
            "encryption": encrypted,
            "supportsHttpsTrafficOnly": True,
            "allowBlobPublicAccess": False,
            "isHnsEnabled": self.hierarchical,
            "minimumTlsVersion": "TLS1_2",
            **self._network(),
        }
        body = {"sku": {"name": "Standard_LRS"}, "kind": "StorageV2", "properties": properties}
        return self._put("storage account", STORAGE, "storage", body)

    def _vault(self) -> str:
        properties = {
            "tenantId": self.tenant,
            "sku": {"name": "standard", "family": "A"},
            "accessPolicies": [],
            "enableRbacAuthorization": True,
            **self._network(),
        }
        return self._put("key vault", VAULT, "keyvault", {"properties": properties})

    def _insights(self) -> str:
        near = self.location.lower().replace(" ", "") not in WITHOUT_INSIGHTS
        place = {"location": self.location if near else "southcentralus"}
        logs = self._put("Log Analytics", LOGS, "logalytics", {**place, "properties": {}})
        if self.attempt.failed:
            return ""  # in vain: the error of another one is raised
        properties = {"Application_Type": "web", "WorkspaceResourceId": logs}
        body = {**place, "kind": "web", "properties": properties}
        return self._put("Application Insights", INSIGHTS, "insights", body)


def check_given(management: Management, workspace: Workspace) -> None:
    """Look whether what a workspace names as its own is there; ResourceNotFoundError names all that is not.

    ValidationException for an id of another type. What the caller may not look at is left for the service to judge.
    """
    given = {name: getattr(workspace, name) for name in ARGUMENTS if getattr(workspace, name)}
    for name, resource_id in given.items():
        check_id(name, resource_id, ARGUMENTS[name])
    looks = {name: partial(management.get, value, VERSIONS[ARGUMENTS[name]]) for name, value in given.items()}
    missing = []
    for name, error in side_by_side(looks)[1].items():
        if isinstance(error, ResourceNotFoundError):
            missing.append((name, error))
        elif not isinstance(error, HttpResponseError) or error.status_code != 403:
            raise error
    if missing:
        names = ", ".join(f"{name} {given[name]!r}" for name, _ in missing)
        note = f"nothing was made, as this does not exist: {names}. Give the id of one that exists, or none to have one made."
        error = missing[0][1]
        say_more(error, note)
        raise error


def check_id(argument: str, resource_id: Any, kind: str) -> None:
    """ValidationException for what is not the id of a resource of the type `kind`."""
    found = _ID.fullmatch(resource_id) if isinstance(resource_id, str) else None
    if found is None or found["type"].lower() != kind.lower():
        expected = f"/subscriptions/{{guid}}/resourceGroups/{{group}}/providers/{kind}/{{name}}"
        message = f"{argument} is {resource_id!r}; expected the id of such a resource: {expected}"
        raise wrong(message)


def dependents(management: Management, workspace: JSON) -> dict[str, str]:
    """What a workspace or hub stands on: the api-version of each resource by its id."""
    properties = workspace.get("properties") or {}
    kinds = {
        "storageAccount": STORAGE,
        "keyVault": VAULT,
        "containerRegistry": REGISTRY,
        "applicationInsights": INSIGHTS,
    }
    found = {resource_id: VERSIONS[kind] for name, kind in kinds.items() if (resource_id := properties.get(name))}
    return found | _logs(management, properties.get("applicationInsights"))


def of_project(management: Management, project: JSON, hub: JSON) -> dict[str, str]:
    """What a project has of its own: Application Insights and their logs, unless they are the hub's."""
    insights = (project.get("properties") or {}).get("applicationInsights")
    shared = (hub.get("properties") or {}).get("applicationInsights")
    if not insights or insights.lower() == str(shared).lower():
        return {}
    return {insights: VERSIONS[INSIGHTS], **_logs(management, insights)}


def _logs(management: Management, insights: str | None) -> dict[str, str]:
    """The logs behind Application Insights. Those that Azure made for all of a region are others' too, and not counted."""
    if not insights:
        return {}
    try:
        body = management.get(insights, VERSIONS[INSIGHTS])
    except ResourceNotFoundError:
        return {}
    logs = (body.get("properties") or {}).get("WorkspaceResourceId")
    everyones = (ids.segment(logs or "", "resourceGroups") or "").lower().startswith("defaultresourcegroup-")
    return {logs: VERSIONS[LOGS]} if logs and not everyones else {}
