"""An Azure Resource Manager on loopback which has its answers ready: HTTPS, connections kept, in a process of its own.

python benchmarks/loopback.py CERTIFICATE STORAGE     says its port, and ends with its standard input
"""

from __future__ import annotations

import json
import socketserver
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = Path(__file__).resolve().parent / "files"
SUBSCRIPTION, GROUP, WORKSPACE = "00000000-0000-0000-0000-000000000001", "rg", "flowers"
PREFIX = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/"
MODEL = "iris"
MODELS, PAGE = 10_000, 100
ACCOUNT = "benchmark"
"""The storage account of the workspace's datastore."""
ACCOUNT_KEY = "bm90IGEgc2VjcmV0OiB0aGUga2V5IG9mIGEgbG9vcGJhY2sgYWNjb3VudA=="
STORAGE_SUFFIX = "local"
CONTAINER = "azureml-blobstore"

HEADERS = {
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
    "Content-Type": "application/json; charset=utf-8",
    "Expires": "-1",
    "Vary": "Accept-Encoding",
    "x-ms-ratelimit-remaining-subscription-reads": "11999",
    "Request-Context": "appId=cid-v1:2d2e8e63-272e-4b3c-8598-4ee570a0e70d",
    "x-ms-response-type": "standard",
    "x-content-type-options": "nosniff",
    "azureml-served-by-cluster": "vienna-westeurope-01",
    "x-request-time": "0.041",
    "x-ms-request-id": "3f2c7a52-8f5b-4d6f-9a33-5e8a3c1f0b77",
    "x-ms-correlation-request-id": "9d8e7c43-4b7e-4a7d-8a76-8a2a0b8f5c11",
    "x-ms-routing-request-id": "WESTEUROPE:20260115T093000Z:9d8e7c43-4b7e-4a7d-8a76-8a2a0b8f5c11",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Date": "Thu, 15 Jan 2026 09:30:00 GMT",
}
"""What Azure Resource Manager says beside the body, in kind and number."""


def answer(body: Any, status: str = "200 OK") -> bytes:
    """The whole answer, as it goes over the wire."""
    content = json.dumps(body).encode()
    head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    return f"HTTP/1.1 {status}\r\n{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


class Answers:
    """What the server says, made before it is asked."""

    def __init__(self, origin: str, storage: str) -> None:
        """`storage` is where the account stands: `127.0.0.1:PORT`, or a word when no files are stored."""
        self._origin = origin
        self._gone = answer({"error": {"code": "NotFound", "message": "There is no such resource."}}, "404 Not Found")
        workspace = PREFIX + WORKSPACE
        model = json.loads((FILES / "model.json").read_text())
        datastore = self._datastore(f"{workspace}/datastores/workspaceblobstore", f"{storage}/{ACCOUNT}")
        secrets = {"secretsType": "AccountKey", "key": ACCOUNT_KEY}
        versions, containers = f"{workspace}/models/{MODEL}/versions", f"{workspace}/models"
        self._whole = {
            ("GET", f"{versions}/1"): answer(self._version(model, versions, 1)),
            ("GET", f"{workspace}/datastores/workspaceblobstore"): answer(datastore),
            ("GET", f"{workspace}/datastores"): answer({"value": [datastore]}),
            ("POST", f"{workspace}/datastores/workspaceblobstore/listSecrets"): answer(secrets),
        }
        rows = {
            versions: [self._version(model, versions, number) for number in range(1, MODELS + 1)],
            containers: [self._container(model, containers, number) for number in range(1, MODELS + 1)],
        }
        self._pages = {path: self._paged(path, found) for path, found in rows.items()}

    def to(self, method: str, target: str, body: bytes) -> bytes:
        """The answer to one request."""
        parts = urlsplit(target)
        whole = self._whole.get((method, parts.path))
        if whole is not None:
            return whole
        if method == "GET" and parts.path in self._pages:
            return self._pages[parts.path][int(parse_qs(parts.query).get("$skip", ["0"])[0]) // PAGE]
        if method == "PUT" and body:
            name = parts.path.rpartition("/")[2]
            return answer({"id": parts.path, "name": name, **json.loads(body)}, "201 Created")
        return self._gone

    def _paged(self, path: str, rows: list[Any]) -> list[bytes]:
        pages = []
        for first in range(0, len(rows), PAGE):
            following = f"{path}?api-version=2023-08-01-preview&listViewType=ActiveOnly&$skip={first + PAGE}"
            more = {"nextLink": self._origin + following} if first + PAGE < len(rows) else {}
            pages.append(answer({"value": rows[first : first + PAGE], **more}))
        return pages

    @staticmethod
    def _version(model: Any, path: str, number: int) -> Any:
        tags = {**model["properties"]["tags"], "run": f"spring-{number:05}"}
        properties = {**model["properties"], "tags": tags}
        return {**model, "id": f"{path}/{number}", "name": str(number), "properties": properties}

    @staticmethod
    def _container(model: Any, path: str, number: int) -> Any:
        properties: dict[str, Any] = {
            "description": None,
            "tags": {},
            "properties": {},
            "isArchived": False,
            "latestVersion": "3",
            "nextVersion": "4",
        }
        name = f"{MODEL}-{number:05}"
        kind = "Microsoft.MachineLearningServices/workspaces/models"
        found = {"id": f"{path}/{name}", "name": name, "type": kind, "properties": properties}
        return {**found, "systemData": model["systemData"]}

    @staticmethod
    def _datastore(path: str, account: str) -> Any:
        properties: dict[str, Any] = {
            "description": None,
            "tags": None,
            "properties": None,
            "isDefault": True,
            "credentials": {"credentialsType": "AccountKey"},
            "datastoreType": "AzureBlob",
            "accountName": account,
            "containerName": CONTAINER,
            "endpoint": STORAGE_SUFFIX,
            "protocol": "https",
            "serviceDataAccessAuthIdentity": "WorkspaceSystemAssignedIdentity",
        }
        return {"id": path, "name": "workspaceblobstore", "properties": properties}


class Handler(socketserver.StreamRequestHandler):
    """One connection, for as long as the client keeps it."""

    disable_nagle_algorithm = True
    answers: ClassVar[Answers]

    def handle(self) -> None:
        """Answer request after request."""
        while line := self.rfile.readline():
            method, target, _ = line.decode().split(" ", 2)
            length = 0
            while (header := self.rfile.readline()) not in {b"\r\n", b""}:
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            self.wfile.write(self.answers.to(method, target, self.rfile.read(length)))


class Server(socketserver.ThreadingTCPServer):
    """A thread for each connection, TLS inside it."""

    daemon_threads = True

    def __init__(self, certificate: str) -> None:
        """Take a free port."""
        super().__init__(("127.0.0.1", 0), Handler)
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(certificate)

    def finish_request(self, request: Any, address: Any) -> None:
        """Serve a connection; the handshake is made here, in its thread."""
        with self._context.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, address)

    def handle_error(self, request: Any, address: Any) -> None:
        """A client that goes away takes its connection with it, which is nothing to tell of."""


@contextmanager
def serving(certificate: Path, storage: str = "nowhere") -> Iterator[str]:
    """Run the server until the end of the `with`; its address, `https://127.0.0.1:PORT`."""
    command = [sys.executable, "-I", __file__, str(certificate), storage]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None, "a pipe was asked for"  # noqa: S101
        assert process.stdout is not None, "a pipe was asked for"  # noqa: S101
        try:
            port = int(process.stdout.readline())
            yield f"https://127.0.0.1:{port}"
        finally:
            process.stdin.close()


def main() -> None:
    """Serve until the standard input ends, which it also does when whoever started this is gone."""
    certificate, storage = sys.argv[1:]
    with Server(certificate) as server:
        port = server.server_address[1]
        Handler.answers = Answers(f"https://127.0.0.1:{port}", storage)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(port, flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
