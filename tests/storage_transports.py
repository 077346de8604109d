"""What stands between a blob container and the network in tests: it remembers, or answers by itself."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import time
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import HttpTransport, RequestsTransport
from requests import Response
from requests.structures import CaseInsensitiveDict

KEY = base64.b64encode(b"a key of no account").decode()


class Counting(RequestsTransport):
    """Remembers what was sent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sent: list[tuple[str, str]] = []
        self.closed = False

    def send(self, request: Any, **options: Any) -> Any:
        """Send it."""
        self.sent.append((request.method, request.url))
        return super().send(request, **options)

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
        super().close()

    def count(self, method: str, part: str = "") -> int:
        """How many requests of a method had `part` in their address."""
        return sum(verb == method and part in url for verb, url in self.sent)


class Answering(HttpTransport[Any, Any]):
    """Answers every request with the same error of the storage service."""

    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code
        self.urls: list[str] = []

    def send(self, request: Any, **_: Any) -> Any:
        """Give the answer."""
        from azure.core.rest._requests_basic import RestRequestsTransportResponse

        self.urls.append(request.url)
        answer = Response()
        answer.status_code, answer.reason = self.status, "Refused"
        answer.raw = io.BytesIO()
        body = f"<?xml version='1.0'?><Error><Code>{self.code}</Code><Message>Signed was sig=abc</Message></Error>"
        answer._content = body.encode()
        answer.headers = CaseInsensitiveDict(
            {"x-ms-error-code": self.code, "x-ms-request-id": "request-1", "Content-Type": "application/xml"}
        )
        return RestRequestsTransportResponse(request=request, internal_response=answer)

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to close."""

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""


class Credential:
    """Gives a token as Azure's directory makes them, unsigned."""

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """A token for the storage service."""
        assert scopes == ("https://storage.azure.com/.default",)
        now = int(time.time())
        claims = {
            "aud": "https://storage.azure.com", "iss": "https://sts.windows.net/ab1f708d-50f6-404c-a006-d71b2ac7a606/",
            "iat": now, "nbf": now - 60, "exp": now + 3600,
        }  # fmt: skip
        parts = [json.dumps(part).encode() for part in ({"typ": "JWT", "alg": "RS256"}, claims)]
        text = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (*parts, b"signature"))
        return AccessToken(text, now + 3600)


def md5(content: bytes) -> bytes:
    """The MD5 of a content."""
    return hashlib.md5(content, usedforsecurity=False).digest()
