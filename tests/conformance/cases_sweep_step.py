"""Sweeps as steps: what stands in the place of a command that is swept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def _swept(m: Any, **settings: Any) -> Any:
    return m.command(
        name="step",
        command="train ${{inputs.rate}}",
        environment="azureml:e:1",
        inputs={"rate": 0.1, "size": m.Choice([1, 2])},
        compute="cpu",
    ).sweep(primary_metric="accuracy", goal="maximize", **settings)


BUILT: list[tuple[str, Callable[[Any], Any]]] = [
    ("step sweep", _swept),
    ("step sweep", lambda m: _swept(m, sampling_algorithm="grid", max_total_trials=0, timeout=10)),
    ("step sweep", lambda m: _swept(m, early_termination_policy=m.MedianStoppingPolicy(delay_evaluation=0))),
    ("a pipeline with a sweep", lambda m: m.PipelineJob(jobs={"step": _swept(m, max_total_trials=2)})),
]
