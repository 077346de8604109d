"""Processes run in groups of their own, and nothing of a group outlives its first process or this one."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from mlsdk.local import guard
from mlsdk.local.guarding import GUARDIAN
from mlsdk.local.waiting import Ends

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from mlsdk.local.stopping import Stop

GRACE = 10.0
"""Seconds from the signal that asks a process to end to the one that ends it."""
_LOOK = 0.02
"""Seconds between two looks where the system has no event for what is waited for."""


@attrs.frozen(kw_only=True)
class Start:
    """One process to be started."""

    arguments: Sequence[str]
    environment: Mapping[str, str] = attrs.field(repr=False)
    log: Path
    """What it prints is written at the end of this file, by itself."""


@attrs.frozen(kw_only=True)
class Ended:
    """How processes ended."""

    codes: Sequence[int]
    """The exit code of each, negative for the signal that killed it."""
    first: int = 0
    """The place of the one that failed first; 0 where none did."""
    stopped: bool = False
    """Whether they were ended since somebody wanted that."""
    timed_out: bool = False
    """Whether they were ended since their time was over."""


def run(
    starts: Sequence[Start],
    folder: Path,
    *,
    begun: Callable[[], None],
    stopped: Stop,
    seconds: float | None = None,
    grace: float = GRACE,
) -> Ended:
    """Start processes in a folder, call `begun` once they all run, and wait until all have ended; none of theirs is left then.

    When one fails, when `seconds` are over and when `stopped` is set, the groups of all are sent SIGTERM, and after `grace`
    seconds SIGKILL. What else is left of a group at the end of its first process gets SIGKILL.

    Raises
    ------
    OSError
        A process could not be started; those before it are ended.
    """
    token = secrets.token_hex(8)
    GUARDIAN.begins(token)
    try:
        with _Running(token, grace) as running:
            for start in starts:
                running.start(start, folder)
            begun()
            return running.wait(stopped, seconds)
    finally:
        GUARDIAN.over(token)


class _Running:
    """The processes of one task."""

    def __init__(self, token: str, grace: float) -> None:
        self._token, self._grace = token, grace
        self._processes: list[subprocess.Popen[bytes]] = []
        self._running: dict[int, int] = {}
        """The places of those that run, by process id."""
        self._codes: dict[int, int] = {}
        self._first = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End what still runs, which is only where something went wrong."""
        for process in list(self._running):
            self._over(process)

    def start(self, start: Start, folder: Path) -> None:
        """Start a process."""
        tokens = f"{start.environment.get(guard.VARIABLE, '')}:{self._token}"
        # Appended to: a further attempt at a task, after the host of the first one was lost, goes on in the same log.
        log = os.open(start.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            process = subprocess.Popen(  # noqa: S603 - running the job's command is what this is for
                start.arguments,
                cwd=folder,
                env={**start.environment, guard.VARIABLE: tokens},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        finally:
            os.close(log)
        self._running[process.pid] = len(self._processes)
        self._processes.append(process)
        GUARDIAN.group(self._token, process.pid)

    def wait(self, stopped: Stop, seconds: float | None) -> Ended:
        """Wait until all have ended."""
        limit = None if seconds is None else time.monotonic() + seconds
        was_stopped = timed_out = False
        with Ends(self._running) as ends, stopped.calling(ends.wake):
            while self._running:
                for process in ends.wait(None if limit is None else max(0.0, limit - time.monotonic())):
                    self._over(process)
                was_stopped = stopped.is_set
                timed_out = not was_stopped and limit is not None and time.monotonic() >= limit
                if self._running and (was_stopped or timed_out or any(self._codes.values())):
                    self._end(ends)
                    guard.kill_marked({self._token})
                    break
            else:
                was_stopped = timed_out = False
        codes = [self._codes[place] for place in range(len(self._processes))]
        return Ended(codes=codes, first=self._first, stopped=was_stopped, timed_out=timed_out)

    def _end(self, ends: Ends) -> None:
        """End those that still run, with all that they have begun: ask them, and after the grace kill them."""
        until = time.monotonic() + self._grace
        groups = list(self._running)
        for group in groups:
            guard.kill_group(group, signal.SIGTERM)
        left = set(groups)
        while left and (seconds := until - time.monotonic()) > 0:
            left.difference_update(ends.wait(seconds))
        if sys.platform == "linux":
            # A shell may have ended before what it began, which is to have its time too.
            while (seconds := until - time.monotonic()) > 0 and (members := guard.marked({self._token})):
                with Ends(members) as ends_of_members:
                    ends_of_members.wait(seconds)
        for group in groups:
            self._over(group)

    def _over(self, process: int) -> None:
        """Kill what is left of a group, and only then collect its first process: until that, no other group has its number."""
        guard.kill_group(process)
        place = self._running.pop(process)
        code = self._codes[place] = self._processes[place].wait()
        if code != 0 and not any(self._codes[other] for other in self._codes if other != place):
            self._first = place
