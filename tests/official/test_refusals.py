"""What is not emulated says so: with a 4xx, the exact route, version or value, and nothing changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml.entities import ManagedOnlineEndpoint
from azure.core.exceptions import HttpResponseError

from mlsdk.backends import Request

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

    from mlsdk.backends.memory import MemoryBackend

WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
API = "https://eastus.api.azureml.ms"
JOB = {"properties": {"jobType": "Command", "command": "ls", "environmentId": "azureml:AzureML-sklearn-1.5:1"}}
REGISTERED = {"jobOutputType": "uri_file", "assetName": "a", "assetVersion": "1"}


def ask(azure: MemoryBackend, method: str, url: str, body: Any = None, version: str = "2024-01-01-preview") -> Any:
    """The status, code and message of a refusal."""
    reply = azure.send(Request(method, url, {"api-version": version}, body=body))
    assert 400 <= reply.status < 500, reply
    error = reply.body["error"]
    return reply.status, error["code"], error["message"]


@pytest.mark.parametrize(
    ("method", "url", "said"),
    [
        ("GET", f"{WORKSPACE}/onlineEndpoints", "onlineendpoints"),
        ("POST", f"{WORKSPACE}/jobs/j/pause", "pause"),
        ("GET", f"{API}/history/v1.0{WORKSPACE}/runs/j/events", "GET of '/history/v1.0"),
        ("DELETE", f"{API}/history/v1.0{WORKSPACE}/runs/j", "DELETE of '/history/v1.0"),
        ("POST", f"{API}/history/v1.0/elsewhere", "/history/v1.0/elsewhere"),
        ("GET", f"{API}/mlflow/v2.0{WORKSPACE}/runs", "/mlflow/v2.0"),
        ("GET", "https://management.azure.com/nowhere", "/nowhere"),
    ],
)
def test_a_route_that_is_not_emulated(plain: MemoryBackend, method: str, url: str, said: str) -> None:
    """The refusal names what was asked for."""
    plain.create(f"{WORKSPACE}/jobs/j", JOB)
    status, code, message = ask(plain, method, url)
    assert (status, code) == (400, "NotEmulated")
    assert said in message


@pytest.mark.parametrize(
    ("method", "url"), [("PATCH", "jobs/j"), ("PUT", "jobs"), ("PATCH", "connections/c"), ("GET", "jobs/j/cancel")]
)
def test_a_method_that_is_not_emulated(plain: MemoryBackend, method: str, url: str) -> None:
    """The refusal names the method."""
    plain.create(f"{WORKSPACE}/jobs/j", JOB)
    status, code, message = ask(plain, method, f"{WORKSPACE}/{url}", {})
    assert (status, code) == (405, "MethodNotAllowed")
    assert method in message


def test_an_unknown_version_of_the_service(plain: MemoryBackend) -> None:
    """The refusal lists the versions there are."""
    status, code, message = ask(plain, "GET", f"{WORKSPACE}/jobs", version="2031-01-01")
    assert (status, code) == (400, "NoRegisteredProviderFound")
    assert "2031-01-01" in message
    assert "2024-01-01-preview" in message


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (None, "a JSON object was expected"),
        ([], "a JSON object was expected"),
        ({"properties": []}, "'properties' has to be an object"),
        ({"properties": {}}, "JobType field is required"),
        ({"properties": {"jobType": "Command"}}, "Command field is required"),
        ({"properties": {"jobType": "Command", "command": "ls"}}, "EnvironmentId field is required"),
        ({"properties": {**JOB["properties"], "inputs": {"a": {}}}}, "inputs.a.jobInputType"),
        ({"properties": {**JOB["properties"], "inputs": {"a": {"jobInputType": "uri_file"}}}}, "Uri field is required"),
        ({"properties": {**JOB["properties"], "outputs": {"a": {"jobOutputType": "text"}}}}, "outputs.a.jobOutputType"),
        ({"properties": {**JOB["properties"], "outputs": {"a": "text"}}}, "outputs.a' has to be an object"),
        ({"properties": {**JOB["properties"], "outputs": {"a": REGISTERED, "b": REGISTERED}}}, "is wanted twice"),
        (
            {"properties": {**JOB["properties"], "outputs": {"a": {**REGISTERED, "assetName": "/"}}}},
            "registered as '/'",
        ),
        ({"properties": {**JOB["properties"], "codeId": "azureml:gone:1"}}, "Code 'azureml:gone:1' not found"),
        ({"properties": {**JOB["properties"], "environmentId": "odd"}}, "Environment 'odd' not found"),
    ],
)
def test_a_malformed_job(plain: MemoryBackend, body: Any, said: str) -> None:
    """A body that is wrong is the service's 400, and says where."""
    status, _, message = ask(plain, "PUT", f"{WORKSPACE}/jobs/j", body)
    assert status == 400
    assert said in message


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"runType": "x"}, "changing runType of a run"),
        ({"hidden": "yes"}, "'hidden' has to be true or false"),
        ({"tags": []}, "'tags' has to be an object"),
        (None, "a JSON object was expected"),
    ],
)
def test_a_malformed_change_of_a_run(plain: MemoryBackend, body: Any, said: str) -> None:
    """What run history cannot change of a run is refused."""
    plain.create(f"{WORKSPACE}/jobs/j", JOB)
    status, _, message = ask(plain, "PATCH", f"{API}/history/v1.0{WORKSPACE}/experiments/Default/runs/j", body)
    assert status == 400
    assert said in message


def test_a_run_that_is_not_there(plain: MemoryBackend) -> None:
    """A run is found by its name, in its experiment and its workspace."""
    plain.create(f"{WORKSPACE}/jobs/j", JOB)
    history = f"{API}/history/v1.0{WORKSPACE}"
    assert ask(plain, "GET", f"{history}/runs/gone")[0] == 404
    assert ask(plain, "GET", f"{history}/experiments/other/runs/j")[0] == 404
    assert ask(plain, "POST", f"{history}/rundata", {"runId": "gone"})[0] == 404
    assert ask(plain, "POST", f"{history}/rundata", {})[0] == 400
    assert ask(plain, "GET", f"{history.replace('/ws', '/gone')}/runs/j")[1] == "ResourceNotFound"


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ("text", 400),
        (["elsewhere"], 400),
        ([f"{WORKSPACE}/data/gone/versions/1"], 404),
        (["azureml://locations/eastus/workspaces/w/data/azureml_j_output_gone/versions/1"], 404),
    ],
)
def test_an_asset_that_cannot_be_resolved(plain: MemoryBackend, values: Any, status: int) -> None:
    """Ids that say nothing are refused rather than left out."""
    plain.create(f"{WORKSPACE}/jobs/j", JOB)
    url = f"{API}/data/v1.0{WORKSPACE}/dataversion/batchGetResolvedUris"
    assert ask(plain, "POST", url, {"values": values})[0] == status


@pytest.mark.usefixtures("plain")
def test_endpoints_and_schedules_are_refused(client: MLClient) -> None:
    """What comes later says so through the client too."""
    with pytest.raises(HttpResponseError, match="nothing is known of 'onlineendpoints'"):
        client.online_endpoints.begin_create_or_update(ManagedOnlineEndpoint(name="endpoint")).result()
    with pytest.raises(HttpResponseError, match="nothing is known of 'schedules'"):
        list(client.schedules.list())


@pytest.mark.parametrize("query", ["scheduled", "scheduleId"])
def test_a_list_that_cannot_be_had(plain: MemoryBackend, query: str) -> None:
    """A filter that is not emulated is refused rather than left out."""
    reply = plain.send(Request("GET", f"{WORKSPACE}/jobs", {"api-version": "2024-01-01-preview", query: "true"}))
    assert reply.status == 400
    assert query in reply.body["error"]["message"]


@pytest.mark.parametrize("query", ["jobType", "tag"])
def test_jobs_by_type_and_tag(plain: MemoryBackend, query: str) -> None:
    """A list can be of one type or with one tag."""
    plain.create(f"{WORKSPACE}/jobs/j", {"properties": {**JOB["properties"], "tags": {"team": "a"}}})
    for value, count in (("Command", 1), ("team", 1), ("team=a", 1), ("other", 0)):
        if (query == "jobType") == (value == "Command") or value == "other":
            params = {"api-version": "2024-01-01-preview", query: value}
            assert len(plain.send(Request("GET", f"{WORKSPACE}/jobs", params)).body["value"]) == count


URI = "https://a.blob.core.windows.net/c/x"
MODEL, DATA, ENVIRONMENT = {"modelUri": URI}, {"dataUri": URI}, {"image": "ubuntu"}
COMMAND = {"type": "command", "command": "ls"}


@pytest.mark.parametrize(
    ("kind", "properties", "said"),
    [
        ("models", {}, "ModelUri field is required"),
        ("models", {"modelUri": " "}, "ModelUri field is required"),
        ("models", {"modelUri": 5}, "'modelUri' has to be text"),
        ("models", {**MODEL, "stage": []}, "'stage' has to be text"),
        ("models", {**MODEL, "jobName": 5}, "'jobName' has to be text"),
        ("models", {**MODEL, "flavors": {"a": "b"}}, "'a' has to be an object"),
        ("models", {**MODEL, "tags": {"a": {"b": "c"}}}, "'tags.a' has to be text"),
        ("models", {**MODEL, "properties": {"a": ["b"]}}, "'properties.a' has to be text"),
        ("models", {**MODEL, "description": 5}, "'description' has to be text"),
        ("models", {**MODEL, "isArchived": "yes"}, "'properties.isArchived' has to be true or false"),
        ("models", {"modelUri": "azureml://jobs/gone/outputs/model"}, "Job 'gone' not found"),
        ("data", {"dataUri": ""}, "DataUri field is required"),
        ("data", {**DATA, "dataType": "table"}, "Allowed values: uri_file,uri_folder,mltable"),
        ("data", {**DATA, "autoDeleteSetting": "soon"}, "'autoDeleteSetting' has to be an object"),
        ("data", {**DATA, "referencedUris": URI}, "'properties.referencedUris' has to be a list"),
        ("environments", {}, "One of Image and Build is required"),
        ("environments", {"image": ""}, "Image field is required"),
        ("environments", {**ENVIRONMENT, "build": {"contextUri": URI}}, "mutually exclusive"),
        ("environments", {"build": {}}, "ContextUri field is required"),
        ("environments", {"build": {"contextUri": URI, "dockerfilePath": 5}}, "dockerfilePath' has to be text"),
        ("environments", {**ENVIRONMENT, "condaFile": {"name": "x"}}, "'condaFile' has to be text"),
        ("environments", {**ENVIRONMENT, "osType": "Solaris"}, "Allowed values: Linux,Windows"),
        ("environments", {**ENVIRONMENT, "inferenceConfig": []}, "'inferenceConfig' has to be an object"),
        ("components", {"componentSpec": {"command": "ls"}}, "Type field is required"),
        ("components", {"componentSpec": "ls"}, "'componentSpec' has to be an object"),
        ("components", {"componentSpec": {**COMMAND, "environment": "azureml:gone:1"}}, "'azureml:gone:1'"),
        ("components", {"componentSpec": {**COMMAND, "code": "azureml:gone:1"}}, "'azureml:gone:1'"),
        ("components", {"componentSpec": {"type": "pipeline", "jobs": {"a": {"componentId": "/gone"}}}}, "'/gone'"),
        ("components", {"componentSpec": {"type": "pipeline", "jobs": ["a"]}}, "'jobs' has to be an object"),
        ("codes", {"codeUri": {}}, "'codeUri' has to be text"),
    ],
)
def test_a_malformed_asset(plain: MemoryBackend, kind: str, properties: Any, said: str) -> None:
    """A version that is wrong is refused with the field that is meant, and leaves nothing behind."""
    status, _, message = ask(plain, "PUT", f"{WORKSPACE}/{kind}/new/versions/1", {"properties": properties})
    assert status in (400, 404)
    assert said in message
    assert ask(plain, "GET", f"{WORKSPACE}/{kind}/new")[0] == 404


@pytest.mark.parametrize("name", ["-x", ".x", "a b", "a@b", "ä", "aä", "x" * 256])
@pytest.mark.parametrize("path", ["models/{}/versions/1", "models/m/versions/{}", "models/{}", "datastores/{}"])
def test_a_name_that_cannot_be(plain: MemoryBackend, path: str, name: str) -> None:
    """Names and versions of assets have letters, digits, - _ and full stops."""
    status, _, message = ask(plain, "PUT", f"{WORKSPACE}/{path.format(name)}", {"properties": MODEL})
    assert status == 400
    assert "is not valid: 1 to 255" in message


@pytest.mark.parametrize("path", ["models", "data/d/versions", "environments", "components/c/versions", "datastores"])
@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"$filter": "name eq 'a'"}, "'$filter=name eq 'a''"),
        ({"feed": "other"}, "'feed=other'"),
        ({"orderBy": "name"}, "'orderBy=name'"),
        ({"$top": "x"}, "'$top=x'"),
        ({"$skip": "what?"}, "'$skip=what?'"),
    ],
)
def test_a_list_of_assets_that_cannot_be_had(
    plain: MemoryBackend, path: str, option: dict[str, str], said: str
) -> None:
    """An option that would not be heeded is refused rather than left out."""
    plain.create(f"{WORKSPACE}/data/d/versions/1", {"properties": DATA})
    plain.create(f"{WORKSPACE}/components/c/versions/1", {"properties": {"componentSpec": COMMAND}})
    reply = plain.send(Request("GET", f"{WORKSPACE}/{path}", {"api-version": "2024-01-01-preview", **option}))
    assert reply.status == 400
    assert said in reply.body["error"]["message"]


@pytest.mark.parametrize(
    ("option", "found"),
    [
        ({"tags": "team"}, ["2", "1"]),
        ({"tags": "team=a"}, ["1"]),
        ({"tags": "team=a,size"}, []),
        ({"properties": "is-evaluator=true"}, ["2"]),
        ({"version": "1"}, ["1"]),
        ({"$tags": "team=b", "listViewType": "All"}, ["2"]),
    ],
)
def test_versions_by_what_they_carry(plain: MemoryBackend, option: dict[str, str], found: list[str]) -> None:
    """A list of versions is narrowed by tags and properties, each by its name or with its value."""
    models = f"{WORKSPACE}/models/m/versions"
    plain.create(f"{models}/1", {"properties": {**MODEL, "tags": {"team": "a"}}})
    marked = {**MODEL, "tags": {"team": "b"}, "properties": {"is-evaluator": "true"}}
    plain.create(f"{models}/2", {"properties": marked})
    reply = plain.send(Request("GET", models, {"api-version": "2024-01-01-preview", **option}))
    assert [one["name"] for one in reply.body["value"]] == found


def test_numbers_become_text(plain: MemoryBackend) -> None:
    """Tags and properties are texts, whatever they were sent as."""
    sent = {**MODEL, "tags": {"epochs": 3, "best": True}, "properties": {"hash_version": 202208}}
    path = f"{WORKSPACE}/models/m/versions/1"
    plain.create(path, {"properties": sent})
    shown = plain.send(Request("GET", path, {"api-version": "2024-01-01-preview"})).body["properties"]
    assert shown["tags"] == {"epochs": "3", "best": "true"}
    assert shown["properties"] == {"hash_version": "202208"}
