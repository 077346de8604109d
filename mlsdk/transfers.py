"""Many files moved at once: on a few threads, with progress told, and the first failure raised."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

Progress = Callable[[int, int], None]
"""Called after each file with the bytes done and the bytes in all; never by two threads at once."""


def move_each(
    items: Sequence[Item],
    move: Callable[[Item], object],
    size: Callable[[Item], int],
    progress: Progress | None = None,
    threads: int | None = None,
) -> None:
    """Call `move` for each item, on two threads for each processor unless said otherwise.

    The first failure is raised after what was under way has ended; what had not begun then never begins.
    """
    total = sum(map(size, items))
    done, lock = 0, threading.Lock()

    def one(item: Item) -> None:
        nonlocal done
        move(item)
        if progress is not None:
            with lock:
                done += size(item)
                progress(done, total)

    count = min(threads or 2 * (os.cpu_count() or 1), len(items))
    if count <= 1:
        for item in items:
            one(item)
        return
    from concurrent.futures import ThreadPoolExecutor, as_completed

    with ThreadPoolExecutor(count, "mlsdk-files") as pool:
        try:
            for future in as_completed([pool.submit(one, item) for item in items]):
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)
