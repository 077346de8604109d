"""Texts as they are shown: short enough for their place, and harmless wherever they stand."""

from __future__ import annotations

import html
import math
import re
from datetime import datetime, timezone
from typing import Any

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")
"""What no XML may hold, and what would break a line."""
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
"""What turns the text around it, so that a name might read as another one."""
NUMBERS = {math.inf: "inf", -math.inf: "-inf"}


def clean(text: Any) -> str:
    """A text in one line, without characters that control how others are shown."""
    return _DIRECTION.sub("", _CONTROL.sub(" ", str(text))).strip()


def shortened(text: Any, most: int) -> str:
    """A text in one line of `most` characters, its middle cut out: the start and the end of a name tell the most."""
    whole = clean(text)
    if len(whole) <= most:
        return whole
    kept = max(most - 1, 1)
    end = kept // 2
    return f"{whole[: kept - end]}…{whole[len(whole) - end :] if end else ''}"


def escaped(text: Any) -> str:
    """A text as it stands in HTML and SVG, also within the quotes of an attribute."""
    return html.escape(clean(text), quote=True)


def number(value: float) -> str:
    """A number in few characters: `0.4`, `1.23e-07`, `nan`."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return NUMBERS[value]
    if value == int(value) and abs(value) < 1e7:
        return str(int(value))
    return f"{value:.5g}"


def value_text(value: Any) -> str:
    """A value as it was drawn or given, numbers in few characters."""
    return number(value) if isinstance(value, float) else clean(value)


def duration(seconds: float | None) -> str:
    """Seconds as a person says them: `0.4 s`, `42 s`, `6 min 12 s`, `2 h 5 min`; nothing where nobody knows."""
    if seconds is None:
        return ""
    if 0 < seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(max(seconds, 0)), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def moment(value: datetime | None) -> str:
    """A moment to the second, in UTC: `2025-01-01 08:00:00 UTC`."""
    return "" if value is None else f"{value.astimezone(timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
