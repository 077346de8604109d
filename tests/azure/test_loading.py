"""What a client of Azure loads: no more than its calls need."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

PROBE = """
import json, sys, time
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
print(json.dumps(sorted(sys.modules)))
"""

LATER = ("azure.identity", "azure.storage", "azure.mgmt.resource", "azure.core.polling", "msal", "cryptography")
"""Packages that are for signing in by default, for files, for workspaces, and for what takes long."""


@pytest.mark.parametrize("call", [False, True], ids=["made", "called"])
def test_a_client_loads_what_it_needs(call: bool) -> None:
    """Not azure-identity when it has a credential, not azure-storage-blob when it moves no files."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE_", "PYTHON"))}
    printed = subprocess.run(
        [sys.executable, "-c", PROBE.format(call=call)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ).stdout
    loaded = set(json.loads(printed))
    assert "azure.core.pipeline" in loaded
    assert {name for name in loaded if any(name == one or name.startswith(f"{one}.") for one in LATER)} == set()
