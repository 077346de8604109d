"""The pytest plugin, run by pytest itself in processes of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

HEAD = """
import pytest, requests
GROUP = "https://management.azure.com/subscriptions/sub/resourceGroups/rg"
def asked():
    return requests.get(GROUP, params={"api-version": "2021-04-01"}, timeout=5).status_code
"""


def outcome(done: subprocess.CompletedProcess[str]) -> str:
    """The counts that pytest prints last: `2 passed`."""
    found = re.findall(r"(?:\d+ \w+, )*\d+ (?:passed|failed|errors?)(?:, \d+ \w+)*", done.stdout)
    assert found, done.stdout + done.stderr
    return str(found[-1])


def test_the_fixture_is_there_without_a_conftest(run_pytest: Run) -> None:
    """Each test has an empty Azure of its own."""
    source = """
def test_one(azure_ml):
    azure_ml.add_resource_group("sub", "rg")
    assert asked() == 200
def test_two(azure_ml):
    assert asked() == 404
    assert len(azure_ml.requests) == 1
@pytest.fixture
def seeded(azure_ml):
    azure_ml.add_resource_group("sub", "rg")
def test_a_fixture_may_seed_it(seeded, azure_ml):
    assert asked() == 200
"""
    assert outcome(run_pytest(HEAD + source)) == "3 passed"


def test_the_marker_says_how_it_is_made(run_pytest: Run) -> None:
    """Options of the backend and hosts to let through; the nearest marker wins."""
    source = """
pytestmark = pytest.mark.azure_ml(page_size=2, long_running="async")
def test_of_the_module(azure_ml):
    assert (azure_ml.page_size, azure_ml.long_running) == (2, "async")
@pytest.mark.azure_ml(page_size=1, allow_hosts=["127.0.0.1"])
def test_of_its_own(azure_ml):
    assert (azure_ml.page_size, azure_ml.long_running) == (1, "async")
    with pytest.raises(requests.ConnectionError):
        requests.get("http://127.0.0.1:9/", timeout=5)
    with pytest.raises(RuntimeError, match="refused"):
        requests.get("http://localhost:9/", timeout=5)
"""
    assert outcome(run_pytest(HEAD + source)) == "2 passed"


def test_jobs_really_run_where_the_marker_says_so(run_pytest: Run, tmp_path: Path) -> None:
    """In a temporary folder of pytest's; what still runs when the test is over is stopped."""
    source = f"""
import os
from mlsdk import MLClient, command
KEPT = {str(tmp_path / "process")!r}
pytestmark = pytest.mark.azure_ml(jobs="local")
def client(azure_ml):
    azure_ml.add_workspace("sub", "rg", "ws", computes=["cpu"])
    return MLClient(None, "sub", "rg", "ws", backend=azure_ml, polling_interval=0.05)
def submitted(jobs, text):
    return jobs.create_or_update(command(command=text, environment="AzureML-sklearn-1.5@latest", compute="cpu")).name
def test_it_runs(azure_ml, tmp_path):
    jobs = client(azure_ml).jobs
    name = submitted(jobs, "mkdir outputs; pwd > outputs/place")
    jobs.wait(name)
    jobs.download(name, download_path=tmp_path / "files")
    assert (tmp_path / "files/artifacts/outputs/place").read_text().startswith(str(tmp_path.parent))
def test_it_goes_on(azure_ml):
    jobs = client(azure_ml).jobs
    name = submitted(jobs, f"echo $$ > {{KEPT}}; sleep 600")
    while not (os.path.exists(KEPT) and open(KEPT).read().strip()):
        azure_ml.sleep(0.05)
def test_it_was_stopped():
    with pytest.raises(ProcessLookupError):
        os.kill(int(open(KEPT).read()), 0)
"""
    assert outcome(run_pytest(HEAD + source)) == "3 passed"


def test_a_failure_shows_what_was_asked(run_pytest: Run) -> None:
    """Below the test that failed stands the table of `explain()`; not below one that passed or asked nothing."""
    source = """
def test_fails(azure_ml):
    assert asked() == 200
def test_fails_without_asking(azure_ml):
    assert False
def test_fails_without_it():
    assert False
def test_passes(azure_ml):
    assert asked() == 404
"""
    done = run_pytest(HEAD + source)
    assert outcome(done) == "3 failed, 1 passed"
    assert done.stdout.count("azure_ml: what was asked of Azure") == 1
    assert "GET    resourceGroups/rg" in done.stdout
    assert "1 request, 0 writes, 1 not found" in done.stdout


def test_it_shows_too_when_a_fixture_stands_between(run_pytest: Run) -> None:
    """A test that names only a fixture of its own, one whose set-up fails, and one whose tear-down does."""
    source = """
@pytest.fixture
def seeded(azure_ml):
    assert asked() == 404
def test_fails(seeded):
    assert False
@pytest.fixture
def broken(azure_ml):
    assert asked() == 200
def test_is_not_begun(broken):
    pass
@pytest.fixture
def watched(azure_ml):
    yield
    assert asked() == 200
def test_is_left_badly(watched):
    pass
"""
    done = run_pytest(HEAD + source)
    assert outcome(done) == "1 failed, 1 passed, 2 errors"
    assert done.stdout.count("azure_ml: what was asked of Azure") == 3


def test_a_wider_fixture_and_the_one_of_a_test_go_together(run_pytest: Run) -> None:
    """A context of a whole module, as for `unittest`, is back when a test with an Azure of its own is done."""
    source = """
import unittest
from mlsdk.testing import azure_ml as context
@pytest.fixture(scope="module", autouse=True)
def shared():
    with context() as azure:
        azure.add_resource_group("sub", "rg")
        yield azure
def test_of_the_module():
    assert asked() == 200
def test_of_its_own(azure_ml):
    assert asked() == 404
class TestCase(unittest.TestCase):
    def test_of_the_module_again(self):
        self.assertEqual(asked(), 200)
    @context()
    def test_decorated(self):
        self.assertEqual(asked(), 404)
"""
    assert outcome(run_pytest(HEAD + source)) == "4 passed"


def test_a_test_that_fails_leaves_nothing_behind(run_pytest: Run) -> None:
    """The next test, without the fixture, meets the network as it was."""
    source = """
from requests.adapters import HTTPAdapter
BEFORE = HTTPAdapter.send
def test_fails(azure_ml):
    assert HTTPAdapter.send is not BEFORE
    raise ValueError
def test_after():
    assert HTTPAdapter.send is BEFORE
"""
    assert outcome(run_pytest(HEAD + source)) == "1 failed, 1 passed"


def test_processes_side_by_side_do_not_meet(run_pytest: Run, tmp_path: Path) -> None:
    """As pytest-xdist runs them: everything is in the process, nothing in files that others would see."""
    source = """
@pytest.mark.parametrize("number", range(20))
def test_alone(azure_ml, number):
    assert asked() == 404
    azure_ml.add_resource_group("sub", "rg")
    assert asked() == 200
"""
    arguments = ["-n", "2"] if _installed("xdist") else []
    assert outcome(run_pytest(HEAD + source, *arguments)) == "20 passed"
    assert [path.name for path in tmp_path.iterdir() if path.name != "__pycache__"] == ["test_it.py"]


def test_the_plugin_costs_next_to_nothing_when_it_is_not_used() -> None:
    """What pytest loads in every run imports a handful of small modules and nothing heavy."""
    probe = (
        "import sys, pytest; before = set(sys.modules); import mlsdk.testing.plugin, json; "
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    printed = subprocess.run([sys.executable, "-c", probe], check=True, stdout=subprocess.PIPE, text=True).stdout
    loaded = {module for module in json.loads(printed) if module.partition(".")[0] not in sys.stdlib_module_names}
    ours = {"mlsdk", "mlsdk._exports", "mlsdk._version", "mlsdk.testing", "mlsdk.testing.plugin"}
    assert loaded == ours


def test_the_package_names_what_it_has() -> None:
    """Its public names are there when they are asked for, and no others."""
    import mlsdk.testing

    assert set(mlsdk.testing.__all__) <= set(dir(mlsdk.testing))
    assert all(getattr(mlsdk.testing, name).__name__ == name for name in mlsdk.testing.__all__)
    assert not hasattr(mlsdk.testing, "nothing")


def _installed(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None
