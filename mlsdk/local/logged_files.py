"""What a job has logged until now is read from the files in which MLflow's file store keeps a run."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from mlsdk.local.work import Metric, Tracked

if TYPE_CHECKING:
    from collections.abc import Iterator


@attrs.define
class _Series:
    """The values of one metric, as far as its file was read."""

    read: int = 0
    values: list[Metric] = attrs.field(factory=list)
    told: tuple[Metric, ...] = ()


class LoggedFiles:
    """The metrics, parameters and tags in the folder of one run, which may be written meanwhile.

    Of each metric only what came since is read, so that a job that logs much may be asked often. May be used by several
    threads.
    """

    def __init__(self, run: Path) -> None:
        """Read nothing yet of the run in the folder `run`."""
        self._run = str(run)
        self._series: dict[str, _Series] = {}
        self._lock = threading.Lock()

    def read(self) -> Tracked:
        """All that is there now; nothing where the folder is gone. A line that is still being written is left out."""
        with self._lock:
            metrics = {name: values for name, path in self._files("metrics") if (values := self._values(name, path))}
        return Tracked(metrics=metrics, params=self._texts("params"), tags=self._texts("tags"))

    def _files(self, kind: str) -> list[tuple[str, str]]:
        """The files of one kind, by name; names that have a slash (`train/loss`) are files in folders."""
        top = f"{self._run}/{kind}"
        return sorted((path[len(top) + 1 :], path) for path in _below(top))

    def _texts(self, kind: str) -> dict[str, str]:
        found = ((name, _content(path, 0)) for name, path in self._files(kind))
        return {name: content.decode(errors="replace") for name, content in found if content is not None}

    def _values(self, name: str, path: str) -> tuple[Metric, ...]:
        """The values in the file of a metric, in the order in which they were logged."""
        series = self._series.setdefault(name, _Series())
        try:
            size = Path(path).stat().st_size
        except FileNotFoundError:
            size = 0
        if size < series.read:  # It is another file: the metric was removed, and logged anew.
            series = self._series[name] = _Series()
        if size > series.read:
            content = _content(path, series.read) or b""
            whole = content.rfind(b"\n") + 1
            series.read += whole
            series.values.extend(
                metric for line in content[:whole].splitlines() if (metric := _metric(line)) is not None
            )
            series.told = tuple(series.values)
        return series.told


def _below(folder: str) -> Iterator[str]:
    """The paths of all files below a folder; none where it is gone."""
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path)
        else:
            yield entry.path


def _content(path: str, start: int) -> bytes | None:
    """What is in a file from a place on; None where it was removed a moment ago."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a Path takes as long as the reading
            file.seek(start)
            return file.readall()
    except FileNotFoundError:
        return None


def _metric(line: bytes) -> Metric | None:
    """A value from its line: time, value and step, after which newer versions name a data set.

    None for any other line, which only a full disk leaves.
    """
    words = line.split()
    try:
        return Metric(timestamp=int(words[0]), value=float(words[1]), step=int(words[2]) if len(words) in (3, 5) else 0)
    except (IndexError, ValueError):
        return None
