"""Curves: each metric in a picture of its own, whatever was logged."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree as ET

import pytest

from mlsdk.display.curves import POINTS, curve, series, thinned
from mlsdk.display.texts import duration, number, shortened


def points(drawn: str) -> list[list[tuple[float, float]]]:
    """The lines of a curve, each as its points."""
    found = re.findall(r'<polyline points="([^"]*)"', drawn)
    return [[(float(x), float(y)) for x, y in (pair.split(",") for pair in line.split())] for line in found]


def test_a_curve_goes_from_the_first_value_to_the_last() -> None:
    """Its highest value at the top, its lowest at the bottom, both written beside it."""
    drawn = curve("loss", [(0, 0.9), (1, 0.4), (2, 0.65)])
    (line,) = points(drawn)
    assert [x for x, _ in line] == sorted(x for x, _ in line)
    assert line[0][1] < line[2][1] < line[1][1]
    assert "loss: 3 values, last 0.65" in drawn
    assert {">0.9</text>", ">0.4</text>"} <= set(re.findall(r">[\d.]+</text>", drawn))


def test_one_value_is_a_point() -> None:
    """It has no way to go."""
    drawn = curve("one", [(7, 3.5)])
    assert points(drawn) == []
    assert drawn.count("<circle") == 1
    assert "one: 1 value, last 3.5" in drawn


def test_a_constant_is_a_line_in_the_middle() -> None:
    """With its one value beside it."""
    (line,) = points(curve("constant", [(0, 2.0), (1, 2.0)]))
    assert line[0][1] == line[1][1]


def test_what_is_no_number_interrupts_the_curve_and_is_counted() -> None:
    """It is not drawn as nought, and does not spoil the scale."""
    drawn = curve("nan", [(0, 1.0), (1, 2.0), (2, math.nan), (3, math.inf), (4, 1.5), (5, 1.0)])
    assert [len(line) for line in points(drawn)] == [2, 2]
    assert "2 not finite" in drawn
    assert "no finite value" in curve("none", [(0, math.nan)])
    assert "no values" in curve("empty", [])


def test_of_many_points_no_peak_is_lost() -> None:
    """Few are drawn, among them the highest and the lowest."""
    rows = [(float(step), 100.0 if step == 7777 else math.sin(step)) for step in range(10_000)]
    kept = thinned(rows)
    assert len(kept) <= 2 * POINTS
    assert (7777.0, 100.0) in kept
    assert kept[0] == rows[0]
    assert kept[-1] == rows[-1]
    assert len(curve("long", rows)) < 30_000


def test_values_that_were_all_logged_for_one_step_are_numbered() -> None:
    """Who logs without a step logs for step 0."""
    assert series([(0, 3.0, None), (0, 2.0, None)]) == [(0.0, 3.0), (1.0, 2.0)]
    assert series([(5, 3.0, None), (9, 2.0, None)]) == [(5.0, 3.0), (9.0, 2.0)]


@pytest.mark.parametrize("values", [(1e308, -1e308), (5e-324, 0.0), (1e300, 1e300), (-0.0, 0.0)])
def test_the_largest_and_smallest_numbers_there_are_can_be_drawn(values: tuple[float, float]) -> None:
    """Every point is within the picture."""
    drawn = curve("odd", list(enumerate(values)))
    ET.fromstring(drawn)  # noqa: S314 - our own text
    for line in points(drawn):
        assert all(0 <= x <= 300 and 0 <= y <= 150 for x, y in line)


def test_a_name_is_text() -> None:
    """Whatever it holds."""
    drawn = curve('<b>"&', [(0, 1.0)])
    assert ET.fromstring(drawn).get("aria-label") == '<b>"&: 1 value, last 1'  # noqa: S314 - our own text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.4, "0.4"),
        (3.0, "3"),
        (1234567.0, "1234567"),
        (1e9, "1e+09"),
        (1 / 3, "0.33333"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_numbers_take_few_characters(value: float, text: str) -> None:
    """And stay what they are."""
    assert number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0, "0 s"),
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.7, "1 min 0 s"),
        (372, "6 min 12 s"),
        (7500, "2 h 5 min"),
    ],
)
def test_durations_are_said_as_a_person_says_them(seconds: float | None, text: str) -> None:
    """Nothing where nobody knows."""
    assert duration(seconds) == text


def test_a_long_name_keeps_its_start_and_its_end() -> None:
    """They tell the most."""
    assert shortened("a" * 10 + "z" * 10, 9) == "aaaa…zzzz"
    assert shortened("short", 9) == "short"
