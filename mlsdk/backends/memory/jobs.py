"""Command jobs: what one needs, how it is stopped, changed and listed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory import arm, lifecycle
from mlsdk.backends.memory.bodies import dig, dig_object, dig_text
from mlsdk.backends.memory.errors import ServiceError, not_emulated, user_error
from mlsdk.backends.memory.kinds import ML, Kind, name_rule
from mlsdk.backends.memory.versioned import archived_wanted, latest
from mlsdk.backends.memory.versions import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource

REFERENCES = {
    "codeId": ("Code", "codes"),
    "environmentId": ("Environment", "environments"),
    "computeId": ("Compute", "computes"),
    "componentId": ("Component", "components"),
}
"""What a job refers to: what messages call it, and its part of the path."""
MAY_CHANGE = frozenset({"displayName", "description", "tags", "properties", "isArchived", "notificationSetting"})
"""What of a job can be changed once it was submitted."""
SET_BY_SERVICE = frozenset({"status", "services", "provisioningState", "outputs"})
"""What of a job the service completes, so that a body which echoes it says nothing."""
INPUTS = ("uri_file", "uri_folder", "mltable", "custom_model", "mlflow_model", "triton_model", "literal")
OUTPUTS = INPUTS[:-1]
FROM_REGISTRY = re.compile(r"azureml://registries/(?P<registry>[^/]+)/(?P<rest>.+)", re.IGNORECASE)
SHORT = re.compile(r"(?P<name>[^/:@]+)(?::(?P<version>[^/:@]+)|@(?P<label>[^/:@]+))")
LABEL = re.compile(r"(?P<container>.+)/labels/(?P<label>[^/]+)", re.IGNORECASE)


def _prepare(call: Call, body: Body, existing: Resource | None) -> None:
    properties = body["properties"]
    if existing is not None:
        _keep(call, properties, existing)
        return
    type_ = dig_text(properties, "jobType")
    if type_ is None:
        raise user_error(
            400, "Request is invalid and/or missing fields. The JobType field is required ('properties.jobType')."
        )
    if type_.lower() != "command":
        raise not_emulated(400, f"jobs of type '{type_}', only of type 'Command'")
    properties["jobType"] = "Command"
    for name in ("command", "environmentId"):
        if not dig_text(properties, name):
            label = f"{name[:1].upper()}{name[1:]}"
            message = f"Request is invalid and/or missing fields. The {label} field is required ('properties.{name}')."
            raise user_error(400, message)
    # What the client makes of the compute `local`.
    if dig(properties, "resources.properties.IsLocal") or (dig_text(properties, "computeId") or "").lower() == "local":
        raise not_emulated(400, "jobs on the computer of the caller (compute 'local')")
    for name in REFERENCES:
        reference = dig_text(properties, name)
        if reference:
            _check_reference(call, name, reference)
    _check_bindings(properties, "inputs", "jobInputType", INPUTS)
    _check_bindings(properties, "outputs", "jobOutputType", OUTPUTS)


def _check_reference(call: Call, name: str, reference: str) -> None:
    """What a job refers to has to exist: ServiceError (400)."""
    noun, plural = REFERENCES[name]
    if name == "computeId" and reference.lower() == "serverless":
        return
    path = _path(call, plural, reference)
    labelled = LABEL.fullmatch(path) if path is not None else None
    try:
        found = arm.reach(call, labelled["container"] if labelled is not None else path) if path is not None else None
    except ServiceError as error:
        if error.status != 404:
            raise
        found = None
    if found is not None and labelled is not None:
        found = latest(found)
    if found is None and path is not None and name == "computeId" and call.backend.provision:
        workspace, _, compute = path.rpartition("/computes/")
        call.backend.add_compute(workspace, compute)
    elif found is None:
        message = f"{noun} '{reference}' not found, which the job '{call.name}' names in 'properties.{name}'."
        raise user_error(400, message, inner="NotFoundError")


def _path(call: Call, plural: str, reference: str) -> str | None:
    """The path of what is referred to; None where it is in a registry that does not exist, or nothing of that form.

    Three forms are known: the id of a resource, that of an asset in a registry, and `azureml:name:version` (`name@label`).
    """
    matched = FROM_REGISTRY.fullmatch(reference)
    if matched is not None:
        registry = call.backend.registry(matched["registry"])
        return f"{registry.id}/{matched['rest']}" if registry is not None else None
    reference = reference.removeprefix("azureml:")
    if reference.startswith("/"):
        return reference
    if plural == "computes":
        return f"{call.parent.id}/computes/{reference}"
    short = SHORT.fullmatch(reference)
    if short is None:
        return None
    ending = f"versions/{short['version']}" if short["version"] else f"labels/{short['label']}"
    return f"{call.parent.id}/{plural}/{short['name']}/{ending}"


def _check_bindings(properties: Body, name: str, key: str, types: tuple[str, ...]) -> None:
    """Every input and output says of which type it is."""
    for each in dig_object(properties, name):
        binding = dig_object(properties[name], each)
        type_ = dig_text(binding, key)
        if (type_ or "").lower() not in types:
            field = f"{name}.{each}.{key}"
            message = (
                f"The value provided is not a valid enum value. Field: {field}. Allowed values: {','.join(types)}."
            )
            raise user_error(400, message)
        if name == "inputs" and binding.get("uri" if str(type_).lower() != "literal" else "value") is None:
            what = "Uri" if str(type_).lower() != "literal" else "Value"
            message = f"Request is invalid and/or missing fields. The {what} field is required ('{name}.{each}')."
            raise user_error(400, message)


def _keep(call: Call, properties: Body, existing: Resource) -> None:
    """A job that was submitted keeps its definition; ServiceError (409) when a PUT would define it anew."""
    stored = existing.body["properties"]
    for name, value in properties.items():
        if name not in MAY_CHANGE | SET_BY_SERVICE and not _agrees(stored.get(name), value):
            message = (
                f"A job with the name '{call.name}' exists already with another definition: "
                f"'{name}' cannot be changed. Submit it under another name."
            )
            raise user_error(409, message)
    for name in SET_BY_SERVICE:
        properties.pop(name, None)
    properties["properties"] = _added(stored.get("properties") or {}, dig_object(properties, "properties"))
    for name, value in stored.items():
        if properties.get(name) is None:
            properties[name] = value


def _agrees(old: Any, new: Any) -> bool:
    """Whether `new` says nothing else than `old`, what it leaves out counting as the same."""
    if new is None:
        return True
    if isinstance(old, dict) and isinstance(new, dict):
        return all(_agrees(old.get(key), value) for key, value in new.items())
    return bool(old == new) or (isinstance(old, str) and isinstance(new, str) and old.lower() == new.lower())


def _added(kept: Body, added: Body) -> Body:
    """Properties can be added to, never changed or removed: ServiceError (400)."""
    for name, value in kept.items():
        if name in added and added[name] != value:
            message = (
                f"Property '{name}' is already set to '{value}': properties can be added, never changed or removed."
            )
            raise user_error(400, message)
    return {**kept, **added}


def change(call: Call, job: Resource, changes: Body) -> None:
    """What run history lets change of a job: its texts, its tags and properties, which are added to, its being hidden."""
    body = job.body
    properties = body["properties"]
    for name in ("displayName", "description"):
        text = dig_text(changes, name)
        if text is not None:
            properties[name] = text
    properties["tags"] = {**(properties.get("tags") or {}), **dig_object(changes, "tags")}
    properties["properties"] = _added(properties.get("properties") or {}, dig_object(changes, "properties"))
    hidden = changes.get("hidden")
    if hidden is not None:
        properties["isArchived"] = job.archived = bool(hidden)
    call.state.rewrite(job, body)


def _accept(call: Call, job: Resource, body: Body, new: bool) -> None:
    properties = body["properties"]
    job.archived = bool(properties["isArchived"])
    if not new:
        return
    for name, default in (("displayName", job.name), ("experimentName", "Default")):
        properties[name] = properties.get(name) or default
    lifecycle.submit(call, job, body)


def _cancel(call: Call, job: Resource) -> Reply:
    """Stop a job; one that has ended stays as it is."""
    if job.known["status"] not in lifecycle.ENDED:
        lifecycle.tell(job, "CancelRequested", call.now)
        job.known["outcome"] = None
        if call.mode in ("sync", "body"):
            lifecycle.end(call.state, job, "Canceled", call.now)
    return arm.act(call, job, "cancel", seconds=5.0, status=200)


def _filter(call: Call) -> Callable[[Resource], bool] | None:
    """Which jobs a list shows: active or archived ones, of a type, with a tag."""
    for name in ("scheduled", "scheduleId", "properties", "assetName"):
        if call.param(name) is not None:
            raise not_emulated(
                400, f"'{name}={call.param(name)}' in a list of jobs, only 'listViewType', 'jobType' and 'tag'"
            )
    archived, type_, tag = archived_wanted(call), call.param("jobType"), call.param("tag")

    def matches(job: Resource) -> bool:
        properties = job.stored["properties"]
        tags = properties.get("tags") or {}
        return (
            archived in (None, job.archived)
            and (type_ is None or properties["jobType"].lower() == type_.lower())
            and (tag is None or tag in tags or tag in (f"{key}={value}" for key, value in tags.items()))
        )

    return matches


JOBS = Kind(
    type=f"{ML}/workspaces/jobs",
    below=f"{ML}/workspaces",
    segment="jobs",
    noun="Job",
    front="ml",
    names=name_rule(r"[A-Za-z0-9][\w-]{0,254}", "1 to 255 letters, digits, - and _, a letter or digit first"),
    api_versions=VERSIONS,
    needs_storage=True,
    long_running={"DELETE": 5.0},
    newest_first=True,
    defaults={
        "properties.tags": {},
        "properties.properties": {},
        "properties.isArchived": False,
        "properties.inputs": {},
        "properties.outputs": {},
    },
    prepare=_prepare,
    accepted=_accept,
    finished=lifecycle.advance,
    show=lifecycle.show,
    list_filter=_filter,
    actions={"POST cancel": _cancel},
)
