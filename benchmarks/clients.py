"""One of the two clients in a process of its own, at work against a server on loopback, and what its work cost.

python benchmarks/clients.py CLIENT URL     reads orders, a line of JSON each: [what, argument]; says what each cost

Neither client is slowed by what the other has imported, and each has the memory of a program that uses it.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

import loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OURS, OFFICIAL = "mlsdk", "azure.ai.ml"
PORTIONS = 5
PORTION = loopback.MODELS // PORTIONS
AHEAD = 0.03
"""Seconds after which a page that is fetched ahead has arrived: a thread's work counts, even if it ends after the call's."""


@dataclass(frozen=True)
class Cost:
    """What some work took: seconds of all threads on a processor, seconds on the clock."""

    cpu: float
    wall: float


class Credential:
    """Someone who is signed in for long."""

    def get_token(self, *scopes: str, **options: Any) -> Any:  # noqa: ARG002 -- the protocol's parameters
        """A token of the shape that Azure's have."""
        from azure.core.credentials import AccessToken

        parts: Any = ({"alg": "none", "typ": "JWT"}, {"aud": "https://ml.azure.com", "tid": "t", "oid": "o"}, {})
        text = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        return AccessToken(text, int(time.time()) + 86_400)


def make_client(package: Any, url: str) -> Any:
    """An `MLClient` of either package whose Azure is behind `url`."""
    cloud = {
        "azure_portal": url,
        "resource_manager": f"{url}/",
        "active_directory": url,
        "aml_resource_id": "https://ml.azure.com",
        "storage_endpoint": loopback.STORAGE_SUFFIX,
        "registry_discovery_endpoint": f"{url}/",
    }
    return package.MLClient(
        Credential(),
        loopback.SUBSCRIPTION,
        loopback.GROUP,
        loopback.WORKSPACE,
        cloud=f"Loopback{urlsplit(url).port}",
        cloud_metadata=cloud,
        show_progress=False,
        # The official client would hook logging up to telemetry, which costs it time of its own.
        **({"enable_telemetry": False} if package.__name__ == OFFICIAL else {}),
    )


def work(name: str, url: str) -> dict[str, Callable[[Any], None]]:
    """What can be ordered, by one client."""
    package, entities = importlib.import_module(name), importlib.import_module(f"{name}.entities")
    client = make_client(package, url)

    def get(number: int) -> None:
        for _ in range(number):
            client.models.get(loopback.MODEL, "1")

    def portions(listing: Callable[[], Any]) -> Iterator[None]:
        """Read the whole list again and again, a portion each time it is asked."""
        while True:
            found = iter(listing())
            for number in range(PORTIONS):
                count = sum(1 for _ in islice(found, PORTION))
                if count != PORTION or (number == PORTIONS - 1 and next(found, None) is not None):
                    message = f"{name}: part {number + 1} of {PORTIONS} of the list has {count} models"
                    raise AssertionError(message)
                yield

    def upload(folder: str) -> None:
        data = entities.Data(name=Path(folder).name, version="1", type="uri_folder", path=folder)
        client.data.create_or_update(data)

    return {
        "get": get,
        "list": partial(next, portions(client.models.list)),
        "list versions": partial(next, portions(lambda: client.models.list(name=loopback.MODEL))),
        "upload": upload,
    }


class Worker:
    """A client at work in another process."""

    def __init__(self, process: subprocess.Popen[str], errors: IO[str]) -> None:
        """The pipes of the process are open, and what it says of errors goes to a file."""
        self._process, self._errors = process, errors

    def do(self, what: str, argument: Any = None) -> Cost:
        """Have it done, and hear what it cost. RuntimeError when it failed, with what the process said."""
        orders, answers = self._process.stdin, self._process.stdout
        if orders is None or answers is None:
            raise ValueError(self._process)
        orders.write(json.dumps([what, argument]) + "\n")
        orders.flush()
        line = answers.readline()
        if not line:
            self._errors.seek(0)
            message = f"{what} failed:\n{self._errors.read()}"
            raise RuntimeError(message)
        return Cost(**json.loads(line))


@contextlib.contextmanager
def working(name: str, url: str, certificate: Path) -> Iterator[Worker]:
    """A process with one of the two clients, until the end of the `with`."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")},
        "REQUESTS_CA_BUNDLE": str(certificate),
    }
    command = [sys.executable, __file__, name, url]
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryFile("w+") as errors,  # of its own, since the official client writes colours there
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors, text=True, env=environment) as process,
    ):
        try:
            yield Worker(process, errors)
        finally:
            process.stdin.close()  # type: ignore[union-attr]


def main() -> None:
    """Do what the lines of the standard input order, and write what it cost."""
    name, url = sys.argv[1:]
    answers = sys.stdout
    sys.stdout = sys.stderr  # the answers are alone on their pipe, whatever a client prints
    known = work(name, url)
    for line in sys.stdin:
        what, argument = json.loads(line)
        gc.collect()
        gc.freeze()
        cpu, begin = time.process_time(), time.perf_counter()
        known[what](argument)
        wall = time.perf_counter() - begin
        time.sleep(AHEAD)
        cost = {"cpu": time.process_time() - cpu, "wall": wall}
        gc.unfreeze()
        print(json.dumps(cost), file=answers, flush=True)


if __name__ == "__main__":
    main()
