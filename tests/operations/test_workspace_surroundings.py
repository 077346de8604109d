"""What stands around a workspace: made with it, named or removed when that fails, deleted with it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from operations.conftest import GROUP, SUBSCRIPTION

from mlsdk import MLClient
from mlsdk.backends import Request
from mlsdk.backends.memory import MemoryBackend
from mlsdk.entities import Hub, ManagedNetwork, Project, Workspace
from mlsdk.exceptions import UnknownArgumentWarning, ValidationException

if TYPE_CHECKING:
    from pathlib import Path

    from operations.conftest import Reached

MADE = {
    "Microsoft.Storage/storageAccounts",
    "Microsoft.KeyVault/vaults",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.Insights/components",
}
PROVIDERS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers"


@pytest.fixture
def backend() -> MemoryBackend:
    """An empty backend whose long-running operations are accepted first and end, or fail, later."""
    return MemoryBackend(long_running="async")


@pytest.fixture
def group_client(backend: MemoryBackend, reached: Reached) -> MLClient:
    """A client of a resource group without a workspace, which does not wait long."""
    backend.add_resource_group(SUBSCRIPTION, GROUP, location="westeurope")
    return MLClient(None, SUBSCRIPTION, GROUP, backend=reached(backend), polling_interval=0.01)


def standing(backend: MemoryBackend, group: str = GROUP) -> dict[str, str]:
    """The ids of what stands in a resource group, by type."""
    listed = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/resources"
    reply = backend.send(Request("GET", listed, {"api-version": "2021-04-01"}))
    return {row["type"]: row["id"] for row in reply.body["value"]}


def body(backend: MemoryBackend, resource_id: Any) -> Any:
    """A resource as Azure Resource Manager gives it."""
    return backend.send(Request("GET", str(resource_id), {"api-version": "2024-10-01-preview"})).body


def written(backend: MemoryBackend) -> list[str]:
    """The methods of the requests that changed something, or meant to."""
    return [request.method for request in backend.requests if request.method != "GET"]


# -- what is made ------------------------------------------------------------------------------------------------
@pytest.mark.shows("workspaces.begin_create")
def test_each_is_made_as_the_official_client_makes_it(group_client: MLClient, backend: MemoryBackend) -> None:
    """No public blobs, roles in place of access policies, the tags of the workspace, logs behind Application Insights."""
    made = group_client.workspaces.begin_create(Workspace(name="demo", location="eastus", tags={"a": "1"})).result()
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
    group_client: MLClient, backend: MemoryBackend, closed: dict[str, Any]
) -> None:
    """Its storage account and key vault let only Azure's own services in."""
    made = group_client.workspaces.begin_create(Workspace(name="demo", location="eastus", **closed)).result()
    for resource_id in (made.storage_account, made.key_vault):
        properties = body(backend, resource_id)["properties"]
        assert properties["publicNetworkAccess"] == "Disabled"
        assert properties["networkAcls"] == {"defaultAction": "Deny", "bypass": "AzureServices"}


def test_insights_stand_in_a_region_that_has_them(group_client: MLClient, backend: MemoryBackend) -> None:
    """Those of a workspace in West Central US in South Central US."""
    made = group_client.workspaces.begin_create(Workspace(name="demo", location="West Central US")).result()
    assert body(backend, made.application_insights)["location"] == "southcentralus"
    assert body(backend, made.storage_account)["location"] != "southcentralus"


def test_a_workspace_whose_name_starts_with_a_digit_gets_a_key_vault(group_client: MLClient) -> None:
    """Whose own name starts with a letter, as it has to."""
    made = group_client.workspaces.begin_create(Workspace(name="2nd-try", location="eastus")).result()
    assert str(made.key_vault).rpartition("/")[2].startswith("w2ndtry")


def test_hubs_have_no_insights_and_projects_nothing_of_their_own(
    group_client: MLClient, backend: MemoryBackend
) -> None:
    """A hub makes two resources, a project none; it has its hub's region and network access."""
    hub = group_client.workspaces.begin_create(
        Hub(name="hub", location="northeurope", public_network_access="Disabled")
    ).result()
    assert standing(backend).keys() & MADE == {"Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults"}
    before = len(written(backend))
    project = group_client.workspaces.begin_create(Project(name="project", hub_id=str(hub.id))).result()
    assert len(written(backend)) == before + 1
    assert (project.location, project.public_network_access) == ("northeurope", "Disabled")


def test_the_poller_tells_what_is_being_made(group_client: MLClient, backend: MemoryBackend) -> None:
    """`status()` names the steps while they last, then says how it ended."""
    held, seen = threading.Event(), threading.Event()
    send = backend.send

    def slow(request: Request) -> Any:
        if request.method == "PUT" and "/vaults/" in request.url:
            seen.set()
            held.wait(10)
        return send(request)

    backend.send = slow  # type: ignore[method-assign]
    poller = group_client.workspaces.begin_create(Workspace(name="demo", location="eastus"))
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
    group_client: MLClient, backend: MemoryBackend, reached: Reached
) -> None:
    """Their ids say where they are; only the rest is made."""
    elsewhere = "00000000-0000-0000-0000-000000000002"
    backend.add_resource_group(elsewhere, "shared", location="westus")
    shared = MLClient(None, elsewhere, "shared", backend=reached(backend), polling_interval=0.01)
    other = shared.workspaces.begin_create(Workspace(name="other")).result()
    made = group_client.workspaces.begin_create(
        Workspace(name="demo", storage_account=other.storage_account, key_vault=other.key_vault)
    ).result()
    assert (made.storage_account, made.key_vault) == (other.storage_account, other.key_vault)
    assert standing(backend).keys() & MADE == {
        "Microsoft.OperationalInsights/workspaces",
        "Microsoft.Insights/components",
    }


def test_what_is_given_and_does_not_exist_is_told_before_anything_is_made(
    group_client: MLClient, backend: MemoryBackend
) -> None:
    """All of it at once, by argument and id."""
    vault, registry = (
        f"{PROVIDERS}/Microsoft.KeyVault/vaults/none",
        f"{PROVIDERS}/Microsoft.ContainerRegistry/registries/no",
    )
    with pytest.raises(ResourceNotFoundError) as error:
        group_client.workspaces.begin_create(
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
def test_an_id_of_another_type_is_refused(group_client: MLClient, backend: MemoryBackend, given: str) -> None:
    """With the form that is expected; nothing is made."""
    with pytest.raises(ValidationException, match=r"storage_account .*Microsoft\.Storage/storageAccounts/\{name\}"):
        group_client.workspaces.begin_create(Workspace(name="demo", location="eastus", storage_account=given))
    assert written(backend) == []


def test_what_may_not_be_looked_at_is_left_to_the_service(group_client: MLClient, backend: MemoryBackend) -> None:
    """A workspace can stand on a key vault that its maker may use and not read."""
    first = group_client.workspaces.begin_create(Workspace(name="first", location="eastus")).result()
    backend.fail(method="GET", path="*/vaults/*", status=403)
    made = group_client.workspaces.begin_create(
        Workspace(name="second", location="eastus", key_vault=first.key_vault)
    ).result()
    assert made.key_vault == first.key_vault


@pytest.mark.parametrize("hub", ["hub", f"{PROVIDERS}/Microsoft.MachineLearningServices/workspaces/none"])
def test_a_project_without_its_hub_is_not_begun(group_client: MLClient, backend: MemoryBackend, hub: str) -> None:
    """Neither when its hub does not exist nor when that is no id."""
    with pytest.raises((ResourceNotFoundError, ValidationException)):
        group_client.workspaces.begin_create(Project(name="project", hub_id=hub))
    assert written(backend) == []


# -- the resource group --------------------------------------------------------------------------------------------
def test_a_missing_resource_group_is_told_with_what_to_do(group_client: MLClient, backend: MemoryBackend) -> None:
    """Before anything is made, whether the location is known or not."""
    for location in (None, "eastus"):
        with pytest.raises(ResourceNotFoundError, match="create_resource_group=True") as error:
            group_client.workspaces.begin_create(Workspace(name="demo", location=location), resource_group="new")
        assert "'new'" in str(error.value)
    assert written(backend) == []


def test_a_missing_resource_group_is_made_when_asked(group_client: MLClient, backend: MemoryBackend) -> None:
    """In the workspace's location, which it then needs; one that exists is left as it is."""
    with pytest.raises(ValidationException, match="location"):
        group_client.workspaces.begin_create(Workspace(name="demo"), resource_group="new", create_resource_group=True)
    made = group_client.workspaces.begin_create(
        Workspace(name="demo", location="eastus"), resource_group="new", create_resource_group=True
    ).result()
    assert (made.resource_group, made.location) == ("new", "eastus")
    assert standing(backend, "new").keys() >= MADE
    again = group_client.workspaces.begin_create(
        Workspace(name="demo2"), resource_group="new", create_resource_group=True
    ).result()
    assert again.location == "eastus"


def test_a_resource_group_that_may_not_be_looked_at_needs_a_location(
    group_client: MLClient, backend: MemoryBackend
) -> None:
    """With one, a workspace can be made by who may do that and no more."""
    backend.fail(method="GET", path="*/resourceGroups/rg", status=403, times=2)
    with pytest.raises(HttpResponseError) as error:
        group_client.workspaces.begin_create(Workspace(name="demo"))
    assert error.value.status_code == 403
    assert group_client.workspaces.begin_create(Workspace(name="demo", location="eastus")).result().id


@pytest.mark.parametrize("group", ["a/b", "a?b", "../other", "a b"])
def test_a_group_that_leads_elsewhere_is_refused(group_client: MLClient, backend: MemoryBackend, group: str) -> None:
    """In each method that takes one, before anything is sent."""
    workspaces = group_client.workspaces
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


# -- when it fails -------------------------------------------------------------------------------------------------
STEPS: dict[str, tuple[dict[str, Any], set[str], set[str]]] = {
    "the storage account is refused": (
        {"path": "*/storageAccounts/*", "status": 403},
        {"Microsoft.KeyVault/vaults", "Microsoft.OperationalInsights/workspaces"},
        set(),
    ),
    "the key vault is refused": (
        {"path": "*/vaults/*", "status": 403},
        {"Microsoft.Storage/storageAccounts", "Microsoft.OperationalInsights/workspaces"},
        set(),
    ),
    "the logs are refused": (
        {"path": "*/Microsoft.OperationalInsights/*", "status": 400},
        {"Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults"},
        set(),
    ),
    "the insights are refused": (
        {"path": "*/components/*", "status": 400},
        MADE - {"Microsoft.Insights/components"},
        set(),
    ),
    "the storage account fails half way": (
        {"path": "*/storageAccounts/*", "operation": True},
        {"Microsoft.KeyVault/vaults", "Microsoft.OperationalInsights/workspaces"},
        {"Microsoft.Storage/storageAccounts"},
    ),
    "the answer about the key vault is lost": (
        {"path": "*/vaults/*", "after": True, "status": 500, "times": None},
        {"Microsoft.Storage/storageAccounts", "Microsoft.OperationalInsights/workspaces"},
        {"Microsoft.KeyVault/vaults"},
    ),
    "the key vault is in conflict with itself": (
        {"path": "*/vaults/*", "after": True, "status": 409},
        {"Microsoft.Storage/storageAccounts", "Microsoft.OperationalInsights/workspaces"},
        {"Microsoft.KeyVault/vaults"},
    ),
    "the workspace is in conflict": ({"path": "*/workspaces/demo", "status": 409}, MADE, set()),
    "the workspace fails half way": (
        {"path": "*/workspaces/demo", "operation": True},
        MADE,
        {"Microsoft.MachineLearningServices/workspaces"},
    ),
}
"""What goes wrong, what is made all the same (logs may be made before or after the failure), what is half made."""


def named(text: str, beginning: str) -> set[str]:
    """The types of the resources that a line of an error names."""
    found = next((line for line in text.splitlines() if line.startswith(beginning)), "")
    return set(re.findall(r"/providers/([^/]+/[^/]+)/", found))


@pytest.mark.parametrize("step", STEPS)
def test_a_failed_attempt_names_what_it_left(group_client: MLClient, backend: MemoryBackend, step: str) -> None:
    """What is there for certain, and what may be there; the message says what can be done with it."""
    fault, made, half = STEPS[step]
    backend.fail(method="PUT", message="the reason", **fault)
    poller = group_client.workspaces.begin_create(Workspace(name="demo", location="eastus"))
    with pytest.raises(HttpResponseError, match="the reason") as error:
        poller.result()
    text = str(error.value)
    there = named(text, "made before it failed")
    assert there - {"Microsoft.Insights/components"} == made - {"Microsoft.Insights/components"}
    assert named(text, "perhaps there") == half
    assert standing(backend).keys() <= there | half
    assert "remove_on_failure=True" in text
    assert poller.status() == "Failed"


@pytest.mark.parametrize("step", STEPS)
def test_a_failed_attempt_leaves_nothing_when_asked(group_client: MLClient, backend: MemoryBackend, step: str) -> None:
    """Not what was half made either; and the next attempt succeeds."""
    backend.fail(method="PUT", message="the reason", **STEPS[step][0])
    with pytest.raises(HttpResponseError, match="the reason") as error:
        group_client.workspaces.begin_create(Workspace(name="demo", location="eastus"), remove_on_failure=True).result()
    assert "removed again: " in str(error.value)
    assert "still there" not in str(error.value)
    assert standing(backend) == {}
    if "times" not in STEPS[step][0]:
        assert group_client.workspaces.begin_create(Workspace(name="demo", location="eastus")).result().id


def test_what_fails_beside_it_is_told_too(group_client: MLClient, backend: MemoryBackend) -> None:
    """Two refusals at once are both in the error."""
    backend.fail(method="PUT", path="*/storageAccounts/*", status=403, message="no accounts")
    backend.fail(method="PUT", path="*/vaults/*", status=403, message="no vaults")
    with pytest.raises(HttpResponseError, match="no accounts") as error:
        group_client.workspaces.begin_create(Workspace(name="demo", location="eastus")).result()
    assert "keyVault: (403 AuthorizationFailed) no vaults" in str(error.value)


def test_nothing_more_is_begun_when_something_failed(group_client: MLClient, backend: MemoryBackend) -> None:
    """What was begun is waited for, so that it is named."""
    send, refused = backend.send, threading.Event()

    def slow_logs(request: Request) -> Any:
        if request.method == "PUT" and "Microsoft.OperationalInsights" in request.url:
            refused.wait(10)
            time.sleep(0.2)
        reply = send(request)
        if reply.status == 403:
            refused.set()
        return reply

    backend.send = slow_logs  # type: ignore[method-assign]
    backend.fail(method="PUT", path="*/vaults/*", status=403)
    with pytest.raises(HttpResponseError) as error:
        group_client.workspaces.begin_create(Workspace(name="demo", location="eastus")).result()
    assert "Microsoft.OperationalInsights/workspaces" in named(str(error.value), "made before it failed")
    assert not [request for request in backend.requests if "/components/" in request.path]


def test_a_removal_that_fails_is_told(group_client: MLClient, backend: MemoryBackend) -> None:
    """The others are removed; what stays is named with the reason."""
    backend.fail(method="PUT", path="*/workspaces/demo", status=403, message="the reason")
    backend.fail(method="DELETE", path="*/vaults/*", status=409, message="it is locked")
    with pytest.raises(HttpResponseError, match="the reason") as error:
        group_client.workspaces.begin_create(Workspace(name="demo", location="eastus"), remove_on_failure=True).result()
    text = str(error.value)
    assert named(text, "removed again") == MADE - {"Microsoft.KeyVault/vaults"}
    assert named(text, "not removed, and still there") == {"Microsoft.KeyVault/vaults"}
    assert "it is locked" in text
    assert standing(backend).keys() == {"Microsoft.KeyVault/vaults"}


def test_a_half_made_workspace_that_stays_keeps_what_it_stands_on(
    group_client: MLClient, backend: MemoryBackend
) -> None:
    """It is removed first; when that is refused, all is left and named."""
    backend.fail(method="PUT", path="*/workspaces/demo", operation=True, message="the reason")
    backend.fail(method="DELETE", path="*/workspaces/demo", status=403, message="it may not go")
    with pytest.raises(HttpResponseError, match="the reason") as error:
        group_client.workspaces.begin_create(Workspace(name="demo", location="eastus"), remove_on_failure=True).result()
    text = str(error.value)
    assert "it may not go" in text
    assert named(text, "made before it failed, and still there") == MADE
    assert standing(backend).keys() >= MADE
    assert written(backend).count("DELETE") == 1


def test_what_was_given_is_never_removed(group_client: MLClient, backend: MemoryBackend) -> None:
    """Only what the failed attempt made."""
    first = group_client.workspaces.begin_create(Workspace(name="first", location="eastus")).result()
    backend.fail(method="PUT", path="*/workspaces/second", status=403)
    with pytest.raises(HttpResponseError):
        group_client.workspaces.begin_create(
            Workspace(name="second", location="eastus", storage_account=first.storage_account), remove_on_failure=True
        ).result()
    assert len([one for one in standing(backend).values() if "second" in one]) == 0
    assert body(backend, first.storage_account)["name"]


def test_a_workspace_that_another_one_made_meanwhile_is_not_removed(
    group_client: MLClient, backend: MemoryBackend
) -> None:
    """Only one that stands on what this attempt made is certain to be its own."""
    ours = group_client.workspaces
    backend.fail(method="GET", path="*/workspaces/demo", status=404)
    theirs = ours.begin_create(Workspace(name="demo", location="eastus")).result()
    backend.fail(method="GET", path="*/workspaces/demo", status=404)
    backend.fail(method="PUT", path="*/workspaces/demo", status=500, message="the reason", times=None)
    with pytest.raises(HttpResponseError, match="perhaps made by another one"):
        ours.begin_create(Workspace(name="demo", location="eastus"), remove_on_failure=True).result()
    assert ours.get("demo").workspace_id == theirs.workspace_id
    assert body(backend, theirs.storage_account)["name"]
    assert written(backend).count("DELETE") == len(MADE)


def test_the_resource_group_goes_too_if_it_was_made_and_is_empty(
    group_client: MLClient, backend: MemoryBackend, reached: Reached
) -> None:
    """Not when something is left in it, then it is named."""
    workspace = Workspace(name="demo", location="eastus", resource_group="new")
    backend.fail(method="PUT", path="*/workspaces/demo", status=403, times=3)
    with pytest.raises(HttpResponseError, match=r"made before it failed, and still there: .*/resourceGroups/new,"):
        group_client.workspaces.begin_create(workspace, create_resource_group=True).result()
    other = workspace.evolve(resource_group="newer")
    with pytest.raises(HttpResponseError, match=r"removed again: .*/resourceGroups/newer"):
        group_client.workspaces.begin_create(other, create_resource_group=True, remove_on_failure=True).result()
    with pytest.raises(ResourceNotFoundError, match="newer"):
        list(MLClient(None, SUBSCRIPTION, "newer", backend=reached(backend)).workspaces.list())
    backend.fail(method="DELETE", path="*/vaults/*", status=403)
    with pytest.raises(HttpResponseError) as error:
        group_client.workspaces.begin_create(other, create_resource_group=True, remove_on_failure=True).result()
    assert standing(backend, "newer").keys() == {"Microsoft.KeyVault/vaults"}
    assert "/resourceGroups/newer," not in str(error.value)


def test_a_new_resource_group_stays_when_others_use_it_already(group_client: MLClient, backend: MemoryBackend) -> None:
    """What they put into it is not deleted with it."""
    send = backend.send
    theirs = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/new/providers/Microsoft.Storage/storageAccounts/theirs"

    def busy(request: Request) -> Any:
        if request.method == "PUT" and "/workspaces/demo" in request.url and "MachineLearning" in request.url:
            send(Request("PUT", theirs, {"api-version": "2023-04-01"}, body={"location": "eastus"}))
        return send(request)

    backend.send = busy  # type: ignore[method-assign]
    backend.fail(method="PUT", path="*/workspaces/demo", status=403)
    with pytest.raises(HttpResponseError, match=r"still there: \S*/resourceGroups/new: .*other resources"):
        group_client.workspaces.begin_create(
            Workspace(name="demo", location="eastus", resource_group="new"),
            create_resource_group=True,
            remove_on_failure=True,
        ).result()
    assert standing(backend, "new") == {"Microsoft.Storage/storageAccounts": theirs}


def test_a_program_that_ends_waits_for_what_it_began(tmp_path: Path) -> None:
    """A script need not ask for the result: the workspace is made all the same."""
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
        import atexit, time
        from mlsdk import MLClient
        from mlsdk.backends.memory import MemoryBackend
        from mlsdk.entities import Workspace

        class Slow(MemoryBackend):
            def send(self, request):
                if request.method == "PUT":
                    time.sleep(0.1)
                return super().send(request)

        backend = Slow()
        backend.add_resource_group("{SUBSCRIPTION}", "rg", location="eastus")
        client = MLClient(None, "{SUBSCRIPTION}", "rg", backend=backend)
        atexit.register(lambda: print(client.workspaces.get("demo").storage_account))
        client.workspaces.begin_create(Workspace(name="demo"))
        """),
        encoding="utf-8",
    )
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=False)
    assert ended.stderr == ""
    assert "/storageAccounts/demostorage" in ended.stdout


# -- deletion ------------------------------------------------------------------------------------------------------
@pytest.mark.shows("workspaces.begin_delete")
def test_all_that_stands_around_a_workspace_goes_with_it(group_client: MLClient, backend: MemoryBackend) -> None:
    """The container registry too; when `result()` comes back, it is gone."""
    registry = f"{PROVIDERS}/Microsoft.ContainerRegistry/registries/images"
    backend.send(Request("PUT", registry, {"api-version": "2019-05-01"}, body={"location": "eastus"}))
    group_client.workspaces.begin_create(
        Workspace(name="demo", location="eastus", container_registry=registry)
    ).result()
    assert len(standing(backend)) == 6
    poller = group_client.workspaces.begin_delete("demo", delete_dependent_resources=True)
    assert poller.result() is None
    assert poller.status() == "Succeeded"
    assert standing(backend) == {}


@pytest.mark.shows("workspaces.begin_delete")
def test_what_cannot_be_deleted_keeps_no_other_from_going(group_client: MLClient, backend: MemoryBackend) -> None:
    """It is named with the reason; what is gone already is no error."""
    made = group_client.workspaces.begin_create(Workspace(name="demo", location="eastus")).result()
    logs = standing(backend)["Microsoft.OperationalInsights/workspaces"]
    backend.send(Request("DELETE", logs, {"api-version": "2020-08-01"}))
    backend.fail(method="DELETE", path="*/vaults/*", status=403, message="it is locked")
    with pytest.raises(HttpResponseError, match="it is locked") as error:
        group_client.workspaces.begin_delete("demo", delete_dependent_resources=True).result()
    text = str(error.value)
    assert named(text, "not deleted, and still there") == {"Microsoft.KeyVault/vaults"}
    assert str(made.storage_account) in text
    assert standing(backend).keys() == {"Microsoft.KeyVault/vaults"}


@pytest.mark.parametrize("fault", [{"status": 403}, {"status": 409}, {"operation": True}])
def test_a_workspace_that_cannot_be_deleted_stays_whole(
    group_client: MLClient, backend: MemoryBackend, fault: dict[str, Any]
) -> None:
    """What it stands on is deleted only after it."""
    group_client.workspaces.begin_create(Workspace(name="demo", location="eastus")).result()
    before = standing(backend)
    backend.fail(method="DELETE", path="*/workspaces/demo", message="the reason", **fault)
    with pytest.raises(HttpResponseError, match="the reason"):
        group_client.workspaces.begin_delete("demo", delete_dependent_resources=True).result()
    assert standing(backend).keys() >= before.keys() & MADE
    assert written(backend).count("DELETE") == 1


def test_a_project_never_takes_what_is_its_hubs(group_client: MLClient, backend: MemoryBackend) -> None:
    """Not its hub's storage nor its hub's Application Insights; a hub with projects is not deleted, nor anything of it."""
    plain = group_client.workspaces.begin_create(Workspace(name="plain", location="eastus")).result()
    hub = group_client.workspaces.begin_create(
        Hub(name="hub", location="eastus", application_insights=plain.application_insights)
    ).result()
    group_client.workspaces.begin_create(Project(name="project", hub_id=str(hub.id))).result()
    with pytest.raises(ResourceExistsError, match="project"):
        group_client.workspaces.begin_delete("hub", delete_dependent_resources=True)
    before = len(written(backend))
    group_client.workspaces.begin_delete("project", delete_dependent_resources=True).result()
    assert written(backend)[before:] == ["DELETE"]
    for resource_id in (hub.storage_account, hub.key_vault, hub.application_insights):
        assert body(backend, resource_id)["name"]
    group_client.workspaces.begin_delete("hub", delete_dependent_resources=True).result()
    assert body(backend, hub.storage_account).get("error")


def test_a_project_whose_hub_is_not_told_takes_nothing(group_client: MLClient, backend: MemoryBackend) -> None:
    """What it stands on may be anyone's."""
    hub = group_client.workspaces.begin_create(Hub(name="hub", location="eastus")).result()
    group_client.workspaces.begin_create(Project(name="project", hub_id=str(hub.id))).result()
    send = backend.send

    def silent(request: Request) -> Any:
        reply = send(request)
        if request.method == "GET" and "/workspaces/project" in request.url:
            reply.body["properties"].pop("hubResourceId")
        return reply

    backend.send = silent  # type: ignore[method-assign]
    before = len(written(backend))
    group_client.workspaces.begin_delete("project", delete_dependent_resources=True).result()
    assert written(backend)[before:] == ["DELETE"]


def test_insights_of_a_projects_own_go_with_it(group_client: MLClient, backend: MemoryBackend) -> None:
    """When its hub has none, or others."""
    plain = group_client.workspaces.begin_create(Workspace(name="plain", location="eastus")).result()
    hub = group_client.workspaces.begin_create(Hub(name="hub", location="eastus")).result()
    group_client.workspaces.begin_create(
        Project(name="project", hub_id=str(hub.id), application_insights=plain.application_insights)
    ).result()
    group_client.workspaces.begin_delete("project", delete_dependent_resources=True).result()
    assert not standing(backend).keys() & {"Microsoft.Insights/components", "Microsoft.OperationalInsights/workspaces"}
    assert body(backend, hub.storage_account)["name"]


def test_logs_that_azure_made_for_all_of_a_region_stay(group_client: MLClient, backend: MemoryBackend) -> None:
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
    group_client.workspaces.begin_create(
        Workspace(name="demo", location="eastus", application_insights=insights)
    ).result()
    group_client.workspaces.begin_delete("demo", delete_dependent_resources=True).result()
    assert body(backend, insights).get("error")
    assert body(backend, logs)["name"] == "default"


def test_a_keyword_that_is_not_known_is_warned_of(group_client: MLClient) -> None:
    """The official client leaves it out without a word."""
    with pytest.warns(UnknownArgumentWarning, match=r"begin_create\(remove_on_failur=…\) is not known and left out"):
        group_client.workspaces.begin_create(Workspace(name="demo"), remove_on_failur=True).result()
    with pytest.warns(UnknownArgumentWarning, match=r"begin_delete\(wait=…\) is not known"):
        group_client.workspaces.begin_delete("demo", delete_dependent_resources=True, wait=True).result()


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
