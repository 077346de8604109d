"""Raw HTTP by absolute address: what a client that knows nothing of the seam asks, led to whom it concerns."""

from __future__ import annotations

import json
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mlsdk.backends import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.backends.memory.backend import MemoryBackend

STORAGE = frozenset({"blob", "dfs", "file", "queue", "table"})
"""The services of a storage account as they stand in its host: `{account}.blob.core.windows.net`."""


def serve(backend: MemoryBackend, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
    """Answer one HTTP request, whatever host of Azure's it is for; refusals are replies too.

    `Reply.body` is JSON, bytes or None, and the header names are in lower case. Raises only what an injected fault raises.
    """
    if _asks_storage(url):
        from mlsdk.backends.memory.storage_http import serve_storage

        return serve_storage(backend, method, url, headers, body)
    content: object = body or None
    if content is not None and "json" in _header(headers, "content-type"):
        with suppress(ValueError):  # what is no JSON is refused in the service's words
            content = json.loads(body)
    return backend.send(Request(method, url, {}, headers, content))


def _asks_storage(url: str) -> bool:
    """Whether a request is for a storage account, which its host names or, where that is a machine, its path.

    By path it is `https://127.0.0.1:443/account.blob.local/container/file`.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_machine(host):
        host = parts.path.lstrip("/").partition("/")[0]
    labels = host.split(".", 2)
    return len(labels) == 3 and labels[1] in STORAGE


def is_machine(host: str) -> bool:
    """Whether a host is given by its number, or is this one, so that it says nothing of an account."""
    if host == "localhost":
        return True
    if host[-1:].isalpha() and ":" not in host:  # most are told apart without trying
        return False
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _header(headers: Mapping[str, str], name: str) -> str:
    for key, value in headers.items():
        if key.lower() == name:
            return str(value).lower()
    return ""
