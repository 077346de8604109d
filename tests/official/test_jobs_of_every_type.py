"""Every type of job through the official client: submitted, watched, listed, fetched, stopped, changed, put away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml.constants import ListViewType
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from every_job import JOBS, TASKS

from mlsdk.backends.memory import JobOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from azure.ai.ml import MLClient

    from mlsdk.backends.memory import MemoryBackend

WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
FOLDERS = ("uri_folder", "mltable")
ENDED = ("Completed", "Failed", "Canceled")


ONCE = set(TASKS[1:])
"""Types which the way of answering cannot tell from another one: the tasks of automated machine learning but one."""


DIFFERENT = pytest.mark.parametrize("azure", ["slow, by operation", "pages of one"], indirect=True)
"""The ways of answering that differ most; command jobs, sweeps and pipelines meet all of them in files of their own."""


@pytest.fixture(params=[name for name in JOBS if name not in ONCE])
def make(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """What makes a job of each type."""
    if request.param == "import":  # sent only for those who ask for what is not public yet
        monkeypatch.setenv("AZURE_ML_CLI_PRIVATE_FEATURES_ENABLED", "True")
    found: Callable[[], Any] = JOBS[request.param]
    return found


def submit(client: MLClient, job: Any) -> Any:
    """The job as it was taken; the client's own checks know control flow only where it was started with what is not public."""
    steered = any(type(node).__name__ == "ConditionNode" for node in getattr(job, "jobs", {}).values())
    return client.jobs.create_or_update(job, skip_validation=steered)


def stored(azure: MemoryBackend, name: str) -> Any:
    """The properties of a job as Azure has them."""
    job = azure.find(f"{WORKSPACE}/jobs/{name}")
    assert job is not None
    return job.stored["properties"]


def finished(client: MLClient, name: str) -> Any:
    """The job when it has ended."""
    while (job := client.jobs.get(name)).status not in ENDED:
        pass
    return job


@DIFFERENT
@pytest.mark.emulates("jobs.create_or_update", "jobs.get", "jobs.list", "jobs.stream")
def test_a_job_is_submitted_and_watched(
    azure: MemoryBackend, client: MLClient, make: Callable[[], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """A job of any type is taken, streamed to its end and found in the list, with the class it was sent as."""
    job = submit(client, make())
    client.jobs.stream(job.name)
    assert "Execution Summary" in capsys.readouterr().out
    read = finished(client, job.name)
    assert (type(read), read.status) == (type(job), "Completed")
    assert read.studio_url.startswith(f"https://ml.azure.com/runs/{job.name}?")
    assert [one.name for one in client.jobs.list()] == [job.name]
    assert {one.status for one in client.jobs.list(parent_job_name=job.name)} <= {"Completed"}
    assert {one.status or 0 for one in azure.requests} <= {200, 201, 202, 204, 404}


@DIFFERENT
@pytest.mark.emulates("jobs.archive", "jobs.restore", "jobs.update", "jobs.create_or_update", "jobs.begin_delete")
def test_a_job_is_changed_put_away_and_deleted(azure: MemoryBackend, client: MLClient, make: Callable[[], Any]) -> None:
    """The texts and tags of a job of any type can be changed, it can be hidden and shown, and be deleted."""
    job = submit(client, make())
    finished(client, job.name)
    changed = client.jobs.update(job.name, display_name="second", tags={"more": "b"}, description="better")
    assert (changed.display_name, changed.description) == ("second", "better")
    changed.display_name = "third"
    assert client.jobs.create_or_update(changed).display_name == "third"
    assert stored(azure, job.name)["tags"]["more"] == "b"  # the client reads no tags of import jobs
    client.jobs.archive(job.name)
    assert list(client.jobs.list()) == []
    assert [one.name for one in client.jobs.list(list_view_type=ListViewType.ARCHIVED_ONLY)] == [job.name]
    client.jobs.restore(job.name)
    assert [one.name for one in client.jobs.list()] == [job.name]
    children = [one.name for one in client.jobs.list(parent_job_name=job.name)]
    client.jobs.begin_delete(job.name).result()
    for name in (job.name, *children):
        with pytest.raises(ResourceNotFoundError):
            client.jobs.get(name)
    assert "runs" not in str([one.path for one in azure.requests if (one.status or 0) >= 400])


@DIFFERENT
@pytest.mark.emulates("jobs.begin_cancel")
def test_a_job_at_work_is_cancelled(azure: MemoryBackend, client: MLClient, make: Callable[[], Any]) -> None:
    """A job of any type that is at work can be stopped, and all that it is made of stops with it."""
    azure.run_jobs_with(lambda _: JobOutcome(seconds=3600))
    job = submit(client, make())
    assert client.jobs.get(job.name).status not in ENDED
    client.jobs.begin_cancel(job.name).result()
    assert client.jobs.get(job.name).status == "Canceled"
    assert {one.status for one in client.jobs.list(parent_job_name=job.name)} <= {"Canceled"}
    client.jobs.begin_cancel(job.name).result()
    assert client.jobs.get(job.name).status == "Canceled"


@DIFFERENT
@pytest.mark.emulates("jobs.download")
def test_what_a_job_leaves_is_fetched(
    azure: MemoryBackend, client: MLClient, make: Callable[[], Any], tmp_path: Path
) -> None:
    """The own files of a job of any type, and each of its outputs that is no model, are there when it has completed.

    The client cannot resolve outputs that are models: it makes a request of its own in a way that it does not know.
    """

    def run(job: Mapping[str, Any]) -> JobOutcome:
        folders = {name for name, each in job["properties"]["outputs"].items() if each["jobOutputType"] in FOLDERS}
        outputs = {name: {"part": "x"} for name in folders}
        files = {"outputs/notes.txt": job["name"]}
        return JobOutcome(log="working\n", files=files, outputs=outputs, metrics={"accuracy": 1})

    azure.run_jobs_with(run)
    job = submit(client, make())
    finished(client, job.name)
    client.jobs.download(job.name, download_path=tmp_path)
    assert job.name in {path.read_text() for path in tmp_path.rglob("notes.txt")}
    for name, output in stored(azure, job.name)["outputs"].items():
        if output["jobOutputType"] in FOLDERS and name != "default":
            client.jobs.download(job.name, download_path=tmp_path / "one", output_name=name)
            assert list((tmp_path / "one" / "named-outputs" / name).iterdir())


@pytest.mark.usefixtures("plain")
def test_the_same_job_again_is_no_other_one(client: MLClient, make: Callable[[], Any]) -> None:
    """A submit that is made again, since its answer was lost, is the same job."""
    job = make()
    first = submit(client, job)
    made = make()
    made.name = first.name
    made.display_name = first.display_name
    assert submit(client, made).name == first.name
    assert [one.name for one in client.jobs.list()] == [first.name]


def test_a_failed_job_of_any_type_says_why(plain: MemoryBackend, client: MLClient, make: Callable[[], Any]) -> None:
    """What the runner says of a job itself counts whatever its parts come to."""
    plain.run_jobs_with(
        lambda job: (
            JobOutcome() if job["properties"].get("parentJobName") else JobOutcome(status="Failed", error="no data")
        )
    )
    job = submit(client, make())
    assert client.jobs.get(job.name).status == "Failed"
    with pytest.raises(Exception, match="no data"):
        client.jobs.stream(job.name)


def test_what_a_job_runs_on_has_to_be_there(plain: MemoryBackend, client: MLClient, make: Callable[[], Any]) -> None:
    """A job of any type whose compute was deleted is refused, and nothing of it stays."""
    found = next(iter(client.compute.list()))
    client.compute.begin_delete(found.name).result()
    job = make()
    named = (getattr(job, "compute", None), getattr(getattr(job, "settings", None), "default_compute", None))
    if "cpu-cluster" not in named:  # it runs where nobody makes a compute
        assert submit(client, job).name
        return
    with pytest.raises(HttpResponseError, match="cpu-cluster"):
        submit(client, job)
    assert list(client.jobs.list()) == []
    assert plain.find("/subscriptions/sub") is not None


@pytest.mark.usefixtures("plain")
@pytest.mark.emulates("jobs.create_or_update")
@pytest.mark.parametrize("task", sorted(ONCE))
def test_every_task_of_automated_machine_learning(client: MLClient, task: str, tmp_path: Path) -> None:
    """Each task is taken and tried with several models, of which one is the best."""
    job = submit(client, JOBS[task]())
    client.jobs.stream(job.name)
    read = finished(client, job.name)
    assert (type(read), read.status) == (type(job), "Completed")
    tried = [one.name for one in client.jobs.list(parent_job_name=job.name)]
    assert read.tags["automl_best_child_run_id"] in tried
    client.jobs.download(job.name, download_path=tmp_path)
    assert list(tmp_path.rglob("azureml_automl.log"))
