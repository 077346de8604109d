"""What a job's body says, as a task."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from mlsdk.local import durations, parallel, placeholders, spark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.local.work import Given

PROGRAM = parallel.DRIVER
"""The folder of what commands of jobs may run that is not theirs."""
_NEEDS_AZURE = {
    "automl": "Automated machine learning trains models by a service of Azure",
    "datatransfer": "Data transfer copies data by a service of Azure",
    "distillation": "Distillation trains a model by a service of Azure",
    "finetuning": "Fine-tuning trains a model by a service of Azure",
    "import": "An import reads databases by a service of Azure",
    "labeling": "Data labeling is done by people with a service of Azure",
}
"""What jobs do that cannot be done here, by type."""
_WORKSPACE = re.compile(r"(?i)/subscriptions/([^/]+)/resourceGroups/([^/]+)/.*/workspaces/([^/]+)$")
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
"""Names of inputs and outputs that may be those of folders: Azure has no others."""
_REUSED_BY = (
    *("command", "environmentVariables", "distribution", "resources", "limits", "outputs"),
    *("task", "input_data", "mini_batch_size", "mini_batch_error_threshold", "error_threshold"),
    *("max_concurrency_per_instance", "retry_settings", "logging_level", "partition_keys"),
    *("entry", "args", "conf", "pyFiles", "jars", "files", "archives"),
)
"""What of a body may change what the job leaves, beside its code, inputs and environment."""


def type_of(properties: Mapping[str, Any]) -> str:
    """The type of a job in lower case without `_`."""
    return str(properties.get("jobType") or "command").lower().replace("_", "")


def refusal(properties: Mapping[str, Any]) -> str | None:
    """Why a job cannot be run on any machine but Azure's, or not as it is written; None when it can.

    Of a step of a pipeline only a part of the body may be known; what is not there is not missed.
    """
    type_ = type_of(properties)
    if type_ in _NEEDS_AZURE:
        return f"{_NEEDS_AZURE[type_]}: submit it to Azure."
    if type_ == "parallel" and properties.get("task") and properties.get("input_data"):
        return parallel.refusal(properties)
    if type_ == "spark" and properties.get("entry"):
        return spark.refusal(properties)
    if type_ not in {"command", "parallel", "spark"}:
        return f"Jobs of the type {properties.get('jobType')!r} are not known on this machine: submit it to Azure."
    timeout = (properties.get("limits") or {}).get("timeout")
    if timeout:
        try:
            durations.seconds(str(timeout))
        except ValueError as error:
            return f"limits.timeout: {error}."
    return None


def check_names(properties: Mapping[str, Any]) -> None:
    """Inputs and outputs are called as folders can be, and variables as a system has them: ValueError says which is not."""
    for side in ("inputs", "outputs"):
        for name in properties.get(side) or {}:
            if not _NAME.fullmatch(name):
                msg = f"the name {name!r} in {side} cannot be that of a folder: use letters, digits, '_', '-' and '.'"
                raise ValueError(msg)
    for name, value in (properties.get("environmentVariables") or {}).items():
        if not name or "=" in name or "\0" in f"{name}{value}":
            msg = (
                f"the environment variable {name!r} cannot be set: no name has a '=' in it, and nothing has a zero byte"
            )
            raise ValueError(msg)


def command(properties: Mapping[str, Any], inputs: Mapping[str, Given]) -> str:
    """What bash is to run; ValueError where the job cannot be run as it is written."""
    type_ = type_of(properties)
    if type_ == "parallel":
        return parallel.command(properties, inputs)
    if type_ == "spark":
        return spark.command(properties)
    return str(properties.get("command") or "")


def literals(properties: Mapping[str, Any]) -> dict[str, str]:
    """The inputs that are values, and what was drawn for a trial, as text."""
    given = {
        name: _text(value.get("value"))
        for name, value in (properties.get("inputs") or {}).items()
        if str(value.get("jobInputType")).lower() == "literal"
    }
    drawn = properties.get("parameters") or {}
    return given | {name: value if isinstance(value, str) else json.dumps(value) for name, value in drawn.items()}


def _text(value: Any) -> str:
    """A value as Azure writes it into commands."""
    return "" if value is None else str(value)


def absent(text: str, given: Mapping[str, Any]) -> frozenset[str]:
    """The optional inputs of a command that were not given."""
    names = (name.removeprefix("inputs.") for name in placeholders.optional(text) if name.startswith("inputs."))
    return frozenset(name for name in names if name not in given)


def copied(properties: Mapping[str, Any], name: str) -> bool:
    """Whether a job wants a copy of an input."""
    return str(properties["inputs"][name].get("mode")).lower() == "download"


def outputs(properties: Mapping[str, Any]) -> dict[str, str]:
    """The types of the outputs in lower case."""
    return {
        name: str((output or {}).get("jobOutputType") or "uri_folder").lower()
        for name, output in (properties.get("outputs") or {}).items()
    }


def places(properties: Mapping[str, Any]) -> dict[str, str]:
    """The names of files that outputs are to be, where the end of their `uri` says one."""
    found = {}
    for name, output in (properties.get("outputs") or {}).items():
        last = PurePosixPath(str((output or {}).get("uri") or "")).name
        if last and "$" not in last and PurePosixPath(last).suffix:
            found[name] = last
    return found


def processes(properties: Mapping[str, Any]) -> tuple[str | None, int, int]:
    """How a job is distributed, by how many processes in all, and how many of these are parameter servers."""
    distribution = properties.get("distribution") or {}
    kind = str(distribution.get("distributionType") or "").lower()
    if not kind:
        return None, 1, 0
    instances = int((properties.get("resources") or {}).get("instanceCount") or 1)
    if kind == "tensorflow":
        workers = int(distribution.get("workerCount") or instances)
        servers = int(distribution.get("parameterServerCount") or 0)
        return kind, workers + servers, servers
    if kind == "ray":
        return kind, 1, 0
    return kind, instances * int(distribution.get("processCountPerInstance") or 1), 0


def seconds(properties: Mapping[str, Any]) -> float | None:
    """How long a job may run."""
    timeout = (properties.get("limits") or {}).get("timeout")
    return durations.seconds(str(timeout)) if timeout else None


def variables(properties: Mapping[str, Any], name: str, parent: str | None, workspace: str) -> dict[str, str]:
    """The environment variables that a job asks for, and those by which a job on Azure knows where it is."""
    experiment = str(properties.get("experimentName") or "Default")
    found = {
        "PYTHONUNBUFFERED": "1",
        "AZUREML_RUN_ID": name,
        "AZUREML_ROOT_RUN_ID": parent or name,
        "AZUREML_EXPERIMENT_NAME": experiment,
        "AZUREML_ARM_PROJECT_NAME": experiment,
    }
    where = _WORKSPACE.search(workspace)
    if where:
        found["AZUREML_ARM_SUBSCRIPTION"], found["AZUREML_ARM_RESOURCEGROUP"], found["AZUREML_ARM_WORKSPACE_NAME"] = (
            where.groups()
        )
    asked = properties.get("environmentVariables") or {}
    return found | {str(key): _text(value) for key, value in asked.items()}


def reused_by(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What of a body may change what the job leaves."""
    said = {name: properties.get(name) for name in _REUSED_BY}
    # Where an output goes in a datastore does not matter, but the name of its file does.
    said["outputs"] = [outputs(properties), places(properties)]
    modes = {name: str(value.get("mode")) for name, value in (properties.get("inputs") or {}).items()}
    return {"type": type_of(properties), "values": literals(properties), "modes": modes, **said}
