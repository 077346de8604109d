"""Tokens: asked for when needed, anew when the service wants another one, and seen nowhere."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure_answers import Credential
from pipeline.making import CHALLENGE, CLAIMS, MAKING
from pipelines import PipelineBackend

from mlsdk import MLClient

if TYPE_CHECKING:
    from pathlib import Path

    from mlsdk.backends.memory import MemoryBackend

VARIOUS = ("model", "component with code", "datastore", "cluster", "workspace", "model in a registry")


def test_one_token_serves_all_calls(client: MLClient, credential: Credential, folder: Path) -> None:
    """Of every kind; it is asked for with the first one, for Azure Resource Manager."""
    assert credential.asked == []
    for made in VARIOUS:
        MAKING[made](client, folder)
    assert credential.scopes == ["https://management.azure.com/.default"]


@pytest.mark.parametrize("made", VARIOUS)
def test_a_revoked_token_is_replaced_by_one_that_meets_the_claims(
    client: MLClient, memory: MemoryBackend, credential: Credential, made: str, folder: Path
) -> None:
    """The claims of the challenge go to whoever gives the tokens, and the call succeeds."""
    client.datastores.get_default()
    memory.fail(status=401, headers={"WWW-Authenticate": CHALLENGE})
    MAKING[made](client, folder)
    assert [options.get("claims") for _, options in credential.asked] == [None, CLAIMS]


@pytest.mark.parametrize("headers", [{}, {"WWW-Authenticate": CHALLENGE}], ids=["bare", "challenge"])
def test_a_wrong_token_is_an_error_in_the_end(
    client: MLClient, memory: MemoryBackend, credential: Credential, headers: dict[str, str]
) -> None:
    """A service that refuses every token is not asked on and on."""
    memory.fail(status=401, headers=headers, message="The access token is invalid.", times=None)
    with pytest.raises(ClientAuthenticationError, match="token is invalid") as error:
        client.models.get("iris", "1")
    assert error.value.status_code == 401
    assert len(memory.requests) == len(credential.asked) <= 2


def test_an_expired_token_is_not_sent(memory: MemoryBackend) -> None:
    """Each call gets a token that still holds."""
    credential = Credential(lifetime=1)
    client = MLClient(None, "s", "rg", "wks", backend=PipelineBackend(memory, credential))
    for _ in range(3):
        client.datastores.get_default()
    assert len(credential.asked) == 3


def test_who_gets_no_token_sends_nothing(memory: MemoryBackend) -> None:
    """The credential's own words are the error."""
    credential = Credential(failure=ClientAuthenticationError("run 'az login'"))
    client = MLClient(None, "s", "rg", "wks", backend=PipelineBackend(memory, credential))
    with pytest.raises(ClientAuthenticationError, match="az login"):
        client.models.get("iris", "1")
    assert len(memory.requests) == 0


def test_a_token_is_seen_nowhere(
    client: MLClient, memory: MemoryBackend, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in logs at their most talkative, not in what the backend remembers, not in errors and their tracebacks."""
    caplog.set_level(logging.DEBUG)
    for made in VARIOUS:
        MAKING[made](client, folder)
    shown = [repr(client), repr(client._session.connection), str(memory.requests), repr(memory)]
    for status in (400, 401, 403, 404, 409, 500):
        memory.fail(status=status, times=4 if status == 500 else 1)
        with pytest.raises(HttpResponseError) as error:
            client.models.get("iris", "1")
        shown += [str(error.value), repr(error.value), *traceback.format_exception(error.value)]
    assert "management.azure.com" in caplog.text
    assert "token-" not in caplog.text + "".join(shown)
