"""A credential that asks nobody: its tokens can be read as real ones can, and open nothing."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

from azure.core.credentials import AccessToken, AccessTokenInfo

if TYPE_CHECKING:
    from typing_extensions import Self

TENANT = "00000000-0000-0000-0000-0000000000aa"
"""The tenant of a memory backend."""
USER = "user@example.com"
USER_ID = "00000000-0000-0000-0000-0000000000bb"
"""The object id of whoever is signed in."""
APPLICATION = "00000000-0000-0000-0000-0000000000cc"
"""The client by which they signed in."""
LIFETIME = 3600
"""Seconds that a token holds."""


class FakeCredential:
    """Gives tokens for whatever scope without asking anybody, to be used where azure-core wants a credential.

    A token is a JSON web token without a signature: `aud` is the scope without `/.default`, `upn` the user and `oid` the
    user's id, `tid` the tenant, `appid` the client.
    """

    def __init__(self, user: str = USER, tenant_id: str = TENANT) -> None:
        """Sign `user` of a tenant in."""
        self.user = user
        self.tenant_id = tenant_id

    def __repr__(self) -> str:
        return f"FakeCredential({self.user!r})"

    def get_token(self, *scopes: str, tenant_id: str | None = None, **_: Any) -> AccessToken:
        """A token for the first of the scopes; ValueError when there is none."""
        token, expires = self._token(scopes, tenant_id)
        return AccessToken(token, expires)

    def get_token_info(self, *scopes: str, options: Any = None) -> AccessTokenInfo:
        """The same with what azure-core wants to know besides."""
        token, expires = self._token(scopes, (options or {}).get("tenant_id"))
        return AccessTokenInfo(token, expires, token_type="Bearer", refresh_on=None)  # noqa: S106 -- a kind of token

    def close(self) -> None:
        """Nothing is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _token(self, scopes: tuple[str, ...], tenant_id: str | None) -> tuple[str, int]:
        if not scopes:
            message = '"get_token" requires at least one scope'
            raise ValueError(message)
        now = int(time.time())
        tenant = tenant_id or self.tenant_id
        claims = {
            "aud": scopes[0].removesuffix("/.default").rstrip("/"),
            "iss": f"https://sts.windows.net/{tenant}/",
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
            "appid": APPLICATION,
            "idtyp": "user",
            "name": self.user,
            "oid": USER_ID,
            "tid": tenant,
            "upn": self.user,
            "ver": "1.0",
        }
        return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}.", now + LIFETIME


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")
