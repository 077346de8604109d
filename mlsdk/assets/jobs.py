"""Jobs before they are sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlsdk.assets.git import git_properties
from mlsdk.assets.job_names import job_name
from mlsdk.assets.steps import register_components, resolved_compute, resolved_data, resolved_steps, sourced
from mlsdk.assets.submission import Submission, changed
from mlsdk.entities.component_spec import Component
from mlsdk.schema.mappings import Names

if TYPE_CHECKING:
    from mlsdk.assets.session import Session
    from mlsdk.entities.job import Job

JSON = dict[str, Any]


def resolve_job(job: Job, session: Session) -> Job:
    """A job whose code, environment, data and components are in the workspace, with the names that it was given none of."""
    from mlsdk.entities.pipeline_job import PipelineJob

    submission = Submission(session)
    changes = {**_names(job), **resolved_data(job, submission, job.base_path), **resolved_compute(job, submission)}
    if isinstance(job, PipelineJob):
        changes.update(_pipeline(job, submission))
    else:
        changes.update(_parts(job, submission))
    return changed(job, **changes)


def submitted(job: Job) -> Job:
    """The job that is submitted: a step alone with the defaults of its component, a pipeline's step as a pipeline job."""
    from mlsdk.entities.pipeline_node import Pipeline

    component: Any = getattr(job, "component", None)
    if isinstance(job, Pipeline):
        return _pipeline_job(job)
    if not isinstance(component, Component) or not hasattr(job, "declared"):
        return job
    searched = getattr(job, "search_space", None) or {}
    defaults = {name: port.default for name, port in component.inputs.items() if name not in searched}
    given: Any = getattr(job, "inputs", {})
    values = {name: defaults.get(name) if value is None else value for name, value in given.items()}
    return changed(job, inputs=Names({name: value for name, value in values.items() if value is not None}))


def _pipeline_job(step: Any) -> Job:
    from mlsdk.entities.pipeline_job import PipelineJob

    names = ("name", "display_name", "description", "tags", "properties", "experiment_name", "compute", "settings")
    return PipelineJob(
        component=step.component,
        inputs=step.given_inputs(),
        outputs={name: port.data for name, port in step.outputs.items() if port.data is not None},
        **{name: getattr(step, name) for name in names},
    )


def anew(job: Job) -> Job:
    """A job that was read from the service, without what is only its own run's: where it writes to, who may watch it."""
    old = (job.id or "").rpartition("/")[2]
    changes: JSON = {"id": None}
    if job.display_name == old:
        changes["display_name"] = None
    if job.services is not None:
        left = {name: found for name, found in job.services.items() if name not in SERVICES}
        changes["services"] = type(job.services)(left) if left else None
    made: Any = changed(job, **changes)
    outputs: Any = getattr(job, "outputs", None)
    if outputs:
        # Set as a user would: the outputs of a step know whose they are.
        made.outputs = {
            name: _without_place(getattr(port, "data", port), old)
            for name, port in outputs.items()
            if name != "default"
        }
    return made  # type: ignore[no-any-return]


def _without_place(output: Any, old: str) -> Any:
    """An output that is not written to where the run called `old` wrote it."""
    path = getattr(output, "path", None)
    return output.evolve(path=None) if path and f"/{old}/" in str(path) else output


SERVICES = ("Tracking", "Studio")
"""What the service adds to the services of every job."""


def _names(job: Job) -> JSON:
    """The name, what the studio shows, the experiment, and where in a git repository this is."""
    name = job.name or job_name()
    found: JSON = {
        "name": name,
        "display_name": job.display_name or name,
        "experiment_name": job.experiment_name or Path.cwd().stem.replace(" ", "") or "Default",
    }
    git = git_properties()
    if git and git.keys().isdisjoint(job.properties):
        found["properties"] = {**job.properties, **git}
    return found


def _parts(job: Any, submission: Submission) -> JSON:
    """What a job of one step changes: its component, task or trial, and its own environment."""
    changes: JSON = {}
    environment = getattr(job, "environment", None)
    if environment is not None:
        changes["environment"] = submission.environment(environment)
    for name in ("component", "task", "trial"):
        part = getattr(job, name, None)
        if part is not None and not isinstance(part, str):
            changes[name] = _sourced(part, submission, job.base_path)
    return changes


def _sourced(part: Any, submission: Submission, base: str) -> Any:
    """A part with the ids of its code and environment; of a command in the place of a trial, those of its component."""
    component = getattr(part, "component", None)
    if not isinstance(component, Component):
        return sourced(part, submission, base)
    changes: JSON = {"component": sourced(component, submission)}
    if part.environment is not None:
        changes["environment"] = submission.environment(part.environment)
    return changed(part, **changes)


def _pipeline(job: Any, submission: Submission) -> JSON:
    settings = job.settings
    changes: JSON = {}
    if settings is not None:
        changes["settings"] = changed(
            settings,
            default_compute=submission.compute(settings.default_compute),
            default_datastore=submission.datastore(settings.default_datastore),
        )
    component = job.component
    if isinstance(component, str):
        return {**changes, "component": submission.component(component), "_source": OF_COMPONENT}
    if component is not None and component._source == "YAML.COMPONENT":  # noqa: SLF001 - a word of the service's
        # The job is nothing but a run of a component that has a file of its own.
        registered = register_components({"": job}, submission)[id(component)]
        return {**changes, "component": registered, "jobs": {}, "_source": OF_COMPONENT}
    jobs = job.jobs or {}
    registered_all = register_components(jobs, submission)
    return {**changes, "jobs": resolved_steps(jobs, submission, registered_all, job.base_path)}


OF_COMPONENT = "REMOTE.WORKSPACE.JOB"
"""What the service is told of a pipeline job whose steps are those of a registered component."""
