"""What the log of a backend tells: requests with their bodies, without secrets, and the table of `explain()`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from mlsdk.backends import Request
from mlsdk.backends.memory import MemoryBackend
from mlsdk.backends.memory.explanation import WIDTH
from mlsdk.backends.memory.log import RequestLog
from mlsdk.testing import azure_ml

if TYPE_CHECKING:
    from collections.abc import Iterator

ARM = "https://management.azure.com"
WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
VERSION = {"api-version": "2024-10-01-preview"}
DATASTORE = {
    "properties": {
        "datastoreType": "AzureBlob",
        "accountName": "acct",
        "containerName": "data",
        "credentials": {"credentialsType": "AccountKey", "secrets": {"secretsType": "AccountKey", "key": "hunter2"}},
    }
}


@pytest.fixture
def azure() -> Iterator[MemoryBackend]:
    """An active Azure with the workspace `ws`."""
    with azure_ml() as backend:
        backend.add_workspace("sub", "rg", "ws", computes=["cpu"])
        yield backend


def call(method: str, path: str, body: Any = None, **params: str) -> requests.Response:
    """One request below the workspace."""
    return requests.request(method, f"{ARM}{WORKSPACE}{path}", params={**VERSION, **params}, json=body, timeout=5)


def test_a_request_is_logged_with_its_body_and_its_answer(azure: MemoryBackend) -> None:
    """Method, host, path, parameters, status, and both bodies as JSON; `details` shows them all."""
    body = {"properties": {"modelUri": "azureml://datastores/workspaceblobstore/paths/m"}, "tags": {}}
    call("PUT", "/models/m/versions/1", body)
    logged = azure.requests[-1]
    assert (logged.method, logged.host, logged.status) == ("PUT", ARM, 201)
    assert (logged.path, logged.params) == (f"{WORKSPACE}/models/m/versions/1", VERSION)
    assert logged.body == body
    assert logged.answer["name"] == "1"
    assert str(logged) == f"PUT {WORKSPACE}/models/m/versions/1?api-version=2024-10-01-preview -> 201"
    first, *rest = logged.details.splitlines()
    assert first == f"PUT {ARM}{WORKSPACE}/models/m/versions/1?api-version=2024-10-01-preview"
    assert '        "modelUri": "azureml://datastores/workspaceblobstore/paths/m"' in rest
    assert "-> 201" in rest


def test_the_log_does_not_change_with_what_was_sent(azure: MemoryBackend) -> None:
    """Somebody who sends a dict and changes it afterwards finds it in the log as it was sent."""
    body: dict[str, Any] = {"properties": {"modelUri": "azureml://datastores/workspaceblobstore/paths/m"}}
    reply = azure.send(Request("PUT", f"{WORKSPACE}/models/m/versions/1", VERSION, body=body))
    body["properties"].clear()
    reply.body.clear()
    assert azure.requests[-1].body["properties"]["modelUri"].endswith("/m")
    assert azure.requests[-1].answer["name"] == "1"


def test_secrets_are_not_shown(azure: MemoryBackend) -> None:
    """Neither keys that are sent, nor those that are answered, nor signatures in addresses."""
    assert call("PUT", "/datastores/mine", DATASTORE).status_code == 201
    assert call("POST", "/datastores/mine/listSecrets", {}).json()["key"] == "hunter2"
    signed = call("POST", "/codes/c/versions/1/startPendingUpload", {}).json()
    assert "sig=" in signed["blobReferenceForConsumption"]["credential"]["sasUri"]
    keys = call("POST", "/listKeys").json()
    requests.get(f"{ARM}{WORKSPACE}", params={**VERSION, "sig": "hunter2"}, timeout=5)
    shown = "\n".join(request.details for request in azure.requests)
    assert "hunter2" not in shown
    assert keys["userStorageKey"] not in shown
    assert "sig=%" not in shown
    assert azure.requests[1].answer == {"secretsType": "AccountKey", "key": "***"}
    credential = azure.requests[2].answer["blobReferenceForConsumption"]["credential"]
    assert credential == {"credentialType": "SAS", "sasUri": "***"}


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"keys": {"a": "x", "b": ["y"]}}, {"keys": {"a": "***", "b": ["***"]}}),
        (
            {"passwords": [{"name": "password", "value": "x"}]},
            {"passwords": [{"name": "password", "value": "***"}]},
        ),
        ({"clientSecret": "x", "clientId": "me"}, {"clientSecret": "***", "clientId": "me"}),
        ({"sas_token": "x", "key": 1, "token": ""}, {"sas_token": "***", "key": 1, "token": ""}),
        ({"uri": "https://a/b?sv=1&sig=x%3D&se=2"}, {"uri": "https://a/b?sv=1&sig=***&se=2"}),
        (
            {"connection": "AccountName=a;AccountKey=x==;EndpointSuffix=b"},
            {"connection": "AccountName=a;AccountKey=***;EndpointSuffix=b"},
        ),
        ([{"primaryKey": "x"}], [{"primaryKey": "***"}]),
        (b"1234567", "<7 bytes>"),
        (b"", None),
        ({"stream": object()}, {"stream": "<object>"}),
    ],
)
def test_what_is_kept_of_a_body(body: Any, shown: Any) -> None:
    """JSON without what its names or its form tell to be a secret; of everything else how much it is."""
    log = RequestLog(10, bodies=True)
    log.add("PUT", "/x", {}, 200, "https://h", body, None)
    assert log[0].body == shown
    assert "x=" not in repr(log[0])


def test_only_what_changes_something_is_a_write(azure: MemoryBackend) -> None:
    """A POST that only asks is none."""
    call("GET", "/datastores")
    call("POST", "/datastores/workspaceblobstore/listSecrets", {})
    call("PUT", "/datastores/mine", DATASTORE)
    call("DELETE", "/datastores/mine")
    assert azure.requests.writes == 2
    assert [request.writes for request in azure.requests] == [False, False, True, True]
    assert repr(azure.requests) == "<4 requests, 2 of them writes>"


def test_bodies_are_kept_where_they_are_wanted(azure: MemoryBackend) -> None:
    """A backend that somebody made keeps none unless told so, but for the reason of a refusal."""
    assert azure.requests.bodies
    plain = MemoryBackend()
    with azure_ml(plain):
        call("PUT", "/datastores/mine", DATASTORE)
    assert plain.requests[0].body is None
    assert plain.requests[0].answer["error"]["code"] == "ResourceGroupNotFound"


def test_explain_prints_a_table(azure: MemoryBackend, capsys: pytest.CaptureFixture[str]) -> None:
    """A row for each request, the reason below it where it was refused, in 80 columns; then how many there were."""
    call("GET", "/computes/cpu")
    call("GET", "/computes/other")
    call("PUT", "/computes/bad", {"properties": {"computeType": "Abacus"}})
    call("GET", "/schedules/daily")
    call("GET", "/models/" + "long" * 30, **{"$top": "1"})
    call("DELETE", "/computes/cpu", underlyingResourceAction="Delete")
    azure.fail(exception=requests.Timeout("lost"))
    with pytest.raises(requests.Timeout):
        call("GET", "")
    requests.get("https://acct.blob.core.windows.net/data/x", timeout=5)
    requests.get(f"{ARM}/subscriptions/sub/resourceGroups/rg", params=VERSION, timeout=5)
    azure.explain()
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= WIDTH
    text = "\n".join(lines)
    assert "   1  GET    workspaces/ws/computes/cpu" in text
    assert lines[2].endswith("   200")
    assert "NotEmulated: The memory backend does not emulate the path" in text
    assert "…/workspaces/ws/schedules" in text
    assert "workspaces/ws/models/…" not in text
    assert "ong?$top=1" in text
    assert "DELETE workspaces/ws/computes/cpu?underlyingResourceAction=Delete" in text
    assert "no answer came back" in text
    assert "blob acct/data/x" in text
    assert "resourceGroups/rg" in text
    assert lines[-1].startswith("9 requests, 2 writes, ")
    assert lines[-1].endswith("1 of them not emulated")


def test_a_look_after_what_is_not_there_needs_no_reason(
    azure: MemoryBackend, capsys: pytest.CaptureFixture[str]
) -> None:
    """Clients ask before they create: the 404 says it all."""
    call("GET", "/computes/other")
    azure.explain()
    assert "ResourceNotFound" not in capsys.readouterr().out


def test_a_workspace_that_nobody_made_is_told(azure: MemoryBackend, capsys: pytest.CaptureFixture[str]) -> None:
    """The first mistake of all: the test made no workspace, or no resource group, and everything in it is missing."""
    with azure_ml() as empty:
        call("GET", "/models/m")
        empty.add_resource_group("sub", "rg")
        call("GET", "/computes/cpu")
        call("GET", "")
        empty.explain()
    told = capsys.readouterr().out
    assert "ResourceGroupNotFound: Resource group 'rg' could not be found." in told
    assert told.count("ResourceNotFound: The Resource") == 1
    assert told.splitlines()[-1] == "3 requests, 0 writes, 1 not found, 2 refused"
    assert len(azure.requests) == 0
