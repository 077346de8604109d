"""Sweeps as steps of pipelines, and as what `Command.sweep` makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Literal

from mlsdk.entities.building import register
from mlsdk.entities.command import Command, JobIdentity
from mlsdk.entities.command_component import CommandComponent
from mlsdk.entities.component_spec import Component
from mlsdk.entities.inline import Parts, take_component, take_ports
from mlsdk.entities.job_limits import SweepJobLimits
from mlsdk.entities.job_ports import JOB_INPUTS
from mlsdk.entities.job_resources import JobResourceConfiguration, QueueSettings
from mlsdk.entities.node import Node, job_part, node_part, without_empty
from mlsdk.entities.parameterized_sweep import ParameterizedSweep
from mlsdk.entities.sweep_search_space import SEARCH_SPACE, SweepDistribution
from mlsdk.entities.sweep_settings import (
    SAMPLING,
    TERMINATION_FILE,
    BanditPolicy,
    EarlyTerminationPolicy,
    Objective,
    Sampling,
    Termination,
    termination,
)
from mlsdk.entities.sweep_trial import ParameterizedCommand, as_trial, check_search
from mlsdk.schema.bodies import from_body, to_body
from mlsdk.schema.fields import JSON, entity, fields, tag, wire
from mlsdk.schema.forms import form_reader, to_form
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong

_FORMS = ("limits", "sampling_algorithm", "objective", "search_space", "queue_settings", "resources")
"""The settings that a pipeline's body has in the words of files."""


def _slack(given: Any, _: Any) -> Any:
    """A policy as a step has it: of the two ways to say how far behind a trial may be, the one that was used."""
    found = termination(given, _)
    if isinstance(found, BanditPolicy):
        unused = [name for name in ("slack_amount", "slack_factor") if getattr(found, name) == 0]
        return found.evolve(**dict.fromkeys(unused)) if unused else found
    return found


@entity(eq=False)
class Sweep(ParameterizedSweep, Node):
    """A command run again and again with hyperparameters drawn from a search space, as a job or as a step of a pipeline.

    `command(...).sweep(...)` makes one; this constructor takes the component that is run.

    >>> Sweep(
    ...     trial=train_component,
    ...     search_space={"rate": LogUniform(-6, -1)},
    ...     objective=Objective("maximize", "accuracy"),
    ...     limits=SweepJobLimits(max_total_trials=20),
    ... )
    """

    type: Literal["sweep"] = tag("properties.jobType", default="sweep", wire="Sweep")
    component: Field[CommandComponent | str | None, Component | str | None] = wire(
        None, default=None, file="trial", alias="trial", required=True
    )
    """The component that is run: itself, or its `name:version` in the workspace, or its id. `trial` is the same."""
    identity: Field[JobIdentity | None, JobIdentity | dict[str, Any] | None] = wire(
        "properties.identity", default=None, file=None
    )
    """Who the trials run as, where the sweep is a job of its own."""
    limits: Field[SweepJobLimits | None, SweepJobLimits | dict[str, Any] | None] = wire(
        "properties.limits", default=None, required=True
    )
    """How many trials are made, and how long they may take."""
    sampling_algorithm: Field[Sampling | None, Sampling | dict[str, Any] | None] = wire(
        "properties.samplingAlgorithm", default=None, codec=SAMPLING
    )
    """How hyperparameters are drawn: `random`, `grid`, `bayesian`, or an object that says more."""
    search_space: Field[dict[str, SweepDistribution] | None, Mapping[str, Any] | None] = wire(
        "properties.searchSpace", default=None, codec=SEARCH_SPACE
    )
    """What each hyperparameter is drawn from, by the name of the component's input that it is given to."""
    objective: Field[Objective | None, Objective | dict[str, Any] | None] = wire(
        "properties.objective", default=None, required=True
    )
    """The metric to optimise."""
    early_termination: Termination = wire(
        "properties.earlyTermination", default=None, given=_slack, file_codec=TERMINATION_FILE
    )
    """When a trial that does badly is given up: a policy, or the word for one with its defaults; never when None."""
    queue_settings: Field[QueueSettings | None, QueueSettings | dict[str, Any] | None] = wire(
        "properties.queueSettings", default=None
    )
    """Its place in the queue."""
    resources: Field[JobResourceConfiguration | None, JobResourceConfiguration | dict[str, Any] | None] = wire(
        "properties.resources", default=None
    )
    """The nodes that a trial runs on; those of the component when None."""

    @property
    def trial(self) -> CommandComponent | str | None:
        """The component that is run."""
        return self.component

    @trial.setter
    def trial(self, value: CommandComponent | str | None) -> None:
        self.component = value

    # -- the body of a job ---------------------------------------------------------------------------------------
    def _trial(self) -> ParameterizedCommand:
        """The command of the job: what is searched stands in it as `${{search_space.x}}`."""
        if not isinstance(self.component, CommandComponent):
            message = f"a sweep that is no step of a pipeline has to have its component at hand, not {self.component!r}"
            raise wrong(message)
        made = as_trial(self.component)
        for name in self.search_space or ():
            made.command = (made.command or "").replace(f"${{{{inputs.{name}}}}}", f"${{{{search_space.{name}}}}}")
        return made

    def __sendable__(self) -> None:
        """A sweep needs a component at hand, a search space, and all inputs that the command names."""
        if self.search_space is None:
            message = "a sweep needs a search_space"
            raise wrong(message)
        check_search(self._trial(), self.search_space, self.inputs)

    def __complete__(self, body: JSON) -> None:
        """The trial, its nodes where the sweep says nothing of them, and the inputs that have a value."""
        properties: JSON = body["properties"]
        properties["inputs"] = JOB_INPUTS.dump({name: one for name, one in self.inputs.items() if one is not None})
        trial = properties["trial"] = to_body(self._trial())
        if "resources" not in properties and "resources" in trial:
            properties["resources"] = trial["resources"]

    # -- the body of a step --------------------------------------------------------------------------------------
    def node_body(self, components: dict[int, Any] | None = None) -> JSON:
        """What the `jobs` of a pipeline's body say of the step; see `Node.node_body`."""
        body = super().node_body(components)
        trial = body.pop("componentId", None)
        body["trial"] = {"componentId": trial} if isinstance(trial, str) else trial
        for name in _FORMS:
            form = _said(getattr(self, name))
            if form is not None:
                body[name] = form
        policy = node_part(self.early_termination)
        if policy is not None:
            body["early_termination"] = policy
        return body

    @classmethod
    def _known_in_node(cls) -> set[str]:
        return {*_FORMS, "trial", "early_termination"}

    @classmethod
    def _arguments(cls, body: Mapping[str, Any]) -> JSON:
        trial = body.get("trial")
        reference = trial.get("componentId") if isinstance(trial, Mapping) else trial
        found = super()._arguments({**body, "componentId": reference or trial})
        found["trial"] = found.pop("component")
        kinds = {attribute.name: kind for attribute, kind, _ in fields(cls)}
        for name in _FORMS:
            if body.get(name) is not None:
                found[name] = form_reader(kinds[name])(body[name])
        policy = body.get("early_termination")
        if policy is not None:
            found["early_termination"] = from_body(EarlyTerminationPolicy, job_part(policy))
        return found

    # -- files ---------------------------------------------------------------------------------------------------
    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, with the component, the inputs and the outputs read."""
        parts = Parts(data, base)
        take_component(parts, CommandComponent, "trial")
        take_ports(parts)
        return parts.done()

    def to_dict(self) -> JSON:
        """The file form of a step: its component whole, what is given to it, and how it searches."""
        form = super().to_dict()
        component = form.pop("component", None)
        return form if component is None else {**form, "trial": component}

    # -- checks --------------------------------------------------------------------------------------------------
    def problems(self) -> Iterator[tuple[str, str]]:
        """What can be seen to be wrong before it is sent; an input that is searched needs no value."""
        searched = {f"inputs.{name}" for name in self.search_space or ()}
        for where, what in super().problems():
            if where not in searched:
                yield where, what


def _said(value: Any) -> Any:
    """A setting in the words of files; None where it says nothing."""
    if isinstance(value, Mapping):
        return {name: to_form(one) for name, one in value.items()} or None
    form = to_form(value)
    return (without_empty(form) or None) if isinstance(form, dict) else form


def sweep_of(
    command: Command,
    *,
    primary_metric: str,
    goal: Any,
    search_space: Mapping[str, Any] | None,
    compute: str | None,
    early_termination_policy: Any,
    sampling_algorithm: Any,
    identity: Any,
    queue_settings: Any,
    job_tier: Any,
    priority: Any,
    **limits: int | None,
) -> Sweep:
    """A sweep over a command, which it takes the place of; its inputs that are distributions are searched."""
    searched = {name: value for name, value in command.inputs.items() if isinstance(value, SweepDistribution)}
    queue = queue_settings or command.queue_settings
    if job_tier is not None or priority is not None:
        queue = QueueSettings() if queue is None else queue
        queue.job_tier = queue.job_tier if job_tier is None else job_tier
        queue.priority = queue.priority if priority is None else priority
    trial = deepcopy(command.component)
    if isinstance(trial, CommandComponent) and command.environment_variables:
        trial.environment_variables = dict(command.environment_variables)
    made = Sweep(
        trial=trial,
        compute=command.compute if compute is None else compute,
        objective=Objective(goal=goal, primary_metric=primary_metric),
        sampling_algorithm=sampling_algorithm,
        inputs={name: value for name, value in command.inputs.items() if value is not None and name not in searched},
        outputs={name: port.data for name, port in command.outputs.items() if port.data is not None},
        search_space={**searched, **(search_space or {})},
        early_termination=early_termination_policy,
        limits=SweepJobLimits(),
        name=command.name,
        description=command.description,
        display_name=command.display_name,
        tags=command.tags,
        properties=command.properties,
        experiment_name=command.experiment_name,
        identity=identity or command.identity,
        queue_settings=queue,
    )
    made.set_limits(**limits)
    command.swept = True
    register(made)
    return made
