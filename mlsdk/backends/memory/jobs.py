"""Jobs, the row of the table; what they need is imported with the first one, as most programs submit none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsdk.backends.memory.kinds import in_workspace, name_rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.longrunning import Operation
    from mlsdk.backends.memory.state import Resource, State


def _prepare(call: Call, body: Body, existing: Resource | None) -> None:
    from mlsdk.backends.memory import job_requests

    job_requests.prepare(call, body, existing)


def _accept(call: Call, job: Resource, body: Body, new: bool) -> None:
    from mlsdk.backends.memory import job_requests

    job_requests.accept(call, job, body, new)


def _finished(state: State, job: Resource, operation: Operation) -> None:
    from mlsdk.backends.memory import lifecycle

    lifecycle.advance(state, job, operation)


def _remove(call: Call, job: Resource) -> None:
    from mlsdk.backends.memory import job_requests

    job_requests.remove(call, job)


def _removed(state: State, job: Resource) -> None:
    from mlsdk.backends.memory import lifecycle

    lifecycle.forget(state, job)


def _show(state: State, job: Resource, body: Body) -> None:
    from mlsdk.backends.memory import job_services

    job_services.show(state, job, body)


def _list_filter(call: Call) -> Callable[[Resource], bool] | None:
    from mlsdk.backends.memory import job_requests

    return job_requests.list_filter(call)


def _cancel(call: Call, job: Resource) -> Reply:
    from mlsdk.backends.memory import job_requests

    return job_requests.cancel(call, job)


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
        "properties.outputs": {},
    },
    prepare=_prepare,
    accepted=_accept,
    finished=_finished,
    remove=_remove,
    removed=_removed,
    show=_show,
    list_filter=_list_filter,
    actions={"POST cancel": _cancel},
)
