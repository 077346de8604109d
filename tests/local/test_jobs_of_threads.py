"""Many threads use one backend whose jobs run here: nothing waits for ever, everything ends, and is counted right."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from local.leftovers import ended
from local.submitting import ENVIRONMENT, LONG, backend_in, client_of, end, job, submit

from mlsdk import Input, Output, command
from mlsdk.dsl import pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsdk import MLClient
    from mlsdk.backends.memory import MemoryBackend

THREADS, EACH = 8, 20


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[MemoryBackend]:
    """A backend whose jobs run here."""
    made = backend_in(tmp_path / "root", max_workers=3)
    yield made
    made.close()


@pytest.fixture
def client(backend: MemoryBackend) -> MLClient:
    """A client of it."""
    return client_of(backend)


def two_steps() -> Callable[..., Any]:
    """A pipeline of two trivial steps, by a number that tells it from any other."""
    first = command(
        name="first",
        command="echo ${{inputs.number}} > ${{outputs.out}}/x",
        inputs={"number": Input(type="integer")},
        outputs={"out": Output(type="uri_folder")},
        environment=ENVIRONMENT,
    )
    second = command(
        name="second",
        command="cat ${{inputs.given}}/x > ${{outputs.out}}/y",
        inputs={"given": Input(type="uri_folder")},
        outputs={"out": Output(type="uri_folder")},
        environment=ENVIRONMENT,
    )

    @pipeline(default_compute="cpu")
    def both(number: int) -> Any:
        return {"out": second(given=first(number=number).outputs.out).outputs.out}

    return both


def test_many_threads_submit_and_cancel(client: MLClient, backend: MemoryBackend) -> None:
    """8 threads, 20 pipelines each, a third of them canceled at some moment: each of them ends, as it should."""
    both = two_steps()

    def work(thread: int) -> list[tuple[bool, str]]:
        chance = random.Random(thread)  # noqa: S311 - nothing secret
        names = []
        for number in range(EACH):
            name = submit(client, both(number=thread * EACH + number))
            is_canceled = chance.random() < 0.33
            if is_canceled:
                threading.Event().wait(chance.random() * 0.05)
                client.jobs.begin_cancel(name)
            names.append((is_canceled, name))
        return names

    with ThreadPoolExecutor(THREADS) as pool:
        submitted = [each for names in pool.map(work, range(THREADS)) for each in names]
        statuses = list(pool.map(lambda each: end(client, each[1]), submitted))
    assert len(submitted) == len(list(client.jobs.list())) == THREADS * EACH
    for (is_canceled, name), status in zip(submitted, statuses, strict=True):
        assert status in (("Canceled", "Completed") if is_canceled else ("Completed",))
        steps = [each.status for each in client.jobs.children(name)]
        assert set(steps) <= {"Canceled", "Completed"}
        assert status != "Completed" or steps == ["Completed"] * 2
    assert backend.leader is not None
    assert not backend.leader.busy


@pytest.mark.parametrize("what", ["reset", "restore", "close"])
def test_the_backend_is_emptied_while_jobs_run(
    client: MLClient, backend: MemoryBackend, tmp_path: Path, what: str
) -> None:
    """Nothing of what ran goes on or comes back, and jobs that are submitted after that run."""
    snapshot = backend.snapshot()
    both = two_steps()
    stop = threading.Event()
    failures: list[BaseException] = []

    def work(thread: int) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                client.jobs.create_or_update(both(number=1000 * thread + number))
            except Exception as error:  # noqa: BLE001 - the workspace may be gone that very moment
                failures.append(error)

    client.jobs.create_or_update(job(f"echo $$ > {tmp_path}/process; trap '' TERM; sleep 1000"))
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    client.jobs.create_or_update(job(f"echo > {fifo}; sleep 1000"))
    fifo.read_text(encoding="utf-8")
    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for each in threads:
        each.start()
    for _ in range(5):
        threading.Event().wait(0.1)
        if what == "restore":
            backend.restore(snapshot)
        elif what == "reset":
            backend.reset()
            backend.add_workspace("sub", "rg", "ws", computes=["cpu"])
        else:
            backend.close()
    stop.set()
    for each in threads:
        each.join(LONG)
        assert not each.is_alive()
    assert ended(int((tmp_path / "process").read_text(encoding="utf-8")))
    last = submit(client, both(number=-1))
    assert end(client, last) == "Completed"
    for found in client.jobs.list():
        assert end(client, str(found.name)) in ("Completed", "Canceled")
    gone = (
        "not found",
        "there is no compute 'cpu'",
    )  # what a client is told between the emptying and the new workspace
    assert not [error for error in failures if not any(words in str(error).lower() for words in gone)], failures


def test_a_pipeline_of_many_steps_is_canceled(client: MLClient) -> None:
    """Hundreds of steps that wait for room end with it, at once."""
    step = command(
        name="step",
        command="echo ${{inputs.number}}; sleep 1000",
        inputs={"number": Input(type="integer")},
        environment=ENVIRONMENT,
    )

    @pipeline(default_compute="cpu")
    def many() -> None:
        for number in range(300):
            step(number=number)

    name = submit(client, many())
    client.jobs.begin_cancel(name).result(LONG)
    assert end(client, name) == "Canceled"
    assert {each.status for each in client.jobs.children(name)} == {"Canceled"}


PROGRAM = """
import sys
from pathlib import Path
from local.submitting import backend_in, client_of, job
from local.test_jobs_of_threads import two_steps

client = client_of(backend_in(Path(sys.argv[1])))
both = two_steps()
if sys.argv[2]:
    client.jobs.create_or_update(job(sys.argv[2]))
for number in range(3):
    client.jobs.create_or_update(both(number=number))
"""


class TestTheEndOfTheProgram:
    def _start(self, tmp_path: Path, text: str = "") -> subprocess.Popen[str]:
        found = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path / "root"), text],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": found},
        )

    def test_it_waits_for_pipelines(self, tmp_path: Path) -> None:
        """Their later steps begin and end as well."""
        program = self._start(tmp_path)
        out, said = program.communicate(timeout=LONG)
        assert (program.returncode, out) == (0, "")
        assert said.count("\n") == 1
        assert said.startswith("mlsdk: waiting for jobs on this machine: ")
        assert len(list((tmp_path / "root").glob("jobs/*/*/outputs/out/y"))) == 3

    def test_ctrl_c_stops_them(self, tmp_path: Path) -> None:
        """No process is left, whatever it does with its signals, and no traceback is shown."""
        program = self._start(
            tmp_path, f"trap '' TERM INT; setsid sleep 1000 & echo $! $$ > '{tmp_path}/processes'; wait"
        )
        assert program.stderr is not None
        program.stderr.readline()
        while not (tmp_path / "processes").exists() or not (tmp_path / "processes").read_text(encoding="utf-8"):
            assert program.poll() is None
        program.send_signal(signal.SIGINT)
        assert program.communicate(timeout=LONG) == ("", "")
        for process in (tmp_path / "processes").read_text(encoding="utf-8").split():
            assert ended(int(process))
