"""Flowers in tables, and telling their kind by their nearest neighbours; the standard library is enough."""

from __future__ import annotations

import csv
import math
from collections import Counter
from pathlib import Path  # noqa: TC003 - one import, where a reader looks for it

Flower = tuple[list[float], str]
"""What was measured, and the kind."""


def read(path: Path) -> list[Flower]:
    """The flowers of a CSV with a header, whose last column is the kind; of a folder, those of all its files."""
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    flowers = []
    for file in files:
        with file.open(newline="", encoding="utf-8") as stream:
            lines = csv.reader(stream)
            next(lines)
            flowers += [([float(value) for value in line[:-1]], line[-1]) for line in lines]
    return flowers


def write(path: Path, flowers: list[Flower]) -> None:
    """A CSV which `read` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        lines = csv.writer(stream)
        lines.writerow([*(f"measure_{number}" for number in range(len(flowers[0][0]))), "kind"])
        lines.writerows([*measures, kind] for measures, kind in flowers)


def kind_of(measures: list[float], known: list[Flower], neighbours: int) -> str:
    """The kind that most of the nearest known flowers are of."""
    nearest = sorted(known, key=lambda flower: math.dist(measures, flower[0]))[:neighbours]
    return Counter(kind for _, kind in nearest).most_common(1)[0][0]


def accuracy(flowers: list[Flower], known: list[Flower], neighbours: int) -> float:
    """The part of the flowers whose kind is told rightly."""
    return sum(kind_of(measures, known, neighbours) == kind for measures, kind in flowers) / len(flowers)
