"""What the laws need to know of parallel, Spark and flow steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlsdk.entities import ParallelTask, SparkComponent, SparkJobEntry, SparkResourceConfiguration

HERE = str(Path(__file__).resolve().parent)
_CLUSTER = {"driver_cores": 1, "driver_memory": "2g", "executor_cores": 2, "executor_memory": "2g"}
_COMPONENT = SparkComponent(
    name="wrangle", code="code:1", entry=SparkJobEntry(entry="main.py"), executor_instances=2, **_CLUSTER
)

CANNOT_BE_SENT = {
    "Parallel": "it is a step and no job of its own; tests/conformance/test_steps.py holds that",
}

VALUES: dict[str, list[Any]] = {
    "ParallelTask.type": ["run_function", "model", "function"],
    "ParallelTask.code": [None, HERE, "code:1", "https://example.org/code"],
    "ParallelTask.environment": ["training:1", "training@latest"],
    "ParallelComponent._code": [None, HERE, "code:1", "https://example.org/code"],
    "ParallelComponent.task": [
        None,
        ParallelTask(type="run_function", environment="training:1", code="code:1", append_row_to=""),
    ],
    "ParallelComponent.logging_level": [None, "DEBUG", "INFO", "WARNING"],
    "ParallelComponent.mini_batch_size": ["0", "5", "10kb"],
    **{f"{cls}.tags": [None, {}, {"key": "a", "empty": ""}] for cls in ("ParallelComponent", "SparkComponent")},
    "SparkJobEntry.entry": ["main.py"],
    "SparkJobEntry.entry_type": ["SparkJobPythonEntry"],
    "SparkComponent.code": [None, HERE, "code:1", "https://example.org/code"],
    "SparkComponent.environment": [None, "training:1", "training@latest"],
    "Spark.component": [_COMPONENT],
    "Spark.resources": [SparkResourceConfiguration(instance_type="standard_e4s_v3", runtime_version="3.4")],
    "Spark.compute": [None],
    "Spark.environment": [None, "training:1", "training@latest"],
    "Spark.inputs": [None, {}],
    "Spark.outputs": [None, {}],
}
for _name in ("py_files", "jars", "files", "archives"):
    VALUES[f"SparkComponent.{_name}"] = VALUES[f"Spark.{_name}"] = [None, [], ["a.zip", "b.zip"]]
for _class in ("Spark", "SparkComponent"):
    VALUES |= {
        f"{_class}.dynamic_allocation_enabled": [None, False],
        f"{_class}.dynamic_allocation_min_executors": [None],
        f"{_class}.dynamic_allocation_max_executors": [None],
        f"{_class}.conf": [None, {}, {"spark.x": "1", "spark.y": ""}],
    }
    for _name in ("driver_cores", "executor_cores", "executor_instances"):
        VALUES[f"{_class}.{_name}"] = [None, 1, "2"]
    for _name in ("driver_memory", "executor_memory"):
        VALUES[f"{_class}.{_name}"] = [None, "2g"]


def _at_hand(given: dict[str, Any]) -> dict[str, Any]:
    """A Spark job has a component, a cluster and nodes."""
    nodes = SparkResourceConfiguration(instance_type="standard_e4s_v3", runtime_version="3.4")
    known = {name: value for name, value in given.items() if value is not None}
    return {"component": _COMPONENT, "resources": nodes, **known}


def _with_environment(given: dict[str, Any]) -> dict[str, Any]:
    """Code of its own is code of a task, which has an environment."""
    return given if given.get("task") is not None else {**given, "code": None}


COMPLETED = {
    "SparkJobEntry": lambda given: {"entry": "main.py", **given},
    "Spark": _at_hand,
    "ParallelComponent": _with_environment,
}

_COMPONENTS = ("ParallelComponent", "SparkComponent")
DECLARED: dict[tuple[str, str, str], str] = {
    (
        "Spark",
        "files_are_read_as_they_were_written",
        r"driver_cores: is required",
    ): "files tell of the cluster in conf, which the attributes follow",
    ("Spark", "what_is_sent_is_read_back", r"^conf\.spark\..* is added"): "what the attributes say is in conf too",
    **{
        (
            cls,
            "files_are_read_as_they_were_written",
            r"^body\.properties\.componentSpec\._source is changed: 'CLASS' to 'YAML.COMPONENT'",
        ): "it says whether a file or Python made the component"
        for cls in _COMPONENTS
    },
    **{
        (cls, "fields_of_tomorrow_survive", what): why
        for cls in _COMPONENTS
        for what, why in {
            r"\.client_component_hash is changed": "it is the hash of the definition, and more is in that now",
            r"\.componentSpec\.(in|out)puts\.fieldOfTomorrow is lost": "what has no type is not an input",
        }.items()
    },
}
