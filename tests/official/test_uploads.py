"""Local files: uploaded once, found again, and downloaded, through the official client and its storage clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.ai.ml import Input, command
from azure.ai.ml.entities import BuildContext, Data, Environment, Model

if TYPE_CHECKING:
    from pathlib import Path

    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import Job

    from mlsdk.backends.memory import MemoryBackend


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


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("components.download")
def test_a_component_is_downloaded(client: MLClient, folder: Path, tmp_path: Path) -> None:
    """The code of a component comes back with its definition."""
    node = command(name="c", version="1", code=folder, command="ls", environment="AzureML-sklearn-1.5:1")
    client.components.create_or_update(node.component)
    client.components.download("c", version="1", download_path=tmp_path / "back")
    assert any(path.name == "train.py" for path in (tmp_path / "back").rglob("*"))
