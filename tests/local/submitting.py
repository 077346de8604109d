"""Jobs are submitted to a backend that runs them here, and what is left of them is looked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mlsdk import MLClient, command
from mlsdk.backends.memory import MemoryBackend
from mlsdk.exceptions import JobException
from mlsdk.local import LocalRunner

ENVIRONMENT = "AzureML-sklearn-1.5@latest"
LONG = 120.0
"""Seconds after which a test gives up to wait."""


def backend_in(root: Path, *, max_workers: int = 2) -> MemoryBackend:
    """A backend with a workspace, whose jobs run here."""
    made = MemoryBackend(jobs=LocalRunner(root, max_workers=max_workers, grace=0.3))
    made.add_workspace("sub", "rg", "ws", computes=["cpu"])
    return made


def client_of(backend: MemoryBackend) -> MLClient:
    """A client of its workspace."""
    return MLClient(None, "sub", "rg", "ws", backend=backend)


def job(text: str, **more: Any) -> Any:
    """A command."""
    return command(command=text, environment=ENVIRONMENT, compute="cpu", **more)


def submit(client: MLClient, wanted: Any) -> str:
    """Submit a job; its name."""
    name = client.jobs.create_or_update(wanted).name
    assert name is not None
    return name


def end(client: MLClient, name: str) -> str:
    """How a job ends."""
    try:
        client.jobs.wait(name, LONG)
    except JobException:
        return str(client.jobs.get(name).status)
    return "Completed"


def processes_of(text: str) -> list[int]:
    """The processes, on Linux, in whose environment or command line a text is; this one is none of them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            said = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes().replace(b"\0", b" ")
        except OSError:
            continue  # it ended
        if text.encode() in said and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found
