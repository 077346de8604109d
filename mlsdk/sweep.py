"""Sweeps under their official names: search spaces, sampling algorithms, early termination and the job itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk._exports import homes

if TYPE_CHECKING:
    from mlsdk.entities.job_limits import SweepJobLimits
    from mlsdk.entities.sweep_job import SweepJob
    from mlsdk.entities.sweep_search_space import (
        Choice,
        LogNormal,
        LogUniform,
        Normal,
        QLogNormal,
        QLogUniform,
        QNormal,
        QUniform,
        Randint,
        Uniform,
    )
    from mlsdk.entities.sweep_settings import (
        BanditPolicy,
        BayesianSamplingAlgorithm,
        GridSamplingAlgorithm,
        MedianStoppingPolicy,
        Objective,
        RandomSamplingAlgorithm,
        SamplingAlgorithm,
        TruncationSelectionPolicy,
    )

__all__ = [
    "BanditPolicy",
    "BayesianSamplingAlgorithm",
    "Choice",
    "GridSamplingAlgorithm",
    "LogNormal",
    "LogUniform",
    "MedianStoppingPolicy",
    "Normal",
    "Objective",
    "QLogNormal",
    "QLogUniform",
    "QNormal",
    "QUniform",
    "Randint",
    "RandomSamplingAlgorithm",
    "SamplingAlgorithm",
    "SweepJob",
    "SweepJobLimits",
    "TruncationSelectionPolicy",
    "Uniform",
]

_HOMES = homes(
    {
        "mlsdk.entities.job_limits": ("SweepJobLimits",),
        "mlsdk.entities.sweep_job": ("SweepJob",),
        "mlsdk.entities.sweep_search_space": (
            "Choice",
            "LogNormal",
            "LogUniform",
            "Normal",
            "QLogNormal",
            "QLogUniform",
            "QNormal",
            "QUniform",
            "Randint",
            "Uniform",
        ),
        "mlsdk.entities.sweep_settings": (
            "BanditPolicy",
            "BayesianSamplingAlgorithm",
            "GridSamplingAlgorithm",
            "MedianStoppingPolicy",
            "Objective",
            "RandomSamplingAlgorithm",
            "SamplingAlgorithm",
            "TruncationSelectionPolicy",
        ),
    }
)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value
    message = f"module 'mlsdk.sweep' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
