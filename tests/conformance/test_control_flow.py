"""Conditions and loops beside what the official client makes of them, with its private features on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conformance import cases_control_flow as cases
from conformance.official import OURS, differences

from mlsdk.dsl import condition, do_while, parallel_for

HERE = Path(__file__).resolve()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the component that the files name."""
    made = tmp_path_factory.mktemp("control")
    for name, text in cases.BESIDE.items():
        (made / name).write_text(text, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def theirs(folder: Path) -> dict[str, Any]:
    """What the official client makes of all cases."""
    root = HERE.parents[2]
    environment = {
        **os.environ,
        "AZURE_ML_CLI_PRIVATE_FEATURES_ENABLED": "true",
        "PYTHONPATH": os.pathsep.join([str(root / "tests"), str(root)]),
    }
    command = [sys.executable, "-W", "ignore", str(HERE.parent / "cases_control_flow.py"), str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def ours(folder: Path) -> dict[str, Any]:
    """What mlsdk makes of them."""
    return cases.made(OURS, (condition, do_while, parallel_for), folder)


def _is_refused(one: Any) -> bool:
    return isinstance(one, str)


@pytest.mark.parametrize("number", range(len(cases.FILES_OF_PIPELINES) + len(cases.BODIES_ONLY)))
def test_the_same_file_gives_the_same_forms(theirs: dict[str, Any], ours: dict[str, Any], number: int) -> None:
    """A pipeline's file gives the same body and YAML form, or is refused by both."""
    expected, found = theirs["files"][number], ours["files"][number]
    assert _is_refused(expected) == _is_refused(found), (expected, found)
    if _is_refused(expected):
        assert "ValidationException" in found, found
        return
    forms = 1 if number >= len(cases.FILES_OF_PIPELINES) else 2
    assert not [*differences(expected[:forms], list(found)[:forms])]


@pytest.mark.parametrize("number", range(4))
def test_the_same_function_gives_the_same_forms(theirs: dict[str, Any], ours: dict[str, Any], number: int) -> None:
    """A `@pipeline` function gives the same body and YAML form."""
    assert not [*differences(theirs["functions"][number], list(ours["functions"][number]))]


@pytest.mark.parametrize("number", range(9))
def test_the_same_functions_are_refused(theirs: dict[str, Any], ours: dict[str, Any], number: int) -> None:
    """What the official client does not make into a body, mlsdk refuses, and says why."""
    expected, found = theirs["wrong"][number], ours["wrong"][number]
    assert _is_refused(expected), expected
    assert _is_refused(found), (expected, found)
    assert "ValidationException" in found, (expected, found)
