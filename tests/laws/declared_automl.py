"""What the laws do not hold for in AutoML, each with its reason, and the values of attributes that are not free."""

from __future__ import annotations

from typing import Any, Union

from mlsdk.entities import Input
from mlsdk.entities.inputs import Output
from mlsdk.sweep import Choice, Normal, QNormal, QUniform, Randint, Uniform

JOBS = (
    "ClassificationJob",
    "ForecastingJob",
    "ImageClassificationJob",
    "ImageClassificationMultilabelJob",
    "ImageInstanceSegmentationJob",
    "ImageObjectDetectionJob",
    "RegressionJob",
    "TextClassificationJob",
    "TextClassificationMultilabelJob",
    "TextNerJob",
)
_TABLES = [
    None,
    Input(type="mltable", path="train:1"),
    Input(type="mltable", path="azureml://datastores/d/paths/p", mode="download"),
]
_FLAGS = [None, False, True, Choice([True, False])]
_WHOLE = [None, 0, 3, Choice([1, 2]), Randint(5)]
_WHOLE_OF_IMAGES = [*_WHOLE, QUniform(1, 9, 2), QNormal(5, 2, 1)]
_NUMBERS = [None, 0.0, 0.5, 1e-7, Choice([0.1, 1e-7]), Uniform(0, 1), Normal(0.5, 2)]
_TEXTS = [None, "", "bert-base-cased", "1.10", Choice(["a", "b c", "1"])]
_SCHEDULERS = [None, "linear", Choice(["linear", "cosine"])]


def _drawn(cls: str, values: list[Any], *names: str) -> dict[str, list[Any]]:
    return {f"{cls}.{name}": values for name in names}


TYPES: dict[str, Any] = {"AutoMLJob.outputs": Union[dict[str, Output], None]}
"""Types of attributes that are narrower than declared."""

VALUES: dict[str, list[Any]] = {
    **_drawn("AutoMLJob", _TABLES, "training_data", "validation_data", "test_data"),
    **_drawn("AutoMLJob", [None, "y"], "target_column_name"),
    **_drawn("TextClassificationMultilabelJob", [None, "Accuracy"], "primary_metric"),
    **_drawn("TextNerJob", [None, "Accuracy"], "primary_metric"),
    **_drawn(
        "NlpSearchSpace",
        _WHOLE,
        "gradient_accumulation_steps",
        "number_of_epochs",
        "training_batch_size",
        "validation_batch_size",
    ),
    **_drawn("NlpSearchSpace", _NUMBERS, "learning_rate", "warmup_ratio", "weight_decay"),
    **_drawn("NlpSearchSpace", _TEXTS, "model_name"),
    **_drawn("NlpSearchSpace", _SCHEDULERS, "learning_rate_scheduler"),
    **_drawn(
        "ImageSearchSpace",
        _FLAGS,
        "ams_gradient",
        "distributed",
        "early_stopping",
        "enable_onnx_normalization",
        "nesterov",
    ),
    **_drawn(
        "ImageSearchSpace",
        _WHOLE_OF_IMAGES,
        "early_stopping_delay",
        "early_stopping_patience",
        "evaluation_frequency",
        "gradient_accumulation_step",
        "layers_to_freeze",
        "number_of_epochs",
        "number_of_workers",
        "random_seed",
        "step_lr_step_size",
        "training_batch_size",
        "validation_batch_size",
        "warmup_cosine_lr_warmup_epochs",
    ),
    **_drawn(
        "ImageSearchSpace",
        _NUMBERS,
        "beta1",
        "beta2",
        "learning_rate",
        "momentum",
        "step_lr_gamma",
        "warmup_cosine_lr_cycles",
        "weight_decay",
    ),
    **_drawn("ImageSearchSpace", _TEXTS, "model_name"),
    **_drawn("ImageSearchSpace", [None, "step", Choice(["step", "warmup_cosine"])], "learning_rate_scheduler"),
    **_drawn("ImageSearchSpace", [None, "sgd", Choice(["sgd", "adamw"])], "optimizer"),
    **_drawn(
        "ImageClassificationSearchSpace",
        _WHOLE_OF_IMAGES,
        "training_crop_size",
        "validation_crop_size",
        "validation_resize_size",
        "weighted_loss",
    ),
    **_drawn(
        "ImageObjectDetectionSearchSpace",
        _WHOLE_OF_IMAGES,
        "box_detections_per_image",
        "image_size",
        "max_size",
        "min_size",
    ),
    **_drawn(
        "ImageObjectDetectionSearchSpace",
        _NUMBERS,
        "box_score_threshold",
        "nms_iou_threshold",
        "tile_overlap_ratio",
        "tile_predictions_nms_threshold",
        "validation_iou_threshold",
    ),
    **_drawn("ImageObjectDetectionSearchSpace", _FLAGS, "multi_scale"),
    **_drawn("ImageObjectDetectionSearchSpace", _TEXTS, "tile_grid_size"),
    **_drawn("ImageObjectDetectionSearchSpace", [None, "small", Choice(["small", "large"])], "model_size"),
    **_drawn("ImageObjectDetectionSearchSpace", [None, "coco", Choice(["voc", "coco_voc"])], "validation_metric_type"),
    "TabularFeaturizationSettings.transformer_params": [None, {}, {"imputer": []}, {"TfIdf": [], "Imputer": []}],
}
"""Values of attributes that are not free; files know fewer distributions than Python."""

BACK, TOMORROW, FILES = (
    "what_is_sent_is_read_back",
    "fields_of_tomorrow_survive",
    "files_are_read_as_they_were_written",
)
DECLARED: dict[tuple[str, str, str], str] = {
    **{
        (cls, law, what): why
        for cls in JOBS
        for (law, what), why in {
            (FILES, r"trainingSettings is added: \{\}"): "the file form always has settings of training",
            (FILES, r"log_?[vV]erbosity is added"): "a file that does not say how much is logged means `info`",
            (BACK, r"^properties\.\S+ is lost: None"): "what is None is left out of the properties of a job",
            (BACK, r"^outputs\.\S+ is changed: NodeOutput"): "an output knows its job; what is said of it is the same",
            (BACK, r"^(resources)"): "nodes are read as those of jobs, which have more settings",
            (
                FILES,
                r"outputs\.\S+\.uri is changed: .* to 'azureml:",
            ): "files have paths with `azureml:`, as officially",
            (FILES, r"properties\.\S+ is (lost: None|changed: .* to ')"): "files of jobs have properties as texts",
            (FILES, r"outputs\.\S+\.description is lost"): "files of jobs do not describe outputs, as officially",
            (TOMORROW, r"properties\.outputs\.fieldOfTomorrow\."): "what is no mapping is not an output",
        }.items()
    },
    ("TabularFeaturizationSettings", FILES, r"\bmode is added: 'auto'"): "a file that names no mode means that one",
    ("TabularFeaturizationSettings", BACK, r"^transformer_params"): "no transformers are told by an empty mapping",
    **{
        (
            cls,
            FILES,
            r"(mode|featureLags|useStl|shortSeriesHandlingConfig|targetAggregateFunction|samplingAlgorithm) is changed: '[A-Z]",
        ): "files have these words in lower case, and bodies what files say; the service reads them in any case"
        for cls in ("TabularFeaturizationSettings", "ForecastingSettings", "NlpSweepSettings", "ImageSweepSettings")
    },
    (
        "ForecastingSettings",
        BACK,
        r"^(target_lags|time_series_id_column_names|features_unknown_at_forecast_time) is changed: .* to \[",
    ): "one of them is sent as a list of one",
}
"""Class, law and what the law tells (a regular expression), with the reason why it may be so."""
