"""A folder of 1,000 files uploaded to Azurite, Microsoft's blob server for tests, beside the official client."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from certificates import write_certificate
from clients import OFFICIAL, OURS, Cost, Worker, working
from figures import Figure, fraction
from loopback import ACCOUNT, ACCOUNT_KEY, CONTAINER, STORAGE_SUFFIX, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azure.storage.blob import ContainerClient

REPOSITORY = Path(__file__).resolve().parent.parent
FILES, SIZE = 1000, 10_000
ROUNDS = 7
"""So many, since Azurite is compiled as it runs and takes some until it is at its quickest."""
ACCOUNT_NAME = f"{ACCOUNT}.blob.{STORAGE_SUFFIX}"
"""Both clients take `127.0.0.1:PORT/ACCOUNT` for the name of the account, and so this for the first part of a path."""


def azurite() -> str | None:
    """The program: on the search path, below `$MLSDK_AZURITE`, or where nox installs it; None when it is missing."""
    found = shutil.which("azurite-blob")
    if found is not None:
        return found
    folder = Path(os.environ.get("MLSDK_AZURITE") or REPOSITORY / ".azurite")
    return shutil.which("azurite-blob", path=str(folder / "node_modules" / ".bin"))


@contextmanager
def storing(program: str, certificate: Path) -> Iterator[str]:
    """Run Azurite, which keeps all in memory, until the end of the `with`; its host and port."""
    file = str(certificate)
    command = [program, "--blobHost", "127.0.0.1", "--blobPort", "0", "--cert", file, "--key", file]
    options = ["--inMemoryPersistence", "--loose", "--skipApiVersionCheck", "--disableTelemetry", "--silent"]
    # With much room for what is new, Node's garbage collector has less to do, and the clients have more of the processor.
    room = {"NODE_OPTIONS": "--max-semi-space-size=64"}
    environment = {**os.environ, **room, "AZURITE_ACCOUNTS": f"{ACCOUNT_NAME}:{ACCOUNT_KEY}"}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*command, *options], stdout=pipe, text=True, env=environment, cwd=certificate.parent
    ) as process:
        assert process.stdout is not None, "a pipe was asked for"  # noqa: S101
        try:
            said = ""
            for line in process.stdout:
                said += line
                if found := re.search(r"listens on https://(\S+)", line):
                    yield found[1]
                    break
            else:
                message = f"Azurite did not start: {said}"
                raise RuntimeError(message)
        finally:
            process.terminate()
            process.communicate()  # it says goodbye, and is upset when nobody listens


class Uploads:
    """Uploads of new content into an empty container: Azurite looks through all it has for each file that comes."""

    def __init__(self, folder: Path, container: ContainerClient) -> None:
        """Write the folders into `folder`."""
        self._folder, self._container, self._number = folder, container, 0

    def __call__(self, worker: Worker) -> Cost:
        """What one upload cost. AssertionError when not every file is there after it."""
        self._number += 1
        with tempfile.TemporaryDirectory(dir=self._folder) as place:
            for number in range(FILES):
                Path(place, f"part_{number:04}.bin").write_bytes(os.urandom(SIZE))
            self._container.create_container()
            cost = worker.do("upload", place)
            stored = sum(blob.size == SIZE for blob in self._container.list_blobs())
            self._container.delete_container()
        if stored != FILES:
            message = f"{stored} files are stored instead of {FILES}"
            raise AssertionError(message)
        return cost


def best(program: str) -> tuple[Cost, Cost]:
    """What an upload costs us and the official client: each the best of several rounds in turn, the first not counted."""
    from azure.storage.blob import ContainerClient

    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        certificate = write_certificate(folder)
        with (
            storing(program, certificate) as storage,
            serving(certificate, storage) as url,
            working(OURS, url, certificate) as ours,
            working(OFFICIAL, url, certificate) as theirs,
            ContainerClient(
                f"https://{storage}/{ACCOUNT_NAME}", CONTAINER, ACCOUNT_KEY, connection_verify=str(certificate)
            ) as container,
        ):
            upload = Uploads(folder, container)
            rounds = [(upload(ours), upload(theirs)) for _ in range(ROUNDS + 1)][1:]
    first, second = (
        Cost(min(cost.cpu for cost in costs), min(cost.wall for cost in costs)) for costs in zip(*rounds, strict=True)
    )
    return first, second


def figures() -> Iterator[Figure]:
    """Two rows of the table; without Azurite they say that nothing was measured, and are not reached."""
    program = azurite()
    missing = Cost(math.nan, math.nan)
    ours, theirs = (missing, missing) if program is None else best(program)
    print("  " + "; theirs ".join(f"{cost.wall:.2f} s, processor {cost.cpu:.2f} s" for cost in (ours, theirs)))
    what = f"upload of {FILES:,} files of 10 kB to Azurite, on the clock"
    yield Figure(what, ours.wall / theirs.wall, 1 / 1.5, shown)
    yield Figure("the same, processor time", ours.cpu / theirs.cpu, None, shown)


def shown(ratio: float) -> str:
    """A ratio, or why there is none."""
    return "not measured: Azurite is missing" if math.isnan(ratio) else fraction(ratio)
