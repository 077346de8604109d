"""`command(...)`: a command job, or a step that runs a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.entities.command import Command, tell
from mlsdk.entities.command_component import CommandComponent
from mlsdk.entities.inputs import Output
from mlsdk.entities.job_ports import input_value, is_asked_for, output_value
from mlsdk.entities.port_types import component_inputs, component_outputs

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from mlsdk.entities.command import JobIdentity
    from mlsdk.entities.distribution import Distribution
    from mlsdk.entities.environment import Environment


def command(
    *,
    name: str | None = None,
    description: str | None = None,
    tags: Mapping[str, Any] | None = None,
    properties: Mapping[str, Any] | None = None,
    display_name: str | None = None,
    command: str | None = None,
    experiment_name: str | None = None,
    environment: str | Environment | None = None,
    environment_variables: Mapping[str, Any] | None = None,
    distribution: Distribution | dict[str, Any] | None = None,
    compute: str | None = None,
    inputs: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
    instance_count: int | None = None,
    instance_type: str | None = None,
    locations: list[str] | None = None,
    docker_args: str | list[str] | None = None,
    shm_size: str | None = None,
    timeout: int | None = None,
    code: str | os.PathLike[str] | None = None,
    identity: JobIdentity | dict[str, Any] | None = None,
    is_deterministic: bool = True,
    services: Mapping[str, Any] | None = None,
    job_tier: str | None = None,
    priority: str | None = None,
    parent_job_name: str | None = None,
    **kwargs: Any,
) -> Command:
    """A command line that is run in an environment: a job to submit, a step in a `@pipeline`, or a sweep's trial.

    >>> train = command(
    ...     command="python train.py --data ${{inputs.data}} --rate ${{inputs.rate}}",
    ...     code="./src",
    ...     environment="azureml:sklearn:1",
    ...     inputs={"data": Input(path="azureml:iris:1", type="uri_folder"), "rate": 0.1},
    ...     compute="cpu-cluster",
    ... )

    Parameters
    ----------
    name, display_name, description, tags, properties, experiment_name
        What the job is called and said about; a name is unique in the workspace for all time.
    command, code, environment, environment_variables
        What is run: the line, the folder it is run in, `name:version` or an `Environment`, and variables by name.
    inputs, outputs
        By name: an `Input` or `Output`, a mapping of their arguments, a plain value, or a distribution to be searched.
    compute, instance_count, instance_type, locations, docker_args, shm_size, distribution
        Where it is run: a compute's name; nodes; their size; regions; further arguments of `docker run`; shared memory as
        `8g`; how processes are spread.
    timeout
        Seconds after which it is given up.
    identity
        Who it runs as.
    is_deterministic
        Whether a pipeline may take the outputs of an earlier run with the same inputs.
    services
        What can be opened while it runs, by name.
    job_tier, priority
        Its place in the queue: `spot`, `basic`, `standard`, `premium`; `low`, `medium`, `high`.
    parent_job_name
        The job that it is shown below.
    kwargs
        `limits` and `queue_settings` as wholes, in the place of `timeout` and of `job_tier` and `priority`.

    ValidationException when an argument does not fit; TypeError when an input is of no such type. Keyword arguments that
    are not known are sent with the component, with a warning when they look like a slip of the pen.
    """
    taken = {key: input_value(value) for key, value in (inputs or {}).items()}
    put = {key: _typed(output_value(value)) for key, value in (outputs or {}).items()}
    component = kwargs.pop("component", None)
    settings = {key: kwargs.pop(key) for key in ("limits", "queue_settings") if key in kwargs}
    if component is None:
        component = CommandComponent(
            code=code,
            command=command,
            environment=environment,
            inputs=component_inputs(taken),
            outputs=component_outputs(put),
            distribution=distribution,
            is_deterministic=is_deterministic,
            _source="BUILDER",
            **kwargs,
        )
        about = {"name": name, "tags": tags, "display_name": display_name, "description": description}
        tell(component, {key: value for key, value in about.items() if value is not None}, environment_variables)
        kwargs = {}
    made = Command(
        component=component,
        name=name,
        description=description,
        tags=tags,
        properties=properties,
        display_name=display_name,
        experiment_name=experiment_name,
        compute=compute,
        inputs={key: value for key, value in taken.items() if value is not None and not is_asked_for(value)},
        outputs=put,
        identity=identity,
        distribution=distribution,
        environment=environment,
        environment_variables=environment_variables,
        services=services,
        parent_job_name=parent_job_name,
        **settings,
        **kwargs,
    )
    nodes: dict[str, Any] = {
        "locations": locations,
        "instance_count": instance_count,
        "instance_type": instance_type,
        "docker_args": docker_args,
        "shm_size": shm_size,
    }
    if any(value is not None for value in nodes.values()):
        made.set_resources(**nodes)
    if timeout is not None:
        made.set_limits(timeout=timeout)
    if job_tier is not None or priority is not None:
        made.set_queue_settings(job_tier=job_tier, priority=priority)
    return made


def _typed(value: Any) -> Any:
    """An output; one that says nothing of its type or place is a folder."""
    untyped = isinstance(value, Output) and value.type is None and value.path is None
    return value.evolve(type="uri_folder") if untyped else value
