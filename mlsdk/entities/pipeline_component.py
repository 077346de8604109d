"""Components that are pipelines: a graph of steps with inputs and outputs of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from mlsdk.entities.component_spec import Component
from mlsdk.entities.pipeline_checks import graph_problems
from mlsdk.entities.pipeline_steps import Steps, steps_form, steps_of_body, steps_to_body, take_steps
from mlsdk.schema.fields import JSON, Codec, entity, tag, wire
from mlsdk.schema.mappings import Field, Names


def _steps(given: Mapping[str, Any] | None, _: Any) -> Steps:
    return Steps(given or {})


@entity
class PipelineComponent(Component):
    """A component whose work is a pipeline.

    `@pipeline` functions and `load_component` make them.
    """

    __hashed__ = False
    type: Literal["pipeline"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        "properties.componentSpec.type", default="pipeline"
    )
    jobs: Field[Names[Any], Mapping[str, Any] | None] = wire(
        "properties.componentSpec.jobs",
        default=None,
        missing=Steps,
        given=_steps,
        codec=Codec(steps_to_body, steps_of_body),
    )
    """The steps by name."""
    is_deterministic: bool | None = wire("properties.componentSpec.is_deterministic", default=None)
    """Whether a pipeline may take the outputs of an earlier run with the same inputs in the place of a new one."""
    source_job_id: str | None = wire("properties.componentSpec.sourceJobId", default=None, absent=None, file=None)
    """The job that it was made from."""

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, with the steps read, whose components may depend on what others give."""
        return take_steps(super().__from_file__(data, base, top=top), base)

    def __file_form__(self) -> JSON:
        """What `dump` writes: steps with all that is said of them."""
        jobs = steps_form(self.jobs, whole=True)
        return {**super().__file_form__(), "jobs": jobs} if jobs else super().__file_form__()

    def _parts(self, form: Any) -> JSON:
        return {**super()._parts(form), "jobs": steps_form(self.jobs)}

    def __complete__(self, body: JSON) -> None:
        """The steps stand in a body in words of their own."""
        spec = body["properties"]["componentSpec"]
        super().__complete__(body)
        body["properties"].pop("isArchived", None)  # which the official client says of all components but these
        spec["jobs"] = steps_to_body(self.jobs)
        spec["sourceJobId"] = self.source_job_id

    def problems(self) -> Iterator[tuple[str, str]]:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        yield from super().problems()
        yield from graph_problems(self.typed_inputs(), self.outputs, self.jobs, self.base_path)

    def _repr_html_(self) -> str:
        from mlsdk.display.notebooks import pipeline_html

        return pipeline_html(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook may choose from."""
        del include, exclude  # which leave to us what we give
        from mlsdk.display.notebooks import pipeline_bundle

        return pipeline_bundle(self)

    def typed_inputs(self) -> Mapping[str, Any]:
        """The inputs by name; None for those of which nobody may have said what data they are."""
        if self._source != "DSL":
            return self.inputs
        # A parameter of a function that is annotated with `Input` alone is a uri_folder to the service, and any data to us.
        return {name: None if port.type == "uri_folder" else port for name, port in self.inputs.items()}
