"""Steps: a component, what is given to it, and how it is run here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import attrs

from mlsdk import ids
from mlsdk.entities.bindings import is_binding
from mlsdk.entities.building import register
from mlsdk.entities.component_spec import Component
from mlsdk.entities.job import Job
from mlsdk.entities.job_ports import JOB_INPUTS, JOB_OUTPUTS, input_form, mode_problems, output_to_body
from mlsdk.entities.node_ports import (
    NODE_NAME,
    NODE_NAMES,
    NodeOutput,
    NodeOutputs,
    inputs_of_node,
    inputs_to_node,
    node_inputs,
    outputs_form,
    outputs_of_node,
    outputs_to_node,
)
from mlsdk.schema import files
from mlsdk.schema.bodies import to_body
from mlsdk.schema.fields import JSON, Codec, Entity, entity, wire
from mlsdk.schema.mappings import Field, Names
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import did_you_mean

PREFIX = "azureml:"
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


# -- dialect -------------------------------------------------------------------------------------------------
def node_part(value: Any) -> Any:
    """A setting of a step in a pipeline's body: as in a job's own, its words in snake case; None where it says nothing.

    What a user names (properties, tags) is left as it is.
    """
    if isinstance(value, Entity):
        value = to_body(value)
    if isinstance(value, Mapping):
        made = {
            _CAMEL.sub("_", key).lower(): item if key == "properties" else node_part(item)
            for key, item in value.items()
            if item is not None
        }
        return {key: item for key, item in made.items() if item not in (None, {}, [])} or None
    return [node_part(item) for item in value] if isinstance(value, list) else value


def without_empty(form: JSON) -> JSON:
    """A file form without settings, at any depth, that say nothing."""
    found = {
        key: without_empty(value) if isinstance(value, dict) and key != "properties" else value  # which are the user's
        for key, value in form.items()
    }
    return {key: value for key, value in found.items() if value != {}}


def job_part(value: Any) -> Any:
    """The reverse of `node_part`."""
    if isinstance(value, Mapping):
        return {
            re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), key): item if key == "properties" else job_part(item)
            for key, item in value.items()
        }
    return [job_part(item) for item in value] if isinstance(value, list) else value


def source_of(component: Any) -> str:
    """Where a step's component comes from, in the word of the service."""
    if isinstance(component, Component):
        return component._source  # noqa: SLF001 - a word of the service's that users have no need of
    return "REMOTE.REGISTRY" if str(component).startswith("azureml://registries/") else "REMOTE.WORKSPACE.COMPONENT"


# -- given ---------------------------------------------------------------------------------------------------
def _inputs(given: Mapping[str, Any] | None, node: Any) -> Names[Any]:
    return node_inputs(node, given or {})


def _outputs(given: Mapping[str, Any] | None, node: Any) -> NodeOutputs:
    return NodeOutputs(node, node.declared("outputs"), given or {})


NODE_INPUTS = Codec(
    lambda inputs: JOB_INPUTS.dump({name: value for name, value in inputs.items() if value is not None}),
    JOB_INPUTS.load,
)
NODE_OUTPUTS = Codec(
    lambda outputs: {
        name: output_to_body(port.data) for name, port in outputs.items() if port.data is not None or port.named
    },
    JOB_OUTPUTS.load,
)
"""In the body of a job of its own, of which a component may ask for more, and give more, than the job says."""


# -- the class -----------------------------------------------------------------------------------------------
@entity(eq=False)
class Node(Job):
    """What steps of all types have: a component, inputs and outputs, and where and how it is run.

    A step is a job too: it can be submitted alone.
    """

    __expressions__ = True
    __unsaid__: ClassVar[tuple[str, ...]] = ("name", "display_name", "description", "experiment_name", "tags")
    """What the file form of a step leaves out, as the official client's does."""
    __settings__: ClassVar[tuple[str, ...]] = ()
    """The settings of the class which a pipeline's body carries in the words of jobs, in snake case."""
    component: Any = wire(None, default=None)
    """The component that is run: itself, or its `name:version` in the workspace, or its id."""
    inputs: Field[Names[Any], Mapping[str, Any] | None] = wire(
        "properties.inputs", default=None, missing=Names, given=_inputs, codec=NODE_INPUTS
    )
    """By name: an `Input`, a plain value, an output of another step or an input of the pipeline."""
    outputs: Field[Names[Any], Mapping[str, Any] | None] = wire(
        "properties.outputs", default=None, missing=dict, given=_outputs, codec=NODE_OUTPUTS
    )
    """By name; `outputs.model` is given to the inputs of other steps."""
    comment: str | None = wire(None, default=None)
    """What the designer shows beside the step."""
    _source: str | None = attrs.field(default=None, kw_only=True, alias="_source")

    def __attrs_post_init__(self) -> None:
        if self._source is None:
            self._source = source_of(self.component)

    def __loaded__(self, body: JSON) -> None:
        """Inputs and outputs know their step."""
        self._source = "REMOTE.WORKSPACE.JOB"
        self.outputs = self.outputs

    def declared(self, side: str) -> Mapping[str, Any] | None:
        """The inputs or outputs that the component declares; None when it is known by its name only."""
        return getattr(self.component, side) if isinstance(self.component, Component) else None

    def given_inputs(self) -> JSON:
        """The inputs that have a value and that the component, where it is known, asks for."""
        declared = self.declared("inputs")
        return {
            name: value
            for name, value in self.inputs.items()
            if value is not None and (declared is None or name in declared)
        }

    def given_outputs(self) -> dict[str, NodeOutput]:
        """The outputs that the component, where it is known, gives."""
        declared = self.declared("outputs")
        return {name: port for name, port in self.outputs.items() if declared is None or name in declared}

    # -- bodies ------------------------------------------------------------------------------------------------
    def node_body(self, components: dict[int, Any] | None = None) -> JSON:
        """What the `jobs` of a pipeline's body say of the step.

        `components` are the bodies of components by identity: steps that share a component share its body.
        """
        body: JSON = {"name": self.name and self.name.lower(), "type": self.type, "_source": self._source}
        for key, value in (
            ("display_name", self.display_name),
            ("tags", self.tags),
            ("computeId", self.compute),
            ("inputs", inputs_to_node(self.given_inputs())),
            ("outputs", outputs_to_node(self.given_outputs())),
            ("properties", self.properties),
            ("comment", self.comment),
        ):
            if value or value == "":
                body[key] = value
        if self.component is not None:
            body["componentId"] = self.component_body({} if components is None else components)
        for name in self.__settings__:
            part = node_part(getattr(self, name))
            if part is not None:
                body[name] = part
        return {**body, **(self._extra or {})}

    def component_body(self, made: dict[int, Any]) -> Any:
        """The component in a pipeline's body: its id, or, while it has none, its own body."""
        component = self.component
        if not isinstance(component, Component):
            return component
        if component.id:
            return component.id
        found = made.get(id(component))
        if found is None:
            found = made[id(component)] = to_body(component)
        return found

    @classmethod
    def of_node_body(cls, body: Mapping[str, Any]) -> Any:
        """The step that the `jobs` of a pipeline's body describe."""
        made = object.__new__(cls)
        cls.__init__(made, **cls._arguments(body))
        known = {"name", "type", "_source", "display_name", "tags", "computeId", "inputs", "outputs", "properties"}
        known |= {"comment", "componentId", *cls.__settings__, *cls._known_in_node()}
        made._extra = {key: item for key, item in body.items() if key not in known and item is not None} or None
        return made

    @classmethod
    def _known_in_node(cls) -> set[str]:
        """Further keys of a step's body that a class reads."""
        return set()

    @classmethod
    def _arguments(cls, body: Mapping[str, Any]) -> JSON:
        """The constructor's arguments for a step's body."""
        from mlsdk.entities.component import Component  # it tells the types of components apart
        from mlsdk.schema.bodies import from_body
        from mlsdk.schema.fields import fields

        component = body.get("componentId")
        if isinstance(component, Mapping):
            component = from_body(Component, dict(component))
        elif isinstance(component, str):
            component = component if component.startswith("azureml://") else component.removeprefix(PREFIX)
        kinds = {attribute.name: kind for attribute, kind, _ in fields(cls)}
        settings = {
            name: from_body(kinds[name], job_part(body[name]))
            for name in cls.__settings__
            if body.get(name) is not None
        }
        compute = body.get("computeId")
        return {
            **{key: body.get(key) for key in ("name", "display_name", "tags", "properties", "comment", "_source")},
            "component": component,
            "compute": ids.segment(compute, "computes") or compute if isinstance(compute, str) else None,
            "inputs": inputs_of_node(body.get("inputs")),
            "outputs": outputs_of_node(body.get("outputs")),
            **settings,
        }

    # -- files -------------------------------------------------------------------------------------------------
    def component_form(self) -> Any:
        """The component in the file form."""
        if isinstance(self.component, Component):
            return f"{PREFIX}{self.component.id}" if self.component.id else self.component.to_dict()
        text = str(self.component)
        return text if text.startswith((PREFIX, "azureml://")) or is_binding(text) else PREFIX + text

    def to_dict(self) -> JSON:
        """The file form of a step: its component whole, what is given to it, and how it is run."""
        form = without_empty(super().to_dict())
        if self.component is not None:
            form["component"] = self.component_form()
        for key, value in (
            ("inputs", {name: input_form(value) for name, value in self.given_inputs().items()}),
            ("outputs", outputs_form(self.given_outputs())),
        ):
            form.pop(key, None)
            if value:
                form[key] = value
        for key in self.__unsaid__:
            form.pop(key, None)
        return form

    def __file_form__(self) -> JSON:
        """What `dump` writes: outputs with all that is said of them."""
        form = super().__file_form__()
        return {**form, **self._whole_parts(form)}

    def step_file_form(self) -> JSON:
        """What `dump` of a pipeline writes of the step."""
        about, form = files.to_dict(self), self.to_step_dict()
        kept = {key: about[key] for key in ("display_name", "tags", "properties") if about.get(key)}
        return {**kept, **form, **self._whole_parts(form)}

    def _whole_parts(self, form: JSON) -> JSON:
        """The parts of the file form of which the official client's form does not say all."""
        component = self.component
        outputs = outputs_form(self.outputs, whole=True)
        given = {name: value for name, value in self.inputs.items() if value is not None}
        inputs = {name: value if isinstance(value, bool) else input_form(value) for name, value in given.items()}
        parts: JSON = {key: said for key, said in (("inputs", inputs), ("outputs", outputs)) if said}
        if isinstance(component, Component) and not component.id and "component" in form:
            parts["component"] = component.__file_form__()
        return parts

    def to_step_dict(self) -> JSON:
        """The file form as a step."""
        return self.to_dict()

    # -- checks ------------------------------------------------------------------------------------------------
    def problems(self) -> Iterator[tuple[str, str]]:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        declared = self.declared("inputs")
        if declared is None:
            return
        whose = "the component" if self.component.is_anonymous else repr(self.component.name)
        for name, port in declared.items():
            if self.inputs.get(name) is None and not port.optional and port.default is None:
                yield f"inputs.{name}", f"is required: {whose} has no default for it"
        for name in self.inputs:
            if name not in declared:
                known = ", ".join(declared) or "none"
                yield f"inputs.{name}", f"is no input of the component{did_you_mean(name, declared)}; there are {known}"
        yield from mode_problems("inputs", self.inputs)
        yield from mode_problems("outputs", {name: port.data for name, port in self.outputs.items()})
        for name in self.outputs:
            if name not in (self.declared("outputs") or {}):
                yield f"outputs.{name}", "is no output of the component"

    # -- the component called as a function ---------------------------------------------------------------------
    @classmethod
    def of_component(cls, component: Component, inputs: Mapping[str, Any]) -> Any:
        """A step of a component, given its inputs by name, in the pipeline that is being written."""
        node = cls(component=component, inputs=inputs)
        register(node)
        return node


def called(component: Component, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> JSON:
    """The inputs by name that a component is called with; TypeError when they do not fit what it asks for."""
    return bound(str(component.name), [*component.inputs], args, kwargs)


def bound(name: str, inputs: list[str], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> JSON:
    """What a function that has these inputs is called with, by name; KeywordError, also a TypeError, when it does not fit."""
    given = dict(zip(inputs, args, strict=False))
    twice = [key for key in kwargs if key in given]
    unknown = [key for key in kwargs if key not in inputs]
    if len(args) > len(inputs) or twice or unknown:
        from mlsdk.exceptions import MultipleValueError, TooManyPositionalArgsError, UnexpectedKeywordError

        if unknown:
            raise UnexpectedKeywordError(name, unknown[0], inputs)
        if twice:
            raise MultipleValueError(name, twice[0])
        raise TooManyPositionalArgsError(name, 0, len(inputs), len(args))
    return {**given, **kwargs}


def check_name(name: str) -> None:
    """ValidationException when a step cannot be called that."""
    if not NODE_NAME.fullmatch(name):
        message = f"{name!r} cannot be the name of a step: {NODE_NAMES}"
        raise wrong(message)
