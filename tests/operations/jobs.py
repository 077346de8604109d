"""Jobs for the tests of what follows them: submitted, and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk import Input, Output, command

if TYPE_CHECKING:
    from mlsdk import MLClient
    from mlsdk.backends import Container
    from mlsdk.backends.memory import MemoryBackend
    from mlsdk.entities import Job

FILE = "azureml://datastores/workspaceblobstore/paths/x.csv"
ENVIRONMENT = "AzureML-sklearn-1.5@latest"


def training(**changes: Any) -> Any:
    """A job with an input, an output and an environment that is there already."""
    wanted: dict[str, Any] = {
        "command": "python train.py ${{inputs.data}} > ${{outputs.model}}/log",
        "environment": ENVIRONMENT,
        "inputs": {"data": Input(type="uri_file", path=FILE)},
        "outputs": {"model": Output(type="uri_folder")},
        "experiment_name": "iris",
        **changes,
    }
    return command(**wanted)


def submitted(client: MLClient, **changes: Any) -> str:
    """The name of a job that was just submitted."""
    job: Job = client.jobs.create_or_update(training(**changes))
    assert job.name is not None
    return job.name


def files_of(client: MLClient, backend: MemoryBackend, datastore: str) -> Container:
    """The files behind a datastore, as a job that writes to it has them."""
    store: Any = client.datastores.get(datastore, include_secrets=True)
    address = f"https://{store.account_name}.blob.core.windows.net/{store.container_name}"
    return backend.container(address, store.credentials.account_key)
