"""Azure Blob Storage and Data Lake Storage over HTTP, on the accounts and containers of a memory backend."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from mlsdk.backends.memory import (
    longrunning,
    storage_batch,
    storage_blob,
    storage_blocks,
    storage_containers,
    storage_copy,
    storage_lake,
)
from mlsdk.backends.memory.errors import ServiceError
from mlsdk.backends.memory.faults import CODES as ARM_CODES
from mlsdk.backends.memory.storage_authorization import authorize
from mlsdk.backends.memory.storage_errors import CODES, StorageError, header_refused, storage_not_emulated
from mlsdk.backends.memory.storage_exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.backend import MemoryBackend
    from mlsdk.backends.memory.blobs import Account

OLDEST = "2019-02-02"
"""Versions of the service before this one are not emulated; later ones differ in what is refused here by name."""
VERSION = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
"""Versions are dates. One that is later than all that are known is taken for the latest, so that new clients are served."""


def _batch(exchange: Exchange) -> Reply:
    return storage_batch.batch(exchange, answer)


OPERATIONS: dict[tuple[str, str, str, str], tuple[Callable[[Exchange], Reply], str]] = {
    ("service", "GET", "", "list"): (storage_containers.list_containers, "l"),
    ("service", "POST", "service", "userdelegationkey"): (storage_containers.delegate, ""),
    ("service", "POST", "", "batch"): (_batch, ""),
    ("container", "PUT", "container", ""): (storage_containers.create, "cw"),
    ("container", "GET", "container", ""): (storage_containers.properties, "r"),
    ("container", "HEAD", "container", ""): (storage_containers.properties, "r"),
    ("container", "GET", "container", "metadata"): (storage_containers.properties, "r"),
    ("container", "HEAD", "container", "metadata"): (storage_containers.properties, "r"),
    ("container", "PUT", "container", "metadata"): (storage_containers.set_metadata, "w"),
    ("container", "DELETE", "container", ""): (storage_containers.delete, "d"),
    ("container", "GET", "container", "list"): (storage_containers.list_blobs, "l"),
    ("container", "POST", "container", "batch"): (_batch, ""),
    **{
        (scope, method, "account", "properties"): (storage_containers.account_information, "r")
        for scope in ("service", "container", "object")
        for method in ("GET", "HEAD")
    },
    ("object", "GET", "", ""): (storage_blob.get, "r"),
    ("object", "HEAD", "", ""): (storage_blob.head, "r"),
    ("object", "PUT", "", ""): (storage_blob.put, "cw"),
    ("object", "DELETE", "", ""): (storage_blob.delete, "d"),
    ("object", "GET", "", "metadata"): (storage_blob.get_metadata, "r"),
    ("object", "HEAD", "", "metadata"): (storage_blob.get_metadata, "r"),
    ("object", "PUT", "", "metadata"): (storage_blob.set_metadata, "w"),
    ("object", "PUT", "", "properties"): (storage_blob.set_properties, "w"),
    ("object", "PUT", "", "tier"): (storage_blob.set_tier, "w"),
    ("object", "PUT", "", "copy"): (storage_copy.abort, "w"),
    ("object", "PUT", "", "block"): (storage_blocks.put_block, "cw"),
    ("object", "PUT", "", "blocklist"): (storage_blocks.put_block_list, "cw"),
    ("object", "GET", "", "blocklist"): (storage_blocks.get_block_list, "r"),
    ("object", "PUT", "", "appendblock"): (storage_blob.append, "aw"),
}
"""What the blob service does, by what is addressed, method, `restype` and `comp`, and the letters of a signature that
allow it, any of which is enough."""


def serve_storage(
    backend: MemoryBackend, method: str, url: str, headers: Mapping[str, str], body: bytes | None
) -> Reply:
    """Answer one HTTP request to a storage account. Raises only what an injected fault raises.

    The body of the reply is bytes, or None without any; names of headers are in lower case, but for the part of
    `x-ms-meta-…` that somebody chose. Requests are logged and struck by faults as all others of the backend are.
    """
    with backend.lock:
        exchange = Exchange(backend, method, url, headers, body)
        host, path = f"{exchange.address.scheme}://{exchange.address.netloc}", unquote(exchange.address.raw_path)
        params = dict(exchange.query)
        try:
            reply = _struck(exchange, host, path)
        except BaseException:
            backend.requests.add(exchange.method, path, params, None, host, body)
            raise
        backend.requests.add(exchange.method, path, params, reply.status, host, body, _told(exchange, reply))
    return reply


def _told(exchange: Exchange, reply: Reply) -> Any:
    """What the log keeps of an answer: of a refusal its code and text, of all others the body."""
    refused = exchange.refused
    return reply.body if refused is None else refused.json("")


def answer(exchange: Exchange) -> Reply:
    """Carry a request out, or refuse it."""
    try:
        exchange.enter(_account(exchange))
        function, permission = _operation(exchange)
        if function is not _batch:  # each of its parts is authorized on its own
            authorize(exchange, exchange.account, permission)
        exchange.refuse_unknown()
        return function(exchange)
    except StorageError as error:
        return exchange.refusal(error)
    except (FileNotFoundError, NotADirectoryError):  # on disk, and gone since it was looked up
        return exchange.refusal(
            StorageError(404, "PathNotFound" if exchange.address.service == "dfs" else "BlobNotFound")
        )
    except PermissionError as error:
        message = f"'{exchange.address}' is kept on this machine's disk at '{error.filename}', which cannot be read."
        return exchange.refusal(StorageError(403, "AuthorizationPermissionMismatch", message))
    except FileExistsError:  # where names are hierarchical, a file and a folder cannot have one
        return exchange.refusal(StorageError(409, "PathConflict"))


def _struck(exchange: Exchange, host: str, path: str) -> Reply:
    backend = exchange.backend
    if backend.state.due:
        longrunning.settle(backend.state, exchange.now)
    fault = backend.struck(exchange.method, host, path)
    if fault is None or fault.operation:
        return answer(exchange)
    if fault.after:
        answer(exchange)
    try:
        fault.strike()
    except ServiceError as error:
        code = CODES.get(error.status, error.code) if error.code == ARM_CODES.get(error.status) else error.code
        return exchange.refusal(StorageError(error.status, code, error.message, headers=error.headers))


def _account(exchange: Exchange) -> Account:
    """The account, made here and now where the backend makes what is referred to."""
    address, backend = exchange.address, exchange.backend
    try:
        found = backend.state.accounts.referred(address.account, address.service, provision=backend.provision)
    except LookupError as error:
        raise StorageError(404, "ResourceNotFound", str(error.args[0])) from None
    if address.scheme == "http" and address.host == address.netloc:
        raise StorageError(400, "AccountRequiresHttps", details={"AccountName": found.name})
    return found


def _operation(exchange: Exchange) -> tuple[Callable[[Exchange], Reply], str]:
    """What is to be done; StorageError (400) when it is not emulated."""
    version = exchange.header("x-ms-version")
    if version and VERSION.fullmatch(version) is None:
        raise header_refused(exchange, "x-ms-version")
    if version and version < OLDEST:
        raise storage_not_emulated(400, f"version {version} of the storage service; {OLDEST} is the oldest one")
    service = exchange.address.service
    if service == "dfs":
        return storage_lake.operation(exchange)
    if service != "blob":
        raise storage_not_emulated(400, f"the {service} service of storage accounts; blobs and the data lake are there")
    kind, part = exchange.param("restype").lower(), exchange.param("comp").lower()
    key = (exchange.target.scope, exchange.method, kind, part)
    if key == ("object", "PUT", "", "") and "x-ms-copy-source" in exchange.headers:
        whole = "x-ms-blob-type" not in exchange.headers
        return (storage_copy.copy if whole else storage_copy.put_from_url), "cw"
    found = OPERATIONS.get(key)
    if found is None:
        asked = "&".join(f"{name}={value}" for name, value in (("restype", kind), ("comp", part)) if value)
        raise storage_not_emulated(400, f"{exchange.method} of a blob {key[0]} with '{asked}'")
    return found
