"""What stands around a workspace is made with it, or is what the user gave."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from operations.conftest import GROUP, SUBSCRIPTION

from mlsdk import MLClient
from mlsdk.backends.memory import MemoryBackend
from mlsdk.entities import Hub, ManagedNetwork, Project, Workspace
from mlsdk.exceptions import UnknownArgumentWarning, ValidationException

if TYPE_CHECKING:
    from operations.conftest import Reached

    from mlsdk.backends import Request
from operations.surroundings import MADE, PROVIDERS, body, standing, written


@pytest.fixture
def backend() -> MemoryBackend:
    """An empty backend whose long-running operations are accepted first and end, or fail, later."""
    return MemoryBackend(long_running="async")


# -- what is made ------------------------------------------------------------------------------------------------
@pytest.mark.shows("workspaces.begin_create")
def test_each_is_made_as_the_official_client_makes_it(quick_client: MLClient, backend: MemoryBackend) -> None:
    """No public blobs, roles in place of access policies, the tags of the workspace, logs behind Application Insights."""
    made = quick_client.workspaces.begin_create(Workspace(name="demo", location="eastus", tags={"a": "1"})).result()
    storage, vault = body(backend, made.storage_account), body(backend, made.key_vault)
    assert storage["sku"]["name"] == "Standard_LRS"
    assert storage["properties"]["allowBlobPublicAccess"] is False
    assert storage["properties"]["minimumTlsVersion"] == "TLS1_2"
    assert storage["properties"]["publicNetworkAccess"] == "Enabled"
    assert vault["properties"]["enableRbacAuthorization"] is True
    assert vault["properties"]["tenantId"] == backend.tenant_id
    insights = body(backend, made.application_insights)
    logs = standing(backend)["Microsoft.OperationalInsights/workspaces"]
    assert insights["properties"]["WorkspaceResourceId"] == logs
    for resource_id in standing(backend).values():
        tags = body(backend, resource_id)["tags"]
        assert tags["a"] == "1"
        assert tags["createdByToolkit"].startswith("mlsdk-")


@pytest.mark.parametrize(
    "closed",
    [
        {"public_network_access": "Disabled"},
        {"managed_network": ManagedNetwork(isolation_mode="AllowOnlyApprovedOutbound")},
    ],
)
def test_a_workspace_without_public_access_has_surroundings_without(
    quick_client: MLClient, backend: MemoryBackend, closed: dict[str, Any]
) -> None:
    """Its storage account and key vault let only Azure's own services in."""
    made = quick_client.workspaces.begin_create(Workspace(name="demo", location="eastus", **closed)).result()
    for resource_id in (made.storage_account, made.key_vault):
        properties = body(backend, resource_id)["properties"]
        assert properties["publicNetworkAccess"] == "Disabled"
        assert properties["networkAcls"] == {"defaultAction": "Deny", "bypass": "AzureServices"}


def test_insights_stand_in_a_region_that_has_them(quick_client: MLClient, backend: MemoryBackend) -> None:
    """Those of a workspace in West Central US in South Central US."""
    made = quick_client.workspaces.begin_create(Workspace(name="demo", location="West Central US")).result()
    assert body(backend, made.application_insights)["location"] == "southcentralus"
    assert body(backend, made.storage_account)["location"] != "southcentralus"


def test_a_workspace_whose_name_starts_with_a_digit_gets_a_key_vault(quick_client: MLClient) -> None:
    """Whose own name starts with a letter, as it has to."""
    made = quick_client.workspaces.begin_create(Workspace(name="2nd-try", location="eastus")).result()
    assert str(made.key_vault).rpartition("/")[2].startswith("w2ndtry")


def test_hubs_have_no_insights_and_projects_nothing_of_their_own(
    quick_client: MLClient, backend: MemoryBackend
) -> None:
    """A hub makes two resources, a project none; it has its hub's region and network access."""
    hub = quick_client.workspaces.begin_create(
        Hub(name="hub", location="northeurope", public_network_access="Disabled")
    ).result()
    assert standing(backend).keys() & MADE == {"Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults"}
    before = len(written(backend))
    project = quick_client.workspaces.begin_create(Project(name="project", hub_id=str(hub.id))).result()
    assert len(written(backend)) == before + 1
    assert (project.location, project.public_network_access) == ("northeurope", "Disabled")


def test_the_poller_tells_what_is_being_made(quick_client: MLClient, backend: MemoryBackend) -> None:
    """`status()` names the steps while they last, then says how it ended."""
    held, seen = threading.Event(), threading.Event()
    send = backend.send

    def slow(request: Request) -> Any:
        if request.method == "PUT" and "/vaults/" in request.url:
            seen.set()
            held.wait(10)
        return send(request)

    backend.send = slow  # type: ignore[method-assign]
    poller = quick_client.workspaces.begin_create(Workspace(name="demo", location="eastus"))
    try:
        assert seen.wait(10)
        assert poller.status().startswith("InProgress: ")
        assert "key vault" in poller.status()
        assert not poller.done()
    finally:
        held.set()
    poller.result()
    assert poller.status() == "Succeeded"


# -- what is given -------------------------------------------------------------------------------------------------
def test_resources_of_another_group_and_subscription_are_used(
    quick_client: MLClient, backend: MemoryBackend, reached: Reached
) -> None:
    """Their ids say where they are; only the rest is made."""
    elsewhere = "00000000-0000-0000-0000-000000000002"
    backend.add_resource_group(elsewhere, "shared", location="westus")
    shared = MLClient(None, elsewhere, "shared", backend=reached(backend), polling_interval=0.01)
    other = shared.workspaces.begin_create(Workspace(name="other")).result()
    made = quick_client.workspaces.begin_create(
        Workspace(name="demo", storage_account=other.storage_account, key_vault=other.key_vault)
    ).result()
    assert (made.storage_account, made.key_vault) == (other.storage_account, other.key_vault)
    assert standing(backend).keys() & MADE == {
        "Microsoft.OperationalInsights/workspaces",
        "Microsoft.Insights/components",
    }


def test_what_is_given_and_does_not_exist_is_told_before_anything_is_made(
    quick_client: MLClient, backend: MemoryBackend
) -> None:
    """All of it at once, by argument and id."""
    vault, registry = (
        f"{PROVIDERS}/Microsoft.KeyVault/vaults/none",
        f"{PROVIDERS}/Microsoft.ContainerRegistry/registries/no",
    )
    with pytest.raises(ResourceNotFoundError) as error:
        quick_client.workspaces.begin_create(
            Workspace(name="demo", location="eastus", key_vault=vault, container_registry=registry)
        )
    assert f"key_vault {vault!r}" in str(error.value)
    assert f"container_registry {registry!r}" in str(error.value)
    assert error.value.status_code == 404
    assert written(backend) == []
    assert standing(backend) == {}


@pytest.mark.parametrize(
    "given",
    ["storage", f"{PROVIDERS}/Microsoft.KeyVault/vaults/v", f"{PROVIDERS}/Microsoft.Storage/storageAccounts/a?b"],
)
def test_an_id_of_another_type_is_refused(quick_client: MLClient, backend: MemoryBackend, given: str) -> None:
    """With the form that is expected; nothing is made."""
    with pytest.raises(ValidationException, match=r"storage_account .*Microsoft\.Storage/storageAccounts/\{name\}"):
        quick_client.workspaces.begin_create(Workspace(name="demo", location="eastus", storage_account=given))
    assert written(backend) == []


def test_what_may_not_be_looked_at_is_left_to_the_service(quick_client: MLClient, backend: MemoryBackend) -> None:
    """A workspace can stand on a key vault that its maker may use and not read."""
    first = quick_client.workspaces.begin_create(Workspace(name="first", location="eastus")).result()
    backend.fail(method="GET", path="*/vaults/*", status=403)
    made = quick_client.workspaces.begin_create(
        Workspace(name="second", location="eastus", key_vault=first.key_vault)
    ).result()
    assert made.key_vault == first.key_vault


@pytest.mark.parametrize("hub", ["hub", f"{PROVIDERS}/Microsoft.MachineLearningServices/workspaces/none"])
def test_a_project_without_its_hub_is_not_begun(quick_client: MLClient, backend: MemoryBackend, hub: str) -> None:
    """Neither when its hub does not exist nor when that is no id."""
    with pytest.raises((ResourceNotFoundError, ValidationException)):
        quick_client.workspaces.begin_create(Project(name="project", hub_id=hub))
    assert written(backend) == []


# -- the resource group --------------------------------------------------------------------------------------------
def test_a_missing_resource_group_is_told_with_what_to_do(quick_client: MLClient, backend: MemoryBackend) -> None:
    """Before anything is made, whether the location is known or not."""
    for location in (None, "eastus"):
        with pytest.raises(ResourceNotFoundError, match="create_resource_group=True") as error:
            quick_client.workspaces.begin_create(Workspace(name="demo", location=location), resource_group="new")
        assert "'new'" in str(error.value)
    assert written(backend) == []


def test_a_missing_resource_group_is_made_when_asked(quick_client: MLClient, backend: MemoryBackend) -> None:
    """In the workspace's location, which it then needs; one that exists is left as it is."""
    with pytest.raises(ValidationException, match="location"):
        quick_client.workspaces.begin_create(Workspace(name="demo"), resource_group="new", create_resource_group=True)
    made = quick_client.workspaces.begin_create(
        Workspace(name="demo", location="eastus"), resource_group="new", create_resource_group=True
    ).result()
    assert (made.resource_group, made.location) == ("new", "eastus")
    assert standing(backend, "new").keys() >= MADE
    again = quick_client.workspaces.begin_create(
        Workspace(name="demo2"), resource_group="new", create_resource_group=True
    ).result()
    assert again.location == "eastus"


def test_a_resource_group_that_may_not_be_looked_at_needs_a_location(
    quick_client: MLClient, backend: MemoryBackend
) -> None:
    """With one, a workspace can be made by who may do that and no more."""
    backend.fail(method="GET", path="*/resourceGroups/rg", status=403, times=2)
    with pytest.raises(HttpResponseError) as error:
        quick_client.workspaces.begin_create(Workspace(name="demo"))
    assert error.value.status_code == 403
    assert quick_client.workspaces.begin_create(Workspace(name="demo", location="eastus")).result().id


@pytest.mark.parametrize("group", ["a/b", "a?b", "../other", "a b"])
def test_a_group_that_leads_elsewhere_is_refused(quick_client: MLClient, backend: MemoryBackend, group: str) -> None:
    """In each method that takes one, before anything is sent."""
    workspaces = quick_client.workspaces
    for call in (
        lambda: workspaces.get("demo", resource_group=group),
        lambda: workspaces.begin_create(Workspace(name="demo", location="eastus"), resource_group=group),
        lambda: workspaces.begin_create(Workspace(name="demo", location="eastus", resource_group=group)),
        lambda: workspaces.begin_update(Workspace(name="demo"), resource_group=group),
        lambda: workspaces.begin_delete("demo", delete_dependent_resources=False, resource_group=group),
        lambda: workspaces.begin_diagnose("demo", resource_group=group),
    ):
        with pytest.raises(ValidationException, match="resource_group"):
            call()
    assert len(backend.requests) == 0


def test_a_keyword_that_is_not_known_is_warned_of(quick_client: MLClient) -> None:
    """The official client leaves it out without a word."""
    with pytest.warns(UnknownArgumentWarning, match=r"begin_create\(remove_on_failur=…\) is not known and left out"):
        quick_client.workspaces.begin_create(Workspace(name="demo"), remove_on_failur=True).result()
    with pytest.warns(UnknownArgumentWarning, match=r"begin_delete\(wait=…\) is not known"):
        quick_client.workspaces.begin_delete("demo", delete_dependent_resources=True, wait=True).result()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_who_breaks_off_a_wait_is_told_that_the_work_goes_on(reached: Reached) -> None:
    """With the ids of what is there so far and of what is being made; one can wait again."""
    backend = MemoryBackend(long_running="async", operation_seconds=0.6)
    backend.add_resource_group(SUBSCRIPTION, GROUP, location="eastus")
    client = MLClient(None, SUBSCRIPTION, GROUP, backend=reached(backend), polling_interval=0.05)
    poller = client.workspaces.begin_create(Workspace(name="demo"))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(
            KeyboardInterrupt, match=r"(?s)making workspace demo goes on.*being made: .*storageAccounts/"
        ):
            poller.result()
    finally:
        signal.signal(signal.SIGINT, before)
    assert poller.result().name == "demo"
