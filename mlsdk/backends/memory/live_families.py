"""A job that is made of others, while these really run: what pipelines and sweeps have in common."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from mlsdk.backends.memory import families, job_files, lifecycle
from mlsdk.backends.memory.clock import stamp
from mlsdk.backends.memory.families import Child, Family

if TYPE_CHECKING:
    from mlsdk.backends.memory.live_jobs import Leader
    from mlsdk.backends.memory.state import Resource

StandsFor = TypeVar("StandsFor")
"""What a child stands for in the job: the node of a pipeline, the hyperparameters of a trial."""


class LiveFamily(ABC, Generic[StandsFor]):
    """The children of one job at work. The backend's lock is held whenever something is asked of it."""

    noun: ClassVar[str]
    """What messages call the job."""

    def __init__(self, leader: Leader, job: Resource, *, stops: bool) -> None:
        """Begin nothing yet; `stops` says whether one failure ends all. OSError where there is no place for its log."""
        self._leader, self._job = leader, job
        self._family = job.known["family"] = Family(stops=stops)
        self._children: dict[str, StandsFor] = {}
        """What each child that runs stands for, by its name."""
        self._stopping = self._canceled = self._advancing = False
        self._broken: str | None = None
        """Why it cannot go on, where that is no child's failure."""
        self._log = leader.runner.folder(job.name) / job_files.log_name(job).rpartition("/")[2]

    # What a kind of family says.

    @abstractmethod
    def _begin_what_can(self) -> None:
        """Begin all children that can begin now."""

    @abstractmethod
    def child_over(self, job: Resource, status: str) -> None:
        """A child has ended."""

    @abstractmethod
    def _failure(self) -> str | None:
        """Why the job has failed through its children; None when it has not."""

    def _concluding(self) -> None:
        """The last child has ended, and the job is about to."""

    # What all do.

    def begin(self) -> None:
        """Begin with the children that can begin at once."""
        name = job_files.log_name(self._job)
        job_files.link_logs(self._leader.backend.state, self._job, {name: self._log}, self._leader.now())
        self._advance()

    def _write(self, text: str) -> None:
        """Write a line into the log of the job."""
        # On a full disk the log has a gap; how the children go on matters more.
        with contextlib.suppress(OSError), self._log.open("ab", buffering=0) as log:
            log.write(f"[{stamp(self._leader.now())}] {text}\n".encode())

    def _advance(self) -> None:
        """Begin what can begin; end where nothing is left. A child that ends at once is met by the loop, not by a call."""
        if self._advancing:
            return
        self._advancing = True
        try:
            self._begin_what_can()
        finally:
            self._advancing = False
        if not self._children:
            self._conclude()

    def _add(self, child: Child, stands_for: StandsFor, *, may_reuse: bool = False) -> None:
        """Make a child and let it begin."""
        leader = self._leader
        now = leader.now()
        job = families.make(leader.backend.state, self._job, child, leader.backend.user, now)
        job.known.update(live=True, times={})
        lifecycle.tell(job, "NotStarted", now)
        self._children[job.name] = stands_for
        leader.begin(job, may_reuse=may_reuse)

    def cancel(self) -> None:
        """Stop all children; the job ends when none is left."""
        self._canceled = True
        self._stop()
        self._advance()

    def fail(self, reason: str) -> None:
        """Stop all children, as the job cannot go on."""
        self._broken = reason
        self._stop()
        self._advance()

    def abandon(self) -> None:
        """Begin nothing more: the job is gone, with all its children."""
        self._stopping = True

    def _stop(self) -> None:
        """Begin nothing more, and stop what runs."""
        self._stopping = True
        for name in list(self._children):
            self._stop_child(name)

    def _stop_child(self, name: str) -> None:
        job = families.find(self._job, name)
        if job is not None and job.known["status"] != "CancelRequested":
            self._leader.cancel(job)

    def _conclude(self) -> None:
        if self._job.known["status"] in families.ENDED:
            return
        self._concluding()
        if self._canceled:
            self._leader.over(self._job, "Canceled")
            return
        error = self._failure() if self._broken is None else f"The {self.noun} cannot go on. {self._broken}"
        self._leader.over(self._job, "Failed" if error else "Completed", error or "")
