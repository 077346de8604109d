"""Scripts written for the official client do the same with mlsdk, their imports changed and nothing else."""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import shutil
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from moved.holdings import Holdings

import mlsdk
from mlsdk.testing import azure_ml

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPTS = Path(__file__).resolve().parent / "scripts"
IMPORT = re.compile(r"^(\s*(?:from|import) )azure\.ai\.ml\b", re.MULTILINE)
MARK = "a build context or a model is uploaded before its version is chosen, so that the mark of the upload has none"
DIFFERENCES = {
    "automated": {
        r"jobs/<job \d+> > (body|shown) > properties > resources > instance_?(count|type)": (
            "automated machine learning is told its resources in the words of the service, not in those of Python"
        )
    },
    "data_and_models": {r"weights\.txt > metadata > version": MARK},
    "distributed": {r"Dockerfile > metadata > version": MARK},
    "pipeline_in_yaml": {r"printed > 1": "an input of a pipeline that is read gives its value, not an expression"},
    "score_in_parallel": {r"model\.txt > metadata > version": MARK},
    "train_a_model": {
        r"jobs/<job 0> > (body|shown) > properties > inputs > learning_rate > value": (
            "what is assigned to an input of a command that was made is sent"
        ),
        r"printed > 4": "the address of the studio is the service's, to which the official client adds its tenant",
    },
}
"""By script, the places at which the two clients differ on purpose, and why; docs/departures.md has them too."""
CONFIG = '{"subscription_id": "sub", "resource_group": "rg", "workspace_name": "team"}'


@pytest.fixture(autouse=True)
def empty_azure() -> Iterator[None]:
    """The memory backend that `MLSDK_BACKEND=memory` means, empty before and after."""
    mlsdk.memory_backend().reset()
    yield
    mlsdk.memory_backend().reset()


def run(source: str, files: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Holdings:
    """What is left behind when a script has run in a fresh folder, with its files, on an empty Azure."""
    backend = mlsdk.memory_backend()
    backend.reset()
    backend.add_workspace("sub", "rg", "team")
    here = folder / "project"
    shutil.copytree(files, here)
    (here / "config.json").write_text(CONFIG)
    script = here / "script.py"
    script.write_text(source)
    printed = io.StringIO()
    with monkeypatch.context() as patched, contextlib.redirect_stdout(io.StringIO()):
        patched.chdir(here)
        runpy.run_path(
            str(script),
            init_globals={"print": lambda *values, **how: print(*map(_word, values), file=printed, **how)},
            run_name="__main__",
        )
    script.unlink()
    return Holdings(backend, here, printed.getvalue().splitlines())


def _word(value: object) -> object:
    """What the official client has as a member of an enumeration is its word here, which it is equal to."""
    return value.value if isinstance(value, Enum) else value


@pytest.mark.parametrize("name", sorted(path.name for path in SCRIPTS.iterdir()))
def test_a_script_leaves_the_same_behind(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Resources, files there and here, and what it printed, whichever client it imports."""
    source = (SCRIPTS / name / "script.py").read_text(encoding="utf-8")
    with azure_ml(mlsdk.memory_backend()):
        official = run(source, SCRIPTS / name, tmp_path / "official", monkeypatch)
    moved = IMPORT.sub(r"\1mlsdk", source)
    assert "azure.ai.ml" not in moved
    monkeypatch.setenv("MLSDK_BACKEND", "memory")
    ours = run(moved, SCRIPTS / name, tmp_path / "ours", monkeypatch)
    found = ours.compared_with(official, source)
    known = DIFFERENCES.get(name, {})
    assert {place: both for place, both in found.items() if not any(_ends(place, pattern) for pattern in known)} == {}
    for pattern in known:
        assert any(_ends(place, pattern) for place in found), f"nothing differs any more at {pattern}"


def _ends(place: str, pattern: str) -> bool:
    return re.search(f"{pattern}$", place, re.IGNORECASE) is not None
