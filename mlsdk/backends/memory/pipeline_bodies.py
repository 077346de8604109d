"""What the service checks of a pipeline: its steps one by one, what their expressions name, and that none waits for itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory import job_bindings, job_files, job_references, pipeline_control, search_spaces
from mlsdk.backends.memory.bodies import dig_object, dig_text
from mlsdk.backends.memory.errors import not_emulated, refusal, user_error
from mlsdk.backends.memory.job_bindings import INPUTS, missing, required
from mlsdk.backends.memory.pipeline_graphs import CONTROL, OF_PIPELINE, OF_STEP, expressions, order, type_of
from mlsdk.backends.memory.pipeline_steps import as_of_job, component_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.errors import ServiceError
    from mlsdk.backends.memory.kinds import Body

STEPS = ("command", "pipeline", "sweep", "parallel", "spark", "automl", "data_transfer", "import")
NODE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
BUILT_IN = re.compile(
    r"azureml://registries/azureml/components/(?:import_data_database|import_data_file_system|export_data_database)/.+",
    re.IGNORECASE,
)
"""Components that are part of the service, and not kept here."""
ELSEWHERE = ("automl", "spark", "data_transfer", "import")
"""Steps that need no compute, or have it in another place."""


def check(call: Call, properties: Body) -> None:
    """A pipeline is one that the service would take: ServiceError (400)."""
    jobs = dig_object(properties, "jobs")
    component, source = dig_text(properties, "componentId"), dig_text(properties, "sourceJobId")
    if source:
        raise not_emulated(400, f"a pipeline made from another job ('properties.sourceJobId': '{source}')")
    if not jobs and not component:
        field = "jobs"
        raise missing(field)
    settings = dig_object(properties, "settings")
    compute, datastore = dig_text(settings, "default_compute"), dig_text(settings, "default_datastore")
    if compute:
        job_references.check_named(call, "computeId", compute, "properties.settings.default_compute")
    if datastore:
        job_references.check_datastore(call, datastore, "properties.settings.default_datastore")
    for name in ("continue_on_step_failure", "force_rerun"):
        if not isinstance(settings.get(name), (bool, type(None))):
            raise refusal(
                400, f"The request content was invalid: 'properties.settings.{name}' has to be true or false."
            )
    known: dict[str, Mapping[str, Any]] = {}
    default = compute or dig_text(properties, "computeId")
    _check_jobs(call, jobs, known, "jobs", default)
    declared = {side: set(dig_object(properties, side)) for side in ("inputs", "outputs")}
    check_expressions(jobs, declared, known, "jobs")
    if component:
        job_references.check_named(call, "componentId", component, "properties.componentId")
        spec = _spec(call, component, known, "properties.componentId")
        _check_given(dig_object(properties, "inputs"), spec, component, "inputs")


def specs(call: Call, properties: Body) -> dict[str, Mapping[str, Any]]:
    """The definitions of all components of a pipeline, at every depth, by their references in lower case."""
    known: dict[str, Mapping[str, Any]] = {}
    component = dig_text(properties, "componentId")
    if component:
        _spec(call, component, known, "properties.componentId")
    _gather(call, dig_object(properties, "jobs"), known, "jobs")
    return known


def _gather(call: Call, jobs: Mapping[str, Any], known: dict[str, Mapping[str, Any]], where: str) -> None:
    for name, node in jobs.items():
        reference = component_of(node)
        if reference is not None:
            _spec(call, reference, known, f"properties.{where}.{name}.componentId")


def _spec(call: Call, reference: str, known: dict[str, Mapping[str, Any]], where: str) -> Mapping[str, Any]:
    """The definition of a component, those of its own steps gathered beside it: ServiceError (400) where it is not there."""
    found = known.get(reference.lower())
    if found is not None:
        return found
    if BUILT_IN.fullmatch(reference) is not None:
        known[reference.lower()] = {}
        return {}
    version = job_references.check_named(call, "componentId", reference, where)
    spec: Mapping[str, Any] = version.stored["properties"]["componentSpec"] if version is not None else {}
    known[reference.lower()] = spec
    inner = spec.get("jobs")
    if isinstance(inner, dict):
        _gather(call, inner, known, where.removeprefix("properties."))
        _check_places(call, inner, where.removeprefix("properties."))
    return spec


def _check_jobs(
    call: Call, jobs: Body, known: dict[str, Mapping[str, Any]], where: str, default_compute: str | None
) -> None:
    for name, node in jobs.items():
        here = f"{where}.{name}"
        if NODE_NAME.fullmatch(name) is None:
            raise user_error(
                400, f"The node name '{name}' is not valid: letters, digits and _, not starting with a digit."
            )
        if not isinstance(node, dict):
            raise refusal(400, f"The request content was invalid: 'properties.{here}' has to be an object.")
        type_ = (dig_text(node, "type") or "").lower()
        if type_ in CONTROL:
            pipeline_control.check(jobs, name, node, here)
        elif type_ in STEPS:
            _check_step(call, node, known, here, default_compute)
        else:
            field = f"{here}.type"
            raise job_bindings.wrong_word(field, (*STEPS, *CONTROL))
    _check_places(call, jobs, where)


def _check_step(
    call: Call, node: Body, known: dict[str, Mapping[str, Any]], where: str, default_compute: str | None
) -> None:
    type_ = type_of(node)
    inputs, outputs = dig_object(node, "inputs"), dig_object(node, "outputs")
    for name, binding in inputs.items():
        _check_binding(binding, f"{where}.inputs.{name}", "job_input_type", INPUTS)
    for name, binding in outputs.items():
        if not (isinstance(binding, dict) and str(binding.get("type")).lower() == "literal"):
            _check_binding(binding, f"{where}.outputs.{name}", "job_output_type", INPUTS[:-1])
    as_of_jobs = {name: as_of_job(each) for name, each in inputs.items()}
    job_references.check_inputs(call, as_of_jobs, f"properties.{where}.inputs")
    compute = dig_text(node, "computeId")
    if compute:
        job_references.check_named(call, "computeId", compute, f"properties.{where}.computeId")
    elif not default_compute and type_ not in (*ELSEWHERE, "pipeline"):
        message = (
            f"Compute not set: the node '{where}' has no compute, and the pipeline has neither 'settings.default_compute' "
            "nor a compute of its own."
        )
        raise user_error(400, message)
    if type_ == "automl":
        _check_automl(node, where)
        return
    reference = component_of(node)
    if reference is None:
        raise missing("trial.componentId" if type_ == "sweep" else "componentId", f"properties.{where}")
    spec = _spec(call, reference, known, f"properties.{where}.componentId")
    searched: Body = {}
    if type_ == "sweep":
        searched = _check_sweep(node, where)
    if spec:
        _check_given({**inputs, **searched}, spec, reference, f"{where}.inputs")


def _check_binding(binding: Any, where: str, key: str, types: tuple[str, ...]) -> None:
    if not isinstance(binding, dict):
        raise refusal(400, f"The request content was invalid: 'properties.{where}' has to be an object.")
    type_ = (dig_text(binding, key) or "").lower()
    if type_ not in types:
        field = f"{where}.{key}"
        raise job_bindings.wrong_word(field, types)
    if key == "job_input_type":
        wanted = "value" if type_ == "literal" else "uri"
        if binding.get(wanted) is None:
            raise missing(wanted, f"properties.{where}")
    dig_text(binding, "uri")


def _check_automl(node: Body, where: str) -> None:
    from mlsdk.backends.memory.job_types import TASKS

    task = required(node, "task", f"properties.{where}")
    words = tuple(name.lower() for name in TASKS)
    if task.replace("_", "").lower() not in words:
        field = f"{where}.task"
        raise job_bindings.wrong_word(field, TASKS)
    if node.get("training_data") is None:
        field = "training_data"
        raise missing(field, f"properties.{where}")


def _check_sweep(node: Body, where: str) -> Body:
    """The parts that a sweep needs; gives its search space."""
    job_bindings.required_object(node, "objective", f"properties.{where}")
    required(node, "objective.primary_metric", f"properties.{where}")
    if job_bindings.word(node, "objective.goal", ("minimize", "maximize"), where) is None:
        field = "objective.goal"
        raise missing(field, f"properties.{where}")
    algorithm = node.get("sampling_algorithm") or "random"
    kind = str(algorithm.get("type") if isinstance(algorithm, dict) else algorithm)
    if kind.lower() not in search_spaces.SAMPLINGS:
        field = f"{where}.sampling_algorithm"
        raise job_bindings.wrong_word(field, tuple(search_spaces.SAMPLINGS))
    space = dig_object(node, "search_space")
    search_spaces.check(space, kind, f"{where}.search_space")
    return space


def _check_given(given: Mapping[str, Any], spec: Mapping[str, Any], reference: str, where: str) -> None:
    """A component gets every input that it cannot do without, and none that it does not know: ServiceError (400)."""
    declared = {name: each if isinstance(each, dict) else {} for name, each in (spec.get("inputs") or {}).items()}
    for name, each in declared.items():
        optional = each.get("optional") in (True, "true", "True") or each.get("default") is not None
        inner = any(other.startswith(f"{name}.") for other in given)
        if name not in given and not optional and not inner:
            message = f"The required input '{name}' of component '{reference}' is not provided ('{where}')."
            raise user_error(400, message)
    for name in given:
        if name not in declared and name.partition(".")[0] not in declared:
            message = f"The component '{reference}' has no input '{name}' ('{where}'): {_all(declared)}."
            raise user_error(400, message)


def _all(names: Iterable[str]) -> str:
    found = ", ".join(names)
    return f"there are {found}" if found else "there are none"


def _check_places(call: Call, jobs: Mapping[str, Any], where: str) -> None:
    """The outputs of steps go to datastores of the workspace: ServiceError (400)."""
    for name, node in jobs.items():
        for output_name, output in (node.get("outputs") or {}).items():
            if isinstance(output, dict) and output.get("uri"):
                own = as_of_job(output)
                own.setdefault("jobOutputType", "uri_folder")
                job_files.place(call.parent, name, f"{where}.{name}.outputs.{output_name}", own)


def check_expressions(
    jobs: Mapping[str, Any], declared: Mapping[str, set[str]], known: Mapping[str, Mapping[str, Any]], where: str
) -> None:
    """Every expression names what is there, and no step waits for itself: ServiceError (400)."""
    for name, node in jobs.items():
        for path in expressions({key: value for key, value in node.items() if key != "componentId"}):
            of_step, of_pipeline = OF_STEP.fullmatch(path), OF_PIPELINE.fullmatch(path)
            if of_step is not None:
                _check_step_named(jobs, known, of_step, path, f"{where}.{name}")
            elif of_pipeline is not None:
                side, wanted = of_pipeline["side"], of_pipeline["name"]
                if wanted not in declared[side] and not any(each.startswith(f"{wanted}.") for each in declared[side]):
                    noun = side.removesuffix("s")
                    message = f"the pipeline has no {noun} '{wanted}': {_all(sorted(declared[side]))}"
                    raise _unresolved(path, f"{where}.{name}", message)
            elif path.startswith("parent."):
                raise _unresolved(path, f"{where}.{name}", "it is neither an input nor a step of the pipeline")
    around = order(jobs)[1]
    if around:
        raise user_error(400, f"The graph of the pipeline has a cycle: {', '.join(around)} wait for each other.")


def _check_step_named(
    jobs: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]], found: re.Match[str], path: str, where: str
) -> None:
    step = jobs.get(found["step"])
    if step is None:
        raise _unresolved(path, where, f"there is no node '{found['step']}': {_all(jobs)}")
    spec = known.get((component_of(step) or "").lower())
    if found["side"] != "outputs" or not spec or type_of(step) in CONTROL:
        return
    outputs = {*(spec.get("outputs") or {}), *(step.get("outputs") or {})}
    if found["name"] not in outputs:
        raise _unresolved(
            path, where, f"the node '{found['step']}' has no output '{found['name']}': {_all(sorted(outputs))}"
        )


def _unresolved(path: str, where: str, reason: str) -> ServiceError:
    return user_error(400, f"The expression '${{{{{path}}}}}' of the node '{where}' cannot be resolved: {reason}.")
