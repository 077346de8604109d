"""Jobs that are made of jobs, by URL and body: on a clock moved by hand, stopped, snapshotted, deleted, over pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlsdk.backends import Request
from mlsdk.backends.memory import JobOutcome, ManualClock, MemoryBackend, Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
JOB = f"{WORKSPACE}/jobs/j"
HISTORY = f"https://eastus.api.azureml.ms/history/v1.0{WORKSPACE}"
COMPONENT = f"{WORKSPACE}/components/step/versions/1"
SPEC = {
    "type": "command",
    "name": "step",
    "command": "run ${{inputs.data}}",
    "inputs": {"data": {"type": "uri_folder"}},
    "outputs": {"out": {"type": "uri_folder"}},
}


class Azure:
    """A backend with a workspace, a component and a clock that is moved by hand."""

    def __init__(self, **options: Any) -> None:
        self.clock = ManualClock()
        self.backend = MemoryBackend(clock=self.clock, **options)
        self.backend.add_workspace("sub", "rg", "ws", computes=["cpu"])
        self.backend.create(COMPONENT, {"properties": {"componentSpec": SPEC}})

    def __call__(self, method: str, url: str, content: Any = None, **params: str) -> Any:
        """The body of the answer to one request, which has to succeed."""
        query = {"api-version": "2024-01-01-preview", **params}
        reply = self.backend.send(Request(method, url, query, body=content))
        assert reply.status < 300, reply.body
        return reply.body

    def status(self, name: str = "j") -> str:
        """The status of a run."""
        found: str = self("GET", f"{HISTORY}/runs/{name}")["status"]
        return found

    def children(self, name: str = "j", **params: str) -> list[Any]:
        """The children of a run, oldest first, from all pages."""
        found = self("GET", f"{HISTORY}/runs/{name}/children", **params)
        runs = list(found["value"])
        while found["nextLink"]:
            found = self("GET", found["nextLink"])
            runs += found["value"]
        return runs[::-1]


@pytest.fixture
def azure() -> Azure:
    """An Azure whose clock stands still."""
    return Azure()


def chain(count: int = 3) -> dict[str, Any]:
    """A pipeline of steps, each after the one before."""
    jobs = {}
    for number in range(count):
        source = f"parent.jobs.s{number - 1}.outputs.out" if number else "parent.inputs.data"
        given = {"data": {"job_input_type": "literal", "value": f"${{{{{source}}}}}"}}
        jobs[f"s{number}"] = {"name": f"s{number}", "type": "command", "componentId": COMPONENT, "inputs": given}
    data = {"jobInputType": "uri_folder", "uri": "azureml://datastores/workspaceblobstore/paths/x"}
    settings = {"default_compute": "azureml:cpu"}
    return {"properties": {"jobType": "Pipeline", "inputs": {"data": data}, "jobs": jobs, "settings": settings}}


def sweep(trials: int = 4, at_once: int = 2) -> dict[str, Any]:
    """A search for a rate."""
    properties = {
        "jobType": "Sweep",
        "objective": {"goal": "Minimize", "primaryMetric": "loss"},
        "samplingAlgorithm": {"samplingAlgorithmType": "Random", "seed": 7},
        "searchSpace": {"rate": ["uniform", [0, 1]], "depth": ["choice", [[1, 2]]]},
        "trial": {"command": "run ${{search_space.rate}}", "environmentId": "azureml:AzureML-sklearn-1.5:1"},
        "limits": {"jobLimitsType": "Sweep", "maxTotalTrials": trials, "maxConcurrentTrials": at_once},
    }
    return {"properties": properties}


def test_only_so_many_trials_run_side_by_side(azure: Azure) -> None:
    """A trial waits until another one has ended where the sweep says how many may run at the same time."""
    azure("PUT", JOB, sweep())
    most = 0
    for _ in range(300):
        azure.clock.advance(1)
        running = [one for one in azure.children() if one["status"] not in ("NotStarted", "Completed")]
        most = max(most, len(running))
    assert most == 2
    assert azure.status() == "Completed"


def test_a_family_is_told_of_as_one(azure: Azure) -> None:
    """Children know their parent and the job that was submitted; a step shows nothing but in run history."""
    azure("PUT", JOB, chain())
    azure.clock.advance(1000)
    runs = azure.children()
    assert [one["displayName"] for one in runs] == ["s0", "s1", "s2"]
    assert {(one["parentRunId"], one["rootRunId"], one["runType"]) for one in runs} == {("j", "j", "azureml.StepRun")}
    assert azure("GET", f"{WORKSPACE}/jobs/{runs[0]['runId']}")["properties"] is None
    assert [one["name"] for one in azure("GET", f"{WORKSPACE}/jobs")["value"]] == ["j"]
    assert azure("GET", f"{HISTORY}/runs/j")["parentRunId"] is None


@pytest.mark.parametrize(("page_size", "pages"), [(1, 3), (2, 2), (100, 1)])
def test_children_come_in_pages(page_size: int, pages: int) -> None:
    """Each page has the link to the next; no more come than are asked for."""
    azure = Azure(page_size=page_size)
    azure("PUT", JOB, chain())
    azure.clock.advance(1000)
    azure.backend.requests.clear()
    assert [one["displayName"] for one in azure.children()] == ["s0", "s1", "s2"]
    assert len(azure.backend.requests) == pages
    assert [one["displayName"] for one in azure.children(**{"$top": "2"})] == ["s1", "s2"]
    reply = azure.backend.send(Request("GET", f"{HISTORY}/runs/j/children", {"$top": "x"}))
    assert reply.status == 400


@pytest.mark.parametrize("mode", ["sync", "async", "location", "body"])
def test_all_of_a_pipeline_stops(mode: Any) -> None:
    """A pipeline that is cancelled stops the step that is at work, and no other one begins."""
    azure = Azure(long_running=mode)
    azure("PUT", JOB, chain())
    azure.clock.advance(60)
    assert [one["status"] for one in azure.children()] == ["Running", "NotStarted", "NotStarted"]
    azure("POST", f"{JOB}/cancel")
    azure.clock.advance(5)
    azure.clock.advance(1000)
    assert azure.status() == "Canceled"
    assert {one["status"] for one in azure.children()} == {"Canceled"}


def test_a_step_that_is_stopped_fails_its_pipeline(azure: Azure) -> None:
    """One of its steps can be stopped by itself, and the pipeline fails for that reason."""
    azure("PUT", JOB, chain())
    azure.clock.advance(60)
    azure("POST", f"{WORKSPACE}/jobs/{azure.children()[0]['runId']}/cancel")
    azure.clock.advance(1000)
    assert azure.status() == "Failed"
    assert [one["status"] for one in azure.children()] == ["Canceled"] * 3


def test_a_snapshot_holds_a_running_pipeline(azure: Azure) -> None:
    """A pipeline goes on where it was when the snapshot was taken, with all its steps."""
    azure("PUT", JOB, chain())
    azure.clock.advance(60)
    snapshot = azure.backend.snapshot()
    azure("DELETE", JOB)
    azure.backend.restore(snapshot)
    assert azure.status() == "Running"
    azure.clock.advance(1000)
    assert {one["status"] for one in azure.children()} == {"Completed"}
    assert azure.status() == "Completed"


def test_a_snapshot_holds_a_pipeline_of_which_not_all_was_said(azure: Azure) -> None:
    """A pipeline whose runner was at work when the snapshot was taken is asked of the runner anew when it is restored."""
    snapshots: list[Snapshot] = []

    def run(job: Mapping[str, Any]) -> JobOutcome:
        if job["properties"]["displayName"] == "s1":
            snapshots.append(azure.backend.snapshot())
        return JobOutcome(status="Failed" if snapshots else "Completed")

    azure.backend.run_jobs_with(run)
    azure("PUT", JOB, chain())
    azure.backend.run_jobs_with(lambda _: JobOutcome())
    azure.backend.restore(snapshots[0])
    azure.clock.advance(1000)
    assert azure.status() == "Completed"
    assert [one["displayName"] for one in azure.children()] == ["s0", "s1", "s2"]


@pytest.mark.parametrize("end", ["cancel", "delete", "reset"])
def test_a_pipeline_that_ends_while_its_runner_is_at_work(azure: Azure, end: str) -> None:
    """Of the steps that are left the runner is not asked any more."""
    asked: list[str] = []

    def run(job: Mapping[str, Any]) -> JobOutcome:
        asked.append(job["properties"]["displayName"])
        if asked[-1] == "s1":
            if end == "cancel":
                azure("POST", f"{JOB}/cancel")
            elif end == "delete":
                azure("DELETE", JOB)
            else:
                azure.backend.reset()
                azure.backend.add_workspace("sub", "rg", "ws")
        return JobOutcome(files={"late.txt": "x"})

    azure.backend.run_jobs_with(run)
    azure("PUT", JOB, chain())
    azure.clock.advance(1000)
    assert asked == ["j", "s0", "s1"]
    if end == "cancel":
        assert azure.status() == "Canceled"
        assert {one["status"] for one in azure.children()} == {"Canceled"}
    else:
        assert azure("GET", f"{WORKSPACE}/jobs")["value"] == []


def test_a_runner_that_fails_for_a_step_fails_the_pipeline(azure: Azure) -> None:
    """What the function raises of a step reaches whoever submitted the pipeline, which has failed."""

    def run(job: Mapping[str, Any]) -> JobOutcome:
        if job["properties"]["displayName"] == "s1":
            message = "no such model"
            raise LookupError(message)
        return JobOutcome()

    azure.backend.run_jobs_with(run)
    with pytest.raises(LookupError, match="no such model"):
        azure("PUT", JOB, chain())
    azure.clock.advance(1000)
    assert azure.status() == "Failed"
    assert "LookupError: no such model" in azure("GET", f"{HISTORY}/runs/j")["error"]["error"]["message"]
    assert {one["status"] for one in azure.children()} == {"Canceled"}


def test_a_deleted_pipeline_takes_its_steps_along(azure: Azure) -> None:
    """Nothing is left of the steps, and another pipeline of the same name has its own."""
    azure("PUT", JOB, chain())
    first = [one["runId"] for one in azure.children()]
    refused = azure.backend.send(
        Request("DELETE", f"{WORKSPACE}/jobs/{first[0]}", {"api-version": "2024-01-01-preview"})
    )
    assert (refused.status, refused.body["error"]["code"]) == (400, "NotEmulated")
    azure("DELETE", JOB)
    for name in first:
        assert azure.backend.send(Request("GET", f"{HISTORY}/runs/{name}")).status == 404
    azure("PUT", JOB, chain(2))
    azure.clock.advance(1000)
    assert len(azure.children()) == 2
    azure("DELETE", WORKSPACE, forceToPurge="true")
    assert azure.backend.find(JOB) is None


def test_many_steps_take_no_more_time_each(azure: Azure) -> None:
    """A pipeline of a thousand steps runs to its end."""
    azure("PUT", JOB, chain(1000))
    azure.clock.advance(1000 * 1000)
    assert azure.status() == "Completed"


def test_metrics_are_there_once_a_job_runs(azure: Azure) -> None:
    """What a run logs is told from the moment it runs."""
    azure.backend.run_jobs_with(lambda _: JobOutcome(metrics={"loss": [2, 1]}))
    environment = "azureml:AzureML-sklearn-1.5:1"
    azure("PUT", JOB, {"properties": {"jobType": "Command", "command": "ls", "environmentId": environment}})
    url = f"https://eastus.api.azureml.ms/mlflow/v2.0{WORKSPACE}/api/2.0/mlflow/runs/get"
    assert "metrics" not in azure("GET", url, run_id="j")["run"]["data"]
    azure.clock.advance(30)
    run = azure("GET", url, run_id="j")["run"]
    assert (run["info"]["status"], run["data"]["metrics"][0]["value"]) == ("RUNNING", 1.0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"metrics": [1]}, "mapping of names to numbers"),
        ({"metrics": {"a": "b"}}, "a name with a number"),
        ({"metrics": {"a": [1, "b"]}}, "a name with a number"),
        ({"outputs": {"model": True}}, "the value True, but it is a uri_folder"),
    ],
)
def test_what_cannot_become_of_a_step(azure: Azure, wrong: dict[str, Any], said: str) -> None:
    """A mistake in what a test says is told to whoever submits the job."""
    azure.backend.run_jobs_with(lambda _: JobOutcome(**wrong))
    body = {"jobType": "Command", "command": "ls", "environmentId": "azureml:AzureML-sklearn-1.5:1"}
    with pytest.raises((TypeError, ValueError), match=said):
        azure("PUT", JOB, {"properties": {**body, "outputs": {"model": {"jobOutputType": "uri_folder"}}}})


@pytest.mark.parametrize("kind", ["normal", "qnormal", "lognormal", "qlognormal", "randint", "quniform", "qloguniform"])
def test_every_distribution_is_drawn_from(azure: Azure, kind: str) -> None:
    """What a search space may consist of is drawn, as a number that its parameters allow."""
    body = sweep()
    given = {"randint": [5], "normal": [0, 1], "lognormal": [0, 1]}.get(kind, [0, 1, 0.5])
    body["properties"]["searchSpace"]["rate"] = [kind, given]
    azure("PUT", JOB, body)
    azure.clock.advance(1000)
    for number in range(4):
        drawn = azure("GET", f"{WORKSPACE}/jobs/j_{number}")["properties"]["parameters"]["rate"]
        assert isinstance(drawn, (int, float))
        if kind == "randint":
            assert drawn in range(5)
        if kind.startswith("q"):
            assert drawn % 0.5 == pytest.approx(0)
