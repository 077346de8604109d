"""The live tests themselves: what they say where there is no workspace, and that they run in one which is not of this process.

The tests that run live are those of `tests/operations` which take their names from `unique`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import live_azure
import pytest
from loopback import Loopback

from mlsdk.backends.memory import MemoryBackend

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TOKEN = "the-token-of-the-loopback"


def run_live(repository: Path, environment: Mapping[str, str]) -> str:
    """What pytest says of the tests that run live, started by hand as the docs say."""
    folders = ["tests/live", "tests/operations"]
    command = [sys.executable, "-m", "pytest", "-m", "live", *folders, "-q", "-p", "no:cacheprovider"]
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        command,
        cwd=repository,
        env={**variables, "PYTHONPATH": str(repository), "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.live
def test_the_workspace_that_was_named_is_there() -> None:
    """It answers to whoever is signed in."""
    if live_azure.missing():
        pytest.skip(live_azure.missing())
    with live_azure.connect() as client:
        assert client.workspaces.get().name == client.workspace_name


def test_without_a_workspace_one_line_says_what_to_set(repository: Path) -> None:
    """All are skipped, none fails."""
    said = run_live(repository, {"MLSDK_LIVE_WORKSPACE": "wks"})
    (line,) = [line for line in said.splitlines() if line.startswith("SKIPPED")]
    assert line.endswith(": set MLSDK_LIVE_SUBSCRIPTION, MLSDK_LIVE_RESOURCE_GROUP and sign in (az login)")
    assert re.search(r"^1 skipped, \d+ deselected in ", said, re.MULTILINE)


def test_in_a_workspace_over_https_all_pass_and_leave_nothing_behind(repository: Path, tmp_path: Path) -> None:
    """A cloud on loopback, found by its metadata, with a certificate and a token of its own; only files have no place there."""
    memory = MemoryBackend(long_running="async", log_limit=10_000)
    memory.add_workspace("s", "rg", "wks", location="eastus")
    before = {resource.id for resource in memory.state.root.descendants()}
    with Loopback(memory, TOKEN, tmp_path).running() as cloud:
        place = dict(zip(live_azure.SETTINGS, ("s", "rg", "wks"), strict=True))
        said = run_live(repository, {**place, **cloud.environment, "MLSDK_LIVE_TOKEN": TOKEN, "MLSDK_LIVE_FILES": "no"})
    assert re.search(r"^\d\d passed, \d+ deselected in ", said, re.MULTILINE), said
    assert memory.requests.writes > 50
    left = [
        resource
        for resource in memory.state.root.descendants()
        if resource.id not in before and resource.listed and not resource.kind.type.endswith("/versions")
    ]
    assert {resource.kind.segment for resource in left if not resource.archived} <= {"environments"}, left
    assert TOKEN not in said
