"""The pipeline, the sweep and the scoring of `examples/pipeline` really run on this machine, offline."""

from __future__ import annotations

import json
import runpy
import shutil
from typing import TYPE_CHECKING

import pytest
from local.finished_jobs import client_of, run

from mlsdk import load_job
from mlsdk.local import LocalRunner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlsdk import MLClient

KINDS = {"setosa", "versicolor", "virginica"}


@pytest.fixture(scope="module")
def examples(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder as a user has it."""
    folder = tmp_path_factory.mktemp("examples")
    shutil.copytree(repository / "examples", folder, dirs_exist_ok=True)
    return folder / "pipeline"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MLClient]:
    """A workspace whose jobs run on this machine; the examples follow one another in it, as the README has them."""
    runner = LocalRunner(tmp_path_factory.mktemp("jobs"), max_workers=2)
    yield client_of(runner)
    runner.close()


@pytest.mark.runs_here(
    "pipelines.steps", "outputs.registered", "inputs.uri_file", "outputs.uri_file", "tracking.metrics"
)
def test_the_pipeline_learns_and_says_how_well(client: MLClient, examples: Path, tmp_path: Path) -> None:
    """Two thirds of the irises teach it the kinds of the rest; its model is registered with all that it has learned."""
    finished = run(client, load_job(examples / "pipeline.yml"), tmp_path)
    (report,) = (json.loads(text) for path, text in finished.files.items() if "/report" in path)
    assert report["flowers"] == 45
    assert 0.9 < report["test_accuracy"] <= 1
    assert finished.parts["evaluate"].metrics == {"test_accuracy": report["test_accuracy"]}
    assert 0.9 < finished.parts["train"].metrics["accuracy"] <= 1
    assert finished.parts["prepare"].log == "105 flowers to learn from, 45 to test with\n"
    (model,) = client.models.list("flowers")
    client.models.download("flowers", str(model.version), download_path=tmp_path / "model")
    (learned,) = (json.loads(path.read_bytes()) for path in (tmp_path / "model").rglob("model.json"))
    assert learned["neighbours"] == 5
    assert len(learned["flowers"]) == 105
    assert {kind for _, kind in learned["flowers"]} == KINDS


@pytest.mark.runs_here("pipelines.reuse")
def test_the_function_is_the_same_pipeline(client: MLClient, examples: Path, tmp_path: Path) -> None:
    """The pipeline of `pipeline.py` does what the file's does, so the steps take over what that left; nothing runs twice."""
    from_file = run(client, load_job(examples / "pipeline.yml"), tmp_path)
    written = run(client, runpy.run_path(str(examples / "pipeline.py"))["flowers_job"](), tmp_path)
    assert {name: step.job.properties.get("azureml.isreused") for name, step in written.parts.items()} == dict.fromkeys(
        ("prepare", "train", "evaluate"), "true"
    )
    assert written.parts["evaluate"].metrics == from_file.parts["evaluate"].metrics


@pytest.mark.runs_here("parallel.files", "parallel.processes", "parallel.append", "inputs.model")
def test_the_scoring_counts_each_field(client: MLClient, examples: Path, tmp_path: Path) -> None:
    """The registered model tells the kinds of all files, two at a time; each file has its line, and no flower is missed."""
    run(client, load_job(examples / "pipeline.yml"), tmp_path)
    finished = run(client, load_job(examples / "scoring.yml"), tmp_path)
    (lines,) = (text.splitlines() for path, text in finished.files.items() if "/kinds" in path)
    counts = {name: json.loads(found) for name, _, found in (line.partition(" ") for line in sorted(lines))}
    fields = {
        path.name: len(path.read_text(encoding="utf-8").splitlines()) - 1 for path in (examples / "fields").iterdir()
    }
    assert {name: sum(found.values()) for name, found in counts.items()} == fields
    assert {kind for found in counts.values() for kind in found} <= KINDS


@pytest.mark.runs_here("sweeps.grid", "sweeps.limits", "sweeps.best-trial")
def test_the_sweep_finds_how_many_neighbours_to_ask(client: MLClient, examples: Path, tmp_path: Path) -> None:
    """Each of the five numbers is tried; the best trial is the most accurate one, and its model is what the sweep leaves."""
    finished = run(client, load_job(examples / "sweep.yml"), tmp_path)
    accuracy = {trial.job.name: trial.metrics["accuracy"] for trial in finished.parts.values()}
    models = {
        trial.job.name: json.loads(trial.files["artifacts/outputs/model/model.json"])
        for trial in finished.parts.values()
    }
    assert sorted(model["neighbours"] for model in models.values()) == [1, 3, 5, 9, 15]
    best = finished.job.properties["best_child_run_id"]
    assert accuracy[best] == max(accuracy.values())
    assert 0.9 < accuracy[best] <= 1
    assert json.loads(finished.files["artifacts/outputs/model/model.json"]) == models[best]
