"""What is the same for every asset with versions: list views, races for the next version, registries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from mlsdk import Input, MLClient, load_model
from mlsdk.entities import BuildContext, CommandComponent, Data, Environment, Model
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from pathlib import Path

    from operations.conftest import Reached

    from mlsdk.backends.memory import MemoryBackend

REMOTE = "azureml://datastores/workspaceblobstore/paths/x/"
IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04"


@pytest.fixture
def registry(backend: MemoryBackend, reached: Reached) -> MLClient:
    """A client of a new registry."""
    backend.add_registry("shop", subscription="s", resource_group="rg")
    return MLClient(None, registry_name="shop", backend=reached(backend))


@pytest.mark.parametrize("group", ["components", "data", "environments", "models"])
def test_a_wrong_list_view_is_refused_with_the_allowed_ones(client: MLClient, group: str) -> None:
    """Before anything is sent."""
    with pytest.raises(ValidationException, match="ActiveOnly, ArchivedOnly, All"):
        getattr(client, group).list(list_view_type="Some")


@pytest.mark.parametrize("word", ["ALL", "all", "archived_only", "ActiveOnly"])
def test_a_list_view_is_taken_in_any_case(client: MLClient, word: str) -> None:
    """As the official enums are."""
    assert list(client.models.list(list_view_type=word)) == []


def test_when_others_take_the_next_version_the_one_after_is_tried(client: MLClient, backend: MemoryBackend) -> None:
    """Three times; then the service's 409 is raised."""
    backend.fail(method="PUT", path="*/models/m/versions/*", status=409, times=2)
    assert client.models.create_or_update(Model(name="m", path=REMOTE)).version == "1"
    backend.fail(method="PUT", path="*/models/m/versions/*", status=409, times=3)
    with pytest.raises(ResourceExistsError):
        client.models.create_or_update(Model(name="m", path=REMOTE))


@pytest.mark.parametrize("change", ["archive", "restore"])
def test_a_version_and_a_label_at_once_are_refused(client: MLClient, change: str) -> None:
    """One of them says which."""
    with pytest.raises(ValidationException, match="not both"):
        getattr(client.models, change)("m", "1", "latest")


def test_a_workspace_whose_default_datastore_is_unknown_says_so(client: MLClient, backend: MemoryBackend) -> None:
    """An empty answer is an error, not an index out of range."""
    backend.fail(method="GET", path="*/datastores", status=404, code="UserError", message="no default")
    with pytest.raises(ResourceNotFoundError, match="no default"):
        client.datastores.get_default()


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: Model(name="a", version="1", path=folder),
        lambda folder: Data(name="a", version="1", path=folder),
        lambda folder: Environment(name="a", version="1", build=BuildContext(path=folder)),
        lambda _: Environment(name="a", version="1", image=IMAGE),
        lambda folder: CommandComponent(
            name="a",
            version="1",
            code=folder,
            command="ls ${{inputs.x}}",
            inputs={"x": Input(type="uri_folder")},
            environment="azureml://registries/azureml/environments/sklearn-1.5/labels/latest",
        ),
    ],
    ids=["model", "data", "build", "image", "component"],
)
def test_a_registry_takes_every_asset_with_its_files(registry: MLClient, folder: Path, make: Any) -> None:
    """It comes back under the registry's id, is listed, archived and restored there."""
    made = registry.create_or_update(make(folder))
    assert str(made.id).startswith("azureml://registries/shop/")
    group = getattr(registry, str(made.id).split("/")[4])
    assert group.get("a", "1").id == made.id
    assert group.get("a", label="latest").version == "1"
    group.archive("a", "1")
    assert list(group.list("a")) == []
    group.restore("a", "1")
    assert [found.version for found in group.list("a")] == ["1"]


def test_a_registry_asset_needs_a_version(registry: MLClient, folder: Path) -> None:
    """The service makes none up there."""
    for asset in (Model(name="a", path=REMOTE), Data(name="a", path=folder), Environment(name="a", image=IMAGE)):
        with pytest.raises(ValidationException, match="needs a version in a registry"):
            registry.create_or_update(asset)


def test_what_a_component_names_may_be_there_already(client: MLClient, folder: Path) -> None:
    """Code by its id, environments by id, reference or label."""
    first = client.components.create_or_update(
        CommandComponent(name="a", code=folder, command="ls", environment=Environment(image=IMAGE))
    )
    assert isinstance(first, CommandComponent)
    client.environments.create_or_update(Environment(name="env", version="3", image=IMAGE))
    for environment in ("azureml:env:3", "azureml:env@latest", str(client.environments.get("env", "3").id)):
        made = client.components.create_or_update(
            CommandComponent(name="b", code=str(first.code), command="ls", environment=environment)
        )
        assert isinstance(made, CommandComponent)
        assert (made.code, str(made.environment).rpartition("/environments/")[2]) == (first.code, "env/versions/3")
    with pytest.raises(ValidationException, match="is no reference"):
        client.components.create_or_update(CommandComponent(name="d", command="ls", environment="azureml:env:3:4"))


def test_loaders_say_what_they_take(tmp_path: Path) -> None:
    """A missing source and an unknown argument are told; the older name of the source works."""
    (tmp_path / "m.yml").write_text("name: m\npath: azureml://datastores/x/paths/y\n")
    assert load_model(None, path=tmp_path / "m.yml").name == "m"  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"load_model\(\) needs the path of a file"):
        load_model(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="has no argument 'overrides'"):
        load_model(tmp_path / "m.yml", overrides=[])


def test_a_broken_mltable_is_told_with_its_line(client: MLClient, tmp_path: Path) -> None:
    """Before anything is uploaded."""
    (tmp_path / "MLTable").write_text("paths: [\n")
    with pytest.raises(ValidationException, match="MLTable:"):
        client.data.create_or_update(Data(name="t", path=tmp_path, type="mltable"))


def test_a_registry_has_no_computes_and_says_so(registry: MLClient) -> None:
    """The error names the client that has them."""
    with pytest.raises(ValidationException, match=r"not kept by a registry.*use a client of a workspace"):
        registry.compute.get("cluster")
