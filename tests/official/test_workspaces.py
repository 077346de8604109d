"""Workspaces, hubs and projects: the deployment that makes them, their life, what goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.ai.ml.entities import (
    CustomerManagedKey,
    FqdnDestination,
    Hub,
    IdentityConfiguration,
    ManagedIdentityConfiguration,
    ManagedNetwork,
    NetworkAcls,
    PrivateEndpointDestination,
    Project,
    ServerlessComputeSettings,
    ServiceTagDestination,
    Workspace,
)
from azure.ai.ml.entities._workspace.network_acls import IPRule
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from mlsdk.backends import Request

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


@pytest.mark.emulates("workspaces.begin_update")
def test_each_field_of_a_workspace_can_be_changed(azure: MemoryBackend, client: MLClient) -> None:
    """Whatever the client lets one change of a workspace shows afterwards, and a part that is left out stays."""
    registry = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/images"
    insights = f"{GROUP}/providers/Microsoft.Insights/components/more"
    for path in (registry, insights):
        azure.create(path, {"location": "eastus"})
    changed = client.workspaces.begin_update(
        Workspace(
            name="ws",
            description="changed",
            display_name="Shown",
            tags={"team": "a"},
            image_build_compute="cpu-cluster",
            public_network_access="Enabled",
            network_acls=NetworkAcls(default_action="Deny", ip_rules=[IPRule(value="10.0.0.0/24")]),
            identity=IdentityConfiguration(
                type="user_assigned", user_assigned_identities=[ManagedIdentityConfiguration(resource_id="/me")]
            ),
            primary_user_assigned_identity="/me",
            managed_network=ManagedNetwork(
                isolation_mode="AllowOnlyApprovedOutbound",
                outbound_rules=[FqdnDestination(name="pypi", destination="pypi.org")],
            ),
            system_datastores_auth_mode="identity",
            container_registry=registry,
            application_insights=insights,
            customer_managed_key=CustomerManagedKey(key_uri="https://vault/keys/k/2"),
            serverless_compute=ServerlessComputeSettings(no_public_ip=True),
        ),
        update_dependent_resources=True,
    ).result()
    for found in (changed, client.workspaces.get("ws")):
        assert (found.description, found.display_name, found.tags) == ("changed", "Shown", {"team": "a"})
        assert (found.image_build_compute, found.primary_user_assigned_identity) == ("cpu-cluster", "/me")
        assert (found.container_registry, found.application_insights) == (registry, insights)
        assert found.network_acls.ip_rules[0].value == "10.0.0.0/24"
        assert [one.resource_id for one in found.identity.user_assigned_identities] == ["/me"]
        assert found.managed_network.isolation_mode == "AllowOnlyApprovedOutbound"
        assert [one.name for one in found.managed_network.outbound_rules] == ["pypi"]
        assert found.system_datastores_auth_mode == "identity"
        assert found.serverless_compute.no_public_ip is True
        assert found.storage_account
    assert client.datastores.get("workspaceblobstore").credentials.type == "None"
    assert client.workspaces.get_keys("ws").container_registry_credentials.username == "images"
    changed.identity = IdentityConfiguration(
        type="user_assigned", user_assigned_identities=[ManagedIdentityConfiguration(resource_id="/other")]
    )
    other = client.workspaces.begin_update(changed, update_dependent_resources=True).result()
    assert [one.resource_id for one in other.identity.user_assigned_identities] == ["/other"]
    missing = Workspace(name="ws", container_registry=f"{registry}2")
    with pytest.raises(HttpResponseError, match="does not exist"):
        client.workspaces.begin_update(missing, update_dependent_resources=True)


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("workspaces.begin_create")
def test_each_field_of_a_new_workspace_shows(client: MLClient) -> None:
    """What a workspace is made with comes back from the service."""
    made = client.workspaces.begin_create(
        Workspace(
            name="two",
            location="eastus",
            customer_managed_key=CustomerManagedKey(key_vault="/vault", key_uri="https://vault/keys/k/1"),
            managed_network=ManagedNetwork(
                isolation_mode="AllowInternetOutbound",
                outbound_rules=[
                    PrivateEndpointDestination(
                        name="store", service_resource_id="/s", subresource_target="blob", spark_enabled=True
                    ),
                ],
            ),
            provision_network_now=True,
            system_datastores_auth_mode="identity",
            enable_data_isolation=True,
            allow_roleassignment_on_rg=False,
            serverless_compute=ServerlessComputeSettings(no_public_ip=True),
        ),
    ).result()
    assert made.customer_managed_key.key_uri == "https://vault/keys/k/1"
    assert made.managed_network.outbound_rules[0].spark_enabled is True
    assert made.managed_network.status.status == "Active"
    assert (made.system_datastores_auth_mode, made.enable_data_isolation) == ("identity", True)
    assert made.allow_roleassignment_on_rg is False
    assert made.serverless_compute.no_public_ip is True


@pytest.mark.emulates("workspaces.list")
def test_workspaces_by_kind_group_and_subscription(azure: MemoryBackend, client: MLClient) -> None:
    """A list holds the kinds that are asked for, of a group or of all of the subscription, and nothing deleted."""
    azure.add_workspace("sub", "elsewhere", "far")
    azure.add_workspace("other", "rg", "foreign")
    hub = client.workspaces.begin_create(Hub(name="hub", location="eastus")).result()
    client.workspaces.begin_create(Project(name="project", hub_id=hub.id)).result()
    client.workspaces.begin_create(Workspace(name="gone", location="eastus")).result()
    client.workspaces.begin_delete("gone", delete_dependent_resources=False).result()
    every = {"ws", "hub", "project"}
    assert {one.name for one in client.workspaces.list()} == every
    assert {one.name for one in client.workspaces.list(scope="subscription")} == {*every, "far"}
    assert {one.name for one in client.workspaces.list(filtered_kinds=["hub", "project"])} == {"hub", "project"}
    kinds = client.workspaces.list(scope="subscription", filtered_kinds="default")
    assert {one.name for one in kinds} == {"ws", "far"}


@pytest.mark.emulates("workspaces.begin_delete")
def test_a_project_is_deleted_with_what_is_its_own(azure: MemoryBackend, client: MLClient) -> None:
    """A project's dependents are its hub's: they stay."""
    hub = client.workspaces.begin_create(Hub(name="hub", location="eastus")).result()
    client.workspaces.begin_create(Project(name="project", hub_id=hub.id)).result()
    before = types(azure)
    client.workspaces.begin_delete("project", delete_dependent_resources=True, permanently_delete=True).result()
    assert len(types(azure)) == len(before) - 1
    assert azure.find(hub.storage_account) is not None


@pytest.mark.emulates("workspaces.begin_delete")
def test_a_deleted_workspace_is_purged(azure: MemoryBackend, client: MLClient) -> None:
    """Permanent deletion frees the name at once; a workspace of another group is reached by its group."""
    client.workspaces.begin_delete("ws", delete_dependent_resources=False, permanently_delete=True).result()
    client.workspaces.begin_create(Workspace(name="ws", location="westus")).result()
    azure.add_workspace("sub", "north", "far")
    assert client.workspaces.get("far", resource_group="north").resource_group == "north"
    changed = Workspace(name="far", resource_group="north", description="changed")
    client.workspaces.begin_update(changed, resource_group="north").result()
    client.workspaces.begin_delete("far", delete_dependent_resources=False, resource_group="north").result()
    with pytest.raises(ResourceNotFoundError):
        client.workspaces.get("far", resource_group="north")


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
    spark = client.workspaces.begin_provision_network(workspace_name="ws", include_spark=True).result()
    assert spark.spark_ready is True
    azure.send(Request("DELETE", client.workspaces.get("ws").key_vault, {"api-version": "2023-07-01"}))
    assert client.workspaces.begin_diagnose("ws").result().key_vault_results[0].code == "ResourceNotFound"


def test_a_deployment_that_fails_makes_nothing(azure: MemoryBackend, client: MLClient) -> None:
    """A refused deployment is the client's error, and no workspace is there."""
    azure.fail(method="PUT", path="*/deployments/*", status=403, message="Not by you.")
    with pytest.raises(HttpResponseError, match="Not by you"):
        client.workspaces.begin_create(Workspace(name="two", location="eastus")).result()
    assert [one.name for one in client.workspaces.list()] == ["ws"]


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
    tag = ServiceTagDestination(name="tag", service_tag="AzureActiveDirectory", protocol="TCP", port_ranges="80, 443")
    assert rules.begin_create("ws", tag).result().port_ranges == "80, 443"
    blob = PrivateEndpointDestination(name="blob", service_resource_id="/s", subresource_target="blob")
    assert rules.begin_create("ws", blob).result().subresource_target == "blob"
    assert (rules.get("ws", "tag").service_tag, rules.get("ws", "blob").spark_enabled) == (
        "AzureActiveDirectory",
        False,
    )
    wide = ServiceTagDestination(name="wide", address_prefixes=["10.0.0.0/8"], protocol="TCP", port_ranges="80")
    assert rules.begin_create("ws", wide).result().address_prefixes == ["10.0.0.0/8"]
    for name in ("tag", "blob", "wide"):
        rules.begin_remove("ws", name).result()
    with pytest.raises(ResourceNotFoundError):
        rules.get("ws", "tag")
    assert {one.name for one in rules.list("ws")} == {"pypi", "other"}
    rules.begin_remove("ws", "pypi").result()
    assert {one.name for one in rules.list("ws")} == {"other"}
