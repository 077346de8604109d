"""A task is run wherever a worker is, and leaves nothing but its folder."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest
from local.leftovers import ended
from local.works import LONG

from mlsdk.local import ProcessExecutor, guard, guarding
from mlsdk.local.stopping import Stop
from mlsdk.local.task_running import MARKER, run_task
from mlsdk.local.tasks import Placed, Task, TaskResult

if TYPE_CHECKING:
    from pathlib import Path


def nobody() -> None:
    """Nobody wants to know when a task has begun."""


def task(folder: Path, command: str, **more: Any) -> Task:
    """A task with the environment of this process."""
    return Task(name="task", folder=folder, command=command, environment=dict(os.environ), **more)


def run(one: Task) -> TaskResult:
    """Run a task to its end."""
    return run_task(one, begun=nobody, stopped=Stop(), grace=0.2)


def test_each_attempt_has_a_folder_of_its_own(tmp_path: Path) -> None:
    """What a broken attempt left is not seen by the next one; the log tells of both."""
    one = task(tmp_path, "ls; touch left; echo done")
    results = [run(one), run(one)]
    assert [result.status for result in results] == ["Completed", "Completed"]
    assert results[0].attempt != results[1].attempt
    assert (tmp_path / "std_log.txt").read_text(encoding="utf-8") == "logs\noutputs\ndone\n" * 2


def test_a_file_keeps_it_from_beginning(tmp_path: Path) -> None:
    """Another host makes the file `stop` in its folder, where it may be seen before anything else is heard."""
    (tmp_path / MARKER).touch()
    assert run(task(tmp_path, "sleep 1000")).status == "Canceled"


def test_an_input_that_is_gone_is_named(tmp_path: Path) -> None:
    """The reason says which and where."""
    result = run(task(tmp_path, "true", inputs={"data": Placed(source=tmp_path / "gone")}))
    assert (result.status, result.reason) == ("Failed", f"The input 'data' is not there: {tmp_path / 'gone'}")


def test_values_that_are_too_long_are_a_reason(tmp_path: Path) -> None:
    """No process can be given them."""
    result = run(task(tmp_path, "echo ${{inputs.x}}", values={"x": "x" * 3_000_000}))
    assert result.status == "Failed"
    assert "put long values into files" in result.reason


def test_a_program_before_bash_that_is_missing_is_a_reason(tmp_path: Path) -> None:
    """A container engine that was removed, for example."""
    result = run(task(tmp_path, "true", wrapper=("no-such-engine", "run")))
    assert (result.status, result.reason) == (
        "Failed",
        "Starting its processes failed: No such file or directory: no-such-engine",
    )


def test_a_program_stands_before_bash(tmp_path: Path) -> None:
    """Its arguments come first, then bash with the command."""
    assert run(task(tmp_path, "echo $MORE", wrapper=("env", "MORE=more"))).status == "Completed"
    assert (tmp_path / "std_log.txt").read_text(encoding="utf-8") == "more\n"


def test_nothing_runs_on_when_whoever_started_it_fails(tmp_path: Path) -> None:
    """An error of the caller ends the processes."""

    def fails() -> None:
        raise RuntimeError

    one = Task(name="task", folder=tmp_path, command="exec sleep 1000", environment={guard.VARIABLE: str(tmp_path)})
    with pytest.raises(RuntimeError):
        run_task(one, begun=fails, stopped=Stop(), grace=0.2)
    assert guard.marked({str(tmp_path)}) == []


def test_it_runs_where_the_system_has_no_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On older kernels, and in sandboxes, the end of a process is looked for."""

    def missing(*_: int) -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", missing)
    assert run(task(tmp_path, "sleep 0.05; exit 3")).exit_code == 3
    stop = Stop()
    one = task(tmp_path, "trap '' TERM; sleep 1000")
    assert run_task(one, begun=stop.set, stopped=stop, grace=0.05).status == "Canceled"


def test_processes_that_left_their_group_are_found(tmp_path: Path) -> None:
    """By a mark in their environment, those of programs within programs too."""
    command = "env MLSDK_TASK=$MLSDK_TASK:inner setsid sleep 1000 & echo $!; wait"
    one, stop = task(tmp_path, command), Stop()
    log = tmp_path / "std_log.txt"
    began = threading.Event()
    results: list[TaskResult] = []

    def work() -> None:
        results.append(run_task(one, begun=began.set, stopped=stop, grace=0.2))

    thread = threading.Thread(target=work)
    thread.start()
    assert began.wait(LONG)
    while not log.read_text(encoding="utf-8").endswith("\n"):
        assert thread.is_alive()
    stop.set()
    thread.join(LONG)
    assert results[0].status == "Canceled"
    assert ended(int(log.read_text(encoding="utf-8")))


def test_a_guard_that_was_killed_is_started_anew(tmp_path: Path) -> None:
    """The next task is guarded again."""
    assert run(task(tmp_path, "true")).status == "Completed"
    first = guarding.GUARDIAN.process
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert ended(first)
    assert run(task(tmp_path, "setsid sleep 1000 & echo $!")).status == "Completed"
    assert guarding.GUARDIAN.process not in {None, first}
    assert ended(int((tmp_path / "std_log.txt").read_text(encoding="utf-8")))


def test_tasks_begin_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    """So many at once as there is room for."""
    executor = ProcessExecutor(1, grace=0.2)
    began: list[int] = []
    futures = [
        executor.submit(task(tmp_path / str(number), "true"), lambda number=number: began.append(number))  # type: ignore[misc]
        for number in range(5)
    ]
    assert [future.result(LONG).status for future in futures] == ["Completed"] * 5
    assert began == [0, 1, 2, 3, 4]


def test_no_value_of_its_environment_is_shown(tmp_path: Path) -> None:
    """A task is data that errors may show; its environment may hold secrets."""
    assert "hidden" not in repr(Task(name="a", folder=tmp_path, command="", environment={"KEY": "hidden"}))
