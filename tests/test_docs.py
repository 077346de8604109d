"""The examples of the README, of the manual and of the docstrings run as they stand."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mlsdk
from mlsdk import entities

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
PUBLIC = {name: getattr(home, name) for home in (entities, mlsdk) for name in home.__all__}
"""What an example may use without importing it."""
MODULES = sorted(found.name for found in pkgutil.walk_packages(mlsdk.__path__, "mlsdk."))


def examples(page: Path) -> list[tuple[int, str]]:
    """The blocks of a page marked as Python, each with the number of its first line."""
    text = page.read_text(encoding="utf-8")
    found = re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(text.count("\n", 0, block.start(1)) + 1, block[1]) for block in found]


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the repository's examples in it, and the memory backend, empty, as the one chosen."""
    shutil.copytree(REPOSITORY / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLSDK_BACKEND", "memory")
    mlsdk.memory_backend().reset()
    return tmp_path


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize("page", [page for page in PAGES if examples(page)], ids=lambda page: page.name)
def test_the_examples_of_a_page_run_one_after_the_other(page: Path) -> None:
    """A reader who pastes a page's Python from top to bottom meets no error."""
    names: dict[str, object] = {"__name__": "__main__"}
    for line, source in examples(page):
        # Empty lines put the numbers of a traceback where the page has them.
        exec(compile("\n" * (line - 1) + source, str(page), "exec"), names)  # noqa: S102 - our own pages


class RunOrShow(doctest.OutputChecker):
    """An example that shows no result only has to run; one that does has to give it."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        """Whether what came out is what the example shows, if it shows anything."""
        return not want or super().check_output(want, got, optionflags)


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_give_what_they_show(name: str) -> None:
    """What a docstring shows after `>>>` is what happens."""
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(checker=RunOrShow(), optionflags=doctest.ELLIPSIS)
    for example in doctest.DocTestFinder().find(module, globs={**PUBLIC, **vars(module)}):
        runner.run(example)
    assert runner.summarize(verbose=False).failed == 0


def test_what_the_documentation_takes_from_the_tests_is_current() -> None:
    """The table of operations and that of departures were written from the tests of today."""
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "docs" / "written_pages.py"), "--check"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
