"""Models, data, environments and components: versions, labels and archives, through the official client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml import Input, Output, command
from azure.ai.ml.constants import ListViewType
from azure.ai.ml.entities import Data, Environment, Model
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

if TYPE_CHECKING:
    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import Component


PLACE = "azureml://datastores/workspaceblobstore/paths/assets/"


def component(version: str | None = None, line: str = "ls ${{inputs.data}}") -> Component:
    """A component with an environment of its own, which is registered with it."""
    node = command(
        name="prepare",
        version=version,
        display_name="Prepare",
        command=line,
        environment=Environment(image="ubuntu:22.04"),
        inputs={"data": Input(type="uri_folder")},
        outputs={"clean": Output(type="uri_folder")},
    )
    made: Component = node.component
    return made


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
@pytest.mark.emulates(
    "components.create_or_update",
    "components.get",
    "components.list",
    "components.archive",
    "components.restore",
    "components.validate",
)
def test_the_life_of_a_component(client: MLClient) -> None:
    """A component is registered with its environment, read, listed, archived and restored."""
    assert client.components.validate(component("1")).passed
    first = client.components.create_or_update(component("1"))
    assert (first.name, first.version, first.display_name) == ("prepare", "1", "Prepare")
    assert first.command == "ls ${{inputs.data}}"
    second = client.components.create_or_update(component(line="cat ${{inputs.data}}"))
    assert second.version == "2"
    assert client.components.get("prepare").version == "2"
    assert client.components.get("prepare", version="1").outputs["clean"].type == "uri_folder"
    assert [one.version for one in client.components.list(name="prepare")] == ["2", "1"]
    client.components.archive("prepare", version="1")
    assert [one.version for one in client.components.list(name="prepare")] == ["2"]
    client.components.restore("prepare", version="1")
    assert len(list(client.components.list(name="prepare"))) == 2
    assert [one.name for one in client.components.list()] == ["prepare"]


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("environments.get", "environments.list")
def test_curated_environments_are_there(client: MLClient) -> None:
    """What the service offers itself can be read from the start, and not written."""
    names = {one.name for one in client.environments.list()}
    assert "AzureML-sklearn-1.5" in names
    assert client.environments.get("AzureML-sklearn-1.5", label="latest").image.startswith("mcr.microsoft.com/")
    with pytest.raises(HttpResponseError, match="read-only"):
        client.environments.create_or_update(Environment(name="AzureML-mine", version="1", image="ubuntu"))
