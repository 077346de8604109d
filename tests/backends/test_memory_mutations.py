"""Bodies as clients send them, with one thing in them missing or of the wrong type: the service's 4xx, never its 5xx."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from mlsdk.backends import Request
from mlsdk.backends.memory import MemoryBackend

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUP = "/subscriptions/sub/resourceGroups/rg"
PROVIDERS = f"{GROUP}/providers"
WORKSPACE = f"{PROVIDERS}/Microsoft.MachineLearningServices/workspaces/ws"
REGISTRY = f"{PROVIDERS}/Microsoft.MachineLearningServices/registries/reg"
DEPLOYMENTS = f"{PROVIDERS}/Microsoft.Resources/deployments"
VERSION = "2024-10-01-preview"
VALUES: tuple[Any, ...] = (None, 5, -1.5, True, "text", "", [], [1], [None], {}, {"a": None}, {"a": "b"})
NEEDS = {
    "storageAccount": f"{PROVIDERS}/Microsoft.Storage/storageAccounts/spare",
    "keyVault": f"{PROVIDERS}/Microsoft.KeyVault/vaults/spare",
    "applicationInsights": f"{PROVIDERS}/Microsoft.Insights/components/spare",
}
RULES = {
    "web": {"type": "FQDN", "destination": "pypi.org"},
    "tag": {
        "type": "ServiceTag",
        "destination": {
            "serviceTag": "AzureAD",
            "protocol": "TCP",
            "portRanges": "80",
            "addressPrefixes": ["10.0.0.0/8"],
        },
    },
    "private": {
        "type": "PrivateEndpoint",
        "destination": {"serviceResourceId": "/s", "subresourceTarget": "blob", "sparkEnabled": True},
    },
}
TEMPLATE = {
    "parameters": {
        "kind": {"type": "string"},
        "workspaceName": {"type": "string"},
        "location": {"type": "string"},
        "tagValues": {"type": "object"},
        "storageAccountOption": {"type": "string", "defaultValue": "new", "allowedValues": ["new", "existing"]},
        "storageAccountName": {"type": "string"},
        "keyVaultOption": {"type": "string", "defaultValue": "new"},
        "keyVaultName": {"type": "string"},
    },
    "resources": [{"type": "Microsoft.MachineLearningServices/workspaces"}],
}
GIVEN = {
    "kind": {"value": "hub"},
    "workspaceName": {"value": "made"},
    "location": {"value": "eastus"},
    "tagValues": {"value": {"a": "b"}},
    "storageAccountOption": {"value": "new"},
    "storageAccountName": {"value": "madestorage"},
    "keyVaultName": {"value": "madevault"},
}

BODIES: dict[str, dict[str, Any]] = {
    f"PUT {GROUP}2": {"location": "eastus", "tags": {"a": "b"}, "managedBy": "x"},
    f"PATCH {GROUP}": {"tags": {"a": "b"}},
    f"PUT {PROVIDERS}/Microsoft.Storage/storageAccounts/another": {
        "location": "eastus",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "tags": {"a": "b"},
        "properties": {"isHnsEnabled": True, "networkAcls": {"defaultAction": "deny"}},
    },
    f"PUT {PROVIDERS}/Microsoft.KeyVault/vaults/another": {"location": "eastus", "properties": {}},
    f"PUT {PROVIDERS}/Microsoft.Insights/components/another": {
        "location": "eastus",
        "kind": "web",
        "properties": {"Application_Type": "web", "WorkspaceResourceId": "/x"},
    },
    f"PUT {PROVIDERS}/Microsoft.ContainerRegistry/registries/another": {"location": "eastus", "properties": {}},
    f"PUT {PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/another": {"location": "eastus", "tags": {}},
    f"PUT {PROVIDERS}/Microsoft.Network/virtualNetworks/another": {"location": "eastus", "properties": {"subnets": []}},
    f"PUT {GROUP}/providers/Microsoft.Resources/tags/default": {"properties": {"tags": {"a": "b"}}},
    f"PATCH {WORKSPACE}/providers/Microsoft.Resources/tags/default": {
        "operation": "Merge",
        "properties": {"tags": {"a": "b"}},
    },
    f"PUT {DEPLOYMENTS}/mine": {
        "properties": {"mode": "incremental", "template": TEMPLATE, "parameters": GIVEN},
    },
    f"PUT {WORKSPACE}2": {
        "location": "eastus",
        "kind": "Default",
        "tags": {"a": "b"},
        "identity": {"type": "SystemAssigned,UserAssigned", "userAssignedIdentities": {"/me": {}}},
        "sku": {"name": "Basic"},
        "properties": {
            **NEEDS,
            "friendlyName": "x",
            "hbiWorkspace": True,
            "publicNetworkAccess": "Enabled",
            "systemDatastoresAuthMode": "identity",
            "provisionNetworkNow": True,
            "allowRecoverSoftDeletedWorkspace": "true",
            "encryption": {"status": "Enabled", "keyVaultProperties": {"keyVaultArmId": "/k", "keyIdentifier": "u"}},
            "managedNetwork": {"isolationMode": "AllowInternetOutbound", "outboundRules": RULES},
            "serverlessComputeSettings": {"serverlessComputeNoPublicIP": True},
        },
    },
    f"PUT {WORKSPACE}3": {
        "location": "eastus",
        "kind": "Project",
        "properties": {"hubResourceId": f"{PROVIDERS}/Microsoft.MachineLearningServices/workspaces/hub"},
    },
    f"PATCH {WORKSPACE}": {
        "tags": {"a": "b"},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/me": {}, "/gone": None}},
        "properties": {
            "friendlyName": "x",
            "description": "y",
            "imageBuildCompute": "cpu",
            "publicNetworkAccess": "Disabled",
            "managedNetwork": {"isolationMode": "AllowInternetOutbound", "outboundRules": RULES},
            "networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "10.0.0.0/8"}]},
            "applicationInsights": NEEDS["applicationInsights"],
            "encryption": {"keyVaultProperties": {"keyIdentifier": "u"}},
            "featureStoreSettings": {"computeRuntime": {"sparkRuntimeVersion": "3.4"}},
        },
    },
    f"PUT {WORKSPACE}/outboundRules/tag": {"properties": RULES["tag"]},
    f"PUT {WORKSPACE}/outboundRules/web": {"properties": RULES["web"]},
    f"PUT {WORKSPACE}/outboundRules/private": {"properties": RULES["private"]},
    f"POST {WORKSPACE}/provisionManagedNetwork": {"includeSpark": True},
    f"POST {WORKSPACE}/diagnose": {"value": {"storageAccount": {}}},
    f"PUT {WORKSPACE}/connections/store": {
        "properties": {
            "category": "AzureBlob",
            "authType": "AccountKey",
            "target": "https://x",
            "metadata": {"containerName": "c", "accountName": "a"},
            "credentials": {"key": "made-up"},
            "isSharedToAll": True,
        },
    },
    f"PUT {WORKSPACE}/connections/person": {
        "properties": {
            "category": "Git",
            "authType": "UsernamePassword",
            "target": "https://x",
            "metadata": {},
            "credentials": {"username": "u", "password": "made-up"},
        },
    },
    f"PUT {WORKSPACE}/computes/cluster": {
        "location": "eastus",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/me": {}}},
        "tags": {"a": "b"},
        "properties": {
            "computeType": "AmlCompute",
            "disableLocalAuth": True,
            "description": "x",
            "properties": {
                "vmSize": "Standard_DS3_v2",
                "vmPriority": "Dedicated",
                "osType": "Linux",
                "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT2M"},
                "subnet": {"id": "/s"},
                "userAccountCredentials": {"adminUserName": "u", "adminUserPassword": "made-up"},
                "remoteLoginPortPublicAccess": "NotSpecified",
                "enableNodePublicIp": True,
            },
        },
    },
    f"PATCH {WORKSPACE}/computes/cpu": {"properties": {"properties": {"scaleSettings": {"maxNodeCount": 5}}}},
    f"PUT {WORKSPACE}/computes/instance": {
        "location": "eastus",
        "properties": {
            "computeType": "ComputeInstance",
            "properties": {
                "vmSize": "Standard_DS3_v2",
                "sshSettings": {"sshPublicAccess": "Enabled", "adminPublicKey": "k"},
                "schedules": {"computeStartStop": [{"action": "Stop", "cron": {"expression": "* * * * *"}}]},
                "setupScripts": {"scripts": {"creationScript": {"scriptData": "x"}}},
                "idleTimeBeforeShutdown": "PT30M",
            },
        },
    },
    f"PUT {WORKSPACE}/computes/attached": {
        "location": "eastus",
        "properties": {
            "computeType": "VirtualMachine",
            "resourceId": "/m",
            "properties": {"sshPort": 22, "administratorAccount": {"username": "u", "password": "made-up"}},
        },
    },
    f"POST {WORKSPACE}/computes/instance0/enableSso": {"enableSSO": True},
    f"PUT {WORKSPACE}/datastores/mine": {
        "properties": {
            "datastoreType": "AzureBlob",
            "accountName": "acct",
            "containerName": "c",
            "protocol": "https",
            "endpoint": "core.windows.net",
            "credentials": {
                "credentialsType": "AccountKey",
                "secrets": {"secretsType": "AccountKey", "key": "made-up"},
            },
        },
    },
    f"PUT {REGISTRY}2": {
        "location": "eastus",
        "tags": {"a": "b"},
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "publicNetworkAccess": "Enabled",
            "intellectualPropertyPublisher": "me",
            "managedResourceGroup": {"resourceId": "/g"},
            "regionDetails": [
                {
                    "location": "eastus",
                    "acrDetails": [{"systemCreatedAcrAccount": {"acrAccountSku": "Premium"}}],
                    "storageAccountDetails": [{"systemCreatedStorageAccount": {"storageAccountType": "Standard_LRS"}}],
                },
            ],
        },
    },
    f"PATCH {REGISTRY}": {"tags": {"a": "b"}, "identity": {"type": "SystemAssigned"}},
    f"PUT {REGISTRY}/tempdatarefs/m/versions/1": {
        "assetId": "azureml://registries/reg/models/m/versions/1",
        "temporaryDataReferenceType": "TemporaryBlobReference",
    },
    f"POST {REGISTRY}/datareferences/m/versions/1": {"assetId": "azureml://x", "blobUri": "https://x"},
    f"POST {REGISTRY}/import": {
        "importType": "x",
        "properties": {
            "sourceAssetId": "azureml://locations/eastus/workspaces/w/models/m/versions/1",
            "destinationName": "m",
            "destinationVersion": "1",
        },
    },
}
"""What each request carries that a client makes of these kinds."""

UNREAD = {
    *("Application_Type", "WorkspaceResourceId", "defaultAction", "ipRules", "addressPrefixes", "subnets"),
    *("template", "computeStartStop", "creationScript", "acrDetails", "storageAccountDetails", "resourceId"),
    *("storageAccount", "metadata", "secretsType", "temporaryDataReferenceType"),
}
"""What is kept as it comes, because nothing here depends on it."""


def mutations(body: Any) -> Iterator[tuple[str, Any]]:
    """Every body with one thing in it missing or of another type, and where that is."""
    yield "whole", None
    for value in VALUES:
        yield f"whole = {value!r}", value
    for path in _paths(body, ()):
        for value in (..., *VALUES):
            changed = copy.deepcopy(body)
            inner = changed
            for step in path[:-1]:
                inner = inner[step]
            if value is ...:
                del inner[path[-1]]
            else:
                inner[path[-1]] = value
            yield f"{'.'.join(map(str, path))} {'missing' if value is ... else f'= {value!r}'}", changed


def _paths(body: Any, above: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    steps = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for step, inner in steps:
        yield (*above, step)
        yield from _paths(inner, (*above, step))


def populated() -> MemoryBackend:
    """An Azure with something of every kind that other requests refer to."""
    azure = MemoryBackend()
    azure.add_workspace("sub", "rg", "ws", computes=["cpu"])
    for path in NEEDS.values():
        azure.create(path, {"location": "eastus"})
    hub = {"location": "eastus", "kind": "Hub", "properties": NEEDS}
    azure.create(f"{PROVIDERS}/Microsoft.MachineLearningServices/workspaces/hub", hub)
    instance = {"computeType": "ComputeInstance", "properties": {"vmSize": "Standard_DS3_v2"}}
    azure.create(f"{WORKSPACE}/computes/instance0", {"location": "eastus", "properties": instance})
    azure.add_registry("reg", subscription="sub", resource_group="rg")
    return azure


def checked(azure: MemoryBackend, method: str, path: str, body: Any = None, version: str = VERSION) -> int:
    """The status of an answer, which has code and message when it is a refusal."""
    reply = azure.send(Request(method, path, {"api-version": version}, {}, body))
    assert reply.status < 500
    if reply.status >= 400:
        error = reply.body["error"]
        assert error["code"]
        assert error["message"]
    return reply.status


@pytest.mark.parametrize("request_", BODIES)
def test_the_body_itself_is_taken(request_: str) -> None:
    """What clients send is carried out, so that it is the change below that is refused."""
    method, path = request_.split(" ")
    status = checked(populated(), method, path, BODIES[request_])
    assert status in ((404,) if "datareferences" in path or "import" in path else (200, 201, 202))


@pytest.mark.parametrize("request_", BODIES)
def test_no_mutation_breaks_the_service(request_: str) -> None:
    """Whatever is missing or of the wrong type, the answer is one of the service, and all can still be read."""
    method, path = request_.split(" ")
    azure = populated()
    before = azure.snapshot()
    for where, body in mutations(BODIES[request_]):
        try:
            taken = checked(azure, method, path, body) < 400
            if taken:
                for shown in (path, path.rpartition("/")[0], WORKSPACE, f"{WORKSPACE}/computes", f"{GROUP}/resources"):
                    checked(azure, "GET", shown)
                checked(azure, "PUT", path, BODIES[request_])
                checked(azure, "DELETE", path)
        except Exception as error:
            message = f"{request_} with {where}"
            raise AssertionError(message) from error
        if taken:
            azure.restore(before)


def type_of(value: Any) -> Any:
    """What kind of JSON a value is."""
    return float if type(value) is int else type(value)


@pytest.mark.parametrize("request_", BODIES)
def test_a_value_of_the_wrong_type_is_refused(request_: str) -> None:
    """Text where a number is meant, a list where an object is: the service's 400 says where, and nothing is stored."""
    method, path = request_.split(" ")
    body = BODIES[request_]
    azure = populated()
    for place in _paths(body, ()):
        if UNREAD & set(map(str, place)):
            continue
        for value in ("text", 5, [1], {"a": "b"}):
            changed = copy.deepcopy(body)
            inner = changed
            for step in place[:-1]:
                inner = inner[step]
            if inner[place[-1]] is None or type_of(inner[place[-1]]) is type_of(value):
                continue
            inner[place[-1]] = value
            status = checked(azure, method, path, changed)
            assert status in (400, 404), f"{request_}: {'.'.join(map(str, place))} = {value!r} was taken"


@pytest.mark.parametrize("request_", BODIES)
def test_a_body_that_is_no_object_changes_nothing(request_: str) -> None:
    """Without a JSON object, or with properties that are none, every request is the service's 400."""
    method, path = request_.split(" ")
    bodies: list[Any] = [[], "text", 5, b"{", b"[]", {"properties": []}, {"properties": "text"}]
    for body in bodies:
        odd = isinstance(body, dict) and "properties" not in BODIES[request_]
        assert odd or "diagnose" in path or checked(populated(), method, path, body) in (400, 404)


@pytest.mark.parametrize("request_", BODIES)
def test_an_unknown_version_or_route_is_refused(request_: str) -> None:
    """A version that is none, one that is not known, and anything below what is known."""
    method, path = request_.split(" ")
    body = BODIES[request_]
    assert checked(populated(), method, path, body, "latest") == 400
    assert checked(populated(), method, path, body, "") == 400
    if "/Microsoft.MachineLearningServices/" in path and "/Microsoft.Resources/" not in path:
        assert checked(populated(), method, path, body, "2031-01-01") == 400
    assert checked(populated(), method, f"{path}/nothing", body) in (400, 404, 405)
    assert checked(populated(), "BREW", path, body) == 405
