"""What the tests of `mlsdk.testing` share: the package itself has to leave the network's ways as they were."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import azure.identity
import azure.identity.aio
import pytest
from requests.adapters import HTTPAdapter

import mlsdk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INSTALLED = any(entry.value == "mlsdk.testing.plugin" for entry in entry_points(group="pytest11"))
"""Whether pytest finds the plugin by itself; sources that are only on the path have to name it."""


def ways() -> list[Any]:
    """What may be exchanged while a context is active, as it stands now."""
    modules = (azure.identity, azure.identity.aio)
    kinds = [kind for module in modules for kind in vars(module).values() if isinstance(kind, type)]
    found = [vars(kind).get(name) for kind in kinds for name in ("get_token", "get_token_info")]
    return [vars(HTTPAdapter)["send"], time.sleep, asyncio.sleep, *found]


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Each test leaves everything as it found it."""
    before = ways()
    yield
    assert ways() == before


@pytest.fixture
def run_pytest(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run pytest with the plugin on a test file in a process of its own."""

    def run(source: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "test_it.py").write_text(source, encoding="utf-8")
        plugin = [] if INSTALLED else ["-p", "mlsdk.testing.plugin"]
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugin, "--strict-markers", *arguments]
        sources = os.pathsep.join(filter(None, [str(Path(mlsdk.__file__).parents[1]), os.environ.get("PYTHONPATH")]))
        environment = dict(os.environ) if INSTALLED else {**os.environ, "PYTHONPATH": sources}
        return subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path, env=environment)

    return run
