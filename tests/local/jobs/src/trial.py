"""Logs how far a share is from where it started."""

from __future__ import annotations

import argparse

import mlflow

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--start", type=float, required=True)
parser.add_argument("--word", choices=["one", "two_words", "three"], required=True)
parser.add_argument("--share", type=float, required=True)
given = parser.parse_args()

print(f"{given.word}: {given.share}")  # noqa: T201 - what the log has
mlflow.log_metric("distance", abs(given.start - given.share))
