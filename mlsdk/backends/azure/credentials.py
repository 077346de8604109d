"""Who is signed in."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from azure.core.credentials import TokenCredential

    from mlsdk.clouds import Cloud


FRESH = 300
"""Seconds that a token has to be good for still, as in azure-core."""


def check(credential: Any) -> Any:
    """The credential as it is, None included; TypeError for what gives no token, with no word of what it is."""
    if credential is None or hasattr(credential, "get_token") or hasattr(credential, "get_token_info"):
        return credential
    message = (
        f"a {type(credential).__name__} is no credential for Azure: expected an object with get_token(), for example "
        "azure.identity.DefaultAzureCredential()"
    )
    raise TypeError(message)


def default_credential(cloud: Cloud) -> TokenCredential:
    """azure-identity's `DefaultAzureCredential` for a cloud: environment, managed identity, Azure CLI and so on, in turn."""
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(authority=cloud.active_directory)


class SharedCredential:
    """A credential that is asked once for a token, however many containers and threads need it at the same moment.

    Each client of azure-storage-blob keeps tokens for itself, and a credential such as the Azure CLI's starts a program for
    each that it is asked for.
    """

    def __init__(self, credential: Any) -> None:
        self._credential = credential
        self._asking = threading.Lock()
        self._kept: dict[Any, Any] = {}
        if hasattr(credential, "get_token_info"):
            # azure-core prefers it where it is there.
            self.get_token_info = self._token_info

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """A token for these scopes, the last one while it is good for five minutes more."""
        return self._once(("token", scopes), options, lambda: self._credential.get_token(*scopes, **options))

    def token(self, scope: str) -> str:
        """The text of a token, for what carries it elsewhere than azure-core's policies do."""
        ask = self._token_info if hasattr(self._credential, "get_token_info") else self.get_token
        return str(ask(scope).token)

    def _token_info(self, *scopes: str, options: Mapping[str, Any] | None = None) -> Any:
        asked = dict(options or {})
        return self._once(("info", scopes), asked, lambda: self._credential.get_token_info(*scopes, options=asked))

    def _once(self, key: Any, options: Mapping[str, Any], ask: Callable[[], Any]) -> Any:
        if options.get("claims"):  # what the service asks for now is not in a token of before
            return ask()
        key = (*key, tuple(sorted((name, str(value)) for name, value in options.items())))
        with self._asking:
            kept = self._kept.get(key)
            if kept is None or kept.expires_on - time.time() < FRESH:
                kept = self._kept[key] = ask()
            return kept
