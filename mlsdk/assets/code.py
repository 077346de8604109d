"""Code snapshots: uploaded once for each content, whoever made it."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, Any

from mlsdk import downloads, hashing, ids, uploads
from mlsdk.arm.progress import transfer_line
from mlsdk.assets.places import registry_place, stored
from mlsdk.assets.references import is_remote, local_path, prefixed
from mlsdk.entities.kind import REGISTRY_VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from mlsdk.assets.session import Session
    from mlsdk.backends import Container
    from mlsdk.sources import Source

JSON = dict[str, Any]

CODE_VERSION = "2023-04-01"
CODE_HASH_VERSION = 202208
"""The api-version of code snapshots and the version of their hash (wire.md §9.2)."""


def code_id(
    code: Any, base: str, session: Session, folder: Path | None = None, *, ignored: tuple[str, ...] = ()
) -> str:
    """`azureml:` and the id of a code snapshot. A snapshot of the same content is taken again, whoever made it.

    `code` may be a folder or file of this machine, a git address, or the id of a snapshot. `folder` replaces it by what was
    put together elsewhere (code with its additional includes); `ignored` are patterns that count beside its ignore file.
    """
    text = str(os.fspath(code))
    if text.startswith("azureml:") or ids.is_arm_id(text):
        return prefixed(text)
    if is_remote(text) or text.startswith("git+"):
        return text
    source = hashing.code_source(folder or local_path(text, base), ignored)
    if session.in_registry:
        return _registry_code(session, source)
    connection, version = session.connection, session.connection.api_version("codes", CODE_VERSION)
    collection = f"{connection.scope.workspace()}/codes"
    name = str(uuid.uuid4())
    same = connection.exchange(
        "GET",
        f"{collection}/{name}/versions",
        version,
        params={"hash": source.digest, "hashVersion": CODE_HASH_VERSION},
        allow=(404,),
    )
    found = (same.body or {}).get("value") if same.status != 404 else None
    if found:
        return prefixed(str(found[0]["id"]))
    lent = connection.exchange(
        "POST",
        f"{collection}/{name}/versions/1/startPendingUpload",
        version,
        body={"pendingUploadType": "TemporaryBlobReference"},
        repeatable=True,
    ).body["blobReferenceForConsumption"]
    signed = lent["credential"]["sasUri"]
    stored = _uploaded(connection.backend.container(signed), source, name, session)
    body = _code_body(source, lent.get("blobUri") or signed.partition("?")[0], stored.path)
    return prefixed(str(connection.exchange("PUT", f"{collection}/{name}/versions/1", version, body=body).body["id"]))


def _uploaded(container: Container, source: Source, name: str, session: Session) -> uploads.Upload:
    with transfer_line(f"uploading {source.name}", session.connection.show_progress) as progress:
        return uploads.upload(container, source, "", name=name, version="1", progress=progress)


def _code_body(source: Source, address: str, path: str) -> JSON:
    uri = f"{address}/{path}" if source.is_folder else f"{address}/"
    return {
        "properties": {
            "codeUri": uri,
            "isAnonymous": True,
            "properties": {"hash_sha256": source.digest, "hash_version": CODE_HASH_VERSION},
        }
    }


def _registry_code(session: Session, source: Source) -> str:
    name = str(uuid.uuid4())
    container, address = registry_place(session, "codes", name, "1")
    stored = _uploaded(container, source, name, session)
    path = f"{session.assets()}/codes/{name}/versions/1"
    session.connection.begin("PUT", path, REGISTRY_VERSION, body=_code_body(source, address, stored.path)).result()
    return str(session.connection.exchange("GET", path, REGISTRY_VERSION).body["id"])


def download_code(uri: str, destination: Path, session: Session) -> list[Path]:
    """Write a code snapshot's files into the folder `destination` itself."""
    container, path = stored(uri, session, None)
    return downloads.download(container, path.strip("/"), destination)
