"""Azure Machine Learning from Python: `MLClient`, typed entities and the `az ml` YAML, on Azure or in memory.

Everything is imported when it is first asked for; `import mlsdk` itself loads nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk import _version
from mlsdk._exports import TOP, homes

if TYPE_CHECKING:
    from mlsdk.backends.memory import memory_backend
    from mlsdk.builders.command import command
    from mlsdk.builders.spark import spark
    from mlsdk.client import MLClient
    from mlsdk.entities.distribution import (
        MpiDistribution,
        PyTorchDistribution,
        RayDistribution,
        TensorFlowDistribution,
    )
    from mlsdk.entities.inputs import Input, Output
    from mlsdk.loading import (
        load_component,
        load_compute,
        load_data,
        load_datastore,
        load_environment,
        load_job,
        load_model,
        load_workspace,
    )
    from mlsdk.wire_forms import from_wire, to_wire

__version__ = _version.__version__

__all__ = [
    "Input",
    "MLClient",
    "MpiDistribution",
    "Output",
    "PyTorchDistribution",
    "RayDistribution",
    "TensorFlowDistribution",
    "command",
    "from_wire",
    "load_component",
    "load_compute",
    "load_data",
    "load_datastore",
    "load_environment",
    "load_job",
    "load_model",
    "load_workspace",
    "memory_backend",
    "spark",
    "to_wire",
]

_HOMES = homes(TOP)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value
    message = f"module 'mlsdk' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
