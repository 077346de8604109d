"""The steps of pipelines before they are sent: what they run registered, what they are given in the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk import hashing
from mlsdk.assets.submission import changed
from mlsdk.entities.component import COMPONENT
from mlsdk.entities.component_spec import ANONYMOUS, Component
from mlsdk.entities.inputs import Input
from mlsdk.entities.pipeline_checks import dispensable_inputs
from mlsdk.schema.bodies import to_body
from mlsdk.schema.mappings import Names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlsdk.assets.submission import Submission

JSON = dict[str, Any]
Registered = dict[int, Component]
"""Components as they were registered, by the identity of those that the user has."""


# -- components ------------------------------------------------------------------------------------------------
def sourced(part: Any, submission: Submission, base: str | None = None, *, ignored: tuple[str, ...] = ()) -> Any:
    """What names code and an environment - a component, a task, a trial -, as a copy that names both by their ids.

    `ignored` are patterns of files that do not count, beside those of the code's ignore file.
    """
    changes: JSON = {}
    code, environment = getattr(part, "code", None), getattr(part, "environment", None)
    folder_of = getattr(part, "code_folder", None)
    if folder_of is not None:
        with folder_of() as folder:
            if code is not None or folder is not None:
                changes["code"] = submission.code(
                    code or folder, part.base_path, folder, ignored, shared=folder is None
                )
    elif code is not None:
        changes["code"] = submission.code(code, base or part.base_path, ignored=ignored)
    if environment is not None:
        changes["environment"] = submission.environment(environment)
    return changed(part, **changes) if changes else part


def resolved_component(component: Component, submission: Submission, registered: Registered) -> Component:
    """A component whose code, environment and steps are in the workspace."""
    resolved = sourced(component, submission, ignored=hashing.COMPONENT_IGNORES)
    jobs = getattr(component, "jobs", None)
    if jobs is not None:
        left_out = dispensable_inputs(component.inputs, jobs)
        if left_out:
            # The service takes an input for required unless it is told otherwise.
            ports = {
                name: port.evolve(optional=True) if name in left_out else port
                for name, port in component.inputs.items()
            }
            resolved = changed(resolved, inputs=Names(ports))
        resolved = changed(resolved, jobs=resolved_steps(jobs, submission, registered, component.base_path))
    return resolved  # type: ignore[no-any-return]


def register_components(steps: Mapping[str, Any], submission: Submission) -> Registered:
    """Register what steps run, and what the steps of those run: each component once, from the innermost out.

    Those that do not need one another are registered side by side.
    """
    registered: Registered = {}
    layers: dict[int, dict[int, Component]] = {}
    for component in _components(steps):
        layers.setdefault(_depth(component), {})[id(component)] = component

    def register(component: Component) -> None:
        registered[id(component)] = _registered(component, submission, registered)

    for depth in sorted(layers):
        submission.each(layers[depth].values(), register)
    return registered


def _components(steps: Mapping[str, Any]) -> Iterator[Component]:
    for step in steps.values():
        component = getattr(step, "component", None)
        if isinstance(component, Component):
            yield component
            if not component.id:
                yield from _components(getattr(component, "jobs", None) or {})


def _depth(component: Component) -> int:
    """How many layers of pipelines a component has below itself."""
    below = _components(getattr(component, "jobs", None) or {}) if not component.id else iter(())
    return max((1 + _depth(one) for one in below), default=0)


def _registered(component: Component, submission: Submission, registered: Registered) -> Component:
    """A component with its id: that which it has, or that under which it is registered without a name."""
    if component.id:
        return component
    resolved = changed(resolved_component(component, submission, registered), is_anonymous=True)
    body = to_body(resolved)
    if hasattr(component, "jobs"):
        version = hashing.pipeline_component_version(body["properties"]["componentSpec"])
    else:
        version = hashing.component_version(resolved.to_dict())
    return changed(resolved, id=submission.once(("registered", version), lambda: _put(version, body, submission)))


def _put(version: str, body: JSON, submission: Submission) -> str:
    session = submission.session
    path = f"{session.assets()}/components/{ANONYMOUS}/versions/{version}"
    if session.in_registry:
        api_version = str(COMPONENT.registry_api_version)
        session.connection.begin("PUT", path, api_version, body=body).result()
        return str(session.connection.exchange("GET", path, api_version).body["id"])
    api_version = session.connection.api_version(COMPONENT.collection, COMPONENT.api_version)
    return str(session.connection.exchange("PUT", path, api_version, body=body).body["id"])


# -- steps -----------------------------------------------------------------------------------------------------
def resolved_steps(
    steps: Mapping[str, Any], submission: Submission, registered: Registered, base: str
) -> Mapping[str, Any]:
    """Steps by name whose components are those that were registered, and whose data and computes are known by their ids."""
    return {name: _resolved_step(step, submission, registered, base) for name, step in steps.items()}


def _resolved_step(step: Any, submission: Submission, registered: Registered, base: str) -> Any:
    changes = resolved_data(step, submission, base)
    component = getattr(step, "component", None)
    if isinstance(component, str):
        changes["component"] = submission.component(component)
    elif component is not None:
        changes["component"] = registered[id(component)]
    if getattr(step, "type", None) != "pipeline":
        changes.update(resolved_compute(step, submission))
    task = getattr(step, "task", None)
    if task is not None and hasattr(task, "code") and component is not None:
        made = registered[id(component)] if not isinstance(component, str) else task
        changes["task"] = changed(
            task, code=getattr(made, "code", None), environment=getattr(made, "environment", None)
        )
    return changed(step, **changes) if changes else step


def resolved_compute(job: Any, submission: Submission) -> JSON:
    """What changes of a job so that it names its compute by the id."""
    name = getattr(job, "compute", None)
    found = submission.compute(name)
    return {} if found == name else {"compute": found}


def resolved_data(job: Any, submission: Submission, base: str) -> JSON:
    """What changes of a job so that its data is in the workspace: its inputs, and attributes that are inputs themselves."""
    changes: JSON = {}
    given = getattr(job, "inputs", None)
    if given:
        found = submission.inputs(given, base)
        if found is not given:
            changes["inputs"] = found
    for name in DATA:
        value = getattr(job, name, None)
        if isinstance(value, Input):
            found = submission.input(value, base, name)
            if found is not value:
                changes[name] = found
    return changes


DATA = ("training_data", "validation_data", "test_data")
"""The attributes of jobs that train models for themselves which are inputs."""
