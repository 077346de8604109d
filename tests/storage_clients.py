"""Clients of Azure Storage whose requests a memory backend answers, and requests to it without a client."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import requests
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from mlsdk.backends.memory.storage_http import serve_storage

if TYPE_CHECKING:
    from mlsdk.backends import Reply
    from mlsdk.backends.memory import MemoryBackend

BLOBS = "https://account.blob.core.windows.net"
LAKE = "https://account.dfs.core.windows.net"
KEY = "c2VjcmV0IGtleQ=="
SIGNED_IN = {"Authorization": "Bearer token"}


class Adapter(HTTPAdapter):
    """Answers from a memory backend what `requests` would send."""

    def __init__(self, backend: MemoryBackend) -> None:
        super().__init__()
        self.backend = backend

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:  # type: ignore[override]
        """Answer one request."""
        body: Any = request.body
        if hasattr(body, "read"):
            body = body.read()
        body = body.encode() if isinstance(body, str) else body
        reply = serve_storage(self.backend, request.method or "", request.url or "", request.headers, body)
        raw = HTTPResponse(
            body=io.BytesIO(reply.body or b""),
            headers=dict(reply.headers),
            status=reply.status,
            preload_content=False,
            request_method=request.method,
        )
        return self.build_response(request, raw)


def options(backend: MemoryBackend) -> dict[str, Any]:
    """Keyword arguments of a client that is to speak to a memory backend."""
    session = requests.Session()
    session.mount("https://", Adapter(backend))
    return {"transport": RequestsTransport(session=session, session_owner=False), "retry_total": 0}


class Token:
    """Somebody who is signed in."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        """A token that never expires."""
        return AccessToken("token", 99_999_999_999)


class Http:
    """One storage account, spoken to without a client; addresses count from its blob service."""

    def __init__(self, backend: MemoryBackend) -> None:
        self.backend = backend

    def __call__(
        self,
        method: str,
        path: str = "",
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        *,
        base: str = BLOBS,
    ) -> Reply:
        """Make one request as somebody who is signed in."""
        return serve_storage(self.backend, method, base + path, {**SIGNED_IN, **(headers or {})}, body)

    def put(self, path: str, body: bytes = b"", **headers: str) -> Reply:
        """Store a block blob."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        reply = self("PUT", path, {"x-ms-blob-type": "BlockBlob", **named}, body)
        assert reply.status == 201, reply.body
        return reply


def document(reply: Reply) -> ET.Element:
    """The XML of a reply."""
    return ET.fromstring(reply.body)  # noqa: S314 -- what this process made itself


def code(reply: Reply) -> str | None:
    """The code of a refusal, which header and body have to agree on."""
    told = reply.headers.get("x-ms-error-code")
    if reply.body is not None and reply.status >= 400 and reply.headers["content-type"] == "application/xml":
        assert document(reply).findtext("Code") == told
    return told
