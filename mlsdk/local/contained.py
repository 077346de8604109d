"""Runs a job's container: `python -I contained.py <name> <variables> <engine> <arguments of run>`, as one process of the job.

The container ends whenever this process does, however that ends. Engines keep a container whose client was killed, so the
container itself watches its input (`containers.UNTIL_ALONE`), whose other end is held here alone and which the system closes.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


def run(name: str, of_host: str, engine: str, arguments: list[str]) -> int:
    """Run a container and give the exit status of its command; 128 and the signal's number where the client was killed.

    All environment variables go in but those in `of_host`, whose names are joined by `=`. The engine is told names only, and
    takes the values from its own environment.
    """
    own = sorted({*os.environ} - {*of_host.split("=")})
    variables = [word for variable in own for word in ("--env", variable)]
    # Names are unique on the machine: a job has several processes, and a second try may begin before the first is removed.
    container = f"{re.sub('[^A-Za-z0-9_.-]', '-', name)}-{os.getpid()}"
    # In a session of its own, the client gets a signal that was sent to the job's whole group once, from here.
    client = subprocess.Popen(  # noqa: S603 - an engine, with its arguments one by one
        [engine, "run", "--name", f"mlsdk-{container}", "--workdir", os.getcwd(), *variables, *arguments],  # noqa: PTH109 - starts faster
        stdin=subprocess.PIPE,
        start_new_session=True,
    )

    def forward(number: int, _: FrameType | None) -> None:
        client.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, forward)
    status = client.wait()
    if status >= 0:
        return status
    # The client was killed; what it ran is removed now, not when the container has seen that it is alone.
    subprocess.run([engine, "rm", "--force", f"mlsdk-{container}"], capture_output=True, check=False)  # noqa: S603 - as above
    return 128 - status


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]))
