"""A backend under azure-core: its pollers, its pagers and its management clients then run on every backend."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest, HttpResponse
from azure.core.utils import CaseInsensitiveDict

from mlsdk.backends import Backend, Options, Reply, Request
from mlsdk.clouds import PUBLIC, Cloud

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from typing_extensions import Self

NO_OPTIONS = Options()
STATUSES = frozenset(HTTPStatus)


class BackendResponse(HttpResponse):
    """The reply of a backend in azure-core's shape."""

    def __init__(self, request: Any, reply: Reply) -> None:
        """Show `reply`, the answer to azure-core's `request`."""
        self._request = request
        self._reply = reply
        body = reply.body
        self._content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        self._headers: MutableMapping[str, str] = CaseInsensitiveDict(dict(reply.headers))
        if body is not None:
            self._headers.setdefault(
                "content-type", "application/octet-stream" if isinstance(body, bytes) else "application/json"
            )
        self.context: dict[str, Any] = {}

    @property
    def request(self) -> Any:
        """The request this answers."""
        return self._request

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self._reply.status

    @property
    def headers(self) -> MutableMapping[str, str]:
        """Headers, found without regard to case."""
        return self._headers

    @property
    def reason(self) -> str:
        """The status in words."""
        status = self._reply.status
        return HTTPStatus(status).phrase if status in STATUSES else ""

    @property
    def content_type(self) -> str | None:
        """The kind of the content."""
        return self._headers.get("content-type")

    @property
    def is_closed(self) -> bool:
        """Always: the content is here."""
        return True

    @property
    def is_stream_consumed(self) -> bool:
        """Always: the content is here."""
        return True

    @property
    def encoding(self) -> str | None:
        """The encoding of the text."""
        return "utf-8"

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        """Taken and left alone: a backend speaks UTF-8."""

    @property
    def url(self) -> str:
        """The address asked."""
        return str(self._request.url)

    @property
    def content(self) -> bytes:
        """The content as bytes."""
        return self._content

    def body(self) -> bytes:
        """The content as bytes, by its older name."""
        return self._content

    def read(self) -> bytes:
        """The content as bytes."""
        return self._content

    def text(self, encoding: str | None = None) -> str:
        """The content as text."""
        return self._content.decode(encoding or "utf-8-sig", errors="replace")

    def json(self) -> Any:
        """The content as JSON."""
        return json.loads(self._content)

    def raise_for_status(self) -> None:
        """Raise azure-core's error for a status of 400 or more."""
        if self.status_code >= 400:
            from mlsdk.arm.errors import error_of

            raise error_of(self)

    def iter_raw(self, **_: Any) -> Iterator[bytes]:
        """The content in one piece."""
        yield self._content

    def iter_bytes(self, **_: Any) -> Iterator[bytes]:
        """The content in one piece."""
        yield self._content

    def stream_download(self, *_: Any, **__: Any) -> Iterator[bytes]:
        """The content in one piece, by its older name."""
        return self.iter_bytes()

    def close(self) -> None:
        """Nothing is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<BackendResponse: {self.status_code} {self.reason}>"


class BackendTransport(HttpTransport[Any, Any]):
    """An azure-core transport whose network is a backend."""

    def __init__(self, backend: Backend) -> None:
        """Send to `backend`; closing the transport leaves it open."""
        self.backend = backend

    def send(
        self, request: Any, *, options: Options = NO_OPTIONS, audience: str | None = "arm", **_: Any
    ) -> BackendResponse:
        """Hand the request to the backend.

        `options` and `audience` are what `PipelineClient.send_request(…, options=…, audience=…)` was given; azure-core's own
        options (timeouts, …) are the backend's business.
        """
        content = request.content if isinstance(request, HttpRequest) else request.data
        body: Any = content
        if isinstance(content, (str, bytes)) and "json" in request.headers.get("Content-Type", "application/json"):
            body = json.loads(content) if content else None
        # The length is that of the text which was written here; the backend writes its own.
        headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
        return BackendResponse(
            request, self.backend.send(Request(request.method, request.url, {}, headers, body, audience, options))
        )

    def sleep(self, duration: float) -> None:
        """Let time pass on the backend's clock."""
        self.backend.sleep(duration)

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Leave the backend open: others use it too."""

    def __exit__(self, *_: object) -> None:
        self.close()


def azure_request(request: Request, cloud: Cloud = PUBLIC) -> HttpRequest:
    """azure-core's form of a request, its path below the address of a cloud, its query in the address."""
    content: dict[str, Any] = {}
    if isinstance(request.body, bytes) or hasattr(request.body, "read"):
        content = {"content": request.body}
    elif request.body is not None:
        content = {"json": request.body}
    return HttpRequest(request.method, request.address(cloud), headers=dict(request.headers), **content)
