"""Sweep jobs: a command run again and again with other hyperparameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from mlsdk.entities.command import Command, JobIdentity
from mlsdk.entities.inline import JobInputs, JobOutputs, Parts, take_ports
from mlsdk.entities.job import Job
from mlsdk.entities.job_limits import SweepJobLimits
from mlsdk.entities.job_ports import JOB_INPUTS, JOB_OUTPUTS, input_form, job_inputs, job_outputs, output_form
from mlsdk.entities.job_resources import JobResourceConfiguration, QueueSettings
from mlsdk.entities.parameterized_sweep import ParameterizedSweep
from mlsdk.entities.sweep_search_space import SEARCH_SPACE, SweepDistribution
from mlsdk.entities.sweep_settings import (
    SAMPLING,
    TERMINATION_FILE,
    Objective,
    Sampling,
    Termination,
    termination,
)
from mlsdk.entities.sweep_trial import TRIAL, Trial, as_trial, check_search
from mlsdk.schema import codecs
from mlsdk.schema.fields import JSON, entity, tag, wire
from mlsdk.schema.mappings import Field, Names
from mlsdk.schema.refusals import wrong


@entity(eq=False)
class SweepJob(ParameterizedSweep, Job):
    """A command run again and again with hyperparameters drawn from a search space.

    >>> SweepJob(
    ...     trial=CommandComponent(command="python train.py --rate ${{search_space.rate}}", environment="azureml:sklearn:1"),
    ...     search_space={"rate": LogUniform(-6, -1)},
    ...     sampling_algorithm="random",
    ...     objective=Objective(goal="maximize", primary_metric="accuracy"),
    ...     limits=SweepJobLimits(max_total_trials=20, max_concurrent_trials=4),
    ...     compute="cpu-cluster",
    ... )
    """

    type: Literal["sweep"] = tag("properties.jobType", default="sweep", wire="Sweep")
    identity: Field[JobIdentity | None, JobIdentity | dict[str, Any] | None] = wire("properties.identity", default=None)
    """Who the trials run as."""
    inputs: Field[JobInputs, Mapping[str, Any] | None] = wire(
        "properties.inputs", default=None, missing=Names, given=job_inputs, codec=JOB_INPUTS
    )
    """What all trials are given, by name: an `Input` or a plain value."""
    outputs: Field[JobOutputs, Mapping[str, Any] | None] = wire(
        "properties.outputs", default=None, missing=Names, given=job_outputs, codec=JOB_OUTPUTS
    )
    limits: Field[SweepJobLimits | None, SweepJobLimits | dict[str, Any] | None] = wire(
        "properties.limits", default=None, required=True
    )
    """How many trials are made, and how long they may take."""
    sampling_algorithm: Field[Sampling | None, Sampling | dict[str, Any] | None] = wire(
        "properties.samplingAlgorithm", default=None, codec=SAMPLING
    )
    """How hyperparameters are drawn: `random`, `grid`, `bayesian`, or an object that says more."""
    search_space: Field[dict[str, SweepDistribution] | None, Mapping[str, SweepDistribution] | None] = wire(
        "properties.searchSpace", default=None, required=True, codec=SEARCH_SPACE
    )
    """What each hyperparameter is drawn from, by name; the command names it `${{search_space.name}}`."""
    objective: Field[Objective | None, Objective | dict[str, Any] | None] = wire(
        "properties.objective", default=None, required=True
    )
    """The metric to optimise."""
    trial: Field[Trial | None, Trial | dict[str, Any] | None] = wire(
        "properties.trial", default=None, required=True, codec=TRIAL
    )
    """The command: a `CommandComponent`, or a command job, whose compute, inputs, outputs and timeout count where the
    sweep says nothing."""
    early_termination: Termination = wire(
        "properties.earlyTermination", default=None, given=termination, file_codec=TERMINATION_FILE
    )
    """When a trial that does badly is given up: a policy, or the word for one with its defaults; never when None."""
    queue_settings: Field[QueueSettings | None, QueueSettings | dict[str, Any] | None] = wire(
        "properties.queueSettings", default=None
    )
    """Its place in the queue."""
    resources: Field[JobResourceConfiguration | None, JobResourceConfiguration | dict[str, Any] | None] = wire(
        "properties.resources", default=None
    )
    """The nodes that a trial runs on; those of the trial when None."""

    # -- bodies ------------------------------------------------------------------------------------------------
    def __sendable__(self) -> None:
        """A sweep needs a trial and a search space, and all inputs that the command names."""
        if self.trial is None or self.search_space is None:
            message = "a sweep needs a trial and a search_space"
            raise wrong(message)
        check_search(as_trial(self.trial), self.search_space, self._given("inputs"))

    def _given(self, name: str) -> Any:
        """An attribute, or where it says nothing, that of the command job that is the trial."""
        return getattr(self, name) or (getattr(self.trial, name) if isinstance(self.trial, Command) else None) or {}

    def __complete__(self, body: JSON) -> None:
        """What the trial says where the sweep says nothing."""
        properties: JSON = body["properties"]
        resources = properties["trial"].get("resources")
        if "resources" not in properties and resources:
            properties["resources"] = resources
        trial = self.trial
        if not isinstance(trial, Command):
            return
        if not self.compute and trial.compute:
            properties["computeId"] = trial.compute
        if not self.inputs:
            properties["inputs"] = JOB_INPUTS.dump({k: v for k, v in trial.inputs.items() if v is not None})
        if not self.outputs:
            said = {name: port.data for name, port in trial.outputs.items() if port.data is not None}
            properties["outputs"] = JOB_OUTPUTS.dump(said)
        timeout = trial.limits.timeout if trial.limits is not None else None
        if timeout and (self.limits is None or not self.limits.trial_timeout):
            limits: JSON = properties.setdefault("limits", {"jobLimitsType": "Sweep"})
            limits["trialTimeout"] = codecs.seconds.dump(timeout)

    def __loaded__(self, body: JSON) -> None:
        """The trial waits in the queue as the sweep says."""
        if self.trial is not None:
            self.trial.queue_settings = self.queue_settings

    # -- files -------------------------------------------------------------------------------------------------
    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, with the inputs and outputs read."""
        parts = Parts(data, base)
        take_ports(parts)
        return parts.done()

    def to_dict(self) -> JSON:
        """The file form, the trial written out."""
        form = {**super().to_dict(), "tags": self.tags, "properties": self.properties}
        form["inputs"] = {name: input_form(value) for name, value in self.inputs.items()}
        form["outputs"] = {name: output_form(value) for name, value in self.outputs.items()}
        if self.trial is not None:
            form["trial"] = as_trial(self.trial).to_dict()
        return form
