"""Remembers flowers, and how many neighbours to ask; a fifth of them measures how well that goes."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import metrics
import neighbours

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--training", type=Path, required=True)
parser.add_argument("--neighbours", type=int, default=5)
parser.add_argument("--model", type=Path, required=True)
given = parser.parse_args()

flowers = neighbours.read(given.training)
known = [flower for place, flower in enumerate(flowers) if place % 5]
metrics.log("accuracy", neighbours.accuracy(flowers[::5], known, given.neighbours))
given.model.mkdir(parents=True, exist_ok=True)
model = {"neighbours": given.neighbours, "flowers": flowers}
(given.model / "model.json").write_text(json.dumps(model), encoding="utf-8")
