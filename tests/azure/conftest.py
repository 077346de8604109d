"""Azure as `requests` sees it: `responses` answers what `MLClient` sends, and nothing really waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import responses
from azure.core.pipeline.transport import RequestsTransport
from azure_answers import Credential, connect

from mlsdk.backends.azure import AzureBackend
from mlsdk.backends.azure.environments import METADATA_VARIABLE, REGION_VARIABLE, REGISTRY_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsdk import MLClient


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy, no certificates and no cloud of this machine's take part."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    clouds = (METADATA_VARIABLE, REGISTRY_VARIABLE, REGION_VARIABLE)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", *clouds):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were to be waited before a repetition or a poll, one after another; nothing really waits."""
    waits: list[float] = []
    monkeypatch.setattr(RequestsTransport, "sleep", lambda _, seconds: waits.append(seconds))
    monkeypatch.setattr(AzureBackend, "sleep", lambda _, seconds: waits.append(seconds))
    return waits


@pytest.fixture
def azure() -> Iterator[responses.RequestsMock]:
    """What answers; a test fails when an answer that it prepared was not asked for."""
    with responses.RequestsMock() as answering:
        yield answering


@pytest.fixture
def credential() -> Credential:
    """A credential that counts how often it is asked."""
    return Credential()


@pytest.fixture
def client(credential: Credential, slept: list[float]) -> Iterator[MLClient]:  # noqa: ARG001 - nothing really waits
    """A client of a workspace on Azure, as a user makes it."""
    with connect(credential) as made:
        yield made
