"""The error for what is wrong on this side, before anything is sent."""

from __future__ import annotations


def wrong(message: str) -> Exception:
    """A ValidationException that says `message`; its module, and azure-core with it, is imported only where one is made."""
    from mlsdk.exceptions import ValidationException

    return ValidationException(message)
