"""How AutoML learns from images: limits, and the hyperparameters that all trials share."""

from __future__ import annotations

from mlsdk.entities import automl_words as words
from mlsdk.entities.automl_values import (
    MODEL_SIZES,
    Decimal,
    Enabling,
    Flag,
    MetricType,
    ModelSizeWord,
    Optimizer,
    Scheduler,
    Whole,
    snake_form,
)
from mlsdk.schema import codecs
from mlsdk.schema.fields import Codec, Entity, entity, wire
from mlsdk.schema.mappings import Field

_ENABLING = Codec(str, snake_form(words.LogTrainingMetrics).load)


@entity
class ImageLimitSettings(Entity):
    """When AutoML stops learning from images: `ImageLimitSettings(max_trials=10, timeout_minutes=180)`."""

    max_concurrent_trials: Whole = wire("maxConcurrentTrials", default=None)
    max_trials: Whole = wire("maxTrials", default=None)
    timeout_minutes: Whole = wire("timeout", default=None, codec=codecs.minutes)
    """Minutes after which the whole experiment is given up."""


@entity
class ImageModelDistributionSettings(Entity):
    """The hyperparameters of image jobs of all tasks."""

    advanced_settings: str | None = wire("advancedSettings", default=None)
    """Further settings, as JSON."""
    ams_gradient: Flag = wire("amsGradient", default=None)
    """Whether the optimizer is the AMSGrad kind of Adam."""
    beta1: Decimal = wire("beta1", default=None)
    """Of the optimizers of the Adam family."""
    beta2: Decimal = wire("beta2", default=None)
    checkpoint_frequency: Whole = wire("checkpointFrequency", default=None)
    """After how many epochs a model is kept."""
    checkpoint_run_id: str | None = wire("checkpointRunId", default=None)
    """The run whose model is trained on."""
    distributed: Flag = wire("distributed", default=None)
    """Whether several nodes train one model."""
    early_stopping: Flag = wire("earlyStopping", default=None)
    """Whether training stops when the metric no longer gets better."""
    early_stopping_delay: Whole = wire("earlyStoppingDelay", default=None)
    """The least number of epochs, or evaluations, before that."""
    early_stopping_patience: Whole = wire("earlyStoppingPatience", default=None)
    """The number of evaluations without progress after which that is."""
    enable_onnx_normalization: Flag = wire("enableOnnxNormalization", default=None)
    """Whether images are normalised in the exported model."""
    evaluation_frequency: Whole = wire("evaluationFrequency", default=None)
    """After how many epochs the model is evaluated."""
    gradient_accumulation_step: Whole = wire("gradientAccumulationStep", default=None)
    """How many batches are added up before the weights change."""
    layers_to_freeze: Whole = wire("layersToFreeze", default=None)
    """How many layers of the pretrained model stay as they are."""
    learning_rate: Decimal = wire("learningRate", default=None)
    learning_rate_scheduler: Field[Scheduler | None, str | None] = wire(
        "learningRateScheduler", default=None, file_codec=snake_form(words.LearningRateScheduler)
    )
    """How the learning rate falls: `step`, `warmup_cosine` or `none`."""
    model_name: str | None = wire("modelName", default=None)
    """The pretrained model: `yolov5`, `seresnext`, and others of the enumerations of model names."""
    momentum: Decimal = wire("momentum", default=None)
    nesterov: Flag = wire("nesterov", default=None)
    """Whether momentum is Nesterov's."""
    number_of_epochs: Whole = wire("numberOfEpochs", default=None)
    number_of_workers: Whole = wire("numberOfWorkers", default=None)
    """The processes that read images."""
    optimizer: Field[Optimizer | None, str | None] = wire(
        "optimizer", default=None, file_codec=snake_form(words.StochasticOptimizer)
    )
    """`sgd`, `adam`, `adamw` or `none`."""
    random_seed: Whole = wire("randomSeed", default=None)
    step_lr_gamma: Decimal = wire("stepLrGamma", default=None)
    """By what the learning rate is multiplied at each step."""
    step_lr_step_size: Whole = wire("stepLrStepSize", default=None)
    """After how many epochs that is."""
    training_batch_size: Whole = wire("trainingBatchSize", default=None)
    validation_batch_size: Whole = wire("validationBatchSize", default=None)
    warmup_cosine_lr_cycles: Decimal = wire("warmupCosineLrCycles", default=None)
    warmup_cosine_lr_warmup_epochs: Whole = wire("warmupCosineLrWarmupEpochs", default=None)
    weight_decay: Decimal = wire("weightDecay", default=None)


@entity
class ImageModelSettingsClassification(ImageModelDistributionSettings):
    """Hyperparameters for classifying images: `ImageModelSettingsClassification(model_name="seresnext")`."""

    training_crop_size: Whole = wire("trainingCropSize", default=None)
    """The side of the square that is cut out of an image."""
    validation_crop_size: Whole = wire("validationCropSize", default=None)
    validation_resize_size: Whole = wire("validationResizeSize", default=None)
    """To which size images are brought before they are cut."""
    weighted_loss: Whole = wire("weightedLoss", default=None)
    """0 for none, 1 for weights by the square root of the counts of classes, 2 by the counts."""


@entity
class ImageModelSettingsObjectDetection(ImageModelDistributionSettings):
    """Hyperparameters for finding objects, or their outlines: `ImageModelSettingsObjectDetection(model_name="yolov5")`."""

    box_detections_per_image: Whole = wire("boxDetectionsPerImage", default=None)
    """The most objects in one image."""
    box_score_threshold: Decimal = wire("boxScoreThreshold", default=None)
    """The score below which nothing counts as an object."""
    image_size: Whole = wire("imageSize", default=None)
    """The size of images, for yolov5."""
    max_size: Whole = wire("maxSize", default=None)
    """The longest side of an image."""
    min_size: Whole = wire("minSize", default=None)
    """The shortest side of an image."""
    model_size: Field[ModelSizeWord | None, str | None] = wire(
        "modelSize", default=None, file_codec=snake_form(MODEL_SIZES)
    )
    """`small`, `medium`, `large`, `extra_large` or `none`, for yolov5."""
    multi_scale: Flag = wire("multiScale", default=None)
    """Whether images are seen in several sizes, for yolov5."""
    nms_iou_threshold: Decimal = wire("nmsIouThreshold", default=None)
    """How much two boxes may overlap."""
    tile_grid_size: str | None = wire("tileGridSize", default=None)
    """How images are cut to find small objects: `3x2`."""
    tile_overlap_ratio: Decimal = wire("tileOverlapRatio", default=None)
    """How much neighbouring tiles overlap."""
    tile_predictions_nms_threshold: Decimal = wire("tilePredictionsNmsThreshold", default=None)
    """How much two boxes of different tiles may overlap."""
    validation_iou_threshold: Decimal = wire("validationIouThreshold", default=None)
    """How much a box has to overlap the true one."""
    validation_metric_type: Field[MetricType | None, str | None] = wire(
        "validationMetricType", default=None, file_codec=snake_form(words.ValidationMetricType)
    )
    """`coco`, `voc`, `coco_voc` or `none`."""
    log_training_metrics: Field[Enabling | None, str | None] = wire(
        "logTrainingMetrics", default=None, file_codec=_ENABLING
    )
    """`Enable` or `Disable`."""
    log_validation_loss: Field[Enabling | None, str | None] = wire(
        "logValidationLoss", default=None, file_codec=_ENABLING
    )
    """`Enable` or `Disable`."""
