"""What a job refers to has to be there when it is submitted: code, environment, compute, and what its inputs name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsdk.backends.memory import arm, job_files
from mlsdk.backends.memory.bodies import dig_object, dig_text
from mlsdk.backends.memory.errors import ServiceError, not_emulated, user_error
from mlsdk.backends.memory.kinds import ML
from mlsdk.backends.memory.references import FROM_REGISTRY, path_of
from mlsdk.backends.memory.registering import MODELS
from mlsdk.backends.memory.versioned import LABELS, latest

if TYPE_CHECKING:
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource

REFERENCES = {
    "codeId": ("Code", "codes"),
    "environmentId": ("Environment", "environments"),
    "computeId": ("Compute", "computes"),
    "componentId": ("Component", "components"),
}
"""What a job refers to beside its inputs: what messages call it, and its part of the path."""
RESERVED = ("local", "serverless", "amlcompute", "containerinstance", "datafactory")
"""Names of computes, in lower case, that nobody has to make."""
LABEL = re.compile(r"(?P<container>.+)/labels/(?P<label>[^/]+)", re.IGNORECASE)
OF_JOB = re.compile(r"azureml://jobs/(?P<job>[^/]+)/outputs/(?P<output>[^/]+)(?:/.*)?", re.IGNORECASE)
ELSEWHERE = re.compile(r"(?!azureml:)[a-z][a-z0-9+.-]*://.+", re.IGNORECASE)
"""A place outside of Azure Machine Learning, which is not looked at before the job runs."""


def check(call: Call, properties: Body, where: str = "properties") -> None:
    """Everything a job names is there: ServiceError (400). A backend that provisions makes the compute."""
    compute = dig_text(properties, "computeId")
    for field in REFERENCES:
        reference = dig_text(properties, field)
        # What imports data has no environment of its own.
        if reference and not (field == "environmentId" and _last(compute or "") == "datafactory"):
            check_named(call, field, reference, f"{where}.{field}")
    check_inputs(call, dig_object(properties, "inputs"), f"{where}.inputs")


def check_inputs(call: Call, inputs: Body, where: str) -> None:
    """What the inputs of a job name is there: ServiceError (400)."""
    for name, value in inputs.items():
        type_ = str(value.get("jobInputType") or value.get("job_input_type")).lower()
        uri = value.get("uri") if type_ != "literal" else None
        if uri is not None and "${{" not in str(uri):
            check_input(call, name, uri, type_, f"{where}.{name}.uri")


def check_named(call: Call, field: str, reference: str, where: str) -> Resource | None:
    """What a field names, None where nothing stands for it: ServiceError (400) where it is not there."""
    noun, plural = REFERENCES[field]
    name = reference.removeprefix("azureml:")
    if plural == "computes" and (_last(name) in RESERVED):
        return None
    if plural == "computes" and not name.startswith("/"):
        path: str | None = f"{call.parent.id}/computes/{name}"
    else:
        path = path_of(call, call.parent, plural, reference)
    found = find(call, path)
    if found is None and path is not None and plural == "computes" and call.backend.provision:
        workspace, _, compute = path.rpartition("/computes/")
        call.backend.add_compute(workspace, compute)
    elif found is None or _plural(found) != plural:
        raise missing(call, noun, reference, where)
    return found


def _last(name: str) -> str:
    return name.rpartition("/")[2].lower()


def check_input(call: Call, name: str, uri: str, type_: str, where: str) -> None:
    """The datastore, the job or the asset that an input names is there; what lies behind another address is not asked."""
    noun = "Model" if type_ in MODELS else "Data"
    in_datastore, of_job = job_files.IN_DATASTORE.fullmatch(uri), OF_JOB.fullmatch(uri)
    if in_datastore is not None:
        home = call.parent.id
        if in_datastore["workspace"] is not None:
            group = f"/subscriptions/{in_datastore['subscription']}/resourceGroups/{in_datastore['group']}"
            home = f"{group}/providers/{ML}/workspaces/{in_datastore['workspace']}"
        if find(call, f"{home}/datastores/{in_datastore['datastore']}") is None:
            raise missing(call, "Datastore", in_datastore["datastore"], where)
    elif of_job is not None:
        job = find(call, f"{call.parent.id}/jobs/{of_job['job']}")
        if job is None or of_job["output"] not in {*job.stored["properties"]["outputs"], "artifacts"}:
            raise missing(call, "Output of a job", uri, where)
    elif uri.lower().startswith("azureml://") and FROM_REGISTRY.fullmatch(uri) is None:
        raise not_emulated(400, f"the input '{name}' at '{uri}'")
    elif ELSEWHERE.fullmatch(uri) is None:
        found = find(call, path_of(call, call.parent, "models" if noun == "Model" else "data", uri))
        if found is None or _plural(found) not in ("data", "models"):
            raise missing(call, noun, uri, where)


def check_datastore(call: Call, reference: str, where: str) -> None:
    """A datastore of the workspace that is named by its id or its name is there: ServiceError (400)."""
    name = reference.removeprefix("azureml:")
    path = name if name.startswith("/") else f"{call.parent.id}/datastores/{name}"
    if find(call, path) is None:
        raise missing(call, "Datastore", name, where)


def find(call: Call, path: str | None) -> Resource | None:
    """What stands at a path, the version that a label stands for; None where there is nothing."""
    if path is None:
        return None
    labelled = LABEL.fullmatch(path)
    try:
        found = arm.reach(call, labelled["container"] if labelled is not None else path)
    except ServiceError as error:
        if error.status != 404:
            raise
        return None
    if labelled is None:
        return found
    return latest(found) if labelled["label"].lower() in LABELS else None


def _plural(found: Resource) -> str | None:
    """What a reference has found: the kind of the asset it is a version of, or a compute; None for anything else."""
    segment, container = found.kind.segment, found.parent
    if segment == "versions" and container is not None:
        return container.kind.segment
    return segment if segment == "computes" else None


def missing(call: Call, noun: str, reference: str, where: str) -> ServiceError:
    """What says that a reference leads nowhere; of what Microsoft publishes only the curated environments are here."""
    in_registry = FROM_REGISTRY.fullmatch(reference)
    registry = call.backend.registry(in_registry["registry"]) if in_registry is not None else None
    if registry is not None and registry.known.get("public"):
        message = f"'{reference}', which the job '{call.name}' names in '{where}': of public registries some environments only"
        return not_emulated(400, message)
    return user_error(
        400, f"{noun} '{reference}' not found, which the job '{call.name}' names in '{where}'.", inner="NotFoundError"
    )
