"""`condition`, `do_while` and `parallel_for`: steps that decide which other steps of a pipeline run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.entities.building import register
from mlsdk.entities.control_flow import ConditionNode, is_step
from mlsdk.entities.loops import DoWhile, DoWhileJobLimits, ParallelFor, port_name
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.entities.command import Command
    from mlsdk.entities.node import Node
    from mlsdk.entities.pipeline_node import Pipeline


def condition(
    condition: Any,
    *,
    true_block: Node | list[Node] | None = None,
    false_block: Node | list[Node] | None = None,
) -> ConditionNode:
    """Run some steps of the `@pipeline` where something is true, and others where it is not.

    >>> condition(check.outputs.is_good, true_block=deploy, false_block=[train_again, tell])

    `condition` is true, false, an output of a step, a step with one output, or an expression.
    """
    if is_step(condition):
        outputs: Any = condition.outputs
        if len(outputs) != 1:
            message = f"a step that is a condition has to have one output, not {', '.join(outputs) or 'none'}; name one"
            raise wrong(message)
        condition = next(iter(outputs.values()))
    made = ConditionNode(condition, true_block=true_block, false_block=false_block)
    register(made)
    return made


def do_while(
    body: Pipeline | Command, mapping: Mapping[Any, Any], max_iteration_count: int, condition: Any = None
) -> DoWhile:
    """Run a step of the `@pipeline` again, with what it gave the last time, while one of its outputs is true.

    >>> do_while(train, {train.outputs.model: "start_from"}, max_iteration_count=5, condition=train.outputs.go_on)

    `mapping` tells by output of the body which of its inputs get it the next time, by their names. Without a `condition` it
    runs `max_iteration_count` times.
    """
    if not is_step(body):
        message = f"the body of a loop is a command or a pipeline, not {type(body).__name__}"
        raise wrong(message)
    made = DoWhile(
        body=body,
        mapping=mapping,
        condition=condition,
        limits=DoWhileJobLimits(max_iteration_count=max_iteration_count),
    )
    outputs = made._ports("outputs") or {}  # noqa: SLF001 - of our own class
    inputs = made._ports("inputs") or {}  # noqa: SLF001 - the same
    for key, names in made.mapping.items():
        kind = getattr(outputs.get(port_name(key)), "type", None)
        for name in made._input_names(names):  # noqa: SLF001 - the same
            if kind is not None and name in inputs and inputs[name].type is None:
                inputs[name].type = kind
    register(made)
    return made


def parallel_for(*, body: Node, items: Any, max_concurrency: int | None = None, **kwargs: Any) -> ParallelFor:
    """Run a step of the `@pipeline` once for each item, all at the same time.

    >>> loop = parallel_for(body=train, items=[{"rate": 0.1}, {"rate": 0.2}])
    >>> choose(models=loop.outputs.model)

    `items` are mappings of inputs of the body, or an output or input that is such as JSON; `max_concurrency` is how many run
    at the same time.
    """
    made = ParallelFor(body=body, items=items, max_concurrency=max_concurrency, **kwargs)
    register(made)
    return made
