"""A Spark job as one command: `spark-submit` with a master that is threads of this machine."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlsdk.local.arguments import bash_words

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_PYSPARK = "Spark jobs run here where pyspark is installed in the job's environment: pip install pyspark"
NO_JAVA = "Spark needs Java: install a runtime (version 17), or let JAVA_HOME say where one is"

_LISTS = {"pyFiles": "--py-files", "jars": "--jars", "files": "--files", "archives": "--archives"}
_MEMORY = re.compile(r"(\d+)([kmgtp]?)b?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4, "p": 1024**5}
_HERE = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
"""What is set where the job does not say otherwise: nothing of it is reached from other machines."""


def refusal(properties: Mapping[str, Any]) -> str | None:
    """Why a Spark job cannot be run here, by `properties` of its body; None when it can.

    Whether pyspark is there is another question: `missing` answers it of this interpreter, the command of the job's own.
    """
    try:
        command(properties)
    except ValueError as error:
        return str(error)
    return None


def missing() -> str | None:
    """What this interpreter lacks to run Spark jobs, as a sentence; None when it has all. Nothing of it is imported."""
    if importlib.util.find_spec("pyspark") is None:
        return NO_PYSPARK
    return None if shutil.which("java") is not None or _java_home() else NO_JAVA


def _java_home() -> bool:
    home = os.environ.get("JAVA_HOME")
    return bool(home) and Path(str(home), "bin", "java").exists()


def command(properties: Mapping[str, Any]) -> str:
    """What bash is to run for a Spark job, `${{inputs.x}}` and `${{outputs.y}}` still to be put in.

    Parameters
    ----------
    properties
        `properties` of the job's body: `entry`, `args`, `conf`, `pyFiles`, `jars`, `files`, `archives` and `outputs`.

    Raises
    ------
    ValueError
        The job cannot be run as it is written; the message says why.
    """
    conf = {str(key): str(value) for key, value in (properties.get("conf") or {}).items() if value is not None}
    words = ["exec", "bash", '"$SPARK_HOME/bin/spark-submit"', "--master", f"local[{_threads(conf)}]"]
    memory = _driver_memory(conf)
    if memory is not None:
        words += ["--driver-memory", shlex.quote(memory)]
    conf.pop("spark.driver.memory", None)
    conf.pop("spark.master", None)
    for key, value in {**_HERE, **conf}.items():
        words += ["--conf", shlex.quote(f"{key}={value}")]
    for name, flag in _LISTS.items():
        given = properties.get(name)
        if given:
            words += [flag, shlex.quote(",".join(map(str, given)))]
    words += _entry(properties)
    arguments = bash_words(str(properties.get("args") or ""), "args")
    run = " ".join([*words, arguments]).rstrip()
    return "\n".join([*_checks(), *_rooms(properties), *_SETTINGS, run])


_SETTINGS = (
    'export SPARK_HOME PYSPARK_PYTHON="$(command -v python)" PYSPARK_DRIVER_PYTHON="$(command -v python)"',
    "export SPARK_LOCAL_IP=127.0.0.1",
)
"""Spark and Python are those of the job's own environment, for the script and for what it distributes."""
_WHERE = (
    "import importlib.util as i; spec = i.find_spec('pyspark'); print(*spec.submodule_search_locations if spec else ())"
)


def _checks() -> list[str]:
    """What is looked for first, in the job's own environment, where a sentence is better than what follows."""
    return [
        f'SPARK_HOME="$(python -c {shlex.quote(_WHERE)})"',
        f'[ -n "$SPARK_HOME" ] || {{ echo {shlex.quote(NO_PYSPARK)} >&2; exit 1; }}',
        f'[ -x "${{JAVA_HOME:-}}/bin/java" ] || command -v java > /dev/null || {{ echo {shlex.quote(NO_JAVA)} >&2; exit 1; }}',
    ]


def _rooms(properties: Mapping[str, Any]) -> list[str]:
    """Spark makes the folders it writes, and refuses those that are there: the empty ones made ready are taken away."""
    names = [
        name
        for name, output in (properties.get("outputs") or {}).items()
        if str((output or {}).get("jobOutputType", "")).lower() in {"uri_folder", "mltable"}
    ]
    return [f"[ ! -d ${{{{outputs.{name}}}}} ] || rmdir ${{{{outputs.{name}}}}}" for name in names]


def _entry(properties: Mapping[str, Any]) -> list[str]:
    """What is started: a Python file, or a class of the first jar."""
    entry = properties.get("entry") or {}
    if entry.get("file"):
        return [shlex.quote(str(entry["file"]))]
    name = entry.get("className") or entry.get("class_name")
    if not name:
        message = "entry of a Spark job names the Python file that is started, as {file: main.py}; there is none"
        raise ValueError(message)
    jars = properties.get("jars")
    if not jars:
        message = f"entry of a Spark job names the class {name}, and jars names no jar that it could be in"
        raise ValueError(message)
    return ["--class", shlex.quote(str(name)), shlex.quote(str(jars[0]))]


# -- the cluster ---------------------------------------------------------------------------------------------
def _threads(conf: Mapping[str, str]) -> str:
    """How much is done at once: what all executors together would do; as much as there are cores where nothing is said."""
    cores, instances = conf.get("spark.executor.cores"), conf.get("spark.executor.instances")
    if conf.get("spark.dynamicAllocation.enabled", "").lower() == "true":
        instances = conf.get("spark.dynamicAllocation.maxExecutors", instances)
    if cores is None and instances is None:
        return "*"
    counts = []
    for name, said in (("spark.executor.cores", cores), ("spark.executor.instances", instances)):
        if said is not None and (not said.isdigit() or int(said) < 1):
            message = f"{name} of a Spark job is a whole number from 1 on, not {said!r}"
            raise ValueError(message)
        counts.append(int(said or 1))
    return str(counts[0] * counts[1])


def _driver_memory(conf: Mapping[str, str]) -> str | None:
    """The larger of what the driver and an executor have: here they are one process."""
    said = [conf[key] for key in ("spark.driver.memory", "spark.executor.memory") if conf.get(key)]
    return max(said, key=_bytes) if said else None


def _bytes(memory: str) -> int:
    found = _MEMORY.fullmatch(memory.strip())
    if found is None:
        message = f"memory of a Spark job is written as '2g' or '512m', not {memory!r}"
        raise ValueError(message)
    return int(found[1]) * _UNITS[found[2].lower()]
