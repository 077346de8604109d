"""Sweeps and automated machine learning through the official client: their trials, and which was the best."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml.exceptions import JobException
from every_job import FOLDER, TASKS, automatic, sweep

from mlsdk.backends import Request
from mlsdk.backends.memory import JobOutcome, MemoryBackend

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from azure.ai.ml import MLClient

WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
TRACKING = f"https://eastus.api.azureml.ms/mlflow/v1.0{WORKSPACE}/api/2.0/mlflow"


def trials(client: MLClient, name: str) -> list[Any]:
    """The trials of a job, oldest first."""
    return list(client.jobs.list(parent_job_name=name))[::-1]


def parameters(client: MLClient, name: str) -> list[Any]:
    """What was tried."""
    return [json.loads(one.tags["hyperparameters"]) for one in trials(client, name)]


@pytest.mark.emulates("jobs.create_or_update", "jobs.stream", "jobs.download")
def test_the_best_trial_is_told_by_its_metric(azure: MemoryBackend, client: MLClient, tmp_path: Path) -> None:
    """The runner is asked of each trial with its hyperparameters; what the best one left is what the sweep left."""
    asked: list[Any] = []

    def run(job: Mapping[str, Any]) -> JobOutcome:
        if job["properties"]["jobType"] == "Sweep":
            return JobOutcome()
        depth = job["properties"]["parameters"]["depth"]
        asked.append((job["properties"]["command"], job["properties"]["parameters"]))
        return JobOutcome(
            metrics={"accuracy": [0.0, depth]}, outputs={"model": {"depth": str(depth)}}, log=f"{depth}\n"
        )

    azure.run_jobs_with(run)
    job = client.jobs.create_or_update(sweep("grid", 6))
    client.jobs.stream(job.name)
    read = client.jobs.get(job.name)
    assert [each["depth"] for _, each in asked] == [1, 2, 3, 1, 2, 3]
    assert asked[5][0] == "train ${{inputs.data}} 0.2 3 ${{outputs.model}}"
    assert (read.properties["best_child_run_id"], read.properties["score"]) == (f"{job.name}_2", "3.0")
    client.jobs.download(job.name, download_path=tmp_path, all=True)
    assert (tmp_path / "named-outputs/model/depth").read_text() == "3"
    assert (tmp_path / "artifacts/user_logs/std_log.txt").read_text() == "3\n"
    assert "Scheduling job" in (tmp_path / "hd-artifacts/azureml-logs/hyperdrive.txt").read_text()
    assert read.outputs["model"].path.endswith(f"/azureml/{job.name}_2/model/")


@pytest.mark.parametrize(("goal", "best"), [("maximize", 3), ("minimize", 0)])
def test_the_goal_says_which_is_the_best(plain: MemoryBackend, client: MLClient, goal: str, best: int) -> None:
    """More is better, or less is."""
    plain.run_jobs_with(
        lambda job: JobOutcome(metrics={"accuracy": int(job["name"].rpartition("_")[2] or 0)} if number(job) else {})
    )
    job = client.jobs.create_or_update(sweep(goal=goal))
    assert client.jobs.get(job.name).properties["best_child_run_id"] == f"{job.name}_{best}"


def number(job: Mapping[str, Any]) -> bool:
    """Whether a job is a trial."""
    return "parentJobName" in job["properties"]


@pytest.mark.usefixtures("plain")
def test_the_same_space_is_tried_in_the_same_way(client: MLClient) -> None:
    """What is drawn from a search space is the same each time, and within its bounds."""
    first, second = (client.jobs.create_or_update(sweep(trials=20)).name for _ in range(2))
    tried = parameters(client, first)
    assert tried == parameters(client, second)
    assert len({each["rate"] for each in tried}) == 20
    assert {each["depth"] for each in tried} == {1, 2, 3}
    assert all(0.0024 < each["rate"] < 0.37 for each in tried)


@pytest.mark.usefixtures("plain")
def test_nobody_says_anything_of_a_sweep(client: MLClient) -> None:
    """Without a function each trial completes with some value, and one of them is the best."""
    job = client.jobs.create_or_update(sweep())
    read = client.jobs.get(job.name)
    assert read.properties["best_child_run_id"] in [one.name for one in trials(client, job.name)]
    assert client.jobs.get(read.properties["best_child_run_id"]).command.startswith("train ")


def test_trials_fail_one_by_one(plain: MemoryBackend, client: MLClient) -> None:
    """A sweep completes as long as one of its trials does, and fails when none does."""
    for failing, status in ((1, "Completed"), (4, "Failed")):

        def run(job: Mapping[str, Any], failing: int = failing) -> JobOutcome:
            fails = number(job) and int(job["name"].rpartition("_")[2]) < failing
            return JobOutcome(status="Failed" if fails else "Completed", metrics={"accuracy": 1})

        plain.run_jobs_with(run)
        job = client.jobs.create_or_update(sweep())
        assert client.jobs.get(job.name).status == status
        assert [one.status for one in trials(client, job.name)].count("Failed") == failing
    with pytest.raises(JobException, match="None of the 4 trials"):
        client.jobs.stream(job.name)


def test_trials_without_the_metric_are_none_the_best(plain: MemoryBackend, client: MLClient) -> None:
    """A sweep whose trials do not log what they are measured by has no best one."""
    plain.run_jobs_with(lambda _: JobOutcome(metrics={"other": 1}))
    job = client.jobs.create_or_update(sweep())
    assert client.jobs.get(job.name).status == "Completed"
    assert "best_child_run_id" not in client.jobs.get(job.name).properties


@pytest.mark.parametrize("task", TASKS)
def test_automated_machine_learning_tries_models(plain: MemoryBackend, client: MLClient, task: str) -> None:
    """The best of the models is the one with the best metric: the least where the metric is an error."""
    seen: list[str] = []

    def run(job: Mapping[str, Any]) -> JobOutcome:
        seen.append(job["properties"]["properties"].get("run_algorithm", "whole"))
        names = ("accuracy", "normalized_root_mean_squared_error", "mean_average_precision", "iou")
        return JobOutcome(metrics=dict.fromkeys(names, float(len(seen))))

    plain.run_jobs_with(run)
    job = client.jobs.create_or_update(automatic(task))
    read = client.jobs.get(job.name)
    tried = [one.name for one in trials(client, job.name)]
    assert seen[0] == "whole"
    assert len(seen) == len(tried) + 1
    best = tried[0] if task in ("regression", "forecasting") else tried[-1]
    assert read.properties["automl_best_child_run_id"] == read.tags["automl_best_child_run_id"] == best


@pytest.mark.parametrize("page_size", [1, 100])
def test_metrics_are_read_as_mlflow_reads_them(page_size: int, client: MLClient, plain: MemoryBackend) -> None:
    """A run has the last value of each metric and its parameters; the history of a metric has all values."""
    plain.page_size = page_size
    plain.run_jobs_with(lambda job: JobOutcome(metrics={"accuracy": [0.25, 0.5], "loss": 3} if number(job) else {}))
    job = client.jobs.create_or_update(sweep())

    def get(path: str, body: Any = None, **params: str) -> Any:
        reply = plain.send(Request("POST" if body is not None else "GET", f"{TRACKING}/{path}", params, body=body))
        assert reply.status == 200, reply.body
        return reply.body

    run = get("runs/get", run_id=f"{job.name}_0")["run"]
    assert run["info"]["status"] == "FINISHED"
    assert {one["key"]: one["value"] for one in run["data"]["metrics"]} == {"accuracy": 0.5, "loss": 3.0}
    assert {"rate", "depth"} <= {one["key"] for one in run["data"]["params"]}
    history = get("metrics/get-history", run_id=f"{job.name}_0", metric_key="accuracy")["metrics"]
    assert [(one["step"], one["value"]) for one in history] == [(0, 0.25), (1, 0.5)]
    first = get("metrics/get-history", run_id=f"{job.name}_0", metric_key="accuracy", max_results="1")
    assert (len(first["metrics"]), first["next_page_token"]) == (1, "1")
    assert get("metrics/get-history", run_id=f"{job.name}_0", metric_key="gone")["metrics"] == []
    assert "metrics" not in get("runs/get", run_id=job.name)["run"]["data"]
    experiment = get("experiments/get-by-name", experiment_name="iris")["experiment"]
    assert get("experiments/get", experiment_id=experiment["experiment_id"])["experiment"]["name"] == "iris"
    assert [one["name"] for one in get("experiments/search", {})["experiments"]] == ["iris"]
    found = get(
        "runs/search",
        {"experiment_ids": [experiment["experiment_id"]], "filter": f"tags.mlflow.parentRunId = '{job.name}'"},
    )["runs"]
    assert [one["info"]["run_id"] for one in found] == [f"{job.name}_{number}" for number in (3, 2, 1, 0)]
    assert len(get("runs/search", {"experiment_ids": [experiment["experiment_id"]]})["runs"]) == 5


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("runs/get", 400),
        ("runs/get?run_id=gone", 404),
        ("metrics/get-history?run_id=gone&metric_key=a", 404),
        ("metrics/get-history?run_id=j", 400),
        ("metrics/get-history?run_id=j&metric_key=a&max_results=x", 400),
        ("experiments/get?experiment_id=gone", 404),
        ("experiments/get-by-name?experiment_name=gone", 404),
        ("experiments/search?filter=x", 400),
        ("artifacts/list?run_id=j", 400),
    ],
)
def test_what_mlflow_asks_in_vain(plain: MemoryBackend, path: str, status: int) -> None:
    """What is not there is missing, and what is not emulated says so."""
    environment = {"jobType": "Command", "command": "ls", "environmentId": "azureml:AzureML-sklearn-1.5:1"}
    plain.create(f"{WORKSPACE}/jobs/j", {"properties": environment})
    reply = plain.send(Request("GET", f"{TRACKING}/{path}"))
    assert reply.status == status, reply.body
    assert reply.body["error"]["message"]


def body(path: str, value: Any) -> dict[str, Any]:
    """The body of a sweep, changed in one place."""
    properties: dict[str, Any] = {
        "jobType": "Sweep",
        "objective": {"goal": "Maximize", "primaryMetric": "accuracy"},
        "samplingAlgorithm": {"samplingAlgorithmType": "Random"},
        "searchSpace": {"rate": ["uniform", [0.1, 1]]},
        "trial": {"command": "ls ${{search_space.rate}}", "environmentId": "azureml:AzureML-sklearn-1.5:1"},
        "limits": {"jobLimitsType": "Sweep", "maxTotalTrials": 2},
    }
    holder = properties
    *above, last = path.split(".")
    for key in above:
        holder = holder[key]
    holder[last] = value
    return {"properties": properties}


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("objective", None, "The Objective field is required"),
        ("objective.goal", "most", "Field: objective.goal. Allowed values"),
        ("objective.primaryMetric", "", "The PrimaryMetric field is required"),
        ("samplingAlgorithm", None, "The SamplingAlgorithm field is required"),
        ("samplingAlgorithm.samplingAlgorithmType", "magic", "Allowed values: Bayesian,Grid,Random"),
        ("samplingAlgorithm.samplingAlgorithmType", "Grid", "'Grid' cannot draw from the distribution 'uniform'"),
        ("samplingAlgorithm.seed", "1", "has to be a whole number"),
        ("searchSpace", {}, "The SearchSpace field is required"),
        ("searchSpace", ["rate"], "has to be an object"),
        ("searchSpace.rate", ["magic", [1]], "The distribution 'magic' of 'searchSpace.rate' is not valid"),
        ("searchSpace.rate", ["uniform", [1]], "'uniform' of 'searchSpace.rate' takes min_value, max_value"),
        ("searchSpace.rate", ["uniform", [2, 1]], "begins at 2, above its end 1"),
        ("searchSpace.rate", ["uniform", ["a", 1]], "cannot have 'a' as its min_value"),
        ("searchSpace.rate", ["choice", [[]]], "has no values to choose from"),
        ("searchSpace.rate", 3, "has to be a distribution with its arguments"),
        ("trial", None, "The Trial field is required"),
        ("trial.command", None, "The Command field is required"),
        ("trial.command", "ls ${{search_space.gone}}", "which is not in the search space: rate"),
        ("trial.environmentId", None, "The EnvironmentId field is required"),
        (
            "trial.environmentId",
            "azureml:gone:1",
            "Environment 'azureml:gone:1' not found.*properties.trial.environmentId",
        ),
        ("trial.codeId", f"{WORKSPACE}/codes/gone/versions/1", "Code '.*gone.*' not found"),
        ("earlyTermination", {"policyType": "Magic"}, "Field: earlyTermination.policyType"),
        ("limits.maxTotalTrials", -1, "has to be 0 or more, not -1"),
        ("limits.maxTotalTrials", "2", "has to be a whole number"),
        ("limits.maxConcurrentTrials", 3, "cannot be more than 'limits.maxTotalTrials'"),
        ("limits.timeout", "an hour", "is no duration: 'an hour'"),
    ],
)
def test_what_is_wrong_with_a_sweep(plain: MemoryBackend, path: str, value: Any, said: str) -> None:
    """A sweep that cannot run is refused with the place and the reason."""
    reply = plain.send(
        Request("PUT", f"{WORKSPACE}/jobs/j", {"api-version": "2024-01-01-preview"}, body=body(path, value))
    )
    assert reply.status == 400, reply.body
    assert re.search(said, reply.body["error"]["message"]), reply.body["error"]["message"]
    assert plain.find(f"{WORKSPACE}/jobs/j") is None


TABLE = {"jobInputType": "mltable", "uri": FOLDER}
TEXT = {"jobInputType": "uri_file", "uri": "azureml://datastores/workspaceblobstore/paths/x.csv"}
TUNED = {
    "modelProvider": "Custom",
    "taskType": "ChatCompletion",
    "model": {**TEXT, "jobInputType": "mlflow_model"},
    "trainingData": TEXT,
}
OUTPUTS = {"registered_model": {"jobOutputType": "mlflow_model"}}
SPARK = {
    "codeId": f"{WORKSPACE}/codes/c/versions/1",
    "entry": {"sparkJobEntryType": "SparkJobPythonEntry", "file": "main.py"},
    "resources": {"instanceType": "standard_e4s_v3", "runtimeVersion": "3.4"},
}
TEACHER = {
    "dataGenerationType": "LabelGeneration",
    "dataGenerationTaskType": "Nli",
    "teacherModelEndpoint": {"endpointName": "t"},
}
STUDENT = {"studentModel": {**TEXT, "jobInputType": "mlflow_model"}}
DISTILLED = {"dataGenerationDetails": TEACHER, "finetuningDetails": STUDENT, "outputs": OUTPUTS}


def automl_body(**details: Any) -> dict[str, Any]:
    """A job of automated machine learning."""
    return {"taskDetails": {"taskType": "Regression", "trainingData": TABLE, "targetColumnName": "y", **details}}


@pytest.mark.parametrize(
    ("type_", "properties", "said"),
    [
        ("AutoML", automl_body(), None),
        ("AutoML", {}, "The TaskDetails field is required"),
        ("AutoML", automl_body(taskType="Magic"), "Field: taskDetails.taskType. Allowed values: Classification"),
        ("AutoML", automl_body(trainingData=None), "The TrainingData field is required"),
        (
            "AutoML",
            automl_body(trainingData=TEXT),
            "Field: taskDetails.trainingData.jobInputType. Allowed values: mltable",
        ),
        ("AutoML", automl_body(trainingData={**TABLE, "uri": "azureml:gone:1"}), "Data 'azureml:gone:1' not found"),
        ("AutoML", automl_body(targetColumnName=None), "The TargetColumnName field is required"),
        ("AutoML", automl_body(taskType="Forecasting"), "The ForecastingSettings field is required"),
        ("AutoML", automl_body(taskType="TextNER"), "The ValidationData field is required"),
        ("AutoML", automl_body(limitSettings={"maxTrials": "3"}), "'maxTrials' has to be a whole number"),
        ("FineTuning", {"fineTuningDetails": TUNED, "outputs": OUTPUTS}, None),
        ("FineTuning", {"outputs": OUTPUTS}, "The FineTuningDetails field is required"),
        ("FineTuning", {"fineTuningDetails": TUNED}, "The Outputs field is required"),
        (
            "FineTuning",
            {"fineTuningDetails": {**TUNED, "model": None}, "outputs": OUTPUTS},
            "The Model field is required",
        ),
        (
            "FineTuning",
            {"fineTuningDetails": {**TUNED, "taskType": "x"}, "outputs": OUTPUTS},
            "fineTuningDetails.taskType",
        ),
        (
            "FineTuning",
            {"fineTuningDetails": {**TUNED, "modelProvider": "x"}, "outputs": OUTPUTS},
            "Allowed values: AzureOpenAI",
        ),
        ("Distillation", DISTILLED, None),
        ("Distillation", {**DISTILLED, "finetuningDetails": {"a": 1}}, "The StudentModel field is required"),
        ("Distillation", {**DISTILLED, "dataGenerationDetails": None}, "The DataGenerationDetails field is required"),
        ("Spark", SPARK, None),
        ("Spark", {**SPARK, "codeId": None}, "The CodeId field is required"),
        ("Spark", {**SPARK, "entry": {"sparkJobEntryType": "Magic"}}, "Field: entry.sparkJobEntryType"),
        ("Spark", {**SPARK, "entry": {"sparkJobEntryType": "SparkJobScalaEntry"}}, "The ClassName field is required"),
        ("Spark", {**SPARK, "resources": {"instanceType": "x"}}, "The RuntimeVersion field is required"),
        ("Spark", {**SPARK, "resources": None}, "The Resources field is required"),
        ("Magic", {}, "Field: jobType. Allowed values: AutoML,Command,Distillation,FineTuning,Pipeline,Spark,Sweep"),
    ],
)
def test_what_is_wrong_with_a_job_of_another_type(
    plain: MemoryBackend, type_: str, properties: dict[str, Any], said: str | None
) -> None:
    """A job of each type is taken with its least, and refused without a part that it needs."""
    place = "https://x.blob.core.windows.net/c/code"
    plain.create(f"{WORKSPACE}/codes/c/versions/1", {"properties": {"codeUri": place}})
    content = {"properties": {"jobType": type_, **properties}}
    reply = plain.send(Request("PUT", f"{WORKSPACE}/jobs/j", {"api-version": "2024-10-01-preview"}, body=content))
    assert reply.status == (201 if said is None else 400), reply.body
    assert (plain.find(f"{WORKSPACE}/jobs/j") is None) == (said is not None)
    if said is not None:
        assert re.search(said, reply.body["error"]["message"]), reply.body["error"]["message"]


@pytest.mark.usefixtures("plain")
def test_jobs_are_listed_by_what_they_are(client: MLClient, plain: MemoryBackend) -> None:
    """A list can be narrowed to a type, a tag and properties; the parts of jobs are in no list."""
    first = client.jobs.create_or_update(sweep())
    client.jobs.update(first.name, tags={"team": "a"}, properties={"kind": "x"})
    second = client.jobs.create_or_update(automatic("regression"))

    def names(**params: str) -> list[str]:
        query = {"api-version": "2024-10-01-preview", **params}
        return [one["name"] for one in plain.send(Request("GET", f"{WORKSPACE}/jobs", query)).body["value"]]

    assert names() == [second.name, first.name]
    assert names(jobType="sweep") == [first.name]
    assert names(tag="team=a") == names(properties="kind=x") == names(properties="kind") == [first.name]
    assert names(tag="team=b") == names(properties="kind=y") == names(jobType="Spark") == []
    history = f"https://eastus.api.azureml.ms/history/v1.0{WORKSPACE}/experiments"
    assert [one["name"] for one in plain.send(Request("GET", history)).body["value"]] == ["iris"]
