"""What a job that really runs has logged is told by MLflow's REST API and by the client, while it runs and afterwards."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from mlsdk import MLClient, command
from mlsdk.backends import Request
from mlsdk.backends.memory import MemoryBackend
from mlsdk.local.tracking import RunStore

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlsdk.local.work import Work

WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
MLFLOW = f"https://eastus.api.azureml.ms/mlflow/v2.0{WORKSPACE}/api/2.0/mlflow"


class Machine:
    """Runs no processes: a test writes what a script would have logged."""

    room = 1

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.store = RunStore(folder / "mlruns")
        self.works: dict[str, Work] = {}

    def refusal(self, properties: Mapping[str, Any]) -> str | None:
        """Everything can be run that has a command."""
        return None if properties.get("command") else "It has no command."

    def folder(self, job: str) -> Path:
        """A folder for the backend's own files."""
        return self._folder / job

    def start(self, work: Work) -> None:
        """Have it run at once."""
        self.works[work.name] = work
        name = work.name
        self.store.begin(name, name=name, experiment="e", artifacts=self._folder, tags={"team": "blue"})
        work.running({}, lambda: self.store.tracked(name))

    def wait(self) -> None:
        """Nothing runs by itself."""

    def close(self) -> None:
        """Nothing is to be stopped."""

    def log(self, run: str, kind: str, name: str, text: str) -> None:
        """Log something as MLflow does."""
        file = next(self.store.folder.glob(f"*/{run}")) / kind / name
        file.parent.mkdir(exist_ok=True)
        with file.open("a", encoding="utf-8") as more:
            more.write(text)

    def complete(self, run: str) -> None:
        """Have it end."""
        self.store.end(run, "Completed")
        self.works.pop(run).completed({}, {})


class Azure:
    """A client of a backend whose jobs really run, and a job of it."""

    def __init__(self, folder: Path) -> None:
        self.machine = Machine(folder)
        self.backend = MemoryBackend(jobs=self.machine)
        self.backend.add_workspace("sub", "rg", "ws", computes=["cpu"])
        self.client = MLClient(None, "sub", "rg", "ws", backend=self.backend)
        work = command(
            command="echo ${{inputs.rate}}",
            inputs={"rate": 0.5},
            environment="azureml:AzureML-sklearn-1.5:1",
            compute="cpu",
            tags={"team": "blue"},
        )
        work.name = "job"
        self.client.jobs.create_or_update(work)

    def mlflow(self, rest: str, **params: str) -> Any:
        """What MLflow's REST API answers."""
        reply = self.backend.send(Request("GET", f"{MLFLOW}/{rest}", params, body=None))
        assert reply.status == 200, reply.body
        return reply.body


@pytest.fixture
def azure(tmp_path: Path) -> Azure:
    """A job that has begun."""
    return Azure(tmp_path)


def test_metrics_are_told_while_the_job_runs_and_afterwards(azure: Azure) -> None:
    """With the steps and times at which they were logged; the last value is that of the latest step."""
    jobs, machine = azure.client.jobs, azure.machine
    assert not jobs.metrics("job")
    machine.log("job", "metrics", "val/loss", "1000 0.5 0\n3000 0.125 20\n2000 0.25 10\n4000 0.")
    found = jobs.metrics("job")["val/loss"]
    assert (found.last, found.values) == (0.125, [0.5, 0.25, 0.125])
    assert [(each.step, each.timestamp.timestamp()) for each in found] == [(0, 1.0), (10, 2.0), (20, 3.0)]
    machine.log("job", "metrics", "val/loss", "0625 30\n")
    assert jobs.metrics("job")["val/loss"].last == 0.0625
    machine.complete("job")
    machine.log("job", "metrics", "val/loss", "5000 0.5 40\n")
    assert jobs.metrics("job")["val/loss"].values == [0.5, 0.25, 0.125, 0.0625]


def test_a_run_has_the_parameters_and_tags_of_its_script(azure: Azure) -> None:
    """Beside those with which it was submitted."""
    azure.machine.log("job", "params", "depth", "3")
    azure.machine.log("job", "tags", "stage", "trial")
    data = azure.mlflow("runs/get", run_id="job")["run"]["data"]
    assert {each["key"]: each["value"] for each in data["params"]} == {"rate": "0.5", "depth": "3"}
    tags = {each["key"]: each["value"] for each in data["tags"]}
    assert tags.items() >= {"team": "blue", "stage": "trial", "mlflow.rootRunId": "job"}.items()


def test_values_that_json_has_no_number_for_are_told_as_text(azure: Azure) -> None:
    """As MLflow's own server tells them; the client makes numbers of them."""
    azure.machine.log("job", "metrics", "loss", "1 inf 0\n2 -inf 1\n3 nan 2\n")
    told = azure.mlflow("metrics/get-history", run_id="job", metric_key="loss")["metrics"]
    assert [each["value"] for each in told] == ["Infinity", "-Infinity", "NaN"]
    values = azure.client.jobs.metrics("job")["loss"].values
    assert values[:2] == [math.inf, -math.inf]
    assert math.isnan(values[2])


def test_a_long_history_comes_page_by_page(azure: Azure) -> None:
    """All of it, in the order in which it was logged."""
    azure.machine.log("job", "metrics", "loss", "".join(f"{step} {step} {step}\n" for step in range(2500)))
    first = azure.mlflow("metrics/get-history", run_id="job", metric_key="loss")
    assert (len(first["metrics"]), first["next_page_token"]) == (1000, "1000")
    assert azure.client.jobs.metrics("job")["loss"].values == list(range(2500))
