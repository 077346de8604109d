"""submit-aml (Microsoft Research): a command line that submits command jobs, with their environments, inputs and outputs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from azure.ai.ml import MLClient
from azure.ai.ml.entities import Data, Environment
from typer.testing import CliRunner

from mlsdk.backends.memory import JobOutcome
from mlsdk.testing import FakeCredential

if TYPE_CHECKING:
    from pathlib import Path

    from mlsdk.backends.memory import MemoryBackend

WORKSPACE = ("--subscription", "sub", "--resource-group", "rg", "--workspace", "ws")
IMAGE = ("--no-build-context", "--docker-image", "python:3.12")


@pytest.fixture
def project(azure: MemoryBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a script, in which the command is called; `azure` is what it reaches."""
    assert not azure.requests
    (tmp_path / "run.py").write_text("print('hello')\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "1.0"\n', encoding="utf-8")
    (tmp_path / "uv.lock").write_text("version = 1\n", encoding="utf-8")
    (tmp_path / ".python-version").write_text("3.12.10\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def client() -> MLClient:
    """The official client of the workspace, to look from outside."""
    return MLClient(FakeCredential(), "sub", "rg", "ws")


def submit(*arguments: str, compute: str = "cpu-cluster") -> tuple[int, str]:
    """Call `submit-aml`; its exit status and what it printed."""
    # Its defaults are read from the user's own file when it is imported.
    os.environ["SUBMIT_AML_CONFIG"] = os.devnull
    from submit_aml.__main__ import app

    result = CliRunner().invoke(app, [*WORKSPACE, "--compute-target", compute, "--script", "run.py", *arguments])
    return result.exit_code, " ".join(result.output.split())


def jobs(azure: MemoryBackend) -> list[dict[str, Any]]:
    """The properties of the jobs that were submitted, as the service got them."""
    return [r.body["properties"] for r in azure.requests if r.method == "PUT" and "/jobs/" in r.path]


def test_a_job_is_submitted_and_its_log_streamed(azure: MemoryBackend, project: Path, client: MLClient) -> None:
    """The whole way of a job: its code uploaded, the job sent as asked for, its log on the terminal."""
    azure.run_jobs_with(lambda job: JobOutcome(log=f"{job['properties']['command']}: loss 0.25\n"))
    status, output = submit(
        *IMAGE, "--stream-logs", "--experiment-name", "two words", "--run-name", "first", "--num-gpus", "2",
        "--set", "DEPTH=3", "--tag", "team=a", "--rate", "0.1",
    )  # fmt: skip
    assert status == 0, output
    assert "uv run --no-default-groups python run.py --rate 0.1: loss 0.25" in output
    (job,) = client.jobs.list()
    assert (job.status, job.display_name, job.experiment_name) == ("Completed", "first", "two_words")
    (sent,) = jobs(azure)
    assert sent["distribution"] == {"distributionType": "PyTorch", "processCountPerInstance": 2}
    assert (sent["environmentVariables"], sent["tags"]) == ({"DEPTH": "3"}, {"team": "a"})
    uploaded = {r.path.rpartition("/")[2] for r in azure.requests if r.method == "PUT" and ".blob." in r.host}
    assert uploaded == {path.name for path in project.iterdir()}


def test_the_same_code_is_uploaded_once(azure: MemoryBackend, project: Path) -> None:
    """The second submission of the same files refers to the code of the first."""
    for _ in range(2):
        assert submit(*IMAGE)[0] == 0
    first, second = jobs(azure)
    assert first["codeId"] == second["codeId"]
    uploads = [r.path for r in azure.requests if r.method == "PUT" and r.path.endswith("/run.py")]
    assert len(uploads) == 1, project


def test_an_environment_is_built_from_the_project(
    azure: MemoryBackend, project: Path, client: MLClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The project's files and a generated Dockerfile become an environment; without `uv`, which would check the lock."""
    monkeypatch.setattr("submit_aml.environment._check_lock_file_up_to_date", lambda _: None)
    status, output = submit("--dependency-group", "train")
    assert status == 0, output
    (sent,) = jobs(azure)
    *_, name, _, version = sent["environmentId"].split("/")
    environment = client.environments.get(name, version)
    assert environment.build.path.startswith("https://stws")
    folder = urlsplit(environment.build.path).path
    built = {r.path.removeprefix(folder) for r in azure.requests if r.method == "PUT" and r.path.startswith(folder)}
    assert built == {"Dockerfile", "pyproject.toml", "uv.lock", ".python-version"}, project


def test_a_conda_environment_is_registered_once(project: Path, client: MLClient) -> None:
    """It is looked for by its label first, and made when it is not there."""
    (project / "conda.yml").write_text("name: demo\ndependencies: [python=3.12]\n", encoding="utf-8")
    outputs = [submit("--no-build-context", "--conda-env-file", "conda.yml") for _ in range(2)]
    assert [status for status, _ in outputs] == [0, 0], outputs
    assert "Environment not found. Registering a new one" in outputs[0][1]
    assert "Found a registered environment" in outputs[1][1]
    registered = [found for found in client.environments.list() if found.name.startswith("conda-env-")]
    assert [found.latest_version for found in registered] == ["1"]


def test_inputs_and_outputs(azure: MemoryBackend, project: Path, client: MLClient) -> None:
    """Assets, folders of datastores and what another job left go in; what comes out is registered as an asset."""
    (project / "data.csv").write_text("1,2\n", encoding="utf-8")
    for _ in range(2):
        client.data.create_or_update(Data(name="iris", path=str(project / "data.csv"), type="uri_file"))
    for version in ("9", "10"):
        client.environments.create_or_update(Environment(name="env", version=version, image="python:3.12"))
    azure.run_jobs_with(lambda _: JobOutcome(files={"outputs/best.pt": "0.25"}, outputs={"found": {"a.txt": "1"}}))
    status, output = submit(
        "--aml-environment", "env", "--stream-logs",
        "--mount-asset", "newest=iris", "--download-asset", "first=iris:1",
        "--mount-datastore", "folder=workspaceblobstore/a/b",
        "--output-asset", "found=results", "--output-datastore", "kept=workspaceblobstore/kept",
    )  # fmt: skip
    assert status == 0, output
    (sent,) = jobs(azure)
    assert sent["environmentId"].endswith("/env/versions/10")
    versions = {name: sent["inputs"][name]["uri"].rpartition("/")[2] for name in ("newest", "first")}
    assert versions == {"newest": "2", "first": "1"}
    assert client.data.get("results", label="latest").version == "1"
    (before,) = client.jobs.list()

    azure.run_jobs_with(lambda _: JobOutcome())
    status, output = submit(*IMAGE, "--mount-job", f"weights={before.name}:outputs/best.pt")
    assert status == 0, output
    path = f"workspaceartifactstore/paths/ExperimentRun/dcid.{before.name}/outputs/best.pt"
    assert jobs(azure)[-1]["inputs"]["weights"]["uri"].endswith(path)


def test_services_of_a_job(azure: MemoryBackend, project: Path, client: MLClient) -> None:
    """A debugger and TensorBoard are asked for beside the job, and the job that comes back still has them."""
    status, output = submit(*IMAGE, "--debug", "--tensorboard")
    assert status == 0, (output, project)
    (sent,) = jobs(azure)
    assert {service["jobServiceType"] for service in sent["services"].values()} == {"VSCode", "TensorBoard"}
    (job,) = client.jobs.list()
    assert {"debugging", "tensorboard", "Studio"} <= set(client.jobs.get(job.name).services)


@pytest.mark.parametrize(
    ("arguments", "compute", "why"),
    [
        ((*IMAGE, "--mount-asset", "x=missing"), "cpu-cluster", 'Error getting data asset with name "missing"'),
        (IMAGE, "missing", "/computes/missing"),
    ],
    ids=["asset", "compute"],
)
def test_what_is_missing_is_said(project: Path, arguments: tuple[str, ...], compute: str, why: str) -> None:
    """What does not exist ends the command with an error that names it."""
    status, output = submit(*arguments, compute=compute)
    assert (status, project.exists()) == (1, True)
    assert why in output.replace("│ │ ", "").replace(" │ │ ", "")


def test_a_workspace_that_is_not_there(
    azure_ml: MemoryBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is made on the way: the empty Azure of a test stays empty."""
    (tmp_path / "run.py").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert submit(*IMAGE)[0] == 1
    assert azure_ml.requests[-1].status == 404


def test_a_sweep_tries_every_seed(project: Path, client: MLClient) -> None:
    """A sweep over a parameter of the script is taken, and each value of it is a trial."""
    status, output = submit(*IMAGE, "--sweep", "seed=[0, 1]", "--sweep-prefix", "--")
    assert (status, project.exists()) == (0, True), output
    (job,) = client.jobs.list()
    assert client.jobs.get(job.name).status == "Completed"
    assert len(list(client.jobs.list(parent_job_name=job.name))) == 2
