"""What the memory backend answers for every kind of asset and datastore is what the published ARM schema describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlsdk.backends import Request
from mlsdk.backends.memory import MemoryBackend

if TYPE_CHECKING:
    from collections.abc import Callable

    Problems = Callable[[str, dict[str, Any]], list[str]]

PROVIDER = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices"
QUERY = {"api-version": "2024-10-01-preview"}
CURATED = "azureml://registries/azureml/environments/sklearn-1.5/versions/1"
GUID = "00000000-0000-0000-0000-000000000001"
READ_ONLY = {"provisioningState", "latestVersion", "nextVersion", "isDefault", "environmentType"}
"""What the published schema leaves out because nobody can send it."""
ASSETS: dict[str, dict[str, Any]] = {
    "models": {"modelUri": "azureml://datastores/workspaceblobstore/paths/m"},
    "data": {"dataUri": "azureml://datastores/workspaceblobstore/paths/d"},
    "environments": {"image": "ubuntu:22.04"},
    "codes": {
        "codeUri": "https://a.blob.core.windows.net/c/src",
        "properties": {"hash_sha256": "a", "hash_version": 1},
    },
    "components": {"componentSpec": {"type": "command", "command": "ls", "environment": CURATED}},
}
DATASTORES: dict[str, dict[str, Any]] = {
    "AzureBlob": {"accountName": "a", "containerName": "c"},
    "AzureFile": {"accountName": "a", "fileShareName": "c"},
    "AzureDataLakeGen1": {"storeName": "a"},
    "AzureDataLakeGen2": {"accountName": "a", "filesystem": "c"},
    "OneLake": {"oneLakeWorkspaceName": "a", "artifact": {"artifactType": "LakeHouse", "artifactName": "x"}},
}
CREDENTIALS: dict[str, dict[str, Any]] = {
    "None": {},
    "AccountKey": {"secrets": {"secretsType": "AccountKey", "key": "a2V5"}},
    "Sas": {"secrets": {"secretsType": "Sas", "sasToken": "sv=1"}},
    "ServicePrincipal": {
        "clientId": GUID,
        "tenantId": GUID,
        "secrets": {"secretsType": "ServicePrincipal", "clientSecret": "s"},
    },
    "Certificate": {
        "clientId": GUID,
        "tenantId": GUID,
        "thumbprint": "t",
        "secrets": {"secretsType": "Certificate", "certificate": "c"},
    },
}


@pytest.fixture
def azure() -> MemoryBackend:
    """An Azure with a workspace and a registry."""
    backend = MemoryBackend()
    backend.add_workspace("sub", "rg", "ws")
    backend.add_registry("reg", subscription="sub", resource_group="rg")
    return backend


def ask(azure: MemoryBackend, method: str, path: str, body: Any = None) -> dict[str, Any]:
    """The body of an answer without what only the service sets."""
    reply = azure.send(Request(method, f"{PROVIDER}/{path}", QUERY, {}, body))
    assert reply.status < 300, reply.body
    answer = dict(reply.body)
    for name in ("id", "name", "type", "systemData"):
        if method == "GET":
            answer.pop(name)
    if "properties" in answer:
        answer["properties"] = {key: value for key, value in answer["properties"].items() if key not in READ_ONLY}
    return answer


@pytest.mark.parametrize("home", ["workspaces", "registries"])
@pytest.mark.parametrize("kind", ASSETS)
def test_assets(azure: MemoryBackend, problems: Problems, home: str, kind: str) -> None:
    """A container and a version, in a workspace and in a registry."""
    path = f"{home}/{'ws' if home == 'workspaces' else 'reg'}/{kind}/a"
    ask(azure, "PUT", f"{path}/versions/1", {"properties": ASSETS[kind]})
    assert problems(f"{home}_{kind}", ask(azure, "GET", path)) == []
    assert problems(f"{home}_{kind}_versions", ask(azure, "GET", f"{path}/versions/1")) == []


@pytest.mark.parametrize("kind", DATASTORES)
@pytest.mark.parametrize("credentials", CREDENTIALS)
def test_datastores(azure: MemoryBackend, problems: Problems, kind: str, credentials: str) -> None:
    """Every type with all credentials: together with its secrets, a read is what could have been sent."""
    held = {"credentialsType": credentials, **CREDENTIALS[credentials]}
    body = {"properties": {"datastoreType": kind, "credentials": held, **DATASTORES[kind]}}
    ask(azure, "PUT", "workspaces/ws/datastores/d", body)
    shown = ask(azure, "GET", "workspaces/ws/datastores/d")
    assert "secrets" not in shown["properties"]["credentials"]
    if credentials != "None":
        secrets = ask(azure, "POST", "workspaces/ws/datastores/d/listSecrets", {})
        shown["properties"]["credentials"]["secrets"] = secrets
        assert secrets == CREDENTIALS[credentials]["secrets"]
    assert problems("workspaces_datastores", shown) == []


@pytest.mark.parametrize("name", ["workspaceblobstore", "workspacefilestore"])
def test_datastores_of_the_workspace_itself(azure: MemoryBackend, problems: Problems, name: str) -> None:
    """Those that a workspace brings along."""
    shown = ask(azure, "GET", f"workspaces/ws/datastores/{name}")
    shown["properties"]["credentials"]["secrets"] = ask(
        azure, "POST", f"workspaces/ws/datastores/{name}/listSecrets", {}
    )
    assert problems("workspaces_datastores", shown) == []
