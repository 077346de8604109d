"""Components: registered with code and environment, given back ready to use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from operations.conftest import files_below

from mlsdk import Input, MLClient, Output, load_component
from mlsdk.entities import CommandComponent, Environment
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from pathlib import Path

    from operations.conftest import Unique

    from mlsdk.backends.memory import MemoryBackend

IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04"


def component(**more: object) -> CommandComponent:
    """A component with an input of every type, falsy defaults among them."""
    arguments = {
        "name": "train",
        "command": "python train.py --data ${{inputs.data}} --rate ${{inputs.rate}}",
        "environment": Environment(image=IMAGE),
        "inputs": {
            "data": Input(type="uri_folder"),
            "rate": Input(type="number", default=0.0),
            "count": Input(type="integer", default=0),
            "flag": Input(type="boolean", default=False),
            "word": Input(type="string", default=""),
            "maybe": Input(type="integer", optional=True, min=1, max=5),
        },
        "outputs": {"model": Output(type="mlflow_model")},
        "tags": {"a": "1"},
        "description": "d",
        "display_name": "Train",
        **more,
    }
    return CommandComponent(**arguments)  # type: ignore[arg-type]


@pytest.mark.shows("components.create_or_update", "components.get")
def test_a_component_is_given_back_as_it_was_registered(client: MLClient, unique: Unique) -> None:
    """Inputs of every type keep their defaults, falsy ones too."""
    client.components.create_or_update(component(name=unique("train"), version="1"))
    found = client.components.get(unique("train"), "1")
    assert isinstance(found, CommandComponent)
    assert (found.name, found.version, found.display_name, found.description, found.tags) == (
        unique("train"),
        "1",
        "Train",
        "d",
        {"a": "1"},
    )
    assert {name: given.default for name, given in found.inputs.items()} == {
        "data": None,
        "rate": 0.0,
        "count": 0,
        "flag": False,
        "word": "",
        "maybe": None,
    }
    assert (found.inputs["maybe"].optional, found.inputs["maybe"].min, found.inputs["maybe"].max) == (True, 1, 5)
    assert found.outputs["model"].type == "mlflow_model"
    assert str(found.environment).startswith("/subscriptions/")


@pytest.mark.shows("components.create_or_update")
def test_code_is_stored_once(client: MLClient, unique: Unique, folder: Path) -> None:
    """Two components with the same code name the same snapshot; changed code is another one."""
    first = client.components.create_or_update(component(name=unique("one"), code=folder))
    second = client.components.create_or_update(component(name=unique("two"), code=folder))
    assert str(first.code).startswith("/subscriptions/")  # type: ignore[attr-defined]
    assert first.code == second.code  # type: ignore[attr-defined]
    (folder / "weights.bin").write_bytes(b"other")
    third = client.components.create_or_update(component(name=unique("three"), code=folder))
    assert third.code != first.code  # type: ignore[attr-defined]


@pytest.mark.shows("components.get", "components.list")
def test_without_a_version_a_component_is_its_default_one(client: MLClient, unique: Unique) -> None:
    """The newest; versions count up."""
    for word in ("a", "b"):
        client.components.create_or_update(component(name=unique("train"), command=f"echo {word}"))
    assert client.components.get(unique("train")).command == "echo b"  # type: ignore[attr-defined]
    assert client.components.get(unique("train"), label="latest").version == "2"
    assert {found.version for found in client.components.list(unique("train"))} == {"1", "2"}
    assert [found.latest_version for found in client.components.list() if found.name == unique("train")] == ["2"]


@pytest.mark.shows("components.create_or_update")
def test_a_version_may_be_given_with_the_call(client: MLClient, unique: Unique) -> None:
    """It wins over the component's own."""
    assert client.components.create_or_update(component(name=unique("train"), version="1"), version="7").version == "7"


@pytest.mark.shows("components.archive", "components.restore")
def test_components_are_archived_and_restored(client: MLClient, unique: Unique) -> None:
    """By version, by label and as a whole."""
    client.components.create_or_update(component(name=unique("train"), version="1"))
    client.components.archive(unique("train"), "1")
    assert list(client.components.list(unique("train"))) == []
    client.components.restore(unique("train"), "1")
    client.components.archive(unique("train"))
    assert unique("train") not in {found.name for found in client.components.list()}
    client.components.restore(unique("train"))
    assert [found.name for found in client.components.list()].count(unique("train")) == 1


def test_a_component_without_a_name_is_anonymous(client: MLClient) -> None:
    """The same definition is the same component, and no list shows it."""
    first = client.components.create_or_update(component(name=None))
    again = client.components.create_or_update(component(name=None))
    assert (first.name, first.version) == (again.name, again.version)
    assert first.name == "azureml_anonymous"
    assert list(client.components.list()) == []


@pytest.mark.shows("components.download", "components.create_or_update")
def test_a_component_is_downloaded_with_its_code(
    client: MLClient, unique: Unique, folder: Path, tmp_path: Path
) -> None:
    """What is written loads again and registers the same code."""
    made = client.components.create_or_update(component(name=unique("train"), version="1", code=folder))
    client.components.download(unique("train"), tmp_path / "out", version="1")
    assert files_below(tmp_path / "out" / "code") == files_below(folder)
    again = load_component(tmp_path / "out" / "component_spec.yaml")
    assert client.components.create_or_update(again, version="2").code == made.code  # type: ignore[attr-defined]
    with pytest.raises(OSError, match=r"not empty|Directory"):
        client.components.download(unique("train"), tmp_path / "out", version="1")


@pytest.mark.shows("components.validate")
def test_a_component_is_checked_before_it_is_sent(client: MLClient, backend: MemoryBackend) -> None:
    """An expression that names no input is told with its place; nothing is sent."""
    wrong = component(command="python train.py ${{inputs.nothing}}")
    before = len(backend.requests)
    result = client.components.validate(wrong)
    assert not result.passed
    assert "nothing" in str(result.error_messages)
    with pytest.raises(ValidationException, match="nothing"):
        client.components.create_or_update(wrong)
    assert len(backend.requests) == before
    assert client.components.validate(component()).passed


@pytest.mark.shows("components.prepare_for_sign")
def test_a_catalog_lists_the_code_for_signing(client: MLClient, folder: Path) -> None:
    """Each file with its SHA-256."""
    client.components.prepare_for_sign(component(code=folder))
    catalog = json.loads((folder / "catalog.json").read_text())
    assert catalog["HashAlgorithm"] == "SHA256"
    assert set(catalog["CatalogItems"]) == {"weights.bin", "empty.txt", "deep/er/größe.txt"}
    assert (folder / "catalog.json.sig").read_text() == (folder / "catalog.json").read_text()


def test_what_is_not_there_is_an_error(client: MLClient, tmp_path: Path) -> None:
    """Components, environments they name, and code."""
    with pytest.raises(ResourceNotFoundError):
        client.components.get("none")
    with pytest.raises(ResourceNotFoundError):
        client.components.create_or_update(component(environment="azureml:none@latest"))
    with pytest.raises(ValidationException, match="no-code"):
        client.components.create_or_update(component(code=tmp_path / "no-code"))
    assert list(client.components.list()) == []


def test_another_definition_of_a_version_is_refused(client: MLClient, unique: Unique) -> None:
    """A component's version is what it was."""
    client.components.create_or_update(component(name=unique("train"), version="1"))
    with pytest.raises(ResourceExistsError):
        client.components.create_or_update(component(name=unique("train"), version="1", command="echo other"))


def test_what_may_change_of_a_component_changes(client: MLClient, unique: Unique) -> None:
    """Get, change, put: its description and tags are the new ones, its code and inputs what they were."""
    client.components.create_or_update(component(name=unique("train"), version="1"))
    found = client.components.get(unique("train"), "1")
    found.description, found.tags = "new", {"b": "2"}
    client.components.create_or_update(found)
    again = client.components.get(unique("train"), "1")
    assert (again.description, again.tags) == ("new", {"b": "2"})
    assert again.inputs == found.inputs
