"""The clouds that Azure Machine Learning stands in: the public one, China's, the US Government's, and those that others tell.

The addresses are those of azure-ai-ml 1.35.2, which are what `{resource manager}/metadata/endpoints` answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping


def _without_slash(address: str) -> str:
    return address.rstrip("/")


@attrs.frozen
class Cloud:
    """Where the services of one cloud stand; addresses without a slash at the end."""

    name: str
    resource_manager: str = attrs.field(converter=_without_slash)
    """The address of Azure Resource Manager, and the audience of its tokens."""
    active_directory: str = attrs.field(converter=_without_slash)
    """Who gives the tokens out."""
    machine_learning: str = attrs.field(converter=_without_slash)
    """The audience of tokens for Azure Machine Learning's own services."""
    storage_suffix: str
    """What follows `{account}.blob.` in the address of a storage account."""
    registry_discovery: str = attrs.field(converter=_without_slash)
    """Where the address of a registry is asked for."""
    portal: str = attrs.field(converter=_without_slash)


PUBLIC = Cloud(
    "AzureCloud",
    "https://management.azure.com",
    "https://login.microsoftonline.com",
    "https://ml.azure.com",
    "core.windows.net",
    "https://eastus.api.azureml.ms",
    "https://portal.azure.com",
)
CHINA = Cloud(
    "AzureChinaCloud",
    "https://management.chinacloudapi.cn",
    "https://login.chinacloudapi.cn",
    "https://ml.azure.cn",
    "core.chinacloudapi.cn",
    "https://chinaeast2.api.ml.azure.cn",
    "https://portal.azure.cn",
)
US_GOVERNMENT = Cloud(
    "AzureUSGovernment",
    "https://management.usgovcloudapi.net",
    "https://login.microsoftonline.us",
    "https://ml.azure.us",
    "core.usgovcloudapi.net",
    "https://usgovarizona.api.ml.azure.us",
    "https://portal.azure.us",
)

_BY_NAME = {
    "azurecloud": PUBLIC,
    "azurepubliccloud": PUBLIC,
    "azurechinacloud": CHINA,
    "azureusgovernment": US_GOVERNMENT,
    "azureusgovernmentcloud": US_GOVERNMENT,
}
"""By name without case and underscores: `AzureCloud` as the command line of Azure writes it, `AZURE_PUBLIC_CLOUD` as
azure-core does."""

NAMES = ("AzureCloud", "AzureChinaCloud", "AzureUSGovernment")

METADATA_KEYS = {
    "resource_manager": "resource_manager",
    "active_directory": "active_directory",
    "aml_resource_id": "machine_learning",
    "storage_endpoint": "storage_suffix",
    "registry_discovery_endpoint": "registry_discovery",
    "azure_portal": "portal",
}
"""The official client's words for the addresses of a cloud (`MLClient(…, cloud_metadata={…})`), and ours."""


def known(name: str) -> Cloud | None:
    """A cloud of Microsoft's by its name, whatever its case; None for another one."""
    return _BY_NAME.get(name.lower().replace("_", ""))


def described(name: str, metadata: Mapping[str, str]) -> Cloud:
    """A cloud as `cloud_metadata` describes it, the official client's words as keys; ValueError names what is missing."""
    missing = [key for key in ("resource_manager", "active_directory") if not metadata.get(key)]
    unknown = sorted(set(metadata) - set(METADATA_KEYS))
    if missing or unknown:
        wrong = f"{', '.join(missing)} missing" if missing else f"{', '.join(unknown)} unknown"
        message = f"cloud_metadata: {wrong}; its keys are {', '.join(METADATA_KEYS)}"
        raise ValueError(message)
    defaults = {ours: getattr(PUBLIC, ours) for ours in METADATA_KEYS.values()}
    given = {METADATA_KEYS[key]: str(value) for key, value in metadata.items() if value}
    return Cloud(name=name, **{**defaults, **given})


def published(document: Any, registry_discovery: str | None = None, region: str | None = None) -> list[Cloud]:
    """The clouds in what `{resource manager}/metadata/endpoints` answers: one of them, or a list.

    The audience of Azure Machine Learning follows from the portal's host, and so does the address of its registries where
    `registry_discovery` does not name it, with the `region` in it (`west` when None), as the official client has it.
    ValueError for anything else than such a document.
    """
    rows = document if isinstance(document, list) else [document]
    try:
        return [_published(row, registry_discovery, region or "west") for row in rows]
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        message = (
            f"the metadata of a cloud was expected (name, portal, resourceManager, authentication, suffixes): {error!r}"
        )
        raise ValueError(message) from None


def _published(row: Mapping[str, Any], registry_discovery: str | None, region: str) -> Cloud:
    found = known(row["name"])
    if found is not None:
        return found
    portal = row["portal"]
    # `portal.azure.<the rest>`: `ml.azure.<the rest>` is the audience.
    rest = ".".join((urlsplit(portal).hostname or "").split(".")[2:])
    audience = f"https://ml.azure.{rest}"
    return Cloud(
        row["name"],
        row["resourceManager"],
        row["authentication"]["loginEndpoint"],
        audience,
        row["suffixes"]["storage"],
        registry_discovery or f"https://{row['name'].lower()}{region}.api.ml.azure.{rest}",
        portal,
    )
