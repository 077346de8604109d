"""What Azure Resource Manager does for every kind of resource: find, create, change, delete, list; written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.backends import Reply
from mlsdk.backends.memory import longrunning, tags
from mlsdk.backends.memory.bodies import complete, dig, dig_object, merge, place
from mlsdk.backends.memory.calls import Call, etag, reply
from mlsdk.backends.memory.checks import (
    check_conditions,
    check_idle,
    check_immutable,
    check_location,
    check_types,
    check_words,
    hide_secrets,
    missing_field,
)
from mlsdk.backends.memory.errors import ServiceError, not_emulated, refusal, resource_not_found, user_error
from mlsdk.backends.memory.paging import page
from mlsdk.backends.memory.state import Collection, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsdk.backends.memory.kinds import Body, Kind, Stored

READ_ONLY = ("id", "name", "type", "systemData", "etag")
METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "POST")


def carry_out(call: Call) -> Reply:
    """Answer a request by its path below Azure Resource Manager (or the front end that shares its paths)."""
    # Clients of resources of any type leave a gap where nothing stands between a provider and the type.
    parts = call.parts = call.path.strip("/").replace("//", "/").split("/")
    if call.method not in METHODS:
        raise _not_allowed(call)
    node, kind, position, count = call.state.root, call.state.root.kind, 0, len(parts)
    while True:
        word = parts[position].lower()
        if word == "providers" and position + 2 < count:
            word = f"{parts[position + 1]}/{parts[position + 2]}".lower()
            position += 2
        child = kind.children.get(word)
        position += 1
        if child is None:
            if word == tags.SEGMENT and [one.lower() for one in parts[position:]] == ["default"]:
                return _tags(call, node)
            return _act(call, node, word, last=position == count)
        if kind.enter is not None:
            kind.enter(call, node, child)
        call.kind, call.parent = child, node
        if position == count:
            _check_version(call)
            return _on_collection(call)
        name = parts[position]
        position += 1
        if position == count:
            call.name = name
            _check_version(call)
            return _on_resource(call)
        node, kind = _step(call, node, child, name), child


def steps(parts: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """What the parts of a path name from the root downwards: the word of a kind in lower case, and a name.

    The word of a provider's own kind begins with the provider; the name is None where the path ends without one.
    """
    position, count = 0, len(parts)
    while position < count:
        word = parts[position].lower()
        if word == "providers" and position + 2 < count:
            word = f"{parts[position + 1]}/{parts[position + 2]}".lower()
            position += 2
        yield word, parts[position + 1] if position + 1 < count else None
        position += 2


def reach(call: Call, path: str) -> Resource:
    """The stored resource of a path, as a read of it would find it; ServiceError (404) when there is none.

    What is asked for on the way is made or filled in as by a request of its own, so that what a request refers to counts as
    referred to.
    """
    look = call.asking(path)
    node = look.state.root
    for word, name in steps(look.parts):
        kind = node.kind.children.get(word)
        if kind is None or name is None:
            raise not_emulated(
                400, f"the path '{path}': nothing is known of '{word}' below {node.kind.type or 'the root'}"
            )
        if node.kind.enter is not None:
            node.kind.enter(look, node, kind)
        node = _step(look, node, kind, name)
    if node.kind.guard is not None:
        node.kind.guard(look, node)
    return node


def _step(call: Call, node: Resource, kind: Kind, name: str) -> Resource:
    """The resource on the way to what is wanted; ServiceError (404) when it is not there."""
    if kind.passing:
        return Resource(kind, node, name, kind.new_id(node, name))
    collection = touch(call, node, kind)
    found = collection.find(name)
    if found is None and kind.missing is not None:
        found = kind.missing(call, node, kind, name)
    if found is None:
        raise absent(call, node, kind, name)
    return found


def touch(call: Call, node: Resource, kind: Kind) -> Collection:
    """The collection of a kind below a resource, filled with what the service itself puts there."""
    collection = node.existing(kind)
    if collection is None:
        collection = node.collection(kind)
        if kind.seed is not None and node.number:
            kind.seed(call.state, node, kind, call.now)
    return collection


def absent(call: Call, node: Resource, kind: Kind, name: str) -> ServiceError:
    """The error for a resource that does not exist, in the words of whoever answers for it."""
    if kind.front == "ml":
        container = f"{node.kind.noun.lower()} '{node.name}'"
        home = node.above("microsoft.machinelearningservices/workspaces") or node.above(
            "microsoft.machinelearningservices/registries",
        )
        where = f" in {home.kind.noun.lower()} '{home.name}'" if home is not None and home is not node else ""
        return user_error(404, f"{kind.noun} '{name}' not found in {container}{where}.")
    resource = kind.new_id(node, name).rpartition("/providers/")[2]
    return resource_not_found(resource, call.group)


def _check_version(call: Call) -> None:
    version = call.api_version
    if not version:
        raise refusal(
            400,
            "The api-version query parameter (?api-version=) is required for all requests.",
            "MissingApiVersionParameter",
        )
    known = call.kind.api_versions
    if known is not None:
        if version not in known:
            raise refusal(
                400,
                f"No registered resource provider found for API version '{version}' for type '{call.kind.type}'. "
                f"The memory backend emulates these api-versions: '{', '.join(sorted(known))}'.",
                "NoRegisteredProviderFound",
            )
    elif len(version) < 10 or version[4] != "-":
        raise refusal(400, f"The api-version '{version}' is invalid.", "InvalidApiVersionParameter")


def _not_allowed(call: Call) -> ServiceError:
    return ServiceError(405, "MethodNotAllowed", f"The memory backend does not emulate {call.method} of '{call.path}'.")


def _act(call: Call, node: Resource, word: str, *, last: bool) -> Reply:
    """Carry out an action (`POST …/listKeys`), or say that there is nothing of that name."""
    actions = node.kind.actions
    action = actions.get(f"{call.method} {word}") if last else None
    if action is None:
        if last and any(known.endswith(f" {word}") for known in actions):
            raise _not_allowed(call)
        raise not_emulated(
            400,
            f"the path '{call.path}': nothing is known of '{word}' below {node.kind.type or 'the root'}",
        )
    call.kind, call.parent, call.name = node.kind, node.parent or node, node.name
    _check_version(call)
    if node.kind.guard is not None:
        node.kind.guard(call, node)
    return action(call, node)


def _tags(call: Call, node: Resource) -> Reply:
    """Answer what is asked of the tags of a resource."""
    call.kind, call.parent, call.name = node.kind, node.parent or node, node.name
    _check_version(call)
    if node.kind.guard is not None:
        node.kind.guard(call, node)
    return tags.answer(call, node)


def _on_collection(call: Call) -> Reply:
    if call.method != "GET" or not call.kind.lists:
        raise _not_allowed(call)
    if call.kind.lister is not None:
        return call.kind.lister(call, call.parent)
    collection = touch(call, call.parent, call.kind)
    return page(call, lambda after, newest_first: collection.walk(after, newest_first=newest_first))


def _on_resource(call: Call) -> Reply:
    kind, method = call.kind, call.method
    own = kind.answers.get(method)
    if own is not None:
        return own(call, call.parent, call.name or "")
    if method not in kind.methods:
        raise _not_allowed(call)
    existing = _stored(call)
    if existing is not None and kind.guard is not None:
        kind.guard(call, existing)
    if method == "PUT":
        return put(call, existing)
    if existing is None:
        if method == "HEAD":
            return Reply(404)
        if method == "DELETE":
            return Reply(204)
        raise absent(call, call.parent, kind, call.name or "")
    if method == "GET":
        return call.answer(existing)
    if method == "HEAD":
        return Reply(204, None, {"etag": etag(existing)})
    return patch(call, existing) if method == "PATCH" else delete(call, existing)


def _stored(call: Call) -> Resource | None:
    """What is stored under the name of a request, or what stands in for it where the caller counts on it."""
    kind, name = call.kind, call.name or ""
    found = touch(call, call.parent, kind).find(name)
    if found is None and call.request.options.expected and kind.missing is not None:
        return kind.missing(call, call.parent, kind, name)
    return found


def put(call: Call, existing: Resource | None) -> Reply:
    """Create a resource or replace what a user may set of it."""
    kind, name = call.kind, call.name or ""
    check_conditions(call, existing)
    if existing is None and kind.names.pattern.fullmatch(name) is None:
        message = f"The {kind.noun.lower()} name '{name}' is not valid: {kind.names.says}."
        raise user_error(400, message) if kind.front == "ml" else refusal(400, message, "InvalidResourceName")
    body = call.json()
    body["properties"] = dig_object(body, "properties")
    for key in READ_ONLY:
        body.pop(key, None)
    before = existing.stored if existing is not None else None
    if existing is not None:
        check_idle(existing)
    check_types(kind, body)
    if kind.prepare is not None:
        kind.prepare(call, body, existing)
    check_location(call, body, before)
    check_words(kind, body)
    check_immutable(kind, body, before)
    return write(call, existing, body, before, method="PUT")


def patch(call: Call, existing: Resource) -> Reply:
    """Change what a request names of a resource, and leave the rest."""
    kind = call.kind
    check_conditions(call, existing)
    changes = call.json()
    check_idle(existing)
    for key in READ_ONLY:
        changes.pop(key, None)
    check_types(kind, changes)
    if not dig_object(changes, "properties"):
        changes.pop("properties", None)
    before = existing.stored
    if kind.amend is not None:
        body = kind.amend(call, changes, existing.body)
    else:
        body = existing.body
        if "tags" in changes:
            body["tags"] = changes.pop("tags") or {}
        merge(body, changes)
    for key in READ_ONLY:
        body.pop(key, None)
    check_location(call, body, before)
    check_words(kind, body)
    check_immutable(kind, body, before)
    return write(call, existing, body, before, method="PATCH")


def write(call: Call, existing: Resource | None, body: Body, before: Stored | None, *, method: str) -> Reply:
    """Store a checked body and answer, at once or as a long-running operation."""
    kind, state, name, new = call.kind, call.state, call.name or "", existing is None
    complete(body, kind.default_tree)
    for path in kind.required:
        if dig(body, path) is None:
            raise missing_field(kind, path)
    resource = Resource(kind, call.parent, name, kind.new_id(call.parent, name)) if existing is None else existing
    hide_secrets(kind, resource, body)
    # A body without a provisioning state cannot tell that something is still going on.
    at_once = call.mode == "sync" or (call.mode == "body" and not kind.provisions)
    lengthy = None if at_once else kind.long_running.get(method)
    if kind.provisions:
        place(body, "properties.provisioningState", "Succeeded")
    _stamp(call, resource, body, before)
    if kind.accepted is not None:
        kind.accepted(call, resource, body, new)
    if existing is None:
        if not call.parent.number and call.parent.kind.below:
            _store_parent(call, call.parent)
        state.store(touch(call, call.parent, kind), resource, body, call.now)
    else:
        state.rewrite(resource, body)
    statuses = kind.statuses
    if lengthy is None:
        done = statuses.patched if method == "PATCH" else statuses.created if new else statuses.updated
        return call.answer(resource, done)
    resource.pending = "Creating" if new else "Updating"
    operation = longrunning.begin(call, resource, method, seconds=lengthy, announced=call.mode != "body")
    pending = statuses.patch_pending if method == "PATCH" else statuses.pending
    return call.answer(resource, pending, longrunning.headers(call, operation, call.mode))


def _store_parent(call: Call, stand_in: Resource) -> None:
    """Store a parent that stood in for itself until its first child came (the container of a version)."""
    body: Body = {}
    kind = stand_in.kind
    complete(body, kind.default_tree)
    if kind.provisions:
        body["properties"]["provisioningState"] = "Succeeded"
    _stamp(call, stand_in, body, None)
    if stand_in.parent is not None:
        call.state.store(stand_in.parent.collection(kind), stand_in, body, call.now)


def delete(call: Call, existing: Resource) -> Reply:
    """Remove a resource and what stands below it."""
    kind = call.kind
    check_conditions(call, existing)
    check_idle(existing)
    if kind.remove is not None:
        kind.remove(call, existing)
    lengthy = kind.long_running.get("DELETE") if call.mode in ("async", "location") else None
    if lengthy is None:
        longrunning.remove(call.state, existing, call.now)
        return Reply(kind.statuses.deleted)
    existing.pending = kind.deleting
    operation = longrunning.begin(call, existing, "DELETE", seconds=lengthy)
    return Reply(202, None, longrunning.headers(call, operation, call.mode))


def act(call: Call, resource: Resource, verb: str, *, seconds: float, result: Any = None, status: int = 202) -> Reply:
    """Answer a POST that is a long-running operation; `status` is what it answers when it is done at once."""
    mode = call.mode
    if mode in ("sync", "body"):
        if resource.kind.finished is not None:
            operation = longrunning.Operation("", verb, resource, call.now, call.now, "Succeeded")
            resource.kind.finished(call.state, resource, operation)
        return reply(result, 200) if result is not None else Reply(status)
    operation = longrunning.begin(call, resource, verb, seconds=seconds, result=result)
    return Reply(202, None, longrunning.headers(call, operation, mode))


def _stamp(call: Call, resource: Resource, body: Body, before: Stored | None) -> None:
    """Write what the service alone says of a resource into its body."""
    written = {"id": resource.id, "name": resource.name, "type": resource.kind.type, **body}
    body.clear()
    body.update(written)
    body.setdefault("properties", {})
    if resource.kind.stamped:
        user, now = call.backend.user, call.stamp
        old = before.get("systemData", {}) if before is not None else {}
        body["systemData"] = {
            "createdAt": old.get("createdAt", now),
            "createdBy": old.get("createdBy", user),
            "createdByType": "User",
            "lastModifiedAt": now,
            "lastModifiedBy": user,
            "lastModifiedByType": "User",
        }
