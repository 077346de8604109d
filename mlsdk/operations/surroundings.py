"""The resources around a workspace: storage account, key vault, Log Analytics, Application Insights; made and removed."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import attrs

from mlsdk import ids
from mlsdk.arm.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = dict[str, Any]

SUBSCRIPTION_VERSION = "2020-01-01"
VERSIONS = {
    "Microsoft.Storage/storageAccounts": "2023-04-01",
    "Microsoft.KeyVault/vaults": "2023-07-01",
    "Microsoft.OperationalInsights/workspaces": "2020-08-01",
    "Microsoft.Insights/components": "2020-02-02-preview",
    "Microsoft.ContainerRegistry/registries": "2019-05-01",
}
"""The api-version of each type: those of the template that the official client deploys (wire.md §5)."""


def generated_name(workspace: str, purpose: str) -> str:
    """A name of 24 letters and digits for a resource around a workspace, as the official client makes them."""
    letters = "".join(letter for letter in workspace.lower() if letter.isascii() and letter.isalnum())
    return f"{letters[:8]}{purpose[:8]}{uuid.uuid4().hex}"[:24]


@attrs.define
class Surroundings:
    """What a new workspace stands on, made side by side unless its id was given."""

    connection: Connection
    resource_group: str
    """Its path."""
    workspace: str
    location: str
    tags: JSON
    made: list[str] = attrs.field(factory=list)
    """The ids of what was made, so that a failure can name them."""

    def make(self, given: dict[str, str | None], *, insights: bool) -> JSON:
        """The ids of `storageAccount`, `keyVault` and (with `insights`) `applicationInsights`, those in `given` as they are."""
        makers: dict[str, Callable[[], str]] = {"storageAccount": self._storage, "keyVault": self._vault}
        if insights:
            makers["applicationInsights"] = self._insights
        found = {name: given.get(name) for name in makers}
        missing = [name for name, value in found.items() if not value]
        with ThreadPoolExecutor(max_workers=len(makers)) as pool:
            jobs = {name: pool.submit(makers[name]) for name in missing}
        return {name: value or jobs[name].result() for name, value in found.items()}

    def _put(self, kind: str, purpose: str, body: JSON) -> str:
        path = f"{self.resource_group}/providers/{kind}/{generated_name(self.workspace, purpose)}"
        whole = {"location": self.location, "tags": self.tags, **body}
        self.connection.begin("PUT", path, VERSIONS[kind], body=whole).result()
        self.made.append(path)
        return path

    def _storage(self) -> str:
        return self._put(
            "Microsoft.Storage/storageAccounts",
            "storage",
            {
                "sku": {"name": "Standard_LRS"},
                "kind": "StorageV2",
                "properties": {
                    "supportsHttpsTrafficOnly": True,
                    "allowBlobPublicAccess": False,
                    "minimumTlsVersion": "TLS1_2",
                },
            },
        )

    def _vault(self) -> str:
        subscription = f"/subscriptions/{ids.names(self.resource_group)['subscriptions']}"
        tenant = self.connection.exchange("GET", subscription, SUBSCRIPTION_VERSION).body["tenantId"]
        return self._put(
            "Microsoft.KeyVault/vaults",
            "keyvault",
            {"properties": {"tenantId": tenant, "sku": {"name": "standard", "family": "A"}, "accessPolicies": []}},
        )

    def _insights(self) -> str:
        logs = self._put(
            "Microsoft.OperationalInsights/workspaces", "logalytics", {"properties": {"sku": {"name": "PerGB2018"}}}
        )
        return self._put(
            "Microsoft.Insights/components",
            "insights",
            {"kind": "web", "properties": {"Application_Type": "web", "WorkspaceResourceId": logs}},
        )


def remove(connection: Connection, workspace: JSON) -> None:
    """Delete what stands around a workspace: only Application Insights and its logs for a project, whose hub owns the rest.

    What is gone already is no error.
    """
    properties = workspace.get("properties") or {}
    insights = properties.get("applicationInsights")
    if insights:
        found = connection.find(insights, VERSIONS["Microsoft.Insights/components"])
        logs = ((found or {}).get("properties") or {}).get("WorkspaceResourceId")
        _delete(connection, logs, "Microsoft.OperationalInsights/workspaces")
        _delete(connection, insights, "Microsoft.Insights/components")
    if str(workspace.get("kind")).lower() != "project":
        _delete(connection, properties.get("storageAccount"), "Microsoft.Storage/storageAccounts")
        _delete(connection, properties.get("keyVault"), "Microsoft.KeyVault/vaults")
        _delete(connection, properties.get("containerRegistry"), "Microsoft.ContainerRegistry/registries")


def _delete(connection: Connection, resource_id: str | None, kind: str) -> None:
    if resource_id:
        connection.exchange("DELETE", resource_id, VERSIONS[kind], allow=(404,))
