"""Command jobs: submitting, watching, stopping, changing and fetching what they leave, through the official client."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml import Input, MLClient, Output, command
from azure.ai.ml.constants import ListViewType
from azure.ai.ml.entities import Environment
from azure.ai.ml.exceptions import JobException
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from mlsdk.backends.memory import JobOutcome, ManualClock, MemoryBackend
from mlsdk.testing import FakeCredential, azure_ml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from azure.ai.ml.entities import Command, Job


FILE = "azureml://datastores/workspaceblobstore/paths/x.csv"
LONG = 3600.0


def training(**changes: Any) -> Command:
    """A job with an input, an output and an environment that is there already."""
    wanted: dict[str, Any] = {
        "command": "python train.py ${{inputs.data}} --depth ${{inputs.depth}} > ${{outputs.model}}/log",
        "environment": "AzureML-sklearn-1.5@latest",
        "compute": "cpu-cluster",
        "inputs": {"data": Input(type="uri_file", path=FILE), "depth": 3},
        "outputs": {"model": Output(type="uri_folder")},
        "experiment_name": "iris",
        "tags": {"team": "a"},
        **changes,
    }
    made: Command = command(**wanted)
    return made


def ended(client: MLClient, name: str) -> Job:
    """The job when it has ended."""
    while (job := client.jobs.get(name)).status not in ("Completed", "Failed", "Canceled"):
        time.sleep(0.01)
    return job


@pytest.mark.emulates("jobs.create_or_update", "jobs.get", "jobs.list", "jobs.validate")
def test_a_job_is_submitted_and_completes(azure: MemoryBackend, client: MLClient) -> None:
    """A job is accepted as it was sent, and has completed when it is looked at again."""
    assert client.jobs.validate(training()).passed
    job = client.jobs.create_or_update(training(display_name="first"))
    assert job.status == "NotStarted"
    read = ended(client, job.name)
    assert read.status == "Completed"
    assert (read.display_name, read.experiment_name, read.compute) == ("first", "iris", "cpu-cluster")
    assert read.inputs["data"].path == FILE
    stored = azure.find(read.id)
    assert stored is not None
    assert stored.stored["properties"]["inputs"]["depth"] == {"jobInputType": "literal", "value": "3"}
    assert read.outputs["model"].path.endswith(f"/azureml/{job.name}/model/")
    assert read.studio_url.startswith(f"https://ml.azure.com/runs/{job.name}?")
    second = client.jobs.create_or_update(training())
    assert [one.name for one in client.jobs.list()] == [second.name, job.name]
    assert list(client.jobs.list(parent_job_name=job.name)) == []
    assert azure.requests.writes == 2


@pytest.mark.emulates("jobs.stream")
def test_the_log_is_streamed(azure: MemoryBackend, client: MLClient, capsys: pytest.CaptureFixture[str]) -> None:
    """What the job prints is what the runner says it prints."""
    azure.run_jobs_with(lambda job: JobOutcome(log=f"training {job['name']}\nloss 0.1\n"))
    job = client.jobs.create_or_update(training())
    client.jobs.stream(job.name)
    printed = capsys.readouterr().out
    assert f"training {job.name}\nloss 0.1\n" in printed
    assert "Execution Summary" in printed


@pytest.mark.emulates("jobs.stream")
def test_a_job_that_takes_its_time_is_streamed(
    azure: MemoryBackend, client: MLClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stream lasts until the job has ended."""
    azure.run_jobs_with(lambda _: JobOutcome(log="working\n", seconds=0.2))
    job = client.jobs.create_or_update(training())
    client.jobs.stream(job.name)
    assert client.jobs.get(job.name).status == "Completed"
    assert capsys.readouterr().out.count("working\n") == 1


@pytest.mark.emulates("jobs.stream")
def test_a_failed_job_says_why(azure: MemoryBackend, client: MLClient, capsys: pytest.CaptureFixture[str]) -> None:
    """A stream of a job that fails raises what the runner says went wrong."""
    azure.run_jobs_with(lambda _: JobOutcome(status="Failed", log="Traceback\n", error="no data"))
    job = client.jobs.create_or_update(training())
    with pytest.raises(JobException, match="no data"):
        client.jobs.stream(job.name)
    assert "Traceback" in capsys.readouterr().out
    assert client.jobs.get(job.name).status == "Failed"


@pytest.mark.emulates("jobs.download")
def test_what_a_job_leaves_is_downloaded(azure: MemoryBackend, client: MLClient, tmp_path: Path) -> None:
    """The log, the job's own files and its named outputs are files in the workspace's storage."""

    def run(job: Mapping[str, Any]) -> JobOutcome:
        depth = job["properties"]["inputs"]["depth"]["value"]
        return JobOutcome(
            log="done\n",
            files={"outputs/metrics.json": f'{{"depth": {depth}}}'},
            outputs={"model": {"model.pkl": b"\x00\x01", "deep/er.txt": "er"}, "table": "a,b\n"},
        )

    azure.run_jobs_with(run)
    outputs = {"model": Output(type="uri_folder"), "table": Output(type="uri_file")}
    job = client.jobs.create_or_update(training(outputs=outputs))
    ended(client, job.name)
    client.jobs.download(job.name, download_path=tmp_path, all=True)
    found = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert found.pop("artifacts/user_logs/std_log.txt") == b"done\n"
    assert found.pop("artifacts/outputs/metrics.json") == b'{"depth": 3}'
    assert found.pop("named-outputs/model/model.pkl") == b"\x00\x01"
    assert found.pop("named-outputs/model/deep/er.txt") == b"er"
    assert list(found.values()) == [b"a,b\n"]
    client.jobs.download(job.name, download_path=tmp_path / "one", output_name="model")
    assert (tmp_path / "one/named-outputs/model/model.pkl").read_bytes() == b"\x00\x01"


@pytest.mark.emulates("jobs.download")
def test_an_output_goes_where_the_job_says(azure: MemoryBackend, client: MLClient, tmp_path: Path) -> None:
    """An output with a path of its own is written there, and can be read as any other file."""
    azure.run_jobs_with(lambda _: JobOutcome(outputs={"model": {"m.pkl": "m"}}))
    place = "azureml://datastores/workspaceblobstore/paths/results/${{name}}/"
    job = client.jobs.create_or_update(training(outputs={"model": Output(type="uri_folder", path=place)}))
    assert ended(client, job.name).outputs["model"].path.endswith(f"/results/{job.name}/")
    client.jobs.download(job.name, download_path=tmp_path, output_name="model")
    assert (tmp_path / "named-outputs/model/m.pkl").read_text() == "m"


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("jobs.create_or_update", "models.get", "data.get")
def test_an_output_is_registered(client: MLClient) -> None:
    """An output with the name of an asset becomes a version of it; a version that is there already fails the job."""
    outputs = {
        "model": Output(type="mlflow_model", name="trained"),
        "table": Output(type="uri_folder", name="table", version="3"),
    }
    first = client.jobs.create_or_update(training(outputs=outputs))
    ended(client, first.name)
    model = client.models.get("trained", label="latest")
    assert (model.version, model.type, model.job_name) == ("1", "mlflow_model", first.name)
    assert model.path.endswith(f"/azureml/{first.name}/model/")
    assert client.data.get("table", version="3").path.endswith(f"/azureml/{first.name}/table/")
    second = client.jobs.create_or_update(training(outputs={"model": outputs["model"]}))
    ended(client, second.name)
    assert client.models.get("trained", label="latest").version == "2"
    third = client.jobs.create_or_update(training(outputs={"table": outputs["table"]}))
    assert ended(client, third.name).status == "Failed"
    with pytest.raises(JobException, match="version '3' of 'table' exists already"):
        client.jobs.stream(third.name)


@pytest.mark.emulates("jobs.begin_cancel")
def test_a_running_job_is_cancelled(azure: MemoryBackend, client: MLClient, tmp_path: Path) -> None:
    """A cancelled job ends as such, one that has ended stays as it is, and one at work has nothing to download."""
    azure.run_jobs_with(lambda _: JobOutcome(seconds=LONG))
    job = client.jobs.create_or_update(training())
    assert client.jobs.get(job.name).status != "Completed"
    with pytest.raises(JobException, match="Download is allowed only in states"):
        client.jobs.download(job.name, download_path=tmp_path)
    client.jobs.begin_cancel(job.name).result()
    assert client.jobs.get(job.name).status == "Canceled"
    client.jobs.begin_cancel(job.name).result()
    assert client.jobs.get(job.name).status == "Canceled"


@pytest.mark.emulates("jobs.archive", "jobs.restore", "jobs.update", "jobs.create_or_update")
def test_a_job_is_changed_and_archived(azure: MemoryBackend, client: MLClient) -> None:
    """Texts and tags can be changed; an archived job is not listed with the others."""
    job = client.jobs.create_or_update(training())
    changed = client.jobs.update(job.name, display_name="second", tags={"more": "b"}, description="better")
    assert (changed.display_name, changed.description) == ("second", "better")
    assert changed.tags == {"team": "a", "more": "b"}
    changed.tags["third"] = "c"
    assert client.jobs.create_or_update(changed).tags["third"] == "c"
    client.jobs.archive(job.name)
    assert list(client.jobs.list()) == []
    assert [one.name for one in client.jobs.list(list_view_type=ListViewType.ARCHIVED_ONLY)] == [job.name]
    client.jobs.restore(job.name)
    assert [one.name for one in client.jobs.list()] == [job.name]
    assert {one.status for one in azure.requests} <= {200, 201, 202, 204}


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("jobs.begin_delete")
def test_a_job_is_deleted(client: MLClient) -> None:
    """A deleted job is gone."""
    job = client.jobs.create_or_update(training())
    client.jobs.begin_delete(job.name).result()
    with pytest.raises(ResourceNotFoundError):
        client.jobs.get(job.name)


@pytest.mark.emulates("jobs.create_or_update")
def test_an_inline_environment_is_registered_with_the_job(azure: MemoryBackend, client: MLClient) -> None:
    """An environment that a job defines itself becomes an anonymous version, the same one the second time."""
    wanted = {"environment": Environment(image="ubuntu:22.04")}
    first = client.jobs.create_or_update(training(**wanted))
    second = client.jobs.create_or_update(training(**wanted))
    assert first.environment == second.environment
    assert not any("CliV2AnonymousEnvironment" in one.name for one in client.environments.list())
    assert azure.find(f"{first.id.rpartition('/jobs/')[0]}/environments/CliV2AnonymousEnvironment") is not None


@pytest.mark.usefixtures("plain")
@pytest.mark.simulates("jobs.show_services")
def test_a_job_has_no_applications_beside_it(client: MLClient) -> None:
    """None are emulated, so that none are there."""
    job = client.jobs.create_or_update(training())
    assert client.jobs.show_services(job.name) is None


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"environment": "missing:1"}, "does not exist|not found"),
        ({"compute": "missing"}, "Compute .*missing.* not found"),
        ({"compute": "local"}, "does not emulate jobs on the computer of the caller"),
    ],
)
def test_what_a_job_refers_to_has_to_be_there(client: MLClient, changes: dict[str, Any], said: str) -> None:
    """A job with a reference to nothing is refused, and the message names it."""
    with pytest.raises(HttpResponseError, match=said):
        client.jobs.create_or_update(training(**changes))
    assert list(client.jobs.list()) == []


@pytest.mark.usefixtures("plain")
def test_a_name_is_used_once(client: MLClient) -> None:
    """Another job cannot have the name of one that was submitted."""
    client.jobs.create_or_update(training(name="mine"))
    with pytest.raises(HttpResponseError, match="'command' cannot be changed"):
        client.jobs.create_or_update(training(name="mine", command="ls"))


def test_a_runner_has_to_know_the_outputs(plain: MemoryBackend, client: MLClient) -> None:
    """An output that the job does not declare is a mistake in the test, and says so."""
    plain.run_jobs_with(lambda _: JobOutcome(outputs={"other": "x"}))
    with pytest.raises(ValueError, match="the outputs \\['other'\\], which it does not declare"):
        client.jobs.create_or_update(training())
    with pytest.raises(ValueError, match="not as 'Done'"):
        JobOutcome(status="Done")


@pytest.mark.emulates("jobs.stream")
def test_a_clock_moved_by_hand_moves_while_a_stream_waits(capsys: pytest.CaptureFixture[str]) -> None:
    """A job that trains for five minutes is watched in no time."""
    clock = ManualClock()
    with azure_ml(MemoryBackend(clock=clock)) as azure:
        azure.add_workspace("sub", "rg", "ws", computes=["cpu-cluster"])
        azure.run_jobs_with(lambda _: JobOutcome(log="trained\n", seconds=300))
        client = MLClient(FakeCredential(), "sub", "rg", "ws")
        began = clock.now()
        job = client.jobs.create_or_update(training())
        client.jobs.stream(job.name)
        assert client.jobs.get(job.name).status == "Completed"
    assert "trained\n" in capsys.readouterr().out
    assert clock.now() - began > 300
