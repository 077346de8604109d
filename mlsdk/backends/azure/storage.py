"""The files of a container of Azure Blob Storage, and of a file system of Data Lake Gen2, over azure-storage-blob."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import os
import threading
from contextlib import nullcontext
from io import UnsupportedOperation
from itertools import chain
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.transport import HttpRequest
from azure.storage.blob import ContainerClient

from mlsdk.backends import BlobInfo
from mlsdk.backends.azure import blocks
from mlsdk.backends.azure.policies import USER_AGENT
from mlsdk.backends.azure.sessions import make_transport
from mlsdk.backends.azure.storage_errors import OpenedBy, Place, end_of, explained, failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from azure.core.pipeline.transport import HttpTransport
    from azure.storage.blob import BlobClient, BlobProperties

SINGLE = 64 << 20
"""Bytes up to which a file travels in one request, as in the official client."""
LARGE = 8 << 20
"""Bytes from which on files go up a few at a time, since each takes as much memory."""
FEW = 4
"""How many large files are uploaded at once."""
PAGE = 5000
"""How many files are listed in one request, the most that the service gives."""
LARGEST_PIECE = 32 << 20
"""Bytes up to which azure-storage-blob fetches in one request."""


class BlobContainer:
    """The files of one container. Making one sends nothing; it may be used by several threads at once.

    Parameters
    ----------
    url
        `https://{account}.blob.{suffix}/{container}`, with or without a shared access signature as its query; or
        `http://127.0.0.1:10000/{account}/{container}`, as emulators have it. What follows the container in the path is put
        before every name.
    credential
        An account key, a shared access signature, anything with `get_token`, or None where `url` says it all.
    transport
        An azure-core transport, shared with others and never closed here; one of its own when None.
    options
        Keyword arguments of azure-storage-blob's `ContainerClient`: `retry_total`, `user_agent`, `proxies` and the like.

    """

    def __init__(
        self, url: str, credential: Any = None, *, transport: HttpTransport[Any, Any] | None = None, **options: Any
    ) -> None:
        """Work with this container; ValueError for what is no address of one."""
        parts = urlsplit(url)
        account, container_path, self._prefix = _split(parts.hostname or "", parts.path)
        if parts.scheme not in ("http", "https") or not account or not container_path:
            message = f"'https://account.blob.core.windows.net/container' was expected, not {url.partition('?')[0]!r}"
            raise ValueError(message)
        address = f"{parts.scheme}://{parts.netloc}/{container_path}"
        signature = parts.query if credential is None else ""
        if isinstance(credential, str) and "sig=" in credential:
            signature, credential = credential.lstrip("?"), None
        elif isinstance(credential, str):
            credential = {"account_name": account, "account_key": credential}
        opened_by = "signature" if signature else _kind(credential)
        self._place = Place(address, account, container_path.rpartition("/")[2], opened_by, end_of(signature))
        settings: dict[str, Any] = {"user_agent": USER_AGENT, **_pauses(options), **options}
        self._client = ContainerClient.from_container_url(
            f"{address}?{signature}" if signature else address,
            credential,
            transport=transport if transport is not None else make_transport(None, **options),
            max_single_get_size=LARGEST_PIECE,
            **settings,
        )
        self._query = f"?{signature}" if signature else ""
        # The client's own pipeline, for what is sent thousands of times: a BlobClient for each file would double the work.
        self._run = self._client._pipeline.run  # noqa: SLF001
        self._version = self._client.api_version
        self._few = threading.BoundedSemaphore(FEW)

    def __repr__(self) -> str:
        return f"BlobContainer({self.url!r})"

    @property
    def url(self) -> str:
        """The address of the container, without a signature."""
        return self._place.address

    # The seam.

    def put(
        self, name: str, stream: IO[bytes], *, metadata: Mapping[str, str] | None = None, overwrite: bool = False
    ) -> None:
        """Store all of `stream` under `name`, at once or not at all; FileExistsError unless `overwrite`.

        What reading the stream raises comes out, and nothing is stored. The MD5 is stored with the content.
        """
        metadata, size = _sendable(metadata), _size(stream)
        with nullcontext() if size is not None and size <= LARGE else self._few:
            content = b"" if size is not None and size > SINGLE else stream.read(SINGLE + 1 if size is None else -1)
            if (size or 0) <= SINGLE and len(content) <= SINGLE:
                self._put_whole(name, content, metadata, overwrite=overwrite)
            else:
                self._put_blocks(name, content, stream, size, metadata, overwrite=overwrite)

    def get(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        """Bytes `offset` to `offset + length` of a file (to its end when None); FileNotFoundError when there is none."""
        if length == 0:
            return b""
        with explained(self._place, self._path(name)):
            try:
                return self._blob(name).download_blob(offset, length, decompress=False).readall()
            except HttpResponseError as error:
                if error.status_code == 416:  # from the end of the file on there is nothing
                    return b""
                raise

    def head(self, name: str) -> BlobInfo | None:
        """What is known of a file, None when there is none."""
        try:
            with explained(self._place, self._path(name)):
                return self._info(self._blob(name).get_blob_properties())
        except FileNotFoundError:
            return None

    def list(self, prefix: str = "") -> Iterator[BlobInfo]:
        """The files whose name starts with `prefix`, sorted by name, page by page as they are read."""
        with explained(self._place):
            for found in self._client.list_blobs(
                self._path(prefix) or None, include=["metadata"], results_per_page=PAGE
            ):
                yield self._info(found)

    def set_metadata(self, name: str, metadata: Mapping[str, str]) -> None:
        """Replace the metadata of a file; FileNotFoundError when there is none."""
        with explained(self._place, self._path(name)):
            self._blob(name).set_blob_metadata(_sendable(metadata))

    # Inside.

    def _put_whole(self, name: str, content: bytes, metadata: Mapping[str, str], *, overwrite: bool) -> None:
        """Store a file in one request."""
        headers = {
            "x-ms-version": self._version,
            "x-ms-blob-type": "BlockBlob",
            "Content-Type": blocks.CONTENT_TYPE,
            "Content-Length": str(len(content)),
            "Content-MD5": base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode(),
            **{f"x-ms-meta-{key}": value for key, value in metadata.items()},
        }
        if not overwrite:
            headers["If-None-Match"] = "*"
        url = f"{self.url}/{quote(self._path(name), safe='~/')}{self._query}"
        with explained(self._place, self._path(name)):
            request = HttpRequest("PUT", url, headers=headers)
            request.set_bytes_body(content)
            response = self._run(request).http_response
            if response.status_code != 201:
                raise failure(response)

    def _put_blocks(
        self,
        name: str,
        begun: bytes,
        rest: IO[bytes],
        size: int | None,
        metadata: Mapping[str, str],
        *,
        overwrite: bool,
    ) -> None:
        """Store a file in blocks: what was read of it, then the rest."""
        if not overwrite and self.head(name) is not None:
            message = f"{self.url}/{self._path(name)} exists already"
            raise FileExistsError(message)
        block = blocks.size_for(size)
        first = (begun[start : start + block] for start in range(0, len(begun), block))
        with explained(self._place, self._path(name)):
            pieces = chain(first, iter(lambda: rest.read(block), b""))
            blocks.store(self._blob(name), pieces, metadata=metadata, overwrite=overwrite)

    def _blob(self, name: str) -> BlobClient:
        return self._client.get_blob_client(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def _info(self, found: BlobProperties) -> BlobInfo:
        name = found.name[len(self._prefix) + 1 :] if self._prefix else found.name
        md5 = found.content_settings.content_md5
        return BlobInfo(name, found.size, dict(found.metadata or {}), None if md5 is None else bytes(md5))


def _split(host: str, path: str) -> tuple[str, str, str]:
    """The account, the path of the container and what follows it, of an address."""
    segments = path.strip("/").split("/")
    account, dot, _ = host.partition(".blob.")
    if dot or (not _is_emulator(host) and "." in host):
        account = account if dot else host.partition(".")[0]
        return account, segments[0], "/".join(segments[1:])
    return segments[0], "/".join(segments[:2]) if len(segments) > 1 else "", "/".join(segments[2:])


def _is_emulator(host: str) -> bool:
    """Whether a host is an address in numbers, behind which the account is the first part of the path."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _kind(credential: Any) -> OpenedBy:
    """What a credential is, for errors to speak of it."""
    if credential is None:
        return "nothing"
    if hasattr(credential, "signature"):
        return "signature"
    return "token" if hasattr(credential, "get_token") or hasattr(credential, "get_token_info") else "key"


def _pauses(options: Mapping[str, Any]) -> dict[str, Any]:
    """How long to wait between repetitions, in azure-storage-blob's words; its own 15 s at first are long for a person."""
    seconds = options.get("retry_backoff_factor", 1)
    return {"initial_backoff": seconds, "increment_base": 3 if seconds else 0, "random_jitter_range": seconds}


def _size(stream: IO[bytes]) -> int | None:
    """Bytes of a file, None for a stream that is none."""
    try:
        return os.fstat(stream.fileno()).st_size
    except (AttributeError, UnsupportedOperation):
        return None


def _sendable(metadata: Mapping[str, str] | None) -> dict[str, str]:
    """Metadata as headers can carry it; ValueError names what they cannot."""
    for key, value in (metadata or {}).items():
        if not (key.isascii() and key.isidentifier()):
            message = f"metadata {key!r}: a name has letters, digits and underscores of ASCII"
            raise ValueError(message)
        if not (value.isascii() and value.isprintable() and value == value.strip()):
            message = (
                f"metadata {key}: {value!r} cannot be sent; a value has printable ASCII characters, no blanks around"
            )
            raise ValueError(message)
    return dict(metadata or {})
