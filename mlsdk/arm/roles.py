"""Which of Azure's built-in roles allow an action.

The definitions are those of Azure's public documentation (role-based-access-control/built-in-roles, 2024-04 and 2026-07).
"""

from __future__ import annotations

import re
from functools import cache

import attrs

ML = "Microsoft.MachineLearningServices"
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"


@attrs.frozen
class Role:
    """A built-in role: what it allows, less what it leaves out."""

    name: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    """What may be done with the data itself; `*` among the actions does not reach it."""


ROLES = (
    Role("Reader", ("*/read",)),
    Role("AzureML Compute Operator", (f"{ML}/workspaces/computes/*", f"{ML}/workspaces/notebooks/vm/*")),
    Role("AzureML Registry User", (f"{ML}/registries/read", f"{ML}/registries/assets/*")),
    Role(
        "AzureML Data Scientist",
        tuple(f"{ML}/workspaces/*/{verb}" for verb in ("read", "action", "delete", "write")),
        (
            f"{ML}/workspaces/delete",
            f"{ML}/workspaces/write",
            f"{ML}/workspaces/computes/*/write",
            f"{ML}/workspaces/computes/*/delete",
            f"{ML}/workspaces/computes/listKeys/action",
            f"{ML}/workspaces/listKeys/action",
            f"{ML}/workspaces/hubs/write",
            f"{ML}/workspaces/hubs/delete",
            f"{ML}/workspaces/featurestores/write",
            f"{ML}/workspaces/featurestores/delete",
        ),
    ),
    Role("Storage Blob Data Reader", data_actions=(f"{BLOBS}/read",)),
    Role(
        "Storage Blob Data Contributor",
        data_actions=tuple(f"{BLOBS}/{verb}" for verb in ("read", "write", "delete", "move/action", "add/action")),
    ),
    Role(
        "Contributor",
        ("*",),
        (
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
            "Microsoft.Blueprint/blueprintAssignments/write",
            "Microsoft.Blueprint/blueprintAssignments/delete",
            "Microsoft.Compute/galleries/share/action",
            "Microsoft.Purview/consents/write",
            "Microsoft.Purview/consents/delete",
            "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
            "Microsoft.Subscription/cancel/action",
            "Microsoft.Subscription/enable/action",
        ),
    ),
    Role(
        "Role Based Access Control Administrator",
        (
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
            "*/read",
            "Microsoft.Support/*",
        ),
    ),
    Role("User Access Administrator", ("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*")),
    Role("Owner", ("*",)),
)
"""Those that matter here, the one that allows least first."""


@cache
def _pattern(action: str) -> re.Pattern[str]:
    # `*` spans slashes, and `a/*/b` means `a/b` too: so the Data Scientist's missing `computes/*/write` is why it may not
    # make a cluster, whose action is `computes/write`.
    parts = [re.escape(part).replace(r"\*", ".*") for part in action.split("/*/")]
    return re.compile("/(?:.*/)?".join(parts), re.IGNORECASE)


def _among(action: str, patterns: tuple[str, ...]) -> bool:
    return any(_pattern(pattern).fullmatch(action) for pattern in patterns)


def roles_with(action: str) -> list[str]:
    """The names of the built-in roles that allow an action, the one that allows least first; empty when none is known."""
    if _among(action, (f"{BLOBS}/*",)):
        return [role.name for role in ROLES if _among(action, role.data_actions)]
    return [role.name for role in ROLES if _among(action, role.actions) and not _among(action, role.not_actions)]
