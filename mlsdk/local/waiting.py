"""The ends of several processes, and a call from another thread, are waited for at once, as events of the system."""

from __future__ import annotations

import os
import select
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Self

_LOOK = 0.02
"""Seconds between two looks where the system has no event for the end of a process."""


class Ends:
    """The ends of processes, which stay zombies until somebody else collects them."""

    def __init__(self, processes: Iterable[int]) -> None:
        self._processes = set(processes)
        self._descriptors: dict[int, int] = {}
        """The process of each descriptor that becomes readable when it ends."""
        self._looked_for: set[int] = set()
        """Processes of which no event tells."""
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)

    def __enter__(self) -> Self:
        self._poll = select.poll()
        self._poll.register(self._woken, select.POLLIN)
        if sys.platform == "darwin":
            self._queue = select.kqueue()
            self._descriptors[self._queue.fileno()] = 0
            self._poll.register(self._queue.fileno(), select.POLLIN)
        for process in self._processes:
            self._watch(process)
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in [self._woken, self._wake, *self._descriptors]:
            os.close(descriptor)

    def _watch(self, process: int) -> None:
        if sys.platform == "darwin":
            ends = select.kevent(
                process,
                filter=select.KQ_FILTER_PROC,
                flags=select.KQ_EV_ADD | select.KQ_EV_ONESHOT,
                fflags=select.KQ_NOTE_EXIT,
            )
            try:
                self._queue.control([ends], 0)
            except ProcessLookupError:
                self._looked_for.add(process)  # it has ended already
        elif sys.platform == "linux":
            try:
                descriptor = os.pidfd_open(process)
            except OSError:
                self._looked_for.add(process)  # the kernel is older than 5.3, or a sandbox forbids it
            else:
                self._descriptors[descriptor] = process
                self._poll.register(descriptor, select.POLLIN)
        else:
            self._looked_for.add(process)

    def wake(self) -> None:
        """Let `wait` come back; from any thread."""
        try:
            os.write(self._wake, b"\0")
        except BlockingIOError:
            return  # it was woken very often

    def wait(self, seconds: float | None) -> list[int]:
        """Wait until a process has ended, or somebody wakes it, or `seconds` are over; the processes that have ended."""
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            left = None if until is None else max(0.0, until - time.monotonic())
            if self._looked_for:
                left = _LOOK if left is None else min(left, _LOOK)
            ready = [descriptor for descriptor, _ in self._poll.poll(None if left is None else left * 1000)]
            ended = [process for process in self._looked_for if _has_ended(process)]
            self._looked_for.difference_update(ended)
            for descriptor in ready:
                if descriptor == self._woken:
                    os.read(self._woken, 4096)
                elif sys.platform == "darwin":
                    ended += [event.ident for event in self._queue.control(None, len(self._processes), 0)]
                else:
                    self._poll.unregister(descriptor)
                    ended.append(self._descriptors[descriptor])
            if ended or ready or (until is not None and time.monotonic() >= until):
                return ended


def _has_ended(process: int) -> bool:
    """Whether a process has ended, which leaves it to be collected where it is ours."""
    if sys.platform != "win32" and hasattr(os, "waitid"):
        try:
            return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            pass
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False
