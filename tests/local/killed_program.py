"""A program that runs a pipeline of eight steps on this machine, made to be killed at any moment and to be run again.

It reads lines of JSON: what to run, and where to die. Each is run by a fork, which spares the imports; its process id is
answered at once, and how it ended once it has.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.submitting import ENVIRONMENT, backend_in, client_of, submit

from mlsdk import Input, Output, command
from mlsdk.backends.memory import MemoryBackend
from mlsdk.dsl import pipeline
from mlsdk.exceptions import JobException
from mlsdk.local.guarding import GUARDIAN

if TYPE_CHECKING:
    from collections.abc import Callable

STEP = '''
"""Checks what it was given, byte by byte, and writes three files slowly."""
import hashlib, os, signal, sys, time

name, log, out, *sources = sys.argv[1:]


def note(word):
    with open(log, "a") as file:
        file.write(f"{os.environ['TRY']} {word} {name} {os.getpid()}\\n")


def read(path):
    with open(path) as file:
        text, _, digest = file.read().rpartition("\\n")
    if hashlib.sha256(text.encode()).hexdigest() != digest:
        note("found-half")
        sys.exit(f"{path} is half-written")
    return digest


note("begin")
before = [read(f"{source}/{number}") for source in sources for number in range(3)]
for number in range(3):
    text = "\\n".join([f"{name} {number}", *before, "x" * 20000])
    digest = hashlib.sha256(text.encode()).hexdigest()
    whole = f"{text}\\n{digest}"
    with open(f"{out}/{number}", "w") as file:
        for start in range(0, len(whole), 7000):
            file.write(whole[start : start + 7000])
            file.flush()
            time.sleep(0.003)
flag = os.path.join(os.path.dirname(log), f"kill-{name}")
if os.path.exists(flag):
    os.remove(flag)
    os.kill(os.getpid(), signal.SIGKILL)
note("end")
'''
NEEDS = {"a": "", "b": "a", "c": "a", "d": "a", "e": "bc", "f": "cd", "g": "efa", "h": "g"}
"""The steps, and those that each of them needs."""


def pipeline_of(folder: Path) -> Any:
    """The pipeline, whose steps tell in `folder / "log"` when they begin and end."""
    code = folder / "code"
    if not (code / "step.py").exists():
        code.mkdir(parents=True, exist_ok=True)
        (code / "step.py").write_text(STEP, encoding="utf-8")

    def step(name: str, needed: str) -> Any:
        given = " ".join(f"${{{{inputs.{each}}}}}" for each in needed)
        return command(
            name=name,
            display_name=name,
            code=code,
            command=f"python -I -S step.py {name} ${{{{inputs.log}}}} ${{{{outputs.out}}}} {given}",
            inputs={"log": str(folder / "log"), **{each: Input(type="uri_folder") for each in needed}},
            outputs={"out": Output(type="uri_folder")},
            environment=ENVIRONMENT,
        )

    @pipeline(default_compute="local")
    def whole() -> Any:
        made: dict[str, Any] = {}
        for name, needed in NEEDS.items():
            made[name] = step(name, needed)(**{each: made[each].outputs.out for each in needed})
            made[name].name = name
        return {"whole": made["h"].outputs.out}

    return whole()


def die_at(function: str, number: int, when: str) -> None:
    """Kill this process at the call `number` of a function of `os`, before it does anything or right after it."""
    original: Callable[..., Any] = getattr(os, function)
    calls = iter(range(1, number + 1))

    def dies(*arguments: Any, **options: Any) -> Any:
        is_last = next(calls, number) == number
        if is_last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **options)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(os, function, dies)


def die_within_a_result(number: int) -> None:
    """Kill this process when half of the result `number` has been written."""
    calls = iter(range(1, number))
    write = Path.write_text

    def dies(
        self: Path, data: str, encoding: str | None = None, errors: str | None = None, newline: str | None = None
    ) -> int:
        if self.parent.name == "results" and next(calls, None) is None:
            write(self, data[: len(data) // 2], encoding, errors, newline)
            os.kill(os.getpid(), signal.SIGKILL)
        return write(self, data, encoding, errors, newline)

    Path.write_text = dies  # type: ignore[method-assign]


def warm_up() -> None:
    """Have all that a run needs imported and compiled, by a run of nothing: a fork then begins at once."""
    with tempfile.TemporaryDirectory() as folder:
        backend = MemoryBackend()
        backend.add_workspace("sub", "rg", "ws", computes=["cpu"])
        client = client_of(backend)
        job = pipeline_of(Path(folder))
        job.settings.default_compute = "cpu"
        name = submit(client, job)
        with contextlib.redirect_stdout(io.StringIO()):
            client.jobs.stream(name)
        client.jobs.download(name, download_path=folder, output_name="whole")
        assert list(client.jobs.children(name))


def kill_the_guard(number: int, *, too: bool) -> None:
    """Kill the guard of this process when the task `number` has begun; this process `too`, once the next task has."""
    calls = iter(range(1, number))
    told, once = GUARDIAN.group, threading.Lock()

    def dies(token: str, group: int) -> None:
        told(token, group)
        guard = GUARDIAN.process
        if next(calls, None) is None and guard is not None and once.acquire(blocking=False):
            os.kill(guard, signal.SIGKILL)
            # Until it is dead it takes what it is told, and nobody can know that it will do nothing of it.
            with contextlib.suppress(ChildProcessError):
                os.waitid(os.P_PID, guard, os.WEXITED | os.WNOWAIT)
            GUARDIAN.group = dies_too if too else told  # type: ignore[method-assign]

    def dies_too(token: str, group: int) -> None:
        told(token, group)
        os.kill(os.getpid(), signal.SIGKILL)

    GUARDIAN.group = dies  # type: ignore[method-assign]


def die(how: str, number: int, when: str = "") -> None:
    """Kill this process, or its guard, at the place that is said."""
    if how in ("guard", "both"):
        kill_the_guard(number, too=how == "both")
    elif how == "result":
        die_within_a_result(number)
    else:
        die_at(how, number, when)


def run(folder: Path, attempt: str, dies: list[Any] | None) -> None:
    """Run the pipeline to its end, and tell in `folder / "told.json"` how it was."""
    os.environ["TRY"] = attempt
    client = client_of(backend_in(folder / "root", max_workers=3))
    job = pipeline_of(folder)
    if dies is not None:
        die(*dies)
    name = submit(client, job)
    why = ""
    try:
        client.jobs.stream(name)
    except JobException as error:
        why = str(error)
    steps = {each.display_name: each.properties.get("azureml.isreused") for each in client.jobs.children(name)}
    told = {"status": client.jobs.get(name).status, "why": why, "steps": steps, "whole": ""}
    if not why:
        client.jobs.download(name, download_path=folder / f"whole-{attempt}", output_name="whole")
        told["whole"] = next((folder / f"whole-{attempt}").rglob("2")).read_text(encoding="utf-8")
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")


def serve() -> None:
    """Run what is asked for, each time by a fork."""
    warm_up()
    for line in sys.stdin:
        asked = json.loads(line)
        process = os.fork()
        if process == 0:
            log = os.open(Path(asked["folder"]) / "program.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 1)
            os.dup2(log, 2)
            run(Path(asked["folder"]), asked["attempt"], asked["dies"])
            sys.exit(0)
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()
        sys.stdout.write(f"{os.waitpid(process, 0)[1]}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
