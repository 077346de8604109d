"""Data: files, folders and tables under a name and a version."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from mlsdk.entities.artifact import AutoDeleteSetting, VersionedAsset, is_url, located
from mlsdk.entities.kind import ASSET_NAME, REGISTRY_VERSION, Kind
from mlsdk.entities.resource import own
from mlsdk.schema import codecs
from mlsdk.schema.fields import Codec, constant, entity, wire
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import described, did_you_mean

FOLDER = "uri_folder"
TYPES = ("uri_file", FOLDER, "mltable")


def _checked(type_: Any) -> Any:
    """The type that a file says, spelled as it has to be; ValueError otherwise."""
    if type_ not in TYPES:
        message = f"{described(type_)} is not one of {', '.join(TYPES)}{did_you_mean(type_, TYPES)}"
        raise ValueError(message)
    return type_


def _located(path: str | None, data: Data) -> str | None:
    """Where the data is, from the root of this machine when it is local; a folder's path without a slash at its end."""
    found = located(path, data)
    return found.rstrip("/") or "/" if found and data.type == FOLDER and not is_url(found) else found


@entity(constants=(constant("properties.isArchived", False),))
class Data(VersionedAsset):
    """Data under a name and a version, here or in the cloud.

    >>> Data(name="titanic", type="uri_file", path="azureml://datastores/raw/paths/titanic.csv")

    Without a version it gets the next one.
    """

    name: str | None = wire("id", default=None, codec=codecs.segment("data"), sent=False)
    type: str = wire("properties.dataType", default=FOLDER, file_codec=Codec(lambda value: value, _checked))
    """`uri_file`, `uri_folder`, or `mltable`: a folder with a file `MLTable` that describes a table."""
    path: Field[str | None, str | os.PathLike[str] | None] = wire(
        "properties.dataUri", default=None, given=_located, required=True
    )
    """A file or folder of this machine, or where it is already: a URL, `azureml://datastores/…/paths/…`."""
    properties: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.properties", default=None, missing=dict, given=own, read=False
    )
    auto_delete_setting: Field[AutoDeleteSetting | None, AutoDeleteSetting | dict[str, Any] | None] = wire(
        "properties.autoDeleteSetting", default=None
    )
    """When the service may delete it."""
    referenced_uris: list[str] | None = wire("properties.referencedUris", default=None, file=None)
    """What an MLTable refers to."""
    mltable_schema_url: str | None = wire(None, default=None, file=None)
    skip_validation: bool | None = wire(None, default=False, file=None)
    """Whether an MLTable is taken as it is, without a look into it."""

    def __sendable__(self) -> None:
        if self.type not in TYPES:
            message = f"Data(type={self.type!r}): expected one of {', '.join(TYPES)}"
            raise wrong(message)


DATA = Kind(
    label="data asset",
    entity=Data,
    collection="data",
    api_version="2023-04-01-preview",
    schema="workspaces_data_versions",
    versioned=True,
    name_rule=ASSET_NAME,
    registry_api_version=REGISTRY_VERSION,
)
