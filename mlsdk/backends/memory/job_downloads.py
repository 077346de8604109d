"""Files that a job is given from an address outside this Azure: downloaded when the job needs them, piece by piece."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from mlsdk.backends.memory.held import OnDisk
from mlsdk.backends.memory.stored_file import marks_folder
from mlsdk.local.work import Given
from mlsdk.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PIECE = 1 << 20
"""Bytes that are in memory at once."""
TIMEOUT = (20.0, 120.0)
"""Seconds until an address has to be reached, and until the next bytes have to come."""
HELP = "download it yourself and name the path of the file here, or put it into a datastore"


class JobInputError(Exception):
    """Something that a job is given is not there; its text says what, where it should be, and what to do."""

    def __init__(self, what: str, message: str) -> None:
        """Say of `what` (`input 'data'`) what is wrong."""
        super().__init__(what, message)

    def __str__(self) -> str:
        return f"{self.args[0]}: {self.args[1]}."


def identity(contents: Mapping[str, str]) -> str:
    """Tells the content of files from any other, by their paths and what tells the content of each."""
    digest = hashlib.sha256()
    for path, content in sorted(contents.items()):
        digest.update(f"{path}\0{content}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def file(address: str, folder: Path, what: str) -> Given:
    """The file at an address, in a folder; `what` it is called in errors. JobInputError where it cannot be had."""
    import requests

    name = _name(unquote(urlsplit(address).path))
    try:
        with requests.get(address, stream=True, timeout=TIMEOUT, headers={"Accept-Encoding": "identity"}) as answer:
            if not answer.ok:
                raise _failed(what, address, f"HTTP {answer.status_code} {answer.reason}")
            digest = _keep(folder / name, answer.iter_content(PIECE))
    except (requests.RequestException, OSError) as error:  # the second one is this machine's: a full disk
        raise _failed(what, address, str(error)) from None
    return Given(files={name: OnDisk(folder / name)}, is_file=True, identity=identity({name: digest}))


def folder(address: str, target: Path, what: str) -> Given:
    """The blobs below an address in a public container, in a folder; `what` it is called in errors.

    JobInputError where they cannot be had, and for addresses that are not of Blob Storage: nothing else can be asked which
    files there are.
    """
    from azure.core.exceptions import AzureError
    from azure.storage.blob import ContainerClient

    parts = urlsplit(address)
    container, _, path = unquote(parts.path).strip("/").partition("/")
    if ".blob." not in parts.netloc or not container:
        raise JobInputError(
            what,
            f"'{shown(address)}' cannot be downloaded as a folder, as nobody can be asked which files it has; "
            "put it into a datastore, or declare the input as uri_file",
        )
    prefix = f"{path.rstrip('/')}/" if path else ""
    query = f"?{parts.query}" if parts.query else ""
    digests: dict[str, str] = {}
    try:
        with ContainerClient.from_container_url(
            f"{parts.scheme}://{parts.netloc}/{container}{query}", retry_total=1
        ) as client:
            for blob in client.list_blobs(name_starts_with=prefix, include=["metadata"]):
                below = PurePosixPath(blob.name[len(prefix) :])
                if (
                    blob.name.endswith("/")
                    or marks_folder(blob.metadata or {})
                    or below.is_absolute()
                    or ".." in below.parts
                ):
                    continue  # what only stands for a folder, and what would be outside of this one
                digests[str(below)] = _keep(target / below, client.download_blob(blob.name).chunks())
    except (AzureError, OSError) as error:
        raise _failed(what, address, str(error).partition("\n")[0]) from None
    if not digests:
        raise _failed(what, address, "there is no file below it")
    files = {name: OnDisk(target / name) for name in digests}
    return Given(files=files, folder=target, identity=identity(digests))


def _keep(path: Path, pieces: Iterable[bytes]) -> str:
    """Write a file, which is there whole or not at all; gives what tells its content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial, digest = path.with_name(f"{path.name}.part"), hashlib.sha256()
    try:
        with partial.open("wb") as stream:
            for piece in pieces:
                stream.write(piece)
                digest.update(piece)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return f"sha256 {digest.hexdigest()}"


def _name(path: str) -> str:
    """The name of the file at a path, one that a machine can have."""
    name = os.path.basename(path.rstrip("/")).replace("\0", "")  # noqa: PTH119 -- of an address
    return name if name not in ("", ".", "..") else "file"


def shown(address: str) -> str:
    """An address without what may open it."""
    return address.partition("?")[0]


def _failed(what: str, address: str, reason: str) -> JobInputError:
    return JobInputError(what, f"'{shown(address)}' could not be downloaded ({redacted(reason)}); {HELP}")
