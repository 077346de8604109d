"""What the examples in docstrings speak of as given: components and steps of a pipeline, and data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlsdk import Input, automl, data_transfer, dsl, finetuning, parallel, sweep
from mlsdk.entities import CommandComponent, ParallelComponent, ParallelTask, SparkComponent, SparkJobEntry

_HOMES = (automl, data_transfer, dsl, finetuning, parallel, sweep)
OFFICIAL = {name: getattr(home, name) for home in _HOMES for name in home.__all__}
"""The names of the modules for one kind of job each."""
_FLOW = """\
$schema: https://azuremlschemas.azureedge.net/promptflow/latest/Flow.schema.json
inputs: {question: {type: string}}
outputs: {answer: {type: string, reference: "${ask.output}"}}
nodes: [{name: ask, type: python, source: {type: code, path: ask.py}, inputs: {question: "${inputs.question}"}}]
"""
_DATA = Input(type="uri_folder", path="azureml:iris:1")


def _component(name: str, inputs: dict[str, str], outputs: dict[str, str]) -> CommandComponent:
    return CommandComponent(
        name=name,
        command="echo",
        environment="azureml:sklearn:1",
        inputs={key: {"type": kind, "optional": True} for key, kind in inputs.items()},
        outputs={key: {"type": kind} for key, kind in outputs.items()},
    )


def steps() -> dict[str, Any]:
    """Components, and steps that were made of them, in the current folder."""
    Path("chat").mkdir()
    Path("chat", "flow.dag.yaml").write_text(_FLOW, encoding="utf-8")
    asked = {"data": "uri_folder", "rate": "number", "start_from": "uri_folder"}
    train = _component("train", asked, {"model": "uri_folder", "go_on": "boolean"})
    task = ParallelTask(type="run_function", entry_script="score.py", environment="azureml:sklearn:1")
    return {
        "train_component": train,
        "score_component": ParallelComponent(name="score", task=task, inputs={"data": {"type": "mltable"}}),
        "wrangle_component": SparkComponent(
            name="wrangle",
            entry=SparkJobEntry(entry="wrangle.py"),
            inputs={"data": {"type": "uri_file", "mode": "direct"}},
            driver_cores=1,
            driver_memory="2g",
            executor_cores=1,
            executor_memory="2g",
            executor_instances=1,
        ),
        "choose": _component("choose", {"models": "uri_folder"}, {}),
        "prepare": _component("prepare", {}, {"data": "uri_folder"})(),
        "train": train(data=_DATA),
        "train_again": train(data=_DATA),
        "score": _component("score", {"images": "uri_folder"}, {})(images=_DATA),
        "check": _component("check", {}, {"is_good": "boolean"})(),
        "deploy": _component("deploy", {}, {})(),
        "tell": _component("tell", {}, {})(),
        "questions": Input(type="uri_file", path="azureml:questions:1"),
    }


def tables() -> dict[str, Any]:
    """The data of AutoML jobs."""
    train, valid, sales = (Input(type="mltable", path=f"azureml:{name}:1") for name in ("train", "valid", "sales"))
    settings = automl.ForecastingSettings(time_column_name="day", forecast_horizon=7)
    return {"train": train, "valid": valid, "sales": sales, "settings": settings}
