"""What a client of Azure loads: no more than its calls need."""

from __future__ import annotations

import pytest
from fresh_process import loaded_by

PROBE = """
import time
import responses
from mlsdk import MLClient

class Credential:
    def get_token(self, *scopes, **options):
        from azure.core.credentials import AccessToken
        return AccessToken("t", int(time.time()) + 3600)

client = MLClient(Credential(), "s", "rg", "wks")
if {call}:
    body = {{"id": "x/models/m/versions/1", "name": "1", "properties": {{}}}}
    with responses.RequestsMock() as azure:
        azure.get("https://management.azure.com/subscriptions/s/resourceGroups/rg/providers/"
                  "Microsoft.MachineLearningServices/workspaces/wks/models/m/versions/1", json=body)
        client.models.get("m", "1")
"""

LATER = ("azure.identity", "azure.storage", "azure.mgmt.resource", "azure.core.polling", "msal", "cryptography")
"""Packages that are for signing in by default, for files, for workspaces, and for what takes long."""


@pytest.mark.parametrize("call", [False, True], ids=["made", "called"])
def test_a_client_loads_what_it_needs(call: bool) -> None:
    """Not azure-identity when it has a credential, not azure-storage-blob when it moves no files."""
    loaded = loaded_by(PROBE.format(call=call))
    assert "azure.core.pipeline" in loaded
    assert {name for name in loaded if any(name == one or name.startswith(f"{one}.") for one in LATER)} == set()
