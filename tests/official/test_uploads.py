"""Local files: uploaded once, found again, and downloaded, through the official client and its storage clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.ai.ml import Input, command
from azure.ai.ml.entities import (
    AccountKeyConfiguration,
    AzureBlobDatastore,
    AzureDataLakeGen2Datastore,
    BuildContext,
    Data,
    Environment,
    Model,
)

if TYPE_CHECKING:
    from pathlib import Path

    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import Datastore, Job

    from mlsdk.backends.memory import MemoryBackend


KEY = "bWFkZSB1cA=="


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a few files."""
    made = tmp_path / "folder"
    (made / "deep").mkdir(parents=True)
    (made / "train.py").write_text("print('training')\n")
    (made / "deep/er.txt").write_text("er")
    (made / "empty").write_bytes(b"")
    return made


def uploads(azure: MemoryBackend) -> list[str]:
    """The names of the files that were uploaded so far."""
    sent = [one for one in azure.requests if one.method == "PUT" and ".blob." in one.host and "comp" not in one.params]
    return sorted(one.path.rpartition("/")[2] for one in sent)


@pytest.mark.emulates("models.create_or_update", "models.download")
def test_a_model_is_uploaded_once_and_downloaded(
    azure: MemoryBackend, client: MLClient, folder: Path, tmp_path: Path
) -> None:
    """A folder becomes a model; the same one is not uploaded a second time; what comes back is what went up."""
    made = client.models.create_or_update(Model(name="iris", version="1", path=folder, type="custom_model"))
    assert uploads(azure) == ["empty", "er.txt", "train.py"]
    again = client.models.create_or_update(Model(name="iris", version="2", path=folder, type="custom_model"))
    assert uploads(azure) == ["empty", "er.txt", "train.py"]
    assert made.path == again.path
    client.models.download("iris", version="1", download_path=tmp_path / "back")
    found = {path.name: path.read_text() for path in (tmp_path / "back").rglob("*") if path.is_file()}
    assert found == {"train.py": "print('training')\n", "er.txt": "er", "empty": ""}


@pytest.mark.emulates("data.create_or_update")
def test_data_is_uploaded(azure: MemoryBackend, client: MLClient, folder: Path) -> None:
    """A file and a folder become data in the workspace's storage."""
    one = client.data.create_or_update(Data(name="one", version="1", path=folder / "train.py", type="uri_file"))
    assert one.path.endswith("/train.py")
    many = client.data.create_or_update(Data(name="many", version="1", path=folder, type="uri_folder"))
    assert many.path.rstrip("/").endswith("/folder")
    assert uploads(azure) == ["empty", "er.txt", "train.py", "train.py"]


@pytest.mark.emulates("environments.create_or_update")
def test_a_build_context_is_uploaded(azure: MemoryBackend, client: MLClient, folder: Path) -> None:
    """An environment that is built has its context in the workspace's storage."""
    (folder / "Dockerfile").write_text("FROM ubuntu\n")
    made = client.environments.create_or_update(Environment(name="built", version="1", build=BuildContext(path=folder)))
    assert made.build.path.startswith("https://")
    assert "Dockerfile" in uploads(azure)


@pytest.mark.emulates("jobs.create_or_update", "components.create_or_update")
def test_code_is_kept_once(azure: MemoryBackend, client: MLClient, folder: Path) -> None:
    """A code snapshot is found by its content, so that the second job uploads nothing; a changed one is new."""

    def submit() -> Job:
        return client.jobs.create_or_update(
            command(
                code=folder,
                command="python train.py ${{inputs.data}}",
                environment="AzureML-sklearn-1.5:1",
                compute="cpu-cluster",
                inputs={"data": Input(type="uri_file", path=str(folder / "deep/er.txt"))},
            ),
        )

    first = submit()
    sent = uploads(azure)
    assert sent == ["empty", "er.txt", "er.txt", "train.py"]
    second = submit()
    assert uploads(azure) == sent
    assert first.component.code == second.component.code
    (folder / "train.py").write_text("print('changed')\n")
    third = submit()
    assert third.component.code != first.component.code
    node = command(name="c", code=folder, command="ls", environment="AzureML-sklearn-1.5:1")
    assert client.components.create_or_update(node.component).code.endswith(third.component.code)


@pytest.mark.emulates("models.create_or_update", "models.download")
def test_a_file_comes_back_as_a_file(azure: MemoryBackend, client: MLClient, folder: Path, tmp_path: Path) -> None:
    """A model of one file is uploaded once and downloaded below its name."""
    for version in ("1", "2"):
        client.models.create_or_update(Model(name="one", version=version, path=folder / "train.py"))
    assert uploads(azure) == ["train.py"]
    client.models.download("one", version="2", download_path=tmp_path / "back")
    assert [path.read_bytes() for path in (tmp_path / "back").rglob("train.py")] == [(folder / "train.py").read_bytes()]


@pytest.mark.emulates("data.create_or_update", "environments.create_or_update")
def test_nothing_is_uploaded_twice(azure: MemoryBackend, client: MLClient, folder: Path) -> None:
    """Data and build contexts with the same content are found where they are; a changed file is a new upload."""
    (folder / "Dockerfile").write_text("FROM ubuntu\n")
    for version in ("1", "2"):
        client.data.create_or_update(Data(name="raw", version=version, path=folder, type="uri_folder"))
    sent = uploads(azure)
    assert sent == ["Dockerfile", "empty", "er.txt", "train.py"]
    first = client.environments.create_or_update(Environment(name="e", version="1", build=BuildContext(path=folder)))
    again = client.environments.create_or_update(Environment(name="e", version="2", build=BuildContext(path=folder)))
    assert uploads(azure) == sent
    assert first.build.path == again.build.path
    (folder / "train.py").write_text("print('changed')\n")
    client.data.create_or_update(Data(name="raw", version="3", path=folder, type="uri_folder"))
    assert uploads(azure) == sorted(sent * 2)


@pytest.mark.emulates("data.create_or_update", "models.create_or_update", "components.create_or_update")
def test_ignored_files_stay_and_links_are_followed(
    azure: MemoryBackend, client: MLClient, folder: Path, tmp_path: Path
) -> None:
    """What `.amlignore` names is not sent; a link is sent as what it leads to."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/linked.txt").write_text("linked")
    (folder / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (folder / ".amlignore").write_text("*.py\nempty\n")
    client.models.create_or_update(Model(name="m", version="1", path=folder))
    assert uploads(azure) == [".amlignore", "er.txt", "linked.txt"]
    node = command(name="c", version="1", code=folder, command="ls", environment="AzureML-sklearn-1.5:1")
    client.components.create_or_update(node.component)
    assert uploads(azure) == sorted([".amlignore", "er.txt", "linked.txt"] * 2)


@pytest.mark.emulates("data.create_or_update", "models.download")
@pytest.mark.parametrize("kind", ["blob", "lake"])
def test_files_go_to_the_datastore_that_is_wanted(
    azure: MemoryBackend, client: MLClient, folder: Path, tmp_path: Path, kind: str
) -> None:
    """Data is uploaded to another datastore than the default one, of blobs or of a data lake."""
    azure.add_storage_account("other", containers=["files"], key=KEY, hierarchical=kind == "lake")
    key = AccountKeyConfiguration(account_key=KEY)
    made: Datastore = (
        AzureBlobDatastore(name="raw", account_name="other", container_name="files", credentials=key)
        if kind == "blob"
        else AzureDataLakeGen2Datastore(name="raw", account_name="other", filesystem="files", credentials=key)
    )
    client.datastores.create_or_update(made)
    # To a lake the official client can send only one file safely: its threads share what they write with.
    path = folder if kind == "blob" else folder / "deep"
    data = client.data.create_or_update(Data(name="d", version="1", path=path, type="uri_folder", datastore="raw"))
    assert "/datastores/raw/paths/" in data.path
    model = client.models.create_or_update(Model(name="m", version="1", path=data.path))
    assert model.path == data.path
    client.models.download("m", version="1", download_path=tmp_path / "back")
    found = {one.name: one.read_text() for one in (tmp_path / "back").rglob("*") if one.is_file()}
    assert found["er.txt"] == "er"
    assert len(found) == (3 if kind == "blob" else 1)
