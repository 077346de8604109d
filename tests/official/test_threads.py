"""Several threads of the official client on one workspace, by the program that does so for a minute: `benchmarks/soak.py`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    import pytest

SOAK = Path(__file__).parents[2] / "benchmarks" / "soak.py"


def soak() -> ModuleType:
    """The program as a module; it stands in no package."""
    specification = importlib.util.spec_from_file_location("soak", SOAK)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_threads_lose_and_duplicate_nothing() -> None:
    """What eight threads were told was done at the same time is there, once: versions without a gap, jobs, computes, tags."""
    counted, problems = soak().soak(2.0)
    assert problems == []
    assert sum(counted[what] for what in ("models", "data", "environments", "jobs")) > 8, counted


def test_a_loss_is_noticed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The program ends with 1 when the workspace does not hold what was accepted."""
    module = soak()
    made_up = ("models", "models-0", "1000")
    run = module.Worker.run

    def run_and_make_up(worker: object) -> None:
        run(worker)
        worker.versions[made_up] = "nowhere"  # type: ignore[attr-defined]

    monkeypatch.setattr(module.Worker, "run", run_and_make_up)
    monkeypatch.setattr(sys, "argv", ["soak.py", "--seconds", "0.3", "--threads", "2"])
    assert module.main() == 1
    printed = capsys.readouterr().out
    assert "2 threads for 0.3 s" in printed
    assert "assets accepted twice: 1 there, 0 accepted" in printed
