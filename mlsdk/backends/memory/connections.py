"""Connections: the way from a workspace to another service, and the secret that opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsdk.backends.memory.bodies import dig_object, dig_text
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.errors import refusal
from mlsdk.backends.memory.kinds import ML, Kind, Statuses, name_rule
from mlsdk.backends.memory.versions import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource

CREDENTIALS = "properties.credentials"
PLAIN = ("clientId", "tenantId", "resourceId", "clientid", "resourceid", "username")
"""What of the credentials is no secret, and shown by every read."""
WITHOUT_CREDENTIALS = ("none", "aad", "managedidentity", "useridentity", "accountmanagedidentity")
"""The ways to get in that need no secret."""
WAYS = (
    *("None", "AAD", "ManagedIdentity", "UserIdentity", "AccountManagedIdentity", "ServicePrincipal", "OAuth2"),
    *("AccessKey", "AccountKey", "ApiKey", "CustomKeys", "PAT", "SAS", "UsernamePassword"),
)
"""The ways to get in."""
TEXTS = (
    *("key", "pat", "sas", "username", "password", "clientId", "clientSecret", "tenantId", "resourceId"),
    *("accessKeyId", "secretAccessKey"),
)
"""What credentials say, as text."""
DATA = (
    "azureblob",
    "azuredatalakegen2",
    "adlsgen2",
    "azureonelake",
    "s3",
    "snowflake",
    "azuresqldb",
    "azuresynapseanalytics",
)
"""The categories that a list leaves out unless it is asked for all."""


def _prepare(call: Call, body: Body, existing: Resource | None) -> None:
    properties = body["properties"]
    way = dig_text(properties, "authType") or ""
    credentials = dig_object(properties, "credentials")
    for name, value in dig_object(properties, "metadata").items():
        if isinstance(value, (dict, list)):
            raise refusal(400, f"The request content was invalid: 'properties.metadata.{name}' has to be text.")
    known = existing is not None and CREDENTIALS in existing.known.get("secrets", {})
    if way and way.lower() not in WITHOUT_CREDENTIALS and not credentials and not known:
        message = f"Connection '{call.name}' of authentication type '{way}' needs its credentials ('{CREDENTIALS}')."
        raise refusal(400, message)
    if not credentials:
        properties.pop("credentials", None)


def _show(_state: object, connection: Resource, body: Body) -> None:
    """A read shows of the credentials only what is no secret."""
    secret = (connection.data or {}).get("secrets", {}).get(CREDENTIALS) or {}
    plain = {key: value for key, value in secret.items() if key in PLAIN}
    if plain:
        body["properties"]["credentials"] = plain


def _filter(call: Call) -> Callable[[Resource], bool] | None:
    """Which connections a list shows: of a category, to a target, those to data only when all are asked for."""
    category, target = call.param("category"), call.param("target")
    everything = str(call.param("includeAll")).lower() == "true"

    def matches(connection: Resource) -> bool:
        properties = connection.stored["properties"]
        own = str(properties.get("category", "")).lower()
        return (
            (everything or own not in DATA)
            and (category is None or own == category.lower())
            and (target is None or str(properties.get("target", "")).lower() == target.lower())
        )

    return matches


def _secrets(call: Call, connection: Resource) -> Reply:
    """The connection with its credentials, secrets included."""
    body = call.shown(connection)
    secret = connection.known.get("secrets", {}).get(CREDENTIALS)
    if secret is not None:
        body["properties"]["credentials"] = dict(secret)
    return reply(body)


CONNECTIONS = Kind(
    type=f"{ML}/workspaces/connections",
    below=f"{ML}/workspaces",
    segment="connections",
    noun="Connection",
    names=name_rule(r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}", "3 to 33 letters, digits, - and _, a letter or digit first"),
    methods=frozenset({"GET", "HEAD", "PUT", "DELETE"}),
    api_versions=VERSIONS,
    statuses=Statuses(created=200),
    required=("properties.category", "properties.authType"),
    types={
        **{f"properties.{name}": "text" for name in ("category", "authType", "target", "expiryTime")},
        **{f"{CREDENTIALS}.{name}": "text" for name in TEXTS},
        "properties.isSharedToAll": "boolean",
        f"{CREDENTIALS}.keys": "object",
    },
    words={"properties.authType": WAYS},
    defaults={"properties.metadata": {}, "properties.isSharedToAll": False},
    secrets=(CREDENTIALS,),
    prepare=_prepare,
    show=_show,
    list_filter=_filter,
    actions={"POST listsecrets": _secrets},
)
