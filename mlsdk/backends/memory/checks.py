"""What every request that changes a resource is checked for, from the record of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.bodies import MISSING, dig, place, take
from mlsdk.backends.memory.calls import etag
from mlsdk.backends.memory.errors import ServiceError, refusal, user_error

if TYPE_CHECKING:
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body, Kind, Stored
    from mlsdk.backends.memory.state import Resource


def check_conditions(call: Call, existing: Resource | None) -> None:
    """`If-Match` and `If-None-Match`: ServiceError (412) when what is stored is not what the caller assumes."""
    if not call.request.headers:
        return
    match, none_match = call.header("if-match"), call.header("if-none-match")
    current = etag(existing) if existing is not None else None
    met = match is None or (current is not None and match in ("*", current))
    if none_match is not None and (current is not None and none_match in ("*", current)):
        met = False
    if not met:
        raise ServiceError(
            412,
            "PreconditionFailed",
            f"The condition on '{call.path}' is not met: {current or 'absent'}.",
        )


def check_idle(resource: Resource) -> None:
    """ServiceError (409) while a long-running operation is at work on a resource."""
    if resource.pending is not None:
        raise refusal(
            409,
            f"{resource.kind.noun} '{resource.name}' is in state {resource.pending}: another operation is in progress.",
            "AnotherOperationInProgress",
        )


def check_location(call: Call, body: Body, before: Stored | None) -> None:
    """A tracked resource has a location, which stays: ServiceError (400, 409)."""
    if not call.kind.located:
        return
    location = body.get("location")
    if not isinstance(location, str) or not location:
        if before is None:
            raise refusal(400, "The location property is required for this definition.", "LocationRequired")
        body["location"] = before.get("location")
    elif before is not None and _region(location) != _region(before.get("location")):
        raise refusal(
            409,
            f"The resource '{call.name}' already exists in location '{before.get('location')}'. "
            f"A resource with the same name cannot be created in location '{location}'.",
            "InvalidResourceLocation",
        )


def _region(location: Any) -> str:
    return str(location).replace(" ", "").lower()


TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "list": (list,),
    "object": (dict,),
}
ENVELOPE = {
    "location": "text",
    "kind": "text",
    "managedBy": "text",
    "tags": "object",
    "sku": "object",
    "sku.name": "text",
    "identity": "object",
    "identity.type": "text",
    "identity.userAssignedIdentities": "object",
}
"""What every resource of Azure Resource Manager may say beside its properties."""
IDENTITIES = ("none", "systemassigned", "userassigned", "systemassigned,userassigned")


def check_types(kind: Kind, body: Body) -> None:
    """What a body says is of the type that the service knows it as: ServiceError (400)."""
    for path, type_ in {**ENVELOPE, **kind.types}.items() if kind.front == "arm" else kind.types.items():
        value = dig(body, path)
        if value is None or (isinstance(value, TYPES[type_]) and (type_ != "number" or not isinstance(value, bool))):
            continue
        # Templates carry booleans as text.
        if type_ == "boolean" and isinstance(value, str) and value.lower() in ("true", "false"):
            place(body, path, value.lower() == "true")
            continue
        message = f"The request content was invalid and could not be deserialized: '{path}' has to be "
        raise refusal(
            400, message + ("an object." if type_ == "object" else f"a {type_}." if type_ != "text" else "text.")
        )
    if kind.front != "arm":
        return
    for name, value in (body.get("tags") or {}).items():
        if not isinstance(value, (str, type(None))):
            raise refusal(400, f"The tag '{name}' has to be text, not {value!r}.", "InvalidTagValue")
    identity = dig(body, "identity.type")
    if identity and identity.replace(" ", "").lower() not in IDENTITIES:
        raise refusal(400, f"The identity type '{identity}' is not valid.", "InvalidParameter")
    for name, value in (dig(body, "identity.userAssignedIdentities") or {}).items():
        if not isinstance(value, (dict, type(None))):
            raise refusal(400, f"The request content was invalid: the identity '{name}' has to be an object.")


def check_words(kind: Kind, body: Body) -> None:
    """A property with a closed list of words has one of them: ServiceError (400)."""
    for path, words in kind.words.items():
        value = dig(body, path)
        if value is None:
            continue
        known = next((word for word in words if isinstance(value, str) and word.lower() == value.lower()), None)
        if known is None:
            field = path.removeprefix("properties.")
            message = (
                f"The value provided is not a valid enum value. Field: {field}. Allowed values: {','.join(words)}."
            )
            raise user_error(400, message) if kind.front == "ml" else refusal(400, message, "InvalidParameter")


def check_immutable(kind: Kind, body: Body, before: Stored | None) -> None:
    """What cannot change stays as it was; left out, it is filled in: ServiceError (400)."""
    if before is None:
        return
    for path in kind.immutable:
        old, new = dig(before, path), dig(body, path)
        same = old == new or (isinstance(old, str) and isinstance(new, str) and old.lower() == new.lower())
        if old is not None and not same:
            if new is None:
                place(body, path, old)
                continue
            message = f"Changing property '{path}' of {kind.noun.lower()} '{before.get('name')}' is not allowed."
            raise user_error(400, message) if kind.front == "ml" else refusal(400, message, "PropertyChangeNotAllowed")


def missing_field(kind: Kind, path: str) -> ServiceError:
    """The error for a property that a body has to carry."""
    field = path.rpartition(".")[2]
    message = (
        f"Request is invalid and/or missing fields. The {field[:1].upper()}{field[1:]} field is required ('{path}')."
    )
    return user_error(400, message) if kind.front == "ml" else refusal(400, message)


def hide_secrets(kind: Kind, resource: Resource, body: Body) -> None:
    """Take the secrets out of a body before it is stored, and keep them where no read shows them."""
    for path in kind.secrets:
        secret = take(body, path)
        if secret is not MISSING and secret is not None:
            resource.known.setdefault("secrets", {})[path] = secret
