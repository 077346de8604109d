"""Public code bases that use azure-ai-ml, unmodified, on an Azure in memory; a file for each."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mlsdk.backends.memory import MemoryBackend

PACKAGES = {
    "test_submit_aml.py": "submit_aml",  # in the dependency group `test` too
    "test_ez_azml.py": "ez_azml",
    "test_kedro_azureml_pipeline.py": "kedro_azureml_pipeline",
}
"""What each file runs; `nox -s public` installs all of it."""

collect_ignore = [name for name, package in PACKAGES.items() if find_spec(package) is None]


@pytest.fixture
def azure(azure_ml: MemoryBackend) -> MemoryBackend:
    """An Azure with the workspace `ws` and the cluster `cpu-cluster`."""
    azure_ml.add_workspace("sub", "rg", "ws", computes=["cpu-cluster"])
    return azure_ml
