"""Import components, which the service keeps as components that run the command `import`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from mlsdk import hashing
from mlsdk.entities.component_ports import input_form, output_form
from mlsdk.entities.component_spec import Component
from mlsdk.entities.inputs import Input, Output
from mlsdk.schema.fields import JSON, Entity, entity, tag, wire
from mlsdk.schema.mappings import Field
from mlsdk.schema.values import described

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsdk.schema.files import Problem

_SOURCE = ("type", "connection", "query", "path")


@entity
class ImportComponent(Component):
    """A component that brings data in: what it asks for is its source, and it gives one output."""

    type: Literal["import"] = tag(None, default="import")  # pyright: ignore[reportIncompatibleVariableOverride]
    source: Field[dict[str, Input] | None, Mapping[str, Input | dict[str, Any]] | None] = wire(
        None, default=None, required=True
    )
    """The inputs that say where the data is: `type`, `connection`, and `query` or `path`."""
    output: Field[Output | None, Output | dict[str, Any] | None] = wire(None, default=None, required=True)
    """What the data is brought to."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self.inputs = self.source
        self.outputs = None if self.output is None else {"output": self.output}

    @classmethod
    def _problems_of_file(cls, data: Mapping[str, Any], base: str) -> Iterator[Problem]:
        from mlsdk.schema.files import Problem

        yield from super()._problems_of_file(data, base)
        source = data.get("source")
        for name in source if isinstance(source, Mapping) else ():
            if name not in _SOURCE:
                yield Problem(("source", name), f"{described(name)} is not one of {', '.join(_SOURCE)}", at_key=True)

    def _parts(self, form: Callable[[Entity], JSON]) -> JSON:
        parts = super()._parts(form)
        source = {name: input_form(port) for name, port in (self.source or {}).items()}
        output = None if self.output is None else output_form(self.output)
        return {**parts, "source": source, "output": output}

    def to_dict(self) -> JSON:
        """The file form, where the inputs are the source and the only output has a key of its own."""
        form = super().to_dict()
        return {key: value for key, value in form.items() if key not in ("inputs", "outputs")}

    def __complete__(self, body: JSON) -> None:
        """What the service knows it as."""
        super().__complete__(body)
        spec: JSON = body["properties"]["componentSpec"]
        for key in ("source", "output"):
            spec.pop(key, None)
        spec["type"], spec["command"] = "command", "import"
        spec["tags"] = {**spec.get("tags", {}), "component_type_overwrite": "import"}
        properties: JSON = body["properties"]["properties"]
        if "client_component_hash" in properties:
            properties["client_component_hash"] = hashing.client_component_hash(self.to_dict())
