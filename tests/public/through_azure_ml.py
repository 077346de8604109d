"""A pytest plugin for suites that are not ours: each test has the fixture `azure_ml`, and at the end it is said what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsdk.backends.memory import MemoryBackend

ASKED = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Nothing was asked yet."""
    config.stash[ASKED] = 0


@pytest.fixture(autouse=True)
def through_azure_ml(request: pytest.FixtureRequest, azure_ml: MemoryBackend) -> Iterator[None]:
    """Every test reaches an Azure in memory, whatever it exchanges by itself."""
    yield
    request.config.stash[ASKED] += len(azure_ml.requests)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What came through."""
    terminalreporter.write_line(f"{config.stash[ASKED]} requests to Azure were answered from memory")
