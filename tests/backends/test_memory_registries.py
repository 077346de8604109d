"""Registries: their discovery, their assets and uploads, the public ones."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from mlsdk.backends import Request
from mlsdk.backends.memory import MemoryBackend

DISCOVERY = "https://eastus.api.azureml.ms/registrymanagement/v1.0/registries/{}/discovery"
DATA_PLANE = "2021-10-01-dataplanepreview"
PROPERTIES = {
    "models": {"modelUri": "https://a.blob.core.windows.net/c/m"},
    "data": {"dataUri": "https://a.blob.core.windows.net/c/d", "dataType": "uri_file"},
    "environments": {"image": "ubuntu"},
    "components": {"componentSpec": {"name": "c", "type": "command", "command": "ls", "environment": "e"}},
    "codes": {"codeUri": "https://a.blob.core.windows.net/c/s"},
}


def home(azure: Any, name: str) -> str:
    """The address of a registry's assets, found as a client finds it."""
    found = azure.backend.send(Request("GET", DISCOVERY.format(name), {"api-version": "v1.0"})).body
    provider = f"{found['primaryRegionResourceProviderUri']}mferp/managementfrontend"
    group = f"/subscriptions/{found['subscriptionId']}/resourceGroups/{found['resourceGroup']}"
    return f"{provider}{group}/providers/Microsoft.MachineLearningServices/registries/{found['registryName']}"


@pytest.fixture
def registry(azure: Any) -> str:
    """The address of the registry `shared`."""
    azure.backend.add_registry("shared", subscription="sub", resource_group="rg")
    return home(azure, "shared")


def test_discovery_needs_nothing_but_the_name(azure: Any, registry: str) -> None:
    """The document says where the registry is; an unknown name is a 404."""
    assert registry.startswith(
        "https://eastus.api.azureml.ms/mferp/managementfrontend/subscriptions/sub/resourceGroups/rg/"
    )
    assert azure.backend.send(Request("GET", DISCOVERY.format("nowhere"), {"api-version": "v1.0"})).status == 404
    assert azure.backend.send(Request("PUT", DISCOVERY.format("shared"), {"api-version": "v1.0"})).status == 405
    odd = DISCOVERY.format("shared").replace("discovery", "other")
    assert azure.backend.send(Request("GET", odd, {"api-version": "v1.0"})).status == 400


@pytest.mark.parametrize("kind", PROPERTIES)
def test_assets_of_a_registry(azure: Any, registry: str, kind: str) -> None:
    """They are as in a workspace, but their ids name the registry only."""
    path = f"{registry}/{kind}/mine/versions/1"
    query = {"api-version": DATA_PLANE}
    made = azure.backend.send(Request("PUT", path, query, {}, {"properties": PROPERTIES[kind]}))
    assert made.status == 201
    body = azure.backend.send(Request("GET", path, query)).body
    assert body["id"] == f"azureml://registries/shared/{kind}/mine/versions/1"
    assert body["properties"]["provisioningState"] == "Succeeded"
    container = azure.backend.send(Request("GET", f"{registry}/{kind}/mine", query)).body
    assert container["id"] == f"azureml://registries/shared/{kind}/mine"
    assert container["properties"]["latestVersion"] == "1"
    arm = registry.partition("managementfrontend")[2]
    assert azure.get(f"{arm}/{kind}/mine/versions/1")["id"] == body["id"]
    label = azure.backend.send(Request("GET", f"{registry}/{kind}/mine/labels/latest", query))
    assert label.body["name"] == "1"


def test_a_deleted_version_never_comes_back(azure: Any, registry: str) -> None:
    """A name and version that were deleted in a registry are taken for good."""
    path = f"{registry}/models/mine/versions/1"
    azure.put(path, {"properties": PROPERTIES["models"]})
    azure("DELETE", path)
    status, code, message = azure.error("PUT", path, {"properties": PROPERTIES["models"]})
    assert (status, code) == (409, "UserError")
    assert "cannot be recreated" in message
    azure.put(f"{registry}/models/mine/versions/2", {"properties": PROPERTIES["models"]})


def test_a_deleted_container_takes_its_versions_for_good(azure: Any, registry: str) -> None:
    """What was deleted as a whole does not come back by its versions either; others may be made below that name."""
    azure.put(f"{registry}/models/mine/versions/1", {"properties": PROPERTIES["models"]})
    azure("DELETE", f"{registry}/models/mine")
    status, _, message = azure.error("PUT", f"{registry}/models/MINE/versions/1", {"properties": PROPERTIES["models"]})
    assert status == 409
    assert "cannot be recreated" in message
    azure.put(f"{registry}/models/mine/versions/2", {"properties": PROPERTIES["models"]})


def test_uploading_to_a_registry_and_reading_back(azure: Any, registry: str) -> None:
    """The reference opens a container to write; once the asset is there an upload is refused, a download is not."""
    asset_id = "azureml://registries/shared/models/mine/versions/1"
    body = {"assetId": asset_id, "temporaryDataReferenceType": "TemporaryBlobReference"}
    reference = azure.put(f"{registry}/tempdatarefs/mine/versions/1", body)["blobReferenceForConsumption"]
    azure.backend.container(reference["credential"]["sasUri"]).put("model/weights", BytesIO(b"12"))
    uri = f"{reference['blobUri']}/model"
    azure.put(f"{registry}/models/mine/versions/1", {"properties": {"modelUri": uri}})
    assert azure.error("PUT", f"{registry}/tempdatarefs/mine/versions/1", body)[:2] == (409, "UserError")
    for segment in ("datarefs", "datareferences"):
        answer = azure.post(f"{registry}/{segment}/mine/versions/1", {"assetId": asset_id, "blobUri": uri})
        signed = answer["blobReferenceForConsumption"]["credential"]["sasUri"]
        assert azure.backend.container(signed).get("model/weights") == b"12"
    elsewhere = {"assetId": asset_id, "blobUri": "https://other.blob.core.windows.net/c"}
    assert azure.error("POST", f"{registry}/datarefs/mine/versions/1", elsewhere)[0] == 404
    pending = azure.post(f"{registry}/codes/c/versions/1/startPendingUpload", {})
    assert pending["blobReferenceForConsumption"]["credential"]["sasUri"]


def test_the_public_registry_is_there_and_read_only(azure: Any) -> None:
    """`azureml` holds the curated environments; it can be read by everybody and written by nobody."""
    public = home(azure, "azureml")
    names = azure.names(f"{public}/environments")
    assert {"sklearn-1.5", "sklearn-1.1", "acpt-pytorch-2.2-cuda12.1"} <= set(names)
    latest = azure.get(f"{public}/environments/sklearn-1.5/labels/latest")
    assert latest["id"].startswith("azureml://registries/azureml/environments/sklearn-1.5/versions/")
    refused = azure.error("PUT", f"{public}/models/m/versions/1", {"properties": PROPERTIES["models"]})
    assert refused[:2] == (403, "AuthorizationFailed")
    assert azure.names("/subscriptions/sub/providers/Microsoft.MachineLearningServices/registries") == []


def test_registries_are_resources(azure: Any) -> None:
    """They are created, listed and deleted by Resource Manager, under a name that is unique in all of Azure."""
    path = f"{azure.group}/providers/Microsoft.MachineLearningServices/registries/mine"
    assert azure("PUT", path, {"location": "westus", "properties": {}}).status == 201
    body = azure.get(path)
    assert body["properties"]["discoveryUrl"] == DISCOVERY.format("mine").replace("eastus", "westus")
    assert body["properties"]["regionDetails"] == [{"location": "westus"}]
    assert azure.names(path.rpartition("/")[0]) == ["mine"]
    assert azure.names("/subscriptions/sub/providers/Microsoft.MachineLearningServices/registries") == ["mine"]
    azure.backend.add_resource_group("sub", "rg2")
    assert azure.error("PUT", path.replace("/rg/", "/rg2/"), {"location": "westus"})[0] == 409
    assert azure.error("PUT", path.replace("/mine", "/azureml"), {"location": "westus"})[0] == 409
    assert azure("DELETE", path).status == 200
    assert azure.backend.send(Request("GET", DISCOVERY.format("mine"), {"api-version": "v1.0"})).status == 404
    azure.put(path.replace("/rg/", "/rg2/"), {"location": "westus"})


def test_a_provisioning_backend_has_every_registry() -> None:
    """With `provision=True` a registry that a name points to is there, to be written to unless it is a public one."""
    backend = MemoryBackend(provision=True)
    for name, status in (("someones", 201), ("azureml", 403)):
        found = backend.send(Request("GET", DISCOVERY.format(name), {"api-version": "v1.0"})).body
        assert found["registryName"] == name
        model = {"properties": {"modelUri": "https://somewhere.blob.core.windows.net/container/model"}}
        path = f"{found['registryId']}/models/m/versions/1"
        reply = backend.send(Request("PUT", path, {"api-version": "2023-08-01-preview"}, {}, model))
        assert reply.status == status


@pytest.fixture
def source(azure: Any) -> str:
    """How other scopes name the model `mine`, version 3, of the workspace, which has two files."""
    properties = azure.get()["properties"]
    store = azure.get("datastores/workspaceblobstore")["properties"]
    url = f"https://{store['accountName']}.blob.core.windows.net/{store['containerName']}"
    for name in ("LocalUpload/h/model/a", "LocalUpload/h/model/b/c", "LocalUpload/h/model2"):
        azure.backend.container(url).put(name, BytesIO(name.encode()))
    uri = "azureml://datastores/workspaceblobstore/paths/LocalUpload/h/model"
    body = {"modelUri": uri, "tags": {"a": "b"}, "stage": "Production"}
    azure.put("models/mine/versions/3", {"properties": body})
    return f"azureml://locations/eastus/workspaces/{properties['workspaceId']}/models/mine/versions/3"


def test_a_registry_copies_an_asset_with_its_files(azure: Any, registry: str, source: str) -> None:
    """The copy has another name if wanted, its own files, and nothing of the source's stage; a second copy is refused."""
    body = {"properties": {"referenceType": "Id", "sourceAssetId": source, "destinationName": "yours"}}
    assert azure("POST", f"{registry}/import", body).status == 200
    properties = azure.get(f"{registry}/models/yours/versions/3")["properties"]
    assert properties["tags"] == {"a": "b"}
    assert "stage" not in properties
    answer = azure.post(f"{registry}/datarefs/yours/versions/3", {"assetId": "", "blobUri": properties["modelUri"]})
    files = azure.backend.container(answer["blobReferenceForConsumption"]["credential"]["sasUri"])
    assert [info.name for info in files.list()] == ["model/a", "model/b/c"]
    assert files.get("model/b/c") == b"LocalUpload/h/model/b/c"
    assert azure.error("POST", f"{registry}/import", body)[:2] == (409, "UserError")


@pytest.mark.parametrize(
    ("source_id", "status"),
    [("nonsense", 400), (None, 400), ("azureml://locations/eastus/workspaces/none/models/m/versions/1", 404)],
)
def test_what_cannot_be_copied(azure: Any, registry: str, source_id: str | None, status: int) -> None:
    """An id that is none, or that names nothing."""
    body = {"properties": {"sourceAssetId": source_id}}
    assert azure.error("POST", f"{registry}/import", body)[:2] == (status, "UserError")


def test_assets_without_files_are_copied_as_they_are(azure: Any, registry: str, source: str) -> None:
    """An environment with an image; data that lies outside; a version that is not there."""
    workspace = source.partition("/models/")[0]
    azure.put("environments/e/versions/1", {"properties": PROPERTIES["environments"]})
    azure.put("data/d/versions/1", {"properties": {"dataUri": "https://example.org/d.csv"}})
    azure.put("data/f/versions/1", {"properties": {"dataUri": "azureml://datastores/none/paths/d.csv"}})
    for kind, name in (("environments", "e"), ("data", "d"), ("data", "f")):
        body = {"properties": {"sourceAssetId": f"{workspace}/{kind}/{name}/versions/1"}}
        azure.post(f"{registry}/import", body)
        copied = azure.get(f"{registry}/{kind}/{name}/versions/1")["properties"]
        assert copied.items() >= {**azure.get(f"{kind}/{name}/versions/1")["properties"]}.items()
    for gone in ("data/d/versions/9", "data/none/versions/1", "nothing/d/versions/1"):
        body = {"properties": {"sourceAssetId": f"{workspace}/{gone}"}}
        assert azure.error("POST", f"{registry}/import", body)[0] == 404


def test_files_named_by_their_address_are_copied_too(azure: Any, registry: str, source: str) -> None:
    """The build context of an environment is named by the address of its folder, with a slash at its end."""
    store = azure.get("datastores/workspaceblobstore")["properties"]
    context = f"https://{store['accountName']}.blob.core.windows.net/{store['containerName']}/LocalUpload/h/model/"
    azure.put("environments/e/versions/1", {"properties": {"build": {"contextUri": context}}})
    workspace = source.partition("/models/")[0]
    azure.post(f"{registry}/import", {"properties": {"sourceAssetId": f"{workspace}/environments/e/versions/1"}})
    copied = azure.get(f"{registry}/environments/e/versions/1")["properties"]["build"]["contextUri"]
    assert copied.endswith("/model/")
    assert copied != context


def test_public_registries_copy_nothing(azure: Any, source: str) -> None:
    """Nobody shares into `azureml`."""
    refused = azure.error("POST", f"{home(azure, 'azureml')}/import", {"properties": {"sourceAssetId": source}})
    assert refused[:2] == (403, "AuthorizationFailed")
