"""A memory backend with one workspace, spoken to by URL and body only."""

from __future__ import annotations

from typing import Any

import pytest
from storage_clients import Http

from mlsdk.backends import Reply, Request
from mlsdk.backends.memory import ManualClock, MemoryBackend

API_VERSION = "2024-10-01-preview"
MODEL = {"properties": {"modelUri": "azureml://datastores/workspaceblobstore/paths/model"}}


class Wire:
    """One backend and the workspace in it; paths that do not start with `/` count from the workspace."""

    def __init__(self, backend: MemoryBackend, name: str = "ws") -> None:
        self.backend = backend
        self.group = "/subscriptions/sub/resourceGroups/rg"
        self.workspace = f"{self.group}/providers/Microsoft.MachineLearningServices/workspaces/{name}"
        backend.add_workspace("sub", "rg", name)
        backend.requests.clear()

    def __call__(
        self, method: str, path: str = "", body: Any = None, /, headers: dict[str, str] | None = None, **params: str
    ) -> Reply:
        """Make one request."""
        if not path.startswith(("/", "https:")):
            path = f"{self.workspace}/{path}".rstrip("/")
        params = {key.replace("__", "$"): value for key, value in params.items()}
        query = {"api-version": API_VERSION, **params}
        return self.backend.send(Request(method, path, query, headers or {}, body))

    def get(self, path: str = "", **params: str) -> Any:
        """The body of a GET that has to succeed."""
        reply = self("GET", path, **params)
        assert reply.status == 200, reply.body
        return reply.body

    def put(self, path: str, body: Any, **params: str) -> Any:
        """The body of a PUT that has to succeed."""
        reply = self("PUT", path, body, **params)
        assert reply.status in (200, 201, 202), reply.body
        return reply.body

    def post(self, path: str, body: Any = None) -> Any:
        """The body of a POST that has to succeed."""
        reply = self("POST", path, body)
        assert reply.status in (200, 202), reply.body
        return reply.body

    def names(self, path: str, **params: str) -> list[str]:
        """The names in a list, from all its pages."""
        body = self.get(path, **params)
        found = [item["name"] for item in body["value"]]
        while "nextLink" in body:
            reply = self.backend.send(Request("GET", body["nextLink"]))
            assert reply.status == 200, reply.body
            body = reply.body
            found += [item["name"] for item in body["value"]]
        return found

    def error(self, method: str, path: str, body: Any = None, /, **params: str) -> tuple[int, str, str]:
        """Status, code and text of a request that has to be refused."""
        reply = self(method, path, body, **params)
        assert reply.status >= 400, reply.body
        return reply.status, reply.body["error"]["code"], reply.body["error"]["message"]


@pytest.fixture
def azure() -> Wire:
    """A strict backend with the workspace `ws`."""
    return Wire(MemoryBackend())


@pytest.fixture
def model() -> dict[str, Any]:
    """The least a model version has to say."""
    return {"properties": dict(MODEL["properties"])}


@pytest.fixture
def wired() -> type[Wire]:
    """What makes a workspace in a backend of the test's own choosing."""
    return Wire


@pytest.fixture
def http() -> Http:
    """An account with a container, and in it ten bytes and an append blob."""
    backend = MemoryBackend(clock=ManualClock())
    backend.add_storage_account("account", containers=["con"])
    http = Http(backend)
    http.put("/con/ten", b"0123456789")
    assert http("PUT", "/con/log", {"x-ms-blob-type": "AppendBlob"}).status == 201
    return http
