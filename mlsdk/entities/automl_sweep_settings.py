"""How AutoML searches the hyperparameters of texts and images."""

from __future__ import annotations

from mlsdk.entities import automl_words as words
from mlsdk.entities.automl_values import Sampling, lower_form
from mlsdk.entities.sweep_settings import TERMINATION_FILE, Termination, termination
from mlsdk.schema.fields import Entity, entity, wire
from mlsdk.schema.mappings import Field


@entity
class _SweepSettings(Entity):
    """What searches of texts and of images have."""

    sampling_algorithm: Field[Sampling | None, str | None] = wire(
        "samplingAlgorithm", file_codec=lower_form(words.SamplingAlgorithmType)
    )
    """`random`, `grid` or `bayesian`."""
    early_termination: Termination = wire(
        "earlyTermination", default=None, given=termination, file_codec=TERMINATION_FILE
    )
    """When a trial that does badly is given up."""


@entity
class NlpSweepSettings(_SweepSettings):
    """How hyperparameters of a text job are searched: `NlpSweepSettings(sampling_algorithm="grid")`."""


@entity
class ImageSweepSettings(_SweepSettings):
    """How hyperparameters of an image job are searched.

    >>> ImageSweepSettings(sampling_algorithm="random", early_termination=BanditPolicy(slack_factor=0.2))
    """
