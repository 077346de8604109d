"""What is made once, whoever of several threads asks first."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable


class Once:
    """Values by key, each made by who asks first while the others wait; a failure is everyone's."""

    def __init__(self) -> None:
        """Nothing is made yet."""
        self._lock = threading.Lock()
        self._made: dict[Hashable, Future[Any]] = {}

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value for a key, made by `make` when this is the first call for it."""
        with self._lock:
            future = self._made.get(key)
            first = future is None
            if future is None:
                future = self._made[key] = Future()
        if first:
            try:
                future.set_result(make())
            except BaseException as error:  # noqa: BLE001 - it is raised by result(), here and in the threads that wait
                future.set_exception(error)
        return future.result()
