"""What stands around a workspace is deleted with it when asked, and nothing that others use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError
from operations.conftest import SUBSCRIPTION

from mlsdk.backends import Request
from mlsdk.backends.memory import MemoryBackend
from mlsdk.entities import Hub, Project, Workspace

if TYPE_CHECKING:
    from mlsdk import MLClient
from operations.surroundings import MADE, PROVIDERS, body, named, standing, written


@pytest.fixture
def backend() -> MemoryBackend:
    """An empty backend whose long-running operations are accepted first and end, or fail, later."""
    return MemoryBackend(long_running="async")


@pytest.mark.shows("workspaces.begin_delete")
def test_all_that_stands_around_a_workspace_goes_with_it(quick_client: MLClient, backend: MemoryBackend) -> None:
    """The container registry too; when `result()` comes back, it is gone."""
    registry = f"{PROVIDERS}/Microsoft.ContainerRegistry/registries/images"
    backend.send(Request("PUT", registry, {"api-version": "2019-05-01"}, body={"location": "eastus"}))
    quick_client.workspaces.begin_create(
        Workspace(name="demo", location="eastus", container_registry=registry)
    ).result()
    assert len(standing(backend)) == 6
    poller = quick_client.workspaces.begin_delete("demo", delete_dependent_resources=True)
    assert poller.result() is None
    assert poller.status() == "Succeeded"
    assert standing(backend) == {}


@pytest.mark.shows("workspaces.begin_delete")
def test_what_cannot_be_deleted_keeps_no_other_from_going(quick_client: MLClient, backend: MemoryBackend) -> None:
    """It is named with the reason; what is gone already is no error."""
    made = quick_client.workspaces.begin_create(Workspace(name="demo", location="eastus")).result()
    logs = standing(backend)["Microsoft.OperationalInsights/workspaces"]
    backend.send(Request("DELETE", logs, {"api-version": "2020-08-01"}))
    backend.fail(method="DELETE", path="*/vaults/*", status=403, message="it is locked")
    with pytest.raises(HttpResponseError, match="it is locked") as error:
        quick_client.workspaces.begin_delete("demo", delete_dependent_resources=True).result()
    text = str(error.value)
    assert named(text, "not deleted, and still there") == {"Microsoft.KeyVault/vaults"}
    assert str(made.storage_account) in text
    assert standing(backend).keys() == {"Microsoft.KeyVault/vaults"}


@pytest.mark.parametrize("fault", [{"status": 403}, {"status": 409}, {"operation": True}])
def test_a_workspace_that_cannot_be_deleted_stays_whole(
    quick_client: MLClient, backend: MemoryBackend, fault: dict[str, Any]
) -> None:
    """What it stands on is deleted only after it."""
    quick_client.workspaces.begin_create(Workspace(name="demo", location="eastus")).result()
    before = standing(backend)
    backend.fail(method="DELETE", path="*/workspaces/demo", message="the reason", **fault)
    with pytest.raises(HttpResponseError, match="the reason"):
        quick_client.workspaces.begin_delete("demo", delete_dependent_resources=True).result()
    assert standing(backend).keys() >= before.keys() & MADE
    assert written(backend).count("DELETE") == 1


def test_a_project_never_takes_what_is_its_hubs(quick_client: MLClient, backend: MemoryBackend) -> None:
    """Not its hub's storage nor its hub's Application Insights; a hub with projects is not deleted, nor anything of it."""
    plain = quick_client.workspaces.begin_create(Workspace(name="plain", location="eastus")).result()
    hub = quick_client.workspaces.begin_create(
        Hub(name="hub", location="eastus", application_insights=plain.application_insights)
    ).result()
    quick_client.workspaces.begin_create(Project(name="project", hub_id=str(hub.id))).result()
    with pytest.raises(ResourceExistsError, match="project"):
        quick_client.workspaces.begin_delete("hub", delete_dependent_resources=True)
    before = len(written(backend))
    quick_client.workspaces.begin_delete("project", delete_dependent_resources=True).result()
    assert written(backend)[before:] == ["DELETE"]
    for resource_id in (hub.storage_account, hub.key_vault, hub.application_insights):
        assert body(backend, resource_id)["name"]
    quick_client.workspaces.begin_delete("hub", delete_dependent_resources=True).result()
    assert body(backend, hub.storage_account).get("error")


def test_a_project_whose_hub_is_not_told_takes_nothing(quick_client: MLClient, backend: MemoryBackend) -> None:
    """What it stands on may be anyone's."""
    hub = quick_client.workspaces.begin_create(Hub(name="hub", location="eastus")).result()
    quick_client.workspaces.begin_create(Project(name="project", hub_id=str(hub.id))).result()
    send = backend.send

    def silent(request: Request) -> Any:
        reply = send(request)
        if request.method == "GET" and "/workspaces/project" in request.url:
            reply.body["properties"].pop("hubResourceId")
        return reply

    backend.send = silent  # type: ignore[method-assign]
    before = len(written(backend))
    quick_client.workspaces.begin_delete("project", delete_dependent_resources=True).result()
    assert written(backend)[before:] == ["DELETE"]


def test_insights_of_a_projects_own_go_with_it(quick_client: MLClient, backend: MemoryBackend) -> None:
    """When its hub has none, or others."""
    plain = quick_client.workspaces.begin_create(Workspace(name="plain", location="eastus")).result()
    hub = quick_client.workspaces.begin_create(Hub(name="hub", location="eastus")).result()
    quick_client.workspaces.begin_create(
        Project(name="project", hub_id=str(hub.id), application_insights=plain.application_insights)
    ).result()
    quick_client.workspaces.begin_delete("project", delete_dependent_resources=True).result()
    assert not standing(backend).keys() & {"Microsoft.Insights/components", "Microsoft.OperationalInsights/workspaces"}
    assert body(backend, hub.storage_account)["name"]


def test_logs_that_azure_made_for_all_of_a_region_stay(quick_client: MLClient, backend: MemoryBackend) -> None:
    """Others keep theirs there too."""
    backend.add_resource_group(SUBSCRIPTION, "DefaultResourceGroup-EUS", location="eastus")
    base = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/DefaultResourceGroup-EUS/providers"
    logs, insights = (
        f"{base}/Microsoft.OperationalInsights/workspaces/default",
        f"{PROVIDERS}/Microsoft.Insights/components/i",
    )
    backend.send(Request("PUT", logs, {"api-version": "2020-08-01"}, body={"location": "eastus"}))
    content = {"location": "eastus", "kind": "web", "properties": {"WorkspaceResourceId": logs}}
    backend.send(Request("PUT", insights, {"api-version": "2020-02-02"}, body=content))
    quick_client.workspaces.begin_create(
        Workspace(name="demo", location="eastus", application_insights=insights)
    ).result()
    quick_client.workspaces.begin_delete("demo", delete_dependent_resources=True).result()
    assert body(backend, insights).get("error")
    assert body(backend, logs)["name"] == "default"
