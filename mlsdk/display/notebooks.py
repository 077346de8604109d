"""Pipelines in notebooks: their graph below what is shown of every job."""

from __future__ import annotations

from typing import Any

from mlsdk.display import pictures
from mlsdk.display.graph_reading import graph_of


def pipeline_html(pipeline: Any, heading: str = "") -> str:
    """A pipeline as HTML: `heading`, then its graph."""
    return f"{heading}{pictures.page(graph_of(pipeline))}"


def pipeline_bundle(pipeline: Any) -> dict[str, str]:
    """What a notebook may choose from."""
    return pictures.bundle(graph_of(pipeline), pipeline._repr_html_())
