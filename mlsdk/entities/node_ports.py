"""What goes into a step of a pipeline and what comes out of it: in Python, and in the words of a pipeline's body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlsdk.entities.bindings import NodeInput, Reference, is_binding
from mlsdk.entities.inputs import Input, Output
from mlsdk.entities.job_ports import (
    INPUT_MODES,
    OUTPUT_MODES,
    LiteralValue,
    input_of_body,
    input_to_body,
    input_value,
    output_form,
    output_of_body,
    output_to_body,
    output_value,
)
from mlsdk.schema.mappings import Names
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import did_you_mean

if TYPE_CHECKING:
    from mlsdk.entities.node import Node
    from mlsdk.schema.fields import JSON

_OLDER = re.compile(r"\$\{\{((?:inputs|outputs|jobs)\.[^}]*\}\})")
NODE_NAME = re.compile(r"[a-z_][a-z0-9_]*")
NODE_NAMES = "lower letters, digits and underscores, no digit first"
"""How steps may be called."""
PORT = "job_input_type"
OUT = "job_output_type"


# -- outputs -------------------------------------------------------------------------------------------------
class NodeOutput(Reference):
    """What a step gives: wired to the input of another step, and told there how it is written.

    >>> train = train_component(data=prepare.outputs.data)
    >>> train.outputs.model.mode = "upload"
    """

    __slots__ = ("copied", "data", "meta", "named", "owner", "port_name")

    def __init__(
        self, owner: Any, port_name: str, meta: Output | None = None, data: Any = None, *, named: bool = False
    ) -> None:
        """The output `port_name` of `owner`; `meta` is what the component says of it, `data` what the step says.

        `named` where the step names the output, though it may say nothing more of it.
        """
        self.owner, self.port_name, self.meta, self.data, self.named = owner, port_name, meta, data, named
        self.copied = False
        """Whether `data` was taken over from the step that was called."""

    def __str__(self) -> str:
        return f"${{{{parent.jobs.{self.owner.name}.outputs.{self.port_name}}}}}"

    def __repr__(self) -> str:
        return f"NodeOutput({self.owner.name or '…'}.outputs.{self.port_name})"

    def _own(self) -> Output:
        """What the step says of the output, made when it is about to say something."""
        if not isinstance(self.data, Output):
            bound = self.data is not None
            self.data = Output(type="uri_folder" if bound else None, path=str(self.data) if bound else None)
        return self.data

    def _get(self, name: str) -> Any:
        own = getattr(self.data, name, None) if isinstance(self.data, Output) else None
        return own if own is not None or self.meta is None else getattr(self.meta, name)

    @property
    def type(self) -> str | None:
        """Of which type the data is."""
        return self._get("type")  # type: ignore[no-any-return]

    @type.setter
    def type(self, value: str | None) -> None:
        self._own().type = value

    @property
    def mode(self) -> str | None:
        """How the data leaves the code: `rw_mount`, `upload` or `direct`."""
        return self._get("mode")  # type: ignore[no-any-return]

    @mode.setter
    def mode(self, value: str | None) -> None:
        self._own().mode = value
        self.copied = False

    @property
    def path(self) -> str | None:
        """Where the data is written to."""
        return self.data.path if isinstance(self.data, Output) else None if self.data is None else str(self.data)

    @path.setter
    def path(self, value: Any) -> None:
        self._own().path = value

    @property
    def description(self) -> str | None:
        """What it is."""
        return self._get("description")  # type: ignore[no-any-return]

    @description.setter
    def description(self, value: str | None) -> None:
        self._own().description = value

    @property
    def name(self) -> str | None:
        """The asset that the data is registered as."""
        return self.data.name if isinstance(self.data, Output) else None

    @name.setter
    def name(self, value: str | None) -> None:
        self._own().name = value

    @property
    def version(self) -> str | None:
        """The version of that asset."""
        return self.data.version if isinstance(self.data, Output) else None

    @version.setter
    def version(self, value: str | None) -> None:
        self._own().version = value


class NodeOutputs(Names[NodeOutput]):
    """The outputs of a step, by name; those of a component that is known by name only are whatever is asked for."""

    __slots__ = ("_known", "_owner")

    def __init__(self, owner: Any, declared: Mapping[str, Output] | None, given: Mapping[str, Any]) -> None:
        """Those that a component declares (None: it is not known here), and those that are given."""
        super().__init__()
        put = dict.__setitem__
        object.__setattr__(self, "_owner", owner)
        object.__setattr__(self, "_known", declared is not None)
        for name, meta in (declared or {}).items():
            put(self, name, NodeOutput(owner, name, meta))
        for name, value in given.items():
            self[name] = value

    def __missing__(self, name: str) -> NodeOutput:
        if object.__getattribute__(self, "_known"):
            message = (
                f"there is no output {name!r}{did_you_mean(name, self) or '; there are ' + (', '.join(self) or 'none')}"
            )
            raise KeyError(message)
        made = NodeOutput(self._owner, name)
        dict.__setitem__(self, name, made)
        return made

    def __getattr__(self, name: str) -> NodeOutput:
        if name[:2] == "__":
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __setitem__(self, name: str, value: Any) -> None:
        if isinstance(value, NodeOutput) and value.owner is self._owner:
            dict.__setitem__(self, name, value)
            return
        data = value.data if isinstance(value, NodeOutput) else output_value(value)
        found = self.get(name)
        if found is None:
            dict.__setitem__(self, name, NodeOutput(self._owner, name, None, data, named=True))
        else:
            found.data, found.named = data, True

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __reduce__(self) -> Any:
        return (_outputs_again, (self._owner, object.__getattribute__(self, "_known"), dict(self)))

    def copy(self) -> NodeOutputs:
        """A mapping of its own with the same outputs."""
        return _outputs_again(self._owner, object.__getattribute__(self, "_known"), dict(self))


def _outputs_again(owner: Any, known: bool, outputs: dict[str, NodeOutput]) -> NodeOutputs:
    made = NodeOutputs(owner, {} if known else None, {})
    dict.update(made, outputs)
    return made


# -- given in Python -----------------------------------------------------------------------------------------
class NodeInputs(Names[Any]):
    """The inputs of a step, by name: what is wired to another step is an input of its own."""

    __slots__ = ()

    def __setitem__(self, name: str, value: Any) -> None:
        value = wired(value)
        if isinstance(value, NodeInput):
            value = NodeInput(value.source, value.mode)
        elif isinstance(value, Reference):
            value = NodeInput(value)
        dict.__setitem__(self, name, value)


def node_inputs(node: Node, given: Mapping[str, Any]) -> Names[Any]:
    """The inputs of a step: all that its component asks for, None where nothing was given."""
    declared = node.declared("inputs")
    made = NodeInputs(dict.fromkeys(declared)) if declared else NodeInputs()
    for name, value in given.items():
        made[name] = value
    return made


def wired(value: Any) -> Any:
    """What stands for an input of a step; a step with one output stands for that."""
    outputs = getattr(value, "outputs", None)
    if isinstance(outputs, NodeOutputs):
        if len(outputs) != 1:
            there = ", ".join(outputs) or "none"
            message = (
                f"the step {value.name or type(value).__name__!r} has no single output to take ({there}); name one"
            )
            raise ValueError(message)
        return next(iter(outputs.values()))
    return input_value(value) if not isinstance(value, Reference) else value


# -- bodies --------------------------------------------------------------------------------------------------
def inputs_to_node(inputs: Mapping[str, Any]) -> JSON:
    """The inputs of a step in a pipeline's body; those without a value are left out."""
    found: JSON = {}
    for name, value in inputs.items():
        if value is None:
            continue
        if isinstance(value, Reference):
            found[name] = {PORT: "literal", "value": str(value)}
            if isinstance(value, NodeInput) and value.mode is not None:
                found[name]["mode"] = INPUT_MODES.get(value.mode.lower(), value.mode)
            continue
        _check_binding(name, value)
        body = input_to_body(value, PORT)
        if isinstance(value, Input) and body is not None and body.get(PORT) == "literal":
            if value.mode is not None:
                body["mode"] = INPUT_MODES.get(value.mode.lower(), value.mode)
            body.update(value._extra or {})  # noqa: SLF001 - of our own class
        found[name] = body
    return found


def _check_binding(name: str, value: Any) -> None:
    """ValidationException for an expression in the spelling of older clients, which the service does not know."""
    said = str(value.path) if isinstance(value, Input) else value
    found = _OLDER.match(said) if isinstance(said, str) else None
    if found is not None:
        message = f"inputs.{name}: {said} is an older spelling; write ${{{{parent.{found[1]}"
        raise wrong(message)


def outputs_to_node(outputs: Mapping[str, NodeOutput]) -> JSON:
    """The outputs of a step in a pipeline's body: those of which the step says something."""
    found: JSON = {}
    for name, port in outputs.items():
        data = port.data
        if data is None:
            continue
        if not isinstance(data, Output):
            found[name] = {"value": str(data), "type": "literal"}
            continue
        if data.path is not None and is_binding(str(data.path)) and str(data.path).startswith("${{parent"):
            body: JSON = {"value": str(data.path), "type": "literal"}
            if data.mode is not None:
                body["mode"] = OUTPUT_MODES.get(data.mode.lower(), data.mode)
            for key in ("name", "version"):
                if getattr(data, key) is not None:
                    body[key] = getattr(data, key)
            found[name] = {**body, **(data._extra or {})}  # noqa: SLF001 - of our own class
            continue
        body = output_to_body(data, OUT) or {}
        for theirs, ours in (("assetName", "name"), ("assetVersion", "version")):
            if theirs in body:
                body[ours] = body.pop(theirs)
        if port.meta is not None and port.type == "uri_file":
            body[OUT] = "uri_file"
        found[name] = body
    return found


def inputs_of_node(body: Mapping[str, Any] | None) -> JSON:
    """The inputs of a step from a pipeline's body."""
    found: JSON = {}
    for name, value in (body or {}).items():
        plain = _camel_port(value, "jobInputType", PORT)
        read = input_of_body(plain, PORT)
        if isinstance(read, str) and is_binding(read) and isinstance(plain, Mapping) and plain.get("mode"):
            mode = {theirs: ours for ours, theirs in INPUT_MODES.items()}.get(plain["mode"], plain["mode"])
            extra = read._extra if isinstance(read, LiteralValue) else None  # noqa: SLF001 - of our own class
            read = Input(type=None, path=str(read), mode=mode)
            read._extra = extra  # noqa: SLF001 - as above
        found[name] = read
    return found


def outputs_of_node(body: Mapping[str, Any] | None) -> JSON:
    """The outputs of a step from a pipeline's body."""
    found: JSON = {}
    for name, value in (body or {}).items():
        plain = _camel_port(value, "jobOutputType", OUT)
        if not isinstance(plain, Mapping):
            found[name] = plain
        elif plain.get("value") is not None:
            found[name] = _bound_output(plain)
        else:
            names = {"name": "assetName", "version": "assetVersion"}
            found[name] = output_of_body({names.get(key, key): item for key, item in plain.items()}, OUT)
    return found


_BOUND = ("value", "type", "mode", "name", "version")


def _bound_output(body: Mapping[str, Any]) -> Any:
    extra = {key: item for key, item in body.items() if key not in _BOUND and item is not None} or None
    if extra is None and not any(body.get(key) for key in ("mode", "name", "version")):
        return body["value"]
    modes = {theirs: ours for ours, theirs in OUTPUT_MODES.items()}
    made = Output(type=None, path=body["value"], mode=modes.get(body.get("mode", ""), body.get("mode")))
    made.name, made.version = body.get("name"), body.get("version")
    made._extra = extra  # noqa: SLF001 - of our own class
    return made


def _camel_port(value: Any, camel: str, snake: str) -> Any:
    """A port whose type is called as in jobs, as some api-versions call it, with the word that nodes have."""
    if isinstance(value, Mapping) and camel in value and snake not in value:
        return {snake if key == camel else key: item for key, item in value.items()}
    return value


# -- files ---------------------------------------------------------------------------------------------------
def outputs_form(outputs: Mapping[str, NodeOutput], *, whole: bool = False) -> JSON:
    """The outputs of a step in the file form: those of which the step says something; see `output_form`.

    `whole` with those too that it only names.
    """
    return {
        name: output_form(port.data, whole=whole)
        for name, port in outputs.items()
        if port.data is not None or (whole and port.named)
    }


# -- what is wired -------------------------------------------------------------------------------------------
def bound_texts(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The inputs that are expressions: pairs of a name and the expression's text."""
    for name, value in inputs.items():
        said = value.path if isinstance(value, Input) else value
        if isinstance(said, Reference):
            yield name, str(said)
        elif isinstance(said, str) and "${{" in said:
            yield name, said
