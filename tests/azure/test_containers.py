"""The files of a container, over the client's own connections: who opens them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import azure.identity as azure_identity
import pytest
import requests
from azure_answers import Credential, sent_headers

from mlsdk.backends.azure import AzureBackend

if TYPE_CHECKING:
    import responses

URL = "https://account.blob.core.windows.net/files"
HEAD = {
    "Content-Length": "3",
    "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT",
    "ETag": "0x1",
    "x-ms-blob-type": "BlockBlob",
    "x-ms-creation-time": "Thu, 01 Jan 2026 00:00:00 GMT",
}
SIGNATURE = "sv=2024-01-01&sp=rl&sig=c2lnbmVk"


@pytest.fixture
def blob(azure: responses.RequestsMock) -> responses.RequestsMock:
    """A blob that is there, whatever opens it."""
    azure.head(f"{URL}/a.txt", headers=HEAD)
    return azure


def test_the_clients_own_credential_opens_a_container(blob: responses.RequestsMock, credential: Credential) -> None:
    """Where nothing else does; with the scope of storage, and apart from the token for Azure Resource Manager."""
    found = AzureBackend(credential).container(URL).head("a.txt")
    assert found is not None
    assert found.size == 3
    assert sent_headers(blob)["Authorization"] == "Bearer token-1"
    assert credential.scopes == ["https://storage.azure.com/.default"]


def test_so_does_the_default_credential(blob: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none was given."""
    monkeypatch.setattr(azure_identity, "DefaultAzureCredential", lambda **_: Credential())
    assert AzureBackend().container(URL).head("a.txt") is not None
    assert sent_headers(blob)["Authorization"] == "Bearer token-1"


@pytest.mark.parametrize(
    ("url", "given"), [(f"{URL}?{SIGNATURE}", None), (URL, SIGNATURE)], ids=["in the address", "beside it"]
)
def test_a_signature_opens_it_alone(
    blob: responses.RequestsMock, credential: Credential, url: str, given: str | None
) -> None:
    """No token is asked for or sent."""
    assert AzureBackend(credential).container(url, given).head("a.txt") is not None
    assert "sig=c2lnbmVk" in blob.calls[0].request.url
    assert "Authorization" not in sent_headers(blob)
    assert credential.asked == []


def test_an_account_key_opens_it_alone(blob: responses.RequestsMock, credential: Credential) -> None:
    """It signs the request; `.netrc` does not take its place."""
    assert AzureBackend(credential).container(URL, "a2V5").head("a.txt") is not None
    assert sent_headers(blob)["Authorization"].startswith("SharedKey account:")
    assert credential.asked == []


def test_files_travel_over_the_clients_connections(azure: responses.RequestsMock, credential: Credential) -> None:
    """Its session, with the proxy and the certificates that it has, is theirs too."""
    azure.head(f"{URL}/a.txt", headers=HEAD)
    session = requests.Session()
    session.verify, session.proxies = "authority.pem", {"https": "http://proxy.example:3128"}
    AzureBackend(credential, session=session).container(URL).head("a.txt")
    said: dict[str, Any] = azure.calls[0].request.req_kwargs
    assert (said["verify"], said["proxies"]["https"]) == ("authority.pem", "http://proxy.example:3128")
