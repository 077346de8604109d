"""A pipeline that really runs: each step begins as soon as those that it needs have ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs

from mlsdk.backends.memory import families, pipeline_plans, pipeline_steps
from mlsdk.backends.memory.families import Child
from mlsdk.backends.memory.live_families import LiveFamily
from mlsdk.backends.memory.pipeline_graphs import CONTROL, needs, owners, refers, type_of
from mlsdk.backends.memory.pipeline_plans import Ran
from mlsdk.backends.memory.pipeline_steps import Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.backends.memory.live_jobs import Leader
    from mlsdk.backends.memory.state import Resource

NOT = (False, "false", "False")


@attrs.define(eq=False)
class _AtWork:
    """A node that runs."""

    came_to: Ran
    turns: Iterator[Turn]
    """How often it is still to run."""
    going: int = 0
    """How many jobs of it run now."""


class LivePipeline(LiveFamily[str]):
    """The steps of one pipeline at work: each child stands for a node, by the node's name."""

    noun = "pipeline"

    def __init__(self, leader: Leader, job: Resource) -> None:
        properties = job.stored["properties"]
        settings = properties.get("settings") or {}
        super().__init__(leader, job, stops=not settings.get("continue_on_step_failure"))
        self._specs: Mapping[str, Any] = families.root(job).known["specs"]
        self._reruns = bool(settings.get("force_rerun"))
        self._nodes: Mapping[str, Any] = pipeline_plans.jobs_of(properties, self._specs)
        self._steering = owners(self._nodes)
        self._waits = {
            name: {step for step in before if step in self._nodes and step != name}
            for name, before in needs(self._nodes).items()
        }
        self._followers: dict[str, list[str]] = {}
        for name, before in self._waits.items():
            for step in before:
                self._followers.setdefault(step, []).append(name)
        self._ready = deque(name for name, before in self._waits.items() if not before)
        self._ran: dict[str, Ran] = {}
        """What each node came to that is over."""
        self._at_work: dict[str, _AtWork] = {}
        self._write(f"Running the pipeline {job.name} of {len(self._nodes)} nodes.")

    def _begin_what_can(self) -> None:
        while self._ready and not self._stopping:
            self._meet(self._ready.popleft())

    def _meet(self, name: str) -> None:
        """Begin a node that waits for nothing more, unless it is not to run."""
        node = self._nodes[name]
        if type_of(node) in CONTROL:
            self._node_over(name, pipeline_plans.of_control(node, self._ran))
            return
        owner, key = self._steering.get(name, (None, ""))
        control: Mapping[str, Any] = self._nodes[owner] if owner is not None else {}
        before = [self._ran[step] for step in (*refers(node), *refers(control)) if step in self._ran and step != name]
        skipped = not all(one.goes_on for one in before) or (
            type_of(control) == "if_else"
            and (pipeline_plans.truth(control, self._job, self._ran) is False) == (key == "true_block")
        )
        mine = Ran(goes_on=not skipped)
        if skipped:
            self._write(f"Skipping the node {name}.")
            self._node_over(name, mine)
            return
        turns = pipeline_plans.turns(control, self._job, self._ran, mine)
        at_work = self._at_work[name] = _AtWork(mine, turns)
        together = 1
        if type_of(control) == "parallel_for":
            together = int(control.get("max_concurrency") or 0)
        for begun, turn in enumerate(turns, 1):
            self._start(name, turn, at_work)
            if begun == together or not mine.goes_on:
                break
        self._look(name, at_work)

    def _start(self, name: str, turn: Turn, at_work: _AtWork) -> None:
        node = self._nodes[name]
        properties = pipeline_steps.step(self._job, name, node, self._specs, self._ran, turn)
        at_work.came_to.outputs = properties["outputs"]
        made = pipeline_steps.name_of(self._job, name, turn)
        child = Child(name=made, properties=properties, history=pipeline_steps.history(node))
        at_work.going += 1
        self._write(f"Submitting the node {name} as {made}.")
        spec = self._specs.get((pipeline_steps.component_of(node) or "").lower(), {})
        self._add(child, name, may_reuse=not self._reruns and spec.get("is_deterministic", True) not in NOT)

    def child_over(self, job: Resource, status: str) -> None:
        """A step has ended."""
        name = self._children.pop(job.name)
        at_work = self._at_work[name]
        at_work.going -= 1
        mine = at_work.came_to
        self._write(f"The node {name} is {status} as {job.name}.")
        if status == "Completed":
            mine.names.append(job.name)
            mine.values = job.known.get("values") or {}
        else:
            mine.goes_on = False
            if status == "Failed" or not self._stopping:  # what somebody else has stopped was not done either
                self._family.failed.append(job.name)
            if self._family.stops:
                self._stop()
        if self._advancing:  # it ended while it was begun, and its node is looked at after that
            return
        following = next(at_work.turns, None) if mine.goes_on and not self._stopping else None
        if following is not None:
            self._start(name, following, at_work)
        self._look(name, at_work)
        self._advance()

    def _look(self, name: str, at_work: _AtWork) -> None:
        """Let a node go on whose jobs have all ended: with its next turn, or with what follows it."""
        while not at_work.going and self._at_work.get(name) is at_work:
            following = next(at_work.turns, None) if at_work.came_to.goes_on and not self._stopping else None
            if following is None:
                del self._at_work[name]
                self._node_over(name, at_work.came_to)
            else:
                self._start(name, following, at_work)

    def _node_over(self, name: str, came_to: Ran) -> None:
        self._ran[name] = came_to
        for follower in self._followers.get(name, ()):
            waits = self._waits[follower]
            waits.discard(name)
            if not waits:
                self._ready.append(follower)

    def _failure(self) -> str | None:
        """Why the pipeline has failed: the steps that did, each with its own reason."""
        failed = [job for name in self._family.failed if (job := families.find(self._job, name)) is not None]
        reasons = [
            f"{job.stored['properties']['displayName']}: {job.known.get('error') or 'it was stopped'}" for job in failed
        ]
        return "Pipeline has failed child jobs. " + "\n".join(reasons) if reasons else None
