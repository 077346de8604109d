"""Distillation under its official names."""

from __future__ import annotations

from mlsdk.builders.distillation import distillation
from mlsdk.entities.distillation_job import EndpointRequestSettings, PromptSettings, TeacherModelSettings

__all__ = ["EndpointRequestSettings", "PromptSettings", "TeacherModelSettings", "distillation"]
