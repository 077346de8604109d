"""Parallel steps under their official names: the builder, what it runs, and the step itself."""

from __future__ import annotations

from mlsdk.builders.parallel import parallel_run_function
from mlsdk.entities.parallel import Parallel as ParallelJob
from mlsdk.entities.parallel_task import RunFunction

__all__ = ["ParallelJob", "RunFunction", "parallel_run_function"]
