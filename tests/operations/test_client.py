"""The client itself: its scope, the group an entity belongs to, and the configuration file."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.core.polling import LROPoller

import mlsdk
from mlsdk import MLClient
from mlsdk.backends.memory import MemoryBackend
from mlsdk.entities import AmlCompute, AzureBlobDatastore, Data, Environment, Model, Workspace
from mlsdk.exceptions import UnknownArgumentWarning, ValidationException

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from operations.conftest import Reached


@pytest.mark.parametrize(
    "entity",
    [
        Model(name="m", version="1", path="azureml://datastores/x/paths/y"),
        Environment(name="e", version="1", image="i"),
        Data(name="d", version="1", path="azureml://datastores/x/paths/y"),
        AzureBlobDatastore(name="store", account_name="account", container_name="c"),
    ],
    ids=lambda entity: type(entity).__name__,
)
def test_the_client_finds_the_group_of_an_entity(client: MLClient, entity: object) -> None:
    """`client.create_or_update` gives what the group's own would give."""
    made = client.create_or_update(entity)
    assert type(made) is type(entity)
    assert made.id is not None  # type: ignore[attr-defined]


def test_what_takes_long_begins_and_gives_a_poller(client: MLClient) -> None:
    """Computes and workspaces are begun; the other manner is refused with the right name."""
    poller = client.begin_create_or_update(AmlCompute(name="cluster", size="STANDARD_DS3_v2"))
    assert isinstance(poller, LROPoller)
    assert poller.result().provisioning_state == "Succeeded"
    assert client.begin_create_or_update(Workspace(name="other", location="eastus")).result().name == "other"
    with pytest.raises(TypeError, match=r"^AmlCompute is made with begin_create_or_update\(\)"):
        client.create_or_update(AmlCompute(name="cluster"))
    with pytest.raises(TypeError, match=r"^Model is made with create_or_update\(\)"):
        client.begin_create_or_update(Model(name="m"))
    with pytest.raises(TypeError, match="cannot create 'dict'"):
        client.create_or_update({})


def test_making_a_client_sends_nothing(backend: MemoryBackend, reached: Reached) -> None:
    """Not even for a registry."""
    MLClient(None, "s", "rg", "ws", backend=reached(backend))
    MLClient(None, registry_name="r", backend=reached(backend))
    assert len(backend.requests) == 0


@pytest.mark.parametrize(
    "first",
    [
        lambda client: client.workspaces.get("WKS"),
        lambda client: client.workspaces.get(),
        lambda client: client.workspaces.begin_update(Workspace(name="wks", description="changed")).result(),
        lambda client: client.compute.begin_create_or_update(AmlCompute(name="cluster")).result(),
        lambda client: next(iter(client.compute.list_sizes())),
        lambda client: client.datastores.get_default(),
        lambda client: client.models.create_or_update(Model(name="m", path="azureml://datastores/x/paths/y")),
    ],
)
def test_a_script_runs_in_the_shared_memory_whatever_it_asks_first(first: Callable[[MLClient], object]) -> None:
    """Where the backend provisions, the workspace that a client was made for is there when it is first needed."""
    client = MLClient(None, "s", "rg", "wks", backend=MemoryBackend(provision=True))
    first(client)
    assert [one.name.lower() for one in client.workspaces.list()] == ["wks"]


def test_only_what_a_client_was_made_for_is_there_unmade() -> None:
    """Looking for another workspace finds none, and making one, the client's own too, makes it as the user wants it."""
    backend = MemoryBackend(provision=True)
    for name in (None, "wks"):
        client = MLClient(None, "s", "rg", name, backend=backend)
        with pytest.raises(ResourceNotFoundError):
            client.workspaces.get("other")
    made = client.workspaces.begin_create(Workspace(name="wks", location="westus", hbi_workspace=True)).result()
    assert (made.location, made.hbi_workspace) == ("westus", True)


def test_a_strict_backend_makes_nothing_of_itself(backend: MemoryBackend, reached: Reached) -> None:
    """Not even the workspace that a client was made for."""
    client = MLClient(None, "s", "rg", "wks", backend=reached(backend))
    with pytest.raises(ResourceNotFoundError):
        client.workspaces.get()


@pytest.mark.parametrize("name", ["my ws", "a/b", "a?b", "a%20b", "a#b"])
@pytest.mark.parametrize("part", ["subscription_id", "resource_group_name", "workspace_name", "registry_name"])
def test_a_name_that_leads_elsewhere_is_refused(part: str, name: str) -> None:
    """A client cannot be sent to another place by what is no name at all."""
    with pytest.raises(ValidationException, match=f"^{part} is "):
        MLClient(None, backend=MemoryBackend(), **{part: name})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("group", "method"),
    [
        ("models", "create_or_update"),
        ("data", "create_or_update"),
        ("environments", "create_or_update"),
        ("components", "create_or_update"),
        ("datastores", "create_or_update"),
        ("compute", "begin_create_or_update"),
        ("workspaces", "begin_create"),
        ("workspaces", "begin_update"),
    ],
)
def test_a_group_makes_only_what_is_its_own(client: MLClient, backend: MemoryBackend, group: str, method: str) -> None:
    """Something else is refused with what is expected, before anything is sent."""
    before = len(backend.requests)
    for given in (
        None,
        {"name": "x"},
        Environment(name="e", image="i") if group != "environments" else Model(name="m"),
    ):
        with pytest.raises(TypeError, match=rf"^expected a .*, got .*{type(given).__name__}$"):
            getattr(getattr(client, group), method)(given)
    assert len(backend.requests) == before


def test_an_entity_of_the_official_client_is_told_apart(client: MLClient) -> None:
    """By its module, where the names are the same: an import was left as it was."""

    class Model:
        """Of another package."""

    with pytest.raises(TypeError, match=r"expected a Model.* of mlsdk\.entities, got .*test_client\..*Model"):
        client.models.create_or_update(Model())  # type: ignore[arg-type]


def test_a_wrong_backend_and_a_mistyped_argument_are_told() -> None:
    """A backend has to be one; a slip of the pen is warned of, what only the official client knows is not."""
    with pytest.raises(TypeError, match=r"backend is 3; expected a Backend or the name of one"):
        MLClient(None, "s", "rg", "ws", backend=3)  # type: ignore[arg-type]
    with pytest.warns(UnknownArgumentWarning, match=r"MLClient\(workspace=…\).*did you mean 'workspace_name'\?"):
        MLClient(None, "s", "rg", workspace="ws", backend=MemoryBackend())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MLClient(None, "s", "rg", "ws", backend=MemoryBackend(), cloud="AzureCloud", show_progress=False)


def test_a_client_is_of_a_workspace_or_of_a_registry() -> None:
    """Both at once is refused, and what a call misses is named."""
    with pytest.raises(ValidationException, match="not both"):
        MLClient(None, "s", "rg", "ws", "registry", backend=MemoryBackend())
    with pytest.raises(ValidationException, match="workspace_name"):
        MLClient(None, "s", "rg", backend=MemoryBackend()).models.get("m", "1")


def test_the_environment_variable_chooses_the_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """`MLSDK_BACKEND=memory` names the one shared instance, as `backend="memory"` does."""
    monkeypatch.setenv("MLSDK_BACKEND", "memory")
    mlsdk.memory_backend().reset()
    MLClient(None, "s", "rg", "ws").models.create_or_update(Model(name="m", path="azureml://datastores/x/paths/y"))
    assert MLClient(None, "s", "rg", "ws", backend="memory").models.get("m", "1").name == "m"
    mlsdk.memory_backend().reset()
    assert list(MLClient(None, "s", "rg", "ws").models.list()) == []
    monkeypatch.setenv("MLSDK_BACKEND", "memroy")
    with pytest.raises(ValidationException, match="no backend 'memroy'"):
        MLClient(None, "s", "rg", "ws")


def test_a_group_of_a_later_version_says_so(client: MLClient) -> None:
    """A mistyped group is told apart from one that is not there yet."""
    with pytest.raises(AttributeError, match=r"MLClient\.schedules is not in this version"):
        client.schedules  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'modles'"):
        client.modles  # noqa: B018
    assert not hasattr(client, "schedules")


def test_a_client_may_be_subclassed_and_shows_its_scope() -> None:
    """`repr` names subscription, group and workspace and no credential."""

    class Mine(MLClient):
        pass

    mine = Mine("a secret", "s", "rg", "ws", backend=MemoryBackend())  # type: ignore[arg-type]
    assert (mine.subscription_id, mine.resource_group_name, mine.workspace_name) == ("s", "rg", "ws")
    assert "secret" not in repr(mine)
    assert "ws" in repr(mine)


@pytest.mark.parametrize("place", ["config.json", ".azureml/config.json", "aml_config/config.json", "project.json"])
def test_the_configuration_is_found_upwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """From a folder below, in each of the places where Azure's tools write it."""
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text(json.dumps({"subscription_id": "s", "resource_group": "rg", "workspace_name": "ws"}))
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    found = MLClient.from_config(backend=MemoryBackend())
    assert (found.subscription_id, found.resource_group_name, found.workspace_name) == ("s", "rg", "ws")


def test_the_configuration_may_be_named_and_overridden(tmp_path: Path) -> None:
    """By file, by folder, by another name; arguments win; `Scope` is the id of the workspace."""
    scope = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
    (tmp_path / "mine.json").write_text(json.dumps({"Scope": scope}))
    for arguments in ({"path": tmp_path / "mine.json"}, {"path": tmp_path, "file_name": "mine.json"}):
        found = MLClient.from_config(None, workspace_name="other", backend=MemoryBackend(), **arguments)  # type: ignore[arg-type]
        assert (found.subscription_id, found.resource_group_name, found.workspace_name) == ("s", "rg", "other")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "no config.json or project.json in"),
        ("{", "cannot be read"),
        ("[]", "expected a JSON object"),
        ('{"subscription_id": "s"}', "resource_group, workspace_name missing"),
        ('{"Scope": "/subscriptions/s"}', "expected the id of a workspace"),
    ],
)
def test_a_wrong_configuration_says_where_and_what(tmp_path: Path, content: str | None, told: str) -> None:
    """The error names the file and what is missing in it."""
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(ValidationException, match=told):
        MLClient.from_config(path=tmp_path, backend=MemoryBackend())
