"""Stands for a training script; the benchmarks store it and never run it."""

from __future__ import annotations

import argparse

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data")
parser.add_argument("--model")
print(parser.parse_args())
