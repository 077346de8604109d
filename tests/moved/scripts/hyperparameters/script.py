"""Sweeps: of a command, from YAML, and as a step of a pipeline whose best model goes on."""

from azure.ai.ml import Input, MLClient, Output, command, load_component, load_job
from azure.ai.ml.dsl import pipeline
from azure.ai.ml.entities import AmlCompute, Environment, Model
from azure.ai.ml.sweep import (
    BanditPolicy,
    BayesianSamplingAlgorithm,
    Choice,
    LogUniform,
    MedianStoppingPolicy,
    Normal,
    QUniform,
    Randint,
    TruncationSelectionPolicy,
    Uniform,
)
from azure.identity import DefaultAzureCredential

ml_client = MLClient.from_config(DefaultAzureCredential())
ml_client.begin_create_or_update(AmlCompute(name="cpu-cluster", size="Standard_D2_v2", max_instances=4)).result()
iris = Input(type="uri_file", path="https://azuremlexamples.blob.core.windows.net/datasets/iris.csv")

# -- a command whose inputs are searched
command_job = command(
    code="./src",
    command="python main.py --iris-csv ${{inputs.iris_csv}} --C ${{inputs.C}} --kernel ${{inputs.kernel}} "
    "--coef0 ${{inputs.coef0}} --degree ${{inputs.degree}} --gamma ${{inputs.gamma}} --model ${{outputs.model}}",
    environment=Environment(image="mcr.microsoft.com/azureml/curated/sklearn-1.5:1", name="sweep-env", version="4"),
    inputs={"iris_csv": iris, "C": 0.8, "kernel": "rbf", "coef0": 0, "degree": 3, "gamma": 0.5},
    outputs={"model": Output(type="mlflow_model")},
    compute="cpu-cluster",
    environment_variables={"SWEEP": "1"},
)
command_job_for_sweep = command_job(
    C=Uniform(min_value=0.5, max_value=0.9),
    kernel=Choice(values=["rbf", "linear", "poly"]),
    coef0=Uniform(min_value=0, max_value=1),
    degree=Randint(3),
    gamma=LogUniform(min_value=-6, max_value=0),
)
sweep_job = command_job_for_sweep.sweep(
    compute="cpu-cluster",
    sampling_algorithm="random",
    primary_metric="test-multi_logloss",
    goal="Minimize",
)
sweep_job.display_name = "svm-iris-sweep-example"
sweep_job.experiment_name = "svm-iris-sweep-example"
sweep_job.description = "Run a hyperparameter sweep job for SVM on Iris dataset."
sweep_job.set_limits(max_total_trials=4, max_concurrent_trials=2, timeout=7200, trial_timeout=600)
sweep_job.early_termination = MedianStoppingPolicy(delay_evaluation=5, evaluation_interval=2)
returned_sweep_job = ml_client.create_or_update(sweep_job)
ml_client.jobs.stream(returned_sweep_job.name)
returned_sweep_job = ml_client.jobs.get(name=returned_sweep_job.name)
print(returned_sweep_job.status, returned_sweep_job.services["Studio"].endpoint.split("&")[0])
if returned_sweep_job.status == "Completed":
    best_run = returned_sweep_job.properties["best_child_run_id"]
    model = Model(
        path=f"azureml://jobs/{best_run}/outputs/artifacts/paths/model/", name="run-model-example", type="custom_model"
    )
    print(ml_client.models.create_or_update(model).version)
    ml_client.jobs.download(best_run, download_path="best")
print(len(list(ml_client.jobs.list(parent_job_name=returned_sweep_job.name))), "trials")

# -- from a file, changed before it is sent
from_file = load_job("sweep.yml", params_override=[{"limits.max_total_trials": 3}])
from_file.early_termination = TruncationSelectionPolicy(
    truncation_percentage=20, evaluation_interval=1, delay_evaluation=0
)
from_file.search_space["dropout"] = Normal(mu=0, sigma=0.5)
from_file.sampling_algorithm = "random"
from_file.objective.goal = "maximize"
print(ml_client.jobs.create_or_update(from_file).display_name)

# -- a step of a pipeline
train_component = load_component(source="train.yml")


@pipeline(default_compute="cpu-cluster", experiment_name="sweep-pipeline")
def pipeline_with_hyperparameter_sweep(epochs: int = 0):
    """Tune hyperparameters using sample components."""
    train_model = train_component(
        data=iris, rate=Uniform(0.001, 0.1), batch=Choice([16, 32]), width=QUniform(8, 64, 8), epochs=epochs
    )
    sweep_step = train_model.sweep(
        primary_metric="training_f1_score",
        goal="maximize",
        sampling_algorithm=BayesianSamplingAlgorithm(),
        compute="cpu-cluster",
    )
    sweep_step.set_limits(max_total_trials=2, max_concurrent_trials=2, timeout=3600)
    sweep_step.early_termination = BanditPolicy(slack_factor=0.15, evaluation_interval=1)
    after = train_component(data=sweep_step.outputs.model, rate=0.5, batch=0, width=1)
    return {"best": sweep_step.outputs.model, "after": after.outputs.model}


job = ml_client.jobs.create_or_update(pipeline_with_hyperparameter_sweep())
print(job.status, list(job.jobs), ml_client.jobs.get(job.name).experiment_name)
