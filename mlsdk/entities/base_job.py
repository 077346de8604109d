"""Jobs of which only run history knows."""

from __future__ import annotations

from typing import Literal

from mlsdk.entities.job import Job
from mlsdk.schema.fields import entity, tag

BASE = "Base"
"""The word for their type."""


@entity(eq=False)
class BaseJob(Job):
    """A step of a pipeline or a trial of a sweep, as far as run history knows it: how it is, not what it runs."""

    type: Literal["base"] = tag("properties.jobType", default="base", wire=BASE)
