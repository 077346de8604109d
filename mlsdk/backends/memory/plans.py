"""What a job is made of, whatever its type: its children one after the other, and what follows from how they end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory import families, pipeline_plans, trials
from mlsdk.backends.memory.clock import stamp

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from mlsdk.backends.memory.families import Child
    from mlsdk.backends.memory.state import Resource, State


def _type(job: Resource) -> str:
    return str(job.stored["properties"]["jobType"]).lower()


def plan(job: Resource) -> Generator[Child, Mapping[str, Any] | None, None] | None:
    """The children that a job is going to have; None for one that is not made of others.

    After each child it has to be told what that one gives to others, None where it is not going to complete.
    """
    type_ = _type(job)
    if type_ == "pipeline":
        return pipeline_plans.of_pipeline(job)
    if type_ == "sweep":
        return trials.of_sweep(job)
    return trials.of_automl(job) if type_ == "automl" else None


def failure(job: Resource) -> str | None:
    """Why a job has failed through what it is made of; None otherwise."""
    type_ = _type(job)
    if type_ == "pipeline":
        return pipeline_plans.failure(job)
    return trials.failure(job) if type_ in ("sweep", "automl") else None


def will_fail(job: Resource) -> bool:
    """Whether a job is going to fail through those of its children of which it was said."""
    failed, mine = job.known.get("fails", 0), families.family(job)
    if not failed or mine is None:
        return False
    return _type(job) == "pipeline" or failed == len(mine.names)


def conclude(state: State, job: Resource) -> None:
    """Complete the body of a job from what its children came to."""
    if _type(job) in ("sweep", "automl"):
        trials.conclude(state, job)


def log(job: Resource, now: float) -> str:
    """What the service writes of the children of a job."""
    at = stamp(now)
    return pipeline_plans.log(job, at) if _type(job) == "pipeline" else trials.log(job, at)
