"""kedro-azureml-pipeline: data assets as data sets of Kedro, snapshots of code, and pipelines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from azure.ai.ml import command, dsl
from azure.ai.ml.entities import Data
from kedro.io.core import DatasetError
from kedro_azureml_pipeline.client import AzureMLPipelinesClient, BatchClients, register_code_snapshot
from kedro_azureml_pipeline.config import ClusterConfig, ComputeConfig, WorkspaceConfig
from kedro_azureml_pipeline.datasets import AzureMLAssetDataset

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

    from mlsdk.backends.memory import MemoryBackend

CONFIG = WorkspaceConfig(subscription_id="sub", resource_group="rg", name="ws")


@pytest.fixture
def client(azure: MemoryBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MLClient:
    """The client it makes for a workspace; `data/` of the folder we are in is where data sets come."""
    monkeypatch.chdir(tmp_path)
    made: MLClient = BatchClients().get(CONFIG)
    assert not azure.requests
    return made


def dataset(name: str, **options: str) -> AzureMLAssetDataset:
    """A table in a data asset."""
    wrapped = {"type": "pandas.CSVDataset", "filepath": "iris.csv"}
    made = AzureMLAssetDataset(azureml_dataset=name, dataset=wrapped, **options)
    made.azure_config = CONFIG
    return made


def test_a_data_asset_is_loaded(client: MLClient) -> None:
    """The newest version of a folder, or the version of a file that was asked for, is downloaded and read."""
    for version in ("9", "10"):
        folder = Path("sources", version)
        folder.mkdir(parents=True)
        (folder / "iris.csv").write_text(f"version\n{version}\n", encoding="utf-8")
        client.data.create_or_update(Data(name="folder", version=version, path=str(folder)))
        file = str(folder / "iris.csv")
        client.data.create_or_update(Data(name="file", version=version, path=file, type="uri_file"))
    assert dataset("folder").load()["version"].tolist() == [10]
    assert dataset("file", azureml_type="uri_file", azureml_version="9").load()["version"].tolist() == [9]
    assert Path("data", "file", "9", "iris.csv").exists()


def test_a_data_asset_that_is_not_there(client: MLClient) -> None:
    """It is an error of Kedro that names the asset."""
    assert not list(client.data.list())
    with pytest.raises(DatasetError, match="missing"):
        dataset("missing").load()


def test_a_snapshot_is_registered_once(azure: MemoryBackend, client: MLClient, tmp_path: Path) -> None:
    """Folders with the same content are one code asset, also when several jobs register theirs at the same time."""
    folders = [tmp_path / f"staged{i}" / "code" for i in range(4)]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "nodes.py").write_text("def f(): ...\n", encoding="utf-8")
    first = register_code_snapshot(client, folders[0])
    before = azure.requests.writes
    with ThreadPoolExecutor(4) as pool:
        assert {*pool.map(lambda folder: register_code_snapshot(client, folder), folders)} == {first}
    assert azure.requests.writes == before


def test_a_pipeline_runs(client: MLClient) -> None:
    """Its cluster is looked for, and each of its steps is a run."""

    @dsl.pipeline(name="iris")  # type: ignore[call-overload, untyped-decorator]
    def pipeline() -> None:
        command(name="step", command="echo 1", environment="AzureML-sklearn-1.5@latest", compute="cpu-cluster")()

    compute = ComputeConfig(root={"__default__": ClusterConfig(cluster_name="cpu-cluster")})
    AzureMLPipelinesClient(pipeline()).run(CONFIG, compute, experiment_name="iris", ml_client=client)
    (job,) = client.jobs.list()
    assert (client.jobs.get(job.name).status, job.experiment_name) == ("Completed", "iris")
    assert len(list(client.jobs.list(parent_job_name=job.name))) == 1
