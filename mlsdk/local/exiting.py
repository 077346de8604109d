"""A program whose jobs still run waits for them at its end, as jobs on Azure go on; Ctrl-C then stops them."""

from __future__ import annotations

import atexit
import sys
import threading
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsdk.local.runner import LocalRunner

_LOCK = threading.Lock()
_BUSY: set[LocalRunner] = set()
_NAMED = 3
"""How many jobs are named."""


def note_busy(runner: LocalRunner) -> None:
    """A runner has jobs that run."""
    with _LOCK:
        _BUSY.add(runner)


def note_idle(runner: LocalRunner) -> None:
    """A runner has none."""
    with _LOCK:
        _BUSY.discard(runner)


def _wait() -> None:
    """Wait for the jobs of all runners."""
    with _LOCK:
        busy = list(_BUSY)
    names = sorted(name for runner in busy for name in runner.going())
    if not names:
        return
    shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    try:
        sys.stderr.write(f"mlsdk: waiting for jobs on this machine: {shown}; Ctrl-C stops them\n")
        sys.stderr.flush()
        for runner in busy:
            runner.wait()
    except KeyboardInterrupt:
        for runner in busy:
            runner.close()


# What was registered last is called first: pools of threads, as a Dask client has, still work while jobs are waited for.
import_module("concurrent.futures.thread")
# Functions of `atexit` are called when threads cannot be started any more, which jobs that are still to begin may need; this is
# where concurrent.futures has its own. The public one serves where a Python should have it no longer.
getattr(threading, "_register_atexit", atexit.register)(_wait)
