"""Who a resource or a job acts as."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from mlsdk.schema import codecs
from mlsdk.schema.bodies import from_body
from mlsdk.schema.fields import Codec, Entity, Mapped, choice, entity, tag, wire

if TYPE_CHECKING:
    IdentityType = str
else:
    # The words in camel case are those that the file of a workspace is read to.
    IdentityType = Literal[
        "systemAssigned",
        "userAssigned",
        "systemAssigned,userAssigned",
        "system_assigned",
        "user_assigned",
        "system_assigned,user_assigned",
        "none",
    ]

JSON = dict[str, Any]


@entity
class ManagedIdentityConfiguration(Mapped, Entity):
    """A managed identity: of a job, which runs as it, or one of those a resource has.

    >>> ManagedIdentityConfiguration(client_id="2f0c5f3e-…")
    """

    type: Literal["managed_identity"] = tag("identityType", default="managed_identity", wire="Managed")
    client_id: str | None = wire("clientId", default=None)
    resource_id: str | None = wire("resourceId", default=None)
    """The resource id of a user-assigned identity."""
    object_id: str | None = wire("objectId", default=None)
    principal_id: str | None = wire("principalId", default=None, sent=False)

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said; files may call it `managed` too."""
        return {**data, "type": "managed_identity"} if _word(str(data.get("type"))) == "managed_identity" else data


@entity
class UserIdentityConfiguration(Mapped, Entity):
    """A job runs as the user who submits it."""

    type: Literal["user_identity"] = tag("identityType", default="user_identity", wire="UserIdentity")


@entity
class AmlTokenConfiguration(Mapped, Entity):
    """A job runs with a token of the workspace."""

    type: Literal["aml_token"] = tag("identityType", default="aml_token", wire="AMLToken")


def _word(said: str) -> str:
    word = codecs.snake(said)
    return "managed_identity" if word == "managed" else word


choice(
    ManagedIdentityConfiguration | UserIdentityConfiguration | AmlTokenConfiguration, at="identityType", brought=_word
)


# -- the identities of a resource ------------------------------------------------------------------------------
_TYPES = {
    "system_assigned": "SystemAssigned",
    "user_assigned": "UserAssigned",
    "none": "None",
    "systemAssigned": "Systemassigned",
    "userAssigned": "Userassigned",
}
"""The word in a body of each in Python; those from the file of a workspace are spelled as the official client spells them,
and the service compares without case."""
_WORDS = {theirs: ours for ours, theirs in _TYPES.items()}
_WORDS_IN_ANY_CASE = {theirs.lower(): ours for ours, theirs in reversed(_TYPES.items())}


_IN_FILE = codecs.snake_words("system_assigned", "user_assigned", "system_assigned,user_assigned", "none")


def with_type(data: Any, made: Callable[[str], str] = str) -> Any:
    """The identity that a file says, its type, when it is one, in snake case and then as `made` spells it."""
    if not isinstance(data, dict):
        return data
    with suppress(KeyError, ValueError):  # the attribute tells what is wrong, and where
        return {**data, "type": made(_IN_FILE.load(data["type"]))}
    return data


def _type_of_file(word: Any) -> Any:
    return word if word in ("systemAssigned", "userAssigned", "systemAssigned,userAssigned") else _IN_FILE.load(word)


def _type_to_body(words: str) -> str:
    return ",".join(_TYPES.get(word, word) for word in words.split(","))


def _type_of_body(words: str) -> str:
    found = map(str.strip, words.split(","))
    return ",".join(_WORDS.get(word) or _WORDS_IN_ANY_CASE.get(word.lower(), word) for word in found)


def _to_keys(identities: list[ManagedIdentityConfiguration]) -> JSON:
    """The identities as a body has them: by resource id, with nothing but what a newer service added."""
    return {str(one.resource_id): dict(one._extra or {}) for one in identities}  # noqa: SLF001 - of our own class


def _of_keys(found: Mapping[str, JSON | None]) -> list[ManagedIdentityConfiguration]:
    return [
        from_body(ManagedIdentityConfiguration, {**(more if isinstance(more, Mapping) else {}), "resourceId": id_})
        for id_, more in found.items()
    ]


_SHOWN = ("resource_id", "principal_id", "client_id")


def _to_list(identities: list[ManagedIdentityConfiguration]) -> list[JSON] | None:
    return [{name: one[name] for name in _SHOWN if one[name] is not None} for one in identities] or None


@entity
class IdentityConfiguration(Entity):
    """The identities of a compute, workspace, endpoint or registry.

    >>> IdentityConfiguration(type="user_assigned", user_assigned_identities=[
    ...     ManagedIdentityConfiguration(resource_id="/subscriptions/…/userAssignedIdentities/robot")])
    """

    type: IdentityType = wire(
        "type", codec=Codec(_type_to_body, _type_of_body), file_codec=Codec(_IN_FILE.dump, _type_of_file)
    )
    """`system_assigned`, `user_assigned`, `system_assigned,user_assigned` or `none`."""
    user_assigned_identities: list[ManagedIdentityConfiguration] | None = wire(
        "userAssignedIdentities",
        default=None,
        empty=False,
        codec=Codec(_to_keys, _of_keys),
        file_codec=Codec(_to_list, lambda found: found),
    )
    """Each named by its `resource_id`."""
    principal_id: str | None = wire("principalId", default=None, sent=False)
    """The object id of the system-assigned identity, given by the service."""
    tenant_id: str | None = wire("tenantId", default=None, sent=False)
