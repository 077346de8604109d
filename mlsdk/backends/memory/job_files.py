"""The files of jobs: where outputs are kept, and what a job writes as blobs of the workspace's storage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlsdk.backends.memory.errors import not_emulated, user_error

if TYPE_CHECKING:
    from mlsdk.backends.memory.blobs import Account
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.outcomes import Content, JobOutcome
    from mlsdk.backends.memory.state import Resource, State
    from mlsdk.backends.memory.stored_files import StoredFiles

ARTIFACTS = "workspaceartifactstore"
USER_LOG = "user_logs/std_log.txt"
LOGS = {
    "pipeline": "logs/azureml/executionlogs.txt",
    "sweep": "azureml-logs/hyperdrive.txt",
    "automl": "logs/azureml/azureml_automl.log",
}
"""What the log of a job is called that is not code of the user's own, by the type of the job in lower case."""
IN_DATASTORE = re.compile(
    r"azureml://(?:subscriptions/(?P<subscription>[^/]+)/resourcegroups/(?P<group>[^/]+)/workspaces/(?P<workspace>[^/]+)/)?"
    r"datastores/(?P<datastore>[^/]+)(?:/(?:paths(?:/|$))?(?P<path>.*))?",
    re.IGNORECASE,
)


def place(workspace: Resource, job: str, name: str, output: Body) -> str:
    """Where an output is kept, the service's own choice where the job has none.

    ServiceError (400) for a place that is not in a datastore of the workspace.
    """
    ending = "" if str(output["jobOutputType"]).lower() == "uri_file" else "/"
    uri: str = output.get("uri") or f"azureml://datastores/workspaceblobstore/paths/azureml/{job}/{name}{ending}"
    uri = uri.replace("${{name}}", job).replace("${{output_name}}", name)
    uri = uri.replace("${{default_datastore}}", str(workspace.known.get("defaultDatastore")))
    matched = IN_DATASTORE.fullmatch(uri)
    if matched is None or not _of_workspace(matched, workspace):
        raise not_emulated(
            400,
            f"the output '{name}' at '{uri}', only outputs at 'azureml://datastores/...' of the job's own workspace",
        )
    if _datastore(workspace, matched["datastore"]) is None:
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


def log_name(job: Resource) -> str:
    """What the log of a job is called."""
    return LOGS.get(str(job.stored["properties"]["jobType"]).lower(), USER_LOG)


def log_of(state: State, job: Resource, now: float) -> tuple[str, str] | None:
    """The name of a job's log and its address, signed; None before it runs."""
    name = log_name(job)
    found = _files_at(state, job, f"azureml://datastores/{ARTIFACTS}/paths/{folder(job)}/{name}")
    if found is None:
        return None
    files, path, account, container = found
    if path not in files.files:
        return None
    return name, f"{account.url}/{container}/{path}?{account.sign(container, now)}"


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


def unwritable(state: State, job: Resource, outcome: JobOutcome) -> str | None:
    """Why the named outputs cannot be written: the first one whose storage is not there; None when they can."""
    outputs = job.stored["properties"]["outputs"]
    for name in outcome.files_of_outputs:
        if _files_at(state, job, outputs[name]["uri"]) is None:
            return f"Output '{name}' cannot be written: the storage behind '{outputs[name]['uri']}' does not exist."
    return None


def write_files(state: State, job: Resource, files: Mapping[str, Content], now: float) -> None:
    """Put files into the job's own folder."""
    _write(state, job, f"azureml://datastores/{ARTIFACTS}/paths/{folder(job)}/", files, now)


def write_outputs(state: State, job: Resource, outcome: JobOutcome, now: float) -> None:
    """Put the named outputs where the job says they are."""
    outputs = job.stored["properties"]["outputs"]
    for name, content in outcome.files_of_outputs.items():
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
