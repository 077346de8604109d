"""Bodies of components beside the published ARM schema: no property that no published version knows."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conformance.official import OURS, our_body

if TYPE_CHECKING:
    from collections.abc import Callable

SHARED = Path(os.environ.get("MLSDK_SHARED") or Path(__file__).resolve().parents[3] / "shared")
SCHEMA = "workspaces_components_versions"
SOME: dict[str, Any] = {"command": "echo", "environment": "x:1"}

SENT: list[Callable[[Any], Any]] = [
    lambda m: m.CommandComponent(**SOME),
    lambda m: m.CommandComponent(name="n", version="1", description="d", display_name="D", tags={"a": "b"}, **SOME),
    lambda m: m.CommandComponent(name="n", properties={"a": 1, "b": True, "c": None}, tags={"a": 1, "b": None}, **SOME),
    lambda m: m.CommandComponent(
        name="n",
        command="echo",
        environment=m.Environment(image="i", conda_file={"name": "c"}),
        inputs={"x": m.Input(type="number", default=0, min=0), "y": m.Input(type="uri_file", optional=True)},
        outputs={"o": m.Output(type="mltable")},
        resources=m.JobResourceConfiguration(instance_count=2, properties={"a": {"b": 1}}),
        distribution=m.RayDistribution(port=1),
        queue_settings=m.QueueSettings(job_tier="spot"),
        additional_includes=["a"],
    ),
]


@pytest.fixture(scope="module")
def problems() -> Callable[[str, dict[str, Any]], list[str]]:
    """The check of a body by the published schema."""
    tool = SHARED / "tools" / "arm_schema.py"
    if not tool.is_file():
        pytest.skip(f"the published ARM schema is not here: {tool} does not exist")
    spec = importlib.util.spec_from_file_location("arm_schema", tool)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.problems  # type: ignore[no-any-return]


@pytest.mark.parametrize("build", SENT)
def test_a_body_has_only_what_the_published_schema_knows(
    problems: Callable[[str, dict[str, Any]], list[str]], build: Callable[[Any], Any]
) -> None:
    """A published version of the API takes each body; of the definition inside it knows no more than that it is one."""
    assert problems(SCHEMA, our_body(build(OURS))) == []
