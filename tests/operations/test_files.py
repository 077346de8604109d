"""Files of datastores: where they go by the kind of datastore and the cloud, and how they come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from operations.conftest import GROUP, SUBSCRIPTION, WORKSPACE, files_below

from mlsdk import MLClient
from mlsdk.backends.memory import MemoryBackend
from mlsdk.clouds import CHINA
from mlsdk.entities import (
    AzureBlobDatastore,
    AzureDataLakeGen1Datastore,
    AzureDataLakeGen2Datastore,
    AzureFileDatastore,
    Data,
    Model,
    OneLakeDatastore,
)
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from pathlib import Path

    from mlsdk.backends.memory.blobs import MemoryContainer
    from mlsdk.clouds import Cloud

NAMES = ["deep/er/größe.txt", "empty.txt", "weights.bin"]


class Elsewhere(MemoryBackend):
    """A backend in another cloud, which remembers the containers that it was asked for."""

    asked: tuple[tuple[str, Any], ...] = ()

    @property
    def cloud(self) -> Cloud:
        """China."""
        return CHINA

    def container(self, url: str, credential: Any = None) -> MemoryContainer:
        """Remember the question."""
        self.asked = (*self.asked, (url, credential))
        return super().container(url, credential)


@pytest.fixture
def lake(client: MLClient, backend: MemoryBackend) -> str:
    """A Data Lake Gen2 datastore that keeps no credentials; its name."""
    backend.add_storage_account("lake", containers=["raw"])
    client.datastores.create_or_update(
        AzureDataLakeGen2Datastore(name="gen2", account_name="lake", filesystem="raw", description="a lake")
    )
    return "gen2"


# -- downloads ---------------------------------------------------------------------------------------------------


def test_data_is_downloaded_as_it_was_uploaded(client: MLClient, folder: Path, tmp_path: Path) -> None:
    """A folder comes below its own name, a file by its own, in a folder named by the data; the paths are given."""
    client.data.create_or_update(Data(name="many", version="1", path=folder))
    client.data.create_or_update(Data(name="one", version="3", path=folder / "weights.bin", type="uri_file"))
    written = client.data.download("many", "1", download_path=tmp_path / "back")
    assert written == [tmp_path / "back" / "many" / "content" / name for name in NAMES]
    assert files_below(tmp_path / "back" / "many" / "content") == files_below(folder)
    written = client.data.download("one", label="latest", download_path=tmp_path / "back")
    assert written == [tmp_path / "back" / "one" / "weights.bin"]


def test_a_download_of_data_needs_to_know_which(client: MLClient, folder: Path) -> None:
    """Without version and label it is not guessed; data that points to nothing is an error."""
    client.data.create_or_update(Data(name="many", version="1", path=folder))
    with pytest.raises(ValidationException, match="which one"):
        client.data.download("many")
    with pytest.raises(ResourceNotFoundError):
        client.data.download("many", "2")
    client.data.create_or_update(
        Data(name="nothing", version="1", path="azureml://datastores/workspaceblobstore/paths/no/such")
    )
    with pytest.raises(ResourceNotFoundError, match="no/such"):
        client.data.download("nothing", "1")


def test_files_of_a_datastore_are_downloaded_by_any_address(client: MLClient, folder: Path, tmp_path: Path) -> None:
    """Every way to write where a folder is leads to its files, which are written into the folder asked for itself."""
    short = str(client.data.create_or_update(Data(name="many", version="1", path=folder)).path)
    store: Any = client.datastores.get("workspaceblobstore")
    path = short.partition("/paths/")[2].rstrip("/")
    host = f"{store.account_name}.blob.core.windows.net"
    container = store.container_name
    workspace = f"azureml://subscriptions/{SUBSCRIPTION}/resourcegroups/{GROUP}/workspaces/{WORKSPACE}"
    addresses = [
        short,
        f"{workspace}/datastores/workspaceblobstore/paths/{path}",
        f"https://{host}/{container}/{path}",
        f"wasbs://{container}@{host}/{path}",
        f"abfss://{container}@{host.replace('.blob.', '.dfs.')}/{path}/",
    ]
    for number, address in enumerate(addresses):
        written = client.datastores.download(address, tmp_path / f"back{number}")
        assert written == [tmp_path / f"back{number}" / name for name in NAMES]
    client.datastores.download(f"https://{host}/{container}/{path}/deep/er/gr%C3%B6%C3%9Fe.txt", tmp_path / "single")
    assert files_below(tmp_path / "single") == {"größe.txt": b"hello\n"}


def test_a_download_of_nothing_is_an_error(client: MLClient, tmp_path: Path) -> None:
    """An address where nothing is, or which is none of a datastore, is an error that says so."""
    with pytest.raises(ResourceNotFoundError, match="no/such"):
        client.datastores.download("azureml://datastores/workspaceblobstore/paths/no/such", tmp_path)
    with pytest.raises(ValidationException, match="expected an address in a datastore"):
        client.datastores.download("no/such", tmp_path)
    with pytest.raises(ValidationException, match="expected an address in a datastore") as raised:
        client.datastores.download("https://acct.file.core.windows.net/share/a?sig=abc", tmp_path)
    assert "abc" not in str(raised.value)


# -- where uploads go ---------------------------------------------------------------------------------------------


def test_a_lake_is_marked_at_the_folder(
    client: MLClient, backend: MemoryBackend, lake: str, folder: Path, tmp_path: Path
) -> None:
    """In Data Lake Gen2 the mark of an upload is on the folder of the hash, where the official client looks for it."""
    made = client.data.create_or_update(Data(name="many", version="1", path=folder, datastore=lake))
    container = backend.container("https://lake.blob.core.windows.net/raw")
    marked = {info.name: dict(info.metadata) for info in container.list() if info.metadata}
    digest = str(made.path).split("/")[-2]
    mark = {"upload_status": "completed", "name": "many", "version": "1"}
    assert marked == {f"LocalUpload/{digest}": {"hdi_isfolder": "true", **mark}}
    stored = {info.name: info.content_md5 for info in container.list()}
    client.data.create_or_update(Data(name="again", version="1", path=folder, datastore=lake))
    assert {info.name: info.content_md5 for info in container.list()} == stored
    client.data.download("many", "1", download_path=tmp_path / "back")
    assert files_below(tmp_path / "back" / "many" / "content") == files_below(folder)


@pytest.mark.parametrize(
    ("store", "said"),
    [
        (AzureFileDatastore(name="x", account_name="a", file_share_name="f"), "file share.*use a blob datastore"),
        (AzureDataLakeGen1Datastore(name="x", store_name="s"), "retired: move the files"),
        (
            OneLakeDatastore(
                name="x",
                one_lake_workspace_name="w",
                endpoint="onelake.dfs.fabric.microsoft.com",
                artifact={"name": "a", "type": "lake_house"},
            ),
            "azureml:// path as its input",
        ),
    ],
    ids=lambda value: getattr(value, "type", ""),
)
def test_datastores_that_take_no_files_say_what_to_do(client: MLClient, store: Any, said: str, folder: Path) -> None:
    """A datastore of another kind is refused for uploads and downloads, with what to do instead."""
    client.datastores.create_or_update(store)
    with pytest.raises(ValidationException, match=said):
        client.models.create_or_update(Model(name="m", version="1", path=folder, datastore="x"))
    with pytest.raises(ValidationException, match=said):
        client.datastores.download("azureml://datastores/x/paths/p", folder)


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [(None, "lake.blob.core.chinacloudapi.cn"), ("core.example.org", "lake.blob.core.example.org")],
)
def test_storage_is_looked_for_in_the_cloud_of_the_client(folder: Path, endpoint: str | None, host: str) -> None:
    """A datastore that names no endpoint is in the client's cloud; without credentials the client's own are used."""
    elsewhere = Elsewhere()
    elsewhere.add_workspace(SUBSCRIPTION, GROUP, WORKSPACE)
    elsewhere.add_storage_account("lake", containers=["raw"])
    client = MLClient(None, SUBSCRIPTION, GROUP, WORKSPACE, backend=elsewhere)
    client.datastores.create_or_update(
        AzureBlobDatastore(name="raw", account_name="lake", container_name="raw", endpoint=endpoint)
    )
    client.data.create_or_update(Data(name="many", version="1", path=folder, datastore="raw"))
    assert elsewhere.asked == ((f"https://{host}/raw", None),)
