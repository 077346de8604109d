"""Search spaces of sweeps: whether the service would take one, and the same samples of it each time."""

from __future__ import annotations

import itertools
import json
import math
import random
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.errors import user_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsdk.backends.memory.kinds import Body

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
MOST = 10
"""How many trials there are of a sweep that says nothing of it and has no end."""


def read(space: Body, where: str) -> dict[str, tuple[str, tuple[Any, ...]]]:
    """The distributions of a search space by what they draw; ServiceError (400) where it is none.

    A job writes `["uniform", [0.1, 1]]`, a step of a pipeline `{"type": "uniform", "min_value": 0.1, "max_value": 1}`.
    """
    if not space:
        raise user_error(
            400, f"Request is invalid and/or missing fields. The SearchSpace field is required ('{where}')."
        )
    return {name: _distribution(value, f"{where}.{name}") for name, value in space.items()}


def _distribution(value: Any, where: str) -> tuple[str, tuple[Any, ...]]:
    if isinstance(value, dict):
        kind = str(value.get("type")).lower()
        given: Any = [value.get(name) for name in PARAMETERS.get(kind, ())]
    elif isinstance(value, list) and len(value) == 2:
        kind, given = str(value[0]).lower(), value[1]
    else:
        raise user_error(
            400, f"The search space of '{where}' is invalid: it has to be a distribution with its arguments."
        )
    names = PARAMETERS.get(kind)
    if names is None:
        message = f"The distribution '{kind}' of '{where}' is not valid. Allowed values: {','.join(PARAMETERS)}."
        raise user_error(400, message)
    if not isinstance(given, list) or len(given) != len(names):
        raise user_error(400, f"The distribution '{kind}' of '{where}' takes {', '.join(names)}.")
    for name, argument in zip(names, given, strict=True):
        _check_argument(kind, name, argument, where)
    if names[0] == "min_value" and given[0] > given[1]:
        raise user_error(400, f"The distribution '{kind}' of '{where}' begins at {given[0]}, above its end {given[1]}.")
    return kind, tuple(given)


def _check_argument(kind: str, name: str, argument: Any, where: str) -> None:
    if name == "values":
        if not isinstance(argument, list) or not argument:
            raise user_error(400, f"The distribution '{kind}' of '{where}' has no values to choose from.")
        return
    number = isinstance(argument, (int, float)) and not isinstance(argument, bool)
    if not number or (name in ("q", "upper", "sigma") and argument <= 0):
        raise user_error(400, f"The distribution '{kind}' of '{where}' cannot have {argument!r} as its {name}.")


def check(space: Body, sampling: str, where: str) -> dict[str, tuple[str, tuple[Any, ...]]]:
    """The distributions of a search space that a sampling can draw from; ServiceError (400) otherwise."""
    known = read(space, where)
    for name, (kind, _) in known.items():
        if kind not in SAMPLINGS[sampling.lower()]:
            message = (
                f"The sampling algorithm '{sampling}' cannot draw from the distribution '{kind}' of '{where}.{name}'."
            )
            raise user_error(400, message)
    return known


def samples(space: Body, sampling: str, seed: Any, most: int) -> Iterator[dict[str, Any]]:
    """The hyperparameters of each trial: of the same space and seed always the same."""
    known = read(space, "searchSpace")
    if sampling.lower() == "grid":
        values = (arguments[0] for _, arguments in known.values())
        grid = (dict(zip(known, chosen, strict=True)) for chosen in itertools.product(*values))
        yield from itertools.islice(grid, most or None)
        return
    # Not for secrets: the same numbers are wanted each time.
    numbers = random.Random(f"{seed}|{json.dumps(space, sort_keys=True)}")  # noqa: S311
    for _ in range(most or MOST):
        yield {name: _draw(numbers, kind, arguments) for name, (kind, arguments) in known.items()}


def _draw(numbers: random.Random, kind: str, arguments: tuple[Any, ...]) -> Any:
    if kind == "choice":
        return numbers.choice(arguments[0])
    if kind == "randint":
        return numbers.randrange(math.ceil(arguments[0]))
    first, second = float(arguments[0]), float(arguments[1])
    drawn = numbers.uniform(first, second) if "uniform" in kind else numbers.gauss(first, second)
    if "log" in kind:
        drawn = math.exp(drawn)
    return round(drawn / arguments[2]) * arguments[2] if kind.startswith("q") else drawn
