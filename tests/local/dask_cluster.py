"""A Dask cluster of several processes on loopback, and steps on it that wait until a test lets them go on."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import attrs

import mlsdk

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEDULER = """
import asyncio
from distributed import Scheduler
async def main():
    async with Scheduler(host="127.0.0.1", port=0, dashboard=False) as scheduler:
        print(scheduler.address, flush=True)
        await scheduler.finished()
asyncio.run(main())
"""
WORKER = """
import asyncio, sys
from distributed import Worker
async def main():
    options = {"resources": {"slots": 2}, "local_directory": sys.argv[2], "dashboard": False}
    async with Worker(sys.argv[1], host="127.0.0.1", nthreads=1, **options) as worker:
        print(worker.address, flush=True)
        await worker.finished()
asyncio.run(main())
"""
LONG = 60.0
"""Seconds after which a test gives up to wait for what takes a moment."""


def program(folder: Path, code: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python program that finds mlsdk; the first line that it prints says that it is ready."""
    paths = [str(Path(mlsdk.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    with (folder / "programs.txt").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
            cwd=folder,
        )


def first_line(started: subprocess.Popen[str]) -> str:
    """What a program says when it is ready."""
    assert started.stdout is not None
    return started.stdout.readline().strip()


@attrs.frozen
class Cluster:
    """A scheduler, its workers of one thread each, and a folder that all of them see."""

    folder: Path
    address: str
    scheduler: subprocess.Popen[str]
    workers: dict[int, str]
    """The addresses by process id."""
    programs: list[subprocess.Popen[str]]

    def grow(self, count: int) -> None:
        """Start workers, at the same time."""
        started = [program(self.folder, WORKER, self.address, str(self.folder / "scratch")) for _ in range(count)]
        self.programs.extend(started)
        self.workers.update({each.pid: first_line(each) for each in started})


@contextmanager
def running(folder: Path, count: int) -> Iterator[Cluster]:
    """A cluster with so many workers, which ends with the block."""
    scheduler = program(folder, SCHEDULER)
    cluster = Cluster(folder, first_line(scheduler), scheduler, {}, [scheduler])
    try:
        cluster.grow(count)
        yield cluster
        if scheduler.poll() is None:
            from distributed import Client

            with Client(cluster.address, set_as_default=False) as client:
                client.shutdown()
        for each in cluster.programs:
            each.wait(LONG)
    finally:
        for each in cluster.programs:
            each.kill()
            each.wait()
            assert each.stdout is not None
            each.stdout.close()


class Arrived:
    """A step that waits at a gate."""

    def __init__(self, connection: socket.socket) -> None:
        """Hear who it is."""
        connection.settimeout(LONG)
        self._connection = connection
        self._lines: IO[str] = connection.makefile(encoding="ascii")
        self.name, worker, process = self._lines.readline().split()
        self.worker, self.process = int(worker), int(process)
        """The process ids of its worker and of its own shell."""

    def let_go(self) -> None:
        """Let it go on."""
        self._connection.sendall(b"\n")

    def is_over(self) -> bool:
        """Wait until its processes have ended, which closes their side."""
        try:
            return not self._lines.read()
        except ConnectionResetError:
            return True

    def close(self) -> None:
        """Let it go on, if it is still there."""
        self._lines.close()
        self._connection.close()


class Gate:
    """Where steps wait, by connections on loopback: who comes, who is let go and who has ended are events."""

    def __init__(self) -> None:
        """Open it."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(LONG)
        self._arrived: list[Arrived] = []

    def wait(self, name: str) -> str:
        """The command that says who is there, and waits until it is let go."""
        port = self._listener.getsockname()[1]
        return f"exec 3<>/dev/tcp/127.0.0.1/{port}; echo {name} $PPID $$ >&3; read -r -u 3 || exit 9"

    def arrived(self) -> Arrived:
        """Wait for the next one that comes."""
        one = Arrived(self._listener.accept()[0])
        self._arrived.append(one)
        return one

    def close(self) -> None:
        """Close it."""
        self._listener.close()
        for each in self._arrived:
            each.close()
