"""Datastores: where data is kept, how to get in, which one is the default."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.bodies import dig, dig_object, dig_text, dig_texts, place
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.checks import missing_field
from mlsdk.backends.memory.errors import not_emulated, user_error
from mlsdk.backends.memory.kinds import in_workspace, name_rule
from mlsdk.backends.memory.state import Resource

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import State

REQUIRED = {
    "azureblob": ("accountName", "containerName"),
    "azurefile": ("accountName", "fileShareName"),
    "azuredatalakegen1": ("storeName",),
    "azuredatalakegen2": ("accountName", "filesystem"),
    "onelake": ("artifact", "oneLakeWorkspaceName"),
    "hdfs": ("nameNodeAddress",),
}
"""What each type of datastore needs beside its credentials."""

SIGNED_IN = {"serviceprincipal": ("clientId", "tenantId"), "certificate": ("clientId", "tenantId", "thumbprint")}
"""What credentials of an application need beside their secret."""
GUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")

SECRET = {"accountkey": "key", "sas": "sasToken", "serviceprincipal": "clientSecret", "certificate": "certificate"}
"""The name of the secret of each type of credentials."""

WORDS = {"accountkey": "AccountKey", "sas": "Sas", "serviceprincipal": "ServicePrincipal", "certificate": "Certificate"}
CREDENTIALS = "properties.credentials"
SECRETS = f"{CREDENTIALS}.secrets"
OPTIONS = frozenset({"api-version", "$skip", "$top", "count", "orderbyasc", "isdefault", "names", "searchtext"})
"""What a list can be asked, in lower case."""
STORED_IN_ACCOUNT = ("azureblob", "azurefile", "azuredatalakegen2")


def add_default(state: State, workspace: Resource, account: str, user_stamp: Body, now: float) -> None:
    """Give a new workspace its four datastores, as the service does; the first one is the default."""
    kind = workspace.kind.children["datastores"]
    unique = workspace.known["workspaceId"]
    containers = {
        "workspaceblobstore": ("AzureBlob", "containerName", f"azureml-blobstore-{unique}"),
        "workspaceartifactstore": ("AzureBlob", "containerName", "azureml"),
        "workspacefilestore": ("AzureFile", "fileShareName", f"azureml-filestore-{unique}"),
        "workspaceworkingdirectory": ("AzureFile", "fileShareName", f"code-{unique}"),
    }
    for name, (type_, key, container) in containers.items():
        resource = Resource(kind, workspace, name, kind.new_id(workspace, name))
        resource.known["system"] = True
        properties: Body = {
            "datastoreType": type_,
            "accountName": account,
            key: container,
            "endpoint": "core.windows.net",
            "protocol": "https",
            "serviceDataAccessAuthIdentity": "None",
            "credentials": {"credentialsType": "AccountKey"},
            "tags": {},
            "properties": {},
        }
        if account in state.accounts:
            state.accounts[account].add_container(container, "file" if type_ == "AzureFile" else "blob")
        body = {"id": resource.id, "name": name, "type": kind.type, "properties": properties, "systemData": user_stamp}
        state.store(workspace.collection(kind), resource, body, now)
    workspace.known["defaultDatastore"] = "workspaceblobstore"


def _prepare(call: Call, body: Body, existing: Resource | None) -> None:
    properties = body["properties"]
    type_ = (dig_text(properties, "datastoreType") or "").lower()
    dig_text(properties, "description")
    dig_texts(properties, "tags")
    dig_texts(properties, "properties")
    for name in REQUIRED.get(type_, ()):
        if not dig(properties, name):
            raise missing_field(call.kind, f"properties.{name}")
    if existing is not None and existing.known.get("system"):
        stored = existing.body["properties"]
        changed = [
            name
            for name in ("accountName", "containerName", "fileShareName")
            if properties.get(name) != stored.get(name)
        ]
        if changed:
            names = " and ".join(changed)
            message = f"Datastore '{call.name}' belongs to the workspace itself: its {names} cannot be changed."
            raise user_error(400, message)
    _check_credentials(call, properties, existing)


def _check_credentials(call: Call, properties: Body, existing: Resource | None) -> None:
    """The secret that a type of credentials needs has to come with it, or to be there from before."""
    credentials = dig_object(properties, "credentials")
    credentials_type = (dig_text(credentials, "credentialsType") or "None").lower()
    properties["credentials"] = credentials
    credentials.setdefault("credentialsType", "None")
    for field in SIGNED_IN.get(credentials_type, ()):
        value = dig_text(credentials, field)
        if not value:
            raise missing_field(call.kind, f"{CREDENTIALS}.{field}")
        if field != "thumbprint" and GUID.fullmatch(value) is None:
            raise user_error(400, f"The value '{value}' of '{CREDENTIALS}.{field}' is not valid: it has to be a GUID.")
    secrets = dig_object(credentials, "secrets")
    name = SECRET.get(credentials_type)
    known = existing is not None and (existing.known.get("system") or SECRETS in existing.known.get("secrets", {}))
    if name is not None and not dig_text(secrets, name) and not known:
        raise missing_field(call.kind, f"{SECRETS}.{name}")
    if not secrets:
        credentials.pop("secrets", None)


def _accept(call: Call, resource: Resource, body: Body, _new: bool) -> None:
    if body["properties"].pop("isDefault", None) is True:
        call.parent.known["defaultDatastore"] = resource.name.lower()
    credentials = body["properties"]["credentials"]
    if str(credentials.get("credentialsType", "None")).lower() not in SECRET:
        resource.known.pop("secrets", None)


def _by_identity(workspace: Resource) -> bool:
    """Whether a workspace gets into its own datastores with identities instead of account keys."""
    return str(workspace.stored["properties"].get("systemDatastoresAuthMode", "")).lower() == "identity"


def _show(_state: State, resource: Resource, body: Body) -> None:
    workspace = resource.parent
    if workspace is not None and resource.known.get("system"):
        by_identity = _by_identity(workspace)
        body["properties"]["credentials"] = {"credentialsType": "None" if by_identity else "AccountKey"}
    default = workspace.known.get("defaultDatastore") if workspace is not None else None
    body["properties"]["isDefault"] = default == resource.name.lower()
    if workspace is not None and str(body["properties"].get("datastoreType", "")).lower() in STORED_IN_ACCOUNT:
        parts = workspace.id.split("/")
        body["properties"].setdefault("subscriptionId", parts[2])
        body["properties"].setdefault("resourceGroup", parts[4])


def _refuse_removal(call: Call, resource: Resource) -> None:
    if resource.known.get("system"):
        raise user_error(400, f"Datastore '{resource.name}' belongs to the workspace itself and cannot be deleted.")
    if call.parent.known.get("defaultDatastore") == resource.name.lower():
        message = f"Datastore '{resource.name}' is the default of the workspace: make another one the default first."
        raise user_error(400, message)


def _filter(call: Call) -> Callable[[Resource], bool] | None:
    for option, value in call.params.items():
        if option.lower() not in OPTIONS:
            raise not_emulated(400, f"the query option '{option}={value}' in a list of datastores")
    default, names, text = call.param("isDefault"), call.param("names"), call.param("searchText")
    if default is None and names is None and text is None:
        return None
    wanted = {name.strip().lower() for name in names.split(",")} if names else None

    def matches(resource: Resource) -> bool:
        name = resource.name.lower()
        is_default = call.parent.known.get("defaultDatastore") == name
        return (
            (default is None or is_default == (default.lower() == "true"))
            and (wanted is None or name in wanted)
            and (text is None or text.lower() in name)
        )

    return matches


def _secrets(call: Call, resource: Resource) -> Reply:
    """What opens the datastore: the secrets it was made with, the account's own key for those of the workspace."""
    properties = call.shown(resource)["properties"]
    credentials_type = str(dig(properties, "credentials.credentialsType", "None")).lower()
    if credentials_type not in SECRET:
        raise user_error(
            400,
            f"Datastore '{resource.name}' has no secrets: it is used with the identity of the caller.",
        )
    found: dict[str, Any] = {"secretsType": WORDS[credentials_type]}
    if resource.known.get("system"):
        found["key"] = call.backend.storage_of(call, call.parent).keys[0]
    else:
        found.update(resource.known.get("secrets", {}).get(SECRETS, {}))
        place(found, "secretsType", WORDS[credentials_type])
    return reply(found)


DATASTORES = in_workspace(
    "datastores",
    "Datastore",
    names=name_rule(r"[A-Za-z0-9_][\w-]{0,254}", "1 to 255 letters, digits, _ and -"),
    required=("properties.datastoreType",),
    types={
        f"properties.{name}": "text"
        for name in ("accountName", "containerName", "filesystem", "fileShareName", "protocol", "endpoint")
    },
    words={
        "properties.datastoreType": (
            "AzureBlob",
            "AzureFile",
            "AzureDataLakeGen1",
            "AzureDataLakeGen2",
            "OneLake",
            "Hdfs",
        ),
        "properties.credentials.credentialsType": (
            "AccountKey",
            "Certificate",
            "None",
            "Sas",
            "ServicePrincipal",
            "KerberosKeytab",
            "KerberosPassword",
        ),
    },
    immutable=("properties.datastoreType",),
    defaults={"properties.tags": {}, "properties.properties": {}},
    secrets=(SECRETS,),
    prepare=_prepare,
    accepted=_accept,
    show=_show,
    remove=_refuse_removal,
    list_filter=_filter,
    actions={"POST listsecrets": _secrets},
)
