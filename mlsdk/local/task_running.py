"""A task is run: in a folder made for this attempt alone, by processes of which none is left."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mlsdk.local import failures, outputs, processes, ranks
from mlsdk.local.placeholders import PlaceholderError, Substituted, substitute
from mlsdk.local.snapshots import copy_tree
from mlsdk.local.tasks import TaskResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.local.stopping import Stop
    from mlsdk.local.tasks import Task

KEPT = ("outputs", "logs")
"""The folders in a job's working folder whose files it leaves; as on Azure, they are there before its command runs."""
MARKER = "stop"
"""The file in a task's folder that is made, maybe by another host, where it is not to begin any more."""
_LONGEST_ARGUMENT = 100_000
"""Bytes; Linux gives a process no argument of more than 128 KiB."""


class TaskError(Exception):
    """Why a task cannot be run, in a sentence a person can act on."""


def log_names(task: Task) -> list[str]:
    """The names of the logs in the task's folder, one of each process."""
    count = len_of(task)
    return ["std_log.txt"] if count == 1 else [f"std_log_process_{rank}.txt" for rank in range(count)]


def len_of(task: Task) -> int:
    """How many processes a task has."""
    return 1 if task.distribution == "ray" else task.processes


def run_task(task: Task, *, begun: Callable[[], None], stopped: Stop, grace: float = processes.GRACE) -> TaskResult:
    """Run a task in the calling thread, and say how it went: whatever is wrong with it, it fails and raises nothing.

    Parameters
    ----------
    task
        What to run.
    begun
        Called once, as soon as its processes run.
    stopped
        Set by whoever wants it stopped. The file `task.folder / "stop"` keeps it from beginning, too.
    grace
        Seconds which a process has to end when it is asked to; then it is killed.
    """
    began = time.monotonic()
    attempt = task.folder / f"attempt-{secrets.token_hex(4)}"

    def result(status: str, reason: str = "", code: int | None = None) -> TaskResult:
        return TaskResult(
            attempt=attempt, status=status, reason=reason, exit_code=code, seconds=time.monotonic() - began
        )

    if stopped.is_set or (task.folder / MARKER).exists():
        return result("Canceled")
    doing = "making its folder ready"
    try:
        (attempt / "code").mkdir(parents=True)
        if task.code is not None:
            doing = "copying its code"
            copy_tree(task.code, attempt / "code")
        for name in KEPT:
            if not os.path.lexists(attempt / "code" / name):
                (attempt / "code" / name).mkdir()
        doing = "making its inputs ready"
        starts = _starts(task, attempt)
        doing = "starting its processes"
        ended = processes.run(starts, attempt / "code", begun=begun, stopped=stopped, seconds=task.seconds, grace=grace)
        doing = "looking at its outputs"
        code = ended.codes[ended.first]
        log = starts[ended.first].log
        if ended.stopped:
            return result("Canceled", code=code)
        if ended.timed_out:
            return result("Failed", failures.of_time(task.seconds or 0.0, log), code)
        if code != 0:
            several = None if len(starts) == 1 else ended.first
            return result("Failed", failures.of_exit(code, log, several), code)
        try:
            outputs.check(task, attempt)
        except outputs.OutputError as error:
            reason = f"The command ended well, but {error}. {failures.shown(log, failures.last_lines(log))}"
            return result("Failed", reason, code)
        return result("Completed", code=code)
    except (PlaceholderError, TaskError) as error:
        return result("Failed", str(error))
    except OSError as error:
        return result("Failed", failures.of_system(error, task.folder, doing))


def _starts(task: Task, attempt: Path) -> list[processes.Start]:
    """The processes to be started."""
    values = dict(task.values)
    for name, placed in task.inputs.items():
        if not os.access(placed.source, os.R_OK):
            what = "cannot be read" if placed.source.exists() else "is not there"
            msg = f"The input {name!r} {what}: {placed.source}"
            raise TaskError(msg)
        source = placed.source
        if placed.copied:
            target = attempt / "inputs" / name
            target.mkdir(parents=True)
            if source.is_dir():
                copy_tree(source, target)
                source = target
            else:
                source = Path(shutil.copyfile(source, target / source.name))
        values[name] = str(source)
    made = {name: str(path) for name, path in outputs.make_places(task, attempt).items()}
    known = {
        **{f"search_space.{name}": value for name, value in task.values.items()},
        **{f"inputs.{name}": value for name, value in values.items()},
        **{f"outputs.{name}": value for name, value in made.items()},
    }
    ready = substitute(task.command, known, {f"inputs.{name}" for name in task.absent})
    environment = {
        **task.environment,
        **{f"AZURE_ML_INPUT_{name}": value for name, value in values.items() if "\0" not in value},
        **{f"AZURE_ML_OUTPUT_{name}": value for name, value in made.items()},
        **ready.variables,
    }
    arguments = _arguments(task, ready, attempt)
    return [
        processes.Start(arguments=arguments, environment={**environment, **own}, log=task.folder / log)
        for own, log in zip(ranks.variables(task), log_names(task), strict=True)
    ]


def _arguments(task: Task, ready: Substituted, attempt: Path) -> list[str]:
    """The command line of each process."""
    bash = "bash" if task.wrapper else _bash()
    if "\0" in ready.text:
        msg = "The command has a zero byte in it, which bash cannot read"
        raise TaskError(msg)
    if len(ready.text) * 4 > _LONGEST_ARGUMENT and len(os.fsencode(ready.text)) > _LONGEST_ARGUMENT:
        script = attempt / "command.sh"
        script.write_bytes(os.fsencode(ready.text))
        return [*task.wrapper, bash, str(script)]
    return [*task.wrapper, bash, "-c", ready.text]


@cache
def _bash() -> str:
    """Where bash is."""
    found = shutil.which("bash")
    if found is None:
        msg = "Commands of jobs are run by bash, which is not on the PATH of this machine: install it"
        raise TaskError(msg)
    return found
