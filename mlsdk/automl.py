"""AutoML under its official names: the functions that make jobs, the jobs, their settings and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk._exports import homes

if TYPE_CHECKING:
    from mlsdk.builders.automl import (
        classification,
        forecasting,
        image_classification,
        image_classification_multilabel,
        image_instance_segmentation,
        image_object_detection,
        regression,
        text_classification,
        text_classification_multilabel,
        text_ner,
    )
    from mlsdk.entities.automl_forecasting_settings import (
        ForecastingSettings,
    )
    from mlsdk.entities.automl_image import (
        ImageClassificationJob,
        ImageClassificationMultilabelJob,
        ImageInstanceSegmentationJob,
        ImageObjectDetectionJob,
    )
    from mlsdk.entities.automl_image_search_space import (
        ImageClassificationSearchSpace,
        ImageObjectDetectionSearchSpace,
    )
    from mlsdk.entities.automl_image_settings import (
        ImageLimitSettings,
        ImageModelSettingsClassification,
        ImageModelSettingsObjectDetection,
    )
    from mlsdk.entities.automl_nlp import (
        TextClassificationJob,
        TextClassificationMultilabelJob,
        TextNerJob,
    )
    from mlsdk.entities.automl_nlp_settings import (
        NlpFeaturizationSettings,
        NlpFixedParameters,
        NlpLimitSettings,
        NlpSearchSpace,
    )
    from mlsdk.entities.automl_search_space import (
        SearchSpace,
    )
    from mlsdk.entities.automl_sweep_settings import (
        ImageSweepSettings,
        NlpSweepSettings,
    )
    from mlsdk.entities.automl_tabular import (
        ClassificationJob,
        ForecastingJob,
        RegressionJob,
    )
    from mlsdk.entities.automl_tabular_settings import (
        ColumnTransformer,
        StackEnsembleSettings,
        TabularFeaturizationSettings,
        TabularLimitSettings,
        TrainingSettings,
    )
    from mlsdk.entities.automl_words import (
        BlockedTransformers,
        ClassificationModels,
        ClassificationMultilabelPrimaryMetrics,
        ClassificationPrimaryMetrics,
        FeaturizationMode,
        ForecastHorizonMode,
        ForecastingModels,
        ForecastingPrimaryMetrics,
        InstanceSegmentationPrimaryMetrics,
        LearningRateScheduler,
        LogTrainingMetrics,
        LogValidationLoss,
        NCrossValidationsMode,
        ObjectDetectionPrimaryMetrics,
        RegressionModels,
        RegressionPrimaryMetrics,
        SamplingAlgorithmType,
        ShortSeriesHandlingConfiguration,
        StochasticOptimizer,
        TargetAggregationFunction,
        TargetLagsMode,
        TargetRollingWindowSizeMode,
        UseStl,
        ValidationMetricType,
    )

__all__ = [
    "BlockedTransformers",
    "ClassificationJob",
    "ClassificationModels",
    "ClassificationMultilabelPrimaryMetrics",
    "ClassificationPrimaryMetrics",
    "ColumnTransformer",
    "FeaturizationMode",
    "ForecastHorizonMode",
    "ForecastingJob",
    "ForecastingModels",
    "ForecastingPrimaryMetrics",
    "ForecastingSettings",
    "ImageClassificationJob",
    "ImageClassificationMultilabelJob",
    "ImageClassificationSearchSpace",
    "ImageInstanceSegmentationJob",
    "ImageLimitSettings",
    "ImageModelSettingsClassification",
    "ImageModelSettingsObjectDetection",
    "ImageObjectDetectionJob",
    "ImageObjectDetectionSearchSpace",
    "ImageSweepSettings",
    "InstanceSegmentationPrimaryMetrics",
    "LearningRateScheduler",
    "LogTrainingMetrics",
    "LogValidationLoss",
    "NCrossValidationsMode",
    "NlpFeaturizationSettings",
    "NlpFixedParameters",
    "NlpLimitSettings",
    "NlpSearchSpace",
    "NlpSweepSettings",
    "ObjectDetectionPrimaryMetrics",
    "RegressionJob",
    "RegressionModels",
    "RegressionPrimaryMetrics",
    "SamplingAlgorithmType",
    "SearchSpace",
    "ShortSeriesHandlingConfiguration",
    "StackEnsembleSettings",
    "StochasticOptimizer",
    "TabularFeaturizationSettings",
    "TabularLimitSettings",
    "TargetAggregationFunction",
    "TargetLagsMode",
    "TargetRollingWindowSizeMode",
    "TextClassificationJob",
    "TextClassificationMultilabelJob",
    "TextNerJob",
    "TrainingSettings",
    "UseStl",
    "ValidationMetricType",
    "classification",
    "forecasting",
    "image_classification",
    "image_classification_multilabel",
    "image_instance_segmentation",
    "image_object_detection",
    "regression",
    "text_classification",
    "text_classification_multilabel",
    "text_ner",
]

_HOMES = homes(
    {
        "mlsdk.builders.automl": (
            "classification",
            "forecasting",
            "image_classification",
            "image_classification_multilabel",
            "image_instance_segmentation",
            "image_object_detection",
            "regression",
            "text_classification",
            "text_classification_multilabel",
            "text_ner",
        ),
        "mlsdk.entities.automl_forecasting_settings": ("ForecastingSettings",),
        "mlsdk.entities.automl_image": (
            "ImageClassificationJob",
            "ImageClassificationMultilabelJob",
            "ImageInstanceSegmentationJob",
            "ImageObjectDetectionJob",
        ),
        "mlsdk.entities.automl_image_search_space": (
            "ImageClassificationSearchSpace",
            "ImageObjectDetectionSearchSpace",
        ),
        "mlsdk.entities.automl_image_settings": (
            "ImageLimitSettings",
            "ImageModelSettingsClassification",
            "ImageModelSettingsObjectDetection",
        ),
        "mlsdk.entities.automl_nlp": (
            "TextClassificationJob",
            "TextClassificationMultilabelJob",
            "TextNerJob",
        ),
        "mlsdk.entities.automl_nlp_settings": (
            "NlpFeaturizationSettings",
            "NlpFixedParameters",
            "NlpLimitSettings",
            "NlpSearchSpace",
        ),
        "mlsdk.entities.automl_search_space": ("SearchSpace",),
        "mlsdk.entities.automl_sweep_settings": (
            "ImageSweepSettings",
            "NlpSweepSettings",
        ),
        "mlsdk.entities.automl_tabular": (
            "ClassificationJob",
            "ForecastingJob",
            "RegressionJob",
        ),
        "mlsdk.entities.automl_tabular_settings": (
            "ColumnTransformer",
            "StackEnsembleSettings",
            "TabularFeaturizationSettings",
            "TabularLimitSettings",
            "TrainingSettings",
        ),
        "mlsdk.entities.automl_words": (
            "BlockedTransformers",
            "ClassificationModels",
            "ClassificationMultilabelPrimaryMetrics",
            "ClassificationPrimaryMetrics",
            "FeaturizationMode",
            "ForecastHorizonMode",
            "ForecastingModels",
            "ForecastingPrimaryMetrics",
            "InstanceSegmentationPrimaryMetrics",
            "LearningRateScheduler",
            "LogTrainingMetrics",
            "LogValidationLoss",
            "NCrossValidationsMode",
            "ObjectDetectionPrimaryMetrics",
            "RegressionModels",
            "RegressionPrimaryMetrics",
            "SamplingAlgorithmType",
            "ShortSeriesHandlingConfiguration",
            "StochasticOptimizer",
            "TargetAggregationFunction",
            "TargetLagsMode",
            "TargetRollingWindowSizeMode",
            "UseStl",
            "ValidationMetricType",
        ),
    }
)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value
    message = f"module 'mlsdk.automl' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
