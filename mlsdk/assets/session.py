"""What resolving needs of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsdk.arm.connection import Connection
    from mlsdk.entities.component import Component
    from mlsdk.entities.data import Data
    from mlsdk.entities.datastore import Datastore
    from mlsdk.entities.environment import Environment
    from mlsdk.entities.model import Model

T_co = TypeVar("T_co", covariant=True)


class Session(Protocol):
    """What resolving needs of a client: its connection, where assets live, and some of its groups."""

    @property
    def connection(self) -> Connection:
        """How the backend is reached."""
        ...

    @property
    def in_registry(self) -> bool:
        """Whether assets live in a registry rather than in a workspace."""
        ...

    @property
    def components(self) -> Versions[Component]:
        """The components of the workspace or registry."""
        ...

    @property
    def data(self) -> Versions[Data]:
        """The data of the workspace or registry."""
        ...

    @property
    def models(self) -> Versions[Model]:
        """The models of the workspace or registry."""
        ...

    @property
    def datastores(self) -> Datastores:
        """The datastores of the workspace."""
        ...

    @property
    def environments(self) -> Environments:
        """The environments of the workspace or registry."""
        ...

    def assets(self) -> str:
        """The address that assets stand below."""
        ...


class Versions(Protocol[T_co]):
    """Assets with versions."""

    def get(self, name: str, version: str | None = None, label: str | None = None) -> T_co:
        """One version."""
        ...


class Datastores(Protocol):
    """The datastores of the workspace."""

    def get(self, name: str, *, include_secrets: bool = False) -> Datastore:
        """One of them."""
        ...

    def list(self, *, include_secrets: bool = False) -> Iterable[Datastore]:
        """All of them."""
        ...


class Environments(Protocol):
    """The environments of the workspace or registry."""

    def get(self, name: str, version: str | None = None, label: str | None = None) -> Environment:
        """One of them."""
        ...

    def create_or_update(self, environment: Environment) -> Environment:
        """Register one."""
        ...
