"""The distributions that the hyperparameters of sweeps are drawn from, each with exactly its documented meaning.

A search space is given as `{"rate": ("uniform", (0.1, 1)), "size": ("choice", ([16, 32],))}`: what each distribution is
called and its arguments in the order of `PARAMETERS`. A value of a choice may be a mapping, in which distributions may stand
again, as such pairs; they are drawn where that value is.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

Distribution = tuple[str, tuple[Any, ...]]
Space = Mapping[str, Distribution]
Leaf = Callable[[str, str, tuple[Any, ...]], Any]
"""Draws from one distribution, by its place in the space (`size`, `model.0.depth`): of a choice the index of a value."""

PARAMETERS: dict[str, tuple[str, ...]] = {
    "choice": ("values",),
    "randint": ("upper",),
    "uniform": ("min_value", "max_value"),
    "quniform": ("min_value", "max_value", "q"),
    "loguniform": ("min_value", "max_value"),
    "qloguniform": ("min_value", "max_value", "q"),
    "normal": ("mu", "sigma"),
    "qnormal": ("mu", "sigma", "q"),
    "lognormal": ("mu", "sigma"),
    "qlognormal": ("mu", "sigma", "q"),
}
"""What each distribution is given by, in the order in which the body of a job has it."""
SAMPLINGS = {
    "grid": frozenset({"choice"}),
    "bayesian": frozenset({"choice", "uniform", "quniform"}),
    "random": frozenset(PARAMETERS),
}
"""The distributions that a sampling can draw from."""
MOST_EXPONENT = 700.0
"""The exponential of what is much larger is no floating-point number any more."""


def nested(value: Any) -> dict[str, Distribution]:
    """The distributions within one value of a choice, by their names."""
    if not isinstance(value, Mapping):
        return {}
    return {name: each for name, each in value.items() if isinstance(each, tuple)}


def places(space: Space, above: str = "") -> Iterator[tuple[str, Distribution]]:
    """Each distribution of a search space by its place, the nested ones too: `size`, `model.0.depth`."""
    for name, (kind, arguments) in space.items():
        place = f"{above}{name}"
        yield place, (kind, arguments)
        if kind == "choice":
            for index, value in enumerate(arguments[0]):
                yield from places(nested(value), f"{place}.{index}.")


def problem(space: Space, sampling: str) -> tuple[str, str] | None:
    """The place and the name of the first distribution that a sampling (`grid`, …) cannot draw from; None for none."""
    known = SAMPLINGS[sampling]
    return next(((place, kind) for place, (kind, _) in places(space) if kind not in known), None)


def drawn(space: Space, leaf: Leaf, above: str = "") -> dict[str, Any]:
    """The hyperparameters of one trial, each distribution drawn from by `leaf`."""
    return {
        name: _value(f"{above}{name}", kind, arguments, leaf)
        if kind == "choice"
        else leaf(above + name, kind, arguments)
        for name, (kind, arguments) in space.items()
    }


def _value(place: str, kind: str, arguments: tuple[Any, ...], leaf: Leaf) -> Any:
    index = leaf(place, kind, arguments)
    value = arguments[0][index]
    inner = nested(value)
    return {**value, **drawn(inner, leaf, f"{place}.{index}.")} if inner else value


def grid(space: Space) -> Iterator[dict[str, Any]]:
    """Every combination of the values of choices, each once, lazily; the last hyperparameter changes fastest."""
    # Arguments of `product` are listed at once, which is no more than the space itself has; the combinations are not.
    return (dict(zip(space, chosen, strict=True)) for chosen in itertools.product(*map(_values, space.values())))


def _values(distribution: Distribution) -> list[Any]:
    found: dict[str, Any] = {}
    for value in distribution[1][0]:
        for each in [{**value, **inner} for inner in grid(nested(value))] if nested(value) else [value]:
            found.setdefault(identity(each), each)
    return list(found.values())


def identity(value: Any) -> str:
    """A text that is the same for equal values only: 1, 1.0, True and "1" differ."""
    return json.dumps(value, sort_keys=True)


def shaped(kind: str, arguments: tuple[Any, ...], number: float, base: float = math.e) -> float:
    """What a continuous distribution makes of a number from the plain (uniform or normal) one beneath it.

    `base` is that of the distributions of logarithms; what is rounded is a multiple of `q`, whole where `q` is.
    """
    value = math.exp(number * math.log(base)) if "log" in kind else number
    multiple: float = round(value / arguments[2]) * arguments[2] if kind.startswith("q") else value
    return multiple


def at_random(numbers: random.Random, base: float = math.e) -> Leaf:
    """Draws independently of all before."""

    def leaf(_: str, kind: str, arguments: tuple[Any, ...]) -> Any:
        if kind in {"choice", "randint"}:
            return numbers.randrange(count(kind, arguments))
        first, second = float(arguments[0]), float(arguments[1])
        number = numbers.uniform(first, second) if "uniform" in kind else numbers.gauss(first, second)
        return shaped(kind, arguments, number, base)

    return leaf


def at_quantile(kind: str, arguments: tuple[Any, ...], share: float, base: float = math.e) -> Any:
    """What a distribution has at a share (between 0 and 1, both excluded) of its mass: of a choice the index of a value."""
    if kind in {"choice", "randint"}:
        return int(share * count(kind, arguments))
    first, second = float(arguments[0]), float(arguments[1])
    if "uniform" in kind:
        return shaped(kind, arguments, min(first + (second - first) * share, second), base)
    from statistics import NormalDist

    return shaped(kind, arguments, NormalDist(first, second).inv_cdf(share), base)


def count(kind: str, arguments: tuple[Any, ...]) -> int:
    """How many values a choice or a range of whole numbers has."""
    return len(arguments[0]) if kind == "choice" else math.ceil(arguments[0])


def too_large(kind: str, arguments: tuple[Any, ...], base: float = math.e) -> float | None:
    """The exponent by which a distribution of logarithms leaves what can be a number; None where it does not.

    Looked at are the ends, or the middle of one that has none.
    """
    if "log" not in kind:
        return None
    exponents: tuple[float, ...] = arguments[:2] if "uniform" in kind else arguments[:1]
    return next((each for each in exponents if each * math.log(base) > MOST_EXPONENT), None)
