"""Time as an object: the system's, or one that is moved by hand."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Protocol


class Clock(Protocol):
    """What tells the memory backend the time and lets it pass."""

    def now(self) -> float:
        """Seconds since 1970 in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class SystemClock:
    """The time of this machine; sleeping really waits."""

    def now(self) -> float:
        """Seconds since 1970 in UTC."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        time.sleep(seconds)


class ManualClock:
    """A clock that stands still until it is moved; sleeping moves it and waits for nothing."""

    def __init__(self, start: datetime | float = 1_735_689_600.0) -> None:
        """Start at `start`: seconds since 1970, or a datetime (one without a zone is UTC); by default 2025-01-01."""
        if isinstance(start, datetime):
            start = (start if start.tzinfo else start.replace(tzinfo=timezone.utc)).timestamp()
        self._now = float(start)

    def now(self) -> float:
        """Seconds since 1970 in UTC."""
        return self._now

    def advance(self, step: timedelta | float) -> None:
        """Move the clock forward by a timedelta or by seconds; ValueError when that is backwards."""
        seconds = step.total_seconds() if isinstance(step, timedelta) else float(step)
        if seconds < 0:
            message = f"a clock moves forward only, not by {seconds} seconds"
            raise ValueError(message)
        self._now += seconds

    def sleep(self, seconds: float) -> None:
        """Move the clock forward by `seconds`."""
        self.advance(seconds)


def stamp(seconds: float) -> str:
    """A time as the service writes it: `2025-01-01T00:00:00.000000+00:00`."""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="microseconds")


def http_date(seconds: float) -> str:
    """A time as headers have it: `Wed, 01 Jan 2025 00:00:00 GMT`."""
    return _http_date(int(seconds))


@lru_cache(1024)  # files in a list are often as old as one another
def _http_date(seconds: int) -> str:
    from email.utils import formatdate  # only raw HTTP has dates in its headers

    return formatdate(seconds, usegmt=True)
