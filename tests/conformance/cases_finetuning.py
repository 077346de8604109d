"""Fine-tuning jobs of both model providers: as arguments, as files and as answers."""

from __future__ import annotations

from typing import Any

ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/"
    "Microsoft.MachineLearningServices/workspaces/ws/jobs/"
)
BESIDE = {"train.jsonl": "{}\n"}
MODEL = "azureml://registries/r/models/m/versions/1"


def _job(m: Any, **more: Any) -> dict[str, Any]:
    return {
        "task": "ChatCompletion",
        "model": m.Input(type="mlflow_model", path=MODEL),
        "training_data": m.Input(type="uri_file", path="./train.jsonl"),
        **more,
    }


def _both(build: Any) -> list[tuple[str, Any]]:
    return [("CustomModelFineTuningJob", build), ("AzureOpenAIFineTuningJob", build)]


def _given(**more: Any) -> list[tuple[str, Any]]:
    return _both(lambda m: _job(m, **more))


CASES = [
    *_both(lambda m: {}),
    *_given(),
    *_given(task="textCompletion"),
    *_given(task="text_completion"),
    *_given(name="n", display_name="d", description="d", experiment_name="e", tags={"a": "b"}, properties={"a": "b"}),
    *_given(name="", display_name="", description="", experiment_name="", tags={}, properties={}, outputs={}),
    *_given(compute="cpu"),
    *_given(bogus=1),
    *_both(lambda m: _job(m, validation_data=m.Input(type="uri_file", path="https://example.org/v.jsonl"))),
    *_both(lambda m: _job(m, model=m.Input(type="custom_model", path=MODEL))),
    *_both(lambda m: _job(m, outputs={"registered_model": m.Output(type="mlflow_model", name="x")})),
    *_both(lambda m: _job(m, outputs={"o": {"type": "mlflow_model"}})),
    *_both(lambda m: _job(m, queue_settings=m.QueueSettings(job_tier="Standard"))),
    *_both(lambda m: _job(m, resources=m.JobResources(instance_types=["a", "b"]))),
    *_both(lambda m: _job(m, resources=m.JobResources(instance_types=[]))),
    *_both(lambda m: _job(m, resources=m.JobResources())),
    *_both(lambda m: _job(m, queue_settings=None, resources=None, outputs=None, validation_data=None)),
    ("CustomModelFineTuningJob", lambda m: _job(m, hyperparameters={"a": "1", "b": ""})),
    ("CustomModelFineTuningJob", lambda m: _job(m, hyperparameters={"a": 1, "b": 0.5})),
    ("CustomModelFineTuningJob", lambda m: _job(m, hyperparameters={})),
    (
        "AzureOpenAIFineTuningJob",
        lambda m: _job(
            m,
            hyperparameters=m.AzureOpenAIHyperparameters(batch_size=0, n_epochs=2, learning_rate_multiplier=0.5),
        ),
    ),
    ("AzureOpenAIFineTuningJob", lambda m: _job(m, hyperparameters=m.AzureOpenAIHyperparameters())),
    ("AzureOpenAIFineTuningJob", lambda m: _job(m, hyperparameters=m.AzureOpenAIHyperparameters(epochs=1))),
    (
        "create_finetuning_job",
        lambda m: {
            "model": MODEL,
            "task": m.FineTuningTaskType.CHAT_COMPLETION,
            "training_data": "a.jsonl",
            "validation_data": "b.jsonl",
            "output_model_name_prefix": "p",
            "hyperparameters": {"x": "1"},
            "instance_types": ["t"],
            "job_tier": "Standard",
            "compute": "c",
            "experiment_name": "e",
            "display_name": "d",
        },
    ),
    *(
        (
            "create_finetuning_job",
            lambda m, empty=empty: {
                "model": MODEL,
                "task": "ChatCompletion",
                "training_data": "a.jsonl",
                "validation_data": "b.jsonl",
                "output_model_name_prefix": "p",
                empty: "",
            },
        )
        for empty in ("model", "task", "training_data", "output_model_name_prefix")
    ),
]

_HEAD = (
    f"type: finetuning\nmodel_provider: custom\ntask: chat_completion\nmodel: {{type: mlflow_model, path: '{MODEL}'}}\n"
)
_DATA = "training_data: {type: uri_file, path: ./train.jsonl}\n"
_ALL = _HEAD + _DATA
_OPEN_AI = _ALL.replace("custom", "azure_open_ai")


def _replaced(old: str, *new: str) -> list[tuple[str, str]]:
    return [("job", _ALL.replace(old, one)) for one in new]


FILES = [
    ("job", _ALL),
    ("job", _HEAD),
    ("job", _OPEN_AI),
    *_replaced("chat_completion", "chatCompletion", "ChatCompletion", "nope", "text_summarization", "''"),
    *_replaced("model_provider: custom\n", "model_provider: Custom\n", "model_provider: nope\n", ""),
    *_replaced("task: chat_completion\n", ""),
    *_replaced(f"model: {{type: mlflow_model, path: '{MODEL}'}}\n", "", "model: azureml:m:1\n"),
    *_replaced("mlflow_model", "custom_model", "uri_file"),
    *_replaced(
        _DATA,
        "training_data: ./train.jsonl\n",
        "training_data: azureml:d:1\n",
        "training_data: https://example.org/t.jsonl\n",
        "training_data: {type: uri_folder, path: azureml:d:1}\n",
        "training_data: {type: mltable, path: azureml:d:1}\n",
        "training_data: {type: uri_file, path: azureml:d:1, mode: download}\n",
        "training_data: {type: uri_file, path: azureml:d:1, mode: nope}\n",
        "training_data: {type: uri_file, path: azureml:d:1, bogus: 1}\n",
        "training_data: [a]\n",
    ),
    *(
        ("job", _ALL + more + "\n")
        for more in (
            "validation_data: ./train.jsonl",
            "validation_data: {type: uri_file, path: azureml:d:1}",
            "hyperparameters: {a: '1', b: ''}",
            "hyperparameters: {a: }",
            "hyperparameters: {a: 1}",
            "hyperparameters: {}",
            "outputs: {registered_model: {type: mlflow_model, name: x}}",
            "queue_settings: {job_tier: Standard}",
            "resources: {instance_types: [a, b]}",
            "resources: {instance_count: 2}",
            "resources: {}",
            "compute: azureml:c",
            "name: n\ndisplay_name: d\ndescription: d\nexperiment_name: e",
            "tags: {a: b}\nproperties: {a: b}",
            "identity: {type: user_identity}",
            "inputs: {a: 1}",
            "bogus: 1",
        )
    ),
    *(
        ("job", _OPEN_AI + more + "\n")
        for more in (
            "hyperparameters: {n_epochs: 1, batch_size: 2, learning_rate_multiplier: '0.1'}",
            "hyperparameters: {n_epochs: 0}",
            "hyperparameters: {epochs: 1}",
            "hyperparameters: {n_epochs: many}",
            "queue_settings: {job_tier: Standard}",
            "compute: azureml:c",
        )
    ),
]

DEPARTURES: dict[tuple[str, str], str] = {}


def _answered(cls: str, details: dict[str, Any], **more: Any) -> tuple[str, str, dict[str, Any]]:
    return (
        cls,
        "JobBase",
        {
            "id": ID + "n",
            "name": "n",
            "type": "Microsoft.MachineLearningServices/workspaces/jobs",
            "properties": {
                "jobType": "FineTuning",
                "displayName": "d",
                "description": "d",
                "experimentName": "e",
                "status": "Running",
                "isArchived": False,
                "tags": {"a": "b"},
                "properties": {"a": "b"},
                "fineTuningDetails": {
                    "taskType": "chatCompletion",
                    "model": {"jobInputType": "mlflow_model", "uri": MODEL},
                    "trainingData": {"jobInputType": "uri_file", "uri": "azureml:d:1"},
                    "validationData": {"jobInputType": "uri_file", "uri": "azureml:d:2"},
                    **details,
                },
                "outputs": {"registered_model": {"jobOutputType": "mlflow_model", "assetName": "x"}},
                **more,
            },
        },
    )


ANSWERS = [
    _answered(
        "CustomModelFineTuningJob",
        {"modelProvider": "Custom", "hyperParameters": {"a": "1"}},
        computeId="cpu",
        queueSettings={"jobTier": "Standard"},
        resources={"instanceTypes": ["a"]},
    ),
    _answered(
        "AzureOpenAIFineTuningJob",
        {
            "modelProvider": "AzureOpenAI",
            "hyperParameters": {"batchSize": 2, "learningRateMultiplier": 0.5, "nEpochs": 3},
        },
    ),
]
