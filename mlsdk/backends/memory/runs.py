"""Run history and the services beside it: what clients ask about a job's run, its logs and where its outputs are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mlsdk.backends.memory import arm, families, job_files, job_services, run_bodies
from mlsdk.backends.memory.bodies import dig_object, dig_text
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.errors import not_emulated, refusal, user_error
from mlsdk.backends.memory.job_requests import change
from mlsdk.backends.memory.mlflow_runs import list_experiments

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource

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


def _read(call: Call, workspace: Resource, found: re.Match[str]) -> Reply:
    return reply(run_bodies.run(call, _named(workspace, found)))


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
    return reply(run_bodies.run(call, job))


def _details(call: Call, workspace: Resource, found: re.Match[str]) -> Reply:
    """How a run is and where its logs are."""
    job = _named(workspace, found)
    details = {
        **run_bodies.run(call, job),
        "status": run_bodies.status(job, call.backend.clock.now()),
        "warnings": [{"source": "Execution", "message": message} for message in job.known.get("warnings") or ()],
        "runDefinition": {},
        "inputDatasets": [],
    }
    if details["status"] == "Running":
        details.update(endTimeUtc=None, outputs={})
        details.pop("error", None)
    for name in ("experimentId", "hidden", "runType", "dataContainerId", "displayName", "description", "createdUtc"):
        details.pop(name)
    details["logFiles"] = job_files.logs_of(call.state, job, call.now)
    return reply(details)


def _children(call: Call, workspace: Resource, found: re.Match[str]) -> Reply:
    """The children of a run, newest first: the steps of a pipeline, the trials of a sweep."""
    job = _named(workspace, found)
    token, most = call.param("$continuationtoken"), _count(call, "$top")
    position = int(token) if token is not None and token.isdigit() else 0
    children = [child for child in reversed(families.children(job)) if not child.archived][: most or None]
    shown = children[position : position + call.backend.page_size]
    body: Body = {
        "value": [run_bodies.run(call, child) for child in shown],
        "continuationToken": None,
        "nextLink": None,
    }
    following = position + len(shown)
    if following < len(children):
        top = f"&$top={most}" if most else ""
        body["continuationToken"] = str(following)
        body["nextLink"] = f"{call.host}{quote(call.path)}?$continuationtoken={following}{top}"
    return reply(body)


def _count(call: Call, name: str) -> int:
    """A whole number among the parameters, 0 where there is none; ServiceError (400) for anything else."""
    text = call.param(name) or "0"
    if not text.isdigit():
        raise user_error(400, f"The value '{text}' of the query parameter '{name}' is not a whole number.")
    return int(text)


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
            "runMetadata": run_bodies.run(call, job),
            "runDefinition": {"command": properties.get("command")},
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
    for between in re.finditer(f"(?={run_bodies.BETWEEN})", job_and_name):
        job = jobs.find(job_and_name[: between.start()]) if jobs is not None else None
        outputs: Body = job.stored["properties"]["outputs"] if job is not None else {}
        name = job_and_name[between.start() + len(run_bodies.BETWEEN) :]
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
    ("GET", "/history/v1.0", "experiments", list_experiments),
    ("POST", "/history/v1.0", "rundata", _data),
    ("POST", "/data/v1.0", "dataversion/batchGetResolvedUris", _resolved("uri")),
    ("POST", "/modelregistry/v1.0", "models/batchGetResolvedUris", _resolved("path")),
)
"""Method, service, path below the workspace, and what answers."""
