"""Jobs really run on this machine.

from mlsdk.backends.memory import MemoryBackend
from mlsdk.local import LocalRunner

backend = MemoryBackend(jobs=LocalRunner())
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlsdk.local.dask_executor import DaskExecutor
    from mlsdk.local.executors import ProcessExecutor
    from mlsdk.local.runner import LocalRunner

__all__ = ["DaskExecutor", "LocalRunner", "ProcessExecutor"]

# The memory backend imports modules of this package whether jobs really run or not, so the rest waits for its first use.
_HOMES = {"DaskExecutor": "dask_executor", "LocalRunner": "runner", "ProcessExecutor": "executors"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
