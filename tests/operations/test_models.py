"""Models: registered with their files, found by version and label, archived, downloaded byte for byte."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from operations.conftest import files_below

from mlsdk import MLClient
from mlsdk.constants import AssetTypes, ListViewType
from mlsdk.entities import Model
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from pathlib import Path

    from operations.conftest import Reached, Unique

    from mlsdk.backends.memory import MemoryBackend

REMOTE = "azureml://datastores/workspaceblobstore/paths/models/iris/"


@pytest.mark.shows("models.create_or_update", "models.get")
def test_a_model_is_given_back_as_it_was_registered(client: MLClient) -> None:
    """What was said of a model is what the service tells, with its id and who made it."""
    flavors = {"python_function": {"loader_module": "mlflow.sklearn", "python_version": "3.10"}}
    made = client.models.create_or_update(
        Model(
            name="iris",
            version="7",
            path=REMOTE,
            type=AssetTypes.MLFLOW_MODEL,
            description="d",
            tags={"a": "1"},
            properties={"p": "2"},
            flavors=flavors,
            stage="Production",
        )
    )
    found = client.models.get("iris", "7")
    for model in (made, found):
        assert (model.name, model.version, model.type, model.description) == ("iris", "7", "mlflow_model", "d")
        assert (model.tags, model.properties["p"], model.flavors, model.stage) == (
            {"a": "1"},
            "2",
            flavors,
            "Production",
        )
        assert model.path == (
            f"azureml://subscriptions/{client.subscription_id}/resourcegroups/rg/workspaces/wks/datastores"
            "/workspaceblobstore/paths/models/iris/"
        )
        assert str(model.id).endswith("/workspaces/wks/models/iris/versions/7")
        assert model.creation_context is not None
        assert model.creation_context.created_at is not None


@pytest.mark.shows("models.create_or_update", "models.download")
def test_local_files_come_back_byte_for_byte(client: MLClient, unique: Unique, folder: Path, tmp_path: Path) -> None:
    """A folder is uploaded with all below it and downloaded to `<path>/<name>/<folder>`; the model given stays as it was."""
    model = Model(name=unique("iris"), path=folder)
    made = client.models.create_or_update(model)
    assert (model.version, str(model.path)) == (None, str(folder))
    assert made.version == "1"
    client.models.download(unique("iris"), "1", tmp_path / "out")
    assert files_below(tmp_path / "out" / unique("iris") / "content") == files_below(folder)


@pytest.mark.shows("models.download")
def test_a_single_file_is_downloaded_into_the_models_folder(
    client: MLClient, unique: Unique, folder: Path, tmp_path: Path
) -> None:
    """A model of one file lands in `<path>/<name>/<file>`."""
    client.models.create_or_update(Model(name=unique("one"), version="1", path=folder / "weights.bin"))
    client.models.download(unique("one"), "1", tmp_path / "out")
    assert files_below(tmp_path / "out") == {f"{unique('one')}/weights.bin": (folder / "weights.bin").read_bytes()}


def test_the_same_content_is_stored_once(client: MLClient, unique: Unique, folder: Path) -> None:
    """A second registration of the same files uploads nothing: both versions name the same place."""
    first = client.models.create_or_update(Model(name=unique("a"), path=folder))
    second = client.models.create_or_update(Model(name=unique("b"), path=folder))
    assert first.path == second.path
    (folder / "weights.bin").write_bytes(b"other")
    assert client.models.create_or_update(Model(name=unique("a"), path=folder)).path != first.path


@pytest.mark.shows("models.create_or_update", "models.list", "models.get")
def test_versions_count_up_and_the_label_latest_is_the_one_made_last(client: MLClient, unique: Unique) -> None:
    """Without a version the service's next one is taken; latest means created last, not the greatest number."""
    for _ in range(2):
        client.models.create_or_update(Model(name=unique("iris"), path=REMOTE))
    client.models.create_or_update(Model(name=unique("iris"), version="beta", path=REMOTE))
    assert {model.version for model in client.models.list(unique("iris"))} == {"1", "2", "beta"}
    assert client.models.get(unique("iris"), label="latest").version == "beta"
    assert client.models.create_or_update(Model(name=unique("iris"), path=REMOTE)).version == "3"


@pytest.mark.shows("models.list")
def test_a_list_without_a_name_is_of_models_with_their_latest_version(client: MLClient, unique: Unique) -> None:
    """Each model stands once, without a version of its own."""
    for name in (unique("b"), unique("a"), unique("a")):
        client.models.create_or_update(Model(name=name, path=REMOTE))
    names = (unique("a"), unique("b"))
    listed = [
        (found.name, found.version, found.latest_version) for found in client.models.list() if found.name in names
    ]
    assert sorted(listed) == [(unique("a"), None, "2"), (unique("b"), None, "1")]


@pytest.mark.shows("models.archive", "models.restore", "models.list")
def test_an_archived_version_leaves_the_lists_and_comes_back(client: MLClient, unique: Unique) -> None:
    """It can still be had by name, and nothing of it is lost."""
    client.models.create_or_update(
        Model(name=unique("iris"), version="1", path=REMOTE, tags={"a": "1"}, stage="Production")
    )
    client.models.create_or_update(Model(name=unique("iris"), version="2", path=REMOTE))
    client.models.archive(unique("iris"), "1")

    def versions(view: ListViewType | str) -> list[str | None]:
        return sorted(str(model.version) for model in client.models.list(unique("iris"), list_view_type=view))

    assert versions(ListViewType.ACTIVE_ONLY) == ["2"]
    assert versions(ListViewType.ARCHIVED_ONLY) == ["1"]
    assert versions("All") == ["1", "2"]
    assert client.models.get(unique("iris"), "1").tags == {"a": "1"}
    client.models.restore(unique("iris"), "1")
    assert versions(ListViewType.ACTIVE_ONLY) == ["1", "2"]


@pytest.mark.shows("models.archive", "models.restore")
def test_a_whole_model_is_archived_and_restored(client: MLClient, unique: Unique) -> None:
    """Without a version the model itself leaves the list; its versions still count up afterwards."""
    client.models.create_or_update(Model(name=unique("iris"), path=REMOTE))
    client.models.archive(unique("iris"))
    assert unique("iris") not in {model.name for model in client.models.list()}
    assert [model.name for model in client.models.list(list_view_type="ArchivedOnly")].count(unique("iris")) == 1
    client.models.restore(unique("iris"))
    assert [model.name for model in client.models.list()].count(unique("iris")) == 1
    assert client.models.create_or_update(Model(name=unique("iris"), path=REMOTE)).version == "2"


@pytest.mark.shows("models.archive")
def test_a_label_names_the_version_to_archive(client: MLClient, unique: Unique) -> None:
    """`label="latest"` archives the version made last."""
    for _ in range(2):
        client.models.create_or_update(Model(name=unique("iris"), path=REMOTE))
    client.models.archive(unique("iris"), label="latest")
    assert [model.version for model in client.models.list(unique("iris"))] == ["1"]


@pytest.mark.shows("models.list")
def test_models_are_listed_by_stage(client: MLClient, unique: Unique) -> None:
    """Only versions of the stage asked for are shown."""
    for version, stage in (("1", "Production"), ("2", "Development"), ("3", None)):
        client.models.create_or_update(Model(name=unique("iris"), version=version, path=REMOTE, stage=stage))
    assert [model.version for model in client.models.list(unique("iris"), stage="Production")] == ["1"]


def test_what_may_change_of_a_version_changes_and_the_rest_is_refused(client: MLClient, unique: Unique) -> None:
    """Tags and descriptions may be replaced; another path is the service's 409."""
    model = client.models.create_or_update(Model(name=unique("iris"), version="1", path=REMOTE, tags={"a": "1"}))
    model.tags["b"] = "2"
    model.description = "new"
    client.models.create_or_update(model)
    found = client.models.get(unique("iris"), "1")
    assert (found.tags, found.description) == ({"a": "1", "b": "2"}, "new")
    with pytest.raises(HttpResponseError) as error:
        client.models.create_or_update(Model(name=unique("iris"), version="1", path=REMOTE + "other/"))
    assert error.value.status_code in (400, 409)
    assert client.models.get(unique("iris"), "1").path == found.path


def test_of_two_racing_creates_of_one_version_one_wins(client: MLClient, unique: Unique) -> None:
    """The other is told so, and what is stored is one of the two, whole."""
    results: list[object] = []
    gate = threading.Barrier(8)

    def create(number: int) -> None:
        gate.wait()
        try:
            results.append(
                client.models.create_or_update(
                    Model(name=unique("iris"), version="1", path=f"{REMOTE}{number}/", tags={"n": str(number)})
                )
            )
        except HttpResponseError as error:
            results.append(error)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [result for result in results if isinstance(result, Model)]
    lost = [result for result in results if isinstance(result, ResourceExistsError)]
    assert (len(won), len(lost)) == (1, 7)
    found = client.models.get(unique("iris"), "1")
    assert (found.path, found.tags) == (won[0].path, won[0].tags)
    assert str(found.path).endswith(f"/{found.tags['n']}/")


@pytest.mark.parametrize("path", [None, ""])
def test_a_model_needs_a_path(client: MLClient, backend: MemoryBackend, path: str | None) -> None:
    """The error names the model, and nothing is sent."""
    before = len(backend.requests)
    with pytest.raises(ValidationException, match="model 'iris' has no path"):
        client.models.create_or_update(Model(name="iris", path=path))
    assert len(backend.requests) == before


def test_a_model_without_a_name_is_named_by_its_content(client: MLClient, folder: Path) -> None:
    """It is anonymous: it has a name and version 1, and no list shows it."""
    made = client.models.create_or_update(Model(path=folder))
    again = client.models.create_or_update(Model(path=folder))
    assert (made.name, made.version) == (again.name, "1")
    assert len(str(made.name)) == 64
    assert list(client.models.list()) == []


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.models.get("none", "1"),
        lambda client: client.models.get("none", label="latest"),
        lambda client: list(client.models.list("none")),
        lambda client: client.models.archive("none", "1"),
        lambda client: client.models.archive("none"),
        lambda client: client.models.download("none", "1"),
    ],
)
def test_what_is_not_there_is_an_error_with_the_services_words(client: MLClient, call: object) -> None:
    """Never an empty list and never silence where something was named."""
    with pytest.raises(ResourceNotFoundError) as error:
        call(client)  # type: ignore[operator]
    assert "none" in str(error.value)


@pytest.mark.parametrize(
    ("name", "version", "label", "told"),
    [
        ("iris", None, None, "which one"),
        ("iris", "1", "latest", "not both"),
        ("iris", None, "newest", "label 'newest' is not known"),
        ("", "1", None, "needs a name"),
        (None, "1", None, "needs a name"),
    ],
)
def test_an_ambiguous_request_is_refused_before_anything_is_sent(
    client: MLClient, backend: MemoryBackend, name: str, version: str | None, label: str | None, told: str
) -> None:
    """The error says what to give."""
    before = len(backend.requests)
    with pytest.raises(ValidationException, match=told):
        client.models.get(name, version, label)
    assert len(backend.requests) == before


def test_a_missing_path_fails_before_anything_is_registered(
    client: MLClient, tmp_path: Path, backend: MemoryBackend
) -> None:
    """The error names the path; no request was made."""
    before = len(backend.requests)
    with pytest.raises(ValidationException, match="no-such-folder"):
        client.models.create_or_update(Model(name="iris", path=tmp_path / "no-such-folder"))
    assert len(backend.requests) == before
    assert list(client.models.list()) == []


def test_an_empty_folder_is_refused(client: MLClient, tmp_path: Path) -> None:
    """There is nothing to register; the error says so and nothing is made."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="empty"):
        client.models.create_or_update(Model(name="iris", path=tmp_path / "empty"))
    assert list(client.models.list()) == []


def test_an_mlflow_model_is_a_folder(client: MLClient, folder: Path) -> None:
    """A file is refused before it is uploaded, as by the official client."""
    with pytest.raises(ValidationException, match="mlflow_model"):
        client.models.create_or_update(Model(name="iris", path=folder / "weights.bin", type="mlflow_model"))


@pytest.mark.parametrize("name", ["a/b", "-a", "a b", "x" * 256])
def test_a_name_is_checked_before_anything_is_sent(client: MLClient, name: str) -> None:
    """The error gives the service's rule in words."""
    with pytest.raises(ValidationException, match="1 to 255 letters"):
        client.models.create_or_update(Model(name=name, path=REMOTE))


def test_a_download_of_files_that_are_gone_is_an_error(client: MLClient, tmp_path: Path) -> None:
    """A model whose files were never there is not downloaded in silence."""
    client.models.create_or_update(Model(name="iris", version="1", path=REMOTE))
    with pytest.raises(ResourceNotFoundError, match="models/iris"):
        client.models.download("iris", "1", tmp_path)


@pytest.mark.shows("models.share")
def test_a_model_is_shared_into_a_registry(
    client: MLClient, backend: MemoryBackend, reached: Reached, folder: Path, tmp_path: Path
) -> None:
    """The registry has a copy under the new name, with its files; a second copy of that version is refused."""
    backend.add_registry("shop", subscription=str(client.subscription_id), resource_group="rg")
    client.models.create_or_update(Model(name="iris", version="1", path=folder, tags={"a": "1"}))
    shared = client.models.share("iris", "1", share_with_name="flowers", share_with_version="5", registry_name="shop")
    assert (shared.name, shared.version, shared.tags) == ("flowers", "5", {"a": "1"})
    registry = MLClient(None, registry_name="shop", backend=reached(backend))
    assert registry.models.get("flowers", "5").id == "azureml://registries/shop/models/flowers/versions/5"
    registry.models.download("flowers", "5", tmp_path / "out")
    assert files_below(tmp_path / "out" / "flowers" / "content") == files_below(folder)
    with pytest.raises(ValidationException, match="exists in registry"):
        client.models.share("iris", "1", share_with_name="flowers", share_with_version="5", registry_name="shop")


@pytest.mark.shows("models.create_or_update", "models.list", "models.download")
def test_a_registry_takes_and_gives_models(
    backend: MemoryBackend, reached: Reached, folder: Path, tmp_path: Path
) -> None:
    """The same calls work with a registry as the scope; a version is needed there."""
    backend.add_registry("shop", subscription="s", resource_group="rg")
    registry = MLClient(None, registry_name="shop", backend=reached(backend))
    made = registry.models.create_or_update(Model(name="iris", version="1", path=folder))
    assert made.id == "azureml://registries/shop/models/iris/versions/1"
    assert [model.version for model in registry.models.list("iris")] == ["1"]
    registry.models.download("iris", "1", tmp_path / "out")
    assert files_below(tmp_path / "out" / "iris" / "content") == files_below(folder)
    with pytest.raises(ValidationException, match="version"):
        registry.models.create_or_update(Model(name="iris", path=folder))


def test_files_of_another_workspace_are_not_looked_for_in_this_one(client: MLClient, tmp_path: Path) -> None:
    """A datastore of the same name here is not the one that the address means."""
    elsewhere = f"azureml://subscriptions/{client.subscription_id}/resourcegroups/rg/workspaces/other/datastores/workspaceblobstore/paths/x/"
    client.models.create_or_update(Model(name="iris", version="1", path=elsewhere))
    with pytest.raises(ValidationException, match="use a client of that workspace"):
        client.models.download("iris", "1", tmp_path)
