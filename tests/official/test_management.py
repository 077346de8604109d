"""azure-mgmt-resource over a memory backend: groups, resources of any type, tags, providers, deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml.entities import Workspace
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.mgmt.resource.resources import ResourceManagementClient

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

    from mlsdk.backends.memory import MemoryBackend

GROUP = "/subscriptions/sub/resourceGroups/rg"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/keys"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/files"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws"
VERSION = "2023-01-01"


@pytest.fixture
def management(azure: MemoryBackend) -> Any:
    """A client of Azure Resource Manager, with the credential that everybody uses."""
    assert azure.find(GROUP) is not None
    return ResourceManagementClient(DefaultAzureCredential(), "sub")


def test_the_life_of_a_resource_group(azure: MemoryBackend, management: Any) -> None:
    """A group is made, looked for, read, listed, tagged and deleted with all that is in it."""
    groups = management.resource_groups
    assert groups.check_existence("rg")
    assert not groups.check_existence("new")
    made = groups.create_or_update("new", {"location": "westus", "tags": {"team": "a"}})
    assert (made.name, made.location, made.properties.provisioning_state) == ("new", "westus", "Succeeded")
    assert groups.create_or_update("new", {"location": "westus", "tags": {"team": "b"}}).tags == {"team": "b"}
    assert groups.update("new", {"tags": {"team": "c"}}).tags == {"team": "c"}
    assert {one.name for one in groups.list()} == {"rg", "new"}
    assert [one.name for one in groups.list(filter="tagName eq 'team' and tagValue eq 'c'")] == ["new"]
    azure.add_workspace("sub", "new", "second")
    groups.begin_delete("new").result()
    assert not groups.check_existence("new")
    with pytest.raises(ResourceNotFoundError, match="'new' could not be found"):
        groups.get("new")
    with pytest.raises(ResourceNotFoundError):
        management.resources.get_by_id(WORKSPACE.replace("/rg/", "/new/"), api_version="2024-10-01")


def test_the_life_of_a_resource(management: Any) -> None:
    """A resource of any type is made, read, changed, listed and deleted by its id."""
    resources = management.resources
    body = {"location": "eastus", "sku": {"name": "Standard_LRS"}, "kind": "StorageV2", "properties": {}}
    made = resources.begin_create_or_update_by_id(STORAGE, body, api_version=VERSION).result()
    assert (made.id, made.properties["provisioningState"]) == (STORAGE, "Succeeded")
    assert resources.check_existence_by_id(STORAGE, api_version=VERSION)
    resources.begin_update_by_id(STORAGE, {"tags": {"team": "a"}}, api_version=VERSION).result()
    assert resources.get_by_id(STORAGE, api_version=VERSION).tags == {"team": "a"}
    found = resources.get("rg", "Microsoft.Storage", "", "storageAccounts", "files", api_version=VERSION)
    assert found.properties["primaryEndpoints"]["blob"] == "https://files.blob.core.windows.net/"
    vault = {"location": "eastus", "properties": {"sku": {"name": "standard", "family": "A"}}}
    where = ("rg", "Microsoft.KeyVault", "", "vaults", "keys")
    resources.begin_create_or_update(*where, vault, api_version=VERSION).result()
    listed = {one.name for one in resources.list_by_resource_group("rg")}
    assert {"ws", "files", "keys"} < listed
    assert {one.name for one in resources.list()} == listed
    assert [one.name for one in resources.list(filter="tagName eq 'team'")] == ["files"]
    only = resources.list_by_resource_group(
        "rg", filter="resourceType eq 'Microsoft.KeyVault/vaults'", expand="createdTime"
    )
    assert all(one.created_time is not None for one in only)
    resources.begin_delete_by_id(STORAGE, api_version=VERSION).result()
    resources.begin_delete(*where, api_version=VERSION).result()
    assert not resources.check_existence_by_id(STORAGE, api_version=VERSION)
    assert {one.name for one in resources.list()} == listed - {"files", "keys"}


def test_a_workspace_is_a_resource(azure: MemoryBackend, client: MLClient, management: Any) -> None:
    """What one client makes of a workspace, a compute or a connection the other one reads and changes."""
    resources = management.resources
    assert resources.get_by_id(WORKSPACE, api_version="2024-10-01").properties["friendlyName"] == "ws"
    change = {"properties": {"description": "changed"}}
    resources.begin_update_by_id(WORKSPACE, change, api_version="2024-10-01").result()
    assert client.workspaces.get("ws").description == "changed"
    inner = {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2"}}
    cluster = {"location": "eastus", "properties": inner}
    resources.begin_create_or_update_by_id(f"{WORKSPACE}/computes/made", cluster, api_version="2024-10-01").result()
    assert client.compute.get("made").provisioning_state == "Succeeded"
    resources.begin_delete_by_id(WORKSPACE, api_version="2024-10-01").result()
    with pytest.raises(ResourceNotFoundError):
        client.workspaces.get("ws")
    assert azure.find(GROUP) is not None


@pytest.mark.parametrize("scope", [GROUP, WORKSPACE, "/subscriptions/sub"])
def test_tags_have_a_path_of_their_own(management: Any, scope: str) -> None:
    """Tags are read, replaced, merged and taken away without touching anything else."""
    tags = management.tags

    def shown() -> Any:
        return tags.get_at_scope(scope).properties.tags

    tags.begin_create_or_update_at_scope(scope, {"properties": {"tags": {"a": "1", "b": "2"}}}).result()
    assert shown() == {"a": "1", "b": "2"}
    tags.begin_update_at_scope(scope, {"operation": "Merge", "properties": {"tags": {"b": "3"}}}).result()
    assert shown() == {"a": "1", "b": "3"}
    tags.begin_update_at_scope(scope, {"operation": "Delete", "properties": {"tags": {"a": "1", "b": "9"}}}).result()
    assert shown() == {"b": "3"}
    tags.begin_update_at_scope(scope, {"operation": "Replace", "properties": {"tags": {"c": "4"}}}).result()
    assert shown() == {"c": "4"}
    with pytest.raises(HttpResponseError, match="'operation' has to be"):
        tags.begin_update_at_scope(scope, {"operation": "Add", "properties": {"tags": {}}})
    tags.begin_delete_at_scope(scope).result()
    assert not shown()


def test_resource_providers(management: Any) -> None:
    """The providers of what is emulated are registered; another one is said to be none of them."""
    providers = management.providers
    found = providers.get("Microsoft.MachineLearningServices")
    assert found.registration_state == "Registered"
    types = {one.resource_type: one.api_versions for one in found.resource_types}
    assert "2024-10-01-preview" in types["workspaces/computes"]
    assert providers.register("Microsoft.Storage").registration_state == "Registered"
    assert {"Microsoft.KeyVault", "Microsoft.Resources"} < {one.namespace for one in providers.list()}
    with pytest.raises(HttpResponseError, match=r"does not emulate the resource provider 'Microsoft\.Web'"):
        providers.get("Microsoft.Web")


def test_a_deployment_of_the_official_client_can_be_read(
    azure: MemoryBackend, client: MLClient, management: Any
) -> None:
    """The deployment that made a workspace stays, says how long it took and what it made."""
    client.workspaces.begin_create(Workspace(name="two", location="eastus")).result()
    path = next(one.path for one in azure.requests if one.method == "PUT" and "/deployments/" in one.path)
    found = management.resources.get_by_id(path, api_version="2021-04-01").properties
    assert found["provisioningState"] == "Succeeded"
    assert found["duration"].startswith("PT")
    assert len(found["outputResources"]) == 5
    assert "parameters" not in found
    management.resources.begin_delete_by_id(path, api_version="2021-04-01").result()
    assert not management.resources.check_existence_by_id(path, api_version="2021-04-01")
    assert client.workspaces.get("two").name == "two"


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda one: one.resource_groups.begin_export_template("rg", {"resources": ["*"]}), "exporttemplate"),
        (lambda one: one.resources.begin_move_resources("rg", {"resources": []}), "moveresources"),
        (lambda one: list(one.tags.list()), "tagnames"),
        (lambda one: list(one.providers.list_at_tenant_scope()), "providers"),
        (lambda one: one.resources.get_by_id(f"{GROUP}/providers/Microsoft.Web/sites/a", api_version=VERSION), "sites"),
        (
            lambda one: one.resources.get_by_id(
                f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/a", api_version=VERSION
            ),
            "roleassignments",
        ),
        (lambda one: one.resources.get_by_id(WORKSPACE, api_version="2031-01-01"), "2031-01-01"),
        (lambda one: one.resources.get_by_id(VAULT, api_version="latest"), "'latest' is invalid"),
        (lambda one: list(one.resources.list(filter="plan eq 'x'")), "plan eq 'x'"),
    ],
)
def test_what_is_not_emulated_says_so(plain: MemoryBackend, ask: Any, said: str) -> None:
    """A route, a version or a filter that is not emulated is named in a 4xx that the client raises."""
    management = ResourceManagementClient(DefaultAzureCredential(), "sub")
    with pytest.raises(HttpResponseError, match=r"(?i)emulate|invalid") as raised:
        ask(management)
    assert 400 <= (raised.value.status_code or 0) < 500
    assert said in str(raised.value)
    assert plain.requests.writes == 0 or plain.requests[-1].status >= 400
