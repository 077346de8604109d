"""Environments: images, conda files and build contexts, and those that Azure brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

from mlsdk import MLClient
from mlsdk.entities import BuildContext, Environment
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from pathlib import Path

    from operations.conftest import Reached, Unique

    from mlsdk.backends.memory import MemoryBackend

IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04"
CONDA = {"name": "env", "channels": ["conda-forge"], "dependencies": ["python=3.10", {"pip": ["mlflow"]}]}


@pytest.mark.shows("environments.create_or_update", "environments.get")
def test_an_environment_is_given_back_as_it_was_registered(client: MLClient, unique: Unique, tmp_path: Path) -> None:
    """Image, packages and tags; the conda file is read where it is."""
    (tmp_path / "conda.yml").write_text(
        "name: env\nchannels: [conda-forge]\ndependencies:\n  - python=3.10\n  - pip: [mlflow]\n"
    )
    made = client.environments.create_or_update(
        Environment(
            name=unique("train"),
            version="3",
            image=IMAGE,
            conda_file=tmp_path / "conda.yml",
            tags={"a": "1"},
            description="d",
        )
    )
    found = client.environments.get(unique("train"), "3")
    for environment in (made, found):
        assert (environment.name, environment.version, environment.image, environment.description) == (
            unique("train"),
            "3",
            IMAGE,
            "d",
        )
        assert (environment.conda_file, environment.tags) == (CONDA, {"a": "1"})


@pytest.mark.shows("environments.create_or_update")
def test_a_build_context_is_uploaded(client: MLClient, tmp_path: Path) -> None:
    """The service is told the address of the folder in the workspace's storage."""
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "Dockerfile").write_text("FROM python\n")
    made = client.environments.create_or_update(
        Environment(name="built", build=BuildContext(path=tmp_path / "context"))
    )
    assert made.build is not None
    assert str(made.build.path).startswith("https://")
    assert str(made.build.path).endswith("/context/")
    assert ".blob.core.windows.net/azureml-blobstore-" in str(made.build.path)


@pytest.mark.shows("environments.create_or_update", "environments.list", "environments.get")
def test_the_same_definition_makes_no_new_version(client: MLClient, unique: Unique) -> None:
    """Without a version, the latest one is given back when nothing differs, the next one is made when something does."""
    first = client.environments.create_or_update(Environment(name=unique("train"), image=IMAGE))
    same = client.environments.create_or_update(Environment(name=unique("train"), image=IMAGE))
    other = client.environments.create_or_update(Environment(name=unique("train"), image=IMAGE, conda_file=CONDA))
    assert (first.version, same.version, other.version) == ("1", "1", "2")
    assert client.environments.get(unique("train"), label="latest").version == "2"
    assert {environment.version for environment in client.environments.list(unique("train"))} == {"1", "2"}


def test_another_definition_of_a_version_is_refused(client: MLClient, unique: Unique) -> None:
    """An environment's version is what it was."""
    client.environments.create_or_update(Environment(name=unique("train"), version="1", image=IMAGE))
    with pytest.raises(ResourceExistsError):
        client.environments.create_or_update(Environment(name=unique("train"), version="1", image=IMAGE + ":2"))
    assert client.environments.get(unique("train"), "1").image == IMAGE


@pytest.mark.shows("environments.archive", "environments.restore")
def test_environments_are_archived_and_restored(client: MLClient, unique: Unique) -> None:
    """By version and as a whole."""
    client.environments.create_or_update(Environment(name=unique("train"), version="1", image=IMAGE))
    client.environments.archive(unique("train"), "1")
    assert list(client.environments.list(unique("train"))) == []
    client.environments.restore(unique("train"), "1")
    client.environments.archive(unique("train"))
    assert unique("train") not in {environment.name for environment in client.environments.list()}
    client.environments.restore(unique("train"))
    assert unique("train") in {environment.name for environment in client.environments.list()}


def test_curated_environments_are_there_from_the_start(
    client: MLClient, backend: MemoryBackend, reached: Reached
) -> None:
    """In every workspace, and in the registry that Azure publishes; nobody can change them."""
    curated = [
        environment for environment in client.environments.list() if str(environment.name).startswith("AzureML-")
    ]
    assert curated
    found = client.environments.get(str(curated[0].name), label="latest")
    assert found.image
    with pytest.raises(HttpResponseError):
        client.environments.create_or_update(Environment(name=curated[0].name, image=IMAGE))
    registry = MLClient(None, registry_name="azureml", backend=reached(backend))
    assert registry.environments.get("sklearn-1.5", label="latest").name == "sklearn-1.5"


def test_an_anonymous_environment_is_named_by_its_content(client: MLClient) -> None:
    """The same definition is the same environment, and no list shows it."""
    first = client.environments.create_or_update(Environment(image=IMAGE, conda_file=CONDA))
    again = client.environments.create_or_update(Environment(image=IMAGE, conda_file=CONDA))
    assert first.name == "CliV2AnonymousEnvironment"
    assert first.version == again.version
    assert "CliV2AnonymousEnvironment" not in {environment.name for environment in client.environments.list()}


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        (Environment(name="none"), "needs an image or a build context"),
        (Environment(name="both", image=IMAGE, build=BuildContext(path="https://github.com/x/y")), "give one of them"),
    ],
)
def test_an_environment_is_an_image_or_a_build_context(
    client: MLClient, backend: MemoryBackend, environment: Environment, told: str
) -> None:
    """Neither and both are refused before anything is sent."""
    before = len(backend.requests)
    with pytest.raises(ValidationException, match=told):
        client.environments.create_or_update(environment)
    assert len(backend.requests) == before


def test_missing_files_fail_before_anything_is_registered(client: MLClient, tmp_path: Path) -> None:
    """A conda file or build context that is not there is named."""
    with pytest.raises(ValidationException, match="no-conda"):
        Environment(name="train", image=IMAGE, conda_file=tmp_path / "no-conda.yml")
    with pytest.raises(ValidationException, match="no-context"):
        client.environments.create_or_update(
            Environment(name="train", build=BuildContext(path=tmp_path / "no-context"))
        )
    with pytest.raises(ResourceNotFoundError):
        client.environments.get("train", label="latest")


@pytest.mark.shows("environments.share")
def test_an_environment_is_shared_into_a_registry(client: MLClient, backend: MemoryBackend) -> None:
    """The registry has it under the new name."""
    backend.add_registry("shop", subscription=str(client.subscription_id), resource_group="rg")
    client.environments.create_or_update(Environment(name="train", version="1", image=IMAGE))
    shared = client.environments.share(
        "train", "1", share_with_name="public", share_with_version="2", registry_name="shop"
    )
    assert (shared.id, shared.image) == ("azureml://registries/shop/environments/public/versions/2", IMAGE)
