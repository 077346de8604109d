"""The steps of a pipeline by name: read from files, in bodies, and what each declares where it is written out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlsdk.entities.bindings import EXPRESSION, NodeInput
from mlsdk.entities.component_spec import Component
from mlsdk.entities.inline import JobInputs, JobOutputs, Parts
from mlsdk.entities.inputs import PARAMETERS, Input, Output
from mlsdk.entities.node_ports import NODE_NAME, NODE_NAMES, NodeOutput
from mlsdk.entities.port_types import PLAIN, component_inputs, component_outputs
from mlsdk.schema.files import Problem
from mlsdk.schema.mappings import Names

if TYPE_CHECKING:
    from mlsdk.schema.fields import JSON

WRITTEN_OUT_AT = ("component", "trial")
"""Where a step has its component; one without is written out."""


class Steps(Names[Any]):
    """The steps of a pipeline by name: `pipeline.jobs["train"]`, `pipeline.jobs.train`."""

    __slots__ = ()

    def __init__(self, steps: Mapping[str, Any] | None = None) -> None:
        """Steps that know what they are called; a command that a sweep was made of is none."""
        super().__init__()
        for name, step in (steps or {}).items():
            self[name] = step
        for step in self.values():
            link = getattr(step, "link", None)
            if link is not None:
                link(self)

    def __setitem__(self, name: str, step: Any) -> None:
        if getattr(step, "swept", False):
            return
        if step.name != name:
            step.name = name
        dict.__setitem__(self, name, step)


# -- bodies --------------------------------------------------------------------------------------------------
def steps_to_body(steps: Mapping[str, Any]) -> JSON:
    """The steps in a body, in the words that steps have there."""
    components: dict[int, Any] = {}
    bodies: JSON = {}
    for name, step in steps.items():
        bodies[name] = body = step.node_body(components)
        if body.get("name"):
            body["name"] = name.lower()  # a step that stands under two names knows one of them
    return bodies


def steps_of_body(found: Mapping[str, Any]) -> Steps:
    """The steps that a body describes."""
    from mlsdk.entities.steps import step_of_body

    return Steps({name: step_of_body({"name": name, **body}) for name, body in found.items()})


def steps_form(steps: Mapping[str, Any], *, whole: bool = False) -> JSON:
    """The steps in the file form; `whole` as `dump` writes them, with what the official client's form leaves out."""
    return {
        name: step.step_file_form() if whole and hasattr(step, "step_file_form") else step.to_step_dict()
        for name, step in steps.items()
    }


# -- files ---------------------------------------------------------------------------------------------------
def take_steps(data: Mapping[str, Any], base: str) -> Mapping[str, Any]:
    """What a file says of a pipeline with its steps read; those that are written out declare what they are given."""
    from mlsdk.entities.steps import AnyStep

    jobs = data.get("jobs")
    if not isinstance(jobs, Mapping):
        return data
    parts = Parts(data, base)
    for name in jobs:
        if not NODE_NAME.fullmatch(str(name)):
            what = f"{name!r} cannot be the name of a step: {NODE_NAMES}"
            parts.problems.append(Problem(("jobs", name), what, at_key=True))
    steps = parts.take("jobs", Names[AnyStep])
    if steps is None:
        return parts.done()
    component = data.get("type") == "pipeline" and "_source" in data
    looked_at = Parts(data, base)  # what is wrong with the inputs and outputs themselves is told where they are taken
    ports = {
        side: looked_at.read(data.get(side), kind, (side,)) if not component else None
        for side, kind in (("inputs", JobInputs), ("outputs", JobOutputs))
    }
    pipeline = _Pipeline(
        ports["inputs"] or data.get("inputs") or {}, ports["outputs"] or data.get("outputs") or {}, steps
    )
    for name, said in jobs.items():
        step = steps[name]
        step.name = name
        if isinstance(said, Mapping) and not any(at in said for at in WRITTEN_OUT_AT):
            pipeline.declare(step)
    for name, step in steps.items():
        misnamed = getattr(step, "misnamed", None)
        for where, what in misnamed(steps) if misnamed is not None else ():
            parts.problems.append(Problem(("jobs", name, *where.split(".")), what))
    return parts.done()


class _Pipeline:
    """A pipeline of a file, asked for the types of what its expressions stand for."""

    def __init__(self, inputs: Mapping[str, Any], outputs: Mapping[str, Any], steps: Mapping[str, Any]) -> None:
        self.sides = {"inputs": inputs, "outputs": outputs}
        self.steps = steps

    def declare(self, step: Any) -> None:
        """Let the component of a step that is written out declare the types of what the step is given."""
        component = getattr(step, "component", None)
        if not isinstance(component, Component):
            return
        given = {name: value for name, value in step.inputs.items() if value is not None}
        outputs = {name: port.data for name, port in step.outputs.items()}
        component.inputs = component_inputs(given, self.source)
        component.outputs = component_outputs(outputs, self.source)
        for name, port in step.outputs.items():
            port.meta = component.outputs.get(name)

    def source(self, text: str, seen: frozenset[str] = frozenset()) -> tuple[str | None, str | None]:
        """The type and mode of what an expression stands for; a folder where nothing can be told."""
        found = EXPRESSION.search(text)
        steps = found[1].split(".") if found else []
        if text in seen or len(steps) < 3 or steps[0] != "parent":
            return "uri_folder", None
        if steps[1] in self.sides:
            return self._of_pipeline(self.sides[steps[1]].get(".".join(steps[2:])))
        if steps[1] == "jobs" and len(steps) > 4 and steps[2] in self.steps:
            return self._of_step(self.steps[steps[2]], steps[3], ".".join(steps[4:]), seen | {text}), None
        return "uri_folder", None

    def _of_pipeline(self, value: Any) -> tuple[str | None, str | None]:
        if isinstance(value, Mapping):
            kind, mode = value.get("type") or "uri_folder", value.get("mode")
        elif type(value) in PLAIN:
            kind, mode = PLAIN[type(value)], None
        else:
            kind, mode = getattr(value, "type", None) or "uri_folder", getattr(value, "mode", None)
        return kind, None if kind in PARAMETERS else mode

    def _of_step(self, step: Any, side: str, name: str, seen: frozenset[str]) -> str | None:
        if not hasattr(step, "component"):
            return "mltable"  # of AutoML jobs
        value = getattr(step, side, {}).get(name)
        value = value.source if isinstance(value, NodeInput) else value
        if isinstance(value, NodeOutput):
            if value.type is not None:
                return value.type
            value = value.data
        if isinstance(value, (Input, Output)):
            return str(value.type)
        if isinstance(value, str) and "${{" in value:
            return self.source(value, seen)[0]
        kind: type[Any] = type(value)
        return PLAIN.get(kind, "uri_folder")
