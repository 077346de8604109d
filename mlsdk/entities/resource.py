"""What every resource of the service has."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from mlsdk.schema import codecs
from mlsdk.schema.fields import LOADED, Entity, entity, output, wire
from mlsdk.schema.mappings import Field


def own(given: Mapping[str, Any] | None, _: Any) -> dict[str, Any]:
    """A mapping of the entity's own: a change of what was given changes nothing here. None is an empty one."""
    return dict(given or {})


@entity
class SystemData(Entity):
    """Who made a resource and when, as the service tells it."""

    created_by: str | None = wire("createdBy", default=None)
    created_by_type: str | None = wire("createdByType", default=None)
    """`User`, `Application`, `ManagedIdentity` or `Key`."""
    created_at: datetime | None = wire("createdAt", default=None, codec=codecs.timestamp, file_codec=codecs.timestamp)
    last_modified_by: str | None = wire("lastModifiedBy", default=None)
    last_modified_by_type: str | None = wire("lastModifiedByType", default=None)
    last_modified_at: datetime | None = wire(
        "lastModifiedAt", default=None, codec=codecs.timestamp, file_codec=codecs.timestamp
    )


@entity
class Resource(Entity):
    """Something that the service keeps under an id."""

    id: str | None = output("id", file="id")
    """The resource id, given by the service."""
    creation_context: SystemData | None = output("systemData", file="creation_context")
    # What the service gave has no relative paths; asking for the folder each time is much of what a long list costs.
    base_path: str = attrs.field(factory=os.getcwd, kw_only=True, eq=False, metadata={LOADED: "."})
    """The folder that relative paths start from: that of the file it was loaded from, else the current one."""
    _file: str | None = attrs.field(default=None, init=False, eq=False, on_setattr=attrs.setters.NO_OP)
    """The file that it was read from."""


@entity
class Asset(Resource):
    """Something with versions: a model, data, an environment, a component."""

    name: str | None = wire("name", default=None, sent=False, kw_only=False)
    version: str | None = wire("name", default=None, sent=False, kw_only=False)
    description: str | None = wire("properties.description", default=None, kw_only=False)
    tags: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.tags", default=None, missing=dict, given=own, kw_only=False
    )
    properties: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.properties", default=None, missing=dict, given=own, kw_only=False
    )
    latest_version: str | None = output(None, file="latest_version")
    """The newest version, known when the asset itself rather than one version of it was listed."""
