"""What becomes of a job of which nobody says anything: it completes, and leaves something of all that it was to leave."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.outcomes import STEERING, JobOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping

FILES = {"mltable": "MLTable", "mlflow_model": "MLmodel"}
"""The file that makes a folder what it is; any folder has one of no meaning."""
ELSE = "simulated.txt"


def outcome(job: Mapping[str, Any], metric: str | None) -> JobOutcome:
    """A job that completes without a word; `metric` is what it is measured by where it is a trial.

    Of an output that is a file there is a file, and a trial has some value between 0 and 1: the same for the same
    hyperparameters.
    """
    outputs: dict[str, Any] = {}
    for name, output in job["properties"]["outputs"].items():
        type_ = str(output["jobOutputType"]).lower()
        text = f"# No code was run: this stands for the output {name} of the job {job['name']}.\n"
        if type_ == "uri_file":
            outputs[name] = text
        elif type_ not in STEERING:
            outputs[name] = {FILES.get(type_, ELSE): text}
    if metric is None:
        return JobOutcome(outputs=outputs)
    number = job["name"].rpartition("_")[2]
    # Not for secrets: the same number is wanted each time.
    drawn = random.Random(f"{number}|{job['properties'].get('parameters')}").random()  # noqa: S311
    return JobOutcome(outputs=outputs, metrics={metric: drawn})
