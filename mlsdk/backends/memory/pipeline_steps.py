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


def name_of(job: Resource, name: str, turn: Turn) -> str:
    """The name of the job that a step of a pipeline is in one of its turns."""
    return guid("run", job.id, name, str(turn.number))


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
    made = name_of(job, name, turn)
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
    given = ("inputs", "outputs")
    return {key: value if key in given else _put_in(job, ran, value) for key, value in own.items()}


def _put_in(job: Resource, ran: Mapping[str, Ran], value: Any) -> Any:
    """A setting of a step in which expressions stand, with what they mean; one that means nothing stays as it is."""
    if isinstance(value, str) and "${{" in value:
        return EXPRESSION.sub(lambda found: _written(_stands_for(job, ran, found["path"]), found[0]), value)
    if isinstance(value, dict):
        return {key: _put_in(job, ran, each) for key, each in value.items()}
    return [_put_in(job, ran, each) for each in value] if isinstance(value, list) else value


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
        return {"command": spec.get("command"), "codeId": spec.get("code"), **_of_processes(node, spec)}
    if type_ == "parallel":
        return {**_parallel(node, spec), **_of_processes(node, spec)}
    if type_ == "spark":
        return _spark(node, spec)
    return {"task": node["task"]} if isinstance(node.get("task"), str) else {}


def _of_processes(node: Mapping[str, Any], spec: Mapping[str, Any]) -> Body:
    """In what and how often the processes of a step run; what the step says wins over its component."""
    found: Body = {"environmentId": node.get("environment") or spec.get("environment")}
    found["environmentVariables"] = {
        **(spec.get("environment_variables") or {}),
        **(node.get("environment_variables") or {}),
    }
    distribution = node.get("distribution") or spec.get("distribution")
    if distribution:
        kind = distribution.get("distribution_type") or distribution.get("type")
        found["distribution"] = {
            "distributionType": kind,
            "processCountPerInstance": distribution.get("process_count_per_instance"),
            "workerCount": distribution.get("worker_count"),
            "parameterServerCount": distribution.get("parameter_server_count"),
        }
    resources = {**(spec.get("resources") or {}), **(node.get("resources") or {})}
    if resources.get("instance_count"):
        found["resources"] = {"instanceCount": resources["instance_count"]}
    timeout = (node.get("limits") or {}).get("timeout")
    if timeout:
        found["limits"] = {"jobLimitsType": "Command", "timeout": timeout}
    return found


def _parallel(node: Mapping[str, Any], spec: Mapping[str, Any]) -> Body:
    """How the mini-batches of a parallel step are made and run; what the step says wins over its component."""
    found: Body = {"task": {**twin(spec.get("task") or {}), **twin(node.get("task") or {})}}
    for name in (
        "input_data",
        "mini_batch_size",
        "mini_batch_error_threshold",
        "error_threshold",
        "max_concurrency_per_instance",
        "retry_settings",
        "logging_level",
        "partition_keys",
    ):
        value = node.get(name) if node.get(name) is not None else spec.get(name)
        if value is not None:
            found[name] = value
    task = found["task"]
    found["codeId"] = task.get("code") or spec.get("code")
    if found["codeId"] and not str(found["codeId"]).startswith(("azureml:", "/")):
        found["codeId"] = spec.get("code")
    return found


def _spark(node: Mapping[str, Any], spec: Mapping[str, Any]) -> Body:
    """What a Spark step runs and with what; what the step says wins over its component."""
    found: Body = {
        "entry": node.get("entry") or spec.get("entry") or {},
        "args": node.get("args") or spec.get("args"),
        "conf": {**(spec.get("conf") or {}), **(node.get("conf") or {})},
        "codeId": spec.get("code"),
        "environmentId": node.get("environment") or spec.get("environment"),
    }
    for name, there in (("py_files", "pyFiles"), ("jars", "jars"), ("files", "files"), ("archives", "archives")):
        value = node.get(name) or spec.get(name)
        if value:
            found[there] = value
    return found


def _sweep(node: Mapping[str, Any], spec: Mapping[str, Any]) -> Body:
    sampling, limits = node.get("sampling_algorithm"), node.get("limits") or {}
    searched = node["search_space"]
    command = str(spec.get("command") or "")
    for name in searched:
        command = command.replace(f"${{{{inputs.{name}}}}}", f"${{{{search_space.{name}}}}}")
    said = sampling if isinstance(sampling, dict) else {"type": sampling}
    found: Body = {
        "searchSpace": twin(searched),
        "samplingAlgorithm": {**twin(said), "samplingAlgorithmType": str(said.get("type") or "random")},
        "objective": {"goal": node["objective"]["goal"], "primaryMetric": node["objective"]["primary_metric"]},
        "limits": {
            "maxTotalTrials": limits.get("max_total_trials"),
            "maxConcurrentTrials": limits.get("max_concurrent_trials"),
            "timeout": _duration(limits.get("timeout")),
            "trialTimeout": _duration(limits.get("trial_timeout")),
        },
        "trial": {"command": command, "codeId": spec.get("code"), **_of_processes({**node, "limits": None}, spec)},
    }
    if node.get("early_termination"):
        found["earlyTermination"] = node["early_termination"]
    return found


def _duration(said: Any) -> str | None:
    """A time that a step says in seconds, as the body of a job has it."""
    return said if said is None or isinstance(said, str) else f"PT{said}S"


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
