"""Workspaces, hubs and projects as values: what is kept, what is refused, what is read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import mlsdk
from mlsdk.entities import (
    FqdnDestination,
    Hub,
    ManagedNetwork,
    OutboundRule,
    Project,
    ServiceTagDestination,
    Workspace,
    WorkspaceKeys,
)
from mlsdk.schema import files

if TYPE_CHECKING:
    from pathlib import Path

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
HUB = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/hub"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("Default", Workspace), (None, Workspace), ("Hub", Hub), ("project", Project), ("FeatureStore", Workspace)],
)
def test_the_kind_tells_the_class(kind: str | None, expected: type[Workspace]) -> None:
    """What comes from the service is a hub, a project or a workspace, and goes back as the kind it was."""
    body: dict[str, Any] = {
        "name": "demo",
        "kind": kind,
        "properties": {"hubResourceId": HUB} if expected is Project else {},
    }
    made = mlsdk.from_wire(Workspace, body)
    assert type(made) is expected
    assert mlsdk.to_wire(made)["kind"] == (kind or "default").lower()


@pytest.mark.parametrize(
    "made",
    [
        Workspace(name="demo", tags={"a": "b"}),
        Hub(name="hub", default_resource_group="/g"),
        Project(name="project", hub_id=HUB),
        Workspace(name="older", workspace_hub=HUB),
    ],
    ids=lambda made: str(made.name),
)
def test_a_file_that_was_written_is_read_as_the_same(made: Workspace, tmp_path: Path) -> None:
    """A hub or project is loaded again as one, which the official client's own files are not."""
    made.dump(tmp_path / "it.yml")
    again = mlsdk.load_workspace(tmp_path / "it.yml")
    assert type(again) is type(made)
    assert (again.to_dict(), mlsdk.to_wire(again)) == (made.to_dict(), mlsdk.to_wire(made))


def test_what_this_version_does_not_know_goes_back_as_it_came() -> None:
    """New fields of a workspace, its network and a rule, and a new kind of rule, survive get, change and put."""
    properties: dict[str, Any] = {
        "v1LegacyMode": True,
        "managedNetwork": {
            "isolationMode": "Disabled",
            "managedNetworkKind": "V2",
            "outboundRules": {
                "a": {"type": "FQDN", "category": "UserDefined", "destination": "x", "priority": 1},
                "b": {"type": "Tunnel", "category": "UserDefined", "destination": {"to": "y"}},
            },
        },
    }
    workspace = mlsdk.from_wire(Workspace, {"name": "demo", "properties": properties})
    workspace.display_name = "changed"
    assert mlsdk.to_wire(workspace)["properties"] == {**properties, "friendlyName": "changed"}
    assert workspace.managed_network is not None
    assert [(type(rule), rule.name, rule.type) for rule in workspace.managed_network.outbound_rules or []] == [
        (FqdnDestination, "a", "FQDN"),
        (OutboundRule, "b", "Tunnel"),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "managed_network: {isolation_mode: disabled, firewal_sku: Basic}",
            "it.yml:2:45: managed_network.firewal_sku: unknown field; did you mean 'firewall_sku'?",
        ),
        (
            "managed_network: {isolation_mode: disabled, outbound_rules: [{name: a, destination: b, tpe: c}]}",
            "it.yml:2:88: managed_network.outbound_rules.0.tpe: unknown field",
        ),
        (
            "managed_network: {outbound_rules: [{name: a,type: service_tag,destination: b}], isolation_mode: Disabled}",
            "managed_network.outbound_rules.0.destination: expected a mapping, got str",
        ),
        (
            "managed_network: {isolation_mode: disabled, outbound_rules: [{name: a, type: tunnel, destination: b}]}",
            "managed_network.outbound_rules.0.type: str 'tunnel' is not one of fqdn",
        ),
        ("identity: {type: robot}", "it.yml:2:18: identity.type: str 'robot' is not one of 'system_assigned'"),
        ("identity: {type: user_assigned, user_assigned_identities: [a]}", "a mapping whose keys are resource ids"),
        ("storage_account: store", "it.yml:2:18: storage_account: 'store' is not the id of a resource"),
        ("kind: cluster", "it.yml:2:7: kind: str 'cluster' is not one of hub, project"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_file_is_refused_with_the_place_and_what_is_wrong(line: str, told: str, tmp_path: Path) -> None:
    """A mistyped word of a network is no less wrong than one elsewhere: what it would open or close stays as it was."""
    (tmp_path / "it.yml").write_text(f"name: demo\n{line}\n")
    with pytest.raises(ValueError, match=r"it\.yml:2:") as raised:
        mlsdk.load_workspace(tmp_path / "it.yml")
    assert told in str(raised.value)


def test_two_rules_of_one_name_are_refused() -> None:
    """A network has one rule of a name; one of the two would be lost without a word."""
    first = FqdnDestination(name="a", destination="x")
    second = ServiceTagDestination(name="a", protocol="TCP", port_ranges="1", service_tag="Sql")
    with pytest.raises(ValueError, match="two outbound rules are named 'a'"):
        ManagedNetwork(outbound_rules=[first, second])
    network = ManagedNetwork(outbound_rules=[first])
    assert network.outbound_rules is not None
    network.outbound_rules.append(second)
    with pytest.raises(ValueError, match="two outbound rules are named 'a'"):
        mlsdk.to_wire(Workspace(name="demo", managed_network=network))


def test_a_service_is_named_by_its_tag_or_its_addresses(tmp_path: Path) -> None:
    """Addresses alone will do, in a file as well, where the official client wants a tag that is then ignored."""
    with pytest.raises(ValueError, match="service_tag or address_prefixes is required"):
        ServiceTagDestination(name="a", protocol="TCP", port_ranges="1")
    (tmp_path / "it.yml").write_text("""\
name: demo
managed_network:
  isolation_mode: allow_only_approved_outbound
  outbound_rules:
    - {name: a, type: service_tag, destination: {protocol: TCP, port_ranges: "1", address_prefixes: [10.0.0.0/8]}}
""")
    sent = mlsdk.to_wire(mlsdk.load_workspace(tmp_path / "it.yml"))["properties"]["managedNetwork"]["outboundRules"][
        "a"
    ]
    assert sent["destination"] == {"protocol": "TCP", "portRanges": "1", "addressPrefixes": ["10.0.0.0/8"]}


def test_parts_are_given_as_mappings_too() -> None:
    """At construction and on assignment, in the words of files."""
    workspace = Workspace(
        name="demo",
        managed_network={  # type: ignore[arg-type]
            "isolation_mode": "allow_internet_outbound",
            "outbound_rules": [{"name": "a", "type": "fqdn", "destination": "x"}],
        },
    )
    workspace.network_acls = {"default_action": "Deny", "ip_rules": [{"value": "1.2.3.4"}]}  # type: ignore[assignment]
    assert workspace.managed_network is not None
    assert workspace.managed_network.isolation_mode == "AllowInternetOutbound"
    assert [type(rule) for rule in workspace.managed_network.outbound_rules or []] == [FqdnDestination]
    assert workspace.network_acls.ip_rules[0].value == "1.2.3.4"


def test_the_tags_of_a_workspace_are_its_own() -> None:
    """What is added to them is not added to the mapping they were made from; None is none."""
    given = {"a": "b"}
    workspace = Workspace(name="demo", tags=given)
    workspace.tags["c"] = "d"
    assert given == {"a": "b"}
    assert Workspace(name="demo", tags=None).tags == {}  # type: ignore[arg-type]


def test_two_hubs_share_nothing() -> None:
    """What one body is given does not turn up in the next."""
    mlsdk.to_wire(Hub(name="a"))["properties"]["workspaceHubConfig"]["x"] = 1
    assert mlsdk.to_wire(Hub(name="b"))["properties"]["workspaceHubConfig"] == {}


def test_no_key_is_shown() -> None:
    """The keys around a workspace stand in neither form of its text."""
    keys = mlsdk.from_wire(
        WorkspaceKeys,
        {
            "userStorageKey": "sesame",
            "appInsightsInstrumentationKey": "sesame",
            "containerRegistryCredentials": {"passwords": [{"name": "password", "value": "sesame"}]},
            "notebookAccessKeys": {"primaryAccessKey": "sesame", "secondaryAccessKey": "sesame"},
        },
    )
    assert "sesame" not in f"{keys} {keys!r}"
    assert keys.user_storage_key == "sesame"


def test_a_workspace_is_itself_and_its_settings_are_their_values() -> None:
    """Two equal workspaces are two, which a set holds both of; two equal networks are one."""
    assert Workspace(name="demo") != Workspace(name="demo")
    assert len({Workspace(name="demo"), Workspace(name="demo")}) == 2
    assert ManagedNetwork() == ManagedNetwork()
    assert files.loads("name: demo", Workspace).to_dict() == Workspace(name="demo").to_dict()
