"""What stands around a workspace: subscriptions, resource groups, storage, key vaults, logs, registries of containers.

They are ordinary resources of Azure Resource Manager, which any client may create, read and delete by id.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.blobs import Account, account_url
from mlsdk.backends.memory.bodies import dig_object, dig_text, place
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.errors import refusal
from mlsdk.backends.memory.kinds import Kind, Statuses, name_rule
from mlsdk.backends.memory.paging import page
from mlsdk.backends.memory.state import Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import State

SUBSCRIPTION = "microsoft.resources/subscriptions"
GROUP = "microsoft.resources/resourcegroups"
STORAGE = "microsoft.storage/storageaccounts"
READ_WRITE = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})


def guid(*parts: str) -> str:
    """A GUID that is the same for the same parts."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(parts).lower()))


def everything_below(call: Call, parent: Resource) -> Reply:
    """The tracked resources of a group or a whole subscription, as Resource Manager lists them."""
    query = call.param("$filter")
    wanted_type = None
    if query:
        matched = re.fullmatch(r"\s*resourceType\s+eq\s+'([^']+)'\s*", query, re.IGNORECASE)
        if matched is None:
            message = f"'$filter={query}': the memory backend emulates \"resourceType eq '...'\" only"
            raise refusal(400, message, "InvalidFilterInQueryString")
        wanted_type = matched[1].lower()

    def wanted(resource: Resource) -> bool:
        if not resource.kind.located or resource.kind.key == GROUP:
            return False
        if resource.data is not None and "deleted" in resource.data:
            return False
        return wanted_type is None or resource.kind.key == wanted_type

    found = sorted((one for one in tracked(parent) if wanted(one)), key=lambda one: one.number)
    return page(call, lambda after, _: (one for one in found if after is None or one.number > after))


def tracked(parent: Resource) -> Iterator[Resource]:
    """What stands directly in resource groups at or below `parent`: lists never go deeper than that."""
    for collection in (parent.children or {}).values():
        for resource in collection.items.values():
            if resource.kind.key == GROUP:
                yield from tracked(resource)
            else:
                yield resource


def across_groups(kind_key: str) -> Any:
    """A list of one kind over all resource groups of a subscription."""

    def lister(call: Call, parent: Resource) -> Reply:
        call.kind = next(kind for kind in _group_kinds(call) if kind.key == kind_key)
        found = sorted((one for one in tracked(parent) if one.kind.key == kind_key), key=lambda one: one.number)
        return page(call, lambda after, _: (one for one in found if after is None or one.number > after))

    return lister


def _group_kinds(call: Call) -> list[Kind]:
    subscriptions = call.state.root.kind.children["subscriptions"]
    return list(subscriptions.children["resourcegroups"].children.values())


def identify(call: Call, resource: Resource, identity: Body) -> None:
    """Give an identity of a resource the ids that the directory would."""
    if "systemassigned" in str(identity.get("type", "")).lower():
        identity["principalId"] = guid("principal", resource.id)
        identity["tenantId"] = call.backend.tenant_id
    assigned = dig_object(identity, "userAssignedIdentities")
    for resource_id in assigned:
        assigned[resource_id] = {"principalId": guid("principal", resource_id), "clientId": guid("client", resource_id)}


def _subscription(call: Call, node: Resource, kind: Kind, name: str) -> Resource:
    """Every subscription a caller names is there: they are not made through Resource Manager."""
    resource = Resource(kind, node, name, kind.new_id(node, name))
    body: Body = {"id": resource.id, "subscriptionId": name, "displayName": name, "state": "Enabled"}
    body["tenantId"] = call.backend.tenant_id
    call.state.store(node.collection(kind), resource, body, call.now)
    return resource


def _read_subscription(call: Call, node: Resource, name: str) -> Reply:
    return call.answer(node.collection(call.kind).find(name) or _subscription(call, node, call.kind, name))


def _group_absent(call: Call, node: Resource, kind: Kind, name: str) -> Resource:
    if not call.backend.provision:
        raise refusal(404, f"Resource group '{name}' could not be found.", "ResourceGroupNotFound")
    return call.backend.make_group(node, kind, name)


def _read_group(call: Call, node: Resource, name: str) -> Reply:
    return call.answer(node.collection(call.kind).find(name) or _group_absent(call, node, call.kind, name))


def _prepare_account(call: Call, body: Body, existing: Resource | None) -> None:
    name = call.name or ""
    if existing is None and name.lower() in call.state.accounts:
        raise refusal(409, f"The storage account named {name} is already taken.", "StorageAccountAlreadyTaken")
    dig_text(body, "kind")
    body.setdefault("kind", "StorageV2")
    body.setdefault("sku", {"name": "Standard_LRS", "tier": "Standard"})


def _accept_account(call: Call, resource: Resource, body: Body, new: bool) -> None:
    if new:
        call.state.accounts[resource.name.lower()] = Account(resource.name.lower())
    services = ("blob", "dfs", "file", "queue", "table")
    place(body, "properties.primaryEndpoints", {one: f"{account_url(resource.name.lower(), one)}/" for one in services})
    place(body, "properties.creationTime", body.get("systemData", {}).get("createdAt"))


def _account_removed(state: State, resource: Resource) -> None:
    state.accounts.pop(resource.name.lower(), None)


def _account_keys(call: Call, resource: Resource) -> Reply:
    keys = call.state.accounts[resource.name.lower()].keys
    return reply(
        {"keys": [{"keyName": f"key{i}", "value": key, "permissions": "FULL"} for i, key in enumerate(keys, 1)]},
    )


def _accept_vault(_call: Call, resource: Resource, body: Body, _new: bool) -> None:
    place(body, "properties.vaultUri", f"https://{resource.name.lower()}.vault.azure.net/")


def _accept_insights(_call: Call, resource: Resource, body: Body, _new: bool) -> None:
    key = guid("insights", resource.id)
    place(body, "properties.AppId", guid("application", resource.id))
    place(body, "properties.InstrumentationKey", key)
    place(body, "properties.ConnectionString", f"InstrumentationKey={key}")


def _accept_log(_call: Call, resource: Resource, body: Body, _new: bool) -> None:
    place(body, "properties.customerId", guid("log", resource.id))


def _accept_registry(_call: Call, resource: Resource, body: Body, _new: bool) -> None:
    place(body, "properties.loginServer", f"{resource.name.lower()}.azurecr.io")


def _registry_credentials(_call: Call, resource: Resource) -> Reply:
    passwords = [{"name": f"password{at or ''}", "value": guid("acr", resource.id, str(at))} for at in (0, 2)]
    return reply({"username": resource.name, "passwords": passwords})


def _accept_identity(call: Call, resource: Resource, body: Body, _new: bool) -> None:
    place(body, "properties.clientId", guid("client", resource.id))
    place(body, "properties.principalId", guid("principal", resource.id))
    place(body, "properties.tenantId", call.backend.tenant_id)


def provider(type_: str, noun: str, **more: Any) -> Kind:
    """A row for a resource of some provider that stands directly in a resource group."""
    return Kind(
        type=type_,
        below="Microsoft.Resources/resourceGroups",
        segment=f"providers/{type_}",
        noun=noun,
        located=True,
        provisions=True,
        methods=READ_WRITE,
        **more,
    )


STORAGE_NAME = name_rule(r"[a-z0-9]{3,24}", "3 to 24 lower-case letters and digits")
VAULT_NAME = name_rule(r"[A-Za-z](?:-?[A-Za-z0-9]){2,23}", "3 to 24 letters, digits and single hyphens, a letter first")

SURROUNDINGS: tuple[Kind, ...] = (
    Kind(
        type="Microsoft.Resources/subscriptions",
        segment="subscriptions",
        noun="Subscription",
        stamped=False,
        methods=frozenset(),
        missing=_subscription,
        answers={"GET": _read_subscription},
    ),
    Kind(
        type="Microsoft.Resources/resourceGroups",
        below="Microsoft.Resources/subscriptions",
        segment="resourceGroups",
        noun="Resource group",
        names=name_rule(r"[-\w._()]{0,89}[-\w_()]", "1 to 90 letters, digits, - _ . ( ), no full stop at the end"),
        located=True,
        provisions=True,
        stamped=False,
        methods=READ_WRITE,
        long_running={"DELETE": 60.0},
        missing=_group_absent,
        answers={"GET": _read_group},
    ),
    Kind(
        type="resources (in a group)",
        below="Microsoft.Resources/resourceGroups",
        segment="resources",
        noun="Resource",
        lister=everything_below,
        methods=frozenset(),
    ),
    Kind(
        type="resources (in a subscription)",
        below="Microsoft.Resources/subscriptions",
        segment="resources",
        noun="Resource",
        lister=everything_below,
        methods=frozenset(),
    ),
    provider(
        "Microsoft.Storage/storageAccounts",
        "Storage account",
        names=STORAGE_NAME,
        prepare=_prepare_account,
        accepted=_accept_account,
        removed=_account_removed,
        actions={"POST listkeys": _account_keys},
        long_running={"PUT": 20.0},
        statuses=Statuses(created=200, pending=202),
    ),
    provider("Microsoft.KeyVault/vaults", "Key vault", names=VAULT_NAME, accepted=_accept_vault),
    provider("Microsoft.Insights/components", "Application Insights component", accepted=_accept_insights),
    provider("Microsoft.OperationalInsights/workspaces", "Log Analytics workspace", accepted=_accept_log),
    provider(
        "Microsoft.ContainerRegistry/registries",
        "Container registry",
        names=name_rule(r"[A-Za-z0-9]{5,50}", "5 to 50 letters and digits"),
        accepted=_accept_registry,
        actions={"POST listcredentials": _registry_credentials},
    ),
    provider("Microsoft.ManagedIdentity/userAssignedIdentities", "User-assigned identity", accepted=_accept_identity),
    provider("Microsoft.Network/virtualNetworks", "Virtual network"),
    provider("Microsoft.Network/privateEndpoints", "Private endpoint"),
    provider("Microsoft.ContainerService/managedClusters", "Kubernetes cluster"),
    provider("Microsoft.Compute/virtualMachines", "Virtual machine"),
    provider("Microsoft.Synapse/workspaces", "Synapse workspace"),
    Kind(
        type="Microsoft.Network/virtualNetworks/subnets",
        below="Microsoft.Network/virtualNetworks",
        segment="subnets",
        noun="Subnet",
        provisions=True,
    ),
    Kind(
        type="Microsoft.Synapse/workspaces/bigDataPools",
        below="Microsoft.Synapse/workspaces",
        segment="bigDataPools",
        noun="Spark pool",
        located=True,
        provisions=True,
        methods=READ_WRITE,
    ),
)
