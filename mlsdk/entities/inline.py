"""Jobs that a file writes out in one place: the component that they are, and what is given to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any, Union

from mlsdk.entities.bindings import is_binding
from mlsdk.entities.component_spec import ANONYMOUS, Component
from mlsdk.entities.distribution import Distribution
from mlsdk.entities.inputs import Input, Output
from mlsdk.entities.port_types import component_inputs, component_outputs
from mlsdk.schema import files
from mlsdk.schema.fields import JSON, SCALARS, Entity
from mlsdk.schema.mappings import Names
from mlsdk.schema.values import described, did_you_mean, kind_of

PREFIX = "azureml:"
JobInputs = Names[Union[Input, Any]]
JobOutputs = Names[Union[Output, str, None]]


class Parts:
    """What a file says of a job, read part by part, and what is wrong with the parts."""

    def __init__(self, data: Mapping[str, Any], base: str) -> None:
        """The mapping of a job in a file of the folder `base`."""
        self.said: JSON = dict(data)
        self.base = base
        self.problems: list[files.Problem] = []

    def read(self, value: Any, kind: Any, steps: tuple[Any, ...]) -> Any:
        """A value as `kind`; None with the problems told where it is wrong."""
        try:
            return None if value is None else files.read_part(value, kind, self.base, steps)
        except files.Misstated as error:
            self.problems += error.problems
            return None

    def take(self, key: str, kind: Any) -> Any:
        """The value of a key as `kind`, put in its place."""
        if self.said.get(key) is None:
            return None
        found = self.read(self.said.pop(key), kind, (key,))
        if found is not None:
            self.said[key] = found
        return found

    def done(self) -> JSON:
        """What was read; Misstated when something was wrong."""
        if self.problems:
            raise files.Misstated(self.problems, self.said)
        return self.said


_INPUT_KEYS = ("type", "path", "mode", "datastore", "path_on_compute")
_OUTPUT_KEYS = ("type", "path", "mode", "name", "version", "description", "path_on_compute")
_MODELS = ("custom_model", "mlflow_model", "triton_model")
_FILES = ("uri_file", "uri_folder")
_MODES = ("download", "ro_mount", "direct")
_INPUT_MODES = {
    **dict.fromkeys((*_FILES, *_MODELS), _MODES),
    "mltable": (*_MODES, "eval_mount", "eval_download"),
}
_OUTPUT_MODES = dict.fromkeys((*_FILES, *_MODELS, "mltable"), ("mount", "upload", "rw_mount", "direct"))
"""How data of each type may come and go in files."""


def take_about(parts: Parts) -> None:
    """Check what a file says about a job that is kept as it is said."""
    for key in ("tags", "properties"):
        said = parts.said.get(key)
        for name, value in said.items() if isinstance(said, Mapping) else ():
            if value is not None and not isinstance(value, str):
                what = f"expected a text, got {described(value)}; put it in quotes"
                parts.problems.append(files.Problem((key, name), what))


def _port_said(parts: Parts, steps: tuple[Any, ...], said: Any, keys: tuple[str, ...], modes: Any) -> Any:
    """What a file says of an input or output, words in lower case; the problems told where it cannot be that of a job."""
    if not isinstance(said, Mapping):
        return said
    if [*said] == ["value"]:
        return said["value"]
    said = {
        key: value.lower() if key in ("type", "mode") and isinstance(value, str) else value
        for key, value in said.items()
    }
    for key in said:
        if key not in keys and (hasattr(Input, key) or hasattr(Output, key)):
            what = f"not for the {steps[0]} of a job; known are {', '.join(keys)}"
            parts.problems.append(files.Problem((*steps, key), what, at_key=True))
    kind, mode = said.get("type", "uri_folder"), said.get("mode")
    if isinstance(kind, str) and kind not in modes and not is_binding(kind):
        what = f"{described(kind)} is not one of {', '.join(modes)}{did_you_mean(kind, modes)}"
        parts.problems.append(files.Problem((*steps, "type"), what))
    allowed = modes.get(kind) or ()
    if allowed and isinstance(mode, str) and mode not in allowed and not is_binding(mode):
        what = f"{described(mode)} is not one of {', '.join(allowed)}{did_you_mean(mode, allowed)}, as the type is {kind!r}"
        parts.problems.append(files.Problem((*steps, "mode"), what))
    return said


def take_ports(parts: Parts, *, bound: bool = True) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Read the inputs and outputs of a job; those of a step may be `bound` to outputs of its pipeline."""
    for side, keys, modes in (("inputs", _INPUT_KEYS, _INPUT_MODES), ("outputs", _OUTPUT_KEYS, _OUTPUT_MODES)):
        ports = parts.said.get(side)
        if isinstance(ports, Mapping):
            parts.said[side] = {
                name: _port_said(parts, (side, name), said, keys, modes) for name, said in ports.items()
            }
    inputs = parts.take("inputs", JobInputs) or {}
    for name, value in inputs.items():
        if not isinstance(value, (Input, *SCALARS, NoneType)):
            what = f"expected a mapping or a plain value, got {kind_of(value)}"
            parts.problems.append(files.Problem(("inputs", name), what))
    outputs = parts.take("outputs", JobOutputs) or {}
    for name, value in outputs.items():
        if isinstance(value, str) and not (bound and is_binding(value)):
            wanted = "a mapping, or ${{parent.outputs.…}}" if bound else "a mapping"
            parts.problems.append(files.Problem(("outputs", name), f"expected {wanted}, got {described(value)}"))
    for port in (*inputs.values(), *outputs.values()):
        path = port.path if isinstance(port, (Input, Output)) else None
        if isinstance(path, str) and not path.startswith("azureml://"):
            port.path = path.removeprefix(PREFIX)
    return inputs, outputs


def take_component(parts: Parts, component_class: Any, at: str = "component") -> None:
    """Read what stands in the place of a component: a reference, the path of its file, or the component itself."""
    value = parts.said.get(at)
    if isinstance(value, Component) or value is None:
        return
    if isinstance(value, str) and value.startswith(PREFIX):
        parts.said[at] = value if value.startswith("azureml://") else value.removeprefix(PREFIX)
        return
    del parts.said[at]
    if isinstance(value, str):
        path = value.removeprefix(files.FILE_PREFIX)
        if not Path(parts.base, path).is_file():
            wanted = f"the path of a component's file, {PREFIX}name:version or azureml://registries/…"
            parts.problems.append(files.Problem((at,), f"{value!r} is not {wanted}"))
            return
        made = parts.read(files.FILE_PREFIX + path, component_class, (at,))
        source = "YAML.COMPONENT" if path == value else "YAML.JOB"
    else:
        made, source = parts.read(value, component_class, (at,)), "YAML.JOB"
    if made is not None and not made.__keeps_name__:
        made.name, made.version, made.is_anonymous, made._source = ANONYMOUS, "1", True, source  # noqa: SLF001 - of ours
    if made is not None:
        parts.said[at] = made


def inline_component(
    cls: type[Entity],
    component_class: Any,
    data: Mapping[str, Any],
    base: str,
    *,
    keys: tuple[str, ...],
    shared: tuple[str, ...] = (),
    at: str = "component",
    top: bool = False,
) -> JSON:
    """What a file says of a job, with the component that it names, or that its `keys` write out, in the place `at`.

    The job keeps those of the keys that are `shared`. Misstated with all that is wrong; where the job is written out, that
    includes keys that nobody knows.
    """
    parts = Parts(data, base)
    if top:
        take_about(parts)
    if at in data:
        take_component(parts, component_class, at)
        take_ports(parts, bound=not top)
        for key in keys if top else ():
            if key in data and key not in shared:
                what = f"is a part of the component, which {at!r} names already"
                parts.problems.append(files.Problem((key,), what, at_key=True))
        return parts.done()
    known = files.known_keys(cls)
    unknown = [key for key in data if key not in known and key not in keys]
    parts.problems += [files.unknown_key((key,), (*known, *keys)) for key in unknown]
    written = {key: parts.said[key] for key in keys if key in parts.said}
    for key in (*keys, *unknown):
        if key not in shared:
            parts.said.pop(key, None)
    inputs, outputs = take_ports(parts, bound=not top)
    if "distribution" in written:  # of which a component passes over what it does not know, and a job does not
        written["distribution"] = parts.read(written["distribution"], Distribution, ("distribution",))
    component = parts.read(written, component_class, ())
    if component is not None:
        component.is_anonymous, component._source = True, "YAML.JOB"  # noqa: SLF001 - of ours
        component.inputs, component.outputs = component_inputs(inputs), component_outputs(outputs)
        for key in shared:
            if key in parts.said:
                parts.said[key] = getattr(component, key)
        parts.said[at] = component
    return parts.done()
