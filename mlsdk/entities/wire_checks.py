"""Whether what is given to a step fits what its component declares: data, and plain values."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from mlsdk.entities.bindings import EXPRESSION, Reference, is_binding
from mlsdk.entities.inputs import PARAMETERS, Input, parameter
from mlsdk.entities.port_types import PLAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

FILES = ("uri_file", "uri_folder")
"""The two types of data of which neither can be wired from a step to one that wants the other. The user's own data the
service takes as either, and public pipelines count on that: there it is a warning."""


def mismatch(where: str, value: Any, port: Any, source: Any) -> str | None:
    """Why a value cannot be given to a declared input; None when it can, or nothing can be told.

    `where` is the place of the input, for a warning; `source` is the type of what an expression stands for, as `type_of`
    finds it.
    """
    wanted = getattr(port, "type", None)
    if not isinstance(wanted, str) or value is None or getattr(value, "component_type", None) is not None:
        return None  # of a type of its own, or drawn by a sweep
    said = value.path if isinstance(value, Input) and value.path is not None else value
    if isinstance(said, Reference) or (isinstance(said, str) and "${{" in said):
        whole = isinstance(said, Reference) or is_binding(str(said))
        return _of_type(source if whole else "string", wanted, str(said), "" if "parent.jobs." in str(said) else where)
    if isinstance(value, Input):
        return (
            _of_type(value.type, wanted, f"an Input of type {value.type}", where)
            if isinstance(value.type, str)
            else None
        )
    if wanted in PARAMETERS:
        return _of_value(value, port)
    if type(value) in PLAIN:
        return f"is {value!r}, but the component wants data of type {wanted}: give Input(type={wanted!r}, path=…)"
    return None


def _of_type(found: Any, wanted: str, what: str, own: str) -> str | None:
    """Why something of one type is not what is wanted; `own` is the input that gets the user's own data, empty for a step's."""
    if not isinstance(found, str) or found in (wanted, "path") or wanted == "path":
        return None
    files = found in FILES and wanted in FILES
    if not files and (found in PARAMETERS) == (wanted in PARAMETERS):
        return None
    text = f"is {what}, but the component wants {wanted}"
    if found not in what:
        text = f"is {what}, of type {found}, but the component wants {wanted}"
    if files and own:
        from mlsdk.exceptions import InputTypeWarning

        warnings.warn(f"{own}: {text}", InputTypeWarning, stacklevel=2)
        return None
    return text


def _of_value(value: Any, port: Input) -> str | None:
    """Why a plain value is not one of those that are allowed."""
    if type(value) not in PLAIN:
        return None
    try:
        found = parameter(value, str(port.type))
    except ValueError as error:
        return str(error)
    if port.min is not None and found < port.min:
        return f"is {value!r}, but the component wants at least {port.min}"
    if port.max is not None and found > port.max:
        return f"is {value!r}, but the component wants at most {port.max}"
    if port.enum and str(value) not in [str(word) for word in port.enum]:
        return f"is {value!r}, but the component wants one of {', '.join(map(str, port.enum))}"
    return None


def type_of(expression: str, inputs: Mapping[str, Any], jobs: Mapping[str, Any]) -> str | None:
    """The type of what an expression of a pipeline stands for; None when that cannot be told."""
    found = EXPRESSION.search(expression)
    steps = found[1].split(".") if found else []
    if steps[:2] == ["parent", "inputs"]:
        port: Any = inputs.get(".".join(steps[2:]))
        kind = PLAIN.get(type(port)) or getattr(port, "type", None)
    elif steps[:2] == ["parent", "jobs"] and steps[3:4] == ["outputs"]:
        outputs = getattr(jobs.get(steps[2]), "outputs", None) or {}
        kind = getattr(outputs.get(".".join(steps[4:])), "type", None)
    else:
        return None
    return kind if isinstance(kind, str) else None
