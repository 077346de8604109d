"""What services of Azure do is refused on this machine, with a sentence; docs/runs-here.md says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import HttpResponseError
from local.here import Here

from mlsdk import Input, Output, automl, data_transfer, dsl, finetuning, model_customization
from mlsdk.entities import ServerlessConnection

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REFUSED = "refused when it is submitted: it is done by a service of Azure"
PLACE = "azureml://datastores/workspaceblobstore/paths/x/"
MODEL = "azureml://registries/azureml-meta/models/Llama-2-7b/versions/9"


def of_automl() -> Any:
    """A job that looks for the best model."""
    data = Input(type="mltable", path=PLACE)
    return automl.classification(training_data=data, target_column_name="y", compute="cpu")


def in_a_pipeline(step: Callable[[], Any]) -> Any:
    """A pipeline of one step."""

    def one() -> None:
        step()

    return dsl.pipeline(default_compute="cpu")(one)()


def of_copying() -> Any:
    """A pipeline that copies data."""
    given = {"a": Input(type="uri_folder", path=PLACE)}
    wanted = {"o": Output(type="uri_folder")}
    how = "merge_with_overwrite"
    return in_a_pipeline(lambda: data_transfer.copy_data(inputs=given, outputs=wanted, data_copy_mode=how))


def of_importing() -> Any:
    """A pipeline that fetches data from a database."""
    source = data_transfer.Database(query="select 1", connection="azureml:my")
    sink = Output(type="mltable", path=PLACE)
    return in_a_pipeline(lambda: data_transfer.import_data(source=source, outputs={"sink": sink}))


def of_fine_tuning() -> Any:
    """A job that trains a published model further."""
    data = f"{PLACE}a.jsonl"
    return finetuning.create_finetuning_job(
        model=MODEL, task="ChatCompletion", training_data=data, output_model_name_prefix="mine", name="tuned"
    )


def of_distillation() -> Any:
    """A job that trains a small model by a large one."""
    return model_customization.distillation(
        experiment_name="small",
        data_generation_type="label_generation",
        data_generation_task_type="NLI",
        teacher_model_endpoint_connection=ServerlessConnection(name="t", endpoint="https://x", api_key="k"),
        student_model=MODEL,
        training_data=f"{PLACE}a.jsonl",
        validation_data=f"{PLACE}b.jsonl",
        outputs={"registered_model": Output(type="mlflow_model", name="small")},
        name="distilled",
    )


@pytest.mark.not_here("jobs.automl", REFUSED)
@pytest.mark.not_here("jobs.data-transfer", REFUSED)
@pytest.mark.not_here("jobs.import", REFUSED)
@pytest.mark.not_here("jobs.finetuning", REFUSED)
@pytest.mark.not_here("jobs.distillation", REFUSED)
@pytest.mark.parametrize("make", [of_automl, of_copying, of_importing, of_fine_tuning, of_distillation])
def test_what_azures_services_do_is_refused_at_once(tmp_path: Path, make: Callable[[], Any]) -> None:
    """Nothing of it is begun, and the sentence says why and what to do."""
    here = Here.made(tmp_path)
    with pytest.raises(
        HttpResponseError, match=r"cannot run on this machine\. .* by a service of Azure: submit it to Azure"
    ):
        here.submit(make())
    assert list(here.client.jobs.list()) == []
