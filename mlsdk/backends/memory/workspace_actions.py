"""What can be asked of a workspace beside reading and changing it: keys, diagnosis, the managed network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.arm import act
from mlsdk.backends.memory.bodies import dig, dig_object
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.errors import refusal
from mlsdk.backends.memory.surroundings import guid

if TYPE_CHECKING:
    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.state import Resource

CHECKED = {
    "storageAccount": "storageAccountResults",
    "keyVault": "keyVaultResults",
    "applicationInsights": "applicationInsightsResults",
    "containerRegistry": "containerRegistryResults",
}
NO_FINDINGS = ("userDefinedRouteResults", "networkSecurityRuleResults", "resourceLockResults", "dnsResolutionResults")


def _keys(call: Call, workspace: Resource) -> Reply:
    """The keys of the resources around a workspace."""
    properties = workspace.body["properties"]
    body: dict[str, Any] = {"notebookAccessKeys": _notebook_keys(workspace)}
    account = call.state.accounts.get(workspace.known.get("account", ""))
    if account is not None:
        body["userStorageKey"] = account.keys[0]
        body["userStorageArmId"] = body["userStorageResourceId"] = properties["storageAccount"]
    insights = call.backend.find(properties.get("applicationInsights") or "")
    if insights is not None:
        body["appInsightsInstrumentationKey"] = insights.body["properties"]["InstrumentationKey"]
    registry = call.backend.find(properties.get("containerRegistry") or "")
    if registry is not None:
        passwords = [{"name": "password", "value": guid("acr", registry.id, "0")}]
        body["containerRegistryCredentials"] = {
            "location": registry.body["location"],
            "username": registry.name,
            "passwords": passwords,
        }
    return reply(body)


def _notebook_keys(workspace: Resource) -> dict[str, str]:
    return {f"{one}AccessKey": guid("notebook", workspace.id, one) for one in ("primary", "secondary")}


def _list_notebook_keys(_call: Call, workspace: Resource) -> Reply:
    return reply(_notebook_keys(workspace))


def _notebook_token(_call: Call, workspace: Resource) -> Reply:
    info = workspace.body["properties"]["notebookInfo"]
    return reply(
        {
            "accessToken": guid("token", workspace.id),
            "expiresIn": 28_800,
            "hostName": info["fqdn"],
            "notebookResourceId": info["resourceId"],
            "publicDns": info["fqdn"],
            "refreshToken": guid("refresh", workspace.id),
            "scope": "aznb_identity",
            "tokenType": "Bearer",
        },
    )


def _storage_keys(call: Call, workspace: Resource) -> Reply:
    return reply({"userStorageKey": call.backend.storage_of(call, workspace).keys[0]})


def _resync(call: Call, workspace: Resource) -> Reply:
    return act(call, workspace, "resynckeys", seconds=10.0, status=200)


def _diagnose(call: Call, workspace: Resource) -> Reply:
    """What is wrong with the resources a workspace needs."""
    dig_object(call.optional_json(), "value")
    properties = workspace.body["properties"]
    found: dict[str, Any] = {name: [] for name in (*NO_FINDINGS, *CHECKED.values(), "otherResults")}
    for key, results in CHECKED.items():
        resource_id = dig(properties, key)
        if resource_id and call.backend.find(resource_id) is None:
            message = f"The resource '{resource_id}' which the workspace needs does not exist."
            found[results].append({"code": "ResourceNotFound", "level": "Error", "message": message})
    return act(call, workspace, "diagnose", seconds=10.0, result={"value": found})


def _provision_network(call: Call, workspace: Resource) -> Reply:
    """Bring the managed network up."""
    spark = call.optional_json().get("includeSpark")
    if not isinstance(spark, (bool, type(None))):
        raise refusal(400, "The request content was invalid: 'includeSpark' has to be true or false.")
    result = {"status": "Active", "sparkReady": bool(spark)}
    return act(call, workspace, "provisionmanagednetwork", seconds=60.0, result=result)


def _prepare_notebook(call: Call, workspace: Resource) -> Reply:
    info = workspace.body["properties"]["notebookInfo"]
    return act(call, workspace, "preparenotebook", seconds=10.0, result=info)


def _dependencies(_call: Call, _workspace: Resource) -> Reply:
    """The hosts a workspace has to reach."""
    hosts = ("login.microsoftonline.com", "management.azure.com", "mcr.microsoft.com")
    endpoints = [{"domainName": host, "endpointDetails": [{"port": 443}]} for host in hosts]
    return reply({"value": [{"properties": {"category": "Azure", "endpoints": endpoints}}]})


def _features(_call: Call, _workspace: Resource) -> Reply:
    return reply({"value": []})


ACTIONS = {
    "POST listkeys": _keys,
    "POST listnotebookkeys": _list_notebook_keys,
    "POST listnotebookaccesstoken": _notebook_token,
    "POST liststorageaccountkeys": _storage_keys,
    "POST resynckeys": _resync,
    "POST diagnose": _diagnose,
    "POST provisionmanagednetwork": _provision_network,
    "POST preparenotebook": _prepare_notebook,
    "GET outboundnetworkdependenciesendpoints": _dependencies,
    "GET features": _features,
}
