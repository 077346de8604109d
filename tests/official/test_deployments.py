"""The deployment that azure-ai-ml makes a workspace with: what each of its parameters does, or that it is refused."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml._arm_deployments.arm_helper import get_template
from azure.ai.ml.constants._common import ArmConstants
from azure.ai.ml.entities import Workspace

from mlsdk.backends import Request
from mlsdk.backends.memory import ManualClock, MemoryBackend

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.ai.ml import MLClient

GROUP = "/subscriptions/sub/resourceGroups/rg"
WORKSPACES = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces"
DEPLOYMENT = f"{GROUP}/providers/Microsoft.Resources/deployments/mine"
PROVIDERS = f"{GROUP}/providers"
BASE: dict[str, Any] = get_template(resource_type=ArmConstants.WORKSPACE_BASE)
PROJECT: dict[str, Any] = get_template(resource_type=ArmConstants.WORKSPACE_PROJECT)
SENT: dict[str, Any] = get_template(resource_type=ArmConstants.WORKSPACE_PARAM)


def parameters(**values: Any) -> dict[str, Any]:
    """The parameters that the client sends for the workspace `two`, with some of another value."""
    found = copy.deepcopy(SENT)
    usual = {
        "workspaceName": "two",
        "friendlyName": "two",
        "description": "two",
        "location": "eastus",
        "kind": "default",
        "resourceGroupName": "rg",
        "storageAccountName": "twostorage",
        "storageAccountResourceGroupName": "rg",
        "storageAccountSubscriptionId": "sub",
        "keyVaultName": "twovault",
        "keyVaultResourceGroupName": "rg",
        "applicationInsightsName": "twoinsights",
        "applicationInsightsResourceGroupName": "rg",
        "logAnalyticsName": "twolog",
        "logAnalyticsArmId": f"{PROVIDERS}/Microsoft.OperationalInsights/workspaces/twolog",
        "identity": {"type": "systemAssigned"},
        "managedNetwork": {"isolationMode": "Disabled"},
    }
    for name, value in {**usual, **values}.items():
        found[name] = {"value": value}
    return found


def deploy(azure: MemoryBackend, template: dict[str, Any], given: dict[str, Any]) -> Any:
    """The answer to a deployment."""
    properties = {"mode": "incremental", "template": template, "parameters": given}
    return azure.send(Request("PUT", DEPLOYMENT, {"api-version": "2020-06-01"}, body={"properties": properties}))


def made(azure: MemoryBackend) -> dict[str, Any]:
    """What stands in the group, by id, without what differs from one time to the next."""
    group = azure.find(GROUP)
    assert group is not None
    bodies = {one.id: one.body for one in group.descendants() if one.parent is group and one.kind.located}
    text = re.sub(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", "*", repr(bodies))
    return {"text": text, **bodies}


def fresh() -> MemoryBackend:
    """An Azure with a workspace and with what a second one may refer to."""
    azure = MemoryBackend(clock=ManualClock())
    azure.add_workspace("sub", "rg", "ws")
    azure.create(f"{WORKSPACES}/hub", {"location": "eastus", "kind": "Hub", "properties": needs(azure)})
    azure.create(f"{PROVIDERS}/Microsoft.ContainerRegistry/registries/images", {"location": "eastus"})
    azure.create(f"{GROUP}2", {"location": "eastus"})
    return azure


def needs(azure: MemoryBackend) -> dict[str, Any]:
    """The ids of what the workspace `ws` stands on."""
    workspace = azure.find(f"{WORKSPACES}/ws")
    assert workspace is not None
    return {name: workspace.stored["properties"][name] for name in ("storageAccount", "keyVault")}


ENCRYPTED = {"encryption_status": "Enabled", "cmk_keyvault": "/v", "resource_cmk_uri": "https://v/k/1"}
ISOLATED = {"managedNetwork": {"isolationMode": "AllowInternetOutbound"}}

EFFECTS: dict[str, tuple[Any, dict[str, Any], Callable[[dict[str, Any], dict[str, Any]], Any], Any]] = {
    "friendlyName": ("Shown", {}, lambda w, _: w["friendlyName"], "Shown"),
    "description": ("Said", {}, lambda w, _: w["description"], "Said"),
    "publicNetworkAccess": ("Disabled", {}, lambda w, _: w["publicNetworkAccess"], "Disabled"),
    "associatedResourcePNA": (
        "Disabled",
        {},
        lambda _, a: a["storage"]["properties"]["publicNetworkAccess"],
        "Disabled",
    ),
    "storageAccountType": ("Premium_LRS", {}, lambda _, a: a["storage"]["sku"]["name"], "Premium_LRS"),
    "storageAccountLocation": ("westus", {}, lambda _, a: a["storage"]["location"], "westus"),
    "keyVaultLocation": ("westus", {}, lambda _, a: a["vault"]["location"], "westus"),
    "applicationInsightsLocation": ("westus", {}, lambda _, a: a["insights"]["location"], "westus"),
    "logAnalyticsArmId": (
        "/elsewhere",
        {},
        lambda _, a: a["insights"]["properties"]["WorkspaceResourceId"],
        "/elsewhere",
    ),
    "containerRegistryOption": (
        "existing",
        {"containerRegistryName": "images", "containerRegistryResourceGroupName": "rg"},
        lambda w, _: w["containerRegistry"],
        f"{PROVIDERS}/Microsoft.ContainerRegistry/registries/images",
    ),
    "confidential_data": ("true", {}, lambda w, _: w["hbiWorkspace"], True),
    "imageBuildCompute": ("cpu", {}, lambda w, _: w["imageBuildCompute"], "cpu"),
    "systemDatastoresAuthMode": ("identity", {}, lambda w, _: w["systemDatastoresAuthMode"], "identity"),
    "allowRoleAssignmentOnRG": ("false", {}, lambda w, _: w["allowRoleAssignmentOnRG"], False),
    "enable_data_isolation": ("true", {}, lambda w, _: w["enableDataIsolation"], True),
    "encryption_status": ("Enabled", ENCRYPTED, lambda w, _: w["encryption"]["status"], "Enabled"),
    "cmk_keyvault": ("/k", ENCRYPTED, lambda w, _: w["encryption"]["keyVaultProperties"]["keyVaultArmId"], "/k"),
    "resource_cmk_uri": ("k", ENCRYPTED, lambda w, _: w["encryption"]["keyVaultProperties"]["keyIdentifier"], "k"),
    "encryption_cosmosdb_resourceid": ("/c", ENCRYPTED, lambda w, _: w["encryption"]["cosmosDbArmId"], "/c"),
    "encryption_storage_resourceid": ("/s", ENCRYPTED, lambda w, _: w["encryption"]["storageAccountArmId"], "/s"),
    "encryption_search_resourceid": ("/x", ENCRYPTED, lambda w, _: w["encryption"]["searchAccountArmId"], "/x"),
    "managedNetwork": (
        {"isolationMode": "AllowOnlyApprovedOutbound"},
        {},
        lambda w, _: w["managedNetwork"]["isolationMode"],
        "AllowOnlyApprovedOutbound",
    ),
    "provisionNetworkNow": ("true", ISOLATED, lambda w, _: w["managedNetwork"]["status"]["status"], "Active"),
    "primaryUserAssignedIdentity": ("/me", {}, lambda w, _: w["primaryUserAssignedIdentity"], "/me"),
    "workspace_hub_config": (
        {"defaultWorkspaceResourceGroup": "/g"},
        {"kind": "hub", "applicationInsightsOption": "none"},
        lambda w, _: w["workspaceHubConfig"],
        {"defaultWorkspaceResourceGroup": "/g"},
    ),
    "serverless_compute_settings": (
        {"serverlessComputeNoPublicIP": True},
        {},
        lambda w, _: w["serverlessComputeSettings"],
        {"serverlessComputeNoPublicIP": True},
    ),
    "spark_runtime_version": (
        "3.4",
        {},
        lambda w, _: w["featureStoreSettings"]["computeRuntime"]["sparkRuntimeVersion"],
        "3.4",
    ),
    "tagValues": ({"team": "a"}, {}, lambda _, a: a["vault"]["tags"], {"team": "a"}),
    "identity": (
        {"type": "systemAssigned,userAssigned", "userAssignedIdentities": {"/me": {}}},
        {},
        lambda _, a: list(a["workspace"]["identity"]["userAssignedIdentities"]),
        ["/me"],
    ),
    "kind": ("hub", {"applicationInsightsOption": "none"}, lambda _, a: a["workspace"]["kind"], "hub"),
    "location": ("northeurope", {}, lambda _, a: a["workspace"]["location"], "northeurope"),
}
"""Each parameter with a value, what has to come with it, and where in the workspace (or around it) the value shows."""

WITH_NAMES = {
    *("workspaceName", "resourceGroupName", "logAnalyticsName", "workspace_hub", "allow_recover_softdeleted_workspace"),
    *(f"storageAccount{word}" for word in ("Option", "Name", "SubscriptionId", "ResourceGroupName")),
    *(f"keyVault{word}" for word in ("Option", "Name", "ResourceGroupName")),
    *(f"applicationInsights{word}" for word in ("Option", "Name", "ResourceGroupName")),
    *("containerRegistryName", "containerRegistryResourceGroupName"),
}
"""What says which resources are made and which are referred to, which the tests below show."""

REFUSED = {
    "storageAccountBehindVNet": "true",
    "keyVaultBehindVNet": "true",
    "vnetOption": "new",
    "subnetOption": "new",
    "privateEndpointType": "AutoApproval",
    "existing_workspaces": ["/w"],
}
"""What is not emulated."""

OTHER_KINDS = {
    "offlineStoreStorageAccountOption": "new",
    "materializationIdentityOption": "new",
    "grant_materialization_permissions": "false",
    **{f"offline_store_{word}": "x" for word in ("storage_account_name", "container_name", "connection_name")},
    **{f"offline_store_{word}": "x" for word in ("resource_group_name", "subscription_id")},
    **{f"online_store_{word}": "x" for word in ("resource_id", "connection_name", "resource_group_name")},
    "online_store_subscription_id": "x",
    **{f"materialization_identity_{word}": "x" for word in ("name", "resource_group_name", "subscription_id")},
    **dict.fromkeys(("vnetName", "vnetResourceGroupName", "subnetName", "subnetPrefix"), "x"),
    **dict.fromkeys(("privateEndpointName", "privateEndpointResourceGroupName"), "x"),
    "addressPrefixes": ["10.0.0.0/8"],
    "soft_delete_enabled": "true",
}
"""What the template reads for feature stores and private endpoints only, and what the service does anyway."""


def read_by(template: dict[str, Any]) -> set[str]:
    """The parameters that the resources of a template read."""
    text = repr({name: template.get(name) for name in ("variables", "resources")})
    return {name for name in template["parameters"] if f"parameters(\\'{name}\\')" in text or f"('{name}')" in text}


def test_every_parameter_is_accounted_for() -> None:
    """There is none that neither shows, nor is refused, nor is without effect in the template itself."""
    known = {*EFFECTS, *WITH_NAMES, *REFUSED, *OTHER_KINDS}
    assert read_by(BASE) - known == set()
    assert read_by(PROJECT) - known == set()
    assert set(SENT) - known - {"endpoint_resource_id", "endpoint_kind", "endpoint_option"} == set()


@pytest.mark.parametrize("name", EFFECTS)
def test_a_parameter_takes_effect(name: str) -> None:
    """What the client says of a workspace is what the workspace, or what is made around it, shows."""
    value, others, shown, expected = EFFECTS[name]
    azure = fresh()
    reply = deploy(azure, BASE, parameters(**{**others, name: value}))
    assert reply.status == 201, reply.body
    bodies = made(azure)
    around = {
        word: bodies.get(f"{PROVIDERS}/{path}")
        for word, path in (
            ("workspace", "Microsoft.MachineLearningServices/workspaces/two"),
            ("storage", "Microsoft.Storage/storageAccounts/twostorage"),
            ("vault", "Microsoft.KeyVault/vaults/twovault"),
            ("insights", "Microsoft.Insights/components/twoinsights"),
        )
    }
    workspace = azure.send(Request("GET", f"{WORKSPACES}/two", {"api-version": "2024-10-01-preview"})).body
    assert shown(workspace["properties"], around) == expected


@pytest.mark.parametrize("name", REFUSED)
def test_a_parameter_that_is_not_emulated_is_refused_by_name(name: str) -> None:
    """Virtual networks and private endpoints are not made, and the refusal says so; nothing else is made either."""
    azure = fresh()
    before = made(azure)["text"]
    reply = deploy(azure, BASE, parameters(**{name: REFUSED[name]}))
    assert (reply.status, reply.body["error"]["code"]) == (400, "NotEmulated")
    assert f"'{name}'" in reply.body["error"]["message"]
    assert made(azure)["text"] == before


@pytest.mark.parametrize("name", [*OTHER_KINDS, "endpoint_resource_id"])
def test_a_parameter_of_something_else_changes_nothing(name: str) -> None:
    """What the template reads under other conditions, or not at all, makes the same as without it."""
    plain, other = fresh(), fresh()
    assert deploy(plain, BASE, parameters()).status == 201
    assert deploy(other, BASE, parameters(**{name: OTHER_KINDS.get(name, "/x")})).status == 201
    assert made(plain)["text"] == made(other)["text"]


@pytest.mark.parametrize("subject", ["storageAccount", "keyVault", "applicationInsights"])
def test_existing_resources_are_referred_to(subject: str) -> None:
    """An option `existing` makes nothing and refers to what the name and the resource group say."""
    azure = fresh()
    workspace = azure.find(f"{WORKSPACES}/ws")
    assert workspace is not None
    given = {f"{subject}Option": "existing", f"{subject}Name": workspace.stored["properties"][subject].split("/")[-1]}
    assert deploy(azure, BASE, parameters(**given)).status == 201
    found = azure.find(f"{WORKSPACES}/two")
    assert found is not None
    assert found.stored["properties"][subject] == workspace.stored["properties"][subject]
    elsewhere = {
        **given,
        f"{subject}ResourceGroupName": "rg2",
        "workspaceName": "three",
        f"{subject}Option": "existing",
    }
    reply = deploy(azure, BASE, parameters(**elsewhere))
    assert (reply.status, reply.body["error"]["code"]) == (400, "DependentResourceNotFound")
    assert "/resourceGroups/rg2/" in reply.body["error"]["message"]


def test_a_project_has_its_hub_from_a_parameter() -> None:
    """A project is made with its hub alone, whatever else the client sends along."""
    azure = fresh()
    given = parameters(
        kind="project", workspace_hub=f"{WORKSPACES}/hub", publicNetworkAccess="PublicNetworkAccessType.ENABLED"
    )
    before = len(made(azure))
    reply = deploy(azure, PROJECT, given)
    assert reply.status == 201, reply.body
    assert len(made(azure)) == before + 1
    project = azure.find(f"{WORKSPACES}/two")
    assert project is not None
    assert project.stored["properties"]["hubResourceId"] == f"{WORKSPACES}/hub"


def test_a_deleted_workspace_is_recovered_by_a_parameter() -> None:
    """Only who allows it gets the deleted workspace back."""
    azure = fresh()
    deploy(azure, BASE, parameters())
    azure.send(Request("DELETE", f"{WORKSPACES}/two", {"api-version": "2024-10-01-preview"}))
    assert deploy(azure, BASE, parameters()).status == 409
    assert deploy(azure, BASE, parameters(allow_recover_softdeleted_workspace="true")).status == 200


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"unknown": {"value": "x"}}, "InvalidTemplate", "'unknown'"),
        ({"containerRegistryOption": {"value": "new"}}, "InvalidTemplate", "existing,none"),
        ({"workspaceName": {"value": None}}, "InvalidTemplate", "'workspaceName'"),
        ({"friendlyName": {"value": 5}}, "InvalidTemplate", "'friendlyName' has to be text"),
        ({"identity": {"value": "x"}}, "InvalidTemplate", "'identity' has to be an object"),
        ({"description": {"reference": {"keyVault": {}}}}, "NotEmulated", "'description'"),
        ({"storageAccountName": {"value": ""}}, "NotEmulated", "'storageAccountName'"),
        ({"kind": {"value": "featurestore"}}, "NotEmulated", "'featurestore'"),
    ],
)
def test_parameters_that_are_wrong(change: dict[str, Any], code: str, said: str) -> None:
    """What the template does not allow is the service's refusal, before anything is made."""
    azure = fresh()
    before = made(azure)["text"]
    reply = deploy(azure, BASE, {**parameters(), **change})
    assert (reply.status, reply.body["error"]["code"]) == (400, code), reply.body
    assert said in reply.body["error"]["message"]
    assert made(azure)["text"] == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"resources": [*BASE["resources"], {"type": "Microsoft.Web/sites"}]}, "'Microsoft.Web/sites'"),
        ({"parameters": {**BASE["parameters"], "mine": {"type": "string"}}}, "'mine'"),
        ({"resources": 5}, "templates other than"),
        ({"resources": {"workspace": {}}}, "templates other than"),
    ],
)
def test_a_template_that_was_changed(change: dict[str, Any], said: str) -> None:
    """A template with more in it than the client's own is refused, since only parameters are looked at."""
    reply = deploy(fresh(), {**BASE, **change}, parameters())
    assert (reply.status, reply.body["error"]["code"]) == (400, "NotEmulated")
    assert said in reply.body["error"]["message"]


@pytest.mark.parametrize(("seconds", "said"), [(0, "PT0.0000000S"), (61.5, "PT1M1.5000000S")])
def test_how_long_a_deployment_took(seconds: float, said: str) -> None:
    """The time is written as the service does, with a fraction, which the client cuts off."""
    azure = MemoryBackend(clock=ManualClock(), long_running="async", operation_seconds=seconds)
    azure.add_workspace("sub", "rg", "ws")
    deploy(azure, BASE, parameters())
    azure.sleep(seconds)
    version = {"api-version": "2020-06-01"}
    assert azure.send(Request("GET", DEPLOYMENT, version)).body["properties"]["duration"] == said
    path = DEPLOYMENT.replace("/providers/Microsoft.Resources", "")
    for where in (path, DEPLOYMENT):
        operations = azure.send(Request("GET", f"{where}/operations", version)).body["value"]
        assert {one["properties"]["duration"] for one in operations} == {said}
        assert len(operations) == 5
    assert azure.send(Request("GET", f"{path}2/operations", version)).status == 404


def test_the_client_tells_how_long_it_took(
    azure: MemoryBackend, client: MLClient, caplog: pytest.LogCaptureFixture
) -> None:
    """What the client logs of a deployment reads as a time."""
    caplog.set_level("INFO", "azure.ai.ml")
    client.workspaces.begin_create(Workspace(name="two", location="eastus")).result()
    told = [record.getMessage() for record in caplog.records if "Done (" in record.getMessage()]
    assert told
    assert all(re.search(r"Done \(\d+s\)", one) for one in told), told
    assert azure.find(f"{WORKSPACES}/two") is not None
