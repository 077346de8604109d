"""Models, data and environments: versions, labels and archives, through the official client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml import command
from azure.ai.ml.constants import ListViewType
from azure.ai.ml.entities import Data, Environment, Model
from azure.ai.ml.entities._assets.auto_delete_setting import AutoDeleteSetting
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from mlsdk.backends.memory import JobOutcome

if TYPE_CHECKING:
    from pathlib import Path

    from azure.ai.ml import MLClient

    from mlsdk.backends.memory import MemoryBackend

PLACE = "azureml://datastores/workspaceblobstore/paths/assets/"


def made(kind: str, version: str | None = None) -> Any:
    """An asset that needs no local files."""
    if kind == "models":
        return Model(name="iris", version=version, path=PLACE + "model", type="custom_model", tags={"a": "1"})
    if kind == "data":
        return Data(name="iris", version=version, path=PLACE + "data", type="uri_folder", tags={"a": "1"})
    return Environment(name="iris", version=version, image="ubuntu:22.04", tags={"a": "1"})


KINDS = ("models", "data", "environments")


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates(
    "models.create_or_update",
    "models.get",
    "models.list",
    "data.create_or_update",
    "data.get",
    "data.list",
    "environments.create_or_update",
    "environments.get",
    "environments.list",
)
@pytest.mark.parametrize("kind", KINDS)
def test_versions_of_an_asset(client: MLClient, kind: str) -> None:
    """Versions are made, read by number and label, listed newest first and changed."""
    group = getattr(client, kind)
    first = group.create_or_update(made(kind, "1"))
    assert (first.name, first.version, first.tags) == ("iris", "1", {"a": "1"})
    group.create_or_update(made(kind, "2"))
    assert group.get("iris", version="1").id == first.id
    assert group.get("iris", label="latest").version == "2"
    assert [one.version for one in group.list(name="iris")] == ["2", "1"]
    assert "iris" in {one.name for one in group.list()}
    first.tags["b"] = "2"
    first.description = "better"
    changed = group.create_or_update(first)
    assert (changed.tags["b"], changed.description) == ("2", "better")
    with pytest.raises(ResourceNotFoundError):
        group.get("iris", version="7")


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("models.create_or_update", "data.create_or_update", "environments.create_or_update")
@pytest.mark.parametrize("kind", KINDS)
def test_the_service_counts_versions(client: MLClient, kind: str) -> None:
    """Without a version the next one is taken; an environment that is the same as the latest one stays that."""
    group = getattr(client, kind)
    assert group.create_or_update(made(kind)).version == "1"
    assert group.create_or_update(made(kind)).version == ("1" if kind == "environments" else "2")
    if kind == "environments":
        assert group.create_or_update(Environment(name="iris", image="debian:12")).version == "2"


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates(
    "models.archive",
    "models.restore",
    "data.archive",
    "data.restore",
    "environments.archive",
    "environments.restore",
)
@pytest.mark.parametrize("kind", KINDS)
def test_assets_are_archived_and_restored(client: MLClient, kind: str) -> None:
    """What is archived is listed apart, whether a version or the whole."""
    group = getattr(client, kind)
    group.create_or_update(made(kind, "1"))
    group.create_or_update(made(kind, "2"))
    group.archive("iris", version="2")
    assert [one.version for one in group.list(name="iris")] == ["1"]
    archived = group.list(name="iris", list_view_type=ListViewType.ARCHIVED_ONLY)
    assert [one.version for one in archived] == ["2"]
    group.restore("iris", version="2")
    assert [one.version for one in group.list(name="iris")] == ["2", "1"]
    group.archive("iris")
    assert "iris" not in {one.name for one in group.list()}
    group.restore("iris")
    assert "iris" in {one.name for one in group.list()}
    assert group.get("iris", label="latest").version == "2"


@pytest.mark.usefixtures("azure")
@pytest.mark.parametrize("kind", KINDS)
def test_a_version_is_never_defined_anew(client: MLClient, kind: str) -> None:
    """Another definition under a version that exists is refused."""
    group = getattr(client, kind)
    group.create_or_update(made(kind, "1"))
    other = made(kind, "1")
    if kind == "environments":
        other.image = "debian:12"
    else:
        other.path = PLACE + "other"
    with pytest.raises(HttpResponseError, match="cannot be changed"):
        group.create_or_update(other)


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("models.list", "data.list", "environments.list", "models.archive", "data.archive")
@pytest.mark.parametrize("kind", KINDS)
def test_lists_by_view(client: MLClient, kind: str) -> None:
    """Active ones, archived ones and all of them, containers as well as versions; a label names a version to archive."""
    group = getattr(client, kind)
    for version in ("1", "2"):
        group.create_or_update(made(kind, version))
    group.archive("iris", label="latest")
    assert group.get("iris", label="latest").version == "1"
    views = {
        ListViewType.ACTIVE_ONLY: (["1"], True),
        ListViewType.ARCHIVED_ONLY: (["2"], False),
        ListViewType.ALL: (["2", "1"], True),
    }
    for view, (versions, there) in views.items():
        assert [one.version for one in group.list(name="iris", list_view_type=view)] == versions
        assert ("iris" in {one.name for one in group.list(list_view_type=view)}) is there
    with pytest.raises(ResourceNotFoundError):
        list(group.list(name="gone"))


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("models.list")
def test_models_by_stage(client: MLClient) -> None:
    """A list is narrowed to the stage that was given to versions."""
    for version, stage in (("1", "Development"), ("2", "Production"), ("3", None)):
        client.models.create_or_update(Model(name="iris", version=version, path=PLACE + "model", stage=stage))
    assert [one.version for one in client.models.list(name="iris", stage="Production")] == ["2"]
    assert [one.version for one in client.models.list(name="iris")] == ["3", "2", "1"]


@pytest.mark.emulates("models.create_or_update", "models.download", "data.create_or_update")
@pytest.mark.parametrize("path", ["azureml://jobs/{}/outputs/artifacts/paths/model/", "runs:/{}/model/"])
def test_what_a_job_wrote_becomes_an_asset(azure: MemoryBackend, client: MLClient, tmp_path: Path, path: str) -> None:
    """The place is told in full, with the job that it comes from, and its files can be had."""
    azure.run_jobs_with(lambda _job: JobOutcome(files={"model/weights.txt": "0.25"}))
    job = command(command="train", environment="AzureML-sklearn-1.5:1", compute="cpu-cluster")
    name = client.jobs.create_or_update(job).name
    client.jobs.stream(name)
    model = client.models.create_or_update(Model(name="iris", path=path.format(name), type="custom_model"))
    assert model.job_name == name
    assert model.path.endswith(f"/datastores/workspaceartifactstore/paths/ExperimentRun/dcid.{name}/model/")
    client.models.download("iris", version="1", download_path=tmp_path)
    assert [found.read_text() for found in tmp_path.rglob("weights.txt")] == ["0.25"]
    source = f"azureml://jobs/{name}/outputs/artifacts/paths/model/"
    data = client.data.create_or_update(Data(name="iris", path=source, type="uri_folder"))
    assert data.path == model.path


def test_what_no_job_wrote_is_refused(client: MLClient) -> None:
    """A model comes from a job that is there, and from an output of it."""
    job = command(command="train", environment="AzureML-sklearn-1.5:1", compute="cpu-cluster")
    name = client.jobs.create_or_update(job).name
    for path in (
        "azureml://jobs/gone/outputs/artifacts/paths/model",
        f"azureml://jobs/{name}/outputs/gone/paths/model",
    ):
        with pytest.raises(ResourceNotFoundError, match="gone"):
            client.models.create_or_update(Model(name="iris", path=path, type="custom_model"))
    assert list(client.models.list()) == []


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("data.create_or_update", "data.get")
def test_tables(client: MLClient, tmp_path: Path) -> None:
    """An MLTable is registered with the folder it describes, and again from where it was put."""
    (tmp_path / "table").mkdir()
    (tmp_path / "table/MLTable").write_text("type: mltable\npaths:\n  - file: ./rows.csv\n")
    (tmp_path / "table/rows.csv").write_text("a,b\n1,2\n")
    first = client.data.create_or_update(Data(name="rows", version="1", path=str(tmp_path / "table"), type="mltable"))
    again = client.data.create_or_update(Data(name="rows", version="2", path=first.path, type="mltable"))
    assert again.path == first.path
    assert client.data.get("rows", version="2").type == "mltable"
    assert [one.type for one in client.data.list()] == ["mltable"]


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("data.create_or_update")
def test_data_that_deletes_itself(client: MLClient) -> None:
    """The setting is kept; data elsewhere in the cloud stays at its address."""
    setting = AutoDeleteSetting(condition="created_greater_than", value="30d")
    managed = "azureml://datastores/workspacemanagedstore/paths/"
    wanted = Data(name="rows", version="1", path=managed, type="uri_folder", auto_delete_setting=setting)
    assert client.data.create_or_update(wanted).auto_delete_setting["value"] == "30d"
    address = "https://example.com/rows.csv"
    assert client.data.create_or_update(Data(name="far", version="1", path=address, type="uri_file")).path == address


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("environments.create_or_update", "environments.get")
def test_an_environment_with_packages(client: MLClient) -> None:
    """An image and a file of conda packages come back as they were."""
    packages = {"name": "train", "dependencies": ["python=3.12", {"pip": ["numpy"]}]}
    client.environments.create_or_update(Environment(name="base", version="1", image="ubuntu", conda_file=packages))
    read = client.environments.get("base", version="1")
    assert (read.image, read.conda_file) == ("ubuntu", packages)
    with pytest.raises(HttpResponseError, match="'condaFile' cannot be changed"):
        client.environments.create_or_update(Environment(name="base", version="1", image="ubuntu"))


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("environments.get", "environments.list")
def test_curated_environments_are_there(client: MLClient) -> None:
    """What the service offers itself can be read from the start, and not written."""
    names = {one.name for one in client.environments.list()}
    assert "AzureML-sklearn-1.5" in names
    assert client.environments.get("AzureML-sklearn-1.5", label="latest").image.startswith("mcr.microsoft.com/")
    with pytest.raises(HttpResponseError, match="read-only"):
        client.environments.create_or_update(Environment(name="AzureML-mine", version="1", image="ubuntu"))
