"""The lists of Azure Resource Manager: over groups and subscriptions, of one kind or of all, filtered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.bodies import dig
from mlsdk.backends.memory.errors import not_emulated, refusal
from mlsdk.backends.memory.kinds import Kind
from mlsdk.backends.memory.paging import page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.state import Resource

SUBSCRIPTIONS = "Microsoft.Resources/subscriptions"
SUBSCRIPTION = SUBSCRIPTIONS.lower()
GROUPS = "Microsoft.Resources/resourceGroups"
GROUP = GROUPS.lower()
CLAUSE = re.compile(r"\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*", re.IGNORECASE)
SHOWN = ("id", "name", "type", "location", "tags", "kind", "sku", "identity", "managedBy")
"""What the generic lists show of a resource; only a read of itself shows its properties."""
EXPANDED = {
    "createdtime": ("createdTime", "systemData.createdAt"),
    "changedtime": ("changedTime", "systemData.lastModifiedAt"),
    "provisioningstate": ("provisioningState", "properties.provisioningState"),
}
"""What they show beside that when `$expand` asks for it, and where it stands in the resource."""


def listing(
    type_: str, below: str, segment: str, noun: str, lister: Callable[[Call, Resource], Reply] | None, **more: Any
) -> Kind:
    """A row for a path that can only be listed; without a lister it is a step on the way to one."""
    return Kind(
        type=type_,
        below=below,
        segment=segment,
        noun=noun,
        lister=lister,
        lists=lister is not None,
        passing=lister is None,
        methods=frozenset(),
        **more,
    )


def across_subscription(kind: Kind, **more: Any) -> Kind:
    """The row for the list of one kind over all resource groups of a subscription."""
    type_ = f"{kind.type} (in a subscription)"
    return listing(type_, SUBSCRIPTIONS, kind.segment, kind.noun, _across_groups(kind.key), **more)


def _across_groups(kind_key: str) -> Callable[[Call, Resource], Reply]:
    def lister(call: Call, parent: Resource) -> Reply:
        groups = call.state.root.kind.children["subscriptions"].children["resourcegroups"]
        call.kind = next(kind for kind in groups.children.values() if kind.key == kind_key)
        return _listed(call, (one for one in tracked(parent) if one.kind.key == kind_key))

    return lister


def everything_below(call: Call, parent: Resource) -> Reply:
    """The tracked resources of a group or a whole subscription, as Resource Manager lists them."""
    chosen = _filter(call, ("resourcetype", "name", "location", "resourcegroup", "tagname", "tagvalue"))
    added = _expansion(call)

    def wanted(resource: Resource) -> bool:
        hidden = resource.data is not None and "deleted" in resource.data
        return resource.kind.located and not hidden and chosen(resource)

    found = _listed(call, (one for one in tracked(parent) if wanted(one)))
    found.body["value"] = [_short(one, added) for one in found.body["value"]]
    return found


def groups_by_tag(call: Call) -> Callable[[Resource], bool] | None:
    """Which resource groups a list shows: those with a tag."""
    return _filter(call, ("tagname", "tagvalue")) if call.param("$filter") else None


def tracked(parent: Resource) -> Iterator[Resource]:
    """What stands directly in resource groups at or below `parent`: lists never go deeper than that."""
    for collection in (parent.children or {}).values():
        for resource in collection.items.values():
            if resource.kind.key == GROUP:
                yield from tracked(resource)
            else:
                yield resource


def _listed(call: Call, resources: Iterator[Resource]) -> Reply:
    found = sorted(resources, key=lambda one: one.number)
    return page(call, lambda after, _: (one for one in found if after is None or one.number > after))


def _filter(call: Call, fields: tuple[str, ...]) -> Callable[[Resource], bool]:
    """What `$filter` asks for, equations joined by `and`; ServiceError (400) for any other filter."""
    query = call.param("$filter")
    wanted: dict[str, str] = {}
    for clause in re.split(r"\s+and\s+", query, flags=re.IGNORECASE) if query else ():
        matched = CLAUSE.fullmatch(clause)
        if matched is None or matched[1].lower() not in fields:
            message = f"'$filter={query}': the memory backend emulates \"{fields[0]} eq '...'\""
            others = f", of {', '.join(fields)}, joined by 'and'"
            raise refusal(400, message + others, "InvalidFilterInQueryString")
        wanted[matched[1].lower()] = matched[2].replace("''", "'")

    def chosen(resource: Resource) -> bool:
        return all(_meets(resource, field, value, wanted) for field, value in wanted.items())

    return chosen


def _meets(resource: Resource, field: str, value: str, wanted: dict[str, str]) -> bool:
    body = resource.stored
    if field == "tagname":
        tags = {name.lower(): text for name, text in (body.get("tags") or {}).items()}
        return value.lower() in tags and tags[value.lower()] == wanted.get("tagvalue", tags[value.lower()])
    if field == "tagvalue":
        return "tagname" in wanted or value in (body.get("tags") or {}).values()
    if field == "resourcegroup":
        group = resource.above(GROUP)
        return group is not None and group.name.lower() == value.lower()
    found = {"resourcetype": resource.kind.type, "name": resource.name, "location": body.get("location")}[field]
    return str(found).lower() == value.lower()


def _expansion(call: Call) -> list[tuple[str, str]]:
    names = call.param("$expand")
    asked = [name.strip() for name in names.split(",")] if names else []
    for name in asked:
        if name.lower() not in EXPANDED:
            raise not_emulated(400, f"'$expand={name}' of a list of resources")
    return [EXPANDED[name.lower()] for name in asked]


def _short(body: dict[str, Any], added: list[tuple[str, str]]) -> dict[str, Any]:
    found = {key: body[key] for key in SHOWN if key in body}
    for name, path in added:
        found[name] = dig(body, path)
    return found
