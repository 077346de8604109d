"""The datastores of a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlsdk.assets.places import download_files
from mlsdk.entities.datastore import DATASTORE, ENDPOINT, Datastore
from mlsdk.operations.group import Group
from mlsdk.schema.bodies import to_body
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from azure.core.paging import ItemPaged

JSON = dict[str, Any]

PAGE = 30
"""How many datastores the official client asks for at once."""


class DatastoreOperations(Group[Datastore]):
    """Register, find and remove datastores. Removing one leaves the storage behind it untouched."""

    kind = DATASTORE

    def create_or_update(self, datastore: Datastore) -> Datastore:
        """Register a datastore, or replace the one of this name. The service gives no secret back."""
        self._expect(datastore)
        path = self._path(self._check_name(datastore.name))
        body = to_body(datastore)
        if body["properties"].get("endpoint") == ENDPOINT:
            # What a datastore gets when its maker says nothing, in any cloud.
            body["properties"]["endpoint"] = self._connection.backend.cloud.storage_suffix
        reply = self._connection.exchange(
            "PUT", path, self.kind.api_version, params={"skipValidation": True}, body=body
        )
        return self._load(reply.body)

    def get(self, name: str, *, include_secrets: bool = False) -> Datastore:
        """The datastore called `name`; with `include_secrets` its key, token or password too."""
        return self._loaded(self._fetch(name), include_secrets=include_secrets)

    def get_default(self, *, include_secrets: bool = False) -> Datastore:
        """The datastore that is used where none is named."""
        reply = self._connection.exchange(
            "GET",
            self._collection(),
            self.kind.api_version,
            params={"count": PAGE, "isDefault": True, "orderByAsc": False},
        )
        found = reply.body.get("value")
        if not found:
            from azure.core.exceptions import ResourceNotFoundError

            message = f"workspace {self._scope.workspace_name!r} has no default datastore"
            raise ResourceNotFoundError(message)
        return self._loaded(found[0], include_secrets=include_secrets)

    def list(self, *, include_secrets: bool = False) -> ItemPaged[Datastore]:
        """The datastores, page by page as they are read."""

        def load(body: JSON) -> Datastore:
            return self._loaded(body, include_secrets=include_secrets)

        return self._connection.pages(
            self._collection(), self.kind.api_version, load, params={"count": PAGE, "orderByAsc": False}
        )

    def delete(self, name: str) -> None:
        """Remove a datastore from the workspace; its files stay where they are.

        ResourceNotFoundError when there is none, where the official client says nothing.
        """
        self._fetch(name)
        self._connection.exchange("DELETE", self._path(name), self.kind.api_version)

    def download(self, uri: str, download_path: PathLike[str] | str = ".") -> Sequence[Path]:
        """Write the file at `uri`, or the files of the folder there, into `download_path`; gives the paths written, sorted.

        `uri` is `azureml://datastores/<name>/paths/<path>`, with or without the workspace in it, or the address of a blob
        (`https://<account>.blob.core.windows.net/<container>/<path>`, `abfss://…`, `wasbs://…`). The official client has this
        as an internal function only. ResourceNotFoundError when nothing is there. A file is there whole or not at all.
        """
        return download_files(uri, Path(download_path), self._session)

    def mount(
        self,
        path: str,
        *,
        mount_point: str | None = None,  # noqa: ARG002 - taken as the official client takes them
        mode: str = "ro_mount",
        debug: bool = False,  # noqa: ARG002 - the same
        persistent: bool = False,  # noqa: ARG002 - the same
        **kwargs: Any,  # noqa: ARG002 - taken as the official client takes them
    ) -> None:
        """Show a datastore as a folder of this machine.

        It needs Azure's own FUSE driver (the package `azureml-dataprep-rslex`), which mlsdk does not drive yet: an MlException
        says how to read the files instead.
        """
        if mode not in ("ro_mount", "rw_mount"):
            message = f"mode is {mode!r}; allowed are 'ro_mount' and 'rw_mount'"
            raise wrong(message)
        from mlsdk.exceptions import MlException

        message = f"{path!r} cannot be mounted: mlsdk has no FUSE driver. Download it, or use it as the input of a job"
        raise MlException(message)

    def secrets(self, name: str) -> JSON:
        """What the service keeps secret about a datastore: its `secretsType` and the key, token or password."""
        reply = self._connection.exchange(
            "POST",
            f"{self._path(name)}/listSecrets",
            self.kind.api_version,
            body={"expirableSecret": True, "expireAfterHours": 1},
            repeatable=True,
        )
        return reply.body  # type: ignore[no-any-return]

    def _loaded(self, body: JSON, *, include_secrets: bool) -> Datastore:
        credentials = body["properties"].get("credentials") or {}
        if include_secrets and credentials.get("credentialsType") not in (None, "None"):
            body = {
                **body,
                "properties": {
                    **body["properties"],
                    "credentials": {**credentials, "secrets": self.secrets(body["name"])},
                },
            }
        return self._load(body)
