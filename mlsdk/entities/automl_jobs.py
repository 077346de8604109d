"""The AutoML jobs of all tasks under one name: a body or a file says which task is meant."""

from __future__ import annotations

from typing import Union

from mlsdk.entities.automl_image import (
    ImageClassificationJob,
    ImageClassificationMultilabelJob,
    ImageInstanceSegmentationJob,
    ImageObjectDetectionJob,
)
from mlsdk.entities.automl_job import AutoMLJob
from mlsdk.entities.automl_nlp import TextClassificationJob, TextClassificationMultilabelJob, TextNerJob
from mlsdk.entities.automl_tabular import ClassificationJob, ForecastingJob, RegressionJob
from mlsdk.schema.fields import choice

__all__ = ["AnyAutoMLJob", "AutoMLJob"]

AnyAutoMLJob = Union[
    ClassificationJob,
    RegressionJob,
    ForecastingJob,
    ImageClassificationJob,
    ImageClassificationMultilabelJob,
    ImageObjectDetectionJob,
    ImageInstanceSegmentationJob,
    TextClassificationJob,
    TextClassificationMultilabelJob,
    TextNerJob,
]
choice(
    AnyAutoMLJob,
    at="properties.taskDetails.taskType",
    file="task",
    fallback=AutoMLJob,
    base=AutoMLJob,
    exact=True,
)
