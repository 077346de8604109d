"""The guard of this process kills what it leaves running; it starts with the first task that is told of."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading

from mlsdk.local import guard


class Guardian:
    """What is told to the guard of this process (`guard.py`). A guard that was killed is started anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: dict[str, list[int]] = {}
        """The groups of the tasks that run, by token."""
        self._input: int | None = None
        """Where it reads."""
        self.process: int | None = None

    def begins(self, token: str) -> None:
        """Processes are about to be started whose environment has the token."""
        with self._lock:
            self._groups[token] = []
            self._say(f"+ {token}\n")

    def group(self, token: str, group: int) -> None:
        """A group of processes belongs to a task."""
        with self._lock:
            self._groups[token].append(group)
            self._say(f"= {token} {group}\n")

    def over(self, token: str) -> None:
        """The processes of a task have ended; any that left its groups is to be killed."""
        with self._lock:
            del self._groups[token]
            self._say(f"- {token}\n")

    def forked(self) -> None:
        """Called in a fork of this process: the guard, and what it guards, are the parent's."""
        if self._input is not None:
            os.close(self._input)
        self._lock = threading.Lock()
        self._groups = {}
        self._input = self.process = None

    def _say(self, line: str) -> None:
        if self._input is not None:
            try:
                os.write(self._input, line.encode())
            except BrokenPipeError:
                os.close(self._input)
                self._input = None
            else:
                return
        self._start()

    def _start(self) -> None:
        """Start a guard and tell it all that is to be guarded."""
        if self.process is not None:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.process, 0)
        program = sys.executable or shutil.which("python3") or "python3"
        reading, self._input = os.pipe()
        null = os.devnull
        try:
            self.process = os.posix_spawn(
                program,
                [program, "-I", "-S", guard.__file__, str(os.getpid())],
                # Without the mark of a task that this process itself belongs to: it shall outlive it.
                {name: value for name, value in os.environ.items() if name != guard.VARIABLE},
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, reading, 0),
                    (os.POSIX_SPAWN_OPEN, 1, null, os.O_WRONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 2, null, os.O_WRONLY, 0),
                ],
                setpgroup=0,  # so that Ctrl-C in a terminal does not reach it
            )
        finally:
            os.close(reading)
        lines = [
            line
            for token, groups in self._groups.items()
            for line in [f"+ {token}\n", *(f"= {token} {group}\n" for group in groups)]
        ]
        os.write(self._input, "".join(lines).encode())


GUARDIAN = Guardian()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=GUARDIAN.forked)
