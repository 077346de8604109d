"""Copying an asset of a workspace into a registry, files included: `POST …/registries/{registry}/import`."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from mlsdk.backends.memory.arm import act
from mlsdk.backends.memory.bodies import dig, dig_text, place
from mlsdk.backends.memory.errors import refusal, user_error
from mlsdk.backends.memory.kinds import ML
from mlsdk.backends.memory.resource_lists import tracked

if TYPE_CHECKING:
    from mlsdk.backends import Reply
    from mlsdk.backends.memory.blobs import Account
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource, State

SOURCE = re.compile(
    r"azureml://locations/[^/]+/workspaces/(?P<workspace>[^/]+)"
    r"/(?P<plural>[^/]+)/(?P<name>[^/]+)/versions/(?P<version>[^/]+)",
    re.IGNORECASE,
)
IN_DATASTORE = re.compile(
    r"azureml://(?:subscriptions/.+/)?datastores/(?P<datastore>[^/]+)/paths/(?P<path>.+)", re.IGNORECASE
)
IN_ACCOUNT = re.compile(r"https://(?P<account>[^./]+)\.blob\.[^/]+/(?P<container>[^/]+)/(?P<path>[^?]+)")
FILES = ("modelUri", "dataUri", "codeUri", "build.contextUri")
"""Where a version says where its files are."""
NOT_COPIED = ("provisioningState", "isArchived", "stage")


def import_asset(call: Call, registry: Resource) -> Reply:
    """Copy the version that `sourceAssetId` names into the registry; 409 when that version exists there."""
    if registry.known.get("public"):
        message = f"The registry '{registry.name}' is public: it can be read, not written to."
        raise refusal(403, message, "AuthorizationFailed")
    body = call.json()
    source_id = dig_text(body, "properties.sourceAssetId") or ""
    matched = SOURCE.fullmatch(source_id)
    if matched is None:
        message = f"'properties.sourceAssetId' has to be 'azureml://locations/…/versions/…', not '{source_id}'."
        raise user_error(400, message)
    source = _version(call.state, matched)
    if source is None:
        raise user_error(404, f"Asset '{source_id}' not found.")
    name = dig_text(body, "properties.destinationName") or matched["name"]
    version = dig_text(body, "properties.destinationVersion") or matched["version"]
    path = f"{registry.id}/{matched['plural'].lower()}/{name}/versions/{version}"
    if call.backend.find(path) is not None:
        raise user_error(409, f"Version '{version}' of '{name}' exists in registry '{registry.name}' already.")
    properties = {key: value for key, value in source.body["properties"].items() if key not in NOT_COPIED}
    _copy_files(call, source, registry, properties)
    call.backend.create(path, {"properties": properties})
    return act(call, registry, "import", seconds=30.0, status=200)


def _version(state: State, wanted: re.Match[str]) -> Resource | None:
    """The version that an id with the GUID of a workspace names."""
    steps = ((wanted["plural"].lower(), wanted["name"]), ("versions", wanted["version"]))
    found = _workspace(state, wanted["workspace"])
    for segment, name in steps:
        child = found.kind.children.get(segment) if found is not None else None
        collection = found.existing(child) if found is not None and child is not None else None
        found = collection.find(name) if collection is not None else None
    return found


def _workspace(state: State, unique: str) -> Resource | None:
    """The workspace with a GUID."""
    subscriptions = state.root.existing(state.root.kind.children["subscriptions"])
    for subscription in subscriptions.items.values() if subscriptions is not None else ():
        for resource in tracked(subscription):
            if resource.data is not None and resource.data.get("workspaceId") == unique:
                return resource
    return None


def _copy_files(call: Call, source: Resource, registry: Resource, properties: Body) -> None:
    """Copy what a version's files are into a container of the registry's own, and point the properties there."""
    for key in FILES:
        uri = dig(properties, key)
        place_of = _find_files(call, source, uri) if isinstance(uri, str) else None
        if place_of is None:
            continue
        account, container, path = place_of
        target = call.backend.storage_of(call, registry)
        target_container = str(uuid.uuid4())
        target.add_container(target_container)
        below = path.rstrip("/")
        parent = below.rpartition("/")[0]
        stored = account.containers[f"blob/{container}"]
        for name in stored.names(below):
            if name == below or name.startswith(f"{below}/"):
                file = stored.get(name)
                if file is None:
                    continue
                target.containers[f"blob/{target_container}"].put(
                    name[len(parent) :].lstrip("/"),
                    file.held.copied(),
                    file.metadata,
                    call.now,
                    content_md5=file.content_md5,
                    origin=file.origin,
                )
        ending = "/" if path.endswith("/") else ""
        place(properties, key, f"{target.url}/{target_container}/{below.rpartition('/')[2]}{ending}")


def _find_files(call: Call, source: Resource, uri: str) -> tuple[Account, str, str] | None:
    """The account, the container and the path of a URI; None where it points outside this Azure."""
    in_datastore, in_account = IN_DATASTORE.fullmatch(uri), IN_ACCOUNT.fullmatch(uri)
    if in_datastore is not None:
        workspace = source.above(f"{ML}/workspaces".lower()) or source
        datastores = workspace.existing(workspace.kind.children["datastores"])
        datastore = datastores.find(in_datastore["datastore"]) if datastores is not None else None
        properties = datastore.stored["properties"] if datastore is not None else {}
        account, container = str(properties.get("accountName", "")), str(properties.get("containerName", ""))
        path = in_datastore["path"]
    elif in_account is not None:
        account, container, path = in_account["account"], in_account["container"], in_account["path"]
    else:
        return None
    found = call.state.accounts.get(account)
    return (found, container, path) if found is not None and f"blob/{container}" in found.containers else None
