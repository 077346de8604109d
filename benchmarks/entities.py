"""The forms of an entity beside the official client's: file to entity, entity to body, body to entity."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from figures import Figure
from timing import geometric_mean, in_turn

import mlsdk
import mlsdk.entities

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


def figures() -> Iterator[Figure]:
    """Three rows of the table, each the mean over the kinds."""
    import azure.ai.ml

    loaded, written, read = {}, {}, {}
    for kind in KINDS:
        load, official_load = kind.loader(mlsdk), kind.loader(azure.ai.ml)
        loaded[kind.name] = in_turn(load, official_load)
        ours, theirs = load(), official_load()
        written[kind.name] = in_turn(lambda: mlsdk.to_wire(ours), lambda: official_body(theirs))
        cls, reader, body = getattr(mlsdk.entities, kind.base), official_reader(kind), kind.body()
        read[kind.name] = in_turn(lambda: mlsdk.from_wire(cls, body), lambda: reader(body))
        print(f"  {kind.name:<12}" + "; ".join(
            f"{what} {pairs[kind.name].ours * 1e6:5.1f} µs, official {pairs[kind.name].theirs * 1e6:5.0f} µs"
            for what, pairs in (("file", loaded), ("to body", written), ("from body", read))))
    for what, pairs, limit in (
        ("YAML file → entity, geometric mean over the kinds", loaded, 1 / 8),
        ("entity → body", written, 1 / 8),
        ("body (JSON dict) → entity", read, 1 / 15),
    ):
        parts = {name: pair.ratio for name, pair in pairs.items()}
        yield Figure(what, geometric_mean(list(parts.values())), limit, parts=parts)
