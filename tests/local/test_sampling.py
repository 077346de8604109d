from __future__ import annotations

import itertools
import json
import logging
import math
import statistics
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

from mlsdk.local.sampling import refusal, sampler

if TYPE_CHECKING:
    from mlsdk.local.distributions import Distribution

SOBOL = {"samplingAlgorithmType": "Random", "rule": "sobol", "seed": 1}
PLAIN = {"samplingAlgorithmType": "Random", "seed": 1}
EITHER = pytest.mark.parametrize("rule", ["random", "sobol"])


def take(
    space: dict[str, Distribution], sampling: Any, count: int = 0, *, seed: int | str | None = None
) -> list[dict[str, Any]]:
    """The first trials of a sweep, or all of them."""
    asked = sampler(space, sampling, more_is_better=True, most=count, seed=seed)
    return list(iter(asked.ask, None))


# -- distributions -----------------------------------------------------------------------------------------------
NUMBERS = st.floats(-5, 5)
STEPS = st.sampled_from([0.1, 0.5, 1, 2, 7])


@st.composite
def ranges(draw: st.DrawFn, kind: str) -> Distribution:
    """A distribution between two numbers."""
    ends = sorted([draw(NUMBERS), draw(NUMBERS)])
    return kind, (*ends, draw(STEPS)) if kind.startswith("q") else tuple(ends)


@st.composite
def bells(draw: st.DrawFn, kind: str) -> Distribution:
    """A distribution around a number."""
    around = (draw(NUMBERS), draw(st.floats(0.01, 2)))
    return kind, (*around, draw(STEPS)) if kind.startswith("q") else around


RANGES = st.sampled_from(["uniform", "quniform", "loguniform", "qloguniform"]).flatmap(ranges)
BELLS = st.sampled_from(["normal", "qnormal", "lognormal", "qlognormal"]).flatmap(bells)
CHOICES = st.lists(st.integers() | st.text(), min_size=1, max_size=4).map(lambda values: ("choice", (values,)))
WHOLE = st.integers(1, 9).map(lambda upper: ("randint", (upper,)))
SPACES = st.dictionaries(st.sampled_from("abcd"), RANGES | BELLS | CHOICES | WHOLE, min_size=1)
SAMPLINGS = st.fixed_dictionaries({"type": st.just("random"), "rule": st.sampled_from(["random", "sobol"])})


def check(kind: str, arguments: tuple[Any, ...], value: Any) -> None:
    """A value is one that the distribution has."""
    if kind == "choice":
        assert value in arguments[0]
        return
    if kind == "randint":
        assert isinstance(value, int)
        assert 0 <= value < arguments[0]
        return
    q = arguments[2] if kind.startswith("q") else 0
    if q:
        assert round(value / q) * q == value
    if "uniform" in kind:
        low, high = (math.exp(each) if "log" in kind else each for each in arguments[:2])
        assert low * (1 - 1e-9 * math.copysign(1, low)) - q / 2 - 1e-9 <= value
        assert value <= high * (1 + 1e-9 * math.copysign(1, high)) + q / 2 + 1e-9
    elif "log" in kind:
        assert value >= 0
    assert math.isfinite(value)


@given(space=SPACES, sampling=SAMPLINGS, seed=st.integers(0, 2**40))
def test_what_is_drawn_is_what_the_distributions_have(
    space: dict[str, Distribution], sampling: dict[str, Any], seed: int
) -> None:
    """Numbers lie within their bounds, are multiples of their q, whole ones below their upper end; choices are values."""
    for drawn in take(space, {**sampling, "seed": seed}, 8):
        assert list(drawn) == list(space)
        for name, (kind, arguments) in space.items():
            check(kind, arguments, drawn[name])


@given(space=SPACES, sampling=SAMPLINGS, seed=st.integers() | st.text())
def test_the_same_seed_gives_the_same_samples(
    space: dict[str, Distribution], sampling: dict[str, Any], seed: int | str
) -> None:
    """A sweep that is run again with its seed tries the same things, and the beginning does not depend on how many."""
    assert take(space, sampling, 5, seed=seed) == take(space, sampling, 9, seed=seed)[:5]


def test_without_a_seed_each_sweep_tries_something_else() -> None:
    """Nothing is the same by accident; a seed in the body counts more than one that is given beside it."""
    space: dict[str, Distribution] = {"x": ("uniform", (0, 1))}
    assert take(space, "random", 3) != take(space, "random", 3)
    assert take(space, None, 3, seed=1) == take(space, {"type": "random", "seed": 1}, 3, seed=2)


@pytest.mark.parametrize(
    ("kind", "arguments", "mean", "deviation"),
    [
        ("uniform", (10, 20), 15, 10 / math.sqrt(12)),
        ("quniform", (0, 100, 5), 50, 100 / math.sqrt(12)),
        ("randint", (5,), 2, math.sqrt(2)),
        ("normal", (10, 3), 10, 3),
        ("qnormal", (100, 20, 5), 100, 20),
        ("loguniform", (0, 1), math.e - 1, 0.492),
        ("qloguniform", (0, 5, 0.5), (math.exp(5) - 1) / 5, 38.8),
        ("lognormal", (0, 0.5), math.exp(0.125), 0.604),
        ("qlognormal", (3, 0.5, 2), math.exp(3.125), 12.13),
    ],
)
@EITHER
def test_distributions_have_their_documented_shape(
    kind: str, arguments: tuple[Any, ...], mean: float, deviation: float, rule: str
) -> None:
    """The mean and the spread of many samples are those of round(exp(…)/q)*q, as the documentation defines each."""
    drawn = [each["x"] for each in take({"x": (kind, arguments)}, {**SOBOL, "rule": rule}, 4096)]
    assert statistics.fmean(drawn) == pytest.approx(mean, abs=deviation * 0.07)
    assert statistics.pstdev(drawn) == pytest.approx(deviation, rel=0.07)


@EITHER
def test_all_values_are_equally_likely(rule: str) -> None:
    """A choice, a range of whole numbers: each of them comes about as often, the last one too."""
    space: dict[str, Distribution] = {"c": ("choice", (["a", "b", "c", "d"],)), "r": ("randint", (4,))}
    drawn = take(space, {**SOBOL, "rule": rule}, 1024)
    for name in space:
        values = [each[name] for each in drawn]
        assert {round(values.count(value) / 256, 0) for value in set(values)} == {1}
        assert len(set(values)) == 4


@EITHER
@pytest.mark.parametrize(("logbase", "base"), [("e", math.e), (None, math.e), (10, 10.0), ("2", 2.0)])
def test_the_base_of_logarithms_counts(rule: str, logbase: Any, base: float) -> None:
    """With `logbase: 10` a range from -4 to -1 is one from 0.0001 to 0.1; other distributions do not care."""
    space: dict[str, Distribution] = {"x": ("loguniform", (-4, -1)), "y": ("uniform", (-4, -1))}
    drawn = take(space, {**SOBOL, "rule": rule, "logbase": logbase}, 200)
    assert all(base**-4 <= each["x"] <= base**-1 for each in drawn)
    assert any(each["x"] < base**-3.9 for each in drawn)
    assert any(each["x"] > base**-1.1 for each in drawn)
    assert [each["y"] for each in drawn] == [each["y"] for each in take(space, {**SOBOL, "rule": rule}, 200)]


def test_a_sobol_sequence_covers_the_space_more_evenly() -> None:
    """However many trials there are, the points of a Sobol sequence lie less in heaps than random ones."""
    space: dict[str, Distribution] = dict.fromkeys("xyz", ("uniform", (0, 1)))
    for count in (10, 50, 128):
        even, random = (
            statistics.fmean(
                qmc.discrepancy([list(each.values()) for each in take(space, {"rule": rule}, count, seed=seed)])
                for seed in range(10)
            )
            for rule in ("sobol", "random")
        )
        assert even < random * 0.6


# -- choices of things that belong together ----------------------------------------------------------------------
MODELS: dict[str, Distribution] = {
    "model": (
        "choice",
        (
            [
                "linear",
                {"kind": "tree", "depth": ("choice", ([2, 4],)), "sizes": [3, 4]},
                {"kind": "net", "layers": ("choice", ([1, {"width": ("choice", ([8, 16],))}],))},
            ],
        ),
    )
}


@pytest.mark.parametrize("sampling", ["random", SOBOL, "bayesian"])
def test_what_belongs_together_is_drawn_together(sampling: Any) -> None:
    """A value of a choice that has distributions in it gets what is drawn of them, and nothing of the other values."""
    drawn = {json.dumps(each["model"]) for each in take(MODELS, sampling, 100, seed=1)}
    assert drawn == {json.dumps(each["model"]) for each in take(MODELS, "grid")}


def test_a_sampling_sees_what_is_within_choices() -> None:
    """A grid has no place for a distribution without end, wherever it stands."""
    space: dict[str, Distribution] = {"m": ("choice", ([1, {"rate": ("uniform", (0, 1))}],))}
    assert refusal(space, "random") is None
    said = refusal(space, "grid")
    assert said == (
        "The sampling algorithm 'grid' cannot draw from the distribution 'uniform' of 'm.1.rate', only from choice."
    )


# -- grids -------------------------------------------------------------------------------------------------------
@given(values=st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(0, 3), min_size=1, max_size=4), min_size=1))
def test_a_grid_has_every_combination_once(values: dict[str, list[int]]) -> None:
    """All combinations are tried, none of them twice, also where a value is listed twice."""
    found = take({name: ("choice", (each,)) for name, each in values.items()}, "grid")
    wanted = set(itertools.product(*values.values()))
    assert len(found) == len(wanted)
    assert {tuple(each.values()) for each in found} == wanted


def test_values_that_only_look_alike_are_each_tried() -> None:
    """1, 1.0, True and "1" reach a script in different ways."""
    assert [each["x"] for each in take({"x": ("choice", ([1, 1.0, True, "1", 1],))}, "grid")] == [1, 1.0, True, "1"]


def test_a_grid_is_made_as_it_is_walked() -> None:
    """The first trials of a grid with more combinations than fit into memory are there at once; the last name changes first."""
    space: dict[str, Distribution] = {f"x{number}": ("choice", (list(range(10)),)) for number in range(30)}
    found = take(space, {"samplingAlgorithmType": "Grid"}, 2)
    assert [each["x29"] for each in found] == [0, 1]


def test_how_many_trials_there_are() -> None:
    """As many as were asked for; 1000 where nothing was said."""
    space: dict[str, Distribution] = {"x": ("choice", (list(range(2000)),)), "y": ("choice", ([1],))}
    for sampling in ("random", "grid", SOBOL):
        assert len(take(space, sampling, 7)) == 7
        assert len(take(space, sampling)) == 1000
    assert len(take(space, "bayesian", 7)) == 7


# -- what is learned ---------------------------------------------------------------------------------------------
BOWL: dict[str, Distribution] = {"x": ("uniform", (-5, 5)), "y": ("quniform", (-10, 10, 0.5))}


def search(sampling: str, seed: int, *, together: int = 1, more_is_better: bool = False) -> float:
    """How near to the best place a search over a bowl comes in 40 trials, so many of them side by side."""
    asked = sampler(BOWL, sampling, more_is_better=more_is_better, most=40, seed=seed)
    found = []
    while batch := list(itertools.islice(iter(asked.ask, None), together)):
        for drawn in reversed(batch):
            found.append((drawn["x"] - 1) ** 2 + (drawn["y"] + 2) ** 2)
            asked.tell(drawn, -found[-1] if more_is_better else found[-1])
    return min(found)


@pytest.mark.parametrize("together", [1, 4])
@pytest.mark.parametrize("more_is_better", [False, True])
def test_what_is_learned_pays(together: int, *, more_is_better: bool) -> None:
    """Bayesian sampling comes nearer to the best place than random sampling, also with trials side by side."""
    learned, random = (
        statistics.fmean(search(word, seed, together=together, more_is_better=more_is_better) for seed in range(8))
        for word in ("bayesian", "random")
    )
    assert learned < random * 0.6


def test_trials_side_by_side_differ() -> None:
    """Several trials that are asked for before any of them has ended do not all try what looks best."""
    asked = sampler(BOWL, "bayesian", more_is_better=False, most=40, seed=3)
    for _ in range(15):
        drawn = asked.ask()
        assert drawn is not None
        asked.tell(drawn, drawn["x"] ** 2 + drawn["y"] ** 2)
    batch = [asked.ask() for _ in range(8)]
    assert len({json.dumps(each) for each in batch}) == 8


def test_learning_is_the_same_for_the_same_seed() -> None:
    """The same trials with the same ends lead to the same search."""
    assert search("bayesian", 5) == search("bayesian", 5)


@given(st.lists(st.none() | st.floats(), min_size=12, max_size=16))
def test_a_trial_without_a_result_harms_nothing(scores: list[float | None]) -> None:
    """A trial that failed, or came to no number, is one of which nothing is learned; infinite ones are taken as they are."""
    asked = sampler(BOWL, "bayesian", more_is_better=True, seed=1)
    for score in scores:
        drawn = asked.ask()
        assert drawn is not None
        check(*BOWL["x"], drawn["x"])
        asked.tell(drawn, score)


def test_the_same_hyperparameters_may_run_twice() -> None:
    """Each of several equal trials is told of once; one too many, or one that nobody asked for, is a mistake."""
    asked = sampler({"x": ("choice", ([1],))}, "bayesian", more_is_better=True)
    for _ in range(3):
        assert asked.ask() == {"x": 1}
    for score in (0.5, None, 0.7):
        asked.tell({"x": 1}, score)
    with pytest.raises(KeyError):
        asked.tell({"x": 1}, 0.5)


def test_multiples_of_q_are_searched_up_to_both_ends() -> None:
    """A range from 1 to 10 in steps of 3 has 0, 3, 6 and 9, since round(1/3)*3 is 0, as with random sampling."""
    space: dict[str, Distribution] = {"x": ("quniform", (1, 10, 3))}
    for sampling in ("bayesian", "random"):
        assert {each["x"] for each in take(space, sampling, 200, seed=1)} == {0, 3, 6, 9}


def test_a_search_writes_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is written on standard error, and how much optuna says otherwise stays as it was."""
    before = logging.getLogger("optuna").level
    search("bayesian", 1)
    assert logging.getLogger("optuna").level == before
    assert capfd.readouterr() == ("", "")


# -- what cannot be ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("distribution", "sampling", "said"),
    [
        (("uniform", (0, 1)), "magic", "'magic' is not known. Use one of grid, bayesian, random"),
        (("uniform", (0, 1)), {"type": "random", "rule": "halton"}, "Use 'random' or 'sobol'"),
        (("uniform", (0, 1)), {"type": "random", "logbase": -1}, "logbase -1 .* Use a positive number or 'e'"),
        (("uniform", (0, 1)), {"type": "random", "logbase": "ten"}, "logbase 'ten'"),
        (("uniform", (0, 1)), "grid", "'grid' cannot draw from the distribution 'uniform' of 'x', only from choice"),
        (("normal", (0, 1)), "Bayesian", "'normal' of 'x', only from choice, quniform, uniform"),
        (("loguniform", (1, 1000)), "random", "'loguniform' of 'x' is given by exponents, .* 1000 is too large"),
        (("lognormal", (400, 1)), {"rule": "sobol", "logbase": 10}, "10 to the power of 400 is too large"),
    ],
)
def test_what_cannot_be_drawn_is_told_beforehand(distribution: Distribution, sampling: Any, said: str) -> None:
    """Before the first trial begins, with the place and what to write."""
    with pytest.raises(ValueError, match=said) as found:
        take({"x": distribution}, sampling)
    assert refusal({"x": distribution}, sampling) == str(found.value)


@pytest.mark.parametrize(("package", "sampling"), [("optuna", "bayesian"), ("scipy", SOBOL)])
def test_a_missing_package_is_told_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, package: str, sampling: Any
) -> None:
    """Who lacks the extra reads how to get it; random samples and grids need none."""
    monkeypatch.setitem(sys.modules, package, None)
    space: dict[str, Distribution] = {"x": ("choice", ([1, 2],))}
    with pytest.raises(ImportError, match=r"pip install 'mlsdk\[sweep\]'"):
        take(space, sampling, 1)
    assert f"'{package}'" in (refusal(space, sampling) or "")
    assert take(space, PLAIN, 1)
    assert len(take(space, "grid")) == 2
