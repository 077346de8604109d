"""A workspace on each backend: the tests here speak to `MLClient` alone, so the same file holds for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlsdk import MLClient
from mlsdk.backends.memory import MemoryBackend

if TYPE_CHECKING:
    from pathlib import Path

SUBSCRIPTION, GROUP, WORKSPACE = "00000000-0000-0000-0000-000000000001", "rg", "wks"


@pytest.fixture(params=["sync", "async", "location", "body"])
def slow_backend(request: pytest.FixtureRequest) -> MemoryBackend:
    """An empty backend whose long-running operations end in each of ARM's manners."""
    return MemoryBackend(long_running=request.param)


@pytest.fixture
def backend() -> MemoryBackend:
    """An empty backend."""
    return MemoryBackend()


@pytest.fixture
def client(backend: MemoryBackend) -> MLClient:
    """A client of a new workspace."""
    backend.add_workspace(SUBSCRIPTION, GROUP, WORKSPACE, location="eastus")
    return MLClient(None, SUBSCRIPTION, GROUP, WORKSPACE, backend=backend)


@pytest.fixture
def group_client(backend: MemoryBackend) -> MLClient:
    """A client of a resource group without a workspace."""
    backend.add_resource_group(SUBSCRIPTION, GROUP, location="westeurope")
    return MLClient(None, SUBSCRIPTION, GROUP, backend=backend)


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
