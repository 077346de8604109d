"""Command jobs, and the steps of pipelines that run a command: one class for both."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

import attrs

from mlsdk.entities.bindings import unmet
from mlsdk.entities.command_component import CommandComponent, bare, reference_form
from mlsdk.entities.distribution import Distribution
from mlsdk.entities.environment import Environment
from mlsdk.entities.identity import AmlTokenConfiguration, ManagedIdentityConfiguration, UserIdentityConfiguration
from mlsdk.entities.inline import inline_component
from mlsdk.entities.job import LOCAL
from mlsdk.entities.job_limits import CommandJobLimits
from mlsdk.entities.job_ports import mode_problems
from mlsdk.entities.job_resources import JobResourceConfiguration, QueueSettings
from mlsdk.entities.node import Node
from mlsdk.entities.port_types import component_inputs, component_outputs
from mlsdk.entities.resource import own
from mlsdk.schema.bodies import to_body
from mlsdk.schema.fields import JSON, Codec, entity, output, tag, wire
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from mlsdk.entities.component_spec import Component
    from mlsdk.entities.sweep_node import Sweep

_SINGLE = re.compile(r"(?<!\{)\{(inputs|outputs|search_space)\.([^}]*)\}(?!\})")
_KEY = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_COMPONENT_KEYS = ("command", "code", "environment", "distribution")
"""What a file says of a command in one place, and Python of its component."""
_IS_LOCAL = "IsLocal"
JobIdentity = ManagedIdentityConfiguration | UserIdentityConfiguration | AmlTokenConfiguration


def _environment_body(environment: Any) -> Any:
    return to_body(environment.named()) if isinstance(environment, Environment) else environment


ENVIRONMENT = Codec(_environment_body, bare)
"""An environment by its name, or written out."""


ENVIRONMENT_FILE = Codec(lambda value: reference_form(value) if isinstance(value, str) else value, bare)


def _bare(value: Any, _: Any) -> Any:
    return bare(value)


def double_braces(command: str | None) -> str | None:
    """A command whose `{inputs.x}`, an older spelling, is written `${{inputs.x}}`; a warning tells of it."""
    if command is None or _SINGLE.search(command) is None:
        return command
    warnings.warn("{inputs.x} in a command is an older spelling of ${{inputs.x}}", DeprecationWarning, stacklevel=3)
    return _SINGLE.sub(r"${{\1.\2}}", command)


def tell(component: Any, about: Mapping[str, Any], variables: Any) -> None:
    """Let the component that a job is made of say what the job says of itself."""
    for name, value in about.items():
        if value is not None and (value or name != "name"):
            setattr(component, name, value)
    if about.get("name"):
        component.is_anonymous, component.version = False, None
    if variables:
        component.environment_variables = dict(variables)


@entity(eq=False, keeps="")
class Command(Node):
    """A command line that is run in an environment, as a job or as a step of a pipeline.

    `command(...)`, `load_job` and a component that is called make them; this constructor takes a component.

    >>> Command(component=train_component, inputs={"data": Input(path="azureml:iris:1")}, compute="cpu-cluster")
    """

    __unsaid__ = (*Node.__unsaid__, "parent_job_name")
    __settings__ = ("distribution", "limits", "resources", "services", "identity", "queue_settings")
    type: Literal["command"] = tag("properties.jobType", default="command", wire="Command")
    if TYPE_CHECKING:
        component: Field[CommandComponent | str | None, Component | str | None]  # pyright: ignore[reportGeneralTypeIssues]
    limits: Field[CommandJobLimits | None, CommandJobLimits | dict[str, Any] | None] = wire(
        "properties.limits", default=None
    )
    identity: Field[JobIdentity | None, JobIdentity | dict[str, Any] | None] = wire("properties.identity", default=None)
    """Who it runs as."""
    distribution: Field[Distribution | None, Distribution | dict[str, Any] | None] = wire(
        "properties.distribution", default=None
    )
    environment: Field[str | Environment | None, str | Environment | dict[str, Any] | None] = wire(
        "properties.environmentId", default=None, codec=ENVIRONMENT, file_codec=ENVIRONMENT_FILE, given=_bare
    )
    """In the place of the component's own: `name:version`, or an `Environment`."""
    environment_variables: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.environmentVariables", default=None, missing=dict, given=own
    )
    resources: Field[JobResourceConfiguration | None, JobResourceConfiguration | dict[str, Any] | None] = wire(
        "properties.resources", default=None
    )
    """The nodes it runs on, where they are others than the component's."""
    queue_settings: Field[QueueSettings | None, QueueSettings | dict[str, Any] | None] = wire(
        "properties.queueSettings", default=None
    )
    parent_job_name: str | None = wire("properties.parentJobName", default=None)
    """The job that it is shown below."""
    parameters: dict[str, Any] | None = output("properties.parameters", file="parameters")
    """MLflow parameters that the service set."""
    swept: bool = attrs.field(default=False, init=False, eq=False)
    """Whether a sweep was made of it, which takes its place in the pipeline that is being written."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        component = self.component
        if isinstance(component, CommandComponent):
            if component.resources is not None:
                self.resources = self.resources or component.resources
            if component.distribution is not None:
                self.distribution = self.distribution or component.distribution

    # -- a part of the component --------------------------------------------------------------------------------
    @property
    def command(self) -> str | None:
        """The command line; None when the component is known by its name only."""
        return self.component.command if isinstance(self.component, CommandComponent) else None

    @command.setter
    def command(self, value: str | None) -> None:
        self._own("command").command = value

    @property
    def code(self) -> str | os.PathLike[str] | None:
        """The code; None when there is none, or the component is known by its name only."""
        return self.component.code if isinstance(self.component, CommandComponent) else None

    @code.setter
    def code(self, value: str | os.PathLike[str] | None) -> None:
        self._own("code").code = value

    def _own(self, name: str) -> CommandComponent:
        if isinstance(self.component, CommandComponent):
            return self.component
        message = f"the {name} of {self.component!r} cannot be set: it is a part of that component, which is registered"
        raise wrong(message)

    # -- settings ------------------------------------------------------------------------------------------------
    def set_resources(
        self,
        *,
        instance_type: str | list[str] | None = None,
        instance_count: int | None = None,
        locations: list[str] | None = None,
        properties: dict[str, Any] | None = None,
        docker_args: str | list[str] | None = None,
        shm_size: str | None = None,
        **kwargs: Any,  # noqa: ARG002 - taken as the official client takes them
    ) -> None:
        """Change what is given of the nodes it runs on."""
        said = {
            "instance_type": instance_type,
            "instance_count": instance_count,
            "locations": locations,
            "properties": properties,
            "docker_args": docker_args,
            "shm_size": shm_size,
        }
        resources = JobResourceConfiguration() if self.resources is None else self.resources
        for name, value in said.items():
            if value is not None:
                setattr(resources, name, value)
        self.resources = resources
        if isinstance(self.component, CommandComponent):
            self.component.resources = resources  # so that a sweep over it has them too

    def set_limits(self, *, timeout: int, **kwargs: Any) -> None:  # noqa: ARG002 - taken as the official client does
        """Give it up after `timeout` seconds."""
        self.limits = CommandJobLimits(timeout=timeout)

    def set_queue_settings(self, *, job_tier: str | None = None, priority: str | None = None) -> None:
        """Set its place in the queue."""
        self.queue_settings = QueueSettings(job_tier=job_tier, priority=priority)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    # -- other steps -----------------------------------------------------------------------------------------------
    def sweep(
        self,
        *,
        primary_metric: str,
        goal: str,
        sampling_algorithm: Any = "random",
        compute: str | None = None,
        max_concurrent_trials: int | None = None,
        max_total_trials: int | None = None,
        timeout: int | None = None,
        trial_timeout: int | None = None,
        early_termination_policy: Any = None,
        search_space: Mapping[str, Any] | None = None,
        identity: Any = None,
        queue_settings: QueueSettings | None = None,
        job_tier: str | None = None,
        priority: str | None = None,
    ) -> Sweep:
        """A sweep over this command: the inputs that are distributions, such as `Uniform(0, 1)`, are searched.

        `primary_metric` is what a trial logs, `goal` is `minimize` or `maximize`; `sampling_algorithm` is `random`, `grid`,
        `bayesian` or an object of `mlsdk.sweep`. Timeouts are seconds.
        """
        from mlsdk.entities.sweep_node import sweep_of

        return sweep_of(
            self,
            primary_metric=primary_metric,
            goal=goal,
            sampling_algorithm=sampling_algorithm,
            compute=compute,
            max_concurrent_trials=max_concurrent_trials,
            max_total_trials=max_total_trials,
            timeout=timeout,
            trial_timeout=trial_timeout,
            early_termination_policy=early_termination_policy,
            search_space=search_space,
            identity=identity,
            queue_settings=queue_settings,
            job_tier=job_tier,
            priority=priority,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Command:
        """Another step of the same component and settings, whose inputs are given anew by name where they differ."""
        from copy import deepcopy

        from mlsdk.entities.building import register
        from mlsdk.entities.node import called

        if not isinstance(self.component, CommandComponent):
            message = f"{self.component!r} is known by its name only; a component that is called has to be at hand"
            raise wrong(message)
        inputs = {**{k: v for k, v in self.inputs.items() if v is not None}, **called(self.component, args, kwargs)}
        copied = ("limits", "distribution", "resources", "queue_settings", "services", "identity", "environment")
        step = Command(
            component=self.component,
            inputs=inputs,
            outputs={name: deepcopy(port.data) for name, port in self.outputs.items() if port.data is not None},
            compute=self.compute,
            tags=self.tags,
            display_name=self.display_name if self.display_name != self.name else None,
            environment_variables=self.environment_variables,
            **{name: deepcopy(getattr(self, name)) for name in copied},
        )
        for port in step.outputs.values():
            port.copied = port.data is not None
        register(step)
        return step

    # -- bodies ------------------------------------------------------------------------------------------------------
    def __sendable__(self) -> None:
        """A job of its own needs a command, an environment and the inputs that the command names."""
        problems = [*self.problems_alone()]
        if problems:
            raise wrong("\n".join(f"{where}: {what}" for where, what in problems))

    def problems_alone(self) -> Iterator[tuple[str, str]]:
        """What keeps it from being submitted alone: pairs of a dotted place and what is wrong there."""
        component = self.component
        command = self.command
        if command is None and not isinstance(component, CommandComponent):
            yield (
                "component",
                f"{component!r} is known by its name only: it can be a step of a pipeline, and no job alone",
            )
        elif command is None:
            yield "command", "is required"
        if self.environment is None and getattr(component, "environment", None) is None and self.compute != LOCAL:
            yield "environment", "is required"
        for name in self.inputs:
            if not _KEY.fullmatch(name):
                yield f"inputs.{name}", f"{name!r} may have letters, digits and underscores, and no digit first"
        yield from mode_problems("inputs", self.inputs)
        yield from mode_problems("outputs", {name: port.data for name, port in self.outputs.items()})
        for name in unmet(command, self.inputs):
            yield f"inputs.{name}", "is named in the command and has no value"

    def __complete__(self, body: JSON) -> None:
        """Put the parts of the component among those of the job; a job on this machine has no compute."""
        properties: JSON = body["properties"]
        component = self.component
        if isinstance(component, CommandComponent):
            if component.command is not None:
                properties["command"] = double_braces(component.command)
            if component.code is not None:
                properties["codeId"] = bare(os.fspath(component.code))
            if "environmentId" not in properties and component.environment is not None:
                properties["environmentId"] = _environment_body(component.environment)
        properties["properties"].pop("_azureml.ComputeTargetType", None)  # the service's own, which it does not take
        if self.compute == LOCAL:
            properties.pop("computeId", None)
            properties.setdefault("resources", {}).setdefault("properties", {})[_IS_LOCAL] = {_IS_LOCAL: True}

    def __loaded__(self, body: JSON) -> None:
        """The component that the parts of a job amount to."""
        super().__loaded__(body)
        properties = body.get("properties") or {}
        self.component = CommandComponent(
            command=properties.get("command"),
            code=bare(properties.get("codeId")),
            environment=self.environment,
            distribution=self.distribution,
            inputs=component_inputs(self.inputs),
            outputs=component_outputs({name: port.data for name, port in self.outputs.items()}),
            _source="REMOTE.WORKSPACE.JOB",
        )
        local = self.resources.properties if self.resources is not None else {}
        if local.pop(_IS_LOCAL, None):
            self.compute = LOCAL

    def node_body(self, components: dict[int, Any] | None = None) -> JSON:
        """What the `jobs` of a pipeline's body say of the step; see `Node.node_body`."""
        body = super().node_body(components)
        if self.environment_variables:
            body["environment_variables"] = self.environment_variables
        return body

    @classmethod
    def _known_in_node(cls) -> set[str]:
        return {"environment_variables"}

    @classmethod
    def _arguments(cls, body: Mapping[str, Any]) -> JSON:
        return {**super()._arguments(body), "environment_variables": body.get("environment_variables")}

    # -- files -------------------------------------------------------------------------------------------------------
    def component_form(self) -> Any:
        """The component in the file form, with the variables that it was made with."""
        form = super().component_form()
        said = getattr(self.component, "environment_variables", None) or {}
        variables = {key: value for key, value in said.items() if value is not None}
        return {**form, "environment_variables": variables} if variables and isinstance(form, dict) else form

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """A command written out in one place as the component that it is, and what is given to it."""
        keys = _COMPONENT_KEYS if top else (*_COMPONENT_KEYS, "resources")
        shared = ("environment", "distribution") if top else ()
        found = inline_component(cls, CommandComponent, data, base, keys=keys, shared=shared, top=top)
        component = found.get("component")
        if top and "component" not in data and isinstance(component, CommandComponent):
            about = {key: found.get(key) for key in ("name", "display_name", "description", "tags")}
            tell(component, about, found.get("environment_variables"))
        elif "component" not in data and isinstance(component, CommandComponent):
            tell(component, {key: found.get(key) for key in ("description", "tags")}, None)
        return found
