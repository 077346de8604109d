"""A client whose jobs run on this machine, and what the tests ask of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from mlsdk import MLClient, command
from mlsdk.backends.memory import MemoryBackend
from mlsdk.local import LocalRunner

if TYPE_CHECKING:
    from collections.abc import Callable

ENVIRONMENT = "AzureML-sklearn-1.5@latest"
LOG_METRIC = """\
import os, sys, time
from urllib.request import url2pathname
store = url2pathname(os.environ["MLFLOW_TRACKING_URI"].removeprefix("file://"))
run = os.path.join(store, os.environ["MLFLOW_EXPERIMENT_ID"], os.environ["MLFLOW_RUN_ID"])
def log(name, value, step=0):
    with open(os.path.join(run, "metrics", name), "a") as file:
        file.write(f"{round(time.time() * 1000)} {value} {step}\\n")
"""
"""What `mlflow.log_metric` does with the store of a job: importing MLflow takes a process a second or more."""


@attrs.frozen
class Here:
    """A workspace whose jobs run on this machine."""

    client: MLClient
    backend: MemoryBackend
    folder: Path
    """For files of the tests; the runner has `runs` in it."""

    @classmethod
    def made(cls, folder: Path, **options: Any) -> Here:
        """One whose runner has its folder below `folder`."""
        backend = MemoryBackend(jobs=LocalRunner(folder / "runs", **options))
        backend.add_workspace("sub", "rg", "ws", computes=["cpu"])
        return cls(MLClient(None, "sub", "rg", "ws", backend=backend, polling_interval=0.05), backend, folder)

    def file(self, path: str, text: str = "a file") -> Path:
        """A file of the tests."""
        made = self.folder / path
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(text, encoding="utf-8")
        return made

    def command(self, text: str, **more: Any) -> Any:
        """A command that is not submitted."""
        return command(command=text, **{"environment": ENVIRONMENT, "compute": "cpu", **more})

    def submit(self, job: Any) -> Any:
        """Submit a job; `command` makes one of a text."""
        return self.client.jobs.create_or_update(self.command(job) if isinstance(job, str) else job)

    def run(self, job: Any) -> Any:
        """Submit a job and wait until it has completed; JobException when it fails."""
        return self.client.jobs.wait(self.submit(job).name, timeout=120)

    def log(self, job: Any, name: str = "user_logs/std_log.txt") -> str:
        """A log of a job that has ended."""
        target = self.folder / "downloads" / job.name
        self.client.jobs.download(job.name, download_path=target)
        return (target / "artifacts" / name).read_text(encoding="utf-8")

    def output(self, job: Any, name: str) -> Path:
        """The folder with an output of a job, or with the file that it is."""
        target = self.folder / "downloads" / job.name
        self.client.jobs.download(job.name, download_path=target, output_name=name)
        return target / "named-outputs" / name

    def steps(self, job: Any) -> dict[str, Any]:
        """The steps of a pipeline by what they are displayed as; where one has run several times, the last."""
        return {step.display_name: step for step in reversed(list(self.client.jobs.children(job.name)))}

    def until(self, is_so: Callable[[], Any]) -> None:
        """Wait until something has become true while jobs run."""
        for _ in range(1000):
            if is_so():
                return
            self.backend.sleep(0.05)
        message = "it did not become true"
        raise AssertionError(message)
