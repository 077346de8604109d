"""Components of all types: each has a file of its own, and is named here."""

from __future__ import annotations

from typing import Union

from mlsdk.entities.command_component import CommandComponent
from mlsdk.entities.component_spec import Component
from mlsdk.entities.flow_component import FlowComponent, flow_word
from mlsdk.entities.kind import ASSET_NAME, REGISTRY_VERSION, Kind
from mlsdk.entities.parallel_component import ParallelComponent
from mlsdk.entities.pipeline_component import PipelineComponent
from mlsdk.entities.spark_component import SparkComponent
from mlsdk.schema.fields import choice

__all__ = ["COMPONENT", "CommandComponent", "Component", "ParallelComponent", "PipelineComponent", "SparkComponent"]

choice(
    Union[CommandComponent, FlowComponent, ParallelComponent, PipelineComponent, SparkComponent, Component],
    at="properties.componentSpec.type",
    base=Component,
    fallback=Component,
    default=CommandComponent,
    unsaid=flow_word,
    elsewhere={
        "data_transfer": "mlsdk.entities.data_transfer_component:DataTransferComponent",
        "import": "mlsdk.entities.import_component:ImportComponent",
    },
)

COMPONENT = Kind(
    label="component",
    entity=Component,
    collection="components",
    api_version="2024-01-01-preview",
    schema="workspaces_components_versions",
    versioned=True,
    name_rule=ASSET_NAME,
    registry_api_version=REGISTRY_VERSION,
)
