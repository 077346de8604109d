"""Workspaces, hubs and projects: every field once, once falsy, each part of each kind; files; answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg/providers"
STORAGE = f"{GROUP}/Microsoft.Storage/storageAccounts/store"
REGISTRY = f"{GROUP}/Microsoft.ContainerRegistry/registries/images"
VAULT = f"{GROUP}/Microsoft.KeyVault/vaults/vault"
INSIGHTS = f"{GROUP}/Microsoft.Insights/components/insights"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/net/subnets/default"
IDENTITY = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/me"
OTHER_IDENTITY = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/you"
HUB = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/hub"

Arguments = Callable[[Any], dict[str, Any]]


def _workspace(**arguments: Any) -> tuple[str, Arguments]:
    return "Workspace", lambda _: {"name": "demo", **arguments}


def _with(name: str, part: Callable[[Any], Any]) -> tuple[str, Arguments]:
    return "Workspace", lambda m: {"name": "demo", name: part(m)}


def _rules(*rules: Callable[[Any], Any]) -> tuple[str, Arguments]:
    return _with(
        "managed_network",
        lambda m: m.ManagedNetwork(
            isolation_mode="AllowOnlyApprovedOutbound", outbound_rules=[rule(m) for rule in rules]
        ),
    )


_SET: dict[str, Any] = {
    "description": "what it is for",
    "tags": {"purpose": "demo", "Cost Center": "42"},
    "display_name": "A demo",
    "location": "westeurope",
    "resource_group": "other",
    "hbi_workspace": True,
    "storage_account": STORAGE,
    "container_registry": REGISTRY,
    "key_vault": VAULT,
    "application_insights": INSIGHTS,
    "image_build_compute": "builder",
    "public_network_access": "Disabled",
    "primary_user_assigned_identity": IDENTITY,
    "provision_network_now": True,
    "system_datastores_auth_mode": "identity",
    "enable_data_isolation": True,
    "allow_roleassignment_on_rg": True,
    "kind": "featurestore",
    "discovery_url": "https://eastus.api.azureml.ms/discovery",
    "properties": {"a": "b"},
}
_FALSY: dict[str, Any] = {
    "description": "",
    "tags": {},
    "display_name": "",
    "location": "",
    "resource_group": "",
    "hbi_workspace": False,
    "storage_account": "",
    "container_registry": "",
    "key_vault": "",
    "application_insights": "",
    "image_build_compute": "",
    "primary_user_assigned_identity": "",
    "provision_network_now": False,
    "system_datastores_auth_mode": "",
    "enable_data_isolation": False,
    "allow_roleassignment_on_rg": False,
    "properties": {},
    "hub_id": "",
}
_NONE = dict.fromkeys(
    [
        *_SET,
        "hub_id",
        "workspace_hub",
        "serverless_compute",
        "managed_network",
        "identity",
        "network_acls",
        "customer_managed_key",
        "feature_store_settings",
    ]
)

CASES: list[tuple[str, Arguments]] = [
    _workspace(),
    *(_workspace(**{name: value}) for name, value in _SET.items()),
    *(_workspace(**{name: value}) for name, value in _FALSY.items()),
    *(_workspace(**{name: None}) for name in _NONE),
    _workspace(**{**_SET, "kind": None}),
    _workspace(tags={"a": "", "b": "${{x}}"}),
    _workspace(hub_id=HUB),
    _workspace(workspace_hub=HUB),
    _workspace(hub_id=HUB, workspace_hub="/other", kind="default"),
    _workspace(display_nam="a mistyped keyword"),
    _with("identity", lambda m: m.IdentityConfiguration(type="system_assigned")),
    _with("identity", lambda m: m.IdentityConfiguration(type="none")),
    _with(
        "identity",
        lambda m: m.IdentityConfiguration(
            type="user_assigned",
            user_assigned_identities=[
                m.ManagedIdentityConfiguration(resource_id=IDENTITY),
                m.ManagedIdentityConfiguration(resource_id=OTHER_IDENTITY, client_id="c", principal_id="p"),
            ],
        ),
    ),
    _with("identity", lambda m: m.IdentityConfiguration(type="user_assigned", user_assigned_identities=[])),
    _with(
        "customer_managed_key",
        lambda m: m.CustomerManagedKey(key_vault=VAULT, key_uri="https://v.vault.azure.net/keys/k/1"),
    ),
    _with(
        "customer_managed_key",
        lambda m: m.CustomerManagedKey(VAULT, "https://v.vault.azure.net/keys/k/1", "/c", "/s", "/f"),
    ),
    _with("customer_managed_key", lambda m: m.CustomerManagedKey(cosmosdb_id=None, storage_id=None, search_id=None)),
    _with("customer_managed_key", lambda m: m.CustomerManagedKey("", "", "", "", "")),
    _with("network_acls", lambda m: m.NetworkAcls()),
    _with(
        "network_acls",
        lambda m: m.NetworkAcls(
            default_action="Deny", ip_rules=[m.IPRule("203.0.113.0/24"), m.IPRule(value="1.2.3.4")]
        ),
    ),
    _with("network_acls", lambda m: m.NetworkAcls(default_action="Allow", ip_rules=None)),
    _with("network_acls", lambda m: m.NetworkAcls(default_action="Deny", ip_rules=[])),
    _with("serverless_compute", lambda m: m.ServerlessComputeSettings()),
    _with("serverless_compute", lambda m: m.ServerlessComputeSettings(custom_subnet=SUBNET, no_public_ip=True)),
    _with("serverless_compute", lambda m: m.ServerlessComputeSettings(custom_subnet="default")),
    _with("serverless_compute", lambda m: m.ServerlessComputeSettings(custom_subnet="")),
    _with("feature_store_settings", lambda m: m.FeatureStoreSettings()),
    _with(
        "feature_store_settings",
        lambda m: m.FeatureStoreSettings(
            compute_runtime=m.ComputeRuntime(spark_runtime_version="3.3"),
            offline_store_connection_name="off",
            online_store_connection_name="on",
        ),
    ),
    _with(
        "feature_store_settings",
        lambda m: m.FeatureStoreSettings(
            compute_runtime=m.ComputeRuntime(), offline_store_connection_name="", online_store_connection_name=""
        ),
    ),
    _with("managed_network", lambda m: m.ManagedNetwork()),
    *(
        _with("managed_network", lambda m, mode=mode: m.ManagedNetwork(isolation_mode=mode))
        for mode in ("Disabled", "AllowInternetOutbound", "AllowOnlyApprovedOutbound")
    ),
    *(_with("managed_network", lambda m, sku=sku: m.ManagedNetwork(firewall_sku=sku)) for sku in ("Standard", "Basic")),
    _with("managed_network", lambda m: m.ManagedNetwork(network_id="n", outbound_rules=[])),
    _rules(lambda m: m.FqdnDestination(name="packages", destination="*.example.org")),
    _rules(lambda m: m.FqdnDestination(name="", destination="")),
    _rules(
        lambda m: m.FqdnDestination(
            name="made", destination="x", category="Required", status="Active", parent_rule_names=["a"]
        )
    ),
    _rules(
        lambda m: m.PrivateEndpointDestination(name="store", service_resource_id=STORAGE, subresource_target="blob")
    ),
    _rules(
        lambda m: m.PrivateEndpointDestination(
            name="store",
            service_resource_id=STORAGE,
            subresource_target="blob",
            spark_enabled=True,
            fqdns=["a.example.com"],
        )
    ),
    _rules(
        lambda m: m.PrivateEndpointDestination(
            name="store",
            service_resource_id="",
            subresource_target="",
            spark_enabled=False,
            fqdns=[],
            category="Dependency",
        )
    ),
    _rules(
        lambda m: m.ServiceTagDestination(
            name="factory", protocol="TCP", port_ranges="80, 8080-8089", service_tag="DataFactory"
        )
    ),
    _rules(
        lambda m: m.ServiceTagDestination(name="range", protocol="*", port_ranges="", address_prefixes=["10.0.0.0/8"])
    ),
    _rules(
        lambda m: m.ServiceTagDestination(
            name="range", protocol="UDP", port_ranges="1", service_tag="", address_prefixes=[]
        )
    ),
    _rules(
        lambda m: m.FqdnDestination(name="a", destination="a.example.com"),
        lambda m: m.ServiceTagDestination(name="b", protocol="ICMP", port_ranges="1", service_tag="Storage"),
        lambda m: m.PrivateEndpointDestination(name="c", service_resource_id=STORAGE, subresource_target="file"),
    ),
    ("FqdnDestination", lambda _: {"name": "no destination"}),
    ("Workspace", lambda _: {"location": "no name"}),
    ("Hub", lambda _: {"name": "hub"}),
    (
        "Hub",
        lambda _: {
            "name": "hub",
            "default_resource_group": f"{SUBSCRIPTION}/resourceGroups/rg",
            "associated_workspaces": [HUB],
        },
    ),
    ("Hub", lambda _: {"name": "hub", **{name: value for name, value in _SET.items() if name != "kind"}}),
    (
        "Hub",
        lambda _: {
            "name": "hub",
            **{name: value for name, value in _FALSY.items() if name not in ("hub_id", "properties")},
        },
    ),
    (
        "Hub",
        lambda m: {
            "name": "hub",
            "identity": m.IdentityConfiguration(type="system_assigned"),
            "managed_network": m.ManagedNetwork(isolation_mode="AllowInternetOutbound"),
            "network_acls": m.NetworkAcls(),
            "serverless_compute": m.ServerlessComputeSettings(no_public_ip=True),
        },
    ),
    ("Project", lambda _: {"name": "project", "hub_id": HUB}),
    ("Project", lambda _: {"name": "project", "hub_id": ""}),
    (
        "Project",
        lambda _: {"name": "project", "hub_id": HUB, **{name: value for name, value in _SET.items() if name != "kind"}},
    ),
    ("Project", lambda _: {"name": "project"}),
]

# -- files -------------------------------------------------------------------------------------------------------


def _file(text: str) -> tuple[str, str]:
    return (
        "workspace",
        f"$schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json\nname: demo\n{text}",
    )


def _network(text: str) -> tuple[str, str]:
    return _file("managed_network:\n" + "".join(f"  {line}\n" for line in text.splitlines()))


def _rule(text: str) -> tuple[str, str]:
    return _network(f"isolation_mode: allow_only_approved_outbound\noutbound_rules:\n  - {text}")


_NAMED = "an identity whose key has no value is meant as much as one with `{}`; the official client drops it"
_WITHOUT_VALUE = (
    "$schema:",
    "description:",
    "tags:",
    "tags: {a: }",
    "id:",
    "hbi_workspace:",
    "storage_account:",
    "customer_managed_key: {key_vault: }",
    "identity:",
    "identity: {type: }",
    "identity: {type: system_assigned, user_assigned_identities: }",
    "serverless_compute: {custom_subnet: }",
    "serverless_compute: {no_public_ip: }",
    "network_acls: {default_action: Allow, ip_rules: [ , ]}".replace(" ,", " null,"),
    "managed_network:",
    "managed_network: {isolation_mode: }",
    "managed_network: {isolation_mode: disabled, outbound_rules: }",
    "managed_network: {isolation_mode: disabled, outbound_rules: [null]}",
    "managed_network: {isolation_mode: disabled, outbound_rules: {}}",
    "managed_network: {isolation_mode: disabled, network_id: }",
    "managed_network: {isolation_mode: disabled, firewall_sku: }",
    f"identity:\n  type: user_assigned\n  user_assigned_identities:\n    {IDENTITY}:",
)

FILES: list[tuple[str, str]] = [
    *(_file(f"{text}\n") for text in _WITHOUT_VALUE),
    *(
        _file(f"identity: {{type: {word}}}\n")
        for word in ("systemAssigned", "System_Assigned", "systemassigned", "user-assigned", "UserAssigned", "' none'")
    ),
    _file("identity: {type: 'system_assigned, user_assigned'}\n"),
    *(
        _file(f"managed_network: {{isolation_mode: {word}}}\n")
        for word in ("allowInternetOutbound", "allow-internet-outbound", "Allow_Internet_Outbound", "DISABLED")
    ),
    *(_file(f"network_acls: {{default_action: {word}}}\n") for word in ("allow", "ALLOW", "' Allow'")),
    *(_file(f"hbi_workspace: {word}\n") for word in ("'yes'", "'off'", "'1'", "0", "'T'", "2", "maybe", "''")),
    *(_file(f"public_network_access: {word}\n") for word in ("enabled", "DISABLED", "on")),
    _file(""),
    _file(f"""\
location: westeurope
resource_group: other
description: |
  Two lines
  of text.
display_name: A demo
hbi_workspace: true
storage_account: {STORAGE}
container_registry: {REGISTRY}
key_vault: {VAULT}
application_insights: {INSIGHTS}
tags:
  purpose: demo
image_build_compute: builder
system_datastores_auth_mode: identity
primary_user_assigned_identity: {IDENTITY}
provision_network_now: false
enable_data_isolation: yes
allow_roleassignment_on_rg: "false"
discovery_url: https://eastus.api.azureml.ms/discovery
"""),
    _file("id: /subscriptions/s\nmlflow_tracking_uri: azureml://x\n"),
    _file("hbi_workspce: true\n"),
    _file("properties: {}\n"),
    _file("feature_store_settings: {}\n"),
    _file(f"hub_id: {HUB}\n"),
    _file(f"workspace_hub: {HUB}\n"),
    _file("workspace_hub: hub\n"),
    *(
        _file(f"{name}: store\n")
        for name in ("storage_account", "container_registry", "key_vault", "application_insights")
    ),
    _file("storage_account: /subscriptions/<ID>/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/s\n"),
    _file("hbi_workspace: maybe\n"),
    _file("tags: [a, b]\n"),
    _file("tags: {a: true}\n"),
    *(_file(f"public_network_access: {word}\n") for word in ("enabled", "Enabled", "DISABLED", "off", "Sometimes")),
    ("workspace", "location: westeurope\n"),
    ("workspace", "name: hub\nkind: hub\n"),
    (
        "workspace",
        "name: hub\nkind: Hub\ndefault_resource_group: /g\nassociated_workspaces: [/a]\n",
    ),
    ("workspace", f"name: hub\nkind: hub\nhub_id: {HUB}\n"),
    ("workspace", f"name: project\nkind: project\nhub_id: {HUB}\nlocation: eastus\ndescription: on a hub\n"),
    ("workspace", "name: project\nkind: project\n"),
    ("workspace", "name: demo\nkind: featurestore\n"),
    ("workspace", "name: demo\nkind: default\n"),
    ("workspace", "name: demo\ndefault_resource_group: /g\n"),
    _file(f"customer_managed_key:\n  key_vault: {VAULT}\n  key_uri: https://v.vault.azure.net/keys/k/1\n"),
    _file("customer_managed_key: {cosmosdb_id: c, storage_id: s, search_id: f}\n"),
    _file("customer_managed_key:\n  key_uri: https://<KEY_VAULT>.vault.azure.net/keys/k/1\n"),
    _file("customer_managed_key:\n  key_uri: the key\n"),
    _file("customer_managed_key:\n  key_url: https://v.vault.azure.net/keys/k/1\n"),
    _file("network_acls: {default_action: Allow}\n"),
    _file("network_acls: {default_action: Deny, ip_rules: [{value: 203.0.113.0/24}]}\n"),
    _file("network_acls: {default_action: Deny}\n"),
    _file("network_acls: {default_action: Perhaps}\n"),
    _file("network_acls: {ip_rules: []}\n"),
    _file("network_acls: {default_action: Allow, ip_rules: [{address: 203.0.113.0/24}]}\n"),
    _file("network_acls: {default_action: Allow, ip_rules: }\n"),
    *(_file(f"identity: {{type: '{word}'}}\n") for word in ("system_assigned", "SystemAssigned", "none", "someone")),
    _file("identity: {type: 'system_assigned,user_assigned'}\n"),
    _file("identity: {principal_id: p}\n"),
    _file(
        f"identity:\n  type: user_assigned\n  user_assigned_identities:\n    {IDENTITY}: {{}}\n"
        f"    {OTHER_IDENTITY}: {{client_id: c, principal_id: p}}\n"
    ),
    _file(f"identity:\n  type: user_assigned\n  user_assigned_identities:\n    - resource_id: {IDENTITY}\n"),
    _file("serverless_compute: {}\n"),
    _file("serverless_compute: {custom_subnet: None, no_public_ip: true}\n"),
    _file(f"serverless_compute: {{custom_subnet: {SUBNET}}}\n"),
    _file("serverless_compute: {custom_subnet: default}\n"),
    _file("serverless_compute: {subnet: default}\n"),
    _file("managed_network: allow_internet_outbound\n"),
    _file("managed_network: {}\n"),
    *(
        _network(f"isolation_mode: {word}")
        for word in (
            "disabled",
            "allow_internet_outbound",
            "AllowOnlyApprovedOutbound",
            "ALLOW_INTERNET_OUTBOUND",
            "open",
        )
    ),
    *(_network(f"isolation_mode: disabled\nfirewall_sku: {word}") for word in ("Basic", "standard", "premium")),
    _network("isolation_mode: disabled\nnetwork_id: n\nstatus: {spark_ready: true, status: Active}"),
    _network("isolation_mode: disabled\noutbound_rules: []"),
    _network("isolation_mode: disabled\noutbound_rules:"),
    _network("isolation_mode: disabled\noutbound_rules: {a: {type: fqdn, destination: a.example.com}}"),
    *(_rule(f"{{name: packages, type: {word}, destination: '*.example.org'}}") for word in ("fqdn", "FQDN")),
    _rule("{name: packages, destination: '*.example.org'}"),
    _rule("{type: fqdn, destination: '*.example.org'}"),
    _rule("{name: packages, type: fqdn, destination: {domain: example.org}}"),
    _rule(
        "{name: made, type: fqdn, destination: a.example, category: required, status: Active, parent_rule_names: [b]}"
    ),
    _rule("{name: tag, type: service_tag, destination: {service_tag: Sql, protocol: TCP, port_ranges: '80, 8080'}}"),
    _rule(
        "{name: t, type: ServiceTag, destination: "
        "{service_tag: S, protocol: '*', port_ranges: '1', address_prefixes: [10.0.0.0/8]}}"
    ),
    _rule("{name: tag, destination: {service_tag: S, protocol: UDP, port_ranges: '1'}}"),
    _rule("{name: tag, type: service_tag, destination: {service_tag: S, protocol: TCP}}"),
    _rule("{name: tag, type: service_tag, destination: {service_tag: S, protocol: TCP, port_ranges: '80', prefix: x}}"),
    _rule(
        f"{{name: s, type: private_endpoint, fqdns: [a.example.com], destination: {{service_resource_id: {STORAGE}, "
        "subresource_target: blob, spark_enabled: true}}"
    ),
    _rule(
        f"{{name: s, type: private_endpoint, destination: {{service_resource_id: {STORAGE}, subresource_target: file, "
        "spark_enabled: 'false'}}"
    ),
    _rule(f"{{name: s, type: private_endpoint, destination: {{service_resource_id: {VAULT}, subresource_target: v}}}}"),
    _rule(
        f"{{name: s, destination: {{service_resource_id: {STORAGE}, subresource_target: blob, spark_enabled: true}}}}"
    ),
]

# -- answers -----------------------------------------------------------------------------------------------------
_ID = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/demo"
_PROPERTIES: dict[str, Any] = {
    "friendlyName": "A demo",
    "description": "what it is for",
    "storageAccount": STORAGE,
    "containerRegistry": REGISTRY,
    "keyVault": VAULT,
    "applicationInsights": INSIGHTS,
    "publicNetworkAccess": "Enabled",
    "hbiWorkspace": False,
    "workspaceId": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "discoveryUrl": "https://eastus.api.azureml.ms/discovery",
    "mlFlowTrackingUri": "azureml://eastus.api.azureml.ms/mlflow",
    "imageBuildCompute": "builder",
    "provisioningState": "Succeeded",
    "tenantId": "t",
    "storageHnsEnabled": False,
    "v1LegacyMode": False,
    "notebookInfo": {"resourceId": "r", "fqdn": "f"},
    "primaryUserAssignedIdentity": IDENTITY,
    "systemDatastoresAuthMode": "identity",
    "enableDataIsolation": True,
    "allowRoleAssignmentOnRG": True,
    "provisionNetworkNow": True,
    "networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4"}]},
    "serverlessComputeSettings": {"serverlessComputeCustomSubnet": SUBNET, "serverlessComputeNoPublicIP": True},
    "encryption": {
        "status": "Enabled",
        "keyVaultProperties": {"keyVaultArmId": VAULT, "keyIdentifier": "https://v/k/1"},
    },
    "managedNetwork": {
        "isolationMode": "AllowOnlyApprovedOutbound",
        "networkId": "n",
        "firewallSku": "Standard",
        "outboundRules": {
            "made": {"type": "FQDN", "category": "Required", "status": "Active", "destination": "a.example.com"},
            "store": {
                "type": "PrivateEndpoint",
                "category": "UserDefined",
                "fqdns": ["b"],
                "destination": {
                    "serviceResourceId": STORAGE,
                    "subresourceTarget": "blob",
                    "sparkEnabled": True,
                    "sparkStatus": "Active",
                },
            },
            "tag": {"type": "ServiceTag", "destination": {"serviceTag": "S", "protocol": "TCP", "portRanges": "80"}},
        },
    },
}
_BODY: dict[str, Any] = {
    "id": _ID,
    "name": "demo",
    "kind": "Default",
    "location": "eastus",
    "tags": {"a": "b"},
    "sku": {"name": "Basic"},
    "identity": {"type": "SystemAssigned", "principalId": "p", "tenantId": "t"},
    "properties": _PROPERTIES,
}

ANSWERS: list[tuple[str, str, dict[str, Any]]] = [
    ("Workspace", "Workspace", _BODY),
    ("Workspace", "Workspace", {"id": _ID, "name": "demo", "properties": {}}),
    (
        "Workspace",
        "Workspace",
        {
            "id": _ID,
            "name": "demo",
            "kind": "FeatureStore",
            "properties": {
                "encryption": {"status": "Disabled", "keyVaultProperties": {"keyVaultArmId": "", "keyIdentifier": ""}},
                "managedNetwork": {"isolationMode": "Disabled", "status": {"status": "Inactive", "sparkReady": False}},
                "featureStoreSettings": {
                    "computeRuntime": {"sparkRuntimeVersion": "3.3"},
                    "offlineStoreConnectionName": "off",
                },
            },
        },
    ),
    (
        "Hub",
        "Workspace",
        {
            **_BODY,
            "kind": "Hub",
            "properties": {
                "description": "shared",
                "workspaceHubConfig": {"defaultWorkspaceResourceGroup": "/g"},
                "associatedWorkspaces": [_ID],
                "storageAccount": STORAGE,
                "keyVault": VAULT,
            },
        },
    ),
    ("Hub", "Workspace", {"id": _ID, "name": "demo", "kind": "hub", "properties": {}}),
    (
        "Project",
        "Workspace",
        {**_BODY, "kind": "Project", "properties": {"hubResourceId": HUB, "friendlyName": "on a hub"}},
    ),
    (
        "WorkspaceKeys",
        "ListWorkspaceKeysResult",
        {
            "userStorageKey": "k",
            "userStorageArmId": STORAGE,
            "appInsightsInstrumentationKey": "i",
            "containerRegistryCredentials": {
                "location": "eastus",
                "username": "u",
                "passwords": [{"name": "password", "value": "v"}],
            },
            "notebookAccessKeys": {"primaryAccessKey": "1", "secondaryAccessKey": "2"},
        },
    ),
    ("WorkspaceKeys", "ListWorkspaceKeysResult", {"userStorageKey": ""}),
    (
        "DiagnoseResponseResult",
        "DiagnoseResponseResult",
        {
            "value": {
                "storageAccountResults": [
                    {"code": "StorageAccountNotFound", "level": "Error", "message": "It is gone."}
                ],
                "otherResults": [],
            }
        },
    ),
    ("DiagnoseResponseResult", "DiagnoseResponseResult", {}),
    ("ManagedNetworkProvisionStatus", "ManagedNetworkProvisionStatus", {"status": "Active", "sparkReady": False}),
]

DEPARTURES: dict[tuple[str, str], str] = {
    ("workspace", "body:$.identity.userAssignedIdentities"): _NAMED,
    ("workspace", "dict:$.identity.user_assigned_identities"): _NAMED,
    (
        "Workspace",
        "attribute:$.managed_network.outbound_rules",
    ): "an empty list, not an empty mapping",
    ("Hub", "attribute:$.hbi_workspace"): "None where the service says nothing",
}
