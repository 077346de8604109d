"""Whatever is killed while a pipeline runs, no process is left, and running it again goes on after the finished steps."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from local import killed_program
from local.killed_program import NEEDS
from local.leftovers import ended, kill
from local.submitting import processes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KILLS = 50
SEED = 6
AT_ONCE = 3
"""Programs at work side by side: much of their time is waiting."""
LONG = 60.0


def digests() -> dict[str, list[str]]:
    """The checksums of the three files of each step, as it leaves them if all goes well."""
    found: dict[str, list[str]] = {}
    for name, needed in NEEDS.items():
        before = [digest for each in needed for digest in found[each]]
        texts = ["\n".join([f"{name} {number}", *before, "x" * 20000]) for number in range(3)]
        found[name] = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    return found


EXPECTED = digests()


@attrs.frozen
class Note:
    """A line that a step wrote: in which try of the program it was, what happened, and its process."""

    attempt: str
    word: str
    step: str
    process: int


class Server:
    """Runs the program as often as is asked, one after another."""

    seconds: float
    """How long the last one ran."""

    def __init__(self) -> None:
        found = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
        self._process = subprocess.Popen(
            [sys.executable, killed_program.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": found},
        )

    def _line(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def run(self, folder: Path, attempt: str, *, after: float | None = None, dies: list[Any] | None = None) -> int:
        """Run the program until it ends, or is killed after some seconds: its number as a process; it has ended."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"folder": str(folder), "attempt": attempt, "dies": dies}) + "\n")
        self._process.stdin.flush()
        process = self._line()
        late = threading.Timer(LONG if after is None else after, os.kill, (process, signal.SIGKILL))
        late.start()
        began = time.monotonic()
        try:
            self._line()
        finally:
            late.cancel()
            self.seconds = time.monotonic() - began
        return process

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(LONG)


@pytest.fixture(scope="module")
def servers() -> Iterator[list[Server]]:
    """As many as work side by side."""
    made = [Server() for _ in range(AT_ONCE)]
    yield made
    for each in made:
        each.close()


@pytest.fixture
def server(servers: list[Server]) -> Server:
    """One of them."""
    return servers[0]


def notes(folder: Path) -> list[Note]:
    """What the steps wrote."""
    try:
        lines = (folder / "log").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = [line.split() for line in lines]
    return [Note(attempt, word, step, int(process)) for attempt, word, step, process in found]


def kept(folder: Path) -> set[str]:
    """The steps whose results are there for later runs; each must be whole."""
    found = set()
    for path in (folder / "root" / "results").glob("[!.]*.json"):
        out = Path(json.loads(path.read_text(encoding="utf-8"))["outputs"]["out"]["path"])
        name = (out / "0").read_text(encoding="utf-8").split()[0]
        for number, digest in enumerate(EXPECTED[name]):
            text, _, said = (out / str(number)).read_text(encoding="utf-8").rpartition("\n")
            assert said == digest == hashlib.sha256(text.encode()).hexdigest(), f"the result of {name} is half-written"
        found.add(name)
    return found


def nothing_is_left(folder: Path, program: int) -> None:
    """See that no process of a program that was killed is there, once its guard has done its work."""
    for guard in processes_of(f"guard.py {program} "):
        assert ended(guard)
    count = len(notes(folder))
    for process in {*processes_of(f"{folder}/root/"), *(note.process for note in notes(folder))}:
        assert ended(process)
    assert len(notes(folder)) == count, "a step went on after the guard had ended"


def resume(server: Server, folder: Path, attempt: str, finished: set[str]) -> dict[str, Any]:
    """Run the program to its end after a kill: what was finished is taken over, all is right in the end."""
    (folder / "told.json").unlink(missing_ok=True)
    server.run(folder, attempt)
    told: dict[str, Any] = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    assert told["status"] == "Completed", told["why"]
    assert told["whole"].rpartition("\n")[2] == EXPECTED["h"][2]
    assert {step for step, reused in told["steps"].items() if reused == "true"} == finished
    assert set(told["steps"]) == set(NEEDS)
    return told


def check_after_a_kill(folder: Path, program: int, attempt: str, before: set[str]) -> set[str]:
    """What must hold after each kill; the steps that are finished."""
    nothing_is_left(folder, program)
    finished = kept(folder)
    assert before <= finished
    mine = [note for note in notes(folder) if note.attempt == attempt]
    begun = {note.step for note in mine if note.word == "begin"}
    assert not begun & before, "a finished step was run again"
    # What a step needs is kept before it begins, so that only steps that ended that very moment are not.
    assert {each for step in begun for each in NEEDS[step]} <= finished
    assert finished - before <= {note.step for note in mine if note.word == "end"}
    return finished


def kill_and_resume(server: Server, folder: Path, kills: Iterable[dict[str, Any]]) -> int:
    """Run the program in a folder, kill it in the ways said, one try after another, and let it end; the kills that met it."""
    folder.mkdir()
    finished: set[str] = set()
    met = 0
    for number, way in enumerate(kills):
        program = server.run(folder, f"{number}", **way)
        met += not (folder / "told.json").exists()
        finished = check_after_a_kill(folder, program, f"{number}", finished)
    resume(server, folder, "last", finished)
    written = notes(folder)
    assert not [note for note in written if note.word == "found-half"]
    assert not {note.step for note in written if note.attempt == "last" and note.word == "begin"} & finished
    at_last = [note.attempt for note in written]
    assert at_last == sorted(at_last), "a step of a killed program went on"
    return met


@pytest.mark.runs_here("pipelines.resume")
def test_killed_at_random_moments_a_pipeline_resumes(tmp_path: Path, servers: list[Server]) -> None:
    """`kill -9` of the program at 50 moments, spread over its whole run; some are killed again while they resume."""
    met: list[int] = []

    def work(server: Server) -> None:
        place = tmp_path / str(id(server))
        place.mkdir()
        chance = random.Random(SEED)  # noqa: S311 - nothing secret
        calm = place / "calm"
        calm.mkdir()
        resume(server, calm, "0", set())
        seconds = server.seconds  # as long as it takes beside the others
        while len(met) < KILLS:
            moments = [chance.random() * seconds for _ in range(chance.choice([1, 1, 2, 3]))]
            folder = place / f"killed-{len(list(place.iterdir()))}"
            met.extend(range(kill_and_resume(server, folder, [{"after": moment} for moment in moments])))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(work, servers))


PLACES = [
    *(["replace", number, when] for number in (1, 6, 12) for when in ("before", "after")),
    *(["rename", number, when] for number in (1, 2, 3, 8) for when in ("before", "after")),
    *(["chmod", number, "after"] for number in (1, 2, 4, 11)),
    *(["result", number] for number in (1, 2, 7)),
]
"""Where a runner publishes something: results and what is said of runs, snapshots and runs, outputs, the text of a result."""


@pytest.mark.runs_here("pipelines.resume")
def test_killed_while_it_publishes_a_pipeline_resumes(tmp_path: Path, servers: list[Server]) -> None:
    """Before and right after a file gets its name, between two files of an output, in the middle of a result's text."""
    places = iter(enumerate(PLACES))
    lock = threading.Lock()

    def work(server: Server) -> None:
        while True:
            with lock:
                number, place = next(places, (0, None))
            if place is None:
                return
            assert kill_and_resume(server, tmp_path / f"{number}", [{"dies": place}]) == 1, place

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(work, servers))


def test_a_killed_step_fails_with_that_reason_and_is_run_again(tmp_path: Path, server: Server) -> None:
    """The pipeline says which step got SIGKILL; the next run takes over what was finished before, and completes."""
    (tmp_path / "kill-g").touch()
    program = server.run(tmp_path, "0")
    told = json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))
    assert told["status"] == "Failed"
    assert "g: The command was ended by SIGKILL" in told["why"]
    finished = check_after_a_kill(tmp_path, program, "0", set())
    assert finished == set(NEEDS) - {"g", "h"}
    resume(server, tmp_path, "1", finished)


def test_a_killed_guard_is_replaced(tmp_path: Path, server: Server) -> None:
    """The pipeline goes on, and the next guard ends what a program leaves that is killed after that."""
    server.run(tmp_path, "0", dies=["guard", 2])
    assert json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))["status"] == "Completed"
    shutil.rmtree(tmp_path / "root")
    (tmp_path / "log").unlink()
    program = server.run(tmp_path, "1", dies=["both", 3])
    finished = check_after_a_kill(tmp_path, program, "1", set())
    resume(server, tmp_path, "2", finished)


BEGINNING = """
import os, subprocess, sys
from mlsdk.local import guard, guarding

guarding.GUARDIAN.begins("first")  # its end shows that the guard has begun
first = subprocess.Popen(["sleep", "1000"], env={**os.environ, guard.VARIABLE: ":first"}, stdout=subprocess.DEVNULL)
guarding.GUARDIAN.over("first")
first.wait()
guarding.GUARDIAN.begins("token")
held = guarding.GUARDIAN._input
late = f"echo $$; sleep 0.3; export {guard.VARIABLE}=:token; exec sleep 1000 {held}>&-"
subprocess.Popen(["bash", "-c", late], pass_fds=[held], start_new_session=True)
os.read(0, 1)
"""


def test_a_process_that_is_just_being_started_is_not_left(tmp_path: Path) -> None:
    """Between its fork and its own program it looks like the one that was killed, and is found all the same."""
    program = subprocess.Popen(
        [sys.executable, "-c", BEGINNING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert program.stdout is not None
    process = int(program.stdout.readline())
    assert program.stdin is not None
    program.kill()
    program.wait(LONG)
    try:
        assert ended(process, 10.0)
    finally:
        kill(process)
        program.stdin.close()
        program.stdout.close()
