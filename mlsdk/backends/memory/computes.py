"""Computes: clusters that scale, instances that start and stop, and what is attached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory import nodes
from mlsdk.backends.memory.arm import act
from mlsdk.backends.memory.bodies import dig, dig_integer, dig_object, dig_text, merge, place
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.clock import stamp
from mlsdk.backends.memory.errors import refusal
from mlsdk.backends.memory.kinds import ML, Kind, name_rule
from mlsdk.backends.memory.sizes import size_of
from mlsdk.backends.memory.surroundings import identify
from mlsdk.backends.memory.versions import VERSIONS

if TYPE_CHECKING:
    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body, Stored
    from mlsdk.backends.memory.longrunning import Operation
    from mlsdk.backends.memory.state import Resource, State

TYPES = (
    "AmlCompute",
    "ComputeInstance",
    "Kubernetes",
    "AKS",
    "VirtualMachine",
    "SynapseSpark",
    "Databricks",
    "DataFactory",
    "DataLakeAnalytics",
    "HDInsight",
)
MANAGED = ("amlcompute", "computeinstance")
"""What the service runs itself; everything else is attached."""
NEEDS_RESOURCE = ("kubernetes", "virtualmachine", "synapsespark", "databricks", "hdinsight")
MAX_NODES = 65_000
INNER = "properties.properties"

TRANSITIONS = {
    "start": (("Stopped", "Failed"), "Starting", "Running"),
    "stop": (("Running",), "Stopping", "Stopped"),
    "restart": (("Running",), "Restarting", "Running"),
}
"""From which states an instance can go, through which, into which."""


def _type(body: Stored) -> str:
    return (dig_text(body, "properties.computeType") or "").lower()


def _prepare(call: Call, body: Body, existing: Resource | None) -> None:
    properties = body["properties"]
    dig_object(properties, "properties")
    if not body.get("location"):
        body["location"] = existing.body["location"] if existing is not None else call.region
    type_ = _type(body)
    if type_ in MANAGED:
        size = dig_text(body, f"{INNER}.vmSize")
        if size is None and existing is not None:
            size = dig(existing.stored, f"{INNER}.vmSize")
            place(body, f"{INNER}.vmSize", size)
        if size is None:
            message = f"Request is invalid and/or missing fields. The VmSize field is required ('{INNER}.vmSize')."
            raise refusal(400, message)
        size_of(size)
    if type_ in NEEDS_RESOURCE and not dig_text(properties, "resourceId"):
        message = (
            f"A compute of type {properties['computeType']} is attached: 'properties.resourceId' has to name what."
        )
        raise refusal(400, message)
    if type_ == "amlcompute":
        _check_scale(body)
    for computed in (*nodes.COMPUTED, "state", "lastOperation", "connectivityEndpoints", "applications", "errors"):
        dig_object(properties, "properties").pop(computed, None)


def _check_scale(body: Body) -> None:
    scale = dig_object(body, f"{INNER}.scaleSettings")
    lowest, highest = dig_integer(scale, "minNodeCount") or 0, dig_integer(scale, "maxNodeCount")
    if highest is None:
        highest = max(lowest, 4 if not scale else lowest)
    if not 0 <= lowest <= highest <= MAX_NODES:
        message = f"'scaleSettings' need 0 <= minNodeCount <= maxNodeCount <= {MAX_NODES}, not {lowest} and {highest}."
        raise refusal(400, message, "InvalidScaleSettings")
    settings = {"minNodeCount": lowest, "maxNodeCount": highest, "nodeIdleTimeBeforeScaleDown": "PT120S"}
    place(body, f"{INNER}.scaleSettings", {**settings, **{key: one for key, one in scale.items() if one is not None}})


def _amend(_call: Call, changes: Body, body: Body) -> Body:
    """A PATCH of a compute changes its scale settings and its identity's, the only things the service lets change."""
    before = dig(body, f"{INNER}.vmSize")
    if "tags" in changes:
        body["tags"] = changes.pop("tags") or {}
    merge(body, changes)
    if _type(body) == "amlcompute":
        dig_object(body, INNER)
        _check_scale(body)
    if dig(body, f"{INNER}.vmSize") != before:
        raise refusal(400, "Changing property 'vmSize' of a compute is not allowed.", "PropertyChangeNotAllowed")
    return body


def _accept(call: Call, compute: Resource, body: Body, new: bool) -> None:
    properties, now = body["properties"], stamp(call.now)
    type_ = _type(body)
    properties["isAttachedCompute"] = type_ not in MANAGED
    properties["createdOn"] = body["systemData"]["createdAt"]
    properties["modifiedOn"] = now
    properties.setdefault("provisioningErrors", None)
    properties["computeLocation"] = body["location"]
    inner = properties.setdefault("properties", {})
    if type_ == "amlcompute":
        for key, value in CLUSTER_DEFAULTS.items():
            if inner.get(key) is None:
                inner[key] = value
        nodes.resize(call, compute, inner, at_once=call.mode == "sync")
    elif type_ == "computeinstance":
        for key, value in INSTANCE_DEFAULTS.items():
            if inner.get(key) is None:
                inner[key] = value
        if new:
            compute.known["state"] = "Running" if call.mode == "sync" else "Creating"
            compute.known["lastOperation"] = _operation("Create", call.now)
    if "identity" in body:
        identify(call, compute, dig_object(body, "identity"))


CLUSTER_DEFAULTS: Body = {
    "osType": "Linux",
    "vmPriority": "Dedicated",
    "isolatedNetwork": False,
    "remoteLoginPortPublicAccess": "NotSpecified",
    "enableNodePublicIp": True,
}
INSTANCE_DEFAULTS: Body = {
    "applicationSharingPolicy": "Shared",
    "computeInstanceAuthorizationType": "personal",
    "enableNodePublicIp": True,
}


def _operation(name: str, now: float) -> Body:
    return {
        "operationName": name,
        "operationTime": stamp(now),
        "operationStatus": "Succeeded",
        "operationTrigger": "User",
    }


def _show(_state: State, compute: Resource, body: Body) -> None:
    inner = body["properties"]["properties"]
    known = compute.data or {}
    if "nodes" in known:
        inner.update(nodes.counts(known))
    if "state" in known:
        _show_instance(compute, body, inner, known)


def _show_instance(compute: Resource, body: Body, inner: Body, known: dict[str, Any]) -> None:
    state = known["state"]
    host = f"{compute.name.lower()}.{body['location']}.instances.azureml.ms"
    inner["state"] = state
    inner["lastOperation"] = known["lastOperation"]
    inner["errors"] = []
    user = body["systemData"]["createdBy"]
    inner["createdBy"] = {"userName": user, "userOrgId": "", "userId": ""}
    inner["applications"] = [
        {"displayName": name, "endpointUri": f"https://{path}{host}"}
        for name, path in (("Jupyter", ""), ("Jupyter Lab", ""), ("RStudio", "rstudio-"))
    ]
    if state == "Running":
        inner["connectivityEndpoints"] = {"privateIpAddress": "10.0.0.4", "publicIpAddress": "20.0.0.4"}
    ssh = inner.setdefault("sshSettings", {}) or {}
    ssh.setdefault("sshPublicAccess", "Disabled")
    if str(ssh["sshPublicAccess"]).lower() == "enabled":
        ssh.update(adminUserName="azureuser", sshPort=50_000)
    inner["sshSettings"] = ssh


def _finished(_state: State, compute: Resource, operation: Operation) -> None:
    known = compute.known
    if operation.verb in TRANSITIONS:
        known["state"] = TRANSITIONS[operation.verb][2]
        known["lastOperation"] = _operation(operation.verb.title(), operation.ends)
    elif known.get("state") == "Creating":
        known["state"] = "Running"
    if "nodes" in known:
        nodes.reached(known)


def _transition(verb: str) -> Any:
    allowed, through, _ = TRANSITIONS[verb]

    def carry_out(call: Call, compute: Resource) -> Reply:
        state = compute.known.get("state")
        if state is None:
            message = f"Compute '{compute.name}' is not a compute instance: it cannot be asked to {verb}."
            raise refusal(400, message, "InvalidOperation")
        if state not in allowed:
            message = f"Compute instance '{compute.name}' is {state}: to {verb} it has to be {' or '.join(allowed)}."
            raise refusal(409, message)
        compute.known["state"] = through
        return act(call, compute, verb, seconds=30.0)

    return carry_out


def _keys(_call: Call, compute: Resource) -> Reply:
    """The secrets of an attached compute."""
    body = compute.body
    found: Body = {"computeType": body["properties"]["computeType"]}
    for path, secret in compute.known.get("secrets", {}).items():
        place(found, path.removeprefix(f"{INNER}."), secret)
    return reply(found)


def _single_sign_on(call: Call, compute: Resource) -> Reply:
    """Turn single sign-on of an instance on or off."""
    wanted = call.json().get("enableSSO")
    if not isinstance(wanted, bool):
        raise refusal(400, "The request content was invalid: 'enableSSO' has to be true or false.")
    body = compute.body
    place(body, f"{INNER}.enableSSO", wanted)
    call.state.rewrite(compute, body)
    return call.answer(compute)


def _remove(call: Call, compute: Resource) -> None:
    action = call.param("underlyingResourceAction")
    if action is None or action.lower() not in ("delete", "detach"):
        message = f"'underlyingResourceAction' has to be Delete or Detach, not {action!r}."
        raise refusal(400, message, "InvalidParameter")
    type_ = _type(compute.stored)
    if action.lower() == "detach" and type_ in MANAGED:
        message = (
            f"Compute '{compute.name}' is of a type that the service runs itself: it can be deleted, not detached."
        )
        raise refusal(400, message, "InvalidOperation")


TYPED = {
    "enableNodePublicIp": "boolean",
    "idleTimeBeforeShutdown": "text",
    "schedules": "object",
    "schedules.computeStartStop": "list",
    "setupScripts": "object",
    "setupScripts.scripts": "object",
    "subnet": "object",
    "subnet.id": "text",
    "userAccountCredentials": "object",
    "userAccountCredentials.adminUserName": "text",
    "userAccountCredentials.adminUserPassword": "text",
    "administratorAccount": "object",
    "administratorAccount.username": "text",
    "administratorAccount.password": "text",
    "sshPort": "number",
    "sshSettings": "object",
    "sshSettings.sshPublicAccess": "text",
    "sshSettings.adminPublicKey": "text",
    "scaleSettings": "object",
    "scaleSettings.nodeIdleTimeBeforeScaleDown": "text",
}
"""What the inner properties of computes are, by dotted path."""


def _named_by_job(call: Call, workspace: Resource, kind: Kind, name: str) -> Resource | None:
    """The cluster that a job names, made by a backend that makes what is first referred to."""
    if not call.backend.provision or kind.names.pattern.fullmatch(name) is None:
        return None
    call.backend.add_compute(workspace.id, name)
    return workspace.collection(kind).find(name)


COMPUTES = Kind(
    type=f"{ML}/workspaces/computes",
    below=f"{ML}/workspaces",
    segment="computes",
    noun="Compute",
    names=name_rule(
        r"[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9\-]{2,23}",
        "3 to 24 letters, digits and hyphens, a letter first, and not ending in a hyphen and digits",
    ),
    methods=frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"}),
    api_versions=VERSIONS,
    located=True,
    provisions=True,
    missing=_named_by_job,
    long_running={"PUT": 120.0, "PATCH": 60.0, "DELETE": 60.0},
    required=("properties.computeType",),
    types={
        **{f"properties.{name}": "text" for name in ("computeType", "description", "resourceId")},
        "properties.disableLocalAuth": "boolean",
        **{f"{INNER}.{path}": type_ for path, type_ in TYPED.items()},
    },
    words={
        "properties.computeType": TYPES,
        f"{INNER}.vmPriority": ("Dedicated", "LowPriority"),
        f"{INNER}.osType": ("Linux", "Windows"),
        f"{INNER}.remoteLoginPortPublicAccess": ("Enabled", "Disabled", "NotSpecified"),
        f"{INNER}.applicationSharingPolicy": ("Personal", "Shared"),
    },
    immutable=("properties.computeType", "properties.resourceId", f"{INNER}.vmSize", f"{INNER}.vmPriority"),
    defaults={INNER: {}},
    secrets=(
        f"{INNER}.userAccountCredentials.adminUserPassword",
        f"{INNER}.administratorAccount.password",
        f"{INNER}.administratorAccount.privateKeyData",
        f"{INNER}.databricksAccessToken",
    ),
    prepare=_prepare,
    amend=_amend,
    accepted=_accept,
    finished=_finished,
    remove=_remove,
    show=_show,
    actions={
        "POST start": _transition("start"),
        "POST stop": _transition("stop"),
        "POST restart": _transition("restart"),
        "POST listnodes": nodes.list_nodes,
        "POST listkeys": _keys,
        "POST enablesso": _single_sign_on,
    },
)
