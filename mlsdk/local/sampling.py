"""The hyperparameters of a sweep's next trial: at random, evenly, all of them, or what earlier trials make most promising."""

from __future__ import annotations

import importlib.util
import itertools
import math
import random
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from mlsdk.local import distributions
from mlsdk.local.distributions import SAMPLINGS, Space, identity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST = 1000
"""How many trials there are of a sweep that does not say how many."""
BITS = 30
"""In how many parts, as a power of two, a Sobol sequence splits each hyperparameter."""


class Sampler(Protocol):
    """Says what the trials of one sweep are to try. It is asked by one thread at a time."""

    def ask(self) -> dict[str, Any] | None:
        """The hyperparameters of the next trial by name; None when there is no further one."""
        ...

    def tell(self, parameters: Mapping[str, Any], score: float | None) -> None:
        """Hear what a trial that was asked for came to; `score` is None where it told nothing. In any order."""
        ...


def refusal(space: Space, sampling: str | Mapping[str, Any] | None) -> str | None:
    """Why trials cannot be drawn from a search space in some way, in a sentence; None when they can.

    `sampling` is a word or what a body or a step says, as of `sampler`.
    """
    try:
        _check(space, _Sampling.read(sampling))
    except (ValueError, ImportError) as error:
        return str(error)
    return None


def sampler(
    space: Space,
    sampling: str | Mapping[str, Any] | None,
    *,
    more_is_better: bool,
    most: int = 0,
    seed: int | str | None = None,
) -> Sampler:
    """What draws the trials of a sweep.

    `space` is as `mlsdk.local.distributions` has it. `sampling` is a word (`random`, `grid`, `bayesian`), or a mapping as
    in the body of a job (`{"samplingAlgorithmType": "Random", "rule": "sobol", "seed": 1, "logbase": "e"}`) or in a step
    (`{"type": "random", …}`); `random` when None. There are `most` trials, 1000 when it is 0, and no more than there are
    combinations in a grid. `seed` is what is drawn by where `sampling` names none: the same samples for the same one, other
    ones each time when it is None too. ValueError where the space cannot be drawn from that way; ImportError where a
    package is missing, with what to install.
    """
    said = _Sampling.read(sampling)
    _check(space, said)
    numbers = random.Random(said.seed if said.seed is not None else seed)  # noqa: S311 - not for secrets
    count = most or MOST
    if said.type == "bayesian":
        return _Bayesian(space, more_is_better=more_is_better, seed=numbers.getrandbits(32), most=count)
    if said.type == "grid":
        drawn = distributions.grid(space)
    elif said.rule == "sobol":
        drawn = _sobol(space, numbers.getrandbits(32), said.base)
    else:
        leaf = distributions.at_random(numbers, said.base)
        drawn = (distributions.drawn(space, leaf) for _ in itertools.count())
    return _Heedless(itertools.islice(drawn, count))


# -- what is asked for -------------------------------------------------------------------------------------------
@attrs.frozen
class _Sampling:
    """A sampling algorithm, whichever way it was written."""

    type: str
    rule: str
    seed: int | None
    base: float

    @classmethod
    def read(cls, said: str | Mapping[str, Any] | None) -> _Sampling:
        """What a body, a step or a word says."""
        given: Mapping[str, Any] = {"type": said} if said is None or isinstance(said, str) else said
        type_ = str(given.get("samplingAlgorithmType") or given.get("type") or "random").lower()
        if type_ not in SAMPLINGS:
            message = f"The sampling algorithm '{type_}' is not known. Use one of {', '.join(SAMPLINGS)}."
            raise ValueError(message)
        rule = str(given.get("rule") or "random").lower()
        if rule not in {"random", "sobol"}:
            message = f"The rule '{rule}' of random sampling is not known. Use 'random' or 'sobol'."
            raise ValueError(message)
        return cls(type_, rule, given.get("seed"), _base(given.get("logbase")))


def _base(said: Any) -> float:
    if said is None or said == "e":
        return math.e
    try:
        base = float(said)
    except (TypeError, ValueError):
        base = math.nan
    if not 0 < base < math.inf:
        message = f"The logbase {said!r} of random sampling is no base of logarithms. Use a positive number or 'e'."
        raise ValueError(message)
    return base


def _check(space: Space, said: _Sampling) -> None:
    """The space can be drawn from with what is installed: ValueError or ImportError otherwise."""
    unable = distributions.problem(space, said.type)
    if unable is not None:
        place, kind = unable
        message = (
            f"The sampling algorithm '{said.type}' cannot draw from the distribution '{kind}' of '{place}', only from "
            f"{', '.join(sorted(SAMPLINGS[said.type]))}."
        )
        raise ValueError(message)
    for place, (kind, arguments) in distributions.places(space):
        exponent = distributions.too_large(kind, arguments, said.base)
        if exponent is not None:
            message = (
                f"The distribution '{kind}' of '{place}' is given by exponents, and {said.base:g} to the power of "
                f"{exponent} is too large a number. "
                "A range from 0.001 to 0.1 is written as from -6.9 to -2.3."
            )
            raise ValueError(message)
    package = (
        "optuna" if said.type == "bayesian" else "scipy" if said.type == "random" and said.rule == "sobol" else None
    )
    if package is not None and importlib.util.find_spec(package) is None:
        word = "Bayesian" if package == "optuna" else "Sobol"
        message = f"{word} sampling needs the package '{package}', which is not installed: pip install 'mlsdk[sweep]'"
        raise ModuleNotFoundError(message, name=package)


# -- samplers ----------------------------------------------------------------------------------------------------
class _Heedless:
    """Draws what it would draw whatever the trials come to."""

    def __init__(self, drawn: Iterator[dict[str, Any]]) -> None:
        self._drawn = drawn

    def ask(self) -> dict[str, Any] | None:
        """The hyperparameters of the next trial."""
        return next(self._drawn, None)

    def tell(self, parameters: Mapping[str, Any], score: float | None) -> None:
        """Nothing that is drawn depends on it."""


def _sobol(space: Space, seed: int, base: float) -> Iterator[dict[str, Any]]:
    """Hyperparameters that cover the space evenly, however many are taken."""
    qmc: Any = import_module("scipy.stats.qmc")
    # Each distribution has a dimension of its own, also one that only some values of a choice bring.
    dimension = {place: number for number, (place, _) in enumerate(distributions.places(space))}
    sequence = qmc.Sobol(len(dimension), scramble=True, bits=BITS, rng=seed)
    while True:
        # The middle of its part, since a normal distribution has no value at the very edge.
        point = [float(each) + 2.0 ** -(BITS + 1) for each in sequence.random(1)[0]]

        def leaf(place: str, kind: str, arguments: tuple[Any, ...], point: list[float] = point) -> Any:
            return distributions.at_quantile(kind, arguments, point[dimension[place]], base)

        yield distributions.drawn(space, leaf)


class _Bayesian:
    """Draws what earlier trials make most promising, by optuna's tree of Parzen estimators.

    Trials that still run count as bad ones meanwhile, so that several which are asked for at a time differ.
    """

    def __init__(self, space: Space, *, more_is_better: bool, seed: int, most: int) -> None:
        optuna: Any = import_module("optuna")
        self._space, self._left = space, most
        self._failed = optuna.trial.TrialState.FAIL
        # It writes a line for each study on standard error; how much it says otherwise is for the user to say.
        verbosity = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        try:
            self._study = optuna.create_study(
                direction="maximize" if more_is_better else "minimize",
                sampler=optuna.samplers.TPESampler(seed=seed, constant_liar=True),
            )
        finally:
            optuna.logging.set_verbosity(verbosity)
        self._running: dict[str, list[Any]] = {}
        """Trials that were asked for and not told of, by the text of their hyperparameters."""

    def ask(self) -> dict[str, Any] | None:
        """The hyperparameters of the next trial."""
        if not self._left:
            return None
        self._left -= 1
        trial = self._study.ask()

        def leaf(place: str, kind: str, arguments: tuple[Any, ...]) -> Any:
            if kind == "choice":
                return trial.suggest_categorical(place, range(len(arguments[0])))
            if kind == "uniform":
                return trial.suggest_float(place, arguments[0], arguments[1])
            q = arguments[2]
            return trial.suggest_int(place, round(arguments[0] / q), round(arguments[1] / q)) * q

        found = distributions.drawn(self._space, leaf)
        self._running.setdefault(identity(found), []).append(trial)
        return found

    def tell(self, parameters: Mapping[str, Any], score: float | None) -> None:
        """Learn from what a trial came to; KeyError for one that was not asked for, or was told of before."""
        key = identity(parameters)
        trial = self._running[key].pop(0)
        if not self._running[key]:
            del self._running[key]
        if score is None or math.isnan(score):
            self._study.tell(trial, state=self._failed)
        else:
            self._study.tell(trial, score)
