"""The nodes that a job runs on, and its place in the queue for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from mlsdk.entities.resource import own
from mlsdk.schema import codecs
from mlsdk.schema.fields import JSON, Codec, Entity, Mapped, entity, wire
from mlsdk.schema.mappings import Field

_LEGACY = {
    "aisupercomputer": "AISuperComputer",
    "singularity": "AISuperComputer",
    "itp": "itp",
    "target_selector": "target_selector",
}
_PROPERTIES = Codec(
    lambda given: {_LEGACY.get(key.lower(), key): item for key, item in given.items() if item is not None},
    lambda found: found,
)
"""Settings of certain computes, known by words that the service spells in one way only."""

_PRIORITIES = {"low": 1, "medium": 2, "high": 3}
_PRIORITY = Codec(
    lambda word: _PRIORITIES.get(word, word),
    lambda number: next((word for word, one in _PRIORITIES.items() if one == number), number),
)


@entity(lenient=True)
class ResourceConfiguration(Mapped, Entity):
    """How many nodes of which size something runs on."""

    instance_count: int | None = wire("instanceCount", default=None)
    instance_type: str | None = wire("instanceType", default=None)
    """The size of a node: `Standard_DS3_v2`, or what the compute calls it."""
    properties: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties", default=None, missing=dict, given=own, codec=_PROPERTIES
    )
    """Settings that only some computes know."""


@entity(lenient=True)
class JobResourceConfiguration(Mapped, Entity):
    """How many nodes of which size a job runs on: `JobResourceConfiguration(instance_count=2, shm_size="8g")`."""

    locations: list[str] | None = wire("locations", default=None)
    """The regions in which it may run."""
    instance_count: int | None = wire("instanceCount", default=None)
    instance_type: str | list[str] | None = wire("instanceType", default=None)
    """The size of a node: `Standard_DS3_v2`, or what the compute calls it."""
    properties: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties", default=None, missing=dict, given=own, codec=_PROPERTIES
    )
    """Settings that only some computes know."""
    docker_args: str | list[str] | None = wire("dockerArgs", default=None, rather="dockerArgsList")
    """Further arguments of `docker run`."""
    shm_size: str | None = wire("shmSize", default=None)
    """Shared memory of the container: a number and `b`, `k`, `m` or `g`."""
    max_instance_count: int | None = wire("maxInstanceCount", default=None)
    """The most nodes that may be given to it."""

    def __complete__(self, body: JSON) -> None:
        """Arguments as a list stand at a place of their own."""
        if isinstance(self.docker_args, list):
            body["dockerArgsList"] = body.pop("dockerArgs")


@entity(lenient=True)
class QueueSettings(Mapped, Entity):
    """A job's place in the queue: `QueueSettings(job_tier="spot")`."""

    job_tier: Literal["spot", "basic", "standard", "premium", "null"] | None = wire(
        "jobTier", default=None, codec=codecs.pascal
    )
    """What is paid for: `spot`, `basic`, `standard`, `premium`, or `null` for none."""
    priority: Literal["low", "medium", "high"] | None = wire("priority", default=None, codec=_PRIORITY)
    """Of the jobs of one compute, which comes first."""
