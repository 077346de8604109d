"""Data: files, folders and tables, of the type they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from mlsdk.backends import Request
from mlsdk.constants import AssetTypes
from mlsdk.entities import Data
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from pathlib import Path

    from operations.conftest import Unique

    from mlsdk import MLClient
    from mlsdk.backends.memory import MemoryBackend

REMOTE = "azureml://datastores/workspaceblobstore/paths/raw/"


def stored(backend: MemoryBackend, client: MLClient) -> dict[str, bytes]:
    """Every file of the workspace's default store, by its path."""
    default = client.datastores.get_default(include_secrets=True)
    container = backend.container(
        f"https://{default.account_name}.blob.core.windows.net/{default.container_name}",  # type: ignore[attr-defined]
        default.credentials.account_key,
    )  # type: ignore[union-attr]
    return {info.name: container.get(info.name) for info in container.list()}


@pytest.mark.shows("data.create_or_update", "data.get")
@pytest.mark.parametrize("type_", [AssetTypes.URI_FILE, AssetTypes.URI_FOLDER])
def test_data_in_the_cloud_is_registered_as_it_is(client: MLClient, unique: Unique, type_: str) -> None:
    """The path is the one that was written, the workspace named in it as the service does, of each type."""
    made = client.data.create_or_update(
        Data(name=unique("raw"), version="1", type=type_, path=REMOTE, tags={"a": "1"}, description="d")
    )
    found = client.data.get(unique("raw"), "1")
    for data in (made, found):
        assert (data.name, data.version, data.type, data.tags, data.description) == (
            unique("raw"),
            "1",
            type_,
            {"a": "1"},
            "d",
        )
        assert str(data.path).startswith("azureml://subscriptions/")
        assert str(data.path).endswith(REMOTE.removeprefix("azureml:/"))
        assert str(data.id).endswith(f"/data/{unique('raw')}/versions/1")


@pytest.mark.shows("data.create_or_update")
def test_local_data_is_stored_under_its_hash(client: MLClient, backend: MemoryBackend, folder: Path) -> None:
    """A file and a folder are where the official client would put them, byte for byte."""
    file = client.data.create_or_update(Data(name="one", path=folder / "weights.bin", type="uri_file"))
    tree = client.data.create_or_update(Data(name="many", path=folder))
    files = stored(backend, client)
    place = "/datastores/workspaceblobstore/paths/"
    assert f"{place}LocalUpload/" in str(file.path)
    assert files[str(file.path).partition(place)[2]] == (folder / "weights.bin").read_bytes()
    root = str(tree.path).partition(place)[2].rstrip("/")
    assert files[f"{root}/deep/er/größe.txt"] == b"hello\n"
    assert files[f"{root}/empty.txt"] == b""


def test_an_ignore_file_keeps_files_out(client: MLClient, backend: MemoryBackend, folder: Path) -> None:
    """What `.amlignore` names is not uploaded."""
    (folder / ".amlignore").write_text("*.bin\ndeep/\n")
    client.data.create_or_update(Data(name="many", path=folder))
    assert {name.rpartition("/")[2] for name in stored(backend, client)} == {".amlignore", "empty.txt"}


@pytest.mark.shows("data.create_or_update")
def test_a_table_tells_what_it_refers_to(client: MLClient, backend: MemoryBackend, tmp_path: Path) -> None:
    """The paths of an MLTable file are sent as referenced; a folder without one is refused."""
    (tmp_path / "MLTable").write_text(
        "paths:\n  - file: ./a.csv\n  - folder: azureml://datastores/x/paths/y\ntransformations: []\n"
    )
    (tmp_path / "a.csv").write_text("1,2\n")
    made = client.data.create_or_update(Data(name="table", path=tmp_path, type="mltable"))
    assert made.type == "mltable"
    body = backend.send(Request("GET", str(made.id), {"api-version": "2023-04-01"})).body
    assert body["properties"]["referencedUris"] == ["./a.csv", "azureml://datastores/x/paths/y"]
    (tmp_path / "MLTable").unlink()
    with pytest.raises(ValidationException, match="no file MLTable"):
        client.data.create_or_update(Data(name="table", path=tmp_path, type="mltable"))


@pytest.mark.shows("data.list", "data.get", "data.archive", "data.restore")
def test_versions_labels_and_archive(client: MLClient, unique: Unique) -> None:
    """Versions count up, latest is the newest, archived ones leave the list and come back."""
    for _ in range(3):
        client.data.create_or_update(Data(name=unique("raw"), path=REMOTE))
    assert client.data.get(unique("raw"), label="latest").version == "3"
    client.data.archive(unique("raw"), "2")
    assert sorted(str(data.version) for data in client.data.list(unique("raw"))) == ["1", "3"]
    client.data.restore(unique("raw"), "2")
    assert len(list(client.data.list(unique("raw")))) == 3
    client.data.archive(unique("raw"))
    assert unique("raw") not in {data.name for data in client.data.list()}
    everything = client.data.list(list_view_type="All")
    assert [data.latest_version for data in everything if data.name == unique("raw")] == ["3"]


@pytest.mark.parametrize(
    ("type_", "which", "told"),
    [
        ("uri_file", ".", "is of type uri_file, but .* is a folder"),
        ("uri_folder", "weights.bin", "is of type uri_folder, but .* is a file"),
        ("uri_folder", "nothing", "no such file or folder"),
    ],
)
def test_a_path_of_the_wrong_kind_is_refused_before_anything_is_sent(
    client: MLClient, backend: MemoryBackend, folder: Path, type_: str, which: str, told: str
) -> None:
    """A file is no folder, and what is not there is nothing."""
    before = len(backend.requests)
    with pytest.raises(ValidationException, match=told):
        client.data.create_or_update(Data(name="raw", path=folder / which, type=type_))
    assert len(backend.requests) == before


def test_data_needs_a_path(client: MLClient) -> None:
    """The error names the data."""
    with pytest.raises(ValidationException, match="data 'raw' has no path"):
        client.data.create_or_update(Data(name="raw"))


def test_data_without_a_name_is_anonymous(client: MLClient, folder: Path) -> None:
    """It gets a name of its own and version 1, and no list shows it."""
    made = [client.data.create_or_update(Data(path=path, type="uri_file")) for path in (folder / "empty.txt", REMOTE)]
    assert made[0].name != made[1].name
    for data in made:
        assert client.data.get(str(data.name), "1").path == data.path
    assert list(client.data.list()) == []


def test_the_path_of_a_version_never_changes(client: MLClient, unique: Unique) -> None:
    """Another path under the same version is refused by the service."""
    client.data.create_or_update(Data(name=unique("raw"), version="1", path=REMOTE))
    with pytest.raises(HttpResponseError):
        client.data.create_or_update(Data(name=unique("raw"), version="1", path=REMOTE + "other"))
    with pytest.raises(ResourceNotFoundError):
        client.data.get(unique("raw"), "2")


@pytest.mark.shows("data.share")
def test_data_is_shared_into_a_registry(client: MLClient, backend: MemoryBackend, folder: Path) -> None:
    """The registry has it under the new name."""
    backend.add_registry("shop", subscription=str(client.subscription_id), resource_group="rg")
    client.data.create_or_update(Data(name="raw", version="1", path=folder))
    shared = client.data.share("raw", "1", share_with_name="public", share_with_version="2", registry_name="shop")
    assert shared.id == "azureml://registries/shop/data/public/versions/2"


@pytest.mark.shows("data.mount")
def test_mounting_says_what_to_do_instead(client: MLClient) -> None:
    """There is no driver: the error names the path and the ways that work."""
    with pytest.raises(Exception, match="cannot be mounted"):
        client.data.mount("azureml:raw:1")
