"""Many files moved at once: on several threads, with progress told, and the first failure raised."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all: after each file, and within large ones; never by two threads at once."""

Step = Callable[[int], None]
"""Called with the bytes that were moved since the last call, while one file is under way."""

FOLDER_MARK = "hdi_isfolder"
"""Metadata of an empty file that stands for a folder, in accounts with hierarchical names."""

THREADS = 16
"""How many files are under way at once: they wait for the network more than they work."""


class Stopped(Exception):
    """Another file has failed, or the user gave up: the file under way is left as it was."""


def move_each(
    items: Sequence[Item],
    move: Callable[[Item, Step], object],
    size: Callable[[Item], int],
    progress: Progress | None = None,
    threads: int | None = None,
) -> None:
    """Call `move` for each item, on `THREADS` threads unless said otherwise; it may tell its steps, and need not.

    The first failure is raised after what was under way has ended, large files at their next step; what had not begun then
    never begins.
    """
    total = sum(map(size, items))
    done, lock, stopped = 0, threading.Lock(), threading.Event()

    def one(item: Item) -> None:
        left = size(item)

        def tell(count: int) -> None:
            nonlocal done, left
            if progress is not None:
                with lock:
                    left -= count
                    done += count
                    progress(done, total)

        def step(count: int) -> None:
            if stopped.is_set():
                raise Stopped
            if left:
                tell(min(count, left))  # what is moved again counts once

        move(item, step)
        if left or not size(item):
            tell(left)

    count = min(threads or THREADS, len(items))
    if count <= 1:
        for item in items:
            one(item)
        return
    from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

    with ThreadPoolExecutor(count, "mlsdk-files") as pool:
        try:
            ended, _ = wait([pool.submit(one, item) for item in items], return_when=FIRST_EXCEPTION)
            for future in ended:
                future.result()
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)
