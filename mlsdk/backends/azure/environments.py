"""Which cloud is meant: by an argument, by the environment, or by the metadata that a cloud publishes of itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError

from mlsdk.clouds import NAMES, PUBLIC, Cloud, known, published

if TYPE_CHECKING:
    from collections.abc import Callable

NAME_VARIABLE = "AZUREML_CURRENT_CLOUD"
METADATA_VARIABLE = "ARM_CLOUD_METADATA_URL"
REGISTRY_VARIABLE = "REGISTRY_DISCOVERY_ENDPOINT_URL"
REGION_VARIABLE = "REGISTRY_DISCOVERY_ENDPOINT_REGION"
"""The official client's environment variables."""
METADATA_URL = f"{PUBLIC.resource_manager}/metadata/endpoints?api-version=2019-05-01"


def chosen_cloud(choice: Cloud | str | None, fetch: Callable[[str], Any]) -> Cloud:
    """The cloud that is meant; `fetch` gives the JSON behind an address.

    A name that is not one of Microsoft's clouds is looked up at `ARM_CLOUD_METADATA_URL`. Without a name, the cloud is the
    one whose Azure Resource Manager published that metadata. ValidationException for a name that is not there.
    """
    if isinstance(choice, Cloud):
        return choice
    name = choice or os.environ.get(NAME_VARIABLE)
    found = known(name) if name else None
    if found is not None:
        return found
    url = os.environ.get(METADATA_VARIABLE)
    if not name and not url:
        return PUBLIC
    return _told(name, url or METADATA_URL, fetch)


def _told(name: str | None, url: str, fetch: Callable[[str], Any]) -> Cloud:
    from mlsdk.exceptions import ValidationException

    try:
        clouds = published(fetch(url), os.environ.get(REGISTRY_VARIABLE), os.environ.get(REGION_VARIABLE))
    except ValueError as error:
        message = f"{url}: {error}"
        raise ValidationException(message) from None
    except AzureError as error:
        asked = f"cloud {name!r} is none of {', '.join(NAMES)}, so it was" if name else "the cloud was"
        error.message = f"{asked} looked up at {url}, without success: {error.message}"
        error.args = (error.message, *error.args[1:])
        raise
    host = urlsplit(url).netloc.lower()
    for cloud in clouds:
        if (cloud.name.lower() == name.lower()) if name else (urlsplit(cloud.resource_manager).netloc.lower() == host):
            return cloud
    there = ", ".join(cloud.name for cloud in clouds)
    wanted = f"there is no cloud {name!r}" if name else f"no cloud stands at {host}"
    message = (
        f"{wanted}: {url} tells of {there}, and built in are {', '.join(NAMES)}. Give MLClient(…, cloud=…), or set "
        f"{NAME_VARIABLE}"
    )
    raise ValidationException(message)
