"""Tells the kinds of many flowers, some files at a time: `init` once for a process, `run` for each mini batch of files."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import neighbours

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--model", type=Path, required=True)
model: dict = {}


def init() -> None:
    """Read the model."""
    given, _ = parser.parse_known_args()
    model.update(json.loads((given.model / "model.json").read_text(encoding="utf-8")))


def run(mini_batch: list[str]) -> list[str]:
    """A line for each file: its name, and how many flowers of each kind are in it."""
    lines = []
    for file in map(Path, mini_batch):
        kinds = [neighbours.kind_of(found, model["flowers"], model["neighbours"]) for found, _ in neighbours.read(file)]
        counts = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
        lines.append(f"{file.name} {json.dumps(counts)}")
    return lines
