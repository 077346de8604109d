"""The same job, submitted by the official client and by mlsdk, to the same workspace: what both of them send."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import azure.ai.ml.dsl
import azure.ai.ml.entities
import azure.ai.ml.sweep
import pytest
from azure.ai import ml as official
from azure.core.exceptions import HttpResponseError

import mlsdk
import mlsdk.dsl
import mlsdk.entities
import mlsdk.sweep
from mlsdk.testing import FakeCredential

if TYPE_CHECKING:
    import types
    from collections.abc import Callable
    from pathlib import Path

    from mlsdk.backends.memory import MemoryBackend

WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
COMPUTE = f"{WORKSPACE}/computes/cpu-cluster"
FILES = {
    "train.yml": """
name: train
version: 3
type: command
inputs: {data: {type: uri_folder}, rate: {type: number, default: 0.1}}
outputs: {model: {type: uri_folder}}
code: ./src
environment: {image: "q:1"}
command: python a.py ${{inputs.data}} ${{inputs.rate}} ${{outputs.model}}
""",
    "twice.yml": """
type: pipeline
name: twice
inputs: {data: {type: uri_folder}}
outputs: {m: {type: uri_folder}}
jobs:
  one: {type: command, component: ./train.yml, compute: azureml:cpu-cluster, inputs: {data: '${{parent.inputs.data}}'},
        outputs: {model: '${{parent.outputs.m}}'}}
  two: {type: command, component: ./train.yml, inputs: {data: {path: ./data, type: uri_folder}, rate: 3}}
""",
    "pipeline.yml": """
type: pipeline
display_name: hello
inputs: {d: {type: uri_folder, path: ./data}, f: {type: uri_file, path: azureml://datastores/workspaceblobstore/paths/x.csv}}
outputs: {out: {type: uri_folder}}
settings: {default_compute: azureml:cpu-cluster, default_datastore: azureml:workspaceblobstore}
jobs:
  a: {type: command, command: 'echo ${{inputs.x}}', environment: azureml:env@latest, code: ./src,
      inputs: {x: '${{parent.inputs.d}}'}, outputs: {o: '${{parent.outputs.out}}'}}
  b: {type: command, component: ./train.yml, inputs: {data: '${{parent.jobs.a.outputs.o}}'}}
  c: {type: command, component: azureml:registered:1, inputs: {data: '${{parent.inputs.d}}'}}
  d: {type: command, component: azureml:registered@latest, compute: azureml:cpu-cluster,
      inputs: {data: {path: azureml:iris@latest, type: uri_folder}}}
  e: {type: pipeline, component: ./twice.yml, inputs: {data: '${{parent.inputs.d}}'}}
""",
    "of_component.yml": """
type: pipeline
component: ./twice.yml
inputs: {data: {type: uri_folder, path: ./data}}
settings: {default_compute: azureml:cpu-cluster}
""",
    "many.yml": """
type: parallel
name: many
inputs: {data: {type: uri_folder}}
outputs: {o: {type: uri_file}}
input_data: ${{inputs.data}}
mini_batch_size: "1"
task: {type: run_function, code: ./src, entry_script: a.py, environment: {image: "p:1"}, append_row_to: '${{outputs.o}}'}
""",
    "sparkling.yml": """
type: spark
name: sparkling
inputs: {data: {type: uri_file, mode: direct}}
code: ./src
entry: {file: a.py}
environment: {image: "p:1"}
conf: {spark.driver.cores: 1, spark.driver.memory: 2g, spark.executor.cores: 2, spark.executor.memory: 2g,
       spark.executor.instances: 2}
args: --a ${{inputs.data}}
""",
    "types.yml": """
type: pipeline
settings: {default_compute: azureml:cpu-cluster}
inputs: {d: {type: uri_folder, path: ./data}, f: {type: uri_file, path: data/rows.csv},
         t: {type: mltable, path: azureml:iris:1}}
jobs:
  parallel: {type: parallel, component: ./many.yml, inputs: {data: '${{parent.inputs.d}}'}, mini_batch_size: "2"}
  written_out:
    type: parallel
    inputs: {data: '${{parent.inputs.d}}'}
    outputs: {o: {type: uri_file}}
    input_data: ${{inputs.data}}
    mini_batch_size: "1"
    resources: {instance_count: 2}
    task: {type: run_function, code: ./src, entry_script: a.py, environment: azureml:env:1, append_row_to: '${{outputs.o}}'}
  spark: {type: spark, component: ./sparkling.yml, inputs: {data: '${{parent.inputs.f}}'}, compute: azureml:cpu-cluster}
  automl:
    type: automl
    task: classification
    primary_metric: accuracy
    target_column_name: y
    compute: azureml:cpu-cluster
    training_data: ${{parent.inputs.t}}
    outputs: {best_model: {type: mlflow_model}}
  copy:
    type: data_transfer
    task: copy_data
    compute: azureml:cpu-cluster
    inputs: {folder1: '${{parent.inputs.d}}'}
    outputs: {output_folder: {type: uri_folder}}
    data_copy_mode: merge_with_overwrite
""",
    "spark.yml": """
type: spark
inputs: {data: {type: uri_file, mode: direct, path: data/rows.csv}}
code: ./src
entry: {file: a.py}
environment: {image: "p:1"}
compute: azureml:cpu-cluster
conf: {spark.driver.cores: 1, spark.driver.memory: 2g, spark.executor.cores: 2, spark.executor.memory: 2g,
       spark.executor.instances: 2}
args: --a ${{inputs.data}}
""",
    "automl.yml": """
type: automl
task: classification
primary_metric: accuracy
target_column_name: y
compute: azureml:cpu-cluster
training_data: {type: mltable, path: ./data}
""",
    "sweep.yml": """
type: sweep
trial: {command: 'echo ${{search_space.a}} ${{inputs.b}}', code: ./src, environment: azureml:env@latest}
inputs: {b: {type: uri_folder, path: ./data}}
compute: azureml:cpu-cluster
search_space: {a: {type: uniform, min_value: 0, max_value: 1}}
objective: {goal: minimize, primary_metric: m}
limits: {max_total_trials: 2}
sampling_algorithm: random
""",
    "finetuning.yml": """
type: finetuning
task: chat_completion
model_provider: custom
model: {type: mlflow_model, path: azureml://registries/r/models/m/versions/1}
training_data: {type: uri_file, path: data/rows.jsonl}
validation_data: {type: uri_file, path: data/rows.jsonl}
outputs: {registered_model: {type: mlflow_model, name: n}}
""",
    "job.yml": """
type: command
command: echo ${{inputs.x}}
environment: azureml:AzureML-sklearn-1.5@latest
compute: azureml:cpu-cluster
code: src
inputs: {x: {type: uri_file, path: data/rows.csv}, y: 3}
identity: {type: user_identity}
""",
}


class Client:
    """One of the two clients, under the names that both have."""

    def __init__(self, package: types.ModuleType) -> None:
        """The client of `package`, in the workspace of the tests."""
        self.package = package
        self.client: Any = package.MLClient(FakeCredential(), "sub", "rg", "ws")
        self.entities: Any = package.entities
        self.sweep: Any = package.sweep
        self.pipeline: Any = package.dsl.pipeline

    def __getattr__(self, name: str) -> Any:
        return getattr(self.package, name)

    def steps_over_data(self, function: Callable[..., Any], **settings: Any) -> Callable[..., Any]:
        """A pipeline whose inputs are folders, except those that have a default."""
        function.__annotations__ = dict.fromkeys(function.__annotations__, self.Input(type="uri_folder"))
        for name in function.__kwdefaults__ or {}:
            del function.__annotations__[name]
        made: Callable[..., Any] = self.pipeline(**settings)(function)
        return made

    def job(self, **changes: Any) -> Any:
        """A command job; its parts may be replaced."""
        return self.command(**{"command": "echo 1", "environment": "env:1", "compute": "cpu-cluster", **changes})


JOBS: dict[str, Callable[[Client], Any]] = {
    "plain": lambda n: n.job(),
    "serverless": lambda n: n.job(compute="serverless"),
    "without a compute": lambda n: n.job(compute=None),
    "a compute by its id": lambda n: n.job(compute=COMPUTE),
    "a virtual cluster": lambda n: n.job(compute="virtualclusters/v"),
    "an environment by its label": lambda n: n.job(environment="env@latest"),
    "an environment of Azure's": lambda n: n.job(environment="AzureML-sklearn-1.5@latest"),
    "one with its prefix": lambda n: n.job(environment="azureml:AzureML-sklearn-1.5:1"),
    "one of a registry": lambda n: n.job(environment="azureml://registries/azureml/environments/x/versions/1"),
    "an environment written out": lambda n: n.job(environment=n.entities.Environment(image="y:2")),
    "an environment with a name": lambda n: n.job(environment=n.entities.Environment(name="own", image="y:2")),
    "code": lambda n: n.job(code="./src"),
    "a file of code": lambda n: n.job(code="src/a.py"),
    "with names": lambda n: n.job(name="mine", display_name="x", experiment_name="e", tags={"a": "b"}),
    "outputs": lambda n: n.job(
        outputs={
            "o": n.Output(path="azureml://datastores/workspaceblobstore/paths/out"),
            "q": n.Output(type="mlflow_model", name="m1"),
        }
    ),
    "falsy inputs": lambda n: n.job(inputs={"n": 0, "s": "", "b": False}),
}
for kind, path in (
    *(("uri_folder", path) for path in ("iris:1", "iris@latest", "azureml:iris:1", "./data")),
    ("uri_folder", f"{WORKSPACE}/data/iris/versions/1"),
    *(("uri_file", path) for path in ("data/rows.csv", "https://a/b.csv")),
    *(("custom_model", "forest:1"), ("mlflow_model", "azureml:forest:1"), ("mltable", "./data/")),
    ("mlflow_model", "azureml://jobs/a/outputs/artifacts/paths/m"),
    ("uri_folder", "wasbs://a@b.blob.core.windows.net/c"),
):  # fmt: skip
    JOBS[f"{kind} {path}"] = lambda n, kind=kind, path=path: n.job(inputs={"a": n.Input(path=path, type=kind)})  # type: ignore[misc]
for file in (
    *("pipeline.yml", "of_component.yml", "types.yml"),
    *("job.yml", "spark.yml", "automl.yml", "sweep.yml", "finetuning.yml"),
):
    JOBS[file] = lambda n, file=file: n.load_job(file)  # type: ignore[misc]


def case(function: Callable[[Client], Any]) -> Callable[[Client], Any]:
    """Compare what both clients send for this job."""
    JOBS[function.__name__] = function
    return function


def folder(n: Client, path: str = "azureml:iris:1") -> Any:
    """An input of a folder."""
    return n.Input(path=path, type="uri_folder")


@case
def a_sweep(n: Client) -> Any:
    """A command whose input is drawn."""
    job = n.job(command="echo ${{inputs.a}} ${{inputs.d}}", code="src", inputs={"a": 1, "d": folder(n)})
    return job(a=n.sweep.Uniform(0, 1)).sweep(primary_metric="m", goal="maximize")


@case
def two_steps_of_one_component(n: Client) -> Any:
    """A component that Python makes, run twice."""
    step = n.entities.CommandComponent(
        name="tr",
        command="python a.py",
        code="./src",
        environment=n.entities.Environment(image="z:1"),
        inputs={"x": n.Input(type="uri_folder"), "n": n.Input(type="integer")},
        outputs={"m": n.Output(type="uri_folder")},
    )

    def steps(data: Any, *, k: Any = 3):  # type: ignore[no-untyped-def]  # noqa: ANN202 - annotations are given below
        first = step(x=data, n=k)
        first.compute = "cpu-cluster"
        second = step(x=first.outputs.m, n=4)
        return {"o": second.outputs.m}

    return n.steps_over_data(steps, default_compute="cpu-cluster")(data=folder(n, "./data"))


@case
def pipelines_in_a_pipeline(n: Client) -> Any:
    """One that is run twice, beside a step with data of its own."""
    train = n.load_component("train.yml")

    def inner(data: Any):  # type: ignore[no-untyped-def]  # noqa: ANN202 - annotations are given below
        first = train(data=data)
        second = train(data=first.outputs.model, rate=0)
        return {"z": second.outputs.model}

    nested = n.steps_over_data(inner)

    def outer(data: Any):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as above
        once = nested(data=data)
        again = nested(data=once.outputs.z)
        beside = train(data=folder(n, "./data"))
        beside.outputs.model.mode = "upload"
        return {"o": again.outputs.z}

    job = n.steps_over_data(outer)(data=folder(n))
    job.settings.default_compute = "serverless"
    return job


@case
def a_command_as_a_step(n: Client) -> Any:
    """What `command()` made, called."""
    one = n.job(
        command="echo ${{inputs.a}}", code="src", inputs={"a": folder(n)}, outputs={"o": n.Output(type="uri_folder")}
    )

    @n.pipeline(compute="cpu-cluster")  # type: ignore[untyped-decorator]
    def steps() -> None:
        first = one()
        second = one(a=first.outputs.o)
        second.outputs.o.mode = "upload"

    return steps()


@case
def a_sweep_as_a_step(n: Client) -> Any:
    """Over a component of a file."""
    train = n.load_component("train.yml")

    def steps(d: Any):  # type: ignore[no-untyped-def]  # noqa: ANN202 - annotations are given below
        step = train(data=d, rate=n.sweep.Uniform(0, 1))
        swept = step.sweep(primary_metric="m", goal="minimize")
        swept.set_limits(max_total_trials=2)

    return n.steps_over_data(steps, default_compute="cpu-cluster")(d=folder(n))


@case
def a_pipeline_component_alone(n: Client) -> Any:
    """One of a file, called."""
    job = n.load_component("twice.yml")(data=folder(n, "./data"))
    job.settings.default_compute = "cpu-cluster"
    return job


@case
def components_of_the_workspace(n: Client) -> Any:
    """What `components.get` gives, called."""
    twice, train = n.client.components.get("pipelined", "1"), n.client.components.get("registered", "1")

    def steps(d: Any):  # type: ignore[no-untyped-def]  # noqa: ANN202 - annotations are given below
        first = twice(data=d)
        second = train(data=first.outputs.m)
        second.environment_variables = {"A": "b"}

    return n.steps_over_data(steps, default_compute="cpu-cluster")(d=folder(n))


@pytest.fixture
def project(plain: MemoryBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemoryBackend:
    """A workspace with data, a model, an environment and components, and the folder that jobs are submitted from."""
    root = tmp_path / "iris.v1"
    for path, text in {
        "src/a.py": "print(1)",
        "data/rows.csv": "1",
        "data/rows.jsonl": "{}",
        "src/__pycache__/a.pyc": "",
        **FILES,
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    monkeypatch.chdir(root)
    client, entities = Client(official).client, azure.ai.ml.entities
    client.data.create_or_update(entities.Data(name="iris", path="./data", type="uri_folder"))
    client.models.create_or_update(entities.Model(name="forest", path="./data", type="custom_model"))
    client.environments.create_or_update(entities.Environment(name="env", version="1", image="x:1"))
    for name, file in (("registered", "train.yml"), ("pipelined", "twice.yml")):
        component = official.load_component(file)
        component.name, component.version = name, "1"
        client.components.create_or_update(component)
    return plain


def sent(backend: MemoryBackend, client: Client, make: Callable[[Client], Any]) -> set[str]:
    """What a client puts for a job, whatever the service says of it: api-version, path and body of each."""
    before = len(backend.requests)
    job = make(client)
    with suppress(HttpResponseError):  # where what it names is not there; what was sent is compared all the same
        client.client.jobs.create_or_update(job)
    found = set()
    for one in backend.requests[before:]:
        path = one.path.removeprefix(f"{WORKSPACE}/")
        if one.method == "PUT" and path.startswith(("jobs/", "components/", "environments/")):
            text = json.dumps([one.params.get("api-version"), path, one.body], sort_keys=True, indent=1)
            name = path.removeprefix("jobs/")
            found.add(text.replace(name, "<name>") if path.startswith("jobs/") and not job.name else text)
    return found


@pytest.mark.parametrize("make", JOBS.values(), ids=JOBS)
def test_both_clients_send_the_same(project: MemoryBackend, make: Callable[[Client], Any]) -> None:
    """The same jobs, components and environments, in the same api-versions; nothing else."""
    theirs = sent(project, Client(official), make)
    ours = sent(project, Client(mlsdk), make)
    assert any('"jobs/' in one for one in theirs)
    assert ours == theirs
