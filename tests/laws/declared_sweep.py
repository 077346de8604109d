"""What the laws need to know of sweeps, fine-tuning, distillation and data transfers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.data_transfer import Database, FileSystem
from mlsdk.entities import Input, Output, ServerlessConnection
from mlsdk.entities.distillation_job import DistillationJob
from mlsdk.entities.finetuning_job import AzureOpenAIFineTuningJob
from mlsdk.entities.sweep_trial import ParameterizedCommand
from mlsdk.sweep import Choice, LogUniform, QNormal, Randint, Uniform

if TYPE_CHECKING:
    from mlsdk.schema.fields import Entity

_FILE = Input(type="uri_file", path="azureml://datastores/s/paths/t")
_FOLDER = Output(type="uri_folder", path="azureml://datastores/s/paths/u")
_SPACES: list[Any] = [
    {},
    {"rate": Uniform(0, 1), "size": Choice([1, 0.5, "a"]), "count": Randint(3)},
    {"rate": LogUniform(-6, -1), "both": Choice([{"a": QNormal(1, 2, 3), "b": "t"}])},
]

MORE: tuple[type[Entity], ...] = (AzureOpenAIFineTuningJob, DistillationJob)
"""Classes that users have although no public module names them: files and answers of the service make them."""

CANNOT_BE_SENT = {
    **dict.fromkeys(
        ("DataTransferCopy", "DataTransferExport", "DataTransferImport"),
        "it is a step and no job of its own; tests/conformance/test_data_transfer_steps.py holds that",
    ),
    "Sweep": "what it sends is loaded as a SweepJob; tests/conformance/test_sweep_node.py holds its own forms",
}

TYPES: dict[str, Any] = {"Job.tags": dict[str, str] | None, "Job.properties": dict[str, str] | None}
"""Types of attributes that are narrower than declared: the tags and properties of jobs are texts."""

VALUES: dict[str, list[Any]] = {
    "SweepJob.inputs": [None, {}, {"data": _FILE, "word": "a", "nothing": ""}],
    **{f"{cls}.outputs": [None, {}, {"model": _FOLDER}] for cls in ("SweepJob", "FineTuningJob", "DistillationJob")},
    "SweepJob.search_space": _SPACES,
    "SweepJob.trial": [
        ParameterizedCommand(command="echo", environment="training:1"),
        ParameterizedCommand(command="echo", environment="training:1", environment_variables={"A": ""}),
    ],
    **{f"{cls}.compute": [None, "cpu-cluster"] for cls in ("SweepJob", "CustomModelFineTuningJob")},
    "RandomSamplingAlgorithm.rule": [None, "random", "sobol"],
    "RandomSamplingAlgorithm.logbase": [None, "e", 10.0],
    "Choice.values": [None, [], [1, 0.5, "a", ""], [{"a": Uniform(0, 1), "b": "t"}]],
    "FineTuningJob.task": ["chatCompletion", "textCompletion"],
    "FineTuningJob.model": [Input(type="mlflow_model", path="azureml://registries/r/models/m/versions/1")],
    "FineTuningJob.training_data": [None, _FILE],
    "FineTuningJob.validation_data": [None, _FILE],
    **{  # the service takes none of these for models of Azure OpenAI
        f"AzureOpenAIFineTuningJob.{name}": [None] for name in ("compute", "services", "queue_settings", "resources")
    },
    "CustomModelFineTuningJob.hyperparameters": [None, {}, {"a": "1", "b": ""}],
    "DistillationJob.data_generation_type": ["label_generation"],
    "DistillationJob.data_generation_task_type": ["MATH", "NLU_QA"],
    "DistillationJob.teacher_model_endpoint_connection": [
        ServerlessConnection(name="t", endpoint="https://e", api_key="s3cret-of-the-teacher")
    ],
    "DistillationJob.student_model": [Input(type="mlflow_model", path="azureml://registries/r/models/m/versions/1")],
    "DistillationJob.training_data": [_FILE],
    "DistillationJob.validation_data": [_FILE],
    "DistillationJob.compute": [None],  # the service takes none
    "DistillationJob.hyperparameters": [None, {}, {"a": "1", "b": ""}],
    "DataTransferExportComponent.inputs": [None, {}, {"source": Input(type="uri_file")}],
    "DataTransferExportComponent.outputs": [None, {}],
    "DataTransferImportComponent.inputs": [None, {}],
    "DataTransferImportComponent.outputs": [None, {"sink": Output(type="mltable")}],
    "DataTransferCopyComponent.inputs": [None, {}, {"data": Input(type="uri_folder")}],
    "DataTransferCopyComponent.outputs": [None, {}, {"copy": Output(type="uri_folder")}],
    "DataTransferImportComponent.source": [Database(), FileSystem()],
    "DataTransferExportComponent.sink": [Database(), FileSystem()],
    "DataTransferCopyComponent.data_copy_mode": [None, "merge_with_overwrite", "fail_if_conflict"],
}


def _labelled(given: dict[str, Any]) -> dict[str, Any]:
    """Labels are generated for data."""
    return {"training_data": _FILE, "validation_data": _FILE, **given}


COMPLETED = {"DistillationJob": _labelled}
"""What is given together, by class."""

_COMPONENTS = ("DataTransferCopyComponent", "DataTransferExportComponent", "DataTransferImportComponent")
BACK, TOMORROW, FILES = (
    "what_is_sent_is_read_back",
    "fields_of_tomorrow_survive",
    "files_are_read_as_they_were_written",
)
DECLARED: dict[tuple[str, str, str], str] = {
    ("SamplingAlgorithm", FILES, r"'type' is required|is not one of random"): (
        "it stands for words that this version does not know, which files refuse"
    ),
    ("SweepJob", BACK, r"^sampling_algorithm is changed: '\w+' to \{"): "a word is sent as what it stands for",
    ("DistillationJob", BACK, r"^properties\.azureml\.\S+ is added"): "settings are sent among the properties",
    **{
        (cls, law, what): why
        for cls in _COMPONENTS
        for law, what, why in (
            (
                FILES,
                r"^body\.properties\.componentSpec\._source is changed: 'CLASS' to 'YAML.COMPONENT'",
                "it says whether a file or Python made the component",
            ),
            (
                BACK,
                r"^(tags|properties)\.\S+ is changed: .* to ['\"]",
                "the tags and properties of a component become texts",
            ),
            (
                TOMORROW,
                r"\.client_component_hash is changed",
                "it is the hash of the definition, and more is in that now",
            ),
            (TOMORROW, r"\.componentSpec\.(in|out)puts\.fieldOfTomorrow is lost", "what has no type is not an input"),
        )
    },
}
