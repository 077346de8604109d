"""Tables are cut into mini batches that are DataFrames: by size, and by what is in their columns."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from mlsdk.local.parallel import DRIVER

if TYPE_CHECKING:
    from pathlib import Path

ROWS = "def run(mini_batch):\n    return mini_batch\n"


@attrs.frozen
class Ran:
    """How a run of the driver ended."""

    code: int
    log: str
    rows: list[str]


def run(folder: Path, script: str, table: dict[str, Any], *flags: str) -> Ran:
    """Run a script on the table in the folder `data`."""
    (folder / "score.py").write_text(script)
    command = [sys.executable, str(DRIVER), "--entry-script", "score.py", "--input", str(folder / "data")]
    command += ["--table", json.dumps({"rows": "delimited", **table}), "--append-row-to", "rows.txt", *flags]
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=120
    )
    target = folder / "rows.txt"
    return Ran(done.returncode, done.stdout, target.read_text().splitlines() if target.exists() else [])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with two files that have the same columns."""
    folder = tmp_path / "data"
    folder.mkdir()
    lines = [f"{number},{'ab'[number % 2]},x {number}" for number in range(100)]
    (folder / "one.csv").write_text("\n".join(["number,group,text", *lines[:60]]) + "\n")
    (folder / "two.csv").write_text("\r\n".join(["number,group,text", *lines[60:], ""]))
    return folder


BOTH = {"paths": [["file", "./one.csv"], ["file", "./two.csv"]]}


@pytest.mark.parametrize("size", ["1", "100", "1000000"])
@pytest.mark.runs_here("parallel.rows")
def test_every_row_is_met_once_and_in_order_whatever_the_size(data: Path, size: str) -> None:
    """Mini batches end with a line and never reach into the next file."""
    script = "def run(mini_batch):\n    return list(zip(mini_batch.number, mini_batch.group, mini_batch.text))\n"
    ran = run(data.parent, script, BOTH, "--mini-batch-size", size)
    assert ran.rows == [str((number, "ab"[number % 2], f"x {number}")) for number in range(100)]
    assert "100 of 100 items done" in ran.log
    assert {"1": "100 of 100", "100": "10 of 10", "1000000": "2 of 2"}.get(size, "") in ran.log


def test_a_frame_that_is_returned_is_written_with_spaces(data: Path) -> None:
    """What has a space in it is quoted, as pandas does."""
    ran = run(data.parent, ROWS, BOTH)
    assert ran.rows[:2] == ['0 a "x 0"', '1 b "x 1"']
    assert len(ran.rows) == 100


def test_rows_with_the_same_keys_are_one_mini_batch_and_one_item(data: Path) -> None:
    """The script is told the values, and one result for all of the rows is enough."""
    script = """
def run(mini_batch, mini_batch_context):
    value = mini_batch_context.partition_key_value
    assert set(mini_batch.group) == {value["group"]}
    return [f"{value['group']} {len(mini_batch)}"]
"""
    ran = run(
        data.parent,
        script,
        BOTH,
        "--partition-keys",
        '["group"]',
        "--mini-batch-error-threshold",
        "0",
        "--max-retries",
        "0",
    )
    assert ran.code == 0, ran.log
    assert ran.rows == ["a 50", "b 50"]
    ran = run(data.parent, script, BOTH, "--partition-keys", '["colour"]')
    assert (ran.code, "partition_keys name 'colour', which is no column of one.csv" in ran.log) == (2, True)


@pytest.mark.parametrize(
    ("header", "columns", "rows"),
    [
        ("all_files_same_headers", "['a', 'b']", 2),
        ("all_files_different_headers", "['a', 'b']", 2),
        ("from_first_file", "['a', 'b']", 3),
        ("no_header", "['Column1', 'Column2']", 4),
    ],
)
def test_the_first_line_is_what_the_mltable_says_it_is(tmp_path: Path, header: str, columns: str, rows: int) -> None:
    """Names of columns in all files, in the first one, or in none."""
    (tmp_path / "data").mkdir()
    for name in ("1.txt", "2.txt"):
        (tmp_path / "data" / name).write_text("a;b\n1;2")
    script = "def run(mini_batch):\n    return [list(mini_batch.columns)] * len(mini_batch)\n"
    table = {"paths": [["pattern", "./*.txt"]], "header": header, "delimiter": ";"}
    assert run(tmp_path, script, table).rows == [columns] * rows


@pytest.mark.parametrize("encoding", ["utf8", "latin1", "iso88591", "windows1252", "utf16"])
def test_encodings_are_those_of_an_mltable(tmp_path: Path, encoding: str) -> None:
    """Also one whose lines do not end with one byte: its files are not cut."""
    (tmp_path / "data").mkdir()
    python = {"iso88591": "latin1", "windows1252": "cp1252"}.get(encoding, encoding)
    (tmp_path / "data" / "x.csv").write_text("größe,b\nü,1\nä,2\n", encoding=python)
    table = {"paths": [["file", "x.csv"]], "encoding": encoding}
    assert run(tmp_path, "def run(rows):\n    return list(rows['größe'])\n", table).rows == ["ü", "ä"]


def test_columns_are_kept_and_dropped_and_types_told_or_not(data: Path) -> None:
    """What the MLTable says of columns holds for every mini batch."""
    ran = run(data.parent, ROWS, {**BOTH, "keep": ["number", "text"], "drop": ["text"], "infer_column_types": False})
    assert ran.rows == [str(number) for number in range(100)]
    script = "def run(rows):\n    return [type(value).__name__ for value in rows.number]\n"
    assert set(run(data.parent, script, {**BOTH, "infer_column_types": False}).rows) == {"str"}


def test_lines_of_json_are_rows(tmp_path: Path) -> None:
    """`read_json_lines`."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.jsonl").write_text('{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n')
    assert run(tmp_path, ROWS, {"paths": [["folder", "."]], "rows": "json"}, "--mini-batch-size", "1").rows == [
        "1 x",
        "2 y",
    ]


def test_a_table_without_rows_fails_with_a_sentence(tmp_path: Path) -> None:
    """A header alone is nothing to do."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_text("a,b\n")
    ran = run(tmp_path, ROWS, {"paths": [["file", "x.csv"]]})
    assert (ran.code, "there is no row in the table" in ran.log) == (2, True)
