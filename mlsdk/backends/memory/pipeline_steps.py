"""A step of a pipeline as the body of a job: its inputs and outputs resolved, what its component says filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from mlsdk.backends.memory import job_files
from mlsdk.backends.memory.bodies import twin
from mlsdk.backends.memory.outcomes import STEERING
from mlsdk.backends.memory.pipeline_graphs import EXPRESSION, OF_PIPELINE, OF_STEP, type_of
from mlsdk.backends.memory.surroundings import guid

if TYPE_CHECKING:
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.pipeline_plans import Ran
    from mlsdk.backends.memory.state import Resource

TYPES = {
    "automl": ("AutoML", "automl"),
    "pipeline": ("Pipeline", "azureml.PipelineRun"),
    "spark": ("Spark", "azureml.StepRun"),
    "sweep": ("Sweep", "hyperdrive"),
    "parallel": ("Parallel", "azureml.StepRun"),
    "data_transfer": ("DataTransfer", "azureml.StepRun"),
    "import": ("Import", "azureml.StepRun"),
}
"""What the body of a job and run history call a step, by its type; a step of any other runs a command."""
COMMAND = ("Command", "azureml.StepRun")
NAMES = {
    "asset_name": "assetName",
    "asset_version": "assetVersion",
    "name": "assetName",
    "version": "assetVersion",
    "job_input_type": "jobInputType",
    "job_output_type": "jobOutputType",
    "path_on_compute": "pathOnCompute",
}
"""How the body of a job calls what a step writes in another case."""


def as_of_job(binding: Mapping[str, Any]) -> Body:
    """The input or output of a step, written as that of a job; null counts as absent."""
    return {NAMES.get(str(name), str(name)): value for name, value in binding.items() if value is not None}


@attrs.frozen
class Turn:
    """One run of a step that may run several times: which one, and the inputs it has beside its own."""

    number: int
    inputs: Mapping[str, Any] = attrs.field(factory=dict)


def history(node: Mapping[str, Any]) -> dict[str, Any]:
    """What run history says of a step."""
    return {"runType": TYPES.get(type_of(node), COMMAND)[1], "orchestrator": "PipelineRun", "hides": True}


def component_of(node: Mapping[str, Any]) -> str | None:
    """What a step refers to as its component."""
    trial = node.get("trial")
    found = node.get("componentId") or (trial.get("componentId") if isinstance(trial, dict) else trial)
    return str(found) if found else None


def step(
    job: Resource, name: str, node: Mapping[str, Any], specs: Mapping[str, Any], ran: Mapping[str, Ran], turn: Turn
) -> Body:
    """The properties of the job that a step is."""
    properties, spec = job.stored["properties"], specs.get((component_of(node) or "").lower(), {})
    made = guid("run", job.id, name, str(turn.number))
    settings = properties.get("settings") or {}
    compute = node.get("computeId") or settings.get("default_compute") or properties.get("computeId")
    own: Body = {
        "jobType": TYPES.get(type_of(node), COMMAND)[0],
        "displayName": node.get("display_name") or name,
        "experimentName": properties["experimentName"],
        "parentJobName": job.name,
        "componentId": component_of(node),
        "computeId": compute,
        "inputs": _inputs(job, node, spec, ran, turn),
        "outputs": _outputs(job, made, node, spec),
        "isArchived": False,
        "tags": dict(node.get("tags") or {}),
        "properties": {
            **(node.get("properties") or {}),
            "azureml.runsource": TYPES.get(type_of(node), COMMAND)[1],
            "azureml.nodeid": guid("node", job.id, name)[:8],
            "azureml.pipelinerunid": job.name,
            "azureml.moduleName": str(spec.get("name") or name),
        },
    }
    if type_of(node) == "pipeline":
        own["settings"] = {**settings, "default_compute": compute}
    own.update(_particular(node, spec))
    return own


def _particular(node: Mapping[str, Any], spec: Mapping[str, Any]) -> Body:
    """What a step of its type has beside inputs and outputs, as the body of such a job has it."""
    type_ = type_of(node)
    if type_ == "sweep":
        return _sweep(node, spec)
    if type_ == "automl":
        limits = node.get("limits") or {}
        details: Body = {
            "taskType": str(node.get("task")).replace("_", ""),
            "primaryMetric": node.get("primary_metric"),
        }
        counts = {"maxTrials": limits.get("max_trials"), "maxConcurrentTrials": limits.get("max_concurrent_trials")}
        return {"taskDetails": {**details, "limitSettings": counts}}
    if type_ == "command":
        environment = node.get("environment") or spec.get("environment")
        return {
            "command": spec.get("command"),
            "environmentId": environment,
            "codeId": spec.get("code"),
            "environmentVariables": node.get("environment_variables") or {},
        }
    if type_ == "parallel":
        return {"task": twin(node.get("task") or spec.get("task") or {})}
    if type_ == "spark":
        return {"entry": twin(node.get("entry") or {}), "args": node.get("args") or spec.get("args")}
    return {"task": node["task"]} if isinstance(node.get("task"), str) else {}


def _sweep(node: Mapping[str, Any], spec: Mapping[str, Any]) -> Body:
    sampling, limits = node.get("sampling_algorithm"), node.get("limits") or {}
    searched = node["search_space"]
    command = str(spec.get("command") or "")
    for name in searched:
        command = command.replace(f"${{{{inputs.{name}}}}}", f"${{{{search_space.{name}}}}}")
    kind = sampling.get("type") if isinstance(sampling, dict) else sampling
    seed = sampling.get("seed") if isinstance(sampling, dict) else None
    return {
        "searchSpace": twin(searched),
        "samplingAlgorithm": {"samplingAlgorithmType": str(kind or "random"), "seed": seed},
        "objective": {"goal": node["objective"]["goal"], "primaryMetric": node["objective"]["primary_metric"]},
        "limits": {
            "maxTotalTrials": limits.get("max_total_trials"),
            "maxConcurrentTrials": limits.get("max_concurrent_trials"),
        },
        "trial": {"command": command, "environmentId": spec.get("environment"), "codeId": spec.get("code")},
    }


def _inputs(
    job: Resource, node: Mapping[str, Any], spec: Mapping[str, Any], ran: Mapping[str, Ran], turn: Turn
) -> Body:
    """What a step is given: its own inputs resolved, those of its turn, and what its component has by default."""
    found: Body = {}
    for name, declared in (spec.get("inputs") or {}).items():
        default = declared.get("default") if isinstance(declared, dict) else None
        if default is not None:
            found[name] = {"jobInputType": "literal", "value": _text(default)}
    given = {**_plain(node.get("inputs")), **_plain(turn.inputs)}
    for name, binding in given.items():
        resolved = _resolved(job, ran, binding)
        if resolved is not None:
            found[name] = resolved
    return found


def _plain(inputs: Any) -> Body:
    """Inputs each as an object; a bare value is a literal."""
    if not isinstance(inputs, dict):
        return {}
    return {
        name: value if isinstance(value, dict) else {"job_input_type": "literal", "value": _text(value)}
        for name, value in inputs.items()
        if value is not None
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _resolved(job: Resource, ran: Mapping[str, Ran], binding: Mapping[str, Any]) -> Body | None:
    """An input without expressions; None for one that nobody gave."""
    own = as_of_job(binding)
    key = "value" if own.get("value") is not None else "uri"
    text = own.get(key)
    if not isinstance(text, str):
        return own
    whole = EXPRESSION.fullmatch(text.strip())
    if whole is None:
        own[key] = EXPRESSION.sub(lambda found: _written(_stands_for(job, ran, found["path"]), found[0]), text)
        return own
    meant = _stands_for(job, ran, whole["path"])
    if meant is None:
        return None
    return {**meant, **({"mode": own["mode"]} if own.get("mode") else {})}


def _written(meant: Mapping[str, Any] | None, otherwise: str) -> str:
    if meant is None:
        return otherwise
    return str(meant.get("value") if meant.get("value") is not None else meant.get("uri"))


def _stands_for(job: Resource, ran: Mapping[str, Ran], path: str) -> Body | None:
    """What an expression means: an input of the pipeline, or what another step has left."""
    of_step, of_pipeline = OF_STEP.fullmatch(path), OF_PIPELINE.fullmatch(path)
    if of_step is not None and of_step["name"] is not None and of_step["step"] in ran:
        return passed_on(ran[of_step["step"]], of_step["name"])
    if of_pipeline is None or of_pipeline["side"] != "inputs":
        return None
    given = (job.stored["properties"].get("inputs") or {}).get(of_pipeline["name"])
    return dict(given) if given is not None else None


def passed_on(one: Ran, name: str) -> Body | None:
    """The output of a step as the input of another one."""
    output = one.outputs.get(name)
    if output is None:
        return None
    type_ = str(output["jobOutputType"]).lower()
    if type_ in STEERING:
        return {"jobInputType": "literal", "value": str(one.values.get(name, ""))}
    return {"jobInputType": output["jobOutputType"], "uri": output["uri"]}


def _outputs(job: Resource, made: str, node: Mapping[str, Any], spec: Mapping[str, Any]) -> Body:
    """What a step leaves: the outputs of its component, each where the step or the pipeline wants it."""
    declared: Mapping[str, Any] = spec.get("outputs") or {}
    given: Mapping[str, Any] = node.get("outputs") or {}
    found: Body = {}
    for name in dict.fromkeys([*declared, *given]):
        output = as_of_job(given.get(name) or {})
        type_ = (declared.get(name) or {}).get("type")
        output.pop("type", None)
        output["jobOutputType"] = str(output.get("jobOutputType") or type_ or "uri_folder")
        of_parent = _bound(job, output.pop("value", None))
        if of_parent is not None:
            output.update(uri=of_parent["uri"], jobOutputType=type_ or of_parent["jobOutputType"])
        elif output["jobOutputType"].lower() not in STEERING:
            output["uri"] = job_files.place(job.parent or job, made, name, output)
        found[name] = output
    return found


def _bound(job: Resource, expression: Any) -> Mapping[str, Any] | None:
    """The output of the pipeline that an output of a step is."""
    found = EXPRESSION.fullmatch(expression.strip()) if isinstance(expression, str) else None
    of_pipeline = OF_PIPELINE.fullmatch(found["path"]) if found is not None else None
    if of_pipeline is None:
        return None
    meant: Mapping[str, Any] | None = job.stored["properties"]["outputs"].get(of_pipeline["name"])
    return meant if meant is not None and meant.get("uri") else None
