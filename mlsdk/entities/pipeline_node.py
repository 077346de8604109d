"""Pipelines as steps of pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from mlsdk.entities.inline import Parts, take_component, take_ports
from mlsdk.entities.node import Node
from mlsdk.entities.pipeline_component import PipelineComponent
from mlsdk.entities.pipeline_settings import SETTINGS, PipelineJobSettings, settings_given
from mlsdk.schema.fields import entity, tag, wire
from mlsdk.schema.mappings import Field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.entities.component_spec import Component


@entity(eq=False, keeps="")
class Pipeline(Node):
    """A pipeline as a step of another one, made by calling a `@pipeline` function or a pipeline component there."""

    type: Literal["pipeline"] = tag("properties.jobType", default="pipeline", wire="Pipeline")
    if TYPE_CHECKING:
        component: Field[PipelineComponent | str | None, Component | str | None]  # pyright: ignore[reportGeneralTypeIssues]
    settings: Field[PipelineJobSettings, PipelineJobSettings | dict[str, Any] | None] = wire(
        "properties.settings", default=None, codec=SETTINGS, file=None, given=settings_given
    )
    """What counts where the step is submitted alone."""

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, with the component read."""
        parts = Parts(data, base)
        take_component(parts, PipelineComponent)
        take_ports(parts)
        return parts.done()
