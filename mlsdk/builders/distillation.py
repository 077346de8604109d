"""`distillation(...)`: a small model trained with what a large one answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.entities.distillation_job import DistillationJob
from mlsdk.entities.finetuning_job import FILE
from mlsdk.entities.inputs import Input

if TYPE_CHECKING:
    from mlsdk.entities.distillation_job import PromptSettings, TeacherModelSettings
    from mlsdk.entities.job_resources import ResourceConfiguration
    from mlsdk.entities.serverless_connection import ServerlessConnection


def _by_path(given: Any) -> Any:
    """A model or data; a text is its path."""
    return Input(type=FILE, path=given) if isinstance(given, str) else given


def distillation(
    *,
    experiment_name: str,
    data_generation_type: str,
    data_generation_task_type: str,
    teacher_model_endpoint_connection: ServerlessConnection,
    student_model: Input | str,
    training_data: Input | str | None = None,
    validation_data: Input | str | None = None,
    teacher_model_settings: TeacherModelSettings | None = None,
    prompt_settings: PromptSettings | None = None,
    hyperparameters: dict[str, Any] | None = None,
    resources: ResourceConfiguration | None = None,
    **kwargs: Any,
) -> DistillationJob:
    """A job that trains a small model with what a large one answers.

    >>> distillation(
    ...     experiment_name="distill",
    ...     data_generation_type="label_generation",
    ...     data_generation_task_type="CONVERSATION",
    ...     teacher_model_endpoint_connection=ServerlessConnection(name="teacher", endpoint="https://…", api_key="…"),
    ...     student_model="azureml://registries/azureml-meta/models/Llama-3/versions/1",
    ...     training_data="./questions.jsonl",
    ...     validation_data="./more.jsonl",
    ... )

    Models and data may be given by their paths. Further keyword arguments are those of the job, such as `name`.
    """
    return DistillationJob(
        experiment_name=experiment_name,
        data_generation_type=data_generation_type,
        data_generation_task_type=data_generation_task_type,
        teacher_model_endpoint_connection=teacher_model_endpoint_connection,
        student_model=_by_path(student_model),
        training_data=_by_path(training_data),
        validation_data=_by_path(validation_data),
        teacher_model_settings=teacher_model_settings,
        prompt_settings=prompt_settings,
        hyperparameters=hyperparameters,
        resources=resources,
        **kwargs,
    )
