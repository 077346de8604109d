"""What stands around a workspace: subscriptions, resource groups, storage, key vaults, logs, registries of containers.

They are ordinary resources of Azure Resource Manager, which any client may create, read and delete by id.
"""

from __future__ import annotations

import re
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.blobs import Account, account_url
from mlsdk.backends.memory.bodies import dig, dig_object, dig_text, place
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.errors import refusal
from mlsdk.backends.memory.kinds import ML, Kind, NameRule, Statuses, name_rule
from mlsdk.backends.memory.providers import register, resource_providers
from mlsdk.backends.memory.resource_lists import (
    GROUPS,
    SUBSCRIPTIONS,
    across_subscription,
    everything_below,
    groups_by_tag,
    listing,
)
from mlsdk.backends.memory.state import Resource

if TYPE_CHECKING:
    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import State

READ_WRITE = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})


@lru_cache(maxsize=16384)
def guid(*parts: str) -> str:
    """A GUID that is the same for the same parts."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(parts).lower()))


def identify(call: Call, resource: Resource, identity: Body) -> None:
    """Give an identity of a resource the ids that the directory would."""
    if "systemassigned" in str(identity.get("type", "")).lower():
        identity["principalId"] = guid("principal", resource.id)
        identity["tenantId"] = call.backend.tenant_id
    assigned = dig_object(identity, "userAssignedIdentities")
    for resource_id, said in list(assigned.items()):
        if said is None:  # so a PATCH takes one away
            del assigned[resource_id]
            continue
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
    accounts, name = call.state.accounts, resource.name.lower()
    hierarchical = dig(body, "properties.isHnsEnabled")
    if hierarchical is not None and not isinstance(hierarchical, bool):
        raise refusal(400, "The request content was invalid: 'properties.isHnsEnabled' has to be true or false.")
    if not new and hierarchical not in (None, accounts[name].hierarchical):
        message = (
            "The property 'isHnsEnabled' was specified in the input, but it cannot be updated as it is read-only. For more "
            "information, see - https://aka.ms/storageaccountupdate"
        )
        raise refusal(400, message, "AccountPropertyCannotBeUpdated")
    if new:
        accounts[name] = Account(name, hierarchical=hierarchical is True)
    if accounts[name].hierarchical:
        place(body, "properties.isHnsEnabled", True)
    services = ("blob", "dfs", "file", "queue", "table")
    place(body, "properties.primaryEndpoints", {one: f"{account_url(name, one)}/" for one in services})
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
        below=GROUPS,
        segment=f"providers/{type_}",
        noun=noun,
        located=True,
        provisions=True,
        methods=READ_WRITE,
        **more,
    )


# Letters of any alphabet, unlike everywhere else.
GROUP_NAME = NameRule(
    re.compile(r"[-\w._()]{0,89}[-\w_()]"), "1 to 90 letters, digits, - _ . ( ), no full stop at the end"
)
STORAGE_NAME = name_rule(r"[a-z0-9]{3,24}", "3 to 24 lower-case letters and digits")
VAULT_NAME = name_rule(r"[A-Za-z](?:-?[A-Za-z0-9]){2,23}", "3 to 24 letters, digits and single hyphens, a letter first")

PROVIDED = (
    provider(
        "Microsoft.Storage/storageAccounts",
        "Storage account",
        names=STORAGE_NAME,
        prepare=_prepare_account,
        accepted=_accept_account,
        removed=_account_removed,
        actions={"POST listkeys": _account_keys},
        types={"properties.isHnsEnabled": "boolean", "properties.networkAcls": "object"},
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
)
"""What stands directly in resource groups and is not Azure Machine Learning's."""
NAMESPACES = {ML, "Microsoft.Resources", *(row.type.partition("/")[0] for row in PROVIDED)}

SURROUNDINGS: tuple[Kind, ...] = (
    Kind(
        type=SUBSCRIPTIONS,
        segment="subscriptions",
        noun="Subscription",
        stamped=False,
        methods=frozenset(),
        missing=_subscription,
        answers={"GET": _read_subscription},
        actions={f"POST {namespace.lower()}/register": register(namespace) for namespace in NAMESPACES},
    ),
    Kind(
        type=GROUPS,
        below=SUBSCRIPTIONS,
        segment="resourceGroups",
        noun="Resource group",
        names=GROUP_NAME,
        located=True,
        provisions=True,
        stamped=False,
        methods=READ_WRITE,
        long_running={"DELETE": 60.0},
        missing=_group_absent,
        answers={"GET": _read_group},
        list_filter=groups_by_tag,
    ),
    listing("resources (in a group)", GROUPS, "resources", "Resource", everything_below),
    listing("resources (in a subscription)", SUBSCRIPTIONS, "resources", "Resource", everything_below),
    resource_providers(sorted(NAMESPACES)),
    *PROVIDED,
    *(across_subscription(row) for row in PROVIDED),
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
