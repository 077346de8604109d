"""The forms of an entity beside the official client's: file to entity, entity to body, body to entity."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from figures import Figure
from timing import geometric_mean, in_turn

import mlsdk
import mlsdk.entities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from timing import Pair

FILES = Path(__file__).resolve().parent / "files"


@dataclass(frozen=True)
class Kind:
    """One kind of entity, and the names of its classes in the official client."""

    name: str
    """Of its file, and of its `load_…`."""
    base: str
    """The class that reads a body, in both clients."""
    rest: str
    """The official client's model of the body."""

    def loader(self, package: Any) -> Callable[[], Any]:
        """Its `load_…` in one of the two packages, to be called on its file."""
        load, file = getattr(package, f"load_{self.name}"), str(FILES / f"{self.name}.yml")
        return lambda: load(file)

    def body(self) -> dict[str, Any]:
        """What the service answers for it."""
        return json.loads((FILES / f"{self.name}.json").read_text())  # type: ignore[no-any-return]


KINDS = (
    Kind("workspace", "Workspace", "Workspace"),
    Kind("compute", "Compute", "ComputeResource"),
    Kind("datastore", "Datastore", "Datastore"),
    Kind("model", "Model", "ModelVersion"),
    Kind("environment", "Environment", "EnvironmentVersion"),
    Kind("data", "Data", "DataVersionBase"),
    Kind("component", "Component", "ComponentVersion"),
)


def official_body(entity: Any) -> dict[str, Any]:
    """The body that the official client sends, as JSON."""
    return entity._to_rest_object().as_dict(exclude_readonly=True)  # type: ignore[no-any-return]  # noqa: SLF001 -- it has no public way


def official_reader(kind: Kind) -> Callable[[dict[str, Any]], Any]:
    """The official client's way from a body, as JSON, to an entity."""
    from azure.ai.ml import entities
    from azure.ai.ml._restclient.arm_ml_service import models

    rest, entity = getattr(models, kind.rest), getattr(entities, kind.base)
    return lambda body: entity._from_rest_object(rest._deserialize(body, []))  # noqa: SLF001 -- it has no public way


def measured(kind: Kind) -> tuple[Pair, Pair, Pair]:
    """File to entity, entity to body, body to entity."""
    import azure.ai.ml

    load, official_load = kind.loader(mlsdk), kind.loader(azure.ai.ml)
    ours, theirs = load(), official_load()
    cls, reader, body = getattr(mlsdk.entities, kind.base), official_reader(kind), kind.body()
    return (
        in_turn(load, official_load),
        in_turn(lambda: mlsdk.to_wire(ours), lambda: official_body(theirs)),
        in_turn(lambda: mlsdk.from_wire(cls, body), lambda: reader(body)),
    )


def figures() -> Iterator[Figure]:
    """Three rows of the table, each the mean over the kinds."""
    found = {kind.name: measured(kind) for kind in KINDS}
    for name, pairs in found.items():
        print(f"  {name:<12}" + "; ".join(map(str, pairs)))
    rows = (
        ("YAML file → entity, geometric mean over the kinds", 1 / 8),
        ("entity → body", 1 / 8),
        ("body (JSON dict) → entity", 1 / 15),
    )
    for index, (what, limit) in enumerate(rows):
        parts = {name: pairs[index].ratio for name, pairs in found.items()}
        yield Figure(what, geometric_mean(list(parts.values())), limit, parts=parts)
