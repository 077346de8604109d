"""Tasks are run by the workers of a Dask cluster, which share a file system with this machine."""

from __future__ import annotations

import contextlib
import pickle
import secrets
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from importlib import import_module
from typing import Any

import attrs

from mlsdk._version import __version__
from mlsdk.local.processes import GRACE
from mlsdk.local.task_running import MARKER
from mlsdk.local.tasks import Task, TaskResult
from mlsdk.local.threads import Threads

_TOLD_AT_ONCE = 8
"""How many threads tell what became of tasks, and ask the cluster to stop some."""


class ClusterError(RuntimeError):
    """Why the cluster has not run a task, in a sentence a person can act on."""


@attrs.define(eq=False)
class _Going:
    """A task that has not ended."""

    task: Task
    begun: Callable[[], None]
    key: tuple[str, str, str]
    """What Dask knows it by; all are counted together there, by the first word."""
    future: Future[TaskResult] = attrs.field(factory=Future[TaskResult])
    sent: Any = None
    """Dask's own future of it."""
    is_stopping: bool = False
    is_told: bool = False
    telling: threading.Lock = attrs.field(factory=threading.Lock)


class DaskExecutor:
    """Runs tasks on the workers of a Dask cluster: `LocalRunner("/shared/runs", executor=DaskExecutor("tcp://host:8786"))`.

    The scheduler and the workers have the mlsdk that submits and, where jobs run in the interpreter that submits, its
    packages; the workers see the folder of the `LocalRunner` under the same path. Each thread of a worker runs one task
    at a time. A task whose worker is gone runs again on another one, as often as the scheduler allows it
    (`distributed.scheduler.allowed-failures`).

    Parameters
    ----------
    address
        The scheduler's address (`tcp://host:8786`), a cluster (`LocalCluster`, `SSHCluster`, …), or a
        `distributed.Client`, which stays open when the executor closes. None: what Dask's configuration names
        (`DASK_SCHEDULER_ADDRESS`), else worker processes of this machine, which end with the executor.
    resources
        What each task takes of the workers' resources, for example `{"GPU": 1}` of workers that were started with
        `--resources GPU=2`; a worker runs no more tasks than it has of them.
    grace
        Seconds which the processes of a task have to end when they are asked to; then they are killed.

    Raises
    ------
    ModuleNotFoundError
        Dask is not installed.
    OSError
        There is no scheduler at the address.
    ValueError
        The client is an asynchronous one.
    """

    def __init__(
        self, address: Any = None, *, resources: Mapping[str, float] | None = None, grace: float = GRACE
    ) -> None:
        try:
            self._dask: Any = import_module("distributed")
        except ModuleNotFoundError as error:
            msg = "Jobs run on a Dask cluster by the package 'distributed', which is not installed: pip install 'mlsdk[dask]'"
            raise ModuleNotFoundError(msg, name=error.name) from error
        self._worker: Any = import_module("mlsdk.local.dask_worker")
        self._run, self._where = _carried()
        self._address, self._resources, self._grace = address, dict(resources or {}), grace
        self._topic = f"mlsdk-{secrets.token_hex(8)}"
        self._threads = Threads(_TOLD_AT_ONCE, "mlsdk dask")
        self._going: dict[str, _Going] = {}
        """Those that have not ended, by the path of the folder."""
        self._changed = threading.Condition()
        self._connecting = threading.Lock()
        self._client: Any = None
        self._connected()

    def _connected(self) -> Any:
        """The client, which is connected where it is not."""
        with self._connecting:
            if self._client is None:
                if isinstance(self._address, self._dask.Client):
                    client = self._address
                    if client.asynchronous:
                        msg = (
                            "An asynchronous client belongs to its event loop: give DaskExecutor a client that was made "
                            "without asynchronous=True"
                        )
                        raise ValueError(msg)
                else:
                    address = self._address or import_module("dask.config").get("scheduler-address", None)
                    # Where nothing is named it starts workers; their pages are at any port that is free.
                    own = {} if address is not None else {"dashboard_address": ":0"}
                    client = self._dask.Client(address, set_as_default=False, **own)
                client.subscribe_topic(self._topic, self._heard)
                self._client = client
            return self._client

    @property
    def room(self) -> int:
        """How many tasks the cluster runs at once, by the workers that it has now; 1 while it has none."""
        client = self._connected()
        # Of a cluster that is gone it tells nothing; the tasks say that themselves.
        workers = client.scheduler_info().get("workers", {}) if client.status == "running" else {}
        return max(1, sum(self._room_of(worker) for worker in workers.values()))

    def _room_of(self, worker: Mapping[str, Any]) -> int:
        has = worker["resources"]
        return int(min([worker["nthreads"], *(has.get(name, 0) // each for name, each in self._resources.items())]))

    def submit(self, task: Task, begun: Callable[[], None]) -> Future[TaskResult]:
        """Have a task run; gives back at once. `begun` is called once, as soon as its processes run on a worker.

        Raises
        ------
        ClusterError
            The client was closed.
        """
        going = _Going(task, begun, ("mlsdk", task.name, secrets.token_hex(8)))
        sent = pickle.dumps(self._worker.Sent(task=task, topic=self._topic, grace=self._grace))
        client = self._connected()
        folder = str(task.folder)
        with self._changed:
            self._going[folder] = going
        try:
            going.sent = client.submit(
                self._run,
                __version__,
                sent,
                key=going.key,
                pure=False,
                fifo_timeout=0,  # those that came first run first
                resources=self._resources or None,
            )
        except Exception as error:
            with self._changed:
                del self._going[folder]
                self._changed.notify_all()
            raise ClusterError(self._reason(error)) from error
        going.sent.add_done_callback(lambda _: self._threads.submit(partial(self._finish, going)))
        return going.future

    # -- what the cluster tells ----------------------------------------------------------------------------------
    def _heard(self, event: tuple[float, str]) -> None:
        """The processes of a task run, as a worker says. Dask calls this in its event loop, which must not wait."""
        with self._changed:
            going = self._going.get(event[1])
        if going is not None:
            self._threads.submit(partial(self._tell, going))

    def _tell(self, going: _Going) -> None:
        """Tell once that the processes of a task run, and not after its end."""
        with going.telling:
            if going.is_told or going.future.done():
                return
            going.is_told = True
            try:
                going.begun()
            except BaseException as error:  # noqa: BLE001 - whoever waits for the future gets it
                self._settle(going, error)
                self._give_up(going)

    def _finish(self, going: _Going) -> None:
        """Dask's future has ended."""
        try:
            said: bytes | str = going.sent.result()
            # A worker runs what it likes; here it tells how that went.
            result: TaskResult | ClusterError = (
                ClusterError(said) if isinstance(said, str) else pickle.loads(said)  # noqa: S301
            )
        except BaseException as error:  # noqa: BLE001 - whoever waits for the future gets it
            failure = ClusterError(self._reason(error))
            failure.__cause__ = error
            self._settle(going, _canceled(going.task) if going.is_stopping else failure)
            return
        if isinstance(result, TaskResult) and result.exit_code is not None:
            self._tell(going)  # what the worker said of it is on its way, or lost
        self._settle(going, result)

    def _settle(self, going: _Going, result: TaskResult | BaseException) -> None:
        """A task has ended; the first to say so counts."""
        with self._changed:
            if self._going.pop(str(going.task.folder), None) is None:
                return
            self._changed.notify_all()
        if isinstance(result, BaseException):
            going.future.set_exception(result)
        else:
            going.future.set_result(result)

    # -- stopping ------------------------------------------------------------------------------------------------
    def stop(self, task: Task) -> None:
        """Have a task stopped, whether it has begun or not; its future then gives a result that is `Canceled`."""
        with self._changed:
            going = self._going.get(str(task.folder))
        if going is not None and not going.is_stopping:
            going.is_stopping = True
            self._threads.submit(partial(self._stop, going))

    def _stop(self, going: _Going) -> None:
        if not self._is_stopped_by_worker(going):
            self._settle(going, _canceled(going.task))
            self._give_up(going)

    def _is_stopped_by_worker(self, going: _Going) -> bool:
        """Whether a worker ends the processes of a task, which then gives a result."""
        client = self._connected()
        try:
            # First: a worker that begins with the task from now on finds this and starts nothing.
            (going.task.folder / MARKER).touch()
            address = client.run_on_scheduler(self._where, going.key)
            return address is not None and any(client.run(self._worker.stop, going.key, workers=[address]).values())
        except Exception:  # noqa: BLE001 - the worker or the cluster is gone, and its processes with it
            return False

    def _give_up(self, going: _Going) -> None:
        """Have Dask forget a task; a worker that is at it ends its processes when it hears of that."""
        with contextlib.suppress(Exception):  # a cluster that is gone has forgotten it
            going.sent.cancel()

    def close(self) -> None:
        """Stop all tasks, wait until no process of them is left, and end what this executor has begun itself.

        What is submitted later runs: the cluster is connected again.
        """
        with self._changed:
            going = dict(self._going)
        for each in going.values():
            self.stop(each.task)
        with self._changed:
            self._changed.wait_for(lambda: self._going.keys().isdisjoint(going))
        with self._connecting:
            client, self._client = self._client, None
        if client is None:
            return
        if client is not self._address:
            client.close()
        elif client.status == "running":
            client.unsubscribe_topic(self._topic)

    # -- sentences -----------------------------------------------------------------------------------------------
    def _reason(self, error: Any) -> str:
        """Why the cluster has not run a task."""
        if isinstance(error, self._dask.KilledWorker):
            return (
                f"Each Dask worker that ran the job ended meanwhile ({error.allowed_failures + 1} tried it, the last one at "
                f"{error.last_worker.address}). Their logs say why: the memory of their host is a frequent reason"
            )
        client = self._client
        is_gone = client is not None and client.status != "running"
        if is_gone or isinstance(error, (self._dask.CancelledError, OSError)):
            said = getattr(error, "reason", None) or str(error)
            more = "" if said == "unknown" else f" ({said})"
            return (
                f"The Dask cluster was closed or restarted, or the connection to it was lost{more}. Its workers end what "
                "they ran; submit the job again when the cluster is there: steps of a pipeline that had finished are taken over"
            )
        return f"The Dask cluster could not run the job: {type(error).__name__}: {error}"


def _carried() -> tuple[Callable[[str, bytes], bytes | str], Callable[..., str | None]]:
    """What a worker, and what the scheduler is to call. Functions in a function travel as they are, not by name.

    So they can be read where there is no mlsdk: a worker that cannot read what it is sent ends at once, and what then
    is sent to the next one ends that too.
    """

    def run(version: str, sent: bytes) -> bytes | str:
        """Run a task on a worker."""
        try:
            from mlsdk.local import dask_worker
        except ImportError as error:
            return (
                f"A Dask worker cannot run jobs, since it has no mlsdk, or another one ({error}): "
                f"pip install 'mlsdk[dask]=={version}' where the workers run"
            )
        return dask_worker.run(version, sent)

    def where(key: Any, dask_scheduler: Any) -> str | None:
        """The address of the worker that has a task or is about to get it; None where none has."""
        task = dask_scheduler.tasks.get(key)
        return None if task is None or task.processing_on is None else str(task.processing_on.address)

    return run, where


def _canceled(task: Task) -> TaskResult:
    """The result of a task that never began."""
    return TaskResult(attempt=task.folder / "attempt-none", status="Canceled")
