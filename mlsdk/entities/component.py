"""Components of all types: each has a file of its own, and is named here."""

from __future__ import annotations

from typing import Union

from mlsdk.entities.command_component import CommandComponent
from mlsdk.entities.component_spec import Component
from mlsdk.entities.kind import ASSET_NAME, REGISTRY_VERSION, Kind
from mlsdk.schema.fields import choice

__all__ = ["COMPONENT", "CommandComponent", "Component"]

choice(
    Union[CommandComponent, Component],
    at="properties.componentSpec.type",
    base=Component,
    fallback=Component,
    default=CommandComponent,
)

COMPONENT = Kind(
    label="component",
    entity=Component,
    collection="components",
    api_version="2024-01-01-preview",
    schema="workspaces_components_versions",
    versioned=True,
    name_rule=ASSET_NAME,
    registry_api_version=REGISTRY_VERSION,
)
