"""What resolving needs of a client."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mlsdk.arm.connection import Connection
    from mlsdk.entities.datastore import Datastore
    from mlsdk.entities.environment import Environment


class Session(Protocol):
    """What resolving needs of a client: its connection, where assets live, and two of its groups."""

    @property
    def connection(self) -> Connection: ...
    @property
    def in_registry(self) -> bool: ...
    @property
    def datastores(self) -> Datastores: ...
    @property
    def environments(self) -> Environments: ...
    def assets(self) -> str: ...


class Datastores(Protocol):
    """The datastores of the workspace."""

    def get(self, name: str, *, include_secrets: bool = False) -> Datastore: ...
    def list(self, *, include_secrets: bool = False) -> Iterable[Datastore]: ...


class Environments(Protocol):
    """The environments of the workspace or registry."""

    def get(self, name: str, version: str | None = None, label: str | None = None) -> Environment: ...
    def create_or_update(self, environment: Environment) -> Environment: ...
