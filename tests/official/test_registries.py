"""Registries: made, found by name alone, and their assets, through the official client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml import MLClient, command
from azure.ai.ml.entities import Data, Environment, Model, Registry
from azure.ai.ml.entities._registry.registry_support_classes import (
    RegistryRegionDetails,
    SystemCreatedAcrAccount,
    SystemCreatedStorageAccount,
)
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from mlsdk.testing import FakeCredential

if TYPE_CHECKING:
    from pathlib import Path

    from mlsdk.backends.memory import MemoryBackend


def shared(azure: MemoryBackend) -> MLClient:
    """A client of the registry `shared`, which is made too."""
    azure.add_registry("shared", subscription="sub", resource_group="rg")
    return MLClient(FakeCredential(), registry_name="shared")


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("registries.begin_create", "registries.get", "registries.list", "registries.begin_delete")
def test_the_life_of_a_registry(client: MLClient) -> None:
    """A registry is made, read, listed and deleted."""
    region = RegistryRegionDetails(
        location="eastus",
        acr_config=[SystemCreatedAcrAccount(acr_account_sku="Premium")],
        storage_config=SystemCreatedStorageAccount(storage_account_hns=False, storage_account_type="standard_lrs"),
    )
    wanted = Registry(name="team", location="eastus", replication_locations=[region], tags={"a": "1"})
    made = client.registries.begin_create(wanted).result()
    assert (made.name, made.location, made.tags) == ("team", "eastus", {"a": "1"})
    assert client.registries.get("team").replication_locations[0].location == "eastus"
    assert [one.name for one in client.registries.list()] == ["team"]
    client.registries.begin_delete(name="team", resource_group="rg").result()
    with pytest.raises(ResourceNotFoundError):
        client.registries.get("team")


@pytest.mark.emulates("registries.begin_create", "registries.list", "registries.get")
def test_registries_of_a_group_and_of_a_subscription(azure: MemoryBackend, client: MLClient) -> None:
    """A registry is changed by making it again, and listed where it stands or in all of the subscription."""
    azure.add_registry("far", subscription="sub", resource_group="elsewhere")
    azure.add_registry("foreign", subscription="other", resource_group="rg")
    regions = [RegistryRegionDetails(location="eastus"), RegistryRegionDetails(location="westus")]
    wanted = Registry(name="team", location="eastus", replication_locations=regions[:1], description="first")
    client.registries.begin_create(wanted).result()
    wanted = Registry(
        name="team",
        location="eastus",
        replication_locations=regions,
        description="second",
        tags={"a": "2"},
        public_network_access="Disabled",
    )
    client.registries.begin_create(wanted).result()
    found = client.registries.get("team")
    assert [one.location for one in found.replication_locations] == ["eastus", "westus"]
    assert (found.tags, found.public_network_access) == ({"a": "2"}, "Disabled")
    assert [one.name for one in client.registries.list()] == ["team"]
    assert {one.name for one in client.registries.list(scope="subscription")} == {"team", "far"}
    with pytest.raises(HttpResponseError, match="already in use"):
        client.registries.begin_create(Registry(name="far", location="eastus", replication_locations=regions))
    with pytest.raises(HttpResponseError, match="not valid"):
        client.registries.begin_create(Registry(name="x", location="eastus", replication_locations=regions))


@pytest.mark.emulates("models.create_or_update", "models.get", "models.list", "models.download")
def test_a_model_of_a_registry(azure: MemoryBackend, client: MLClient, tmp_path: Path) -> None:
    """Its files go to the registry's own storage and come back from there."""
    assert client.workspace_name == "ws"
    (tmp_path / "m").mkdir()
    (tmp_path / "m/model.bin").write_bytes(b"\x01")
    registry = shared(azure)
    made = registry.models.create_or_update(Model(name="iris", version="1", path=tmp_path / "m", type="custom_model"))
    assert made.id == "azureml://registries/shared/models/iris/versions/1"
    assert registry.models.get("iris", version="1").id == made.id
    assert [one.name for one in registry.models.list()] == ["iris"]
    registry.models.download("iris", version="1", download_path=tmp_path / "back")
    assert [path.read_bytes() for path in (tmp_path / "back").rglob("model.bin")] == [b"\x01"]


@pytest.mark.emulates(
    "environments.create_or_update", "components.create_or_update", "components.get", "environments.get"
)
def test_other_assets_of_a_registry(azure: MemoryBackend, client: MLClient) -> None:
    """Environments and components live there, and jobs of a workspace use them."""
    registry = shared(azure)
    environment = registry.environments.create_or_update(Environment(name="base", version="1", image="ubuntu:22.04"))
    assert environment.id == "azureml://registries/shared/environments/base/versions/1"
    made = registry.components.create_or_update(
        command(name="c", version="1", command="ls", environment=environment.id).component,
    )
    assert registry.components.get("c", version="1").id == made.id
    job: Any = client.jobs.create_or_update(command(command="ls", environment=environment.id, compute="cpu-cluster"))
    assert job.environment == environment.id
    curated = MLClient(FakeCredential(), registry_name="azureml").environments.get("sklearn-1.5", label="latest")
    client.jobs.create_or_update(command(command="ls", environment=curated.id, compute="cpu-cluster"))


@pytest.mark.emulates("models.share", "data.share", "environments.share")
def test_an_asset_is_shared(azure: MemoryBackend, client: MLClient, tmp_path: Path) -> None:
    """An asset of a workspace is copied to a registry, with its files."""
    registry = shared(azure)
    (tmp_path / "model.bin").write_bytes(b"\x01")
    wanted = {"version": "1", "registry_name": "shared", "share_with_name": "public", "share_with_version": "7"}
    client.models.create_or_update(Model(name="iris", version="1", path=tmp_path / "model.bin"))
    client.models.share(name="iris", **wanted)
    assert registry.models.get("public", version="7").version == "7"
    registry.models.download("public", version="7", download_path=tmp_path / "back")
    assert [path.read_bytes() for path in (tmp_path / "back").rglob("model.bin")] == [b"\x01"]
    client.data.create_or_update(Data(name="table", version="1", path=tmp_path / "model.bin", type="uri_file"))
    client.data.share(name="table", **wanted)
    assert registry.data.get("public", version="7").type == "uri_file"
    client.environments.create_or_update(Environment(name="base", version="1", image="ubuntu:22.04"))
    client.environments.share(name="base", **wanted)
    assert registry.environments.get("public", version="7").image == "ubuntu:22.04"


@pytest.mark.usefixtures("plain")
def test_an_unknown_registry_is_refused() -> None:
    """A registry that is nowhere cannot be connected to."""
    with pytest.raises(HttpResponseError):
        MLClient(FakeCredential(), registry_name="nowhere").models.get("m", version="1")
