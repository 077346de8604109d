"""A sweep that really runs: its trials are drawn, run side by side, stopped early where they promise nothing."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory import families, search_spaces, trials
from mlsdk.backends.memory.live_families import LiveFamily
from mlsdk.local import durations, early_termination, sampling

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.backends.memory.live_jobs import Leader
    from mlsdk.backends.memory.state import Resource

LOOK = 0.2
"""Seconds between two looks at what the trials have logged, where there is a policy that may stop some of them early."""


class LiveSweep(LiveFamily["Mapping[str, Any]"]):
    """The trials of one sweep at work: each child stands for the hyperparameters that were drawn for it."""

    noun = "sweep"

    def __init__(self, leader: Leader, job: Resource) -> None:
        super().__init__(leader, job, stops=False)
        properties = job.stored["properties"]
        limits = properties.get("limits") or {}
        self._metric, self._more = trials.objective(job)
        self._trial_timeout = limits.get("trialTimeout")
        self._seconds = durations.seconds(limits["timeout"]) if limits.get("timeout") else None
        self._together = limits.get("maxConcurrentTrials") or leader.runner.room
        self._sampler = sampling.sampler(
            search_spaces.read(properties["searchSpace"], "searchSpace"),
            properties["samplingAlgorithm"],
            more_is_better=self._more,
            most=limits.get("maxTotalTrials") or 0,
        )
        self._policy = early_termination.policy_of(properties.get("earlyTermination"), more_is_better=self._more)
        self._ended: set[str] = set()
        self._logged: set[str] = set()
        """The metrics that trials which have ended have logged."""
        self._over = threading.Event()

    def begin(self) -> None:
        """Begin with as many trials as may run side by side, and watch them where something may stop some."""
        self._write("Drawing trials from the search space.")
        if self._policy is not None or self._seconds is not None:
            threading.Thread(target=self._watch, name=f"sweep {self._job.name}", daemon=True).start()
        super().begin()

    def _begin_what_can(self) -> None:
        while not self._stopping and len(self._children) < self._together:
            drawn = self._sampler.ask()
            if drawn is None:
                self._stopping = True
            else:
                self._start(len(self._family.names), drawn)

    def _start(self, number: int, drawn: Mapping[str, Any]) -> None:
        child = trials.trial(self._job, number, drawn)
        # What was drawn is put in where the command runs, which knows how to quote it.
        child.properties["command"] = self._job.stored["properties"]["trial"]["command"]
        if self._trial_timeout:
            child.properties["limits"] = {"jobLimitsType": "Command", "timeout": self._trial_timeout}
        self._write(f"The trial {child.name} gets {dict(drawn)}.")
        self._add(child, drawn)

    def child_over(self, job: Resource, status: str) -> None:
        """A trial has ended."""
        drawn = self._children.pop(job.name)
        self._ended.add(job.name)
        logged = job.known.get("metrics") or {}
        series = logged.get(self._metric)
        score = series[-1] if series else None
        self._logged.update(logged)
        said = f"{self._metric}: {score}" if series else f"and has not logged {self._metric}"
        self._write(f"The trial {job.name} is {status}, {said}.")
        if status == "Failed":
            self._family.failed.append(job.name)
        self._sampler.tell(drawn, score if status != "Failed" else None)
        self._advance()

    def abandon(self) -> None:
        """Begin and judge nothing more."""
        super().abandon()
        self._over.set()

    def _watch(self) -> None:
        """Stop what runs when its time is over, and trials early that the policy gives up."""
        ends = None if self._seconds is None else self._leader.now() + self._seconds
        while not self._over.wait(LOOK):
            with self._leader.backend.lock:
                if self._over.is_set():  # since it was waited for
                    return
                if ends is not None and self._leader.now() >= ends:
                    self._write("The time of the sweep is over.")
                    self.cancel()
                    return
                if self._policy is not None:
                    self._leader.lead(self, partial(self._look, self._policy))

    def _look(self, policy: early_termination.Policy) -> None:
        """Have a policy judge what the trials have logged until now."""
        logged = {}
        for child in families.children(self._job):
            tracked = self._leader.tracked(child)
            series = tracked.metrics.get(self._metric) if tracked is not None else None
            if series:
                logged[child.name] = [each.value for each in series]
        for name in policy.decide(logged, self._ended):
            if name in self._children:
                self._write(f"The trial {name} is stopped early: {policy}.")
                self._stop_child(name)

    def _concluding(self) -> None:
        self._over.set()
        if self._ended and self._metric not in self._logged:
            others = ", ".join(sorted(self._logged)) or "nothing"
            self._write(
                f"No trial has logged the primary metric '{self._metric}', so that none is the best; logged was: {others}."
            )
        trials.conclude(self._leader.backend.state, self._job)

    def _failure(self) -> str | None:
        return trials.failure(self._job)
