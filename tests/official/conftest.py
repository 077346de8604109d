"""The unmodified official client over a memory backend: one workspace, and every way in which an answer takes its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlsdk.backends.memory import MemoryBackend
from mlsdk.testing import FakeCredential, azure_ml

try:
    from azure.ai import ml
except ImportError:  # the client whose code is run here; the dependency group `test` has it
    collect_ignore_glob = ["test_*.py"]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azure.ai.ml import MLClient

    from mlsdk.backends.memory.longrunning import Mode

WAYS: dict[str, tuple[Mode, int, float | None]] = {
    "at once": ("sync", 100, None),
    "by operation": ("async", 100, None),
    "by location": ("location", 100, None),
    "by body": ("body", 100, None),
    "slow, by operation": ("async", 100, 0.05),
    "slow, by location": ("location", 100, 0.05),
    "slow, by body": ("body", 100, 0.05),
    "pages of one": ("sync", 1, None),
}
"""How long-running operations are answered, how many items a page has, how many seconds operations take."""


@pytest.fixture(params=WAYS)
def azure(request: pytest.FixtureRequest) -> Iterator[MemoryBackend]:
    """An Azure with the workspace `ws`, once for each way of answering."""
    mode, page_size, seconds = WAYS[request.param]
    backend = MemoryBackend(long_running=mode, page_size=page_size, operation_seconds=seconds, log_bodies=True)
    backend.add_workspace("sub", "rg", "ws", computes=["cpu-cluster"])
    with azure_ml(backend):
        yield backend


@pytest.fixture
def plain() -> Iterator[MemoryBackend]:
    """An Azure with the workspace `ws` that does everything at once, for claims that no way of answering changes."""
    backend = MemoryBackend(log_bodies=True)
    backend.add_workspace("sub", "rg", "ws", computes=["cpu-cluster"])
    with azure_ml(backend):
        yield backend


@pytest.fixture
def client(request: pytest.FixtureRequest) -> MLClient:
    """The official client of the workspace `ws`."""
    # Whichever Azure the test asks for has to be there first; `plain` where it asks for none.
    request.getfixturevalue("azure" if "azure" in request.fixturenames else "plain")
    made: MLClient = ml.MLClient(FakeCredential(), "sub", "rg", "ws")
    return made
