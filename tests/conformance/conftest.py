"""The checker of the published ARM schema, which several kinds are held to."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

SHARED = Path(os.environ.get("MLSDK_SHARED") or Path(__file__).resolve().parents[3] / "shared")


@pytest.fixture(scope="module")
def problems() -> Callable[[str, dict[str, Any]], list[str]]:
    """The checker of the reference data; what needs it is skipped where that is absent."""
    tool = SHARED / "tools" / "arm_schema.py"
    if not tool.is_file():
        pytest.skip(f"the published ARM schema is not at {SHARED}; MLSDK_SHARED names another place")
    specification = importlib.util.spec_from_file_location("arm_schema", tool)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.problems  # type: ignore[no-any-return]
