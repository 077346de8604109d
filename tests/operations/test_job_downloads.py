"""What a job leaves behind comes back as files, where the official client puts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from operations.conftest import files_below
from operations.jobs import files_of, submitted

from mlsdk import MLClient, Output
from mlsdk.backends.memory import JobOutcome, MemoryBackend
from mlsdk.exceptions import JobException

if TYPE_CHECKING:
    from pathlib import Path

LOG = "artifacts/user_logs/std_log.txt"


def ended(client: MLClient, backend: MemoryBackend, outcome: JobOutcome, **changes: Any) -> str:
    """The name of a job that has ended like this."""
    backend.run_jobs_with(lambda _: outcome)
    return submitted(client, **changes)


@pytest.mark.shows("jobs.download")
def test_the_files_and_outputs_of_a_job_are_fetched(client: MLClient, backend: MemoryBackend, tmp_path: Path) -> None:
    """Its own files by default, one output by its name, or all of it."""
    outcome = JobOutcome(
        log="done\n",
        files={"outputs/metrics.json": "{}"},
        outputs={"model": {"model.pkl": b"\x00\x01", "deep/er.txt": "er"}, "table": "a,b\n"},
    )
    outputs = {
        "model": Output(type="uri_folder"),
        "table": Output(type="uri_file", path="azureml://datastores/workspaceblobstore/paths/here/table.csv"),
    }
    name = ended(client, backend, outcome, outputs=outputs)
    own = {LOG: b"done\n", "artifacts/outputs/metrics.json": b"{}"}
    model = {"named-outputs/model/model.pkl": b"\x00\x01", "named-outputs/model/deep/er.txt": b"er"}
    client.jobs.download(name, download_path=tmp_path / "own")
    assert files_below(tmp_path / "own") == own
    client.jobs.download(name, download_path=tmp_path / "model", output_name="model")
    assert files_below(tmp_path / "model") == model
    client.jobs.download(name, download_path=str(tmp_path / "all"), all=True)
    assert files_below(tmp_path / "all") == {**own, **model, "named-outputs/table/table.csv": b"a,b\n"}
    client.jobs.download(name, download_path=tmp_path / "default", output_name="default")
    assert files_below(tmp_path / "default") == own


@pytest.mark.shows("jobs.download")
def test_models_among_the_outputs_are_fetched_too(client: MLClient, backend: MemoryBackend, tmp_path: Path) -> None:
    """Another service knows where they are."""
    outcome = JobOutcome(outputs={"model": {"MLmodel": "x"}})
    name = ended(client, backend, outcome, outputs={"model": Output(type="mlflow_model")})
    client.jobs.download(name, download_path=tmp_path, output_name="model")
    assert files_below(tmp_path) == {"named-outputs/model/MLmodel": b"x"}


def test_the_files_of_a_failed_job_are_fetched(client: MLClient, backend: MemoryBackend, tmp_path: Path) -> None:
    """Its log says what went wrong."""
    name = ended(client, backend, JobOutcome(status="Failed", log="oh\n"))
    client.jobs.download(name, download_path=tmp_path, all=True)
    assert files_below(tmp_path) == {LOG: b"oh\n"}


def test_a_job_at_work_has_nothing_to_download(client: MLClient, backend: MemoryBackend, tmp_path: Path) -> None:
    """The error says how it is."""
    name = ended(client, backend, JobOutcome(seconds=3600))
    with pytest.raises(JobException, match=r"This job is in state .*Download is allowed only in states"):
        client.jobs.download(name, download_path=tmp_path)
    client.jobs.begin_cancel(name).result()


def test_an_output_that_a_job_does_not_have_is_an_error(
    client: MLClient, backend: MemoryBackend, tmp_path: Path
) -> None:
    """The error names those it has; nothing is downloaded in silence."""
    name = ended(client, backend, JobOutcome(log="x"))
    with pytest.raises(ResourceNotFoundError, match="no output 'modell' to download; it has default, model"):
        client.jobs.download(name, download_path=tmp_path, output_name="modell")
    backend.run_jobs_with(lambda _: JobOutcome())
    with pytest.raises(ResourceNotFoundError, match="left nothing as output 'model'"):
        client.jobs.download(submitted(client), download_path=tmp_path / "none", output_name="model")
    assert files_below(tmp_path) == {}


def test_an_output_that_the_service_does_not_tell_of_is_looked_for(
    client: MLClient, backend: MemoryBackend, tmp_path: Path
) -> None:
    """Where jobs write that the service tells nothing of: the default datastore has a folder for each."""
    name = ended(client, backend, JobOutcome(log="x"))
    files = files_of(client, backend, "workspaceblobstore")
    (tmp_path / "score.csv").write_bytes(b"1\n")
    with (tmp_path / "score.csv").open("rb") as stream:
        files.put(f"dataset/{name}/score/score.csv", stream)
    client.jobs.download(name, download_path=tmp_path / "out", output_name="score")
    assert files_below(tmp_path / "out") == {"named-outputs/score/score.csv": b"1\n"}
