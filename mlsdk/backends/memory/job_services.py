"""Where a job can be watched, and the applications that run beside it while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.bodies import dig_integer, dig_object, dig_texts
from mlsdk.backends.memory.errors import refusal
from mlsdk.backends.memory.surroundings import guid

if TYPE_CHECKING:
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource, State

OWN = ("Tracking", "Studio")
"""What every job has, whatever it asks for."""


def check(properties: Body) -> None:
    """The applications that a job asks for each say of which type they are: ServiceError (400)."""
    for name, asked in dig_object(properties, "services").items():
        if not isinstance(asked, dict) or not isinstance(asked.get("jobServiceType"), str):
            message = f"The request content was invalid: 'properties.services.{name}.jobServiceType' has to be text."
            raise refusal(400, message)
        dig_integer(asked, "port")
        dig_texts(asked, "properties")


def show(_state: State, job: Resource, body: Body) -> None:
    """Show the status of a job, where it can be watched, and the applications it asks for.

    Of a step of a pipeline nothing is shown here: run history has it.
    """
    if ((job.data or {}).get("history") or {}).get("hides"):
        body["properties"] = None
        return
    properties = body["properties"]
    properties["status"] = job.known["status"]
    workspace = job.parent or job
    _, _, subscription, _, group, _, _, _, name = workspace.id.split("/")
    home = f"/subscriptions/{subscription}/resourcegroups/{group}/workspaces/{name}"
    tracking = workspace.stored["properties"]["mlFlowTrackingUri"]
    properties["services"] = {
        "Tracking": _service("Tracking", f"{tracking}?"),
        "Studio": _service("Studio", f"https://ml.azure.com/runs/{job.name}?wsid={home}"),
        **{
            each: _service(asked["jobServiceType"], asked.get("endpoint"), asked)
            for each, asked in asked_for(properties).items()
        },
    }


def asked_for(properties: Body) -> Body:
    """The applications that a job wants beside it, as it was submitted."""
    return {name: asked for name, asked in (properties.get("services") or {}).items() if name not in OWN}


def _service(type_: str, endpoint: str | None, asked: Body | None = None) -> Body:
    shown = {name: (asked or {}).get(name) for name in ("port", "properties", "nodes")}
    return {"jobServiceType": type_, "endpoint": endpoint, **shown, "status": None, "errorMessage": None}


def instances(job: Resource) -> Body:
    """The applications that run beside a job, each with its address: there are some only while the job itself runs."""
    if job.known["status"] != "Running":
        return {}
    location, found = (job.parent or job).stored["location"], dict[str, Any]()
    for name, asked in asked_for(job.body["properties"]).items():
        type_ = asked["jobServiceType"]
        host = f"{type_.lower()}-{guid('service', job.id, name)}.{location}.nodes.azureml.ms"
        shown: Body = {"type": type_, "port": asked.get("port"), "status": "Running", "error": None}
        if type_.lower() == "ssh":
            shown.update(
                endpoint=None, properties={**(asked.get("properties") or {}), "ProxyEndpoint": f"wss://{host}"}
            )
        else:
            shown.update(endpoint=f"https://{host}", properties=asked.get("properties") or {})
        found[name] = shown
    return found
