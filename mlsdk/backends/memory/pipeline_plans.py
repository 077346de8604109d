"""The steps of a pipeline as jobs: which of them run, how often, with what they are given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from mlsdk.backends.memory import families, pipeline_steps
from mlsdk.backends.memory.families import Child, Family
from mlsdk.backends.memory.kinds import Body
from mlsdk.backends.memory.pipeline_graphs import CONTROL, EXPRESSION, OF_STEP, order, owners, refers, steered, type_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from mlsdk.backends.memory.state import Resource

MOST_ROUNDS = 1000
"""How often a loop goes round at most that says nothing of it."""


@attrs.define(eq=False, repr=False)
class Ran:
    """What a node of a pipeline came to while its steps are planned."""

    names: list[str] = attrs.field(factory=list)
    """The jobs it stands for; none where it does not run."""
    outputs: Body = attrs.field(factory=dict)
    """The outputs of the last of them, as the body of a job has them."""
    values: Mapping[str, Any] = attrs.field(factory=dict)
    """Those of them that are values."""
    goes_on: bool = True
    """Whether what needs it can run."""


def jobs_of(properties: Mapping[str, Any], specs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The nodes of a pipeline, which may stand in the component it is made from."""
    own: Mapping[str, Any] = properties.get("jobs") or {}
    return own or specs.get(str(properties.get("componentId")).lower(), {}).get("jobs") or {}


def of_pipeline(job: Resource) -> Generator[Child, Mapping[str, Any] | None, None]:
    """The steps of a pipeline, each after those that it needs."""
    properties = job.stored["properties"]
    specs: Mapping[str, Any] = families.root(job).known["specs"]
    settings = properties.get("settings") or {}
    mine = job.known["family"] = Family(stops=not settings.get("continue_on_step_failure"))
    jobs = jobs_of(properties, specs)
    steering, ran = owners(jobs), dict[str, Ran]()
    for name in order(jobs)[0]:
        node = jobs[name]
        if type_of(node) in CONTROL:
            ran[name] = of_control(node, ran)
            continue
        owner, key = steering.get(name, (None, ""))
        control = jobs[owner] if owner is not None else {}
        before = [ran[step] for step in refers(node) if step in ran and step != name]
        before += [ran[step] for step in refers(control) if step in ran]
        ran[name] = Ran()
        if not all(one.goes_on for one in before) or (
            type_of(control) == "if_else" and (truth(control, job, ran) is False) == (key == "true_block")
        ):
            ran[name].goes_on = False
            continue
        after = [each for one in before for each in one.names]
        for turn in turns(control, job, ran, ran[name]):
            child = pipeline_steps.step(job, name, node, specs, ran, turn)
            ran[name].outputs = child["outputs"]
            needed = after if type_of(control) != "do_while" or not turn.number else [*after, ran[name].names[-1]]
            made = pipeline_steps.name_of(job, name, turn)
            said = yield Child(
                name=made,
                properties=child,
                needs=tuple(dict.fromkeys(needed)),
                history=pipeline_steps.history(node),
            )
            ran[name].names.append(made)
            if said is None:
                ran[name].goes_on = False
                if mine.stops:
                    return
                break
            ran[name].values = said


def of_control(node: Mapping[str, Any], ran: Mapping[str, Ran]) -> Ran:
    """What a node that steers others stands for: those of them that ran."""
    them = [ran[step] for key in CONTROL[type_of(node)] for step in steered(node, key) if step in ran]
    those = [one for one in them if one.goes_on]
    found = Ran(goes_on=bool(those))
    for one in those:
        found.names += one.names
        found.outputs = {**found.outputs, **one.outputs}
        found.values = {**found.values, **one.values}
    return found


def turns(
    control: Mapping[str, Any], job: Resource, ran: Mapping[str, Ran], mine: Ran
) -> Generator[pipeline_steps.Turn, None, None]:
    """How often a step runs: once, until a condition holds no more, or for each of several items."""
    type_ = type_of(control)
    if type_ == "parallel_for":
        for number, item in enumerate(_items(control, job)):
            yield pipeline_steps.Turn(number, item)
        return
    yield pipeline_steps.Turn(0)
    if type_ != "do_while":
        return
    rounds = (control.get("limits") or {}).get("max_iteration_count") or MOST_ROUNDS
    for number in range(1, int(rounds)):
        if not mine.goes_on or truth(control, job, ran, mine) is not True:
            return
        yield pipeline_steps.Turn(number, _mapped(control, mine))


def _mapped(control: Mapping[str, Any], mine: Ran) -> Body:
    """What the next round of a loop takes from the last one."""
    found: Body = {}
    for source, targets in (control.get("mapping") or {}).items():
        expression = EXPRESSION.fullmatch(source)
        step = OF_STEP.fullmatch(expression["path"]) if expression is not None else None
        name = step["name"] if step is not None else source
        for target in targets if isinstance(targets, list) else [targets]:
            found[str(target).rpartition(".")[2].rstrip("} ")] = pipeline_steps.passed_on(mine, name)
    return found


def _items(control: Mapping[str, Any], job: Resource) -> list[Body]:
    """What a loop runs for; once where nobody knows that before."""
    items = control.get("items")
    if isinstance(items, str):
        expression = EXPRESSION.fullmatch(items)
        if expression is not None:
            name = expression["path"].removeprefix("parent.inputs.")
            items = ((job.stored["properties"].get("inputs") or {}).get(name) or {}).get("value") or "[{}]"
        try:
            items = json.loads(items)
        except ValueError:
            items = [{}]
    each = items.values() if isinstance(items, dict) else items if isinstance(items, list) else [{}]
    return [item if isinstance(item, dict) else {} for item in each]


def truth(control: Mapping[str, Any], job: Resource, ran: Mapping[str, Ran], body: Ran | None = None) -> bool | None:
    """Whether a condition holds; None where nobody has said."""
    condition = control.get("condition")
    value: Any = condition
    if isinstance(condition, str):
        expression = EXPRESSION.fullmatch(condition)
        if expression is None:
            value = body.values.get(condition) if body is not None else condition
        else:
            step = OF_STEP.fullmatch(expression["path"])
            if step is None:
                name = expression["path"].removeprefix("parent.inputs.")
                value = ((job.stored["properties"].get("inputs") or {}).get(name) or {}).get("value")
            else:
                one = ran.get(step["step"])
                value = one.values.get(step["name"]) if one is not None else None
    if value is None:
        return None
    return value.strip().lower() not in ("false", "0", "") if isinstance(value, str) else bool(value)


def failure(job: Resource) -> str | None:
    """Why a pipeline has failed through its steps; None otherwise."""
    failed = [child for child in families.children(job) if child.known["status"] != "Completed"]
    if not failed:
        return None
    names = ", ".join(str(child.stored["properties"]["displayName"]) for child in failed)
    return f"Pipeline has failed child jobs. Failed nodes: {names}. The children of the job '{job.name}' say why."


def log(job: Resource, at: str) -> str:
    """What the service writes of the steps of a pipeline."""
    mine = families.family(job)
    lines = [f"[{at}] Completing processing run id {job.name}."]
    for name in mine.names if mine is not None else ():
        lines.insert(-1, f"[{at}] Submitting 1 runs, first five are: {name[:8]}:{name}")
    return "".join(f"{line}\n" for line in lines)
