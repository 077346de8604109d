"""AutoML jobs that learn from images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Union

from mlsdk.entities import automl_words as words
from mlsdk.entities.automl_image_search_space import ImageClassificationSearchSpace, ImageObjectDetectionSearchSpace
from mlsdk.entities.automl_image_settings import (
    ImageLimitSettings,
    ImageModelSettingsClassification,
    ImageModelSettingsObjectDetection,
)
from mlsdk.entities.automl_job import LOGGED, TABLE, TABLE_FORM, AutoMLJob, Data, changed
from mlsdk.entities.automl_search_space import with_texts
from mlsdk.entities.automl_sweep_settings import ImageSweepSettings
from mlsdk.entities.automl_values import (
    ClassificationMetric,
    Decimal,
    DetectionMetric,
    MultilabelMetric,
    SegmentationMetric,
    Verbosity,
    snake_form,
    unset,
)
from mlsdk.schema.fields import JSON, entity, tag, wire
from mlsdk.schema.mappings import Field

if TYPE_CHECKING:
    from mlsdk.entities.bindings import Reference
    from mlsdk.entities.inputs import Input
    from mlsdk.entities.sweep_settings import EarlyTerminationPolicy

    Table = Union[Input, Reference, str]


def _limits(given: ImageLimitSettings | None, _: Any) -> ImageLimitSettings:
    return ImageLimitSettings() if given is None else given


@entity(eq=False)
class AutoMLImage(AutoMLJob):
    """What AutoML jobs that learn from images have."""

    log_verbosity: Verbosity | None = wire("properties.taskDetails.logVerbosity", default="Info", file_codec=LOGGED)
    """How much is logged: `Debug`, `Info`, `Warning`, `Error`, `Critical` or `NotSet`."""
    training_data: Data = wire(
        "properties.taskDetails.trainingData", default=None, codec=TABLE, file_codec=TABLE_FORM, required=True
    )
    """A table (`mltable`) of images and their labels."""
    target_column_name: str | None = wire("properties.taskDetails.targetColumnName", default=None, required=True)
    """The column with the labels."""
    validation_data: Data = wire(
        "properties.taskDetails.validationData", default=None, codec=TABLE, file_codec=TABLE_FORM
    )
    validation_data_size: Decimal = wire("properties.taskDetails.validationDataSize", default=None)
    """The share of the training data that is kept for validation."""
    test_data: Data = wire(None, default=None, file_codec=TABLE_FORM)
    """Not sent: the service tests no image models."""
    limits: Field[ImageLimitSettings | None, ImageLimitSettings | dict[str, Any] | None] = wire(
        "properties.taskDetails.limitSettings", default=None, given=_limits
    )
    sweep: Field[ImageSweepSettings | None, ImageSweepSettings | dict[str, Any] | None] = wire(
        "properties.taskDetails.sweepSettings", default=None
    )
    """How the search space is searched."""
    if TYPE_CHECKING:  # what is drawn differs between tasks, a slot here would stand in its way
        search_space: Field[Any, list[Any] | None]

    # -- said piece by piece -------------------------------------------------------------------------------------
    def set_data(
        self,
        *,
        training_data: Table,
        target_column_name: str,
        validation_data: Table | None = None,
        validation_data_size: float | None = None,
    ) -> None:
        """Say what is learned from, and how it is validated; what is None stays as it is."""
        changed(self, {name: value for name, value in locals().items() if name != "self"})

    def set_limits(
        self,
        *,
        max_concurrent_trials: int | None = None,
        max_trials: int | None = None,
        timeout_minutes: int | None = None,
    ) -> None:
        """Say when to stop; what is None stays as it is."""
        given = {name: value for name, value in locals().items() if name != "self"}
        self.limits = changed(self.limits or ImageLimitSettings(), given)

    def set_sweep(
        self,
        *,
        sampling_algorithm: str | words.SamplingAlgorithmType,
        early_termination: EarlyTerminationPolicy | None = None,
    ) -> None:
        """Say how the search space is searched; a policy that was said before stays when none is said."""
        given = {"sampling_algorithm": sampling_algorithm, "early_termination": early_termination}
        self.sweep = changed(self.sweep or ImageSweepSettings(sampling_algorithm=sampling_algorithm), given)

    def extend_search_space(self, value: Any) -> None:
        """Add a search space, or several in a list."""
        self.search_space = [*(self.search_space or ()), *(value if isinstance(value, list) else [value])]

    def to_dict(self, *, inside_pipeline: bool = False) -> JSON:
        """The file form; `inside_pipeline`, as the `jobs` of a pipeline have it, where what is drawn is a text."""
        form = super().to_dict(inside_pipeline=inside_pipeline)
        if inside_pipeline and form.get("search_space") is not None:
            spaces = zip(form["search_space"], self.search_space or (), strict=True)
            form["search_space"] = [with_texts(said, space) for said, space in spaces]
        return form


@entity(eq=False)
class AutoMLImageClassificationBase(AutoMLImage):
    """What AutoML jobs that classify images have."""

    training_parameters: Field[
        ImageModelSettingsClassification | None, ImageModelSettingsClassification | dict[str, Any] | None
    ] = wire("properties.taskDetails.modelSettings", default=None)
    """Hyperparameters that all trials share."""
    search_space: Field[list[ImageClassificationSearchSpace] | None, list[Any] | None] = wire(
        "properties.taskDetails.searchSpace", default=None
    )
    """What the others are drawn from: `SearchSpace(...)`, once for each family of models."""

    def set_training_parameters(
        self,
        *,
        advanced_settings: str | None = None,
        ams_gradient: bool | None = None,
        beta1: float | None = None,
        beta2: float | None = None,
        checkpoint_frequency: int | None = None,
        checkpoint_run_id: str | None = None,
        distributed: bool | None = None,
        early_stopping: bool | None = None,
        early_stopping_delay: int | None = None,
        early_stopping_patience: int | None = None,
        enable_onnx_normalization: bool | None = None,
        evaluation_frequency: int | None = None,
        gradient_accumulation_step: int | None = None,
        layers_to_freeze: int | None = None,
        learning_rate: float | None = None,
        learning_rate_scheduler: str | words.LearningRateScheduler | None = None,
        model_name: str | None = None,
        momentum: float | None = None,
        nesterov: bool | None = None,
        number_of_epochs: int | None = None,
        number_of_workers: int | None = None,
        optimizer: str | words.StochasticOptimizer | None = None,
        random_seed: int | None = None,
        step_lr_gamma: float | None = None,
        step_lr_step_size: int | None = None,
        training_batch_size: int | None = None,
        validation_batch_size: int | None = None,
        warmup_cosine_lr_cycles: float | None = None,
        warmup_cosine_lr_warmup_epochs: int | None = None,
        weight_decay: float | None = None,
        training_crop_size: int | None = None,
        validation_crop_size: int | None = None,
        validation_resize_size: int | None = None,
        weighted_loss: int | None = None,
    ) -> None:
        """Say hyperparameters that all trials share; what is None stays as it is."""
        given = {name: value for name, value in locals().items() if name != "self"}
        self.training_parameters = changed(self.training_parameters or ImageModelSettingsClassification(), given)


@entity(eq=False)
class AutoMLImageObjectDetectionBase(AutoMLImage):
    """What AutoML jobs that find objects in images have."""

    training_parameters: Field[
        ImageModelSettingsObjectDetection | None, ImageModelSettingsObjectDetection | dict[str, Any] | None
    ] = wire("properties.taskDetails.modelSettings", default=None)
    """Hyperparameters that all trials share."""
    search_space: Field[list[ImageObjectDetectionSearchSpace] | None, list[Any] | None] = wire(
        "properties.taskDetails.searchSpace", default=None
    )
    """What the others are drawn from: `SearchSpace(...)`, once for each family of models."""

    def set_training_parameters(
        self,
        *,
        advanced_settings: str | None = None,
        ams_gradient: bool | None = None,
        beta1: float | None = None,
        beta2: float | None = None,
        checkpoint_frequency: int | None = None,
        checkpoint_run_id: str | None = None,
        distributed: bool | None = None,
        early_stopping: bool | None = None,
        early_stopping_delay: int | None = None,
        early_stopping_patience: int | None = None,
        enable_onnx_normalization: bool | None = None,
        evaluation_frequency: int | None = None,
        gradient_accumulation_step: int | None = None,
        layers_to_freeze: int | None = None,
        learning_rate: float | None = None,
        learning_rate_scheduler: str | words.LearningRateScheduler | None = None,
        model_name: str | None = None,
        momentum: float | None = None,
        nesterov: bool | None = None,
        number_of_epochs: int | None = None,
        number_of_workers: int | None = None,
        optimizer: str | words.StochasticOptimizer | None = None,
        random_seed: int | None = None,
        step_lr_gamma: float | None = None,
        step_lr_step_size: int | None = None,
        training_batch_size: int | None = None,
        validation_batch_size: int | None = None,
        warmup_cosine_lr_cycles: float | None = None,
        warmup_cosine_lr_warmup_epochs: int | None = None,
        weight_decay: float | None = None,
        box_detections_per_image: int | None = None,
        box_score_threshold: float | None = None,
        image_size: int | None = None,
        max_size: int | None = None,
        min_size: int | None = None,
        model_size: str | None = None,
        multi_scale: bool | None = None,
        nms_iou_threshold: float | None = None,
        tile_grid_size: str | None = None,
        tile_overlap_ratio: float | None = None,
        tile_predictions_nms_threshold: float | None = None,
        validation_iou_threshold: float | None = None,
        validation_metric_type: str | words.ValidationMetricType | None = None,
        log_training_metrics: str | words.LogTrainingMetrics | None = None,
        log_validation_loss: str | words.LogValidationLoss | None = None,
    ) -> None:
        """Say hyperparameters that all trials share; what is None stays as it is."""
        given = {name: value for name, value in locals().items() if name != "self"}
        self.training_parameters = changed(self.training_parameters or ImageModelSettingsObjectDetection(), given)


@entity(eq=False)
class ImageClassificationJob(AutoMLImageClassificationBase):
    """Learns to tell the class of an image: `automl.image_classification(...)` makes it."""

    task_type: Literal["ImageClassification"] = tag(
        "properties.taskDetails.taskType", default="ImageClassification", file="task", file_word="image_classification"
    )
    primary_metric: Field[ClassificationMetric | None, str | None] = wire(
        "properties.taskDetails.primaryMetric",
        default=None,
        given=unset("Accuracy"),
        file_codec=snake_form(words.ClassificationPrimaryMetrics),
    )
    """What is optimised: `accuracy`, `auc_weighted`, and others of `ClassificationPrimaryMetrics`."""


@entity(eq=False)
class ImageClassificationMultilabelJob(AutoMLImageClassificationBase):
    """Learns to tell the classes of an image: `automl.image_classification_multilabel(...)` makes it."""

    task_type: Literal["ImageClassificationMultilabel"] = tag(
        "properties.taskDetails.taskType",
        default="ImageClassificationMultilabel",
        file="task",
        file_word="image_classification_multilabel",
    )
    primary_metric: Field[MultilabelMetric | None, str | None] = wire(
        "properties.taskDetails.primaryMetric",
        default=None,
        given=unset("IOU"),
        file_codec=snake_form(words.ClassificationMultilabelPrimaryMetrics),
    )
    """What is optimised: `iou`, and others of `ClassificationMultilabelPrimaryMetrics`."""


@entity(eq=False)
class ImageObjectDetectionJob(AutoMLImageObjectDetectionBase):
    """Learns to find objects in an image: `automl.image_object_detection(...)` makes it."""

    task_type: Literal["ImageObjectDetection"] = tag(
        "properties.taskDetails.taskType",
        default="ImageObjectDetection",
        file="task",
        file_word="image_object_detection",
    )
    primary_metric: Field[DetectionMetric | None, str | None] = wire(
        "properties.taskDetails.primaryMetric",
        default=None,
        given=unset("MeanAveragePrecision"),
        file_codec=snake_form(words.ObjectDetectionPrimaryMetrics),
    )
    """What is optimised: `mean_average_precision`."""


@entity(eq=False)
class ImageInstanceSegmentationJob(AutoMLImageObjectDetectionBase):
    """Learns to find the outlines of objects in an image: `automl.image_instance_segmentation(...)` makes it."""

    task_type: Literal["ImageInstanceSegmentation"] = tag(
        "properties.taskDetails.taskType",
        default="ImageInstanceSegmentation",
        file="task",
        file_word="image_instance_segmentation",
    )
    primary_metric: Field[SegmentationMetric | None, str | None] = wire(
        "properties.taskDetails.primaryMetric",
        default=None,
        given=unset("MeanAveragePrecision"),
        file_codec=snake_form(words.InstanceSegmentationPrimaryMetrics),
    )
    """What is optimised: `mean_average_precision`."""
