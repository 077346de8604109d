"""Types of AutoML's settings: words, numbers that may be found by AutoML itself, and bindings in their place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Union

from mlsdk.entities import automl_words as words
from mlsdk.entities.bindings import is_binding
from mlsdk.schema.fields import Codec
from mlsdk.schema.mappings import Field
from mlsdk.schema.values import Binding, described, did_you_mean

_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])")
LOG_VERBOSITY = ("NotSet", "Debug", "Info", "Warning", "Error", "Critical")
META_LEARNERS = (
    "None",
    "LogisticRegression",
    "LogisticRegressionCV",
    "LightGBMClassifier",
    "ElasticNet",
    "ElasticNetCV",
    "LightGBMRegressor",
    "LinearRegression",
)
MODEL_SIZES = ("None", "Small", "Medium", "Large", "ExtraLarge")
PARAMETER_KEYS = ("Imputer", "TfIdf", "HashOneHotEncoder")
"""The transformers that take parameters."""
TRAINING_MODES = ("Auto", "Distributed", "NonDistributed")
NLP_SCHEDULERS = (
    "None",
    "Linear",
    "Cosine",
    "CosineWithRestarts",
    "Polynomial",
    "Constant",
    "ConstantWithWarmup",
)

# In a pipeline, the value of any setting may be an expression.
Flag = Field[Union[bool, Binding, None], Union[bool, str, None]]
Whole = Field[Union[int, Binding, None], Union[int, str, None]]
Decimal = Field[Union[float, Binding, None], Union[float, str, None]]
Names = Field[Union[list[str], Binding, None], Union[list[str], str, None]]
if TYPE_CHECKING:
    AutoOrWhole = Field[int | str | None, int | str | None]
    Lags = Field[list[int] | int | str | None, list[int] | int | str | None]
    Word = Field[str | None, str | None]
    BlockedTransformer: TypeAlias = str
    Verbosity: TypeAlias = str
    MetaLearner: TypeAlias = str
    FeaturizationWord: TypeAlias = str
    FeatureLags: TypeAlias = str
    Stl: TypeAlias = str
    ShortSeries: TypeAlias = str
    Aggregation: TypeAlias = str
    Sampling: TypeAlias = str
    Scheduler: TypeAlias = str
    NlpScheduler: TypeAlias = str
    Optimizer: TypeAlias = str
    ModelSizeWord: TypeAlias = str
    MetricType: TypeAlias = str
    TrainingModeWord: TypeAlias = str
    Enabling: TypeAlias = str
    ClassificationMetric: TypeAlias = str
    MultilabelMetric: TypeAlias = str
    RegressionMetric: TypeAlias = str
    ForecastingMetric: TypeAlias = str
    DetectionMetric: TypeAlias = str
    SegmentationMetric: TypeAlias = str
    ClassificationAlgorithm: TypeAlias = str
    RegressionAlgorithm: TypeAlias = str
    ForecastingAlgorithm: TypeAlias = str
else:

    def _of(known: Any, *more: str) -> Any:
        """The type of the words of an enumeration, or of those in a tuple, and expressions in their place."""
        listed = [one.value for one in known] if isinstance(known, type) else known
        spelled = (*more, *listed)
        return Union[Literal[spelled], Binding]

    def _either(known: Any) -> Any:
        """The type of words that are sent as they are spelled: as the service has them, or in lower case."""
        return _of(known, *(one.value.lower() for one in known))

    AutoOrWhole = Union[int, Literal["auto"], Binding, None]
    Lags = Union[list[int], int, Literal["auto"], Binding, None]
    BlockedTransformer = _of(words.BlockedTransformers)
    Verbosity = _of(LOG_VERBOSITY)
    MetaLearner = _of(META_LEARNERS)
    FeaturizationWord = _either(words.FeaturizationMode)
    FeatureLags = Union[Literal["none", "auto", "None", "Auto"], Binding]
    Stl = _either(words.UseStl)
    ShortSeries = _either(words.ShortSeriesHandlingConfiguration)
    Aggregation = _either(words.TargetAggregationFunction)
    Sampling = _either(words.SamplingAlgorithmType)
    Scheduler = _of(words.LearningRateScheduler)
    NlpScheduler = _of(NLP_SCHEDULERS)
    Optimizer = _of(words.StochasticOptimizer)
    ModelSizeWord = _of(MODEL_SIZES)
    MetricType = _of(words.ValidationMetricType)
    TrainingModeWord = _of(TRAINING_MODES)
    Enabling = _of(words.LogTrainingMetrics)
    ClassificationMetric = _of(words.ClassificationPrimaryMetrics)
    MultilabelMetric = _of(words.ClassificationMultilabelPrimaryMetrics)
    RegressionMetric = _of(words.RegressionPrimaryMetrics)
    ForecastingMetric = _of(words.ForecastingPrimaryMetrics)
    DetectionMetric = _of(words.ObjectDetectionPrimaryMetrics)
    SegmentationMetric = _of(words.InstanceSegmentationPrimaryMetrics)
    ClassificationAlgorithm = _of(words.ClassificationModels)
    RegressionAlgorithm = _of(words.RegressionModels)
    ForecastingAlgorithm = _of(words.ForecastingModels)


# -- words in files ------------------------------------------------------------------------------------------
def snake(word: Any) -> Any:
    """A word of the service as files have it, `AUCWeighted` as `auc_weighted`; an expression as it is."""
    if isinstance(word, Enum):
        word = word.value
    return _HUMPS.sub("_", word).lower() if isinstance(word, str) and not is_binding(word) else word


def _reading(spelled: Mapping[str, str], brought: Callable[[str], str]) -> Callable[[Any], Any]:
    """Reads a word by what `brought` makes of it; ValueError when it is none of those `spelled`."""

    def load(word: Any) -> Any:
        if isinstance(word, str) and is_binding(word):
            return word
        found = spelled.get(brought(word)) if isinstance(word, str) else None
        if found is not None:
            return found
        message = f"{described(word)} is not one of {', '.join(map(repr, spelled))}{did_you_mean(word, spelled)}"
        raise ValueError(message)

    return load


def _listed(known: Iterable[Any]) -> list[str]:
    return [one.value if isinstance(one, Enum) else one for one in known]


def snake_form(known: Iterable[Any]) -> Codec:
    """Words in snake case in files, where they may be spelled as the service does too."""
    return Codec(snake, _reading({snake(word): word for word in _listed(known)}, snake))


def lower_form(known: Iterable[Any]) -> Codec:
    """Words in lower case in files and, from there, in bodies."""
    lower = {word.lower(): word.lower() for word in _listed(known)}
    return Codec(lambda word: word if is_binding(word) else word.lower(), _reading(lower, str.lower))


def each(codec: Codec) -> Codec:
    """A list of what the codec is for."""

    def load(found: Any) -> Any:
        return [codec.load(one) for one in found] if isinstance(found, list) else found

    return Codec(lambda given: given if isinstance(given, str) else [codec.dump(one) for one in given], load)


# -- numbers that AutoML finds by itself ---------------------------------------------------------------------
def _auto_to_body(value: Any, key: str = "value") -> Any:
    if isinstance(value, str):
        return value if is_binding(value) else {"mode": "Auto"}
    return value if isinstance(value, Mapping) else {"mode": "Custom", key: value}


def _auto_of_body(body: Any, key: str = "value") -> Any:
    match body:
        case {"mode": str() as mode} if mode.lower() == "auto" and len(body) == 1:
            return "auto"
        case {"mode": str() as mode, **rest} if mode.lower() == "custom" and [*rest] == [key]:
            return rest[key]
        case _:
            return body  # what a newer service said of it is kept as it came


AUTO_OR_VALUE = Codec(_auto_to_body, _auto_of_body)
"""`auto`, or a number."""
AUTO_OR_VALUES = Codec(
    lambda value: _auto_to_body(value if isinstance(value, (str, list, Mapping)) else [value], "values"),
    lambda body: _auto_of_body(body, "values"),
)
"""`auto`, or numbers."""
LIST = Codec(lambda value: [value] if isinstance(value, str) and value else value, lambda found: found)
"""Names in a list, one alone too."""


def unset(default: Any) -> Callable[[Any, Any], Any]:
    """Puts what is meant in the place of None."""
    return lambda value, _: default if value is None else value
