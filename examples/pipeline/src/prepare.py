"""Parts flowers into those to learn from and those to test with."""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import neighbours

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--flowers", type=Path, required=True)
parser.add_argument("--test-share", type=float, default=0.3)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--training", type=Path, required=True)
parser.add_argument("--test", type=Path, required=True)
given = parser.parse_args()

flowers = neighbours.read(given.flowers)
random.Random(given.seed).shuffle(flowers)  # noqa: S311 - repeatable, not secret
count = round(len(flowers) * given.test_share)
neighbours.write(given.test / "flowers.csv", flowers[:count])
neighbours.write(given.training / "flowers.csv", flowers[count:])
print(f"{len(flowers) - count} flowers to learn from, {count} to test with")
