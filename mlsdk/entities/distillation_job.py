"""Distillation: a small model trained with what a large one answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from mlsdk.entities.finetuning_job import DATA_BODY, DATA_FILE, FILE, MODEL_BODY, MODEL_FILE, TEXTS
from mlsdk.entities.inline import JobOutputs, Parts, take_ports
from mlsdk.entities.inputs import Input
from mlsdk.entities.job import Job
from mlsdk.entities.job_ports import JOB_OUTPUTS, job_outputs, output_form
from mlsdk.entities.job_resources import ResourceConfiguration
from mlsdk.entities.serverless_connection import ServerlessConnection
from mlsdk.schema.fields import JSON, Codec, Entity, Mapped, constant, entity, tag, wire
from mlsdk.schema.forms import form_reader
from mlsdk.schema.mappings import Field, Names
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import described, did_you_mean

_PREFIX = "azureml."
_TEACHER = "azureml.teacher_model."
_CONNECTION = "azureml.connection_information"
_NODES = "azureml.instance_type.data_generation"
_TYPE, _TASK = "azureml.data_generation_type", "azureml.data_generation_task_type"
_PROMPT = ("enable_chain_of_thought", "enable_chain_of_density", "max_len_summary")
_REQUEST = ("request_batch_size", "min_endpoint_success_ratio")
LABELS = "label_generation"
TYPES = (LABELS, "data_generation")
TASKS = ("NLI", "NLU_QA", "CONVERSATION", "MATH", "SUMMARIZATION")


# -- settings ------------------------------------------------------------------------------------------------
@entity
class PromptSettings(Mapped, Entity):
    """How the teacher is asked: `PromptSettings(enable_chain_of_thought=True)`."""

    enable_chain_of_thought: bool | None = wire(None, default=False)
    """Whether it explains its steps; for all tasks but summaries."""
    enable_chain_of_density: bool | None = wire(None, default=False)
    """Whether it condenses what it wrote; for summaries only."""
    max_len_summary: int | None = wire(None, default=None)
    """The longest summary, in words."""


@entity
class EndpointRequestSettings(Mapped, Entity):
    """How the teacher's endpoint is used: `EndpointRequestSettings(request_batch_size=10)`."""

    request_batch_size: int | None = wire(None, default=None)
    """How many requests are sent together."""
    min_endpoint_success_ratio: float | None = wire(None, default=None)
    """The share of requests that has to succeed."""


@entity
class TeacherModelSettings(Mapped, Entity):
    """How the teacher answers: `TeacherModelSettings(inference_parameters={"temperature": 0.1, "max_tokens": 100})`."""

    inference_parameters: dict[str, Any] | None = wire(None, default=None)
    """`temperature`, `max_tokens`, `top_p`, `frequency_penalty`, `presence_penalty`, `stop`."""
    endpoint_request_settings: Field[
        EndpointRequestSettings | None, EndpointRequestSettings | dict[str, Any] | None
    ] = wire(None, default=None)


# -- files -------------------------------------------------------------------------------------------------
def _model_of_file(value: Any) -> Any:
    if not isinstance(value, str):
        return MODEL_FILE.load(value)
    if not value.startswith("azureml:"):
        message = f"{described(value)} is not azureml:name:version, azureml://registries/… or a mapping"
        raise ValueError(message)
    return {"type": FILE, "path": value if value.startswith("azureml://") else value.removeprefix("azureml:")}


def _word_of_file(words: tuple[str, ...], brought: Any) -> Codec:
    def load(word: Any) -> Any:
        found = brought(str(word))
        if found in words:
            return found
        message = f"{described(word)} is not one of {', '.join(words)}{did_you_mean(found, words)}"
        raise ValueError(message)

    return Codec(lambda word: brought(word) if isinstance(word, str) else word, load)


# -- properties ----------------------------------------------------------------------------------------------
def _plain(text: Any) -> Any:
    """The value that a property's text stands for."""
    if text in ("True", "False"):
        return text == "True"
    for kind in (int, float):
        try:
            return kind(text)
        except (TypeError, ValueError):
            continue
    return text


def _is_made(key: str) -> bool:
    """Whether a property is made of an attribute."""
    named = (*(_PREFIX + name for name in (*_PROMPT, *_REQUEST)), _CONNECTION, _NODES, _TYPE, _TASK)
    return key.startswith(_TEACHER) or key in named or key == "azureml.enable_distillation"


def _settings(found: Mapping[str, Any], names: tuple[str, ...]) -> JSON:
    return {name: _plain(found[_PREFIX + name]) for name in names if found.get(_PREFIX + name) is not None}


@entity(
    eq=False,
    constants=(
        constant("properties.fineTuningDetails.modelProvider", "Custom"),
        constant("properties.fineTuningDetails.taskType", "ChatCompletion"),
    ),
)
class DistillationJob(Job):
    """A small model trained with what a large one answers; `distillation(...)` makes one."""

    type: Literal["distillation"] = tag("properties.jobType", default="distillation", wire="FineTuning")
    data_generation_type: str = wire(None, file_codec=_word_of_file(TYPES, str.lower))
    """`label_generation`, or `data_generation`."""
    data_generation_task_type: str = wire(None, file_codec=_word_of_file(TASKS, str.upper))
    """`NLI`, `NLU_QA`, `CONVERSATION`, `MATH` or `SUMMARIZATION`."""
    teacher_model_endpoint_connection: Field[ServerlessConnection, ServerlessConnection | dict[str, Any]] = wire(None)
    """Where the large model is served."""
    student_model: Field[Input, Input | dict[str, Any]] = wire(
        "properties.fineTuningDetails.model",
        codec=MODEL_BODY,
        file_codec=Codec(MODEL_FILE.dump, _model_of_file),
    )
    """The small model."""
    training_data: Field[Input | None, Input | dict[str, Any] | None] = wire(
        "properties.fineTuningDetails.trainingData", default=None, codec=DATA_BODY, file_codec=DATA_FILE
    )
    """The questions; labels are generated."""
    validation_data: Field[Input | None, Input | dict[str, Any] | None] = wire(
        "properties.fineTuningDetails.validationData", default=None, codec=DATA_BODY, file_codec=DATA_FILE
    )
    teacher_model_settings: Field[TeacherModelSettings | None, TeacherModelSettings | dict[str, Any] | None] = wire(
        None, default=None
    )
    """How the large model answers."""
    prompt_settings: Field[PromptSettings | None, PromptSettings | dict[str, Any] | None] = wire(None, default=None)
    """How it is asked."""
    hyperparameters: dict[str, Any] | None = wire(
        "properties.fineTuningDetails.hyperParameters",
        default=None,
        codec=Codec(lambda given: {key: str(value) for key, value in given.items() if value is not None}, dict),
        file_codec=TEXTS,
    )
    """How the small model is trained, by name."""
    resources: Field[ResourceConfiguration | None, ResourceConfiguration | dict[str, Any] | None] = wire(
        None, default=None
    )
    """What the data is generated on."""
    outputs: Field[JobOutputs, Mapping[str, Any] | None] = wire(
        "properties.outputs", default=None, missing=Names, given=job_outputs, codec=JOB_OUTPUTS
    )
    """`registered_model` is the model made."""

    def __attrs_post_init__(self) -> None:
        for name in ("training_data", "validation_data"):
            if self.data_generation_type == LABELS and getattr(self, name) is None:
                message = f"DistillationJob() needs {name} to generate labels for"
                raise wrong(message)

    # -- settings ------------------------------------------------------------------------------------------------
    def set_teacher_model_settings(
        self,
        inference_parameters: dict[str, Any] | None = None,
        endpoint_request_settings: EndpointRequestSettings | None = None,
    ) -> None:
        """Say anew how the large model answers."""
        self.teacher_model_settings = TeacherModelSettings(
            inference_parameters=inference_parameters, endpoint_request_settings=endpoint_request_settings
        )

    def set_prompt_settings(self, prompt_settings: PromptSettings | None) -> None:
        """Say anew how it is asked; None changes nothing."""
        self.prompt_settings = self.prompt_settings if prompt_settings is None else prompt_settings

    def set_finetuning_settings(self, hyperparameters: dict[str, Any] | None) -> None:
        """Say anew how the small model is trained; None changes nothing."""
        self.hyperparameters = self.hyperparameters if hyperparameters is None else hyperparameters

    # -- bodies --------------------------------------------------------------------------------------------------
    def __complete__(self, body: JSON) -> None:
        """What the service reads from the properties of a fine-tuning."""
        properties: JSON = body["properties"]
        properties.pop("computeId", None)
        connection = self.teacher_model_endpoint_connection
        made: JSON = {
            "azureml.enable_distillation": True,
            _TASK: self.data_generation_task_type.upper(),
            f"{_TEACHER}endpoint_name": connection.name,
            _TYPE: self.data_generation_type,
            _CONNECTION: json.dumps(connection.to_dict()),
        }
        teacher = self.teacher_model_settings
        inference = (teacher.inference_parameters if teacher is not None else None) or {}
        request = teacher.endpoint_request_settings if teacher is not None else None
        for prefix, settings in ((_PREFIX, self.prompt_settings), (_TEACHER, inference), (_PREFIX, request)):
            made.update({prefix + name: value for name, value in (settings or {}).items()})
        if self.resources is not None and self.resources.instance_type:
            made[_NODES] = self.resources.instance_type
        kept = {key: value for key, value in self.properties.items() if not _is_made(key)}
        properties["properties"] = {
            key: self.properties[key] if _plain(self.properties.get(key)) == value else str(value)
            for key, value in {**kept, **made}.items()
            if value is not None
        }

    def __loaded__(self, body: JSON) -> None:
        """The settings that stand in the properties; the connection leaves them, since it holds a key."""
        found: Any = self.properties
        self.data_generation_type, self.data_generation_task_type = found.get(_TYPE), found.get(_TASK)
        form = json.loads(found.pop(_CONNECTION, None) or "{}")
        self.teacher_model_endpoint_connection = form_reader(ServerlessConnection)(form)
        inference = {
            key.removeprefix(_TEACHER): _plain(value)
            for key, value in found.items()
            if key.startswith(_TEACHER) and key != f"{_TEACHER}endpoint_name"
        }
        prompt, request = _settings(found, _PROMPT), _settings(found, _REQUEST)
        self.prompt_settings = PromptSettings(**{**dict.fromkeys(_PROMPT), **prompt}) if prompt else None
        if inference or request:
            self.teacher_model_settings = TeacherModelSettings(
                inference_parameters=inference or None,
                endpoint_request_settings=EndpointRequestSettings(**request) if request else None,
            )
        if found.get(_NODES):
            self.resources = ResourceConfiguration(instance_type=found[_NODES])

    # -- files ---------------------------------------------------------------------------------------------------
    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, with the outputs read."""
        parts = Parts(data, base)
        if "outputs" in data:
            take_ports(parts)
        return parts.done()

    def to_dict(self) -> JSON:
        """The file form, with tags and properties where there are none too."""
        form = {**super().to_dict(), "tags": self.tags, "properties": self.properties}
        form.pop("outputs", None)
        if self.outputs:
            form["outputs"] = {name: output_form(value) for name, value in self.outputs.items()}
        return form
