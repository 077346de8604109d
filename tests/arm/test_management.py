"""Azure's management client over a backend: what it asks goes the backend's way, once, and by its cloud."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from mlsdk import MLClient
from mlsdk.arm.connection import Connection, Scope
from mlsdk.arm.management import Management, management_client
from mlsdk.backends import Options, Reply, Request
from mlsdk.backends.memory import MemoryBackend
from mlsdk.clouds import CHINA, PUBLIC
from mlsdk.entities import Workspace

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/account"
BODY = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}


class Recorder:
    """A backend that keeps the requests that pass it on the way to another."""

    def __init__(self, backend: MemoryBackend) -> None:
        self.backend = backend
        self.requests: list[Request] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.backend, name)

    def send(self, request: Request) -> Reply:
        """Keep it and pass it on."""
        self.requests.append(request)
        return self.backend.send(request)


@pytest.fixture
def recorder() -> Recorder:
    """An empty backend with a resource group, whose operations end later."""
    backend = MemoryBackend(long_running="async")
    backend.add_resource_group(SUBSCRIPTION, "rg", location="eastus")
    return Recorder(backend)


def connected(backend: Any, **more: Any) -> Connection:
    """A connection to the resource group that does not wait long between polls."""
    return Connection(backend, Scope(SUBSCRIPTION, "rg"), polling_interval=0.01, **more)


def test_resources_of_any_type_are_made_read_and_deleted(recorder: Recorder) -> None:
    """By id, waited for; deleting what is gone is no error, reading it is."""
    management = Management(connected(recorder))
    assert management.begin_put(ACCOUNT, "2023-04-01", BODY).result()["name"] == "account"
    assert management.get(ACCOUNT, "2023-04-01")["location"] == "eastus"
    management.delete(ACCOUNT, "2023-04-01")
    management.delete(ACCOUNT, "2023-04-01")
    with pytest.raises(ResourceNotFoundError, match="account"):
        management.get(ACCOUNT, "2023-04-01")


def test_each_request_has_what_the_connection_has_and_no_token(recorder: Recorder) -> None:
    """Headers and options of the call on every one, polls included; the token is the backend's business."""
    connection = connected(recorder, headers={"x-mine": "1"}, options=Options(timeout=7.0))
    Management(connection).begin_put(ACCOUNT, "2023-04-01", BODY).result()
    assert len(recorder.requests) >= 2
    for request in recorder.requests:
        headers = {name.lower(): value for name, value in request.headers.items()}
        assert headers["x-mine"] == "1"
        assert "authorization" not in headers
        assert request.audience == "arm"
        assert request.options.timeout == 7.0


@pytest.mark.parametrize("status", [429, 500, 503])
def test_nothing_is_repeated_here(recorder: Recorder, status: int) -> None:
    """The backend repeats; a second layer would multiply the waits."""
    recorder.backend.fail(method="PUT", status=status, headers={"Retry-After": "60"}, times=None)
    with pytest.raises(HttpResponseError) as error:
        Management(connected(recorder)).begin_put(ACCOUNT, "2023-04-01", BODY)
    assert error.value.status_code == status
    assert [request.method for request in recorder.requests] == ["PUT"]


def test_it_speaks_to_the_backends_cloud() -> None:
    """Not to the public one."""
    asked: list[str] = []

    def send(request: Request) -> Reply:
        asked.append(request.url)
        return Reply(200, {"location": "chinaeast2"}, {})

    backend: Any = SimpleNamespace(cloud=CHINA, send=send)
    assert management_client(connected(backend)).resource_groups.get("rg").location == "chinaeast2"
    assert asked[0].startswith("https://management.chinacloudapi.cn/subscriptions/")


def test_a_failed_operation_tells_the_services_reason(recorder: Recorder) -> None:
    """With its code, also when the request itself was accepted."""
    recorder.backend.fail(method="PUT", operation=True, code="NoMoreAccounts", message="there are too many")
    poller = Management(connected(recorder)).begin_put(ACCOUNT, "2023-04-01", BODY)
    with pytest.raises(HttpResponseError, match="there are too many") as error:
        poller.result()
    assert error.value.error is not None
    assert error.value.error.code == "NoMoreAccounts"


def test_a_first_answer_that_tells_of_a_failure_is_one() -> None:
    """Although its status is 200."""
    told = {
        "error": {"code": "NoMoreAccounts", "message": "there are too many"},
        "properties": {"provisioningState": "Failed"},
    }
    backend: Any = SimpleNamespace(cloud=PUBLIC, send=lambda _: Reply(200, told, {}))
    with pytest.raises(HttpResponseError, match="there are too many"):
        Management(connected(backend)).begin_put(ACCOUNT, "2023-04-01", BODY).result()


def test_a_provider_new_to_the_subscription_is_registered(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As a deployment of ARM registers it; then the resource is made."""
    from azure.mgmt.core.policies import _base

    monkeypatch.setattr(_base, "time", SimpleNamespace(sleep=lambda _: None))
    send = recorder.send
    registered: list[str] = []

    def azure(request: Request) -> Reply:
        if "/providers/Microsoft.Storage/register" in request.url:
            registered.append(request.method)
            return Reply(200, {"registrationState": "Registering"}, {})
        if request.url.partition("?")[0].endswith("/providers/Microsoft.Storage"):
            return Reply(200, {"registrationState": "Registered"}, {})
        if not registered:
            message = "The subscription is not registered to use namespace 'Microsoft.Storage'."
            return Reply(409, {"error": {"code": "MissingSubscriptionRegistration", "message": message}}, {})
        return send(request)

    recorder.send = azure  # type: ignore[method-assign]
    made = Management(connected(recorder)).begin_put(ACCOUNT, "2023-04-01", BODY).result()
    assert (made["name"], registered) == ("account", ["POST"])
    assert "Microsoft.Storage" in caplog.text


def test_ids_are_escaped(recorder: Recorder) -> None:
    """A resource group may have letters of any alphabet and parentheses."""
    recorder.backend.add_resource_group(SUBSCRIPTION, "größe_(1)", location="eastus")
    path = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/größe_(1)/providers/Microsoft.Storage/storageAccounts/account"
    management = Management(connected(recorder))
    assert management.begin_put(path, "2023-04-01", BODY).result()["name"] == "account"
    assert management.is_empty("rg")
    assert not management.is_empty("größe_(1)")
    assert all(request.url.isascii() for request in recorder.requests)


def test_looking_at_workspaces_does_not_import_it() -> None:
    """Nor does making a client: azure-mgmt-resource is imported by what makes and deletes."""
    script = f"""
import sys
from mlsdk import MLClient
from mlsdk.backends.memory import MemoryBackend
backend = MemoryBackend()
backend.add_workspace("{SUBSCRIPTION}", "rg", "wks", location="eastus")
client = MLClient(None, "{SUBSCRIPTION}", "rg", "wks", backend=backend)
print(client.workspaces.get("wks").name, [one.name for one in client.workspaces.list()])
print([name for name in sys.modules if name.startswith("azure.mgmt.resource")])
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.splitlines() == ["wks ['wks']", "[]"]


def test_a_workspace_made_by_it_is_one_for_everyone(recorder: Recorder) -> None:
    """What `begin_create` makes is what Azure's own client then lists."""
    backend: Any = recorder
    client = MLClient(None, SUBSCRIPTION, "rg", backend=backend, polling_interval=0.01)
    client.workspaces.begin_create(Workspace(name="demo")).result()
    listed = management_client(connected(recorder)).resources.list_by_resource_group("rg")
    assert "demo" in {resource.name for resource in listed}
