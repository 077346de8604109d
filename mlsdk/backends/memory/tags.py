"""The tags of a resource, a group or a subscription under a path of their own: `{id}/providers/Microsoft.Resources/tags`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsdk.backends.memory.bodies import dig_object, dig_text
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.checks import check_idle
from mlsdk.backends.memory.errors import ServiceError, not_emulated, refusal
from mlsdk.backends.memory.resource_lists import SUBSCRIPTION

if TYPE_CHECKING:
    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource

SEGMENT = "microsoft.resources/tags"
OPERATIONS = ("replace", "merge", "delete")


def answer(call: Call, resource: Resource) -> Reply:
    """Read, replace, change or remove the tags of a resource."""
    if not resource.kind.located and resource.kind.key != SUBSCRIPTION:
        raise not_emulated(400, f"tags of a {resource.kind.type} under '{SEGMENT}'")
    body = resource.body
    tags = dig_object(body, "tags")
    if call.method != "GET":
        tags = _changed(call, tags)
        check_idle(resource)
        body["tags"] = tags
        call.state.rewrite(resource, body)
    id_ = f"{resource.id}/providers/Microsoft.Resources/tags/default"
    return reply({"id": id_, "name": "default", "type": "Microsoft.Resources/tags", "properties": {"tags": tags}})


def _changed(call: Call, tags: Body) -> Body:
    if call.method == "DELETE":
        return {}
    if call.method not in ("PUT", "PATCH"):
        message = f"The memory backend does not emulate {call.method} of '{call.path}'."
        raise ServiceError(405, "MethodNotAllowed", message)
    body = call.json()
    given = dig_object(body, "properties.tags")
    for name, value in given.items():
        if not isinstance(value, str):
            raise refusal(400, f"The tag '{name}' has to be text, not {value!r}.", "InvalidTagValue")
    operation = (dig_text(body, "operation") or "").lower() if call.method == "PATCH" else "replace"
    if operation not in OPERATIONS:
        raise refusal(400, f"'operation' has to be Replace, Merge or Delete, not '{operation}'.", "InvalidParameter")
    if operation == "replace":
        return given
    if operation == "merge":
        return {**tags, **given}
    return {name: value for name, value in tags.items() if given.get(name) != value}
