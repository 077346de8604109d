"""Assets of a registry through the official client: what a workspace can, below ids that name no subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml import MLClient
from azure.ai.ml.constants import ListViewType
from azure.ai.ml.entities import BuildContext, Data, Environment, Model
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from mlsdk.testing import FakeCredential

if TYPE_CHECKING:
    from pathlib import Path

    from mlsdk.backends.memory import MemoryBackend

KINDS = ("models", "data", "environments")


@pytest.fixture
def registry(azure: MemoryBackend) -> MLClient:
    """A client of a registry."""
    azure.add_registry("shared", subscription="sub", resource_group="rg")
    return MLClient(FakeCredential(), registry_name="shared")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a few files."""
    (tmp_path / "folder/deep").mkdir(parents=True)
    (tmp_path / "folder/Dockerfile").write_text("FROM ubuntu\n")
    (tmp_path / "folder/deep/er.txt").write_text("er")
    return tmp_path / "folder"


def made(kind: str, folder: Path, version: str | None = None) -> Any:
    """An asset with local files."""
    if kind == "models":
        return Model(name="iris", version=version, path=folder, type="custom_model", tags={"a": "1"})
    if kind == "data":
        return Data(name="iris", version=version, path=folder, type="uri_folder", tags={"a": "1"})
    return Environment(name="iris", version=version, build=BuildContext(path=folder), tags={"a": "1"})


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
def test_versions_of_an_asset(registry: MLClient, folder: Path, kind: str) -> None:
    """Versions are made, read by number and label, listed newest first and changed; files lie in the registry's storage."""
    group = getattr(registry, kind)
    first = group.create_or_update(made(kind, folder, "1"))
    group.create_or_update(made(kind, folder, "2"))
    read = group.get("iris", version="1")
    assert read.id == first.id == f"azureml://registries/shared/{kind}/iris/versions/1"
    place = read.build.path if kind == "environments" else read.path
    assert place.rstrip("/").endswith("/folder")
    assert group.get("iris", label="latest").version == "2"
    assert [one.version for one in group.list(name="iris")] == ["2", "1"]
    assert [(one.name, one.latest_version) for one in group.list()] == [("iris", "2")]
    read.tags["b"] = "2"
    read.description = "better"
    changed = group.create_or_update(read)
    assert (changed.tags, changed.description) == ({"a": "1", "b": "2"}, "better")
    with pytest.raises(ResourceNotFoundError):
        group.get("iris", version="7")
    assert list(group.list(name="gone")) == []


@pytest.mark.emulates("models.create_or_update", "environments.create_or_update")
@pytest.mark.parametrize("kind", ["models", "environments"])
def test_the_registry_counts_versions(registry: MLClient, folder: Path, kind: str) -> None:
    """Without a version the next one is taken."""
    group = getattr(registry, kind)
    assert [group.create_or_update(made(kind, folder)).version for _ in range(2)] == ["1", "2"]


@pytest.mark.emulates(
    "models.archive", "models.restore", "data.archive", "data.restore", "environments.archive", "environments.restore"
)
@pytest.mark.parametrize("kind", KINDS)
def test_assets_are_archived_and_restored(registry: MLClient, folder: Path, kind: str) -> None:
    """A version by number or label, or the whole."""
    group = getattr(registry, kind)
    for version in ("1", "2"):
        group.create_or_update(made(kind, folder, version))
    group.archive("iris", label="latest")
    assert [one.version for one in group.list(name="iris")] == ["1"]
    group.restore("iris", version="2")
    assert [one.version for one in group.list(name="iris")] == ["2", "1"]
    group.archive("iris")
    assert list(group.list()) == []
    # The official client sends no view with a list of environments.
    if kind != "environments":
        assert [one.name for one in group.list(list_view_type=ListViewType.ARCHIVED_ONLY)] == ["iris"]
    group.restore("iris")
    assert [one.name for one in group.list()] == ["iris"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_version_is_never_defined_anew(registry: MLClient, folder: Path, kind: str) -> None:
    """Another definition under a version that exists is refused."""
    group = getattr(registry, kind)
    group.create_or_update(made(kind, folder, "1"))
    other = group.get("iris", version="1")
    if kind == "environments":
        other.build, other.image = None, "debian:12"
    else:
        other.path = "https://example.com/other"
    with pytest.raises(HttpResponseError, match="cannot be changed"):
        group.create_or_update(other)
