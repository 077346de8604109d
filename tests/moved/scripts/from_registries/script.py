"""Assets by name from registries: the public one, and one of the company's in which a team shares its own."""

from azure.ai.ml import Input, MLClient, Output, command, load_component
from azure.ai.ml.constants import AssetTypes
from azure.ai.ml.dsl import pipeline
from azure.ai.ml.entities import BuildContext, Environment, Model
from azure.identity import DefaultAzureCredential

credential = DefaultAzureCredential()
ml_client_workspace = MLClient.from_config(credential)
ml_client_public = MLClient(credential=credential, registry_name="azureml")
ml_client_registry = MLClient(
    credential=credential, subscription_id="sub", resource_group_name="rg", registry_name="company"
)

# -- environments
curated = ml_client_public.environments.get("sklearn-1.5", label="latest")
print(curated.name, curated.version)
env_docker_context = Environment(
    build=BuildContext(path="source/image"),
    name="SKLearnEnv",
    version="1",
    description="Environment from a Docker context.",
)
env = ml_client_registry.environments.create_or_update(env_docker_context)
env_from_registry = ml_client_registry.environments.get(name="SKLearnEnv", version=str(1))
print(env.name, env_from_registry.version)

# -- a component in the registry, on the registry's environment
train_model = load_component(source="source/train.yml")
train_model.version = "4"
train_model.tags = {"from": "notebook"}
ml_client_registry.components.create_or_update(train_model)
train_component_from_registry = ml_client_registry.components.get(name="train_linear_model", label="latest")
print(train_component_from_registry.name, train_component_from_registry.version)

# -- a model: into the workspace, from there into the registry
mlflow_model = ml_client_workspace.models.create_or_update(
    Model(path="model", type=AssetTypes.MLFLOW_MODEL, name="nyc-taxi-model", description="MLflow model", version="3")
)
shared = ml_client_workspace.models.share(
    name=mlflow_model.name,
    version=mlflow_model.version,
    registry_name="company",
    share_with_name="taxi",
    share_with_version="1",
)
print(shared.name, shared.version)
direct = ml_client_registry.models.create_or_update(
    Model(path="model/weights.txt", type=AssetTypes.CUSTOM_MODEL, name="weights", version="1", tags={"size": "small"})
)
print(direct.name, [model.name for model in ml_client_registry.models.list()])

# -- a job and a pipeline in the workspace that use them
job = command(
    command="python -c 'print(0)' ${{inputs.model}}",
    environment="azureml://registries/company/environments/SKLearnEnv/versions/1",
    inputs={
        "model": Input(type="mlflow_model", path="azureml://registries/company/models/taxi/versions/1", mode="download")
    },
    experiment_name="from-registries",
    display_name="a job",
)
job.set_resources(instance_type="Standard_DS3_v2", instance_count=1)
job = ml_client_workspace.jobs.create_or_update(job)
print(job.status, job.compute)

score = command(
    name="score",
    command="echo ${{inputs.model}} > ${{outputs.scores}}",
    environment="azureml://registries/azureml/environments/sklearn-1.5/labels/latest",
    inputs={"model": Input(type="uri_folder")},
    outputs={"scores": Output(type="uri_file")},
)


@pipeline()
def pipeline_with_registered_components(training_data: Input):
    train_job = train_component_from_registry(training_data=training_data)
    score_job = score(model=train_job.outputs.model_output)
    score_job.environment = curated
    return {"scores": score_job.outputs.scores}


pipeline_job = pipeline_with_registered_components(training_data=Input(type="uri_folder", path="./model"))
pipeline_job.settings.default_compute = "serverless"
pipeline_job = ml_client_workspace.jobs.create_or_update(pipeline_job, experiment_name="sdk-cli-v2")
ml_client_workspace.jobs.stream(pipeline_job.name)
print(ml_client_workspace.jobs.get(pipeline_job.name).status)

ml_client_registry.components.archive("train_linear_model", version="4")
print([component.name for component in ml_client_registry.components.list()])
