"""What all components have: a body whose `componentSpec` is their YAML form, with its own words for inputs and outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlsdk.entities.inputs import DATA_TYPES, MODES, PARAMETERS, Input, Output, parameter, wrong
from mlsdk.entities.resource import Asset
from mlsdk.schema.fields import JSON, UNSET, Codec, constant, entity, output, wire
from mlsdk.schema.forms import from_form, to_form
from mlsdk.schema.mappings import Field, Names
from mlsdk.schema.values import described, did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

    from mlsdk.schema.files import Problem

ANONYMOUS = "azureml_anonymous"
"""The name of every component that was given none."""
FILE_NAME = re.compile(r"[a-z][a-z\d_]*")
PORT_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*")

PARAMETER_KEYS = ("type", "optional", "default", "description", "max", "min", "enum")
DATA_KEYS = ("type", "description", "optional", "mode")
OUTPUT_KEYS = ("type", "description", "mode", "early_available")
"""What a component says of a parameter, of data that goes in, of what comes out."""

UNSHOWN = Codec(lambda _: None, lambda value: value)
"""Of a key that a file may have and that is not written."""


# -- inputs and outputs --------------------------------------------------------------------------------------
def _text(value: Any) -> Any:
    return value if value is None else str(value)


def input_form(port: Input) -> JSON:
    """What a component says of an input: plain values as text."""
    if port.type not in PARAMETERS:
        return _chosen(port, DATA_KEYS)
    form = _chosen(port, PARAMETER_KEYS)
    form.update({key: _text(form[key]) for key in ("default", "min", "max") if key in form})
    if "enum" in form:
        form["enum"] = [str(word) for word in form["enum"]]
    return form


def output_form(port: Output) -> JSON:
    """What a component says of an output."""
    return _chosen(port, OUTPUT_KEYS if port.type in PARAMETERS else OUTPUT_KEYS[:-1])


def _chosen(port: Input | Output, keys: tuple[str, ...]) -> JSON:
    return {key: value for key in keys if (value := getattr(port, key)) is not None}


def _inputs(form: Any) -> Any:
    ports = from_form(Names[Input], form)
    for port in ports.values() if isinstance(ports, Names) else ():
        _restore(port)
    return ports


def _restore(port: Any) -> None:
    """Give a parameter's values the type that it names, as far as they have it; older bodies write the type as `String`."""
    kind = str(port.type).lower()
    if not isinstance(port, Input) or kind not in PARAMETERS:
        return
    port.type = kind
    for name in ("default", "min", "max"):
        try:
            setattr(port, name, parameter(getattr(port, name), kind))
        except ValueError:
            continue


INPUTS = Codec(to_form, _inputs)
OUTPUTS = Codec(to_form, lambda form: from_form(Names[Output], form))


def form_of(kind: Any) -> Codec:
    """The YAML form of a type, inside a body."""
    return Codec(to_form, lambda form: from_form(kind, form))


def port_problems(name: str, port: Any, *, side: str) -> Iterator[tuple[str, str]]:
    """What keeps a component with this input or output from being sent: pairs of a dotted place and what is wrong there."""
    at = f"{side}.{name}"
    types = (*DATA_TYPES, *PARAMETERS)
    if port.type is None:
        return
    if port.type not in types:
        yield f"{at}.type", f"{described(port.type)} is not one of {', '.join(types)}{did_you_mean(port.type, types)}"
    if port.mode is not None and port.mode not in MODES:
        yield f"{at}.mode", f"{described(port.mode)} is not one of {', '.join(MODES)}{did_you_mean(port.mode, MODES)}"


def name_problems(names: Any, side: str) -> Iterator[tuple[str, str]]:
    """What is wrong with the names of inputs or outputs: wrong letters, or one name in two cases."""
    seen: dict[str, str] = {}
    for name in names:
        if PORT_NAME.fullmatch(name) is None:
            yield f"{side}.{name}", f"{name!r} is not a name: letters, digits and underscores are allowed, no digit first"
        if name.lower() in seen:
            yield f"{side}.{name}", f"{name!r} and {seen[name.lower()]!r} differ by case only"
        seen.setdefault(name.lower(), name)


# -- files ---------------------------------------------------------------------------------------------------
def file_problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the file of any component, beyond its keys and their types."""
    from mlsdk.schema.files import Problem

    name = data.get("name")
    if name is not None and not FILE_NAME.fullmatch(str(name)):
        yield Problem(("name",), f"{name!r} cannot be the name of a component: lower-case letters, digits and underscores "
                                 "are allowed, a letter first")
    tags = data.get("tags")
    for key, value in tags.items() if isinstance(tags, Mapping) else ():
        if not isinstance(value, str):
            yield Problem(("tags", key), f"expected a text, got {described(value)}; put it in quotes")
    for side, keys in (("inputs", PARAMETER_KEYS), ("outputs", OUTPUT_KEYS)):
        ports = data.get(side)
        for port, said in ports.items() if isinstance(ports, Mapping) else ():
            yield from _port_problems((side, port), said, keys)


def _port_problems(steps: tuple[Any, ...], said: Any, parameter_keys: tuple[str, ...]) -> Iterator[Problem]:
    from mlsdk.schema.files import Problem

    if not isinstance(said, Mapping):
        what = "expected a mapping such as {type: uri_folder}, got nothing"
        if said is None:
            yield Problem(steps, what)
        return
    kind, types = said.get("type"), (*DATA_TYPES, *PARAMETERS)
    if kind not in types:
        what = (f"{described(kind)} is not one of {', '.join(types)}{did_you_mean(kind, types)}" if "type" in said
                else f"'type' is required: one of {', '.join(types)}")
        yield Problem((*steps, "type"), what)
        return
    keys = parameter_keys if kind in PARAMETERS else DATA_KEYS if steps[0] == "inputs" else OUTPUT_KEYS[:-1]
    for key, value in said.items():
        if value is None:
            yield Problem((*steps, key), "has no value; give one, or leave the key out")
        elif key not in keys and hasattr(Input if steps[0] == "inputs" else Output, key):
            yield Problem((*steps, key), f"not for the {steps[0]} of type {kind!r} of a component; known are {', '.join(keys)}",
                          at_key=True)
    mode, words = said.get("mode"), said.get("enum")
    if mode is not None and mode not in MODES:
        yield Problem((*steps, "mode"), f"{described(mode)} is not one of {', '.join(MODES)}{did_you_mean(mode, MODES)}")
    if words is not None and not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
        yield Problem((*steps, "enum"), f"expected a list of texts, got {described(words)}; put each in quotes")


# -- the class -----------------------------------------------------------------------------------------------
def _source(found: str) -> str:
    """Where a component of the service comes from, told by its id; without an id what its body says."""
    if found.startswith("azureml://registries/"):
        return "REMOTE.REGISTRY"
    return "REMOTE.WORKSPACE.COMPONENT" if found.startswith(("/", "azureml:")) else found


def _said(value: Any) -> Any:
    return UNSET if value is None else value


def _texts(given: Any) -> JSON:
    return {key: str(value) for key, value in (given or {}).items() if value is not None}


@entity(keeps="properties.componentSpec", constants=(constant("properties.isArchived", False),))
class Component(Asset):
    """A step of a pipeline, under a name and version: what it asks for, what it gives, and how it is run.

    Keyword arguments, and keys at the top of a file, that this version does not know are sent as they are.
    """

    name: str | None = wire("name", default=None, sent=False, rather="properties.componentSpec.name", required=True)
    version: str | None = wire("properties.componentSpec.version", default=None, rather="name")
    """Text, also when it is a number; the next one when None."""
    type: str | None = wire("properties.componentSpec.type", default=None)
    """What runs it: `command`."""
    description: str | None = wire(
        "properties.description", default=None, rather="properties.componentSpec.description",
        also={"properties.componentSpec.description": _said})
    tags: dict[str, Any] = wire(
        "properties.tags", factory=dict, missing=dict, rather="properties.componentSpec.tags",
        also={"properties.componentSpec.tags": lambda tags: _texts(tags) or UNSET})
    properties: dict[str, Any] = wire(
        "properties.componentSpec.properties", factory=dict, missing=dict, empty=False, also={"properties.properties": _texts})
    display_name: str | None = wire("properties.componentSpec.display_name", default=None)
    is_deterministic: bool | None = wire("properties.componentSpec.is_deterministic", default=True)
    """Whether a pipeline may take the outputs of an earlier run with the same inputs in the place of a new one."""
    inputs: Field[Names[Input], Mapping[str, Input | dict[str, Any]] | None] = wire(
        "properties.componentSpec.inputs", factory=Names, missing=Names, codec=INPUTS, sent=False)
    """What it asks for, by name: `{"rate": Input(type="number", default=0.1)}`."""
    outputs: Field[Names[Output], Mapping[str, Output | dict[str, Any]] | None] = wire(
        "properties.componentSpec.outputs", factory=Names, missing=Names, codec=OUTPUTS, sent=False)
    """What it gives, by name: `{"model": Output(type="mlflow_model")}`."""
    yaml_str: str | None = wire(None, default=None, file="yaml_str", file_codec=UNSHOWN)
    """The text it was made from."""
    is_anonymous: bool | None = wire(
        "properties.isAnonymous", default=False, absent=False, file="is_anonymous", file_codec=UNSHOWN)
    """Whether it is shown only to those who know its name."""
    client_component_hash: str | None = output("properties.properties.client_component_hash")
    """The hash of a registered component's definition, which tells whether another one is the same."""
    _schema: str | None = wire("properties.componentSpec.$schema", default=None, file="$schema", alias="_schema")
    _source: str = wire("properties.componentSpec._source", default="CLASS", missing=lambda: "CLASS", rather="id",
                        codec=Codec(str, _source), file="_source", file_codec=UNSHOWN, alias="_source")

    def __attrs_post_init__(self) -> None:
        self.inputs, self.outputs = self.inputs or Names(), self.outputs or Names()
        if not self.name and self.version is None:
            self.name, self.version, self.is_anonymous = ANONYMOUS, "1", True
        elif not self.name:
            message = f"{type(self).__name__}(version={self.version!r}) needs a name too"
            raise wrong(message)

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, and that a file said it; Misstated with all that the keys and their types do not tell."""
        from mlsdk.schema.files import Misstated

        data = {key: value for key, value in data.items() if key != "type" or value is not None}
        problems = [*cls._problems_of_file(data, base)]
        if problems:
            raise Misstated(problems)
        return {"_source": "YAML.COMPONENT" if top else "YAML.JOB", **data}

    @classmethod
    def _problems_of_file(cls, data: Mapping[str, Any], base: str) -> Iterator[Problem]:  # noqa: ARG003 - for the classes below
        from mlsdk.schema.files import Problem, known_keys

        known = known_keys(cls)
        for key, value in data.items():
            if value is None and key in known:
                yield Problem((key,), "has no value; give one, or leave the key out")
        yield from file_problems(data)

    # -- forms -----------------------------------------------------------------------------------------------
    def _parts(self, form: Any) -> JSON:  # noqa: ARG002 - for the classes below
        """The parts of the YAML form that are written in a component's own way; empty or None ones are left out.

        `form` makes the form of what is written as everywhere else.
        """
        return {"inputs": {name: input_form(port) for name, port in self.inputs.items() if port.type is not None},
                "outputs": {name: output_form(port) for name, port in self.outputs.items() if port.type is not None},
                "tags": _texts(self.tags), "properties": self.properties}

    def to_dict(self) -> JSON:
        """The YAML form, which a body carries as its `componentSpec`."""
        made = {**super().to_dict(), **self._parts(lambda value: value.to_dict())}
        return {key: value for key, value in made.items() if value not in (None, {}, [])}

    def __str__(self) -> str:
        from mlsdk.schema import files

        return files.text(self.to_dict())

    def __complete__(self, body: JSON) -> None:
        """Put the parts of the YAML form into the `componentSpec`, and the hash of the whole beside it."""
        from mlsdk import hashing

        spec = body["properties"]["componentSpec"]
        spec["name"] = self.name
        parts = self._parts(to_form)
        for side, ports in (("inputs", self.inputs), ("outputs", self.outputs)):
            for name, form in parts[side].items():
                form.update(ports[name]._extra or {})  # noqa: SLF001 - what a newer service said of it
        spec.update({key: value for key, value in parts.items() if value not in (None, {}, [])})
        if self.is_anonymous:
            if self.name == ANONYMOUS:
                spec["version"] = "1"
            return
        hashed = {key: value for key, value in spec.items() if key != "_source"}
        body["properties"]["properties"]["client_component_hash"] = hashing.client_component_hash(hashed)

    def __sendable__(self) -> None:
        problems = [*self._port_problems()]
        if problems:
            raise wrong("\n".join(f"{where}: {what}" for where, what in problems))

    def _port_problems(self) -> Iterator[tuple[str, str]]:
        for side, ports in (("inputs", self.inputs), ("outputs", self.outputs)):
            for name, port in ports.items():
                yield from port_problems(name, port, side=side)

    # -- what operations ask -----------------------------------------------------------------------------------
    def problems(self) -> Iterator[tuple[str, str]]:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        if not self.is_anonymous and not FILE_NAME.fullmatch(self.name or ""):
            yield "name", (f"{self.name!r} cannot be the name of a component: lower-case letters, digits and underscores are "
                           "allowed, a letter first")
        yield from name_problems(self.inputs, "inputs")
        yield from name_problems(self.outputs, "outputs")
        yield from self._port_problems()

    def named(self) -> Self:
        """The component; an anonymous one as a copy whose version is the hash of its definition."""
        if not self.is_anonymous:
            return self
        from mlsdk import hashing

        return self.evolve(name=ANONYMOUS, version=hashing.component_version(self.to_dict()))

    def code_folder(self) -> Path | None:
        """A folder to upload in the place of its code; None when there is no other."""
        return None
