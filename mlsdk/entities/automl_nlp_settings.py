"""How AutoML learns from texts: limits, hyperparameters and what they are drawn from."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Union

from mlsdk.entities.automl_search_space import (
    FEW_WHOLE,
    NUMBER,
    NUMBER_FORM,
    TEXT,
    WORD_FORM,
    DrawnNumber,
    DrawnText,
    DrawnWhole,
    drawn_of_file,
    drawn_words,
)
from mlsdk.entities.automl_values import NLP_SCHEDULERS, Decimal, NlpScheduler, Whole, snake, snake_form
from mlsdk.entities.sweep_search_space import Choice
from mlsdk.schema import codecs
from mlsdk.schema.fields import Entity, entity, wire
from mlsdk.schema.mappings import Field
from mlsdk.schema.values import Binding

if TYPE_CHECKING:
    from collections.abc import Mapping


@entity
class NlpFeaturizationSettings(Entity):
    """What AutoML is told of texts: `NlpFeaturizationSettings(dataset_language="eng")`."""

    type: ClassVar[str] = "nlp"
    dataset_language: str | None = wire("datasetLanguage", default=None)
    """Their language, in three letters."""


@entity
class NlpLimitSettings(Entity):
    """When AutoML stops learning from texts: `NlpLimitSettings(max_trials=5, timeout_minutes=120)`."""

    max_concurrent_trials: Whole = wire("maxConcurrentTrials", default=None)
    max_trials: Union[int, Binding, None] = wire("maxTrials", default=1)
    max_nodes: Union[int, Binding, None] = wire("maxNodes", default=1)
    timeout_minutes: Whole = wire("timeout", default=None, codec=codecs.minutes)
    """Minutes after which the whole experiment is given up."""
    trial_timeout_minutes: Whole = wire("trialTimeout", default=None, codec=codecs.minutes)
    """Minutes after which one trial is given up."""


@entity
class NlpFixedParameters(Entity):
    """Hyperparameters of a text job that all trials share: `NlpFixedParameters(model_name="roberta-base")`."""

    gradient_accumulation_steps: Whole = wire("gradientAccumulationSteps", default=None, absent=None)
    """How many batches are added up before the weights change."""
    learning_rate: Decimal = wire("learningRate", default=None, absent=None)
    learning_rate_scheduler: Field[NlpScheduler | None, str | None] = wire(
        "learningRateScheduler", default=None, absent=None, file_codec=snake_form(NLP_SCHEDULERS)
    )
    """How the learning rate falls: `linear`, `cosine`, and others of `NlpLearningRateScheduler`."""
    model_name: str | None = wire("modelName", default=None, absent=None)
    """The pretrained model: `bert-base-cased`, and others of `NlpModels`."""
    number_of_epochs: Whole = wire("numberOfEpochs", default=None, absent=None)
    training_batch_size: Whole = wire("trainingBatchSize", default=None, absent=None)
    validation_batch_size: Whole = wire("validationBatchSize", default=None, absent=None)
    warmup_ratio: Decimal = wire("warmupRatio", default=None, absent=None)
    """The share of the steps in which the learning rate rises."""
    weight_decay: Decimal = wire("weightDecay", default=None, absent=None)


_SCHEDULER = drawn_words(snake_form(NLP_SCHEDULERS))


def _scheduler(given: Any, _: Any) -> Any:
    """What is drawn, its members of `NlpLearningRateScheduler` as the words that the service draws from."""
    if isinstance(given, Choice):
        return Choice([snake(one) if isinstance(one, Enum) else one for one in given.values or ()])
    return given


@entity
class NlpSearchSpace(Entity):
    """What hyperparameters of a text job are drawn from: values, or distributions such as `Choice` and `Uniform`."""

    gradient_accumulation_steps: DrawnWhole = wire(
        "gradientAccumulationSteps", default=None, absent=None, codec=FEW_WHOLE
    )
    learning_rate: DrawnNumber = wire("learningRate", default=None, absent=None, codec=NUMBER, file_codec=NUMBER_FORM)
    learning_rate_scheduler: DrawnText = wire(
        "learningRateScheduler", default=None, absent=None, given=_scheduler, codec=_SCHEDULER, file_codec=WORD_FORM
    )
    model_name: DrawnText = wire("modelName", default=None, absent=None, codec=TEXT)
    number_of_epochs: DrawnWhole = wire("numberOfEpochs", default=None, absent=None, codec=FEW_WHOLE)
    training_batch_size: DrawnWhole = wire("trainingBatchSize", default=None, absent=None, codec=FEW_WHOLE)
    validation_batch_size: DrawnWhole = wire("validationBatchSize", default=None, absent=None, codec=FEW_WHOLE)
    warmup_ratio: DrawnNumber = wire("warmupRatio", default=None, absent=None, codec=NUMBER, file_codec=NUMBER_FORM)
    weight_decay: DrawnNumber = wire("weightDecay", default=None, absent=None, codec=NUMBER, file_codec=NUMBER_FORM)

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said, each value in the form of its kind."""
        return drawn_of_file(cls, data)
