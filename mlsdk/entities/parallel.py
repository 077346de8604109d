"""Parallel steps: data worked on in mini-batches, on several nodes at once."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Literal, Union

import attrs

from mlsdk.entities.bindings import expressions
from mlsdk.entities.building import register
from mlsdk.entities.command import JobIdentity
from mlsdk.entities.command_component import code_form, is_elsewhere, reference_form
from mlsdk.entities.flow_component import FlowComponent, flow_word
from mlsdk.entities.inline import Parts, take_component, take_ports
from mlsdk.entities.job_resources import JobResourceConfiguration
from mlsdk.entities.node import Node, called
from mlsdk.entities.parallel_component import LOGGING, ParallelComponent, keys_to_body
from mlsdk.entities.parallel_task import ParallelTask, RetrySettings, mini_batch_size
from mlsdk.entities.port_types import component_inputs, component_outputs
from mlsdk.entities.resource import own
from mlsdk.schema.fields import JSON, Codec, choice, entity, tag, wire
from mlsdk.schema.forms import form_reader, to_form
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import Binding

if TYPE_CHECKING:
    from mlsdk.entities.component_spec import Component

_PLAIN = (
    "logging_level",
    "max_concurrency_per_instance",
    "error_threshold",
    "mini_batch_error_threshold",
    "input_data",
    "mini_batch_size",
    "environment_variables",
)
"""The settings that a pipeline's body has as they are."""
_INHERITED = ("max_concurrency_per_instance", "mini_batch_error_threshold", "mini_batch_size", "input_data")
_COPIED = ("resources", "retry_settings", "partition_keys")
"""The settings that a step has of its component, where it does not say them itself."""
_OWN = ("logging_level", "error_threshold", "task")
"""What a component that is written out says besides, and a step does not take from its component."""
_FREE = ("task", "input_data", "retry_settings")
"""Where a component may have expressions."""


AnyParallelComponent = Union[ParallelComponent, FlowComponent]
choice(AnyParallelComponent, at="properties.componentSpec.type", default=ParallelComponent, unsaid=flow_word)


def _task(given: ParallelTask | None, step: Any) -> ParallelTask | None:
    step._task_base = None  # noqa: SLF001 - of the same class: what is given starts from the step's own folder
    return given


def _has_expression(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_expression(one) for one in value.values())
    if isinstance(value, list):
        return any(_has_expression(one) for one in value)
    return isinstance(value, str) and next(expressions(value), None) is not None


@entity(eq=False, keeps="")
class Parallel(Node):
    """A step of a pipeline whose script is given data in mini-batches, on several nodes at once.

    `parallel_run_function(...)` and a component that is called make them; this constructor takes a component.

    >>> Parallel(component=score_component, inputs={"data": Input(path="azureml:iris:1")}, mini_batch_size="10kb")
    """

    __settings__ = ("resources", "identity")
    type: Literal["parallel"] = tag(None, default="parallel")
    if TYPE_CHECKING:
        component: Field[ParallelComponent | FlowComponent | str | None, Component | str | None]  # pyright: ignore[reportGeneralTypeIssues]
    retry_settings: Field[RetrySettings | None, RetrySettings | dict[str, Any] | None] = wire(None, default=None)
    logging_level: str | None = wire(None, default=None, file_codec=LOGGING)
    """`DEBUG`, `INFO` or `WARNING`."""
    max_concurrency_per_instance: int | Binding | None = wire(None, default=None)
    """How many processes work on each node."""
    error_threshold: int | Binding | None = wire(None, default=None)
    """How many items (rows or files) may fail; all when -1."""
    mini_batch_error_threshold: int | Binding | None = wire(None, default=None)
    """How many mini-batches may fail; all when -1."""
    input_data: str | None = wire(None, default=None)
    """The input that is cut into mini-batches: `${{inputs.data}}`."""
    task: Field[ParallelTask | None, ParallelTask | dict[str, Any] | None] = wire(None, default=None, given=_task)
    """What is done with each mini-batch; that of the component when None."""
    partition_keys: list[str] | None = wire(None, default=None)
    """Columns: rows that have the same values there are in the same mini-batch."""
    mini_batch_size: str | int | None = wire(None, default=None, file_codec=Codec(str, lambda found: found))
    """Files of one mini-batch, or, of tables, its size in bytes, given as `"10"` or `"10kb"`."""
    resources: Field[JobResourceConfiguration | None, JobResourceConfiguration | dict[str, Any] | None] = wire(
        None, default=None
    )
    """The nodes it runs on; those of the component when None."""
    environment_variables: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        None, default=None, missing=dict, given=own
    )
    identity: Field[JobIdentity | None, JobIdentity | dict[str, Any] | None] = wire(None, default=None)
    """Who it runs as."""
    _task_base: str | None = attrs.field(default=None, init=False, eq=False)
    """The folder that the code starts from, where that is the component's."""

    def __attrs_post_init__(self) -> None:
        self.mini_batch_size = mini_batch_size(self.mini_batch_size)
        if self.component is None:
            self.component = self._written_out()
        super().__attrs_post_init__()
        component = self.component
        if not isinstance(component, ParallelComponent):
            return
        for name in (*_INHERITED, *_COPIED):
            if getattr(self, name) is None:
                setattr(self, name, deepcopy(getattr(component, name)))
        if self.task is None and component.task is not None:
            self.task = component.task.evolve()
            self._task_base = component.base_path

    def _written_out(self) -> ParallelComponent:
        """The component of a step that was given none: what the step says, without what only a pipeline can tell."""
        said = {name: deepcopy(getattr(self, name)) for name in (*_INHERITED, *_COPIED, *_OWN)}
        if isinstance(self.mini_batch_size, int):
            said["mini_batch_size"] = str(self.mini_batch_size)
        component = ParallelComponent(
            **{name: value for name, value in said.items() if name in _FREE or not _has_expression(to_form(value))},
            inputs=component_inputs({name: value for name, value in self.inputs.items() if value is not None}),
            outputs=component_outputs({name: port.data for name, port in self.outputs.items()}),
            base_path=self.base_path,
            _source=self._source or "CLASS",
        )
        for name, port in self.outputs.items():
            port.meta = component.outputs.get(name)
        return component

    def declared(self, side: str) -> Mapping[str, Any] | None:
        """The inputs or outputs that the component declares; a flow takes whatever its own inputs are called."""
        return None if side == "inputs" and isinstance(self.component, FlowComponent) else super().declared(side)

    def problems(self) -> Iterator[tuple[str, str]]:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        yield from super().problems()
        if isinstance(self.component, FlowComponent) and self.inputs.get("data") is None:
            yield "inputs.data", "is required: the table whose rows the flow is run on"

    # -- settings ------------------------------------------------------------------------------------------------
    def set_resources(
        self,
        *,
        instance_type: str | list[str] | None = None,
        instance_count: int | None = None,
        properties: dict[str, Any] | None = None,
        docker_args: str | None = None,
        shm_size: str | None = None,
        **kwargs: Any,  # noqa: ARG002 - taken as the official client takes them
    ) -> None:
        """Change what is given of the nodes it runs on."""
        said = {
            "instance_type": instance_type,
            "instance_count": instance_count,
            "properties": properties,
            "docker_args": docker_args,
            "shm_size": shm_size,
        }
        resources = JobResourceConfiguration() if self.resources is None else self.resources
        for name, value in said.items():
            if value is not None:
                setattr(resources, name, value)
        self.resources = resources
        if isinstance(self.component, ParallelComponent):
            self.component.resources = resources

    def __call__(self, *args: Any, **kwargs: Any) -> Parallel:
        """Another step of the same component and settings, whose inputs are given anew by name where they differ."""
        if not isinstance(self.component, ParallelComponent):
            message = f"{self.component!r} is known by its name only; a component that is called has to be at hand"
            raise wrong(message)
        given = {name: value for name, value in self.inputs.items() if value is not None}
        step = Parallel(
            component=self.component,
            name=self.name,
            inputs={**given, **called(self.component, args, kwargs)},
            outputs={name: deepcopy(port.data) for name, port in self.outputs.items() if port.data is not None},
            compute=self.compute,
            tags=self.tags,
            display_name=self.display_name,
            base_path=self.base_path,
            **{name: deepcopy(getattr(self, name)) for name in (*_PLAIN, *_COPIED, "task", "identity")},
        )
        step._task_base = self._task_base
        register(step)
        return step

    # -- bodies ----------------------------------------------------------------------------------------------------
    def __sendable__(self) -> None:
        """The service knows no parallel jobs: they are steps."""
        message = "a parallel step cannot be submitted alone; make it a step of a pipeline"
        raise wrong(message)

    def _task_form(self) -> JSON | None:
        return None if self.task is None else self.task.form(self._task_base or self.base_path)

    def node_body(self, components: dict[int, Any] | None = None) -> JSON:
        """What the `jobs` of a pipeline's body say of the step; see `Node.node_body`."""
        body = super().node_body(components)
        for name in _PLAIN:
            value = getattr(self, name)
            if value is not None and value != {}:
                body[name] = value
        for name, form in (
            ("retry_settings", to_form(self.retry_settings)),
            ("task", self._task_form()),
            ("partition_keys", keys_to_body(self.partition_keys)),
        ):
            if form:
                body[name] = form
        return body

    @classmethod
    def _known_in_node(cls) -> set[str]:
        return {*_PLAIN, "retry_settings", "task", "partition_keys"}

    @classmethod
    def _arguments(cls, body: Mapping[str, Any]) -> JSON:
        keys = body.get("partition_keys")
        return {
            **super()._arguments(body),
            **{name: body.get(name) for name in _PLAIN},
            "retry_settings": form_reader(RetrySettings)(body.get("retry_settings")),
            "task": form_reader(ParallelTask)(body.get("task")),
            "partition_keys": json.loads(keys) if isinstance(keys, str) else keys,
        }

    # -- files -----------------------------------------------------------------------------------------------------
    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, with the component, the inputs and the outputs read; one that names no component is one."""
        parts = Parts(data, base)
        take_component(parts, AnyParallelComponent)
        take_ports(parts)
        if "component" not in data:
            parts.said["_source"] = "YAML.JOB"
        return parts.done()

    def to_dict(self) -> JSON:
        """The file form of a step: its component whole, what is given to it, and how it is run."""
        form = super().to_dict()
        task = self._task_form()
        return form if task is None else {**form, "task": task}

    def _whole_parts(self, form: JSON) -> JSON:
        """The parts of the file form of which the official client's form does not say all."""
        parts, task = super()._whole_parts(form), self._task_form()
        if task is not None:
            parts["task"] = task
        if isinstance(self.component, FlowComponent):
            parts["component"] = self.component.file_path
        return parts

    def to_step_dict(self) -> JSON:
        """The file form as a step of a pipeline, as the official client writes it there.

        Code that is not found from the current folder is taken for a reference.
        """
        form = self.to_dict()
        code = None if self.task is None or self.task.code is None else os.fspath(self.task.code)
        if code is not None:
            local = os.path.exists(code) or is_elsewhere(code, os.curdir)  # noqa: PTH110 - a text that may be no path
            form["task"]["code"] = code_form(code, os.curdir) if local else reference_form(code)
        return form
