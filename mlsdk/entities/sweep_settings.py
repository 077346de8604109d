"""How a sweep searches: what it optimises, how it draws, when it gives a trial up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Union

from mlsdk.schema import codecs
from mlsdk.schema.bodies import from_body, to_body
from mlsdk.schema.fields import Codec, Entity, choice, entity, tag, wire


@entity
class Objective(Entity):
    """The metric that a sweep optimises: `Objective(goal="maximize", primary_metric="accuracy")`."""

    goal: Literal["minimize", "maximize"] | None = wire(
        "goal",
        kw_only=False,
        codec=Codec(str, lambda word: word.lower() if isinstance(word, str) else word),
        file_codec=codecs.snake_words("minimize", "maximize"),
    )
    primary_metric: str | None = wire("primaryMetric", default=None, required=True, kw_only=False)
    """Its name, as the code of the trial logs it."""


# -- sampling ------------------------------------------------------------------------------------------------
@entity
class SamplingAlgorithm(Entity):
    """How the next hyperparameters are drawn; its subclasses say how, this one holds what this version does not know."""

    type: str | None = wire("samplingAlgorithmType", default=None)


@entity
class RandomSamplingAlgorithm(SamplingAlgorithm):
    """Hyperparameters at random: `RandomSamplingAlgorithm(rule="sobol", seed=123)`."""

    type: Literal["random"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        "samplingAlgorithmType", default="random", wire="Random"
    )
    rule: str | None = wire("rule", default=None, file_codec=codecs.snake_words("random", "sobol"))
    """`random`, or `sobol` for a sequence that covers the space evenly."""
    seed: int | None = wire("seed", default=None)
    logbase: float | str | None = wire("logbase", default=None)
    """The base of distributions of logarithms: a positive number, or `e`."""


@entity
class GridSamplingAlgorithm(SamplingAlgorithm):
    """Every combination; all hyperparameters are a `Choice` then."""

    type: Literal["grid"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        "samplingAlgorithmType", default="grid", wire="Grid"
    )


@entity
class BayesianSamplingAlgorithm(SamplingAlgorithm):
    """What earlier trials make most promising."""

    type: Literal["bayesian"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        "samplingAlgorithmType", default="bayesian", wire="Bayesian"
    )


AnySampling = Union[RandomSamplingAlgorithm, GridSamplingAlgorithm, BayesianSamplingAlgorithm]
choice(AnySampling, at="samplingAlgorithmType", base=SamplingAlgorithm, fallback=SamplingAlgorithm)
SamplingWord = Literal["random", "grid", "bayesian"]
Sampling = Union[AnySampling, SamplingWord]
choice(Sampling, at="samplingAlgorithmType", fallback=SamplingAlgorithm)
_BY_WORD: dict[str, type[SamplingAlgorithm]] = {
    "random": RandomSamplingAlgorithm,
    "grid": GridSamplingAlgorithm,
    "bayesian": BayesianSamplingAlgorithm,
}


def _sampling_to_body(value: Any) -> Any:
    return to_body(_BY_WORD[value]() if isinstance(value, str) else value)


SAMPLING = Codec(_sampling_to_body, lambda body: from_body(SamplingAlgorithm, body))
"""A sampling algorithm, or the word for one with nothing else to say."""


# -- early termination ---------------------------------------------------------------------------------------
@entity
class EarlyTerminationPolicy(Entity):
    """When a trial that does badly is given up; its subclasses say when, this one holds what this version does not know."""

    type: str | None = wire("policyType", default=None)
    delay_evaluation: int | None = wire("delayEvaluation", default=0, nullable=True)
    """How many intervals pass before the first evaluation."""
    evaluation_interval: int | None = wire("evaluationInterval", default=0, nullable=True)
    """How many reports of the metric lie between two evaluations."""


@entity
class BanditPolicy(EarlyTerminationPolicy):
    """A trial is given up that falls too far behind the best one: `BanditPolicy(slack_factor=0.1, delay_evaluation=5)`."""

    type: Literal["bandit"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        "policyType", default="bandit", wire="Bandit"
    )
    slack_amount: float | None = wire("slackAmount", default=0, nullable=True)
    """How far behind it may be."""
    slack_factor: float | None = wire("slackFactor", default=0, nullable=True)
    """How far behind it may be, as a share of the best one."""


@entity
class MedianStoppingPolicy(EarlyTerminationPolicy):
    """A trial is given up whose metric is worse than the median of all: `MedianStoppingPolicy(delay_evaluation=5)`."""

    type: Literal["median_stopping"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        "policyType", default="median_stopping", wire="MedianStopping"
    )
    evaluation_interval: int | None = wire("evaluationInterval", default=1, nullable=True)


@entity
class TruncationSelectionPolicy(EarlyTerminationPolicy):
    """The worst trials are given up: `TruncationSelectionPolicy(truncation_percentage=20, evaluation_interval=1)`."""

    type: Literal["truncation_selection"] = tag(  # pyright: ignore[reportIncompatibleVariableOverride]
        "policyType", default="truncation_selection", wire="TruncationSelection"
    )
    truncation_percentage: int | None = wire("truncationPercentage", default=0, required=True)
    """The share of trials given up at each evaluation, in percent."""


AnyTermination = Union[BanditPolicy, MedianStoppingPolicy, TruncationSelectionPolicy]
choice(AnyTermination, at="policyType", base=EarlyTerminationPolicy, fallback=EarlyTerminationPolicy)
TerminationWord = Literal["bandit", "median_stopping", "truncation_selection"]
_BY_NAME: dict[str, type[EarlyTerminationPolicy]] = {
    "bandit": BanditPolicy,
    "median_stopping": MedianStoppingPolicy,
    "truncation_selection": TruncationSelectionPolicy,
}
if TYPE_CHECKING:
    from mlsdk.schema.mappings import Field

    Termination = Field[AnyTermination | None, AnyTermination | TerminationWord | dict[str, Any] | None]
else:
    Termination = Union[AnyTermination, TerminationWord, None]
    choice(Union[AnyTermination, TerminationWord], at="policyType", fallback=EarlyTerminationPolicy)


def termination(given: Any, _: Any) -> Any:
    """The policy that was given, by its word alone one with the defaults."""
    return _BY_NAME[given]() if isinstance(given, str) else given


def _termination_of_file(said: Any) -> Any:
    if isinstance(said, str):
        message = f"expected a mapping with a type: one of {', '.join(_BY_NAME)}"
        raise ValueError(message)  # noqa: TRY004 - what is wrong with a file is told as a ValueError
    if isinstance(said, Mapping) and isinstance(said.get("type"), str):
        word = codecs.pascal_to_snake(said["type"])
        return {**said, "type": word} if word in _BY_NAME else said
    return said


TERMINATION_FILE = Codec(lambda given: given, _termination_of_file)
"""A policy in files, where it is a mapping; its type may be spelled `MedianStopping` too."""
