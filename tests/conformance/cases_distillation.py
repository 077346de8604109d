"""Distillation jobs: as arguments, as files and as answers."""

from __future__ import annotations

import json
from typing import Any

ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/"
    "Microsoft.MachineLearningServices/workspaces/ws/jobs/"
)
BESIDE = {"train.jsonl": "{}\n"}
MODEL = "azureml://registries/r/models/m/versions/1"


def _job(m: Any, **more: Any) -> dict[str, Any]:
    return {
        "experiment_name": "e",
        "data_generation_type": "label_generation",
        "data_generation_task_type": "CONVERSATION",
        "teacher_model_endpoint_connection": m.ServerlessConnection(name="t", endpoint="https://e", api_key="k"),
        "student_model": m.Input(type="mlflow_model", path=MODEL),
        "training_data": "train.jsonl",
        "validation_data": "azureml:d:1",
        **more,
    }


def _given(**more: Any) -> tuple[str, Any]:
    return ("distillation", lambda m: _job(m, **more))


CASES = [
    _given(),
    _given(data_generation_task_type="math"),
    _given(training_data=None),
    _given(validation_data=None),
    _given(data_generation_type="data_generation", training_data=None, validation_data=None),
    _given(name="n", display_name="d", description="d", tags={"a": "b"}, properties={"a": "b"}),
    _given(tags={}, properties={}, hyperparameters={}),
    _given(hyperparameters={"a": "1", "b": 2, "c": 0.5, "d": ""}),
    _given(compute="cpu"),
    _given(bogus=1),
    ("distillation", lambda m: _job(m, prompt_settings=m.PromptSettings())),
    (
        "distillation",
        lambda m: _job(
            m,
            prompt_settings=m.PromptSettings(
                enable_chain_of_thought=True, enable_chain_of_density=True, max_len_summary=0
            ),
        ),
    ),
    ("distillation", lambda m: _job(m, teacher_model_settings=m.TeacherModelSettings())),
    (
        "distillation",
        lambda m: _job(
            m,
            teacher_model_settings=m.TeacherModelSettings(
                inference_parameters={"temperature": 0.1, "max_tokens": 100, "stop": None, "x": False},
                endpoint_request_settings=m.EndpointRequestSettings(
                    request_batch_size=0, min_endpoint_success_ratio=0.7
                ),
            ),
        ),
    ),
    ("distillation", lambda m: _job(m, resources=m.ResourceConfiguration(instance_type="D2", instance_count=2))),
    ("distillation", lambda m: _job(m, outputs={"registered_model": m.Output(type="mlflow_model", name="x")})),
    ("distillation", lambda m: _job(m, training_data=m.Input(type="uri_file", path="https://example.org/t.jsonl"))),
    ("distillation", lambda m: {k: v for k, v in _job(m).items() if k != "student_model"}),
    (
        "distillation",
        lambda m: _job(
            m,
            teacher_model_endpoint_connection=m.ServerlessConnection(
                name="t", endpoint="https://e", api_key="k", metadata={"a": "b"}
            ),
        ),
    ),
]

_ALL = f"""type: distillation
name: n
experiment_name: e
data_generation_type: label_generation
data_generation_task_type: conversation
teacher_model_endpoint_connection: {{type: serverless, name: t, endpoint: 'https://e', api_key: k}}
student_model: {{type: mlflow_model, path: '{MODEL}'}}
training_data: {{type: uri_file, path: ./train.jsonl}}
validation_data: ./train.jsonl
"""
_WITHOUT_DATA = (
    "\n".join(line for line in _ALL.splitlines() if "ing_data" not in line and "tion_data" not in line) + "\n"
)


def _replaced(old: str, *new: str) -> list[tuple[str, str]]:
    return [("job", _ALL.replace(old, one)) for one in new]


FILES = [
    ("job", _ALL),
    ("job", _WITHOUT_DATA),
    ("job", _WITHOUT_DATA.replace("label_", "data_")),
    *_replaced("label_generation", "Label_Generation", "nope", "''"),
    *_replaced("conversation", "NLU_QA", "Math", "nope"),
    *_replaced("type: serverless, ", "", "type: custom, "),
    *_replaced(", api_key: k", "", ", api_key: k, bogus: 1"),
    *_replaced("student_model:", "model:"),
    *_replaced("type: mlflow_model", "type: uri_file", "type: custom_model"),
    *_replaced("./train.jsonl", "azureml:d:1"),
    *_replaced("type: uri_file, path: ./train.jsonl", "type: mltable, path: ./train.jsonl"),
    *(
        ("job", _ALL + more + "\n")
        for more in (
            "teacher_model_settings: {inference_parameters: {temperature: 0.1, max_tokens: 100}}",
            "teacher_model_settings: {endpoint_request_settings: {request_batch_size: 2, min_endpoint_success_ratio: 0.7}}",
            "teacher_model_settings: {bogus: 1}",
            "prompt_settings: {enable_chain_of_thought: true, max_len_summary: 3}",
            "prompt_settings: {enable_chain_of_thought: nope}",
            "prompt_settings: {bogus: 1}",
            "hyperparameters: {a: '1'}",
            "hyperparameters: {a: 1}",
            "resources: {instance_type: D2}",
            "outputs: {registered_model: {type: mlflow_model, name: x}}",
            "tags: {a: b}\nproperties: {a: b}\ndescription: d\ndisplay_name: d",
            "compute: azureml:c",
            "identity: {type: user_identity}",
            "bogus: 1",
        )
    ),
]

DEPARTURES = {
    ("DistillationJob", "attribute:$.properties.azureml.connection_information"): (
        "it holds the key of the teacher's endpoint, which repr must not show; the connection has it"
    ),
}

_CONNECTION = {
    "name": "t",
    "tags": {},
    "type": "serverless",
    "target": "https://e",
    "credentials": {"type": "api_key", "key": "k"},
    "is_shared": True,
    "metadata": {},
    "api_key": "k",
    "endpoint": "https://e",
}
ANSWERS = [
    (
        "DistillationJob",
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
                "properties": {
                    "a": "b",
                    "azureml.enable_distillation": "True",
                    "azureml.data_generation_task_type": "CONVERSATION",
                    "azureml.data_generation_type": "label_generation",
                    "azureml.teacher_model.endpoint_name": "t",
                    "azureml.connection_information": json.dumps(_CONNECTION),
                    "azureml.enable_chain_of_thought": "True",
                    "azureml.enable_chain_of_density": "False",
                    "azureml.max_len_summary": "0",
                    "azureml.teacher_model.temperature": "0.1",
                    "azureml.teacher_model.max_tokens": "100",
                    "azureml.request_batch_size": "2",
                    "azureml.min_endpoint_success_ratio": "0.7",
                    "azureml.instance_type.data_generation": "D2",
                },
                "fineTuningDetails": {
                    "taskType": "ChatCompletion",
                    "modelProvider": "Custom",
                    "model": {"jobInputType": "mlflow_model", "uri": MODEL},
                    "trainingData": {"jobInputType": "uri_file", "uri": "azureml:d:1"},
                    "validationData": {"jobInputType": "uri_file", "uri": "azureml:d:2"},
                    "hyperParameters": {"a": "1"},
                },
                "outputs": {"registered_model": {"jobOutputType": "mlflow_model", "assetName": "x"}},
            },
        },
    )
]
