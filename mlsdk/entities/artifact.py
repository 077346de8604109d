"""What models, data, environments and code have in common: versions under a name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from mlsdk.entities.resource import Asset, own
from mlsdk.schema import codecs
from mlsdk.schema.fields import Entity, Mapped, entity, output, wire
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from typing_extensions import Self


def is_url(path: str) -> bool:
    """Whether a path has a scheme and a host, as `https://…` and `azureml://datastores/…` do."""
    parts = urlsplit(path)
    return bool(parts.scheme and parts.netloc)


def located(path: str | None, asset: VersionedAsset) -> str | None:
    """A local path from the root of this machine, relative ones from the asset's `base_path`; addresses as they are."""
    if not path or is_url(path) or Path(path).is_absolute() or urlsplit(path).scheme == "runs":
        return path
    return str(Path(asset.base_path, path).resolve())


def named(data: Mapping[str, Any], *, top: bool) -> Mapping[str, Any]:
    """What a file says; ValueError when it is `top`, not written out inside another thing, and has no name."""
    if top and "name" not in data:
        message = "'name' is required"
        raise ValueError(message)
    return data


@entity
class AutoDeleteSetting(Mapped, Entity):
    """When the service may delete an asset."""

    condition: Literal["created_greater_than", "last_accessed_greater_than"] | None = wire(
        "condition",
        default="created_greater_than",
        file_codec=codecs.snake_words("created_greater_than", "last_accessed_greater_than"),
    )
    """What `value` is counted from: `created_greater_than` or `last_accessed_greater_than`."""
    value: str | None = wire("value", default=None, absent=None)
    """How long it is kept, for example `30d`."""


@entity
class IntellectualProperty(Entity):
    """Who published an asset, and how much of it may be seen."""

    publisher: str | None = wire("publisher", default=None)
    protection_level: Literal["all", "none"] | None = wire(
        "protectionLevel", default="all", codec=codecs.words(all="all", none="none")
    )
    """`all` hides the content, `none` shows it."""


@entity
class VersionedAsset(Asset):
    """An asset whose id says its name and version.

    With neither a name nor a version it is anonymous: the service keeps it, but shows it only to those who know it.
    """

    name: str | None = wire("name", default=None, sent=False)
    version: str | None = wire("id", default=None, codec=codecs.segment("versions"), sent=False)
    """Text, also when it is a number; the next one when None."""
    description: str | None = wire("properties.description", default=None)
    tags: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.tags", default=None, missing=dict, given=own
    )
    properties: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.properties", default=None, missing=dict, given=own
    )
    is_anonymous: bool | None = wire("properties.isAnonymous", default=False, absent=False, file=None)
    """Whether it is shown only to those who know its name."""
    datastore: str | None = wire(None, default=None)
    """The datastore that local files are uploaded to; the workspace's default one when None."""
    auto_delete_setting: Field[AutoDeleteSetting | None, AutoDeleteSetting | dict[str, Any] | None] = wire(
        "properties.autoDeleteSetting", default=None, sent=False, file=None
    )
    """When the service may delete it; kinds differ in whether they send and write it."""
    latest_version: str | None = output("properties.latestVersion", file="latest_version")
    """The newest version, known when the asset itself rather than one version of it was listed."""

    def __attrs_post_init__(self) -> None:
        if self.name:
            return
        if self.version is not None:
            message = f"{type(self).__name__}(version={self.version!r}) needs a name too"
            raise wrong(message)
        self.is_anonymous = True

    def anonymous(self) -> Self:
        """A copy that the service shows to nobody who does not know it."""
        return self.evolve(is_anonymous=True)
