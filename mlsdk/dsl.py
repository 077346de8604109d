"""`@pipeline` and the steps that decide which others run, under the names they have in the official client."""

from __future__ import annotations

from mlsdk.builders.control_flow import condition, do_while, parallel_for
from mlsdk.builders.pipeline import pipeline

__all__ = ["condition", "do_while", "parallel_for", "pipeline"]
