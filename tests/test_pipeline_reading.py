"""Pipelines read: from functions whose annotations are texts, from files with several mistakes, from newer services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlsdk import Input, Output, command, from_wire, load_job, to_wire
from mlsdk.dsl import pipeline
from mlsdk.entities import Job
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from pathlib import Path

echo = command(
    name="echo",
    command="echo ${{inputs.table}} ${{inputs.count}}",
    environment="azureml:sklearn:1",
    inputs={"table": Input(type="mltable"), "count": 1},
    outputs={"text": Output(type="uri_file")},
)


def test_an_annotation_that_is_a_text_says_what_it_stands_for() -> None:
    """As all do in this file; one that names nothing known leaves the default to tell."""

    @pipeline()
    def whole(
        table: Input(type="mltable", description="rows"),  # type: ignore[valid-type]
        count: int,
        rate: Unknown = 0.5,  # type: ignore[name-defined]  # noqa: F821  # pyright: ignore[reportUndefinedVariable]
    ) -> None:
        echo(table=table, count=count)
        assert rate is not None

    inputs = whole(Input(type="mltable", path="azureml:rows:1"), 2).component.inputs  # type: ignore[union-attr]
    assert {name: port.type for name, port in inputs.items()} == {
        "table": "mltable",
        "count": "integer",
        "rate": "number",
    }
    assert inputs["table"].description == "rows"


def test_all_that_is_wrong_with_a_pipeline_file_is_told_at_once(tmp_path: Path) -> None:
    """Mistakes in steps do not hide those beside them."""
    file = tmp_path / "pipeline.yml"
    file.write_text(
        "type: pipeline\n"
        "settings: {default_compute: cpu}\n"
        "tags: {a: 1}\n"
        "inputs:\n"
        "  data: {type: uri_foldr, path: x}\n"
        "jobs:\n"
        "  a: {comand: echo, environment: azureml:e:1}\n"
        "  B: {command: echo}\n"
    )
    with pytest.raises(ValidationException) as told:
        load_job(file)
    places = ("settings.default_compute", "tags.a", "inputs.data.type", "jobs.a.comand", "jobs.B:", "jobs.B: 'env")
    assert [place for place in places if place not in str(told.value)] == []


def test_a_step_of_a_type_that_is_not_known_is_kept() -> None:
    """A newer service may have such; the pipeline is read, shown, and sent with it."""
    step = {"name": "x", "type": "quantum", "_source": "DSL", "componentId": "/a/b", "qubits": 3}
    job = from_wire(Job, {"properties": {"jobType": "Pipeline", "jobs": {"x": step}}})
    assert "quantum" in str(job)
    assert to_wire(job)["properties"]["jobs"]["x"]["qubits"] == 3


def test_a_job_is_shown_without_secrets() -> None:
    """In what the user named, too."""
    job = command(
        command="train",
        environment="azureml:sklearn:1",
        environment_variables={"DB_PASSWORD": "hunter2"},
        inputs={"data": Input(type="uri_file", path="https://a.blob.core.windows.net/c/f?sv=1&sig=abcdef")},
        services={"shell": {"type": "vs_code", "properties": {"token": "hunter2"}}},
    )
    for shown in (str(job), repr(job), str(job.component)):
        assert "hunter2" not in shown
        assert "abcdef" not in shown
