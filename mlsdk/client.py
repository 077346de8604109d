"""`MLClient`: one workspace, resource group or registry, on Azure or on another backend."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from azure.core.credentials import TokenCredential
    from azure.core.polling import LROPoller
    from typing_extensions import Self

    from mlsdk.backends import Backend
    from mlsdk.operations.components import ComponentOperations
    from mlsdk.operations.compute import ComputeOperations
    from mlsdk.operations.data import DataOperations
    from mlsdk.operations.datastores import DatastoreOperations
    from mlsdk.operations.environments import EnvironmentOperations
    from mlsdk.operations.models import ModelOperations
    from mlsdk.operations.workspaces import WorkspaceOperations

E = TypeVar("E")

BACKEND_VARIABLE = "MLSDK_BACKEND"

LATER = frozenset(
    {
        "azure_openai_deployments",
        "batch_deployments",
        "batch_endpoints",
        "capability_hosts",
        "connections",
        "deployment_templates",
        "evaluators",
        "feature_sets",
        "feature_store_entities",
        "feature_stores",
        "indexes",
        "jobs",
        "marketplace_subscriptions",
        "online_deployments",
        "online_endpoints",
        "registries",
        "schedules",
        "serverless_endpoints",
        "workspace_outbound_rules",
    }
)
"""Groups of the official client that this version does not have; asking for one says so."""


class MLClient:
    """A client of Azure Machine Learning.

    Making one sends nothing. It may be shared by threads.

    Parameters
    ----------
    credential
        Anything with `get_token`, such as `DefaultAzureCredential()`; None where the backend needs none.
    subscription_id, resource_group_name, workspace_name, registry_name
        Where to work: a workspace, a resource group (to make workspaces), or a registry.
    backend
        What answers: a `Backend`, or the name of one: `"memory"` is the one shared in-memory Azure of this process. The
        environment variable `MLSDK_BACKEND` when left out.
    polling_interval
        Seconds between two looks at something that takes long, where the service proposes none.

    """

    def __init__(
        self,
        credential: TokenCredential | None,
        subscription_id: str | None = None,
        resource_group_name: str | None = None,
        workspace_name: str | None = None,
        registry_name: str | None = None,
        *,
        backend: Backend | str | None = None,
        polling_interval: float | None = None,
        **kwargs: Any,
    ) -> None:
        """Work in the given scope; ValidationException when both a workspace and a registry are named."""
        if workspace_name and registry_name:
            from mlsdk.exceptions import ValidationException

            message = "give workspace_name or registry_name, not both"
            raise ValidationException(message)
        from mlsdk.arm.connection import Connection, Scope
        from mlsdk.operations.session import Session

        _warn_of_slips(kwargs)
        scope = Scope(subscription_id, resource_group_name, workspace_name, registry_name)
        more = {} if polling_interval is None else {"polling_interval": float(polling_interval)}
        self._session = Session(Connection(_backend(backend, credential), scope, **more))

    @classmethod
    def from_config(
        cls,
        credential: TokenCredential | None = None,
        *,
        path: os.PathLike[str] | str | None = None,
        file_name: str | None = None,
        **kwargs: Any,
    ) -> Self:
        """A client of the workspace that a `config.json` names.

        The file is `path`, or is looked for in the folder `path` (the current one when left out) and those above it, first in
        their folders `.azureml` and `aml_config`, then beside them. It holds `subscription_id`, `resource_group` and
        `workspace_name`, or `Scope`, the id of the workspace; arguments given here win over it. ValidationException when no
        file is found or it does not say enough.
        """
        from mlsdk.configuration import read

        found = read(path, file_name)
        found.update({key: value for key, value in kwargs.items() if key in found and value is not None})
        rest = {key: value for key, value in kwargs.items() if key not in found}
        return cls(credential, found["subscription_id"], found["resource_group_name"], found["workspace_name"], **rest)

    # -- scope -------------------------------------------------------------------------------------------------
    @property
    def subscription_id(self) -> str | None:
        """The subscription that calls go to."""
        return self._session.connection.scope.subscription_id

    @property
    def resource_group_name(self) -> str | None:
        """The resource group that calls go to."""
        return self._session.connection.scope.resource_group_name

    @property
    def workspace_name(self) -> str | None:
        """The workspace that calls go to; None for a client of a resource group or a registry."""
        return self._session.connection.scope.workspace_name

    # -- groups ------------------------------------------------------------------------------------------------
    @property
    def components(self) -> ComponentOperations:
        """Components: steps of pipelines, with their inputs and outputs."""
        return self._session.components

    @property
    def compute(self) -> ComputeOperations:
        """Computes: clusters, instances and what is attached."""
        return self._session.group("compute")  # type: ignore[no-any-return]

    @property
    def data(self) -> DataOperations:
        """Data assets: versions of files, folders and tables."""
        return self._session.data

    @property
    def datastores(self) -> DatastoreOperations:
        """Datastores: storage that the workspace knows, with its credentials."""
        return self._session.datastores

    @property
    def environments(self) -> EnvironmentOperations:
        """Environments: images and packages that jobs run in."""
        return self._session.environments

    @property
    def models(self) -> ModelOperations:
        """Models: versions of trained models with their files."""
        return self._session.models

    @property
    def workspaces(self) -> WorkspaceOperations:
        """Workspaces, hubs and projects of the resource group."""
        return self._session.workspaces

    # -- by the entity ---------------------------------------------------------------------------------------------
    def create_or_update(self, entity: E, **kwargs: Any) -> E:
        """Create or change an entity in the group it belongs to, and give it as the service has it then.

        For what takes long (workspaces, computes) there is `begin_create_or_update`; TypeError says so.
        """
        group = _group_of(entity, long_running=False)
        return getattr(self, group).create_or_update(entity, **kwargs)  # type: ignore[no-any-return]

    def begin_create_or_update(self, entity: E, **kwargs: Any) -> LROPoller[E]:
        """Start to create or change a workspace or a compute; `result()` waits and gives it as the service has it then."""
        group = _group_of(entity, long_running=True)
        operations = getattr(self, group)
        start = operations.begin_create if group == "workspaces" else operations.begin_create_or_update
        return start(entity, **kwargs)  # type: ignore[no-any-return]

    def close(self) -> None:
        """Release what the backend holds."""
        self._session.connection.backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        if name in LATER:
            from mlsdk.operations.session import GROUPS

            message = f"MLClient.{name} is not in this version of mlsdk; it has {', '.join(sorted(GROUPS))}"
            raise AttributeError(message)
        message = f"{type(self).__name__!r} object has no attribute {name!r}"
        raise AttributeError(message)

    def __repr__(self) -> str:
        scope = self._session.connection.scope
        where = (
            f"registry_name={scope.registry_name!r}"
            if scope.registry_name
            else f"workspace_name={scope.workspace_name!r}"
        )
        return (
            f"MLClient(subscription_id={scope.subscription_id!r}, resource_group_name={scope.resource_group_name!r}, "
            f"{where}, backend={self._session.connection.backend!r})"
        )


def _backend(chosen: Any, credential: Any) -> Backend:
    """The backend that a name stands for, or the one that was given; TypeError when it is neither."""
    if chosen is None:
        chosen = os.environ.get(BACKEND_VARIABLE) or "azure"
    if not isinstance(chosen, str):
        from mlsdk.backends import Backend

        if not isinstance(chosen, Backend):
            message = f"backend is {chosen!r}; expected a Backend or the name of one, for example 'memory'"
            raise TypeError(message)
        return chosen
    from mlsdk.backends.choosing import by_name

    return by_name(chosen, credential)


def _warn_of_slips(unused: Iterable[str]) -> None:
    """Warn of keyword arguments that look like ones of `MLClient`; others are the official client's, of no use here."""
    if unused:
        from mlsdk.exceptions import UnknownArgumentWarning
        from mlsdk.schema.values import did_you_mean

        known = (
            "subscription_id",
            "resource_group_name",
            "workspace_name",
            "registry_name",
            "backend",
            "polling_interval",
        )
        for name in unused:
            hint = did_you_mean(name, known)
            if hint:
                warnings.warn(
                    f"MLClient({name}=…) is not known and left out{hint}", UnknownArgumentWarning, stacklevel=3
                )


def _group_of(entity: Any, *, long_running: bool) -> str:
    """The group that an entity belongs to; TypeError when it belongs to none, or to one of the other manner."""
    from mlsdk.entities.component import Component
    from mlsdk.entities.compute import Compute
    from mlsdk.entities.data import Data
    from mlsdk.entities.datastore import Datastore
    from mlsdk.entities.environment import Environment
    from mlsdk.entities.model import Model, WorkspaceAssetReference
    from mlsdk.entities.workspace import Workspace

    at_once = {
        Model: "models",
        WorkspaceAssetReference: "models",
        Data: "data",
        Environment: "environments",
        Component: "components",
        Datastore: "datastores",
    }
    slowly = {Workspace: "workspaces", Compute: "compute"}
    for cls, group in (slowly if long_running else at_once).items():
        if isinstance(entity, cls):
            return group
    for cls in at_once if long_running else slowly:
        if isinstance(entity, cls):
            other = "create_or_update" if long_running else "begin_create_or_update"
            message = f"{type(entity).__name__} is made with {other}()"
            raise TypeError(message)
    known = ", ".join(cls.__name__ for cls in (slowly if long_running else at_once))
    message = f"cannot create {type(entity).__name__!r}; expected {known}"
    raise TypeError(message)
