"""What the operations know about a kind of resource: one record, beside its classes."""

from __future__ import annotations

import re
from typing import Any

import attrs


# Neither compared nor shown: to compile what does that is most of the time that importing such a class takes.
@attrs.frozen(eq=False, repr=False)
class NameRule:
    """What a name may look like, by the service's own rule."""

    pattern: re.Pattern[str]
    sentence: str
    """The rule in words, for the error: `3 to 24 letters, digits or hyphens, …`."""


def name_rule(pattern: str, sentence: str) -> NameRule:
    """A rule by its regular expression, which the whole name must match, and the same in words."""
    return NameRule(re.compile(pattern), sentence)


ASSET_NAME = name_rule(
    r"[a-zA-Z0-9][a-zA-Z0-9\-_.]{0,254}",
    "1 to 255 letters, digits, hyphens, underscores or dots, the first a letter or digit",
)
"""Published for registries, which have no dots; workspaces are known to take dots too."""


REGISTRY_VERSION = "2021-10-01-dataplanepreview"
"""The api-version of everything in a registry (wire.md §8)."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Kind:
    """One kind of resource: where it lives and how the service treats it."""

    label: str
    """What it is called in messages: `model`, `compute`."""
    entity: Any
    """Its class, or the base class that a choice was declared for."""
    collection: str
    """Its collection below the workspace (or the resource group): `models`, `computes`."""
    api_version: str
    """The version that the official client uses for it (wire.md)."""
    schema: str
    """Its name in the published ARM schema: `workspaces_models_versions`."""
    versioned: bool = False
    """Whether it has versions below a container."""
    long_running: bool = False
    """Whether the service answers a PUT or DELETE before it is done."""
    name_rule: NameRule | None = None
    registry_api_version: str | None = None
    """The version used in a registry (`REGISTRY_VERSION`); None where registries do not hold the kind."""

    def in_version(self, api_version: str, *, registry: bool) -> Kind:
        """The same kind with another api-version, in workspaces or in registries."""
        if registry:
            return attrs.evolve(self, registry_api_version=api_version)  # noqa: TID251 - a record is no entity
        return attrs.evolve(self, api_version=api_version)  # noqa: TID251 - the same
