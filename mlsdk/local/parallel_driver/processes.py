"""A process that runs mini batches, as the driver sees it: what it is told, what it says, and how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .batches import Batch
    from .settings import Settings

LONGEST = 1024 * 1024
"""Bytes of a line of the log that are passed on at once."""
READ = 65536


class Worker:
    """One process. It has a socket to speak with the driver, and a pipe for all that it and the script print."""

    def __init__(self, number: int, settings: Settings, arguments: list[str]) -> None:
        """Start it; it calls `init()` and then says that it is ready."""
        self.number = number
        self.socket, its_socket = socket.socketpair()
        self.log, its_log = os.pipe()
        command = [sys.executable, str(Path(__file__).resolve().parent), "--process", str(its_socket.fileno())]
        try:
            self.process = subprocess.Popen(  # noqa: S603 - this interpreter and this program
                command,
                stdin=subprocess.DEVNULL,
                stdout=its_log,
                stderr=its_log,
                pass_fds=[its_socket.fileno()],
            )
        finally:
            its_socket.close()
            os.close(its_log)
        os.set_blocking(self.log, False)
        self.ready = self.running = self.silent = False
        self.given_up = False
        """Whether its end is no news: it said that it could not begin, or nothing was left for it."""
        self.batch: Batch | None = None
        self.deadline: float | None = None
        """When it has to be done with what it does, on the monotonic clock."""
        self.killed = ""
        """Why it was killed."""
        self._said = self._line = b""
        self._put(
            {
                "number": number,
                "entry_script": settings.entry_script,
                "arguments": arguments,
                "logging_level": settings.logging_level,
                "table": settings.table,
                "header": settings.append_row_dataframe_header,
                "append_row_to": settings.append_row_to,
            }
        )

    @property
    def free(self) -> bool:
        """Whether it waits for a mini batch."""
        return self.ready and self.batch is None and not self.killed and not self.silent

    # -- the socket --------------------------------------------------------------------------------------------------
    def _put(self, message: dict[str, Any]) -> None:
        # Where it has died meanwhile, that is told by its end.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(json.dumps(message).encode() + b"\n")

    def give(self, batch: Batch, rows: str | None) -> None:
        """Have it run a mini batch, and write what that gives to the file `rows`."""
        self.batch = batch
        self._put({"number": batch.number, "rows": rows, **batch.content})

    def finish(self) -> None:
        """Have it call `shutdown()` and end."""
        # Where it has ended already, there is nothing to say.
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def messages(self) -> Iterator[dict[str, Any]]:
        """What it has said since it was asked last; `silent` is true when it can say nothing more."""
        while not self.silent:
            try:
                read = self.socket.recv(READ, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            except ConnectionResetError:
                read = b""
            self.silent = not read
            self._said += read
        *lines, self._said = self._said.split(b"\n")
        for line in lines:
            yield json.loads(line)

    # -- the log -----------------------------------------------------------------------------------------------------
    def pass_on_log(self, *, last: bool = False) -> bool:
        """Pass on what it has printed, each line with its number in front; False when it can print nothing more."""
        more = True
        while True:
            try:
                read = os.read(self.log, READ)
            except BlockingIOError:
                break
            if not read:
                more = False
                break
            *lines, self._line = (self._line + read).split(b"\n")
            self._print([*lines, self._line] if len(self._line) > LONGEST else lines)
            if len(self._line) > LONGEST:
                self._line = b""
            if not last:
                break
        if self._line and (last or not more):
            self._print([self._line])
            self._line = b""
        return more

    def _print(self, lines: list[bytes]) -> None:
        if lines:
            front = b"[process %d] " % self.number
            write(b"".join(front + line + b"\n" for line in lines))

    # -- the end -----------------------------------------------------------------------------------------------------
    def kill(self) -> None:
        """End it and all processes that it has started, at once."""
        if self.process.poll() is not None:
            return
        for pid in [self.process.pid, *_descendants(self.process.pid)]:
            # One of them may have ended meanwhile.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def write(content: bytes) -> None:
    """Write to the job's log, all of it: a process that ends just then interrupts a write."""
    left = memoryview(content)
    while left:
        left = left[os.write(1, left) :]


def ending(code: int) -> str:
    """How a process ended by itself, in words."""
    if code >= 0:
        return f"its process ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"its process was ended by {name}"


def _descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that they have started."""
    children: dict[int, list[int]] = {}
    for child, parent in _parents():
        children.setdefault(parent, []).append(child)
    found = list(children.get(pid, ()))
    for one in found:
        found += children.get(one, ())
    return found


def _parents() -> Iterator[tuple[int, int]]:
    """All processes of this machine, each with the one that started it."""
    processes = Path("/proc")
    if not (processes / "self").is_dir():
        told = subprocess.run(["/bin/ps", "-A", "-o", "pid=,ppid="], stdout=subprocess.PIPE, check=True)
        for line in told.stdout.splitlines():
            child, parent = line.split()
            yield int(child), int(parent)
        return
    for one in processes.iterdir():
        # One that has ended meanwhile has no children to tell of.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if one.name.isdigit():
                yield int(one.name), int((one / "stat").read_bytes().rpartition(b")")[2].split()[1])
