"""Long-running operations: how a request that takes time is answered, polled and brought to its end."""

from __future__ import annotations

import heapq
import math
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import attrs

from mlsdk.backends import Reply
from mlsdk.backends.memory.bodies import place, twin
from mlsdk.backends.memory.clock import stamp
from mlsdk.backends.memory.errors import ServiceError, refusal
from mlsdk.backends.memory.state import Resource

if TYPE_CHECKING:
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.state import State

Mode = Literal["sync", "async", "location", "body"]
MODES: tuple[Mode, ...] = ("sync", "async", "location", "body")

REMEMBERED = 1000
"""How many operations that have ended can still be asked for."""

VERBS = {"PUT": "Creating", "PATCH": "Updating", "DELETE": "Deleting"}


@attrs.frozen
class Operation:
    """One operation that takes time: what it does, to what, until when, and how it ends."""

    id: str
    verb: str
    """`PUT`, `PATCH`, `DELETE`, or the name of an action in lower case."""
    resource: Resource = attrs.field(repr=False)
    started: float
    ends: float
    status: str = "InProgress"
    result: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    """The answer of an action that has one."""
    error: dict[str, Any] | None = None
    """`{"code": …, "message": …}` when it is going to fail."""
    announced: bool = True
    """Whether its address was given out; else it is forgotten when it ends."""

    def ended(self) -> Operation:
        """The same operation at its end."""
        return attrs.evolve(self, status="Failed" if self.error else "Succeeded")  # noqa: TID251 -- not an entity


def begin(
    call: Call,
    resource: Resource,
    verb: str,
    *,
    seconds: float,
    result: Any = None,
    announced: bool = True,
) -> Operation:
    """Start an operation on a resource."""
    state, now = call.state, call.now
    length = call.backend.operation_length(seconds)
    failure = call.operation_failure
    operation = Operation(
        uuid.uuid4().hex,
        verb,
        resource,
        now,
        now + length,
        result=result,
        error={"code": failure.code, "message": failure.message} if failure else None,
        announced=announced,
    )
    state.operations[operation.id] = operation
    heapq.heappush(state.due, (operation.ends, state.next(), operation.id))
    return operation


def hold(state: State, resource: Resource, now: float, seconds: float) -> str:
    """Have a resource removed for good after a time; gives the id under which that can be called off."""
    operation = Operation(uuid.uuid4().hex, "DELETE", resource, now, now + seconds, announced=False)
    state.operations[operation.id] = operation
    heapq.heappush(state.due, (operation.ends, state.next(), operation.id))
    return operation.id


def schedule(state: State, resource: Resource, verb: str, now: float, seconds: float) -> None:
    """Have the kind of a resource told, by its `finished`, when a time is over; nobody can ask for it."""
    operation = Operation(uuid.uuid4().hex, verb, resource, now, now + seconds, announced=False)
    state.operations[operation.id] = operation
    heapq.heappush(state.due, (operation.ends, state.next(), operation.id))


def settle(state: State, now: float) -> None:
    """Bring every operation to its end whose time has come."""
    while state.due and state.due[0][0] <= now:
        _, _, operation_id = heapq.heappop(state.due)
        operation = state.operations.pop(operation_id, None)
        if operation is None:
            continue
        ended = operation.ended()
        if ended.announced:
            state.ended[operation_id] = ended
            while len(state.ended) > REMEMBERED:
                del state.ended[next(iter(state.ended))]
        _finish(state, ended)


def _finish(state: State, operation: Operation) -> None:
    resource = operation.resource
    kind = resource.kind
    collection = resource.parent.existing(kind) if resource.parent is not None else None
    if collection is None or collection.find(resource.name) is not resource:
        return
    resource.pending = None
    if operation.verb == "DELETE" and operation.error is None:
        remove(state, resource, operation.ends)
        return
    if kind.provisions and operation.verb in VERBS:
        body = resource.body
        place(body, "properties.provisioningState", operation.status)
        state.rewrite(resource, body)
    if kind.finished is not None and operation.error is None:
        kind.finished(state, resource, operation)


def remove(state: State, resource: Resource, now: float) -> None:
    """Complete a deletion: the resource is hidden where its kind has a soft delete, else forgotten."""
    if resource.kind.hide is None or not resource.kind.hide(state, resource, now):
        forget(state, resource)


def forget(state: State, resource: Resource) -> None:
    """Remove a resource and everything below it from the state."""
    parent = resource.parent
    if parent is None:
        return
    for gone in [*resource.descendants(), resource]:
        if gone.kind.removed is not None:
            gone.kind.removed(state, gone)
    parent.collection(resource.kind).remove(resource)


def retry_after(call: Call, operation: Operation) -> dict[str, str]:
    """When to look again: when the operation is going to be done, so that nobody polls a clock of days in vain."""
    return {"x-ms-retry-after-ms": str(max(10, math.ceil((operation.ends - call.now) * 1000)))}


def headers(call: Call, operation: Operation, mode: Mode) -> dict[str, str]:
    """The polling headers a mode gives out."""
    base = f"{call.base}/subscriptions/{call.subscription}/providers/Microsoft.MachineLearningServices"
    where = f"{base}/locations/{call.region}"
    query = f"?api-version={call.api_version}"
    status_url = f"{where}/operationStatuses/{operation.id}{query}"
    result_url = f"{where}/operationResults/{operation.id}{query}"
    found = retry_after(call, operation)
    if mode == "async":
        found["azure-asyncoperation"] = status_url
        # Without it a client takes the status for the result of an action that has none.
        if operation.verb not in VERBS:
            found["location"] = result_url
    elif mode == "location":
        found["location"] = result_url
    return found


def status_reply(call: Call, operation_id: str) -> Reply:
    """What the address in `Azure-AsyncOperation` answers."""
    operation = _known(call, operation_id)
    body: dict[str, Any] = {"id": call.path, "name": operation.id, "status": operation.status}
    body["startTime"] = stamp(operation.started)
    if operation.status == "InProgress":
        return Reply(200, body, {**JSON_HEADERS, **retry_after(call, operation)})
    body["endTime"] = stamp(operation.ends)
    body["percentComplete"] = 100.0
    if operation.error is not None:
        body["error"] = operation.error
    elif operation.result is not None:
        body["properties"] = twin(operation.result)
    return Reply(200, body, JSON_HEADERS)


def result_reply(call: Call, operation_id: str) -> Reply:
    """What the address in `Location` answers: 202 while running, then the resource, the result or nothing."""
    operation = _known(call, operation_id)
    if operation.status == "InProgress":
        again = f"{call.base}{call.path}?api-version={call.api_version}"
        return Reply(202, None, {"location": again, **retry_after(call, operation)})
    if operation.error is not None:
        raise ServiceError(409, operation.error["code"], operation.error["message"])
    if operation.result is not None:
        return Reply(200, twin(operation.result), JSON_HEADERS)
    if operation.verb in ("PUT", "PATCH"):
        return Reply(200, call.shown(operation.resource), JSON_HEADERS)
    return Reply(204, None, {})


def _known(call: Call, operation_id: str) -> Operation:
    operation = call.state.operations.get(operation_id) or call.state.ended.get(operation_id)
    if operation is None:
        raise refusal(404, f"The operation '{operation_id}' was not found.", "OperationNotFound")
    return operation


JSON_HEADERS = {"content-type": "application/json"}
