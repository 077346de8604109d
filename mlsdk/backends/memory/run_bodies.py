"""What run history says of a run: a job that was submitted, a step of a pipeline, a trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsdk.backends.memory import families, lifecycle
from mlsdk.backends.memory.registering import MODELS, plural_of
from mlsdk.backends.memory.surroundings import guid

if TYPE_CHECKING:
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource

BETWEEN = "_output_"
"""What stands between a job and its output in the name of an asset."""
JUST = 5.0
"""Seconds for which a run has just ended."""
TYPES = {
    "automl": ("automl", "AutoML"),
    "pipeline": ("azureml.PipelineRun", "PipelineRun"),
    "spark": ("azureml.scriptrun", "Execution"),
    "sweep": ("hyperdrive", "HyperDrive"),
}
"""How run history calls a job that was submitted and who leads it, by type; every other is a script."""
SCRIPT = ("azureml.scriptrun", "Execution")


def status(job: Resource, now: float) -> str:
    """How a run is.

    One that has just ended, or that began and ended in the same instant, is once told of as running when nobody saw it
    running: a client that streams the log reads it only while the run has not ended.
    """
    known = job.known
    found: str = known["status"]
    if found not in families.ENDED or known.get("watched"):
        known["watched"] = known.get("watched") or found == "Running"
        return found
    known["watched"] = True
    began, ended = known["times"].get("Running"), known["times"][found]
    return "Running" if began is not None and (began == ended or now - ended < JUST) else found


def experiment_id(job: Resource) -> str:
    """The id of the experiment that a job is in."""
    return guid("experiment", (job.parent or job).id, job.stored["properties"]["experimentName"])


def run(call: Call, job: Resource) -> Body:
    """A run as run history has it."""
    properties, known = job.stored["properties"], job.known
    made = job.stored["systemData"]["createdAt"]
    told = known.get("history") or {}
    run_type, leader = TYPES.get(str(properties["jobType"]).lower(), SCRIPT)
    above = families.find(job, known.get("above"))
    found: Body = {
        "runId": job.name,
        "rootRunId": families.root(job).name,
        "parentRunId": above.name if above is not None else None,
        "runUuid": guid("run", job.id),
        "parentRunUuid": guid("run", above.id) if above is not None else None,
        "rootRunUuid": guid("run", families.root(job).id),
        "experimentId": experiment_id(job),
        "displayName": properties["displayName"],
        "description": properties.get("description"),
        "status": known["status"],
        "createdUtc": made,
        "createdBy": {"userName": call.backend.user, "userObjectId": guid("user", call.backend.user)},
        "lastModifiedUtc": job.stored["systemData"]["lastModifiedAt"],
        "startTimeUtc": lifecycle.time_of(job, "Running"),
        "endTimeUtc": lifecycle.time_of(job, *families.ENDED),
        "dataContainerId": f"dcid.{job.name}",
        "hidden": job.archived,
        "runType": told.get("runType") or run_type,
        "runTypeV2": {
            "orchestrator": told.get("orchestrator") or leader,
            "traits": [],
            "attribution": "User",
            "computeType": None,
        },
        "properties": dict(properties.get("properties") or {}),
        "tags": dict(properties.get("tags") or {}),
        "target": _target(job),
        "userId": guid("user", call.backend.user),
        "outputs": _outputs(call, job),
    }
    if properties.get("computeId"):
        found["compute"] = {"target": _target(job)}
    error = known.get("error")
    if error is not None:
        found["error"] = {"error": {"code": "UserError", "message": error, "details": []}}
    return found


def _target(job: Resource) -> str:
    return str(job.stored["properties"].get("computeId") or "serverless").rpartition("/")[2]


def _outputs(call: Call, job: Resource) -> Body:
    """The named outputs of a job that has completed, each with the id of an asset that can be resolved."""
    if job.known["status"] != "Completed" or job.parent is None:
        return {}
    home = f"azureml://locations/{call.backend.location}/workspaces/{job.parent.known['workspaceId']}"
    found: Body = {}
    for name, output in job.stored["properties"]["outputs"].items():
        type_ = str(output["jobOutputType"]).lower()
        if name == "default" or not output.get("uri"):
            continue
        asset = f"{home}/{plural_of(output)}/azureml_{job.name}{BETWEEN}{name}/versions/1"
        found[name] = {"assetId": asset, "type": MODELS.get(type_, type_)}
    return found
