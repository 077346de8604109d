"""Both clients follow the same jobs in one memory backend: what they print, show and fetch is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import azure.ai.ml as official
import pytest
from azure.ai.ml.sweep import Choice
from azure.core.exceptions import ResourceNotFoundError

import mlsdk
from mlsdk.backends.memory import JobOutcome, MemoryBackend
from mlsdk.testing import FakeCredential, azure_ml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ENVIRONMENT = "AzureML-sklearn-1.5@latest"
FOLDER = {"a/b.txt": "1", "c.txt": "2"}


def run(job: Mapping[str, Any]) -> JobOutcome:
    """A job leaves a log, a file of its own and something in each output; a trial is measured."""
    declared = job["properties"]["outputs"]
    kind = job["properties"]["jobType"]
    outputs = {name: "file" if output["jobOutputType"] == "uri_file" else FOLDER for name, output in declared.items()}
    return JobOutcome(
        log=f"one\ntwo of {kind}\n",
        files={"outputs/x.txt": "x"},
        outputs=outputs if kind == "Command" else {},
        metrics={"loss": 0.1} if kind != "Pipeline" else {},
    )


@pytest.fixture(scope="module")
def clients() -> Iterator[tuple[Any, mlsdk.MLClient]]:
    """The official client and ours, on one backend."""
    with azure_ml(MemoryBackend()) as azure:
        azure.add_workspace("sub", "rg", "ws", computes=["cpu"])
        azure.run_jobs_with(run)
        theirs = official.MLClient(FakeCredential(), "sub", "rg", "ws")
        yield theirs, mlsdk.MLClient(None, "sub", "rg", "ws", backend=azure, polling_interval=0.01)


def output(**words: Any) -> Any:
    """An output of the official client."""
    return official.Output(**words)


def trained(**changes: Any) -> Any:
    """A command with outputs of several types; none is a model, on which the official client fails."""
    outputs = {
        "table": output(type="uri_file"),
        "folder": output(type="uri_folder"),
        "placed": output(type="uri_file", path="azureml://datastores/workspaceblobstore/paths/x/y.csv"),
    }
    text = "train ${{inputs.rate}} " + " ".join(f"${{{{outputs.{name}}}}}" for name in outputs)
    words = {"command": text, "environment": ENVIRONMENT, "inputs": {"rate": 0.1}, "outputs": outputs, "compute": "cpu"}
    return official.command(**{**words, "experiment_name": "e", **changes})


def swept() -> Any:
    """A sweep over it."""
    job = trained()(rate=Choice([0.1, 0.2])).sweep(primary_metric="loss", goal="minimize", sampling_algorithm="grid")
    job.set_limits(max_total_trials=2)
    job.experiment_name = "e"
    return job


def piped(**settings: Any) -> Any:
    """A pipeline of it."""
    part = trained(
        name="part", outputs={"score": output(type="uri_folder")}, command="ls > ${{outputs.score}}", inputs={}
    )

    @official.dsl.pipeline(default_compute="cpu", experiment_name="e", **settings)
    def whole() -> Any:
        first = part()
        return {"final": first.outputs.score}

    return whole()


JOBS = {
    "command": trained,
    "sweep": swept,
    "pipeline": piped,
    "batch scoring": lambda: piped(tags={"azureml.batchrun": "true"}),
}
WANTED: list[dict[str, Any]] = [
    {},
    {"all": True},
    *({"output_name": name} for name in ("table", "folder", "placed", "score", "final", "default")),
]


def files(client: Any, name: str, folder: Path, wanted: dict[str, Any]) -> dict[str, bytes]:
    """What a client downloads, by path; nothing where it finds nothing."""
    try:
        client.jobs.download(name, download_path=folder, **wanted)
    except ResourceNotFoundError as missing:
        assert "nothing to download" in str(missing) or "has no output" in str(missing)  # noqa: PT017 - ours alone says so
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", JOBS)
def test_a_job_and_its_children_are_shown_and_fetched_alike(
    clients: tuple[Any, mlsdk.MLClient], kind: str, tmp_path: Path
) -> None:
    """The same children, and the same files in the same places, whichever are asked for."""
    theirs, ours = clients
    name = theirs.jobs.create_or_update(JOBS[kind]()).name
    ours.jobs.wait(name)
    shown = list(theirs.jobs.list(parent_job_name=name))
    children = list(ours.jobs.children(name))
    assert [(one.name, one.display_name, one.status, one.type, one.compute) for one in children] == [
        (one.name, one.display_name, one.status, one.type, one.compute) for one in shown
    ]
    for job in (name, *(str(child.name) for child in children)):
        for number, wanted in enumerate(WANTED):
            expected = {
                path: content
                for path, content in files(theirs, job, tmp_path / f"{job}-{number}-theirs", wanted).items()
                if not path.startswith("hd-artifacts/_")  # those of `name_0` too, whose folder only begins like `name`
            }
            assert files(ours, job, tmp_path / f"{job}-{number}-ours", wanted) == expected


@pytest.mark.parametrize("kind", ["command", "sweep", "pipeline"])
def test_a_job_is_streamed_alike(
    clients: tuple[Any, mlsdk.MLClient], kind: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Line by line, beside the statuses of steps, which only ours tells."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    printed = []
    for client in clients:
        name = clients[0].jobs.create_or_update(JOBS[kind]()).name
        capsys.readouterr()
        client.jobs.stream(name)
        lines = capsys.readouterr().out.replace(name, "NAME").splitlines()
        printed.append([line for line in lines if not line.startswith("Step ")])
    assert printed[1] == printed[0]
