"""Workspaces, hubs and projects: made with what they stand on, changed, deleted and recovered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from mlsdk import MLClient
from mlsdk.backends import Request
from mlsdk.backends.memory import ManualClock, MemoryBackend
from mlsdk.entities import Hub, IdentityConfiguration, ManagedNetwork, Model, Project, Workspace
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from operations.conftest import Reached, Unique


def delete(backend: MemoryBackend, storage_account: str) -> None:
    """Delete a storage account as its owner would, behind the workspace's back."""
    assert backend.send(Request("DELETE", storage_account, {"api-version": "2023-04-01"})).status == 200


S = "00000000-0000-0000-0000-000000000001"


@pytest.mark.shows("workspaces.begin_create", "workspaces.get")
def test_a_workspace_is_made_with_what_it_stands_on(slow_backend: MemoryBackend, reached: Reached) -> None:
    """Storage account, key vault and Application Insights are made beside it, in every manner of waiting."""
    slow_backend.add_resource_group(S, "rg", location="westeurope")
    client = MLClient(None, S, "rg", backend=reached(slow_backend), polling_interval=0.01)
    made = client.workspaces.begin_create(
        Workspace(name="demo", tags={"purpose": "demo"}, description="d", display_name="Demo")
    ).result()
    found = client.workspaces.get("demo")
    for workspace in (made, found):
        assert (workspace.name, workspace.location, workspace.description, workspace.display_name) == (
            "demo",
            "westeurope",
            "d",
            "Demo",
        )
        assert workspace.tags["purpose"] == "demo"
        assert "/Microsoft.Storage/storageAccounts/demostorage" in str(workspace.storage_account)
        assert "/Microsoft.KeyVault/vaults/demokeyvault" in str(workspace.key_vault)
        assert "/Microsoft.Insights/components/demoinsights" in str(workspace.application_insights)
        assert str(workspace.discovery_url).startswith("https://")
        assert str(workspace.mlflow_tracking_uri).startswith("azureml://")
    inside = MLClient(None, S, "rg", "demo", backend=reached(slow_backend))
    assert inside.datastores.get_default().name == "workspaceblobstore"


def test_a_workspace_on_resources_of_ones_own_makes_none(group_client: MLClient) -> None:
    """Ids that are given are used; one that does not exist is the service's refusal."""
    first = group_client.workspaces.begin_create(Workspace(name="first", location="eastus")).result()
    second = group_client.workspaces.begin_create(
        Workspace(
            name="second",
            location="eastus",
            storage_account=first.storage_account,
            key_vault=first.key_vault,
            application_insights=first.application_insights,
        )
    ).result()
    assert second.storage_account == first.storage_account
    with pytest.raises(HttpResponseError, match="nowhere"):
        group_client.workspaces.begin_create(
            Workspace(
                name="third", location="eastus", storage_account=str(first.storage_account).replace("first", "nowhere")
            )
        ).result()


def test_a_failed_attempt_names_what_it_left_behind(
    group_client: MLClient, backend: MemoryBackend, caplog: pytest.LogCaptureFixture
) -> None:
    """What was made before the refusal is in the error, and nothing is said beside it."""
    backend.fail(method="PUT", path="*/workspaces/demo", status=403, code="AuthorizationFailed", message="not allowed")
    with pytest.raises(HttpResponseError, match="storageAccounts/demostorage") as error:
        group_client.workspaces.begin_create(Workspace(name="demo", location="eastus")).result()
    assert "not allowed" in str(error.value)
    assert caplog.messages == []


@pytest.mark.shows("workspaces.begin_create")
def test_making_what_exists_changes_it(group_client: MLClient) -> None:
    """Tags are added to those that are there; nothing is made a second time."""
    first = group_client.workspaces.begin_create(Workspace(name="demo", location="eastus", tags={"a": "1"})).result()
    again = group_client.workspaces.begin_create(
        Workspace(name="demo", location="eastus", tags={"b": "2"}, description="new")
    ).result()
    assert (again.id, again.storage_account, again.description) == (first.id, first.storage_account, "new")
    assert {"a": "1", "b": "2"}.items() <= again.tags.items()


@pytest.mark.shows("workspaces.begin_update")
def test_a_workspace_is_changed(client: MLClient) -> None:
    """By the entity or by keyword; what would break earlier jobs has to be said twice."""
    workspace = client.workspaces.get()
    workspace.description, workspace.tags = "new", {"a": "1"}
    updated = client.workspaces.begin_update(workspace, display_name="Shown").result()
    assert (updated.description, updated.display_name, updated.tags["a"]) == ("new", "Shown", "1")
    registry = f"/subscriptions/{S}/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/r"
    with pytest.raises(ValidationException, match="update_dependent_resources=True"):
        client.workspaces.begin_update(updated.evolve(container_registry=registry))
    with pytest.raises(TypeError, match="no argument 'descripton'"):
        client.workspaces.begin_update(workspace, descripton="x")


@pytest.mark.shows("workspaces.list")
def test_workspaces_are_listed_by_scope_and_kind(group_client: MLClient, backend: MemoryBackend) -> None:
    """Of the group, of the subscription, or of some kinds, each as its class."""
    group_client.workspaces.begin_create(Workspace(name="plain", location="eastus")).result()
    hub = group_client.workspaces.begin_create(Hub(name="hub", location="eastus")).result()
    group_client.workspaces.begin_create(Project(name="project", hub_id=str(hub.id))).result()
    backend.add_workspace(S, "other", "elsewhere", location="eastus")
    assert {(w.name, type(w)) for w in group_client.workspaces.list()} == {
        ("plain", Workspace),
        ("hub", Hub),
        ("project", Project),
    }
    assert {w.name for w in group_client.workspaces.list(scope="subscription")} == {
        "plain",
        "hub",
        "project",
        "elsewhere",
    }
    assert {w.name for w in group_client.workspaces.list(filtered_kinds=["hub", "project"])} == {"hub", "project"}
    assert {w.name for w in group_client.workspaces.list(filtered_kinds="default")} == {"plain"}
    with pytest.raises(ValidationException, match="allowed are 'resource_group' and 'subscription'"):
        group_client.workspaces.list(scope="tenant")


@pytest.mark.shows("workspaces.begin_create")
def test_a_project_lives_on_its_hub(group_client: MLClient) -> None:
    """It has the hub's region and storage and makes none of its own."""
    hub = group_client.workspaces.begin_create(Hub(name="hub", location="northeurope")).result()
    project = group_client.workspaces.begin_create(Project(name="project", hub_id=str(hub.id))).result()
    assert isinstance(project, Project)
    assert (project.hub_id, project.location, project.storage_account) == (hub.id, "northeurope", hub.storage_account)


@pytest.mark.shows("workspaces.begin_delete")
def test_a_deleted_workspace_keeps_its_name_for_fourteen_days(reached: Reached) -> None:
    """It can be recovered with what was in it; then it is gone and the name is free."""
    clock = ManualClock()
    backend = MemoryBackend(clock=clock)
    backend.add_workspace(S, "rg", "wks", location="eastus")
    client = MLClient(None, S, "rg", "wks", backend=reached(backend))
    client.models.create_or_update(Model(name="m", path="azureml://datastores/x/paths/y"))
    client.workspaces.begin_delete("wks", delete_dependent_resources=False).result()
    with pytest.raises(ResourceNotFoundError):
        client.workspaces.get("wks")
    with pytest.raises(ResourceNotFoundError):
        client.models.get("m", "1")
    with pytest.raises(HttpResponseError) as error:
        client.workspaces.begin_create(Workspace(name="wks", location="eastus")).result()
    assert error.value.status_code == 409
    clock.advance(timedelta(days=15))
    client.workspaces.begin_create(Workspace(name="wks", location="eastus")).result()
    assert list(client.models.list()) == []


@pytest.mark.shows("workspaces.begin_delete")
def test_a_workspace_is_deleted_with_what_it_stands_on(group_client: MLClient, unique: Unique) -> None:
    """For good when asked: the name is free at once and the storage account is gone."""
    made = group_client.workspaces.begin_create(Workspace(name=unique("demo"), location="eastus")).result()
    group_client.workspaces.begin_delete(
        unique("demo"), delete_dependent_resources=True, permanently_delete=True
    ).result()
    again = group_client.workspaces.begin_create(Workspace(name=unique("demo"), location="eastus")).result()
    assert again.storage_account != made.storage_account
    with pytest.raises(HttpResponseError):
        group_client.workspaces.begin_create(
            Workspace(name=unique("other"), location="eastus", storage_account=made.storage_account)
        ).result()


def test_without_its_storage_a_workspace_cannot_be_used(client: MLClient, backend: MemoryBackend) -> None:
    """The error says what is gone."""
    storage = str(client.workspaces.get().storage_account)
    delete(backend, storage)
    with pytest.raises(HttpResponseError, match="storage account"):
        client.models.create_or_update(Model(name="m", path="azureml://datastores/workspaceblobstore/paths/y"))


@pytest.mark.shows("workspaces.get_keys", "workspaces.begin_sync_keys")
def test_keys_are_given_and_read_anew(client: MLClient) -> None:
    """They stand in no repr."""
    keys = client.workspaces.get_keys()
    assert keys.user_storage_key
    assert keys.user_storage_key not in repr(keys)
    assert client.workspaces.begin_sync_keys().result() is None


@pytest.mark.shows("workspaces.begin_diagnose")
def test_a_diagnosis_finds_a_missing_storage_account(client: MLClient, backend: MemoryBackend) -> None:
    """A sound workspace has nothing; one without storage is told so."""
    assert not client.workspaces.begin_diagnose("wks").result().storage_account_results
    delete(backend, str(client.workspaces.get().storage_account))
    results = client.workspaces.begin_diagnose("wks").result().storage_account_results
    assert results
    assert results[0].message


@pytest.mark.shows("workspaces.begin_provision_network")
def test_a_managed_network_is_provisioned(group_client: MLClient) -> None:
    """Its state says so afterwards, for Spark too when asked."""
    group_client.workspaces.begin_create(
        Workspace(
            name="demo", location="eastus", managed_network=ManagedNetwork(isolation_mode="allow_internet_outbound")
        )
    ).result()
    status = group_client.workspaces.begin_provision_network(workspace_name="demo", include_spark=True).result()
    assert (status.status, status.spark_ready) == ("Active", True)


def test_an_identity_is_kept(group_client: MLClient) -> None:
    """System-assigned when nothing is said; as said otherwise."""
    made = group_client.workspaces.begin_create(Workspace(name="demo", location="eastus")).result()
    assert made.identity is not None
    assert made.identity.type == "system_assigned"
    assert made.identity.principal_id
    with pytest.raises(ValidationException):
        IdentityConfiguration(type="none at all")


@pytest.mark.parametrize("name", ["a", "-ab", "a b c", "x" * 34])
def test_a_name_is_checked_before_anything_is_sent(group_client: MLClient, backend: MemoryBackend, name: str) -> None:
    """The error gives the service's rule in words."""
    before = len(backend.requests)
    with pytest.raises(ValidationException, match="2 to 33"):
        group_client.workspaces.begin_create(Workspace(name=name, location="eastus"))
    assert len(backend.requests) == before


def test_a_workspace_or_group_that_is_not_there_is_told_in_the_services_words(
    group_client: MLClient, backend: MemoryBackend, reached: Reached
) -> None:
    """With the code that Azure gives."""
    with pytest.raises(ResourceNotFoundError, match="workspaces/none") as error:
        group_client.workspaces.get("none")
    assert error.value.error is not None
    assert error.value.error.code == "ResourceNotFound"
    with pytest.raises(ResourceNotFoundError) as other:
        list(MLClient(None, S, "nowhere", backend=reached(backend)).workspaces.list())
    assert other.value.error is not None
    assert other.value.error.code == "ResourceGroupNotFound"
