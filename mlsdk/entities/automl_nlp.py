"""AutoML jobs that learn from texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Union

from mlsdk.entities import automl_words as words
from mlsdk.entities.automl_job import LOGGED, TABLE, TABLE_FORM, AutoMLJob, Data, changed
from mlsdk.entities.automl_nlp_settings import (
    NlpFeaturizationSettings,
    NlpFixedParameters,
    NlpLimitSettings,
    NlpSearchSpace,
)
from mlsdk.entities.automl_sweep_settings import NlpSweepSettings
from mlsdk.entities.automl_values import ClassificationMetric, MultilabelMetric, Verbosity, snake_form, unset
from mlsdk.schema.fields import entity, tag, wire
from mlsdk.schema.mappings import Field

if TYPE_CHECKING:
    from mlsdk.constants import NlpLearningRateScheduler
    from mlsdk.entities.bindings import Reference
    from mlsdk.entities.inputs import Input
    from mlsdk.entities.sweep_settings import EarlyTerminationPolicy

    Table = Union[Input, Reference, str]
_ACCURACY = ("Accuracy",)
"""The only metric that files name for some tasks."""


def _limits(given: NlpLimitSettings | None, _: Any) -> NlpLimitSettings:
    return NlpLimitSettings() if given is None else given


@entity(eq=False)
class AutoMLNLPJob(AutoMLJob):
    """What AutoML jobs that learn from texts have."""

    log_verbosity: Field[Verbosity | None, str | None] = wire(
        "properties.taskDetails.logVerbosity", default=None, file_codec=LOGGED
    )
    """How much is logged: `Debug`, `Info`, `Warning`, `Error`, `Critical` or `NotSet`."""
    training_data: Data = wire("properties.taskDetails.trainingData", default=None, codec=TABLE, file_codec=TABLE_FORM)
    """A table (`mltable`) of texts and their labels."""
    validation_data: Data = wire(
        "properties.taskDetails.validationData", default=None, codec=TABLE, file_codec=TABLE_FORM
    )
    test_data: Data = wire(None, default=None, file=None)
    """Not sent: the service tests no text models."""
    featurization: Field[NlpFeaturizationSettings | None, NlpFeaturizationSettings | dict[str, Any] | None] = wire(
        "properties.taskDetails.featurizationSettings", default=None
    )
    limits: Field[NlpLimitSettings | None, NlpLimitSettings | dict[str, Any] | None] = wire(
        "properties.taskDetails.limitSettings", default=None, given=_limits
    )
    sweep: Field[NlpSweepSettings | None, NlpSweepSettings | dict[str, Any] | None] = wire(
        "properties.taskDetails.sweepSettings", default=None
    )
    """How the search space is searched."""
    training_parameters: Field[NlpFixedParameters | None, NlpFixedParameters | dict[str, Any] | None] = wire(
        "properties.taskDetails.fixedParameters", default=None
    )
    """Hyperparameters that all trials share."""
    search_space: Field[list[NlpSearchSpace] | None, list[Any] | None] = wire(
        "properties.taskDetails.searchSpace", default=None
    )
    """What the others are drawn from: `SearchSpace(...)`, once for each family of models."""

    if TYPE_CHECKING:  # whether a file has to say it differs between tasks
        target_column_name: str | None

    # -- said piece by piece -------------------------------------------------------------------------------------
    def set_data(self, *, training_data: Table, target_column_name: str, validation_data: Table) -> None:
        """Say what is learned from, and how it is validated."""
        self.target_column_name = target_column_name
        self.training_data, self.validation_data = training_data, validation_data

    def set_limits(
        self,
        *,
        max_trials: int = 1,
        max_concurrent_trials: int = 1,
        max_nodes: int = 1,
        timeout_minutes: int | None = None,
        trial_timeout_minutes: int | None = None,
    ) -> None:
        """Say when to stop, in the place of what was said before."""
        self.limits = NlpLimitSettings(
            max_trials=max_trials,
            max_concurrent_trials=max_concurrent_trials,
            max_nodes=max_nodes,
            timeout_minutes=timeout_minutes,
            trial_timeout_minutes=trial_timeout_minutes,
        )

    def set_sweep(
        self,
        *,
        sampling_algorithm: str | words.SamplingAlgorithmType,
        early_termination: EarlyTerminationPolicy | None = None,
    ) -> None:
        """Say how the search space is searched; a policy that was said before stays when none is said."""
        given = {"sampling_algorithm": sampling_algorithm, "early_termination": early_termination}
        self.sweep = changed(self.sweep or NlpSweepSettings(sampling_algorithm=sampling_algorithm), given)

    def set_training_parameters(
        self,
        *,
        gradient_accumulation_steps: int | None = None,
        learning_rate: float | None = None,
        learning_rate_scheduler: str | NlpLearningRateScheduler | None = None,
        model_name: str | None = None,
        number_of_epochs: int | None = None,
        training_batch_size: int | None = None,
        validation_batch_size: int | None = None,
        warmup_ratio: float | None = None,
        weight_decay: float | None = None,
    ) -> None:
        """Say hyperparameters that all trials share; what is None stays as it is."""
        given = {name: value for name, value in locals().items() if name != "self"}
        self.training_parameters = changed(self.training_parameters or NlpFixedParameters(), given)

    def set_featurization(self, *, dataset_language: str | None = None) -> None:
        """Say the language of the texts."""
        self.featurization = NlpFeaturizationSettings(dataset_language=dataset_language)

    def extend_search_space(self, value: Any) -> None:
        """Add a search space, or several in a list."""
        self.search_space = [*(self.search_space or ()), *(value if isinstance(value, list) else [value])]


@entity(eq=False)
class TextClassificationJob(AutoMLNLPJob):
    """Learns from texts to tell the class of one: `automl.text_classification(...)` makes it."""

    task_type: Literal["TextClassification"] = tag(
        "properties.taskDetails.taskType", default="TextClassification", file="task", file_word="text_classification"
    )
    target_column_name: str | None = wire("properties.taskDetails.targetColumnName", default=None, required=True)
    """The column with the class."""
    primary_metric: Field[ClassificationMetric | None, str | None] = wire(
        "properties.taskDetails.primaryMetric",
        default=None,
        given=unset("Accuracy"),
        file_codec=snake_form(words.ClassificationPrimaryMetrics),
    )
    """What is optimised: `accuracy`, `auc_weighted`, and others of `ClassificationPrimaryMetrics`."""


@entity(eq=False)
class TextClassificationMultilabelJob(AutoMLNLPJob):
    """Learns from texts to tell the classes of one: `automl.text_classification_multilabel(...)` makes it."""

    task_type: Literal["TextClassificationMultilabel"] = tag(
        "properties.taskDetails.taskType",
        default="TextClassificationMultilabel",
        file="task",
        file_word="text_classification_multilabel",
    )
    target_column_name: str | None = wire("properties.taskDetails.targetColumnName", default=None, required=True)
    """The column with the classes."""
    primary_metric: Field[MultilabelMetric | None, str | None] = wire(
        "properties.taskDetails.primaryMetric",
        default=None,
        sent=False,
        given=unset("Accuracy"),
        file_codec=snake_form(_ACCURACY),
    )
    """What is optimised; the service knows of `accuracy` only, and is not told."""


@entity(eq=False)
class TextNerJob(AutoMLNLPJob):
    """Learns from texts to find the names in one: `automl.text_ner(...)` makes it."""

    task_type: Literal["TextNER"] = tag(
        "properties.taskDetails.taskType", default="TextNER", file="task", file_word="text_ner"
    )
    target_column_name: str | None = wire("properties.taskDetails.targetColumnName", default=None)
    """The column with the labels; tables of this task name it by themselves."""
    primary_metric: Field[ClassificationMetric | None, str | None] = wire(
        "properties.taskDetails.primaryMetric",
        default=None,
        sent=False,
        given=unset("Accuracy"),
        file_codec=snake_form(_ACCURACY),
    )
    """What is optimised; the service knows of `accuracy` only, and is not told."""
