"""Secrets are taken out of texts that a service wrote, before they stand in an error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "REDACTED"

NAMES = (
    r"[a-z_-]{0,40}(?:account_?key|access_?key|shared_?key|sas_?token|client_?secret|password|access_?token|refresh_?token"
    r"|id_?token|primary_?key|secondary_?key|access_?signature)"
)
"""Names whose values are secrets, in any case."""

PATTERNS = (
    # The signature of a shared access signature, in an address or in one that is escaped inside another.
    (re.compile(r"(?i)(?:(?<![a-z0-9])|(?<=%26)|(?<=%3f))(sig(?:=|%3d))(?:(?!%26)[^&\s\"'<>\\])+"), rf"\g<1>{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic|sharedkey(?:lite)?)\s+[\w.~+/:-]{16,}=*"), rf"\g<1> {HIDDEN}"),
    # A JSON web token: two or three parts of base64 with points between them.
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"), HIDDEN),
    # `AccountKey=…;` of a connection string, `password=…`.
    (re.compile(rf"(?i)\b({NAMES})(\s*=\s*)(?!{HIDDEN})[^;&\s\"'<>\\]+"), rf"\g<1>\g<2>{HIDDEN}"),
    # `"accountKey": "…"`, also where the JSON is itself text inside JSON.
    (re.compile(rf"(?i)(\\*[\"']{NAMES}\\*[\"']\s*:\s*\\*[\"'])[^\"'\\]+"), rf"\g<1>{HIDDEN}"),
    # Keys of storage accounts (64 bytes) and signatures (32 bytes) that stand alone.
    (re.compile(r"(?<![\w+/])(?:[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{43}=(?!=))"), HIDDEN),
    (re.compile(r"(://)[^/\s:@]+:[^/\s@]+@"), rf"\g<1>{HIDDEN}@"),
)
"""What is looked for, and what stands in its place."""

NAME = re.compile(rf"(?i){NAMES}")


def redacted(text: str) -> str:
    """`text` without signatures, tokens, keys and passwords."""
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redacted_json(value: Any) -> Any:
    """A JSON value whose texts carry no secrets, at any depth."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {
            name: HIDDEN if isinstance(part, str) and NAME.fullmatch(str(name)) else redacted_json(part)
            for name, part in value.items()
        }
    return [redacted_json(part) for part in value] if isinstance(value, list) else value
