"""What can be seen to be wrong with a graph of steps before it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlsdk.entities.bindings import expressions
from mlsdk.entities.component_spec import Component
from mlsdk.entities.inputs import Output
from mlsdk.entities.job_checks import component_problems, data_problems
from mlsdk.entities.node_ports import bound_texts
from mlsdk.entities.wire_checks import mismatch, type_of
from mlsdk.schema.values import did_you_mean

Problems = Iterator[tuple[str, str]]


def graph_problems(
    inputs: Mapping[str, Any], outputs: Mapping[str, Any], jobs: Mapping[str, Any], base: str | None = None
) -> Problems:
    """What is wrong with the steps of a pipeline and their wires: pairs of a dotted place and what is wrong there.

    `base` is the folder that the paths of local data start from.
    """
    checked: set[int] = set()
    needs: dict[str, set[str]] = {name: set() for name in jobs}
    looped = _looped(jobs)
    for name, job in jobs.items():
        for where, what in _step_problems(job, checked, base):
            if where in looped[name]:
                continue
            yield f"jobs.{name}.{where}", what
        yield from _wires(name, job, inputs, jobs, needs[name])
        for port, text in _bound_outputs(job):
            for expression in expressions(text):
                side, _, output = expression.removeprefix("parent.").partition(".")
                if side == "outputs" and output not in outputs:
                    where = f"jobs.{name}.outputs.{port}"
                    yield where, f"the pipeline has no output {output!r}{did_you_mean(output, outputs)}"
    cycle = _cycle(needs)
    if cycle:
        yield f"jobs.{cycle[0]}", f"waits for itself: {' -> '.join((*cycle, cycle[0]))}"


def _looped(jobs: Mapping[str, Any]) -> dict[str, set[str]]:
    """By step, the places of inputs that have no value of their own and that a loop around it gives one."""
    found: dict[str, set[str]] = {name: set() for name in jobs}
    for job in jobs.values():
        supplied = getattr(job, "supplied", None)
        for name, port in supplied() if supplied is not None else ():
            if name in jobs and jobs[name].inputs.get(port) is None:
                found[name].add(f"inputs.{port}")
    return found


def _step_problems(job: Any, checked: set[int], base: str | None) -> Problems:
    """What is wrong with a step by itself; a component that several steps share is told of once."""
    problems = getattr(job, "problems", None)
    yield from problems() if problems is not None else ()
    if base is not None:
        yield from data_problems("inputs", getattr(job, "inputs", None) or {}, base)
    component = getattr(job, "component", None)
    if not isinstance(component, Component) or id(component) in checked:
        return
    checked.add(id(component))
    for where, what in component_problems(component):
        yield f"component.{where}", what


# -- wires -------------------------------------------------------------------------------------------------------
def _wires(name: str, job: Any, inputs: Mapping[str, Any], jobs: Mapping[str, Any], needs: set[str]) -> Problems:
    given = getattr(job, "inputs", None) or {}
    typed = getattr(getattr(job, "component", None), "typed_inputs", None)
    declared = typed() if typed is not None else getattr(job, "declared", lambda _: None)("inputs") or {}
    wired = dict(bound_texts(given))
    for port, text in wired.items():
        for expression in expressions(text):
            yield from _wire_problems(f"jobs.{name}.inputs.{port}", expression, inputs, jobs, needs)
    nested = getattr(job, "type", None) == "pipeline"
    for port, value in given.items():
        if nested and port in declared and declared[port] is not None and declared[port].type is None:
            unknown = "its type is not known: annotate the parameter of the nested pipeline, or give it a default"
            yield f"jobs.{name}.inputs.{port}", unknown
        elif port in declared:
            where = f"jobs.{name}.inputs.{port}"
            source = type_of(wired[port], inputs, jobs) if port in wired else None
            what = mismatch(where, value, declared[port], source)
            if what is not None:
                yield where, what


def _bound_outputs(job: Any) -> Iterator[tuple[str, str]]:
    for port, given in (getattr(job, "outputs", None) or {}).items():
        data = getattr(given, "data", None)
        text = data.path if isinstance(data, Output) else data
        if isinstance(text, str) and "${{" in text:
            yield port, text


def _wire_problems(
    where: str, expression: str, inputs: Mapping[str, Any], jobs: Mapping[str, Any], needs: set[str]
) -> Problems:
    steps = expression.split(".")
    if steps[0] != "parent" or len(steps) < 3:
        return
    if steps[1] == "inputs":
        name = ".".join(steps[2:])
        if name not in inputs:
            yield where, f"the pipeline has no input {name!r}{did_you_mean(name, inputs)}"
        return
    if steps[1] != "jobs":
        return
    if steps[2] not in jobs:
        yield where, f"there is no step {steps[2]!r}{did_you_mean(steps[2], jobs)}"
        return
    needs.add(steps[2])
    declared = getattr(jobs[steps[2]], "declared", lambda _: None)("outputs")
    name = ".".join(steps[4:])
    if declared is not None and steps[3:4] == ["outputs"] and name not in declared:
        known = ", ".join(declared) or "none"
        yield where, f"the step {steps[2]!r} has no output {name!r}{did_you_mean(name, declared)}; there are {known}"


def _cycle(needs: Mapping[str, set[str]]) -> list[str]:
    """Steps that wait for one another in a circle; none when there is no such."""
    done: set[str] = set()
    for start in needs:
        path: list[str] = []
        waiting = [(start, iter(sorted(needs[start])))] if start not in done else []
        path = [start] if waiting else []
        on_path = set(path)
        while waiting:
            name, rest = waiting[-1]
            found = next((one for one in rest if one not in done), None)
            if found is None:
                done.add(name)
                waiting.pop()
                on_path.discard(path.pop())
            elif found in on_path:
                return path[path.index(found) :]
            else:
                path.append(found)
                on_path.add(found)
                waiting.append((found, iter(sorted(needs[found]))))
    return []


# -- what the pipeline itself is given -----------------------------------------------------------------------------
def used_inputs(jobs: Mapping[str, Any]) -> dict[str, str]:
    """The inputs of a pipeline that its steps cannot do without, each with the place of a step that takes it."""
    found: dict[str, str] = {}
    for name, job in jobs.items():
        declared = getattr(job, "declared", lambda _: None)("inputs")
        for port, text in bound_texts(getattr(job, "inputs", None) or {}):
            if declared is not None and port in declared and _is_optional(job, port, declared[port]):
                continue
            for needed in _pipeline_inputs(text):
                found.setdefault(needed, f"jobs.{name}.inputs.{port}")
    return found


def _pipeline_inputs(text: str) -> Iterator[str]:
    for expression in expressions(text):
        steps = expression.split(".")
        if steps[:2] == ["parent", "inputs"]:
            yield ".".join(steps[2:])


def _is_optional(job: Any, port: str, declared: Any) -> bool:
    """Whether a step can do without one of its inputs: its component says so, or is a pipeline whose steps all can."""
    steps = getattr(getattr(job, "component", None), "jobs", None) or {}
    return bool(declared.optional) or (bool(steps) and port in dispensable_inputs({port: declared}, steps))


def dispensable_inputs(inputs: Mapping[str, Any], jobs: Mapping[str, Any]) -> set[str]:
    """The inputs of a pipeline that its steps take and all can do without, though it does not say itself what they are."""
    taken = {
        name
        for job in jobs.values()
        for _, text in bound_texts(getattr(job, "inputs", None) or {})
        for name in _pipeline_inputs(text)
    }
    return {name for name in taken - used_inputs(jobs).keys() if name in inputs and inputs[name].optional is None}


def given_problems(given: Mapping[str, Any], declared: Mapping[str, Any] | None, jobs: Mapping[str, Any]) -> Problems:
    """What a pipeline job is not given, though its steps take it; `declared` is what its component says of its inputs."""
    for name, where in used_inputs(jobs).items():
        port = (declared or {}).get(name)
        if port is not None and given.get(name) is None and port.default is None:
            if port.optional:
                yield f"inputs.{name}", f"is optional, but {where}, which takes it, is not"
            else:
                yield f"inputs.{name}", f"is required: {where} takes it, and the pipeline has no default for it"
        elif declared is None and name in given and given[name] is None:
            yield f"inputs.{name}", f"has no value, but {where} takes it"


def compute_problems(jobs: Mapping[str, Any], below: str = "") -> Problems:
    """The steps that name no compute, where the pipeline has no default one."""
    for name, job in jobs.items():
        component = getattr(job, "component", None)
        if getattr(job, "type", None) == "pipeline":
            nested = getattr(component, "jobs", None) or {}
            yield from compute_problems(nested, f"{below}jobs.{name}.component.")
        elif hasattr(job, "compute") and job.compute is None and not _brings_nodes(job):
            yield f"{below}jobs.{name}.compute", "is required, as the pipeline has no default_compute"


def _brings_nodes(job: Any) -> bool:
    """Whether a step runs on nodes of its own, as Spark does with `resources`."""
    return getattr(job, "type", None) == "spark" and getattr(job, "resources", None) is not None
