"""`spark(...)`: a Spark job, or a step that runs on a Spark cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.entities.job_ports import input_value, is_asked_for, output_value
from mlsdk.entities.port_types import component_inputs, component_outputs
from mlsdk.entities.spark import Spark
from mlsdk.entities.spark_component import SparkComponent

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from mlsdk.entities.command import JobIdentity
    from mlsdk.entities.environment import Environment
    from mlsdk.entities.spark_settings import SparkJobEntry, SparkResourceConfiguration


def spark(
    *,
    experiment_name: str | None = None,
    name: str | None = None,
    display_name: str | None = None,
    description: str | None = None,
    tags: Mapping[str, Any] | None = None,
    code: str | os.PathLike[str] | None = None,
    entry: SparkJobEntry | dict[str, Any] | None = None,
    py_files: list[str] | None = None,
    jars: list[str] | None = None,
    files: list[str] | None = None,
    archives: list[str] | None = None,
    identity: JobIdentity | dict[str, Any] | None = None,
    driver_cores: int | None = None,
    driver_memory: str | None = None,
    executor_cores: int | None = None,
    executor_memory: str | None = None,
    executor_instances: int | None = None,
    dynamic_allocation_enabled: bool | None = None,
    dynamic_allocation_min_executors: int | None = None,
    dynamic_allocation_max_executors: int | None = None,
    conf: Mapping[str, Any] | None = None,
    environment: str | Environment | None = None,
    inputs: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
    args: str | None = None,
    compute: str | None = None,
    resources: SparkResourceConfiguration | dict[str, Any] | None = None,
    **kwargs: Any,
) -> Spark:
    """Code that runs on a Spark cluster: a job to submit, or, called in a `@pipeline`, a step of it.

    >>> wrangle = spark(
    ...     code="./src",
    ...     entry={"file": "wrangle.py"},
    ...     driver_cores=1, driver_memory="2g", executor_cores=2, executor_memory="2g", executor_instances=2,
    ...     inputs={"data": Input(type="uri_file", path="azureml:titanic:1", mode="direct")},
    ...     args="--data ${{inputs.data}}",
    ...     resources={"instance_type": "standard_e4s_v3", "runtime_version": "3.4"},
    ... )

    Parameters
    ----------
    name, display_name, description, tags, experiment_name
        What it is called and said about.
    code, entry, args, py_files, jars, files, archives, environment
        What is run: the folder, the file in it, what that is given, what goes to the cluster beside it, and Python packages.
    inputs, outputs
        By name: an `Input` or `Output` of mode `direct`, a mapping of their arguments, or a plain value.
    compute, resources
        Where it is run: the name of an attached Synapse pool, or the size and Spark's version of nodes that the service brings.
    driver_cores, driver_memory, executor_cores, executor_memory, executor_instances
        The cluster; memory has its unit, as `2g`.
    dynamic_allocation_enabled, dynamic_allocation_min_executors, dynamic_allocation_max_executors
        Whether executors come and go with the work, and how many at least and at most.
    conf
        Settings under Spark's names, `{"spark.driver.cores": 1}`.
    identity
        Who it runs as.

    ValidationException when an argument does not fit; TypeError when an input is of no such type.
    """
    taken = {key: input_value(value) for key, value in (inputs or {}).items()}
    put = {key: output_value(value) for key, value in (outputs or {}).items()}
    static: dict[str, Any] = {
        "entry": entry,
        "py_files": py_files,
        "jars": jars,
        "files": files,
        "archives": archives,
        "args": args,
        "environment": environment,
    }
    settings: dict[str, Any] = {
        "driver_cores": driver_cores,
        "driver_memory": driver_memory,
        "executor_cores": executor_cores,
        "executor_memory": executor_memory,
        "executor_instances": executor_instances,
        "dynamic_allocation_enabled": dynamic_allocation_enabled,
        "dynamic_allocation_min_executors": dynamic_allocation_min_executors,
        "dynamic_allocation_max_executors": dynamic_allocation_max_executors,
        "conf": conf,
    }
    component = kwargs.pop("component", None)
    if component is None:
        component = SparkComponent(
            name=name,
            display_name=display_name,
            tags=tags,
            description=description,
            code=code,
            inputs=component_inputs(taken),
            outputs=component_outputs(put),
            _source="BUILDER",
            **static,
            **settings,
            **kwargs,
        )
    return Spark(
        component=component,
        experiment_name=experiment_name,
        name=name,
        display_name=display_name,
        tags=tags,
        description=description,
        identity=identity,
        inputs={key: value for key, value in taken.items() if value is not None and not is_asked_for(value)},
        outputs=put,
        compute=compute,
        resources=resources,
        **static,
        **settings,
        **kwargs,
    )
