"""Threads that do one thing after another, and never keep the interpreter from its end."""

from __future__ import annotations

import queue
import threading
import weakref
from collections.abc import Callable
from typing import Union

Call = Callable[[], None]
_Calls = queue.SimpleQueue[Union[Call, None]]


class Threads:
    """Calls are made in the order in which they came, by so many threads at most, which are started when they are needed.

    A `ThreadPoolExecutor` takes nothing more once the main thread has ended, and then jobs of a pipeline are still to begin.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most, self._name = most, name
        self._calls: _Calls = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._count = 0
        weakref.finalize(self, self._calls.put, None)

    def submit(self, call: Call) -> None:
        """Have `call` called by one of the threads; it must raise nothing."""
        self._calls.put(call)
        if self._idle.acquire(blocking=False):
            return
        with self._lock:
            if self._count < self._most:
                name = f"{self._name} {self._count + 1}"
                thread = threading.Thread(target=_work, args=(self._calls, self._idle), name=name, daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    # Python 3.12.0 and 3.12.1 start none once the main thread has ended; those that are there make the call.
                    if self._count == 0:
                        raise
                else:
                    self._count += 1


def _work(calls: _Calls, idle: threading.Semaphore) -> None:
    """Make calls until the object that took them is gone."""
    while True:
        try:
            call = calls.get_nowait()
        except queue.Empty:
            idle.release()
            call = calls.get()
        if call is None:
            calls.put(None)  # for the next thread
            return
        call()
        del call
