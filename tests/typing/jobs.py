"""What a type checker sees of jobs, steps and pipelines; read by mypy and pyright, never run."""

from __future__ import annotations

from typing_extensions import assert_type

from mlsdk import Input, Output, command
from mlsdk.dsl import pipeline
from mlsdk.entities import (
    Command,
    CommandComponent,
    CommandJobLimits,
    Environment,
    JobResourceConfiguration,
    JupyterLabJobService,
    PipelineJob,
    PipelineJobSettings,
    UserIdentityConfiguration,
)

step = command(
    command="python train.py --rate ${{inputs.rate}}",
    environment="azureml:sklearn:1",
    inputs={"rate": 0.1, "data": Input(path="azureml:iris:1")},
    outputs={"model": Output(type="mlflow_model")},
    compute="cpu-cluster",
    services={"lab": JupyterLabJobService()},
    distribution={"type": "mpi"},
    timeout=3600,
)
assert_type(step, Command)
assert_type(step.compute, str | None)
assert_type(step.limits, CommandJobLimits | None)
assert_type(step.resources, JobResourceConfiguration | None)
assert_type(step.environment, str | Environment | None)
assert_type(step.status, str | None)
assert_type(step.studio_url, str | None)
assert_type(step(rate=0.2), Command)
step.inputs.rate = 0.3
step.inputs["data"] = Input(path="azureml:iris:2")
step.outputs.model.mode = "upload"
step.compute = "gpu-cluster"
step.limits = {"timeout": 60}
step.limits = CommandJobLimits(timeout=60)
step.resources = {"instance_count": 2}
step.identity = UserIdentityConfiguration()
step.environment = Environment(image="ubuntu")
step.tags = {"a": "b"}

train = CommandComponent(
    name="train",
    command="python train.py",
    environment="azureml:sklearn:1",
    inputs={"data": Input(), "rate": Input(type="number", default=0.1)},
    outputs={"model": Output()},
)
Command(component=train, inputs={"data": Input(path="azureml:iris:1")})
Command(component="train:1", outputs={"model": Output(mode="upload")})


@pipeline(default_compute="cpu-cluster", force_rerun=False)
def whole(data: Input, rate: float = 0.1, *, word: str = "w") -> object:
    """A pipeline of one step."""
    first = train(data=data, rate=rate, word=word)
    first.outputs.model.mode = "upload"
    return {"model": first.outputs.model}


@pipeline
def plain(data: Input) -> None:
    """A pipeline without settings."""
    train(data=data)


job = whole(Input(path="azureml:iris:1"), 0.2, word="x")
assert_type(job, PipelineJob)
assert_type(plain(data=Input(path="azureml:iris:1")), PipelineJob)
assert_type(job.settings, PipelineJobSettings)
assert_type(job.settings.default_compute, str | None)
job.settings.default_compute = "serverless"
job.settings.continue_on_step_failure = False
job.settings = {"force_rerun": True}
job.inputs.rate = 0
job.inputs["data"] = Input(path="azureml:iris:2")
job.outputs.model.path = "azureml://datastores/workspaceblobstore/paths/model"
job.jobs["first"].compute = "gpu-cluster"  # type: ignore[index]  # pyright: ignore[reportOptionalSubscript]

# The function's parameters are the pipeline's.
whole(Input(), "fast")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
whole(Input(), nope=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
command(comand="echo")
command(timeout="soon")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
step.compute = 3  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
