"""Policies of sweeps that give up trials which do badly, by what those have logged of the primary metric.

Each time a trial logs the metric counts as one interval. A policy looks at a trial at every multiple of `evaluationInterval`
that is at least `delayEvaluation`, once, and compares it with what the trials had come to at that same interval, however
far they are by now: a trial is not given up because others have run for longer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Policy(Protocol):
    """Says which trials of one sweep are given up. `str()` of it is what a person is told as the reason."""

    def decide(self, trials: Mapping[str, Sequence[float]], finished: Collection[str]) -> set[str]:
        """The names of the trials to stop, each told once.

        `trials` has, by name, all values of the primary metric that each trial has logged until now, in their order; those
        of a trial that ended stay in it. Only what is new since the last call is looked at. `finished` are the trials that
        have ended in whatever way: nobody stops them, but the others are compared with them.
        """
        ...


def policy_of(body: Mapping[str, Any] | None, *, more_is_better: bool) -> Policy | None:
    """The policy that a body's `earlyTermination` or a step's `early_termination` tells of; None where there is none.

    >>> policy_of({"policyType": "Bandit", "slackFactor": 0.2, "evaluationInterval": 2}, more_is_better=True)

    ValueError where it says what cannot be, with what to write.
    """
    if not body:
        return None
    said = {_plain(name): value for name, value in body.items() if value is not None}
    type_ = _plain(str(said.get("policytype") or said.get("type")))
    make = _POLICIES.get(type_)
    if make is None:
        message = f"The early termination policy '{type_}' is not known. Use one of {', '.join(_POLICIES)}."
        raise ValueError(message)
    # The service takes no interval, which is what clients send by default, for each one.
    interval = max(1, _whole(said, "evaluationinterval", "evaluation_interval"))
    delay = _whole(said, "delayevaluation", "delay_evaluation")
    return _Judge(_Progress(sign=1 if more_is_better else -1), interval, delay, *make(said))


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _whole(said: Mapping[str, Any], key: str, name: str) -> int:
    value = said.get(key, 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        message = f"{name} of an early termination policy cannot be {value!r}. Use a whole number, 0 or more."
        raise ValueError(message)
    return value


# -- what trials have come to ------------------------------------------------------------------------------------
class _Progress:
    """What the trials had come to at each interval, where more is better: values to be made less have their sign turned."""

    def __init__(self, sign: int) -> None:
        self._sign = sign
        self.bests: dict[str, list[float]] = {}
        """The best value of each trial up to each interval."""
        self.sums: dict[str, list[float]] = {}
        """The sum of the values of each trial up to each interval."""
        self.front: list[float] = []
        """The best value of all trials up to each interval."""

    def learn(self, name: str, values: Sequence[float]) -> range:
        """Take over what a trial has logged since; gives the intervals that it has reached with that, from 1 on."""
        bests, sums = self.bests.setdefault(name, []), self.sums.setdefault(name, [])
        known = len(bests)
        for value in values[known:]:
            # A metric that is no number is worse than all others.
            number = -math.inf if math.isnan(value) else self._sign * value
            bests.append(max(bests[-1], number) if bests else number)
            sums.append(sums[-1] + number if sums else number)
            self._advance(len(bests) - 1, bests[-1])
        return range(known + 1, len(bests) + 1)

    def _advance(self, index: int, best: float) -> None:
        if index == len(self.front):
            self.front.append(max(best, self.front[-1]) if self.front else best)
        while index < len(self.front) and self.front[index] < best:
            self.front[index] = best
            index += 1

    def best(self, name: str, interval: int) -> float:
        """The best value of a trial up to an interval that it has reached."""
        return self.bests[name][interval - 1]

    def averages(self, interval: int) -> Iterator[float]:
        """The average of what each trial has logged up to an interval, whether it has come that far or not."""
        for sums in self.sums.values():
            if sums:
                count = min(interval, len(sums))
                yield sums[count - 1] / count

    def reached(self, interval: int) -> Iterator[tuple[str, float]]:
        """The trials that have come to an interval, with their best value up to it."""
        return ((name, bests[interval - 1]) for name, bests in self.bests.items() if len(bests) >= interval)


# -- policies ----------------------------------------------------------------------------------------------------
_Least = Callable[[_Progress, int, Collection[str]], float]
"""The least value, more being better, that a trial needs at an interval to go on, with the trials that have ended."""


@attrs.define
class _Judge:
    """Looks at each trial once at each interval that counts, and gives up those below what is needed there."""

    _progress: _Progress
    _interval: int
    _delay: int
    _text: str
    _least: _Least
    _stopped: set[str] = attrs.field(factory=set, init=False)

    def decide(self, trials: Mapping[str, Sequence[float]], finished: Collection[str]) -> set[str]:
        """The names of the trials to stop, each told once."""
        # All is learned first, so that trials of which is heard at the same time are compared with one another.
        arrived = {name: self._progress.learn(name, values) for name, values in trials.items()}
        found: set[str] = set()
        least: dict[int, float] = {}
        for name, intervals in arrived.items():
            if not intervals or name in finished or name in self._stopped:
                continue
            for interval in self._counting(intervals):
                if interval not in least:
                    least[interval] = self._least(self._progress, interval, finished)
                if self._progress.best(name, interval) < least[interval]:
                    found.add(name)
                    break
        self._stopped |= found
        return found

    def _counting(self, intervals: range) -> range:
        """Those of some intervals at which the policy looks."""
        first = max(intervals.start, self._delay)
        return range(-(-first // self._interval) * self._interval, intervals.stop, self._interval)

    def __str__(self) -> str:
        every = f", every {self._interval} values" if self._interval > 1 else ""
        after = f", from value {self._delay} on" if self._delay > 1 else ""
        return f"{self._text}{every}{after}"


def _bandit(said: Mapping[str, Any]) -> tuple[str, _Least]:
    """Too far behind the best trial."""
    factor, amount = (_slack(said, name) for name in ("slack_factor", "slack_amount"))
    if factor and amount:
        message = "A bandit policy takes slack_factor or slack_amount, not both. Leave one of them out, or make it 0."
        raise ValueError(message)

    def least(progress: _Progress, interval: int, _: Collection[str]) -> float:
        best = progress.front[interval - 1]
        if amount:
            return best - amount
        # On either side of zero what is needed is the worse one, so that the best trial always goes on.
        return best / (1 + factor) if best > 0 else best * (1 + factor)

    return f"bandit policy with a slack {f'amount of {amount}' if amount else f'factor of {factor}'}", least


def _slack(said: Mapping[str, Any], name: str) -> float:
    value = said.get(_plain(name), 0)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value < math.inf:
        message = f"{name} of a bandit policy cannot be {value!r}. Use a number, 0 or more."
        raise ValueError(message)
    return value


def _median_stopping(_: Mapping[str, Any]) -> tuple[str, _Least]:
    """Never as good as the median of what the trials were on average."""
    import statistics

    def least(progress: _Progress, interval: int, _: Collection[str]) -> float:
        return statistics.median(progress.averages(interval))

    return "median stopping policy", least


def _truncation_selection(said: Mapping[str, Any]) -> tuple[str, _Least]:
    """Among the worst of the trials that have come as far; of trials equally good, all go on or none."""
    share = _whole(said, "truncationpercentage", "truncation_percentage")
    if not 1 <= share <= 99:
        message = f"truncation_percentage of a truncation selection policy cannot be {share}. Use a whole number from 1 to 99."
        raise ValueError(message)
    running_only = bool(said.get("excludefinishedjobs", False))

    def least(progress: _Progress, interval: int, finished: Collection[str]) -> float:
        reached = progress.reached(interval)
        compared = sorted(best for name, best in reached if not (running_only and name in finished))
        return compared[len(compared) * share // 100]

    return f"truncation selection policy of {share} %", least


_POLICIES: dict[str, Callable[[Mapping[str, Any]], tuple[str, _Least]]] = {
    "bandit": _bandit,
    "medianstopping": _median_stopping,
    "truncationselection": _truncation_selection,
}
