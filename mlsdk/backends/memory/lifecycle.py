"""The life of a job on the backend's clock: waiting, running, ended; a job of jobs runs as long as one of them does."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory import families, job_files, longrunning, pipeline_bodies, plans, registering
from mlsdk.backends.memory.bodies import twin
from mlsdk.backends.memory.clock import stamp
from mlsdk.backends.memory.families import ENDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlsdk.backends.memory.backend import MemoryBackend
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.longrunning import Operation
    from mlsdk.backends.memory.outcomes import JobOutcome
    from mlsdk.backends.memory.state import Resource, State

PHASES = {"NotStarted": 2.0, "Queued": 5.0, "Preparing": 20.0, "Running": 60.0, "Finalizing": 5.0}
"""The statuses before the last, in order, and the seconds that each takes on a clock moved by hand."""
WITHOUT_DEFAULT = ("pipeline", "finetuning", "distillation")
"""The types of job whose outputs do not name the folder with their own files."""


def submit(call: Call, job: Resource, body: Body) -> None:
    """Let a new job begin its life; what becomes of it the runner is asked once the lock is free."""
    properties = body["properties"]
    outputs, type_ = properties["outputs"], properties["jobType"].lower()
    registering.check(outputs)
    if type_ == "pipeline":
        job.known["specs"] = pipeline_bodies.specs(call, properties)
    elif type_ == "sweep":
        job.known["asked"] = twin(outputs)
    for name, output in outputs.items():
        output["uri"] = job_files.place(call.parent, job.name, name, output)
    if type_ not in WITHOUT_DEFAULT:
        outputs["default"] = default_output(job)
    if call.backend.runs(properties):
        job.known.update(live=True, times={})
        tell(job, "NotStarted", call.now)
        call.afterwards = partial(call.backend.lead().begin, job)
        return
    prepare(call.backend, job, call.now)
    call.state.waiting[job.id] = job
    call.afterwards = partial(ask, call.backend, call.state, job)


def default_output(job: Resource) -> Body:
    """The output that stands for the folder with a job's own files."""
    uri = f"azureml://datastores/{job_files.ARTIFACTS}/{job_files.folder(job)}"
    return {"jobOutputType": "uri_folder", "uri": uri, "mode": "ReadWriteMount"}


def prepare(backend: MemoryBackend, job: Resource, now: float) -> None:
    """Have a job at the beginning of its life."""
    known = job.known
    known["outcome"] = None
    known["lengths"] = {phase: backend.operation_length(seconds) for phase, seconds in PHASES.items()}
    known["times"] = {}
    tell(job, "NotStarted", now)


def ask(backend: MemoryBackend, state: State, job: Resource) -> None:
    """Have the runner say what becomes of a job. The lock is not held meanwhile: a runner may use clients, and take long.

    A job that was stopped or deleted while the runner was at work stays so. What the runner raises fails the job, and goes
    on to whoever submitted it.
    """
    try:
        _ask(backend, state, job, job)
    except BaseException as error:
        with backend.lock:
            if stop_waiting(state, job):
                now = backend.clock.now()
                job.known["error"] = f"{type(error).__name__}: {error}"
                tell(job, "Failed", now)
                _stop_below(state, job, now)
        raise
    with backend.lock:
        if stop_waiting(state, job):
            _begin(state, job, job.known["times"]["NotStarted"])


def _ask(backend: MemoryBackend, state: State, submitted: Resource, job: Resource) -> Mapping[str, Any] | None:
    """Ask of a job, and of every job it is made of in the order in which they would run.

    Gives the values that it leaves to others; None where it is not going to complete.
    """
    with backend.lock:
        shown = job.body
        shown["properties"]["outputs"].pop("default", None)
        plan = plans.plan(job)
    outcome = backend.outcome_of(shown, job.known.get("metric"))
    with backend.lock:
        if state.waiting.get(submitted.id) is not submitted:
            return None
        _note(state, job, outcome)
    said: Mapping[str, Any] | None = None
    first = True
    while plan is not None:
        with backend.lock:
            if state.waiting.get(submitted.id) is not submitted:
                return None
            try:
                wanted = next(plan) if first else plan.send(said)
            except StopIteration:
                break
            now, first = backend.clock.now(), False
            child = families.make(state, job, wanted, backend.user, now)
            prepare(backend, child, now)
        said = _ask(backend, state, submitted, child)
        job.known["fails"] = job.known.get("fails", 0) + (said is None)
    if outcome.status != "Completed" or plans.will_fail(job):
        return None
    return outcome.values_of_outputs


def _note(state: State, job: Resource, outcome: JobOutcome) -> None:
    """Keep what was said of a job."""
    known = job.known
    known["outcome"] = outcome
    if outcome.seconds is not None:
        known["lengths"]["Running"] = outcome.seconds
    if outcome.reuses is not None:
        known["lengths"] = dict.fromkeys(PHASES, 0.0)
        body = job.body
        body["properties"]["properties"].update({"azureml.isreused": "true", "azureml.reusedrunid": outcome.reuses})
        state.rewrite(job, body)


def _begin(state: State, job: Resource, now: float) -> None:
    """Let the time of a job run of which everything is said."""
    longrunning.schedule(state, job, "NotStarted", now, job.known["lengths"]["NotStarted"])


def stop_waiting(state: State, job: Resource) -> bool:
    """Let a job wait no more to hear what becomes of it; gives whether it did."""
    waits = state.waiting.get(job.id) is job
    if waits:
        del state.waiting[job.id]
    return waits


def forget(state: State, job: Resource) -> None:
    """A job that has gone takes along all that it is made of, and what runs of that is to be stopped."""
    stop_waiting(state, job)
    if "live" in job.known:
        state.gone += [each.id for each in (job, *families.below(job))]
    families.remove_all(job)


def recover(jobs: Iterable[Resource], now: float) -> None:
    """Have those jobs be stopped that really ran when a snapshot was taken: their processes are not part of it."""
    for job in jobs:
        if job.known["status"] not in ENDED:
            job.known["error"] = "The backend was restored from a snapshot that was taken while the job ran."
            tell(job, "Canceled", now)


def tell(job: Resource, status: str, now: float) -> None:
    """Note the status of a job and since when it has it."""
    job.known["status"] = status
    job.known["times"].setdefault(status, now)


def advance(state: State, job: Resource, operation: Operation) -> None:
    """Take a job from the status whose time is over into the next one; one that really runs takes its own time."""
    if "live" in job.known:
        return
    status, now = job.known["status"], operation.ends
    if operation.verb == "cancel" and status == "CancelRequested":
        end(state, job, "Canceled", now)
    if operation.verb != status or status not in PHASES:
        return
    outcome: JobOutcome = job.known["outcome"]
    order = [*PHASES, outcome.status]
    following = order[order.index(status) + 1]
    if following in ENDED:
        end(state, job, following, now)
        return
    tell(job, following, now)
    if following == "Running":
        job.known["metrics"] = outcome.metrics
        mine = families.family(job)
        log = outcome.log if mine is None else outcome.log or plans.log(job, now)
        job_files.write_files(state, job, {job_files.log_name(job): log}, now)
        if mine is not None and mine.names:
            _go_on(state, job, now)
            return
    longrunning.schedule(state, job, following, now, job.known["lengths"][following])


def _go_on(state: State, job: Resource, now: float) -> None:
    """Let those of a job's children begin that may, and the job end where none is left."""
    mine = families.family(job)
    if mine is None or job.known["status"] != "Running":
        return
    for name in mine.take():
        child = families.find(job, name)
        if child is not None:
            _begin(state, child, now)
    if mine.failed and mine.stops:
        _stop_below(state, job, now)
    if not mine.working:
        longrunning.schedule(state, job, "Running", now, 0.0)


def _stop_below(state: State, job: Resource, now: float) -> None:
    """Stop all that a job is made of and that has not ended."""
    for child in families.children(job):
        if child.known["status"] not in ENDED:
            mine = families.family(job)
            if mine is not None:
                mine.working.discard(child.name)
            child.known["outcome"] = None
            tell(child, "Canceled", now)
            _stop_below(state, child, now)


def end(state: State, job: Resource, status: str, now: float) -> None:
    """Bring a job to its end, with all that it leaves behind."""
    outcome: JobOutcome | None = job.known["outcome"]
    _stop_below(state, job, now)
    if outcome is not None:
        job_files.write_files(state, job, outcome.files, now)
        error = outcome.error
        if status == "Completed":
            error = plans.failure(job) or job_files.unwritable(state, job, outcome) or registering.taken(job) or ""
        if status == "Completed" and not error:
            job_files.write_outputs(state, job, outcome, now)
            registering.register(state, job, now)
        elif status != "Canceled":
            status = "Failed"
            job.known["error"] = error
        plans.conclude(state, job)
        job.known["outcome"] = None  # its files are stored now
    tell(job, status, now)
    above = families.find(job, job.known.get("above"))
    mine = families.family(above) if above is not None else None
    if above is not None and mine is not None:
        mine.over(job.name, status)
        _go_on(state, above, now)


def time_of(job: Resource, *statuses: str) -> str | None:
    """When a job came to the first of these statuses, as bodies write times; None before."""
    times = [job.known["times"][status] for status in statuses if status in job.known["times"]]
    return stamp(min(times)) if times else None
