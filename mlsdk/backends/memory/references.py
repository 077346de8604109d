"""What bodies refer to: an asset of the same workspace or registry, of any registry, or what a job left behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsdk.backends.memory import arm, job_files
from mlsdk.backends.memory.errors import ServiceError, user_error
from mlsdk.backends.memory.kinds import ML
from mlsdk.backends.memory.versioned import LABELS, latest

if TYPE_CHECKING:
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.state import Resource

FROM_REGISTRY = re.compile(r"azureml://registries/(?P<registry>[^/]+)/(?P<rest>.+)", re.IGNORECASE)
SHORT = re.compile(r"(?P<name>[^/:@]+)(?::(?P<version>[^/:@]+)|@(?P<label>[^/:@]+))")
IN_DATASTORE = re.compile(r"azureml://(?P<rest>datastores/.+)", re.IGNORECASE)
OF_JOB = re.compile(
    r"azureml://jobs/(?P<job>[^/]+)/outputs/(?P<output>[^/]+)(?:/paths/(?P<path>.*)|/)?"
    r"|runs:/(?P<run>[^/]+)/(?P<artifact>.*)",
    re.IGNORECASE,
)
WORKSPACE = f"{ML}/workspaces".lower()
ARTIFACTS = ("artifacts", "default")
"""What the output of a job is called that holds its logs and everything else it wrote without saying where."""


def path_of(call: Call, home: Resource, plural: str, reference: str) -> str | None:
    """The path of what is referred to from a workspace or registry; None for no known form, or for an unknown registry.

    Three forms are known: the id of a resource, that of an asset in a registry, and `azureml:name:version` (`name@label`).
    """
    matched = FROM_REGISTRY.fullmatch(reference)
    if matched is not None:
        registry = call.backend.registry(matched["registry"])
        return f"{registry.id}/{matched['rest']}" if registry is not None else None
    reference = reference.removeprefix("azureml:")
    if reference.startswith("/"):
        return reference
    short = SHORT.fullmatch(reference)
    if short is None:
        return None
    ending = f"versions/{short['version']}" if short["version"] else f"labels/{short['label']}"
    return f"{home.id}/{plural}/{short['name']}/{ending}"


def full_place(call: Call, home: Resource, uri: str) -> tuple[str, str | None]:
    """Where files are as the service says it, with the workspace in it, and the job that made them if one did.

    ServiceError (404) when the job is not there.
    """
    if home.kind.key != WORKSPACE:
        return uri, None
    parts = home.id.split("/")
    before = f"azureml://subscriptions/{parts[2]}/resourcegroups/{parts[4]}/workspaces/{parts[8]}/"
    of_job = OF_JOB.fullmatch(uri)
    if of_job is not None:
        name = of_job["job"] or of_job["run"]
        job = arm.reach(call, f"{home.id}/jobs/{name}")
        output, below = (of_job["output"], of_job["path"]) if of_job["job"] else (ARTIFACTS[0], of_job["artifact"])
        outputs = job.stored["properties"]["outputs"]
        if output.lower() in ARTIFACTS:  # every job has them, also where its body does not say so
            found = outputs.get("default") or {
                "uri": f"azureml://datastores/{job_files.ARTIFACTS}/{job_files.folder(job)}"
            }
        else:
            found = outputs.get(output)
        if found is None:
            raise user_error(404, f"Output '{output}' of job '{name}' not found, which '{uri}' names.")
        place = str(found["uri"])
        if "/paths/" not in place:
            # The place of artifacts is told without the word.
            place = re.sub(r"(datastores/[^/]+)/", r"\1/paths/", place, count=1)
        uri = f"{place.rstrip('/')}/{below}" if below else place
    in_datastore = IN_DATASTORE.fullmatch(uri)
    full = before + in_datastore["rest"] if in_datastore is not None else uri
    return full, (of_job["job"] or of_job["run"]) if of_job is not None else None


def exists(call: Call, home: Resource, plural: str, reference: str) -> bool:
    """Whether what is referred to from a workspace or registry is there."""
    path = path_of(call, home, plural, reference)
    if path is None:
        return False
    container, labelled, label = path.rpartition("/labels/")
    try:
        found = arm.reach(call, container if labelled else path)
    except ServiceError as error:
        if error.status != 404:
            raise
        return False
    return not labelled or (label.lower() in LABELS and latest(found) is not None)
