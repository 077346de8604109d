"""Resource groups and the ordinary resources around a workspace."""

from __future__ import annotations

from typing import Any

import pytest

from mlsdk.backends import Request
from mlsdk.backends.memory import MemoryBackend

GROUP = "/subscriptions/sub/resourceGroups/fresh"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/mystore"


def test_a_group_is_made_read_changed_and_deleted(azure: Any) -> None:
    """PUT gives 201 and then 200, HEAD 204 or 404, PATCH replaces the tags, DELETE ends it."""
    assert azure("HEAD", GROUP).status == 404
    assert azure("PUT", GROUP, {"location": "westus", "tags": {"a": "b"}}).status == 201
    assert azure("PUT", GROUP, {"location": "westus"}).status == 200
    assert azure("HEAD", GROUP).status == 204
    assert azure("PATCH", GROUP, {"tags": {"c": "d"}}).body["tags"] == {"c": "d"}
    assert azure.get(GROUP)["location"] == "westus"
    assert azure.get(GROUP)["properties"] == {"provisioningState": "Succeeded"}
    assert azure.names("/subscriptions/sub/resourcegroups") == ["rg", "fresh"]
    assert azure("DELETE", GROUP).status == 200
    assert azure.error("GET", GROUP)[:2] == (404, "ResourceGroupNotFound")


def test_nothing_can_be_made_in_a_group_that_is_not_there(azure: Any) -> None:
    """The error names the group."""
    body = {"location": "eastus", "properties": {}}
    assert azure.error("PUT", STORAGE, body) == (
        404,
        "ResourceGroupNotFound",
        "Resource group 'fresh' could not be found.",
    )


@pytest.mark.parametrize(
    ("type_", "name", "shown"),
    [
        ("Microsoft.Storage/storageAccounts", "abc123", "primaryEndpoints"),
        ("Microsoft.KeyVault/vaults", "vault-1", "vaultUri"),
        ("Microsoft.Insights/components", "insights", "InstrumentationKey"),
        ("Microsoft.OperationalInsights/workspaces", "logs", "customerId"),
        ("Microsoft.ContainerRegistry/registries", "registry1", "loginServer"),
        ("Microsoft.ManagedIdentity/userAssignedIdentities", "me", "principalId"),
        ("Microsoft.Network/virtualNetworks", "net", "provisioningState"),
    ],
)
def test_ordinary_resources(azure: Any, type_: str, name: str, shown: str) -> None:
    """Each can be created, read by id with any api-version, listed, and deleted."""
    azure.backend.add_resource_group("sub", "fresh")
    path = f"{GROUP}/providers/{type_}/{name}"
    azure.put(path, {"location": "eastus", "tags": {"a": "b"}, "properties": {"custom": 1}})
    body = azure.backend.send(Request("GET", path, {"api-version": "2019-01-01"})).body
    assert (body["id"], body["name"], body["type"], body["tags"]) == (path, name, type_, {"a": "b"})
    assert body["properties"]["custom"] == 1
    assert body["properties"][shown]
    assert azure.names(f"{GROUP}/providers/{type_}") == [name]
    assert azure.names(f"{GROUP}/resources", __filter=f"resourceType eq '{type_}'") == [name]
    assert azure("HEAD", path).status == 204
    assert azure("DELETE", path).status == 200
    status, code, message = azure.error("GET", path)
    assert (status, code) == (404, "ResourceNotFound")
    assert f"'{type_}/{name}' under resource group 'fresh'" in message


def test_everything_in_a_group_or_subscription_is_listed(azure: Any) -> None:
    """The generic lists of Resource Manager hold tracked resources, not what stands inside them."""
    kinds = [one["type"].split("/")[1] for one in azure.get(f"{azure.group}/resources")["value"]]
    assert sorted(kinds) == ["components", "storageAccounts", "vaults", "workspaces"]
    assert azure.names("/subscriptions/sub/resources") == azure.names(f"{azure.group}/resources")
    assert all("properties" not in one for one in azure.get(f"{azure.group}/resources")["value"])


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ("name eq 'ws'", ["ws"]),
        ("tagName eq 'team'", ["labelled"]),
        ("tagname eq 'TEAM' and tagValue eq 'a''s'", ["labelled"]),
        ("tagName eq 'team' and tagValue eq 'b'", []),
        ("tagValue eq 'a''s'", ["labelled"]),
        ("resourceType eq 'microsoft.keyvault/vaults' and name eq 'labelled'", []),
        ("location eq 'westus'", ["labelled"]),
        ("resourceGroup eq 'rg' and name eq 'ws'", ["ws"]),
        ("resourceGroup eq 'other'", []),
    ],
)
def test_resources_are_found_by_a_filter(azure: Any, filter_: str, found: list[str]) -> None:
    """Type, name, place and tag, one or several of them."""
    path = f"{azure.group}/providers/Microsoft.Network/virtualNetworks/labelled"
    azure.put(path, {"location": "westus", "tags": {"team": "a's"}})
    assert azure.names("/subscriptions/sub/resources", __filter=filter_) == found


@pytest.mark.parametrize("filter_", ["name ne 'x'", "substringof('x', name)", "identity eq 'x'", "name eq 'x' or", "x"])
def test_other_filters_are_refused(azure: Any, filter_: str) -> None:
    """A filter that is not emulated is said to be none, not left out."""
    status, code, message = azure.error("GET", "/subscriptions/sub/resources", __filter=filter_)
    assert (status, code) == (400, "InvalidFilterInQueryString")
    assert filter_ in message
    assert azure.error("GET", "/subscriptions/sub/resourceGroups", __filter="name eq 'rg'")[0] == 400
    assert azure.error("GET", "/subscriptions/sub/resources", __expand="everything")[1] == "NotEmulated"


def test_deleting_a_group_takes_everything_along(azure: Any, model: dict[str, Any]) -> None:
    """Workspaces, assets and files in the group go with it, and their names are free again."""
    azure.put("models/m/versions/1", model)
    account = azure.get()["properties"]["storageAccount"].rpartition("/")[2]
    azure("DELETE", azure.group)
    assert azure("GET", "models/m").status == 404
    with pytest.raises(Exception, match="does not exist"):
        azure.backend.container(f"https://{account}.blob.core.windows.net/azureml").head("x")
    azure.backend.add_workspace("sub", "rg", "ws")
    assert azure("GET", "models/m").status == 404


def test_storage_account_names_are_taken_everywhere(azure: Any) -> None:
    """A name is unique in all of Azure, in letters and digits, and its keys can be read."""
    azure.backend.add_resource_group("sub", "fresh")
    azure.put(STORAGE, {"location": "eastus"})
    elsewhere = STORAGE.replace("fresh", "rg")
    assert azure.error("PUT", elsewhere, {"location": "eastus"})[:2] == (409, "StorageAccountAlreadyTaken")
    assert azure.error("PUT", STORAGE.replace("mystore", "My_Store"), {"location": "eastus"})[0] == 400
    keys = azure.post(f"{STORAGE}/listKeys")["keys"]
    assert len({key["value"] for key in keys}) == 2


def test_a_location_is_needed_and_stays(azure: Any) -> None:
    """A tracked resource without a location is refused, as is moving it to another."""
    azure.backend.add_resource_group("sub", "fresh")
    assert azure.error("PUT", STORAGE, {})[:2] == (400, "LocationRequired")
    azure.put(STORAGE, {"location": "East US"})
    assert azure("PUT", STORAGE, {"location": "eastus"}).status == 200
    status, code, message = azure.error("PUT", STORAGE, {"location": "westus"})
    assert (status, code) == (409, "InvalidResourceLocation")
    assert "westus" in message


def test_every_subscription_is_there(azure: Any) -> None:
    """Subscriptions are not made through Resource Manager: any that is named exists, empty."""
    body = azure.get("/subscriptions/another")
    assert (body["subscriptionId"], body["state"]) == ("another", "Enabled")
    assert azure.names("/subscriptions/another/resourceGroups") == []


def test_preconditions_guard_against_lost_updates(azure: Any) -> None:
    """`If-Match` with the etag of what was read writes once; with an old one it does not."""
    azure.backend.add_resource_group("sub", "fresh")
    tag = azure("PUT", STORAGE, {"location": "eastus"}).headers["etag"]
    first = azure("PUT", STORAGE, {"location": "eastus", "tags": {"n": "1"}}, headers={"If-Match": tag})
    second = azure("PUT", STORAGE, {"location": "eastus", "tags": {"n": "2"}}, headers={"If-Match": tag})
    assert (first.status, second.status) == (200, 412)
    assert azure.get(STORAGE)["tags"] == {"n": "1"}
    assert azure("DELETE", STORAGE, headers={"If-Match": "*"}).status == 200
    assert azure("PUT", STORAGE, {"location": "eastus"}, headers={"If-Match": "*"}).status == 412


def test_a_provisioning_backend_makes_what_is_referred_to(model: dict[str, Any]) -> None:
    """With `provision=True` a group and a workspace come to be when something below them is asked for."""
    backend = MemoryBackend(provision=True)
    workspace = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w1"
    query = {"api-version": "2024-10-01-preview"}
    assert backend.send(Request("GET", workspace, query)).status == 404
    assert backend.send(Request("PUT", f"{workspace}/models/m/versions/1", query, {}, model)).status == 201
    assert backend.send(Request("GET", workspace, query)).body["location"] == "eastus"
    assert backend.send(Request("GET", "/subscriptions/s/resourceGroups/other", query)).status == 200
    assert backend.send(Request("GET", f"{workspace}/computes/none", query)).status == 404


def test_a_strict_backend_makes_nothing(model: dict[str, Any]) -> None:
    """A fresh backend has no group and no workspace, and refers to none silently."""
    workspace = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w1"
    path = f"{workspace}/models/m/versions/1"
    reply = MemoryBackend().send(Request("PUT", path, {"api-version": "2024-10-01-preview"}, {}, model))
    assert (reply.status, reply.body["error"]["code"]) == (404, "ResourceGroupNotFound")
