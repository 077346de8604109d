"""One request to a storage account on its way through the backend, taken apart."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import uuid
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from mlsdk.backends import Reply
from mlsdk.backends.memory import front
from mlsdk.backends.memory.clock import http_date
from mlsdk.backends.memory.signatures import OVERRIDES, Target
from mlsdk.backends.memory.storage_errors import StorageError, header_refused, parameter_refused, storage_not_emulated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.backends.memory.backend import MemoryBackend
    from mlsdk.backends.memory.blobs import Account
    from mlsdk.backends.memory.stored_file import StoredFile
    from mlsdk.backends.memory.stored_files import StoredFiles

METADATA = "x-ms-meta-"
METADATA_BYTES = 8192
ROOT_CONTAINER = "$root"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
DIGITS = re.compile(r"[0-9]{1,18}")
"""A number as the service takes it."""
SETTINGS = ("content-type", "content-encoding", "content-language", "content-disposition", "cache-control")
UNKNOWN_HEADERS = {
    "x-ms-copy-source-tag-option": "tags of blobs",
    "x-ms-encryption-key": "keys that the customer provides",
    "x-ms-encryption-scope": "encryption scopes",
    "x-ms-tags": "tags of blobs",
    "x-ms-if-tags": "tags of blobs",
    "x-ms-structured-body": "structured messages; Content-MD5 is checked",
    "x-ms-content-crc64": "CRC64 checks; Content-MD5 is checked",
    "x-ms-range-get-content-crc64": "CRC64 checks; x-ms-range-get-content-md5 is answered",
    "x-ms-immutability-policy-mode": "immutability policies",
    "x-ms-legal-hold": "legal holds",
    "x-ms-expiry-option": "expiring files",
    "x-ms-expiry-time": "expiring files",
    "x-ms-acl": "access control lists",
    "x-ms-permissions": "access control lists",
    "x-ms-umask": "access control lists",
    "x-ms-owner": "access control lists",
    "x-ms-group": "access control lists",
    "x-ms-encryption-context": "encryption contexts",
    "x-ms-lease-action": "leases",
    "x-ms-proposed-lease-id": "leases",
}
"""Headers that ask for what is not there, and what that is: going on without it would be a silent success."""
UNKNOWN_PARAMETERS = {
    "snapshot": "snapshots of blobs",
    "versionid": "versions of blobs",
    "deletetype": "deletion for good, as nothing is kept of what was deleted",
}


class Address:
    """Where a request goes: account, service, container and path.

    The account and the service stand in the host, or in the path of a machine: `https://127.0.0.1:443/account.blob.local/…`.
    """

    __slots__ = ("account", "container", "host", "netloc", "path", "raw_path", "scheme", "service")

    def __init__(self, url: str) -> None:
        """Take an absolute URL apart; StorageError (400) when it is none of a storage account's."""
        parts = urlsplit(url)
        self.scheme = parts.scheme
        self.raw_path = parts.path or "/"
        path = unquote(parts.path).lstrip("/")
        host, self.netloc = parts.hostname or "", parts.netloc
        self.host = self.netloc
        if front.is_machine(host):
            host, _, path = path.partition("/")
            self.host = f"{parts.netloc}/{host}"
        labels = host.lower().split(".")
        self.account = labels[0]
        self.service = next((label for label in labels[1:] if label in front.STORAGE), "blob")
        self.container, _, self.path = path.partition("/")

    def __str__(self) -> str:
        return "/".join(filter(None, [f"{self.scheme}://{self.host}", self.container, self.path]))


class Exchange:
    """A request, taken apart, and what helps to answer it."""

    def __init__(
        self, backend: MemoryBackend, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> None:
        self.backend = backend
        self.method = method.upper()
        self.address = Address(url)
        self.query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
        self.params = {name.lower(): value for name, value in self.query}
        self.given_headers = headers
        self.headers = {name.lower(): str(value) for name, value in headers.items()}
        self.body = body or b""
        self.now = backend.clock.now()
        self.request_id = str(uuid.uuid4())
        self.account: Account
        self.refused: StorageError | None = None
        """Why the request was not carried out."""
        self.container = self.address.container
        self.path = self.address.path
        if self.container and not self.path and "restype" not in self.params and self.address.service == "blob":
            self.container, self.path = ROOT_CONTAINER, self.container

    def enter(self, account: Account) -> None:
        """Go to an account; where its names are hierarchical, no part of a path is empty."""
        self.account = account
        if account.hierarchical and self.path.strip("/"):
            self.path = "/".join(filter(None, self.path.split("/")))

    @property
    def target(self) -> Target:
        """What it is after."""
        return Target(self.container, self.path)

    # What was asked.

    def param(self, name: str) -> str:
        """A query parameter, `""` when it is not there; `name` in lower case."""
        return self.params.get(name, "")

    def header(self, name: str) -> str:
        """A header, `""` when it is not there; `name` in lower case."""
        return self.headers.get(name, "")

    def number(self, name: str, most: int) -> int:
        """A query parameter that is a number from 1 on; `most` without it, and where it is more."""
        text = self.param(name)
        if not text:
            return most
        if not DIGITS.fullmatch(text.removeprefix("-")):
            raise parameter_refused(self, name)
        if int(text) < 1:
            raise parameter_refused(self, name, "OutOfRangeQueryParameterValue", {"MinimumAllowed": "1"})
        return min(int(text), most)

    def time(self, name: str) -> float | None:
        """A header that is a date; None when it is not there."""
        text = self.header(name)
        if not text:
            return None
        try:
            return parsedate_to_datetime(text).timestamp()
        except (TypeError, ValueError, OverflowError):
            raise header_refused(self, name) from None

    def metadata(self) -> dict[str, str]:
        """The metadata in the headers, names as they were written."""
        found = {
            name[len(METADATA) :]: str(value)
            for name, value in self.given_headers.items()
            if name.lower().startswith(METADATA)
        }
        if "" in found:
            raise StorageError(400, "EmptyMetadataKey")
        if not all(NAME.fullmatch(name) for name in found):
            raise StorageError(400, "InvalidMetadata")
        if sum(len(name) + len(value) for name, value in found.items()) > METADATA_BYTES:
            raise StorageError(400, "MetadataTooLarge")
        return found

    def settings(self, *, plain: bool = False) -> dict[str, str]:
        """What was set for reading the file: `x-ms-blob-content-type` and its like, or (`plain`) the ordinary headers too."""
        prefix = "x-ms-" if self.address.service == "dfs" else "x-ms-blob-"
        found = {}
        for name in SETTINGS:
            value = self.header(prefix + name) or (self.header(name) if plain else "")
            if value:
                found[name] = value
        return found

    def md5(self, name: str) -> bytes | None:
        """An MD5 in a header; None when it is not there."""
        text = self.header(name)
        if not text:
            return None
        try:
            digest = base64.b64decode(text, validate=True)
        except binascii.Error:
            raise StorageError(400, "InvalidMd5") from None
        if len(digest) != 16:
            raise StorageError(400, "InvalidMd5")
        return digest

    def checked_body(self) -> tuple[bytes, bytes]:
        """What was sent and its MD5; StorageError (400) when the request says another one."""
        digest = hashlib.md5(self.body, usedforsecurity=False).digest()
        expected = self.md5("content-md5")
        if expected is not None and expected != digest:
            details = {
                "UserSpecifiedMd5": self.header("content-md5"),
                "ServerCalculatedMd5": base64.b64encode(digest).decode(),
            }
            raise StorageError(400, "Md5Mismatch", details=details)
        return self.body, digest

    def refuse_unknown(self) -> None:
        """Refuse what is not emulated and would be missed: StorageError (400)."""
        for name, what in UNKNOWN_HEADERS.items():
            if name in self.headers:
                raise storage_not_emulated(400, f"{what} (header {name})")
        for name, what in UNKNOWN_PARAMETERS.items():
            if name in self.params:
                raise storage_not_emulated(400, f"{what} (query parameter {name})")
        if "x-ms-lease-id" in self.headers:
            raise StorageError(412, f"LeaseNotPresentWith{'Blob' if self.path else 'Container'}Operation")

    # What is stored.

    def stored(self, *, making: bool = False) -> StoredFiles:
        """The container's files; StorageError (404) without it.

        In an account that was made because it was referred to, `making` makes the container too.
        """
        found = self.account.files(self.container, making=making)
        if found is None:
            raise StorageError(404, "FilesystemNotFound" if self.address.service == "dfs" else "ContainerNotFound")
        if found.modified is None:
            found.modified, found.etag = self.now, found.next_etag(self.now)
        return found

    def file(self) -> StoredFile:
        """The file; StorageError (404) without it."""
        found = self.stored().get(self.path)
        if found is None:
            raise StorageError(404, "PathNotFound" if self.address.service == "dfs" else "BlobNotFound")
        return found

    # What is answered.

    def reply(self, status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Reply:
        """A reply with what every one carries."""
        common = {
            "x-ms-request-id": self.request_id,
            "x-ms-version": self.header("x-ms-version") or "2021-12-02",
            "date": http_date(self.now),
        }
        if "x-ms-client-request-id" in self.headers:
            common["x-ms-client-request-id"] = self.headers["x-ms-client-request-id"]
        common.update(headers or {})
        if self.method == "HEAD":
            return Reply(status, None, common)
        common["content-length"] = str(len(body))
        return Reply(status, body or None, common)

    def json(self, document: dict[str, Any], headers: Mapping[str, str] | None = None, status: int = 200) -> Reply:
        """A reply with a document of JSON."""
        body = json.dumps(document, ensure_ascii=False).encode()
        return self.reply(status, {"content-type": "application/json;charset=utf-8", **(headers or {})}, body)

    def xml(self, text: str, headers: Mapping[str, str] | None = None, status: int = 200) -> Reply:
        """A reply with a document of XML."""
        document = f'<?xml version="1.0" encoding="utf-8"?>{text}'.encode()
        return self.reply(status, {"content-type": "application/xml", **(headers or {})}, document)

    def written(self, status: int, stored: StoredFile, headers: Mapping[str, str] | None = None) -> Reply:
        """A reply to a change of a file."""
        encrypted = {"x-ms-request-server-encrypted": "true"}
        return self.reply(status, {**version_of(stored), **encrypted, **(headers or {})})

    def refusal(self, error: StorageError) -> Reply:
        """The reply that a refusal becomes."""
        self.refused = error
        trace = f"\nRequestId:{self.request_id}\nTime:{http_date(self.now)}"
        headers = {"x-ms-error-code": error.code, **error.headers}
        if error.status == 304 or self.method == "HEAD":
            return self.reply(error.status, headers)
        if self.address.service == "dfs":
            return self.json(error.json(trace), headers, error.status)
        return self.reply(error.status, {"content-type": "application/xml", **headers}, error.xml(trace))

    def overrides(self) -> dict[str, str]:
        """Headers of the answer that the signature in the address sets."""
        return {header: self.params[name] for name, header in OVERRIDES.items() if name in self.params}


def version_of(stored: StoredFile) -> dict[str, str]:
    """The headers that tell one state of a file from another."""
    return {"etag": f'"{stored.etag}"', "last-modified": http_date(stored.modified)}


def described(stored: StoredFile) -> dict[str, str]:
    """The headers that reading a file brings, all of them but its length.

    Metadata keeps the case in which its names were written, since clients give them back to people.
    """
    headers = {
        **version_of(stored),
        **stored.settings,
        **{METADATA + name: value for name, value in stored.metadata.items()},
        **stored.copied,
        "accept-ranges": "bytes",
        "x-ms-blob-type": stored.type,
        "x-ms-creation-time": http_date(stored.created),
        "x-ms-lease-status": "unlocked",
        "x-ms-lease-state": "available",
        "x-ms-server-encrypted": "true",
    }
    if stored.content_md5 is not None:
        headers["content-md5"] = base64.b64encode(stored.content_md5).decode()
    if stored.type == "AppendBlob":
        headers["x-ms-blob-committed-block-count"] = str(len(stored.blocks))
    return headers


def resource_type(stored: StoredFile) -> str:
    """`directory` or `file`, as accounts with hierarchical names tell it."""
    return "directory" if stored.is_folder else "file"
