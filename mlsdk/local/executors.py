"""Tasks are run by processes of this machine, some at once and the others in the order in which they came."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

import attrs

from mlsdk.local.processes import GRACE
from mlsdk.local.stopping import Stop
from mlsdk.local.task_running import run_task
from mlsdk.local.tasks import Task, TaskResult
from mlsdk.local.threads import Threads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@attrs.define(eq=False)
class _Going:
    """A task that has not ended."""

    task: Task
    stop: Stop = attrs.field(factory=Stop)
    future: Future[TaskResult] = attrs.field(factory=Future)
    is_taken: bool = False
    """Whether somebody has begun to run it, or to end it without that."""


class ProcessExecutor:
    """Runs tasks on this machine, `max_workers` at once.

    Parameters
    ----------
    max_workers
        How many; as many as there are processors where it is None.
    grace
        Seconds which the processes of a task have to end when they are asked to; then they are killed.
    """

    def __init__(self, max_workers: int | None = None, *, grace: float = GRACE) -> None:
        if max_workers is not None and max_workers < 1:
            msg = f"max_workers is how many tasks run at once, from 1 on, not {max_workers}"
            raise ValueError(msg)
        self.room = max_workers or os.cpu_count() or 1
        """How many tasks it runs at once."""
        self._grace = grace
        self._threads = Threads(self.room, "mlsdk task")
        self._enders = Threads(1, "mlsdk stop")
        """Tells of tasks that were stopped before their turn: whoever stops one may not be made to wait, or be called back."""
        self._going: dict[Path, _Going] = {}
        """The tasks that have not ended, by their folders."""
        self._changed = threading.Condition()

    def submit(self, task: Task, begun: Callable[[], None]) -> Future[TaskResult]:
        """Have a task run; gives back at once. `begun` is called once its processes run."""
        going = _Going(task)
        with self._changed:
            self._going[task.folder] = going
        self._threads.submit(lambda: self._run(going, begun))
        return going.future

    def _run(self, going: _Going, begun: Callable[[], None]) -> None:
        with self._changed:
            if going.is_taken:  # it was stopped before its turn
                return
            going.is_taken = True
        try:
            result = run_task(going.task, begun=begun, stopped=going.stop, grace=self._grace)
        except BaseException as error:  # noqa: BLE001 - whoever waits for the future gets it
            self._over(going.task)
            going.future.set_exception(error)
        else:
            self._over(going.task)
            going.future.set_result(result)

    def _stop(self, going: _Going) -> None:
        """Have a task stopped; one that waits for its turn ends now."""
        with self._changed:
            waited, going.is_taken = not going.is_taken, True
        going.stop.set()
        if waited:
            self._enders.submit(lambda: self._end(going))

    def _end(self, going: _Going) -> None:
        """End a task that never began."""
        self._over(going.task)
        going.future.set_result(TaskResult(attempt=going.task.folder / "attempt-none", status="Canceled"))

    def _over(self, task: Task) -> None:
        with self._changed:
            del self._going[task.folder]
            self._changed.notify_all()

    def stop(self, task: Task) -> None:
        """Have a task stopped, whether it has begun or not; its future then gives a result that is `Canceled`."""
        with self._changed:
            going = self._going.get(task.folder)
        if going is not None:
            self._stop(going)

    def close(self) -> None:
        """Stop all tasks, and wait until no process of them is left."""
        with self._changed:
            going = list(self._going.values())
        for each in going:
            self._stop(each)
        with self._changed:
            stopped = {each.task.folder for each in going}
            self._changed.wait_for(lambda: stopped.isdisjoint(self._going))
