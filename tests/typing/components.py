"""What a type checker sees of components and their inputs; read by mypy and pyright, never run."""

from __future__ import annotations

from typing_extensions import assert_type

from mlsdk import Input, Output
from mlsdk.entities import CommandComponent, Environment, JobResourceConfiguration

train = CommandComponent(
    name="train",
    command="python train.py --rate ${{inputs.rate}}",
    environment="azureml:sklearn:1",
    inputs={"rate": Input(type="number", default=0.1, min=0), "data": {"type": "uri_folder"}},
    outputs={"model": Output(type="mlflow_model")},
    distribution={"type": "mpi", "process_count_per_instance": 2},
    instance_count=2,
)
assert_type(train.inputs.rate, Input)
assert_type(train.inputs["rate"].optional, "bool | None")
assert_type(train.outputs.model, Output)
assert_type(train.instance_count, "int | None")
assert_type(train.environment, "str | Environment | None")
assert_type(train.evolve(version="2"), CommandComponent)

# What is converted may be assigned as it may be given.
train.inputs = {"data": Input()}
train.resources = {"instance_count": 3}
train.resources = JobResourceConfiguration(instance_count=3)
train.environment = Environment(image="mcr.microsoft.com/azureml/minimal-ubuntu22.04-py39-cpu-inference")

# What is none of it is refused: were it accepted, these comments would be unused, which is an error as well.
CommandComponent(inputs=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Input(typ="number")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
