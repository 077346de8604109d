"""The real workspace that tests marked `live` run in: where it is, how it is reached, and how it is left as it was found.

They need `MLSDK_LIVE_SUBSCRIPTION`, `MLSDK_LIVE_RESOURCE_GROUP` and `MLSDK_LIVE_WORKSPACE`, and somebody who is signed in
(`az login`, or what else azure-identity's DefaultAzureCredential finds). `MLSDK_LIVE_TOKEN` is a token to use instead.
`MLSDK_LIVE_FILES=no` leaves out what moves files, where the storage account cannot be reached from here. Another cloud is
named as always, by `AZUREML_CURRENT_CLOUD` or `ARM_CLOUD_METADATA_URL`.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from azure.core.credentials import AccessToken
from azure.core.exceptions import ResourceNotFoundError

from mlsdk import MLClient

if TYPE_CHECKING:
    from collections.abc import Iterable

SETTINGS = ("MLSDK_LIVE_SUBSCRIPTION", "MLSDK_LIVE_RESOURCE_GROUP", "MLSDK_LIVE_WORKSPACE")
TOKEN_LIFETIME = 3600


class GivenToken:
    """A credential that has one token."""

    def __init__(self, token: str) -> None:
        """Give `token`, whatever it is asked for."""
        self._token = token

    def get_token(self, *_: str, **__: Any) -> AccessToken:
        """The token."""
        return AccessToken(self._token, int(time.time()) + TOKEN_LIFETIME)


def missing() -> str:
    """What has to be set before a live test can run; empty when all is there."""
    unset = [name for name in SETTINGS if not os.environ.get(name)]
    return f"no workspace to run in: set {', '.join(unset)} and sign in (az login)" if unset else ""


def with_files() -> bool:
    """Whether tests that move files are to run."""
    return os.environ.get("MLSDK_LIVE_FILES", "yes").lower() not in ("no", "0", "false")


def connect(*, workspace: bool = True) -> MLClient:
    """A client of the workspace, as a user makes it, or one of its resource group."""
    subscription, group, name = (os.environ[setting] for setting in SETTINGS)
    token = os.environ.get("MLSDK_LIVE_TOKEN")
    credential = GivenToken(token) if token else None
    return MLClient(credential, subscription, group, name if workspace else None, backend="azure")


def clear(client: MLClient, names: Iterable[str]) -> None:
    """Remove what stands under these names; assets are archived, since the service keeps them."""
    for name in names:
        for group in (client.models, client.data, client.environments, client.components):
            with suppress(ResourceNotFoundError):
                group.archive(name)
        with suppress(ResourceNotFoundError):
            client.datastores.delete(name)
        with suppress(ResourceNotFoundError):
            client.compute.begin_delete(name).result()
        with suppress(ResourceNotFoundError):
            client.workspaces.begin_delete(name, delete_dependent_resources=True, permanently_delete=True).result()
