"""Pipeline jobs: steps that are wired to one another, submitted as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from mlsdk import ids
from mlsdk.entities.bindings import NodeInput, PipelineInput
from mlsdk.entities.command import JobIdentity
from mlsdk.entities.component_ports import NAME
from mlsdk.entities.component_spec import UNSHOWN, Component
from mlsdk.entities.inline import Parts, take_about, take_component, take_ports
from mlsdk.entities.inputs import Input, Output
from mlsdk.entities.job import Job
from mlsdk.entities.job_checks import data_problems
from mlsdk.entities.job_ports import JOB_INPUTS, input_form, input_value, output_form, output_of_body, output_to_body
from mlsdk.entities.node_ports import NodeOutput, NodeOutputs
from mlsdk.entities.pipeline_checks import compute_problems, given_problems, graph_problems
from mlsdk.entities.pipeline_component import PipelineComponent
from mlsdk.entities.pipeline_settings import SETTINGS, PipelineJobSettings, settings_given, settings_problems
from mlsdk.entities.pipeline_steps import Steps, steps_form, steps_of_body, steps_to_body, take_steps
from mlsdk.schema.fields import JSON, Codec, entity, tag, wire
from mlsdk.schema.files import Misstated, Problem
from mlsdk.schema.mappings import Field, Names
from mlsdk.schema.refusals import wrong


def _inputs(given: Mapping[str, Any] | None, job: Any) -> Names[Any]:
    component = job.component
    declared = component.inputs if isinstance(component, PipelineComponent) else {}
    made: Names[Any] = Names((name, port.default) for name, port in declared.items())
    for name, value in (given or {}).items():
        source = value.source if isinstance(value, NodeInput) else value
        made[name] = input_value(source.value if isinstance(source, PipelineInput) else source)
    return made


def _outputs(given: Mapping[str, Any] | None, job: Any) -> NodeOutputs:
    return NodeOutputs(job, None, given or {})


def _steps(given: Mapping[str, Any] | None, _: Any) -> Steps | None:
    return None if given is None else Steps(given)


def _said(port: NodeOutput) -> Any:
    """What the job says of an output, else what its component says."""
    data, meta = port.data, port.meta
    if meta is None:
        return data
    if data is None:
        return Output(type=meta.type, mode=meta.mode)
    return data.evolve(type=meta.type) if isinstance(data, Output) and data.type is None else data


JOB_OUTPUTS = Codec(
    lambda outputs: {name: output_to_body(_said(port)) for name, port in outputs.items()},
    lambda found: {name: output_of_body(value) for name, value in found.items() if value is not None},
)


@entity(eq=False)
class PipelineJob(Job):
    """Steps that are wired to one another, submitted as one.

    `@pipeline` functions and `load_job` make them.

    >>> PipelineJob(jobs={"prepare": prepare, "train": train}, settings=PipelineJobSettings(default_compute="cpu-cluster"))
    """

    type: Literal["pipeline"] = tag("properties.jobType", default="pipeline", wire="Pipeline")
    component: Field[PipelineComponent | str | None, Component | str | None] = wire(
        "properties.componentId", default=None, sent=False
    )
    """The component that it runs, where that is registered: itself, or its `name:version` in the workspace, or its id."""
    inputs: Field[Names[Any], Mapping[str, Any] | None] = wire(
        "properties.inputs", default=None, missing=Names, given=_inputs, codec=JOB_INPUTS
    )
    """By name: an `Input` or a plain value, which its steps take as `${{parent.inputs.x}}`."""
    outputs: Field[Names[Any], Mapping[str, Any] | None] = wire(
        "properties.outputs", default=None, missing=dict, given=_outputs, codec=JOB_OUTPUTS
    )
    """By name, what it gives; its steps write to `${{parent.outputs.x}}`."""
    jobs: Field[Names[Any] | None, Mapping[str, Any] | None] = wire(
        "properties.jobs", default=None, given=_steps, codec=Codec(steps_to_body, steps_of_body)
    )
    """The steps by name."""
    settings: Field[PipelineJobSettings, PipelineJobSettings | dict[str, Any] | None] = wire(
        "properties.settings", default=None, codec=SETTINGS, given=settings_given
    )
    identity: Field[JobIdentity | None, JobIdentity | dict[str, Any] | None] = wire("properties.identity", default=None)
    """Who it runs as."""
    _source: str = wire(
        None, default="CLASS", missing=lambda: "CLASS", file="_source", file_codec=UNSHOWN, alias="_source"
    )

    def __attrs_post_init__(self) -> None:
        component = self.component
        if not isinstance(component, PipelineComponent):
            return
        self._source = component._source  # noqa: SLF001 - a word of the service's that users have no need of
        self.description = component.description if self.description is None else self.description
        self.display_name = component.display_name if self.display_name is None else self.display_name
        if self.jobs is None:
            self.jobs = component.jobs
        for name, port in component.outputs.items():
            self.outputs[name].meta = port

    # -- bodies ------------------------------------------------------------------------------------------------
    def __sendable__(self) -> None:
        """Names of inputs that the service refuses are told before anything is sent."""
        for name in self.inputs:
            if not NAME.fullmatch(name):
                message = f"inputs.{name}: {name!r} may have letters, digits and underscores, no digit first, and dots between"
                raise wrong(message)

    def __complete__(self, body: JSON) -> None:
        """The steps, where none is a component's own, and who wrote them."""
        properties: JSON = body["properties"]
        properties["inputs"] = {
            name: form
            for name, form in properties["inputs"].items()
            if self.inputs[name] is not None
            and self.inputs[name] != ""  # the service takes no empty text from a pipeline
        }
        properties.setdefault("jobs", {})
        component = self.component.id if isinstance(self.component, Component) else self.component
        if component is not None:
            properties["componentId"] = component
        properties["settings"] = {"_source": self._source, **properties.get("settings", {})}

    def __loaded__(self, body: JSON) -> None:
        """Outputs know their job; the compute goes by its name."""
        self.compute = ids.segment(self.compute, "computes") or self.compute if self.compute else self.compute
        said = (body.get("properties") or {}).get("settings") or {}
        self._source = said.get("_source") or "REMOTE.WORKSPACE.JOB"
        self.outputs = self.outputs
        self.settings = self.settings or PipelineJobSettings()
        if self.jobs is None:
            self.jobs = {}

    # -- files -------------------------------------------------------------------------------------------------
    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, with the steps read, whose components may depend on what others give."""
        try:
            said = take_steps(data, base)
            problems: tuple[Problem, ...] = ()
        except Misstated as error:
            said, problems = error.rest or data, error.problems
        parts = Parts({**said, "_source": "YAML.JOB"}, base)
        parts.problems += (*problems, *settings_problems(data.get("settings")))
        take_about(parts)
        take_component(parts, PipelineComponent)
        take_ports(parts, bound=False)
        return parts.done()

    def to_dict(self) -> JSON:
        """The file form."""
        form = super().to_dict()
        outputs = {name: output_form(_said(port)) for name, port in self.outputs.items()}
        settings = {key: value for key, value in self.settings.to_dict().items() if key in self.settings}
        for key, value in (
            ("inputs", {name: input_form(value) for name, value in self.inputs.items() if value is not None}),
            ("outputs", {name: value for name, value in outputs.items() if value is not None}),
            ("jobs", steps_form(self.jobs or {})),
            ("settings", {key: value for key, value in settings.items() if key not in ("on_init", "on_finalize")}),
            ("component", self.component if isinstance(self.component, str) else None),
        ):
            form.pop(key, None)
            if value:
                form[key] = value
        return form

    def __file_form__(self) -> JSON:
        """What `dump` writes: settings and outputs with all that is said of them."""
        form = super().__file_form__()
        outputs = {name: output_form(_said(port), whole=True) for name, port in self.outputs.items()}
        whole = {
            "outputs": outputs,
            "settings": self.settings.to_dict(),
            "jobs": steps_form(self.jobs or {}, whole=True),
        }
        return {**form, **{key: value for key, value in whole.items() if value}}

    # -- notebooks ---------------------------------------------------------------------------------------------
    def _repr_html_(self) -> str:
        from mlsdk.display.notebooks import pipeline_html

        return pipeline_html(self, super()._repr_html_())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook may choose from."""
        del include, exclude  # which leave to us what we give
        from mlsdk.display.notebooks import pipeline_bundle

        return pipeline_bundle(self)

    # -- checks ------------------------------------------------------------------------------------------------
    def problems(self) -> Iterator[tuple[str, str]]:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        declared = self.component.inputs if isinstance(self.component, PipelineComponent) else None
        jobs: Mapping[str, Any] = self.jobs or {}
        yield from given_problems(self.inputs, declared, jobs)
        yield from data_problems("inputs", self.inputs, self.base_path)
        # What data an input is, who submits it says last.
        said = {name: value for name, value in self.inputs.items() if declared is None or isinstance(value, Input)}
        yield from graph_problems({**(declared or {}), **said}, self.outputs, jobs, self.base_path)
        if not self.compute and not self.settings.default_compute:
            yield from compute_problems(jobs)
