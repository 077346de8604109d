"""Inputs and outputs as a component has them: its own words, in files and in the service."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mlsdk.entities.inputs import DATA_TYPES, MODES, PARAMETERS, Input, Output, parameter
from mlsdk.schema.fields import JSON, Codec
from mlsdk.schema.forms import form_of, form_reader, to_form
from mlsdk.schema.mappings import Names
from mlsdk.schema.values import described, did_you_mean

if TYPE_CHECKING:
    from mlsdk.schema.files import Problem

TYPES = (*DATA_TYPES, *PARAMETERS)
PARAMETER_KEYS = ("type", "optional", "default", "description", "max", "min", "enum")
DATA_KEYS = ("type", "description", "optional", "mode")
OUTPUT_KEYS = ("type", "description", "mode")
WRITTEN_KEYS = (*OUTPUT_KEYS, "early_available")
"""What a component says of a plain value that goes in, of data that goes in, of data that comes out, and of a plain
value that its code writes."""
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*")


# -- forms ---------------------------------------------------------------------------------------------------
def input_form(port: Input) -> JSON:
    """What a component says of an input: plain values as text."""
    if port.type not in PARAMETERS:
        return _chosen(port, DATA_KEYS)
    form = _chosen(port, PARAMETER_KEYS)
    form.update({key: str(form[key]) for key in ("default", "min", "max") if key in form})
    if "enum" in form:
        form["enum"] = [str(word) for word in form["enum"]]
    return form


def output_form(port: Output) -> JSON:
    """What a component says of an output."""
    return _chosen(port, WRITTEN_KEYS if port.type in PARAMETERS else OUTPUT_KEYS)


def _chosen(port: Input | Output, keys: tuple[str, ...]) -> JSON:
    return {key: value for key in keys if (value := getattr(port, key)) is not None}


def _inputs(form: Any) -> Any:
    ports = form_reader(Names[Input])(form)
    for port in ports.values() if isinstance(ports, Names) else ():
        if isinstance(port, Input):
            _restore(port)
    return ports


def _restore(port: Input) -> None:
    """Give plain values the type that their input names, where they have it; some bodies write the type as `String`."""
    kind = str(port.type).lower()
    if kind not in PARAMETERS:
        return
    port.type = kind
    for name in ("default", "min", "max"):
        value = getattr(port, name)
        if value is not None:
            with suppress(ValueError):
                setattr(port, name, parameter(value, kind))


INPUTS = Codec(to_form, _inputs)
OUTPUTS = form_of(Names[Output])


# -- in Python -----------------------------------------------------------------------------------------------
def port_problems(side: str, ports: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What keeps inputs or outputs from being sent: pairs of a dotted place and what is wrong there."""
    for name, port in ports.items():
        if port.type is not None and port.type not in TYPES:
            yield f"{side}.{name}.type", _not_one_of(port.type, TYPES)
        if port.mode is not None and port.mode not in MODES:
            yield f"{side}.{name}.mode", _not_one_of(port.mode, MODES)


def name_problems(side: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with the names of inputs or outputs: wrong letters, or one name in two cases."""
    seen: dict[str, str] = {}
    for name in names:
        if NAME.fullmatch(name) is None:
            rule = "letters, digits and underscores are allowed, no digit first"
            yield f"{side}.{name}", f"{name!r} cannot be a name: {rule}"
        if name.lower() in seen:
            yield f"{side}.{name}", f"{name!r} and {seen[name.lower()]!r} differ by case only"
        seen.setdefault(name.lower(), name)


def _not_one_of(value: Any, allowed: tuple[str, ...]) -> str:
    return f"{described(value)} is not one of {', '.join(allowed)}{did_you_mean(value, allowed)}"


# -- in files ------------------------------------------------------------------------------------------------
def ports_of_file(side: str, ports: Any) -> Iterator[Problem]:
    """What is wrong with the inputs or outputs that a file says, beyond what the classes know of each alone."""
    for name, said in ports.items() if isinstance(ports, Mapping) else ():
        if isinstance(said, Mapping):
            yield from _port_of_file((side, name), said)


def _port_of_file(steps: tuple[Any, ...], said: Mapping[str, Any]) -> Iterator[Problem]:
    from mlsdk.schema.files import Problem

    side, kind = steps[0], said.get("type")
    if "type" in said and kind is None:
        return  # as every key without a value, which is told of where it is read
    if kind not in TYPES:
        what = _not_one_of(kind, TYPES) if "type" in said else f"'type' is required: one of {', '.join(TYPES)}"
        yield Problem((*steps, "type"), what)
        return
    keys = _keys(side, kind)
    for key in said:
        if key not in keys and hasattr(Input if side == "inputs" else Output, key):
            what = f"not for the {side} of type {kind!r} of a component; known are {', '.join(keys)}"
            yield Problem((*steps, key), what, at_key=True)
    mode, words = said.get("mode"), said.get("enum")
    if mode is not None and mode not in MODES:
        yield Problem((*steps, "mode"), _not_one_of(mode, MODES))
    if words is not None and not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
        yield Problem((*steps, "enum"), f"expected a list of texts, got {described(words)}; put each in quotes")


def _keys(side: str, kind: Any) -> tuple[str, ...]:
    if side == "inputs":
        return PARAMETER_KEYS if kind in PARAMETERS else DATA_KEYS
    return WRITTEN_KEYS if kind in PARAMETERS else OUTPUT_KEYS


def without_unknown(said: Mapping[str, Any], kind: Any, where: str) -> Mapping[str, Any]:
    """A mapping of a file without the keys that its class does not know; a warning names them.

    The official client drops them in components, and refuses them in jobs.
    """
    from mlsdk.schema.fields import find_choice
    from mlsdk.schema.files import known_keys

    chosen = find_choice(kind)
    if chosen is not None:
        kind = chosen.file_words().get(str(said.get("type")).lower())
    known = said if kind is None else known_keys(kind)
    for key in said:
        if key not in known:
            import warnings

            from mlsdk.exceptions import UnknownArgumentWarning

            message = f"{where}.{key} is not known and left out{did_you_mean(key, known)}"
            warnings.warn(message, UnknownArgumentWarning, stacklevel=2)
    return {key: value for key, value in said.items() if key in known}
