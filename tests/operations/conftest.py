"""A workspace on each backend: the tests here speak to `MLClient` alone, so the same file holds for all of them.

`way` says how a test reaches Azure: straight into a MemoryBackend, through the pipeline that leads to the real one, or
under `-m live` the real one itself. Live are the tests which take their names from `unique` and look into no MemoryBackend.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import live_azure
import pytest
from pipelines import PipelineBackend

from mlsdk import MLClient
from mlsdk.backends.memory import MemoryBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlsdk.backends import Backend

    Reached = Callable[[MemoryBackend], Backend]
    Unique = Callable[[str], str]

SUBSCRIPTION, GROUP, WORKSPACE = "00000000-0000-0000-0000-000000000001", "rg", "wks"


def straight(backend: MemoryBackend) -> Backend:
    """The backend itself."""
    return backend


WAYS: dict[str, Reached] = {"memory": straight, "pipeline": PipelineBackend}
LIVE = pytest.param("live", marks=pytest.mark.live)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what reaches a backend once for each way."""
    wanted = set(metafunc.fixturenames)
    if "way" not in wanted:
        return
    live = "unique" in wanted and wanted.isdisjoint({"backend", "slow_backend", "reached"})
    live = live and ("folder" not in wanted or live_azure.with_files()) and not live_azure.missing()
    metafunc.parametrize("way", [*WAYS, *([LIVE] if live else [])])


@pytest.fixture
def reached(way: str) -> Reached:
    """The way to a MemoryBackend: what is to be given to `MLClient(…, backend=…)` in its place."""
    return WAYS[way]


@pytest.fixture(params=["sync", "async", "location", "body"])
def slow_backend(request: pytest.FixtureRequest) -> MemoryBackend:
    """An empty backend whose long-running operations end in each of ARM's manners."""
    return MemoryBackend(long_running=request.param)


@pytest.fixture
def backend() -> MemoryBackend:
    """An empty backend."""
    return MemoryBackend()


@pytest.fixture(scope="session")
def live_client() -> Iterator[MLClient]:
    """A client of the real workspace, shared by all tests, so that one token serves them."""
    with live_azure.connect() as client:
        yield client


@pytest.fixture
def client(way: str, request: pytest.FixtureRequest) -> MLClient:
    """A client of a new workspace, or of the real one."""
    if way == "live":
        return request.getfixturevalue("live_client")  # type: ignore[no-any-return]
    backend, reached = request.getfixturevalue("backend"), request.getfixturevalue("reached")
    backend.add_workspace(SUBSCRIPTION, GROUP, WORKSPACE, location="eastus")
    return MLClient(None, SUBSCRIPTION, GROUP, WORKSPACE, backend=reached(backend))


@pytest.fixture
def group_client(way: str, request: pytest.FixtureRequest) -> MLClient:
    """A client of a resource group without a workspace, or of the real one."""
    if way == "live":
        request.getfixturevalue("live_client")
        return live_azure.connect(workspace=False)
    backend, reached = request.getfixturevalue("backend"), request.getfixturevalue("reached")
    backend.add_resource_group(SUBSCRIPTION, GROUP, location="westeurope")
    return MLClient(None, SUBSCRIPTION, GROUP, backend=reached(backend))


@pytest.fixture
def unique(way: str, request: pytest.FixtureRequest) -> Iterator[Unique]:
    """A name that nothing else has, for a word of up to 9 letters and digits: the same one for the same word in a test.

    What stands under these names in a real workspace is removed when the test ends.
    """
    live = request.getfixturevalue("live_client") if way == "live" else None
    mark, given = secrets.token_hex(3), set()

    def name(word: str) -> str:
        given.add(f"{word}{mark}")
        return f"{word}{mark}"

    yield name
    if live is not None:
        live_azure.clear(live, given)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of a few files: nested, empty, with other than English names."""
    root = tmp_path / "content"
    (root / "deep" / "er").mkdir(parents=True)
    (root / "weights.bin").write_bytes(bytes(range(256)) * 40)
    (root / "empty.txt").write_bytes(b"")
    (root / "deep" / "er" / "größe.txt").write_text("hello\n", encoding="utf-8")
    return root


def files_below(root: Path) -> dict[str, bytes]:
    """Every file below a folder, by its relative path."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.fixture
def quick_client(backend: MemoryBackend, reached: Reached) -> MLClient:
    """A client of a resource group without a workspace, which does not wait long."""
    backend.add_resource_group(SUBSCRIPTION, GROUP, location="westeurope")
    return MLClient(None, SUBSCRIPTION, GROUP, backend=reached(backend), polling_interval=0.01)
