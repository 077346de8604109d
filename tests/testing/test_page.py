"""The page "Test your Azure ML code without Azure" holds: its files are written as they stand there, and run by pytest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("azure.ai.ml", reason="azure-ai-ml is the client whose code is tested on that page")

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

PAGE = "docs/test-your-azure-ml-code.md"


def test_the_tests_of_the_page_pass_and_print_what_it_shows(
    repository: Path, tmp_path: Path, run_pytest: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """Each block marked `py` is a file that its first line names; each marked `text` is printed by one of them."""
    text = (repository / PAGE).read_text(encoding="utf-8")
    files = re.findall(r"^```py\n# (\S+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for name, source in files:
        (tmp_path / name).write_text(source, encoding="utf-8")
    expected = sum(source.count("\ndef test_") for _, source in files)
    done = run_pytest("", "-s", "-W", "ignore")
    assert f"{expected} passed" in done.stdout, done.stdout + done.stderr
    for shown in re.findall(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        assert shown in done.stdout
