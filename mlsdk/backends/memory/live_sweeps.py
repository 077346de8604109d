"""A sweep that really runs: its trials are drawn, run side by side, stopped early where they promise nothing."""

from __future__ import annotations

import contextlib
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory import families, job_files, lifecycle, search_spaces, trials
from mlsdk.backends.memory.clock import stamp
from mlsdk.backends.memory.families import Family
from mlsdk.local import durations, early_termination, sampling

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.backends.memory.live_jobs import Leader
    from mlsdk.backends.memory.state import Resource

LOOK = 0.2
"""Seconds between two looks at what the trials have logged, where there is a policy that may stop some of them early."""


class LiveSweep:
    """The trials of one sweep at work. The backend's lock is held whenever something is asked of it."""

    def __init__(self, leader: Leader, job: Resource) -> None:
        properties = job.stored["properties"]
        limits = properties.get("limits") or {}
        self._leader, self._job = leader, job
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
        self._family = job.known["family"] = Family(stops=False)
        self._going: dict[str, Mapping[str, Any]] = {}
        """What was drawn for each trial that runs, by its name."""
        self._ended: set[str] = set()
        self._logged: set[str] = set()
        """The metrics that trials which have ended have logged."""
        self._stopping = self._canceled = self._starting = False
        self._broken: str | None = None
        """Why it cannot go on, where that is no trial's failure."""
        self._over = threading.Event()
        self._log = leader.runner.folder(job.name) / "hyperdrive.txt"

    def begin(self) -> None:
        """Begin with as many trials as may run side by side."""
        name = job_files.log_name(self._job)
        self._write("Drawing trials from the search space.")
        job_files.link_logs(self._leader.backend.state, self._job, {name: self._log}, self._leader.now())
        if self._policy is not None or self._seconds is not None:
            threading.Thread(target=self._watch, name=f"sweep {self._job.name}", daemon=True).start()
        self._advance()

    def _write(self, text: str) -> None:
        # On a full disk the log has a gap; how the trials go on matters more.
        with contextlib.suppress(OSError), self._log.open("a", encoding="utf-8") as log:
            log.write(f"[{stamp(self._leader.now())}] {text}\n")

    def _advance(self) -> None:
        if self._starting:
            return
        self._starting = True
        try:
            while not self._stopping and len(self._going) < self._together:
                number = len(self._family.names)
                drawn = self._sampler.ask()
                if drawn is None:
                    self._stopping = True
                else:
                    self._start(number, drawn)
        finally:
            self._starting = False
        if not self._going:
            self._conclude()

    def _start(self, number: int, drawn: Mapping[str, Any]) -> None:
        leader = self._leader
        child = trials.trial(self._job, number, drawn)
        # What was drawn is put in where the command runs, which knows how to quote it.
        child.properties["command"] = self._job.stored["properties"]["trial"]["command"]
        if self._trial_timeout:
            child.properties["limits"] = {"jobLimitsType": "Command", "timeout": self._trial_timeout}
        now = leader.now()
        job = families.make(leader.backend.state, self._job, child, leader.backend.user, now)
        job.known.update(live=True, times={})
        lifecycle.tell(job, "NotStarted", now)
        self._going[job.name] = drawn
        self._write(f"The trial {job.name} gets {dict(drawn)}.")
        leader.begin(job)

    def child_over(self, job: Resource, status: str) -> None:
        """A trial has ended."""
        drawn = self._going.pop(job.name)
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

    def cancel(self) -> None:
        """Stop all trials; the sweep ends when none is left."""
        self._canceled = True
        self._stop()
        self._advance()

    def fail(self, reason: str) -> None:
        """Stop all trials, as it cannot go on."""
        self._broken = reason
        self._stop()
        self._advance()

    def abandon(self) -> None:
        """Begin and judge nothing more: the sweep is gone, with all its trials."""
        self._stopping = True
        self._over.set()

    def _stop(self) -> None:
        self._stopping = True
        for name in list(self._going):
            self._stop_trial(name)

    def _stop_trial(self, name: str) -> None:
        job = families.find(self._job, name)
        if job is not None and job.known["status"] != "CancelRequested":
            self._leader.cancel(job)

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
            if name in self._going:
                self._write(f"The trial {name} is stopped early: {policy}.")
                self._stop_trial(name)

    def _conclude(self) -> None:
        if self._job.known["status"] in families.ENDED:
            return
        self._over.set()
        error = trials.failure(self._job)
        if self._broken is not None:
            error = f"The sweep cannot go on. {self._broken}"
        if self._ended and self._metric not in self._logged:
            others = ", ".join(sorted(self._logged)) or "nothing"
            self._write(
                f"No trial has logged the primary metric '{self._metric}', so that none is the best; logged was: {others}."
            )
        trials.conclude(self._leader.backend.state, self._job)
        if self._canceled:
            self._leader.over(self._job, "Canceled")
        else:
            self._leader.over(self._job, "Failed" if error else "Completed", error or "")
