"""Jobs that really run, as the backend leads them: what begins when, what a failure stops, what is told of it meanwhile."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from mlsdk.backends import Request
from mlsdk.backends.memory import MemoryBackend
from mlsdk.local.work import Metric, Tracked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mlsdk.local.work import Work

WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
HISTORY = f"https://eastus.api.azureml.ms/history/v1.0{WORKSPACE}"
MLFLOW = f"https://eastus.api.azureml.ms/mlflow/v2.0{WORKSPACE}/api/2.0/mlflow"
SPEC = {
    "type": "command",
    "name": "step",
    "command": "run ${{inputs.data}}",
    "inputs": {"data": {"type": "uri_folder"}},
    "outputs": {"out": {"type": "uri_folder"}, "again": {"type": "boolean"}},
}
OTHERS = ("AutoML", "Spark")
"""What the machine of these tests does not run."""


class Machine:
    """Runs nothing: a test says what becomes of each job that the backend has it run."""

    room = 4

    def __init__(self, folder: Path) -> None:
        self._folder, self._folders = folder, 0
        self.works: dict[str, Work] = {}
        """The jobs at work, by what they are displayed as."""
        self.begun: list[str] = []
        """Those that were ever begun, in order."""
        self.closed = False

    def refusal(self, properties: Mapping[str, Any]) -> str | None:
        """Some types are none for this machine."""
        return f"It is of type {properties['jobType']}." if properties["jobType"] in OTHERS else None

    def folder(self, job: str) -> Path:
        """A folder for the backend's own files."""
        self._folders += 1
        found = self._folder / f"{job}-{self._folders}"
        found.mkdir()
        return found

    def start(self, work: Work) -> None:
        """Note that a job is at work; it stops as soon as it is told to."""
        name = work.properties["displayName"]
        self.begun.append(name)
        self.works[name] = work
        work.when_canceled(lambda: self._stop(name))

    def _stop(self, name: str) -> None:
        threading.Thread(target=self.works.pop(name).canceled, args=({},)).start()

    def wait(self) -> None:
        """Nothing runs by itself."""

    def close(self) -> None:
        """Note it."""
        self.closed = True

    def complete(self, name: str, **values: Any) -> None:
        """Have a job complete; each of its outputs that is a folder gets a file."""
        work = self.works.pop(name)
        outputs: dict[str, Any] = dict(values)
        for output, declared in work.properties["outputs"].items():
            if declared["jobOutputType"] == "uri_folder":
                outputs[output] = self._folder / f"{work.name}-{output}"
                outputs[output].mkdir()
                (outputs[output] / "result.txt").write_text(f"of {name}", encoding="utf-8")
        work.completed(outputs, {})

    def fail(self, name: str, reason: str = "it broke") -> None:
        """Have a job fail."""
        self.works.pop(name).failed(reason, {})


class Azure:
    """A backend that leads jobs of a machine."""

    def __init__(self, folder: Path) -> None:
        self.machine = Machine(folder)
        self.backend = MemoryBackend(jobs=self.machine)
        self.backend.add_workspace("sub", "rg", "ws", computes=["cpu"])
        self.backend.create(f"{WORKSPACE}/components/step/versions/1", {"properties": {"componentSpec": SPEC}})

    def __call__(self, method: str, url: str, content: Any = None, *, status: int = 200, **params: str) -> Any:
        """The body of the answer to one request, which has the status."""
        query = {"api-version": "2024-01-01-preview", **params}
        reply = self.backend.send(Request(method, url, query, body=content))
        assert reply.status in (status, 201, 202) if status == 200 else reply.status == status, reply.body
        return reply.body

    def submit(self, body: Any, name: str = "j", **options: Any) -> Any:
        """Submit a job."""
        return self("PUT", f"{WORKSPACE}/jobs/{name}", body, **options)

    def run(self, name: str = "j") -> Any:
        """What run history says of a run."""
        return self("GET", f"{HISTORY}/runs/{name}")

    def run_is_gone(self, name: str = "j") -> bool:
        """Whether run history knows nothing of a run, and nothing runs."""
        self("GET", f"{HISTORY}/runs/{name}", status=404)
        return self.backend.leader is not None and not self.backend.leader.busy

    def steps(self, name: str = "j") -> dict[str, str]:
        """The status of each step, by what it is displayed as."""
        runs = self("GET", f"{HISTORY}/runs/{name}/children")["value"]
        return {run["displayName"]: run["status"] for run in reversed(runs)}

    def ended(self, name: str = "j") -> Any:
        """A run once it has ended: what stops is told by threads of its own."""
        for _ in range(100):
            run = self.run(name)
            if run["status"] in ("Completed", "Failed", "Canceled"):
                return run
            self.backend.sleep(1)
        message = f"{name} is still {run['status']}"
        raise AssertionError(message)


@pytest.fixture
def azure(tmp_path: Path) -> Azure:
    """An Azure whose jobs run as a test says."""
    return Azure(tmp_path)


def after(*steps: str, **more: Any) -> dict[str, Any]:
    """A step that takes what other steps have left; of none, the input of the pipeline."""
    sources = [f"parent.jobs.{step}.outputs.out" for step in steps] or ["parent.inputs.data"]
    given = {"data": {"job_input_type": "literal", "value": f"${{{{{sources[0]}}}}}"}}
    extra = {f"V{number}": f"${{{{{source}}}}}" for number, source in enumerate(sources[1:])}
    return {
        "type": "command",
        "componentId": f"{WORKSPACE}/components/step/versions/1",
        "inputs": given,
        "environment_variables": extra,
        **more,
    }


def pipeline(jobs: Mapping[str, Any], **settings: Any) -> dict[str, Any]:
    """A pipeline of some nodes."""
    data = {"jobInputType": "uri_folder", "uri": "azureml://datastores/workspaceblobstore/paths/x"}
    settings = {"default_compute": "azureml:cpu", **settings}
    return {"properties": {"jobType": "Pipeline", "inputs": {"data": data}, "jobs": dict(jobs), "settings": settings}}


def command(**properties: Any) -> dict[str, Any]:
    """A command."""
    environment = "AzureML-sklearn-1.0-ubuntu20.04-py38-cpu"
    own = {"jobType": "Command", "command": "echo", "environmentId": f"azureml:{environment}@latest"}
    return {"properties": {**own, "displayName": "c", "computeId": "azureml:cpu", **properties}}


def test_a_job_is_told_of_while_it_goes_on(azure: Azure, tmp_path: Path) -> None:
    """A client sees each status when it comes, and the log while it grows."""
    azure.submit(command())
    assert azure.run()["status"] == "Queued"
    work = azure.machine.works["c"]
    work.preparing()
    assert azure.run()["status"] == "Preparing"
    log = tmp_path / "log.txt"
    log.write_text("one\n", encoding="utf-8")
    work.running({"user_logs/std_log.txt": log}, Tracked)
    assert azure.run()["status"] == "Running"
    address = azure("GET", f"{HISTORY}/runs/j/details")["logFiles"]["user_logs/std_log.txt"]
    host, _, path = address.partition("?")[0].rpartition("/azureml/")
    files = azure.backend.container(f"{host}/azureml?{address.partition('?')[2]}")
    assert files.get(path) == b"one\n"
    log.write_text("one\ntwo\n", encoding="utf-8")
    assert files.get(path, 4) == b"two\n"
    azure.machine.complete("c")
    assert azure.run()["status"] == "Completed"


def test_steps_run_side_by_side_as_soon_as_they_can(azure: Azure) -> None:
    """What needs nothing begins at once; what needs two steps begins with the end of the later one."""
    azure.submit(pipeline({"a": after(), "b": after(), "c": after("a", "b"), "d": after("a")}))
    assert sorted(azure.machine.works) == ["a", "b"]
    azure.machine.complete("a")
    assert sorted(azure.machine.works) == ["b", "d"]
    azure.machine.complete("b")
    assert sorted(azure.machine.works) == ["c", "d"]
    azure.machine.complete("c")
    assert azure.run()["status"] == "Running"
    azure.machine.complete("d")
    assert azure.run()["status"] == "Completed"


def test_a_step_gets_the_files_of_the_one_before(azure: Azure) -> None:
    """An output on this machine's disk is the input of the next step, without a copy."""
    azure.submit(pipeline({"a": after(), "b": after("a")}))
    azure.machine.complete("a")
    given = azure.machine.works["b"].inputs["data"]
    assert given.folder is not None
    assert (given.folder / "result.txt").read_text(encoding="utf-8") == "of a"


def test_a_failed_step_stops_the_pipeline(azure: Azure) -> None:
    """What runs is stopped, what waits never begins, and the pipeline says which step failed and why."""
    azure.submit(pipeline({"a": after(), "b": after(), "c": after("a")}))
    azure.machine.fail("b", "no file data.csv")
    assert "b: no file data.csv" in azure.ended()["error"]["error"]["message"]
    assert azure.ended()["status"] == "Failed"
    assert azure.steps() == {"a": "Canceled", "b": "Failed"}


def test_only_what_needs_it_stops_where_the_settings_say_so(azure: Azure) -> None:
    """With continue_on_step_failure all other steps go on; the pipeline has failed in the end all the same."""
    azure.submit(
        pipeline({"a": after(), "b": after(), "c": after("a"), "d": after("b")}, continue_on_step_failure=True)
    )
    azure.machine.fail("b")
    azure.machine.complete("a")
    azure.machine.complete("c")
    assert azure.run()["status"] == "Failed"
    assert azure.steps() == {"a": "Completed", "b": "Failed", "c": "Completed"}


@pytest.mark.parametrize(("value", "runs"), [(True, "yes"), (False, "no")])
def test_a_condition_decides_by_what_a_step_found(azure: Azure, value: object, runs: str) -> None:
    """Of the two blocks of an if-else the one runs that the value of an output chooses."""
    condition = {
        "type": "if_else",
        "condition": "${{parent.jobs.ask.outputs.again}}",
        "true_block": "${{parent.jobs.yes}}",
        "false_block": "${{parent.jobs.no}}",
    }
    azure.submit(pipeline({"ask": after(), "yes": after(), "no": after(), "if": condition}))
    assert list(azure.machine.works) == ["ask"]
    azure.machine.complete("ask", again=value)
    assert list(azure.machine.works) == [runs]
    azure.machine.complete(runs)
    assert azure.run()["status"] == "Completed"


def test_a_loop_goes_on_while_its_step_says_so(azure: Azure) -> None:
    """A do-while runs its step again, given what the last round left, until the condition is false."""
    loop = {
        "type": "do_while",
        "body": "${{parent.jobs.round}}",
        "condition": "again",
        "mapping": {"${{parent.jobs.round.outputs.out}}": "${{parent.jobs.round.inputs.data}}"},
        "limits": {"max_iteration_count": 5},
    }
    azure.submit(pipeline({"round": after(), "loop": loop, "last": after("loop")}))
    azure.machine.complete("round", again=True)
    given = azure.machine.works["round"].inputs["data"]
    assert given.folder is not None
    assert (given.folder / "result.txt").read_text(encoding="utf-8") == "of round"
    azure.machine.complete("round", again=True)
    azure.machine.complete("round", again=False)
    assert list(azure.machine.works) == ["last"]
    assert azure.machine.begun == ["round"] * 3 + ["last"]


def test_a_parallel_for_runs_its_step_for_each_item_at_once(azure: Azure) -> None:
    """Each item is a job of its own; what follows waits for all of them."""
    items = '[{"data": "azureml://datastores/workspaceblobstore/paths/1"}, {"data": "azureml://datastores/workspaceblobstore/paths/2"}]'
    loop = {"type": "parallel_for", "body": "${{parent.jobs.each}}", "items": items}
    azure.submit(pipeline({"each": after(), "loop": loop, "last": after("loop")}))
    assert azure.machine.begun == ["each", "each"]


def test_a_canceled_pipeline_ends_when_its_steps_have(azure: Azure) -> None:
    """Everything that runs is stopped, nothing more begins."""
    azure.submit(pipeline({"a": after(), "b": after("a")}))
    azure("POST", f"{WORKSPACE}/jobs/j/cancel")
    assert azure.ended()["status"] == "Canceled"
    assert azure.steps() == {"a": "Canceled"}


def test_what_this_machine_cannot_run_is_refused_when_it_is_submitted(azure: Azure) -> None:
    """The sentence names the step and the reason, and nothing has begun."""
    nodes = {"a": after(), "s": {**after("a"), "type": "spark"}}
    error = azure.submit(pipeline(nodes), status=400)["error"]["message"]
    assert "The step 's' of 'j' cannot run on this machine. It is of type Spark." in error
    assert not azure.machine.begun


def sweep(**more: Any) -> dict[str, Any]:
    """A search for a rate on a grid of three."""
    trial = command(command="train ${{search_space.rate}}")["properties"]
    properties = {
        "jobType": "Sweep",
        "computeId": "azureml:cpu",
        "objective": {"goal": "Maximize", "primaryMetric": "accuracy"},
        "samplingAlgorithm": {"samplingAlgorithmType": "Grid"},
        "searchSpace": {"rate": ["choice", [[0.1, 0.2, 0.3]]]},
        "limits": {"jobLimitsType": "Sweep", "maxTotalTrials": 3, "maxConcurrentTrials": 2},
        "trial": {name: trial[name] for name in ("command", "environmentId")},
        **more,
    }
    return {"properties": properties}


def logs(value: float) -> Callable[[], Tracked]:
    """What a trial tells that has logged one value."""
    return lambda: Tracked(metrics={"accuracy": [Metric(value=value, step=7, timestamp=1000)]})


def test_a_sweep_runs_as_many_trials_as_it_may_and_tells_the_best(azure: Azure) -> None:
    """The next trial begins when one has ended; the sweep names the trial with the best metric."""
    azure.submit(sweep())
    assert sorted(azure.machine.works) == ["j_0", "j_1"]
    for name, value in (("j_0", 0.5), ("j_1", 0.9), ("j_2", 0.7)):
        azure.machine.works[name].running({}, logs(value))
        azure.machine.complete(name)
    run = azure.run()
    assert (run["status"], run["properties"]["best_child_run_id"]) == ("Completed", "j_1")


def test_a_running_trial_shows_what_it_logs(azure: Azure) -> None:
    """MLflow's API tells the values with the steps and times that the script gave them."""
    azure.submit(sweep())
    azure.machine.works["j_0"].running({}, logs(0.5))
    found = azure("GET", f"{MLFLOW}/metrics/get-history", run_id="j_0", metric_key="accuracy")["metrics"]
    assert found == [{"key": "accuracy", "value": 0.5, "timestamp": 1000, "step": 7}]


def test_a_sweep_fails_when_all_its_trials_do(azure: Azure) -> None:
    """There is no best trial then."""
    azure.submit(sweep())
    for name in ("j_0", "j_1", "j_2"):
        azure.machine.fail(name)
    assert azure.run()["status"] == "Failed"


def test_a_restored_snapshot_runs_nothing(azure: Azure) -> None:
    """Jobs that ran when it was taken were stopped, and say so."""
    azure.submit(pipeline({"a": after()}))
    snapshot = azure.backend.snapshot()
    azure.machine.complete("a")
    azure.backend.restore(snapshot)
    assert azure.run()["status"] == "Canceled"
    assert "snapshot" in azure.run()["error"]["error"]["message"]


def test_closing_the_backend_closes_the_machine(azure: Azure) -> None:
    """No process outlives the backend that was closed."""
    azure.backend.close()
    assert azure.machine.closed


@pytest.mark.parametrize("kind", ["command", "pipeline", "sweep"])
def test_a_deleted_job_is_stopped(azure: Azure, kind: str) -> None:
    """Nothing of it runs on, and another one may have its name."""
    bodies = {"command": command(), "pipeline": pipeline({"a": after(), "b": after("a")}), "sweep": sweep()}
    azure.submit(bodies[kind])
    works = list(azure.machine.works.values())
    azure("DELETE", f"{WORKSPACE}/jobs/j")
    assert all(work.is_canceled for work in works)
    assert azure.run_is_gone()
    azure.submit(bodies[kind])
    assert azure.run()["status"] in ("Queued", "Running")


def test_jobs_of_a_purged_workspace_are_stopped(azure: Azure) -> None:
    """They go with it, and nobody waits for them."""
    azure.submit(pipeline({"a": after()}))
    work = azure.machine.works["a"]
    azure("DELETE", WORKSPACE, forceToPurge="true")
    assert work.is_canceled
    assert azure.backend.leader is not None
    assert not azure.backend.leader.busy


@pytest.mark.parametrize("first", [True, False])
def test_a_pipeline_that_cannot_go_on_fails(azure: Azure, *, first: bool) -> None:
    """A loop that is not as it should be is its failure, with the reason, whenever it is come to; what runs is stopped."""
    loop = {"type": "parallel_for", "body": "${{parent.jobs.each}}", "items": "[{}]", "max_concurrency": "two"}
    azure.submit(pipeline({"a": after(), "each": after(*([] if first else ["a"])), "loop": loop, "b": after()}))
    if not first:
        azure.machine.complete("a")
    run = azure.ended()
    assert run["status"] == "Failed"
    assert "'two'" in run["error"]["error"]["message"]
    assert "Running" not in azure.steps().values()


def test_a_step_may_say_its_instances_by_an_input(azure: Azure) -> None:
    """What the pipeline was given for it stands in the body of the step."""
    body = pipeline({"a": after(resources={"instance_count": "${{parent.inputs.nodes}}"})})
    body["properties"]["inputs"]["nodes"] = {"jobInputType": "literal", "value": "2"}
    azure.submit(body)
    assert azure.machine.works["a"].properties["resources"]["instanceCount"] == "2"


def test_a_pipeline_has_failed_when_somebody_stops_one_of_its_steps(azure: Azure) -> None:
    """What was stopped was not done, so that the pipeline is not complete."""
    azure.submit(pipeline({"a": after(), "b": after("a")}))
    step = azure("GET", f"{HISTORY}/runs/j/children")["value"][0]["runId"]
    azure("POST", f"{WORKSPACE}/jobs/{step}/cancel")
    assert azure.ended()["status"] == "Failed"
    assert "a: it was stopped" in azure.ended()["error"]["error"]["message"]


def test_a_job_ends_though_what_it_logged_cannot_be_read(azure: Azure) -> None:
    """It is completed, and a warning says what is missing."""

    def track() -> Tracked:
        message = "no metrics"
        raise ValueError(message)

    azure.submit(command())
    azure.machine.works["c"].running({}, track)
    azure.machine.complete("c")
    assert azure.ended()["status"] == "Completed"
    details = azure("GET", f"{HISTORY}/runs/j/details")
    assert "no metrics" in details["warnings"][0]["message"]


def test_the_best_trial_is_none_that_logged_no_number(azure: Azure) -> None:
    """NaN is neither more nor less than what the others logged."""
    azure.submit(sweep())
    for name, value in (("j_0", float("nan")), ("j_1", 0.9), ("j_2", 0.7)):
        azure.machine.works[name].running({}, logs(value))
        azure.machine.complete(name)
    assert azure.run()["properties"]["best_child_run_id"] == "j_1"


def test_nothing_watches_a_sweep_that_is_gone(azure: Azure) -> None:
    """Emptying the backend ends the thread that judges its trials."""
    azure.submit(sweep(earlyTermination={"policyType": "MedianStopping", "evaluationInterval": 1}))
    watching = [thread for thread in threading.enumerate() if thread.name == "sweep j"]
    assert len(watching) == 1
    azure.backend.reset()
    watching[0].join(timeout=30)
    assert not watching[0].is_alive()


def test_a_snapshot_restored_elsewhere_runs_nothing_either(azure: Azure) -> None:
    """A backend that has never run a job says of those that ran that they were stopped."""
    azure.submit(pipeline({"a": after()}))
    other = MemoryBackend()
    other.restore(azure.backend.snapshot())
    query = {"api-version": "2024-01-01-preview"}
    reply = other.send(Request("GET", f"{WORKSPACE}/jobs/j", query))
    assert reply.body["properties"]["status"] == "Canceled"


def test_a_job_that_the_machine_does_not_take_has_failed(azure: Azure, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reason is what the machine said; the next one runs."""

    def start(work: Work) -> None:
        message = f"no thread for {work.name}"
        raise RuntimeError(message)

    with monkeypatch.context() as patch:
        patch.setattr(azure.machine, "start", start)
        azure.submit(command())
    assert "no thread for j" in azure.run()["error"]["error"]["message"]
    azure.submit(command(), "next")
    assert azure.run("next")["status"] == "Queued"


@pytest.mark.parametrize("kind", ["pipeline", "sweep"])
def test_nothing_begins_when_the_backend_is_closed(azure: Azure, kind: str) -> None:
    """What is made of other jobs is stopped as a whole: no step or trial follows those that were stopped."""
    nodes = {"a": after(), "b": after("a"), "c": after()}
    azure.submit(sweep() if kind == "sweep" else pipeline(nodes, continue_on_step_failure=True))
    begun = list(azure.machine.begun)
    azure.backend.close()
    assert azure.ended()["status"] == "Canceled"
    assert azure.machine.begun == begun
