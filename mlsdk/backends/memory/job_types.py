"""What the service checks of a job of each type when it is submitted, as functions by type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsdk.backends.memory import job_bindings, job_references, live_checks, pipeline_bodies, search_spaces
from mlsdk.backends.memory.bodies import dig, dig_integer, dig_object, dig_text, dig_texts
from mlsdk.backends.memory.errors import not_emulated, refusal, user_error
from mlsdk.backends.memory.job_bindings import missing, required, required_object, required_word, word
from mlsdk.backends.memory.references import FROM_REGISTRY
from mlsdk.backends.memory.trials import DRAWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body

TASKS = (
    "Classification",
    "Forecasting",
    "ImageClassification",
    "ImageClassificationMultilabel",
    "ImageInstanceSegmentation",
    "ImageObjectDetection",
    "Regression",
    "TextClassification",
    "TextClassificationMultilabel",
    "TextNER",
)
FINE_TUNING_TASKS = (
    "ChatCompletion",
    "TextCompletion",
    "TextClassification",
    "QuestionAnswering",
    "TextSummarization",
    "TokenClassification",
    "TextTranslation",
    "ImageClassification",
    "ImageInstanceSegmentation",
    "ImageObjectDetection",
    "VideoMultiObjectTracking",
)
OFFICIAL = "azure-ai-ml"
"""The client that asks the service how to start a local job, and then does so itself."""
DURATION = re.compile(r"P(?=\d|T\d)(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?")


def check(call: Call, properties: Body) -> None:
    """A job is one that the service would take: ServiceError (400). The type gets the case in which the service has it."""
    type_ = dig_text(properties, "jobType")
    if type_ is None:
        raise user_error(
            400, "Request is invalid and/or missing fields. The JobType field is required ('properties.jobType')."
        )
    known = TYPES.get(type_.lower())
    if known is None:
        field = "jobType"
        raise job_bindings.wrong_word(field, tuple(name for name, _ in TYPES.values()))
    properties["jobType"], function = known
    job_bindings.check(properties)
    if "default" in dig_object(properties, "outputs"):
        raise not_emulated(400, "an output of a job that is called 'default'")
    _check_limits(properties)
    if dig(properties, "resources.properties.IsLocal") and OFFICIAL in (call.header("user-agent") or ""):
        raise not_emulated(400, f"jobs on the computer of the caller (compute 'local') which {OFFICIAL} starts itself")
    function(call, properties)
    job_references.check(call, properties)
    if call.backend.runs(properties):
        live_checks.check(call, properties)


def _check_limits(properties: Body) -> None:
    limits = dig_object(properties, "limits")
    for name in ("timeout", "trialTimeout"):
        text = dig_text(limits, name)
        if text is not None and DURATION.fullmatch(text) is None:
            raise refusal(400, f"The request content was invalid: 'properties.limits.{name}' is no duration: '{text}'.")
    for name in ("maxTotalTrials", "maxConcurrentTrials"):
        count = dig_integer(limits, name)
        if count is not None and count < 0:
            raise user_error(400, f"'properties.limits.{name}' has to be 0 or more, not {count}.")


def _command(_call: Call, properties: Body) -> None:
    for name in ("command", "environmentId"):
        required(properties, name)
    dig_texts(properties, "environmentVariables")


def _sweep(call: Call, properties: Body) -> None:
    required_object(properties, "objective")
    required_word(properties, "objective.goal", ("Minimize", "Maximize"))
    required(properties, "objective.primaryMetric")
    required_object(properties, "samplingAlgorithm")
    words = ("Bayesian", "Grid", "Random")
    sampling = required_word(properties, "samplingAlgorithm.samplingAlgorithmType", words)
    dig_integer(properties, "samplingAlgorithm.seed")
    word(properties, "earlyTermination.policyType", ("Bandit", "MedianStopping", "TruncationSelection"))
    space = search_spaces.check(dig_object(properties, "searchSpace"), sampling, "searchSpace")
    trial = required_object(properties, "trial")
    command = required(trial, "command", "properties.trial")
    required(trial, "environmentId", "properties.trial")
    dig_texts(trial, "environmentVariables")
    for found in DRAWN.finditer(command):
        if found["name"] not in space:
            message = (
                f"The command of the trial names '{found[0]}', which is not in the search space: {', '.join(space)}."
            )
            raise user_error(400, message)
    limits = dig_object(properties, "limits")
    if (limits.get("maxConcurrentTrials") or 0) > (limits.get("maxTotalTrials") or 1000):
        raise user_error(400, "'limits.maxConcurrentTrials' cannot be more than 'limits.maxTotalTrials'.")
    job_references.check(call, trial, "properties.trial")


def _spark(_call: Call, properties: Body) -> None:
    required(properties, "codeId")
    required_object(properties, "entry")
    entries = {"SparkJobPythonEntry": "file", "SparkJobScalaEntry": "className"}
    type_ = required_word(properties, "entry.sparkJobEntryType", tuple(entries))
    required(properties, f"entry.{entries[type_]}")
    dig_texts(properties, "conf")
    dig_text(properties, "args")
    if not dig_text(properties, "computeId"):
        required_object(properties, "resources")
        required(properties, "resources.instanceType")
        required(properties, "resources.runtimeVersion")


def _automl(call: Call, properties: Body) -> None:
    details = required_object(properties, "taskDetails")
    where = "taskDetails"
    task = required_word(details, "taskType", TASKS, f"properties.{where}")
    details["taskType"] = task
    if task != "TextNER":
        required(details, "targetColumnName", f"properties.{where}")
    for name in ("trainingData", "validationData", "testData"):
        if details.get(name) is None:
            if name == "trainingData" or (name == "validationData" and task.startswith("Text")):
                field = f"{where}.{name}"
                raise missing(field)
            continue
        job_bindings.check_input(details, name, f"{where}.{name}", ("mltable",))
        job_references.check_input(call, name, details[name]["uri"], "mltable", f"properties.{where}.{name}.uri")
    if task == "Forecasting":
        required_object(details, "forecastingSettings", f"properties.{where}")
        required(details, "forecastingSettings.timeColumnName", f"properties.{where}")
    word(details, "logVerbosity", ("NotSet", "Debug", "Info", "Warning", "Error", "Critical"), where)
    limits = dig_object(details, "limitSettings")
    for name in ("maxTrials", "maxConcurrentTrials", "maxNodes", "maxCoresPerTrial"):
        dig_integer(limits, name)


def _fine_tuning(call: Call, properties: Body) -> None:
    _fine_tuned(call, properties, "fineTuningDetails")


def _fine_tuned(call: Call, properties: Body, where: str) -> None:
    details = required_object(properties, where)
    required_word(details, "modelProvider", ("AzureOpenAI", "Custom"), where)
    required_word(details, "taskType", FINE_TUNING_TASKS, where)
    for name in ("model", "trainingData", "validationData"):
        if details.get(name) is None:
            if name != "validationData":
                field = f"{where}.{name}"
                raise missing(field)
            continue
        job_bindings.check_input(details, name, f"{where}.{name}", job_bindings.OUTPUTS)
        binding = details[name]
        if name == "model" and _published(call, binding["uri"]):
            continue
        type_ = str(binding["jobInputType"]).lower()
        job_references.check_input(call, name, binding["uri"], type_, f"properties.{where}.{name}.uri")
    required_object(properties, "outputs")


def _published(call: Call, uri: str) -> bool:
    """Whether a model is one that Microsoft publishes: fine-tuning begins with those, and none is kept here."""
    found = FROM_REGISTRY.fullmatch(uri)
    registry = call.backend.registry(found["registry"]) if found is not None else None
    return registry is not None and bool(registry.known.get("public"))


def _distillation(call: Call, properties: Body) -> None:
    details = required_object(properties, "dataGenerationDetails")
    where = "properties.dataGenerationDetails"
    words = ("LabelGeneration",)
    required_word(details, "dataGenerationType", words, where)
    required_object(details, "teacherModelEndpoint", where)
    for name in ("trainingData", "validationData"):
        if details.get(name) is not None:
            job_bindings.check_input(details, name, f"dataGenerationDetails.{name}", job_bindings.OUTPUTS)
            binding = details[name]
            type_ = str(binding["jobInputType"]).lower()
            job_references.check_input(call, name, binding["uri"], type_, f"{where}.{name}.uri")
    student = required_object(properties, "finetuningDetails")
    if student.get("studentModel") is None:
        field = "finetuningDetails.studentModel"
        raise missing(field)
    job_bindings.check_input(student, "studentModel", "finetuningDetails.studentModel", job_bindings.OUTPUTS)
    required_object(properties, "outputs")


TYPES: dict[str, tuple[str, Callable[[Call, Body], None]]] = {
    "automl": ("AutoML", _automl),
    "command": ("Command", _command),
    "distillation": ("Distillation", _distillation),
    "finetuning": ("FineTuning", _fine_tuning),
    "pipeline": ("Pipeline", pipeline_bodies.check),
    "spark": ("Spark", _spark),
    "sweep": ("Sweep", _sweep),
}
"""By the type in lower case, how the service writes it and what it checks."""
