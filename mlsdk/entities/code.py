"""Code: a snapshot of a folder of sources."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlsdk.entities.artifact import AutoDeleteSetting, VersionedAsset, located
from mlsdk.entities.kind import ASSET_NAME, REGISTRY_VERSION, Kind
from mlsdk.entities.resource import own
from mlsdk.schema import codecs
from mlsdk.schema.fields import entity, wire
from mlsdk.schema.mappings import Field

HASH_VERSION = 202208
"""The version of the formula that `mlsdk.hashing.code_hash` follows."""


@entity
class Code(VersionedAsset):
    """A folder of sources as it was, found again by its content; jobs and components refer to it."""

    name: str | None = wire("id", default=None, codec=codecs.segment("codes"), sent=False)
    path: Field[str | None, str | os.PathLike[str] | None] = wire("properties.codeUri", default=None, given=located)
    """A folder or file of this machine, or where it is already."""
    tags: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.tags", default=None, missing=dict, given=own, empty=False
    )
    auto_delete_setting: Field[AutoDeleteSetting | None, AutoDeleteSetting | dict[str, Any] | None] = wire(
        "properties.autoDeleteSetting", default=None, sent=False
    )
    properties: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.properties", default=None, missing=dict, given=own, file=None
    )
    """Of a local folder: `hash_sha256`, the hash of its content, and `hash_version`."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        path = os.fspath(self.path or "")
        if Path(path).is_absolute():
            from mlsdk.hashing import code_hash

            self.properties = {**self.properties, "hash_sha256": code_hash(path), "hash_version": HASH_VERSION}


CODE = Kind(
    label="code",
    entity=Code,
    collection="codes",
    api_version="2023-04-01",
    schema="workspaces_codes_versions",
    versioned=True,
    name_rule=ASSET_NAME,
    registry_api_version=REGISTRY_VERSION,
)
