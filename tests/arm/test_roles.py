"""Which roles allow an action."""

from __future__ import annotations

import pytest
from error_answers import ML

from mlsdk.arm.roles import roles_with


@pytest.mark.parametrize(
    ("action", "least"),
    [
        (f"{ML}/workspaces/read", "Reader"),
        (f"{ML}/workspaces/models/versions/write", "AzureML Data Scientist"),
        (f"{ML}/workspaces/datastores/listSecrets/action", "AzureML Data Scientist"),
        (f"{ML}/workspaces/computes/write", "AzureML Compute Operator"),
        (f"{ML}/workspaces/computes/start/action", "AzureML Compute Operator"),
        (f"{ML}/workspaces/write", "Contributor"),
        (f"{ML}/workspaces/listKeys/action", "Contributor"),
        (f"{ML}/registries/assets/write", "AzureML Registry User"),
        (f"{ML.lower()}/WORKSPACES/delete", "Contributor"),
        ("Microsoft.Authorization/roleAssignments/write", "Role Based Access Control Administrator"),
        ("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write", "Storage Blob Data Contributor"),
    ],
)
def test_the_role_that_allows_least_comes_first(action: str, least: str) -> None:
    """As Azure evaluates roles: actions less not-actions, without regard to case; data by data actions alone."""
    assert roles_with(action)[0] == least


def test_nobody_is_told_a_role_that_does_not_help() -> None:
    """A data scientist makes no clusters; an owner reads no blobs."""
    assert "AzureML Data Scientist" not in roles_with(f"{ML}/workspaces/computes/write")
    assert "AzureML Data Scientist" not in roles_with(f"{ML}/workspaces/write")
    assert "Owner" not in roles_with("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read")
