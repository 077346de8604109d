"""Registries: assets shared between workspaces, found by name anywhere in Azure."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.assets import ASSETS
from mlsdk.backends.memory.blobs import pending_upload
from mlsdk.backends.memory.bodies import dig_text, place
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.curated import seed_registry
from mlsdk.backends.memory.errors import ServiceError, refusal, user_error
from mlsdk.backends.memory.kinds import ML, Kind, name_rule
from mlsdk.backends.memory.resource_lists import GROUPS, across_subscription
from mlsdk.backends.memory.sharing import import_asset
from mlsdk.backends.memory.versioned import versioned
from mlsdk.backends.memory.versions import DATA_PLANE, VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource, State

REGISTRY = f"{ML}/registries".lower()
PUBLIC = ("azureml", "azureml-meta", "azureml-mistral", "azureml-cohere", "azure-openai", "nvidia-ai", "huggingface")
"""The registries that every subscription can read."""
PUBLIC_SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
PUBLIC_GROUP = "azureml-public-registries"


def _prepare(call: Call, body: Body, existing: Resource | None) -> None:
    name = (call.name or "").lower()
    if existing is None and (name in call.state.registries or name in PUBLIC) and not call.backend.making_public:
        raise refusal(
            409,
            f"The registry name '{call.name}' is already in use: registry names are unique in all of Azure.",
        )
    dig_text(body, "properties.intellectualPropertyPublisher")
    regions = body["properties"].get("regionDetails")
    for region in regions or ():
        _check_region(region)
    if not regions and existing is None:
        place(body, "properties.regionDetails", [{"location": body.get("location")}])


def _check_region(region: Any) -> None:
    if not isinstance(region, dict) or not dig_text(region, "location"):
        raise refusal(400, "Every entry of 'properties.regionDetails' has to be an object with a 'location'.")
    for name in ("acrDetails", "storageAccountDetails"):
        details = region.get(name) or []
        if not isinstance(details, list) or not all(isinstance(one, dict) for one in details):
            raise refusal(400, f"'{name}' in 'properties.regionDetails' has to be a list of objects.")


def _accept(call: Call, registry: Resource, body: Body, new: bool) -> None:
    location = str(body["location"]).replace(" ", "").lower()
    properties = body["properties"]
    properties["discoveryUrl"] = (
        f"https://{location}.api.azureml.ms/registrymanagement/v1.0/registries/{registry.name}/discovery"
    )
    properties["mlFlowRegistryUri"] = f"azureml://{location}.api.azureml.ms/mlflow/v1.0{registry.id}"
    properties["managedResourceGroup"] = {
        "resourceId": f"/subscriptions/{call.subscription}/resourceGroups/azureml-rg-{registry.name}",
    }
    if new:
        call.state.registries[registry.name.lower()] = registry
        registry.known["public"] = call.backend.making_public


def _removed(state: State, registry: Resource) -> None:
    state.registries.pop(registry.name.lower(), None)
    state.accounts.pop(registry.known.get("account", ""), None)


def _missing(call: Call, _node: Resource, _kind: Kind, name: str) -> Resource | None:
    found = call.state.registries.get(name.lower())
    if found is None and name.lower() in PUBLIC:
        return call.backend.make_registry(name, public=True)
    return found


def _enter(call: Call, registry: Resource, child: Kind) -> None:
    if (
        registry.known.get("public")
        and call.method not in ("GET", "HEAD")
        and child.segment not in ("datarefs", "datareferences")
    ):
        message = f"The registry '{registry.name}' is public: it can be read, not written to."
        raise ServiceError(403, "AuthorizationFailed", message)


def discovery(call: Call, name: str) -> Reply:
    """Where a registry is, for a client that knows nothing but its name."""
    registry = call.state.registries.get(name.lower())
    if registry is None:
        public = name.lower() in PUBLIC
        if not public and not call.backend.provision:
            raise refusal(404, f"Registry '{name}' was not found.", "RegistryNotFound")
        registry = call.backend.make_registry(name, public=public)
    location = str(registry.stored["location"])
    parts = registry.id.split("/")
    provider = f"https://{location}.api.azureml.ms/"
    return reply(
        {
            "registryName": registry.name,
            "registryId": registry.id,
            "tenantId": call.backend.tenant_id,
            "subscriptionId": parts[2],
            "resourceGroup": parts[4],
            "primaryRegion": location,
            "workspaceName": "",
            "primaryRegionResourceProviderUri": provider,
            "registryFqdns": {location: {"uri": provider}},
        },
    )


def _upload(call: Call, name_holder: Resource, version: str) -> Reply:
    """A fresh place to upload the files of an asset to; 409 when that asset exists, so that nothing is uploaded."""
    registry = name_holder.parent or name_holder
    asset_id = dig_text(call.json(), "assetId") or ""
    for asset in ASSETS:
        wanted = f"azureml://registries/{registry.name}/{asset.plural}/{name_holder.name}/versions/{version}"
        container = registry.collection(registry.kind.children[asset.plural]).find(name_holder.name)
        versions = container.existing(container.kind.children["versions"]) if container is not None else None
        if asset_id.lower() == wanted.lower() and versions is not None and versions.find(version) is not None:
            raise user_error(409, f"Asset '{asset_id}' exists already.")
    account = call.backend.storage_of(call, registry)
    container_name = str(uuid.uuid4())
    account.add_container(container_name)
    reference = pending_upload(account, container_name, call.now)
    return reply({"temporaryDataReferenceId": container_name, "blobReferenceForConsumption": reference})


def _download(call: Call, name_holder: Resource, _version: str) -> Reply:
    """A signature to read the container with that holds the files of an asset."""
    registry = name_holder.parent or name_holder
    uri = dig_text(call.json(), "blobUri") or ""
    account = call.backend.storage_of(call, registry)
    container, _, path = uri.partition(f"{account.name}.blob.core.windows.net/")[2].partition("/")
    if f"blob/{container}" not in account.containers:
        raise user_error(404, f"The files '{uri}' are not kept by registry '{registry.name}'.")
    # The official client takes what is signed for a container, and looks in it for the path that the asset says itself.
    signed = f"{account.url}/{container}?{account.sign(container, call.now)}"
    body: Body = {"blobUri": uri, "credential": {"credentialType": "SAS", "sasUri": signed}}
    return reply({"blobReferenceForConsumption": body, "path": path})


def _references(segment: str, method: str, answer: Callable[[Call, Resource, str], Reply]) -> tuple[Kind, Kind]:
    """The rows of a path `{segment}/{name}/versions/{version}` that stores nothing."""
    holder = Kind(
        type=f"{ML}/registries/{segment}",
        below=f"{ML}/registries",
        segment=segment,
        noun="Reference",
        passing=True,
        lists=False,
        methods=frozenset(),
    )
    versions = Kind(
        type=f"{ML}/registries/{segment}/versions",
        below=f"{ML}/registries/{segment}",
        segment="versions",
        noun="Reference",
        lists=False,
        methods=frozenset(),
        api_versions=VERSIONS | DATA_PLANE,
        answers={method: answer},
    )
    return holder, versions


_REGISTRY = Kind(
    type=f"{ML}/registries",
    below=GROUPS,
    segment=f"providers/{ML}/registries",
    noun="Registry",
    names=name_rule(
        r"[a-zA-Z0-9][a-zA-Z0-9\-_]{2,32}",
        "3 to 33 letters, digits, - and _, a letter or digit first",
    ),
    methods=frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"}),
    api_versions=VERSIONS | DATA_PLANE,
    located=True,
    provisions=True,
    long_running={"PUT": 60.0, "DELETE": 60.0},
    types={
        "properties.regionDetails": "list",
        "properties.intellectualPropertyPublisher": "text",
        "properties.publicNetworkAccess": "text",
        "properties.managedResourceGroup": "object",
    },
    words={"properties.publicNetworkAccess": ("Enabled", "Disabled")},
    defaults={"tags": {}, "properties.publicNetworkAccess": "Enabled"},
    missing=_missing,
    enter=_enter,
    prepare=_prepare,
    accepted=_accept,
    removed=_removed,
    actions={"POST import": import_asset},
)
REGISTRIES: tuple[Kind, ...] = (
    _REGISTRY,
    across_subscription(_REGISTRY, api_versions=VERSIONS),
    *(
        row
        for asset in ASSETS
        for row in versioned(asset, f"{ML}/registries", seed=seed_registry if asset.plural == "environments" else None)
    ),
    *_references("tempdatarefs", "PUT", _upload),
    *_references("datarefs", "POST", _download),
    *_references("datareferences", "POST", _download),
)
