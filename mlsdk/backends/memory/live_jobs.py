"""Jobs that really run: each is led from its submission to its end, by what the machine tells of it."""

from __future__ import annotations

import threading
import time
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory import families, job_files, job_inputs, lifecycle, registering
from mlsdk.backends.memory.bodies import twin
from mlsdk.backends.memory.live_pipelines import LivePipeline
from mlsdk.backends.memory.live_sweeps import LiveSweep
from mlsdk.local import failures
from mlsdk.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mlsdk.backends.memory.backend import MemoryBackend
    from mlsdk.backends.memory.live_families import LiveFamily
    from mlsdk.backends.memory.state import Resource, State
    from mlsdk.local.work import Given, JobRunner, Tracked, Value

MOST_WAIT = 0.25
"""Seconds for which a client that polls a job is held at most: what a job prints is not announced."""
APART = 0.05
"""Seconds between two announcements of how steps and trials go on, of which there may be many: clients ask anew after each."""
LED: Mapping[str, type[LivePipeline | LiveSweep]] = {"pipeline": LivePipeline, "sweep": LiveSweep}
"""What leads the jobs that are made of others, by their type in lower case."""


class Leader:
    """Leads the jobs of a backend that really run. Every method may be called from any thread."""

    def __init__(self, backend: MemoryBackend, runner: JobRunner) -> None:
        self.backend, self.runner = backend, runner
        self._works: dict[str, LiveWork] = {}
        """The jobs that the runner has, by id."""
        self._led: dict[str, LiveFamily[Any]] = {}
        """Those that are made of others and have not ended, by id."""
        self._tracks: dict[str, Callable[[], Tracked]] = {}
        """What tells what a running job has logged, by id."""
        self._changed = threading.Condition(backend.lock)
        self._announced = 0.0
        """When it was last announced that a job has come further, as `time.monotonic` counts."""
        self._moves = 0
        """How often that was announced."""
        self._seen = threading.local()
        """What `_moves` was when a thread looked for the first time since it waited."""

    def now(self) -> float:
        """The backend's time."""
        return self.backend.clock.now()

    @property
    def busy(self) -> bool:
        """Whether a job runs."""
        return bool(self._works or self._led)

    def looked(self) -> None:
        """A thread asks how things are: whatever comes further from now on, it has not seen."""
        if getattr(self._seen, "moves", None) is None:
            self._seen.moves = self._moves

    def wait(self, seconds: float) -> float | None:
        """Wait until a job has come further since this thread looked, or for a moment in which it may have printed something.

        Gives the seconds that took; None, at once, where nothing runs.
        """
        began = time.monotonic()
        with self._changed:
            seen, self._seen.moves = getattr(self._seen, "moves", None), None
            if seen in (None, self._moves):
                if not self.busy:
                    return None
                self._changed.wait(min(seconds, MOST_WAIT))
        return time.monotonic() - began

    def begin(self, job: Resource, *, may_reuse: bool = False) -> None:
        """Let a job begin that was stored; the lock is held only as long as that takes."""
        with self.backend.lock:
            if job.known["status"] in (*families.ENDED, "CancelRequested"):
                return
            leads = LED.get(str(job.stored["properties"]["jobType"]).lower())
            if leads is not None:
                self.tell(job, "Running")
                try:
                    led = self._led[job.id] = leads(self, job)
                except OSError as error:
                    folder = Path(error.filename or "")
                    self.over(job, "Failed", failures.of_system(error, folder, "making its folder"))
                except Exception as error:  # noqa: BLE001 -- whatever keeps a job from beginning is why it failed
                    self.over(job, "Failed", said(error))
                else:
                    self.lead(led, led.begin)
                return
            self.tell(job, "Queued")
            work = self._works[job.id] = LiveWork(self, job, may_reuse=may_reuse)
            try:
                self.runner.start(work)
            except Exception as error:  # noqa: BLE001 -- as above
                self.over(job, "Failed", said(error))

    @staticmethod
    def lead(led: LiveFamily[Any], go_on: Callable[[], None]) -> None:
        """Have a job of jobs go on; where it cannot, as of a step that is not as it should be, it fails and never hangs."""
        try:
            go_on()
        except Exception as error:  # noqa: BLE001 -- nobody else would tell the job's user
            led.fail(said(error))

    def tell(self, job: Resource, status: str) -> None:
        """Note how a job is."""
        with self._changed:
            lifecycle.tell(job, status, self.now())
            moment = time.monotonic()
            if job.known.get("above") is None or moment - self._announced >= APART:
                self._announced = moment
                self._moves += 1
                self._changed.notify_all()

    def tracks(self, job: Resource, track: Callable[[], Tracked]) -> None:
        """Note what tells what a job logs while it runs."""
        self._tracks[job.id] = track

    def tracked(self, job: Resource) -> Tracked | None:
        """What a job has logged until now; None for one that has not begun."""
        kept: Tracked | None = job.known.get("tracked")
        track = self._tracks.get(job.id)
        return track() if kept is None and track is not None else kept

    def over(self, job: Resource, status: str, error: str = "") -> None:
        """Bring a job to its end, and let those go on that wait for it. The lock is held."""
        track = self._tracks.pop(job.id, None)
        self._works.pop(job.id, None)
        self._led.pop(job.id, None)
        if track is not None:
            try:
                keep(self.backend.state, job, track())
            except Exception as unread:  # noqa: BLE001 -- whatever has become of the store: a job ends all the same
                job.known.setdefault("warnings", []).append(f"What it has logged cannot be read: {said(unread)}.")
        if status == "Completed":
            error = registering.taken(job) or ""
            if error:
                status = "Failed"
            else:
                registering.register(self.backend.state, job, self.now())
        if error:
            job.known["error"] = error
        self.tell(job, status)
        above = families.find(job, job.known.get("above"))
        led = self._led.get(above.id) if above is not None else None
        if led is not None:
            self.lead(led, partial(led.child_over, job, status))

    def cancel(self, job: Resource) -> None:
        """Have a job stopped, with all that it is made of. The lock is held."""
        if job.known["status"] in (*families.ENDED, "CancelRequested"):
            return
        self.tell(job, "CancelRequested")
        if job.id in self._led:
            self._led[job.id].cancel()
        elif job.id in self._works:
            self._works[job.id].cancel()
        else:
            self.over(job, "Canceled")

    def close(self) -> None:
        """Stop all jobs, and wait until no process is left. The lock is not held."""
        with self.backend.lock:
            # Those that are made of others too: else they would begin with the next ones.
            for job in map(self.backend.find, [*self._led, *self._works]):
                if job is not None:
                    self.cancel(job)
        self.runner.close()

    def forget(self, names: Iterable[str] | None = None) -> None:
        """Stop jobs that are gone, by their ids, all when None, and hear no more of them. The lock is held."""
        for name in [*self._led, *self._works] if names is None else names:
            self._tracks.pop(name, None)
            led, work = self._led.pop(name, None), self._works.pop(name, None)
            if led is not None:
                led.abandon()
            if work is not None:
                work.cancel()
        self._changed.notify_all()


def said(error: Exception) -> str:
    """An exception as the reason why a job failed."""
    return redacted(f"{type(error).__name__}: {error}")


def keep(state: State, job: Resource, tracked: Tracked) -> None:
    """Keep what a job has logged, now that it logs no more; tags that it has set are the job's own."""
    tags = {name: text for name, text in tracked.tags.items() if not name.startswith("mlflow.")}
    if tags:
        body = job.body
        body["properties"]["tags"] = {**(body["properties"].get("tags") or {}), **tags}
        state.rewrite(job, body)
    job.known["tracked"] = tracked
    job.known["metrics"] = {name: tuple(each.value for each in series) for name, series in tracked.metrics.items()}


def tracked_of(backend: MemoryBackend, job: Resource) -> Tracked | None:
    """What a job that really runs, or ran, has logged; None for any other."""
    leader = backend.leader
    kept: Tracked | None = job.known.get("tracked")
    return kept if leader is None else leader.tracked(job)


class LiveWork:
    """A job that the machine runs, and what it tells of it: `mlsdk.local.work.Work`."""

    def __init__(self, leader: Leader, job: Resource, *, may_reuse: bool) -> None:
        self._leader, self._job, self._workspace = leader, job, job.parent or job
        self._stops: list[Callable[[], None]] = []
        self._canceled = False
        self.name = job.name
        properties = twin(job.stored["properties"])
        properties["outputs"].pop("default", None)  # the service's own, which stands for the job's own folder
        self.properties: Mapping[str, Any] = properties
        self.workspace = self._workspace.id
        above = job.known.get("above")
        self.parent: str | None = above
        self.may_reuse = may_reuse

    # What it is given: looked up when the machine asks, which has nobody wait.

    @property
    def code(self) -> Given | None:
        """The snapshot of its code; JobInputError where it is not there."""
        return self._code

    @property
    def inputs(self) -> Mapping[str, Given]:
        """The inputs that are files; JobInputError where one is not there."""
        return self._inputs

    @property
    def environment(self) -> Mapping[str, Any] | None:
        """What its environment is made of."""
        return self._environment

    @property
    def context(self) -> Given | None:
        """The build context of its environment; JobInputError where it is not there."""
        found = self._environment
        if found is None:
            return None
        return job_inputs.given_context(self._leader.backend, self._workspace, found, downloads=self._downloads)

    @cached_property
    def _code(self) -> Given | None:
        reference = self.properties.get("codeId")
        if not reference:
            return None
        return job_inputs.given_code(self._leader.backend, self._workspace, reference, downloads=self._downloads)

    @cached_property
    def _inputs(self) -> Mapping[str, Given]:
        found = {}
        for name, value in (self.properties.get("inputs") or {}).items():
            type_ = str(value.get("jobInputType")).lower()
            if type_ != "literal":
                found[name] = job_inputs.given_input(
                    self._leader.backend, self._workspace, name, str(value["uri"]), type_, downloads=self._downloads
                )
        return found

    @cached_property
    def _environment(self) -> Mapping[str, Any] | None:
        reference = self.properties.get("environmentId")
        return job_inputs.environment(self._leader.backend, self._workspace, reference) if reference else None

    def _downloads(self) -> Path:
        return self._leader.runner.folder(self.name)

    # What it tells.

    @property
    def is_canceled(self) -> bool:
        """Whether somebody wants it stopped."""
        return self._canceled

    def when_canceled(self, stop: Callable[[], None]) -> None:
        """Call `stop` when somebody wants it stopped."""
        with self._leader.backend.lock:
            if not self._canceled:
                self._stops.append(stop)
                return
        stop()

    def cancel(self) -> None:
        """Have it stopped."""
        self._canceled = True
        for stop in self._stops:
            stop()
        self._stops.clear()

    def _is_heard(self) -> bool:
        """Whether what is told still counts: the job has not ended, and the backend has not been emptied since."""
        job = self._job
        return job.known["status"] not in families.ENDED and self._leader.backend.find(job.id) is job

    def preparing(self) -> None:
        """Its folder is being made ready."""
        with self._leader.backend.lock:
            if self._is_heard() and not self._canceled:
                self._leader.tell(self._job, "Preparing")

    def running(self, logs: Mapping[str, Path], track: Callable[[], Tracked]) -> None:
        """Its processes have begun."""
        leader, job = self._leader, self._job
        with leader.backend.lock:
            if not self._is_heard():
                return
            job_files.link_logs(leader.backend.state, job, logs, leader.now())
            leader.tracks(job, track)
            if self._canceled:
                job.known["times"].setdefault("Running", leader.now())
            else:
                leader.tell(job, "Running")

    def completed(self, outputs: Mapping[str, Path | Value], files: Mapping[str, Path]) -> None:
        """It has done what it was to do."""
        with self._leader.backend.lock:
            if self._is_heard():
                self._complete(outputs, files)

    def reused(
        self, run: str, outputs: Mapping[str, Path | Value], files: Mapping[str, Path], tracked: Tracked
    ) -> None:
        """It takes over what another run left."""
        leader, job = self._leader, self._job
        with leader.backend.lock:
            if not self._is_heard():
                return
            keep(leader.backend.state, job, tracked)
            body = job.body
            body["properties"]["properties"].update({"azureml.isreused": "true", "azureml.reusedrunid": run})
            leader.backend.state.rewrite(job, body)
            leader.tell(job, "Running")
            self._complete(outputs, files)

    def failed(self, reason: str, files: Mapping[str, Path]) -> None:
        """It has failed."""
        with self._leader.backend.lock:
            if self._is_heard():
                self._link(files)
                self._over("Failed", reason)

    def canceled(self, files: Mapping[str, Path]) -> None:
        """It was stopped."""
        with self._leader.backend.lock:
            if self._is_heard():
                self._link(files)
                self._over("Canceled")

    def _link(self, files: Mapping[str, Path]) -> None:
        """Have the job's own folder show what is on this machine's disk."""
        left_out = job_files.link_files(self._leader.backend.state, self._job, files, self._leader.now())
        self._job.known.setdefault("warnings", []).extend(left_out)

    def _complete(self, outputs: Mapping[str, Path | Value], files: Mapping[str, Path]) -> None:
        """Have the storage of the workspace show what the job has left; it has failed where there is no such storage."""
        state, job, now = self._leader.backend.state, self._job, self._leader.now()
        self._link(files)
        paths = {name: output for name, output in outputs.items() if not isinstance(output, (bool, int, float, str))}
        job.known["values"] = {name: output for name, output in outputs.items() if name not in paths}
        unreachable = job_files.unreachable(state, job, paths)
        if unreachable is not None:
            self._over("Failed", unreachable)
            return
        try:
            for name, path in paths.items():
                job.known["warnings"] += job_files.link_output(state, job, name, path, now, origin=str(path))
        except FileExistsError as error:
            self._over("Failed", f"An output cannot be kept where the job wants it: {error}.")
            return
        self._over("Completed")

    def _over(self, status: str, error: str = "") -> None:
        self._leader.over(self._job, status, error)
