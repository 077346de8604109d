"""Outputs of jobs that are to be registered: each becomes a version of data or of a model when its job completes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsdk.backends.memory.bodies import dig_text
from mlsdk.backends.memory.clock import stamp
from mlsdk.backends.memory.errors import user_error
from mlsdk.backends.memory.state import Resource
from mlsdk.backends.memory.versioned import NAMES, count_version

if TYPE_CHECKING:
    from mlsdk.backends.memory.kinds import Body, Kind
    from mlsdk.backends.memory.state import State

MODELS = {"custom_model": "CustomModel", "mlflow_model": "MLFlowModel", "triton_model": "TritonModel"}
"""How run history names the types of outputs that are models; those of data have one name everywhere."""


def plural_of(output: Body) -> str:
    """Which kind of asset an output is."""
    return "models" if str(output["jobOutputType"]).lower() in MODELS else "data"


def check(outputs: Body) -> None:
    """ServiceError (400) for outputs that cannot be registered under the names and versions they ask for."""
    seen: set[tuple[str, str]] = set()
    for name, output in outputs.items():
        asset, version = dig_text(output, "assetName"), dig_text(output, "assetVersion")
        for text in (asset, version):
            if text is not None and NAMES.pattern.fullmatch(text) is None:
                raise user_error(400, f"Output '{name}' cannot be registered as '{text}': {NAMES.says}.")
        if asset is not None and version is not None:
            wanted = (f"{plural_of(output)}/{asset}".lower(), version.lower())
            if wanted in seen:
                raise user_error(
                    400, f"Output '{name}' cannot be registered: '{asset}' version '{version}' is wanted twice."
                )
            seen.add(wanted)


def taken(job: Resource) -> str | None:
    """Why the outputs of a job cannot be registered: the first version that is there already; None when they can."""
    for name, output in job.stored["properties"]["outputs"].items():
        asset, version = output.get("assetName"), output.get("assetVersion")
        container = _container(job, output)
        versions = container.existing(container.kind.children["versions"]) if container is not None else None
        if asset and version and versions is not None and versions.find(version) is not None:
            return f"Output '{name}' cannot be registered: version '{version}' of '{asset}' exists already."
    return None


def _container(job: Resource, output: Body) -> Resource | None:
    """The asset an output is to be a version of; None where there is none of that name."""
    workspace = job.parent
    if workspace is None or not output.get("assetName"):
        return None
    collection = workspace.existing(workspace.kind.children[plural_of(output)])
    return collection.find(output["assetName"]) if collection is not None else None


def register(state: State, job: Resource, now: float) -> None:
    """Make a version of each output that has the name of an asset."""
    body = job.body
    for output in body["properties"]["outputs"].values():
        if output.get("assetName"):
            container = _container(job, output) or _make_container(state, job, output, now)
            version = output.get("assetVersion") or str((container.data or {}).get("next", 1))
            output["assetVersion"] = version
            _make_version(state, job, container, output, now)
    state.rewrite(job, body)


def _make_container(state: State, job: Resource, output: Body, now: float) -> Resource:
    workspace = job.parent or job
    kind = workspace.kind.children[plural_of(output)]
    container = Resource(kind, workspace, output["assetName"], kind.new_id(workspace, output["assetName"]))
    properties: Body = {"isArchived": False, "tags": {}, "properties": {}, "provisioningState": "Succeeded"}
    _store(state, kind, workspace, container, properties, now)
    return container


def _make_version(state: State, job: Resource, container: Resource, output: Body, now: float) -> None:
    kind = container.kind.children["versions"]
    version = Resource(kind, container, output["assetVersion"], kind.new_id(container, output["assetVersion"]))
    home = (job.parent or job).id.split("/")
    place = f"azureml://subscriptions/{home[2]}/resourcegroups/{home[4]}/workspaces/{home[8]}/datastores/"
    uri = output["uri"].replace("azureml://datastores/", place, 1)
    properties: Body = {"isArchived": False, "isAnonymous": False, "tags": {}, "properties": {}, "jobName": job.name}
    properties["description"] = output.get("description")
    properties["provisioningState"] = "Succeeded"
    if container.kind.segment == "models":
        properties.update(modelUri=uri, modelType=output["jobOutputType"], flavors={})
    else:
        properties.update(dataUri=uri, dataType=output["jobOutputType"])
        container.known.setdefault("dataType", output["jobOutputType"])
    _store(state, kind, container, version, properties, now)
    count_version(container, version.name)


def _store(state: State, kind: Kind, parent: Resource, resource: Resource, properties: Body, now: float) -> None:
    by, at = "Microsoft", stamp(now)
    body: Body = {"id": resource.id, "name": resource.name, "type": kind.type, "properties": properties}
    body["systemData"] = {
        "createdAt": at,
        "createdBy": by,
        "createdByType": "Application",
        "lastModifiedAt": at,
        "lastModifiedBy": by,
        "lastModifiedByType": "Application",
    }
    state.store(parent.collection(kind), resource, body, now)
