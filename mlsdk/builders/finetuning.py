"""`create_finetuning_job(...)`: a model of a catalog trained further on one's own data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.entities.finetuning_job import FILE, MODEL, CustomModelFineTuningJob, JobResources
from mlsdk.entities.inputs import Input, Output
from mlsdk.entities.job_resources import QueueSettings
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def create_finetuning_job(
    *,
    model: str,
    task: str,
    training_data: str,
    output_model_name_prefix: str,
    validation_data: str | None = None,
    hyperparameters: Mapping[str, str] | None = None,
    compute: str | None = None,
    instance_types: Sequence[str] | None = None,
    job_tier: Any = None,
    **kwargs: Any,
) -> CustomModelFineTuningJob:
    """A job that trains a model further.

    >>> create_finetuning_job(
    ...     model="azureml://registries/azureml-meta/models/Llama-3/versions/1",
    ...     task=FineTuningTaskType.CHAT_COMPLETION,
    ...     training_data="./train.jsonl",
    ...     output_model_name_prefix="mine",
    ... )

    `model` and the data are paths, ids or `azureml:name:version`; `output_model_name_prefix` names the model that is
    registered at the end. Further keyword arguments are those of the job, such as `experiment_name`.
    """
    given = {
        "model": model,
        "task": task,
        "training_data": training_data,
        "output_model_name_prefix": output_model_name_prefix,
    }
    for name, value in given.items():
        if not value:
            message = f"create_finetuning_job() needs {name}"
            raise wrong(message)
    return CustomModelFineTuningJob(
        task=task,
        model=Input(type=MODEL, path=model),
        training_data=Input(type=FILE, path=training_data),
        validation_data=Input(type=FILE, path=validation_data) if validation_data else None,
        hyperparameters=None if hyperparameters is None else dict(hyperparameters),
        compute=compute,
        resources=JobResources(instance_types=list(instance_types)) if instance_types else None,
        queue_settings=QueueSettings(job_tier=job_tier) if job_tier else None,
        outputs={"registered_model": Output(type=MODEL, name=output_model_name_prefix)},
        **kwargs,
    )
