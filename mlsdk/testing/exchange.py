"""One request of the package `requests`, answered by a backend instead of the network."""

from __future__ import annotations

import io
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from requests.exceptions import RetryError
from urllib3 import HTTPResponse
from urllib3.exceptions import MaxRetryError

if TYPE_CHECKING:
    from requests import PreparedRequest, Response
    from requests.adapters import HTTPAdapter

    from mlsdk.backends import Reply
    from mlsdk.backends.memory import MemoryBackend

REASONS = {int(status): status.phrase for status in HTTPStatus}


def answer(adapter: HTTPAdapter, request: PreparedRequest, backend: MemoryBackend) -> Response:
    """What the backend answers, as `requests` has it from the network: the content is still to be read.

    A session that was told to repeat what is refused (`max_retries` of its adapter) repeats it here too, without waiting.
    """
    method, url, body = request.method or "GET", request.url or "", content(request.body)
    retries = adapter.max_retries
    while True:
        raw = _raw(method, backend.serve(method, url, request.headers, body))
        if not retries.is_retry(method, raw.status, "retry-after" in raw.headers):
            return adapter.build_response(request, raw)
        try:
            retries = retries.increment(method, url, response=raw)
        except MaxRetryError as error:
            if retries.raise_on_status:
                raise RetryError(error, request=request) from error
            return adapter.build_response(request, raw)


def content(body: Any) -> bytes:
    """The bytes of a request's body: bytes, text, an open file or pieces of bytes."""
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    if hasattr(body, "read"):
        return content(body.read())
    if isinstance(body, (bytearray, memoryview)):
        return bytes(body)
    return b"".join(content(piece) for piece in body)


def _raw(method: str, reply: Reply) -> HTTPResponse:
    body, headers = reply.body, dict(reply.headers)
    if body is None:
        sent = b""
    elif isinstance(body, bytes):
        sent = body
        headers.setdefault("content-type", "application/octet-stream")
    else:
        sent = json.dumps(body).encode()
        headers.setdefault("content-type", "application/json; charset=utf-8")
    if method == "HEAD":
        sent = b""  # the headers alone say how much there would be
    headers.setdefault("content-length", str(len(sent)))
    return HTTPResponse(
        body=io.BytesIO(sent),
        headers=headers,
        status=reply.status,
        version=11,
        reason=REASONS.get(reply.status, ""),
        preload_content=False,
        request_method=method,
    )
