"""Logs a parameter, a metric's course, and a file."""

from __future__ import annotations

from pathlib import Path

import mlflow

mlflow.log_param("place", "here")
for step, value in enumerate([3.0, 2.0, 1.5]):
    mlflow.log_metric("loss", value, step=step)
Path("note.txt").write_text("a note", encoding="utf-8")
mlflow.log_artifact("note.txt")
