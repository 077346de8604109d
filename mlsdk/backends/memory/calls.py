"""One request on its way through the backend: what was asked, of what, and what helps to answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.backends import Reply, Request
from mlsdk.backends.memory.bodies import json_object
from mlsdk.backends.memory.clock import stamp
from mlsdk.backends.memory.longrunning import JSON_HEADERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlsdk.backends.memory.backend import MemoryBackend
    from mlsdk.backends.memory.errors import ServiceError
    from mlsdk.backends.memory.kinds import Body, Kind
    from mlsdk.backends.memory.longrunning import Mode
    from mlsdk.backends.memory.state import Resource, State


class Call:
    """A request, taken apart."""

    __slots__ = (
        "_stamp",
        "afterwards",
        "backend",
        "base",
        "host",
        "kind",
        "method",
        "mode",
        "name",
        "now",
        "operation_failure",
        "params",
        "parent",
        "parts",
        "path",
        "request",
        "state",
    )

    def __init__(
        self,
        backend: MemoryBackend,
        request: Request,
        host: str,
        path: str,
        params: Mapping[str, str],
    ) -> None:
        self.backend = backend
        self.state: State = backend.state
        self.request = request
        self.method = request.method.upper()
        self.mode: Mode = backend.long_running
        """How its long-running operation, if it begins one, is answered."""
        self.host = host
        """Scheme and host, `https://management.azure.com`."""
        self.path = path
        """From the service's own root, so without `/mferp/managementfrontend`."""
        self.base = host
        """What goes before `path` to make it a URL."""
        self.parts: list[str] = []
        self.params = params
        self.now = backend.clock.now()
        self._stamp: str | None = None
        self.kind: Kind
        self.parent: Resource
        self.name: str | None = None
        self.operation_failure: ServiceError | None = None
        """What the long-running operation that this request begins is going to fail with."""
        self.afterwards: Callable[[], None] | None = None
        """What is done once the request was carried out and the lock is free, before the answer goes out."""

    def asking(self, path: str) -> Call:
        """A read of `path` on behalf of this request, of which nothing is logged."""
        look = Call(self.backend, Request("GET", path), self.host, path, {})
        look.parts = path.strip("/").split("/")
        return look

    @property
    def api_version(self) -> str:
        """The api-version asked for."""
        return self.param("api-version") or ""

    @property
    def stamp(self) -> str:
        """The time of the request as bodies carry it."""
        if self._stamp is None:
            self._stamp = stamp(self.now)
        return self._stamp

    @property
    def subscription(self) -> str:
        """The subscription the path names."""
        return self.parts[1] if len(self.parts) > 1 else ""

    @property
    def group(self) -> str:
        """The resource group the path names, `""` when there is none."""
        return self.parts[3] if len(self.parts) > 3 and self.parts[2].lower() == "resourcegroups" else ""

    @property
    def region(self) -> str:
        """The location of what the path stands in."""
        resource: Resource | None = self.parent
        while resource is not None:
            location = resource.stored.get("location")
            if location:
                return str(location)
            resource = resource.parent
        return self.backend.location

    def param(self, name: str) -> str | None:
        """A query parameter, its name compared without case as Azure does."""
        found = self.params.get(name)
        if found is None and self.params:
            lowered = name.lower()
            for key, value in self.params.items():
                if key.lower() == lowered:
                    return str(value)
        return None if found is None else str(found)

    def header(self, name: str) -> str | None:
        """A request header; `name` in lower case."""
        for key, value in self.request.headers.items():
            if key.lower() == name:
                return value
        return None

    def json(self) -> Body:
        """The JSON object of the request, a copy to be changed freely; ServiceError (400) when there is none."""
        return json_object(self.request.body)

    def optional_json(self) -> Body:
        """As `json`, with an empty object when nothing was sent."""
        return {} if self.request.body in (None, b"", "") else json_object(self.request.body)

    def shown(self, resource: Resource) -> Body:
        """The body of a resource as a read shows it."""
        body = resource.body
        if resource.pending is not None and resource.kind.provisions:
            body["properties"]["provisioningState"] = resource.pending
        if resource.kind.show is not None:
            resource.kind.show(self.state, resource, body)
        return body

    def answer(self, resource: Resource, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        """A reply with the body of a resource."""
        shown_headers = {**JSON_HEADERS, "etag": etag(resource), **(headers or {})}
        return Reply(status, self.shown(resource), shown_headers)


def etag(resource: Resource) -> str:
    """What changes with every write of a resource."""
    return f'"{resource.revision:08x}"'


def reply(body: Any, status: int = 200) -> Reply:
    """A reply with a JSON body."""
    return Reply(status, body, JSON_HEADERS)
