"""Components that move data: from store to store, and from and to what is outside of Azure Machine Learning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, Union

from mlsdk.entities.component_spec import Component
from mlsdk.entities.external_data import Database, ExternalData, FileSystem, external_of_body
from mlsdk.entities.inputs import Output
from mlsdk.schema.bodies import to_body
from mlsdk.schema.fields import Codec, choice, entity, tag, wire
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import described

if TYPE_CHECKING:
    from mlsdk.schema.files import Problem

COPY: Final = "copy_data"
IMPORT: Final = "import_data"
EXPORT: Final = "export_data"
SINK, SOURCE = "sink", "source"
_EXTERNAL = {"database": Database, "file_system": FileSystem}


def _kind_of_file(said: Any) -> Any:
    """What is outside, of which a component says the type only."""
    word = said.get("type") if isinstance(said, Mapping) else None
    made = _EXTERNAL.get(str(word).lower())
    if made is None or set(said) != {"type"}:
        message = f"expected a mapping with nothing but a type, database or file_system; got {described(said)}"
        raise ValueError(message)
    return made()


def _kind_only(given: Any, component: Any) -> Any:
    """What is outside: its type, without which a component cannot be made."""
    if given is None:
        message = f"{type(component).__name__}() needs to be told what is outside: a database or a file_system"
        raise wrong(message)
    return type(given)()


_KIND = Codec(to_body, external_of_body)
_KIND_FILE = Codec(lambda given: {"type": given.type}, _kind_of_file)


@entity
class DataTransferComponent(Component):
    """A component that moves data; its subclasses say where from and where to."""

    type: Literal["data_transfer"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        "properties.componentSpec.type", default="data_transfer"
    )

    if TYPE_CHECKING:  # each class below has its own word

        @property
        def task(self) -> str:
            """`copy_data`, `import_data` or `export_data`."""
            ...


@entity
class DataTransferCopyComponent(DataTransferComponent):
    """A component that copies data from one place to another: `DataTransferCopyComponent(inputs=…, outputs=…)`."""

    task: Literal["copy_data"] = tag("properties.componentSpec.task", default=COPY)
    data_copy_mode: str | None = wire("properties.componentSpec.data_copy_mode", default=None)
    """What becomes of files that are there already: `merge_with_overwrite` or `fail_if_conflict`."""

    @classmethod
    def _problems_of_file(cls, data: Mapping[str, Any], base: str) -> Iterator[Problem]:
        from mlsdk.schema.files import Problem

        yield from super()._problems_of_file(data, base)
        mode, outputs = data.get("data_copy_mode"), data.get("outputs")
        if mode is not None and mode not in ("merge_with_overwrite", "fail_if_conflict"):
            yield Problem(
                ("data_copy_mode",), f"{described(mode)} is not one of merge_with_overwrite, fail_if_conflict"
            )
        if isinstance(outputs, Mapping) and len(outputs) != 1:
            yield Problem(("outputs",), f"data is copied to one output; there are {len(outputs)}")


@entity
class DataTransferImportComponent(DataTransferComponent):
    """A component that brings data in: `DataTransferImportComponent(source={"type": "database"})`."""

    task: Literal["import_data"] = tag("properties.componentSpec.task", default=IMPORT)
    source: Field[ExternalData, ExternalData | dict[str, Any] | None] = wire(
        "properties.componentSpec.source",
        default=None,
        required=True,
        codec=_KIND,
        file_codec=_KIND_FILE,
        given=_kind_only,
    )
    """Whether it reads a database or a file system."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if not self.outputs:
            self.outputs = {SINK: Output(type="mltable")}

    @classmethod
    def _problems_of_file(cls, data: Mapping[str, Any], base: str) -> Iterator[Problem]:
        yield from super()._problems_of_file(data, base)
        yield from _only(data, "outputs", SINK, ("mltable", "uri_folder"))
        yield from _none(data, "inputs", IMPORT)

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002 - as components of other types take them
        """ValidationException: `import_data(...)` makes the step."""
        message = "a component that imports data is not called; import_data(...) makes a step"
        raise wrong(message)


@entity
class DataTransferExportComponent(DataTransferComponent):
    """A component that sends data out: `DataTransferExportComponent(sink={"type": "database"})`."""

    task: Literal["export_data"] = tag("properties.componentSpec.task", default=EXPORT)
    sink: Field[ExternalData, ExternalData | dict[str, Any] | None] = wire(
        "properties.componentSpec.sink",
        default=None,
        required=True,
        codec=_KIND,
        file_codec=_KIND_FILE,
        given=_kind_only,
    )
    """Whether it writes to a database or a file system."""

    @classmethod
    def _problems_of_file(cls, data: Mapping[str, Any], base: str) -> Iterator[Problem]:
        yield from super()._problems_of_file(data, base)
        yield from _only(data, "inputs", SOURCE, ("uri_folder", "uri_file"))
        yield from _none(data, "outputs", EXPORT)

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002 - as components of other types take them
        """ValidationException: `export_data(...)` makes the step."""
        message = "a component that exports data is not called; export_data(...) makes a step"
        raise wrong(message)


def _only(data: Mapping[str, Any], side: str, name: str, kinds: tuple[str, ...]) -> Iterator[Problem]:
    from mlsdk.schema.files import Problem

    ports = data.get(side)
    if not isinstance(ports, Mapping):
        return
    if set(ports) != {name}:
        yield Problem((side,), f"there is one, {name!r}; got {', '.join(map(str, ports)) or 'none'}")
        return
    port = ports[name]
    kind = port.get("type") if isinstance(port, Mapping) else None
    if str(kind).lower() not in kinds or set(port) != {"type"}:
        yield Problem((side, name), f"expected a mapping with nothing but a type, {' or '.join(kinds)}")


def _none(data: Mapping[str, Any], side: str, task: str) -> Iterator[Problem]:
    from mlsdk.schema.files import Problem

    if data.get(side) is not None:
        yield Problem((side,), f"{task} has none", at_key=True)


choice(
    Union[DataTransferCopyComponent, DataTransferImportComponent, DataTransferExportComponent],
    at="properties.componentSpec.task",
    file="task",
    base=DataTransferComponent,
    fallback=DataTransferComponent,
)
