"""Credentials that ask nobody: the one that is made, and those of azure-identity while `azure_ml()` is active."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from typing import Any

import azure.identity
import pytest
from azure.core.credentials import SupportsTokenInfo, TokenCredential

from mlsdk.backends.memory import MemoryBackend
from mlsdk.testing import FakeCredential, azure_ml

ML = "https://ml.azure.com/.default"


def claims(token: str) -> dict[str, Any]:
    """What a token says, read without looking at its signature."""
    _, middle, _ = token.split(".")
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return found


@pytest.mark.parametrize(
    ("scope", "audience"),
    [
        (ML, "https://ml.azure.com"),
        ("https://management.azure.com/.default", "https://management.azure.com"),
        ("https://management.azure.com//.default", "https://management.azure.com"),
        ("https://storage.azure.com/.default", "https://storage.azure.com"),
    ],
)
def test_a_token_is_for_whom_it_was_asked(scope: str, audience: str) -> None:
    """`aud` is the scope without what follows the host."""
    assert claims(FakeCredential().get_token(scope).token)["aud"] == audience


def test_a_token_says_who_is_signed_in() -> None:
    """User, tenant and time, as real tokens do; a tenant that was asked for is the one it says."""
    credential = FakeCredential("me@example.com", "my-tenant")
    given = credential.get_token(ML, claims="{}", enable_cae=True)
    told = claims(given.token)
    assert (told["upn"], told["tid"], told["exp"]) == ("me@example.com", "my-tenant", given.expires_on)
    assert len({told["oid"], told["tid"], told["appid"]}) == 3
    assert time.time() < given.expires_on <= time.time() + 3600
    info = credential.get_token_info(ML, options={"tenant_id": "another"})
    assert (claims(info.token)["tid"], info.token_type) == ("another", "Bearer")
    assert claims(credential.get_token(ML, tenant_id="another").token)["tid"] == "another"


def test_it_is_a_credential_as_azure_core_wants_it() -> None:
    """It may be used in a `with`, shows no token, and wants a scope."""
    with FakeCredential() as credential:
        assert isinstance(credential, TokenCredential)
        assert isinstance(credential, SupportsTokenInfo)
        assert repr(credential) == "FakeCredential('user@example.com')"
        with pytest.raises(ValueError, match="scope"):
            credential.get_token()


def test_the_official_client_can_read_a_token() -> None:
    """PyJWT, by which azure-ai-ml reads it, takes a token without a signature."""
    jwt = pytest.importorskip("jwt")
    token = FakeCredential().get_token(ML).token
    assert jwt.decode(token, options={"verify_signature": False})["aud"] == "https://ml.azure.com"


@pytest.mark.parametrize(
    "credential",
    [
        pytest.param(azure.identity.DefaultAzureCredential, id="default"),
        pytest.param(azure.identity.AzureCliCredential, id="command line"),
        pytest.param(azure.identity.EnvironmentCredential, id="environment"),
        pytest.param(azure.identity.ManagedIdentityCredential, id="managed identity"),
        pytest.param(azure.identity.InteractiveBrowserCredential, id="browser"),
        pytest.param(lambda: azure.identity.ClientSecretCredential("t", "c", "s"), id="secret"),
        pytest.param(lambda: azure.identity.ChainedTokenCredential(azure.identity.AzureCliCredential()), id="chained"),
    ],
)
def test_credentials_of_azure_identity_ask_nobody(credential: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the network nor `az`: they give a token of the backend's user."""

    def no_process(*_: Any, **__: Any) -> Any:
        pytest.fail("a process was started")

    monkeypatch.setattr(subprocess, "Popen", no_process)
    with azure_ml(MemoryBackend(user="her@example.com")):
        made = credential()
        assert claims(made.get_token(ML).token)["upn"] == "her@example.com"
        assert claims(made.get_token_info(ML, options={}).token)["aud"] == "https://ml.azure.com"


@pytest.mark.parametrize("name", [name for name in azure.identity.__all__ if name.endswith("Credential")])
def test_every_credential_is_stood_in_for(name: str) -> None:
    """Whichever it is gives a token without being asked how it would get one."""
    kind = getattr(azure.identity, name)
    with azure_ml():
        credential = kind.__new__(kind)
        assert claims(credential.get_token(ML).token)["aud"] == "https://ml.azure.com"
        assert claims(credential.get_token_info(ML).token)["aud"] == "https://ml.azure.com"


def test_a_provider_of_tokens_asks_nobody() -> None:
    """What other libraries are given of azure-identity; a credential may be used in a `with` and closed twice."""
    with azure_ml(), azure.identity.DefaultAzureCredential() as credential:
        give = azure.identity.get_bearer_token_provider(credential, ML)
        assert claims(give())["aud"] == "https://ml.azure.com"
        credential.close()


def test_a_credential_of_the_users_own_is_left_alone() -> None:
    """Only azure-identity's are stood in for, one that is made from them included as far as it asks them."""

    class Own(azure.identity.AzureCliCredential):
        def get_token(self, *scopes: str, **options: Any) -> Any:
            self.asked = scopes
            return super().get_token(*scopes, **options)

    with azure_ml():
        own = Own()
        assert claims(own.get_token(ML).token)["aud"] == "https://ml.azure.com"
        assert own.asked == (ML,)


def test_afterwards_credentials_ask_again() -> None:
    """Outside of a context azure-identity is as it was, whatever was made inside."""
    with azure_ml():
        credential = azure.identity.EnvironmentCredential()
        credential.get_token(ML)
        taken = credential.get_token
    with pytest.raises(azure.identity.CredentialUnavailableError):
        credential.get_token(ML)
    with pytest.raises(azure.identity.CredentialUnavailableError):
        taken(ML)
