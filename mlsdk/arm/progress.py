"""One line on stderr that tells of a long wait or transfer, and is written anew in place."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

PATIENCE = 1.0
"""Seconds that pass before a line is shown: what ends sooner needs none."""

_on_show = threading.Lock()
"""Held while there is a line: two would overwrite each other."""


class Line:
    """`what: rest`, shown once it has taken a while, and from then on often enough to be current.

    As it is here, a new line now and then, for a log; the last one is left standing.
    """

    every = 30.0
    """Seconds between two versions."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._next = time.monotonic() + PATIENCE
        self._shown = ""

    def tell(self, rest: Callable[[], str]) -> None:
        """Show how it stands if it is time."""
        if time.monotonic() >= self._next:
            self._show(rest())
            self._next = time.monotonic() + self.every

    def end(self, rest: Callable[[], str]) -> None:
        """Leave standing how it ended, if anything was shown before."""
        if self._shown:
            self._show(rest())
            self._close()

    def _show(self, rest: str) -> None:
        text = self._fitted(f": {rest}")
        if text != self._shown:
            self._put(text)
            self._shown = text

    def _fitted(self, rest: str) -> str:
        return self._what + rest

    def _put(self, text: str) -> None:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def _close(self) -> None:
        """Nothing is left open."""


class _TerminalLine(Line):
    """The line is overwritten, and shortened where it would become two."""

    every = 0.25

    def _fitted(self, rest: str) -> str:
        width = _columns() - 1  # in the last column some terminals begin a new line
        room = max(0, width - len(rest))
        what = self._what if len(self._what) <= room else f"{self._what[: max(0, room - 3)]}..."
        return (what + rest)[:width]

    def _put(self, text: str) -> None:
        sys.stderr.write("\r" + text.ljust(min(len(self._shown), _columns() - 1)))
        sys.stderr.flush()

    def _close(self) -> None:
        sys.stderr.write("\n")
        sys.stderr.flush()


class _CellLine(Line):
    """One display below a notebook's cell, which is replaced, so that the notebook keeps the last version only."""

    every = 0.5
    _display: Any = None

    def _put(self, text: str) -> None:
        content = {"text/plain": text}
        if self._display is not None:
            self._display.update(content, raw=True)
        else:
            self._display = sys.modules["IPython"].display.display(content, raw=True, display_id=True)


@contextmanager
def line(what: str, show: bool | None) -> Generator[Line | None]:
    """A line for what runs in the block; None where there is to be none.

    `show` says whether; when None, there is one on a terminal and in a notebook. Only the main thread gets one, and one at a
    time: what waits in another thread is a program, and nobody watches it.
    """
    kind = _kind(show) if threading.current_thread() is threading.main_thread() else None
    if kind is None or not _on_show.acquire(blocking=False):
        yield None
        return
    try:
        yield kind(what)
    finally:
        _on_show.release()


@contextmanager
def transfer_line(what: str, show: bool | None) -> Generator[Callable[[int, int], None] | None]:
    """A line that tells of a transfer: what it gives is called with the bytes done and the bytes in all, from any thread.

    `what` says what is under way: `uploading data`. None where no line is to be shown.
    """
    with line(what, show) as shown:
        if shown is None:
            yield None
            return
        began, done, total = time.monotonic(), 0, 0

        def progress(now_done: int, now_total: int) -> None:
            nonlocal done, total
            done, total = now_done, now_total
            shown.tell(rest)

        def rest() -> str:
            seconds = time.monotonic() - began
            share = 100 * done // total if total else 100
            return f"{share} % of {_bytes(total)}, {_bytes(done / max(seconds, 0.001))}/s, {duration(seconds)}"

        try:
            yield progress
        finally:
            shown.end(rest)


def duration(seconds: float) -> str:
    """Seconds as a person says them: `42 s`, `6 min 12 s`, `2 h 5 min`."""
    minutes, rest = divmod(int(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _bytes(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 999.5:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"


def _kind(show: bool | None) -> type[Line] | None:
    """How a line is shown here; None when none is wanted, or nobody would see it."""
    if show is False or sys.stderr is None:
        return None
    ipython = sys.modules.get("IPython")
    if ipython is not None and hasattr(ipython.get_ipython(), "kernel"):
        return _CellLine
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return _TerminalLine
    return Line if show else None


def _columns() -> int:
    """The width of the terminal behind stderr; 80 where it cannot be asked."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
