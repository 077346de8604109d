"""The network around a workspace: who may come in (NetworkAcls) and where it may go (ManagedNetwork, its rules)."""

from __future__ import annotations

from typing import Any, Final, Literal

from mlsdk.schema import codecs
from mlsdk.schema.bodies import from_body, to_body
from mlsdk.schema.fields import Codec, Entity, choice, entity, tag, wire
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import described

JSON = dict[str, Any]

shown_only = Codec(lambda value: value, lambda _: None)
"""What only the service says: written to files, passed over when read from one."""


# -- coming in -----------------------------------------------------------------------------------------------
class DefaultActionType:
    """What happens to an address that no rule names."""

    ALLOW: Final = "Allow"
    DENY: Final = "Deny"


@entity
class IPRule(Entity):
    """One address that may reach the workspace."""

    value: str = wire("value", kw_only=False)
    """An IPv4 address, or a range in CIDR notation: `203.0.113.0/24`."""


@entity
class NetworkAcls(Entity):
    """Which addresses may reach a workspace over its public endpoint.

    >>> from mlsdk.entities import IPRule, NetworkAcls
    >>> NetworkAcls(default_action="Deny", ip_rules=[IPRule("203.0.113.0/24")])
    NetworkAcls(default_action='Deny', ip_rules=[IPRule(value='203.0.113.0/24')])
    """

    default_action: Literal["Allow", "Deny"] = wire("defaultAction", default="Allow", required=True)
    """What happens to an address that no rule names."""
    ip_rules: list[IPRule] = wire("ipRules", default=None, missing=list, empty=False, nullable=True)

    def __attrs_post_init__(self) -> None:
        self.ip_rules = self.ip_rules or []


def _acls_of_file(data: Any) -> Any:
    """A file which denies everybody is refused: what is meant then is `public_network_access: Disabled`."""
    action = data.get("default_action") if isinstance(data, dict) else None
    if action is not None and action not in (DefaultActionType.ALLOW, DefaultActionType.DENY):
        message = f"default_action: {described(action)} is not 'Allow' or 'Deny'"
        raise ValueError(message)
    if action == DefaultActionType.DENY and not data.get("ip_rules"):
        message = "'ip_rules' is required when default_action is Deny"
        raise ValueError(message)
    return data


acls = Codec(lambda value: value, _acls_of_file)
"""NetworkAcls in a file."""


# -- going out -----------------------------------------------------------------------------------------------
@entity
class OutboundRule(Entity):
    """One destination that a managed network lets through; what is made is one of its three subclasses."""

    name: str | None = wire("name", default=None, sent=False)
    type: str | None = wire("type", default=None)
    """`FQDN`, `PrivateEndpoint` or `ServiceTag`; `fqdn`, `private_endpoint` or `service_tag` in files."""
    category: str | None = wire("category", default="UserDefined")
    """Who made the rule: `UserDefined`, or the service, which makes `Required`, `Recommended` and `Dependency` ones."""
    status: str | None = wire("status", default=None, sent=False)
    """`Active`, `Inactive` and others, told by the service."""
    parent_rule_names: list[str] | None = wire("parentRuleNames", default=None, sent=False)
    """The rules that a `Dependency` rule was made for."""

    def __attrs_post_init__(self) -> None:
        self.category = self.category or "UserDefined"


@entity
class FqdnDestination(OutboundRule):
    """Lets connections to a domain through; in the isolation mode `AllowOnlyApprovedOutbound` it needs a firewall.

    >>> from mlsdk.entities import FqdnDestination
    >>> FqdnDestination(name="packages", destination="*.example.org").type
    'FQDN'
    """

    name: str = wire("name", sent=False)  # pyright: ignore[reportIncompatibleVariableOverride]
    type: Literal["FQDN"] = tag("type", default="FQDN")  # pyright: ignore[reportIncompatibleVariableOverride]
    destination: str = wire("destination")
    """A fully qualified domain name; it may start with `*.`."""


@entity
class PrivateEndpointDestination(OutboundRule):
    """Lets connections to one Azure resource through, over a private endpoint."""

    name: str = wire("name", sent=False)  # pyright: ignore[reportIncompatibleVariableOverride]
    type: Literal["PrivateEndpoint"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        "type", default="PrivateEndpoint"
    )
    service_resource_id: str = wire("destination.serviceResourceId", file="destination.service_resource_id")
    """The id of the resource to reach."""
    subresource_target: str = wire("destination.subresourceTarget", file="destination.subresource_target")
    """The part of the resource to reach: `blob`, `file`, `vault`, …"""
    spark_enabled: bool | None = wire(
        "destination.sparkEnabled", default=False, file="destination.spark_enabled", required=True
    )
    """Whether serverless Spark jobs may use it too."""
    fqdns: list[str] | None = wire("fqdns", default=None)
    """For an application gateway, the domain names that resolve to its private address."""


@entity
class ServiceTagDestination(OutboundRule):
    """Lets connections to the addresses of an Azure service through."""

    name: str = wire("name", sent=False)  # pyright: ignore[reportIncompatibleVariableOverride]
    type: Literal["ServiceTag"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        "type", default="ServiceTag"
    )
    protocol: str = wire("destination.protocol", file="destination.protocol")
    """`TCP`, `UDP`, `ICMP`, or `*` for all."""
    port_ranges: str = wire("destination.portRanges", file="destination.port_ranges")
    """Ports and ranges of ports, `80, 1024-65535`."""
    service_tag: str | None = wire("destination.serviceTag", default=None, file="destination.service_tag")
    """The tag that stands for the addresses of a service: `DataFactory`."""
    address_prefixes: list[str] | None = wire(
        "destination.addressPrefixes", default=None, file="destination.address_prefixes"
    )
    """Addresses in CIDR notation that are taken in place of the tag's."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.service_tag is None and self.address_prefixes is None:
            message = f"ServiceTagDestination(name={self.name!r}): service_tag or address_prefixes is required"
            raise wrong(message)


choice(
    FqdnDestination | PrivateEndpointDestination | ServiceTagDestination,
    at="type",
    base=OutboundRule,
    fallback=OutboundRule,
)


def _rules_to_body(rules: list[OutboundRule]) -> JSON:
    """The rules by their names; ValidationException where two share one, since one of them would be lost."""
    made: JSON = {}
    for rule in rules:
        if rule.name in made:
            message = f"ManagedNetwork: two outbound rules are named {rule.name!r}; a network has one rule of a name"
            raise wrong(message)
        made[str(rule.name)] = to_body(rule)
    return made


def _rules_of_body(rules: JSON) -> list[OutboundRule]:
    return [
        from_body(OutboundRule, {**(body if isinstance(body, dict) else {}), "name": name})
        for name, body in rules.items()
    ]


_TYPES = {"fqdn": "FQDN", "privateendpoint": "PrivateEndpoint", "servicetag": "ServiceTag"}
_TOLD_BY_SERVICE = ("category", "status", "parent_rule_names")


def _rules_to_file(rules: list[OutboundRule]) -> list[JSON]:
    return [_rule_to_file(rule.to_dict()) for rule in rules]


def _rule_to_file(form: JSON) -> JSON:
    return {**form, **{key: codecs.pascal_to_snake(form[key]) for key in ("type", "category") if key in form}}


def _rules_of_file(rules: Any) -> Any:
    """Rules with their type in Python's words, told from the destination where a file leaves it out."""
    if not isinstance(rules, list):
        return rules
    return [_rule_of_file(rule) if isinstance(rule, dict) else rule for rule in rules]


def _rule_of_file(rule: JSON) -> JSON:
    destination = rule.get("destination")
    if "type" in rule:
        kind = _TYPES.get(str(rule["type"]).replace("_", "").lower(), rule["type"])
    elif isinstance(destination, dict):
        kind = "PrivateEndpoint" if "service_resource_id" in destination else "ServiceTag"
    else:
        kind = "FQDN"
    return {**{key: value for key, value in rule.items() if key not in _TOLD_BY_SERVICE}, "type": kind}


@entity
class ManagedNetworkProvisionStatus(Entity):
    """How far the managed network of a workspace has been made."""

    status: str | None = wire("status", default=None)
    """`Active` or `Inactive`."""
    spark_ready: bool | None = wire("sparkReady", default=None)
    """Whether serverless Spark jobs can run in it."""


class IsolationMode:
    """What may leave a managed network."""

    DISABLED: Final = "Disabled"
    ALLOW_INTERNET_OUTBOUND: Final = "AllowInternetOutbound"
    ALLOW_ONLY_APPROVED_OUTBOUND: Final = "AllowOnlyApprovedOutbound"


def _pascal_words(*known: str) -> Codec:
    """A closed list of words, in snake case in files and in Pascal case elsewhere."""
    words = codecs.snake_words(*known)
    return Codec(words.dump, lambda word: codecs.snake_to_pascal(words.load(word)))


_ISOLATION = _pascal_words("disabled", "allow_internet_outbound", "allow_only_approved_outbound")
_FIREWALL = _pascal_words("standard", "basic")


@entity
class ManagedNetwork(Entity):
    """The network that the service keeps for a workspace's computes, and what may leave it.

    >>> from mlsdk.entities import FqdnDestination, ManagedNetwork
    >>> network = ManagedNetwork(isolation_mode="AllowOnlyApprovedOutbound",
    ...                          outbound_rules=[FqdnDestination(name="packages", destination="*.example.org")])
    """

    isolation_mode: Literal["Disabled", "AllowInternetOutbound", "AllowOnlyApprovedOutbound"] | None = wire(
        "isolationMode", default="Disabled", required=True, file_codec=_ISOLATION
    )
    """`AllowInternetOutbound` lets everything out, `AllowOnlyApprovedOutbound` only what a rule allows."""
    outbound_rules: list[OutboundRule] | None = wire(
        "outboundRules",
        default=None,
        absent={},
        missing=list,
        codec=Codec(_rules_to_body, _rules_of_body),
        file_codec=Codec(_rules_to_file, _rules_of_file),
    )
    firewall_sku: Literal["Standard", "Basic"] | None = wire("firewallSku", default=None, file_codec=_FIREWALL)
    """The firewall that FQDN rules need. A file that does not say it means `Standard`."""
    network_id: str | None = wire("networkId", default=None, sent=False, nullable=True, file_codec=shown_only)
    """Given by the service."""
    status: ManagedNetworkProvisionStatus | None = wire("status", default=None, sent=False, file_codec=shown_only)

    def __attrs_post_init__(self) -> None:
        self.isolation_mode = self.isolation_mode or "Disabled"
        _rules_to_body(self.outbound_rules or [])


def _network_of_file(data: Any) -> Any:
    if not isinstance(data, dict):
        return data
    said = {key: value for key, value in data.items() if key != "outbound_rules" or value not in (None, [])}
    return {"firewall_sku": "Standard", **said}


network = Codec(lambda value: value, _network_of_file)
"""ManagedNetwork in a file."""
