"""`parallel_run_function(...)`: a step that works on data in mini-batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.entities.job_ports import input_value, is_asked_for, output_value
from mlsdk.entities.parallel import Parallel
from mlsdk.entities.parallel_component import ParallelComponent
from mlsdk.entities.port_types import component_inputs, component_outputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.entities.command import JobIdentity
    from mlsdk.entities.parallel_task import ParallelTask, RetrySettings


def parallel_run_function(
    *,
    name: str | None = None,
    description: str | None = None,
    tags: Mapping[str, Any] | None = None,
    properties: Mapping[str, Any] | None = None,
    display_name: str | None = None,
    experiment_name: str | None = None,
    compute: str | None = None,
    retry_settings: RetrySettings | dict[str, Any] | None = None,
    environment_variables: Mapping[str, Any] | None = None,
    logging_level: str | None = None,
    max_concurrency_per_instance: int | None = None,
    error_threshold: int | None = None,
    mini_batch_error_threshold: int | None = None,
    task: ParallelTask | dict[str, Any] | None = None,
    mini_batch_size: str | None = None,
    partition_keys: list[str] | None = None,
    input_data: str | None = None,
    inputs: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
    instance_count: int | None = None,
    instance_type: str | None = None,
    docker_args: str | None = None,
    shm_size: str | None = None,
    identity: JobIdentity | dict[str, Any] | None = None,
    is_deterministic: bool = True,
    **kwargs: Any,
) -> Parallel:
    """A script that is given data in mini-batches, on several nodes at once: called in a `@pipeline`, a step of it.

    >>> score = parallel_run_function(
    ...     name="score",
    ...     task=RunFunction(code="./src", entry_script="score.py", environment="azureml:sklearn:1"),
    ...     inputs={"data": Input(type="mltable")},
    ...     outputs={"scores": Output(type="uri_file")},
    ...     input_data="${{inputs.data}}",
    ...     mini_batch_size="10kb",
    ...     instance_count=2,
    ... )

    Parameters
    ----------
    name, display_name, description, tags, properties, experiment_name
        What it is called and said about; its component too.
    task
        What is run for each mini-batch.
    inputs, outputs
        By name: an `Input` or `Output`, a mapping of their arguments, or a plain value.
    input_data, mini_batch_size, partition_keys
        The input that is cut into mini-batches, as `${{inputs.data}}`; their size: a number of files, or, of tables, bytes as
        `10kb`; the columns that rows of one mini-batch share.
    error_threshold, mini_batch_error_threshold, retry_settings
        How many items and mini-batches may fail (all when -1); how often one is tried.
    compute, instance_count, instance_type, docker_args, shm_size, max_concurrency_per_instance
        Where it is run: a compute's name; nodes; their size; further arguments of `docker run`; shared memory as `8g`;
        processes on each node.
    environment_variables, logging_level, identity
        Variables of the script; `DEBUG`, `INFO` or `WARNING`; who it runs as.
    is_deterministic
        Whether a pipeline may take the outputs of an earlier run with the same inputs.

    ValidationException when an argument does not fit; TypeError when an input is of no such type.
    """
    taken = {key: input_value(value) for key, value in (inputs or {}).items()}
    put = {key: output_value(value) for key, value in (outputs or {}).items()}
    settings: dict[str, Any] = {
        "retry_settings": retry_settings,
        "logging_level": logging_level,
        "max_concurrency_per_instance": max_concurrency_per_instance,
        "error_threshold": error_threshold,
        "mini_batch_error_threshold": mini_batch_error_threshold,
        "task": task,
        "mini_batch_size": mini_batch_size,
        "partition_keys": partition_keys,
        "input_data": input_data,
    }
    component = kwargs.pop("component", None)
    if component is None:
        component = ParallelComponent(
            name=name,
            tags=tags,
            display_name=display_name,
            description=description,
            inputs=component_inputs(taken),
            outputs=component_outputs(put),
            is_deterministic=is_deterministic,
            _source="BUILDER",
            **settings,
            **kwargs,
        )
    made = Parallel(
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
        environment_variables=environment_variables,
        **settings,
        **kwargs,
    )
    nodes: dict[str, Any] = {
        "instance_count": instance_count,
        "instance_type": instance_type,
        "docker_args": docker_args,
        "shm_size": shm_size,
    }
    if any(value is not None for value in nodes.values()):
        made.set_resources(**nodes)
    return made
