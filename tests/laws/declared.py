"""What the laws do not hold for, each with its reason, and the values of attributes that are not free."""

from __future__ import annotations

from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

CANNOT_BE_SENT = {
    "UnsupportedCompute": "its class refuses to be sent; tests/test_compute_entities.py holds that",
}

_ID = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/s"
_KEY = "https://vault.vault.azure.net/keys/key/1"

VALUES: dict[str, list[Any]] = {
    "Workspace.storage_account": [None, _ID],
    "Workspace.container_registry": [None, _ID],
    "Workspace.key_vault": [None, _ID],
    "Workspace.application_insights": [None, _ID],
    "Workspace.workspace_hub": [None, _ID],
    "Workspace.kind": [None, "default", "featurestore"],
    "ServerlessComputeSettings.custom_subnet": [None, _ID],
    "CustomerManagedKey.key_uri": [None, _KEY],
    "VirtualMachineSshSettings.ssh_private_key_file": [None, str(HERE / "declared.py")],
    "Data.type": ["uri_file", "uri_folder", "mltable"],
    "BuildContext.path": [None, str(HERE), "https://example.org/context.git"],
}

DECLARED: dict[tuple[str, str, str], str] = {}
