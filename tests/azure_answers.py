"""What the tests of Azure over HTTP share: who is signed in, a client as a user makes it, and bodies as the service gives."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from mlsdk import MLClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    import responses

SUBSCRIPTION, GROUP, WORKSPACE = "00000000-0000-0000-0000-000000000001", "rg", "wks"
ARM = "https://management.azure.com"
PATH = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.MachineLearningServices"
    f"/workspaces/{WORKSPACE}"
)
BASE = ARM + PATH
MODEL = f"{BASE}/models/iris/versions/1"


class Token(NamedTuple):
    """A token as azure-core's `AccessToken` is."""

    token: str
    expires_on: int
    refresh_on: int | None = None


class Credential:
    """A credential that remembers how it was asked; each token is a new text, `token-1` the first."""

    def __init__(self, lifetime: float = 3600, failure: Exception | None = None) -> None:
        """Give tokens that live for `lifetime` seconds, or fail."""
        self.asked: list[tuple[tuple[str, ...], dict[str, Any]]] = []
        self.lifetime, self.failure = lifetime, failure

    def get_token(self, *scopes: str, **options: Any) -> Token:
        """A token for `scopes`."""
        self.asked.append((scopes, options))
        if self.failure is not None:
            raise self.failure
        return Token(f"token-{len(self.asked)}", int(time.time() + self.lifetime))

    @property
    def scopes(self) -> list[str]:
        """What was asked for, one after another."""
        return [scope for scopes, _ in self.asked for scope in scopes]


def connect(credential: Any, **options: Any) -> MLClient:
    """A client of the workspace on Azure."""
    return MLClient(credential, SUBSCRIPTION, GROUP, WORKSPACE, **options)


def model_body(name: str = "iris", version: str = "1") -> dict[str, Any]:
    """A version of a model."""
    path = f"{PATH}/models/{name}/versions/{version}"
    return {"id": path, "name": version, "properties": {"modelUri": "azureml://datastores/store/paths/m", "tags": {}}}


def compute_body(name: str = "cluster", state: str = "Succeeded") -> dict[str, Any]:
    """A cluster."""
    return {
        "id": f"{PATH}/computes/{name}",
        "name": name,
        "location": "eastus",
        "properties": {
            "computeType": "AmlCompute",
            "provisioningState": state,
            "properties": {"vmSize": "STANDARD_DS3_V2", "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 1}},
        },
    }


def refusal(code: str = "TheCode", message: str = "the words", **more: Any) -> dict[str, Any]:
    """An error as Azure Resource Manager tells it."""
    return {"error": {"code": code, "message": message, **more}}


def asked(azure: responses.RequestsMock) -> list[str]:
    """The methods of what was sent, with what follows the workspace in the address, queries left out."""
    found = []
    for call in azure.calls:
        url = str(call.request.url).partition("?")[0]
        found.append(f"{call.request.method} {url.removeprefix(BASE) or '/'}")
    return found


def sent_headers(azure: responses.RequestsMock, index: int = -1) -> Mapping[str, str]:
    """The headers of one request that was sent, the last one when nothing is said."""
    return azure.calls[index].request.headers


def sent_body(azure: responses.RequestsMock, index: int = -1) -> Any:
    """The JSON of one request that was sent."""
    return json.loads(azure.calls[index].request.body or b"null")
