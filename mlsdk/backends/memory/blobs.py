"""Files in storage accounts that live in memory: accounts, their keys, shared access signatures, containers."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from mlsdk.backends import BlobInfo
from mlsdk.backends.memory.stored_files import StoredFiles

if TYPE_CHECKING:
    from mlsdk.backends.memory.backend import MemoryBackend
    from mlsdk.backends.memory.stored_file import StoredFile

SUFFIX = "core.windows.net"
SAS_SECONDS = 24 * 3600
PERMISSIONS = "racwdl"
ACCOUNT_NAME = r"[a-z0-9]{3,24}"
CONTAINER_NAME = r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*|\$root|\$web|\$logs"


class Account:
    """One storage account: two keys and its containers by `blob/{name}` or `file/{name}`."""

    def __init__(
        self, name: str, key: str | None = None, sas: tuple[str, ...] = (), *, hierarchical: bool = False
    ) -> None:
        self.name = name
        self.keys = [key or _new_key(), _new_key()]
        self.foreign_sas = {token.lstrip("?") for token in sas}
        """Tokens that were made elsewhere and are trusted as they are."""
        self.trusting = False
        """Made because it was referred to, so that nobody knows its keys: whatever it is signed with opens it."""
        self.hierarchical = hierarchical
        """Whether its names are hierarchical (Data Lake Storage Gen2), so that folders are real."""
        self.containers: dict[str, StoredFiles] = {}

    def __repr__(self) -> str:
        return f"Account({self.name!r}, {len(self.containers)} containers)"

    @property
    def url(self) -> str:
        """Where its blobs are addressed."""
        return account_url(self.name)

    def add_container(self, name: str, service: str = "blob") -> None:
        """Make a container (or a file share, with `service="file"`) unless it is there."""
        self.containers.setdefault(f"{service}/{name}", StoredFiles(hierarchical=self.hierarchical))

    def files(self, container: str, service: str = "blob", *, making: bool = False) -> StoredFiles | None:
        """The files of a container (or a file share, with `service="file"`); None without one.

        In an account that was made because it was referred to, `making` makes the container too.
        """
        found = self.containers.get(f"{service}/{container}")
        if found is None and making and self.trusting and re.fullmatch(CONTAINER_NAME, container):
            self.add_container(container, service)
            found = self.containers[f"{service}/{container}"]
        return found

    def sign(self, container: str, now: float) -> str:
        """A shared access signature for one container which holds for a day."""
        from mlsdk.backends.memory import signatures

        return signatures.sign_container(self.name, self.keys[0], container, PERMISSIONS, now + SAS_SECONDS)

    def honours(self, token: str, container: str, now: float) -> bool:
        """Whether a shared access signature opens a whole container at this time."""
        from mlsdk.backends.memory import signatures

        fields = dict(parse_qsl(token))
        return self.trusts(fields) or (
            signatures.in_force(fields, now)
            and signatures.genuine(self.name, self.keys, fields, signatures.Target(container))
        )

    def trusts(self, fields: Mapping[str, str]) -> bool:
        """Whether a query holds a signature that was made elsewhere and is trusted as it is."""
        trusted = [dict(parse_qsl(token)) for token in self.foreign_sas]
        return any("sig" in token and token.items() <= fields.items() for token in trusted)


class Accounts(dict[str, Account]):
    """The storage accounts by name; names are unique in all of Azure."""

    def referred(self, name: str, service: str, *, provision: bool) -> Account:
        """The account that an address names.

        With `provision` it is made where it is missing, and takes whatever it is opened with: nobody knows its keys. One that
        is first asked for as a data lake is one. LookupError says how to make an account that is not there.
        """
        found = self.get(name)
        if found is None and provision and re.fullmatch(ACCOUNT_NAME, name):
            found = self[name] = Account(name, hierarchical=service == "dfs")
            found.trusting = True
        if found is None:
            message = (
                f"The storage account '{name}' does not exist in this memory backend; "
                f"backend.add_storage_account({name!r}, containers=[...]) makes it."
            )
            raise LookupError(message)
        return found

    def __repr__(self) -> str:
        return f"Accounts({sorted(self)})"


def _new_key() -> str:
    return base64.b64encode(os.urandom(64)).decode()


def account_url(account: str, service: str = "blob") -> str:
    """Where an account's blobs (or files, with `service="file"`) are addressed."""
    return f"https://{account}.{service}.{SUFFIX}"


def pending_upload(account: Account, container: str, now: float) -> dict[str, Any]:
    """What `startPendingUpload` and its relatives answer: an address and a signature to write to a container."""
    url = f"{account.url}/{container}"
    sas_uri = f"{url}?{account.sign(container, now)}"
    return {"blobUri": url, "credential": {"credentialType": "SAS", "sasUri": sas_uri}}


class MemoryContainer:
    """The files of one container of a `MemoryBackend`; every call looks the container up anew."""

    def __init__(self, backend: MemoryBackend, url: str, credential: Any) -> None:
        parts = urlsplit(url)
        host = (parts.hostname or "").split(".")
        self._asked = host[1] if len(host) > 1 else "blob"
        self._account = host[0]
        self._service = "file" if self._asked == "file" else "blob"
        self._name, _, self._prefix = parts.path.strip("/").partition("/")
        self._backend = backend
        self._lock = backend.lock
        self._credential = parts.query or credential
        if parts.scheme != "https" or not self._account or not self._name:
            message = f"'https://account.blob.{SUFFIX}/container' was expected, not {url.partition('?')[0]!r}"
            raise ValueError(message)

    def __repr__(self) -> str:
        return f"MemoryContainer({self.url!r})"

    @property
    def url(self) -> str:
        """The address of the container, without a signature."""
        return f"{account_url(self._account, self._service)}/{self._name}"

    def put(
        self,
        name: str,
        stream: IO[bytes],
        *,
        metadata: Mapping[str, str] | None = None,
        overwrite: bool = False,
    ) -> None:
        """Store all of `stream` under `name`, at once or not at all; FileExistsError unless `overwrite`."""
        content = stream.read()
        with self._lock:
            stored = self._open(making=True)
            if not overwrite and stored.get(self._path(name)) is not None:
                message = f"{self.url}/{self._path(name)} exists already"
                raise FileExistsError(message)
            stored.put(self._path(name), bytes(content), metadata or {}, self._backend.clock.now())

    def get(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        """Bytes `offset` to `offset + length` of a file, to its end when None; FileNotFoundError without a file."""
        with self._lock:
            found = self._file(name)
        return found.read(offset, length)

    def head(self, name: str) -> BlobInfo | None:
        """What is known of a file, None when there is none."""
        with self._lock:
            found = self._open().get(self._path(name))
            return self._info(found) if found else None

    def list(self, prefix: str = "") -> Iterator[BlobInfo]:
        """The files whose name starts with `prefix`, sorted by name."""
        with self._lock:
            stored = self._open()
            named = (stored.get(name) for name in stored.names(self._path(prefix)))
            found = [self._info(each) for each in named if each is not None]
        return iter(found)

    def set_metadata(self, name: str, metadata: Mapping[str, str]) -> None:
        """Replace the metadata of a file; FileNotFoundError when there is none."""
        with self._lock:
            self._file(name)
            self._open().change(self._path(name), self._backend.clock.now(), metadata=dict(metadata))

    def _path(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def _info(self, stored: StoredFile) -> BlobInfo:
        """A description of its own for every caller, its name counted from where this object's URL ends."""
        name = stored.name[len(self._prefix) + 1 :] if self._prefix else stored.name
        return BlobInfo(name, stored.size, dict(stored.metadata), stored.content_md5)

    def _file(self, name: str) -> StoredFile:
        found = self._open().get(self._path(name))
        if found is None:
            message = f"{self.url}/{self._path(name)} does not exist"
            raise FileNotFoundError(message)
        return found

    def _open(self, *, making: bool = False) -> StoredFiles:
        """The container's files. Raises azure-core's ResourceNotFoundError or ClientAuthenticationError.

        A backend that makes what is referred to makes the account, and with `making` the container.
        """
        accounts, provision = self._backend.state.accounts, self._backend.provision
        try:
            account = accounts.referred(self._account, self._asked, provision=provision)
        except LookupError as error:
            raise _refusal(404, str(error.args[0])) from None
        self._authenticate(account)
        stored = account.files(self._name, self._service, making=making)
        if stored is None:
            raise _refusal(404, f"The specified container does not exist: {self.url}.")
        return stored

    def _authenticate(self, account: Account) -> None:
        """A key or a signature has to be the account's; any identity is let in."""
        if account.trusting:
            return
        given = self._credential
        if isinstance(given, Mapping):
            given = given.get("account_key") or given.get("key")
        given = getattr(given, "signature", None) or getattr(getattr(given, "named_key", None), "key", None) or given
        if not isinstance(given, str):
            return
        given = given.lstrip("?")
        if given in account.keys or ("sig=" in given and account.honours(given, self._name, self._backend.clock.now())):
            return
        message = (
            f"Server failed to authenticate the request to {self.url}: the account key or the shared access signature "
            "is not one of this account, or has expired."
        )
        raise _refusal(403, message)


def _refusal(status: int, message: str) -> Exception:
    from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError

    error = (ResourceNotFoundError if status == 404 else ClientAuthenticationError)(message=message)
    error.status_code = status
    return error
