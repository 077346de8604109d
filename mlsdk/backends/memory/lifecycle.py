"""The life of a job on the backend's clock: waiting, running, ended; its log, its files and its outputs as blobs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from mlsdk.backends.memory import longrunning, registering
from mlsdk.backends.memory.clock import stamp
from mlsdk.backends.memory.errors import not_emulated, user_error

if TYPE_CHECKING:
    from mlsdk.backends.memory.backend import MemoryBackend
    from mlsdk.backends.memory.blobs import Account
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.longrunning import Operation
    from mlsdk.backends.memory.outcomes import Content, JobOutcome
    from mlsdk.backends.memory.state import Resource, State
    from mlsdk.backends.memory.stored_files import StoredFiles

PHASES = {"NotStarted": 2.0, "Queued": 5.0, "Preparing": 20.0, "Running": 60.0, "Finalizing": 5.0}
"""The statuses before the last, in order, and the seconds that each takes on a clock moved by hand."""
ENDED = ("Completed", "Failed", "Canceled")
LOG = "user_logs/std_log.txt"
ARTIFACTS = "workspaceartifactstore"
IN_DATASTORE = re.compile(
    r"azureml://(?:subscriptions/(?P<subscription>[^/]+)/resourcegroups/(?P<group>[^/]+)/workspaces/(?P<workspace>[^/]+)/)?"
    r"datastores/(?P<datastore>[^/]+)(?:/(?:paths(?:/|$))?(?P<path>.*))?",
    re.IGNORECASE,
)


def submit(call: Call, job: Resource, body: Body) -> None:
    """Let a new job begin its life; what becomes of it the runner is asked once the lock is free."""
    outputs = body["properties"]["outputs"]
    registering.check(outputs)
    for name, output in outputs.items():
        output["uri"] = place(call, job.name, name, output)
    outputs["default"] = {
        "jobOutputType": "uri_folder",
        "uri": f"azureml://datastores/{ARTIFACTS}/{folder(job)}",
        "mode": "ReadWriteMount",
    }
    known = job.known
    known["outcome"] = None
    known["lengths"] = {phase: call.backend.operation_length(seconds) for phase, seconds in PHASES.items()}
    known["times"] = {}
    tell(job, "NotStarted", call.now)
    call.state.waiting[job.id] = job
    call.afterwards = partial(ask, call.backend, call.state, job)


def ask(backend: MemoryBackend, state: State, job: Resource) -> None:
    """Have the runner say what becomes of a job. The lock is not held meanwhile: a runner may use clients, and take long.

    A job that was stopped or deleted while the runner was at work stays so. What the runner raises fails the job, and goes
    on to whoever submitted it.
    """
    with backend.lock:
        shown = job.body
        del shown["properties"]["outputs"]["default"]
    try:
        outcome = backend.outcome_of(shown)
    except BaseException as error:
        with backend.lock:
            if stop_waiting(state, job):
                job.known["error"] = f"{type(error).__name__}: {error}"
                tell(job, "Failed", backend.clock.now())
        raise
    with backend.lock:
        if stop_waiting(state, job):
            known = job.known
            known["outcome"] = outcome
            if outcome.seconds is not None:
                known["lengths"]["Running"] = outcome.seconds
            began = known["times"]["NotStarted"]
            longrunning.schedule(state, job, "NotStarted", began, known["lengths"]["NotStarted"])


def stop_waiting(state: State, job: Resource) -> bool:
    """Let a job wait no more to hear what becomes of it; gives whether it did."""
    waits = state.waiting.get(job.id) is job
    if waits:
        del state.waiting[job.id]
    return waits


def place(call: Call, job: str, name: str, output: Body) -> str:
    """Where an output is kept, the service's own choice where the job has none.

    ServiceError (400) for a place that is not in a datastore of the workspace.
    """
    ending = "" if str(output["jobOutputType"]).lower() == "uri_file" else "/"
    uri: str = output.get("uri") or f"azureml://datastores/workspaceblobstore/paths/azureml/{job}/{name}{ending}"
    uri = uri.replace("${{name}}", job).replace("${{output_name}}", name)
    uri = uri.replace("${{default_datastore}}", str(call.parent.known.get("defaultDatastore")))
    matched = IN_DATASTORE.fullmatch(uri)
    if matched is None or not _of_workspace(matched, call.parent):
        raise not_emulated(
            400,
            f"the output '{name}' at '{uri}', only outputs at 'azureml://datastores/...' of the job's own workspace",
        )
    if _datastore(call.parent, matched["datastore"]) is None:
        message = f"Datastore '{matched['datastore']}' of output '{name}' not found."
        raise user_error(400, message, inner="NotFoundError")
    return uri


def _of_workspace(matched: re.Match[str], workspace: Resource) -> bool:
    """Whether a datastore's URI is one of a workspace: it names no other."""
    named = (matched["subscription"], matched["group"], matched["workspace"])
    parts = workspace.id.lower().split("/")
    return named[0] is None or [name.lower() for name in named] == [parts[2], parts[4], parts[8]]


def folder(job: Resource) -> str:
    """Where the job's own files are in the datastore of artifacts."""
    return f"ExperimentRun/dcid.{job.name}"


def tell(job: Resource, status: str, now: float) -> None:
    """Note the status of a job and since when it has it."""
    job.known["status"] = status
    job.known["times"].setdefault(status, now)


def advance(state: State, job: Resource, operation: Operation) -> None:
    """Take a job from the status whose time is over into the next one."""
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
        _write_files(state, job, {LOG: outcome.log}, now)
    longrunning.schedule(state, job, following, now, job.known["lengths"][following])


def end(state: State, job: Resource, status: str, now: float) -> None:
    """Bring a job to its end, with all that it leaves behind."""
    outcome: JobOutcome | None = job.known["outcome"]
    if outcome is not None:
        _write_files(state, job, outcome.files, now)
        error = outcome.error
        if status == "Completed":
            error = _unwritable(state, job, outcome) or registering.taken(job) or ""
        if status == "Completed" and not error:
            _write_outputs(state, job, outcome, now)
            registering.register(state, job, now)
        elif status != "Canceled":
            status = "Failed"
            job.known["error"] = error
        job.known["outcome"] = None  # its files are stored now
    tell(job, status, now)


def log_of(call: Call, job: Resource) -> tuple[str, str] | None:
    """The name of a job's log and its address, signed; None before it runs."""
    found = _files_at(call.state, job, f"azureml://datastores/{ARTIFACTS}/paths/{folder(job)}/{LOG}")
    if found is None:
        return None
    files, path, account, container = found
    if path not in files.files:
        return None
    return LOG, f"{account.url}/{container}/{path}?{account.sign(container, call.now)}"


def _files_at(state: State, job: Resource, uri: str) -> tuple[StoredFiles, str, Account, str] | None:
    """The files, the path among them, the account and container of a datastore's URI; None where they are not here."""
    matched = IN_DATASTORE.fullmatch(uri)
    datastore = _datastore(job.parent, matched["datastore"]) if matched is not None and job.parent is not None else None
    if matched is None or datastore is None:
        return None
    properties = datastore.stored["properties"]
    account = state.accounts.get(str(properties.get("accountName")).lower())
    service = "file" if properties.get("fileShareName") else "blob"
    container = str(
        properties.get("containerName") or properties.get("filesystem") or properties.get("fileShareName"),
    )
    found = account.containers.get(f"{service}/{container}") if account is not None else None
    return None if account is None or found is None else (found, matched["path"] or "", account, container)


def _datastore(workspace: Resource, name: str) -> Resource | None:
    collection = workspace.existing(workspace.kind.children["datastores"])
    return collection.find(name) if collection is not None else None


def _unwritable(state: State, job: Resource, outcome: JobOutcome) -> str | None:
    """Why the named outputs cannot be written: the first one whose storage is not there; None when they can."""
    outputs = job.stored["properties"]["outputs"]
    for name in outcome.outputs:
        if _files_at(state, job, outputs[name]["uri"]) is None:
            return f"Output '{name}' cannot be written: the storage behind '{outputs[name]['uri']}' does not exist."
    return None


def _write_files(state: State, job: Resource, files: Mapping[str, Content], now: float) -> None:
    """Put files into the job's own folder."""
    _write(state, job, f"azureml://datastores/{ARTIFACTS}/paths/{folder(job)}/", files, now)


def _write_outputs(state: State, job: Resource, outcome: JobOutcome, now: float) -> None:
    """Put the named outputs where the job says they are."""
    outputs = job.stored["properties"]["outputs"]
    for name, content in outcome.outputs.items():
        uri = outputs[name]["uri"]
        if isinstance(content, Mapping):
            _write(state, job, uri.rstrip("/") + "/", content, now)
        else:
            _write(state, job, uri.rstrip("/"), {"": content}, now)


def _write(state: State, job: Resource, uri: str, files: Mapping[str, Content], now: float) -> None:
    found = _files_at(state, job, uri)
    if found is None:
        return
    stored, prefix, _, _ = found
    for path, content in files.items():
        stored.put(f"{prefix}{path}", content.encode() if isinstance(content, str) else content, {}, now)


def time_of(job: Resource, *statuses: str) -> str | None:
    """When a job came to the first of these statuses, as bodies write times; None before."""
    times = [job.known["times"][status] for status in statuses if status in job.known["times"]]
    return stamp(min(times)) if times else None
