"""What hyperparameters of image jobs are drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.entities import automl_words as words
from mlsdk.entities.automl_search_space import (
    FLAG,
    NUMBER,
    NUMBER_FORM,
    TEXT,
    WHOLE,
    WORD_FORM,
    DrawnFlag,
    DrawnNumber,
    DrawnText,
    DrawnWhole,
    drawn_of_file,
    drawn_words,
)
from mlsdk.entities.automl_values import MODEL_SIZES, snake_form
from mlsdk.schema.fields import Entity, entity, wire

if TYPE_CHECKING:
    from collections.abc import Mapping


@entity
class ImageSearchSpace(Entity):
    """What image jobs of all tasks draw: each hyperparameter a value, or a distribution such as `Choice`."""

    ams_gradient: DrawnFlag = wire("amsGradient", default=None, codec=FLAG)
    beta1: DrawnNumber = wire("beta1", default=None, codec=NUMBER, file_codec=NUMBER_FORM)
    beta2: DrawnNumber = wire("beta2", default=None, codec=NUMBER, file_codec=NUMBER_FORM)
    distributed: DrawnFlag = wire("distributed", default=None, codec=FLAG)
    early_stopping: DrawnFlag = wire("earlyStopping", default=None, codec=FLAG)
    early_stopping_delay: DrawnWhole = wire("earlyStoppingDelay", default=None, codec=WHOLE)
    early_stopping_patience: DrawnWhole = wire("earlyStoppingPatience", default=None, codec=WHOLE)
    enable_onnx_normalization: DrawnFlag = wire("enableOnnxNormalization", default=None, codec=FLAG)
    evaluation_frequency: DrawnWhole = wire("evaluationFrequency", default=None, codec=WHOLE)
    gradient_accumulation_step: DrawnWhole = wire("gradientAccumulationStep", default=None, codec=WHOLE)
    layers_to_freeze: DrawnWhole = wire("layersToFreeze", default=None, codec=WHOLE)
    learning_rate: DrawnNumber = wire("learningRate", default=None, codec=NUMBER, file_codec=NUMBER_FORM)
    learning_rate_scheduler: DrawnText = wire(
        "learningRateScheduler",
        default=None,
        codec=drawn_words(snake_form(words.LearningRateScheduler)),
        file_codec=WORD_FORM,
    )
    model_name: DrawnText = wire("modelName", default=None, codec=TEXT)
    momentum: DrawnNumber = wire("momentum", default=None, codec=NUMBER, file_codec=NUMBER_FORM)
    nesterov: DrawnFlag = wire("nesterov", default=None, codec=FLAG)
    number_of_epochs: DrawnWhole = wire("numberOfEpochs", default=None, codec=WHOLE)
    number_of_workers: DrawnWhole = wire("numberOfWorkers", default=None, codec=WHOLE)
    optimizer: DrawnText = wire(
        "optimizer", default=None, codec=drawn_words(snake_form(words.StochasticOptimizer)), file_codec=WORD_FORM
    )
    random_seed: DrawnWhole = wire("randomSeed", default=None, codec=WHOLE)
    step_lr_gamma: DrawnNumber = wire("stepLrGamma", default=None, codec=NUMBER, file_codec=NUMBER_FORM)
    step_lr_step_size: DrawnWhole = wire("stepLrStepSize", default=None, codec=WHOLE)
    training_batch_size: DrawnWhole = wire("trainingBatchSize", default=None, codec=WHOLE)
    validation_batch_size: DrawnWhole = wire("validationBatchSize", default=None, codec=WHOLE)
    warmup_cosine_lr_cycles: DrawnNumber = wire(
        "warmupCosineLrCycles", default=None, codec=NUMBER, file_codec=NUMBER_FORM
    )
    warmup_cosine_lr_warmup_epochs: DrawnWhole = wire("warmupCosineLrWarmupEpochs", default=None, codec=WHOLE)
    weight_decay: DrawnNumber = wire("weightDecay", default=None, codec=NUMBER, file_codec=NUMBER_FORM)

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, each value in the form of its kind."""
        return drawn_of_file(cls, data)


@entity
class ImageClassificationSearchSpace(ImageSearchSpace):
    """What jobs that classify images draw: `ImageClassificationSearchSpace(model_name=Choice(["vitb16r224"]))`."""

    training_crop_size: DrawnWhole = wire("trainingCropSize", default=None, codec=WHOLE)
    validation_crop_size: DrawnWhole = wire("validationCropSize", default=None, codec=WHOLE)
    validation_resize_size: DrawnWhole = wire("validationResizeSize", default=None, codec=WHOLE)
    weighted_loss: DrawnWhole = wire("weightedLoss", default=None, codec=WHOLE)


@entity
class ImageObjectDetectionSearchSpace(ImageSearchSpace):
    """What jobs that find objects draw: `ImageObjectDetectionSearchSpace(learning_rate=Uniform(0.0001, 0.01))`."""

    box_detections_per_image: DrawnWhole = wire("boxDetectionsPerImage", default=None, codec=WHOLE)
    box_score_threshold: DrawnNumber = wire("boxScoreThreshold", default=None, codec=NUMBER, file_codec=NUMBER_FORM)
    image_size: DrawnWhole = wire("imageSize", default=None, codec=WHOLE)
    max_size: DrawnWhole = wire("maxSize", default=None, codec=WHOLE)
    min_size: DrawnWhole = wire("minSize", default=None, codec=WHOLE)
    model_size: DrawnText = wire(
        "modelSize", default=None, codec=drawn_words(snake_form(MODEL_SIZES)), file_codec=WORD_FORM
    )
    multi_scale: DrawnFlag = wire("multiScale", default=None, codec=FLAG)
    nms_iou_threshold: DrawnNumber = wire("nmsIouThreshold", default=None, codec=NUMBER, file_codec=NUMBER_FORM)
    tile_grid_size: DrawnText = wire("tileGridSize", default=None, codec=TEXT)
    tile_overlap_ratio: DrawnNumber = wire("tileOverlapRatio", default=None, codec=NUMBER, file_codec=NUMBER_FORM)
    tile_predictions_nms_threshold: DrawnNumber = wire(
        "tilePredictionsNmsThreshold", default=None, codec=NUMBER, file_codec=NUMBER_FORM
    )
    validation_iou_threshold: DrawnNumber = wire(
        "validationIouThreshold", default=None, codec=NUMBER, file_codec=NUMBER_FORM
    )
    validation_metric_type: DrawnText = wire(
        "validationMetricType",
        default=None,
        codec=drawn_words(snake_form(words.ValidationMetricType)),
        file_codec=WORD_FORM,
    )
