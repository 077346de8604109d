"""What sweeps have in common, alone and as steps of a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.entities.job_limits import SweepJobLimits
from mlsdk.entities.job_resources import JobResourceConfiguration
from mlsdk.entities.sweep_settings import Objective


class ParameterizedSweep:
    """The settings of a sweep, changed one by one."""

    __slots__ = ()

    if TYPE_CHECKING:
        limits: Any
        objective: Any
        resources: Any

    def set_limits(
        self,
        *,
        max_concurrent_trials: int | None = None,
        max_total_trials: int | None = None,
        timeout: int | None = None,
        trial_timeout: int | None = None,
    ) -> None:
        """Change what is given of how many trials are made and how long they may take, in seconds."""
        self.limits = _changed(
            self.limits or SweepJobLimits(),
            max_concurrent_trials=max_concurrent_trials,
            max_total_trials=max_total_trials,
            timeout=timeout,
            trial_timeout=trial_timeout,
        )

    def set_objective(self, *, goal: str | None = None, primary_metric: str | None = None) -> None:
        """Change what is given of the metric and of which of its values are good: `minimize` or `maximize`."""
        self.objective = _changed(self.objective or Objective(None), goal=goal, primary_metric=primary_metric)

    def set_resources(
        self,
        *,
        instance_type: str | list[str] | None = None,
        instance_count: int | None = None,
        locations: list[str] | None = None,
        properties: dict[str, Any] | None = None,
        docker_args: str | None = None,
        shm_size: str | None = None,
    ) -> None:
        """Change what is given of the nodes that a trial runs on."""
        self.resources = _changed(
            self.resources or JobResourceConfiguration(),
            instance_type=instance_type,
            instance_count=instance_count,
            locations=locations,
            properties=properties,
            docker_args=docker_args,
            shm_size=shm_size,
        )


def _changed(entity: Any, **changes: Any) -> Any:
    """The entity with those of the changes that say something."""
    for name, value in changes.items():
        if value is not None:
            setattr(entity, name, value)
    return entity
