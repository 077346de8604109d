"""What the groups of one client share: its connection, its registry's address, and one another."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import attrs

from mlsdk.arm.connection import Connection
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from mlsdk.operations.components import ComponentOperations
    from mlsdk.operations.data import DataOperations
    from mlsdk.operations.datastores import DatastoreOperations
    from mlsdk.operations.environments import EnvironmentOperations
    from mlsdk.operations.jobs import JobOperations
    from mlsdk.operations.models import ModelOperations
    from mlsdk.operations.workspaces import WorkspaceOperations

JSON = dict[str, Any]

WORKSPACE_VERSION = "2024-10-01-preview"
"""The api-version in which workspaces are asked for (wire.md §5)."""

REGISTRY_DISCOVERY = "{host}/registrymanagement/v1.0/registries/{name}/discovery"
"""Where a registry's own address is asked for (wire.md §11)."""

GROUPS = {
    "components": ("mlsdk.operations.components", "ComponentOperations"),
    "compute": ("mlsdk.operations.compute", "ComputeOperations"),
    "data": ("mlsdk.operations.data", "DataOperations"),
    "datastores": ("mlsdk.operations.datastores", "DatastoreOperations"),
    "environments": ("mlsdk.operations.environments", "EnvironmentOperations"),
    "jobs": ("mlsdk.operations.jobs", "JobOperations"),
    "models": ("mlsdk.operations.models", "ModelOperations"),
    "workspaces": ("mlsdk.operations.workspaces", "WorkspaceOperations"),
}
"""The groups of this version: their module and class, imported on first use."""


@attrs.frozen
class Registry:
    """A registry as its discovery document tells."""

    name: str
    base: str
    """The address that its assets stand below."""


@attrs.define(eq=False)
class Session:
    """One client's connection and operation groups."""

    connection: Connection
    _groups: dict[str, Any] = attrs.field(factory=dict, init=False, repr=False)
    _registry: Registry | None = attrs.field(default=None, init=False, repr=False)
    _services: str | None = attrs.field(default=None, init=False, repr=False)

    def group(self, name: str) -> Any:
        """An operation group by its name on the client; made once."""
        made = self._groups.get(name)
        if made is None:
            module, cls = GROUPS[name]
            made = self._groups.setdefault(name, getattr(import_module(module), cls)(self))
        return made

    @property
    def components(self) -> ComponentOperations:
        """The components of the workspace or registry."""
        return self.group("components")  # type: ignore[no-any-return]

    @property
    def data(self) -> DataOperations:
        """The data assets of the workspace or registry."""
        return self.group("data")  # type: ignore[no-any-return]

    @property
    def datastores(self) -> DatastoreOperations:
        """The datastores of the workspace."""
        return self.group("datastores")  # type: ignore[no-any-return]

    @property
    def environments(self) -> EnvironmentOperations:
        """The environments of the workspace or registry."""
        return self.group("environments")  # type: ignore[no-any-return]

    @property
    def jobs(self) -> JobOperations:
        """The jobs of the workspace."""
        return self.group("jobs")  # type: ignore[no-any-return]

    @property
    def models(self) -> ModelOperations:
        """The models of the workspace or registry."""
        return self.group("models")  # type: ignore[no-any-return]

    @property
    def workspaces(self) -> WorkspaceOperations:
        """The workspaces of the resource group."""
        return self.group("workspaces")  # type: ignore[no-any-return]

    @property
    def in_registry(self) -> bool:
        """Whether assets live in a registry rather than in a workspace."""
        return bool(self.connection.scope.registry_name)

    def workspace(self) -> JSON:
        """The body of the client's own workspace, which the shared memory backend makes when it is not there yet."""
        path, version = self.connection.scope.workspace(), self.connection.api_version("workspaces", WORKSPACE_VERSION)
        return self.connection.exchange("GET", path, version, expected=True).body  # type: ignore[no-any-return]

    def service(self, name: str) -> str:
        """The address of the workspace in a service beside Azure Resource Manager: `history`, `data`, `mlflow`.

        ValidationException while the workspace does not say where its services are.
        """
        if self._services is None:
            found = self.workspace()["properties"].get("discoveryUrl")
            if not found:
                message = f"workspace {self.connection.scope.workspace_name!r} does not say where its services are; is it made?"
                raise wrong(message)
            self._services = self.connection.exchange("GET", found, audience=None).body["api"].rstrip("/")
        return f"{self._services}/{name}/v1.0{self.connection.scope.workspace()}"

    def registry(self) -> Registry:
        """The registry of the scope, looked up when first needed."""
        if self._registry is None:
            name = self.connection.scope.need("registry_name")
            host = self.connection.backend.cloud.registry_discovery
            found = self.connection.exchange("GET", REGISTRY_DISCOVERY.format(host=host, name=quote(name)), "v1.0").body
            address = found["primaryRegionResourceProviderUri"].rstrip("/")
            base = (
                f"{address}/mferp/managementfrontend/subscriptions/{found['subscriptionId']}"
                f"/resourceGroups/{found['resourceGroup']}/providers/Microsoft.MachineLearningServices/registries/{name}"
            )
            self._registry = Registry(name, base)
        return self._registry

    def in_registry_called(self, name: str) -> Session:
        """A session on the same backend whose assets live in the registry `name`."""
        scope = attrs.evolve(self.connection.scope, registry_name=name)  # noqa: TID251 - a scope is no entity
        return Session(attrs.evolve(self.connection, scope=scope))  # noqa: TID251 - a connection is no entity

    def assets(self) -> str:
        """The address that assets stand below: the workspace's path, or the registry's."""
        return self.registry().base if self.in_registry else self.connection.scope.workspace()

    def with_connection(self, connection: Connection) -> Session:
        """The same place over another connection to it."""
        session = Session(connection)
        session._registry, session._services = self._registry, self._services
        return session
