"""Train a model and register it: the first notebook of every course."""

from azure.ai.ml import Input, MLClient, Output, command
from azure.ai.ml.constants import AssetTypes, InputOutputModes
from azure.ai.ml.entities import AmlCompute, Data, Environment, Model
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import DefaultAzureCredential

ml_client = MLClient.from_config(credential=DefaultAzureCredential())
workspace = ml_client.workspaces.get(ml_client.workspace_name)
print(workspace.name, workspace.location, workspace.resource_group, sep=" - ")

# -- a cluster, unless it is there
cpu_compute_target = "cpu-cluster"
try:
    cpu_cluster = ml_client.compute.get(cpu_compute_target)
except ResourceNotFoundError:
    cpu_cluster = AmlCompute(
        name=cpu_compute_target,
        type="amlcompute",
        size="STANDARD_DS3_V2",
        min_instances=0,
        max_instances=4,
        idle_time_before_scale_down=180,
        tier="Dedicated",
    )
    cpu_cluster.max_instances = 2
    cpu_cluster = ml_client.compute.begin_create_or_update(cpu_cluster).result()
print(f"AMLCompute {cpu_cluster.name} has {cpu_cluster.size}, at most {cpu_cluster.max_instances} nodes")

# -- data and environment
credit = Data(
    path="data/credit.csv",
    type=AssetTypes.URI_FILE,
    description="Dataset for credit card defaults",
    name="creditcard_defaults",
)
credit.tags = {"source_type": "web", "source": "UCI ML Repo"}
credit = ml_client.data.create_or_update(credit)
print(f"{credit.name} version {credit.version} is at {credit.path}")

job_env = ml_client.environments.create_or_update(
    Environment(
        name="aml-scikit-learn",
        description="Custom environment for Credit Card Defaults job",
        tags={"scikit-learn": "1.5"},
        conda_file="conda.yaml",
        image="mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04:latest",
    )
)
print(f"Environment {job_env.name}:{job_env.version}, image {job_env.image}")

# -- the job
job = command(
    inputs=dict(
        data=Input(type=AssetTypes.URI_FILE, path=credit.path, mode=InputOutputModes.RO_MOUNT),
        registered=Input(type="uri_file", path="azureml:creditcard_defaults:1"),
        test_train_ratio=0.2,
        n_estimators=100,
        learning_rate=0.1,
        registered_model_name="credit_defaults_model",
    ),
    outputs={"checkpoints": Output(type=AssetTypes.URI_FOLDER)},
    code="./src/",
    command="python main.py --data ${{inputs.data}} --checkpoints ${{outputs.checkpoints}} "
    "--test_train_ratio ${{inputs.test_train_ratio}} --learning_rate ${{inputs.learning_rate}}",
    environment=f"{job_env.name}@latest",
    environment_variables={"LOG_LEVEL": "info"},
    display_name="credit_default_prediction",
)
job.compute = cpu_compute_target
job.experiment_name = "train_model_credit_default_prediction"
job.inputs.learning_rate = 0.25
job.environment_variables["EPOCHS"] = "3"
job.set_resources(instance_count=2)
job.tags["owner"] = "risk"

returned_job = ml_client.create_or_update(job)
print(returned_job.studio_url)
print(returned_job.status)
ml_client.jobs.stream(returned_job.name)
finished = ml_client.jobs.get(returned_job.name)
print(finished.status, finished.experiment_name, finished.display_name)

# -- what it leaves
model = Model(
    path=f"azureml://jobs/{returned_job.name}/outputs/artifacts/paths/outputs/model/",
    name="credit_defaults_model",
    description="Model created from run.",
    type=AssetTypes.CUSTOM_MODEL,
)
model.properties["framework"] = "sklearn"
registered = ml_client.models.create_or_update(model)
registered.tags["stage"] = "candidate"
registered = ml_client.models.create_or_update(registered)
print(registered.name, registered.version, registered.tags)
ml_client.jobs.download(name=returned_job.name, download_path="./results", output_name="checkpoints")
