"""The engine of the operation groups: what is the same for every kind, done from the kind's record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import quote

from mlsdk.constants import ListViewType
from mlsdk.schema.bodies import from_body, to_body
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from azure.core.paging import ItemPaged

    from mlsdk.arm.connection import Connection, Scope
    from mlsdk.entities.kind import Kind
    from mlsdk.entities.resource import Asset
    from mlsdk.operations.session import Session

E = TypeVar("E")
A = TypeVar("A", bound="Asset")
JSON = dict[str, Any]

ATTEMPTS = 3
"""How often a version that the service proposed is tried, when others create versions at the same time."""


def archived(value: Any) -> str:
    """The word for a list view: `ActiveOnly`, `ArchivedOnly` or `All`, whatever its case."""
    words = {word.lower(): word for word in ("ActiveOnly", "ArchivedOnly", "All")}
    word = str(getattr(value, "value", value)).replace("_", "").lower()
    if word not in words:
        message = f"list_view_type is {value!r}; allowed are {', '.join(words.values())}"
        raise wrong(message)
    return words[word]


class Group(Generic[E]):
    """The resources of one kind."""

    kind: Kind

    def __init__(self, session: Session) -> None:
        """Work for one client."""
        self._session = session
        version = session.connection.api_versions.get(self.kind.collection)
        if version is not None:
            self.kind = self.kind.in_version(version, registry=session.in_registry)

    @property
    def _connection(self) -> Connection:
        return self._session.connection

    @property
    def _scope(self) -> Scope:
        return self._session.connection.scope

    def __repr__(self) -> str:
        scope = self._scope
        return f"<{type(self).__name__} of {scope.registry_name or scope.workspace_name or scope.resource_group_name}>"

    def _collection(self) -> str:
        return f"{self._scope.workspace()}/{self.kind.collection}"

    def _path(self, name: str) -> str:
        return f"{self._collection()}/{quote(self._named(name), safe='')}"

    def _expect(self, given: Any, *others: type) -> None:
        """TypeError when what is to be made is not of this kind."""
        if not isinstance(given, (self.kind.entity, *others)):
            wanted = " or ".join(cls.__name__ for cls in (self.kind.entity, *others))
            kind = type(given)
            got = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
            message = f"expected a {wanted} of mlsdk.entities, got {got}"
            raise TypeError(message)

    def _named(self, name: Any) -> str:
        """A name as text; ValidationException when there is none."""
        if not isinstance(name, (str, int)) or isinstance(name, bool) or not str(name).strip():
            message = f"a {self.kind.label} needs a name, got {name!r}"
            raise wrong(message)
        return str(name)

    def _check_name(self, name: Any) -> str:
        """A name that is to be given to something new, by the service's rule."""
        text, rule = self._named(name), self.kind.name_rule
        if rule is not None and not rule.pattern.fullmatch(text):
            message = f"{text!r} cannot be the name of a {self.kind.label}: {rule.sentence}"
            raise wrong(message)
        return text

    def _load(self, body: JSON) -> E:
        return from_body(self.kind.entity, body)  # type: ignore[no-any-return]

    def _fetch(self, name: str) -> JSON:
        return self._connection.exchange("GET", self._path(name), self.kind.api_version).body  # type: ignore[no-any-return]


class VersionedGroup(Group[A]):
    """Assets with versions: the same in a workspace and in a registry."""

    def _collection(self) -> str:
        return f"{self._session.assets()}/{self.kind.collection}"

    @property
    def _api_version(self) -> str:
        if not self._session.in_registry:
            return self.kind.api_version
        if self.kind.registry_api_version is None:
            message = f"registries hold no {self.kind.label}s"
            raise wrong(message)
        return self.kind.registry_api_version

    def _version_path(self, name: str, version: Any) -> str:
        return f"{self._path(name)}/versions/{quote(str(version), safe='')}"

    def _fetch_version(self, name: str, version: Any) -> JSON:
        return self._connection.exchange("GET", self._version_path(name, version), self._api_version).body  # type: ignore[no-any-return]

    def _load_container(self, body: JSON) -> A:
        """The asset itself, of which no version is meant."""
        made = self._load(body)
        latest = (body.get("properties") or {}).get("latestVersion")
        # For most kinds loading has done both, and an assignment is checked, which takes half as long as loading.
        if made.version is not None:
            made.version = None
        if made.latest_version != latest:
            made.latest_version = latest
        return made

    # -- reading -------------------------------------------------------------------------------------------
    def get(self, name: str, version: str | None = None, label: str | None = None) -> A:
        """One version: the one called `version`, or with `label="latest"` the one that was created last.

        ResourceNotFoundError when there is none, ValidationException when neither or both are given.
        """
        if version is not None and version != "" and label:
            message = f"{self.kind.label} {name!r}: give version or label, not both"
            raise wrong(message)
        if label:
            return self._labelled(name, label)
        if version is None or version == "":
            message = f"{self.kind.label} {name!r}: which one? Give version=… or label='latest'"
            raise wrong(message)
        return self._load(self._fetch_version(name, version))

    def _labelled(self, name: str, label: str) -> A:
        """The version that a label stands for. Only `latest` exists: the version that was created last."""
        if label != "latest":
            message = f"{self.kind.label} {name!r}: label {label!r} is not known; the only label is 'latest'"
            raise wrong(message)
        newest = next(iter(self._versions(name, params={"$orderBy": "createdtime desc", "$top": 1})), None)
        if newest is None:
            raise self._missing(name)
        return newest

    def _missing(self, name: str) -> Exception:
        from azure.core.exceptions import ResourceNotFoundError

        scope = self._scope
        place = f"registry {scope.registry_name!r}" if scope.registry_name else f"workspace {scope.workspace_name!r}"
        return ResourceNotFoundError(f"{self.kind.label} {name!r} was not found in {place}")

    def _versions(self, name: str, *, params: JSON | None = None) -> ItemPaged[A]:
        return self._connection.pages(f"{self._path(name)}/versions", self._api_version, self._load, params=params)

    def list(
        self, name: str | None = None, *, list_view_type: ListViewType | str = ListViewType.ACTIVE_ONLY
    ) -> ItemPaged[A]:
        """The assets, or the versions of the one called `name`, page by page as they are read.

        `list_view_type` says whether archived ones are shown: `ActiveOnly`, `ArchivedOnly` or `All`.
        """
        return self._list(name, list_view_type)

    def _list(self, name: str | None, list_view_type: Any, **params: Any) -> ItemPaged[A]:
        view = {"listViewType": archived(list_view_type), **params}
        if name is None:
            return self._connection.pages(self._collection(), self._api_version, self._load_container, params=view)
        return self._versions(name, params=view)

    # -- writing -------------------------------------------------------------------------------------------
    def _create(self, asset: A) -> A:
        """Send a resolved asset; without a version the service's next one is taken.

        When others take that version at the same moment, the next is tried; after `ATTEMPTS` the service's 409 is raised.
        """
        name, body = self._check_name(asset.name), to_body(asset)
        if asset.version not in (None, ""):
            return self._put(name, asset.version, body)
        from azure.core.exceptions import ResourceExistsError

        for attempt in range(1, ATTEMPTS + 1):
            version = self._proposed(name, attempt)
            try:
                return self._put(name, version, body)
            except ResourceExistsError:
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError  # the loop returns or raises

    def _proposed(self, name: str, attempt: int) -> str:  # noqa: ARG002 - environments propose another version at first
        """The version to try for an asset that was given none."""
        return str(self._container(name).get("nextVersion") or "1")

    def _container(self, name: str) -> JSON:
        """What the service knows of an asset as a whole: `latestVersion`, `nextVersion`; empty when there is none yet."""
        found = self._connection.find(self._path(name), self._api_version)
        return (found or {}).get("properties") or {}

    def _put(self, name: str, version: Any, body: JSON) -> A:
        path = self._version_path(name, version)
        if self._session.in_registry:
            self._connection.begin("PUT", path, self._api_version, body=body).result()
            return self._load(self._fetch_version(name, version))
        return self._load(self._connection.exchange("PUT", path, self._api_version, body=body).body)

    def archive(self, name: str, version: str | None = None, label: str | None = None, **kwargs: Any) -> None:  # noqa: ARG002 - taken as the official client takes them
        """Hide a version from lists, or the whole asset when no version is named; it can still be used by name."""
        self._set_archived(name, version, label, archive=True)

    def restore(self, name: str, version: str | None = None, label: str | None = None, **kwargs: Any) -> None:  # noqa: ARG002 - taken as the official client takes them
        """Show an archived version, or the whole asset, in lists again."""
        self._set_archived(name, version, label, archive=False)

    def _set_archived(self, name: str, version: Any, label: str | None, *, archive: bool) -> None:
        if version not in (None, "") and label:
            message = f"{self.kind.label} {name!r}: give version or label, not both"
            raise wrong(message)
        if label:
            version = self._labelled(name, label).version
        path = self._path(name) if version in (None, "") else self._version_path(name, version)
        found = self._connection.exchange("GET", path, self._api_version).body
        properties = {
            key: value
            for key, value in found["properties"].items()
            if key not in ("latestVersion", "nextVersion", "provisioningState", "stage")
        }
        body = {"properties": {**properties, "isArchived": archive}}
        if self._session.in_registry:
            self._connection.begin("PUT", path, self._api_version, body=body).result()
        else:
            self._connection.exchange("PUT", path, self._api_version, body=body)

    # -- between workspaces and registries ----------------------------------------------------------------------
    def _share(self, name: str, version: str, *, new_name: str, new_version: str, registry: str) -> A:
        """Copy a version of the workspace into a registry and give what is there then."""
        self.get(name, version)
        workspace = self._session.workspace()
        source = (
            f"azureml://locations/{workspace['location']}/workspaces/{workspace['properties']['workspaceId']}"
            f"/{self.kind.collection}/{name}/versions/{version}"
        )
        return type(self)(self._session.in_registry_called(registry))._import(source, new_name, new_version)  # noqa: SLF001 - another group of this class

    def _import(self, source: str, name: str, version: str) -> A:
        """Have the registry copy the asset with the id `source`; an existing version is never replaced."""
        path = self._version_path(self._check_name(name), version)
        if self._connection.find(path, self._api_version) is not None:
            message = f"{self.kind.label} {name!r}, version {version}, exists in registry {self._scope.registry_name!r} already"
            raise wrong(message)
        body = {
            "properties": {
                "referenceType": "Id",
                "destinationName": name,
                "destinationVersion": str(version),
                "sourceAssetId": source,
            }
        }
        self._connection.begin("POST", f"{self._session.assets()}/import", self._api_version, body=body).result()
        return self._load(self._fetch_version(name, version))
