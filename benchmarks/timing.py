"""The stopwatch: two ways of doing the same thing, run in turn, the best round of each kept.

Whatever else the machine does only ever makes a round slower, so the best of many rounds is what a way costs; and since
the two take turns, a slow moment strikes both.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from math import exp, fsum, log
from time import perf_counter

Call = Callable[[], object]


@dataclass(frozen=True)
class Pair:
    """Seconds that one call takes, each way at its best."""

    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        """What ours takes, theirs being 1."""
        return self.ours / self.theirs

    def __str__(self) -> str:
        return f"{self.ours * 1e6:.1f} µs, theirs {self.theirs * 1e6:.0f} µs"


def in_turn(
    ours: Call, theirs: Call, *, rounds: int = 15, seconds: float = 0.01, clock: Callable[[], float] = perf_counter
) -> Pair:
    """Measure two calls in `rounds` rounds, each of as many calls as fill `seconds` of `clock`.

    The garbage collector stays on, as it is in a program; what was there before is taken out of its sight, since the many
    modules of one side would else slow down the other.
    """
    many = (_filling(ours, seconds, clock), _filling(theirs, seconds, clock))
    gc.collect()
    gc.freeze()
    try:
        found = [(per_call(ours, many[0], clock), per_call(theirs, many[1], clock)) for _ in range(rounds)]
    finally:
        gc.unfreeze()
    return Pair(min(pair[0] for pair in found), min(pair[1] for pair in found))


def per_call(call: Call, number: int, clock: Callable[[], float] = perf_counter) -> float:
    """Seconds of `clock` that a call takes, over `number` calls."""
    begin = clock()
    for _ in range(number):
        call()
    return (clock() - begin) / number


def geometric_mean(values: list[float]) -> float:
    """The mean by which ratios are averaged: twice as fast once and half as fast once is 1."""
    return exp(fsum(map(log, values)) / len(values))


def _filling(call: Call, seconds: float, clock: Callable[[], float]) -> int:
    """How many calls fill `seconds`."""
    call()  # the first one compiles functions and fills caches, so it tells nothing about the others
    number = 1
    while (taken := per_call(call, number, clock) * number) < seconds / 4:
        number *= 2
    return max(1, round(number * seconds / taken))
