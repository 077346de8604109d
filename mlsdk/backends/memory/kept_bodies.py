"""Bodies as a log keeps them: as text when they pass by, without their secrets when they are looked at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlsdk.redaction import redacted_json


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
    """What `kept` kept, without the secrets in it."""
    return None if text is None else redacted_json(json.loads(text))
