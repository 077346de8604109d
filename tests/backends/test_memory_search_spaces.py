from __future__ import annotations

import itertools
from typing import Any

import pytest

from mlsdk.backends.memory import search_spaces
from mlsdk.backends.memory.errors import ServiceError

OF_A_JOB = {"model": ["choice", [["linear", {"kind": "net", "rate": ["uniform", [0, 1]], "sizes": ["a", [3]]}]]]}
OF_A_STEP = {
    "model": {
        "type": "choice",
        "values": [
            "linear",
            {"kind": "net", "rate": {"type": "uniform", "min_value": 0, "max_value": 1}, "sizes": ["a", [3]]},
        ],
    }
}
FORMS = pytest.mark.parametrize("space", [OF_A_JOB, OF_A_STEP])


@FORMS
def test_what_stands_within_a_choice_is_drawn(space: dict[str, Any]) -> None:
    """A value of a choice that is a mapping gets a number for each distribution in it; all else stays as it is."""
    drawn = [each["model"] for each in itertools.islice(search_spaces.samples(space, "Random", 1, 50), 50)]
    nets = [each for each in drawn if each != "linear"]
    assert 0 < len(nets) < 50
    assert all(each["kind"] == "net" and each["sizes"] == ["a", [3]] and 0 < each["rate"] < 1 for each in nets)


@FORMS
def test_what_stands_within_a_choice_is_checked(space: dict[str, Any]) -> None:
    """A grid takes no distribution without end, wherever it stands; the place is told."""
    with pytest.raises(ServiceError, match=r"'uniform' of 'searchSpace\.model\.1\.rate'"):
        search_spaces.check(space, "Grid", "searchSpace")
    assert list(search_spaces.check(space, "Random", "searchSpace")) == ["model"]


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        (["uniform", [2, 1]], r"'uniform' of 's\.m\.0\.x' begins at 2"),
        (["choice", [[]]], r"'choice' of 's\.m\.0\.x' has no values"),
        ({"type": "normal", "mu": 1}, r"'normal' of 's\.m\.0\.x' cannot have None as its sigma"),
        (["loguniform", [1, 1000]], r"'loguniform' of 's\.m\.0\.x' is too large: e to the power of 1000"),
    ],
)
def test_a_distribution_within_a_choice_has_to_be_right(inner: Any, said: str) -> None:
    """It is read like those of the space itself."""
    with pytest.raises(ServiceError, match=said):
        search_spaces.read({"m": ["choice", [[{"x": inner}]]]}, "s")
