"""When something runs again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from mlsdk.schema.fields import Codec, Entity, choice, entity, tag, wire
from mlsdk.schema.mappings import Field

if TYPE_CHECKING:
    Frequency = str
    WeekDay = str
else:
    # Both spellings of a word are kept as they are: files have the first, the service the second.
    Frequency = Literal["minute", "hour", "day", "week", "month", "Minute", "Hour", "Day", "Week", "Month"]
    WeekDay = Literal[
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ]


def _moment(value: Any) -> Any:
    """A moment as bodies and files of schedules have it, which is without a zone: `time_zone` says that."""
    return value.strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else value


_time = Codec(_moment, lambda value: value)


def lower(value: Any) -> Any:
    """Words in lower case, as files have them."""
    if isinstance(value, list):
        return [lower(one) for one in value]
    return value.lower() if isinstance(value, str) else value


_lower = Codec(lower, lower)
_listed = Codec(lambda value: value if isinstance(value, list) else [value], lambda value: value)
"""One or several, which is always a list in a body."""


@entity
class RecurrencePattern(Entity):
    """At which hours, minutes and days something recurs.

    >>> RecurrencePattern(hours=18, minutes=[0, 30], week_days=["monday", "friday"])
    """

    hours: int | list[int] = wire("hours", codec=_listed)
    minutes: int | list[int] = wire("minutes", codec=_listed)
    week_days: WeekDay | list[WeekDay] | None = wire("weekDays", default=None, codec=_listed, file_codec=_lower)
    month_days: int | list[int] | None = wire("monthDays", default=None, codec=_listed)
    """Not for schedules of computes, which leave it out."""


def _pattern(given: RecurrencePattern | None, _: Any) -> RecurrencePattern:
    """The pattern, which the service asks for even if it says nothing."""
    return given or RecurrencePattern(hours=[], minutes=[])


@entity
class CronTrigger(Entity):
    """Runs at the times of a cron expression.

    >>> CronTrigger(expression="0 18 * * *", time_zone="Pacific Standard Time")
    """

    type: Literal["cron"] = tag("triggerType", default="cron", wire="Cron")
    expression: str = wire("expression")
    """Minute, hour, day of the month, month, day of the week."""
    start_time: str | datetime | None = wire("startTime", default=None, codec=_time, file_codec=_time)
    """When it starts, `2024-05-01T18:00:00` in the time zone below; at once when left out."""
    end_time: str | datetime | None = wire("endTime", default=None, codec=_time, file_codec=_time)
    """When it ends. Not for schedules of computes, which leave it out."""
    time_zone: str = wire("timeZone", default="UTC")
    """A Windows name, as `mlsdk.constants.TimeZone` lists them."""


@entity
class RecurrenceTrigger(Entity):
    """Runs every so many minutes, hours, days, weeks or months.

    >>> RecurrenceTrigger(frequency="week", interval=1,
    ...                   schedule=RecurrencePattern(hours=8, minutes=0, week_days="monday"))
    """

    type: Literal["recurrence"] = tag("triggerType", default="recurrence", wire="Recurrence")
    frequency: Frequency = wire("frequency", file_codec=_lower)
    """`minute`, `hour`, `day`, `week` or `month`."""
    interval: int = wire("interval")
    """How many of them lie between two runs."""
    schedule: Field[RecurrencePattern | None, RecurrencePattern | Mapping[str, Any] | None] = wire(
        "schedule", default=None, given=_pattern
    )
    """When within them; an empty pattern when left out."""
    start_time: str | datetime | None = wire("startTime", default=None, codec=_time, file_codec=_time)
    """When it starts, `2024-05-01T18:00:00` in the time zone below; at once when left out."""
    end_time: str | datetime | None = wire("endTime", default=None, codec=_time, file_codec=_time)
    """When it ends. Not for schedules of computes, which leave it out."""
    time_zone: str = wire("timeZone", default="UTC")
    """A Windows name, as `mlsdk.constants.TimeZone` lists them."""


choice(CronTrigger | RecurrenceTrigger, at="triggerType")
