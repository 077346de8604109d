"""AutoML jobs, each made by a function for its task; in a pipeline that is being written they are its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, Union

from mlsdk.entities.building import register

if TYPE_CHECKING:
    from mlsdk.entities import automl_words as words
    from mlsdk.entities.automl_forecasting_settings import ForecastingSettings
    from mlsdk.entities.automl_image import (
        ImageClassificationJob,
        ImageClassificationMultilabelJob,
        ImageInstanceSegmentationJob,
        ImageObjectDetectionJob,
    )
    from mlsdk.entities.automl_nlp import TextClassificationJob, TextClassificationMultilabelJob, TextNerJob
    from mlsdk.entities.automl_tabular import AutoMLTabular, ClassificationJob, ForecastingJob, RegressionJob
    from mlsdk.entities.bindings import Reference
    from mlsdk.entities.inputs import Input

    Table = Union[Input, Reference, str]
    Tabular = TypeVar("Tabular", bound=AutoMLTabular)


# -- tables --------------------------------------------------------------------------------------------------
def _tabular(kind: type[Tabular], explained: bool | None, more: dict[str, Any], given: dict[str, Any]) -> Tabular:
    """A job that learns from tables, with settings of training whether or not anything is said of it."""
    job = kind(**given, **more)
    job.set_training(enable_model_explainability=explained)
    register(job)
    return job


def classification(
    *,
    training_data: Table,
    target_column_name: str,
    primary_metric: str | None = None,
    enable_model_explainability: bool | None = None,
    weight_column_name: str | None = None,
    validation_data: Table | None = None,
    validation_data_size: float | None = None,
    n_cross_validations: str | int | None = None,
    cv_split_column_names: list[str] | None = None,
    test_data: Table | None = None,
    test_data_size: float | None = None,
    **kwargs: Any,
) -> ClassificationJob:
    """A job that learns from a table to tell the class of a row.

    >>> classification(training_data=Input(type="mltable", path="./train"), target_column_name="y", compute="cpu-cluster")

    Further arguments are those of `ClassificationJob`: `compute`, `experiment_name`, `outputs`, and others.
    """
    from mlsdk.entities.automl_tabular import ClassificationJob

    return _tabular(
        ClassificationJob,
        enable_model_explainability,
        kwargs,
        {
            "training_data": training_data,
            "target_column_name": target_column_name,
            "primary_metric": primary_metric,
            "weight_column_name": weight_column_name,
            "validation_data": validation_data,
            "validation_data_size": validation_data_size,
            "n_cross_validations": n_cross_validations,
            "cv_split_column_names": cv_split_column_names,
            "test_data": test_data,
            "test_data_size": test_data_size,
        },
    )


def regression(
    *,
    training_data: Table,
    target_column_name: str,
    primary_metric: str | None = None,
    enable_model_explainability: bool | None = None,
    weight_column_name: str | None = None,
    validation_data: Table | None = None,
    validation_data_size: float | None = None,
    n_cross_validations: str | int | None = None,
    cv_split_column_names: list[str] | None = None,
    test_data: Table | None = None,
    test_data_size: float | None = None,
    **kwargs: Any,
) -> RegressionJob:
    """A job that learns from a table to tell a number.

    >>> regression(training_data=Input(type="mltable", path="./train"), target_column_name="price", primary_metric="r2_score")

    Further arguments are those of `RegressionJob`: `compute`, `experiment_name`, `outputs`, and others.
    """
    from mlsdk.entities.automl_tabular import RegressionJob

    return _tabular(
        RegressionJob,
        enable_model_explainability,
        kwargs,
        {
            "training_data": training_data,
            "target_column_name": target_column_name,
            "primary_metric": primary_metric,
            "weight_column_name": weight_column_name,
            "validation_data": validation_data,
            "validation_data_size": validation_data_size,
            "n_cross_validations": n_cross_validations,
            "cv_split_column_names": cv_split_column_names,
            "test_data": test_data,
            "test_data_size": test_data_size,
        },
    )


def forecasting(
    *,
    training_data: Table,
    target_column_name: str,
    primary_metric: str | None = None,
    enable_model_explainability: bool | None = None,
    weight_column_name: str | None = None,
    validation_data: Table | None = None,
    validation_data_size: float | None = None,
    n_cross_validations: str | int | None = None,
    cv_split_column_names: list[str] | None = None,
    test_data: Table | None = None,
    test_data_size: float | None = None,
    forecasting_settings: ForecastingSettings | None = None,
    **kwargs: Any,
) -> ForecastingJob:
    """A job that learns from a table of the past what comes next.

    >>> forecasting(training_data=sales, target_column_name="units", forecasting_settings=settings)

    Further arguments are those of `ForecastingJob`: `compute`, `experiment_name`, `outputs`, and others.
    """
    from mlsdk.entities.automl_tabular import ForecastingJob

    return _tabular(
        ForecastingJob,
        enable_model_explainability,
        kwargs,
        {
            "training_data": training_data,
            "target_column_name": target_column_name,
            "primary_metric": primary_metric,
            "weight_column_name": weight_column_name,
            "validation_data": validation_data,
            "validation_data_size": validation_data_size,
            "n_cross_validations": n_cross_validations,
            "cv_split_column_names": cv_split_column_names,
            "test_data": test_data,
            "test_data_size": test_data_size,
            "forecasting_settings": forecasting_settings,
        },
    )


# -- texts ---------------------------------------------------------------------------------------------------


def text_classification(
    *,
    training_data: Table,
    target_column_name: str,
    validation_data: Table,
    primary_metric: str | None = None,
    log_verbosity: str | None = None,
    **kwargs: Any,
) -> TextClassificationJob:
    """A job that learns from texts to tell the class of one.

    >>> text_classification(training_data=train, validation_data=valid, target_column_name="topic", compute="gpu-cluster")

    Further arguments are those of `TextClassificationJob`: `compute`, `experiment_name`, `outputs`, and others.
    """
    from mlsdk.entities.automl_nlp import TextClassificationJob

    job = TextClassificationJob(
        training_data=training_data,
        target_column_name=target_column_name,
        validation_data=validation_data,
        primary_metric=primary_metric,
        log_verbosity=log_verbosity,
        **kwargs,
    )
    register(job)
    return job


def text_classification_multilabel(
    *,
    training_data: Table,
    target_column_name: str,
    validation_data: Table,
    primary_metric: str | None = None,
    log_verbosity: str | None = None,
    **kwargs: Any,
) -> TextClassificationMultilabelJob:
    """A job that learns from texts to tell the classes of one.

    >>> text_classification_multilabel(training_data=train, validation_data=valid, target_column_name="terms")

    Further arguments are those of `TextClassificationMultilabelJob`: `compute`, `experiment_name`, `outputs`, and others.
    """
    from mlsdk.entities.automl_nlp import TextClassificationMultilabelJob

    job = TextClassificationMultilabelJob(
        training_data=training_data,
        target_column_name=target_column_name,
        validation_data=validation_data,
        primary_metric=primary_metric,
        log_verbosity=log_verbosity,
        **kwargs,
    )
    register(job)
    return job


def text_ner(
    *,
    training_data: Table,
    validation_data: Table,
    primary_metric: str | None = None,
    log_verbosity: str | None = None,
    **kwargs: Any,
) -> TextNerJob:
    """A job that learns from texts to find the names in one.

    >>> text_ner(training_data=train, validation_data=valid, compute="gpu-cluster")

    Further arguments are those of `TextNerJob`: `compute`, `experiment_name`, `outputs`, and others.
    """
    from mlsdk.entities.automl_nlp import TextNerJob

    job = TextNerJob(
        training_data=training_data,
        validation_data=validation_data,
        primary_metric=primary_metric,
        log_verbosity=log_verbosity,
        **kwargs,
    )
    register(job)
    return job


# -- images --------------------------------------------------------------------------------------------------


def image_classification(
    *,
    training_data: Table,
    target_column_name: str,
    primary_metric: str | words.ClassificationPrimaryMetrics | None = None,
    validation_data: Table | None = None,
    validation_data_size: float | None = None,
    **kwargs: Any,
) -> ImageClassificationJob:
    """A job that learns to tell the class of an image.

    >>> image_classification(training_data=train, target_column_name="label", compute="gpu-cluster")

    Further arguments are those of `ImageClassificationJob`: `compute`, `experiment_name`, `outputs`, and others.
    """
    from mlsdk.entities.automl_image import ImageClassificationJob

    job = ImageClassificationJob(
        training_data=training_data,
        target_column_name=target_column_name,
        primary_metric=primary_metric,
        validation_data=validation_data,
        validation_data_size=validation_data_size,
        **kwargs,
    )
    register(job)
    return job


def image_classification_multilabel(
    *,
    training_data: Table,
    target_column_name: str,
    primary_metric: str | words.ClassificationMultilabelPrimaryMetrics | None = None,
    validation_data: Table | None = None,
    validation_data_size: float | None = None,
    **kwargs: Any,
) -> ImageClassificationMultilabelJob:
    """A job that learns to tell the classes of an image.

    >>> image_classification_multilabel(training_data=train, target_column_name="label", compute="gpu-cluster")

    Further arguments are those of `ImageClassificationMultilabelJob`: `compute`, `experiment_name`, `outputs`, and others.
    """
    from mlsdk.entities.automl_image import ImageClassificationMultilabelJob

    job = ImageClassificationMultilabelJob(
        training_data=training_data,
        target_column_name=target_column_name,
        primary_metric=primary_metric,
        validation_data=validation_data,
        validation_data_size=validation_data_size,
        **kwargs,
    )
    register(job)
    return job


def image_object_detection(
    *,
    training_data: Table,
    target_column_name: str,
    primary_metric: str | words.ObjectDetectionPrimaryMetrics | None = None,
    validation_data: Table | None = None,
    validation_data_size: float | None = None,
    **kwargs: Any,
) -> ImageObjectDetectionJob:
    """A job that learns to find objects in an image.

    >>> image_object_detection(training_data=train, target_column_name="label", compute="gpu-cluster")

    Further arguments are those of `ImageObjectDetectionJob`: `compute`, `experiment_name`, `outputs`, and others.
    """
    from mlsdk.entities.automl_image import ImageObjectDetectionJob

    job = ImageObjectDetectionJob(
        training_data=training_data,
        target_column_name=target_column_name,
        primary_metric=primary_metric,
        validation_data=validation_data,
        validation_data_size=validation_data_size,
        **kwargs,
    )
    register(job)
    return job


def image_instance_segmentation(
    *,
    training_data: Table,
    target_column_name: str,
    primary_metric: str | words.InstanceSegmentationPrimaryMetrics | None = None,
    validation_data: Table | None = None,
    validation_data_size: float | None = None,
    **kwargs: Any,
) -> ImageInstanceSegmentationJob:
    """A job that learns to find the outlines of objects in an image.

    >>> image_instance_segmentation(training_data=train, target_column_name="label", compute="gpu-cluster")

    Further arguments are those of `ImageInstanceSegmentationJob`: `compute`, `experiment_name`, `outputs`, and others.
    """
    from mlsdk.entities.automl_image import ImageInstanceSegmentationJob

    job = ImageInstanceSegmentationJob(
        training_data=training_data,
        target_column_name=target_column_name,
        primary_metric=primary_metric,
        validation_data=validation_data,
        validation_data_size=validation_data_size,
        **kwargs,
    )
    register(job)
    return job
