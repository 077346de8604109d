"""The inputs and outputs that a component declares, told from what is given to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlsdk.entities.bindings import PipelineInput, Reference
from mlsdk.entities.inputs import PARAMETERS, Input, Output
from mlsdk.entities.job_ports import input_value, output_value

PLAIN = {bool: "boolean", int: "integer", float: "number", str: "string"}
"""The type of a plain value of Python."""
Source = Callable[[str], tuple[str | None, str | None]]
"""Tells the type and the mode of what an expression stands for."""


def plain_type(value: Any) -> str:
    """The type of an input that is given a plain value; TypeError when it is none."""
    kind = PLAIN.get(type(value)) or ("string" if isinstance(value, str) else None)
    if kind is None:
        message = f"an input is an Input, a mapping or a plain value, not {type(value).__name__}"
        raise TypeError(message)
    return kind


def component_input(value: Any, source: Source | None = None) -> Input | None:
    """What a component says of an input that is given `value`; None where nothing can be told."""
    value = input_value(value)
    if value is None:
        return None
    distribution = getattr(value, "component_type", None)
    if distribution is not None:  # a distribution that a sweep draws from
        return Input(type=distribution, optional=False)
    if isinstance(value, Input):
        if source is not None and isinstance(value.path, str) and "${{parent" in value.path:
            kind, mode = source(value.path)
            return Input(type=value.type or kind, mode=value.mode or mode)
        if value.type in PARAMETERS:
            return value.evolve()
        return Input(type=value.type, mode=value.mode, description=value.description, optional=value.optional)
    if isinstance(value, PipelineInput):
        return Input(type=value.type)
    if isinstance(value, Reference):
        return Input(type=getattr(value, "type", None))
    if isinstance(value, str) and source is not None and "${{parent" in value:
        kind, mode = source(value)
        return Input(type=kind, mode=None if kind in PARAMETERS else mode)
    return Input(type=plain_type(value), default=value)


def component_output(value: Any, source: Source | None = None) -> Output | None:
    """What a component says of an output that is given `value`."""
    value = output_value(value)
    if value is None:
        return Output(type="uri_folder")
    if isinstance(value, Output):
        if source is not None and value.path is not None and "${{parent" in str(value.path):
            kind, mode = source(str(value.path))
            return Output(type=value.type or kind, mode=value.mode or mode)
        return Output(type=value.type, mode=value.mode, description=value.description)
    if source is not None:
        kind, mode = source(str(value))
        return Output(type=kind, mode=mode)
    return None


def component_inputs(given: Mapping[str, Any], source: Source | None = None) -> dict[str, Input]:
    """What a component says of its inputs that is given these."""
    found = {name: component_input(value, source) for name, value in given.items()}
    return {name: port for name, port in found.items() if port is not None}


def component_outputs(given: Mapping[str, Any], source: Source | None = None) -> dict[str, Output]:
    """What a component says of its outputs that is given these."""
    found = {name: component_output(value, source) for name, value in given.items()}
    return {name: port for name, port in found.items() if port is not None}
