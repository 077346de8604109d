"""Nothing secret is shown: not in a `repr`, not in a log of any level, not in an error or its traceback."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any

import pytest
import requests
from azure.core.exceptions import AzureError
from azure_answers import BASE, MODEL, Credential, Token, connect, model_body, refusal

from mlsdk.backends import Request
from mlsdk.backends.azure import AzureBackend
from mlsdk.entities import AccountKeyConfiguration, AzureBlobDatastore

if TYPE_CHECKING:
    import responses

TOKEN = "eyJ0b2tlbiI6InNlY3JldC10b2tlbiJ9"
KEY = "c2VjcmV0LWFjY291bnQta2V5LXNlY3JldA=="
SIGNATURE = "c2lnbmVkLXNlY3JldA%3D"
SAS = f"sv=2024-01-01&se=2026-01-01&sp=rl&sig={SIGNATURE}"
SECRETS = (TOKEN, KEY, SIGNATURE)


class SecretCredential(Credential):
    """A credential whose `repr` is none of ours, and whose token is known."""

    def get_token(self, *scopes: str, **options: Any) -> Token:
        """A token that must be seen nowhere."""
        return Token(TOKEN, super().get_token(*scopes, **options).expires_on)

    def __repr__(self) -> str:
        return f"SecretCredential({TOKEN})"


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that any logger says."""
    caplog.set_level(logging.DEBUG)
    for name in ("azure", "azure.core", "azure.identity", "urllib3", "requests", "mlsdk", "msal"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def shows_none(*texts: str) -> None:
    """None of the secrets is in any of these."""
    for text in texts:
        assert [secret for secret in SECRETS if secret in text] == []


def test_a_client_shows_where_it_works_and_no_one_who_does(azure: responses.RequestsMock) -> None:
    """Before and after its first call, with whatever it was given."""
    azure.get(MODEL, json=model_body())
    client = connect(SecretCredential(), headers={"x-functions-key": KEY}, proxies={"https": f"http://me:{KEY}@proxy"})
    shows_none(repr(client), repr(client._session), repr(client._session.connection))
    client.models.get("iris", "1")
    chosen = client.with_options(headers={"x-functions-key": KEY})
    shows_none(repr(client), repr(chosen), repr(chosen._session.connection), repr(client.models))
    assert "AzureBackend(cloud='AzureCloud')" in repr(client)


def test_no_log_of_any_level_shows_a_secret(azure: responses.RequestsMock, logs: pytest.LogCaptureFixture) -> None:
    """Token, account key, and the signature in an address; `logging_enable` as users of azure-core know it changes nothing."""
    azure.get(f"{BASE}/datastores/store", json=datastore())
    azure.post(f"{BASE}/datastores/store/listSecrets", json={"secretsType": "AccountKey", "key": KEY})
    azure.put(f"{BASE}/datastores/store", json=datastore())
    azure.get(f"https://account.blob.core.windows.net/c/f?{SAS}", body=b"content")
    client = connect(SecretCredential(), logging_enable=True)
    found = client.datastores.get("store", include_secrets=True)
    assert found.credentials.account_key == KEY  # type: ignore[attr-defined,union-attr]
    client.datastores.create_or_update(
        AzureBlobDatastore(
            name="store",
            account_name="account",
            container_name="c",
            credentials=AccountKeyConfiguration(account_key=KEY),
        )
    )
    client._session.connection.backend.send(
        Request("GET", f"https://account.blob.core.windows.net/c/f?{SAS}", audience=None)
    )
    assert "Request URL" in logs.text
    assert "listSecrets" in logs.text
    shows_none(logs.text, *(str(vars(record)) for record in logs.records))


@pytest.mark.parametrize("failure", ["refused", "answered", "page", "no connection", "too long"])
def test_no_error_shows_a_secret(azure: responses.RequestsMock, failure: str, logs: pytest.LogCaptureFixture) -> None:
    """Neither in its text nor in its traceback, whatever stands in what was sent and in what came back."""
    answers: dict[str, dict[str, Any]] = {
        "refused": {"json": refusal("Bad", f"the key {SAS} is wrong"), "status": 400},
        "answered": {"body": f'{{"key": "{KEY}"', "content_type": "application/json"},
        "page": {"body": f"<html>{SAS}</html>", "content_type": "text/html", "status": 200},
        "no connection": {"body": requests.exceptions.ConnectionError("refused")},
        "too long": {"body": requests.exceptions.ReadTimeout("too long")},
    }
    azure.put(f"{BASE}/datastores/store", **answers[failure])
    client = connect(SecretCredential(), retry_total=0)
    store = AzureBlobDatastore(
        name="store",
        account_name="account",
        container_name="c",
        credentials=AccountKeyConfiguration(account_key=KEY),
    )
    with pytest.raises(AzureError) as caught:
        client.datastores.create_or_update(store)
    shows_none(str(caught.value), repr(caught.value), "".join(traceback.format_exception(caught.value)), logs.text)


def test_an_address_with_a_signature_is_not_shown_by_an_error(azure: responses.RequestsMock) -> None:
    """Of an answer that cannot be read: its query is left out."""
    url = f"https://account.blob.core.windows.net/c/f?{SAS}"
    azure.get(url, body="{", content_type="application/json")
    with pytest.raises(AzureError) as caught:
        AzureBackend(SecretCredential()).send(Request("GET", url, audience=None))
    shows_none(str(caught.value), "".join(traceback.format_exception(caught.value)))
    assert "https://account.blob.core.windows.net/c/f was answered" in str(caught.value)


def test_requests_and_replies_do_not_show_what_they_carry(azure: responses.RequestsMock) -> None:
    """As they stand in a debugger or a log of one's own."""
    azure.post(f"{BASE}/datastores/store/listSecrets", json={"secretsType": "AccountKey", "key": KEY})
    request = Request(
        "POST",
        f"{BASE}/datastores/store/listSecrets",
        headers={"Authorization": f"Bearer {TOKEN}"},
        body={"key": KEY},
    )
    reply = AzureBackend(SecretCredential()).send(request)
    assert reply.body["key"] == KEY
    shows_none(repr(request), repr(reply))


def datastore() -> dict[str, Any]:
    """A datastore as the service gives it: its kind of secret, not the secret."""
    return {
        "id": "/datastores/store",
        "name": "store",
        "properties": {
            "datastoreType": "AzureBlob",
            "accountName": "account",
            "containerName": "c",
            "credentials": {"credentialsType": "AccountKey"},
        },
    }
