"""Which jobs really run on this machine, and which of them cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory import pipeline_bodies, search_spaces
from mlsdk.backends.memory.bodies import dig
from mlsdk.backends.memory.errors import user_error
from mlsdk.backends.memory.pipeline_graphs import CONTROL, type_of
from mlsdk.backends.memory.pipeline_steps import COMMAND, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body

LOCAL = "local"
"""What the compute of a job is called that wants to run on this machine."""


def wants_local(properties: Mapping[str, Any]) -> bool:
    """Whether a job asks for this machine; a pipeline does, as a whole, where its default or one of its steps does."""
    # The client makes a property of the compute of a command.
    if dig(properties, "resources.properties.IsLocal"):
        return True
    computes = [properties.get("computeId"), dig(properties, "settings.default_compute")]
    jobs = properties.get("jobs")
    if isinstance(jobs, dict):
        computes += [node.get("computeId") for node in jobs.values() if isinstance(node, dict)]
    return any(str(compute).rpartition("/")[2].lower() == LOCAL for compute in computes if compute)


def check(call: Call, properties: Body) -> None:
    """A job and everything it is made of can run on this machine: ServiceError (400) says what cannot and why."""
    runner = call.backend.lead().runner
    for name, each in _leaves(call, properties):
        sweeps = str(each["jobType"]).lower() == "sweep"
        refusal = _refusal_of_sweep(each) if sweeps else None
        refusal = refusal or runner.refusal({**each, "jobType": "Command", "limits": None} if sweeps else each)
        if refusal is not None:
            step = f"The step '{name}' of '{call.name}'" if name else f"The job '{call.name}'"
            raise user_error(400, f"{step} cannot run on this machine. {refusal}")


def _refusal_of_sweep(properties: Mapping[str, Any]) -> str | None:
    """Why the trials of a sweep cannot be drawn here, or stopped early as it asks; None when they can."""
    from mlsdk.local import early_termination, sampling

    space = properties.get("searchSpace") or properties.get("search_space") or {}
    said = properties.get("samplingAlgorithm") or properties.get("sampling_algorithm")
    try:
        early_termination.policy_of(
            properties.get("earlyTermination") or properties.get("early_termination"), more_is_better=True
        )
    except ValueError as error:
        return str(error)
    return sampling.refusal(search_spaces.read(space, "searchSpace"), said)


def _leaves(call: Call, properties: Body) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each job that a job is made of by its name, the empty one for itself, as far as that is known beforehand."""
    type_ = str(properties["jobType"]).lower()
    if type_ == "sweep":
        yield "", {**properties, **properties["trial"]}
    elif type_ != "pipeline":
        yield "", properties
    else:
        specs = pipeline_bodies.specs(call, properties)
        for jobs in (properties.get("jobs"), *(spec.get("jobs") for spec in specs.values())):
            for name, node in (jobs or {}).items():
                if type_of(node) not in (*CONTROL, "pipeline"):
                    yield name, {**node, "jobType": TYPES.get(type_of(node), COMMAND)[0]}
