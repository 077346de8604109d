"""Components through the official client: their versions, what they refer to, and components of components."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.ml import Input, MLClient, Output, command, dsl
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from mlsdk.testing import FakeCredential

if TYPE_CHECKING:
    from pathlib import Path

    from azure.ai.ml.entities import Component

    from mlsdk.backends.memory import MemoryBackend

CURATED = "azureml://registries/azureml/environments/sklearn-1.5/versions/1"


@pytest.fixture(params=["workspace", "registry"])
def home(request: pytest.FixtureRequest, azure: MemoryBackend) -> MLClient:
    """A client of a workspace, and one of a registry."""
    if request.param == "workspace":
        return MLClient(FakeCredential(), "sub", "rg", "ws")
    azure.add_registry("shared", subscription="sub", resource_group="rg")
    return MLClient(FakeCredential(), registry_name="shared")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The code of a component."""
    (tmp_path / "source/deep").mkdir(parents=True)
    (tmp_path / "source/train.py").write_text("print('training')\n")
    (tmp_path / "source/deep/er.py").write_text("")
    return tmp_path / "source"


def step(version: str | None = None, environment: str = CURATED, **given: Any) -> Component:
    """A component with an input and an output."""
    node = command(
        name=given.pop("name", "step"),
        version=version,
        command=given.pop("command", "ls ${{inputs.data}}"),
        environment=environment,
        inputs={"data": Input(type="uri_folder"), "count": Input(type="integer", default=3)},
        outputs={"clean": Output(type="uri_folder")},
        **given,
    )
    made: Component = node.component
    return made


@pytest.mark.emulates("components.create_or_update", "components.get", "components.list")
def test_versions_of_a_component(home: MLClient) -> None:
    """Without a version the next one is taken; the default is the latest; a version can be given beside the component."""
    components = home.components
    assert components.create_or_update(step("1")).version == "1"
    assert components.create_or_update(step(command="cat ${{inputs.data}}")).version == "2"
    assert components.create_or_update(step("1"), version="20").version == "20"
    assert components.get("step").version == "20"
    assert components.get("step", label="latest").version == "20"
    assert components.get("step", version="1").inputs["count"].default == 3
    assert [one.version for one in components.list(name="step")] == ["20", "2", "1"]
    assert [(one.name, one.latest_version) for one in components.list()] == [("step", "20")]
    with pytest.raises(ResourceNotFoundError):
        components.get("step", version="7")


@pytest.mark.emulates("components.create_or_update")
def test_what_may_change_of_a_component(home: MLClient) -> None:
    """The words about it and its tags, also on what was read before; what it does is fixed."""
    home.components.create_or_update(step("1"))
    read = home.components.get("step", version="1")
    read.description = "better"
    read.tags["team"] = "a"
    changed = home.components.create_or_update(read)
    assert (changed.description, changed.tags) == ("better", {"team": "a"})
    with pytest.raises(HttpResponseError, match="'componentSpec' cannot be changed"):
        home.components.create_or_update(step("1", command="cat ${{inputs.data}}"))


@pytest.mark.emulates("components.create_or_update")
def test_a_component_that_did_not_change(home: MLClient, source: Path) -> None:
    """With `skip_if_no_change` the same component makes no new version, another one does."""
    first = home.components.create_or_update(step())
    again = home.components.create_or_update(step(), skip_if_no_change=True)
    assert again.version == first.version
    other = home.components.create_or_update(step(code=source), skip_if_no_change=True)
    assert other.version != first.version


@pytest.mark.emulates("components.archive", "components.restore")
def test_a_component_is_archived_and_restored(home: MLClient) -> None:
    """A version by its number or a label, or all of it."""
    for version in ("1", "2"):
        home.components.create_or_update(step(version))
    home.components.archive("step", label="latest")
    assert [one.version for one in home.components.list(name="step")] == ["1"]
    assert home.components.get("step").version == "1"
    home.components.restore("step", version="2")
    home.components.archive("step")
    assert list(home.components.list()) == []
    home.components.restore("step")
    assert [one.name for one in home.components.list()] == ["step"]


@pytest.mark.emulates("components.create_or_update", "components.get")
def test_a_component_of_components(home: MLClient, source: Path) -> None:
    """A pipeline component is kept with its steps: registered ones by their ids, those in it as anonymous ones."""
    registered = home.components.create_or_update(step("1"))
    inner = step(name="inner", code=source)

    def both(data: Any) -> dict[str, Any]:
        one = registered(data=data)
        two = inner(data=one.outputs.clean)
        return {"clean": two.outputs.clean}

    # The decorator reads annotations as objects, and in this file they are text.
    both.__annotations__ = {"data": Input(type="uri_folder")}
    made = home.components.create_or_update(dsl.pipeline(name="both", version="1")(both))
    read: Any = home.components.get("both", version="1")
    assert (made.type, list(read.jobs)) == ("pipeline", ["one", "two"])
    assert read.jobs["one"].component in ("step:1", registered.id)
    assert "azureml_anonymous" in read.jobs["two"].component
    assert {one.name for one in home.components.list()} == {"step", "both"}
    read.tags["team"] = "a"
    assert home.components.create_or_update(read).tags == {"team": "a"}


@pytest.mark.parametrize(
    "environment",
    ["azureml:gone:1", "azureml:gone@latest", "azureml://registries/nowhere/environments/gone/versions/1"],
)
def test_what_a_component_refers_to_is_there(client: MLClient, environment: str) -> None:
    """An environment that is nowhere is refused, and nothing is registered."""
    with pytest.raises(HttpResponseError, match=r"(not find asset|not found|does not exist)"):
        client.components.create_or_update(step("1", environment))
    assert list(client.components.list()) == []


@pytest.mark.emulates("components.download")
def test_a_component_is_downloaded(client: MLClient, source: Path, tmp_path: Path) -> None:
    """Its definition and its code come back."""
    client.components.create_or_update(step("1", code=source))
    client.components.download("step", version="1", download_path=tmp_path / "back")
    found = {path.relative_to(tmp_path / "back").as_posix() for path in (tmp_path / "back").rglob("*.*")}
    assert found == {"component_spec.yaml", "code/train.py", "code/deep/er.py"}


@pytest.mark.emulates("components.validate")
def test_a_component_is_checked(client: MLClient) -> None:
    """A sound one passes, one that lacks its environment does not, and neither asks anything of Azure."""
    assert client.components.validate(step("1")).passed
    lacking = step("1")
    lacking.environment = None
    assert not client.components.validate(lacking).passed


@pytest.mark.emulates("components.prepare_for_sign")
def test_a_component_is_prepared_for_signing(client: MLClient, source: Path) -> None:
    """Beside its code lies a catalogue with the hash of every file."""
    client.components.prepare_for_sign(step("1", code=source))
    catalogue = json.loads((source / "catalog.json").read_text())
    assert set(catalogue["CatalogItems"]) == {"train.py", "deep/er.py"}
