"""What mlsdk sends for a workspace, beside the published ARM schema: no property that no published version knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.cases_workspace import CASES
from conformance.official import OURS, our_body

from mlsdk.entities.workspace import WORKSPACE, Workspace
from mlsdk.entities.workspace_bodies import creation_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXEMPT = {
    "properties.systemDatastoresAuthMode": "an empty word is passed on, as the official client passes it on",
    "properties.encryption": "a key without a vault and a URI is passed on: the service says what is missing",
    "properties.encryption.keyVaultProperties.keyIdentifier": "the same, empty",
    "properties.encryption.keyVaultProperties.keyVaultArmId": "the same, empty",
}
"""Places that the schema refuses in some case, each with the reason to send it all the same."""


def _sent() -> Iterator[dict[str, Any]]:
    """Each workspace of the cases that can be built, in its own form and in that which creates it."""
    for name, arguments in CASES:
        try:
            entity = getattr(OURS, name)(**arguments(OURS))
        except (TypeError, ValueError):
            continue
        if isinstance(entity, Workspace):
            yield our_body(entity)
            if entity.kind != "project":
                yield creation_body(entity)


def test_a_body_has_no_property_that_the_service_does_not_publish(
    problems: Callable[[str, dict[str, Any]], list[str]],
) -> None:
    """Each field alone, set and falsy; what is refused is what is listed, no more and no less."""
    found = [
        row for body in _sent() for row in problems(WORKSPACE.schema, body) if row.startswith(WORKSPACE.api_version)
    ]
    refused = {row.split(": ")[1]: row for row in found}
    assert {place: refused.get(place) for place in refused.keys() ^ EXEMPT.keys()} == {}


def test_the_key_and_the_addresses_are_known_to_the_service(
    problems: Callable[[str, dict[str, Any]], list[str]],
) -> None:
    """A key and addresses, which the official client's own form leaves out, are sent by published names."""
    body = creation_body(
        OURS.Workspace(
            name="demo",
            customer_managed_key=OURS.CustomerManagedKey("/v", "https://v/k", "/c", "/s", "/f"),
            network_acls=OURS.NetworkAcls(default_action="Deny", ip_rules=[OURS.IPRule("1.2.3.4")]),
        )
    )
    assert not problems(WORKSPACE.schema, body)
    assert body["properties"]["encryption"] == {
        "status": "Enabled",
        "keyVaultProperties": {"keyVaultArmId": "/v", "keyIdentifier": "https://v/k"},
        "cosmosDbResourceId": "/c",
        "storageAccountResourceId": "/s",
        "searchAccountResourceId": "/f",
    }
    assert body["properties"]["networkAcls"] == {"defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4"}]}
