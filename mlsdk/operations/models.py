"""The models of a workspace or a registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlsdk.assets.artifacts import resolve_model
from mlsdk.assets.places import download
from mlsdk.constants import ListViewType
from mlsdk.entities.model import MODEL, Model, WorkspaceAssetReference
from mlsdk.operations.group import VersionedGroup

if TYPE_CHECKING:
    from os import PathLike

    from azure.core.paging import ItemPaged


class ModelOperations(VersionedGroup[Model]):
    """Register, find, download and share models."""

    kind = MODEL

    def create_or_update(self, model: Model | WorkspaceAssetReference) -> Model:
        """Register a model, or change what may change of a registered version.

        Local files are uploaded, unless the same content is there. Without a version the next one is taken; without a name
        the model is anonymous and named by its content. In a registry, a WorkspaceAssetReference copies a model there.
        ValidationException for what can be seen before anything is sent, ResourceExistsError when the version is taken by
        other content.
        """
        self._expect(model, WorkspaceAssetReference)
        if isinstance(model, WorkspaceAssetReference):
            return self._import(str(model.asset_id), str(model.name), str(model.version))
        return self._create(resolve_model(model, self._session))

    def list(
        self,
        name: str | None = None,
        stage: str | None = None,
        *,
        list_view_type: ListViewType | str = ListViewType.ACTIVE_ONLY,
    ) -> ItemPaged[Model]:
        """The models, or the versions of the one called `name`, page by page as they are read.

        `stage` keeps the versions of one stage, for example `Production`; `list_view_type` says whether archived ones are
        shown: `ActiveOnly`, `ArchivedOnly` or `All`.
        """
        return self._list(name, list_view_type, stage=stage)

    def download(self, name: str, version: str, download_path: PathLike[str] | str = ".") -> None:
        """Write the files of a model below `download_path/name/`, as they were uploaded.

        ResourceNotFoundError when there is no such model or it has no files. A file is there whole or not at all.
        """
        found = self.get(name, version)
        download(str(found.path), Path(download_path, name), self._session, asset=(self.kind.collection, name, version))

    def share(
        self, name: str, version: str, *, share_with_name: str, share_with_version: str, registry_name: str
    ) -> Model:
        """Copy a version into the registry `registry_name` under another name and version, and give what is there then."""
        return self._share(
            name, version, new_name=share_with_name, new_version=share_with_version, registry=registry_name
        )
