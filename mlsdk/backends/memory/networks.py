"""The managed network of a workspace and its outbound rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsdk.backends.memory.bodies import dig_object, dig_text, place
from mlsdk.backends.memory.errors import refusal
from mlsdk.backends.memory.kinds import ML, Kind, Statuses, name_rule
from mlsdk.backends.memory.state import Resource
from mlsdk.backends.memory.versions import VERSIONS

if TYPE_CHECKING:
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import State

NAMES = name_rule(r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}", "3 to 33 letters, digits, - and _, a letter or digit first")
RULES = "managedNetwork.outboundRules"
MODES = {
    "disabled": "Disabled",
    "allowinternetoutbound": "AllowInternetOutbound",
    "allowonlyapprovedoutbound": "AllowOnlyApprovedOutbound",
}
NEEDS: dict[str, tuple[str, ...]] = {
    "fqdn": (),
    "privateendpoint": ("serviceResourceId", "subresourceTarget"),
    "servicetag": ("protocol", "portRanges"),
}
"""What the destination of each type of rule says; that of a name on the internet is plain text."""


def check_network(properties: Body) -> None:
    """ServiceError (400) when the managed network a workspace asks for is not one."""
    network = dig_object(properties, "managedNetwork")
    mode = network.get("isolationMode")
    if mode is not None and str(mode).lower() not in MODES:
        message = f"The isolation mode {mode!r} is not valid. Allowed values: {', '.join(MODES.values())}."
        raise refusal(400, message, "InvalidParameter")
    for name, rule in dig_object(network, "outboundRules").items():
        if not isinstance(rule, dict):
            raise refusal(400, f"The request content was invalid: 'properties.{RULES}.{name}' has to be an object.")
        _check_rule(rule, name)
        if NAMES.pattern.fullmatch(name) is None:
            raise refusal(400, f"The outbound rule name '{name}' is not valid: {NAMES.says}.", "InvalidResourceName")


def split_rules(call: Call, workspace: Resource, properties: Body, *, at_once: bool) -> None:
    """Keep the rules that a workspace's body carries as resources of their own, which they also are.

    `at_once` has the network provisioned without being asked to by a request of its own.
    """
    network = dig_object(properties, "managedNetwork")
    if not network:
        properties.pop("managedNetwork", None)
        return
    rules = dig_object(network, "outboundRules")
    network.pop("outboundRules", None)
    mode = network["isolationMode"] = MODES[str(network.get("isolationMode") or "Disabled").lower()]
    # Only the service knows whether a network is up, whatever a body says.
    if "network" not in workspace.known or (at_once and mode != "Disabled"):
        up = at_once and mode != "Disabled"
        workspace.known["network"] = {"status": "Active" if up else "Inactive", "sparkReady": False}
    network["status"] = dict(workspace.known["network"])
    status = network["status"]["status"]
    kind = OUTBOUND_RULES
    collection = workspace.collection(kind)
    for name, rule in rules.items():
        body: Body = {"id": kind.new_id(workspace, name), "name": name, "type": kind.type}
        body["properties"] = {"category": "UserDefined", **rule, "status": status}
        existing = collection.find(name)
        if existing is None:
            call.state.store(collection, Resource(kind, workspace, name, body["id"]), body, call.now)
        else:
            call.state.rewrite(existing, body)


def join_rules(workspace: Resource, properties: Body) -> None:
    """Show the rules in the body of their workspace."""
    collection = workspace.existing(OUTBOUND_RULES)
    if collection is not None and collection.items:
        rules = {rule.name: rule.body["properties"] for rule in collection.items.values()}
        place(properties, RULES, rules)


def provisioned(state: State, workspace: Resource) -> None:
    """Mark the managed network of a workspace as up, and its rules as active."""
    body = workspace.body
    workspace.known["network"] = {"status": "Active", "sparkReady": True}
    place(body, "properties.managedNetwork.status", dict(workspace.known["network"]))
    state.rewrite(workspace, body)
    collection = workspace.existing(OUTBOUND_RULES)
    for rule in collection.items.values() if collection is not None else ():
        body = rule.body
        body["properties"]["status"] = "Active"
        state.rewrite(rule, body)


def _check_rule(rule: Body, name: str) -> None:
    type_ = str(rule.get("type")).lower()
    if type_ not in NEEDS:
        message = (
            f"Outbound rule '{name}' has to be of type FQDN, PrivateEndpoint or ServiceTag, not {rule.get('type')!r}."
        )
        raise refusal(400, message, "InvalidParameter")
    destination = rule.get("destination")
    if not destination:
        raise refusal(400, f"Outbound rule '{name}' needs a 'destination'.", "InvalidParameter")
    if type_ == "fqdn":
        if not isinstance(destination, str):
            raise refusal(400, f"The 'destination' of outbound rule '{name}' has to be text.", "InvalidParameter")
    elif not isinstance(destination, dict):
        raise refusal(400, f"The 'destination' of outbound rule '{name}' has to be an object.", "InvalidParameter")
    else:
        _check_destination(type_, destination, name)


def _check_destination(type_: str, destination: Body, name: str) -> None:
    for key in NEEDS[type_]:
        if not dig_text(destination, key):
            raise refusal(400, f"The 'destination' of outbound rule '{name}' needs '{key}'.", "InvalidParameter")
    tag = dig_text(destination, "serviceTag")
    if type_ == "servicetag" and not tag and not destination.get("addressPrefixes"):
        message = f"The 'destination' of outbound rule '{name}' needs 'serviceTag' or 'addressPrefixes'."
        raise refusal(400, message, "InvalidParameter")
    for key, expected, words in (("addressPrefixes", list, "a list"), ("sparkEnabled", bool, "true or false")):
        if not isinstance(destination.get(key), (expected, type(None))):
            message = f"'{key}' in the 'destination' of outbound rule '{name}' has to be {words}."
            raise refusal(400, message, "InvalidParameter")


def _prepare(call: Call, body: Body, _existing: Resource | None) -> None:
    _check_rule(dig_object(body, "properties"), call.name or "")
    place(body, "properties.status", "Active")


OUTBOUND_RULES = Kind(
    type=f"{ML}/workspaces/outboundRules",
    below=f"{ML}/workspaces",
    segment="outboundRules",
    noun="Outbound rule",
    names=NAMES,
    api_versions=VERSIONS,
    stamped=False,
    long_running={"PUT": 10.0, "DELETE": 10.0},
    statuses=Statuses(created=200, updated=200, pending=202),
    defaults={"properties.category": "UserDefined"},
    prepare=_prepare,
)
