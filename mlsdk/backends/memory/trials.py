"""The trials of sweeps and of automated machine learning: what each is, and which of them was the best."""

from __future__ import annotations

import itertools
import json
import math
import re
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory import families, job_files, search_spaces
from mlsdk.backends.memory.bodies import dig, twin
from mlsdk.backends.memory.families import Child, Family

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource, State

DRAWN = re.compile(r"\$\{\{\s*search_space\.(?P<name>\w+)\s*\}\}")
PRIMARY_METRICS = {
    "accuracy": "accuracy",
    "aucweighted": "AUC_weighted",
    "averageprecisionscoreweighted": "average_precision_score_weighted",
    "iou": "iou",
    "meanaverageprecision": "mean_average_precision",
    "normalizedmeanabsoluteerror": "normalized_mean_absolute_error",
    "normalizedrootmeansquarederror": "normalized_root_mean_squared_error",
    "normmacrorecall": "norm_macro_recall",
    "precisionscoreweighted": "precision_score_weighted",
    "r2score": "r2_score",
    "spearmancorrelation": "spearman_correlation",
}
"""The names of metrics in automated machine learning, by how bodies write them without case and underscores."""
BY_TASK = {
    "forecasting": "normalizedrootmeansquarederror",
    "regression": "normalizedrootmeansquarederror",
    "imageclassificationmultilabel": "iou",
    "imageinstancesegmentation": "meanaverageprecision",
    "imageobjectdetection": "meanaverageprecision",
}
"""The metric that a task is measured by unless it says so; accuracy for all others."""
ALGORITHMS = (
    "LightGBM",
    "XGBoostClassifier",
    "RandomForest",
    "ExtremeRandomTrees",
    "LogisticRegression",
    "VotingEnsemble",
)
AUTOML_TRIALS = 3
"""How many models automated machine learning tries that may try any number."""
SHARED = ("experimentName", "computeId", "queueSettings", "identity")
"""What a trial has from the sweep that it is one of."""


def of_sweep(job: Resource) -> Generator[Child, Mapping[str, Any] | None, None]:
    """The trials of a sweep, one after the other."""
    properties = job.stored["properties"]
    limits = properties.get("limits") or {}
    job.known["family"] = Family(stops=False, limit=limits.get("maxConcurrentTrials") or 0)
    sampling = properties["samplingAlgorithm"]
    drawn = search_spaces.samples(
        properties["searchSpace"],
        sampling["samplingAlgorithmType"],
        sampling.get("seed"),
        limits.get("maxTotalTrials") or 0,
    )
    for number, parameters in enumerate(drawn):
        yield trial(job, number, parameters)


def trial(job: Resource, number: int, parameters: Mapping[str, Any]) -> Child:
    """A trial of a sweep, with the hyperparameters that were drawn for it."""
    name = f"{job.name}_{number}"
    return Child(
        name=name,
        properties=_trial(job, name, parameters),
        history={"runType": "azureml.scriptrun", "orchestrator": "Execution"},
        metric=job.stored["properties"]["objective"]["primaryMetric"],
    )


def _trial(job: Resource, name: str, parameters: Mapping[str, Any]) -> Body:
    """The body of a trial: a command job with the hyperparameters that were drawn for it."""
    properties = twin(job.stored["properties"])
    trial: Body = {**properties["trial"], **{key: properties[key] for key in SHARED if properties.get(key) is not None}}
    written = {key: value if isinstance(value, str) else json.dumps(value) for key, value in parameters.items()}
    trial["command"] = DRAWN.sub(lambda found: written.get(found["name"], found[0]), trial["command"])
    outputs = {}
    for output_name, asked in _asked(job).items():
        output = {key: value for key, value in asked.items() if key not in ("assetName", "assetVersion")}
        if _is_step(job):
            # Where the step's is, is for the best trial alone: it may be an output of the pipeline too.
            output["uri"] = job_files.place(job.parent or job, name, output_name, output)
        else:
            output["uri"] = (asked.get("uri") or properties["outputs"][output_name]["uri"]).replace("${{name}}", name)
            if not asked.get("uri"):
                output["uri"] = output["uri"].replace(f"/azureml/{job.name}/", f"/azureml/{name}/")
        outputs[output_name] = output
    trial.update(
        jobType="Command",
        displayName=name,
        parentJobName=job.name,
        inputs=properties.get("inputs") or {},
        outputs=outputs,
        parameters=dict(parameters),
        isArchived=False,
        tags={"hyperparameters": json.dumps(parameters)},
        properties={"azureml.runsource": "hyperdrive"},
    )
    return trial


def _is_step(job: Resource) -> bool:
    """Whether a sweep is a step of a pipeline, whose outputs others have the places of before it begins."""
    return "asked" not in job.known


def _asked(job: Resource) -> Body:
    """The outputs of a sweep as they were asked for; those of a step of a pipeline have their places already."""
    asked: Body | None = job.known.get("asked")
    if asked is not None:
        return asked
    outputs = job.stored["properties"]["outputs"]
    return {
        name: {key: value for key, value in output.items() if key != "uri"}
        for name, output in outputs.items()
        if name != "default"
    }


def of_automl(job: Resource) -> Generator[Child, Mapping[str, Any] | None, None]:
    """The models that automated machine learning tries."""
    properties = job.stored["properties"]
    details = properties["taskDetails"]
    limits = details.get("limitSettings") or {}
    job.known["family"] = Family(stops=False, limit=limits.get("maxConcurrentTrials") or 0)
    for number in range(limits.get("maxTrials") or AUTOML_TRIALS):
        name = f"{job.name}_{number}"
        yield Child(
            name=name,
            properties={
                "jobType": "Command",
                "displayName": name,
                "experimentName": properties["experimentName"],
                "computeId": properties.get("computeId"),
                "parentJobName": job.name,
                "inputs": {},
                "outputs": {},
                "isArchived": False,
                "tags": {},
                "properties": {
                    "runTemplate": "automl_child",
                    "iteration": str(number),
                    "run_algorithm": ALGORITHMS[number % len(ALGORITHMS)],
                },
            },
            history={"runType": "azureml.scriptrun", "orchestrator": "AutoML", "hides": True},
            metric=objective(job)[0],
        )


def objective(job: Resource) -> tuple[str, bool]:
    """What the trials of a job are measured by, and whether more of it is better."""
    properties = job.stored["properties"]
    if str(properties["jobType"]).lower() == "sweep":
        return properties["objective"]["primaryMetric"], properties["objective"]["goal"].lower() == "maximize"
    task = properties["taskDetails"]["taskType"].lower()
    word = str(dig(properties, "taskDetails.primaryMetric") or BY_TASK.get(task, "accuracy"))
    name = PRIMARY_METRICS.get(word.replace("_", "").lower(), word)
    return name, not name.endswith("_error")


def conclude(state: State, job: Resource) -> None:
    """Write down which trial was the best: the outputs of a sweep are those of that trial."""
    metric, more = objective(job)
    scores = {
        child.name: score
        for child in families.children(job)
        if child.known["status"] == "Completed" and (score := _last(child, metric)) is not None
    }
    if not scores:
        return
    best = max(scores, key=lambda name: scores[name] if more else -scores[name])
    body = job.body
    properties = body["properties"]
    if str(properties["jobType"]).lower() == "sweep":
        found = {"best_child_run_id": best, "score": str(scores[best]), "best_metric_status": "Succeeded"}
        child = families.find(job, best)
        if child is not None and job.known.get("live") and _is_step(job):
            job_files.hand_outputs_over(state, child, job)
        elif child is not None:
            for name, output in child.stored["properties"]["outputs"].items():
                properties["outputs"][name]["uri"] = output["uri"]
    else:
        found = {"automl_best_child_run_id": best, "score": str(scores[best])}
        properties["tags"] = {**(properties.get("tags") or {}), "automl_best_child_run_id": best}
    properties["properties"] = {**(properties.get("properties") or {}), **found}
    state.rewrite(job, body)


def _last(child: Resource, metric: str) -> float | None:
    """The value a trial ended with; None where it did not say, or said what is no number."""
    series = (child.known.get("metrics") or {}).get(metric)
    return series[-1] if series and not math.isnan(series[-1]) else None


def failure(job: Resource) -> str | None:
    """Why a job of trials has failed: none of them has completed; None otherwise."""
    mine = families.family(job)
    if mine is None or not mine.names or len(mine.failed) < len(mine.names):
        return None
    return f"None of the {len(mine.names)} trials of '{job.name}' has completed."


def log(job: Resource, at: str) -> str:
    """What is written of the trials while they run."""
    mine = families.family(job)
    names = mine.names if mine is not None else []
    sweep = str(job.stored["properties"]["jobType"]).lower() == "sweep"
    lines = (
        [f"[{at}][GENERATOR][INFO]Trying to sample '{len(names)}' jobs from the hyperparameter space"] if sweep else []
    )
    word = "Scheduling job, id=" if sweep else "Trying model, id="
    lines += itertools.chain.from_iterable([f"[{at}][SCHEDULER][INFO]{word}'{name}'"] for name in names)
    return "".join(f"{line}\n" for line in lines)
