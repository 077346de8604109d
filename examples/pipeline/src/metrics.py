"""Numbers that a run is judged by: to MLflow where it is installed, and to the log."""

from __future__ import annotations

try:
    import mlflow
except ImportError:
    mlflow = None


def log(name: str, value: float) -> None:
    """Tell a metric of this run."""
    print(f"{name} {value:.4f}")
    if mlflow is not None:
        mlflow.log_metric(name, value)
