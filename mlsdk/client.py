"""`MLClient`: one workspace, resource group or registry, on Azure or on another backend."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from azure.core.credentials import TokenCredential
    from azure.core.polling import LROPoller
    from typing_extensions import Self

    from mlsdk.backends import Backend
    from mlsdk.clouds import Cloud
    from mlsdk.operations.components import ComponentOperations
    from mlsdk.operations.compute import ComputeOperations
    from mlsdk.operations.data import DataOperations
    from mlsdk.operations.datastores import DatastoreOperations
    from mlsdk.operations.environments import EnvironmentOperations
    from mlsdk.operations.jobs import JobOperations
    from mlsdk.operations.models import ModelOperations
    from mlsdk.operations.workspaces import WorkspaceOperations

E = TypeVar("E")

BACKEND_VARIABLE = "MLSDK_BACKEND"

COLLECTIONS = ("codes", "components", "computes", "data", "datastores", "environments", "jobs", "models", "workspaces")
"""What has an api-version of its own; the words are those of the addresses."""

KEYWORDS = (
    *("subscription_id", "resource_group_name", "workspace_name", "registry_name"),
    *("backend", "polling_interval", "cloud", "cloud_metadata", "show_progress", "api_versions"),
    *("session", "transport", "proxies", "headers", "timeout", "connection_timeout", "read_timeout"),
    *("connection_verify", "connection_cert", "connection_data_block_size", "network_span_namer"),
    *("user_agent", "user_agent_overwrite", "user_agent_use_env"),
    *("retry_total", "retry_connect", "retry_read", "retry_status", "retry_backoff_factor", "retry_backoff_max"),
    *("retry_mode", "retry_on_status_codes"),
)
"""What `MLClient` takes by keyword, azure-core's words for the connection among them."""

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
        Anything with `get_token`, such as `DefaultAzureCredential()`, which is taken when this is None; not used where the
        backend needs none.
    subscription_id, resource_group_name, workspace_name, registry_name
        Where to work: a workspace, a resource group (to make workspaces), or a registry.
    backend
        What answers: a `Backend`, or the name of one: `"azure"`, `"memory"`, the one shared in-memory Azure of this
        process, or `"local"`, another one whose jobs really run on this machine. The environment variable
        `MLSDK_BACKEND` when left out, else Azure.
    polling_interval
        Seconds between two looks at something that takes long, where the service proposes none.
    cloud
        `"AzureCloud"`, `"AzureChinaCloud"`, `"AzureUSGovernment"`, a `Cloud`, or the name of one that `cloud_metadata`
        describes or `ARM_CLOUD_METADATA_URL` tells of. When left out, `AZUREML_CURRENT_CLOUD` and that variable decide, else
        it is the public one.
    show_progress
        Whether a line tells of long waits and transfers; on a terminal and in a notebook when left out.
    api_versions
        Another api-version than ours for some collections, for example `{"models": "2025-12-01"}`.
    kwargs
        `cloud_metadata`, and for Azure what `AzureBackend` takes: `session`, `transport`, and azure-core's own keywords
        (`retry_total`, `connection_verify`, `proxies`, `read_timeout`, `user_agent`, …).

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
        cloud: Cloud | str | None = None,
        show_progress: bool | None = None,
        api_versions: Mapping[str, str] | None = None,
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
        more: dict[str, Any] = {} if polling_interval is None else {"polling_interval": float(polling_interval)}
        if api_versions:
            more["api_versions"] = _checked(api_versions)
        kwargs["cloud"] = _described(cloud, kwargs.pop("cloud_metadata", None))
        answering = _backend(backend, credential, kwargs)
        self._session = Session(Connection(answering, scope, show_progress=show_progress, **more))

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
    def jobs(self) -> JobOperations:
        """Jobs: what is run, alone or as a pipeline."""
        return self._session.jobs

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

    # -- for some calls ------------------------------------------------------------------------------------------
    def with_options(
        self,
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
        raw_response_hook: Callable[[Any], None] | None = None,
        show_progress: bool | None = None,
    ) -> Self:
        """A client for some calls that want something else: `client.with_options(timeout=5).models.get("iris", "1")`.

        It shares this client's connections and scope; what is left out stays as it is.

        Parameters
        ----------
        timeout
            Seconds that an exchange may take, its repetitions included; azure-core's ServiceRequestTimeoutError or
            ServiceResponseTimeoutError after that.
        headers
            Headers that go with every call.
        raw_response_hook
            Called with azure-core's `PipelineResponse` of every exchange.
        show_progress
            Whether a line tells of long waits and transfers.

        """
        import copy

        other = copy.copy(self)
        other._session = self._session.with_connection(  # noqa: SLF001 - another client of this class
            self._session.connection.with_options(timeout, headers, raw_response_hook, show_progress)
        )
        return other

    def close(self) -> None:
        """Release what the backend holds.

        The clients of `with_options` share it; on Azure, a call after that raises ValueError.
        """
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


def _backend(chosen: Any, credential: Any, options: dict[str, Any]) -> Backend:
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

    return by_name(chosen, credential, **options)


def _checked(api_versions: Mapping[str, str]) -> dict[str, str]:
    """The api-versions by collection; ValidationException for a collection that there is none of."""
    from mlsdk.schema.refusals import wrong
    from mlsdk.schema.values import did_you_mean

    for collection in api_versions:
        if collection not in COLLECTIONS:
            hint = did_you_mean(collection, COLLECTIONS)
            message = f"api_versions: no collection {collection!r}{hint}; there are {', '.join(COLLECTIONS)}"
            raise wrong(message)
    return dict(api_versions)


def _described(cloud: Any, metadata: Any) -> Any:
    """The cloud that was named, or the one that `cloud_metadata` describes; ValidationException when it does not."""
    if metadata is None:
        return cloud
    from mlsdk.clouds import described
    from mlsdk.schema.refusals import wrong

    try:
        return described(str(cloud or "cloud_metadata"), metadata)
    except ValueError as error:
        raise wrong(str(error)) from None


def _warn_of_slips(unused: Iterable[str]) -> None:
    """Warn of keyword arguments that look like ones of `MLClient`; others are the official client's, of no use here."""
    if unused:
        from mlsdk.exceptions import UnknownArgumentWarning
        from mlsdk.schema.values import did_you_mean

        for name in set(unused) - set(KEYWORDS):
            hint = did_you_mean(name, KEYWORDS)
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
    from mlsdk.entities.job import Job
    from mlsdk.entities.model import Model, WorkspaceAssetReference
    from mlsdk.entities.workspace import Workspace

    at_once = {
        Model: "models",
        WorkspaceAssetReference: "models",
        Data: "data",
        Environment: "environments",
        Component: "components",
        Datastore: "datastores",
        Job: "jobs",
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
