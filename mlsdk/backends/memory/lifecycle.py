"""The life of a job on the backend's clock: waiting, running, ended; its log, its files and its outputs as blobs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory import longrunning, registering
from mlsdk.backends.memory.clock import stamp
from mlsdk.backends.memory.errors import not_emulated, user_error

if TYPE_CHECKING:
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
    r"azureml://(?:subscriptions/.+?/workspaces/[^/]+/)?datastores/(?P<datastore>[^/]+)/(?:paths/)?(?P<path>.*)",
    re.IGNORECASE,
)


def submit(call: Call, job: Resource, body: Body) -> None:
    """Let a new job begin its life, as the backend's runner says it is going to be."""
    shown = {**body, "id": job.id, "name": job.name}
    outcome = call.backend.outcome_of(shown)
    outputs = body["properties"]["outputs"]
    unknown = sorted(set(outcome.outputs) - set(outputs))
    if unknown:
        message = (
            f"the runner gives the job {job.name!r} the outputs {unknown}, which it does not declare: {sorted(outputs)}"
        )
        raise ValueError(message)
    registering.check(outputs)
    for name, output in outputs.items():
        _place(call, job, name, output)
    outputs["default"] = {
        "jobOutputType": "uri_folder",
        "uri": f"azureml://datastores/{ARTIFACTS}/{folder(job)}",
        "mode": "ReadWriteMount",
    }
    known = job.known
    known["outcome"] = outcome
    lengths = {phase: call.backend.operation_length(seconds) for phase, seconds in PHASES.items()}
    if outcome.seconds is not None:
        lengths["Running"] = outcome.seconds
    known["lengths"] = lengths
    known["times"] = {}
    tell(job, "NotStarted", call.now)
    longrunning.schedule(call.state, job, "NotStarted", call.now, lengths["NotStarted"])


def _place(call: Call, job: Resource, name: str, output: Body) -> None:
    """Say where an output is kept, where the job does not; ServiceError (400) for a place that is not a datastore's."""
    ending = "" if str(output["jobOutputType"]).lower() == "uri_file" else "/"
    uri = output.get("uri") or f"azureml://datastores/workspaceblobstore/paths/azureml/{job.name}/{name}{ending}"
    uri = uri.replace("${{name}}", job.name).replace("${{output_name}}", name)
    uri = uri.replace("${{default_datastore}}", str(call.parent.known.get("defaultDatastore")))
    matched = IN_DATASTORE.fullmatch(uri)
    if matched is None:
        raise not_emulated(400, f"the output '{name}' at '{uri}', only outputs at 'azureml://datastores/...'")
    if _datastore(job, matched["datastore"]) is None:
        raise user_error(
            400, f"Datastore '{matched['datastore']}' of output '{name}' not found.", inner="NotFoundError"
        )
    output["uri"] = uri


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
        error = registering.taken(job) if status == "Completed" else outcome.error
        if status == "Completed" and error is None:
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
    datastore = _datastore(job, matched["datastore"]) if matched is not None else None
    if matched is None or datastore is None:
        return None
    properties = datastore.stored["properties"]
    account, container = (
        state.accounts.get(str(properties.get("accountName")).lower()),
        str(properties.get("containerName")),
    )
    found = account.containers.get(f"blob/{container}") if account is not None else None
    return None if account is None or found is None else (found, matched["path"], account, container)


def _datastore(job: Resource, name: str) -> Resource | None:
    workspace = job.parent
    collection = workspace.existing(workspace.kind.children["datastores"]) if workspace is not None else None
    return collection.find(name) if collection is not None else None


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


def show(state: State, job: Resource, body: Body) -> None:
    """Show the status of a job and where it can be watched."""
    del state
    workspace = job.parent
    properties = body["properties"]
    properties["status"] = job.known["status"]
    home = workspace.id if workspace is not None else ""
    tracking = workspace.stored["properties"]["mlFlowTrackingUri"] if workspace is not None else ""
    properties["services"] = {
        "Tracking": _service("Tracking", f"{tracking}?"),
        "Studio": _service("Studio", f"https://ml.azure.com/runs/{job.name}?wsid={home}"),
    }


def _service(type_: str, endpoint: str) -> dict[str, Any]:
    return {"jobServiceType": type_, "endpoint": endpoint, "port": None, "properties": None, "status": None}


def time_of(job: Resource, *statuses: str) -> str | None:
    """When a job came to the first of these statuses, as bodies write times; None before."""
    times = [job.known["times"][status] for status in statuses if status in job.known["times"]]
    return stamp(min(times)) if times else None
