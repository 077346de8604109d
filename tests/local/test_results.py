"""No half-written output is ever taken for a finished one."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from local.works import LONG, Job

from mlsdk.local import LocalRunner
from mlsdk.local.results import Result, Results, key
from mlsdk.local.work import Metric, Tracked

STEPS = 4
COMMAND = "for n in $(seq 20); do echo $n >> ${{outputs.o}}/a; echo $n >> ${{outputs.o}}/b; done; echo ${{inputs.x}}"
PROGRAM = """
import sys
from local.test_results import steps
print("begun", flush=True)
steps(sys.argv[1])
print("ended", flush=True)
"""


def steps(root: str) -> list[Job]:
    """Some steps that may be reused, run to their end."""
    runner = LocalRunner(root, max_workers=2)
    jobs = [
        Job(COMMAND, name=f"step-{number}", values={"x": number}, outputs={"o": "uri_folder"}, may_reuse=True)
        for number in range(STEPS)
    ]
    for job in jobs:
        runner.start(job)
    runner.wait()
    return jobs


def test_a_result_says_all_that_a_run_left(tmp_path: Path) -> None:
    """Outputs of each type, files and what was logged come back as they were."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a").write_text("a", encoding="utf-8")
    (tmp_path / "file").write_text("b", encoding="utf-8")
    kept = Result(
        run="run",
        outputs={"folder": tmp_path / "folder", "flag": True, "count": 3, "rate": 0.5, "text": "a"},
        files={"outputs/file": tmp_path / "file"},
        tracked=Tracked(metrics={"loss": [Metric(value=float("inf"), step=1, timestamp=2)]}, params={"a": "1"}),
    )
    results = Results(tmp_path / "results")
    results.keep("key", kept)
    assert Results(tmp_path / "results").find("key") == kept


@pytest.mark.parametrize("content", ["", "{", "[]", '{"states": {}}', '{"states": {"/no/such": {"": [1, 2]}}}'])
def test_a_damaged_result_is_none(tmp_path: Path, content: str) -> None:
    """The job is run again."""
    (tmp_path / "key.json").write_text(content, encoding="utf-8")
    assert Results(tmp_path).find("key") is None


def test_a_key_tells_apart_what_differs() -> None:
    """The order in which things are said does not matter, what they are does."""
    assert key({"a": 1, "b": {"c": None, "d": "x"}}) == key({"b": {"d": "x", "c": None}, "a": 1})
    assert len({key({"a": value}) for value in (1, "1", 1.5, True, None, [1], {"a": 1})}) == 7


@pytest.mark.parametrize("seed", range(6))
def test_a_program_that_was_killed_leaves_only_whole_results(tmp_path: Path, seed: int) -> None:
    """After `kill -9` at any moment the same steps run again, or take over what is whole."""
    found = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": found},
    )
    assert program.stdout is not None
    assert program.stdout.readline() == b"begun\n"
    try:
        program.wait(random.Random(seed).uniform(0.0, 0.15))  # noqa: S311 - a moment, not a secret
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait(LONG)
    program.stdout.close()
    jobs = steps(str(tmp_path))
    assert {job.told[-1] for job in jobs} <= {"completed", "reused"}
    whole = "".join(f"{number}\n" for number in range(1, 21))
    for job in jobs:
        assert [(job.outputs["o"] / name).read_text(encoding="utf-8") for name in "ab"] == [whole, whole]
    again = steps(str(tmp_path))
    assert [job.told[-1] for job in again] == ["reused"] * STEPS


def test_the_names_of_folders_are_safe(tmp_path: Path) -> None:
    """A job may be called as it likes."""
    folder = LocalRunner(tmp_path).folder("../a b/c" * 50)
    assert folder.parent == tmp_path / "jobs"
    assert re.fullmatch(r"[A-Za-z0-9_.-]{1,109}", folder.name)
