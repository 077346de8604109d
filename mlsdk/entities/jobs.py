"""Jobs of all types: each has a file of its own, and is named here."""

from __future__ import annotations

from typing import Union

from mlsdk.entities.command import Command
from mlsdk.entities.job import JOB, Job
from mlsdk.entities.pipeline_job import PipelineJob
from mlsdk.entities.spark import Spark
from mlsdk.entities.sweep_job import SweepJob
from mlsdk.schema.fields import choice

__all__ = ["JOB", "Command", "Job", "PipelineJob", "SweepJob"]

choice(
    Union[Command, PipelineJob, Spark, SweepJob, Job],
    at="properties.jobType",
    base=Job,
    fallback=Job,
    default=Command,
    exact=True,
    elsewhere={
        "automl": "mlsdk.entities.automl_jobs:AutoMLJob",
        "distillation": "mlsdk.entities.distillation_job:DistillationJob",
        "finetuning": "mlsdk.entities.finetuning_job:FineTuningJob",
        "import": "mlsdk.entities.import_job:ImportJob",
    },
)
