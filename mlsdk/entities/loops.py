"""Steps that run another step again and again: until something is true, or once for each item."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from mlsdk.entities.bindings import PipelineInput, Reference, expressions, is_binding
from mlsdk.entities.command import Command
from mlsdk.entities.command_component import bare
from mlsdk.entities.component_spec import Component
from mlsdk.entities.control_flow import ControlFlow, Problems, found_step, step_name, step_text
from mlsdk.entities.inputs import PARAMETERS, Input, Output
from mlsdk.entities.job_ports import input_form, input_of_body, input_to_body, input_value
from mlsdk.entities.node_ports import PORT, NodeOutput, NodeOutputs, outputs_form, outputs_of_node, outputs_to_node
from mlsdk.entities.pipeline_node import Pipeline
from mlsdk.schema.fields import JSON, Entity, entity, tag, wire
from mlsdk.schema.mappings import Field, Names
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import described, did_you_mean

MOST_ITERATIONS = 1000


# -- the base --------------------------------------------------------------------------------------------------
def _body(given: Any, _: Any) -> Any:
    if given is not None and not isinstance(given, (str, Command, Pipeline)):
        message = f"the body of a loop is a command or a pipeline, not {type(given).__name__}"
        raise wrong(message)
    return given


@entity(eq=False, keeps="")
class LoopNode(ControlFlow):
    """A step that runs another one, its body, again and again."""

    body: Any = wire(None, default=None, required=True, given=_body)
    """The step that is run: a command or a pipeline; its expression `${{parent.jobs.train}}` in files."""

    def link(self, steps: Mapping[str, Any]) -> None:
        """Know its body."""
        super().link(steps)
        self.body = found_step(self.body, steps)

    @property
    def body_name(self) -> str | None:
        """What its body is called."""
        return step_name(self.body) if isinstance(self.body, str) else getattr(self.body, "name", None)

    def _ports(self, side: str) -> Mapping[str, Any] | None:
        """The inputs or outputs that the body declares; None when they are not known."""
        component = getattr(self.body, "component", None)
        return getattr(component, side) if isinstance(component, Component) else None

    def _unknown_port(self, where: str, side: str, name: str) -> Problems:
        ports = self._ports(side)
        if ports is not None and name not in ports:
            known = ", ".join(ports) or "none"
            yield where, f"the body has no {side[:-1]} {name!r}{did_you_mean(name, ports)}; there are {known}"

    def misnamed(self, steps: Mapping[str, Any]) -> Problems:
        """What a file says of steps, inputs and outputs that are not there: pairs of a place and what is wrong there."""
        self.link(steps)
        yield from self.unknown_step("body", self.body) if self.body is not None else ()

    def _body_problems(self) -> Problems:
        yield from self.unknown_step("body", self.body) if self.body is not None else ()
        others = [] if self.steps is None else [one for one in self.steps.values() if isinstance(one, LoopNode)]
        if any(one is not self and one.body is self.body for one in others):
            yield "body", f"the step {self.body_name!r} is the body of another loop already"


# -- until -----------------------------------------------------------------------------------------------------
@entity(lenient=True)
class DoWhileJobLimits(Entity):
    """How often a loop runs at most: `DoWhileJobLimits(max_iteration_count=5)`."""

    max_iteration_count: int | None = wire("max_iteration_count", default=None, required=True)
    """From 1 to 1000."""


def port_name(port: Any, side: str = "outputs") -> str:
    """The name of an input or output that is given as itself, as its name, or as the expression for it."""
    if isinstance(port, NodeOutput):
        return port.port_name
    if isinstance(port, str) and is_binding(port):
        before, found, name = next(expressions(port)).partition(f".{side}.")
        return name if found else before
    return str(port)


@entity(eq=False, keeps="")
class DoWhile(LoopNode):
    """Runs a step again, with what it gave the last time, while one of its outputs is true; `dsl.do_while` makes one.

    >>> DoWhile(
    ...     body=train, condition="go_on", mapping={"model": "start_from"}, limits={"max_iteration_count": 5}
    ... )
    """

    type: Literal["do_while"] = tag(None, default="do_while")
    condition: Any = wire(None, default=None)
    """The output of the body that tells whether to go on; on until the limit when None."""
    mapping: Field[dict[Any, Any], Mapping[Any, Any]] = wire(
        None, default=None, required=True, given=lambda given, _: dict(given or {})
    )
    """By output of the body, or its name: the inputs of the body, or their names, that it is given to the next time."""
    limits: Field[DoWhileJobLimits | None, DoWhileJobLimits | dict[str, Any] | None] = wire(
        None, default=None, required=True
    )

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said; ValueError where it may not run that often."""
        limits = data.get("limits")
        count = limits.get("max_iteration_count") if isinstance(limits, Mapping) else None
        if isinstance(count, int) and not 0 < count <= MOST_ITERATIONS:
            message = f"limits.max_iteration_count: from 1 to {MOST_ITERATIONS} are allowed, got {count}"
            raise ValueError(message)
        mapping = data.get("mapping")
        if isinstance(mapping, Mapping):
            data = {**data, "mapping": {port_name(key): value for key, value in mapping.items()}}
        return super().__from_file__(data, base, top=top)

    def set_limits(self, *, max_iteration_count: int, **kwargs: Any) -> None:  # noqa: ARG002 - as the official client
        """Run it at most this often."""
        self.limits = DoWhileJobLimits(max_iteration_count=max_iteration_count)

    def _input_names(self, given: Any) -> list[str]:
        """The names of inputs of the body; one that is given as its value is known by that."""
        found = []
        for one in given if isinstance(given, (list, tuple)) else [given]:
            if isinstance(one, str):
                found.append(port_name(one, "inputs"))
                continue
            if getattr(one, "owner", None) is self.body and hasattr(one, "port_name"):
                found.append(one.port_name)
                continue
            inputs = getattr(self.body, "inputs", None) or {}
            names = [name for name, value in inputs.items() if value is one]
            if len(names) != 1:
                message = (
                    "mapping: name the inputs of the body, as {body.outputs.model: 'model'}; by their values alone"
                )
                message += f" {', '.join(names) or 'none'} can be meant"
                raise wrong(message)
            found += names
        return found

    def form(self) -> JSON:
        """What bodies and files say of it alike."""
        found: JSON = {"type": self.type, "body": step_text(self.body)}
        if self.condition is not None:
            found["condition"] = port_name(self.condition)
        if self.mapping:
            found["mapping"] = {str(key): self._input_names(value) for key, value in self.mapping.items()}
        count = self.limits.max_iteration_count if self.limits is not None else None
        if count is not None:
            found["limits"] = {"max_iteration_count": count}
        return found

    def step_file_form(self) -> JSON:
        """What `dump` of a pipeline writes of the step: its mapping even where there is none."""
        return {"mapping": {}, **self.form()}

    @classmethod
    def _arguments(cls, body: Mapping[str, Any]) -> JSON:
        return {key: body.get(key) for key in ("body", "condition", "mapping", "limits")}

    def misnamed(self, steps: Mapping[str, Any]) -> Problems:
        """What a file says of steps, inputs and outputs that are not there: pairs of a place and what is wrong there."""
        yield from super().misnamed(steps)
        if self.condition is not None:
            yield from self._unknown_port("condition", "outputs", port_name(self.condition))
        for key, value in self.mapping.items():
            for name in self._input_names(value):
                yield from self._unknown_port(f"mapping.{key}", "inputs", name)

    def supplied(self) -> Iterator[tuple[str, str]]:
        """The inputs of the body that are given what it gave the last time."""
        for value in self.mapping.values():
            for name in self._input_names(value):
                yield str(self.body_name), name

    def problems(self) -> Problems:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        yield from self._body_problems()
        if isinstance(self.condition, NodeOutput) and self.condition.owner is not self.body:
            yield "condition", "is no output of the body"
        elif self.condition is not None:
            name = port_name(self.condition)
            yield from self._unknown_port("condition", "outputs", name)
            kind = getattr((self._ports("outputs") or {}).get(name), "type", None)
            if kind is not None and kind not in PARAMETERS:
                yield "condition", f"is of type {kind!r}; an output that is true or false is needed"
        given: dict[str, str] = {}
        for key, value in self.mapping.items():
            output = port_name(key)
            if isinstance(key, NodeOutput) and key.owner is not self.body:
                yield "mapping", f"{output!r} is no output of the body"
                continue
            yield from self._unknown_port(f"mapping.{output}", "outputs", output)
            for name in self._input_names(value):
                yield from self._unknown_port(f"mapping.{output}", "inputs", name)
                if given.setdefault(name, output) != output:
                    yield f"mapping.{output}", f"the input {name!r} is given {given[name]!r} already"
        count = self.limits.max_iteration_count if self.limits is not None else None
        if count is not None and not 0 < count <= MOST_ITERATIONS:
            yield "limits.max_iteration_count", f"from 1 to {MOST_ITERATIONS} are allowed, got {count}"


# -- for each --------------------------------------------------------------------------------------------------
def _outputs(given: Mapping[str, Any] | None, loop: Any) -> NodeOutputs:
    declared = loop._ports("outputs")  # noqa: SLF001 - of the same class
    if declared is not None:
        declared = {name: _gathered(port) for name, port in declared.items()}
    return NodeOutputs(loop, declared, given or {})


def _gathered(port: Output) -> Output:
    """What all runs of a body give together: a table of data, or a text of plain values."""
    kind = "string" if port.type in PARAMETERS else "mltable"
    return Output(type=kind, mode=None if kind == "string" else port.mode, description=port.description)


def _items(given: Any, _: Any) -> Any:
    if isinstance(given, str) and not is_binding(given):
        try:
            given = json.loads(given)
        except ValueError as error:
            message = f"items: neither an expression nor JSON: {error}"
            raise wrong(message) from None
    if isinstance(given, Mapping):
        return {key: _item(item) for key, item in given.items()}
    return [_item(item) for item in given] if isinstance(given, (list, tuple)) else given


def _item(given: Any) -> Any:
    if not isinstance(given, Mapping):
        return given
    return {
        name: input_of_body(value, PORT) if isinstance(value, Mapping) and PORT in value else input_value(value)
        for name, value in given.items()
    }


def _plain(value: Any) -> Any:
    """A value of an item in a body."""
    if not isinstance(value, Input):
        return str(value) if isinstance(value, Reference) else value
    body = input_to_body(value, PORT) or {}
    return {key: body[key] for key in (*(key for key in ("uri", "mode") if key in body), *body)}


@entity(eq=False, keeps="")
class ParallelFor(LoopNode):
    """Runs a step once for each item, all at the same time; `dsl.parallel_for` makes one.

    >>> ParallelFor(body=train, items=[{"rate": 0.1}, {"rate": 0.2}], max_concurrency=2)
    """

    type: Literal["parallel_for"] = tag(None, default="parallel_for")
    items: Any = wire(None, default=None, required=True, given=_items)
    """What the body is given each time: a list of mappings of its inputs, or a mapping of such by name; also as JSON, or an
    output or input that is such JSON."""
    max_concurrency: int | None = wire(None, default=None)
    """How many run at the same time; all when None."""
    outputs: Field[Names[Any], Mapping[str, Any] | None] = wire(None, default=None, missing=dict, given=_outputs)
    """By name, what all runs give together: data as tables, plain values as texts."""

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, with references of items without their prefix."""
        items = _items(data.get("items"), None)
        each = [*items.values()] if isinstance(items, Mapping) else items if isinstance(items, list) else []
        for item in each:
            for value in item.values() if isinstance(item, Mapping) else ():
                if isinstance(value, Input):
                    value.path = bare(value.path)
        return super().__from_file__(data if items is None else {**data, "items": items}, base, top=top)

    def link(self, steps: Mapping[str, Any]) -> None:
        """Know its body, whose outputs it gathers."""
        super().link(steps)
        known = self.outputs
        ports = self._ports("outputs") or {}
        for name, port in ports.items():
            known[name] = known[name] if name in known else NodeOutput(self, name)
            known[name].meta = _gathered(port)

    def declared(self, side: str) -> Mapping[str, Any] | None:
        """What it gives; None where its body is not known."""
        return self._ports("outputs") if side == "outputs" else None

    def _form(self, value_form: Any) -> JSON:
        found: JSON = {"type": self.type, "body": step_text(self.body)}
        items = self.items
        if isinstance(items, Mapping):
            items = {key: _ordered(item, value_form) for key, item in items.items()}
        elif isinstance(items, list):
            items = [_ordered(item, value_form) for item in items]
        if items is not None:
            found["items"] = str(items) if isinstance(items, (str, Reference)) else json.dumps(items)
        if self.max_concurrency is not None:
            found["max_concurrency"] = self.max_concurrency
        return found

    def form(self) -> JSON:
        """The file form."""
        outputs = outputs_form(self.outputs)
        return {**self._form(_file_value), **({"outputs": outputs} if outputs else {})}

    def node_body(self, components: dict[int, Any] | None = None) -> JSON:
        """What the `jobs` of a pipeline's body say of the step; ValidationException where there are no items."""
        problems = [what for _, what in self._item_problems(known=False)]
        if problems:
            raise wrong("\n".join(f"items: {what}" for what in problems))
        outputs = outputs_to_node(self.outputs)
        body = super().node_body(components)
        body.pop("outputs", None)
        return {**body, **self._form(_plain), **({"outputs": outputs} if outputs else {})}

    @classmethod
    def _arguments(cls, body: Mapping[str, Any]) -> JSON:
        said = {key: body.get(key) for key in ("body", "items", "max_concurrency")}
        return {**said, "outputs": outputs_of_node(body.get("outputs"))}

    def _each(self) -> list[Any]:
        if isinstance(self.items, Mapping):
            return [*self.items.values()]
        return self.items if isinstance(self.items, list) else []

    def supplied(self) -> Iterator[tuple[str, str]]:
        """The inputs of the body that items are given to; all, where the items are known later."""
        names = {name for item in self._each() if isinstance(item, Mapping) for name in item}
        if isinstance(self.items, (str, Reference)):
            names = {*(self._ports("inputs") or ())}
        for name in names:
            yield str(self.body_name), name

    def _item_problems(self, *, known: bool) -> Problems:
        items = self._each()
        if self.items is None:
            yield "items", "is required"
        elif not items and not isinstance(self.items, (str, Reference)):
            yield "items", "there is none"
        first = next((item for item in items if isinstance(item, Mapping)), {})
        for item in items:
            if not isinstance(item, Mapping):
                yield "items", f"expected mappings of inputs of the body, got {described(item)}"
                continue
            if item.keys() != first.keys():
                yield (
                    "items",
                    f"all have to give the same inputs; one has {', '.join(item)}, another {', '.join(first)}",
                )
            for name, value in item.items():
                if known:
                    yield from self._unknown_port("items", "inputs", name)
                if not isinstance(value, (str, bool, int, float, Input, PipelineInput)):
                    yield "items", f"{name} cannot be {described(value)}; give an Input or a plain value"
                elif isinstance(value, Input) and not value.path:
                    yield "items", f"{name} has no path"

    def problems(self) -> Problems:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        yield from self._body_problems()
        yield from self._item_problems(known=True)


def _ordered(item: Mapping[str, Any], value_form: Any) -> JSON:
    """An item, its data before its plain values."""
    data = {name: value for name, value in item.items() if isinstance(value, Input)}
    return {name: value_form(item[name]) for name in (*data, *(name for name in item if name not in data))}


def _file_value(value: Any) -> Any:
    return str(value) if isinstance(value, Reference) else input_form(value) if isinstance(value, Input) else value
