"""What becomes of requests for jobs: how one is submitted, stopped, changed and listed, whatever its type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory import arm, families, job_bindings, job_files, job_services, job_types, lifecycle
from mlsdk.backends.memory.asset_lists import PAGING, archived_wanted, carries
from mlsdk.backends.memory.bodies import dig_object, dig_text, dig_texts
from mlsdk.backends.memory.errors import not_emulated, refusal, user_error

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

WITH_INPUTS = ("Command", "Pipeline", "Spark", "Sweep")
"""The types of job that have inputs by name."""
FILTERS = ("jobtype", "tag", "properties")
"""What a list of jobs can be narrowed by, in lower case, beside what every list knows."""


def prepare(call: Call, body: Body, existing: Resource | None) -> None:
    """The body of a job is one that the service would take: ServiceError says what is not."""
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
    job_types.check(call, properties)


def _keep(call: Call, properties: Body, existing: Resource) -> None:
    """A job that was submitted keeps its definition; ServiceError (409) when a PUT would define it anew."""
    stored = existing.body["properties"]
    job_bindings.check_outputs(dig_object(properties, "outputs"), "outputs")
    for name, value in properties.items():
        if name not in MAY_CHANGE | SET_BY_SERVICE and not _agrees(stored.get(name), value):
            raise _defined_anew(call, name)
    outputs = {
        each: {**output, "uri": job_files.place(call.parent, call.name or "", each, output)}
        if output.get("uri")
        else output
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


def accept(call: Call, job: Resource, body: Body, new: bool) -> None:
    """Submit a job that is new; of one that is there, what may change has been changed."""
    properties = body["properties"]
    job.archived = bool(properties["isArchived"])
    if not new:
        return
    for name, default in (("displayName", job.name), ("experimentName", "Default")):
        properties[name] = properties.get(name) or default
    if properties["jobType"] in WITH_INPUTS:
        properties["inputs"] = properties.get("inputs") or {}
    lifecycle.submit(call, job, body)


def cancel(call: Call, job: Resource) -> Reply:
    """Stop a job; one that has ended stays as it is."""
    if "live" in job.known:
        call.backend.lead().cancel(job)
    elif job.known["status"] not in families.ENDED:
        lifecycle.tell(job, "CancelRequested", call.now)
        lifecycle.stop_waiting(call.state, job)
        job.known["outcome"] = None
        if call.mode in ("sync", "body"):
            lifecycle.end(call.state, job, "Canceled", call.now)
    return arm.act(call, job, "cancel", seconds=5.0, status=200)


def list_filter(call: Call) -> Callable[[Resource], bool] | None:
    """Which jobs a list shows: active or archived ones, of a type, with a tag, with properties."""
    for name, value in call.params.items():
        if name.lower() not in PAGING and name.lower() not in FILTERS:
            raise not_emulated(400, f"'{name}={value}' in a list of jobs, only 'listViewType', {_quoted(FILTERS)}")
    archived, type_, tag = archived_wanted(call), call.param("jobType"), call.param("tag")
    wanted = call.param("properties")

    def matches(job: Resource) -> bool:
        properties = job.stored["properties"]
        tags = properties.get("tags") or {}
        return (
            archived in (None, job.archived)
            and (type_ is None or properties["jobType"].lower() == type_.lower())
            and (tag is None or tag in tags or tag in (f"{key}={value}" for key, value in tags.items()))
            and (wanted is None or carries(job, "properties", wanted))
        )

    return matches


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def remove(call: Call, job: Resource) -> None:
    """A job that really runs is stopped first. One that another one is made of goes with that one only: ServiceError (400)."""
    above = (job.data or {}).get("above")
    if above is not None:
        raise not_emulated(400, f"deleting '{job.name}' without the job '{above}' that it is a part of")
    if "live" in job.known:
        call.backend.lead().cancel(job)
