"""A parallel job as one command: a driver that gives the mini batches of its input to several processes.

The driver is the program in the folder `parallel_driver`, which stands beside this module.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlsdk.local.arguments import bash_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.local.work import Given

DRIVER = Path(__file__).with_name("parallel_driver")
"""The program: a folder that needs nothing but a Python interpreter, so that it may be copied to where a job runs."""

_BINDING = re.compile(r"\$\{\{\s*inputs\.(\w+)\s*\}\}")
_SIZE = re.compile(r"(\d+)\s*(?:([kmg])b)?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_READS = {"read_delimited": "delimited", "read_json_lines": "json"}
_COLUMNS = {"keep_columns": "keep", "drop_columns": "drop"}
_COUNTS = {
    "mini_batch_error_threshold": ("--mini-batch-error-threshold", -1),
    "error_threshold": ("--error-threshold", -1),
    "max_retries": ("--max-retries", 0),
    "timeout": ("--timeout", 1),
}
"""The settings that are whole numbers: the flag of each, and the least it may be."""


def refusal(properties: Mapping[str, Any]) -> str | None:
    """Why a parallel job cannot be run here, by `properties` of its body; None when it can.

    What only the files of its inputs tell, such as an `MLTable` that cannot be cut here, `command` refuses later; inputs that
    other steps give need not be there yet.
    """
    try:
        _settings(properties)
        _input_name(properties)
        bash_words(_text(properties, "program_arguments"), "task.program_arguments")
    except ValueError as error:
        return str(error)
    return None


def command(properties: Mapping[str, Any], inputs: Mapping[str, Given], driver: Path = DRIVER) -> str:
    """What bash is to run for a parallel job, `${{inputs.x}}` and `${{outputs.y}}` still to be put in.

    Parameters
    ----------
    properties
        `properties` of the job's body: `task`, `input_data` and the settings of a parallel step as its pipeline writes them
        (`mini_batch_size`, `retry_settings`, …), `inputs` and `resources` as those of every job.
    inputs
        The inputs that are files: the `MLTable` in the one that is cut is read here.
    driver
        The folder of the program where the job runs, in a container for example.

    Raises
    ------
    ValueError
        The job cannot be run as it is written; the message says why.
    """
    name = _input_name(properties)
    if name not in (properties.get("inputs") or {}):
        message = f"input_data names the input {name!r}, which the job does not have"
        raise ValueError(message)
    task = properties["task"]
    words = ["exec", "python", shlex.quote(str(driver)), "--entry-script", shlex.quote(str(task["entry_script"]))]
    words += ["--input", f"${{{{inputs.{name}}}}}"]
    for flag, value in _settings(properties).items():
        words += [flag, shlex.quote(value)]
    table = _table(name, properties, inputs)
    if table is not None:
        words += ["--table", shlex.quote(json.dumps(table))]
    if _text(properties, "append_row_to"):
        words += ["--append-row-to", bash_words(_text(properties, "append_row_to"), "task.append_row_to")]
    return " ".join(
        [*words, "--", bash_words(_text(properties, "program_arguments"), "task.program_arguments")]
    ).rstrip()


def _text(properties: Mapping[str, Any], name: str) -> str:
    """A text of the task; empty where it has none."""
    return str((properties.get("task") or {}).get(name) or "")


def _settings(properties: Mapping[str, Any]) -> dict[str, str]:
    """What the driver is told of a job, by flag: ValueError where it does not fit."""
    task = properties.get("task") or {}
    if str(task.get("type") or "run_function").lower() != "run_function":
        message = f"a parallel job runs here where its task is a run_function, not {task['type']!r}"
        raise ValueError(message)
    if not task.get("entry_script"):
        message = "task.entry_script of a parallel job says which script has init() and run(mini_batch); there is none"
        raise ValueError(message)
    found: dict[str, str] = {}
    for name, (flag, least) in _COUNTS.items():
        of_retries = name in {"max_retries", "timeout"}
        said = (properties.get("retry_settings") or {}).get(name) if of_retries else properties.get(name)
        if said is not None:
            found[flag] = str(_count(said, f"retry_settings.{name}" if of_retries else name, least))
    if properties.get("mini_batch_size") not in {None, "", 0, "0"}:
        found["--mini-batch-size"] = str(_size(properties["mini_batch_size"]))
    each = properties.get("max_concurrency_per_instance")
    if each:
        nodes = (properties.get("resources") or {}).get("instanceCount") or 1
        found["--processes"] = str(
            _count(each, "max_concurrency_per_instance", 1) * _count(nodes, "resources.instance_count", 1)
        )
    if properties.get("logging_level"):
        level = str(properties["logging_level"]).upper()
        if level not in {"DEBUG", "INFO", "WARNING"}:
            message = f"logging_level is DEBUG, INFO or WARNING, not {properties['logging_level']!r}"
            raise ValueError(message)
        found["--logging-level"] = level
    keys = properties.get("partition_keys")
    if keys:
        found["--partition-keys"] = keys if isinstance(keys, str) else json.dumps(list(keys))
    return found


def _count(said: Any, name: str, least: int) -> int:
    try:
        count = int(said)
    except (TypeError, ValueError):
        count = least - 1
    if count < least:
        message = f"{name} of a parallel job is a whole number from {least} on, not {said!r}"
        raise ValueError(message)
    return count


def _size(said: Any) -> int:
    found = _SIZE.fullmatch(str(said))
    if found is None:
        message = f"mini_batch_size is a number of files, or of a table a size such as '10kb' or '1mb', not {said!r}"
        raise ValueError(message)
    return int(found[1]) * _UNITS[(found[2] or "").lower()]


def _input_name(properties: Mapping[str, Any]) -> str:
    """The input that is cut into mini batches."""
    said = str(properties.get("input_data") or "")
    found = _BINDING.fullmatch(said.strip())
    if found is None:
        message = f"input_data of a parallel job names the input that is cut: ${{{{inputs.data}}}}, not {said!r}"
        raise ValueError(message)
    binding = (properties.get("inputs") or {}).get(found[1]) or {}
    if str(binding.get("jobInputType", "")).lower() == "literal":
        message = f"input_data names the input {found[1]!r}, which is a value; only files and folders can be cut"
        raise ValueError(message)
    return found[1]


# -- tables --------------------------------------------------------------------------------------------------
def _table(name: str, properties: Mapping[str, Any], inputs: Mapping[str, Given]) -> dict[str, Any] | None:
    """What the `MLTable` of the input says that is cut; None where it is no table.

    In the mode `direct`, or where no mode is said, mini batches are rows of it; in all others they are its files.
    """
    binding = properties["inputs"][name]
    if str(binding["jobInputType"]).lower() != "mltable":
        return None
    content = inputs[name].files.get("MLTable") if name in inputs else None
    if content is None:
        message = f"the input {name!r} is an mltable, and there is no file MLTable in its folder"
        raise ValueError(message)
    import yaml

    with content.open() as stream:
        try:
            said = yaml.safe_load(stream)
        except yaml.YAMLError as error:
            message = f"the MLTable of the input {name!r} is not YAML: {error}"
            raise ValueError(message) from error
    if not isinstance(said, dict):
        message = f"the MLTable of the input {name!r} has no paths"
        raise ValueError(message)  # noqa: TRY004 - one error for whatever is wrong with a job
    found: dict[str, Any] = {"paths": [*map(_path, said.get("paths") or ())]}
    if str(binding.get("mode") or "direct").lower() == "direct":
        for step in said.get("transformations") or ():
            found.update(_transformation(step))
    return found


def _path(said: Any) -> tuple[str, str]:
    """How a path of an `MLTable` is meant, and the path."""
    kind, path = next(iter(said.items())) if isinstance(said, dict) and len(said) == 1 else ("", "")
    if kind not in {"file", "folder", "pattern"}:
        message = f"a path of an MLTable is a file, a folder or a pattern, not {said!r}"
        raise ValueError(message)
    if re.match(r"[a-z]{2,}:", str(path)):
        message = f"the MLTable names {path}; here only tables run whose files are in the folder of the MLTable"
        raise ValueError(message)
    return kind, str(path)


def _transformation(step: Any) -> dict[str, Any]:
    """What the driver is told of one transformation of an `MLTable`."""
    name, said = next(iter(step.items())) if isinstance(step, dict) and step else (step, None)
    if name in _READS:
        return {**(said if isinstance(said, dict) else {}), "rows": _READS[name]}
    if name in _COLUMNS:
        return {_COLUMNS[name]: [said] if isinstance(said, str) else list(said or ())}
    known = ", ".join([*_READS, *_COLUMNS])
    message = f"mini batches of a table are made here of MLTables with {known}; this one has {name}"
    raise ValueError(message)
