"""Kills what a process has left running, when that process ends however it ends.

This file is run as a program of its own, by `python -I -S`, so that it starts fast and nothing of the program that it guards
can stop it: it imports the standard library only. It reads lines from its standard input: `+ <token>` before processes are
started whose environment has the token, `= <token> <group>` for each group of them, `- <token>` when they have ended. At the
end of the input, or when its parent is gone, it kills the groups, and on Linux all processes whose environment has a token.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from pathlib import Path

VARIABLE = "MLSDK_TASK"
"""The environment variable with the tokens of the tasks that a process belongs to, each after a colon."""
_PROCESSES = Path("/proc")
_DELAY = 0.25
"""Seconds from the end of a task to the look for what it left: one look serves all that end meanwhile."""
_BEGINNING = 2.0
"""Seconds at most that a process takes from its fork to the beginning of its own program."""
_EXEC = 0.02
"""Seconds in which a process whose own program just begins has no environment to be seen."""
_LOOKS = 50
"""How often it is looked for processes at most: each look finds those that the killed ones began just before."""


def marked(tokens: set[str]) -> list[int]:
    """The processes, on Linux, that belong to tasks with these tokens, wherever their groups and sessions are."""
    found: list[int] = []
    wanted = [token.encode() for token in tokens]
    begin = VARIABLE.encode() + b"="
    try:
        with os.scandir(_PROCESSES) as entries:
            names = [entry.name for entry in entries]
    except OSError:
        return []
    own = os.getpid()
    for name in names:
        if not name.isdecimal() or int(name) == own:
            continue
        try:
            descriptor = os.open(f"/proc/{name}/environ", os.O_RDONLY)
        except OSError:
            continue  # it ended, or is another user's
        try:
            with os.fdopen(descriptor, "rb") as file:
                environment = file.read()
        except OSError:
            continue
        at = (b"\0" + environment).find(b"\0" + begin)
        if at >= 0:
            marks = environment[at : environment.find(b"\0", at)]
            if any(token in marks for token in wanted):
                found.append(int(name))
    return found


def kill_marked(tokens: set[str]) -> None:
    """Kill all processes, on Linux, that belong to tasks with these tokens."""
    for _ in range(_LOOKS):
        found = marked(tokens) if tokens else []
        if not found:
            return
        for process in found:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.01)


def kill_group(group: int, number: int | None = None) -> None:
    """Send a signal, SIGKILL where none is named, to a group of processes that may have ended."""
    # macOS permits nothing where only ended processes are left in it.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL if number is None else number)


class _Guarded:
    """What is being guarded."""

    def __init__(self) -> None:
        self.groups: dict[str, set[int]] = {}
        self.ended: set[str] = set()
        self._rest = b""

    def read(self, data: bytes) -> None:
        """Note what was said."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            word, token, *group = line.decode().split(" ")
            if word == "+":
                self.groups.setdefault(token, set())
            elif word == "=":
                self.groups.setdefault(token, set()).add(int(group[0]))
            elif word == "-":
                self.groups.pop(token, None)
                self.ended.add(token)

    def look(self) -> None:
        """Kill what tasks left that have ended."""
        kill_marked(self.ended)
        self.ended.clear()

    def end(self) -> None:
        """Kill all that is left."""
        for groups in self.groups.values():
            for group in groups:
                kill_group(group)
        tokens = {*self.groups, *self.ended}
        kill_marked(tokens)
        time.sleep(_EXEC)
        kill_marked(tokens)


def _end_of(process: int) -> int | None:
    """What becomes readable when a process ends: a fork of it may hold the input open. None where there is no such thing."""
    if sys.platform != "linux":
        return None
    try:
        return os.pidfd_open(process)
    except OSError:
        return None


def guard(guarded_process: int) -> None:
    """Guard until the input or the guarded process ends."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guarded = _Guarded()
    parent = _end_of(guarded_process)
    sources = [0] if parent is None else [0, parent]
    due: float | None = None
    while True:
        wait = None if due is None else max(0.0, due - time.monotonic())
        if due is not None and parent is not None:
            # What is said meanwhile is read with the next look: waking for each word takes processor time from short tasks.
            if select.select([parent], [], [], wait)[0]:
                due = None  # the rest is read, and then all is ended
                continue
            wait = 0.0
        ready = select.select(sources, [], [], wait)[0]
        data = b""
        if 0 in ready:
            data = os.read(0, 65536)
            guarded.read(data)
        if 0 in ready and not data:
            guarded.end()
            return
        if parent in ready and 0 not in ready:
            guarded.end()
            # What it was about to start has not got its mark before it runs its own program; until then it holds the input.
            select.select([0], [], [], _BEGINNING)
            guarded.end()
            return
        if due is None and guarded.ended:
            due = time.monotonic() + _DELAY
        elif due is not None and time.monotonic() >= due:
            guarded.look()
            due = None


if __name__ == "__main__":
    guard(int(sys.argv[1]))
