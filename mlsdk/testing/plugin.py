"""The pytest plugin: the fixture `azure_ml`. It is loaded in every run, so it imports nothing until it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Any

    from mlsdk.backends.memory import MemoryBackend

MARKER = (
    "azure_ml(allow_hosts=(), **options): how the fixture azure_ml makes its Azure: hosts that may be reached, and the "
    "arguments of mlsdk.backends.memory.MemoryBackend, such as long_running='async' or page_size=1; jobs='local' has jobs "
    "really run, on this machine, in a temporary folder"
)

BACKEND = pytest.StashKey["MemoryBackend"]()
"""Under which a test keeps its Azure, whatever fixture of the user's own stands between the two."""


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


# The older way of wrapping a hook: a plugin that everybody loads must not ask for a new pytest.
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Show below a test that failed what it asked of its Azure."""
    outcome = yield
    report = outcome.get_result()
    backend = item.stash.get(BACKEND, None)
    if backend is not None and report.when == "teardown":
        del item.stash[BACKEND]  # pytest keeps its items to the end of the run
    if backend is None or not report.failed or not len(backend.requests):
        return
    from mlsdk.backends.memory.explanation import table

    report.sections.append(("azure_ml: what was asked of Azure", table(backend.requests)))


@pytest.fixture
def azure_ml(request: pytest.FixtureRequest) -> Iterator[MemoryBackend]:
    """An empty Azure in memory, which every `azure-*` client of this process talks to while the test runs."""
    from mlsdk.testing import routing

    options: dict[str, Any] = {}
    for marker in request.node.iter_markers("azure_ml"):  # the nearest one first
        options = {**marker.kwargs, **options}
    allow_hosts = options.pop("allow_hosts", ())
    if options.get("jobs") == "local":
        from mlsdk.local import LocalRunner

        # A folder of its own: no test is given what the steps of another one have left.
        options["jobs"] = LocalRunner(request.getfixturevalue("tmp_path_factory").mktemp("jobs"))
    with routing.azure_ml(routing.new_backend(**options), allow_hosts=allow_hosts) as backend:
        request.node.stash[BACKEND] = backend
        try:
            yield backend
        finally:
            backend.close()
