"""Which processes are there, and the end of one as an event."""

from __future__ import annotations

import contextlib
import os
import signal
import time

from mlsdk.local.waiting import Ends


def ended(process: int, seconds: float = 30.0) -> bool:
    """Whether a process ends within some time; it needs not be a child of this one."""
    until = time.monotonic() + seconds
    if is_over(process):
        return True
    with Ends([process]) as ends:
        while not is_over(process) and time.monotonic() < until:
            ends.wait(until - time.monotonic())
    return is_over(process)


def is_over(process: int) -> bool:
    """Whether a process has ended, if nobody has collected it either."""
    try:
        with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as file:  # noqa: PTH123 - no file of ours
            return file.read().rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        if os.path.isdir("/proc/self"):  # noqa: PTH112 - as above
            return True
    except ProcessLookupError:
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def kill(process: int) -> None:
    """Kill a process that a failed test left."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
