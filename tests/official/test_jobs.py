"""Command jobs: submitting, watching, stopping, changing and fetching what they leave, through the official client."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml import Input, MLClient, Output, command
from azure.ai.ml.constants import ListViewType
from azure.ai.ml.entities import Data, Environment, JupyterLabJobService, Model, SshJobService
from azure.ai.ml.exceptions import JobException
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError, ServiceResponseError

from mlsdk.backends.memory import JobOutcome, ManualClock, MemoryBackend
from mlsdk.testing import FakeCredential, azure_ml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from azure.ai.ml.entities import Command, Job


FILE = "azureml://datastores/workspaceblobstore/paths/x.csv"
LONG = 3600.0
WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
LAB = {"lab": JupyterLabJobService()}


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


@pytest.mark.simulates("jobs.show_services")
def test_applications_beside_a_job_have_addresses_while_it_runs(plain: MemoryBackend, client: MLClient) -> None:
    """What a job asks to run beside it is kept with it, and has an address on the node as long as the job runs."""
    plain.run_jobs_with(lambda _: JobOutcome(seconds=LONG))
    wanted = {"lab": JupyterLabJobService(nodes="all"), "shell": SshJobService(ssh_public_keys="ssh-rsa AAAA")}
    job = client.jobs.create_or_update(training(services=wanted))
    running = client.jobs.get(job.name)
    assert running.status == "Running"
    assert set(running.services) == {"Tracking", "Studio", "lab", "shell"}
    assert (running.services["lab"].nodes, running.services["shell"].ssh_public_keys) == ("all", "ssh-rsa AAAA")
    found = client.jobs.show_services(job.name)
    assert found is not None
    assert (found["lab"].type, found["lab"].status) == ("JupyterLab", "Running")
    assert found["lab"].endpoint.startswith("https://jupyterlab-")
    assert found["shell"].properties["ProxyEndpoint"].startswith("wss://ssh-")
    client.jobs.begin_cancel(job.name).result()
    assert client.jobs.show_services(job.name) is None


@pytest.mark.usefixtures("plain")
@pytest.mark.simulates("jobs.show_services")
def test_a_job_that_asks_for_none_has_no_applications_beside_it(client: MLClient) -> None:
    """A job has only where it can be watched: its page in the studio, and the tracking of its experiment."""
    job = client.jobs.create_or_update(training())
    assert client.jobs.show_services(job.name) is None
    page = f"https://ml.azure.com/runs/{job.name}?wsid=/subscriptions/sub/resourcegroups/rg/workspaces/ws"
    assert client.jobs.get(job.name).studio_url == f"{page}&tid={FakeCredential().tenant_id}"
    assert set(job.services) == {"Tracking", "Studio"}


def of_type(type_: str, path: str) -> dict[str, Any]:
    """A job with one input."""
    return {"command": "ls ${{inputs.x}}", "inputs": {"x": Input(type=type_, path=path)}}


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"environment": "missing:1"}, r"Environment .*missing(:|/versions/)1' not found"),
        ({"environment": "AzureML-sklearn-1.5:7"}, "Environment .*AzureML-sklearn-1.5:7' not found"),
        ({"environment": "AzureML-sklearn-1.5@stable"}, "Environment .*@stable' not found"),
        ({"environment": "azureml://registries/gone/environments/e/versions/1"}, "registries/gone.* not found"),
        (
            {"environment": "azureml://registries/azureml/environments/e/versions/1"},
            "does not emulate .*/e/versions/1'",
        ),
        ({"code": f"{WORKSPACE}/codes/3f0e/versions/1"}, "Code .*3f0e.* not found"),
        ({"compute": "missing"}, "Compute .*missing.* not found"),
        ({"compute": "local"}, "does not emulate jobs on the computer of the caller"),
        (of_type("uri_file", "azureml:missing:1"), "Data .*/data/missing/versions/1' not found"),
        (of_type("mlflow_model", "azureml:missing:1"), "Model .*/models/missing/versions/1' not found"),
        (of_type("uri_folder", "azureml://datastores/missing/paths/x"), "Datastore 'missing' not found"),
        (
            of_type("uri_folder", "azureml://jobs/missing/outputs/model"),
            "azureml://jobs/missing/outputs/model' not found",
        ),
        (of_type("uri_file", "azureml://registries/gone/data/d/versions/1"), "Data .*registries/gone.* not found"),
        (
            of_type("custom_model", "azureml://registries/azureml/models/bert/versions/1"),
            "does not emulate .*models/bert",
        ),
        (of_type("uri_file", "azureml://elsewhere/x"), "does not emulate the input 'x' at 'azureml://elsewhere/x'"),
    ],
)
def test_what_a_job_refers_to_has_to_be_there(client: MLClient, changes: dict[str, Any], said: str) -> None:
    """A job with a reference to nothing is refused, and the message names it."""
    with pytest.raises(HttpResponseError, match=said) as refused:
        client.jobs.create_or_update(training(**changes))
    assert refused.value.status_code == 400
    assert list(client.jobs.list()) == []


@pytest.mark.usefixtures("plain")
def test_a_job_may_refer_to_whatever_is_there(client: MLClient, plain: MemoryBackend) -> None:
    """Assets of the workspace, of registries and of other jobs, and addresses elsewhere, are what a job can work with."""
    plain.add_registry("shared")
    data = client.data.create_or_update(Data(name="d", version="1", path=FILE, type="uri_file"))
    client.models.create_or_update(Model(name="m", version="2", path=FILE, type="custom_model"))
    first = client.jobs.create_or_update(training())
    elsewhere = MLClient(FakeCredential(), registry_name="shared")
    environment = elsewhere.environments.create_or_update(Environment(name="e", version="1", image="ubuntu"))
    inputs = {
        "id": Input(type="uri_file", path=data.id),
        "short": Input(type="uri_file", path="azureml:d:1"),
        "model": Input(type="custom_model", path="azureml:m:2"),
        "made": Input(type="uri_folder", path=f"azureml://jobs/{first.name}/outputs/model/paths/deep"),
        "web": Input(type="uri_file", path="https://example.com/x.csv"),
        "old": Input(type="uri_folder", path="wasbs://c@account.blob.core.windows.net/x"),
    }
    text = "ls " + " ".join(f"${{{{inputs.{name}}}}}" for name in inputs)
    for environment_name in (
        "azureml:AzureML-sklearn-1.5:1",
        "AzureML-sklearn-1.5@latest",
        "azureml://registries/azureml/environments/sklearn-1.5/versions/2",
        "azureml://registries/azureml/environments/sklearn-1.5/labels/latest",
        environment.id,
    ):
        job = client.jobs.create_or_update(training(command=text, inputs=inputs, environment=environment_name))
        assert ended(client, job.name).status == "Completed"


def test_a_runner_may_use_clients_itself(azure: MemoryBackend, client: MLClient) -> None:
    """What a job does can be done by the function that stands for it: it sees its job, and what it makes stays."""
    seen: list[str] = []

    def run(job: Mapping[str, Any]) -> JobOutcome:
        with ThreadPoolExecutor(1) as other:  # whoever held the lock here would wait for ever
            seen.append(other.submit(client.jobs.get, job["name"]).result().status)
        client.models.create_or_update(Model(name="by-the-job", path=FILE, type="custom_model"))
        return JobOutcome(log="registered\n")

    azure.run_jobs_with(run)
    job = client.jobs.create_or_update(training())
    assert seen == ["NotStarted"]
    assert ended(client, job.name).status == "Completed"
    assert [one.version for one in client.models.list("by-the-job")] == ["1"]


def test_nobody_waits_for_a_runner_but_the_one_who_submits(plain: MemoryBackend, client: MLClient) -> None:
    """While the function of one job takes its time, others are answered; that job has not started, and runs once."""
    runs: list[str] = []
    asked, answered = threading.Event(), threading.Event()

    def run(job: Mapping[str, Any]) -> JobOutcome:
        runs.append(job["name"])
        if job["name"] == "slow":
            asked.set()
            assert answered.wait(30)
        return JobOutcome()

    plain.run_jobs_with(run)
    with ThreadPoolExecutor(1) as other:
        slow = other.submit(client.jobs.create_or_update, training(name="slow"))
        assert asked.wait(30)
        client.jobs.create_or_update(training(name="quick"))
        assert client.jobs.get("quick").status == "Completed"
        assert client.jobs.get("slow").status == "NotStarted"
        client.jobs.create_or_update(training(name="slow"))  # the same job again
        answered.set()
        assert slow.result().status == "NotStarted"
    assert client.jobs.get("slow").status == "Completed"
    assert runs == ["slow", "quick"]


def test_a_job_cancelled_while_its_runner_is_at_work_stays_cancelled(plain: MemoryBackend, client: MLClient) -> None:
    """What a function says of a job that was stopped meanwhile does not count."""

    def run(job: Mapping[str, Any]) -> JobOutcome:
        client.jobs.begin_cancel(job["name"]).result()
        return JobOutcome(files={"late.txt": "x"})

    plain.run_jobs_with(run)
    job = client.jobs.create_or_update(training())
    assert client.jobs.get(job.name).status == "Canceled"


def test_a_runner_that_fails_fails_its_job(plain: MemoryBackend, client: MLClient) -> None:
    """What a function raises reaches whoever submitted the job, at once and once; the job has failed for that reason."""
    runs: list[str] = []

    def run(job: Mapping[str, Any]) -> JobOutcome:
        runs.append(job["name"])
        client.models.get("missing", version="1")
        return JobOutcome()

    plain.run_jobs_with(run)
    with pytest.raises(RuntimeError, match=r"run_jobs_with\(\) raised ResourceNotFoundError: .*missing"):
        client.jobs.create_or_update(training(name="once"))
    assert runs == ["once"]
    assert client.jobs.get("once").status == "Failed"
    with pytest.raises(JobException, match=r"RunnerError.*missing"):
        client.jobs.stream("once")


def test_a_job_whose_answer_is_lost_runs_once(plain: MemoryBackend, client: MLClient) -> None:
    """A submit that the client makes again, since the connection broke, is the same job."""
    runs: list[str] = []

    def run(job: Mapping[str, Any]) -> JobOutcome:
        runs.append(job["name"])
        return JobOutcome()

    plain.run_jobs_with(run)
    plain.fail(method="PUT", path="*/jobs/*", after=True, exception=ServiceResponseError("lost"))
    assert client.jobs.create_or_update(training(name="once")).name == "once"
    assert runs == ["once"]
    assert client.jobs.get("once").status == "Completed"


@pytest.mark.usefixtures("plain")
def test_a_name_is_used_once(client: MLClient) -> None:
    """Another job cannot have the name of one that was submitted."""
    mine = {"name": "mine", "command": "cat ${{inputs.data}}"}
    client.jobs.create_or_update(training(**mine))
    client.jobs.create_or_update(training(**mine))  # the same one
    for name, value in (("command", "ls"), ("outputs", {"other": Output(type="uri_file")}), ("services", LAB)):
        with pytest.raises(HttpResponseError, match=f"'{name}' cannot be changed"):
            client.jobs.create_or_update(training(**{**mine, name: value}))


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
