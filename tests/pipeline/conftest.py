"""A workspace behind the pipeline that leads to Azure, on a clock which waiting moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure_answers import Credential
from pipelines import PipelineBackend

from mlsdk import MLClient
from mlsdk.backends.memory import ManualClock, MemoryBackend

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def memory() -> MemoryBackend:
    """The Azure behind it, with a workspace and a registry."""
    memory = MemoryBackend(clock=ManualClock())
    memory.add_workspace("s", "rg", "wks", location="eastus")
    memory.add_registry("shop", subscription="s", resource_group="rg")
    return memory


@pytest.fixture
def credential() -> Credential:
    """A credential that remembers how it was asked."""
    return Credential()


@pytest.fixture
def client(memory: MemoryBackend, credential: Credential) -> MLClient:
    """A client of the workspace."""
    return MLClient(None, "s", "rg", "wks", backend=PipelineBackend(memory, credential))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two files."""
    (tmp_path / "content" / "deep").mkdir(parents=True)
    (tmp_path / "content" / "train.py").write_text("print(1)\n")
    (tmp_path / "content" / "deep" / "weights.bin").write_bytes(bytes(1000))
    return tmp_path / "content"
