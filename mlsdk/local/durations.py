"""Durations as bodies write them (ISO 8601): `PT1H30M`, `P1DT12H`, `PT90S`."""

from __future__ import annotations

import re

DURATION = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
UNITS = {"days": 86400.0, "hours": 3600.0, "minutes": 60.0, "seconds": 1.0}


def seconds(text: str) -> float:
    """The seconds of a duration; ValueError for a text that is none."""
    found = DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        message = f"{text!r} is no duration: it is written as in PT1H30M"
        raise ValueError(message)
    return sum(float(found[name] or 0) * unit for name, unit in UNITS.items())
