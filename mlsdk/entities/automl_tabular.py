"""AutoML jobs that learn from tables: classification, regression and forecasting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Union

from mlsdk.entities import automl_words as words
from mlsdk.entities.automl_forecasting_settings import ForecastingSettings
from mlsdk.entities.automl_job import LOGGED, TABLE, TABLE_FORM, AutoMLJob, Data, changed
from mlsdk.entities.automl_tabular_settings import (
    ClassificationTrainingSettings,
    ColumnTransformer,
    ForecastingTrainingSettings,
    RegressionTrainingSettings,
    StackEnsembleSettings,
    TabularFeaturizationSettings,
    TabularLimitSettings,
    TrainingSettings,
)
from mlsdk.entities.automl_values import (
    AUTO_OR_VALUE,
    AutoOrWhole,
    ClassificationMetric,
    Decimal,
    ForecastingMetric,
    Names,
    RegressionMetric,
    Verbosity,
    snake_form,
    unset,
)
from mlsdk.schema.bodies import from_body, to_body
from mlsdk.schema.fields import JSON, Codec, attributes, entity, tag, wire
from mlsdk.schema.mappings import Field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.entities.bindings import Reference
    from mlsdk.entities.inputs import Input

    Table = Union[Input, Reference, str]


def _training(kind: type[TrainingSettings]) -> tuple[Codec, Any]:
    """The codec of settings of training, and what makes those of one task of those of any."""

    def of_task(given: TrainingSettings | None, _: Any) -> TrainingSettings | None:
        if given is None or isinstance(given, kind):
            return given
        return kind(**{name: getattr(given, name) for name in attributes(TrainingSettings) if name != "_extra"})

    return Codec(to_body, lambda body: from_body(kind, body)), of_task


_CLASSIFICATION, _OF_CLASSIFICATION = _training(ClassificationTrainingSettings)
_REGRESSION, _OF_REGRESSION = _training(RegressionTrainingSettings)
_FORECASTING, _OF_FORECASTING = _training(ForecastingTrainingSettings)


@entity(eq=False)
class AutoMLTabular(AutoMLJob):
    """What AutoML jobs that learn from tables have."""

    log_verbosity: Verbosity | None = wire("properties.taskDetails.logVerbosity", default="Info", file_codec=LOGGED)
    """How much is logged: `Debug`, `Info`, `Warning`, `Error`, `Critical` or `NotSet`."""
    training_data: Data = wire(
        "properties.taskDetails.trainingData", default=None, codec=TABLE, file_codec=TABLE_FORM, required=True
    )
    """A table (`mltable`) with the features and the target."""
    target_column_name: str | None = wire("properties.taskDetails.targetColumnName", default=None, required=True)
    """The column that is to be told from the others."""
    validation_data: Data = wire(
        "properties.taskDetails.validationData", default=None, codec=TABLE, file_codec=TABLE_FORM
    )
    validation_data_size: Decimal = wire("properties.taskDetails.validationDataSize", default=None)
    """The share of the training data that is kept for validation."""
    weight_column_name: str | None = wire("properties.taskDetails.weightColumnName", default=None)
    """The column that says how much each row counts."""
    cv_split_column_names: Names = wire("properties.taskDetails.cvSplitColumnNames", default=None)
    """Columns that say which rows are for training (1) and for validation (0), one for each fold."""
    n_cross_validations: AutoOrWhole = wire(
        "properties.taskDetails.nCrossValidations",
        default=None,
        codec=AUTO_OR_VALUE,
        file_codec=Codec(lambda value: value, lambda value: value.lower() if isinstance(value, str) else value),
    )
    """The number of folds, or `auto`."""
    test_data: Data = wire("properties.taskDetails.testData", default=None, codec=TABLE, file_codec=TABLE_FORM)
    test_data_size: Decimal = wire("properties.taskDetails.testDataSize", default=None)
    """The share of the training data that is kept for the test."""
    featurization: Field[TabularFeaturizationSettings | None, TabularFeaturizationSettings | dict[str, Any] | None] = (
        wire("properties.taskDetails.featurizationSettings", default=None)
    )
    limits: Field[TabularLimitSettings | None, TabularLimitSettings | dict[str, Any] | None] = wire(
        "properties.taskDetails.limitSettings", default=None
    )
    if TYPE_CHECKING:  # each task has its own, a slot here would stand in their way
        training: Field[Any, TrainingSettings | dict[str, Any] | None]

    # -- said piece by piece -------------------------------------------------------------------------------------
    def set_limits(
        self,
        *,
        enable_early_termination: bool | None = None,
        exit_score: float | None = None,
        max_concurrent_trials: int | None = None,
        max_cores_per_trial: int | None = None,
        max_nodes: int | None = None,
        max_trials: int | None = None,
        timeout_minutes: int | None = None,
        trial_timeout_minutes: int | None = None,
    ) -> None:
        """Say when to stop; what is None stays as it is."""
        given = {name: value for name, value in locals().items() if name != "self"}
        self.limits = changed(self.limits or TabularLimitSettings(), given)

    def set_training(
        self,
        *,
        enable_onnx_compatible_models: bool | None = None,
        enable_dnn_training: bool | None = None,
        enable_model_explainability: bool | None = None,
        enable_stack_ensemble: bool | None = None,
        enable_vote_ensemble: bool | None = None,
        stack_ensemble_settings: StackEnsembleSettings | None = None,
        ensemble_model_download_timeout: int | None = None,
        allowed_training_algorithms: list[str] | None = None,
        blocked_training_algorithms: list[str] | None = None,
        training_mode: str | None = None,
    ) -> None:
        """Say what is trained; what is None stays as it is, but for the algorithms, which are those said last."""
        given = {name: value for name, value in locals().items() if name != "self"}
        settings: TrainingSettings = changed(self.training or TrainingSettings(), given)
        settings.allowed_training_algorithms = allowed_training_algorithms
        settings.blocked_training_algorithms = blocked_training_algorithms
        self.training = settings

    def set_featurization(
        self,
        *,
        blocked_transformers: list[words.BlockedTransformers | str] | None = None,
        column_name_and_types: dict[str, str] | None = None,
        dataset_language: str | None = None,
        transformer_params: dict[str, list[ColumnTransformer]] | None = None,
        mode: str | None = None,
        enable_dnn_featurization: bool | None = None,
    ) -> None:
        """Say how features are made; what is None stays as it is."""
        given = {name: value for name, value in locals().items() if name != "self"}
        self.featurization = changed(self.featurization or TabularFeaturizationSettings(), given)

    def set_data(
        self,
        *,
        training_data: Table,
        target_column_name: str,
        weight_column_name: str | None = None,
        validation_data: Table | None = None,
        validation_data_size: float | None = None,
        n_cross_validations: str | int | None = None,
        cv_split_column_names: list[str] | None = None,
        test_data: Table | None = None,
        test_data_size: float | None = None,
    ) -> None:
        """Say what is learned from, and how it is validated; what is None stays as it is."""
        changed(self, {name: value for name, value in locals().items() if name != "self"})

    def to_dict(self, *, inside_pipeline: bool = False) -> JSON:
        """The file form; `inside_pipeline`, as the `jobs` of a pipeline have it."""
        form = super().to_dict(inside_pipeline=inside_pipeline)
        form.setdefault("training", {})
        return form


@entity(eq=False)
class ClassificationJob(AutoMLTabular):
    """Learns from a table to tell the class of a row: `automl.classification(...)` makes it."""

    task_type: Literal["Classification"] = tag(
        "properties.taskDetails.taskType", default="Classification", file="task", file_word="classification"
    )
    primary_metric: Field[ClassificationMetric | None, str | None] = wire(
        "properties.taskDetails.primaryMetric",
        default=None,
        given=unset("Accuracy"),
        file_codec=snake_form(words.ClassificationPrimaryMetrics),
    )
    """What is optimised: `accuracy`, `auc_weighted`, and others of `ClassificationPrimaryMetrics`."""
    positive_label: str | None = wire("properties.taskDetails.positiveLabel", default=None)
    """The class that counts as positive, where there are two."""
    training: Field[
        ClassificationTrainingSettings | TrainingSettings | None, TrainingSettings | dict[str, Any] | None
    ] = wire("properties.taskDetails.trainingSettings", default=None, codec=_CLASSIFICATION, given=_OF_CLASSIFICATION)
    """What is trained; `set_training` says it piece by piece."""

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said; a file that names no metric means another one than Python."""
        return {"primary_metric": "auc_weighted", **super().__from_file__(data, base, top=top)}


@entity(eq=False)
class RegressionJob(AutoMLTabular):
    """Learns from a table to tell a number: `automl.regression(...)` makes it."""

    task_type: Literal["Regression"] = tag(
        "properties.taskDetails.taskType", default="Regression", file="task", file_word="regression"
    )
    primary_metric: Field[RegressionMetric | None, str | None] = wire(
        "properties.taskDetails.primaryMetric",
        default=None,
        given=unset("NormalizedRootMeanSquaredError"),
        file_codec=snake_form(words.RegressionPrimaryMetrics),
    )
    """What is optimised: `r2_score`, and others of `RegressionPrimaryMetrics`."""
    training: Field[RegressionTrainingSettings | TrainingSettings | None, TrainingSettings | dict[str, Any] | None] = (
        wire("properties.taskDetails.trainingSettings", default=None, codec=_REGRESSION, given=_OF_REGRESSION)
    )
    """What is trained; `set_training` says it piece by piece."""


@entity(eq=False)
class ForecastingJob(AutoMLTabular):
    """Learns from a table of the past what comes next: `automl.forecasting(...)` makes it."""

    task_type: Literal["Forecasting"] = tag(
        "properties.taskDetails.taskType", default="Forecasting", file="task", file_word="forecasting"
    )
    primary_metric: Field[ForecastingMetric | None, str | None] = wire(
        "properties.taskDetails.primaryMetric",
        default=None,
        given=unset("NormalizedRootMeanSquaredError"),
        file_codec=snake_form(words.ForecastingPrimaryMetrics),
    )
    """What is optimised: `r2_score`, and others of `ForecastingPrimaryMetrics`."""
    forecasting_settings: Field[ForecastingSettings | None, ForecastingSettings | dict[str, Any] | None] = wire(
        "properties.taskDetails.forecastingSettings", default=None, file="forecasting"
    )
    training: Field[ForecastingTrainingSettings | TrainingSettings | None, TrainingSettings | dict[str, Any] | None] = (
        wire("properties.taskDetails.trainingSettings", default=None, codec=_FORECASTING, given=_OF_FORECASTING)
    )
    """What is trained; `set_training` says it piece by piece."""

    def set_training(
        self,
        *,
        enable_onnx_compatible_models: bool | None = None,
        enable_dnn_training: bool | None = None,
        enable_model_explainability: bool | None = None,
        enable_stack_ensemble: bool | None = None,
        enable_vote_ensemble: bool | None = None,
        stack_ensemble_settings: StackEnsembleSettings | None = None,
        ensemble_model_download_timeout: int | None = None,
        allowed_training_algorithms: list[str] | None = None,
        blocked_training_algorithms: list[str] | None = None,
        training_mode: str | None = None,
    ) -> None:
        """Say what is trained; forecasts are not stacked unless it is asked for."""
        given = {name: value for name, value in locals().items() if name not in ("self", "__class__")}
        given["enable_stack_ensemble"] = bool(enable_stack_ensemble)
        super().set_training(**given)

    def set_forecast_settings(
        self,
        *,
        time_column_name: str | None = None,
        forecast_horizon: str | int | None = None,
        time_series_id_column_names: str | list[str] | None = None,
        target_lags: str | int | list[int] | None = None,
        feature_lags: str | None = None,
        target_rolling_window_size: str | int | None = None,
        country_or_region_for_holidays: str | None = None,
        use_stl: str | None = None,
        seasonality: str | int | None = None,
        short_series_handling_config: str | None = None,
        frequency: str | None = None,
        target_aggregate_function: str | None = None,
        cv_step_size: int | None = None,
        features_unknown_at_forecast_time: str | list[str] | None = None,
    ) -> None:
        """Say what is known of the time series; what is None stays as it is."""
        given = {name: value for name, value in locals().items() if name != "self"}
        self.forecasting_settings = changed(self.forecasting_settings or ForecastingSettings(), given)
