"""Resource ids: how they are written, read and compared."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROVIDER = "Microsoft.MachineLearningServices"


def split(resource_id: str) -> list[tuple[str, str]]:
    """The `(type, name)` pairs of an ARM id, the provider left out: `[("subscriptions", "s"), …, ("models", "m")]`.

    Raises ValueError when `resource_id` is not of that form.
    """
    parts = resource_id.strip("/").split("/")
    pairs: list[tuple[str, str]] = []
    position = 0
    while position < len(parts):
        if parts[position].lower() == "providers":
            position += 2
            continue
        if position + 1 >= len(parts) or not parts[position] or not parts[position + 1]:
            message = (
                f"{resource_id!r} is not a resource id: '/subscriptions/…/resourceGroups/…/providers/…' is expected"
            )
            raise ValueError(message)
        pairs.append((parts[position], parts[position + 1]))
        position += 2
    return pairs


def names(resource_id: str) -> Mapping[str, str]:
    """The names in an ARM id by type, the type in lower case: `{"subscriptions": "s", "models": "m", …}`."""
    return {kind.lower(): name for kind, name in split(resource_id)}


def segment(resource_id: str, kind: str) -> str | None:
    """The name which follows `/kind/` in an ARM or registry id, compared without case; None when it is not there."""
    found = _after(kind)(resource_id)
    return found[1] if found else None


@cache
def _after(kind: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(rf"/{re.escape(kind)}/([^/:]+)", re.IGNORECASE).search


def is_arm_id(text: str) -> bool:
    """Whether `text` starts as the id of a resource in a subscription does."""
    return text.lower().startswith("/subscriptions/")


def resource_group_path(subscription_id: str, resource_group: str) -> str:
    """The id of a resource group."""
    return f"/subscriptions/{subscription_id}/resourceGroups/{resource_group}"


def workspace_path(subscription_id: str, resource_group: str, workspace: str) -> str:
    """The id of a workspace."""
    return f"{resource_group_path(subscription_id, resource_group)}/providers/{PROVIDER}/workspaces/{workspace}"
