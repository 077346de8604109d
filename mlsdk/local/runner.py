"""Jobs really run on this machine: folders are made, what was done before is taken over, the rest is given to an executor."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from mlsdk.local import exiting, failures, interpreters, results, running
from mlsdk.local import outputs as outputs_of
from mlsdk.local.executors import ProcessExecutor
from mlsdk.local.processes import GRACE
from mlsdk.local.snapshots import Snapshots
from mlsdk.local.task_running import KEPT, log_names
from mlsdk.local.tasks import Placed, Task
from mlsdk.local.threads import Threads
from mlsdk.local.work import Tracked, Work

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from mlsdk.local.tasks import Executor, TaskResult
    from mlsdk.local.tracking import RunStore
    from mlsdk.local.work import Value

ROOT = "MLSDK_LOCAL_ROOT"
"""The environment variable that says where jobs have their folders."""
_PREPARED_AT_ONCE = 8
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]")


@attrs.define(eq=False)
class _Going:
    """A job that has not ended."""

    work: Work
    environment: Mapping[str, str] = attrs.field(repr=False)
    """The environment variables of this process when the job was started."""
    folder: Path
    task: Task | None = None
    key: str | None = None
    """What tells the job from any other, where it may be taken over."""
    run: str | None = None
    """The id of its run in the store."""
    tracked: Tracked | None = None
    """What it had logged when its processes had ended."""
    is_stopped: bool = False
    logs: dict[str, Path] = attrs.field(factory=dict)


class LocalRunner:
    """Runs jobs on this machine: `MemoryBackend(jobs=LocalRunner())`.

    Parameters
    ----------
    root
        The folder in which jobs have their folders, and in which results are kept; `~/.mlsdk/local` where it is None, or
        what the environment variable `MLSDK_LOCAL_ROOT` says. Runners, also of several processes, may share one.
    executor
        Where the processes of jobs run; this machine where it is None.
    max_workers
        How many jobs run at once; as many as there are processors where it is None. Not with an `executor`, which knows it.
    python
        In which Python: `current`, the one that runs this program; `built`, one with the packages of the conda file of the
        job's environment; `container`, the image of its environment, by Docker or Podman.
    reuse
        Whether steps take over what the same steps left before.
    grace
        Seconds which the processes of a job have to end when it is stopped; then they are killed.

    A job is a program with the rights of this one. With `python="current"`, a command that says `pip install` changes the
    Python in which this program runs.

    The program waits at its end for jobs that still run; Ctrl-C stops them. However it ends, no process of a job outlives it.
    """

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        *,
        executor: Executor | None = None,
        max_workers: int | None = None,
        python: interpreters.Python = "current",
        reuse: bool = True,
        grace: float = GRACE,
    ) -> None:
        if python not in {"current", "built", "container"}:
            msg = f"python is 'current', 'built' or 'container', not {python!r}"
            raise ValueError(msg)
        if executor is not None and max_workers is not None:
            msg = "max_workers is for jobs on this machine; give it to the executor instead"
            raise ValueError(msg)
        self.root = Path(root or os.environ.get(ROOT) or Path.home() / ".mlsdk" / "local").absolute()
        """The folder in which everything is."""
        self._executor: Executor = ProcessExecutor(max_workers, grace=grace) if executor is None else executor
        self._interpreters = interpreters.Interpreters(self.root, python)
        self._reuse = reuse
        self._snapshots = Snapshots(self.root / "snapshots")
        self._results = results.Results(self.root / "results")
        self._preparing = Threads(_PREPARED_AT_ONCE, "mlsdk prepare")
        self._store: RunStore | None = None
        self._changed = threading.Condition()
        self._going: set[_Going] = set()

    @property
    def room(self) -> int:
        """How many jobs it runs at once."""
        return self._executor.room

    def refusal(self, properties: Mapping[str, Any]) -> str | None:
        """Why a job cannot be run here, by `properties` of its body or as much of them as is known; None when it can."""
        return running.refusal(properties) or self._interpreters.refusal()

    def folder(self, job: str) -> Path:
        """A new folder of a job; OSError where it cannot be made."""
        folder = self._folder(job)
        folder.mkdir(parents=True)
        return folder

    def _folder(self, job: str) -> Path:
        # What jobs print and are given is nobody else's; a folder that is there keeps the rights that it has.
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.root / "jobs" / f"{_NOT_IN_NAMES.sub('-', job)[:100]}-{secrets.token_hex(4)}"

    def start(self, work: Work) -> None:
        """Have a job run; gives back at once."""
        going = _Going(work=work, environment=dict(os.environ), folder=self._folder(work.name))
        with self._changed:
            self._going.add(going)
            if len(self._going) == 1:
                exiting.note_busy(self)
        self._preparing.submit(partial(self._prepare, going))

    def going(self) -> list[str]:
        """What the jobs that have not ended are called: a step of a pipeline `train of mild_garden`."""
        with self._changed:
            return [_called(each.work) for each in self._going]

    def wait(self) -> None:
        """Wait until nothing runs."""
        with self._changed:
            self._changed.wait_for(lambda: not self._going)

    def close(self) -> None:
        """Stop all that runs, and wait until no process is left. What is started later runs."""
        with self._changed:
            going = list(self._going)
        for each in going:
            self._stop(each)
        self._interpreters.close()
        self._executor.close()
        with self._changed:
            self._changed.wait_for(lambda: self._going.isdisjoint(going))

    # -- before its processes ----------------------------------------------------------------------------------
    def _prepare(self, going: _Going) -> None:
        """Make a job ready, and give it to the executor or tell at once what became of it."""
        work = going.work
        try:
            work.when_canceled(partial(self._stop, going))
            work.preparing()
            if self._is_stopped(going) or self._take_over(going):
                return
            task = self._task(going)
            with self._changed:
                going.task = task
            if self._is_stopped(going):
                return
            future = self._executor.submit(task, partial(self._begun, going))
            if going.is_stopped:  # since it was looked the last time
                self._executor.stop(task)
        except OSError as error:
            self._over(going, "Failed", failures.of_system(error, going.folder, "making the job ready"))
        except Exception as error:  # noqa: BLE001 - whatever keeps a job from running is why it failed
            self._over(going, "Failed", failures.of_exception(error))
        else:
            future.add_done_callback(partial(self._finish, going))

    def _is_stopped(self, going: _Going) -> bool:
        """Whether a job that has not begun is wanted to stop; it has ended then."""
        if going.is_stopped:
            self._over(going, "Canceled")
        return going.is_stopped

    def _stop(self, going: _Going) -> None:
        with self._changed:
            going.is_stopped = True
            task = going.task
        if task is not None:
            self._executor.stop(task)

    def _take_over(self, going: _Going) -> bool:
        """Whether a job has taken over what the same one left before."""
        work = going.work
        if not (self._reuse and work.may_reuse):
            return False
        given = {name: each.identity for name, each in work.inputs.items()}
        code = work.code.identity if work.code is not None else None
        if "" in given.values() or code == "":
            return False
        going.key = results.key(
            {
                **running.reused_by(work.properties),
                "inputs": given,
                "code": code,
                **self._interpreters.key(work.environment),
            }
        )
        found = self._results.find(going.key)
        if found is None:
            return False
        work.reused(found.run, found.outputs, found.files, found.tracked)
        self._ended(going)
        return True

    def _task(self, going: _Going) -> Task:
        """The task of a job, with all that it names on disk."""
        work, properties = going.work, going.work.properties
        running.check_names(properties)
        inputs = work.inputs
        going.folder.mkdir(parents=True)
        code = self._snapshots.place(work.code) if work.code is not None else None
        placed = {
            name: Placed(source=self._snapshots.place(given), copied=running.copied(properties, name))
            for name, given in inputs.items()
        }
        command = running.command(properties, inputs)
        own = running.variables(properties, work.name, work.parent, work.workspace) | self._track(going)
        literals, outputs = running.literals(properties), running.outputs(properties)
        interpreter = self._interpreters.get(
            work.environment,
            context=lambda: self._snapshots.place(work.context) if work.context is not None else None,
            job=work.name,
            own=own,
            written=[going.folder, self.root / "mlruns"],
            read=[*(each.source for each in placed.values()), running.PROGRAM],
            resources=properties.get("resources") or {},
        )
        distribution, processes, servers = running.processes(properties)
        going.logs.update(interpreter.logs)
        return Task(
            name=work.name,
            folder=going.folder,
            command=command,
            code=code,
            values=literals,
            inputs=placed,
            absent=running.absent(command, {**literals, **placed}),
            outputs=outputs,
            places=running.places(properties),
            environment={**going.environment, **interpreter.environment, **own},
            processes=processes,
            distribution=distribution,
            parameter_servers=servers,
            seconds=running.seconds(properties),
            wrapper=interpreter.wrapper,
        )

    # -- what it logs ------------------------------------------------------------------------------------------
    def _track(self, going: _Going) -> dict[str, str]:
        """Make a run for a job in the store; the environment variables by which its script finds it."""
        work = going.work
        with self._changed:
            if self._store is None:
                from mlsdk.local.tracking import RunStore

                self._store = RunStore(self.root / "mlruns")
        variables = self._store.begin(
            work.name,
            name=str(work.properties.get("displayName") or work.name),
            experiment=str(work.properties.get("experimentName") or "Default"),
            artifacts=going.folder / "artifacts",
            parent=work.parent,
        )
        going.run = variables["MLFLOW_RUN_ID"]
        return variables

    def _tracked(self, going: _Going) -> Tracked:
        """What a job has logged until now."""
        if going.tracked is not None:
            return going.tracked
        return self._store.tracked(going.run) if self._store is not None and going.run is not None else Tracked()

    # -- from its processes on -----------------------------------------------------------------------------------
    def _begun(self, going: _Going) -> None:
        """The processes of a job run."""
        if going.task is not None:
            going.logs.update({f"user_logs/{name}": going.folder / name for name in log_names(going.task)})
        going.work.running(going.logs, partial(self._tracked, going))

    def _finish(self, going: _Going, future: Future[TaskResult]) -> None:
        """A task has ended: tell what became of its job."""
        try:
            result = future.result()
        except BaseException as error:  # noqa: BLE001 - an executor that is gone, of which the job is told
            self._over(going, "Failed", failures.of_exception(error))
            return
        try:
            self._take(going, result)
        except Exception as error:  # noqa: BLE001 - whoever called this cannot be told, and the job would never end
            self._over(going, "Failed", failures.of_exception(error))

    def _take(self, going: _Going, result: TaskResult) -> None:
        """Take what a job has left, and tell what became of it."""
        try:
            files = _files(going, result.attempt)
        except OSError as error:
            why = failures.of_system(error, going.folder, "reading what the job left")
            self._over(going, "Failed", " ".join(filter(None, [result.reason, why])))
            return
        if result.status != "Completed" or going.task is None:
            advice = self._interpreters.advice(result.reason)
            self._over(going, result.status, f"{result.reason}{advice}", files)
            return
        try:
            left = _outputs(going.task, result.attempt)
            self._end_run(going, "Completed")
            self._keep(going, left, files)
        except OSError as error:
            self._over(going, "Failed", failures.of_system(error, going.folder, "keeping what the job left"), files)
            return
        except outputs_of.OutputError as error:  # something that it left running has changed it since it was looked at
            self._over(going, "Failed", f"What the job left is not as it was a moment ago: {error}.", files)
            return
        self._tell(going, partial(going.work.completed, left, files))

    def _keep(self, going: _Going, left: Mapping[str, Path | Value], files: Mapping[str, Path]) -> None:
        """Keep what a job has left for the same job later."""
        if going.key is not None:
            everything = {**files, **going.logs}
            result = results.Result(run=going.work.name, outputs=left, files=everything, tracked=self._tracked(going))
            self._results.keep(going.key, result)

    def _over(self, going: _Going, status: str, reason: str = "", files: Mapping[str, Path] | None = None) -> None:
        """Tell that a job has failed or was stopped."""
        with contextlib.suppress(Exception):  # on a full disk the run stays as it was; the job's own end matters more
            self._end_run(going, status)
        work = going.work
        tell = (
            partial(work.canceled, files or {}) if status == "Canceled" else partial(work.failed, reason, files or {})
        )
        self._tell(going, tell)

    def _end_run(self, going: _Going, status: str) -> None:
        if self._store is not None and going.run is not None:
            going.tracked = self._store.tracked(going.run)
            self._store.end(going.run, status)

    def _tell(self, going: _Going, tell: Callable[[], None]) -> None:
        try:
            tell()
        except Exception as error:  # noqa: BLE001 - a job whose end cannot be told as it was has failed, and never goes on
            going.work.failed(failures.of_exception(error), {})
        finally:
            self._ended(going)

    def _ended(self, going: _Going) -> None:
        """A job has ended, and whoever waited for it has begun what was to come after it."""
        with self._changed:
            self._going.discard(going)
            if not self._going:
                exiting.note_idle(self)
            self._changed.notify_all()


def _called(work: Work) -> str:
    """What a person calls a job; the steps of pipelines are named by ids."""
    shown = work.properties.get("displayName")
    return work.name if work.parent is None or not shown else f"{shown} of {work.parent}"


def _files(going: _Going, attempt: Path) -> dict[str, Path]:
    """What a job has left in its own folder, by path; read-only from now on."""
    found: dict[str, Path] = {}
    for prefix, folder in [
        ("", going.folder / "artifacts"),
        *((f"{name}/", attempt / "code" / name) for name in KEPT),
    ]:
        if folder.is_dir() and not folder.is_symlink():
            files = outputs_of.files_of(folder, links=False)
            outputs_of.keep_safe(folder, files)
            found.update({f"{prefix}{below}": folder / below for below in files})
    return found


def _outputs(task: Task, attempt: Path) -> dict[str, Path | Value]:
    """The named outputs of a job; their files are read-only from now on."""
    found: dict[str, Path | Value] = {}
    for name, type_ in task.outputs.items():
        path = outputs_of.output_path(task, attempt, name)
        if outputs_of.is_value(type_):
            found[name] = outputs_of.value(type_, path, name)
        else:
            outputs_of.keep_safe(path, outputs_of.files_of(path, name))
            found[name] = path
    return found
