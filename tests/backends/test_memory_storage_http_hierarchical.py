"""Storage accounts with hierarchical names, and those without: folders that are real, and folders that are only in names."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobServiceClient, ContainerClient
from hypothesis import given
from hypothesis import strategies as st
from storage_clients import BLOBS, KEY, LAKE, Http, code, document, options

from mlsdk.backends import Request
from mlsdk.backends.memory import ManualClock, MemoryBackend

GROUP = "/subscriptions/sub/resourceGroups/rg"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/account"


@pytest.fixture
def tree() -> Http:
    """An account with hierarchical names, and in it a file two folders deep that was stored as a blob."""
    backend = MemoryBackend(clock=ManualClock())
    backend.add_storage_account("account", containers=["con"], key=KEY, hierarchical=True)
    http = Http(backend)
    http.put("/con/a/b/file", b"x")
    return http


def names(http: Http, **asked: str) -> list[tuple[str, str | None, str | None]]:
    """What a list of blobs shows: the element, the name, and whether it is a file or a folder."""
    query = "".join(f"&{name}={value}" for name, value in asked.items())
    found = document(http("GET", f"/con?restype=container&comp=list{query}"))
    items = found.find("Blobs")
    assert items is not None
    return [(item.tag, item.findtext("Name"), item.findtext("Properties/ResourceType")) for item in items]


def test_folders_come_with_the_first_blob_in_them_and_stay(tree: Http) -> None:
    """They are found at both addresses, with the mark that clients look for, and after the last file in them is gone."""
    assert tree("DELETE", "/con/a/b/file").status == 202
    for folder in ("a", "a/b"):
        told = tree("HEAD", f"/con/{folder}").headers
        assert (told["x-ms-meta-hdi_isfolder"], told["x-ms-resource-type"]) == ("true", "directory")
        assert tree("HEAD", f"/con/{folder}", base=LAKE).headers["x-ms-resource-type"] == "directory"


def test_without_hierarchical_names_there_are_no_folders() -> None:
    """They are in names only: nothing is found at a folder, nothing stays of it, and a file may have files below it."""
    backend = MemoryBackend()
    backend.add_storage_account("account", containers=["con"])
    http = Http(backend)
    http.put("/con/a/b/file", b"x")
    assert code(http("HEAD", "/con/a")) == "BlobNotFound"
    http.put("/con/a")
    assert names(http) == [("Blob", "a", None), ("Blob", "a/b/file", None)]
    assert "x-ms-resource-type" not in http("HEAD", "/con/a").headers


def test_lists_show_folders(tree: Http) -> None:
    """A list of everything shows folders beside files; one by folder shows each once, empty ones too."""
    tree("PUT", "/con/a-empty?resource=directory", base=LAKE)
    tree.put("/con/a.txt")
    everything = [
        ("Blob", "a", "directory"),
        ("Blob", "a-empty", "directory"),
        ("Blob", "a.txt", "file"),
        ("Blob", "a/b", "directory"),
        ("Blob", "a/b/file", "file"),
    ]
    assert names(tree) == everything
    here = [("BlobPrefix", "a/", None), ("BlobPrefix", "a-empty/", None), ("Blob", "a.txt", "file")]
    assert names(tree, delimiter="/") == here
    assert names(tree, delimiter="/", prefix="a/") == [("BlobPrefix", "a/b/", None)]
    assert names(tree, delimiter="/", prefix="a/b/") == [("Blob", "a/b/file", "file")]


def test_lists_of_folders_go_on_page_by_page(tree: Http) -> None:
    """One item a page, no folder comes twice and none is left out."""
    for name in ("a/c", "a-b/x", "d/e/f"):
        tree.put(f"/con/{name}")
    client = ContainerClient(BLOBS, "con", KEY, **options(tree.backend))
    assert [item.name for item in client.walk_blobs(results_per_page=1)] == ["a/", "a-b/", "d/"]
    assert [item.name for item in client.list_blobs("d", results_per_page=1)] == ["d", "d/e", "d/e/f"]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "expected"),
    [
        ("PUT", "/con/a/b", {"x-ms-blob-type": "BlockBlob"}, 409, "PathConflict"),
        ("PUT", "/con/a/b/file/below", {"x-ms-blob-type": "BlockBlob"}, 409, "PathConflict"),
        ("PUT", "/con/a", {"x-ms-copy-source": f"{BLOBS}/con/a/b/file"}, 409, "PathConflict"),
        ("DELETE", "/con/a/b", {}, 409, "DirectoryIsNotEmpty"),
        ("DELETE", "/con/a/b", {"x-ms-delete-snapshots": "include"}, 400, "OperationNotSupportedOnDirectory"),
    ],
)
def test_what_is_refused_of_folders(
    tree: Http, method: str, path: str, headers: dict[str, str], status: int, expected: str
) -> None:
    """A file does not take the place of a folder, nor the other way round; a folder that is not empty is not deleted."""
    assert len(names(tree)) == 3
    before = tree.backend.snapshot()._state
    reply = tree(method, path, headers)
    assert (reply.status, code(reply)) == (status, expected)
    assert tree.backend.snapshot()._state == before


def test_an_empty_folder_is_deleted_as_a_blob(tree: Http) -> None:
    """Once nothing is in it any more."""
    assert tree("DELETE", "/con/a/b/file").status == 202
    assert tree("DELETE", "/con/a/b").status == 202
    assert names(tree) == [("Blob", "a", "directory")]


def test_a_folder_is_marked_as_clients_mark_it(tree: Http) -> None:
    """An empty blob with the mark is a folder, and putting it again leaves what is in it; slashes at the end say no more."""
    for name in ("a/b", "new/folder/"):
        headers = {"x-ms-blob-type": "BlockBlob", "x-ms-meta-hdi_isfolder": "true"}
        assert tree("PUT", f"/con/{name}", headers).status == 201
    assert names(tree) == [
        ("Blob", "a", "directory"),
        ("Blob", "a/b", "directory"),
        ("Blob", "a/b/file", "file"),
        ("Blob", "new", "directory"),
        ("Blob", "new/folder", "directory"),
    ]


def test_a_path_may_be_very_deep(tree: Http) -> None:
    """As deep as a name can be long."""
    deep = "/".join("d" * 512)
    tree.put(f"/con/{deep}", b"x")
    assert tree("GET", f"/con/{deep}").body == b"x"


PATHS = st.sampled_from(["a", "b", "a/b", "a/b/c", "b/c", "c/", "a//b"])
STEPS = st.one_of(
    st.tuples(st.sampled_from(["store", "delete", "file", "folder", "delete all"]), PATHS, PATHS),
    st.tuples(st.sampled_from(["rename", "copy"]), PATHS, PATHS),
)


@given(st.lists(STEPS, max_size=12))
def test_whatever_is_done_folders_stay_whole(steps: list[tuple[str, str, str]]) -> None:
    """Law: every folder above a path is there, nothing is below a file, and lists by folder find each path once."""
    backend = MemoryBackend()
    backend.add_storage_account("account", containers=["con"], hierarchical=True)
    http = Http(backend)
    for act, path, other in steps:
        asked: dict[str, tuple[str, str, dict[str, str], str]] = {
            "store": ("PUT", "", {"x-ms-blob-type": "BlockBlob"}, BLOBS),
            "delete": ("DELETE", "", {}, BLOBS),
            "copy": ("PUT", "", {"x-ms-copy-source": f"{BLOBS}/con/{other}"}, BLOBS),
            "file": ("PUT", "?resource=file", {}, LAKE),
            "folder": ("PUT", "?resource=directory", {}, LAKE),
            "delete all": ("DELETE", "?recursive=true", {}, LAKE),
            "rename": ("PUT", "", {"x-ms-rename-source": f"/con/{other}"}, LAKE),
        }
        method, query, headers, base = asked[act]
        assert http(method, f"/con/{path}{query}", headers, base=base).status < 500
    kinds = {name: kind for _, name, kind in names(http) if name is not None}
    for name in kinds:
        above = name.rpartition("/")[0]
        assert not above or kinds[above] == "directory"
    found, folders = [], [""]
    while folders:
        for tag, name, _ in names(http, delimiter="/", prefix=folders.pop()):
            assert name is not None
            found.append(name.rstrip("/"))
            folders += [name] if tag == "BlobPrefix" else []
    assert sorted(found) == sorted(kinds)


@pytest.mark.parametrize("hierarchical", [True, False])
def test_an_account_tells_what_it_is(hierarchical: bool) -> None:
    """Clients that ask learn whether names are hierarchical."""
    backend = MemoryBackend()
    backend.add_storage_account("account", containers=["con"], key=KEY, hierarchical=hierarchical)
    service = BlobServiceClient(BLOBS, KEY, **options(backend))
    container = service.get_container_client("con")
    for client in (service, container, container.get_blob_client("any")):
        assert client.get_account_information()["is_hns_enabled"] is hierarchical
    told = Http(backend)("HEAD", "/con?resource=filesystem", base=LAKE).headers
    assert told["x-ms-namespace-enabled"] == str(hierarchical).lower()


def test_the_seam_sees_the_same_folders(tree: Http) -> None:
    """What mlsdk stores makes its folders too, and it is not stored where a folder is."""
    container = tree.backend.container(f"{BLOBS}/con")
    container.put("c/d", BytesIO(b"12"))
    assert [(item.name, item.size) for item in container.list("c")] == [("c", 0), ("c/d", 2)]
    assert names(tree, prefix="c") == [("Blob", "c", "directory"), ("Blob", "c/d", "file")]
    for name in ("c", "c/d/below"):
        with pytest.raises(FileExistsError):
            container.put(name, BytesIO(b"x"), overwrite=True)


def arm(backend: MemoryBackend, method: str, properties: dict[str, Any]) -> Any:
    """Ask Azure Resource Manager for the account."""
    body = {"location": "eastus", "properties": properties}
    return backend.send(Request(method, ACCOUNT, {"api-version": "2023-05-01"}, {}, body))


def test_resource_manager_makes_such_an_account() -> None:
    """`isHnsEnabled` is kept, works, and cannot be changed afterwards."""
    backend = MemoryBackend()
    backend.add_resource_group("sub", "rg")
    assert arm(backend, "PUT", {"isHnsEnabled": "yes"}).status == 400
    assert arm(backend, "PUT", {"isHnsEnabled": True}).status in (200, 201)
    for properties in ({}, {"isHnsEnabled": True}):
        assert arm(backend, "PUT", properties).body["properties"]["isHnsEnabled"] is True
    for method in ("PUT", "PATCH"):
        refused = arm(backend, method, {"isHnsEnabled": False})
        assert (refused.status, refused.body["error"]["code"]) == (400, "AccountPropertyCannotBeUpdated")
    http = Http(backend)
    assert http("PUT", "/con?restype=container").status == 201
    http.put("/con/a/file")
    assert http("HEAD", "/con/a").status == 200


@pytest.mark.parametrize(("base", "hierarchical"), [(BLOBS, False), (LAKE, True)])
def test_an_account_that_is_referred_to_is_what_it_is_referred_to_as(base: str, hierarchical: bool) -> None:
    """A provisioning backend takes an account for a data lake when it is first asked at the data lake's address."""
    backend = MemoryBackend(provision=True)
    backend.container(f"{base}/con", "any key").put("a/file", BytesIO(b"x"))
    assert Http(backend)("HEAD", "/con/a").status == (200 if hierarchical else 404)


def test_folders_are_found_by_the_client_of_the_data_lake(tree: Http) -> None:
    """`DirectoryClient.exists` asks the blob service, and finds the folders of uploads."""
    datalake = pytest.importorskip("azure.storage.filedatalake")
    lake = datalake.FileSystemClient(LAKE, "con", KEY, **options(tree.backend))
    assert lake.get_directory_client("a/b").exists()
    assert lake.get_directory_client("a/b").get_directory_properties().metadata == {"hdi_isfolder": "true"}
    assert not lake.get_directory_client("a/c").exists()
    lake.get_directory_client("a/b").rename_directory("con/moved")
    assert lake.get_file_client("moved/file").download_file().readall() == b"x"
    assert [path.name for path in lake.get_paths()] == ["a", "moved", "moved/file"]
    lake.delete_directory("moved")
    with pytest.raises(HttpResponseError, match="NotEmulated"):
        lake.get_directory_client("a").get_access_control()
