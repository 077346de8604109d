"""Threads and processes of this machine take turns at what only one of them may do."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path
    from threading import Event

_WAIT = 0.1
"""Seconds between two tries: a system call that waits for a lock cannot wait for `given_up` as well."""


@contextmanager
def held(path: Path, given_up: Event) -> Generator[bool, None, None]:
    """Hold the lock of the file `path`, which is made and stays; False, without the lock, once `given_up` is set.

    The system frees it when its holder ends, however that ends.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _taken(descriptor, given_up)
    finally:
        os.close(descriptor)


def _taken(descriptor: int, given_up: Event) -> bool:
    """Whether the lock was taken, and not given up."""
    import fcntl

    while not given_up.is_set():
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            given_up.wait(_WAIT)
        else:
            return True
    return False
