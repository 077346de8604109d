"""Counts the rows of a table."""

from __future__ import annotations

import argparse
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--table", type=Path, required=True)
parser.add_argument("--title", default="rows")
parser.add_argument("--at-most", type=int)
parser.add_argument("--count", type=Path)
given = parser.parse_args()

rows = given.table.read_text(encoding="utf-8").splitlines()[1 : None if given.at_most is None else given.at_most + 1]
found = f"{given.title}: {len(rows)}"
print(found)  # noqa: T201 - what the log has
if given.count is not None:
    (given.count / "count.txt").write_text(found, encoding="utf-8")
