"""Training on many machines: PyTorch, TensorFlow, MPI and Ray; services, limits, identities, queues, built images."""

from azure.ai.ml import (
    Input,
    MLClient,
    MpiDistribution,
    Output,
    PyTorchDistribution,
    RayDistribution,
    TensorFlowDistribution,
    command,
)
from azure.ai.ml.entities import (
    AmlCompute,
    BuildContext,
    Environment,
    JobResourceConfiguration,
    JupyterLabJobService,
    ManagedIdentityConfiguration,
    QueueSettings,
    SshJobService,
    TensorBoardJobService,
    UserIdentityConfiguration,
    VsCodeJobService,
)
from azure.identity import DefaultAzureCredential

ml_client = MLClient.from_config(DefaultAzureCredential())
cluster = AmlCompute(name="gpu-cluster", size="STANDARD_NC6s_v3", min_instances=0, max_instances=4, tier="low_priority")
ml_client.compute.begin_create_or_update(cluster).result()
cluster.max_instances = 6
cluster = ml_client.compute.begin_create_or_update(cluster).result()
print(cluster.name, cluster.max_instances, cluster.tier)

env_docker_context = Environment(
    build=BuildContext(path="image", dockerfile_path="Dockerfile"),
    name="docker-context-example",
    description="From a context",
)
env_docker_context = ml_client.environments.create_or_update(env_docker_context)
print(env_docker_context.name, env_docker_context.version, env_docker_context.build.dockerfile_path)

# -- PyTorch
job = command(
    code="./src",
    command="python train.py --epochs ${{inputs.epochs}} --learning-rate ${{inputs.learning_rate}} --data ${{inputs.cifar}}",
    inputs={
        "epochs": 1,
        "learning_rate": 0.2,
        "momentum": 0.0,
        "verbose": False,
        "cifar": Input(type="uri_folder", path="wasbs://datasets@azuremlexamples.blob.core.windows.net/cifar10/"),
    },
    environment="azureml://registries/azureml/environments/acpt-pytorch-2.2-cuda12.1/labels/latest",
    compute="gpu-cluster",
    instance_count=2,
    shm_size="16g",
    docker_args="--ipc=host",
    distribution=PyTorchDistribution(process_count_per_instance=1),
    display_name="pytorch-cifar-distributed-example",
    experiment_name="cifar-distributed-example",
    services={
        "jupyter": JupyterLabJobService(nodes="all"),
        "board": TensorBoardJobService(log_dir="~/tblog"),
        "code": VsCodeJobService(),
        "shell": SshJobService(ssh_public_keys="ssh-rsa AAAA user"),
    },
)
job.set_limits(timeout=3600)
job.services["board"].log_dir = "outputs/tblogs"
job = ml_client.jobs.create_or_update(job)
print(job.display_name, job.resources.instance_count, job.distribution.process_count_per_instance)
print(sorted(ml_client.jobs.show_services(job.name) or {}))

# -- TensorFlow, for people and with an identity
tensorflow = command(
    code="src",
    command="python train.py",
    environment=env_docker_context,
    compute="gpu-cluster",
    distribution={"type": "tensorflow", "worker_count": 2, "parameter_server_count": 0},
    outputs={"logs": Output(type="uri_folder")},
    identity=UserIdentityConfiguration(),
    experiment_name="tensorflow-mnist-distributed-example",
)
tensorflow.resources = JobResourceConfiguration(
    instance_count=2, shm_size="4g", properties={"singularity": {"slaTier": "Spot"}}
)
tensorflow.distribution = TensorFlowDistribution(worker_count=2)
tensorflow.outputs.logs.mode = "upload"
print(ml_client.jobs.create_or_update(tensorflow).experiment_name)

# -- MPI without a cluster of one's own
mpi = command(
    code="./src",
    command="python train.py --epochs ${{inputs.epochs}}",
    inputs={"epochs": 0},
    environment="AzureML-tensorflow-2.7-ubuntu20.04-py38-cuda11-gpu@latest",
    compute="serverless",
    instance_type="STANDARD_NC6s_v3",
    instance_count=2,
    queue_settings=QueueSettings(job_tier="spot"),
    distribution=MpiDistribution(process_count_per_instance=4),
    experiment_name="mpi",
    timeout=1200,
)
mpi.identity = ManagedIdentityConfiguration(client_id="11111111-2222-3333-4444-555555555555")
mpi.environment_variables["AZUREML_ARTIFACTS_DEFAULT_TIMEOUT"] = "0"
mpi.properties["purpose"] = "benchmark"
mpi = ml_client.create_or_update(mpi)
print(mpi.queue_settings.job_tier, mpi.resources.instance_type)

# -- Ray
ray = command(
    code="src",
    command="python train.py",
    environment=Environment(image="rayproject/ray:2.9.0", conda_file="src/conda.yml"),
    distribution=RayDistribution(port=6379, include_dashboard=False, head_node_additional_args="--verbose"),
    compute="gpu-cluster",
    instance_count=3,
    is_deterministic=False,
)
ray.experiment_name = "ray"
ray = ml_client.jobs.create_or_update(ray, description="given with the call", tags={"framework": "ray"})
print(ray.description, ray.tags, ray.distribution.port)
for submitted in ml_client.jobs.list():
    print(submitted.experiment_name, submitted.status)
ml_client.compute.begin_delete("gpu-cluster").wait()
