"""The logs of a job, read on from where they were left: only what is new comes over the network."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mlsdk.backends import Backend, Container

PIECE = 1 << 20
"""Bytes that are read at a time."""
OVERLAP = 64
"""Bytes before the new ones that are read again, to see that it is still the same log."""
TAIL = 16 << 10
"""Bytes at the end of a log among which its last lines are looked for."""

COMMON = re.compile(r"user_logs/std_log\D*0*(?:_ps)?\.txt")
"""What the first process of a job prints, as all jobs of today name it."""
_OLDER = re.compile(r"azureml-logs/\d\d.+\.txt")
OF_TYPE = {
    "base": _OLDER,
    "command": _OLDER,
    "pipeline": re.compile(r"logs/azureml/executionlogs\.txt"),
    "sweep": re.compile(r"azureml-logs/hyperdrive\.txt"),
}
"""What older computes, and the services that run other jobs, write (wire.md §10)."""


def to_follow(names: Iterable[str], job_type: str) -> list[str]:
    """The logs worth following among all of a job, in the order in which they are written."""
    every = list(names)
    found = [name for name in every if COMMON.match(name)]
    pattern = OF_TYPE.get(job_type.lower())
    if not found and pattern is not None:
        found = [name for name in every if pattern.match(name)]
    return sorted(found)


class Log:
    """One log of a job, as far as it was read."""

    def __init__(self, name: str) -> None:
        """Begin before its first byte."""
        self.name = name
        self._forget()

    def _forget(self) -> None:
        self._offset, self._end = 0, b""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    @property
    def begun(self) -> bool:
        """Whether anything of it was read."""
        return self._offset > 0

    def news(self, container: Container, path: str) -> Iterator[str]:
        """What was written since the last time, piece by piece; from its first line on where it was begun anew.

        A log that is not there (yet, or while it is replaced) has no news.
        """
        info = container.head(path)
        if info is None:
            return
        if info.size < self._offset:
            self._forget()
        while self._offset < info.size:
            piece = self._read(container, path, info.size)
            if not piece:
                return
            self._end = (self._end + piece)[-OVERLAP:]
            self._offset += len(piece)
            yield self._decoder.decode(piece)

    def _read(self, container: Container, path: str, size: int) -> bytes:
        """The next bytes; those of the beginning where what was read before is not what stands there now."""
        known = len(self._end)
        try:
            found = container.get(path, self._offset - known, min(size - self._offset, PIECE) + known)
            if found[:known] != self._end:
                self._forget()
                found, known = container.get(path, 0, min(size, PIECE)), 0
        except FileNotFoundError:
            return b""
        return found[known:]


def place(backend: Backend, address: str) -> tuple[Container, str]:
    """The container that a signed address leads into, and the path in it; a data lake's files are read as blobs."""
    parts = urlsplit(address)
    host = parts.netloc.replace(".dfs.", ".blob.", 1)
    name, _, path = parts.path.strip("/").partition("/")
    query = f"?{parts.query}" if parts.query else ""
    return backend.container(f"{parts.scheme}://{host}/{name}{query}"), unquote(path)


def last_lines(container: Container, path: str, count: int) -> list[str]:
    """The last lines of a log; none where there is no log."""
    info = container.head(path)
    if info is None or info.size == 0:
        return []
    begin = max(0, info.size - TAIL)
    try:
        text = container.get(path, begin, info.size - begin).decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    lines = text.splitlines()
    return lines[1 if begin and len(lines) > 1 else 0 :][-count:]


class Logs:
    """The logs of one job that are worth following; a log that a later one has followed is read on once more at the end."""

    def __init__(self, job_type: str, opened: Callable[[str], tuple[Container, str]]) -> None:
        """Follow the logs of a job; `opened` gives the container and path behind an address."""
        self._job_type, self._opened = job_type, opened
        self._logs: dict[str, Log] = {}

    def news(self, addresses: dict[str, str], *, ended: bool) -> Iterator[tuple[Log, Iterator[str]]]:
        """Each log that may have news, with them; `ended` says that nothing more is written."""
        names = to_follow(addresses, self._job_type)
        for name in names:
            self._logs.setdefault(name, Log(name))
        begun = [index for index, name in enumerate(names) if self._logs[name].begun]
        for name in names if ended or not begun else names[begun[-1] :]:
            log = self._logs[name]
            yield log, log.news(*self._opened(addresses[name]))
