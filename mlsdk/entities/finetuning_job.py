"""Fine-tuning: a model of a catalog trained further on one's own data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Union

from mlsdk.entities.inline import JobOutputs, Parts, take_ports
from mlsdk.entities.inputs import Input
from mlsdk.entities.job import Job
from mlsdk.entities.job_ports import JOB_OUTPUTS, input_form, job_outputs, output_form
from mlsdk.entities.job_resources import QueueSettings
from mlsdk.schema import codecs
from mlsdk.schema.fields import JSON, Codec, Entity, choice, entity, tag, wire
from mlsdk.schema.mappings import Field, Names
from mlsdk.schema.values import described, did_you_mean

PREFIX = "azureml:"
MODEL, FILE = "mlflow_model", "uri_file"
TASKS = (
    "chatCompletion",
    "textCompletion",
    "textClassification",
    "questionAnswering",
    "textSummarization",
    "tokenClassification",
    "textTranslation",
    "imageClassification",
    "imageInstanceSegmentation",
    "imageObjectDetection",
    "videoMultiObjectTracking",
)
_MODELS = ("custom_model", "mlflow_model", "triton_model")
_DATA = ("uri_file", "uri_folder")
_MODES = ("download", "ro_mount", "direct")


# -- what is trained, on what --------------------------------------------------------------------------------
def data_codec(kind: str) -> Codec:
    """An input in a body, where it is of one type whatever was said of it."""

    def dump(value: Any) -> Any:
        if not isinstance(value, Input):
            return value
        place = {} if value.path is None else {"uri": str(value.path)}
        return {**place, "jobInputType": kind, **(value._extra or {})}  # noqa: SLF001 - what a newer service said of it

    def load(body: Any) -> Any:
        if not isinstance(body, Mapping) or body.get("jobInputType") != kind:
            return body
        made = Input(type=kind, path=body.get("uri"))
        rest = {key: item for key, item in body.items() if key not in ("jobInputType", "uri") and item is not None}
        made._extra = rest or None  # noqa: SLF001 - as above
        return made

    return Codec(dump, load)


def data_file(kinds: tuple[str, ...], alone: str | None) -> Codec:
    """An input in a file, of one of the types `kinds`; a text alone is the path of one of the type `alone`."""

    def load(value: Any) -> Any:
        if isinstance(value, str) and alone is not None:
            return {"type": alone, "path": _bare(value)}
        if not isinstance(value, Mapping):
            message = f"expected a mapping with a type and a path, got {described(value)}"
            raise ValueError(message)  # noqa: TRY004 - what is wrong with a file is told as a ValueError
        for key, words in (("type", kinds), ("mode", _MODES)):
            word = value.get(key)
            if word is not None and str(word).lower() not in words:
                message = f"{key}: {described(word)} is not one of {', '.join(words)}{did_you_mean(word, words)}"
                raise ValueError(message)
        return {**value, "path": _bare(value["path"])} if isinstance(value.get("path"), str) else value

    return Codec(input_form, load)


def _bare(path: str) -> str:
    return path if path.startswith("azureml://") else path.removeprefix(PREFIX)


MODEL_BODY, DATA_BODY = data_codec(MODEL), data_codec(FILE)
DATA_FILE = data_file(_DATA, FILE)
MODEL_FILE = data_file(_MODELS, None)


def _task_of_file(word: Any) -> Any:
    found = codecs.snake_to_camel(word) if isinstance(word, str) else word
    if found in TASKS:
        return found
    message = f"{described(word)} is not one of {', '.join(TASKS)}{did_you_mean(found, TASKS)}"
    raise ValueError(message)


def _camel(task: str | None, _: Any) -> str | None:
    """A task as bodies have it: `ChatCompletion` as `chatCompletion`."""
    return task[0].lower() + task[1:] if task else task


def texts_of_file(found: Any) -> Any:
    """Hyperparameters of a file, all of them texts."""
    for key, value in found.items() if isinstance(found, Mapping) else ():
        if value is not None and not isinstance(value, str):
            message = f"{key}: expected a text, got {described(value)}; put it in quotes"
            raise ValueError(message)
    return found


TEXTS = Codec(lambda given: {key: None if value is None else str(value) for key, value in given.items()}, texts_of_file)


# -- the jobs ------------------------------------------------------------------------------------------------
@entity
class JobResources(Entity):
    """The sizes of nodes that a job may run on: `JobResources(instance_types=["Standard_NC24"])`."""

    instance_types: list[str] = wire("instanceTypes")


@entity(eq=False)
class FineTuningJob(Job):
    """A model trained further; its subclasses say whose it is, this one holds what this version does not know."""

    type: Literal["finetuning"] = tag("properties.jobType", default="finetuning", wire="FineTuning")
    model_provider: str | None = wire("properties.fineTuningDetails.modelProvider", default=None, file="model_provider")
    task: str | None = wire(
        "properties.fineTuningDetails.taskType",
        default=None,
        required=True,
        given=_camel,
        file_codec=Codec(codecs.snake_to_camel, _task_of_file),
    )
    """What the model is to do: `chatCompletion`, `textCompletion`, `textClassification`, …; see `FineTuningTaskType`."""
    model: Field[Input | str | None, Input | str | dict[str, Any] | None] = wire(
        "properties.fineTuningDetails.model", default=None, required=True, codec=MODEL_BODY, file_codec=MODEL_FILE
    )
    """An `Input` of the type `mlflow_model`."""
    training_data: Field[Input | str | None, Input | str | dict[str, Any] | None] = wire(
        "properties.fineTuningDetails.trainingData", default=None, codec=DATA_BODY, file_codec=DATA_FILE
    )
    """An `Input` of the type `uri_file`."""
    validation_data: Field[Input | str | None, Input | str | dict[str, Any] | None] = wire(
        "properties.fineTuningDetails.validationData", default=None, codec=DATA_BODY, file_codec=DATA_FILE
    )
    """An `Input` of the type `uri_file`."""
    outputs: Field[JobOutputs, Mapping[str, Any] | None] = wire(
        "properties.outputs", default=None, missing=Names, given=job_outputs, codec=JOB_OUTPUTS
    )
    """`registered_model` is the model made: `{"registered_model": Output(type="mlflow_model", name="mine")}`."""
    queue_settings: Field[QueueSettings | None, QueueSettings | dict[str, Any] | None] = wire(
        "properties.queueSettings", default=None
    )
    """Its place in the queue."""
    resources: Field[JobResources | None, JobResources | dict[str, Any] | None] = wire(
        "properties.resources", default=None
    )
    """The sizes of nodes that it may run on."""

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, with the outputs read."""
        parts = Parts(data, base)
        if "outputs" in data:
            take_ports(parts)
        return parts.done()

    def to_dict(self) -> JSON:
        """The file form, with tags, properties and outputs where there are none too."""
        outputs = {name: output_form(value) for name, value in self.outputs.items()}
        return {**super().to_dict(), "tags": self.tags, "properties": self.properties, "outputs": outputs}


@entity(eq=False)
class CustomModelFineTuningJob(FineTuningJob):
    """A model of a catalog trained further on one's own data.

    >>> CustomModelFineTuningJob(
    ...     task="chatCompletion",
    ...     model=Input(type="mlflow_model", path="azureml://registries/azureml-meta/models/Llama-3/versions/1"),
    ...     training_data=Input(type="uri_file", path="./train.jsonl"),
    ...     hyperparameters={"learning_rate": "0.00002"},
    ...     outputs={"registered_model": Output(type="mlflow_model", name="mine")},
    ... )
    """

    model_provider: Literal["Custom"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        "properties.fineTuningDetails.modelProvider", default="Custom", file_word="custom"
    )
    hyperparameters: dict[str, Any] | None = wire(
        "properties.fineTuningDetails.hyperParameters", default=None, file_codec=TEXTS
    )
    """By name, as texts."""


@entity
class AzureOpenAIHyperparameters(Entity):
    """How a model of Azure OpenAI is trained further: `AzureOpenAIHyperparameters(n_epochs=3)`."""

    batch_size: int | None = wire("batchSize", default=None)
    learning_rate_multiplier: float | None = wire("learningRateMultiplier", default=None)
    n_epochs: int | None = wire("nEpochs", default=None)
    """How often all the data is gone through."""


@entity(eq=False)
class AzureOpenAIFineTuningJob(FineTuningJob):
    """A model of Azure OpenAI trained further; the service chooses where it runs."""

    model_provider: Literal["AzureOpenAI"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        "properties.fineTuningDetails.modelProvider", default="AzureOpenAI", file_word="azure_open_ai"
    )
    hyperparameters: Field[AzureOpenAIHyperparameters | None, AzureOpenAIHyperparameters | dict[str, Any] | None] = (
        wire("properties.fineTuningDetails.hyperParameters", default=None)
    )

    def __complete__(self, body: JSON) -> None:
        """The service takes no place to run, no queue and no services for it."""
        for name in ("computeId", "queueSettings", "resources", "services"):
            body["properties"].pop(name, None)


def _distilled(body: Any) -> str | None:
    """The word for a distillation, which bodies know as a fine-tuning with certain properties."""
    properties = (body.get("properties") or {}).get("properties") or {}
    return "distillation" if properties.get("azureml.enable_distillation") else None


choice(
    Union[CustomModelFineTuningJob, AzureOpenAIFineTuningJob],
    at="properties.fineTuningDetails.modelProvider",
    file="model_provider",
    base=FineTuningJob,
    fallback=FineTuningJob,
    exact=True,
    elsewhere={"distillation": "mlsdk.entities.distillation_job:DistillationJob"},
    told=_distilled,
)
