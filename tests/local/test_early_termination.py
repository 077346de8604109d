from __future__ import annotations

import math
import statistics
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsdk.local.early_termination import Policy, policy_of

BANDIT = {"policyType": "Bandit", "slackFactor": 0.2, "evaluationInterval": 1}
MEDIAN = {"policyType": "MedianStopping", "evaluationInterval": 1}
TRUNCATION = {"policyType": "TruncationSelection", "truncationPercentage": 20, "evaluationInterval": 1}


def policy(body: dict[str, Any], *, more_is_better: bool = True, **changes: Any) -> Policy:
    """A policy as a body says it, changed in places."""
    found = policy_of({**body, **changes}, more_is_better=more_is_better)
    assert found is not None
    return found


def at_once(body: dict[str, Any], trials: dict[str, list[float]], *, more: bool = True, **changes: Any) -> set[str]:
    """Which trials are stopped of which all is heard at the same time."""
    return policy(body, more_is_better=more, **changes).decide(trials, set())


# -- bandit ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "more", "best", "stays", "goes"),
    [
        ({"slackFactor": 0.2}, True, 0.8, 0.67, 0.66),  # 0.8 / (1 + 0.2) = 0.667
        ({"slackFactor": 0.1}, True, 1.0, 0.91, 0.90),  # 1 / (1 + 0.1), 91 % of the best
        ({"slackFactor": 0, "slackAmount": 0.2}, True, 0.8, 0.61, 0.59),  # 0.8 - 0.2
        ({"slackFactor": 0.2}, False, 0.5, 0.6, 0.61),  # 0.5 * (1 + 0.2)
        ({"slackFactor": None, "slackAmount": 0.25}, False, 0.5, 0.75, 0.76),
        ({"slackFactor": 0, "slackAmount": 0}, True, 0.8, 0.8, 0.79),  # no slack at all
        ({"slackFactor": 0.2}, True, -1.0, -1.2, -1.21),  # below zero as above it
        ({"slackFactor": 0.25}, False, -1.0, -0.8, -0.79),
        ({"slackFactor": 0.2}, True, 0.0, 0.0, -0.01),
    ],
)
def test_a_bandit_stops_what_falls_behind_the_best(
    changes: dict[str, Any], more: bool, best: float, stays: float, goes: float
) -> None:
    """The examples of the documentation, for metrics to be made more and less."""
    trials = {"best": [best], "stays": [stays], "goes": [goes]}
    assert at_once(BANDIT, trials, more=more, **changes) == {"goes"}


def test_a_bandit_compares_at_the_same_interval() -> None:
    """A trial that has just begun is compared with what the best one had come to when it had logged as often."""
    judge = policy(BANDIT)
    assert judge.decide({"old": [0.3, 0.6, 0.9]}, set()) == set()
    assert judge.decide({"old": [0.3, 0.6, 0.9], "young": [0.28]}, set()) == set()
    assert judge.decide({"old": [0.3, 0.6, 0.9], "young": [0.28, 0.49]}, set()) == {"young"}


def test_a_bandit_looks_at_the_best_a_trial_has_been() -> None:
    """A trial that was as good as the best one goes on when its metric gets worse for a while."""
    assert at_once(BANDIT, {"a": [0.8, 0.1], "b": [0.8, 0.8], "c": [0.2, 0.2]}) == {"c"}


# -- median stopping ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("more", [True, False])
def test_median_stopping_stops_what_was_never_as_good_as_the_others_on_average(*, more: bool) -> None:
    """The best of a trial is compared with the median of the averages of all trials up to the same interval."""
    sign = 1 if more else -1
    trials = {
        "a": [0.2, 0.4, 0.9],  # 0.5 on average
        "b": [0.5, 0.6, 0.7],  # 0.6, the median
        "c": [0.9, 0.9, 0.9],  # 0.9
        "d": [0.3, 0.5, 0.55],  # 0.45, its best below the median
        "e": [0.3, 0.59, 0.61],  # 0.5, its best above it
        "f": [0.6, 0.7, 0.8],  # 0.7
        "g": [0.7, 0.7, 0.7],  # 0.7
    }
    signed = {name: [sign * value for value in values] for name, values in trials.items()}
    assert statistics.median(statistics.fmean(values) for values in trials.values()) == pytest.approx(0.6)
    assert at_once(MEDIAN, signed, more=more, delayEvaluation=3) == {"d"}


def test_median_stopping_leaves_out_what_came_later() -> None:
    """What trials logged after an interval does not count at it."""
    judge = policy(MEDIAN, evaluationInterval=2)
    older = {name: [0.4, 0.4, 0.9, 0.9] for name in "abc"}
    assert judge.decide(older, set()) == set()
    assert judge.decide({**older, "young": [0.1, 0.5]}, set()) == set()
    assert judge.decide({**older, "young": [0.1, 0.5, 0.5, 0.5]}, set()) == {"young"}


# -- truncation --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("more", [True, False])
@pytest.mark.parametrize(("percentage", "stopped"), [(1, 0), (9, 0), (10, 1), (19, 1), (20, 2), (50, 5), (99, 9)])
def test_truncation_stops_the_worst(percentage: int, stopped: int, *, more: bool) -> None:
    """The lowest X % of the trials that have come as far, rounded down."""
    values = {f"t{number}": [float(number if more else -number)] for number in range(10)}
    found = at_once(TRUNCATION, values, more=more, truncationPercentage=percentage)
    assert found == {f"t{number}" for number in range(stopped)}


def test_truncation_compares_only_as_far_as_a_trial_has_come() -> None:
    """A young trial is not stopped for having run less; trials that have not come as far do not count."""
    judge = policy(TRUNCATION, truncationPercentage=25)
    older = {name: [0.1, 0.9] for name in "abcd"}
    assert judge.decide(older, set()) == set()
    assert judge.decide({**older, "young": [0.2]}, set()) == set()
    assert judge.decide({**older, "young": [0.2, 0.3]}, set()) == {"young"}


@pytest.mark.parametrize(("excluded", "stopped"), [(False, set()), (True, {"c"})])
def test_truncation_counts_finished_trials_or_not(excluded: bool, stopped: set[str]) -> None:
    """With `exclude_finished_jobs` a trial is compared only with those that still run."""
    trials = {"a": [0.1], "b": [0.2], "c": [0.3], "d": [0.4]}
    judge = policy(TRUNCATION, truncationPercentage=50, excludeFinishedJobs=excluded)
    assert judge.decide(trials, {"a", "b"}) == stopped


def test_trials_that_are_equally_good_all_go_on() -> None:
    """No trial is stopped for the order in which the trials came."""
    assert at_once(TRUNCATION, {name: [0.5] for name in "abcde"}, truncationPercentage=60) == set()


# -- when ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("interval", "delay", "first"),
    [(1, 0, 1), (0, 0, 1), (2, 0, 2), (1, 5, 5), (3, 5, 6), (2, 4, 4), (5, 2, 5), (None, None, 1)],
)
def test_when_a_policy_looks(interval: int | None, delay: int | None, first: int) -> None:
    """At every multiple of the interval that is at least the delay, each value of the metric counting as one."""
    judge = policy(BANDIT, evaluationInterval=interval, delayEvaluation=delay)
    for count in range(1, 20):
        if judge.decide({"good": [1.0] * count, "bad": [0.1] * count}, set()):
            break
    assert count == first


SERIES = st.dictionaries(st.sampled_from("abcdef"), st.lists(st.floats(-10, 10), max_size=12))
BODIES = st.sampled_from([BANDIT, MEDIAN, TRUNCATION, {**BANDIT, "slackFactor": 0, "slackAmount": 1}])


@given(
    body=BODIES,
    trials=SERIES,
    more=st.booleans(),
    interval=st.integers(0, 4),
    delay=st.integers(0, 6),
    data=st.data(),
)
def test_laws_of_all_policies(
    body: dict[str, Any], trials: dict[str, list[float]], more: bool, interval: int, delay: int, data: st.DataObject
) -> None:
    """However the values come in: the best trial is never stopped, none twice, none that has ended, none before its time."""
    judge = policy(body, more_is_better=more, evaluationInterval=interval, delayEvaluation=delay)
    finished = data.draw(st.sets(st.sampled_from("abcdef"), max_size=2))
    stopped: set[str] = set()
    heard = dict.fromkeys(trials, 0)
    while any(heard[name] < len(values) for name, values in trials.items()):
        for name in heard:
            heard[name] = min(len(trials[name]), heard[name] + data.draw(st.integers(0, 4)))
        found = judge.decide({name: trials[name][:count] for name, count in heard.items()}, finished)
        assert not found & stopped
        assert not found & finished
        assert all(heard[name] >= max(interval, delay, 1) for name in found)
        stopped |= found
        # Nothing new was heard.
        assert judge.decide({name: trials[name][:count] for name, count in heard.items()}, finished) == set()
    best = max if more else min
    ahead = [
        name
        for name, values in trials.items()
        if values and values[0] == best(best(each) for each in trials.values() if each)
    ]
    assert not stopped & set(ahead)


@given(body=BODIES, trials=SERIES)
def test_less_is_more_turned_round(body: dict[str, Any], trials: dict[str, list[float]]) -> None:
    """A metric to be made less is one to be made more with its sign turned."""
    turned = {name: [-value for value in values] for name, values in trials.items()}
    assert at_once(body, trials) == at_once(body, turned, more=False)


def test_a_metric_that_is_no_number_is_the_worst() -> None:
    """A trial that diverged is given up like any other that is bad."""
    for body in (BANDIT, MEDIAN, TRUNCATION):
        trials = {"a": [0.8], "b": [math.nan], "c": [0.81], "d": [0.82], "e": [0.83]}
        assert "b" in at_once(body, trials)


def test_a_long_sweep_is_judged_cheaply() -> None:
    """What has been looked at is not looked at again: 100 trials of 1000 values each, told one by one, take seconds."""
    trials: dict[str, list[float]] = {f"t{number}": [] for number in range(100)}
    judges = [policy(body, delayEvaluation=1000) for body in (BANDIT, MEDIAN, TRUNCATION)]
    begun = time.process_time()
    for count in range(1000):
        for number, values in enumerate(trials.values()):
            values.append(count + number / 1000)
        for judge in judges:
            judge.decide(trials, set())
    assert time.process_time() - begun < 20


# -- what a body says ------------------------------------------------------------------------------------------------
def test_no_policy_stops_nothing() -> None:
    """A sweep that says nothing of it lets all trials end."""
    assert policy_of(None, more_is_better=True) is None
    assert policy_of({}, more_is_better=True) is None


@pytest.mark.parametrize(
    "body",
    [
        {"policyType": "Bandit", "delayEvaluation": 0, "evaluationInterval": 0, "slackAmount": 0, "slackFactor": 0.2},
        {"policy_type": "Bandit", "delay_evaluation": 0, "evaluation_interval": 1, "slack_factor": 0.2},
        {"type": "bandit", "slack_factor": 0.2},
        {"policyType": "Bandit", "slackAmount": None, "slackFactor": 0.2, "delayEvaluation": None},
    ],
)
def test_bodies_of_jobs_and_of_steps_are_read(body: dict[str, Any]) -> None:
    """A policy is the same in the body of a job, in a step of a pipeline and in the words of files."""
    assert at_once(body, {"a": [0.8], "b": [0.67], "c": [0.66]}) == {"c"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (BANDIT, "bandit policy with a slack factor of 0.2"),
        (
            {"type": "bandit", "slack_amount": 0.1, "evaluation_interval": 2, "delay_evaluation": 5},
            "bandit policy with a slack amount of 0.1, every 2 values, from value 5 on",
        ),
        ({"policyType": "MedianStopping"}, "median stopping policy"),
        (TRUNCATION, "truncation selection policy of 20 %"),
    ],
)
def test_a_policy_says_what_it_is(body: dict[str, Any], said: str) -> None:
    """The reason that a person reads of a trial that was stopped."""
    assert str(policy(body)) == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"policyType": "Magic"}, "'magic' is not known. Use one of bandit, medianstopping, truncationselection"),
        ({**BANDIT, "slackAmount": 0.1}, "slack_factor or slack_amount, not both"),
        ({**BANDIT, "slackFactor": -0.1}, "slack_factor of a bandit policy cannot be -0.1"),
        ({**BANDIT, "slackFactor": "0.1"}, "slack_factor of a bandit policy cannot be '0.1'"),
        ({**BANDIT, "evaluationInterval": -1}, "evaluation_interval of an early termination policy cannot be -1"),
        ({**MEDIAN, "delayEvaluation": 1.5}, "delay_evaluation of an early termination policy cannot be 1.5"),
        ({**TRUNCATION, "truncationPercentage": 0}, "cannot be 0. Use a whole number from 1 to 99"),
        ({"policyType": "TruncationSelection"}, "cannot be 0. Use a whole number from 1 to 99"),
        ({**TRUNCATION, "truncationPercentage": 100}, "cannot be 100"),
    ],
)
def test_what_no_policy_can_be(body: dict[str, Any], said: str) -> None:
    """A mistake is told before the first trial begins, with what to write."""
    with pytest.raises(ValueError, match=said):
        policy_of(body, more_is_better=True)
