"""The ARM body of an entity, and an entity from an ARM body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.schema.fields import Entity

T = TypeVar("T")


def to_wire(entity: Entity) -> dict[str, Any]:
    """The body that a PUT of `entity` carries, as it stands: no reference resolved, nothing uploaded."""
    from mlsdk.schema.bodies import to_body

    return to_body(entity)


def from_wire(cls: type[T], body: Mapping[str, Any]) -> T:
    """The entity that an ARM body describes; fields which this version does not know are kept and sent back.

    `cls` is an entity class, or the base class of several (`Compute`, `Datastore`, `Component`): the body tells which.
    """
    from mlsdk.schema.bodies import from_body

    return from_body(cls, dict(body))
