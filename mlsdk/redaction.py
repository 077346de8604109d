"""What is secret is said here alone: for errors, for logs, and for what the memory backend shows of requests.

A secret is known by the name it stands under (`accountKey`, `sas_token`), or inside a text by its form: the signature of an
address, a token, the key of a connection string.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

HIDDEN = "***"
"""What stands in the place of a secret."""

_WORDS = [
    "access_key",
    "account_key",
    "api_key",
    "instrumentation_key",
    "primary_key",
    "private_key",
    "secondary_key",
    "shared_key",
    "storage_key",
    "access_token",
    "auth_token",
    "bearer_token",
    "id_token",
    "refresh_token",
    "sas_token",
    "certificate",
    "connection_string",
    "passphrase",
    "password",
    "sas_uri",
    "secret",
    "signature",
]
"""How names of secrets end, in any case and with `_`, `-` or nothing where `_` stands."""

_NAMES = rf"[a-z_-]{{0,40}}(?:{'|'.join(_WORDS).replace('_', '[_-]?')})"

_JSON_NAMES = rf"(?:{_NAMES}|key[12]?|pat|token)"
_NAME = rf"(?i){_JSON_NAMES}"
"""Names of JSON whose text is a secret; inside a sentence `key=` and `token=` say too little."""

_SECRETS = frozenset({"keys", "passwords"})
"""Names below which every value is a secret: `{"passwords": [{"name": "password", "value": "…"}]}`."""

_ELEMENTS = frozenset({"name", "keyname", "permissions", "creationtime"})
"""What stands beside a secret in a list of them and is none."""

_PARAMETERS = frozenset({"sig", "signature", "token", "code", "key", "password"})
"""Parameters of a request that open something."""

_FORMS = (
    # The signature of a shared access signature, in an address or in one that is escaped inside another.
    (
        r"(?i)(?:(?<![a-z0-9])|(?<=%26)|(?<=%3f))(sig(?:=|%3d))(?:(?!%26)[^&;\s\"'<>)\\])+",
        rf"\g<1>{HIDDEN}",
    ),
    (r"(?i)\b(bearer|basic|sharedkey(?:lite)?)\s+[\w.~+/:-]{16,}=*", rf"\g<1> {HIDDEN}"),
    # A JSON web token: two or three parts of base64 with points between them.
    (r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?", HIDDEN),
    # `AccountKey=…;` of a connection string, `password=…`.
    (rf"(?i)\b({_NAMES})(\s*=\s*)[^;&\s\"'<>\\]+", rf"\g<1>\g<2>{HIDDEN}"),
    # `"accountKey": "…"`, also where the JSON is itself text inside JSON.
    (rf"(?i)(\\*[\"']{_JSON_NAMES}\\*[\"']\s*:\s*\\*[\"'])[^\"'\\]+", rf"\g<1>{HIDDEN}"),
    # Keys of storage accounts (64 bytes) and signatures (32 bytes) that stand alone.
    (r"(?<![\w+/])(?:[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{43}=(?!=))", HIDDEN),
    (r"(://)[^/\s:@]+:[^/\s@]+@", rf"\g<1>{HIDDEN}@"),
)
"""How secrets look inside a text, and what stands in their place."""


@cache  # compiling them takes longer than all else that a first model needs of this file
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(form), replacement) for form, replacement in _FORMS)


@cache
def _name() -> re.Pattern[str]:
    return re.compile(_NAME)


def redacted(text: str) -> str:
    """`text` without signatures, tokens, keys and passwords; what is redacted already stays as it is."""
    for form, replacement in _forms():
        text = form.sub(replacement, text)
    return text


def redacted_json(value: Any, name: str = "", *, secret: bool = False) -> Any:
    """A copy of a JSON value without secrets at any depth; `name` is the key it stands under."""
    if isinstance(value, Mapping):
        inside = secret or name.lower() in _SECRETS
        return {
            key: redacted_json(
                item, str(key), secret=inside and not (isinstance(item, str) and str(key).lower() in _ELEMENTS)
            )
            for key, item in value.items()
        }
    if isinstance(value, list):
        inside = secret or name.lower() in _SECRETS
        return [redacted_json(item, name, secret=inside) for item in value]
    if not isinstance(value, str) or not value:
        return value
    return HIDDEN if secret or _name().fullmatch(name) else redacted(value)


def redacted_parameters(parameters: Mapping[str, str]) -> Mapping[str, str]:
    """The parameters of a request without those that open something; the same mapping where there are none."""
    if _PARAMETERS.isdisjoint(parameters):
        return parameters
    return {name: HIDDEN if name in _PARAMETERS else value for name, value in parameters.items()}
