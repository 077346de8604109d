"""Curated environments: what the service itself offers, in every workspace and in the registry `azureml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsdk.backends.memory.clock import stamp
from mlsdk.backends.memory.state import Resource
from mlsdk.backends.memory.versioned import count_version

if TYPE_CHECKING:
    from mlsdk.backends.memory.kinds import Body, Kind
    from mlsdk.backends.memory.state import State

IMAGES = "mcr.microsoft.com/azureml/curated"

IN_WORKSPACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("AzureML-ACPT-pytorch-1.11-py38-cuda11.3-gpu", ("1", "2")),
    ("AzureML-ACPT-pytorch-1.12-py39-cuda11.6-gpu", ("1", "2")),
    ("AzureML-ACPT-pytorch-1.13-py38-cuda11.7-gpu", ("1", "2", "3", "10")),
    ("AzureML-lightgbm-3.3", ("1", "2")),
    ("AzureML-minimal-ubuntu18.04-py37-cpu-inference", ("1", "2")),
    ("AzureML-minimal-ubuntu20.04-py38-cpu-inference", ("1", "2")),
    ("AzureML-mlflow-ubuntu20.04-py38-cpu-inference", ("1", "2")),
    ("AzureML-pytorch-1.10-ubuntu18.04-py38-cuda11-gpu", ("1", "2")),
    ("AzureML-responsibleai-0.21-ubuntu20.04-py38-cpu", ("1", "2", "3", "4")),
    ("AzureML-sklearn-0.24-ubuntu18.04-py37-cpu", ("1", "2")),
    ("AzureML-sklearn-1.0-ubuntu20.04-py38-cpu", ("1", "2", "3")),
    ("AzureML-sklearn-1.5", ("1",)),
    ("AzureML-tensorflow-2.4-ubuntu18.04-py37-cuda11-gpu", ("1", "2")),
    ("AzureML-tensorflow-2.7-ubuntu20.04-py38-cuda11-gpu", ("1", "2")),
)
"""Names and versions, the latest last."""

IN_REGISTRY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("acft-hf-nlp-gpu", ("1", "2")),
    ("acpt-pytorch-1.13-cuda11.7", ("1", "2")),
    ("acpt-pytorch-2.0-cuda11.7", ("1", "2")),
    ("acpt-pytorch-2.2-cuda12.1", ("1", "2")),
    ("acpt-pytorch-2.8-cuda12.6", ("1",)),
    ("ai-ml-automl", ("1", "2")),
    ("lightgbm-3.3", ("1", "2")),
    ("minimal-py311-inference", ("1", "2")),
    ("minimal-py312-inference", ("1",)),
    ("mlflow-py312-inference", ("1",)),
    ("model-evaluation", ("1", "2")),
    ("python-sdk-v2", ("1", "2")),
    ("responsibleai-tabular", ("1", "2")),
    ("sklearn-1.0", ("1", "2")),
    ("sklearn-1.1", ("1", "2")),
    ("sklearn-1.5", ("1", "2")),
    ("tensorflow-2.16-cuda12", ("1",)),
)


def seed_workspace(state: State, workspace: Resource, kind: Kind, now: float) -> None:
    """Put the curated environments into a workspace."""
    _seed(state, workspace, kind, now, IN_WORKSPACES)


def seed_registry(state: State, registry: Resource, kind: Kind, now: float) -> None:
    """Put the curated environments into the public registry `azureml`; other registries start empty."""
    if registry.known.get("public") and registry.name.lower() == "azureml":
        _seed(state, registry, kind, now, IN_REGISTRY)


def _seed(
    state: State,
    home: Resource,
    kind: Kind,
    now: float,
    environments: tuple[tuple[str, tuple[str, ...]], ...],
) -> None:
    version_kind = kind.children["versions"]
    collection = home.collection(kind)
    for name, versions in environments:
        container = Resource(kind, home, name, kind.new_id(home, name))
        state.store(collection, container, _body(container, {"isArchived": False}, now), now)
        for version in versions:
            resource = Resource(version_kind, container, version, version_kind.new_id(container, version))
            image = f"{IMAGES}/{name.removeprefix('AzureML-').lower()}:{version}"
            properties: Body = {
                "image": image,
                "osType": "Linux",
                "environmentType": "Curated",
                "isAnonymous": False,
                "isArchived": False,
            }
            state.store(container.collection(version_kind), resource, _body(resource, properties, now), now)
            count_version(container, version)


def _body(resource: Resource, properties: Body, now: float) -> Body:
    by, at = "Microsoft", stamp(now)
    made = {"createdAt": at, "createdBy": by, "createdByType": "Application"}
    changed = {"lastModifiedAt": at, "lastModifiedBy": by, "lastModifiedByType": "Application"}
    shared: Body = {"tags": {}, "properties": {}, "provisioningState": "Succeeded"}
    return {
        "id": resource.id,
        "name": resource.name,
        "type": resource.kind.type,
        "properties": {**properties, **shared},
        "systemData": {**made, **changed},
    }
