"""The files of jobs: where outputs are kept, and what a job writes as blobs of the workspace's storage.

What a job leaves in memory is written (`write_files`, `write_outputs`); what it leaves on this machine's disk is linked
(`link_files`, `link_output`, `link_logs`): it stays where it is, and nothing of it is read before somebody asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from mlsdk.backends.memory.errors import not_emulated, user_error

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

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


def logs_of(state: State, job: Resource, now: float) -> dict[str, str]:
    """The logs of a job by name, each with its address, signed; none before it runs."""
    found = _files_at(state, job, f"azureml://datastores/{ARTIFACTS}/paths/{folder(job)}/")
    if found is None:
        return {}
    files, path, account, container = found
    named = [name for name in job.known.get("logs") or [log_name(job)] if files.get(path + name) is not None]
    signature = account.sign(container, now) if named else ""
    return {name: f"{account.url}/{container}/{path}{quote(name)}?{signature}" for name in named}


def _files_at(state: State, job: Resource, uri: str) -> tuple[StoredFiles, str, Account, str] | None:
    """The files, the path among them, the account and container of a datastore's URI; None where they are not here."""
    matched = IN_DATASTORE.fullmatch(uri)
    datastore = _datastore(job.parent, matched["datastore"]) if matched is not None and job.parent is not None else None
    if matched is None or datastore is None:
        return None
    account_name, service, container = place_of(datastore)
    account = state.accounts.get(account_name)
    found = account.containers.get(f"{service}/{container}") if account is not None else None
    return None if account is None or found is None else (found, matched["path"] or "", account, container)


def place_of(datastore: Resource) -> tuple[str, str, str]:
    """The name of a datastore's account, the service (`blob`, `file`) and the container there; `None` for what it lacks."""
    properties = datastore.stored["properties"]
    container = properties.get("containerName") or properties.get("filesystem") or properties.get("fileShareName")
    service = "file" if properties.get("fileShareName") else "blob"
    return str(properties.get("accountName")).lower(), service, str(container)


def _datastore(workspace: Resource, name: str) -> Resource | None:
    collection = workspace.existing(workspace.kind.children["datastores"])
    return collection.find(name) if collection is not None else None


def unwritable(state: State, job: Resource, outcome: JobOutcome) -> str | None:
    """Why the named outputs cannot be written: the first one whose storage is not there; None when they can."""
    return unreachable(state, job, outcome.files_of_outputs)


def unreachable(state: State, job: Resource, names: Iterable[str]) -> str | None:
    """Why outputs of these names cannot be kept: the first one whose storage is not there; None when they can."""
    outputs = job.stored["properties"]["outputs"]
    for name in names:
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


def link_files(state: State, job: Resource, files: Mapping[str, Path], now: float) -> list[str]:
    """Have files of this machine's disk stand in the job's own folder, under the paths they are given by.

    Parameters
    ----------
    state
        What the backend stores; its lock is held.
    job
        The job.
    files
        Where each is, absolute: `{"outputs/model.pkl": path}`. In the place of a folder every file below it is linked.
    now
        The time of the backend's clock, in seconds since 1970.

    Gives a sentence for each thing that was left out, as `disk_folders.below` does. Where the storage is not there any more,
    nothing is linked.
    """
    found = _files_at(state, job, f"azureml://datastores/{ARTIFACTS}/paths/{folder(job)}/")
    left_out: list[str] = []
    if found is not None:
        for name, path in files.items():
            left_out += _link(found[0], found[1] + name, path, now, "")
    return left_out


def link_output(state: State, job: Resource, name: str, path: Path, now: float, *, origin: str = "") -> list[str]:
    """Have what is at a path of this machine's disk stand where the job says that a named output is.

    Parameters
    ----------
    state
        What the backend stores; its lock is held.
    job
        The job.
    name
        The name of the output.
    path
        Absolute: a folder, of which every file is linked, or a file, which takes the name that the output's `uri` has.
    now
        The time of the backend's clock, in seconds since 1970.
    origin
        Tells this content from any other, and is the same wherever the content is: what is given to other jobs has its
        `Given.identity` from it. Without one, path, size and time of writing do that.

    Gives a sentence for each thing that was left out, as `disk_folders.below` does. What else stood at the place stays there.
    Where the storage is not there (`unreachable` says so before), nothing is linked. Raises FileExistsError where folders are
    real and a file stands where a folder has to be.
    """
    uri = str(job.stored["properties"]["outputs"][name]["uri"])
    found = _files_at(state, job, uri.rstrip("/"))
    return [] if found is None else _link(found[0], found[1], path, now, origin)


def hand_outputs_over(state: State, source: Resource, target: Resource) -> None:
    """Have what a job has left in its outputs stand in those of another one too, by name, as it is."""
    wanted = target.stored["properties"]["outputs"]
    for name, output in source.stored["properties"]["outputs"].items():
        left = _files_at(state, source, str(output["uri"]).rstrip("/"))
        taking = _files_at(state, target, str(wanted[name]["uri"]).rstrip("/"))
        if left is None or taking is None:
            continue
        for path in left[0].names(left[1]):
            file, below = left[0].get(path), path[len(left[1]) :]
            if file is None or (below and not below.startswith("/")):  # another output, whose name begins alike
                continue
            if taking[0].hierarchical:
                taking[0].make_folders(taking[1] + below, file.noted_modified)
            taking[0].take(file, taking[1] + below)


def link_logs(state: State, job: Resource, logs: Mapping[str, Path], now: float) -> None:
    """Have logs on this machine's disk stand in the job's own folder while they are written, and run history name them.

    `logs`: where each is, by its path in that folder: `{"user_logs/std_log.txt": path}`. None of them need be there yet.
    """
    found = _files_at(state, job, f"azureml://datastores/{ARTIFACTS}/paths/{folder(job)}/")
    if found is None:
        return
    job.known["logs"] = list(dict.fromkeys([*job.known.get("logs", ()), *logs]))
    for name, path in logs.items():
        found[0].link(found[1] + name, path, now, growing=True, settings={"content-type": "text/plain"})


def _link(stored: StoredFiles, name: str, path: Path, now: float, origin: str) -> list[str]:
    """Link a file, or all below a folder; an empty folder stays one."""
    from mlsdk.backends.memory import disk_folders

    if not path.is_dir():
        stored.link(name, path, now, origin=origin)
        return [] if path.is_file() else [f"'{path}' was left out: there is no file."]
    found = disk_folders.below(path, confined=True)
    for below, file in found.files.items():
        stored.link(f"{name}/{below}", file, now, origin=f"{origin}/{below}" if origin else "")
    if not found.files:
        stored.make_folder(name, {}, now)
    return [f"'{path / below}' was left out: {why}." for below, why in found.left_out.items()]
