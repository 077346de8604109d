"""What a job says of the git repository that it is submitted from."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from mlsdk.assets.git import git_properties


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What git was asked; it is in a repository and says the same to everything."""
    found: list[str] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        found.append(command[1])
        return subprocess.CompletedProcess(command, 0, "true\n", "")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.delenv("GIT_DIR", raising=False)
    return found


def test_git_is_not_started_outside_of_repositories(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small job is submitted in less time than git takes to say that there is nothing to say."""
    monkeypatch.chdir(tmp_path)
    assert git_properties() == {}
    assert asked == []


@pytest.mark.parametrize("is_file", [False, True], ids=["a folder", "a file, as in a work tree or submodule"])
def test_git_is_asked_below_a_repository(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_file: bool
) -> None:
    """`.git` may be in any folder above."""
    inner = tmp_path / "src" / "train"
    inner.mkdir(parents=True)
    if is_file:
        (tmp_path / ".git").write_text("gitdir: elsewhere", encoding="utf-8")
    else:
        (tmp_path / ".git").mkdir()
    monkeypatch.chdir(inner)
    assert git_properties()["mlflow.source.git.commit"] == "true"
    assert asked[0] == "rev-parse"


def test_git_is_asked_where_its_folder_is_named(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`GIT_DIR` makes a repository of a folder without `.git`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    git_properties()
    assert asked


def test_a_folder_that_was_removed_is_in_no_repository(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A job can be submitted from it all the same."""

    def gone() -> Path:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "cwd", gone)
    assert git_properties() == {}
    assert asked == []
