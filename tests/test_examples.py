"""The pipeline, the sweep and the scoring of `examples/pipeline` are checked, sent and followed as they stand."""

from __future__ import annotations

import json
import runpy
import shutil
from typing import TYPE_CHECKING

import pytest

import mlsdk
from mlsdk import MLClient, load_compute, load_job
from mlsdk.backends.memory import JobOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any


@pytest.fixture
def folder(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The examples as a user has them, and an empty Azure in memory."""
    shutil.copytree(repository / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path / "examples" / "pipeline")
    monkeypatch.setenv("MLSDK_BACKEND", "memory")
    mlsdk.memory_backend().reset()
    yield tmp_path / "examples" / "pipeline"
    mlsdk.memory_backend().reset()


@pytest.fixture
def client(folder: Path) -> MLClient:
    """A client of the workspace that the folder names, in which the cluster is."""
    made = MLClient.from_config(path=folder)
    made.compute.begin_create_or_update(load_compute(folder / "compute.yml")).result()
    return made


def body(client: MLClient, job: Any) -> dict[str, Any]:
    """What the service holds of a pipeline, without its name, what it registered, and what says how it was written."""
    found = json.loads(json.dumps(mlsdk.to_wire(client.jobs.get(job.name))["properties"]).replace(job.name, "NAME"))
    for step in found["jobs"].values():
        step.pop("_source")
    found["settings"].pop("_source")
    assert found["outputs"]["model"].pop("assetVersion")  # each run registers the next one
    return {key: found[key] for key in ("inputs", "outputs", "jobs", "settings", "experimentName", "description")}


def test_the_pipeline_runs_as_the_readme_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`python pipeline.py` makes the cluster, submits and follows; the model is registered."""
    for _ in range(2):  # the second time the cluster is there
        runpy.run_path(str(folder / "pipeline.py"), run_name="__main__")
    assert "Execution Summary" in capsys.readouterr().out
    client = MLClient.from_config()
    assert [job.status for job in client.jobs.list(experiment_name="flowers")] == ["Completed"] * 2
    assert [model.version for model in client.models.list("flowers")] == ["2", "1"]


def test_the_file_and_the_function_are_the_same_pipeline(folder: Path, client: MLClient) -> None:
    """What the service holds of them differs in nothing, and each component is there once."""
    from_file = client.jobs.create_or_update(load_job("pipeline.yml"))
    written = runpy.run_path(str(folder / "pipeline.py"))["flowers_job"]()
    assert body(client, from_file) == body(client, client.jobs.create_or_update(written))
    components = [request.path for request in mlsdk.memory_backend().requests if "/components/" in request.path]
    assert len(set(components)) == 3


def test_the_sweep_tries_each_number(client: MLClient) -> None:
    """The best of five trials is known, and is the one whose accuracy was the highest."""
    accuracy = {"1": 0.9, "3": 0.95, "5": 0.98, "9": 0.96, "15": 0.94}
    mlsdk.memory_backend().run_jobs_with(
        lambda job: (
            JobOutcome(metrics={"accuracy": accuracy[str(job["properties"]["parameters"]["neighbours"])]})
            if "parameters" in job["properties"]
            else JobOutcome()
        )
    )
    sweep = client.jobs.create_or_update(load_job("sweep.yml"))
    client.jobs.wait(sweep.name)
    trials = {
        trial.name: client.jobs.metrics(trial.name).last["accuracy"] for trial in client.jobs.children(sweep.name)
    }
    assert sorted(trials.values()) == sorted(accuracy.values())
    assert trials[client.jobs.get(sweep.name).properties["best_child_run_id"]] == 0.98


def test_the_scoring_takes_the_model_of_the_pipeline(client: MLClient, tmp_path: Path) -> None:
    """The parallel step runs on the version that was registered last, and what it wrote can be fetched."""
    client.jobs.create_or_update(load_job("pipeline.yml"))
    scoring = client.jobs.create_or_update(load_job("scoring.yml"))
    assert scoring.inputs.model.path.endswith("flowers:1")
    client.jobs.stream(scoring.name)
    client.jobs.download(scoring.name, download_path=tmp_path / "kinds", output_name="kinds")
    assert any(path.is_file() for path in (tmp_path / "kinds" / "named-outputs" / "kinds").rglob("*"))


@pytest.mark.parametrize("name", ["pipeline.yml", "sweep.yml", "scoring.yml"])
def test_the_files_have_nothing_wrong(name: str, client: MLClient) -> None:
    """`jobs.validate` finds nothing before anything was sent."""
    found = client.jobs.validate(load_job(name))
    assert found.passed, found
