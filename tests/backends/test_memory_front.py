"""Raw HTTP by absolute address: whom the memory backend leads it to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlsdk.backends.memory import MemoryBackend

ARM = "https://management.azure.com"
GROUP = "/subscriptions/sub/resourceGroups/rg"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws"
VERSION = "?api-version=2024-10-01-preview"
DOCUMENT = json.dumps({"properties": {"modelUri": "azureml://datastores/workspaceblobstore/paths/m"}}).encode()


@pytest.fixture
def backend() -> MemoryBackend:
    """A backend with a workspace and a storage account of somebody else's."""
    made = MemoryBackend()
    made.add_workspace("sub", "rg", "ws")
    made.add_storage_account("acct", containers=["data"], sas=["sv=1&sig=x"])
    return made


@pytest.mark.parametrize(
    "address",
    [
        f"{ARM}{WORKSPACE}",
        f"{ARM.upper().replace('HTTPS', 'https')}{WORKSPACE}",
        f"https://eastus.api.azureml.ms/mferp/managementfrontend{WORKSPACE}",
        f"https://127.0.0.1:8443{WORKSPACE}",
        f"https://localhost{WORKSPACE}",
        f"https://[::1]:8443{WORKSPACE}",
    ],
)
def test_resources_are_found_on_every_host_that_has_them(backend: MemoryBackend, address: str) -> None:
    """Azure Resource Manager, the front end of Azure Machine Learning, and a server on this machine."""
    reply = backend.serve(
        "PUT", f"{address}/models/m/versions/1{VERSION}", {"CONTENT-TYPE": "application/json"}, DOCUMENT
    )
    assert (reply.status, reply.body["name"]) == (201, "1")
    assert backend.serve("GET", f"{address}/models/m/versions/1{VERSION}", {}).status == 200


@pytest.mark.parametrize(
    "address",
    [
        "https://acct.blob.core.windows.net",
        "https://127.0.0.1:8443/acct.blob.local",
        "https://localhost/acct.blob.local",
    ],
)
def test_files_are_found_by_host_and_by_path(backend: MemoryBackend, address: str) -> None:
    """A storage account is named by the host, or by the path where the host is a machine."""
    url = f"{address}/data/folder/x?sv=1&sig=x"
    assert backend.serve("PUT", url, {"x-ms-blob-type": "BlockBlob"}, b"abc").status == 201
    assert backend.serve("GET", url, {}).body == b"abc"
    assert backend.container("https://acct.blob.core.windows.net/data?sv=1&sig=x").get("folder/x") == b"abc"


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", None])
@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(backend: MemoryBackend, content_type: Any, body: bytes) -> None:
    """With 400 and the service's words, whatever it says it is."""
    headers = {"content-type": content_type} if content_type else {}
    reply = backend.serve("PUT", f"{ARM}{WORKSPACE}/models/m/versions/1{VERSION}", headers, body)
    assert (reply.status, reply.body["error"]["code"]) == (400, "InvalidRequestContent")


@pytest.mark.parametrize(
    "url",
    [
        "https://name.vault.azure.net/secrets/x",
        "https://login.microsoftonline.com/tenant/oauth2/v2.0/token",
        "https://azuremlschemasprod.azureedge.net/latest/MLTable.schema.json",
        f"{ARM}/nothing/of/the/kind",
    ],
)
def test_what_is_not_emulated_is_named(backend: MemoryBackend, url: str) -> None:
    """A 400 that says so, in the log as all others."""
    reply = backend.serve("GET", url, {})
    assert (reply.status, reply.body["error"]["code"]) == (400, "NotEmulated")
    assert url.rpartition("/")[2] in reply.body["error"]["message"]
    assert backend.requests[-1].answer["error"]["code"] == "NotEmulated"
