"""How AutoML learns from tables: limits, features, algorithms and ensembles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Union

from mlsdk.entities import automl_words as words
from mlsdk.entities.automl_values import (
    META_LEARNERS,
    PARAMETER_KEYS,
    TRAINING_MODES,
    BlockedTransformer,
    ClassificationAlgorithm,
    Decimal,
    FeaturizationWord,
    Flag,
    ForecastingAlgorithm,
    MetaLearner,
    RegressionAlgorithm,
    TrainingModeWord,
    Whole,
    each,
    lower_form,
    snake,
    snake_form,
)
from mlsdk.schema import codecs
from mlsdk.schema.bodies import from_body, to_body
from mlsdk.schema.fields import Codec, Entity, constant, entity, wire
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong
from mlsdk.schema.values import Binding, did_you_mean


@entity(constants=(constant("sweepConcurrentTrials", 0), constant("sweepTrials", 0)))
class TabularLimitSettings(Entity):
    """When AutoML stops learning from a table: `TabularLimitSettings(max_trials=20, timeout_minutes=60)`."""

    enable_early_termination: Flag = wire("enableEarlyTermination", default=None)
    """Whether it stops when the score no longer gets better."""
    exit_score: Decimal = wire("exitScore", default=None)
    """The score that is good enough."""
    max_concurrent_trials: Whole = wire("maxConcurrentTrials", default=None)
    max_cores_per_trial: Whole = wire("maxCoresPerTrial", default=None)
    """The cores that one trial may use; -1 for all."""
    max_nodes: Whole = wire("maxNodes", default=None)
    max_trials: Whole = wire("maxTrials", default=None)
    timeout_minutes: Whole = wire("timeout", default=None, codec=codecs.minutes)
    """Minutes after which the whole experiment is given up."""
    trial_timeout_minutes: Whole = wire("trialTimeout", default=None, codec=codecs.minutes)
    """Minutes after which one trial is given up."""


# -- features ------------------------------------------------------------------------------------------------
@entity
class ColumnTransformer(Entity):
    """What a transformer does to some columns: `ColumnTransformer(fields=["age"], parameters={"strategy": "median"})`."""

    fields: list[str] | None = wire("fields", default=None)
    """The columns."""
    parameters: dict[str, Any] | None = wire("parameters", default=None)


_PARAMETERS = {snake(word): word for word in PARAMETER_KEYS}


def _transformer(key: str) -> str:
    """The service's word for a transformer that takes parameters; ValueError when there is no such one."""
    found = _PARAMETERS.get(snake(key))
    if found is None:
        message = f"{key!r} takes no parameters; {', '.join(_PARAMETERS)} do{did_you_mean(key, _PARAMETERS)}"
        raise ValueError(message)
    return found


def _by_transformer(given: Mapping[str, Any] | None, _: Any) -> dict[str, Any] | None:
    try:
        return {_transformer(key): value for key, value in given.items()} if given else None
    except ValueError as error:
        message = f"TabularFeaturizationSettings(transformer_params=…): {error}"
        raise wrong(message) from None


_TRANSFORMER_FORM = Codec(
    lambda given: {snake(key): value for key, value in given.items()},
    lambda found: {_transformer(key): value for key, value in found.items()} if isinstance(found, Mapping) else found,
)


def _transformers_of_body(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """What transformers do, by their word; what is no list a newer service said, and no transformers are None."""
    return {
        word: [from_body(ColumnTransformer, one) for one in found] if isinstance(found, list) else found
        for word, found in body.items()
    } or None


_TRANSFORMERS = Codec(
    lambda given: {
        word: [to_body(one) for one in said] if isinstance(said, list) else said for word, said in given.items()
    },
    _transformers_of_body,
)


@entity
class TabularFeaturizationSettings(Entity):
    """How the columns of a table are made into features.

    >>> TabularFeaturizationSettings(mode="custom", column_name_and_types={"zip": "Categorical"})
    """

    type: ClassVar[str] = "tabular"
    blocked_transformers: Field[list[BlockedTransformer] | None, list[Any] | None] = wire(
        "blockedTransformers", default=None, file_codec=each(snake_form(words.BlockedTransformers))
    )
    """Transformers that are not used: `CatTargetEncoder`, and others of `BlockedTransformers`."""
    column_name_and_types: dict[str, str] | None = wire("columnNameAndTypes", default=None)
    """What columns hold, where AutoML would guess something else: `{"zip": "Categorical"}`."""
    dataset_language: str | None = wire("datasetLanguage", default=None)
    """The language of texts, in three letters: `eng`."""
    transformer_params: Field[
        dict[str, list[ColumnTransformer]] | None, Mapping[str, list[ColumnTransformer]] | None
    ] = wire(
        "transformerParams",
        default=None,
        absent={},
        given=_by_transformer,
        codec=_TRANSFORMERS,
        file_codec=_TRANSFORMER_FORM,
    )
    """What `imputer`, `tf_idf` and `hash_one_hot_encoder` do, each to some columns."""
    mode: Field[FeaturizationWord | None, str | None] = wire(
        "mode", default=None, file_codec=lower_form(words.FeaturizationMode)
    )
    """`auto`, `off`, or `custom` where anything else is said here."""
    enable_dnn_featurization: Flag = wire("enableDnnFeaturization", default=None)
    """Whether neural networks make features of texts."""

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said; a file that names no mode means the automatic one."""
        return {"mode": "auto", **data}


# -- training ------------------------------------------------------------------------------------------------
@entity
class StackEnsembleSettings(Entity):
    """How models are stacked: `StackEnsembleSettings(stack_meta_learner_type="LightGBMClassifier")`."""

    stack_meta_learner_k_wargs: Any = wire("stackMetaLearnerKWargs", default=None, file="stack_meta_learner_kwargs")
    """What the learner of the stack is made with, by name."""
    stack_meta_learner_train_percentage: Union[float, Binding, None] = wire(
        "stackMetaLearnerTrainPercentage", default=0.2
    )
    """The share of the training data that is kept for the learner of the stack."""
    stack_meta_learner_type: Field[MetaLearner | None, str | None] = wire(
        "stackMetaLearnerType", default=None, file_codec=snake_form(META_LEARNERS)
    )
    """`LogisticRegression`, `LightGBMClassifier`, `ElasticNet`, and others."""


@entity
class TrainingSettings(Entity):
    """What AutoML trains: `TrainingSettings(enable_vote_ensemble=False, allowed_training_algorithms=["LightGBM"])`."""

    enable_onnx_compatible_models: Flag = wire("enableOnnxCompatibleModels", default=None)
    enable_dnn_training: Flag = wire("enableDnnTraining", default=None)
    """Whether neural networks are tried."""
    enable_model_explainability: Flag = wire("enableModelExplainability", default=None)
    """Whether the best model is explained."""
    enable_stack_ensemble: Flag = wire("enableStackEnsemble", default=None)
    enable_vote_ensemble: Flag = wire("enableVoteEnsemble", default=None)
    stack_ensemble_settings: Field[StackEnsembleSettings | None, StackEnsembleSettings | dict[str, Any] | None] = wire(
        "stackEnsembleSettings", default=None
    )
    ensemble_model_download_timeout: Whole = wire(
        "ensembleModelDownloadTimeout",
        default=None,
        codec=codecs.minutes,
        file="ensemble_model_download_timeout_minutes",
    )
    """Minutes."""
    allowed_training_algorithms: list[str] | None = wire("allowedTrainingAlgorithms", default=None)
    """The only ones that are tried."""
    blocked_training_algorithms: list[str] | None = wire("blockedTrainingAlgorithms", default=None)
    """Those that are not tried."""
    training_mode: Field[TrainingModeWord | None, str | None] = wire(
        "trainingMode", default=None, file_codec=snake_form(TRAINING_MODES)
    )
    """`Auto`, `Distributed` or `NonDistributed`."""


_CLASSIFICATION = each(snake_form(words.ClassificationModels))
_REGRESSION = each(snake_form(words.RegressionModels))
_FORECASTING = each(snake_form(words.ForecastingModels))


@entity
class ClassificationTrainingSettings(TrainingSettings):
    """What AutoML trains to classify; the algorithms are those of `ClassificationModels`."""

    allowed_training_algorithms: Field[  # pyright: ignore[reportIncompatibleVariableOverride]
        list[ClassificationAlgorithm] | None, list[Any] | None
    ] = wire("allowedTrainingAlgorithms", default=None, file_codec=_CLASSIFICATION)
    blocked_training_algorithms: Field[  # pyright: ignore[reportIncompatibleVariableOverride]
        list[ClassificationAlgorithm] | None, list[Any] | None
    ] = wire("blockedTrainingAlgorithms", default=None, file_codec=_CLASSIFICATION)


@entity
class RegressionTrainingSettings(TrainingSettings):
    """What AutoML trains for regression; the algorithms are those of `RegressionModels`."""

    allowed_training_algorithms: Field[  # pyright: ignore[reportIncompatibleVariableOverride]
        list[RegressionAlgorithm] | None, list[Any] | None
    ] = wire("allowedTrainingAlgorithms", default=None, file_codec=_REGRESSION)
    blocked_training_algorithms: Field[  # pyright: ignore[reportIncompatibleVariableOverride]
        list[RegressionAlgorithm] | None, list[Any] | None
    ] = wire("blockedTrainingAlgorithms", default=None, file_codec=_REGRESSION)


@entity
class ForecastingTrainingSettings(TrainingSettings):
    """What AutoML trains to forecast; the algorithms are those of `ForecastingModels`."""

    allowed_training_algorithms: Field[  # pyright: ignore[reportIncompatibleVariableOverride]
        list[ForecastingAlgorithm] | None, list[Any] | None
    ] = wire("allowedTrainingAlgorithms", default=None, file_codec=_FORECASTING)
    blocked_training_algorithms: Field[  # pyright: ignore[reportIncompatibleVariableOverride]
        list[ForecastingAlgorithm] | None, list[Any] | None
    ] = wire("blockedTrainingAlgorithms", default=None, file_codec=_FORECASTING)
