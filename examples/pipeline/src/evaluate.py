"""Says how well a model tells flowers that it has not seen."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import metrics
import neighbours

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--model", type=Path, required=True)
parser.add_argument("--test", type=Path, required=True)
parser.add_argument("--report", type=Path, required=True)
given = parser.parse_args()

model = json.loads((given.model / "model.json").read_text(encoding="utf-8"))
flowers = neighbours.read(given.test)
right = neighbours.accuracy(flowers, model["flowers"], model["neighbours"])
metrics.log("test_accuracy", right)
given.report.parent.mkdir(parents=True, exist_ok=True)
given.report.write_text(
    json.dumps({"test_accuracy": right, "flowers": len(flowers)}, indent=2) + "\n", encoding="utf-8"
)
