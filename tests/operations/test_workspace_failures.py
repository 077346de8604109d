"""A workspace that cannot be made: what it left is named, or removed when asked."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from operations.conftest import SUBSCRIPTION

from mlsdk import MLClient
from mlsdk.backends import Request
from mlsdk.backends.memory import MemoryBackend
from mlsdk.entities import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from operations.conftest import Reached
from operations.surroundings import MADE, body, named, standing, written


@pytest.fixture
def backend() -> MemoryBackend:
    """An empty backend whose long-running operations are accepted first and end, or fail, later."""
    return MemoryBackend(long_running="async")


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


@pytest.mark.parametrize("step", STEPS)
def test_a_failed_attempt_names_what_it_left(quick_client: MLClient, backend: MemoryBackend, step: str) -> None:
    """What is there for certain, and what may be there; the message says what can be done with it."""
    fault, made, half = STEPS[step]
    backend.fail(method="PUT", message="the reason", **fault)
    poller = quick_client.workspaces.begin_create(Workspace(name="demo", location="eastus"))
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
def test_a_failed_attempt_leaves_nothing_when_asked(quick_client: MLClient, backend: MemoryBackend, step: str) -> None:
    """Not what was half made either; and the next attempt succeeds."""
    backend.fail(method="PUT", message="the reason", **STEPS[step][0])
    with pytest.raises(HttpResponseError, match="the reason") as error:
        quick_client.workspaces.begin_create(Workspace(name="demo", location="eastus"), remove_on_failure=True).result()
    assert "removed again: " in str(error.value)
    assert "still there" not in str(error.value)
    assert standing(backend) == {}
    if "times" not in STEPS[step][0]:
        assert quick_client.workspaces.begin_create(Workspace(name="demo", location="eastus")).result().id


def test_what_fails_beside_it_is_told_too(quick_client: MLClient, backend: MemoryBackend) -> None:
    """Two refusals at once are both in the error."""
    backend.fail(method="PUT", path="*/storageAccounts/*", status=403, message="no accounts")
    backend.fail(method="PUT", path="*/vaults/*", status=403, message="no vaults")
    with pytest.raises(HttpResponseError, match="no accounts") as error:
        quick_client.workspaces.begin_create(Workspace(name="demo", location="eastus")).result()
    assert "keyVault: (403 AuthorizationFailed) no vaults" in str(error.value)


def test_nothing_more_is_begun_when_something_failed(quick_client: MLClient, backend: MemoryBackend) -> None:
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
        quick_client.workspaces.begin_create(Workspace(name="demo", location="eastus")).result()
    assert "Microsoft.OperationalInsights/workspaces" in named(str(error.value), "made before it failed")
    assert not [request for request in backend.requests if "/components/" in request.path]


def test_a_removal_that_fails_is_told(quick_client: MLClient, backend: MemoryBackend) -> None:
    """The others are removed; what stays is named with the reason."""
    backend.fail(method="PUT", path="*/workspaces/demo", status=403, message="the reason")
    backend.fail(method="DELETE", path="*/vaults/*", status=409, message="it is locked")
    with pytest.raises(HttpResponseError, match="the reason") as error:
        quick_client.workspaces.begin_create(Workspace(name="demo", location="eastus"), remove_on_failure=True).result()
    text = str(error.value)
    assert named(text, "removed again") == MADE - {"Microsoft.KeyVault/vaults"}
    assert named(text, "not removed, and still there") == {"Microsoft.KeyVault/vaults"}
    assert "it is locked" in text
    assert standing(backend).keys() == {"Microsoft.KeyVault/vaults"}


def test_a_half_made_workspace_that_stays_keeps_what_it_stands_on(
    quick_client: MLClient, backend: MemoryBackend
) -> None:
    """It is removed first; when that is refused, all is left and named."""
    backend.fail(method="PUT", path="*/workspaces/demo", operation=True, message="the reason")
    backend.fail(method="DELETE", path="*/workspaces/demo", status=403, message="it may not go")
    with pytest.raises(HttpResponseError, match="the reason") as error:
        quick_client.workspaces.begin_create(Workspace(name="demo", location="eastus"), remove_on_failure=True).result()
    text = str(error.value)
    assert "it may not go" in text
    assert named(text, "made before it failed, and still there") == MADE
    assert standing(backend).keys() >= MADE
    assert written(backend).count("DELETE") == 1


def test_what_was_given_is_never_removed(quick_client: MLClient, backend: MemoryBackend) -> None:
    """Only what the failed attempt made."""
    first = quick_client.workspaces.begin_create(Workspace(name="first", location="eastus")).result()
    backend.fail(method="PUT", path="*/workspaces/second", status=403)
    with pytest.raises(HttpResponseError):
        quick_client.workspaces.begin_create(
            Workspace(name="second", location="eastus", storage_account=first.storage_account), remove_on_failure=True
        ).result()
    assert len([one for one in standing(backend).values() if "second" in one]) == 0
    assert body(backend, first.storage_account)["name"]


def test_a_workspace_that_another_one_made_meanwhile_is_not_removed(
    quick_client: MLClient, backend: MemoryBackend
) -> None:
    """Only one that stands on what this attempt made is certain to be its own."""
    ours = quick_client.workspaces
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
    quick_client: MLClient, backend: MemoryBackend, reached: Reached
) -> None:
    """Not when something is left in it, then it is named."""
    workspace = Workspace(name="demo", location="eastus", resource_group="new")
    backend.fail(method="PUT", path="*/workspaces/demo", status=403, times=3)
    with pytest.raises(HttpResponseError, match=r"made before it failed, and still there: .*/resourceGroups/new,"):
        quick_client.workspaces.begin_create(workspace, create_resource_group=True).result()
    other = workspace.evolve(resource_group="newer")
    with pytest.raises(HttpResponseError, match=r"removed again: .*/resourceGroups/newer"):
        quick_client.workspaces.begin_create(other, create_resource_group=True, remove_on_failure=True).result()
    with pytest.raises(ResourceNotFoundError, match="newer"):
        list(MLClient(None, SUBSCRIPTION, "newer", backend=reached(backend)).workspaces.list())
    backend.fail(method="DELETE", path="*/vaults/*", status=403)
    with pytest.raises(HttpResponseError) as error:
        quick_client.workspaces.begin_create(other, create_resource_group=True, remove_on_failure=True).result()
    assert standing(backend, "newer").keys() == {"Microsoft.KeyVault/vaults"}
    assert "/resourceGroups/newer," not in str(error.value)


def test_a_new_resource_group_stays_when_others_use_it_already(quick_client: MLClient, backend: MemoryBackend) -> None:
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
        quick_client.workspaces.begin_create(
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
