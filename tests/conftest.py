"""What every test stands on: no network, no settings of the user's, hypothesis without a deadline."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable


WHOLE = ("assets", "component", "compute", "datastore", "workspace")
"""The cases that are always compared: those of all that is no job."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--every=N`: of the thousands of comparisons of jobs with the official client, every Nth."""
    parser.addoption("--every", type=int, default=1, metavar="N", help="of the comparisons of jobs, every Nth")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the comparisons that were not asked for; what looks back on them all knows that it cannot."""
    every = config.getoption("--every")
    compared = [item for item in items if item.path.name == "test_bodies.py" and "[" in item.name]
    compared = [item for item in compared if not item.name.partition("[")[2].startswith(WHOLE)]
    left_out = {*compared} - {*compared[::every]}
    if left_out:
        config.hook.pytest_deselected(items=[*left_out])
        items[:] = [item for item in items if item not in left_out]


REPOSITORY = Path(__file__).resolve().parent.parent

# A deadline fails on a busy machine, not on a wrong law. Where CI runs, the same examples are tried each time.
settings.register_profile("mlsdk", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("mlsdk")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository, where `examples/` and `docs/` are."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data beside the repository; what needs it is skipped where it is absent."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the reference data, ../shared, is not beside the repository")
    return folder


@pytest.fixture(autouse=True)
def no_settings_of_the_user(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests see none of the environment variables that choose a backend, an account or a workspace."""
    if request.node.get_closest_marker("live"):
        return
    for name in list(os.environ):
        if name.startswith(("AZURE_", "AZUREML_", "MLSDK_", "IDENTITY_", "MSI_")):
            monkeypatch.delenv(name)
    # A runner that is given no folder would keep what jobs leave in the user's own.
    monkeypatch.setenv("MLSDK_LOCAL_ROOT", str(request.getfixturevalue("folder_of_jobs")))


@pytest.fixture(scope="session")
def folder_of_jobs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where jobs that run on this machine have their folders unless a test says."""
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that would leave this machine fails at once and says where it wanted to go."""
    if request.node.get_closest_marker("live"):
        return

    def guard(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
        def guarded(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
                pytest.fail(f"a test wanted to connect to {address[0]}:{address[1]}")
            return connect(self, address)

        return guarded

    def no_lookup(host: str, *rest: Any, **options: Any) -> Any:
        if host in ("127.0.0.1", "::1", "localhost"):
            return lookup(host, *rest, **options)
        return pytest.fail(f"a test wanted to look up {host}")

    lookup = socket.getaddrinfo
    monkeypatch.setattr(socket.socket, "connect", guard(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guard(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", no_lookup)
