"""Deployments of templates: what azure-ai-ml makes a workspace with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsdk.backends.memory.bodies import place
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.clock import stamp
from mlsdk.backends.memory.errors import refusal
from mlsdk.backends.memory.kinds import Kind
from mlsdk.backends.memory.resource_lists import GROUP, GROUPS, listing
from mlsdk.backends.memory.surroundings import guid
from mlsdk.backends.memory.templates import WORKSPACE, check_template, expand

if TYPE_CHECKING:
    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.longrunning import Operation
    from mlsdk.backends.memory.state import Resource, State


def _prepare(call: Call, body: Body, _existing: Resource | None) -> None:
    check_template(body["properties"], call.parent.id)


def _accept(call: Call, deployment: Resource, body: Body, _new: bool) -> None:
    """Make what the deployment describes; one that is going to fail makes nothing."""
    properties = body["properties"]
    resources = expand(properties, call.parent.id)
    if call.operation_failure is None:
        for path, resource in resources:
            existing = call.backend.find(path)
            if existing is None or existing.kind.key == WORKSPACE.lower():
                call.backend.create(path, resource)
    deployment.known["made"] = [path for path, _ in resources]
    # A stored deployment shows neither its template nor what parameters may hold in secret.
    for name in ("template", "parameters"):
        properties.pop(name, None)
    properties["timestamp"] = stamp(call.now)
    properties["duration"] = _duration(0.0)
    properties["correlationId"] = guid("deployment", deployment.id, call.stamp)
    properties["outputResources"] = [{"id": path} for path, _ in resources]


def _finished(state: State, deployment: Resource, operation: Operation) -> None:
    body = deployment.body
    place(body, "properties.duration", _duration(operation.ends - operation.started))
    state.rewrite(deployment, body)


def _duration(seconds: float) -> str:
    """A time as the service writes it, `PT1M56.3454108S`; clients count on the fraction."""
    minutes, rest = divmod(seconds, 60)
    return f"PT{f'{minutes:.0f}M' if minutes else ''}{rest:.7f}S"


def _operations(_call: Call, deployment: Resource) -> Reply:
    """What a deployment has made so far, a line each."""
    state = deployment.stored["properties"]["provisioningState"]
    state = "Running" if deployment.pending is not None else state
    return reply({"value": [_operation(deployment, path, state) for path in deployment.known["made"]]})


def _operations_by_name(call: Call, holder: Resource) -> Reply:
    """The same below the path that clients of deployments ask for, which leaves the provider out."""
    group = holder.above(GROUP) or holder
    deployments = group.existing(group.kind.children[DEPLOYMENTS.path_key])
    deployment = deployments.find(holder.name) if deployments is not None else None
    if deployment is None:
        raise refusal(404, f"Deployment '{holder.name}' could not be found.", "DeploymentNotFound")
    return _operations(call, deployment)


def _operation(deployment: Resource, path: str, state: str) -> Body:
    unique = guid("operation", deployment.id, path).replace("-", "").upper()[:16]
    type_, _, name = path.rpartition("/providers/")[2].rpartition("/")
    properties = deployment.stored["properties"]
    return {
        "id": f"{deployment.id}/operations/{unique}",
        "operationId": unique,
        "properties": {
            "provisioningOperation": "Create",
            "provisioningState": state,
            "timestamp": properties["timestamp"],
            "duration": properties["duration"],
            "statusCode": "OK" if state == "Succeeded" else "Accepted",
            "targetResource": {"id": path, "resourceType": type_, "resourceName": name},
        },
    }


DEPLOYMENTS = Kind(
    type="Microsoft.Resources/deployments",
    below=GROUPS,
    segment="providers/Microsoft.Resources/deployments",
    noun="Deployment",
    stamped=False,
    provisions=True,
    long_running={"PUT": 60.0, "DELETE": 5.0},
    prepare=_prepare,
    accepted=_accept,
    finished=_finished,
)
BY_NAME = listing("deployments (of a group)", GROUPS, "deployments", "Deployment", None)
ROWS = (
    DEPLOYMENTS,
    BY_NAME,
    listing(f"{DEPLOYMENTS.type}/operations", DEPLOYMENTS.type, "operations", "Deployment operation", _operations),
    listing(f"{BY_NAME.type}/operations", BY_NAME.type, "operations", "Deployment operation", _operations_by_name),
)
"""Deployments, and their operations, which have a path of their own."""
