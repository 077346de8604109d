"""When jobs are given up."""

from __future__ import annotations

from typing import Any, Literal

from mlsdk.entities.bindings import is_binding
from mlsdk.schema import codecs
from mlsdk.schema.fields import Entity, entity, tag, wire
from mlsdk.schema.refusals import wrong

SHORTEST = 60
"""The service takes what is shorter for sixty days."""


def whole_timeout(value: Any, _: Any) -> int | None:
    """Seconds of which the service understands a limit: 60 at least, zero for none at all."""
    if not isinstance(value, int):
        return None
    return SHORTEST if 0 < value < SHORTEST else value


def _seconds(value: Any, _: Any) -> Any:
    if isinstance(value, str) and not is_binding(value):
        try:
            return int(value)
        except ValueError:
            message = f"CommandJobLimits(timeout={value!r}): expected seconds as a whole number"
            raise wrong(message) from None
    return value


@entity
class CommandJobLimits(Entity):
    """When a command job is given up: `CommandJobLimits(timeout=3600)`."""

    type: Literal["command"] = tag("jobLimitsType", default="command", wire="Command", file=None)
    timeout: int | str | None = wire("timeout", default=None, codec=codecs.seconds, given=_seconds)
    """Seconds."""


@entity
class SweepJobLimits(Entity):
    """How many trials a sweep makes, and when it is given up.

    >>> SweepJobLimits(max_total_trials=20, max_concurrent_trials=4, timeout=7200)
    """

    type: Literal["sweep"] = tag("jobLimitsType", default="sweep", wire="Sweep", file=None)
    max_concurrent_trials: int | None = wire("maxConcurrentTrials", default=None)
    max_total_trials: int | None = wire("maxTotalTrials", default=None, required=True)
    timeout: int | None = wire("timeout", default=None, codec=codecs.seconds, given=whole_timeout)
    """Seconds after which the whole sweep is given up; at least 60."""
    trial_timeout: int | None = wire("trialTimeout", default=None, codec=codecs.seconds, given=whole_timeout)
    """Seconds after which one trial is given up; at least 60."""
