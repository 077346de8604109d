"""Jobs: what is submitted, what it brings with it, and how it is changed and stopped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from pipelines import PipelineBackend

from mlsdk import Input, MLClient, Output, command, load_component, load_job
from mlsdk.backends.memory import MemoryBackend
from mlsdk.dsl import pipeline
from mlsdk.entities import (
    AmlCompute,
    CommandComponent,
    Data,
    Environment,
    Model,
    PipelineJob,
    UserIdentityConfiguration,
)
from mlsdk.exceptions import ValidationException
from mlsdk.sweep import Uniform

if TYPE_CHECKING:
    from pathlib import Path

    from operations.conftest import Reached

    from mlsdk.entities import Command, Job

CURATED = "AzureML-sklearn-1.5@latest"
ANYWHERE = "azureml://registries/azureml/environments/sklearn-1.5/versions/1"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: code, data, and the files of components and pipelines."""
    root = tmp_path / "iris"
    (root / "src").mkdir(parents=True)
    (root / "src" / "train.py").write_text("print('training')\n")
    (root / "data").mkdir()
    (root / "data" / "rows.csv").write_text("1,2\n")
    (root / "train.yml").write_text(
        "name: train\ntype: command\ncode: ./src\nenvironment: {image: 'python:3.11'}\n"
        "inputs: {data: {type: uri_folder}, rate: {type: number, default: 0.1}}\noutputs: {model: {type: uri_folder}}\n"
        "command: python train.py --data ${{inputs.data}} --rate ${{inputs.rate}} --to ${{outputs.model}}\n"
    )
    (root / "twice.yml").write_text(
        "name: twice\ntype: pipeline\ninputs: {data: {type: uri_folder}}\noutputs: {model: {type: uri_folder}}\njobs:\n"
        "  first: {type: command, component: ./train.yml, inputs: {data: '${{parent.inputs.data}}'}}\n"
        "  second: {type: command, component: ./train.yml, inputs: {data: '${{parent.jobs.first.outputs.model}}'},"
        " outputs: {model: '${{parent.outputs.model}}'}}\n"
    )
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def lab(client: MLClient, project: Path) -> MLClient:  # noqa: ARG001 - the folder that it works in
    """A client of a workspace with a compute, data, a model and an environment."""
    client.compute.begin_create_or_update(AmlCompute(name="cpu", size="Standard_DS3_v2")).result()
    client.data.create_or_update(Data(name="iris", version="1", path="./data", type="uri_folder"))
    client.models.create_or_update(Model(name="forest", version="2", path="./data", type="custom_model"))
    client.environments.create_or_update(Environment(name="env", version="1", image="python:3.11"))
    return client


def training(**changes: Any) -> Command:
    """A command job; its parts may be replaced."""
    return command(**{"command": "echo ${{inputs.rate}}", "environment": CURATED, "inputs": {"rate": 0}, **changes})


def writes(backend: MemoryBackend, word: str) -> list[str]:
    """The paths of what was written whose path has a word in it."""
    return [one.path for one in backend.requests if one.method == "PUT" and word in one.path]


# -- what is submitted -------------------------------------------------------------------------------------------
@pytest.mark.shows("jobs.create_or_update", "jobs.get")
def test_a_job_is_submitted_with_the_names_it_was_given_none_of(lab: MLClient) -> None:
    """A name of two words, the same for the studio, and the current folder's for the experiment; the job stays as it was."""
    job = training(compute="cpu", code="./src", inputs={"rate": 0, "word": ""})
    made = lab.jobs.create_or_update(job)
    assert re.fullmatch(r"[a-z]+_[a-z]+_[a-z0-9]{10}", str(made.name))
    assert (made.display_name, made.experiment_name, made.compute) == (made.name, "iris", "cpu")
    assert (job.name, job.experiment_name, job.code) == (None, None, "./src")
    found = lab.jobs.get(str(made.name))
    assert found.inputs == {"rate": "0", "word": ""}  # type: ignore[attr-defined]
    assert re.fullmatch(r"[0-9a-f-]{36}:1", found.code)  # type: ignore[attr-defined]


def test_keyword_arguments_win_over_what_the_job_says(lab: MLClient) -> None:
    """Also over what is falsy, and only for this submission."""
    job = training(compute="elsewhere", experiment_name="mine", tags={"a": "1"})
    made = lab.jobs.create_or_update(job, compute="cpu", experiment_name="yours", description="d", tags={"b": "2"})
    assert (made.compute, made.experiment_name, made.description, made.tags) == ("cpu", "yours", "d", {"b": "2"})
    assert (job.compute, job.experiment_name, job.description, job.tags) == ("elsewhere", "mine", None, {"a": "1"})


def test_the_client_takes_a_job_as_any_other_entity(lab: MLClient) -> None:
    """`client.create_or_update(job)` submits it."""
    assert lab.create_or_update(training(compute="cpu")).status is not None


@pytest.mark.parametrize(
    ("path", "kind", "found"),
    [
        ("azureml:iris:1", "uri_folder", "iris:1"),
        ("iris:1", "uri_folder", "iris:1"),
        ("azureml:iris@latest", "uri_folder", "iris:1"),
        ("forest@latest", "custom_model", "forest:2"),
        ("azureml:forest:2", "custom_model", "forest:2"),
        (
            "azureml://datastores/workspaceblobstore/paths/x/",
            "uri_folder",
            "azureml://datastores/workspaceblobstore/paths/x/",
        ),
    ],
)
def test_data_is_named_in_every_way(lab: MLClient, path: str, kind: str, found: str) -> None:
    """By name and version, by label, or by address, of data and of models."""
    made: Any = lab.jobs.create_or_update(training(compute="cpu", inputs={"rate": 1, "d": Input(type=kind, path=path)}))
    assert made.inputs["d"].path == found


def test_data_of_this_machine_is_uploaded_once(lab: MLClient, backend: MemoryBackend) -> None:
    """Two inputs of the same folder are one upload; a folder's address ends in a slash, a file's does not."""
    folder = Input(type="uri_folder", path="./data")
    file = Input(type="uri_file", path="data/rows.csv")
    before = len(backend.requests)
    made: Any = lab.jobs.create_or_update(
        training(compute="cpu", inputs={"rate": 1, "a": folder, "b": folder, "c": file})
    )
    asked = [one for one in backend.requests[before:] if one.path.endswith("listSecrets")]
    assert len(asked) == 2
    assert made.inputs["a"].path == made.inputs["b"].path
    assert made.inputs["a"].path.endswith("/data/")
    assert made.inputs["c"].path.endswith("/rows.csv")
    assert folder.path == "./data"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"inputs": {"rate": 1, "d": Input(path="gone")}}, "inputs.d.path: no such file or folder: .*gone"),
        ({"inputs": {"rate": 1, "d": Input(path="data/rows.csv")}}, "is a file, but the type is uri_folder"),
        ({"inputs": {"rate": 1, "d": Input(path="data", type="uri_file")}}, "is a folder, but the type is uri_file"),
        ({"inputs": {"rate": 1, "d": Input(type="uri_folder")}}, "inputs.d: is of type uri_folder and has no path"),
        ({"inputs": {"rate": 1, "d": Input(path="azureml:iris")}}, "which version of 'iris'"),
        ({"code": "./gone"}, "code: no such file or folder"),
        (
            {"command": "python trian.py", "code": "./src"},
            "command: there is no 'trian.py' in the code '.*src'; did you mean",
        ),
        ({"command": "echo ${{inputs.rat}}"}, "rat"),
        ({"name": "a/b"}, "cannot be the name of a job"),
    ],
)
def test_what_cannot_be_sent_is_told_before(
    lab: MLClient, backend: MemoryBackend, changes: dict[str, Any], says: str
) -> None:
    """A missing path, folder or script, or a wrong name; nothing is submitted."""
    with pytest.raises(ValidationException, match=says):
        lab.jobs.create_or_update(training(**{"compute": "cpu", **changes}))
    assert not writes(backend, "/jobs/")


def test_azure_runs_no_jobs_of_this_machine() -> None:
    """Compute `local` is for a backend of this machine; nothing is sent to a distant one, which would let the job wait."""
    memory = MemoryBackend(provision=True)
    client = MLClient(None, "s", "rg", "ws", backend=PipelineBackend(memory))
    with pytest.raises(ValidationException, match='backend="memory"'):
        client.jobs.create_or_update(training(compute="local"))
    assert not memory.requests


def test_what_is_no_job_is_refused(lab: MLClient) -> None:
    """With a word on what is expected."""
    with pytest.raises(TypeError, match=r"expected a Job of mlsdk\.entities, got"):
        lab.jobs.create_or_update(Model(name="m"))  # type: ignore[arg-type]


def test_a_component_alone_is_a_job_with_its_defaults(lab: MLClient) -> None:
    """What it is not given is what the component says."""
    job = load_component("train.yml")(data=Input(type="uri_folder", path="iris:1"))
    made: Any = lab.jobs.create_or_update(job, compute="cpu")
    assert made.inputs["rate"] == "0.1"
    assert job.inputs["rate"] is None


def test_a_sweep_is_submitted(lab: MLClient) -> None:
    """Its trial names the code and environment of the workspace."""
    job = training(compute="cpu", code="src", environment="env@latest")(rate=Uniform(0, 1))
    made: Any = lab.jobs.create_or_update(job.sweep(primary_metric="loss", goal="minimize", max_total_trials=2))
    assert made.trial.command == "echo ${{search_space.rate}}"
    assert made.trial.environment == "env:1"
    assert re.fullmatch(r"[0-9a-f-]{36}:1", made.trial.code)


# -- pipelines ----------------------------------------------------------------------------------------------------
def two_steps() -> PipelineJob:
    """Two steps of one component, one of a pipeline that has two more."""
    train, twice = load_component("train.yml"), load_component("twice.yml")

    @pipeline(default_compute="cpu")
    def steps(data: Any) -> dict[str, Any]:
        first = train(data=data)
        second = train(data=first.outputs.model, rate=0)
        third = twice(data=second.outputs.model)
        return {"model": third.outputs.model}

    made: PipelineJob = steps(data=Input(type="uri_folder", path="./data"))
    return made


def test_a_pipeline_brings_its_components_with_it(lab: MLClient, backend: MemoryBackend) -> None:
    """Each is registered once, however many steps run it; the pipeline that was written still has them as they were."""
    job = two_steps()
    made: Any = lab.jobs.create_or_update(job)
    assert len(writes(backend, "/components/")) == 2
    assert len(writes(backend, "/environments/Cli")) == 1
    assert list(made.jobs) == ["first", "second", "third"]
    assert made.jobs["first"].component == made.jobs["second"].component
    assert made.jobs["first"].component.startswith("azureml_anonymous:")
    assert made.settings.default_compute == "cpu"
    assert made.jobs["second"].inputs["rate"] == "0"
    assert job.jobs is not None
    assert isinstance(job.jobs["first"].component, CommandComponent)
    assert (job.jobs["first"].component.id, job.jobs["first"].component.code) == (None, "./src")
    assert job.inputs["data"].path == "./data"


def test_the_same_pipeline_again_brings_nothing_new(lab: MLClient, backend: MemoryBackend) -> None:
    """Code and components are found by their content."""
    lab.jobs.create_or_update(two_steps())
    there = set(writes(backend, "/components/")), len(writes(backend, "/codes/"))
    lab.jobs.create_or_update(two_steps())
    assert (set(writes(backend, "/components/")), len(writes(backend, "/codes/"))) == there


def test_components_of_the_workspace_are_named_by_version_or_label(lab: MLClient) -> None:
    """In a file by `azureml:`, in Python by what `components.get` gives."""
    registered = lab.components.create_or_update(load_component("train.yml"))
    with open("named.yml", "w", encoding="utf-8") as file:  # noqa: PTH123 - the folder of the test
        file.write(
            "type: pipeline\nsettings: {default_compute: azureml:cpu}\njobs:\n"
            "  a: {type: command, component: azureml:train@latest, inputs: {data: {type: uri_folder, path: azureml:iris:1}}}\n"
            "  b: {type: command, component: azureml:train:1, inputs: {data: '${{parent.jobs.a.outputs.model}}'}}\n"
        )
    made: Any = lab.jobs.create_or_update(load_job("named.yml"))
    assert [step.component for step in made.jobs.values()] == ["train:1", "train:1"]
    assert registered.version == "1"
    with pytest.raises(ValidationException, match="component 'train': which one"):
        lab.jobs.create_or_update(PipelineJob(jobs={}, component="train"), skip_validation=True)


def test_a_pipeline_component_alone_is_a_pipeline_job(lab: MLClient) -> None:
    """One with a file of its own is registered, and the job is a run of it."""
    job = load_component("twice.yml")(data=Input(type="uri_folder", path="iris:1"))
    job.settings.default_compute = "cpu"
    made = lab.jobs.create_or_update(job)
    assert isinstance(made, PipelineJob)
    assert str(made.component).startswith("azureml_anonymous:")


def test_a_pipeline_component_is_registered_with_its_steps(lab: MLClient) -> None:
    """What its steps run is registered before it."""
    made: Any = lab.components.create_or_update(load_component("twice.yml"))
    assert (made.name, made.version) == ("twice", "1")
    assert "/components/azureml_anonymous/versions/" in str(made.jobs["first"].component)


def test_a_registry_takes_a_pipeline_component_with_its_steps(
    backend: MemoryBackend, reached: Reached, project: Path
) -> None:
    """What its steps run is in the registry before it, under the address of the registry."""
    backend.add_registry("shared", subscription="sub", resource_group="rg")
    client = MLClient(None, registry_name="shared", backend=reached(backend))
    text = (project / "train.yml").read_text().replace("{image: 'python:3.11'}", ANYWHERE)
    (project / "train.yml").write_text(text)
    made: Any = client.components.create_or_update(load_component("twice.yml"), version="1")
    assert made.jobs["first"].component.startswith("azureml://registries/shared/components/azureml_anonymous/")
    assert made.jobs["first"].component == made.jobs["second"].component


def test_the_service_may_act_in_the_name_of_who_submits_a_pipeline(
    lab: MLClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And of who says so; for other jobs nothing is given away."""
    backend, acting = lab._session.connection.backend, []
    send = type(backend).send

    def listening(self: Any, request: Any) -> Any:
        if "/jobs/" in request.url and request.method == "PUT":
            acting.append(request.options.user_token)
        return send(self, request)

    monkeypatch.setattr(type(backend), "send", listening)
    lab.jobs.create_or_update(two_steps())
    lab.jobs.create_or_update(training(compute="cpu", identity=UserIdentityConfiguration()))
    lab.jobs.create_or_update(training(compute="cpu"))
    assert acting == [True, True, False]


# -- changing -----------------------------------------------------------------------------------------------------
def submitted(client: MLClient, **changes: Any) -> Job:
    """A job that the service has."""
    return client.jobs.create_or_update(training(compute="cpu", **changes))


@pytest.mark.shows("jobs.update")
def test_texts_tags_and_properties_are_changed(lab: MLClient) -> None:
    """Tags and properties are added to; what is not named stays."""
    name = str(submitted(lab, tags={"a": "1"}, description="d").name)
    changed = lab.jobs.update(name, display_name="shown", tags={"b": "2"}, properties={"p": "q"})
    assert (changed.display_name, changed.description, changed.tags) == ("shown", "d", {"a": "1", "b": "2"})
    assert changed.properties["p"] == "q"
    with pytest.raises(ValidationException, match="give display_name, description, tags or properties"):
        lab.jobs.update(name)


def test_a_job_that_was_read_is_changed_under_its_name_and_submitted_anew_under_another(lab: MLClient) -> None:
    """What is sent again has the code and the data that the first one had, and writes to a place of its own."""
    first = submitted(lab, code="src", inputs={"rate": 1, "d": Input(path="iris:1")}, outputs={"o": Output()})
    read: Any = lab.jobs.get(str(first.name))
    read.tags["seen"] = "yes"
    assert lab.jobs.create_or_update(read).tags["seen"] == "yes"
    read.name = "again"
    again: Any = lab.jobs.create_or_update(read)
    assert (again.name, again.code, again.inputs["d"].path) == ("again", read.code, "iris:1")
    assert f"/{first.name}/" in read.outputs["o"].path
    assert "/again/" in lab.jobs.get("again").outputs["o"].path  # type: ignore[attr-defined]
    assert lab.jobs.get(str(first.name)).tags == {"seen": "yes"}


def test_a_change_of_a_job_that_is_gone_is_no_new_job(lab: MLClient) -> None:
    """It is refused, as every change of what is not there."""
    read = submitted(lab)
    lab.jobs.begin_delete(str(read.name)).result()
    with pytest.raises(ResourceNotFoundError):
        lab.jobs.create_or_update(read)


@pytest.mark.shows("jobs.archive", "jobs.restore", "jobs.list")
def test_an_archived_job_is_hidden_from_lists(lab: MLClient) -> None:
    """Until it is restored."""
    name = str(submitted(lab).name)
    lab.jobs.archive(name)
    assert name not in [job.name for job in lab.jobs.list()]
    lab.jobs.restore(name)
    assert name in [job.name for job in lab.jobs.list()]


@pytest.mark.shows("jobs.begin_cancel", "jobs.begin_delete")
def test_a_job_is_stopped_and_deleted(lab: MLClient) -> None:
    """What was deleted is not found any more; what is not there cannot be stopped."""
    name = str(submitted(lab).name)
    lab.jobs.begin_cancel(name).result()
    lab.jobs.begin_delete(name).result()
    for act in (lab.jobs.get, lab.jobs.begin_cancel, lab.jobs.archive):
        with pytest.raises(ResourceNotFoundError):
            act(name)


def test_the_service_refuses_with_its_own_words(lab: MLClient) -> None:
    """The code and message of the refusal come through."""
    with pytest.raises(Exception, match="gone") as raised:
        lab.jobs.create_or_update(training(compute="gone"))
    assert raised.value.error.code  # type: ignore[attr-defined]


def test_outputs_are_registered_under_their_names(lab: MLClient) -> None:
    """An output says the asset that it becomes."""
    made: Any = submitted(lab, outputs={"o": Output(type="uri_folder", name="kept", version="3")})
    assert (made.outputs["o"].name, made.outputs["o"].version) == ("kept", "3")


def test_a_job_says_where_in_a_repository_it_is_from(
    lab: MLClient,
    monkeypatch: pytest.MonkeyPatch,
    reached: Reached,  # noqa: ARG001 - both ways
) -> None:
    """As the environment tells it; nothing of a repository whose address has a token in it."""
    monkeypatch.setenv("AZUREML_GIT_REPOSITORY_URI", "https://example.com/team/iris.git")
    monkeypatch.setenv("AZUREML_GIT_COMMIT", "c0ffee")
    monkeypatch.setenv("AZUREML_GIT_DIRTY", "1")
    properties = submitted(lab).properties
    assert properties["mlflow.source.git.repoURL"] == "https://example.com/team/iris.git"
    assert (properties["mlflow.source.git.commit"], properties["azureml.git.dirty"]) == ("c0ffee", "True")
    monkeypatch.setenv("AZUREML_GIT_REPOSITORY_URI", "https://secret@example.com/team/iris.git")
    with pytest.warns(UserWarning, match="has a token in it"):
        assert not [name for name in submitted(lab).properties if "git" in name]
