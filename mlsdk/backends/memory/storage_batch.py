"""Several requests in one: a body of parts, each a request of its own with an answer of its own."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING

from mlsdk.backends.memory.storage_errors import StorageError
from mlsdk.backends.memory.storage_exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.backends import Reply

MOST = 256
"""How many requests may travel in one."""


def batch(exchange: Exchange, answer: Callable[[Exchange], Reply]) -> Reply:
    """Carry out each part with `answer`; the reply is 202 whatever became of them."""
    kind, _, boundary = exchange.header("content-type").partition("boundary=")
    parts = exchange.body.split(b"--" + boundary.strip('" ').encode())[1:-1] if boundary else []
    if not kind.lower().startswith("multipart/mixed") or not 0 < len(parts) <= MOST:
        raise StorageError(400, "InvalidInput", f"A batch has from 1 to {MOST} requests, as multipart/mixed.")
    separator = f"batchresponse_{uuid.uuid4()}"
    answers = [_answered(part, answer(_request(exchange, part))) for part in parts]
    text = b"".join(b"--" + separator.encode() + b"\r\n" + one for one in answers) + f"--{separator}--".encode()
    return exchange.reply(202, {"content-type": f"multipart/mixed; boundary={separator}"}, text)


def _request(exchange: Exchange, part: bytes) -> Exchange:
    """The request in a part; StorageError (400) when there is none."""
    _, _, inner = part.strip().partition(b"\r\n\r\n")
    head, _, body = inner.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    words = line.split(" ")
    if len(words) != 3 or not words[1].startswith("/"):
        raise StorageError(400, "InvalidInput", "A part of the batch holds no HTTP request.")
    headers = {name.strip(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
    url = f"{exchange.address.scheme}://{exchange.address.netloc}{words[1]}"
    return Exchange(exchange.backend, words[0], url, headers, body)


def _answered(part: bytes, reply: Reply) -> bytes:
    """A reply as a part, with the number that its request had."""
    number = next(
        (line for line in part.split(b"\r\n") if line.lower().startswith(b"content-id:")), b"Content-ID: 0"
    )  # fmt: skip
    status = f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}"
    head = "\r\n".join([status, *(f"{name}: {value}" for name, value in reply.headers.items())])
    return b"\r\n".join(
        [b"Content-Type: application/http", number, b"", head.encode("latin-1"), b"", reply.body or b"", b""]
    )
