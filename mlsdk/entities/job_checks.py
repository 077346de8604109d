"""What can be seen to be wrong with a job that is submitted, beyond what each of its parts knows of itself."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlsdk import ids
from mlsdk.entities.bindings import is_binding
from mlsdk.entities.component_spec import Component
from mlsdk.entities.inputs import PARAMETERS, Input
from mlsdk.schema.values import did_you_mean

Problems = Iterator[tuple[str, str]]
_SCRIPT = re.compile(
    r"(?:\w+=\S+\s+)*(?:python(?:3(?:\.\d+)?)?|bash|sh|Rscript)\s+(?:-[^mc\s]\S*\s+)*(?P<script>[\w./-]+\.(?:py|sh|R))(?=\s|$)"
)
_HARMLESS = re.compile(r"(?:pip3?|python3?\s+-m\s+pip|ls|pwd|env|export|set|nvidia-smi|echo)\b[^>]*$")
"""Commands after which the files of the code folder are still those that were there."""
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|[^/\\]+[:@][^/\\]+$")


# -- jobs of one step --------------------------------------------------------------------------------------------
def step_problems(job: Any) -> Problems:
    """What is wrong with a job of one step that is submitted alone."""
    component = getattr(job, "component", None)
    written_out = isinstance(component, Component) and bool(component.is_anonymous) and component._file is None  # noqa: SLF001 - of our own
    told: set[str] = set()
    for where, what in _own_problems(job, written_out=written_out):
        told.add(where)
        yield where, what
    yield from data_problems("inputs", getattr(job, "inputs", None) or {}, job.base_path)
    if not isinstance(component, Component):
        return
    for where, what in component_problems(component):
        if written_out and (where in told or (where == "command" and "no such" in what)):
            continue  # a job may have inputs that were added to it later
        if where == "environment" and getattr(job, "environment", None) is not None:
            continue
        yield where if written_out else f"component.{where}", what


def _own_problems(job: Any, *, written_out: bool) -> Problems:
    alone = getattr(job, "problems_alone", None)
    for where, what in alone() if alone is not None else ():
        yield where, what
    problems = getattr(job, "problems", None)
    for where, what in problems() if problems is not None else ():
        if not (written_out and "is no input of the component" in what):
            yield where, what


# -- components --------------------------------------------------------------------------------------------------
def component_problems(component: Component) -> Problems:
    """What is wrong with a component that is run, its script included; nothing with one that is registered."""
    if component.id:
        return
    yield from component.problems()
    yield from script_problems(component)


def script_problems(component: Any) -> Problems:
    """Whether the script that the command begins with is there, where the code is a folder of this machine."""
    command, code = getattr(component, "command", None), getattr(component, "code", None)
    if not command or code is None:
        return
    folder = Path(component.base_path, os.fspath(code))
    script = _first_script(str(command))
    if script is None or not folder.exists():
        return
    included = {Path(one).name for one in getattr(component, "additional_includes", None) or ()}
    if folder.is_dir():
        there = (folder / script).exists() or script.split("/")[0] in included
        names = [path.relative_to(folder).as_posix() for path in folder.glob("*")]
    else:
        there, names = folder.name == script, [folder.name]
    if not there:
        known = did_you_mean(script, names) or f"; there are {', '.join(sorted(names)[:10]) or 'no files'}"
        yield "command", f"there is no {script!r} in the code {str(code)!r}{known}"


def _first_script(command: str) -> str | None:
    """The script of the code folder that a command runs before anything could have made another file there."""
    for part in re.split(r"&&|;|\n|\|", command):
        text = part.strip()
        found = _SCRIPT.match(text)
        if found is not None:
            script = found["script"].removeprefix("./")
            return None if script.startswith(("/", "..")) else script
        if text and not _HARMLESS.match(text) and not text.startswith("#"):
            return None
    return None


# -- data --------------------------------------------------------------------------------------------------------
def data_problems(side: str, inputs: Mapping[str, Any], base: str) -> Problems:
    """Inputs of data without a path, or whose path is not on this machine, though it is none of the service's."""
    for name, value in inputs.items():
        if not isinstance(value, Input) or isinstance(value.type, list) or value.type in PARAMETERS:
            continue
        where, path = f"{side}.{name}", None if value.path is None else str(value.path)
        if not path:
            if not value.optional:
                yield where, f"is of type {value.type} and has no path"
            continue
        if is_binding(path) or "${{" in path or _REMOTE.match(path) or ids.is_arm_id(path):
            continue
        here = Path(base, path).expanduser()
        if not here.exists():
            yield f"{where}.path", f"no such file or folder: {Path(os.path.abspath(here))}"  # noqa: PTH100 - links stay
        elif value.type == "uri_file" and here.is_dir():
            yield f"{where}.path", f"{path} is a folder, but the type is uri_file"
        elif value.type == "uri_folder" and here.is_file():
            yield f"{where}.path", f"{path} is a file, but the type is uri_folder"
