"""Compute `local` has a job run on this machine, also where the backend simulates all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import mlsdk
from mlsdk import MLClient, Output, command
from mlsdk.backends.choosing import by_name
from mlsdk.backends.memory import MemoryBackend
from mlsdk.dsl import pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENVIRONMENT = "AzureML-sklearn-1.5@latest"


@pytest.fixture
def client() -> Iterator[MLClient]:
    """A client of a backend that was told nothing of jobs."""
    backend = MemoryBackend(provision=True)
    yield MLClient(None, "sub", "rg", "ws", backend=backend)
    backend.close()


def test_a_job_whose_compute_is_local_runs_here(client: MLClient, tmp_path: Path) -> None:
    """What it prints is its log, and it keeps the compute that it was given."""
    said = command(command="echo it runs", environment=ENVIRONMENT, compute="local")
    job = client.jobs.wait(client.jobs.create_or_update(said).name)
    assert (job.status, job.compute) == ("Completed", "local")
    client.jobs.download(job.name, download_path=tmp_path)
    assert (tmp_path / "artifacts/user_logs/std_log.txt").read_text(encoding="utf-8") == "it runs\n"


def test_any_other_job_of_that_backend_is_simulated(client: MLClient) -> None:
    """A command that would fail completes."""
    said = command(command="exit 3", environment=ENVIRONMENT, compute="cpu")
    assert client.jobs.wait(client.jobs.create_or_update(said).name).status == "Completed"


@pytest.mark.parametrize("where", ["default", "step"])
def test_a_pipeline_with_local_in_it_runs_here_as_a_whole(client: MLClient, tmp_path: Path, where: str) -> None:
    """Its default compute, or that of one step, says so for all."""
    write = command(command="echo 1 > ${{outputs.out}}/a", environment=ENVIRONMENT, outputs={"out": Output()})

    @pipeline(default_compute="local" if where == "default" else "cpu")
    def steps():  # noqa: ANN202
        first, second = write(), write()
        if where == "step":
            first.compute = "local"
        return {"one": first.outputs.out, "two": second.outputs.out}

    job = client.jobs.wait(client.jobs.create_or_update(steps()).name)
    client.jobs.download(job.name, download_path=tmp_path, output_name="two")
    assert [path.name for path in (tmp_path / "named-outputs/two").rglob("*") if path.is_file()] == ["a"]


def test_local_is_the_backend_whose_jobs_all_run_here() -> None:
    """One for the process, beside that of the name `memory`."""
    assert by_name("local") is by_name("local")
    assert by_name("local") is not mlsdk.memory_backend()
    client = MLClient(None, "sub", "rg", "ws", backend="local")
    failed = client.jobs.create_or_update(command(command="exit 3", environment=ENVIRONMENT, compute="cpu"))
    with pytest.raises(mlsdk.exceptions.JobException, match="exit code 3"):
        client.jobs.wait(failed.name)
