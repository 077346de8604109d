"""What the tests of workspaces look at: the resources that stand around one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from operations.conftest import GROUP, SUBSCRIPTION

from mlsdk.backends import Request

if TYPE_CHECKING:
    from mlsdk.backends.memory import MemoryBackend


MADE = {
    "Microsoft.Storage/storageAccounts",
    "Microsoft.KeyVault/vaults",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.Insights/components",
}
PROVIDERS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers"


def standing(backend: MemoryBackend, group: str = GROUP) -> dict[str, str]:
    """The ids of what stands in a resource group, by type."""
    listed = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/resources"
    reply = backend.send(Request("GET", listed, {"api-version": "2021-04-01"}))
    return {row["type"]: row["id"] for row in reply.body["value"]}


def body(backend: MemoryBackend, resource_id: Any) -> Any:
    """A resource as Azure Resource Manager gives it."""
    return backend.send(Request("GET", str(resource_id), {"api-version": "2024-10-01-preview"})).body


def written(backend: MemoryBackend) -> list[str]:
    """The methods of the requests that changed something, or meant to."""
    return [request.method for request in backend.requests if request.method != "GET"]


def named(text: str, beginning: str) -> set[str]:
    """The types of the resources that a line of an error names."""
    found = next((line for line in text.splitlines() if line.startswith(beginning)), "")
    return set(re.findall(r"/providers/([^/]+/[^/]+)/", found))
