"""Somebody may want a task stopped: at any time, from any thread."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class Stop:
    """Whether a task is wanted to stop, and who is called then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_set = False
        self._calls: dict[object, Callable[[], None]] = {}

    @property
    def is_set(self) -> bool:
        """Whether it is wanted to stop."""
        return self._is_set

    def set(self) -> None:
        """Have it stopped; a second time changes nothing."""
        with self._lock:
            self._is_set = True
            calls = list(self._calls.values())
            self._calls.clear()
            # Under the lock, so that nobody is called after `calling` has ended. They must not wait for anything.
            for call in calls:
                call()

    @contextmanager
    def calling(self, call: Callable[[], None]) -> Generator[None, None, None]:
        """Call `call` when it is wanted to stop, at once where it is already, and only while the block runs."""
        key = object()
        with self._lock:
            if self._is_set:
                call()
            else:
                self._calls[key] = call
        try:
            yield
        finally:
            with self._lock:
                self._calls.pop(key, None)
