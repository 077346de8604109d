"""A pipeline of components that are kept as YAML: loaded, one of them registered, called in a function."""

from azure.ai.ml import Input, MLClient, Output, load_component, load_environment
from azure.ai.ml.constants import AssetTypes
from azure.ai.ml.dsl import pipeline
from azure.ai.ml.entities import AmlCompute
from azure.identity import DefaultAzureCredential

ml_client = MLClient.from_config(DefaultAzureCredential())
for name in ("cpu-cluster", "gpu-cluster"):
    ml_client.compute.begin_create_or_update(AmlCompute(name=name, size="Standard_NC6", max_instances=4)).result()

environment = load_environment("environment.yml")
environment.tags["team"] = "taxi"
ml_client.environments.create_or_update(environment)

prepare_data = load_component(source="components/prep/prep.yml")
train_model = load_component(source="components/train/train.yml", params_override=[{"version": "3"}])
train_model.description = "Changed after it was loaded"
train_model = ml_client.components.create_or_update(train_model)
print(f"Component {train_model.name} with version {train_model.version} is registered")
train_model = ml_client.components.get("taxi_train", version="3")
evaluate = load_component(source="components/eval/eval.yml")


@pipeline(
    name="taxi_fares",
    display_name="Taxi fares",
    description="E2E taxi pipeline with components",
    tags={"owner": "sdkteam", "tag": "tagvalue"},
    default_compute="cpu-cluster",
)
def taxi_pipeline(
    pipeline_job_data: Input(type="uri_folder"), learning_rate: float = 0.1, rounds: int = 0, note: str = "-"
):
    """Prepares, trains with two rates, evaluates the better one."""
    prepare_sample_data = prepare_data(raw_data=pipeline_job_data)
    prepare_sample_data.environment_variables = {"NOTE": "prepared"}
    train = train_model(training_data=prepare_sample_data.outputs.prep_data, learning_rate=learning_rate, rounds=rounds)
    train.compute = "gpu-cluster"
    train.resources = {"instance_count": 2, "shm_size": "2g"}
    train.outputs.model_output.mode = "upload"
    slow = train_model(training_data=prepare_sample_data.outputs.prep_data, learning_rate=0.01)
    slow.name = "train_slowly"
    slow.display_name = "Train slowly"
    evaluate_model = evaluate(
        model_input=train.outputs.model_output, test_data=prepare_sample_data.outputs["prep_data"]
    )
    evaluate_model.inputs.note = note
    evaluate_model.limits = None
    return {
        "pipeline_job_prepped_data": prepare_sample_data.outputs.prep_data,
        "pipeline_job_trained_model": train.outputs.model_output,
        "pipeline_job_report": evaluate_model.outputs.report,
    }


pipeline_job = taxi_pipeline(Input(type=AssetTypes.URI_FOLDER, path="data"), rounds=0, note="first try")
pipeline_job.settings.default_datastore = "workspaceblobstore"
pipeline_job.settings.force_rerun = True
pipeline_job.settings.continue_on_step_failure = False
pipeline_job.outputs.pipeline_job_trained_model = Output(
    type="uri_folder", mode="upload", path="azureml://datastores/workspaceblobstore/paths/models/taxi"
)
pipeline_job.outputs.pipeline_job_report.mode = "rw_mount"
pipeline_job.jobs["train_slowly"].inputs.learning_rate = 0.001
pipeline_job.tags["run"] = "nightly"
print(list(pipeline_job.jobs))

validation = ml_client.jobs.validate(pipeline_job)
print(validation.passed)
pipeline_job = ml_client.jobs.create_or_update(pipeline_job, experiment_name="taxi_samples")
print(pipeline_job.experiment_name, pipeline_job.display_name, pipeline_job.status)
ml_client.jobs.stream(pipeline_job.name)
for child in ml_client.jobs.list(parent_job_name=pipeline_job.name):
    print(child.display_name, child.status)
ml_client.jobs.download(pipeline_job.name, download_path="./out", output_name="pipeline_job_report")

# the same again with another rate: nothing of it has to be uploaded or registered anew
again = taxi_pipeline(pipeline_job_data=Input(path="data"), learning_rate=0.3)
again.settings.default_compute = "gpu-cluster"
again = ml_client.jobs.create_or_update(again, experiment_name="taxi_samples", tags={"again": "yes"})
print(ml_client.jobs.get(again.name).status)
