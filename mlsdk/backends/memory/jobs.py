"""Command jobs: what one needs, how it is stopped, changed and listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory import arm, job_references, job_services, lifecycle
from mlsdk.backends.memory.asset_lists import PAGING, archived_wanted
from mlsdk.backends.memory.bodies import dig, dig_object, dig_text, dig_texts
from mlsdk.backends.memory.errors import not_emulated, refusal, user_error
from mlsdk.backends.memory.kinds import in_workspace, name_rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.errors import ServiceError
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource

MAY_CHANGE = frozenset({"displayName", "description", "tags", "properties", "isArchived", "notificationSetting"})
"""What of a job can be changed once it was submitted."""
SET_BY_SERVICE = frozenset({"status", "services", "provisioningState", "outputs"})
"""What of a job the service completes, so that a body which echoes it says nothing."""
INPUTS = ("uri_file", "uri_folder", "mltable", "custom_model", "mlflow_model", "triton_model", "literal")
OUTPUTS = INPUTS[:-1]


def _prepare(call: Call, body: Body, existing: Resource | None) -> None:
    properties = body["properties"]
    for name in ("displayName", "description", "experimentName"):
        dig_text(properties, name)
    for name in ("tags", "properties", "environmentVariables"):
        dig_texts(properties, name)
    if not isinstance(properties.get("isArchived") or False, bool):
        raise refusal(400, "The request content was invalid: 'properties.isArchived' has to be true or false.")
    job_services.check(properties)
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
    _check_bindings(properties, "inputs", "jobInputType", INPUTS)
    _check_bindings(properties, "outputs", "jobOutputType", OUTPUTS)
    if "default" in dig_object(properties, "outputs"):
        raise not_emulated(400, "an output of a job that is called 'default'")
    job_references.check(call, properties)


def _check_bindings(properties: Body, name: str, key: str, types: tuple[str, ...]) -> None:
    """Every input and output says of which type it is."""
    for each, binding in dig_object(properties, name).items():
        if not isinstance(binding, dict):
            raise refusal(400, f"The request content was invalid: 'properties.{name}.{each}' has to be an object.")
        type_ = dig_text(binding, key)
        dig_text(binding, "uri")
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
    _check_bindings(properties, "outputs", "jobOutputType", OUTPUTS)
    for name, value in properties.items():
        if name not in MAY_CHANGE | SET_BY_SERVICE and not _agrees(stored.get(name), value):
            raise _defined_anew(call, name)
    outputs = {
        each: {**output, "uri": lifecycle.place(call, call.name or "", each, output)}
        for each, output in dig_object(properties, "outputs").items()
        if each != "default"
    }
    for name, agrees in (
        ("outputs", _agrees(stored["outputs"], outputs)),
        ("services", _agrees(job_services.asked_for(stored), job_services.asked_for(properties))),
    ):
        if not agrees:
            raise _defined_anew(call, name)
    for name in SET_BY_SERVICE:
        properties.pop(name, None)
    properties["properties"] = _added(stored.get("properties") or {}, dig_object(properties, "properties"))
    for name, value in stored.items():
        if properties.get(name) is None:
            properties[name] = value


def _defined_anew(call: Call, name: str) -> ServiceError:
    message = (
        f"A job with the name '{call.name}' exists already with another definition: "
        f"'{name}' cannot be changed. Submit it under another name."
    )
    return user_error(409, message)


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
    properties["tags"] = {**(properties.get("tags") or {}), **dig_texts(changes, "tags")}
    properties["properties"] = _added(properties.get("properties") or {}, dig_texts(changes, "properties"))
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
        lifecycle.stop_waiting(call.state, job)
        job.known["outcome"] = None
        if call.mode in ("sync", "body"):
            lifecycle.end(call.state, job, "Canceled", call.now)
    return arm.act(call, job, "cancel", seconds=5.0, status=200)


def _filter(call: Call) -> Callable[[Resource], bool] | None:
    """Which jobs a list shows: active or archived ones, of a type, with a tag."""
    for name, value in call.params.items():
        if name.lower() not in PAGING and name.lower() not in ("jobtype", "tag"):
            raise not_emulated(400, f"'{name}={value}' in a list of jobs, only 'listViewType', 'jobType' and 'tag'")
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


JOBS = in_workspace(
    "jobs",
    "Job",
    names=name_rule(r"[A-Za-z0-9][\w-]{0,254}", "1 to 255 letters, digits, - and _, a letter or digit first"),
    long_running={"DELETE": 5.0},
    words={"properties.queueSettings.jobTier": ("Null", "Spot", "Basic", "Standard", "Premium")},
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
    removed=lifecycle.stop_waiting,
    show=job_services.show,
    list_filter=_filter,
    actions={"POST cancel": _cancel},
)
