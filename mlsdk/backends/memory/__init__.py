"""An Azure Machine Learning that lives in memory: `MemoryBackend`, its clocks, and the one shared instance."""

from __future__ import annotations

import threading

from mlsdk.backends.memory.backend import MemoryBackend, Snapshot
from mlsdk.backends.memory.clock import Clock, ManualClock, SystemClock
from mlsdk.backends.memory.log import LoggedRequest, RequestLog
from mlsdk.backends.memory.outcomes import JobOutcome, RunnerError

__all__ = [
    "Clock",
    "JobOutcome",
    "LoggedRequest",
    "ManualClock",
    "MemoryBackend",
    "RequestLog",
    "RunnerError",
    "Snapshot",
    "SystemClock",
    "local_backend",
    "memory_backend",
]

_shared: dict[str, MemoryBackend] = {}
_lock = threading.Lock()


def memory_backend() -> MemoryBackend:
    """The one instance of this process that the name `memory` stands for.

    It makes resource groups, workspaces, registries and storage accounts when they are first referred to, so that unmodified
    scripts run: a workspace when something below it is asked for or made, or when a client made for it asks for it. Any other
    look for a workspace finds none before it is made. A storage account takes whatever it is opened with, and has a container
    once something is stored in it. `memory_backend().reset()` empties it.
    """
    with _lock:
        if "memory" not in _shared:
            _shared["memory"] = MemoryBackend(provision=True)
        return _shared["memory"]


def local_backend() -> MemoryBackend:
    """The one instance of this process that the name `local` stands for: as `memory_backend()`, and all jobs run here.

    They run on this machine by a `mlsdk.local.LocalRunner` with its defaults.
    """
    with _lock:
        if "local" not in _shared:
            from mlsdk.local import LocalRunner

            _shared["local"] = MemoryBackend(provision=True, jobs=LocalRunner())
        return _shared["local"]
