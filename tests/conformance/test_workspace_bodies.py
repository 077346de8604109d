"""What creates and what changes a workspace, beside what the official client sends for the same."""

from __future__ import annotations

import io
import json
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
import requests
from conformance.cases_workspace import (
    GROUP,
    HUB,
    IDENTITY,
    INSIGHTS,
    OTHER_IDENTITY,
    REGISTRY,
    STORAGE,
    SUBNET,
    SUBSCRIPTION,
    VAULT,
)
from conformance.official import OFFICIAL, OURS, differences

from mlsdk import from_wire
from mlsdk.entities.workspace_bodies import creation_body, update_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

JSON = dict[str, Any]

EXISTING: JSON = {
    "id": f"{GROUP}/Microsoft.MachineLearningServices/workspaces/demo",
    "name": "demo",
    "location": "eastus",
    "kind": "Default",
    "tags": {"old": "1"},
    "identity": {"type": "SystemAssigned", "principalId": "p", "tenantId": "t"},
    "properties": {
        "friendlyName": "F",
        "storageAccount": STORAGE,
        "keyVault": VAULT,
        "applicationInsights": INSIGHTS,
        "containerRegistry": REGISTRY,
        "publicNetworkAccess": "Enabled",
    },
}
CLOSED: JSON = {**EXISTING, "properties": {**EXISTING["properties"], "publicNetworkAccess": "Disabled"}}
WITH_IDENTITIES: JSON = {
    **EXISTING,
    "identity": {
        "type": "UserAssigned",
        "userAssignedIdentities": {
            IDENTITY: {"clientId": "c", "principalId": "p"},
            OTHER_IDENTITY: {"clientId": "c", "principalId": "p"},
        },
    },
}


class _Credential:
    def get_token(self, *_: str, **__: Any) -> Any:
        from azure.core.credentials import AccessToken

        return AccessToken("none", 9999999999)


class _Service:
    """Answers every request with one workspace and keeps what was sent."""

    def __init__(self, workspace: JSON) -> None:
        self.workspace = workspace
        self.patched: JSON | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    open = close = __exit__

    def send(self, request: Any, **_: Any) -> Any:
        from azure.core.rest._requests_basic import RestRequestsTransportResponse

        if request.method == "PATCH":
            self.patched = json.loads(request.content)
        answer = requests.Response()
        answer.status_code, answer.headers["Content-Type"] = 200, "application/json"
        answer.raw = io.BytesIO(json.dumps(self.workspace).encode())
        answer.url, answer.request = request.url, requests.Request(request.method, request.url).prepare()
        return RestRequestsTransportResponse(request=request, internal_response=answer)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The official client's notes about previews are not about us."""
    monkeypatch.setattr(logging.getLogger("azure.ai.ml"), "disabled", True)


def _official_workspaces(existing: JSON) -> tuple[Any, _Service]:
    service = _Service(existing)
    client = OFFICIAL.MLClient(_Credential(), SUBSCRIPTION.rpartition("/")[2], "rg", "demo", transport=service)
    return client.workspaces, service


# -- changing ----------------------------------------------------------------------------------------------------
UPDATES: dict[str, tuple[Callable[[Any], JSON], JSON]] = {
    "nothing": (lambda _: {}, EXISTING),
    "each plain field": (
        lambda _: {
            "description": "d",
            "tags": {"a": "b"},
            "display_name": "D",
            "location": "l",
            "hbi_workspace": True,
            "storage_account": "/s",
            "key_vault": "/k",
            "image_build_compute": "i",
            "public_network_access": "Enabled",
            "primary_user_assigned_identity": "p",
            "provision_network_now": True,
            "system_datastores_auth_mode": "identity",
            "enable_data_isolation": True,
            "allow_roleassignment_on_rg": True,
            "container_registry": REGISTRY,
            "application_insights": INSIGHTS,
        },
        EXISTING,
    ),
    "falsy": (
        lambda _: {
            "description": "",
            "tags": {},
            "display_name": "",
            "image_build_compute": "",
            "primary_user_assigned_identity": "",
            "system_datastores_auth_mode": "",
            "allow_roleassignment_on_rg": False,
        },
        EXISTING,
    ),
    "other resources": (
        lambda _: {"container_registry": f"{REGISTRY}2", "application_insights": f"{INSIGHTS}2"},
        EXISTING,
    ),
    "empty resources": (lambda _: {"container_registry": "", "application_insights": ""}, EXISTING),
    "serverless": (lambda m: {"serverless_compute": m.ServerlessComputeSettings(custom_subnet=SUBNET)}, EXISTING),
    "feature store": (
        lambda m: {"feature_store_settings": m.FeatureStoreSettings(offline_store_connection_name="o")},
        EXISTING,
    ),
    "key": (
        lambda m: {"description": "d", "customer_managed_key": m.CustomerManagedKey(VAULT, "https://v/k/2")},
        EXISTING,
    ),
    "vault only": (lambda m: {"customer_managed_key": m.CustomerManagedKey(VAULT)}, EXISTING),
    "addresses": (
        lambda m: {
            "description": "d",
            "network_acls": m.NetworkAcls(default_action="Deny", ip_rules=[m.IPRule("1.2.3.4")]),
        },
        EXISTING,
    ),
    "addresses of a closed one": (
        lambda m: {
            "description": "d",
            "network_acls": m.NetworkAcls(default_action="Deny", ip_rules=[m.IPRule("1.2.3.4")]),
        },
        CLOSED,
    ),
    "closing": (lambda _: {"public_network_access": "Disabled"}, EXISTING),
    "opening": (lambda m: {"public_network_access": "Enabled", "network_acls": m.NetworkAcls()}, CLOSED),
    "network": (
        lambda m: {
            "managed_network": m.ManagedNetwork(
                isolation_mode="AllowOnlyApprovedOutbound",
                outbound_rules=[
                    m.FqdnDestination(name="own", destination="a"),
                    m.FqdnDestination(name="r", destination="b", category="Required"),
                    m.FqdnDestination(name="s", destination="c", category="Recommended"),
                    m.FqdnDestination(name="d", destination="d", category="Dependency"),
                ],
            )
        },
        EXISTING,
    ),
    "network without rules": (lambda m: {"managed_network": m.ManagedNetwork()}, EXISTING),
    "identity": (lambda m: {"identity": m.IdentityConfiguration(type="system_assigned")}, EXISTING),
    "fewer identities": (
        lambda m: {
            "identity": m.IdentityConfiguration(
                type="user_assigned",
                user_assigned_identities=[
                    m.ManagedIdentityConfiguration(resource_id=IDENTITY),
                    m.ManagedIdentityConfiguration(resource_id="/new"),
                ],
            )
        },
        WITH_IDENTITIES,
    ),
    "no more identities": (lambda m: {"identity": m.IdentityConfiguration(type="system_assigned")}, WITH_IDENTITIES),
    "identities stay": (lambda _: {"display_name": "D"}, WITH_IDENTITIES),
}


@pytest.mark.parametrize("case", UPDATES)
def test_a_change_sends_what_the_official_client_sends(case: str) -> None:
    """The PATCH of `begin_update`, for each thing that can change."""
    arguments, existing = UPDATES[case]
    workspaces, service = _official_workspaces(existing)
    workspaces.begin_update(OFFICIAL.Workspace(name="demo", **arguments(OFFICIAL)), update_dependent_resources=True)
    ours = update_body(OURS.Workspace(name="demo", **arguments(OURS)), from_wire(OURS.Workspace, existing))
    assert service.patched is not None
    assert list(differences(service.patched, ours)) == []


def test_tags_that_the_service_no_longer_takes_are_not_sent_back() -> None:
    """An old workspace, read and changed, can be changed; the official client means to leave them out too."""
    old = OURS.Workspace(name="demo", tags={"AttachKeyVaultToWorkspace": "x", "purpose": "demo"})
    assert update_body(old, old)["tags"] == {"purpose": "demo"}


def test_the_default_action_of_a_closed_workspace_is_sent_even_alone() -> None:
    """Where public access is off, rules for addresses are taken away; the official client fails on this."""
    closed = OURS.Workspace(name="demo", public_network_access="Disabled")
    assert update_body(OURS.Workspace(name="demo"), closed)["properties"] == {"networkAcls": {"defaultAction": "Allow"}}


# -- creating ----------------------------------------------------------------------------------------------------
_RENAMED = {
    "cosmosDbArmId": "cosmosDbResourceId",
    "storageAccountArmId": "storageAccountResourceId",
    "SearchAccountArmId": "searchAccountResourceId",
}
"""Words of the template's older version of the service, and the same in the version that we send to."""
_OLDER = ("softDeleteEnabled", "allowRecoverSoftDeletedWorkspace")
"""What the template says and the version that we send to does not know."""


def _deployed(template: JSON, parameters: JSON) -> JSON:
    """The workspace that a deployment of ARM makes from the official client's template."""
    resource = next(
        one for one in template["resources"] if one["type"] == "Microsoft.MachineLearningServices/workspaces"
    )
    values = {name: given["value"] for name, given in parameters.items()}

    def text(name: str) -> Any:
        return values[name]

    def identity(variable: str) -> str:
        found = re.fullmatch(r"\[resourceId\((.*)\)\]", template["variables"][variable])
        assert found is not None
        parts = [
            text(part[12:-2]) if part.startswith("parameters") else part.strip("'") for part in found[1].split(", ")
        ]
        subscription, group, kind, name = parts if len(parts) == 4 else [SUBSCRIPTION.rpartition("/")[2], *parts]
        return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{kind}/{name}"

    def evaluate(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: evaluate(item) for key, item in value.items()}
        if not isinstance(value, str) or not value.startswith("["):
            return value
        if found := re.fullmatch(r"\[parameters\('(\w+)'\)\]", value):
            return text(found[1])
        if found := re.fullmatch(r"\[variables\('(\w+)'\)\]", value):
            return identity(found[1])
        found = re.fullmatch(
            r"\[if\(not\(equals\(parameters\('(\w+)'\), 'none'\)\), variables\('(\w+)'\), json\('null'\)\)\]", value
        )
        assert found is not None, value
        return None if text(found[1]) == "none" else identity(found[2])

    return {key: evaluate(resource[key]) for key in ("location", "kind", "tags", "identity", "properties")}


def _meant(value: Any) -> Any:
    """A body without what says nothing, its flags as flags."""
    if isinstance(value, dict):
        made = {_RENAMED.get(key, key): _meant(item) for key, item in value.items() if key not in _OLDER}
        if made.get("status") == "Disabled":
            return {}
        return {key: item for key, item in made.items() if item not in ("", None, {}, [])}
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


CREATED: dict[str, tuple[str, Callable[[Any], JSON]]] = {
    "plain": ("Workspace", lambda _: {}),
    "each plain field": (
        "Workspace",
        lambda _: {
            "description": "d",
            "tags": {"a": "b"},
            "display_name": "D",
            "hbi_workspace": True,
            "container_registry": REGISTRY,
            "image_build_compute": "i",
            "public_network_access": "Disabled",
            "primary_user_assigned_identity": IDENTITY,
            "provision_network_now": True,
            "system_datastores_auth_mode": "identity",
            "enable_data_isolation": True,
            "allow_roleassignment_on_rg": False,
        },
    ),
    "falsy": (
        "Workspace",
        lambda _: {
            "description": "",
            "tags": {},
            "display_name": "",
            "image_build_compute": "",
            "primary_user_assigned_identity": "",
            "provision_network_now": False,
            "system_datastores_auth_mode": "",
            "allow_roleassignment_on_rg": True,
        },
    ),
    "key": (
        "Workspace",
        lambda m: {"customer_managed_key": m.CustomerManagedKey(VAULT, "https://v/k/1", "/c", "/s", "/f")},
    ),
    "serverless": (
        "Workspace",
        lambda m: {"serverless_compute": m.ServerlessComputeSettings(custom_subnet=SUBNET, no_public_ip=True)},
    ),
    "network": (
        "Workspace",
        lambda m: {
            "managed_network": m.ManagedNetwork(
                isolation_mode="AllowInternetOutbound", outbound_rules=[m.FqdnDestination(name="a", destination="b")]
            )
        },
    ),
    "identity": (
        "Workspace",
        lambda m: {
            "identity": m.IdentityConfiguration(
                type="user_assigned", user_assigned_identities=[m.ManagedIdentityConfiguration(resource_id=IDENTITY)]
            )
        },
    ),
    "hub": ("Hub", lambda _: {"description": "d"}),
    "project": ("Project", lambda _: {"hub_id": HUB, "display_name": "D"}),
    "project with settings": (
        "Project",
        lambda m: {
            "hub_id": HUB,
            "enable_data_isolation": True,
            "public_network_access": "Disabled",
            "primary_user_assigned_identity": IDENTITY,
            "identity": m.IdentityConfiguration(
                type="user_assigned", user_assigned_identities=[m.ManagedIdentityConfiguration(resource_id=IDENTITY)]
            ),
            "serverless_compute": m.ServerlessComputeSettings(custom_subnet=SUBNET, no_public_ip=True),
        },
    ),
}


@pytest.mark.parametrize("case", CREATED)
def test_a_new_workspace_says_what_the_official_client_deploys(case: str) -> None:
    """The body that creates, beside the workspace in the official client's deployment, evaluated."""
    name, arguments = CREATED[case]
    common: JSON = {"name": "demo", "location": "eastus", "resource_group": "rg"}
    if name != "Project":
        common |= {"storage_account": STORAGE, "key_vault": VAULT, "application_insights": INSIGHTS}
    workspaces, _ = _official_workspaces(EXISTING)
    official = getattr(OFFICIAL, name)(**common, **arguments(OFFICIAL))
    template, parameters, _ = workspaces._populate_arm_parameters(official)
    ours = creation_body(getattr(OURS, name)(**common, **arguments(OURS)))
    assert list(differences(_meant(_deployed(template, parameters)), _meant(ours))) == []


def test_creating_says_who_made_it_unless_somebody_did() -> None:
    """The tag which the official client sets, with the name of this one."""
    assert creation_body(OURS.Workspace(name="demo"), toolkit="mlsdk-1")["tags"] == {"createdByToolkit": "mlsdk-1"}
    mine = OURS.Workspace(name="demo", tags={"createdByToolkit": "me"})
    assert creation_body(mine, toolkit="mlsdk-1")["tags"] == {"createdByToolkit": "me"}


def test_what_only_creating_says_is_sent_with_it() -> None:
    """The resource group for a hub's projects, which the official client drops on the way."""
    hub = OURS.Hub(name="hub", default_resource_group="/subscriptions/s/resourceGroups/projects")
    assert creation_body(hub)["properties"]["workspaceHubConfig"] == {
        "defaultWorkspaceResourceGroup": "/subscriptions/s/resourceGroups/projects"
    }
    assert "workspaceHubConfig" not in creation_body(OURS.Hub(name="hub"))["properties"]


@pytest.mark.parametrize("name", ["storage_account", "container_registry", "key_vault"])
def test_a_project_has_no_resources_of_its_own(name: str) -> None:
    """What a hub shares is refused before anything is sent, by its name."""
    with pytest.raises(ValueError, match=f"Project.*{name}.*hub"):
        creation_body(OURS.Project(name="project", hub_id=HUB, **{name: STORAGE}))
