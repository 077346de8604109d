"""Search spaces of sweeps: whether the service would take one, and the same samples of it each time."""

from __future__ import annotations

import itertools
import json
import random
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.errors import user_error
from mlsdk.local import distributions
from mlsdk.local.distributions import PARAMETERS, Distribution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsdk.backends.memory.kinds import Body

SAMPLINGS = distributions.SAMPLINGS
"""The distributions that a sampling can draw from."""
MOST = 10
"""How many trials there are of a sweep that says nothing of it and has no end."""


def read(space: Body, where: str) -> dict[str, Distribution]:
    """The distributions of a search space by what they draw; ServiceError (400) where it is none.

    A job writes `["uniform", [0.1, 1]]`, a step of a pipeline `{"type": "uniform", "min_value": 0.1, "max_value": 1}`. They
    are given as `mlsdk.local.distributions` has them.
    """
    if not space:
        raise user_error(
            400, f"Request is invalid and/or missing fields. The SearchSpace field is required ('{where}')."
        )
    return {name: _distribution(value, f"{where}.{name}") for name, value in space.items()}


def _distribution(value: Any, where: str) -> Distribution:
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
    exponent = distributions.too_large(kind, tuple(given))
    if exponent is not None:
        message = f"The distribution '{kind}' of '{where}' is too large: e to the power of {exponent}."
        raise user_error(400, message)
    if kind == "choice":
        return kind, ([_nested(value, f"{where}.{index}") for index, value in enumerate(given[0])],)
    return kind, tuple(given)


def _nested(value: Any, where: str) -> Any:
    """A value of a choice; the distributions in a mapping are read like those of the space itself."""
    if not isinstance(value, dict):
        return value
    return {
        name: _distribution(each, f"{where}.{name}") if _is_distribution(each) else each for name, each in value.items()
    }


def _is_distribution(value: Any) -> bool:
    if isinstance(value, dict):
        return str(value.get("type")).lower() in PARAMETERS
    return (
        isinstance(value, list)
        and len(value) == 2
        and str(value[0]).lower() in PARAMETERS
        and isinstance(value[1], list)
    )


def _check_argument(kind: str, name: str, argument: Any, where: str) -> None:
    if name == "values":
        if not isinstance(argument, list) or not argument:
            raise user_error(400, f"The distribution '{kind}' of '{where}' has no values to choose from.")
        return
    number = isinstance(argument, (int, float)) and not isinstance(argument, bool)
    if not number or (name in ("q", "upper", "sigma") and argument <= 0):
        raise user_error(400, f"The distribution '{kind}' of '{where}' cannot have {argument!r} as its {name}.")


def check(space: Body, sampling: str, where: str) -> dict[str, Distribution]:
    """The distributions of a search space that a sampling can draw from; ServiceError (400) otherwise."""
    known = read(space, where)
    unable = distributions.problem(known, sampling.lower())
    if unable is not None:
        place, kind = unable
        message = (
            f"The sampling algorithm '{sampling}' cannot draw from the distribution '{kind}' of '{where}.{place}'."
        )
        raise user_error(400, message)
    return known


def samples(space: Body, sampling: str, seed: Any, most: int) -> Iterator[dict[str, Any]]:
    """The hyperparameters of each trial: of the same space and seed always the same."""
    known = read(space, "searchSpace")
    if sampling.lower() == "grid":
        yield from itertools.islice(distributions.grid(known), most or None)
        return
    # Not for secrets: the same numbers are wanted each time.
    numbers = random.Random(f"{seed}|{json.dumps(space, sort_keys=True)}")  # noqa: S311
    leaf = distributions.at_random(numbers)
    for _ in range(most or MOST):
        yield distributions.drawn(known, leaf)
