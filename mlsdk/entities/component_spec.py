"""What all components have: a body whose `componentSpec` is their YAML form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

from mlsdk.entities.component_ports import (
    INPUTS,
    OUTPUTS,
    input_form,
    name_problems,
    output_form,
    port_problems,
    ports_of_file,
    without_unknown,
)
from mlsdk.entities.inputs import PARAMETERS, Input, Output
from mlsdk.entities.resource import Asset, SystemData
from mlsdk.redaction import redacted_json
from mlsdk.schema.fields import JSON, UNSET, Codec, Entity, constant, entity, output, wire
from mlsdk.schema.forms import to_form
from mlsdk.schema.mappings import Field, Names
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import described

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

    from mlsdk.schema.files import Problem

ANONYMOUS = "azureml_anonymous"
"""The name of every component that was given none."""
_NAME = re.compile(r"[a-z][a-z\d_]*")
_NAME_RULE = "lower-case letters, digits and underscores are allowed, a letter first"
UNSHOWN = Codec(lambda _: None, lambda value: value)
"""Of a key that a file may have and that is never written."""


def _origin(found: str) -> str:
    """Where a component of the service comes from, told by its id; without an id what its body says."""
    if found.startswith("azureml://registries/"):
        return "REMOTE.REGISTRY"
    return "REMOTE.WORKSPACE.COMPONENT" if found.startswith(("/", "azureml:")) else found


def _said(value: Any) -> Any:
    return UNSET if value is None else value


def _given(given: Any, _: Any) -> JSON:
    """A mapping of the component's own, without keys that have no value."""
    return {key: value for key, value in (given or {}).items() if value is not None}


def _texts(given: Any) -> JSON:
    return {key: str(value) for key, value in (given or {}).items() if value is not None}


def _names(given: Any, _: Any) -> Any:
    return given if given is not None else Names()


def filled(form: JSON, parts: JSON) -> JSON:
    """A form without those of its `parts` that say nothing."""
    return {key: value for key, value in form.items() if key not in parts or value not in (None, {}, [])}


@entity(keeps="properties.componentSpec", constants=(constant("properties.isArchived", False),))
class Component(Asset):
    """A step of a pipeline, under a name and version: what it asks for, what it gives, and how it is run.

    Keyword arguments, and keys at the top of a file, that this version does not know are sent as they are.
    """

    __keeps_name__: ClassVar[bool] = False
    """Whether it is called what its file says, where a step names that."""
    __hashed__: ClassVar[bool] = True
    """Whether the hash of its definition is sent beside it."""

    name: str | None = wire("name", default=None, sent=False, rather="properties.componentSpec.name", required=True)
    version: str | None = wire("properties.componentSpec.version", default=None, rather="name")
    """Text, also when it is a number; the next one when None."""
    id: str | None = wire("id", default=None, sent=False, read=False)
    """The resource id, given by the service; a component made with one is taken for what is registered under it."""
    creation_context: SystemData | None = wire("systemData", default=None, sent=False, nullable=True, read=False)
    type: str | None = wire("properties.componentSpec.type", default=None)
    """What runs it: `command`."""
    description: str | None = wire(
        "properties.componentSpec.description",
        default=None,
        rather="properties.description",
        also={"properties.description": _said},
    )
    tags: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.componentSpec.tags",
        default=None,
        missing=dict,
        given=_given,
        empty=False,
        codec=Codec(_texts, lambda found: found),
        rather="properties.tags",
        also={"properties.tags": _texts},
    )
    properties: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.componentSpec.properties",
        default=None,
        missing=dict,
        given=_given,
        empty=False,
        also={"properties.properties": _texts},
    )
    display_name: str | None = wire("properties.componentSpec.display_name", default=None)
    is_deterministic: bool | None = wire("properties.componentSpec.is_deterministic", default=True)
    """Whether a pipeline may take the outputs of an earlier run with the same inputs in the place of a new one."""
    inputs: Field[Names[Input], Mapping[str, Input | dict[str, Any]] | None] = wire(
        "properties.componentSpec.inputs", default=None, missing=Names, given=_names, codec=INPUTS, sent=False
    )
    """What it asks for, by name: `{"rate": Input(type="number", default=0.1)}`."""
    outputs: Field[Names[Output], Mapping[str, Output | dict[str, Any]] | None] = wire(
        "properties.componentSpec.outputs", default=None, missing=Names, given=_names, codec=OUTPUTS, sent=False
    )
    """What it gives, by name: `{"model": Output(type="mlflow_model")}`."""
    yaml_str: str | None = wire(None, default=None, nullable=True, file_codec=UNSHOWN)
    """The text it was made from."""
    is_anonymous: bool | None = wire(
        "properties.isAnonymous", default=False, absent=False, nullable=True, file_codec=UNSHOWN
    )
    """Whether it is shown only to those who know its name."""
    client_component_hash: str | None = output("properties.properties.client_component_hash")
    """The hash of a registered component's definition, which tells whether another one is the same."""
    _schema: str | None = wire("properties.componentSpec.$schema", default=None, file="$schema", alias="_schema")
    _source: str = wire(
        "properties.componentSpec._source",
        default="CLASS",
        missing=lambda: "CLASS",
        rather="id",
        codec=Codec(str, _origin),
        file="_source",
        file_codec=UNSHOWN,
        alias="_source",
    )

    def __attrs_post_init__(self) -> None:
        if self.id:
            self._source = _origin(self.id)
        if self.name:
            return
        if self.version is not None:
            message = f"{type(self).__name__}(version={self.version!r}) needs a name too"
            raise wrong(message)
        self.name, self.version, self.is_anonymous = ANONYMOUS, "1", True

    # -- files -----------------------------------------------------------------------------------------------
    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, and that a file said it; Misstated with all that the keys and their types do not tell."""
        from mlsdk.schema.files import Misstated

        data = {key: value for key, value in data.items() if key != "type" or value is not None}
        if not top:  # written where it is used; whatever it is called, it is known by what it is
            data = {**data, "name": ANONYMOUS, "version": "1"}
        problems = [*cls._problems_of_file(data, base)]
        if problems:
            raise Misstated(problems)
        said: JSON = {"_source": "YAML.COMPONENT" if top else "YAML.JOB", **data}
        ports = data.get("outputs")
        if isinstance(ports, Mapping):
            said["outputs"] = {
                name: without_unknown(port, Output, f"outputs.{name}")
                if isinstance(port, Mapping) and port["type"] in PARAMETERS
                else port
                for name, port in ports.items()
            }
        return said

    @classmethod
    def _problems_of_file(cls, data: Mapping[str, Any], base: str) -> Iterator[Problem]:  # noqa: ARG003 - used below
        """What is wrong with a file, beyond its keys and their types."""
        from mlsdk.schema.files import NO_VALUE, Problem

        name, tags, properties = data.get("name"), data.get("tags"), data.get("properties")
        if name is not None and not _NAME.fullmatch(str(name)):
            yield Problem(("name",), f"{name!r} cannot be the name of a component: {_NAME_RULE}")
        for key, value in tags.items() if isinstance(tags, Mapping) else ():
            if not isinstance(value, str):
                yield Problem(("tags", key), f"expected a text, got {described(value)}; put it in quotes")
        for key, value in properties.items() if isinstance(properties, Mapping) else ():
            if value is None:
                yield Problem(("properties", key), NO_VALUE)
        for side in ("inputs", "outputs"):
            yield from ports_of_file(side, data.get(side))

    # -- forms -----------------------------------------------------------------------------------------------
    def _parts(self, form: Callable[[Entity], JSON]) -> JSON:  # noqa: ARG002 - used by the classes below
        """The parts of the YAML form that are written in a component's own way, those that say nothing included.

        `form` makes the form of an entity that is written as everywhere else.
        """
        return {
            "inputs": {name: input_form(port) for name, port in self.inputs.items() if port.type is not None},
            "outputs": {name: output_form(port) for name, port in self.outputs.items() if port.type is not None},
            "tags": _texts(self.tags),
            "properties": self.properties,
        }

    def to_dict(self) -> JSON:
        """The YAML form, which a body carries as its `componentSpec`."""
        parts = self._parts(lambda part: part.to_dict())
        return filled({**super().to_dict(), **parts}, parts)

    def __str__(self) -> str:
        from mlsdk.schema import files

        return files.text(redacted_json(self.to_dict()))

    def __complete__(self, body: JSON) -> None:
        """Put the parts of the YAML form into the `componentSpec`, and the hash of the whole beside it."""
        from mlsdk import hashing

        spec, parts = body["properties"]["componentSpec"], self._parts(to_form)
        for side, ports in (("inputs", self.inputs), ("outputs", self.outputs)):
            for name, form in parts[side].items():
                form.update(ports[name]._extra or {})  # noqa: SLF001 - what a newer service said of it
        spec.update(filled({"name": self.name, **parts}, parts))
        if not self.is_anonymous and self.__hashed__:
            definition = {key: value for key, value in spec.items() if key != "_source"}
            body["properties"]["properties"]["client_component_hash"] = hashing.client_component_hash(definition)
        elif self.name == ANONYMOUS:
            spec["version"] = "1"

    def __sendable__(self) -> None:
        problems = [*port_problems("inputs", self.inputs), *port_problems("outputs", self.outputs)]
        if problems:
            raise wrong("\n".join(f"{where}: {what}" for where, what in problems))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """A step that runs the component, its inputs given by name or in order.

        TypeError when there is no such input. Within a `@pipeline` function it becomes a step of that pipeline.
        """
        from mlsdk.entities.node import called
        from mlsdk.entities.steps import step_class

        return step_class(self).of_component(self, called(self, args, kwargs))

    # -- what operations ask -----------------------------------------------------------------------------------
    def problems(self) -> Iterator[tuple[str, str]]:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        if not self.is_anonymous and not _NAME.fullmatch(self.name or ""):
            yield "name", f"{self.name!r} cannot be the name of a component: {_NAME_RULE}"
        for side, ports in (("inputs", self.inputs), ("outputs", self.outputs)):
            yield from name_problems(side, ports)
            yield from port_problems(side, ports)

    def named(self) -> Self:
        """The component; an anonymous one as a copy whose version is the hash of its definition."""
        if not self.is_anonymous:
            return self
        from mlsdk import hashing

        return self.evolve(name=ANONYMOUS, version=hashing.component_version(self.to_dict()))

    def code_folder(self) -> AbstractContextManager[Path | None]:
        """A folder to upload in the place of its code, while it is used; None when there is no other."""
        return nullcontext()
