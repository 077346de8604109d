"""A task: all that some worker needs to run one job's processes, as plain data that can travel to another process or host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from concurrent.futures import Future


@attrs.frozen(kw_only=True)
class Placed:
    """An input at the place where it is kept, and how the job wants to have it."""

    source: Path
    """A file or a folder that nobody changes."""
    copied: bool = False
    """Whether the job gets a copy of its own (mode `download`); a link otherwise."""


@attrs.frozen(kw_only=True)
class Task:
    """The processes of one job. Everything it names is on a file system that whoever runs it can reach."""

    name: str
    """The job's name."""
    folder: Path
    """The job's own folder. Its logs are written here: `std_log.txt`, or `std_log_process_<rank>.txt` of several processes.
    Each attempt makes a new folder `attempt-…` in it: what a broken attempt left is never looked at
    again. `folder / "stop"` keeps it from beginning once somebody has made it."""
    command: str
    """Run by bash, in the folder with the code. `${{inputs.x}}` and `${{outputs.x}}` in it are still to be put in."""
    code: Path | None = None
    """The snapshot that is copied into the working folder; None for an empty one."""
    values: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    """The literal inputs, and what was drawn for a trial of a sweep, as text."""
    inputs: Mapping[str, Placed] = attrs.field(factory=dict)
    absent: frozenset[str] = frozenset()
    """Optional inputs that were not given: `$[[...]]` around them vanishes."""
    outputs: Mapping[str, str] = attrs.field(factory=dict)
    """What type each named output is, in lower case: `uri_folder`, `uri_file`, `mltable`, …; `boolean`, `integer`, `number` and
    `string` for values."""
    places: Mapping[str, str] = attrs.field(factory=dict)
    """The file's name below the output's folder, for outputs that are one file and name it (`uri` ends with it)."""
    environment: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    """All environment variables of its processes, but those that tell processes of one job apart."""
    processes: int = 1
    distribution: str | None = None
    """`pytorch`, `mpi`, `tensorflow` or `ray` in lower case, where it is made of several processes that know of each other."""
    parameter_servers: int = 0
    """How many of the processes are parameter servers, the last ones; of `tensorflow` only."""
    seconds: float | None = None
    """How long it may run."""
    wrapper: tuple[str, ...] = attrs.field(default=(), repr=False)
    """A command line that is put before bash: that of a container engine, for example."""


@attrs.frozen(kw_only=True)
class TaskResult:
    """How a task went."""

    attempt: Path
    """The folder of the attempt: `code/` (the working folder), `outputs/<name>`, the logs."""
    status: str
    """`Completed`, `Failed` or `Canceled`."""
    reason: str = ""
    """Why it failed, in a sentence a person can act on."""
    exit_code: int | None = None
    seconds: float = 0.0


class Executor(Protocol):
    """Where tasks are run: as many at once as it has room for, the others in the order in which they came."""

    @property
    def room(self) -> int:
        """How many tasks it runs at once."""
        ...

    def submit(self, task: Task, begun: Callable[[], None]) -> Future[TaskResult]:
        """Have a task run; gives back at once. `begun` is called once, as soon as its processes run and write their logs.

        The future fails only where the executor itself did: a cluster that is gone.
        """
        ...

    def stop(self, task: Task) -> None:
        """Have a task stopped, whether it has begun or not; its future then gives a result that is `Canceled`."""
        ...

    def close(self) -> None:
        """Stop all tasks and leave no process behind; calling it twice is fine."""
        ...
