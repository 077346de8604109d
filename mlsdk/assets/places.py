"""Where the files of assets are stored: datastores, and what a registry lends; there and back again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, unquote, urlsplit

import attrs

from mlsdk import downloads, ids
from mlsdk.arm.progress import transfer_line
from mlsdk.backends import Container
from mlsdk.entities.kind import REGISTRY_VERSION
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from pathlib import Path

    from mlsdk.assets.session import Session
    from mlsdk.entities.datastore import Datastore
    from mlsdk.sources import Source

BLOB_STORE = "workspaceblobstore"
"""Where files go when no datastore is named."""
MARKS: dict[str, Literal["file", "folder"]] = {"AzureBlob": "file", "AzureDataLakeGen2": "folder"}
"""The types of datastores that take files here, and what carries the mark of an upload in them, as in the official client."""

_REFUSED = {
    "AzureFile": "a file share, which mlsdk does not read or write: mount it, or use a blob datastore",
    "AzureDataLakeGen1": "which Azure has retired: move the files to a blob or Data Lake Gen2 datastore",
    "OneLake": (
        "which mlsdk does not read or write: give a job the azureml:// path as its input, or use a blob datastore"
    ),
}

_SHORT = re.compile(r"azureml://datastores/(?P<store>[^/]+)/(?:paths/)?(?P<path>.*)", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"(?:abfs|wasb)s?://(?P<container>[^@/]+)@(?P<account>[^./]+)\.(?:dfs|blob)\.(?P<suffix>[^/]+)/(?P<path>.*)",
    re.IGNORECASE,
)
"""How Hadoop writes the address of a blob."""
_LONG = re.compile(
    r"azureml:/?/?/subscriptions/(?P<s>[^/]+)/resourcegroups/(?P<g>[^/]+)/(?:providers/Microsoft\.MachineLearningServices/)?"
    r"workspaces/(?P<w>[^/]+)/datastores/(?P<store>[^/]+)/(?:paths/)?(?P<path>.*)",
    re.IGNORECASE,
)


@attrs.frozen
class Place:
    """Where files of a datastore stand."""

    container: Container
    datastore: str
    account_url: str
    container_name: str
    mark: Literal["file", "folder"] = "file"
    """What carries the mark of an upload."""


def place_of(session: Session, name: str) -> Place:
    """The container behind a datastore; ValidationException when its kind keeps no blobs."""
    store = session.datastores.get(name, include_secrets=True)
    mark = MARKS.get(str(store.type))
    if mark is None:
        what = _REFUSED.get(str(store.type), "which takes no files here; use a blob or Data Lake Gen2 datastore")
        message = f"datastore {name!r} is of type {store.type}, {what}"
        raise wrong(message)
    container = getattr(store, "container_name", None) or getattr(store, "filesystem", None)
    address = f"https://{getattr(store, 'account_name', None)}.blob.{_suffix(store, session)}"
    made = session.connection.backend.container(f"{address}/{container}", _credential(store))
    return Place(made, name, address, str(container), mark)


def _suffix(store: Datastore, session: Session) -> str:
    """What follows `{account}.blob.`: the datastore's own endpoint, else the cloud's.

    The public cloud's is what a datastore gets when its maker says nothing, in any cloud.
    """
    from mlsdk.entities.datastore import ENDPOINT

    said = getattr(store, "endpoint", None)
    return str(said) if said and said != ENDPOINT else session.connection.backend.cloud.storage_suffix


def _credential(store: Datastore) -> Any:
    """What opens a datastore's storage: its key, its token, or None for the client's own credential.

    An application's password opens it for jobs; here the one who works is asked, as in the official client.
    """
    credentials = getattr(store, "credentials", None)
    return getattr(credentials, "account_key", None) or getattr(credentials, "sas_token", None)


def upload_to_datastore(
    session: Session, source: Source, *, datastore: str | None, name: str, version: Any
) -> tuple[Place, str]:
    """Upload to a datastore: the place, and the path below its container."""
    from mlsdk import uploads

    where = place_of(session, _datastore_name(datastore))
    with transfer_line(f"uploading {source.name}", session.connection.show_progress) as progress:
        stored = uploads.upload(
            where.container, source, f"{uploads.PREFIX}/{source.digest}",
            name=name, version=version, mark=where.mark, progress=progress,
        )  # fmt: skip
    return where, stored.path


def _datastore_name(text: str | None) -> str:
    """The name in `workspaceblobstore`, `azureml:workspaceblobstore` or a datastore's id."""
    if not text:
        return BLOB_STORE
    return ids.segment(text, "datastores") or text.removeprefix("azureml:")


def registry_place(session: Session, collection: str, name: str, version: str) -> tuple[Container, str]:
    """The container that a registry lends for one version's files, and its address without the signature."""
    base, scope = session.assets(), session.connection.scope.need("registry_name")
    body = {
        "assetId": f"azureml://registries/{scope}/{collection}/{name}/versions/{version}",
        "temporaryDataReferenceType": "TemporaryBlobReference",
    }
    reply = session.connection.exchange(
        "PUT", f"{base}/tempdatarefs/{quote(name)}/versions/{quote(version)}", REGISTRY_VERSION, body=body
    )
    lent = reply.body["blobReferenceForConsumption"]
    signed = lent["credential"]["sasUri"]
    return session.connection.backend.container(signed), signed.partition("?")[0]


def upload_to_registry(session: Session, source: Source, collection: str, name: str, version: str) -> str:
    """Upload to a registry: the address of the files."""
    from mlsdk import uploads

    container, address = registry_place(session, collection, name, version)
    with transfer_line(f"uploading {source.name}", session.connection.show_progress) as progress:
        stored = uploads.upload(container, source, "", name=name, version=version, progress=progress)
    return f"{address}/{stored.path}"


def long_uri(path: str, session: Session) -> str:
    """`azureml://datastores/…` with the workspace it means, as models are registered; other paths as they are."""
    short = _SHORT.match(path)
    if short is None or session.in_registry:
        return path
    scope = session.connection.scope
    return (
        f"azureml://subscriptions/{scope.need('subscription_id')}/resourcegroups/{scope.need('resource_group_name')}"
        f"/workspaces/{scope.need('workspace_name')}/datastores/{short['store']}/paths/{short['path']}"
    )


def download(uri: str, destination: Path, session: Session, *, asset: tuple[str, str, str] | None = None) -> list[Path]:
    """Write the files behind an address into the folder `destination`; the paths written.

    `uri` is `azureml://datastores/<name>/paths/<path>`, its long form with the workspace, or the blob address of a registry's
    files; `asset` (collection, name, version) says whose files they are, which a registry asks for. A file lands in
    `destination` itself; a folder keeps its own name below it, as the official client does it. ResourceNotFoundError when
    nothing is there: finding nothing is never silent.
    """
    container, path = stored(uri, session, asset)
    path = path.strip("/")
    target = destination if downloads.is_file(container, path) else destination / path.rpartition("/")[2]
    return fetch(container, path, target, session)


def download_files(uri: str, destination: Path, session: Session) -> list[Path]:
    """Write the file behind an address, or the files of the folder behind it, into the folder `destination` itself."""
    container, path = stored(uri, session, None)
    return fetch(container, path.strip("/"), destination, session)


def fetch(container: Container, path: str, destination: Path, session: Session) -> list[Path]:
    """The same of a container that is open already."""
    what = path.rpartition("/")[2] or "all files"
    with transfer_line(f"downloading {what}", session.connection.show_progress) as progress:
        return downloads.download(container, path, destination, progress=progress)


def _refuse_other_workspace(uri: str, named: tuple[str, str, str], session: Session) -> None:
    """ValidationException for an address in another workspace: a datastore of the same name here is not the one meant."""
    scope = session.connection.scope
    own = (scope.subscription_id, scope.resource_group_name, scope.workspace_name)
    if [part.lower() for part in named] != [str(part).lower() for part in own]:
        message = f"{uri!r} is in workspace {named[2]!r} of resource group {named[1]!r}; use a client of that workspace"
        raise wrong(message)


def stored(uri: str, session: Session, asset: tuple[str, str, str] | None) -> tuple[Container, str]:
    """The container that holds an address's files, and the path in it."""
    long = _LONG.match(uri)
    if long is not None:
        _refuse_other_workspace(uri, (long["s"], long["g"], long["w"]), session)
    found = _SHORT.match(uri) or long
    if found is not None and not session.in_registry:
        return place_of(session, found["store"]).container, found["path"]
    elsewhere = _ELSEWHERE.fullmatch(uri)
    if elsewhere is not None:
        host = f"{elsewhere['account']}.blob.{elsewhere['suffix']}"
        uri = f"https://{host}/{elsewhere['container']}/{quote(elsewhere['path'])}"
    parts = urlsplit(uri)
    if session.in_registry and asset is not None and parts.scheme == "https":
        return _registry_files(uri, session, asset)
    if parts.scheme == "https" and ".blob." in parts.netloc:
        name, _, path = parts.path.strip("/").partition("/")
        store = _store_of(session, parts.netloc.partition(".")[0], name)
        if store is not None:
            return place_of(session, store).container, unquote(path)
        query = f"?{parts.query}" if parts.query else ""
        return session.connection.backend.container(f"https://{parts.netloc}/{name}{query}"), unquote(path)
    message = (
        f"files behind {uri.partition('?')[0]!r} cannot be fetched: expected an address in a datastore "
        "(azureml://datastores/…/paths/…), also for an output of a job"
    )
    raise wrong(message)


def _store_of(session: Session, account: str, container: str) -> str | None:
    """The name of the datastore that a container belongs to, None when the workspace knows none."""
    for store in session.datastores.list():
        names = (getattr(store, "container_name", None), getattr(store, "filesystem", None))
        if getattr(store, "account_name", None) == account and container in names:
            return store.name
    return None


def _registry_files(uri: str, session: Session, asset: tuple[str, str, str]) -> tuple[Container, str]:
    collection, name, version = asset
    registry = session.connection.scope.need("registry_name")
    body = {"assetId": f"azureml://registries/{registry}/{collection}/{name}/versions/{version}", "blobUri": uri}
    reply = session.connection.exchange(
        "POST",
        f"{session.assets()}/datarefs/{quote(name)}/versions/{quote(version)}",
        REGISTRY_VERSION,
        body=body,
        repeatable=True,
    )
    signed = reply.body["blobReferenceForConsumption"]["credential"]["sasUri"]
    parts, wanted = urlsplit(signed), urlsplit(uri)
    container = parts.path.strip("/").partition("/")[0]
    address = f"https://{parts.netloc}/{container}?{parts.query}"
    return session.connection.backend.container(address), wanted.path.strip("/").partition("/")[2]
