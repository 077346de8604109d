"""Steps of all types: each has a file of its own, and is named here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

from mlsdk.entities.command import Command
from mlsdk.entities.node import Node
from mlsdk.entities.parallel import Parallel
from mlsdk.entities.pipeline_node import Pipeline
from mlsdk.entities.spark import Spark
from mlsdk.entities.sweep_node import Sweep
from mlsdk.schema.fields import JSON, choice, entity, wire

if TYPE_CHECKING:
    from collections.abc import Mapping


@entity(eq=False)
class OtherStep(Node):
    """A step of a type that this version does not know, as a pipeline of the workspace may have it: sent as it came."""

    type: str | None = wire(None, default=None)

    @classmethod
    def _arguments(cls, body: Mapping[str, Any]) -> JSON:
        return {**super()._arguments(body), "type": body.get("type")}


AnyStep = Union[Command, Parallel, Pipeline, Spark, Sweep]
choice(
    AnyStep,
    at="type",
    default=Command,
    elsewhere={
        "if_else": "mlsdk.entities.control_flow:ConditionNode",
        "do_while": "mlsdk.entities.loops:DoWhile",
        "parallel_for": "mlsdk.entities.loops:ParallelFor",
        "automl": "mlsdk.entities.automl_jobs:AutoMLJob",
        "data_transfer": "mlsdk.entities.data_transfer:DataTransfer",
    },
)

_CLASSES: dict[str, Any] = {
    "command": Command,
    "parallel": Parallel,
    "promptflow_parallel": Parallel,
    "pipeline": Pipeline,
    "spark": Spark,
    "sweep": Sweep,
}


def step_class(component: Any) -> Any:
    """The class of steps that run a component."""
    if component.type == "data_transfer":
        from mlsdk.entities.data_transfer import step_of  # many classes, which few pipelines have

        return step_of(component.task)
    return _CLASSES[component.type]


def step_of_body(body: Mapping[str, Any]) -> Any:
    """The step that the `jobs` of a pipeline's body describe."""
    word = str(body.get("type") or "command").lower()
    if word in ("if_else", "do_while", "parallel_for"):
        from mlsdk.entities.control_flow import ConditionNode  # which few pipelines have
        from mlsdk.entities.loops import DoWhile, ParallelFor

        control: dict[str, Any] = {"if_else": ConditionNode, "do_while": DoWhile, "parallel_for": ParallelFor}
        return control[word].of_node_body(body)
    if word == "automl":
        from mlsdk.entities.automl_jobs import AutoMLJob  # many classes, which few pipelines have

        return AutoMLJob.of_node_body(body)
    if word == "data_transfer":
        from mlsdk.entities.data_transfer import DataTransfer  # as above

        return DataTransfer.of_node_body(body)
    return _CLASSES.get(word, OtherStep).of_node_body(body)
