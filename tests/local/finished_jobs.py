"""A job as a user finds it after it has run here: its steps, their logs, their files and metrics."""

from __future__ import annotations

import io
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from mlsdk import MLClient
from mlsdk.backends.memory import MemoryBackend
from mlsdk.entities import AmlCompute

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from mlsdk.local import LocalRunner

IRISES = Path(__file__).resolve().parents[2] / "examples" / "iris" / "data" / "iris.csv"
COMPUTES = ("cpu-cluster", "gpu-cluster")
PUBLIC = "https://azuremlexamples.blob.core.windows.net/datasets"
"""The container of public data that Azure's examples read, of which the backend has a table."""


def client_of(runner: LocalRunner, stored: Mapping[str, str] = MappingProxyType({})) -> MLClient:
    """A client of an Azure in memory which has what examples take for granted: clusters, public data.

    `stored` is what its default datastore has: the text of each file by its path.
    """
    backend = MemoryBackend(provision=True, jobs=runner)
    backend.add_storage_account("azuremlexamples", containers=["datasets"])
    backend.container(PUBLIC).put("iris.csv", io.BytesIO(IRISES.read_bytes()))
    client = MLClient(None, "sub", "rg", "ws", backend=backend)
    for name in COMPUTES:
        client.compute.begin_create_or_update(AmlCompute(name=name, size="Standard_DS3_v2")).result()
    store: Any = client.datastores.get_default()
    container = backend.container(f"https://{store.account_name}.blob.core.windows.net/{store.container_name}")
    for path, text in stored.items():
        container.put(path, io.BytesIO(text.encode()))
    return client


class Finished:
    """A job that has ended, and what is left of it."""

    def __init__(self, client: MLClient, name: str, folder: Path) -> None:
        self._client, self._name, self._folder = client, name, folder

    @cached_property
    def job(self) -> Any:
        """The job as the service tells it."""
        return self._client.jobs.get(self._name)

    @cached_property
    def parts(self) -> Mapping[str, Finished]:
        """The steps of a pipeline by their names, or the trials of a sweep."""
        children: Any = self._client.jobs.list(parent_job_name=self._name)
        return {child.display_name: Finished(self._client, child.name, self._folder) for child in children}

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The text of each of its files, by the place to which `jobs.download` puts it."""
        folder = self._folder / self._name
        self._client.jobs.download(self._name, download_path=folder, all=True)
        return {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
            for path in folder.rglob("*")
            if path.is_file()
        }

    @property
    def log(self) -> str:
        """What its processes printed, one after the other."""
        return "".join(text for path, text in sorted(self.files.items()) if "/std_log" in path)

    @property
    def metrics(self) -> Mapping[str, float]:
        """The last value of each metric."""
        return self._client.jobs.metrics(self._name).last


def run(client: MLClient, job: Any, folder: Path) -> Finished:
    """Submit a job and follow it to its end, as a user does; what fails raises what `jobs.stream` raises."""
    submitted: Any = client.jobs.create_or_update(job)
    client.jobs.stream(submitted.name)
    finished = Finished(client, submitted.name, folder)
    assert finished.job.status == "Completed"
    return finished
