"""AutoML jobs: what those of all tasks have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union

from mlsdk.entities.automl_node import DATA, is_spoken, job_of_node, node_form
from mlsdk.entities.automl_values import LOG_VERBOSITY, snake_form
from mlsdk.entities.bindings import Reference, is_binding
from mlsdk.entities.identity import AmlTokenConfiguration, ManagedIdentityConfiguration, UserIdentityConfiguration
from mlsdk.entities.inputs import Input
from mlsdk.entities.job import Job
from mlsdk.entities.job_ports import INPUT_MODES, input_of_body, output_form, output_to_body, path_form
from mlsdk.entities.job_resources import JobResourceConfiguration, QueueSettings, ResourceConfiguration
from mlsdk.entities.node_ports import NodeOutputs, bound_texts, outputs_of_node
from mlsdk.schema.bodies import from_body, to_body
from mlsdk.schema.fields import JSON, Codec, entity, tag, wire
from mlsdk.schema.mappings import Field, Names
from mlsdk.schema.values import described, did_you_mean

if TYPE_CHECKING:
    from typing_extensions import Self

    from mlsdk.schema.files import Problem

    Data = Field[Input | Reference | str | None, Input | Reference | str | dict[str, Any] | None]
    Outputs = Field[NodeOutputs, Mapping[str, Any] | None]
else:
    Data = Union[Input, Reference, str, None]
    Outputs = Any

T = TypeVar("T")
PREFIX = "azureml:"
_TABLE = "mltable"
_DATA_KEYS = ("type", "path", "mode", "path_on_compute", "datastore")
JobIdentity = Union[ManagedIdentityConfiguration, UserIdentityConfiguration, AmlTokenConfiguration]
AnyResources = Union[JobResourceConfiguration, ResourceConfiguration]


# -- data ----------------------------------------------------------------------------------------------------
def _data_to_body(value: Any) -> JSON:
    """A table in a body, whatever type an input names: AutoML takes no other."""
    if not isinstance(value, Input):
        return {"jobInputType": _TABLE, "uri": str(value)}
    body: JSON = {"jobInputType": _TABLE}
    if value.path is not None:
        body["uri"] = str(value.path)
    if value.mode is not None:
        body["mode"] = INPUT_MODES.get(value.mode.lower(), value.mode)
    return {**body, **(value._extra or {})}  # noqa: SLF001 - what a newer service said of it


def _table_form(value: Any) -> Any:
    """A table in the file form."""
    if not isinstance(value, Input):
        return str(value)
    form: JSON = {"type": _TABLE}
    if value.path is not None:
        form["path"] = path_form(value.path)
    for key in ("mode", "path_on_compute", "datastore"):
        if getattr(value, key) is not None:
            form[key] = getattr(value, key)
    return form


TABLE = Codec(_data_to_body, input_of_body)
TABLE_FORM = Codec(_table_form, lambda found: found)


def _data_of_file(value: Any, steps: tuple[str, ...], *, alone: bool) -> Iterator[Problem]:
    """What is wrong with a table in a file; a job that stands alone is not wired to anything."""
    from mlsdk.schema.files import Problem

    if isinstance(value, Mapping):
        for key in value:
            if key not in _DATA_KEYS:
                known = ", ".join(_DATA_KEYS)
                yield Problem(
                    (*steps, key),
                    f"unknown field{did_you_mean(key, _DATA_KEYS) or '; known are ' + known}",
                    at_key=True,
                )
        kind = value.get("type", _TABLE)
        if not (isinstance(kind, str) and kind.lower() == _TABLE):
            yield Problem((*steps, "type"), f"{described(kind)} is not '{_TABLE}', which is what AutoML takes")
    elif value is not None and (alone or not isinstance(value, str)):
        yield Problem(steps, f"expected a mapping with a path, got {described(value)}")


def _table_of_file(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    path = value.get("path")
    said = {**value, "type": _TABLE}
    if isinstance(path, str) and path.startswith(PREFIX) and not path.startswith(PREFIX + "//"):
        said["path"] = path.removeprefix(PREFIX)
    return said


def _expressions_of_file(value: Any, steps: tuple[Any, ...]) -> Iterator[Problem]:
    """The expressions below a place: a job that stands alone has nothing that they could stand for."""
    from mlsdk.schema.files import Problem

    if isinstance(value, str) and is_binding(value):
        yield Problem(steps, f"{value} stands for a part of a pipeline, and this job is in none")
    elif isinstance(value, (Mapping, list, tuple)):
        for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from _expressions_of_file(item, (*steps, key))


# -- outputs -------------------------------------------------------------------------------------------------
def _outputs(given: Mapping[str, Any] | None, job: Any) -> NodeOutputs:
    return NodeOutputs(job, None, given or {})


OUTPUTS = Codec(
    lambda outputs: {name: output_to_body(port.data) for name, port in outputs.items() if port.data is not None},
    outputs_of_node,
)
_OUTPUTS_FORM = Codec(
    lambda outputs: {name: output_form(port.data) for name, port in outputs.items()}, lambda found: found
)


# -- settings said piece by piece ----------------------------------------------------------------------------
def changed(settings: T, given: Mapping[str, Any]) -> T:
    """The settings with what is given and not None."""
    for name, value in given.items():
        if value is not None:
            setattr(settings, name, value)
    return settings


# -- the class -----------------------------------------------------------------------------------------------
@entity(eq=False)
class AutoMLJob(Job):
    """A job that tries algorithms and their settings, and keeps the model that is best.

    The functions of `mlsdk.automl` make them, one for each task; this class holds those of a task that this version does
    not know.
    """

    type: Literal["automl"] = tag("properties.jobType", default="automl", wire="AutoML")
    environment_id: str | None = wire("properties.environmentId", default=None)
    environment_variables: dict[str, str] | None = wire("properties.environmentVariables", default=None)
    outputs: Outputs = wire(
        "properties.outputs", default=None, missing=dict, given=_outputs, codec=OUTPUTS, file_codec=_OUTPUTS_FORM
    )
    """By name; the best model is `outputs.best_model`."""
    resources: Field[AnyResources | None, AnyResources | dict[str, Any] | None] = wire(
        "properties.resources",
        default=None,
        codec=Codec(to_body, lambda body: from_body(JobResourceConfiguration, body)),
    )
    """The nodes it runs on, where no compute is named."""
    identity: Field[JobIdentity | None, JobIdentity | dict[str, Any] | None] = wire("properties.identity", default=None)
    """Who it runs as."""
    queue_settings: Field[QueueSettings | None, QueueSettings | dict[str, Any] | None] = wire(
        "properties.queueSettings", default=None
    )

    def __loaded__(self, body: JSON) -> None:
        """Outputs know their job."""
        self.outputs = self.outputs

    @property
    def inputs(self) -> Names[Any]:
        """The data that comes from elsewhere in a pipeline, by its name here; none where the job stands alone."""
        given = {name: getattr(self, name, None) for name in DATA}
        return Names({name: given[name] for name, _ in bound_texts(given)})

    # -- files -------------------------------------------------------------------------------------------------
    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said; Misstated with what is wrong about the data, and with expressions where there is no pipeline."""
        from mlsdk.schema.files import Misstated

        problems = [one for name in DATA for one in _data_of_file(data.get(name), (name,), alone=top)]
        said: JSON = {"log_verbosity": "info", **data} if cls is not AutoMLJob else {**data}
        if top:
            problems += [
                one for key, value in data.items() if key not in DATA for one in _expressions_of_file(value, (key,))
            ]
        if problems:
            raise Misstated(problems)
        said.update({name: _table_of_file(said[name]) for name in DATA if said.get(name) is not None})
        if isinstance(said.get("outputs"), Mapping):
            written = {name: port for name, port in said["outputs"].items() if is_spoken(port)}
            said["outputs"] = {**said["outputs"], **outputs_of_node(written)}
        return said

    def to_dict(self, *, inside_pipeline: bool = False) -> JSON:
        """The file form; `inside_pipeline`, as the `jobs` of a pipeline have it."""
        if inside_pipeline:
            return node_form(self)
        return super(Job, self).to_dict()  # unlike other jobs with tags and properties where there are none

    # -- steps of pipelines ------------------------------------------------------------------------------------
    def node_body(self, components: dict[int, Any] | None = None) -> JSON:  # noqa: ARG002 - it has no component
        """What the `jobs` of a pipeline's body say of the job: its file form, as the official client sends it."""
        return self.to_dict(inside_pipeline=True)

    def to_step_dict(self) -> JSON:
        """The file form as a step of a pipeline; without tags and properties where there are none."""
        return {key: value for key, value in self.node_body().items() if value or key not in ("tags", "properties")}

    @classmethod
    def of_node_body(cls, body: Mapping[str, Any]) -> Self:
        """The job that the `jobs` of a pipeline's body describe."""
        return job_of_node(cls, body)  # type: ignore[no-any-return]

    def problems(self) -> Iterator[tuple[str, str]]:
        """What can be seen to be wrong before it is sent: pairs of a dotted place and what is wrong there."""
        if getattr(self, "training_data", None) is None:
            yield "training_data", "is required"


LOGGED = snake_form(LOG_VERBOSITY)
