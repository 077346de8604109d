"""Pipelines in pipelines: functions that call functions, loops while they are written, functions as components."""

from azure.ai.ml import Input, MLClient, Output, command, dsl, load_component
from azure.ai.ml.entities import AmlCompute, PipelineJob, PipelineJobSettings
from azure.identity import DefaultAzureCredential

ml_client = MLClient.from_config(DefaultAzureCredential())
ml_client.compute.begin_create_or_update(
    AmlCompute(name="cpu-cluster", size="Standard_D2_v2", max_instances=8)
).result()

train_func = load_component("parts/train.yml")
score_func = load_component("parts/score.yml")
merge = command(
    name="merge",
    display_name="merge",
    command="cat ${{inputs.first}} ${{inputs.second}} > ${{outputs.merged}}",
    inputs={"first": Input(type="uri_folder"), "second": Input(type="uri_folder", optional=False), "times": 1},
    outputs={"merged": Output(type="uri_folder", mode="rw_mount")},
    environment="AzureML-sklearn-1.5@latest",
    code="src",
)


@dsl.pipeline()
def train_and_score(train_input: Input, test_input: Input, rate: float = 0.1, epochs: int = 0, shuffle: bool = False):
    """Trains and scores."""
    train = train_func(training_data=train_input, learning_rate=rate, max_epochs=epochs, shuffle=shuffle)
    score = score_func(model_input=train.outputs.model_output, test_data=test_input)
    return {"trained_model": train.outputs.model_output, "scores": score.outputs.score_output}


@dsl.pipeline(name="compare", version="2", description="Two rates beside one another", tags={"layer": "middle"})
def compare(
    train_input: Input(type="uri_folder", description="to learn from"),
    test_input: Input(type="uri_folder"),
    rate: float = 0.2,
):
    slow = train_and_score(train_input=train_input, test_input=test_input, rate=rate)
    fast = train_and_score(train_input, test_input, 0.9, epochs=3, shuffle=True)
    merged = merge(first=slow.outputs.scores, second=fast.outputs.scores, times=0)
    return {"merged": merged.outputs.merged, "model": fast.outputs.trained_model}


@dsl.pipeline(default_compute="cpu-cluster", experiment_name="nested", non_pipeline_inputs=["rounds"])
def many(train_input, test_input, rounds):
    last = None
    for number in range(rounds):
        node = compare(train_input=train_input, test_input=test_input, rate=0.1 * number)
        node.name = f"round_{number}"
        node.display_name = f"Round {number}"
        if last is not None:
            both = merge(first=last.outputs.merged, second=node.outputs.merged)
            both.identity = {"type": "aml_token"}
            both.outputs.merged.mode = "upload"
        last = node
    return {"final": last.outputs.model}


data = Input(type="uri_folder", path="azureml://datastores/workspaceblobstore/paths/samples/")
job = many(train_input=data, test_input=data, rounds=2)
job.display_name = "rounds"
job.settings.continue_on_step_failure = True
job.jobs["round_1"].inputs.rate = 0.05
print(sorted(job.jobs), sorted(job.jobs["round_0"].component.jobs))
job = ml_client.jobs.create_or_update(job)
ml_client.jobs.stream(job.name)
job = ml_client.jobs.get(job.name)
print(job.status, sorted(job.jobs), list(job.outputs))

# -- a function as a registered component
registered = ml_client.components.create_or_update(compare)
print(registered.name, registered.version, registered.type, registered.tags)
fetched = ml_client.components.get(registered.name, registered.version)


@dsl.pipeline()
def by_registered(samples):
    node = fetched(train_input=samples, test_input=samples)
    return {"merged": node.outputs.merged}


by_name = by_registered(samples=data)
by_name.settings.default_compute = "cpu-cluster"
print(ml_client.jobs.create_or_update(by_name, experiment_name="by-registered").experiment_name)

# -- put together without a function
first = train_func(training_data=data, learning_rate=0.5)
first.name = "first"
second = score_func(model_input=first.outputs.model_output, test_data=data)
second.name = "second"
by_hand = PipelineJob(
    jobs={"first": first, "second": second},
    experiment_name="by-hand",
    settings=PipelineJobSettings(default_compute="serverless", force_rerun=False),
    tags={"made": "by hand"},
)
print(ml_client.jobs.create_or_update(by_hand).tags)
