"""Workspaces, hubs and projects: making them, what they need, deleting them softly, their keys and networks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mlsdk.backends import Request
from mlsdk.backends.memory import ManualClock, MemoryBackend

API = {"api-version": "2024-10-01-preview"}


def needs(azure: Any) -> dict[str, str]:
    """The ids of what the workspace `ws` stands on."""
    properties = azure.get()["properties"]
    return {key: properties[key] for key in ("storageAccount", "keyVault", "applicationInsights")}


def sibling(azure: Any, name: str) -> str:
    """The path of another workspace of the group."""
    return str(azure.workspace.rpartition("/")[0] + "/" + name)


def test_a_new_workspace_is_complete(azure: Any) -> None:
    """It has an id of its own, addresses, defaults, an identity, four datastores and their containers."""
    body = azure.put(sibling(azure, "other"), {"location": "westus", "properties": needs(azure), "tags": {"a": "b"}})
    properties = body["properties"]
    assert body["kind"] == "Default"
    assert body["tags"] == {"a": "b"}
    assert body["identity"]["type"] == "SystemAssigned"
    assert body["identity"]["principalId"]
    assert len(properties["workspaceId"]) == 36
    assert properties["discoveryUrl"] == "https://westus.api.azureml.ms/discovery"
    assert properties["mlFlowTrackingUri"].startswith("azureml://westus.api.azureml.ms/mlflow/v1.0/subscriptions/")
    assert (properties["friendlyName"], properties["hbiWorkspace"]) == ("other", False)
    assert azure.names(f"{body['id']}/datastores") == [
        "workspaceblobstore",
        "workspaceartifactstore",
        "workspacefilestore",
        "workspaceworkingdirectory",
    ]
    stores = {one["name"]: one["properties"] for one in azure.get(f"{body['id']}/datastores")["value"]}
    assert stores["workspaceblobstore"]["isDefault"] is True
    assert stores["workspaceblobstore"]["containerName"] == f"azureml-blobstore-{properties['workspaceId']}"
    assert stores["workspaceartifactstore"]["containerName"] == "azureml"
    for store in stores.values():
        name, service = store.get("containerName"), "blob"
        if name is None:
            name, service = store["fileShareName"], "file"
        url = f"https://{store['accountName']}.{service}.core.windows.net/{name}"
        assert azure.backend.container(url).head("none") is None


@pytest.mark.parametrize("key", ["storageAccount", "keyVault", "applicationInsights"])
def test_what_a_workspace_needs_has_to_exist(azure: Any, key: str) -> None:
    """Without one of its resources, or with one that is not there, the error says which."""
    given = needs(azure)
    missing = {name: value for name, value in given.items() if name != key}
    status, _, message = azure.error("PUT", sibling(azure, "other"), {"location": "eastus", "properties": missing})
    assert status == 400
    assert key in message
    wrong = {**given, key: given[key] + "x"}
    status, code, message = azure.error("PUT", sibling(azure, "other"), {"location": "eastus", "properties": wrong})
    assert (status, code) == (400, "DependentResourceNotFound")
    assert key in message
    assert wrong[key] in message
    assert azure("GET", sibling(azure, "other")).status == 404


@pytest.mark.parametrize("name", ["x", "-ws", "w" * 34, "with.dot"])
def test_workspace_names(azure: Any, name: str) -> None:
    """A name that the service would not take is refused before anything else."""
    body = {"location": "eastus", "properties": needs(azure)}
    assert azure.error("PUT", sibling(azure, name), body)[:2] == (400, "InvalidResourceName")


def test_what_a_workspace_stands_on_cannot_be_exchanged(azure: Any) -> None:
    """Storage account and key vault stay; a PUT without them keeps them, tags and friendly name change."""
    other = f"{azure.group}/providers/Microsoft.Storage/storageAccounts/elsewhere"
    azure.put(other, {"location": "eastus"})
    changed = {"location": "eastus", "properties": {**needs(azure), "storageAccount": other}}
    status, code, message = azure.error("PUT", "", changed)
    assert (status, code) == (400, "PropertyChangeNotAllowed")
    assert "storageAccount" in message
    before = azure.get()
    body = azure.put("", {"location": "eastus", "tags": {"x": "y"}, "properties": {"friendlyName": "New"}})
    assert body["properties"]["friendlyName"] == "New"
    assert body["properties"]["workspaceId"] == before["properties"]["workspaceId"]
    assert body["tags"] == {"x": "y"}


def test_a_patch_changes_what_it_names(azure: Any) -> None:
    """Tags and identity are replaced as a whole, everything else is merged."""
    azure("PATCH", "", {"tags": {"a": "1"}, "properties": {"friendlyName": "A"}})
    reply = azure("PATCH", "", {"tags": {"b": "2"}, "properties": {"description": "words"}})
    assert reply.status == 200
    assert reply.body["tags"] == {"b": "2"}
    assert reply.body["properties"]["friendlyName"] == "A"
    assert reply.body["properties"]["description"] == "words"
    user = f"{azure.group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/me"
    identity = {"type": "SystemAssigned,UserAssigned", "userAssignedIdentities": {user: {}}}
    body = azure("PATCH", "", {"identity": identity}).body
    assert set(body["identity"]["userAssignedIdentities"][user]) == {"principalId", "clientId"}
    gone = f"{azure.group}/providers/Microsoft.Insights/components/none"
    assert azure.error("PATCH", "", {"properties": {"applicationInsights": gone}})[0] == 400


def test_projects_live_from_their_hub(azure: Any) -> None:
    """A project inherits what its hub stands on, is shown by it, and keeps it from being deleted."""
    hub_needs = {key: value for key, value in needs(azure).items() if key != "applicationInsights"}
    hub = azure.put(sibling(azure, "hub"), {"location": "eastus", "kind": "hub", "properties": hub_needs})
    project = {"location": "eastus", "kind": "project", "properties": {"hubResourceId": hub["id"]}}
    made = azure.put(sibling(azure, "project"), project)
    assert made["properties"]["storageAccount"] == hub_needs["storageAccount"]
    assert azure.get(hub["id"])["properties"]["associatedWorkspaces"] == [made["id"]]
    status, _, message = azure.error("DELETE", hub["id"])
    assert status == 409
    assert "project" in message
    assert azure.names(azure.workspace.rpartition("/")[0], kind="hub,project") == ["hub", "project"]
    assert azure.names(azure.workspace.rpartition("/")[0], kind="default") == ["ws"]
    azure("DELETE", made["id"], forceToPurge="true")
    assert azure("DELETE", hub["id"]).status == 200


def test_a_project_needs_a_hub(azure: Any) -> None:
    """Neither no hub, nor one that is not there, nor a workspace that is no hub will do."""
    path = sibling(azure, "project")
    for hub in (None, sibling(azure, "none"), azure.workspace):
        body = {"location": "eastus", "kind": "project", "properties": {"hubResourceId": hub}}
        status, _, message = azure.error("PUT", path, body)
        assert status == 400
        assert "hubResourceId" in message
    assert azure.error("PUT", path, {"location": "eastus", "kind": "hut", "properties": needs(azure)})[0] == 400
    assert (
        azure.error("PUT", "", {"location": "eastus", "kind": "hub", "properties": {}})[1] == "PropertyChangeNotAllowed"
    )


def test_workspaces_of_a_subscription(azure: Any) -> None:
    """They are listed over all groups, by kind."""
    azure.backend.add_workspace("sub", "rg2", "second")
    path = "/subscriptions/sub/providers/Microsoft.MachineLearningServices/workspaces"
    assert azure.names(path) == ["ws", "second"]
    assert azure.names(path, kind="hub") == []


def test_a_deleted_workspace_can_be_recovered_for_14_days(wired: Any, model: dict[str, Any]) -> None:
    """It is gone from reads and lists, keeps its name, comes back with its assets, and loses its computes."""
    clock = ManualClock()
    azure = wired(MemoryBackend(clock=clock))
    azure.backend.add_compute(azure.workspace, "cluster")
    azure.put("models/m/versions/1", model)
    given, before = needs(azure), azure.get()
    assert azure("DELETE").status == 200
    assert azure("GET").status == 404
    assert azure("GET", "models/m").status == 404
    assert azure("DELETE").status in (200, 204)
    assert azure.names(azure.workspace.rpartition("/")[0]) == []
    status, code, message = azure.error("PUT", "", {"location": "eastus", "properties": given})
    assert (status, code) == (409, "Conflict")
    assert "Soft-deleted workspace exists" in message
    clock.advance(timedelta(days=13))
    azure.put("", {"location": "eastus", "properties": {"allowRecoverSoftDeletedWorkspace": True}})
    assert azure.get()["properties"]["workspaceId"] == before["properties"]["workspaceId"]
    assert azure.get("models/m/versions/1")["name"] == "1"
    assert azure.names("computes") == []
    assert azure.names("datastores")[0] == "workspaceblobstore"
    clock.advance(timedelta(days=30))
    assert azure("GET").status == 200


def test_after_14_days_a_deleted_workspace_is_gone(wired: Any, model: dict[str, Any]) -> None:
    """Its name is free and nothing of it comes back."""
    clock = ManualClock()
    azure = wired(MemoryBackend(clock=clock))
    azure.put("models/m/versions/1", model)
    given = needs(azure)
    azure("DELETE")
    clock.advance(timedelta(days=14, seconds=1))
    azure.put("", {"location": "eastus", "properties": given})
    assert azure("GET", "models/m").status == 404


def test_purging_frees_the_name_at_once(azure: Any) -> None:
    """`forceToPurge=true` deletes for good, also what was deleted softly before."""
    given = needs(azure)
    azure("DELETE")
    assert azure("DELETE", forceToPurge="true").status == 200
    azure.put("", {"location": "eastus", "properties": given})
    azure("DELETE", forceToPurge="true")
    azure.put("", {"location": "eastus", "properties": given})
    assert azure("DELETE", forceToPurge="true").status == 200
    assert azure("DELETE").status == 204


def test_recovery_needs_what_the_workspace_stood_on(azure: Any) -> None:
    """Without its key vault a deleted workspace cannot come back."""
    vault = needs(azure)["keyVault"]
    azure("DELETE")
    azure("DELETE", vault)
    body = {"location": "eastus", "properties": {"allowRecoverSoftDeletedWorkspace": True}}
    status, _, message = azure.error("PUT", "", body)
    assert status == 409
    assert vault in message


def test_a_workspace_without_its_storage_is_unusable(azure: Any, model: dict[str, Any]) -> None:
    """Assets cannot be read nor written, the error says why, the diagnosis too; computes do not care."""
    azure.put("models/m/versions/1", model)
    azure("DELETE", needs(azure)["storageAccount"])
    for method, path, body in (
        ("GET", "models/m", None),
        ("PUT", "models/m/versions/2", model),
        ("GET", "datastores", None),
    ):
        status, code, message = azure.error(method, path, body)
        assert (status, code) == (400, "UserError")
        assert "storage account" in message
    assert azure.names("computes") == []
    assert azure("GET").status == 200
    results = azure.post("diagnose", {})["value"]["storageAccountResults"]
    assert results[0]["code"] == "ResourceNotFound"


def test_keys_of_a_workspace(azure: Any) -> None:
    """The storage key is one that opens the account; the instrumentation key is the one of the insights."""
    keys = azure.post("listKeys")
    given = needs(azure)
    url = f"https://{given['storageAccount'].rpartition('/')[2]}.blob.core.windows.net/azureml"
    assert list(azure.backend.container(url, keys["userStorageKey"]).list()) == []
    insights = azure.get(given["applicationInsights"])["properties"]
    assert keys["appInsightsInstrumentationKey"] == insights["InstrumentationKey"]
    assert set(keys["notebookAccessKeys"]) == {"primaryAccessKey", "secondaryAccessKey"}
    assert azure.post("listNotebookKeys")["primaryAccessKey"]
    assert azure.post("listStorageAccountKeys")["userStorageKey"] == keys["userStorageKey"]
    assert azure.post("listNotebookAccessToken")["tokenType"] == "Bearer"
    assert azure("POST", "resyncKeys").status == 200
    assert azure.post("diagnose", {})["value"]["keyVaultResults"] == []
    assert azure.post("prepareNotebook")["resourceId"]
    assert azure.get("outboundNetworkDependenciesEndpoints")["value"][0]["properties"]["endpoints"]
    assert azure.get("features") == {"value": []}


def test_the_container_registry_of_a_workspace_has_credentials(azure: Any) -> None:
    """Once a workspace has one, its keys hold the registry's own credentials."""
    registry = f"{azure.group}/providers/Microsoft.ContainerRegistry/registries/images"
    azure.put(registry, {"location": "westus"})
    azure("PATCH", "", {"properties": {"containerRegistry": registry}})
    found = azure.post("listKeys")["containerRegistryCredentials"]
    assert (found["username"], found["location"]) == ("images", "westus")
    assert found["passwords"][0] == azure.post(f"{registry}/listCredentials")["passwords"][0]


def test_keys_of_a_workspace_that_lost_what_it_stood_on(azure: Any) -> None:
    """Only what is still there has keys."""
    given = needs(azure)
    azure("DELETE", given["storageAccount"])
    azure("DELETE", given["applicationInsights"])
    assert set(azure.post("listKeys")) == {"notebookAccessKeys"}
    assert azure.error("POST", "listStorageAccountKeys")[0] == 400


def test_the_managed_network_and_its_rules(azure: Any) -> None:
    """Rules come with the workspace or one by one, are shown in both places, and become active with the network."""
    rule = {"type": "FQDN", "destination": "example.org"}
    network = {"isolationMode": "AllowOnlyApprovedOutbound", "outboundRules": {"packages": rule}}
    azure("PATCH", "", {"properties": {"managedNetwork": network}})
    assert azure.names("outboundRules") == ["packages"]
    tag = {"type": "ServiceTag", "destination": {"serviceTag": "DataFactory", "protocol": "TCP", "portRanges": "80"}}
    assert azure("PUT", "outboundRules/factory", {"properties": tag}).status == 200
    shown = azure.get()["properties"]["managedNetwork"]
    assert shown["isolationMode"] == "AllowOnlyApprovedOutbound"
    again = {
        "isolationMode": "AllowOnlyApprovedOutbound",
        "outboundRules": {"packages": {**rule, "destination": "*.org"}},
    }
    azure("PATCH", "", {"properties": {"managedNetwork": again}})
    assert azure.get("outboundRules/packages")["properties"]["destination"] == "*.org"
    assert {name: one["type"] for name, one in shown["outboundRules"].items()} == {
        "packages": "FQDN",
        "factory": "ServiceTag",
    }
    assert azure.post("provisionManagedNetwork", {"includeSpark": True}) == {"status": "Active", "sparkReady": True}
    shown = azure.get()["properties"]["managedNetwork"]
    assert shown["status"]["status"] == "Active"
    assert shown["outboundRules"]["packages"]["status"] == "Active"
    assert azure("DELETE", "outboundRules/packages").status == 200
    assert "packages" not in azure.get()["properties"]["managedNetwork"]["outboundRules"]


def test_identities_of_a_workspace(azure: Any) -> None:
    """A user-assigned identity alone has no principal of the workspace's own."""
    body = {"location": "eastus", "properties": needs(azure)}
    body["identity"] = {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/s/id": {}}}  # type: ignore[assignment]
    shown = azure.put(sibling(azure, "other"), body)["identity"]
    assert "principalId" not in shown
    assert set(shown["userAssignedIdentities"]["/subscriptions/s/id"]) == {"principalId", "clientId"}


@pytest.mark.parametrize(
    ("network", "says"),
    [
        ({"isolationMode": "Some"}, "AllowInternetOutbound"),
        ({"outboundRules": {"r": {"type": "URL", "destination": "x"}}}, "ServiceTag"),
        ({"outboundRules": {"r": {"type": "FQDN"}}}, "destination"),
        ({"outboundRules": {"r": {"type": "FQDN", "destination": {"a": "b"}}}}, "has to be text"),
        ({"outboundRules": {"r": {"type": "ServiceTag", "destination": "x"}}}, "has to be an object"),
        ({"outboundRules": {"r": {"type": "ServiceTag", "destination": {"serviceTag": "x"}}}}, "'protocol'"),
        (
            {"outboundRules": {"r": {"type": "ServiceTag", "destination": {"protocol": "TCP", "portRanges": "80"}}}},
            "'addressPrefixes'",
        ),
        ({"outboundRules": {"r": {"type": "PrivateEndpoint", "destination": {"x": "y"}}}}, "'serviceResourceId'"),
        ({"outboundRules": {"r": {"type": "FQDN", "destination": "x"}}}, "3 to 33 letters"),
        ({"outboundRules": {"r": "packages"}}, "object"),
        ("none", "object"),
    ],
)
def test_networks_that_are_none(azure: Any, network: Any, says: str) -> None:
    """A wrong network is refused as a whole: the workspace stays as it was."""
    before = azure.get()
    status, _, message = azure.error("PATCH", "", {"properties": {"managedNetwork": network}})
    assert status == 400
    assert says in message
    assert azure.get() == before
    assert azure.names("outboundRules") == []


def test_the_services_of_a_workspace_are_found_by_its_discovery_url(azure: Any) -> None:
    """The document names the address of `api`."""
    url = azure.get()["properties"]["discoveryUrl"]
    assert azure.backend.send(Request("GET", url)).body["api"] == "https://eastus.api.azureml.ms"


def test_seeding_is_one_line() -> None:
    """`add_workspace` makes the group, what the workspace needs, and the computes that are named."""
    backend = MemoryBackend()
    path = backend.add_workspace("s", "g", "demo", location="westus", computes=["cpu", "gpu"], friendlyName="Demo")
    body = backend.send(Request("GET", path, API)).body
    assert (body["location"], body["properties"]["friendlyName"]) == ("westus", "Demo")
    computes = backend.send(Request("GET", f"{path}/computes", API)).body["value"]
    assert [one["name"] for one in computes] == ["cpu", "gpu"]
    assert len(backend.requests) == 2
    with pytest.raises(ValueError, match="'!' is not valid"):
        backend.add_workspace("s", "g", "!")
