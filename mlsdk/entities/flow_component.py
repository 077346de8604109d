"""Components that are prompt flows: run on each row of a table, as parallel steps of pipelines."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from mlsdk.entities.additional_includes import together
from mlsdk.entities.command_component import (
    bare,
    environment_form,
    environment_from_form,
    problems_of_sources,
)
from mlsdk.entities.component_spec import UNSHOWN, Component
from mlsdk.entities.environment import Environment
from mlsdk.entities.inputs import Input, Output
from mlsdk.schema import documents
from mlsdk.schema.fields import JSON, Codec, Entity, entity, tag, wire
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from mlsdk.schema.files import Problem

SPEC = "properties.componentSpec"
FLOW = "promptflow_parallel"
_SCHEMAS = "https://azuremlschemas.azureedge.net/promptflow/latest/"
FLOW_SCHEMA, RUN_SCHEMA = f"{_SCHEMAS}Flow.schema.json", f"{_SCHEMAS}Run.schema.json"
"""The `$schema` of a flow's own file, and of a file that says how a flow is run."""
_FILE = "flow.dag.yaml"
_ABOUT = ("name", "version", "display_name", "description", "tags", "environment_variables")
_OF_RUN = (*_ABOUT, "flow", "variant", "connections")
_OVERRIDES = ("environment", "is_deterministic")
_CONNECTIONS = "connections"


def flow_word(data: Mapping[str, Any]) -> str | None:
    """The type of the component that a file says by its `$schema` alone."""
    return FLOW if data.get("$schema") in (FLOW_SCHEMA, RUN_SCHEMA) else None


def _mapping(given: Any, _: Any) -> JSON:
    return dict(given or {})


@entity
class FlowComponent(Component):
    """A prompt flow that is run on each row of a table; `load_component("flow.dag.yaml")` makes one.

    >>> flow = load_component("./chat/flow.dag.yaml")
    >>> answers = flow(data=questions, question="${data.question}", connections={"llm": {"connection": "openai"}})
    """

    __keeps_name__: ClassVar[bool] = True
    name: str | None = wire("name", default=None, sent=False, rather=f"{SPEC}.name")
    """That of the flow's folder when None."""
    type: Literal["promptflow_parallel"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        f"{SPEC}.type", default="promptflow_parallel"
    )
    variant: str | None = wire(f"{SPEC}.variant", default=None)
    """Which variant of a node is run: `${node.variant_1}`."""
    column_mapping: Field[dict[str, str], Mapping[str, str] | None] = wire(
        None, default=None, missing=dict, given=_mapping, file=None
    )
    """What the inputs of the flow are given, where it is run outside a pipeline; steps are given it as inputs."""
    connections: Field[dict[str, dict[str, str]], Mapping[str, Mapping[str, str]] | None] = wire(
        f"{SPEC}.connections", default=None, missing=dict, given=_mapping, empty=False
    )
    """By node: the connection, and the deployment, that it uses."""
    environment_variables: Field[dict[str, str], Mapping[str, str] | None] = wire(
        f"{SPEC}.environment_variables", default=None, missing=dict, given=_mapping, empty=False
    )
    environment: Field[str | Environment | None, str | Environment | dict[str, Any] | None] = wire(
        f"{SPEC}.environment", default=None, sent=False, codec=Codec(str, environment_from_form)
    )
    additional_includes: Field[list[str], list[str] | None] = wire(
        None, default=None, missing=list, given=lambda paths, _: list(paths or ())
    )
    """Files and folders that go into the flow's folder, relative to it."""
    code: str | None = wire(f"{SPEC}.code", default=None, absent=None, file=None)
    """The snapshot of the flow's folder, once it is uploaded."""
    flow_file: str | None = wire(f"{SPEC}.flow_file_name", default=None, file=None)
    """The flow's file, in its folder, where that is not the one that the component was read from."""
    _flow: str | os.PathLike[str] | None = wire(None, default=None, file="flow", file_codec=UNSHOWN, alias="flow")

    def __attrs_post_init__(self) -> None:
        if self._flow is not None:
            self.base_path, self.flow_file = _found(Path(self.base_path, self._flow))
            self._flow = os.path.abspath(os.path.join(self.base_path, self.flow_file))  # noqa: PTH100, PTH118 - a text
            self._take_flow()
        self.name = self.name or os.path.basename(os.path.abspath(self.base_path)).replace("-", "_")  # noqa: PTH100, PTH119 - a text
        self.version = self.version or "1"
        super().__attrs_post_init__()
        self._take_ports()

    def __loaded__(self, body: JSON) -> None:
        """Bodies tell of no inputs and outputs: those of all flows are the same."""
        self._take_ports()

    def _take_ports(self) -> None:
        self.inputs = {"data": Input(type="uri_folder"), "flow_outputs": Input(type="uri_folder", optional=True)}
        self.outputs = {"flow_outputs": Output(type="uri_folder"), "debug_info": Output(type="uri_folder")}

    def _take_flow(self) -> None:
        """What the flow's own file says, where another one names it."""
        file = Path(self.base_path, str(self.flow_file))
        said = documents.parse(file.read_text(encoding="utf-8-sig"), str(file))
        self.additional_includes = said.get("additional_includes")
        self.environment_variables = {**(said.get("environment_variables") or {}), **self.environment_variables}

    @property
    def flow(self) -> str:
        """The flow's file, in its folder: the one that it was read from, where that names no other."""
        return self.flow_file or (os.path.basename(self._file) if self._file else _FILE)  # noqa: PTH119 - a text

    @property
    def file_path(self) -> str:
        """The file that it was read from, else the flow's own, from the root."""
        return self._file or os.path.join(os.path.abspath(self.base_path), self.flow)  # noqa: PTH100, PTH118 - a text

    # -- files -----------------------------------------------------------------------------------------------------
    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said of the component; the rest of a flow's file is the flow's own."""
        from mlsdk.schema.files import Misstated

        problems = [*cls._problems_of_flow(data, base)]
        if problems:
            raise Misstated(problems, {})
        keys = _OF_RUN if data["$schema"] == RUN_SCHEMA else (*_ABOUT, "additional_includes")
        said: JSON = {key: data[key] for key in keys if key in data}
        for key, value in (data.get("azureml") or {}).items():
            said[key] = bare(value) if key == "environment" else value
        return {**said, "_source": "YAML.COMPONENT"}

    @classmethod
    def _problems_of_flow(cls, data: Mapping[str, Any], base: str) -> Iterator[Problem]:
        from mlsdk.schema.files import Problem, unknown_key

        schema = data.get("$schema")
        if schema not in (FLOW_SCHEMA, RUN_SCHEMA):
            yield Problem(("$schema",), f"a flow says {FLOW_SCHEMA}, or {RUN_SCHEMA} of a run")
            return
        overrides = data.get("azureml")
        if overrides is not None and not isinstance(overrides, Mapping):
            yield Problem(("azureml",), "expected a mapping")
        elif overrides is not None:
            yield from (unknown_key(("azureml", key), _OVERRIDES) for key in overrides if key not in _OVERRIDES)
            for one in problems_of_sources(overrides, base):
                yield Problem(("azureml", *one.steps), one.what)
        yield from cls._problems_of_file({key: data[key] for key in ("name", "tags") if key in data}, base)
        if schema == RUN_SCHEMA and not isinstance(data.get("flow"), str):
            yield Problem(("flow",), "the flow's folder or file is required")
        includes = data.get("additional_includes") if schema == FLOW_SCHEMA else None
        for index, path in enumerate(includes if isinstance(includes, list) else ()):
            if not Path(base, str(path)).exists():
                yield Problem(("additional_includes", index), f"no such file or folder: {path}")

    # -- forms -------------------------------------------------------------------------------------------------------
    def _parts(self, form: Callable[[Entity], JSON]) -> JSON:
        return {
            **super()._parts(form),
            "inputs": {},
            "outputs": {},
            "additional_includes": None,
            "environment": environment_form(self.environment),
            "connections": self.connections,
            "environment_variables": self.environment_variables,
        }

    def __complete__(self, body: JSON) -> None:
        """Where the flow is, is no part of what is hashed."""
        spec = body["properties"]["componentSpec"]
        where = {"code": spec.pop("code", None), "flow_file_name": self.flow}
        spec.pop("flow_file_name", None)
        super().__complete__(body)
        spec.update(where)

    # -- steps -------------------------------------------------------------------------------------------------------
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """A parallel step that runs the flow on each row of `data`.

        Other arguments are what the flow's inputs are given, as `"${data.column}"`; `connections` tells by node which
        connection and deployment it uses.
        """
        from mlsdk.entities.parallel import Parallel

        if args:
            message = f"{self.name}() takes its inputs by name"
            raise TypeError(message)
        return Parallel.of_component(self, flow_inputs(kwargs))

    def code_folder(self) -> AbstractContextManager[Path | None]:
        """The flow's folder; a new one with all that it includes, while it is used, where it includes more."""
        if self.code is not None:
            return nullcontext()
        if self.additional_includes:
            return together(self.base_path, self.additional_includes, self.base_path)
        return nullcontext(Path(self.base_path))


def _found(path: Path) -> tuple[str, str]:
    """The folder and the file of a flow."""
    if (path / _FILE).is_file():
        return os.path.normpath(path), _FILE
    if path.is_file():
        return os.path.normpath(path.parent), path.name
    message = f"flow={str(path)!r} is neither a file nor a folder with a {_FILE}"
    raise wrong(message)


def flow_inputs(given: Mapping[str, Any]) -> JSON:
    """What a flow is given, its connections one by one: `connections.node.deployment_name`."""
    found: JSON = {}
    for name, value in given.items():
        if name != _CONNECTIONS:
            found[name] = value
            continue
        for node, said in (value or {}).items():
            if not isinstance(said, Mapping):
                message = f"connections.{node}: expected a mapping such as {{'connection': 'openai'}}, got {said!r}"
                raise wrong(message)
            found.update({f"{_CONNECTIONS}.{node}.{key}": one for key, one in said.items()})
    return found
