"""Steps that move data: from store to store, and from and to what is outside of Azure Machine Learning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Union

from mlsdk.entities.component_spec import Component
from mlsdk.entities.data_transfer_component import (
    COPY,
    EXPORT,
    IMPORT,
    SINK,
    SOURCE,
    DataTransferCopyComponent,
    DataTransferExportComponent,
    DataTransferImportComponent,
)
from mlsdk.entities.external_data import Database, ExternalData, external_of_body
from mlsdk.entities.inline import Parts, inline_component, take_component, take_ports
from mlsdk.entities.inputs import Input, Output
from mlsdk.entities.node import Node
from mlsdk.schema import files
from mlsdk.schema.bodies import to_body
from mlsdk.schema.fields import JSON, choice, entity, tag, wire
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_REGISTRY = "azureml://registries/azureml/components/{}/versions/0.0.1"
BUILTIN = "BUILTIN"
"""The source of a step whose component Azure brings."""


def import_component(source: ExternalData | None) -> str:
    """Azure's own component that reads `source`."""
    return _REGISTRY.format("import_data_database" if isinstance(source, Database) else "import_data_file_system")


def export_component(sink: ExternalData | None) -> str:
    """Azure's own component that writes to `sink`; ValidationException when it is no database."""
    if isinstance(sink, Database):
        return _REGISTRY.format("export_data_database")
    message = "data is exported to a database only; give sink=Database(...)"
    raise wrong(message)


@entity(eq=False, keeps="")
class DataTransfer(Node):
    """A step that moves data; its subclasses say where from and where to."""

    type: Literal["data_transfer"] = tag("properties.jobType", default="data_transfer")

    if TYPE_CHECKING:  # each class below has its own word

        @property
        def task(self) -> str:
            """`copy_data`, `import_data` or `export_data`."""
            ...

    def __sendable__(self) -> None:
        """Data is moved within pipelines only."""
        message = f"{type(self).__name__} is no job of its own; put it into a pipeline"
        raise wrong(message)

    # -- the body of a step --------------------------------------------------------------------------------------
    def _said(self) -> JSON:
        """What a body says beside what it says of every step."""
        return {}

    def node_body(self, components: dict[int, Any] | None = None) -> JSON:
        """What the `jobs` of a pipeline's body say of the step; see `Node.node_body`."""
        said = {key: value for key, value in self._said().items() if value is not None}
        return {**super().node_body(components), "task": self.task, **said}

    @classmethod
    def of_node_body(cls, body: Mapping[str, Any]) -> Any:
        """The step that the `jobs` of a pipeline's body describe."""
        return super().of_node_body(body) if cls is not DataTransfer else step_of(body.get("task")).of_node_body(body)

    @classmethod
    def _known_in_node(cls) -> set[str]:
        return {"task", "source", "sink", "data_copy_mode"}


@entity(eq=False, keeps="")
class DataTransferCopy(DataTransfer):
    """A step that copies data from one place to another; `copy_data(...)` makes one."""

    task: Literal["copy_data"] = tag(None, default=COPY)
    component: Field[DataTransferCopyComponent | str | None, Component | str | None] = wire(None, default=None)
    data_copy_mode: str | None = wire(None, default=None, file=None)
    """What becomes of files that are there already: `merge_with_overwrite` or `fail_if_conflict`."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if isinstance(self.component, DataTransferCopyComponent):
            self.data_copy_mode = self.component.data_copy_mode or self.data_copy_mode

    def _said(self) -> JSON:
        return {"data_copy_mode": self.data_copy_mode}

    @classmethod
    def _arguments(cls, body: Mapping[str, Any]) -> JSON:
        return {**super()._arguments(body), "data_copy_mode": body.get("data_copy_mode")}

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, with the component that it amounts to."""
        said = inline_component(cls, DataTransferCopyComponent, data, base, keys=("data_copy_mode",))
        component = said.get("component")
        if "component" not in data and isinstance(component, DataTransferCopyComponent):
            component.description, component.tags = said.get("description"), said.get("tags")
        return said


@entity(eq=False, keeps="")
class DataTransferImport(DataTransfer):
    """A step that brings data in; `import_data(...)` makes one."""

    task: Literal["import_data"] = tag(None, default=IMPORT)
    component: Field[DataTransferImportComponent | str | None, Component | str | None] = wire(None, default=None)
    source: Field[ExternalData | None, ExternalData | dict[str, Any] | None] = wire(None, default=None)
    """The database or the files that it reads."""

    def _said(self) -> JSON:
        return {"source": None if self.source is None else to_body(self.source)}

    @classmethod
    def _arguments(cls, body: Mapping[str, Any]) -> JSON:
        return {**super()._arguments(body), "source": _external(body.get("source"))}

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said; where it names no component, Azure's own is meant."""
        parts = Parts(data, base)
        take_ports(parts)
        if "component" in data:
            take_component(parts, DataTransferImportComponent)
            return parts.done()
        source = parts.take("source", ExternalData)
        if source is None and "source" not in data:
            parts.problems.append(files.Problem(("source",), "is required: what the data is read from"))
        if set(data.get("outputs") or {SINK}) != {SINK}:
            parts.problems.append(files.Problem(("outputs",), f"data is brought to one output, {SINK!r}"))
        return {**parts.done(), "component": import_component(source), "_source": BUILTIN}

    def problems(self) -> Iterator[tuple[str, str]]:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        yield from super().problems()
        if self.source is None:
            yield "source", "is required: what the data is read from"
        if list(self.outputs) != [SINK]:
            yield f"outputs.{SINK}", f"data is brought to one output, {SINK!r}"
            return
        data = self.outputs[SINK].data
        wanted = "mltable" if isinstance(self.source, Database) else "uri_folder"
        if isinstance(data, Output) and self.source is not None and data.type != wanted:
            yield f"outputs.{SINK}.type", f"a {self.source.type} is brought to a {wanted}, not a {data.type}"


@entity(eq=False, keeps="")
class DataTransferExport(DataTransfer):
    """A step that sends data out; `export_data(...)` makes one."""

    task: Literal["export_data"] = tag(None, default=EXPORT)
    component: Field[DataTransferExportComponent | str | None, Component | str | None] = wire(None, default=None)
    sink: Field[ExternalData | None, ExternalData | dict[str, Any] | None] = wire(None, default=None)
    """The database that it writes to."""

    def _said(self) -> JSON:
        return {"sink": None if self.sink is None else to_body(self.sink)}

    @classmethod
    def _arguments(cls, body: Mapping[str, Any]) -> JSON:
        return {**super()._arguments(body), "sink": _external(body.get("sink"))}

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said; where it names no component, Azure's own is meant."""
        parts = Parts(data, base)
        take_ports(parts)
        if "component" in data:
            take_component(parts, DataTransferExportComponent)
            return parts.done()
        sink = parts.take("sink", ExternalData)
        if sink is None and "sink" not in data:
            parts.problems.append(files.Problem(("sink",), "is required: what the data is written to"))
        if sink is not None and not isinstance(sink, Database):
            parts.problems.append(files.Problem(("sink",), "data is exported to a database only"))
        if set(data.get("inputs") or {SOURCE}) != {SOURCE}:
            parts.problems.append(files.Problem(("inputs",), f"data is taken from one input, {SOURCE!r}"))
        return {**parts.done(), "component": export_component(sink), "_source": BUILTIN}

    def problems(self) -> Iterator[tuple[str, str]]:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        yield from super().problems()
        if self.sink is None:
            yield "sink", "is required: what the data is written to"
        if list(self.inputs) != [SOURCE]:
            yield f"inputs.{SOURCE}", f"data is taken from one input, {SOURCE!r}"
            return
        data = self.inputs[SOURCE]
        wanted = "uri_file" if isinstance(self.sink, Database) else "uri_folder"
        if isinstance(data, Input) and self.sink is not None and data.type != wanted:
            yield f"inputs.{SOURCE}.type", f"a {self.sink.type} is written from a {wanted}, not a {data.type}"


def _external(body: Any) -> Any:
    return None if body is None else external_of_body(body)


def step_of(task: Any) -> type[DataTransfer]:
    """The class of the steps of a task."""
    found = {COPY: DataTransferCopy, IMPORT: DataTransferImport, EXPORT: DataTransferExport}.get(str(task))
    if found is None:
        message = f"{task!r} is no task of a data transfer; there are {COPY}, {IMPORT} and {EXPORT}"
        raise wrong(message)
    return found


choice(
    Union[DataTransferCopy, DataTransferImport, DataTransferExport],
    at=None,
    file="task",
    base=DataTransfer,
)
