"""`copy_data(...)`, `import_data(...)` and `export_data(...)`: steps that move data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.entities.building import register
from mlsdk.entities.data_transfer import (
    BUILTIN,
    DataTransferCopy,
    DataTransferExport,
    DataTransferImport,
    export_component,
    import_component,
)
from mlsdk.entities.data_transfer_component import SINK, DataTransferCopyComponent
from mlsdk.entities.inputs import Output
from mlsdk.entities.port_types import component_inputs, component_outputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.entities.external_data import Database, FileSystem


def copy_data(
    *,
    name: str | None = None,
    description: str | None = None,
    tags: Mapping[str, Any] | None = None,
    display_name: str | None = None,
    experiment_name: str | None = None,
    compute: str | None = None,
    inputs: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
    is_deterministic: bool = True,
    data_copy_mode: str | None = None,
    **kwargs: Any,
) -> DataTransferCopy:
    """A step that copies data.

    >>> copy_data(
    ...     inputs={"folder": Input(type="uri_folder", path="azureml:images:1")},
    ...     outputs={"copy": Output(type="uri_folder", path="azureml://datastores/archive/paths/images")},
    ...     data_copy_mode="merge_with_overwrite",
    ... )
    """
    component = kwargs.pop("component", None)
    if component is None:
        component = DataTransferCopyComponent(
            name=name,
            tags=tags,
            display_name=display_name,
            description=description,
            inputs=component_inputs(inputs or {}),
            outputs=component_outputs(outputs or {}),
            data_copy_mode=data_copy_mode,
            is_deterministic=is_deterministic,
            _source="BUILDER",
        )
    step = DataTransferCopy(
        component=component,
        name=name,
        description=description,
        tags=tags,
        display_name=display_name,
        experiment_name=experiment_name,
        compute=compute,
        inputs=inputs,
        outputs=outputs,
        data_copy_mode=data_copy_mode,
        **kwargs,
    )
    register(step)
    return step


def import_data(
    *,
    name: str | None = None,
    description: str | None = None,
    tags: Mapping[str, Any] | None = None,
    display_name: str | None = None,
    experiment_name: str | None = None,
    compute: str | None = None,
    source: Database | FileSystem | dict[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> DataTransferImport:
    """A step that brings data in.

    >>> import_data(
    ...     source=Database(connection="azureml:my_snowflake", query="select * from people"),
    ...     outputs={"sink": Output(type="mltable", path="azureml://datastores/workspaceblobstore/paths/people")},
    ... )
    """
    step = DataTransferImport(
        name=name,
        description=description,
        tags=tags,
        display_name=display_name,
        experiment_name=experiment_name,
        compute=compute,
        source=source,
        outputs=outputs or {SINK: Output(type="mltable")},
        **kwargs,
    )
    if step.component is None:
        step.component, step._source = import_component(step.source), BUILTIN  # noqa: SLF001 - of our own class
    register(step)
    return step


def export_data(
    *,
    name: str | None = None,
    description: str | None = None,
    tags: Mapping[str, Any] | None = None,
    display_name: str | None = None,
    experiment_name: str | None = None,
    compute: str | None = None,
    sink: Database | FileSystem | dict[str, Any] | None = None,
    inputs: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> DataTransferExport:
    """A step that sends data out.

    >>> export_data(
    ...     sink=Database(connection="azureml:my_snowflake", table_name="people"),
    ...     inputs={"source": Input(type="uri_file", path="azureml:people:1")},
    ... )
    """
    step = DataTransferExport(
        name=name,
        description=description,
        tags=tags,
        display_name=display_name,
        experiment_name=experiment_name,
        compute=compute,
        sink=sink,
        inputs=inputs,
        **kwargs,
    )
    if step.component is None:
        step.component, step._source = export_component(step.sink), BUILTIN  # noqa: SLF001 - of our own class
    register(step)
    return step
