"""No error shows a secret that a service or a proxy echoes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from error_answers import arm, error_for

from mlsdk.exceptions import service_details
from mlsdk.redaction import HIDDEN, redacted, redacted_json

KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
TOKEN = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL21sIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
SIGNATURE = "Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm8%3D"

SECRETS = [
    (f"PUT https://a.blob.core.windows.net/c/b?sv=2024&sig={SIGNATURE}&se=2026", SIGNATURE),
    (f"see 'https://a.blob.core.windows.net/c?SIG={SIGNATURE}'.", SIGNATURE),
    (f"redirect=https%3A%2F%2Fa%2Fc%3Fsv%3D1%26sig%3D{SIGNATURE.replace('%', '%25')}%26se%3D2", SIGNATURE[:20]),
    (f"the header was Authorization: Bearer {TOKEN}", TOKEN),
    (f"token {TOKEN} is not valid", TOKEN[:36]),
    ("Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123", "abcdefghijklmnop"),
    ("Authorization: SharedKey account:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=", "QUJDREVG"),
    (f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={KEY};EndpointSuffix=x", KEY),
    (f"key {KEY} was not accepted", KEY[:40]),
    ('{"accountKey": "c2VjcmV0", "accountName": "a"}', "c2VjcmV0"),
    ('"{\\"clientSecret\\":\\"hush-hush\\"}"', "hush-hush"),
    ('{\\"name\\": \\"t\\", \\"credentials\\": {\\"type\\": \\"api_key\\", \\"key\\": \\"hush-hush\\"}}', "hush-hush"),
    ("failed with client_secret=hush-hush&grant_type=x", "hush-hush"),
    ("proxy http://me:hush-hush@proxy:8080 refused", "hush-hush"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_no_error_carries_a_secret(text: str, secret: str) -> None:
    """Whatever the service or a proxy echoes: not in the text, the repr, the message or the details."""
    cleaned = redacted(text)
    assert secret not in cleaned
    assert HIDDEN in cleaned
    assert redacted(cleaned) == cleaned
    bodies: list[Any] = [
        arm("BadRequest", text),
        arm("BadRequest", "x", details=[{"code": "Inner", "message": text, "target": text}]),
        arm(
            "BadRequest", "x", additionalInfo=[{"type": "Other", "info": {"value": text}}], innererror={"trace": [text]}
        ),
        {"odd": text},
        f"<p>{text}</p>".encode(),
    ]
    for body in bodies:
        error = error_for(400, body)
        said = [str(error), repr(error), error.message, error.exc_msg, str(error.error), repr(service_details(error))]
        assert error.error is not None
        said.extend([str(error.error.message), json.dumps(error.error.innererror)])
        assert not [words for words in said if secret in words]


@pytest.mark.parametrize(
    "text",
    [
        "The bearer token is missing.",
        "design=3 and signature are no secrets",
        "https://management.azure.com/subscriptions/x?api-version=2024-01-01",
        "commit 0123456789abcdef0123456789abcdef01234567",
        "The password must have 12 characters: letters and digits.",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Words about secrets are not secrets."""
    assert redacted(text) == text


def test_secrets_are_known_by_their_names() -> None:
    """A value under such a name is hidden whatever it looks like; other values stay as they are."""
    value = {"accountKey": "x", "list": [{"sasToken": "y", "n": 1}], "none": None, "password": {"rule": "long"}}
    expected = {"accountKey": HIDDEN, "list": [{"sasToken": HIDDEN, "n": 1}], "none": None}
    assert redacted_json(value) == {**expected, "password": {"rule": "long"}}
