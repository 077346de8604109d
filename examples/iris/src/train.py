"""Learns to tell the classes of a CSV apart: a softmax regression, fitted by gradient descent.

    python train.py --data iris.csv --model model --metrics metrics

It needs the standard library only. `model/model.json` holds all that is needed to classify a row,
`metrics/metrics.json` how well it does on the rows it has not seen.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, pstdev


class UnusableDataError(Exception):
    """A table that cannot be learned from; the message says where and why."""


@dataclass(frozen=True)
class Row:
    """One example."""

    features: tuple[float, ...]
    label: str


@dataclass(frozen=True)
class Table:
    """The examples of a file and the names of their numbers."""

    feature_names: list[str]
    label_name: str
    rows: list[Row]

    @property
    def classes(self) -> list[str]:
        """The labels that occur, sorted."""
        return sorted({row.label for row in self.rows})


@dataclass(frozen=True)
class Model:
    """A softmax regression on standardised numbers: a score for each class, the highest wins."""

    feature_names: list[str]
    classes: list[str]
    means: list[float]
    deviations: list[float]
    weights: list[list[float]]
    """For each class a weight for each number."""
    biases: list[float]

    def probabilities(self, features: tuple[float, ...]) -> list[float]:
        """How likely each class is, in the order of `classes`; they sum to 1."""
        scaled = standardised(features, self.means, self.deviations)
        return softmax([score(scaled, *line) for line in zip(self.weights, self.biases, strict=True)])

    def predict(self, features: tuple[float, ...]) -> str:
        """The likeliest class."""
        probabilities = self.probabilities(features)
        return self.classes[probabilities.index(max(probabilities))]


def standardised(features: tuple[float, ...], means: list[float], deviations: list[float]) -> list[float]:
    """Numbers in deviations from the mean, so that no column outweighs another by its unit."""
    return [(value - mean) / by for value, mean, by in zip(features, means, deviations, strict=True)]


def score(scaled: list[float], weights: list[float], bias: float) -> float:
    """What one class is given for standardised numbers."""
    return bias + sum(weight * value for weight, value in zip(weights, scaled, strict=True))


def softmax(scores: list[float]) -> list[float]:
    """Scores as probabilities."""
    highest = max(scores)  # taken off first, so that no exponential overflows
    powers = [math.exp(score - highest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def read(path: Path, label: str | None) -> Table:
    """The table in a CSV file with a header; UnusableDataError names the line that cannot be read."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        lines = csv.DictReader(file, strict=True)
        names = list(lines.fieldnames or [])
        if len(names) < 2:
            message = f"{path}: expected a header with at least two columns, got {names}"
            raise UnusableDataError(message)
        label_name = names[-1] if label is None else label
        if label_name not in names:
            message = f"{path}: no column {label_name!r}; there are {', '.join(names)}"
            raise UnusableDataError(message)
        feature_names = [name for name in names if name != label_name]
        rows = []
        for line in lines:
            where = f"{path}, line {lines.line_num}"
            if None in line or None in line.values():
                message = f"{where}: expected {len(names)} columns"
                raise UnusableDataError(message)
            rows.append(Row(tuple(number(line[name], f"{where}, {name}") for name in feature_names), line[label_name]))
    return Table(feature_names, label_name, rows)


def number(text: str, where: str) -> float:
    """A finite number from its text."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        message = f"{where}: {text!r} is no number"
        raise UnusableDataError(message)
    return value


def split(rows: list[Row], test_share: float, seed: int) -> tuple[list[Row], list[Row]]:
    """Rows to learn from and rows to measure with, each class in the same share; the same seed gives the same rows.

    UnusableDataError when there are too few for one or the other.
    """
    by_class = defaultdict(list)
    for row in rows:
        by_class[row.label].append(row)
    shuffled = random.Random(seed)  # noqa: S311 - repeatable, not secret
    train, test = [], []
    for label in sorted(by_class):
        members = by_class[label]
        shuffled.shuffle(members)
        count = round(len(members) * test_share)
        test += members[:count]
        train += members[count:]
    if not train or not test:
        message = f"{len(rows)} rows are too few to measure with a share of {test_share}"
        raise UnusableDataError(message)
    return train, test


def fit(table: Table, rows: list[Row], epochs: int, learning_rate: float) -> Model:
    """The model after `epochs` steps of gradient descent over all rows."""
    columns = list(zip(*(row.features for row in rows), strict=True))
    means = [fmean(column) for column in columns]
    # A column that never changes tells nothing; dividing by 1 leaves it at 0.
    deviations = [pstdev(column) or 1.0 for column in columns]
    classes = table.classes
    examples = [(standardised(row.features, means, deviations), classes.index(row.label)) for row in rows]
    weights = [[0.0] * len(columns) for _ in classes]
    biases = [0.0] * len(classes)
    step = learning_rate / len(rows)
    for _ in range(epochs):
        weight_slopes = [[0.0] * len(columns) for _ in classes]
        bias_slopes = [0.0] * len(classes)
        for scaled, right in examples:
            scores = [score(scaled, *line) for line in zip(weights, biases, strict=True)]
            for index, probability in enumerate(softmax(scores)):
                miss = probability - (index == right)
                bias_slopes[index] += miss
                for place, value in enumerate(scaled):
                    weight_slopes[index][place] += miss * value
        for index in range(len(classes)):
            biases[index] -= step * bias_slopes[index]
            for place, slope in enumerate(weight_slopes[index]):
                weights[index][place] -= step * slope
    return Model(table.feature_names, classes, means, deviations, weights, biases)


def measure(model: Model, rows: list[Row]) -> dict[str, object]:
    """Accuracy on `rows`, and for each class what its rows were taken for."""
    confusion = {label: dict.fromkeys(model.classes, 0) for label in model.classes}
    for row in rows:
        confusion[row.label][model.predict(row.features)] += 1
    right = sum(confusion[label][label] for label in model.classes)
    return {"accuracy": right / len(rows), "test_rows": len(rows), "confusion": confusion}


def write(folder: Path, name: str, content: object) -> None:
    """A JSON file in a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    """The command line as values."""
    parser = argparse.ArgumentParser(description="Learn to tell the classes of a CSV apart.")
    parser.add_argument("--data", type=Path, required=True, help="CSV with a header; all but the label are numbers")
    parser.add_argument("--label", help="column to foretell; the last one when left out")
    parser.add_argument("--model", type=Path, required=True, help="folder for model.json")
    parser.add_argument("--metrics", type=Path, required=True, help="folder for metrics.json")
    parser.add_argument("--test-share", type=float, default=0.3, help="part of the rows to measure with, below 1")
    parser.add_argument("--epochs", type=int, default=300, help="steps of gradient descent, at least 1")
    parser.add_argument("--learning-rate", type=float, default=0.5, help="length of a step")
    parser.add_argument("--seed", type=int, default=1, help="the same seed measures with the same rows")
    found = parser.parse_args(arguments)
    if not 0 < found.test_share < 1:
        parser.error(f"--test-share is {found.test_share}; it must be above 0 and below 1")
    if found.epochs < 1:
        parser.error(f"--epochs is {found.epochs}; it must be at least 1")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Read, split, fit, measure and write; the exit code."""
    chosen = parsed(arguments)
    try:
        table = read(chosen.data, chosen.label)
        train, test = split(table.rows, chosen.test_share, chosen.seed)
    except (OSError, UnicodeDecodeError, csv.Error, UnusableDataError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    model = fit(table, train, chosen.epochs, chosen.learning_rate)
    metrics = {**measure(model, test), "train_rows": len(train)}
    write(chosen.model, "model.json", asdict(model))
    write(chosen.metrics, "metrics.json", metrics)
    print(f"{len(model.classes)} kinds of {table.label_name}: {len(train)} rows to learn from, {len(test)} to measure")
    print(f"accuracy {metrics['accuracy']:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
