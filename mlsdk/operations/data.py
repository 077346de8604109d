"""The data assets of a workspace or a registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlsdk.assets.artifacts import resolve_data
from mlsdk.assets.places import download
from mlsdk.entities.data import DATA, Data
from mlsdk.operations.group import VersionedGroup

if TYPE_CHECKING:
    from os import PathLike


class DataOperations(VersionedGroup[Data]):
    """Register, find and share data."""

    kind = DATA

    def create_or_update(self, data: Data) -> Data:
        """Register data, or change what may change of a registered version.

        A local file or folder is uploaded, unless the same content is there. Without a version the next one is taken.
        ValidationException when there is no path, when a file is given for a folder or the reverse, or when an MLTable has no
        `MLTable` file; ResourceExistsError when the version is taken by other content.
        """
        self._expect(data)
        return self._create(resolve_data(data, self._session))

    def download(
        self,
        name: str,
        version: str | None = None,
        label: str | None = None,
        download_path: PathLike[str] | str = ".",
    ) -> list[Path]:
        """Write the files of data below `download_path/name/`, as they were uploaded; gives the paths written, sorted.

        The version is named as for `get`. The official client has no such method. ResourceNotFoundError when there is no such
        data or it has no files. A file is there whole or not at all.
        """
        found = self.get(name, version, label)
        asset = (self.kind.collection, name, str(found.version))
        return download(str(found.path), Path(download_path, name), self._session, asset=asset)

    def share(
        self,
        name: str,
        version: str,
        *,
        share_with_name: str,
        share_with_version: str,
        registry_name: str,
        **kwargs: Any,  # noqa: ARG002 - taken as the official client takes them
    ) -> Data:
        """Copy a version into the registry `registry_name` under another name and version, and give what is there then."""
        return self._share(
            name, version, new_name=share_with_name, new_version=share_with_version, registry=registry_name
        )

    def mount(
        self,
        path: str,
        *,
        mount_point: str | None = None,
        mode: str = "ro_mount",
        debug: bool = False,
        persistent: bool = False,
        **kwargs: Any,  # noqa: ARG002 - taken as the official client takes them
    ) -> None:
        """Show data as a folder of this machine. See `DatastoreOperations.mount`."""
        self._session.datastores.mount(path, mount_point=mount_point, mode=mode, debug=debug, persistent=persistent)
