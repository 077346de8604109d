"""Workspaces, hubs and projects: the deployment that makes them, their life, what goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.ai.ml.entities import FqdnDestination, Hub, ManagedNetwork, Project, Workspace
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

    from mlsdk.backends.memory import MemoryBackend

GROUP = "/subscriptions/sub/resourceGroups/rg"


def types(azure: MemoryBackend) -> list[str]:
    """The types of what stands in the resource group."""
    group = azure.find(GROUP)
    assert group is not None
    return sorted(
        one.kind.type.rpartition("/")[2] for one in group.descendants() if one.kind.located and one.parent is group
    )


@pytest.mark.emulates("workspaces.begin_create", "workspaces.get", "workspaces.list")
def test_a_workspace_is_made_with_all_it_needs(azure: MemoryBackend, client: MLClient) -> None:
    """The deployment of the client becomes a storage account, a vault, logs, insights and the workspace."""
    wanted = Workspace(name="two", location="westus", description="second", tags={"team": "a"})
    made = client.workspaces.begin_create(wanted).result()
    assert (made.name, made.location, made.description) == ("two", "westus", "second")
    assert made.tags["team"] == "a"
    read = client.workspaces.get("two")
    for needed in (read.storage_account, read.key_vault, read.application_insights):
        assert azure.find(needed) is not None
    assert {one.name for one in client.workspaces.list()} == {"ws", "two"}
    assert {one.name for one in client.workspaces.list(scope="subscription")} == {"ws", "two"}
    assert read.discovery_url.startswith("https://westus.api.azureml.ms/")


@pytest.mark.emulates("workspaces.begin_create")
def test_the_location_comes_from_the_resource_group(azure: MemoryBackend, client: MLClient) -> None:
    """A workspace without a location is made where its resource group is."""
    azure.add_resource_group("sub", "north", location="northeurope")
    made = client.workspaces.begin_create(Workspace(name="two", resource_group="north")).result()
    assert (made.location, made.resource_group) == ("northeurope", "north")


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("workspaces.begin_create")
def test_what_exists_is_used(client: MLClient) -> None:
    """Resources that are given by id are not made anew."""
    first = client.workspaces.get("ws")
    made = client.workspaces.begin_create(
        Workspace(
            name="two",
            location="eastus",
            storage_account=first.storage_account,
            key_vault=first.key_vault,
            application_insights=first.application_insights,
            managed_network=ManagedNetwork(isolation_mode="AllowInternetOutbound"),
            hbi_workspace=True,
            public_network_access="Disabled",
        ),
    ).result()
    assert made.storage_account == first.storage_account
    assert made.hbi_workspace is True
    assert made.public_network_access == "Disabled"
    assert made.managed_network.isolation_mode == "AllowInternetOutbound"


@pytest.mark.emulates("workspaces.begin_create")
def test_an_existing_workspace_is_updated(azure: MemoryBackend, client: MLClient) -> None:
    """To create what is there changes it."""
    made = client.workspaces.begin_create(Workspace(name="ws", description="changed", tags={"a": "1"})).result()
    assert made.description == "changed"
    assert made.tags["a"] == "1"
    assert not [one for one in azure.requests if "/deployments/" in one.path]


@pytest.mark.emulates("workspaces.begin_update")
def test_a_workspace_is_changed(azure: MemoryBackend, client: MLClient) -> None:
    """What is named changes, the rest stays."""
    before = client.workspaces.get("ws")
    before.display_name = "The first"
    client.workspaces.begin_update(before, tags={"b": "2"}).result()
    after = client.workspaces.get("ws")
    assert (after.display_name, after.tags["b"]) == ("The first", "2")
    assert after.storage_account == before.storage_account
    assert azure.requests.writes == 1


@pytest.mark.emulates("workspaces.begin_delete")
@pytest.mark.parametrize("dependents", [False, True])
def test_a_workspace_is_deleted_alone_or_with_its_resources(
    azure: MemoryBackend, client: MLClient, *, dependents: bool
) -> None:
    """Deletion leaves what stands around a workspace, unless that is to go too."""
    alone = types(azure)
    client.workspaces.begin_create(Workspace(name="two", location="eastus")).result()
    client.workspaces.begin_delete("two", delete_dependent_resources=dependents, permanently_delete=True).result()
    with pytest.raises(ResourceNotFoundError):
        client.workspaces.get("two")
    left = types(azure)
    around = ["components", "storageAccounts", "vaults", "workspaces"]
    assert left == (alone if dependents else sorted([*alone, *around]))


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("workspaces.begin_delete")
def test_the_name_of_a_deleted_workspace_stays_taken(client: MLClient) -> None:
    """Deletion is soft: the workspace is hidden, and another one cannot have its name."""
    client.workspaces.begin_delete("ws", delete_dependent_resources=False).result()
    assert list(client.workspaces.list()) == []
    with pytest.raises(HttpResponseError, match="Soft-deleted workspace exists"):
        client.workspaces.begin_create(Workspace(name="ws", location="eastus")).result()


@pytest.mark.emulates("workspaces.begin_create", "workspaces.list", "workspaces.begin_delete")
def test_a_hub_and_its_project(azure: MemoryBackend, client: MLClient) -> None:
    """A project belongs to a hub, and has its storage from there."""
    hub = client.workspaces.begin_create(Hub(name="hub", location="eastus")).result()
    assert isinstance(hub, Hub)
    project = client.workspaces.begin_create(Project(name="project", location="eastus", hub_id=hub.id)).result()
    assert isinstance(project, Project)
    assert project.hub_id == hub.id
    inner = azure.find(f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/project")
    assert inner is not None
    assert inner.stored["properties"]["storageAccount"] == hub.storage_account
    assert [one.name for one in client.workspaces.list(filtered_kinds="hub")] == ["hub"]
    assert client.workspaces.get("hub").associated_workspaces == [project.id]
    with pytest.raises(HttpResponseError, match="cannot be deleted while it has projects: project"):
        client.workspaces.begin_delete("hub", delete_dependent_resources=False).result()
    client.workspaces.begin_delete("project", delete_dependent_resources=False, permanently_delete=True).result()
    client.workspaces.begin_delete("hub", delete_dependent_resources=True, permanently_delete=True).result()
    assert [one.name for one in client.workspaces.list()] == ["ws"]


@pytest.mark.emulates("workspaces.get_keys")
@pytest.mark.simulates("workspaces.begin_sync_keys", "workspaces.begin_diagnose", "workspaces.begin_provision_network")
def test_what_else_can_be_asked_of_a_workspace(azure: MemoryBackend, client: MLClient) -> None:
    """Keys, their renewal, a diagnosis, the managed network."""
    assert client.workspaces.get_keys("ws").user_storage_key == next(iter(azure.state.accounts.values())).keys[0]
    client.workspaces.begin_sync_keys("ws").result()
    found = client.workspaces.begin_diagnose("ws").result()
    assert found.storage_account_results == []
    assert client.workspaces.begin_provision_network(workspace_name="ws", include_spark=False).result() is not None


def test_a_deployment_that_fails_makes_nothing(azure: MemoryBackend, client: MLClient) -> None:
    """A refused deployment is the client's error, and no workspace is there."""
    azure.fail(method="PUT", path="*/deployments/*", status=403, message="Not by you.")
    with pytest.raises(HttpResponseError, match="Not by you"):
        client.workspaces.begin_create(Workspace(name="two", location="eastus")).result()
    assert [one.name for one in client.workspaces.list()] == ["ws"]


def test_other_templates_are_refused(plain: MemoryBackend) -> None:
    """What is not one of the client's own templates is said not to be emulated."""
    from mlsdk.backends import Request

    path = f"{GROUP}/providers/Microsoft.Resources/deployments/mine"
    for properties, said in (
        ({"template": {"resources": [{"type": "Microsoft.Web/sites"}]}, "parameters": {}}, "templates other than"),
        (
            {
                "template": {"resources": [{"type": "Microsoft.MachineLearningServices/workspaces"}]},
                "parameters": {"workspaceName": {"value": "fs"}, "kind": {"value": "featurestore"}},
            },
            "kind 'featurestore'",
        ),
    ):
        reply = plain.send(Request("PUT", path, {"api-version": "2020-06-01"}, body={"properties": properties}))
        assert reply.status == 400
        assert reply.body["error"]["code"] == "NotEmulated"
        assert said in reply.body["error"]["message"]


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates(
    "workspace_outbound_rules.begin_create",
    "workspace_outbound_rules.begin_update",
    "workspace_outbound_rules.get",
    "workspace_outbound_rules.list",
    "workspace_outbound_rules.begin_remove",
)
def test_outbound_rules(client: MLClient) -> None:
    """The rules of a managed network are made, read, listed, changed and removed one by one."""
    rules = client.workspace_outbound_rules
    made = rules.begin_create("ws", FqdnDestination(name="pypi", destination="pypi.org")).result()
    assert (made.name, made.destination) == ("pypi", "pypi.org")
    rules.begin_update("ws", FqdnDestination(name="pypi", destination="files.example.com")).result()
    assert rules.get("ws", "pypi").destination == "files.example.com"
    rules.begin_create("ws", FqdnDestination(name="other", destination="other.example.com")).result()
    assert {one.name for one in rules.list("ws")} == {"pypi", "other"}
    rules.begin_remove("ws", "pypi").result()
    assert {one.name for one in rules.list("ws")} == {"other"}
