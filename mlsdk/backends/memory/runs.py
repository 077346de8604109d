"""Run history and the services beside it: what clients ask about a job's run, its logs and where its outputs are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory import arm, job_services, lifecycle
from mlsdk.backends.memory.bodies import dig_object, dig_text
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.errors import not_emulated, refusal, user_error
from mlsdk.backends.memory.jobs import change
from mlsdk.backends.memory.registering import MODELS, plural_of
from mlsdk.backends.memory.surroundings import guid

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource

SERVICES = ("/history/v1.0", "/data/v1.0", "/modelregistry/v1.0")
"""What goes before the path of a workspace, one for each of the services here."""
WORKSPACE = re.compile(
    r"(?P<service>/[a-z]+/v1\.0)"
    r"(?P<workspace>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.MachineLearningServices/workspaces/[^/]+)"
    r"/(?P<rest>.+)",
    re.IGNORECASE,
)
OUTPUT = re.compile(
    r"azureml://locations/[^/]+/workspaces/[^/]+/(?:data|models)/azureml_(?P<job_and_name>[^/]+)/versions/1",
    re.IGNORECASE,
)


BETWEEN = "_output_"
"""What stands between a job and its output in the name of an asset."""
JUST = 5.0
"""Seconds for which a run has just ended."""


def answer(call: Call) -> Reply:
    """Answer a request to one of the services of a workspace."""
    matched = WORKSPACE.fullmatch(call.path)
    if matched is None:
        raise not_emulated(400, f"the path '{call.path}'")
    service, rest = matched["service"].lower(), matched["rest"]
    for method, home, pattern, function in ROUTES:
        found = re.fullmatch(pattern, rest, re.IGNORECASE) if home == service and method == call.method else None
        if found is not None:
            call.parts = matched["workspace"].strip("/").split("/")
            return function(call, arm.reach(call, matched["workspace"]), found)
    raise not_emulated(400, f"{call.method} of '{call.path}'")


def _job(workspace: Resource, name: str) -> Resource:
    jobs = workspace.existing(workspace.kind.children["jobs"])
    job = jobs.find(name) if jobs is not None else None
    if job is None:
        raise user_error(404, f"Run '{name}' not found in workspace '{workspace.name}'.")
    return job


def _named(workspace: Resource, found: re.Match[str]) -> Resource:
    """The job a path names; ServiceError (404) where it is not in the experiment the path names either."""
    job = _job(workspace, found["run"])
    experiment = found.groupdict().get("experiment")
    if experiment is not None and str(job.stored["properties"]["experimentName"]).lower() != experiment.lower():
        raise user_error(404, f"Run '{job.name}' not found in experiment '{experiment}'.")
    return job


def _status(job: Resource, now: float) -> str:
    """How a run is.

    One that has just ended, or that began and ended in the same instant, is once told of as running when nobody saw it
    running: a client that streams the log reads it only while the run has not ended.
    """
    known = job.known
    status: str = known["status"]
    if status not in lifecycle.ENDED or known.get("watched"):
        known["watched"] = known.get("watched") or status == "Running"
        return status
    known["watched"] = True
    began, ended = known["times"].get("Running"), known["times"][status]
    return "Running" if began is not None and (began == ended or now - ended < JUST) else status


def _run(call: Call, job: Resource) -> Body:
    """A run as run history has it."""
    properties = job.stored["properties"]
    made = job.stored["systemData"]["createdAt"]
    run: Body = {
        "runId": job.name,
        "rootRunId": job.name,
        "runUuid": guid("run", job.id),
        "experimentId": guid("experiment", (job.parent or job).id, properties["experimentName"]),
        "displayName": properties["displayName"],
        "description": properties.get("description"),
        "status": job.known["status"],
        "createdUtc": made,
        "startTimeUtc": lifecycle.time_of(job, "Running"),
        "endTimeUtc": lifecycle.time_of(job, *lifecycle.ENDED),
        "dataContainerId": f"dcid.{job.name}",
        "hidden": job.archived,
        "runType": "azureml.scriptrun",
        "runTypeV2": {"orchestrator": None, "traits": [], "attribution": "User", "computeType": None},
        "properties": dict(properties.get("properties") or {}),
        "tags": dict(properties.get("tags") or {}),
        "target": str(properties.get("computeId") or "serverless").rpartition("/")[2],
        "userId": guid("user", call.backend.user),
        "outputs": _outputs(call, job),
    }
    error = job.known.get("error")
    if error is not None:
        run["error"] = {"error": {"code": "UserError", "message": error, "details": []}}
    return run


def _outputs(call: Call, job: Resource) -> Body:
    """The named outputs of a job that has completed, each with the id of an asset that can be resolved."""
    if job.known["status"] != "Completed" or job.parent is None:
        return {}
    home = f"azureml://locations/{call.backend.location}/workspaces/{job.parent.known['workspaceId']}"
    found: Body = {}
    for name, output in job.stored["properties"]["outputs"].items():
        type_ = str(output["jobOutputType"]).lower()
        if name == "default":
            continue
        asset = f"{home}/{plural_of(output)}/azureml_{job.name}{BETWEEN}{name}/versions/1"
        found[name] = {"assetId": asset, "type": MODELS.get(type_, type_)}
    return found


def _read(call: Call, workspace: Resource, found: re.Match[str]) -> Reply:
    return reply(_run(call, _named(workspace, found)))


def _change(call: Call, workspace: Resource, found: re.Match[str]) -> Reply:
    """Change the texts, tags and properties of a run, or hide it; what else a run has is the service's."""
    job = _named(workspace, found)
    changes = call.json()
    odd = sorted(
        name
        for name, value in changes.items()
        if value is not None and name not in ("runId", "displayName", "description", "tags", "properties", "hidden")
    )
    if odd:
        raise not_emulated(400, f"changing {', '.join(odd)} of a run")
    if changes.get("hidden") is not None and not isinstance(changes["hidden"], bool):
        raise refusal(400, "The request content was invalid: 'hidden' has to be true or false.")
    change(call, job, changes)
    return reply(_run(call, job))


def _details(call: Call, workspace: Resource, found: re.Match[str]) -> Reply:
    """How a run is and where its logs are."""
    job = _named(workspace, found)
    details = {
        **_run(call, job),
        "status": _status(job, call.backend.clock.now()),
        "warnings": [],
        "runDefinition": {},
        "inputDatasets": [],
    }
    if details["status"] == "Running":
        details.update(endTimeUtc=None, outputs={})
        details.pop("error", None)
    for name in ("experimentId", "hidden", "runType", "dataContainerId", "displayName", "description", "createdUtc"):
        details.pop(name)
    log = lifecycle.log_of(call, job)
    details["logFiles"] = {log[0]: log[1]} if log is not None else {}
    return reply(details)


def _children(_call: Call, workspace: Resource, found: re.Match[str]) -> Reply:
    """The children of a run: a command job has none."""
    _named(workspace, found)
    return reply({"value": [], "continuationToken": None, "nextLink": None})


def _services(_call: Call, workspace: Resource, found: re.Match[str]) -> Reply:
    """The applications that run beside a job on one of its nodes."""
    return reply({"instances": job_services.instances(_named(workspace, found))})


def _data(call: Call, workspace: Resource, _found: re.Match[str]) -> Reply:
    """All there is to know of a run."""
    name = dig_text(call.json(), "runId")
    if not name:
        raise user_error(400, "Request is invalid and/or missing fields. The RunId field is required ('runId').")
    job = _job(workspace, name)
    properties = job.stored["properties"]
    specification = {"name": job.name, "properties": dig_object({"properties": job.body["properties"]}, "properties")}
    return reply(
        {
            "runMetadata": _run(call, job),
            "runDefinition": {"command": properties["command"]},
            "jobSpecification": specification,
        },
    )


def _resolved(key: str) -> Callable[[Call, Resource, re.Match[str]], Reply]:
    """What gives the places of assets by their ids, under `key`."""

    def resolve(call: Call, workspace: Resource, _found: re.Match[str]) -> Reply:
        wanted = call.json().get("values")
        if not isinstance(wanted, list):
            raise refusal(400, "The request content was invalid: 'values' has to be a list of asset ids.")
        return reply({"values": {each: _place(call, workspace, str(each), key) for each in wanted}})

    return resolve


def _place(call: Call, workspace: Resource, asset: str, key: str) -> dict[str, Any]:
    """Where an output of a job or a registered version is."""
    matched = OUTPUT.fullmatch(asset)
    if matched is not None:
        output = _output(workspace, matched["job_and_name"])
        if output is None:
            raise user_error(404, f"Asset '{asset}' not found.")
        return {key: _long(workspace, output["uri"]), "type": output["jobOutputType"]}
    path = asset.removeprefix("azureml:")
    if not path.lower().startswith("/subscriptions/"):
        raise not_emulated(400, f"resolving '{asset}', only outputs of jobs and the ids of versions")
    properties = arm.reach(call, path).stored["properties"]
    uri = properties.get("dataUri") or properties.get("modelUri")
    return {key: uri, "type": properties.get("dataType") or properties.get("modelType")}


def _output(workspace: Resource, job_and_name: str) -> Body | None:
    """The output that the name of an asset stands for; job and output may have the word between them in their own names."""
    jobs = workspace.existing(workspace.kind.children["jobs"])
    for between in re.finditer(f"(?={BETWEEN})", job_and_name):
        job = jobs.find(job_and_name[: between.start()]) if jobs is not None else None
        outputs: Body = job.stored["properties"]["outputs"] if job is not None else {}
        name = job_and_name[between.start() + len(BETWEEN) :]
        if name in outputs:
            return dict(outputs[name])
    return None


def _long(workspace: Resource, uri: str) -> str:
    """A datastore's URI with the workspace in it, which stands by itself."""
    parts = workspace.id.split("/")
    home = f"azureml://subscriptions/{parts[2]}/resourcegroups/{parts[4]}/workspaces/{workspace.name}/datastores/"
    return uri.replace("azureml://datastores/", home, 1)


RUN = r"(?:experiments/(?P<experiment>[^/]+)/)?runs/(?P<run>[^/]+)"
ROUTES: tuple[tuple[str, str, str, Callable[[Call, Resource, re.Match[str]], Reply]], ...] = (
    ("GET", "/history/v1.0", RUN, _read),
    ("PATCH", "/history/v1.0", RUN, _change),
    ("GET", "/history/v1.0", f"{RUN}/details", _details),
    ("GET", "/history/v1.0", f"{RUN}/children", _children),
    ("GET", "/history/v1.0", rf"{RUN}/serviceinstances/\d+", _services),
    ("POST", "/history/v1.0", "rundata", _data),
    ("POST", "/data/v1.0", "dataversion/batchGetResolvedUris", _resolved("uri")),
    ("POST", "/modelregistry/v1.0", "models/batchGetResolvedUris", _resolved("path")),
)
"""Method, service, path below the workspace, and what answers."""
