"""Mini batches: some files of a folder, some bytes of a table's file, or the rows of a table that have the same keys."""

from __future__ import annotations

import csv
import glob
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .settings import Settings, Unusable

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE_SIZE = 1024 * 1024
"""Bytes of a mini batch of a table where no size is said."""
ENCODINGS = {"iso88591": "iso8859-1", "windows1252": "cp1252"}
"""Encodings that Python calls otherwise than an `MLTable` does."""
WIDE = ("utf16", "utf32")
"""Encodings whose lines do not end with one byte."""


class Batch:
    """What one call of `run()` is given, and what has become of it."""

    def __init__(self, number: int, content: dict[str, Any], items: int, *, alone: bool = False) -> None:
        """`content` is `{"files": [paths]}` or `{"slice": …}`; `alone` where it counts as one item, whatever is in it."""
        self.number = number
        self.content = content
        self.items = items
        self.alone = alone
        self.tries = 0
        self.kept = False
        """Whether rows of it are to be appended."""
        self.header: str | None = None


def encoding_of(table: dict[str, Any]) -> str:
    """The encoding of a table's files, as Python calls it."""
    said = str(table.get("encoding") or "utf8").lower()
    return ENCODINGS.get(said, said)


def batches_of(settings: Settings, scratch: Path) -> list[Batch]:
    """The mini batches of a job, in their order: Unusable where there is nothing to do, or no way to cut it."""
    table = settings.table
    files = _files(settings.input) if table is None else _files_of_table(settings.input, table)
    if not files:
        message = f"there is no file in the input {settings.input}, so there is no mini batch to run"
        raise Unusable(message)
    if table is None or not table.get("rows"):
        if settings.partition_keys:
            message = "partition_keys cut tables (an mltable in mode direct, with read_delimited), not folders of files"
            raise Unusable(message)
        size = max(1, settings.mini_batch_size or 1)
        parts = [files[start : start + size] for start in range(0, len(files), size)]
        return [Batch(number, {"files": part}, len(part)) for number, part in enumerate(parts)]
    if settings.partition_keys:
        return _partitions(files, table, settings.partition_keys, scratch)
    found = [
        Batch(number, {"slice": part}, rows)
        for number, (part, rows) in enumerate(_slices(files, table, max(1, settings.mini_batch_size or TABLE_SIZE)))
    ]
    if not found:
        message = f"there is no row in the table {settings.input}, so there is no mini batch to run"
        raise Unusable(message)
    return found


# -- files ---------------------------------------------------------------------------------------------------
def _files(given: str) -> list[str]:
    """All files in and below a folder by path, or the one file that it is."""
    if Path(given).is_file():
        return [given]
    found, seen = [], set()
    for folder, below, names in os.walk(given, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:  # a link that leads back
            below.clear()
            continue
        seen.add(real)
        found += [str(Path(folder, name)) for name in names]
    return sorted(found)


def _files_of_table(folder: str, table: dict[str, Any]) -> list[str]:
    """The files that an `MLTable` names, in the order in which it names them."""
    found: list[str] = []
    for kind, path in table["paths"]:
        if kind == "pattern":
            # Not `Path.glob`, which takes no pattern that begins with `./` or leads out of the folder.
            met = glob.glob(f"{glob.escape(folder)}/{path}", recursive=True)  # noqa: PTH207
            found += sorted(os.path.normpath(one) for one in met if Path(one).is_file())
            continue
        one = os.path.normpath(f"{folder}/{path}")
        if not Path(one).exists():
            message = f"the MLTable names {path!r}, which is not there"
            raise Unusable(message)
        found += _files(one)
    return list(dict.fromkeys(found))


# -- tables --------------------------------------------------------------------------------------------------
def _heads(table: dict[str, Any], number: int) -> bool:
    """Whether the first line of a table's file number `number` has the names of its columns."""
    header = table.get("header") or "all_files_same_headers"
    return table["rows"] == "delimited" and (
        header in ("all_files_same_headers", "all_files_different_headers")
        or (header == "from_first_file" and number == 0)
    )


def _slices(files: list[str], table: dict[str, Any], size: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Parts of files that are about as large as wanted and end with a line, each with the number of its rows."""
    whole = bool(table.get("support_multi_line")) or encoding_of(table).replace("-", "").startswith(WIDE)
    names: dict[str, Any] | None = None
    for number, path in enumerate(files):
        with Path(path).open("rb") as stream:
            start = 0
            if _heads(table, number):
                start = len(stream.readline())
                names = {"path": path, "stop": start}
            if whole:
                part = {"path": path, "start": 0, "stop": None, "names": None if _heads(table, number) else names}
                yield part, sum(1 for line in stream if line.strip())
                continue
            stop, rows = start, 0
            for line in stream:
                stop += len(line)
                rows += bool(line.strip())
                if stop - start >= size and rows:
                    yield {"path": path, "start": start, "stop": stop, "names": names}, rows
                    start, rows = stop, 0
            if rows:
                yield {"path": path, "start": start, "stop": stop, "names": names}, rows


def _partitions(files: list[str], table: dict[str, Any], keys: list[str], scratch: Path) -> list[Batch]:
    """A mini batch of the rows that have the same keys, in the order in which keys are met; each counts as one item."""
    if table["rows"] != "delimited" or not _heads(table, 0):
        message = "partition_keys need an MLTable with read_delimited whose files name their columns in the first line"
        raise Unusable(message)
    groups: dict[tuple[str, ...], tuple[list[str], list[list[str]]]] = {}
    columns: list[str] = []
    for number, path in enumerate(files):
        with Path(path).open(encoding=encoding_of(table), newline="") as stream:
            lines = csv.reader(stream, delimiter=str(table.get("delimiter") or ","))
            if _heads(table, number):
                columns = [name.lstrip("\ufeff") for name in next(lines, [])]
            missing = [key for key in keys if key not in columns]
            if missing:
                message = f"partition_keys name {missing[0]!r}, which is no column of {Path(path).name}"
                raise Unusable(message)
            places = [columns.index(key) for key in keys]
            for line in filter(None, lines):
                groups.setdefault(tuple(line[place] for place in places), (columns, []))[1].append(line)
    found = []
    for number, (names, lines_of_group) in enumerate(groups.values()):
        path_of_group = scratch / f"{number}.partition.csv"
        with path_of_group.open("w", encoding=encoding_of(table), newline="") as written:
            writer = csv.writer(written, delimiter=str(table.get("delimiter") or ","))
            writer.writerow(names)
            writer.writerows(lines_of_group)
        part = {"path": str(path_of_group.resolve()), "start": 0, "stop": None, "names": None, "keys": keys}
        found.append(Batch(number, {"slice": part}, 1, alone=True))
    return found
