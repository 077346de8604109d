"""Servers on loopback that stand in for Azure: over TLS, behind a proxy, silent, or breaking off."""

from __future__ import annotations

import json
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    """Have a server answer on a thread of its own until the block ends."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Server:
    """An HTTP server on a free loopback port that remembers what it was asked."""

    def __init__(self, certificate: Path | None, answer: Callable[[str, str], tuple[int, Any]]) -> None:
        """Answer `answer(method, path)`, a status and a body; over TLS from the start, or after CONNECT, as a proxy does."""
        self.asked: list[str] = []
        self.connected: list[str] = []
        self.closed = threading.Event()
        self.answer = answer
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if certificate is not None:
            self.context.load_cert_chain(certificate)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    def speak_tls(self) -> None:
        """From the first byte, as Azure does; not as a proxy."""
        self._server.socket = self.context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )

    @contextmanager
    def running(self) -> Iterator[Server]:
        """Serve until the block ends."""
        with serving(self._server):
            yield self

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_CONNECT(self) -> None:
                server.connected.append(self.path)
                self.send_response(200)
                self.end_headers()
                self.connection = server.context.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
                self.close_connection = False

            def _any(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.asked.append(f"{self.command} {self.path}")
                status, body = server.answer(self.command, self.path)
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_DELETE = _any  # noqa: N815 - as http.server looks for them

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

            def finish(self) -> None:
                super().finish()
                self.connection.close()
                server.closed.set()

            def handle(self) -> None:
                # A client that does not trust the certificate, or has waited long enough, just goes away.
                try:
                    super().handle()
                except (OSError, ValueError):
                    self.close_connection = True

        return Handler
