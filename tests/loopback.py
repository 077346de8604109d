"""A MemoryBackend as a cloud of its own: Azure Resource Manager over HTTPS on loopback, with the metadata a cloud publishes.

It serves no blob storage.
"""

from __future__ import annotations

import json
import ssl
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from azure_servers import serving
from certificates import write_certificate

from mlsdk.backends import Request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlsdk.backends import Reply
    from mlsdk.backends.memory import MemoryBackend

METADATA = "/metadata/endpoints"


class Loopback:
    """A cloud on loopback."""

    def __init__(self, memory: MemoryBackend, token: str, folder: Path) -> None:
        """Serve `memory` to whoever has `token`; the certificate is written into `folder`."""
        self.memory, self.token = memory, token
        self.certificate = write_certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.address = f"https://localhost:{self._server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator[Loopback]:
        """Serve until the block ends."""
        with serving(self._server):
            yield self

    @property
    def environment(self) -> dict[str, str]:
        """The settings by which mlsdk finds this cloud and trusts it."""
        return {
            "ARM_CLOUD_METADATA_URL": f"{self.address}{METADATA}",
            "REQUESTS_CA_BUNDLE": str(self.certificate),
        }

    def metadata(self) -> dict[str, Any]:
        """What the cloud says of itself."""
        return {
            "name": "LoopbackCloud",
            "portal": "https://portal.azure.example",
            "resourceManager": self.address,
            "authentication": {"loginEndpoint": self.address, "audiences": [self.address]},
            "suffixes": {"storage": "core.windows.net"},
        }

    def _answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        content = json.loads(body) if body else None
        return self.memory.send(Request(method, f"{self.address}{target}", {}, headers, content))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = 1 << 16  # an answer leaves in one piece

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path.startswith(METADATA):
                    self._say(200, {}, cloud.metadata())
                elif self.headers.get("Authorization") != f"Bearer {cloud.token}":
                    error = {"code": "InvalidAuthenticationToken", "message": "The access token is invalid."}
                    self._say(401, {"WWW-Authenticate": "Bearer"}, {"error": error})
                else:
                    reply = cloud._answer(self.command, self.path, dict(self.headers), body)
                    self._say(reply.status, reply.headers, reply.body)

            do_GET = do_HEAD = do_PUT = do_PATCH = do_POST = do_DELETE = _any  # noqa: N815 - as http.server looks for them

            def _say(self, status: int, headers: Any, body: Any) -> None:
                content = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"content-type": "application/json", **headers}.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler
