"""What a fresh process costs: an import, and a first model, beside the bare import of the official client."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from figures import Figure, megabytes

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 7

IMPORT = "from mlsdk import MLClient"
OFFICIAL_IMPORT = "from azure.ai.ml import MLClient"
FIRST_MODEL = """
from mlsdk import MLClient
from mlsdk.backends.memory import MemoryBackend
from mlsdk.entities import Model

backend = MemoryBackend()
backend.add_workspace("s", "rg", "ws")
client = MLClient(None, "s", "rg", "ws", backend=backend)
client.models.create_or_update(Model(name="iris", version="1", type="custom_model", path={path!r}))
assert client.models.get("iris", "1").name == "iris"
"""
STORED = "azureml://datastores/workspaceblobstore/paths/iris/"
LOCAL = str(Path(__file__).resolve().parent / "files" / "src" / "train.py")

# A child's peak memory counts what it had before it became another program, that is, its parent: so the parent is an
# interpreter with next to nothing in it.
LAUNCHER = """
import posix, sys, time
rounds, *codes = sys.argv[1:]
for _ in range(int(rounds)):
    for index, code in enumerate(codes):
        begin = time.perf_counter()
        child = posix.posix_spawn(sys.executable, [sys.executable, "-c", code], posix.environ,
                                  file_actions=[(posix.POSIX_SPAWN_OPEN, 1, "/dev/null", posix.O_WRONLY, 0)])
        _, status, usage = posix.wait4(child, 0)
        if status:
            sys.exit(f"failed: {code}")
        print(index, time.perf_counter() - begin, usage.ru_maxrss)
"""


@dataclass
class Cost:
    """The best of several runs of one program."""

    seconds: float = float("inf")
    peak: float = float("inf")
    """Bytes."""


def costs(codes: list[str], rounds: int) -> list[Cost]:
    """Run each program `rounds` times in a process of its own, in turn, the first round not counted."""
    run = [sys.executable, "-I", "-S", "-c", LAUNCHER, str(rounds + 1), *codes]
    # Packages are imported as bytecode, which the first round writes where the installation has not.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    # The folder is another one, so that what is installed is measured, not the sources.
    with tempfile.TemporaryDirectory() as elsewhere:
        done = subprocess.run(run, check=True, stdout=subprocess.PIPE, text=True, cwd=elsewhere, env=environment)
    found = [Cost() for _ in codes]
    unit = 1 if sys.platform == "darwin" else 1024
    for line in done.stdout.splitlines()[len(codes) :]:
        index, seconds, peak = line.split()
        cost = found[int(index)]
        cost.seconds = min(cost.seconds, float(seconds))
        cost.peak = min(cost.peak, int(peak) * unit)
    return found


def figures() -> Iterator[Figure]:
    """Time and memory of the import, time of a first model."""
    programs = [OFFICIAL_IMPORT, IMPORT, FIRST_MODEL.format(path=STORED), FIRST_MODEL.format(path=LOCAL)]
    official, bare, first, uploaded = costs(programs, ROUNDS)
    named = (("official import", official), ("import", bare), ("first model", first), ("with a file", uploaded))
    print("  " + "; ".join(f"{name} {cost.seconds:.3f} s, {megabytes(cost.peak)}" for name, cost in named))
    ratio = [cost.seconds / official.seconds for cost in (bare, first, uploaded)]
    yield Figure(f'`python -c "{IMPORT}"`, whole process', ratio[0], 1 / 20)
    yield Figure("its peak memory", bare.peak, 15 * 2**20, megabytes)
    yield Figure("fresh process: memory backend with a seeded workspace, create and get a model", ratio[1], 1 / 12)
    yield Figure("the same with a file that is uploaded", ratio[2], None)
