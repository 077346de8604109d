"""One job of every type that the official client sends, written as its users write them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azure.ai.ml import Input, Output, automl, command, dsl, spark
from azure.ai.ml.data_transfer import Database, copy_data, export_data, import_data
from azure.ai.ml.dsl._condition import condition
from azure.ai.ml.dsl._do_while import do_while
from azure.ai.ml.dsl._parallel_for import parallel_for
from azure.ai.ml.entities import ServerlessConnection
from azure.ai.ml.entities._job.distillation.distillation_job import DistillationJob
from azure.ai.ml.entities._job.finetuning.azure_openai_finetuning_job import AzureOpenAIFineTuningJob
from azure.ai.ml.entities._job.finetuning.azure_openai_hyperparameters import AzureOpenAIHyperparameters
from azure.ai.ml.entities._job.import_job import DatabaseImportSource, ImportJob
from azure.ai.ml.finetuning import create_finetuning_job
from azure.ai.ml.parallel import RunFunction, parallel_run_function
from azure.ai.ml.sweep import BanditPolicy, Choice, LogUniform, Uniform

if TYPE_CHECKING:
    from collections.abc import Callable

ENVIRONMENT = "AzureML-sklearn-1.5@latest"
FILE = "azureml://datastores/workspaceblobstore/paths/x.csv"
FOLDER = "azureml://datastores/workspaceblobstore/paths/x/"
BASE_MODEL = "azureml://registries/azureml-meta/models/Llama-2-7b/versions/9"
SOURCE = str(Path(__file__).parent / "official" / "source")
DATA = Input(type="uri_folder", path=FOLDER)
TABLE = Input(type="mltable", path=FOLDER)
SPARK: dict[str, Any] = {
    "code": SOURCE,
    "entry": {"file": "main.py"},
    "args": "--a ${{inputs.a}} --o ${{outputs.o}}",
    "driver_cores": 1,
    "driver_memory": "2g",
    "executor_cores": 1,
    "executor_memory": "2g",
    "executor_instances": 1,
    "resources": {"instance_type": "Standard_E8S_V3", "runtime_version": "3.4"},
}


def step_component() -> Any:
    """Takes a folder and a number, and leaves a folder."""
    return command(
        name="step",
        command="train ${{inputs.data}} ${{inputs.rate}} ${{outputs.out}}",
        environment=ENVIRONMENT,
        inputs={"data": Input(type="uri_folder"), "rate": Input(type="number", default=0.1)},
        outputs={"out": Output(type="uri_folder")},
    ).component


def deciding_component() -> Any:
    """Leaves a folder, and a word for what comes next."""
    return command(
        name="decide",
        command="decide ${{inputs.data}} ${{outputs.again}} ${{outputs.out}}",
        environment=ENVIRONMENT,
        inputs={"data": Input(type="uri_folder")},
        outputs={"again": Output(type="boolean", is_control=True), "out": Output(type="uri_folder")},
    ).component


def pipeline(**settings: Any) -> Any:
    """A pipeline of three steps, one after the other, the last of which is a pipeline of its own."""
    step = step_component()

    def of_one(data, rate=0.5):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 -- read by the client
        last = step(data=data, rate=rate)
        return {"model": last.outputs.out}

    # The decorator reads annotations as objects, and in this file they are text.
    of_one.__annotations__ = {"data": Input(type="uri_folder")}
    inner = dsl.pipeline()(of_one)

    @dsl.pipeline(**{"default_compute": "cpu-cluster", "experiment_name": "iris", **settings})
    def outer(data, rate=0.2):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        prepare = step(data=data, rate=rate)
        train = step(data=prepare.outputs.out)
        evaluate = inner(data=train.outputs.out, rate=rate)
        return {"trained": train.outputs.out, "final": evaluate.outputs.model}

    return outer(data=DATA)


def steered() -> Any:
    """A pipeline with a condition and both kinds of loops."""
    step, decide = step_component(), deciding_component()

    @dsl.pipeline(default_compute="cpu-cluster")
    def steering(data):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        first = decide(data=data)
        yes = step(data=data)
        no = step(data=data)
        condition(condition=first.outputs.again, true_block=yes, false_block=no)
        body = decide(data=data)
        mapping = {body.outputs.out: body.inputs.data}
        do_while(body=body, condition=body.outputs.again, mapping=mapping, max_iteration_count=3)
        each = step(data=data)
        parallel_for(body=each, items=[{"rate": 1}, {"rate": 2}])

    return steering(data=DATA)


def mixed() -> Any:
    """A pipeline with a step of every type that is not a command."""
    step = step_component()
    in_spark = spark(inputs={"a": Input(type="uri_folder", mode="direct")}, outputs=direct(), **SPARK)
    in_parallel = parallel_run_function(
        name="score",
        inputs={"data": Input(type="uri_folder")},
        outputs={"o": Output(type="uri_folder")},
        input_data="${{inputs.data}}",
        mini_batch_size="10",
        instance_count=2,
        task=RunFunction(code=SOURCE, entry_script="main.py", environment=ENVIRONMENT, append_row_to="${{outputs.o}}"),
    )

    @dsl.pipeline(default_compute="cpu-cluster")
    def types(data):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        searched = step(data=data, rate=Uniform(0.1, 0.9)).sweep(
            sampling_algorithm="random", goal="maximize", primary_metric="accuracy"
        )
        searched.set_limits(max_total_trials=3)
        in_spark(a=data)
        in_parallel(data=data)
        best = {"best_model": Output(type="mlflow_model")}
        learned = automl.classification(training_data=TABLE, target_column_name="y", outputs=best)
        learned.set_limits(max_trials=2)

    return types(data=DATA)


def transfers() -> Any:
    """A pipeline that copies data, fetches some from a database and brings some there."""
    copies = copy_data(
        name="copies",
        inputs={"a": Input(type="uri_folder")},
        outputs={"o": Output(type="uri_folder")},
        data_copy_mode="merge_with_overwrite",
    )

    @dsl.pipeline(default_compute="cpu-cluster")
    def transferring(data):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        copies(a=data)
        source = Database(query="select 1", connection="azureml:my")
        imported = import_data(source=source, outputs={"sink": Output(type="mltable")})
        imported.outputs.sink.path = FOLDER
        sink = Database(table_name="t", connection="azureml:my")
        export_data(inputs={"source": Input(type="uri_file", path=FILE)}, sink=sink)

    return transferring(data=DATA)


def direct() -> dict[str, Any]:
    """The output of a job in Spark."""
    return {"o": Output(type="uri_folder", path=FOLDER, mode="direct")}


def sweep(sampling: str = "random", trials: int = 4, **changes: Any) -> Any:
    """A search for a rate and a depth."""
    job = command(
        command="train ${{inputs.data}} ${{inputs.rate}} ${{inputs.depth}} ${{outputs.model}}",
        environment=ENVIRONMENT,
        compute="cpu-cluster",
        inputs={"data": DATA, "rate": 0.1, "depth": 3},
        outputs={"model": Output(type="uri_folder")},
        experiment_name="iris",
    )
    space = {"rate": LogUniform(-6, -1), "depth": Choice([1, 2, 3])}
    if sampling == "grid":
        space = {"rate": Choice([0.1, 0.2]), "depth": Choice([1, 2, 3])}
    wanted: dict[str, Any] = {
        "sampling_algorithm": sampling,
        "goal": "maximize",
        "primary_metric": "accuracy",
        "compute": "cpu-cluster",
        "early_termination_policy": BanditPolicy(slack_factor=0.1, evaluation_interval=2),
        "max_total_trials": trials,
        "max_concurrent_trials": 2,
    }
    made = job(**space).sweep(**{**wanted, **changes})
    made.experiment_name = "iris"
    return made


def automatic(task: str, **given: Any) -> Any:
    """A job that finds the best model by itself."""
    wanted: dict[str, Any] = {"compute": "cpu-cluster", "training_data": TABLE, "experiment_name": "iris"}
    if task != "text_ner":
        wanted["target_column_name"] = "y"
    if task.startswith("text"):
        wanted["validation_data"] = TABLE
    if task == "forecasting":
        wanted["forecasting_settings"] = automl.ForecastingSettings(time_column_name="t", forecast_horizon=3)
    return getattr(automl, task)(**wanted, **given)


def fine_tuned() -> Any:
    """A model that is fine-tuned."""
    return create_finetuning_job(
        model=BASE_MODEL,
        task="chatCompletion",
        training_data=FILE,
        validation_data=FILE,
        output_model_name_prefix="mine",
        hyperparameters={"epochs": "1"},
        display_name="tuned",
        experiment_name="iris",
        name="tuned",
    )


def fine_tuned_by_openai() -> Any:
    """A model of OpenAI's that is fine-tuned."""
    return AzureOpenAIFineTuningJob(
        model=Input(type="mlflow_model", path=BASE_MODEL),
        task="ChatCompletion",
        training_data=Input(type="uri_file", path=FILE),
        validation_data=Input(type="uri_file", path=FILE),
        hyperparameters=AzureOpenAIHyperparameters(batch_size=1, n_epochs=2),
        outputs={"registered_model": Output(type="mlflow_model", name="mine")},
        experiment_name="iris",
        name="tuned-by-openai",
    )


def distilled() -> Any:
    """A small model that learns from a large one."""
    return DistillationJob(
        data_generation_type="label_generation",
        data_generation_task_type="NLI",
        teacher_model_endpoint_connection=ServerlessConnection(name="t", endpoint="https://x", api_key="k"),
        student_model=Input(type="mlflow_model", path=BASE_MODEL),
        training_data=Input(type="uri_file", path=FILE),
        validation_data=Input(type="uri_file", path=FILE),
        outputs={"registered_model": Output(type="mlflow_model", name="mine")},
        experiment_name="iris",
        name="distilled",
    )


def imported() -> Any:
    """What a query finds in a database."""
    return ImportJob(
        name="imported",
        source=DatabaseImportSource(type="azuresqldb", connection="azureml:my", query="select 1"),
        output=Output(type="mltable", path=FOLDER),
        experiment_name="iris",
    )


TASKS = (
    "classification",
    "regression",
    "forecasting",
    "text_classification",
    "text_classification_multilabel",
    "text_ner",
    "image_classification",
    "image_classification_multilabel",
    "image_object_detection",
    "image_instance_segmentation",
)
JOBS: dict[str, Callable[[], Any]] = {
    "pipeline": pipeline,
    "pipeline that is steered": steered,
    "pipeline of many types": mixed,
    "pipeline of transfers": transfers,
    "sweep": sweep,
    "spark": lambda: spark(
        inputs={"a": Input(type="uri_folder", path=FOLDER, mode="direct")},
        outputs=direct(),
        experiment_name="iris",
        **SPARK,
    ),
    **{task: partial(automatic, task) for task in TASKS},
    "fine-tuning": fine_tuned,
    "fine-tuning by OpenAI": fine_tuned_by_openai,
    "distillation": distilled,
    "import": imported,
}
"""A function for each type of job, which makes a new one."""
