"""The steps of pipelines and the trials of sweeps: seen, followed, and told of when they fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from operations.conftest import files_below
from operations.jobs import ENVIRONMENT, FILE

from mlsdk import Input, MLClient, Output, command, dsl
from mlsdk.backends.memory import JobOutcome, ManualClock, MemoryBackend
from mlsdk.entities import BaseJob
from mlsdk.exceptions import JobException
from mlsdk.sweep import Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from operations.conftest import Reached

    Outcomes = dict[str, JobOutcome]


@pytest.fixture
def backend() -> MemoryBackend:
    """A backend whose time is moved by hand."""
    backend = MemoryBackend(clock=ManualClock())
    backend.add_workspace("s", "rg", "ws", computes=["cpu"])
    return backend


@pytest.fixture
def client(reached: Reached, backend: MemoryBackend) -> MLClient:
    """A client of its workspace."""
    return MLClient(None, "s", "rg", "ws", backend=reached(backend))


@pytest.fixture
def outcomes(backend: MemoryBackend) -> Outcomes:
    """What becomes of jobs by what they are called; of others, that they complete."""
    known: Outcomes = {}

    def run(job: Mapping[str, Any]) -> JobOutcome:
        return known.get(str(job["properties"].get("displayName")), JobOutcome())

    backend.run_jobs_with(run)
    return known


def pipeline() -> Any:
    """Two steps, one after the other."""
    made = command(
        name="make",
        command="ls > ${{outputs.rows}}",
        environment=ENVIRONMENT,
        outputs={"rows": Output(type="uri_folder")},
    )
    used = command(
        name="use",
        command="ls ${{inputs.rows}} > ${{outputs.model}}",
        environment=ENVIRONMENT,
        inputs={"rows": Input(type="uri_folder")},
        outputs={"model": Output(type="uri_folder")},
    )

    @dsl.pipeline(default_compute="cpu", experiment_name="iris")
    def both() -> None:
        prepare = made()
        train = used(rows=prepare.outputs.rows)  # noqa: F841 - the variable is its name

    return both()


def submitted_pipeline(client: MLClient) -> str:
    """The name of a pipeline that was just submitted."""
    return str(client.jobs.create_or_update(pipeline()).name)


@pytest.mark.shows("jobs.list", "jobs.get")
def test_the_steps_of_a_pipeline_are_its_children(client: MLClient, outcomes: Outcomes) -> None:
    """Each with its name in the pipeline, how it is, where, and the experiment; found by their status too."""
    outcomes["train"] = JobOutcome(status="Failed")
    name = submitted_pipeline(client)
    with pytest.raises(JobException):
        client.jobs.wait(name)
    steps = {step.display_name: step for step in client.jobs.children(name)}
    assert {label: step.status for label, step in steps.items()} == {"prepare": "Completed", "train": "Failed"}
    assert {(type(step), step.experiment_name, step.compute) for step in steps.values()} == {(BaseJob, "iris", "cpu")}
    prepare = steps["prepare"]
    assert prepare.studio_url is not None
    assert f"/runs/{prepare.name}?" in prepare.studio_url
    assert isinstance(prepare, BaseJob)
    assert prepare.type == "base"
    assert prepare.creation_context is not None
    listed = client.jobs.list(parent_job_name=name, status="Failed")
    assert [step.display_name for step in listed] == ["train"]
    assert len(list(client.jobs.list(parent_job_name=name, max_results=1))) == 1
    assert client.jobs.get(str(prepare.name)).display_name == "prepare"


@pytest.mark.shows("jobs.stream")
def test_how_the_steps_are_is_printed_while_a_pipeline_is_followed(
    client: MLClient, outcomes: Outcomes, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line for each change, in the order in which things happen."""
    outcomes["prepare"] = outcomes["train"] = JobOutcome(seconds=100)
    client.jobs.stream(submitted_pipeline(client))
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Step ")]
    for step in ("prepare", "train"):
        assert lines.count(f"Step {step}: Running") == lines.count(f"Step {step}: Completed") == 1
    assert lines.index("Step prepare: Completed") < lines.index("Step train: Running")


@pytest.mark.parametrize("follow", ["stream", "wait"])
def test_a_failed_pipeline_tells_of_the_steps_that_failed(client: MLClient, outcomes: Outcomes, follow: str) -> None:
    """With their errors and the ends of their logs: the pipeline itself only knows that they did."""
    outcomes["train"] = JobOutcome(status="Failed", log="Traceback\nValueError: no rows\n", error="exit code 1")
    name = submitted_pipeline(client)
    call: Callable[[str], object] = getattr(client.jobs, follow)
    with pytest.raises(JobException) as failed:
        call(name)
    train = next(step for step in client.jobs.children(name) if step.display_name == "train")
    assert str(failed.value).startswith(f"job {name!r} failed: (")
    assert str(failed.value).endswith(
        f"\nstep 'train' ({train.name}) failed: (UserError) exit code 1\n"
        "The last lines of user_logs/std_log.txt:\n  Traceback\n  ValueError: no rows"
    )


def test_why_a_step_failed_is_told_of_a_pipeline_that_ended_at_once(reached: Reached) -> None:
    """Run history tells of a step that has just ended as running when it is first asked how that one is."""
    backend = MemoryBackend()
    backend.add_workspace("s", "rg", "ws", computes=["cpu"])
    backend.run_jobs_with(
        lambda job: JobOutcome(
            status="Failed" if job["properties"].get("displayName") == "train" else "Completed", error="exit code 1"
        )
    )
    client = MLClient(None, "s", "rg", "ws", backend=reached(backend))
    with pytest.raises(JobException, match=r"step 'train' \(.*\) failed: \(UserError\) exit code 1"):
        client.jobs.stream(submitted_pipeline(client))


def test_the_more_steps_there_are_the_more_seldom_they_are_asked_for(
    client: MLClient, backend: MemoryBackend, outcomes: Outcomes, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of them are told of each time, so that looking at each pause would cost the square of their number."""
    made = command(name="made", command="ls", environment=ENVIRONMENT)

    @dsl.pipeline(default_compute="cpu")
    def wide() -> None:
        for _ in range(200):
            made()

    outcomes["made_3"] = JobOutcome(seconds=300)
    name = str(client.jobs.create_or_update(wide()).name)
    before = len(backend.requests)
    client.jobs.stream(name)
    looks = [request for request in backend.requests[before:] if "$continuationtoken" not in request.params]
    asked = [request.path.rpartition("/")[2] for request in looks]
    assert 4 <= asked.count("children") < asked.count("details")
    assert capsys.readouterr().out.count(": Completed") == 200


@pytest.mark.shows("jobs.stream", "jobs.download")
def test_a_step_is_followed_like_a_job(
    client: MLClient, outcomes: Outcomes, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Its log, its metrics, its end and what it left."""
    outcomes["train"] = JobOutcome(log="loss 0.4\n", metrics={"loss": 0.4}, outputs={"model": {"m.txt": "x"}})
    name = submitted_pipeline(client)
    client.jobs.wait(name)
    train = next(str(step.name) for step in client.jobs.children(name) if step.display_name == "train")
    assert client.jobs.wait(train).status == "Completed"
    client.jobs.stream(train)
    assert "\nloss 0.4\n" in capsys.readouterr().out
    assert client.jobs.metrics(train).last == {"loss": 0.4}
    client.jobs.download(train, download_path=tmp_path, all=True)
    found = files_below(tmp_path)
    assert found["named-outputs/model/m.txt"] == b"x"
    assert found["artifacts/user_logs/std_log.txt"] == b"loss 0.4\n"


@pytest.mark.shows("jobs.download")
def test_of_a_step_that_reuses_another_the_files_of_that_one_are_fetched(
    client: MLClient, outcomes: Outcomes, tmp_path: Path
) -> None:
    """It has none itself."""
    outcomes["train"] = JobOutcome(log="trained\n")
    first = submitted_pipeline(client)
    client.jobs.wait(first)
    trained = next(str(step.name) for step in client.jobs.children(first) if step.display_name == "train")
    outcomes["train"] = JobOutcome(reuses=trained)
    second = submitted_pipeline(client)
    client.jobs.wait(second)
    again = next(str(step.name) for step in client.jobs.children(second) if step.display_name == "train")
    assert again != trained
    client.jobs.download(again, download_path=tmp_path)
    assert files_below(tmp_path) == {"artifacts/user_logs/std_log.txt": b"trained\n"}


@pytest.mark.shows("jobs.download", "jobs.stream")
def test_of_a_sweep_the_files_of_its_best_trial_are_fetched(
    client: MLClient, backend: MemoryBackend, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of the sweep itself stand apart."""

    def run(job: Mapping[str, Any]) -> JobOutcome:
        if job["properties"]["jobType"] == "Sweep":
            return JobOutcome(log="sweeping\n")
        number = int(job["name"].rpartition("_")[2])
        return JobOutcome(
            log=f"trial {number}\n", metrics={"loss": [1.0, (number - 1) ** 2]}, outputs={"model": {"n": str(number)}}
        )

    backend.run_jobs_with(run)
    trial = command(
        command="python train.py ${{inputs.data}} ${{inputs.rate}} > ${{outputs.model}}",
        environment=ENVIRONMENT,
        compute="cpu",
        inputs={"data": Input(type="uri_file", path=FILE), "rate": 0.1},
        outputs={"model": Output(type="uri_folder")},
    )
    job = trial(rate=Choice([0.1, 0.2, 0.3])).sweep(primary_metric="loss", goal="minimize", sampling_algorithm="grid")
    job.set_limits(max_total_trials=3)
    name = str(client.jobs.create_or_update(job, experiment_name="iris").name)
    client.jobs.stream(name)
    printed = capsys.readouterr().out
    assert printed.count(": Completed\n") == 3
    assert len(list(client.jobs.children(name))) == 3
    client.jobs.download(name, download_path=tmp_path / "all", all=True)
    found = files_below(tmp_path / "all")
    assert found["named-outputs/model/n"] == b"1"
    assert found["artifacts/user_logs/std_log.txt"] == b"trial 1\n"
    assert any(path.startswith("hd-artifacts/") for path in found)
    client.jobs.download(name, download_path=tmp_path / "one", output_name="model")
    assert files_below(tmp_path / "one") == {"named-outputs/model/n": b"1"}
