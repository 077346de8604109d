"""Somebody may want a task stopped: at any time, from any thread, by a call or by a file."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path


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

    @contextmanager
    def watching(self, marker: Path, seconds: float = 0.5) -> Generator[None, None, None]:
        """Set it when the file `marker` is made, by another process or host, and only while the block runs.

        A shared file system tells nobody of new files, so it is looked for every `seconds`.
        """
        over = threading.Event()

        def watch() -> None:
            while not over.is_set():
                if marker.exists():
                    self.set()
                    return
                over.wait(seconds)

        thread = threading.Thread(target=watch, name="mlsdk stop", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
