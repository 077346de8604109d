"""A worker of a Dask cluster runs a task, and ends its processes when nobody wants them any more or the worker leaves."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import attrs

from mlsdk._version import __version__
from mlsdk.local.stopping import Stop
from mlsdk.local.task_running import run_task
from mlsdk.local.tasks import Task

if TYPE_CHECKING:
    # Dask is an extra, so whoever checks types may be without it.
    class WorkerPlugin:
        """What is told what happens on a worker."""

    class Reschedule(Exception):
        """The task is to run on another worker."""

    def get_worker() -> Any:
        """The worker that runs the calling task."""

    def sync(loop: Any, call: Any, *arguments: Any, **named: Any) -> Any:
        """Call a coroutine function in a loop of another thread."""

else:
    from distributed import Reschedule, WorkerPlugin, get_worker
    from distributed.utils import sync

_PLUGIN = "mlsdk tasks"


@attrs.frozen(kw_only=True)
class Sent:
    """What is sent to a worker."""

    task: Task
    topic: str
    """Under which topic the worker tells that the processes of the task run."""
    grace: float
    """Seconds which they have to end when they are asked to."""


@attrs.define(eq=False)
class _Running:
    """A task at work in this process."""

    worker: Any
    stop: Stop = attrs.field(factory=Stop)
    is_left: bool = False
    """Whether its worker leaves the cluster, so that the task is to run on another one."""


_RUNNING: dict[Any, _Running] = {}
"""The tasks at work in this process, by the key that Dask knows each by."""


def run(version: str, sent: bytes) -> bytes | str:
    """Run a task on this worker.

    What goes to and fro is plain, so that it can be read where there is no mlsdk, or another one: a worker that cannot read
    what it is sent ends, and a scheduler reads it too.

    Parameters
    ----------
    version
        The mlsdk that sent it, without which `sent` is not read.
    sent
        A pickled `Sent`.

    Returns
    -------
    bytes | str
        A pickled `TaskResult`; or why this worker cannot run the task, in a sentence a person can act on.
    """
    worker = get_worker()
    if version != __version__:
        return (
            f"The Dask worker {worker.address} has mlsdk {__version__}, and the job was submitted by mlsdk {version}: "
            "install one version everywhere"
        )
    said: Sent = pickle.loads(sent)  # noqa: S301 - it comes from whom the code comes from that has this called
    task = said.task
    if not task.folder.is_dir():
        return (
            f"The Dask worker {worker.address} does not see the job's folder {task.folder}: workers need a file system "
            "in common with this machine, under the same path; name a folder there by LocalRunner(root=…)"
        )
    key = worker.get_current_task()
    running = _RUNNING[key] = _Running(worker)
    try:
        if _PLUGIN not in worker.plugins:
            sync(worker.loop, worker.plugin_add, _Watch(), name=_PLUGIN)
        result = run_task(
            task,
            begun=lambda: worker.log_event(said.topic, str(task.folder)),
            stopped=running.stop,
            grace=said.grace,
        )
    finally:
        del _RUNNING[key]
    if running.is_left:
        raise Reschedule
    return pickle.dumps(result)


def stop(key: Any) -> bool:
    """Have a task stopped; whether it is at work in this process."""
    running = _RUNNING.get(key)
    if running is None:
        return False
    running.stop.set()
    return True


class _Watch(WorkerPlugin):
    """Stops tasks of one worker. What Dask calls here, it calls in the worker's event loop."""

    def setup(self, worker: Any) -> None:
        """Look for tasks that were given up before this was there to be told."""
        self._worker = worker
        for key in self._tasks():
            task = worker.state.tasks.get(key)
            if task is None or task.state == "cancelled":
                _RUNNING[key].stop.set()

    def _tasks(self) -> list[Any]:
        return [key for key, running in list(_RUNNING.items()) if running.worker is self._worker]

    def transition(self, key: Any, start: str, finish: str, **_: Any) -> None:
        """Stop a task that nobody wants any more: it was cancelled, or its client is gone."""
        if start in {"executing", "long-running"} and finish == "released" and (running := _RUNNING.get(key)):
            running.stop.set()

    def teardown(self, worker: Any) -> None:  # noqa: ARG002 - as Dask calls it
        """Stop all tasks, since the worker leaves the cluster."""
        for key in self._tasks():
            running = _RUNNING[key]
            running.is_left = True
            running.stop.set()
