"""Many files in mini batches: a parallel function and a parallel component, after a step that prepares a table."""

from azure.ai.ml import Input, MLClient, Output, command, load_component
from azure.ai.ml.constants import AssetTypes, InputOutputModes
from azure.ai.ml.dsl import pipeline
from azure.ai.ml.entities import AmlCompute, CommandComponent, Environment, Model
from azure.ai.ml.parallel import RunFunction, parallel_run_function
from azure.identity import DefaultAzureCredential

ml_client = MLClient.from_config(DefaultAzureCredential())
ml_client.begin_create_or_update(AmlCompute(name="cpu-cluster", size="Standard_D2_v2", max_instances=2)).result()
model = ml_client.models.create_or_update(Model(name="digits", path="src/model.txt", type=AssetTypes.CUSTOM_MODEL))

prepare = CommandComponent(
    name="prepare_batches",
    display_name="Prepare",
    inputs={"images": Input(type="uri_folder")},
    outputs={"tabular": Output(type="mltable"), "files": Output(type="uri_folder")},
    code="src",
    command="python prepare.py ${{inputs.images}} ${{outputs.tabular}} ${{outputs.files}}",
    environment="AzureML-sklearn-1.5@latest",
)
prepare.version = "5"

file_batch_inference = parallel_run_function(
    name="file_batch_score",
    display_name="Batch Score with File Dataset",
    description="parallel component for batch score",
    inputs=dict(
        job_data_path=Input(
            type=AssetTypes.URI_FOLDER,
            description="The data to be split and scored in parallel",
            mode=InputOutputModes.RO_MOUNT,
        ),
        model=Input(type="custom_model"),
        threshold=0.5,
    ),
    outputs=dict(job_output_path=Output(type=AssetTypes.URI_FILE)),
    input_data="${{inputs.job_data_path}}",
    instance_count=2,
    max_concurrency_per_instance=1,
    mini_batch_size="1",
    mini_batch_error_threshold=1,
    retry_settings=dict(max_retries=2, timeout=60),
    logging_level="DEBUG",
    task=RunFunction(
        code="./src",
        entry_script="score.py",
        program_arguments="--model ${{inputs.model}} --threshold ${{inputs.threshold}}",
        environment=Environment(
            image="mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04", conda_file="./src/conda.yml"
        ),
        append_row_to="${{outputs.job_output_path}}",
    ),
)
table_scoring = load_component("tabular.yml")
report = command(
    command="cat ${{inputs.scores}} > ${{outputs.report}}",
    inputs={"scores": Input(type="uri_file")},
    outputs={"report": Output(type="uri_file")},
    environment="AzureML-sklearn-1.5@latest",
)


@pipeline()
def parallel_in_pipeline(
    pipeline_job_data_path: Input(type="uri_folder"), pipeline_score_model: Input(type="custom_model")
):
    prepare_file_tabular_data = prepare(images=pipeline_job_data_path)
    prepare_file_tabular_data.outputs.tabular.mode = "upload"

    batch_inference_with_file_data = file_batch_inference(
        job_data_path=prepare_file_tabular_data.outputs.files, model=pipeline_score_model, threshold=0.0
    )
    batch_inference_with_file_data.inputs.job_data_path.mode = InputOutputModes.EVAL_MOUNT
    batch_inference_with_file_data.retry_settings.timeout = 120
    batch_inference_with_file_data.mini_batch_error_threshold = 0

    by_table = table_scoring(job_data_path=prepare_file_tabular_data.outputs.tabular, score_model=pipeline_score_model)
    by_table.compute = "cpu-cluster"
    by_table.mini_batch_size = "64kb"
    by_table.resources.instance_count = 1
    show = report(scores=batch_inference_with_file_data.outputs.job_output_path)
    show.compute = "serverless"
    return {"scores": batch_inference_with_file_data.outputs.job_output_path, "report": show.outputs.report}


pipeline_job = parallel_in_pipeline(
    pipeline_job_data_path=Input(type=AssetTypes.URI_FOLDER, path="./images", mode=InputOutputModes.RO_MOUNT),
    pipeline_score_model=Input(type="custom_model", path=f"azureml:{model.name}:{model.version}"),
)
pipeline_job.settings.default_compute = "cpu-cluster"
pipeline_job.outputs.scores = Output(type="uri_file", name="scores_of_images", version="11")
print(list(pipeline_job.jobs))
pipeline_job = ml_client.jobs.create_or_update(pipeline_job, experiment_name="pipeline_samples")
print(pipeline_job.status)
ml_client.jobs.stream(pipeline_job.name)
print(sorted(child.display_name for child in ml_client.jobs.list(parent_job_name=pipeline_job.name)))
print([f"{data.name}" for data in ml_client.data.list()])
ml_client.jobs.download(pipeline_job.name, output_name="report", download_path="results")
