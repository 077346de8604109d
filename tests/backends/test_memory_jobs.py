"""Command jobs by URL and body: their life on a clock moved by hand, what they leave, what run history says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlsdk.backends import Request
from mlsdk.backends.memory import JobOutcome, ManualClock, MemoryBackend

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


def test_models_and_registered_versions_are_resolved(azure: Azure) -> None:
    """An output that is a model is resolved by the registry of models, a version by its id."""
    azure("PUT", JOB, body(outputs={"model": {"jobOutputType": "mlflow_model"}}))
    azure.clock.advance(1000)
    output = azure.history("rundata", {"runId": "j"})["runMetadata"]["outputs"]["model"]
    assert output["type"] == "MLFlowModel"
    place = {"properties": {"dataUri": "azureml://datastores/workspaceblobstore/paths/d", "dataType": "uri_folder"}}
    version = azure("PUT", f"{WORKSPACE}/data/d/versions/1", place)["id"]
    url = f"{API}/modelregistry/v1.0{WORKSPACE}/models/batchGetResolvedUris"
    values = azure("POST", url, {"values": [output["assetId"], version]})["values"]
    assert values[output["assetId"]]["path"].endswith("/azureml/j/model/")
    assert values[version] == {"path": place["properties"]["dataUri"], "type": "uri_folder"}


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
    ("uri", "status", "said"),
    [
        ("https://example.com/x", 400, "the output 'model' at 'https://example.com/x'"),
        ("azureml://datastores/gone/paths/x", 400, "Datastore 'gone' of output 'model' not found"),
    ],
)
def test_an_output_has_to_be_in_a_datastore(azure: Azure, uri: str, status: int, said: str) -> None:
    """An output at a place that is not kept here is refused."""
    content = body(outputs={"model": {**MODEL, "uri": uri}})
    reply = azure.backend.send(Request("PUT", JOB, {"api-version": "2024-01-01-preview"}, body=content))
    assert reply.status == status
    assert said in reply.body["error"]["message"]
