"""Versioned assets: containers and their versions, labels, archiving, anonymous ones, what may never change."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.arm import absent
from mlsdk.backends.memory.asset_lists import of_containers, of_versions
from mlsdk.backends.memory.blobs import pending_upload
from mlsdk.backends.memory.bodies import dig, dig_text, dig_texts
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.clock import stamp
from mlsdk.backends.memory.errors import refusal, user_error
from mlsdk.backends.memory.kinds import ML, Kind, name_rule
from mlsdk.backends.memory.paging import page
from mlsdk.backends.memory.state import Collection, Resource
from mlsdk.backends.memory.versions import DATA_PLANE, VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.assets import Asset
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body, Stored
    from mlsdk.backends.memory.state import State

NAMES = name_rule(
    r"[A-Za-z0-9_][\w.-]{0,254}",
    "1 to 255 letters, digits, - _ and full stops, not starting with - or .",
)
LABELS = ("latest", "default")
"""The labels there are: both stand for the version created last."""
NoneType = type(None)
DEFAULT_VERSION = "azureml_default"
UPLOAD = "startpendingupload"


def versioned(asset: Asset, home: str, *, seed: Any = None) -> tuple[Kind, ...]:
    """The rows of an asset below `home` (a workspace or a registry): container, versions, labels."""
    in_registry = home.endswith("registries")
    container_type = f"{ML}/{home.rpartition('/')[2]}/{asset.plural}"
    shared: dict[str, Any] = {
        "front": "ml",
        "provisions": True,
        "needs_storage": not in_registry,
        "api_versions": VERSIONS | DATA_PLANE,
        "long_running": {"PUT": 5.0, "DELETE": 5.0} if in_registry else {},
        "names": NAMES,
    }
    container = Kind(
        type=container_type,
        below=home,
        segment=asset.plural,
        noun=asset.noun,
        defaults={"properties.tags": {}, "properties.properties": {}, "properties.isArchived": False},
        missing=_stand_in,
        identify=_registry_id(asset.plural) if in_registry else None,
        prepare=_prepare_container,
        remove=_bury if in_registry else None,
        accepted=_accept_container,
        show=_show_container,
        list_filter=of_containers,
        seed=seed,
        **shared,
    )
    version = Kind(
        type=f"{container_type}/versions",
        below=container_type,
        segment="versions",
        noun=f"{asset.noun} version",
        required=asset.required,
        words=asset.words,
        defaults={
            **asset.defaults,
            "properties.tags": {},
            "properties.properties": {},
            "properties.isAnonymous": False,
            "properties.isArchived": False,
        },
        missing=_stand_in,
        prepare=_prepare_version(asset),
        accepted=_accept_version,
        newest_first=True,
        list_filter=of_versions,
        lister=_codes_by_hash if asset.plural == "codes" else None,
        answers={"GET": _read_default} if asset.plural == "components" else {},
        actions={f"POST {UPLOAD}": _start_upload},
        remove=_bury if in_registry else None,
        removed=_unindex if asset.plural == "codes" else None,
        **shared,
    )
    labels = Kind(
        type=f"{container_type}/labels",
        below=container_type,
        segment="labels",
        noun=f"{asset.noun} label",
        front="ml",
        lists=False,
        methods=frozenset(),
        answers={"GET": _read_label},
    )
    return container, version, labels


def latest(container: Resource) -> Resource | None:
    """The most recently created version that is not archived; of archived ones only, the most recent."""
    versions = _versions(container)
    if versions is None:
        return None
    return versions.newest(archived_too=False) or versions.newest(archived_too=True)


def _versions(container: Resource) -> Collection | None:
    return container.existing(container.kind.children["versions"])


def _registry_id(plural: str) -> Callable[[Resource, str], str]:
    """Assets of a registry have ids without subscription: `azureml://registries/{registry}/models/{name}`."""
    return lambda registry, name: f"azureml://registries/{registry.name}/{plural}/{name}"


def _stand_in(call: Call, node: Resource, kind: Kind, name: str) -> Resource | None:
    """A container or version that is not there yet stands in for itself when the request is going to make it."""
    last = call.parts[-1].lower()
    makes = call.method == "PUT" or last == UPLOAD
    searches = kind.segment == "codes" and last == "versions" and call.param("hash") is not None
    # A registry lists no versions where a workspace says that there is no such asset.
    lists = f"{ML}/registries/".lower() in kind.key and last == "versions"
    if not makes and not searches and not lists:
        return None
    if kind.names.pattern.fullmatch(name) is None:
        raise user_error(400, f"The {kind.noun.lower()} name '{name}' is not valid: {kind.names.says}.")
    return Resource(kind, node, name, kind.new_id(node, name))


def _prepare_container(_call: Call, body: Body, existing: Resource | None) -> None:
    properties = body["properties"]
    for computed in ("latestVersion", "nextVersion"):
        properties.pop(computed, None)
    _keep(properties, existing)


def _accept_container(_call: Call, resource: Resource, body: Body, _new: bool) -> None:
    resource.archived = body["properties"]["isArchived"]


CLIENTS_OWN = frozenset({"client_component_hash"})
"""Properties that clients work out anew with each PUT, so that they change with a description."""


def _keep(properties: Body, existing: Resource | None) -> None:
    """An update leaves alone what it does not name; properties can be added to, never changed or removed."""
    for flag in ("isArchived", "isAnonymous"):
        if not isinstance(properties.get(flag), (bool, NoneType)):
            raise refusal(400, f"The request content was invalid: 'properties.{flag}' has to be true or false.")
    dig_text(properties, "description")
    dig_texts(properties, "tags")
    added = dig_texts(properties, "properties")
    if existing is None:
        return
    stored = existing.body["properties"]
    kept = stored.get("properties") or {}
    for name, value in kept.items():
        if name in added and added[name] != value and name not in CLIENTS_OWN:
            message = (
                f"Property '{name}' is already set to '{value}': properties can be added, never changed or removed."
            )
            raise user_error(400, message)
    properties["properties"] = {**kept, **added}
    for name, value in stored.items():
        if properties.get(name) is None:
            properties[name] = value


def _prepare_version(asset: Asset) -> Callable[[Call, Body, Resource | None], None]:
    def prepare(call: Call, body: Body, existing: Resource | None) -> None:
        properties = body["properties"]
        if asset.check is not None:
            asset.check(call, properties, existing)
        if existing is None:
            _check_grave(call)
        else:
            _check_same(asset, call, properties, existing.stored["properties"])
        _keep(properties, existing)

    return prepare


def _check_same(asset: Asset, call: Call, properties: Body, stored: Stored) -> None:
    """UserError (409) when an existing version would be defined anew."""
    for name in asset.definition + asset.if_given:
        old, new = stored.get(name), properties.get(name)
        if new is None and name in asset.if_given:
            continue
        if asset.compared(name, old) != asset.compared(name, new):
            message = (
                f"{asset.noun} '{call.parent.name}' version '{call.name}' exists already with another definition: "
                f"'{name}' cannot be changed. Register a new version."
            )
            raise user_error(409, message)


def _check_grave(call: Call) -> None:
    containers = _containers(call.parent)
    grave = (containers.graves or {}).get(_grave(call.parent, call.name or "")) if containers is not None else None
    if grave is not None:
        message = (
            f"{call.parent.kind.noun} '{call.parent.name}' version '{call.name}' was deleted at {stamp(grave)}, "
            "it cannot be recreated. Please try again with a different version."
        )
        raise user_error(409, message)


def _bury(call: Call, resource: Resource) -> None:
    """Remember what is deleted from a registry, a version or all of a container: none of it ever comes back."""
    container = resource if resource.kind.segment != "versions" else call.parent
    versions = _versions(container)
    names = [resource.name] if resource is not container else list(versions.items) if versions is not None else []
    containers = _containers(container)
    if containers is not None:
        containers.graves = {**(containers.graves or {}), **{_grave(container, name): call.now for name in names}}


def _grave(container: Resource, version: str) -> str:
    return f"{container.name}/{version}".lower()


def _containers(container: Resource) -> Collection | None:
    """The containers of the same kind, in the same workspace or registry."""
    return container.parent.existing(container.kind) if container.parent is not None else None


def _accept_version(call: Call, resource: Resource, body: Body, new: bool) -> None:
    properties = body["properties"]
    container, state = call.parent, call.state
    resource.archived = properties["isArchived"]
    listed = not properties["isAnonymous"]
    if new:
        resource.listed = listed
        count_version(container, resource.name)
        if "dataType" in properties:
            container.known.setdefault("dataType", properties["dataType"])
        if "hash_sha256" in properties["properties"]:
            _index(resource, container, properties["properties"]["hash_sha256"])
    elif listed and not resource.listed:
        container.collection(call.kind).list_anew(resource, state.next())
    if not container.number:
        container.listed = listed
    elif listed and not container.listed and container.parent is not None:
        container.parent.collection(container.kind).list_anew(container, state.next())


def count_version(container: Resource, version: str) -> None:
    """Let the next version of a container come after this one; versions that are no numbers do not count."""
    if version.isascii() and version.isdigit():
        known = container.known
        known["next"] = max(known.get("next", 1), int(version) + 1)


def _show_container(_state: State, resource: Resource, body: Body) -> None:
    known = resource.data or {}
    properties = body["properties"]
    newest = latest(resource)
    if newest is not None:
        properties["latestVersion"] = newest.name
    properties["nextVersion"] = str(known.get("next", 1))
    if "dataType" in known:
        properties.setdefault("dataType", known["dataType"])


def _index(version: Resource, container: Resource, content_hash: Any) -> None:
    """Let a code snapshot be found by the hash of its content in the whole workspace."""
    if container.parent is None:
        return
    codes = container.parent.collection(container.kind)
    if codes.index is None:
        codes.index = {}
    codes.index.setdefault(str(content_hash), []).append(version)


def _unindex(_state: State, version: Resource) -> None:
    container = version.parent
    codes = _containers(container) if container is not None else None
    content_hash = str(dig(version.stored, "properties.properties.hash_sha256"))
    if codes is not None and codes.index is not None and version in codes.index.get(content_hash, ()):
        codes.index[content_hash].remove(version)


def _codes_by_hash(call: Call, container: Resource) -> Reply:
    """Snapshots with a content hash, from the whole workspace: the name in the path does not count."""
    content_hash, hash_version = call.param("hash"), call.param("hashVersion")
    if content_hash is None:
        versions = container.collection(call.kind)
        return page(call, lambda after, newest: versions.walk(after, newest_first=newest))
    codes = _containers(container)
    found = (codes.index or {}).get(content_hash, ()) if codes is not None else ()
    shown = [call.shown(version) for version in found]
    if hash_version is not None:
        shown = [body for body in shown if str(dig(body, "properties.properties.hash_version")) == hash_version]
    return reply({"value": shown})


def _read_default(call: Call, container: Resource, name: str) -> Reply:
    """A component version; `azureml_default` is the latest one."""
    versions = container.collection(call.kind)
    found = latest(container) if name == DEFAULT_VERSION else versions.find(name)
    if found is None:
        raise absent(call, container, call.kind, name)
    return call.answer(found)


def _read_label(call: Call, container: Resource, label: str) -> Reply:
    """The version a label stands for: `latest` and `default` are the most recently created one."""
    found = latest(container) if label.lower() in LABELS else None
    if found is None:
        raise absent(call, container, call.kind, label)
    return call.answer(found)


def _start_upload(call: Call, _version: Resource) -> Reply:
    """A fresh place in the storage of the workspace or registry to upload files to."""
    account = call.backend.storage_of(call, call.parent)
    name = str(uuid.uuid4())
    account.add_container(name)
    body: Body = {"pendingUploadId": name, "pendingUploadType": "TemporaryBlobReference"}
    body["blobReferenceForConsumption"] = pending_upload(account, name, call.now)
    return reply(body)
