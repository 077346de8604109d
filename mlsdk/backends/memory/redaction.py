"""Bodies as they may be shown: copied when they pass by, their secrets left out when they are looked at."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "***"

_SECRET = re.compile(
    r"key[12]?|pat|token|.*(password|passphrase|secret|token|signature|connectionstring|certificate|sasuri)"
    r"|.*(access|account|api|instrumentation|primary|secondary|private|shared|storage)key",
)
"""Names whose text is a secret, in lower case and without `-` and `_`: `accountKey`, `sas_token`."""

_SECRETS = frozenset({"keys", "passwords"})
"""Names below which every value is a secret: `{"passwords": [{"name": "password", "value": "…"}]}`."""

_SIGNED = re.compile(r"([?&;](?:sig|accountkey|sharedaccesskey)=)[^&;\s\"']+", re.IGNORECASE)
"""A signature or key inside an address or a connection string."""

_ELEMENTS = frozenset({"name", "keyname", "permissions", "creationtime"})
"""What stands beside a secret in a list of them and is none."""


def kept(value: Any) -> str | None:
    """A body as text, which nobody changes afterwards; of what is not JSON, only how much it is."""
    if value is None or value == b"":
        return None
    # Much quicker than a copy, and most of what is kept is never looked at.
    return json.dumps(value, skipkeys=True, default=_described)


def _described(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return f"<{len(value):,} bytes>" if isinstance(value, (bytes, bytearray)) else f"<{type(value).__name__}>"


def shown(text: str | None) -> Any:
    """What `kept` kept, the secrets in it replaced by `***`."""
    return None if text is None else redacted(json.loads(text))


def redacted(value: Any, name: str = "", *, secret: bool = False) -> Any:
    """A copy of a JSON value with the secrets in it replaced by `***`; `name` is the key it stands under."""
    if isinstance(value, dict):
        inside = secret or name.lower() in _SECRETS
        return {
            key: redacted(item, key, secret=inside and not (isinstance(item, str) and key.lower() in _ELEMENTS))
            for key, item in value.items()
        }
    if isinstance(value, list):
        inside = secret or name.lower() in _SECRETS
        return [redacted(item, name, secret=inside) for item in value]
    if not isinstance(value, str) or not value:
        return value
    if secret or _SECRET.fullmatch(name.lower().replace("_", "").replace("-", "")):
        return HIDDEN
    return _SIGNED.sub(rf"\1{HIDDEN}", value)
