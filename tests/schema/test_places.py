"""Where in its file something of an entity stands that was found to be wrong after it was read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mlsdk import load_component, load_job
from mlsdk.entities import CommandComponent
from mlsdk.entities.validation import ValidationResult
from mlsdk.schema.places import places

if TYPE_CHECKING:
    from pathlib import Path

    from mlsdk.entities import Job

PIPELINE = """\
type: pipeline
tags:
  a.b: c
  <<: {d: e}
inputs:
  group.rate: 0.1
jobs:
  one:
    type: command
    command: echo ${{inputs.x}}
    environment: env@latest
    inputs: {x: 1}
  two:
    type: command
    component: ./step.yml
"""
STEP = "name: step\ntype: command\ncommand: echo\nenvironment: azureml:env:1\n"


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A pipeline of a file, one step of which is in another."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "pipeline.yml").write_text(PIPELINE.replace("env@latest", "azureml:env@latest"))
    (tmp_path / "below" / "step.yml").write_text(STEP)
    return load_job("below/pipeline.yml")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("tags.a.b", "pipeline.yml:3:8"),
        ("tags.d", "pipeline.yml:4:11"),
        ("inputs.group.rate", "pipeline.yml:6:15"),
        ("inputs.gone", "pipeline.yml:6:3"),
        ("jobs.one", "pipeline.yml:9:5"),
        ("jobs.one.component.command", "pipeline.yml:10:14"),
        ("jobs.one.inputs.x", "pipeline.yml:12:17"),
        ("jobs.two.component", "step.yml:1:1"),
        ("jobs.two.component.command", "step.yml:3:10"),
        ("gone", "pipeline.yml:1:1"),
    ],
)
def test_a_path_leads_to_its_place(job: Job, path: str, place: str) -> None:
    """Also through keys with points, merged keys, what a step writes out, and into the files of components."""
    assert str(places(job, [path])[path]) == os.path.join("below", place)  # noqa: PTH118 - as it is shown


def test_a_file_elsewhere_is_shown_whole(job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative to the current folder only where it is below that."""
    monkeypatch.chdir(tmp_path / "below")
    assert str(places(job, ["jobs"])["jobs"]) == "pipeline.yml:8:3"
    (tmp_path / "else").mkdir()
    monkeypatch.chdir(tmp_path / "else")
    assert str(places(job, ["jobs"])["jobs"]) == f"{tmp_path}/below/pipeline.yml:8:3"


def test_what_is_in_no_file_has_no_place() -> None:
    """It is told of without."""
    result = ValidationResult.of([("command", "is required")], CommandComponent(environment="a:1"))
    assert result.places == {}
    assert repr(result) == "ValidationResult(passed=False)\n  command: is required"


def test_what_is_wrong_comes_in_the_order_of_the_files(job: Job) -> None:
    """What has no place comes first; two problems of one place are one line."""
    found = [("jobs.two", "late"), ("tags.d", "early"), ("jobs.two", "later")]
    assert repr(ValidationResult.of(found, job)).splitlines()[1:] == [
        "  below/pipeline.yml:4:11: tags.d: early",
        "  below/pipeline.yml:14:5: jobs.two: late; later",
    ]


def test_a_component_tells_its_places_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `components.validate` shows them; a copy that was changed still knows its file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "step.yml").write_text(STEP)
    component = load_component("step.yml").evolve(version="7")
    assert str(places(component, ["command"])["command"]) == "step.yml:3:10"
