"""Resource providers: which there are, which types and versions they have, and that a subscription uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.errors import not_emulated
from mlsdk.backends.memory.kinds import Kind
from mlsdk.backends.memory.resource_lists import SUBSCRIPTIONS
from mlsdk.backends.memory.versions import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource


def register(namespace: str) -> Callable[[Call, Resource], Reply]:
    """The answer to whoever has a subscription use a provider: it does already, here as in most subscriptions."""

    def registered(_call: Call, subscription: Resource) -> Reply:
        return reply(_described(subscription, namespace))

    return registered


def resource_providers(namespaces: Sequence[str]) -> Kind:
    """The row of the providers of a subscription."""

    def lister(_call: Call, subscription: Resource) -> Reply:
        return reply({"value": [_described(subscription, namespace) for namespace in namespaces]})

    def read(_call: Call, subscription: Resource, name: str) -> Reply:
        known = next((namespace for namespace in namespaces if namespace.lower() == name.lower()), None)
        if known is None:
            raise not_emulated(400, f"the resource provider '{name}'")
        return reply(_described(subscription, known))

    return Kind(
        type="Microsoft.Resources/providers",
        below=SUBSCRIPTIONS,
        segment="providers",
        noun="Resource provider",
        methods=frozenset(),
        lister=lister,
        answers={"GET": read},
    )


def _described(subscription: Resource, namespace: str) -> Body:
    """A provider with what this backend knows of its types."""
    groups = subscription.kind.children["resourcegroups"]
    types = [
        {
            "resourceType": kind.type.partition("/")[2],
            "locations": [],
            "apiVersions": sorted(kind.api_versions or VERSIONS, reverse=True),
        }
        for kind in _family(groups)
        if kind.type.partition("/")[0] == namespace
    ]
    return {
        "id": f"{subscription.id}/providers/{namespace}",
        "namespace": namespace,
        "registrationPolicy": "RegistrationRequired",
        "registrationState": "Registered",
        "resourceTypes": sorted(types, key=lambda one: str(one["resourceType"])),
    }


def _family(kind: Kind) -> Iterator[Kind]:
    for child in kind.children.values():
        yield child
        yield from _family(child)
