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

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
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


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_give_what_they_show(name: str) -> None:
    """What a docstring shows after `>>>` is what happens."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_table_of_operations_is_what_the_tests_say() -> None:
    """`docs/operations.md` was written from the marks that the tests carry today."""
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "docs" / "operations_table.py"), "--check"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
