"""Command jobs by URL and body: their life on a clock moved by hand, what they leave, what run history says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlsdk.backends import Request
from mlsdk.backends.memory import JobOutcome, ManualClock, MemoryBackend, Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
JOB = f"{WORKSPACE}/jobs/j"
API = "https://eastus.api.azureml.ms"
MODEL = {"jobOutputType": "uri_folder"}


def body(**properties: Any) -> dict[str, Any]:
    """The body of a job."""
    environment = "azureml:AzureML-sklearn-1.5:1"
    return {"properties": {"jobType": "Command", "command": "ls", "environmentId": environment, **properties}}


class Azure:
    """A backend with one workspace and a clock that is moved by hand."""

    def __init__(self, **options: Any) -> None:
        self.clock = ManualClock()
        self.backend = MemoryBackend(clock=self.clock, **options)
        self.backend.add_workspace("sub", "rg", "ws", computes=["cpu"])

    def __call__(self, method: str, url: str, content: Any = None) -> Any:
        """The body of the answer to one request, which has to succeed."""
        reply = self.backend.send(Request(method, url, {"api-version": "2024-01-01-preview"}, body=content))
        assert reply.status < 300, reply.body
        return reply.body

    @property
    def status(self) -> str:
        """The status of the job `j`."""
        status: str = self("GET", JOB)["properties"]["status"]
        return status

    def history(self, rest: str, content: Any = None) -> Any:
        """What run history says."""
        return self("POST" if content is not None else "GET", f"{API}/history/v1.0{WORKSPACE}/{rest}", content)


@pytest.fixture
def azure() -> Azure:
    """An Azure whose clock stands still."""
    return Azure()


def test_a_job_lives_on_the_clock(azure: Azure) -> None:
    """A job waits, is prepared, runs and ends, each for its time."""
    azure("PUT", JOB, body())
    seen = [azure.status]
    for _ in range(100):
        azure.clock.advance(1)
        if azure.status != seen[-1]:
            seen.append(azure.status)
    assert seen == ["NotStarted", "Queued", "Preparing", "Running", "Finalizing", "Completed"]
    details = azure.history("runs/j/details")
    assert details["startTimeUtc"] == "2025-01-01T00:00:27.000000+00:00"
    assert details["endTimeUtc"] == "2025-01-01T00:01:32.000000+00:00"


def test_a_log_is_there_once_the_job_runs(azure: Azure) -> None:
    """Before it runs a job has no log; then its log is a file with a signed address."""
    azure.backend.run_jobs_with(lambda _: JobOutcome(log="epoch 1\n", seconds=10))
    azure("PUT", JOB, body())
    assert azure.history("runs/j/details")["logFiles"] == {}
    azure.clock.advance(30)
    details = azure.history("runs/j/details")
    assert details["status"] == "Running"
    address = details["logFiles"]["user_logs/std_log.txt"]
    home, _, query = address.partition("?")
    container = azure.backend.container(f"{home.partition('/azureml/')[0]}/azureml?{query}")
    assert container.get("ExperimentRun/dcid.j/user_logs/std_log.txt") == b"epoch 1\n"
    azure.clock.advance(10)
    assert azure.status == "Finalizing"


def test_a_runner_sees_the_job_and_says_what_becomes_of_it(azure: Azure) -> None:
    """The runner gets the body that was sent; its outputs are resolved to where they are."""
    seen: list[Mapping[str, Any]] = []

    def run(job: Mapping[str, Any]) -> JobOutcome:
        seen.append(job)
        return JobOutcome(outputs={"model": {"weights": b"12"}})

    azure.backend.run_jobs_with(run)
    azure("PUT", JOB, body(outputs={"model": MODEL}))
    assert (seen[0]["id"], seen[0]["name"], seen[0]["properties"]["command"]) == (JOB, "j", "ls")
    assert azure.history("rundata", {"runId": "j"})["runMetadata"]["outputs"] == {}
    azure.clock.advance(1000)
    output = azure.history("rundata", {"runId": "j"})["runMetadata"]["outputs"]["model"]
    assert output["type"] == "uri_folder"
    answer = azure(
        "POST", f"{API}/data/v1.0{WORKSPACE}/dataversion/batchGetResolvedUris", {"values": [output["assetId"]]}
    )
    uri = answer["values"][output["assetId"]]["uri"]
    assert uri == (
        "azureml://subscriptions/sub/resourcegroups/rg/workspaces/ws/datastores/workspaceblobstore/paths/azureml/j/model/"
    )


def test_an_output_may_be_called_output(azure: Azure) -> None:
    """Names that hold the word which stands between job and output in the name of an asset are told apart."""
    jobs = {"j": "raw_output_output_dir", "k_output_raw": "dir"}
    for job, name in jobs.items():
        azure("PUT", f"{WORKSPACE}/jobs/{job}", body(outputs={name: MODEL}))
    azure.clock.advance(1000)
    for job, name in jobs.items():
        asset = azure.history("rundata", {"runId": job})["runMetadata"]["outputs"][name]["assetId"]
        url = f"{API}/data/v1.0{WORKSPACE}/dataversion/batchGetResolvedUris"
        uri = azure("POST", url, {"values": [asset]})["values"][asset]["uri"]
        assert uri.endswith(f"/azureml/{job}/{name}/")


def test_models_and_registered_versions_are_resolved(azure: Azure) -> None:
    """An output that is a model is resolved by the registry of models, a version by its id."""
    azure("PUT", JOB, body(outputs={"model": {"jobOutputType": "mlflow_model"}}))
    azure.clock.advance(1000)
    output = azure.history("rundata", {"runId": "j"})["runMetadata"]["outputs"]["model"]
    assert output["type"] == "MLFlowModel"
    place = {"properties": {"dataUri": "azureml://datastores/workspaceblobstore/paths/d", "dataType": "uri_folder"}}
    made = azure("PUT", f"{WORKSPACE}/data/d/versions/1", place)
    version = made["id"]
    url = f"{API}/modelregistry/v1.0{WORKSPACE}/models/batchGetResolvedUris"
    values = azure("POST", url, {"values": [output["assetId"], version]})["values"]
    assert values[output["assetId"]]["path"].endswith("/azureml/j/model/")
    assert values[version] == {"path": made["properties"]["dataUri"], "type": "uri_folder"}


@pytest.mark.parametrize("status", ["Failed", "Canceled"])
def test_a_job_ends_as_the_runner_says(azure: Azure, status: str) -> None:
    """A job that fails says why, and has no outputs."""
    azure.backend.run_jobs_with(lambda _: JobOutcome(status=status, error="no data", outputs={"model": {"w": "1"}}))
    azure("PUT", JOB, body(outputs={"model": MODEL}))
    azure.clock.advance(1000)
    assert azure.status == status
    details = azure.history("runs/j/details")
    assert details["status"] == status
    assert details.get("error", {}).get("error", {}).get("message") == ("no data" if status == "Failed" else None)
    assert azure.history("runs/j")["outputs"] == {}


def test_a_cancelled_job_never_ends_otherwise() -> None:
    """A job is asked to stop, and stops; what it would have come to is forgotten."""
    azure = Azure(long_running="async")
    azure("PUT", JOB, body())
    azure.clock.advance(30)
    azure("POST", f"{JOB}/cancel")
    assert azure.status == "CancelRequested"
    azure.clock.advance(5)
    assert azure.status == "Canceled"
    azure.clock.advance(1000)
    assert azure.status == "Canceled"


def test_a_snapshot_holds_running_jobs(azure: Azure) -> None:
    """A job goes on where it was when the snapshot was taken."""
    azure("PUT", JOB, body())
    azure.clock.advance(30)
    snapshot = azure.backend.snapshot()
    azure("DELETE", JOB)
    azure.backend.restore(snapshot)
    assert azure.status == "Running"
    azure.clock.advance(1000)
    assert azure.status == "Completed"


def test_a_snapshot_holds_a_job_of_which_nothing_was_said_yet(azure: Azure) -> None:
    """A job whose runner was at work when the snapshot was taken is asked of the runner anew when it is restored."""
    snapshots: list[Snapshot] = []

    def run(_job: Mapping[str, Any]) -> JobOutcome:
        snapshots.append(azure.backend.snapshot())
        return JobOutcome(status="Failed")

    azure.backend.run_jobs_with(run)
    azure("PUT", JOB, body())
    azure.backend.run_jobs_with(lambda _: JobOutcome())
    azure.backend.restore(snapshots[0])
    assert azure.status == "NotStarted"
    azure.clock.advance(1000)
    assert azure.status == "Completed"


@pytest.mark.parametrize("forgotten", ["deleted", "restored", "reset"])
def test_a_job_that_is_gone_when_its_runner_is_done(azure: Azure, forgotten: str) -> None:
    """What is said of a job that was forgotten meanwhile does not bring it back."""
    before = azure.backend.snapshot()

    def run(_job: Mapping[str, Any]) -> JobOutcome:
        if forgotten == "deleted":
            azure("DELETE", JOB)
        elif forgotten == "restored":
            azure.backend.restore(before)
        else:
            azure.backend.reset()
            azure.backend.add_workspace("sub", "rg", "ws")
        return JobOutcome()

    azure.backend.run_jobs_with(run)
    azure("PUT", JOB, body())
    azure.clock.advance(1000)
    assert azure("GET", f"{WORKSPACE}/jobs")["value"] == []


def test_a_job_of_the_same_name_is_another_one(azure: Azure) -> None:
    """A job that was deleted and submitted again while its runner was at work is what was said of the second."""
    logs: list[str] = []

    def run(_job: Mapping[str, Any]) -> JobOutcome:
        logs.append("first" if not logs else "second")
        if logs == ["first"]:
            azure("DELETE", JOB)
            azure("PUT", JOB, body())
            return JobOutcome(status="Failed")
        return JobOutcome()

    azure.backend.run_jobs_with(run)
    azure("PUT", JOB, body())
    azure.clock.advance(1000)
    assert azure.status == "Completed"
    assert logs == ["first", "second"]


def test_a_deleted_job_goes_on_no_more(azure: Azure) -> None:
    """What was going to happen to a deleted job does not."""
    azure("PUT", JOB, body())
    azure("DELETE", JOB)
    azure.clock.advance(1000)
    assert azure("GET", f"{WORKSPACE}/jobs")["value"] == []


def test_a_job_keeps_what_it_is(azure: Azure) -> None:
    """A job can be sent again as it was read, texts changed; its properties are added to only."""
    read = azure("PUT", JOB, body(properties={"a": "1"}, tags={"t": "1"}))
    read["properties"].update(description="better", properties={"b": "2"})
    changed = azure("PUT", JOB, read)["properties"]
    assert (changed["description"], changed["properties"], changed["tags"]) == (
        "better",
        {"a": "1", "b": "2"},
        {"t": "1"},
    )
    refused = azure.backend.send(
        Request("PUT", JOB, {"api-version": "2024-01-01-preview"}, body=body(properties={"a": "2"})),
    )
    assert refused.status == 400
    assert "never changed or removed" in refused.body["error"]["message"]


def test_a_provisioning_backend_makes_what_a_job_names() -> None:
    """With `provision=True` the workspace and the compute of a job are there."""
    backend = MemoryBackend(provision=True)
    reply = backend.send(
        Request("PUT", JOB, {"api-version": "2024-01-01-preview"}, body=body(computeId=f"{WORKSPACE}/computes/gpu")),
    )
    assert reply.status == 201
    assert backend.find(f"{WORKSPACE}/computes/gpu") is not None


def test_a_provisioning_backend_does_not_make_data() -> None:
    """What a job reads cannot be made up: a datastore that nobody made is missing there too."""
    backend = MemoryBackend(provision=True)
    inputs = {"x": {"jobInputType": "uri_file", "uri": "azureml://datastores/gone/paths/x"}}
    reply = backend.send(Request("PUT", JOB, {"api-version": "2024-01-01-preview"}, body=body(inputs=inputs)))
    assert reply.status == 400
    assert "Datastore 'gone' not found" in reply.body["error"]["message"]


def test_a_job_reads_from_other_workspaces(azure: Azure) -> None:
    """An input may name the datastore of another workspace, which has to be usable."""
    azure.backend.add_workspace("sub", "rg", "other")
    other = WORKSPACE.removesuffix("ws") + "other"
    home = "azureml://subscriptions/sub/resourcegroups/rg/workspaces/other/datastores/workspaceblobstore"
    inputs = {"x": {"jobInputType": "uri_folder", "uri": f"{home}/paths/x"}}
    azure("PUT", JOB, body(inputs=inputs, computeId="azureml:cpu"))
    azure("DELETE", azure("GET", other)["properties"]["storageAccount"])
    reply = azure.backend.send(
        Request("PUT", f"{JOB}2", {"api-version": "2024-01-01-preview"}, body=body(inputs=inputs)),
    )
    assert 400 <= reply.status < 500
    assert "storage account" in reply.body["error"]["message"]


def test_a_job_the_service_makes_itself_runs_too(azure: Azure) -> None:
    """`create` asks the runner as a request does."""
    azure.backend.run_jobs_with(lambda _: JobOutcome(status="Canceled"))
    azure.backend.create(JOB, body())
    azure.clock.advance(1000)
    assert azure.status == "Canceled"


def test_a_reset_forgets_the_runner(azure: Azure) -> None:
    """After a reset jobs complete as they do by default."""
    azure.backend.run_jobs_with(lambda _: JobOutcome(status="Failed"))
    azure.backend.reset()
    azure.backend.add_workspace("sub", "rg", "ws")
    azure("PUT", JOB, body())
    azure.clock.advance(1000)
    assert azure.status == "Completed"


def test_a_runner_gives_an_outcome(azure: Azure) -> None:
    """Anything else is a mistake in the test."""
    azure.backend.run_jobs_with(lambda _: None)  # type: ignore[arg-type,return-value]
    with pytest.raises(TypeError, match="has to give a JobOutcome"):
        azure("PUT", JOB, body())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"status": "Done"}, "not as 'Done'"),
        ({"log": b"bytes"}, "log"),
        ({"error": None}, "error"),
        ({"seconds": -1}, "some seconds or none, not for -1"),
        ({"files": {"a/../b": "x"}}, "not the path of a file below a folder"),
        ({"files": {"a": 1}}, "text or bytes, not 'a' with int"),
        ({"files": ["a"]}, "mapping of paths"),
        ({"outputs": {"model": {"/a": "x"}}}, "not the path of a file below a folder"),
        ({"outputs": {"model": "one file"}}, "one content, but it is a uri_folder"),
        ({"outputs": {"table": {"a": "x"}}}, "files by path, but it is a uri_file"),
    ],
)
def test_what_cannot_become_of_a_job(azure: Azure, wrong: dict[str, Any], said: str) -> None:
    """A mistake in what a test says of a job is told to whoever submits it, with what is wrong."""
    azure.backend.run_jobs_with(lambda _: JobOutcome(**wrong))
    with pytest.raises((TypeError, ValueError), match=said):
        azure("PUT", JOB, body(outputs={"model": MODEL, "table": {"jobOutputType": "uri_file"}}))
    assert azure.status == "Failed"


def test_outputs_go_to_any_storage_that_is_there(azure: Azure) -> None:
    """An output is written behind whatever datastore it names; without that storage the job fails and says so."""
    azure.backend.add_storage_account("lake", containers=["files"])
    azure.backend.run_jobs_with(lambda _: JobOutcome(outputs={"model": {"weights": "12"}}))
    for name, account in (("mine", "lake"), ("theirs", "nobody")):
        store = {"datastoreType": "AzureDataLakeGen2", "accountName": account, "filesystem": "files"}
        azure("PUT", f"{WORKSPACE}/datastores/{name}", {"properties": store})
        place = f"azureml://datastores/{name}/paths/out/"
        azure("PUT", f"{WORKSPACE}/jobs/{name}", body(outputs={"model": {**MODEL, "uri": place}}))
    azure.clock.advance(1000)
    assert azure("GET", f"{WORKSPACE}/jobs/mine")["properties"]["status"] == "Completed"
    assert azure.backend.container("https://lake.blob.core.windows.net/files").get("out/weights") == b"12"
    assert azure("GET", f"{WORKSPACE}/jobs/theirs")["properties"]["status"] == "Failed"
    error = azure.history("runs/theirs")["error"]["error"]["message"]
    assert error.startswith("Output 'model' cannot be written: the storage behind")


@pytest.mark.parametrize(
    "wrong",
    [
        {"tags": ["a"]},
        {"tags": {"a": {"b": "c"}}},
        {"experimentName": 3},
        {"isArchived": "yes"},
        {"inputs": {"a": "b"}},
        {"inputs": {"a": {"jobInputType": "uri_file", "uri": 3}}},
        {"inputs": {"a": {"jobInputType": "uri_file", "uri": "x.csv"}}},
        {"outputs": {"a": "b"}},
        {"outputs": {"default": MODEL}},
        {"services": {"lab": {}}},
        {"queueSettings": {"jobTier": "Fastest"}},
        {"environmentId": f"{WORKSPACE}/computes/cpu"},
        {"environmentId": f"{WORKSPACE}/environments/AzureML-sklearn-1.5"},
        {"computeId": f"{WORKSPACE}/datastores/workspaceblobstore"},
    ],
)
def test_a_malformed_job_is_refused(azure: Azure, wrong: dict[str, Any]) -> None:
    """A body that is not that of a job is the service's 400, and nothing is stored."""
    reply = azure.backend.send(Request("PUT", JOB, {"api-version": "2024-01-01-preview"}, body=body(**wrong)))
    assert (reply.status, azure.backend.find(JOB)) == (400, None)


@pytest.mark.parametrize(
    ("uri", "status", "said"),
    [
        ("https://example.com/x", 400, "the output 'model' at 'https://example.com/x'"),
        (
            "azureml://subscriptions/sub/resourcegroups/rg/workspaces/other/datastores/workspaceblobstore/paths/x",
            400,
            "only outputs at 'azureml://datastores/...' of the job's own workspace",
        ),
        ("azureml://datastores/gone/paths/x", 400, "Datastore 'gone' of output 'model' not found"),
    ],
)
def test_an_output_has_to_be_in_a_datastore(azure: Azure, uri: str, status: int, said: str) -> None:
    """An output at a place that is not kept here is refused."""
    content = body(outputs={"model": {**MODEL, "uri": uri}})
    reply = azure.backend.send(Request("PUT", JOB, {"api-version": "2024-01-01-preview"}, body=content))
    assert reply.status == status
    assert said in reply.body["error"]["message"]
