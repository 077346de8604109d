"""What the inputs of a job stand for, and its code and its environment: the files that a machine has to give it.

Nothing is read to find that out, and nothing copied: a `Given` names files in memory or on this machine's disk. Only what is
at an address outside this Azure is downloaded (`job_downloads.py`). Everything that is not there is one error, `JobInputError`,
whose text says what was asked for, where, and what to do.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from mlsdk.backends import Request
from mlsdk.backends.memory import disk_folders, front, job_downloads, job_files
from mlsdk.backends.memory.calls import Call
from mlsdk.backends.memory.errors import ServiceError
from mlsdk.backends.memory.held import OnDisk
from mlsdk.backends.memory.job_downloads import JobInputError, identity, shown
from mlsdk.backends.memory.job_references import find
from mlsdk.backends.memory.kinds import ML
from mlsdk.backends.memory.references import OF_JOB, SHORT, full_place, path_of
from mlsdk.backends.memory.registering import MODELS
from mlsdk.backends.memory.stored_file import StoredFile
from mlsdk.local.work import Given

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlsdk.backends.memory.backend import MemoryBackend
    from mlsdk.backends.memory.state import Resource
    from mlsdk.backends.memory.stored_files import StoredFiles

    Downloads = Callable[[], Path] | None

FILE, FOLDER, EITHER = "file", "folder", "either"
"""What an input has to be: what its type says, or whatever is there, as of a custom model."""
SHAPES = {"uri_file": FILE, "uri_folder": FOLDER, "mltable": FOLDER, "mlflow_model": FOLDER, "triton_model": FOLDER}
"""What inputs of a type are; those of another one are either."""
HADOOP = re.compile(r"(?:wasbs?|abfss?)://(?P<container>[^@/]+)@(?P<host>[^/?#]+)(?:/(?P<path>[^?#]*))?", re.IGNORECASE)
"""Addresses of Azure Storage as Spark and Hadoop write them."""


def given_input(
    backend: MemoryBackend, workspace: Resource, name: str, uri: str, type_: str, *, downloads: Downloads = None
) -> Given:
    """The files that an input stands for.

    Parameters
    ----------
    backend
        Whose datastores, jobs, assets and storage accounts are meant. Its lock is taken while something is looked up in them,
        not during a download, so the caller should not hold it.
    workspace
        The job's own.
    name
        The name of the input, for errors.
    uri
        What stands for it in the body of the job: a place in a datastore (`azureml://datastores/…`, short or long), an output
        of a job (`azureml://jobs/…/outputs/…`), an asset (the id of a version, `azureml:name:version`, `azureml:name@label`,
        `azureml://registries/…`), an address in a storage account (`https`, `wasbs`, `abfss`), any other `https` address, or a
        path of this machine (also as `file://…`).
    type_
        `jobInputType`, in any case: `uri_file`, `uri_folder`, `mltable`, `custom_model`, `mlflow_model`, `triton_model`. An
        asset's own type goes before it.
    downloads
        Gives a folder for files from addresses outside this Azure, asked for where one is needed. Without it there is none.

    Raises JobInputError where there is no such thing, where it is a folder and not a file or the other way round, and where
    it could not be downloaded.
    """
    return _Seeker(backend, workspace, f"input '{name}'", downloads).given(uri, type_.lower())


def given_code(backend: MemoryBackend, workspace: Resource, reference: str, *, downloads: Downloads = None) -> Given:
    """The snapshot of code that `codeId` stands for; parameters and errors as of `given_input`."""
    seeker = _Seeker(backend, workspace, "the job's code", downloads)
    return seeker.given(seeker.property_of("codes", reference, "codeUri"), "uri_folder")


def given_context(
    backend: MemoryBackend,
    workspace: Resource,
    properties: Mapping[str, Any],
    *,
    downloads: Downloads = None,
) -> Given | None:
    """The folder with the Dockerfile that an environment is built from, by the `properties` of its version; None without one.

    Parameters and errors as of `given_input`.
    """
    uri = (properties.get("build") or {}).get("contextUri")
    seeker = _Seeker(backend, workspace, "the build context of the job's environment", downloads)
    return seeker.given(str(uri), "uri_folder") if uri else None


def environment(backend: MemoryBackend, workspace: Resource, reference: str) -> Mapping[str, Any] | None:
    """`properties` of the version of an environment (`image`, `condaFile`, `build` …); None where none of it is known here."""
    found = _Seeker(backend, workspace, "the job's environment", None).version("environments", reference)
    return None if found is None else found.body["properties"]


class _Seeker:
    """Finds the files that one thing of a job stands for."""

    def __init__(self, backend: MemoryBackend, workspace: Resource, what: str, downloads: Downloads) -> None:
        self._backend, self._workspace, self._downloads = backend, workspace, downloads
        self._what = what
        """What it is called in errors."""
        self._call = Call(backend, Request("GET", workspace.id), "", workspace.id, {})

    def given(self, uri: str, type_: str) -> Given:
        """The files behind a place or an asset."""
        if self.may_be_asset(uri):
            plural = "models" if type_ in MODELS else "data"
            asset = self.version(plural, uri)
            if asset is None:
                noun = "model" if plural == "models" else "data asset"
                raise JobInputError(self._what, f"there is no {noun} '{uri}'; register it, or name another version")
            type_ = _type_of(asset, type_)
            properties = asset.stored["properties"]
            uri = properties.get("dataUri") or properties.get("modelUri") or ""
            if not uri:
                raise JobInputError(self._what, f"'{asset.id}' has no files; name a version of data or of a model")
        if OF_JOB.fullmatch(uri) is not None:
            try:
                with self._backend.lock:
                    uri, _job = full_place(self._call, self._workspace, uri)
            except ServiceError as error:
                raise JobInputError(self._what, error.message.rstrip(".")) from None
        in_datastore = job_files.IN_DATASTORE.fullmatch(uri)
        if in_datastore is not None:
            return self._in_datastore(in_datastore, type_)
        hadoop = HADOOP.fullmatch(uri)
        if hadoop is not None:
            host = re.sub(r"\.dfs\.", ".blob.", hadoop["host"], count=1)
            uri = f"https://{host}/{hadoop['container']}/{hadoop['path'] or ''}"
        if uri.lower().startswith(("https://", "http://")):
            return self._at_address(uri, type_)
        return self._on_disk(uri, type_)

    # Assets.

    def may_be_asset(self, uri: str) -> bool:
        """Whether a text has one of the forms in which versions of assets are named."""
        path = uri.removeprefix("azureml:")
        if path.lower().startswith("/subscriptions/"):
            return True
        if uri.lower().startswith("azureml://"):
            return uri.lower().startswith("azureml://registries/")
        return uri.startswith("azureml:") or SHORT.fullmatch(uri) is not None

    def version(self, plural: str, reference: str) -> Resource | None:
        """The version of an asset that is referred to; None where there is none."""
        try:
            with self._backend.lock:
                found = find(self._call, path_of(self._call, self._workspace, plural, reference))
        except ServiceError as error:
            raise JobInputError(self._what, error.message.rstrip(".")) from None
        return found if found is not None and found.kind.segment == "versions" else None

    def property_of(self, plural: str, reference: str, name: str) -> str:
        """The place that a version of an asset says; JobInputError where there is no such version."""
        if not self.may_be_asset(reference):
            return reference
        found = self.version(plural, reference)
        uri = found.stored["properties"].get(name) if found is not None else None
        if not uri:
            raise JobInputError(self._what, f"there is no '{reference}'; register it again, or name another version")
        return str(uri)

    # Places.

    def _in_datastore(self, matched: re.Match[str], type_: str) -> Given:
        name, path = matched["datastore"], (matched["path"] or "")
        home = self._workspace.id
        if matched["workspace"] is not None:
            group = f"/subscriptions/{matched['subscription']}/resourceGroups/{matched['group']}"
            home = f"{group}/providers/{ML}/workspaces/{matched['workspace']}"
        with self._backend.lock:
            datastore = self._backend.find(f"{home}/datastores/{name}")
            if datastore is None:
                raise JobInputError(self._what, f"the workspace '{home.rpartition('/')[2]}' has no datastore '{name}'")
            account_name, service, container = job_files.place_of(datastore)
            account = self._backend.state.accounts.get(account_name)
            stored = account.containers.get(f"{service}/{container}") if account is not None else None
        where = f"the datastore '{name}'"
        if stored is None:
            kind = datastore.stored["properties"].get("datastoreType")
            raise JobInputError(
                self._what,
                f"the storage behind {where} ({kind}, account '{account_name}', container '{container}') is not in this "
                f"memory backend; backend.add_storage_account({account_name!r}, containers=[{container!r}]) makes it",
            )
        return self._among(stored, path, type_, where)

    def _at_address(self, uri: str, type_: str) -> Given:
        parts = urlsplit(uri)
        labels = (parts.hostname or "").split(".")
        with self._backend.lock:
            account = self._backend.state.accounts.get(labels[0])
        if account is None or len(labels) < 2 or labels[1] not in front.STORAGE:
            if self._downloads is None:
                raise JobInputError(
                    self._what, f"'{shown(uri)}' is outside of this Azure, and there is no folder to download it into"
                )
            download = job_downloads.folder if SHAPES.get(type_) == FOLDER else job_downloads.file
            return download(uri, self._downloads(), self._what)
        container, _, path = unquote(parts.path).lstrip("/").partition("/")
        with self._backend.lock:
            stored = account.containers.get(f"{'file' if labels[1] == 'file' else 'blob'}/{container}")
        if stored is None:
            raise JobInputError(self._what, f"the storage account '{account.name}' has no container '{container}'")
        return self._among(stored, path, type_, f"the container '{container}' of the storage account '{account.name}'")

    def _among(self, stored: StoredFiles, path: str, type_: str, where: str) -> Given:
        """The file or the files at a path of a container."""
        path = path.strip("/")
        shape = SHAPES.get(type_, EITHER)
        with self._backend.lock:
            file = stored.get(path)
        if file is not None and not file.is_folder:
            if shape == FOLDER:
                raise JobInputError(
                    self._what, f"{where} has a file at '{path}', but a {type_} is a folder; declare it as uri_file"
                )
            own = path.rpartition("/")[2]
            return Given(files={own: file}, is_file=True, identity=_identity({own: file}))
        prefix = f"{path}/" if path else ""
        with self._backend.lock:
            found = [stored.files[name] for name in stored.names(prefix) if name != prefix]
        files = {each.name[len(prefix) :]: each for each in found if each.is_there and not each.is_folder}
        if not files and path and file is None:
            raise JobInputError(
                self._what,
                f"{where} has no file or folder at '{path}'; check the path, or upload it there before the job begins",
            )
        if shape == FILE:
            raise JobInputError(
                self._what, f"{where} has a folder at '{path}', but a {type_} is a file; declare it as uri_folder"
            )
        self._check_paths(files, where)
        return Given(files=files, folder=_folder_of(files), identity=_identity(files))

    def _check_paths(self, files: Mapping[str, StoredFile], where: str) -> None:
        """The names can be those of files of a machine, all of them below one folder."""
        for path in files:
            parts = path.split("/")
            if any(part in ("", ".", "..") for part in parts) or "\0" in path:
                raise JobInputError(
                    self._what,
                    f"{where} has a file called '{path}' there, which cannot be a path on this machine; rename it",
                )
            above = next((each for depth in range(1, len(parts)) if (each := "/".join(parts[:depth])) in files), None)
            if above is not None:
                raise JobInputError(
                    self._what,
                    f"{where} has the file '{above}' there and '{path}' below it, which a machine cannot have; rename one",
                )

    def _on_disk(self, uri: str, type_: str) -> Given:
        if "://" in uri and not uri.lower().startswith("file://"):
            scheme = uri.partition("://")[0]
            raise JobInputError(
                self._what,
                f"'{shown(uri)}' cannot be read here: nothing is known of '{scheme}://'; put it into a datastore",
            )
        path = _local(uri)
        shape = SHAPES.get(type_, EITHER)
        if path.is_file():
            if shape == FOLDER:
                raise JobInputError(
                    self._what, f"'{path}' is a file, but a {type_} is a folder; declare it as uri_file"
                )
            files: Mapping[str, OnDisk] = {path.name: OnDisk(path)}
            return Given(files=files, is_file=True, identity=_identity(files))
        if not path.is_dir():
            raise JobInputError(self._what, f"this machine has no file or folder at '{path}'")
        if shape == FILE:
            raise JobInputError(self._what, f"'{path}' is a folder, but a {type_} is a file; declare it as uri_folder")
        found = disk_folders.below(path, confined=False)
        if found.left_out:
            name, why = next(iter(found.left_out.items()))
            raise JobInputError(self._what, f"'{path / name}' cannot be given to a job: {why}")
        files = {name: OnDisk(each) for name, each in found.files.items()}
        return Given(files=files, folder=path, identity=_identity(files))


def _type_of(asset: Resource, type_: str) -> str:
    properties = asset.stored["properties"]
    return str(properties.get("dataType") or properties.get("modelType") or type_).lower()


def _local(uri: str) -> Path:
    """The path of this machine that a text or a `file://` address says."""
    if uri.lower().startswith("file://"):
        uri = url2pathname(urlsplit(uri).path)
    return Path(os.path.abspath(uri))  # noqa: PTH100 -- links stay as they are, unlike with resolve()


def _identity(files: Mapping[str, StoredFile | OnDisk]) -> str:
    """Tells the content of files from any other: by their paths, and what is known of each without reading it from disk."""
    return identity({path: _token(file) for path, file in files.items()})


def _token(file: StoredFile | OnDisk) -> str:
    if isinstance(file, StoredFile):
        if file.content_md5 is not None:
            return f"md5 {file.content_md5.hex()}"
        if file.origin:
            return f"origin {file.origin}"
        if file.path is None:
            return f"md5 {hashlib.md5(file.content, usedforsecurity=False).hexdigest()}"
        file = OnDisk(file.path)
    return f"disk {file.path} {file.changed}"


def _folder_of(files: Mapping[str, StoredFile]) -> Path | None:
    """The folder on disk in which all of the files are under their paths, and nothing else; None where there is none."""
    first = next(iter(files.items()), None)
    if first is None or first[1].path is None:
        return None
    folder = Path(str(first[1].path).removesuffix(first[0]))
    if any(file.path != folder / path for path, file in files.items()):
        return None
    return folder if disk_folders.has_only(folder, files.keys()) else None
