"""Data Lake Storage over HTTP, as azure-storage-file-datalake sees it, which comes with azure-ai-ml."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import ContainerClient
from storage_clients import BLOBS, KEY, LAKE, Token, options

from mlsdk.backends.memory import MemoryBackend

if TYPE_CHECKING:
    from azure.storage.filedatalake import FileSystemClient

datalake = pytest.importorskip("azure.storage.filedatalake")


@pytest.fixture
def backend() -> MemoryBackend:
    """An account with hierarchical names and nothing in it."""
    backend = MemoryBackend()
    backend.add_storage_account("account", key=KEY, hierarchical=True)
    return backend


@pytest.fixture
def lake(backend: MemoryBackend) -> FileSystemClient:
    """A file system, opened by the account's key."""
    return datalake.DataLakeServiceClient(LAKE, KEY, **options(backend)).create_file_system("lake")


def paths(lake: FileSystemClient, **options: Any) -> list[tuple[str, bool]]:
    """The paths in a file system, and whether each is a folder."""
    return [(path.name, path.is_directory) for path in lake.get_paths(**options)]


def test_file_systems(backend: MemoryBackend, lake: FileSystemClient) -> None:
    """A file system is a container: made, described, listed and deleted."""
    service = datalake.DataLakeServiceClient(LAKE, Token(), **options(backend))
    assert lake.exists()
    assert [item.name for item in service.list_file_systems()] == ["lake"]
    with pytest.raises(ResourceExistsError):
        service.create_file_system("lake")
    assert ContainerClient(BLOBS, "lake", KEY, **options(backend)).exists()
    lake.delete_file_system()
    assert not lake.exists()
    with pytest.raises(ResourceNotFoundError) as error:
        paths(lake)
    assert error.value.error_code == "FilesystemNotFound"


def test_folders(lake: FileSystemClient) -> None:
    """A folder comes with those above it, has metadata, and stays a folder whatever metadata it is given."""
    folder = lake.create_directory("a/b", metadata={"x": "1"})
    assert folder.exists()
    assert paths(lake) == [("a", True), ("a/b", True)]
    assert folder.get_directory_properties().metadata == {"x": "1", "hdi_isfolder": "true"}
    folder.set_metadata({"upload_status": "completed"})
    assert folder.get_directory_properties().metadata == {"upload_status": "completed", "hdi_isfolder": "true"}
    folder.create_file("c")
    folder.create_directory()
    assert paths(lake, path="a/b") == [("a/b/c", False)]
    with pytest.raises(ResourceExistsError):
        lake.create_directory("a/b/c")
    with pytest.raises(HttpResponseError, match="PathConflict"):
        lake.create_directory("a/b/c/d")


@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 20])
def test_files(lake: FileSystemClient, content: bytes) -> None:
    """What is uploaded is read back, whole and in ranges, with its metadata."""
    file = lake.get_file_client("a/file")
    file.create_file(metadata={"k": "v"})  # the client sends nothing more for an empty file
    file.upload_data(content, overwrite=True, metadata={"k": "v"}, chunk_size=1000, validate_content=True)
    assert file.download_file().readall() == content
    found = file.get_file_properties()
    assert (found.size, found.metadata) == (len(content), {"k": "v"})
    assert file.exists()
    if len(content) > 3:
        assert file.download_file(offset=1, length=2).readall() == content[1:3]
    with pytest.raises(ResourceExistsError):
        file.create_file(match_condition=MatchConditions.IfMissing)
    file.delete_file()
    assert not file.exists()


def test_appending(lake: FileSystemClient) -> None:
    """What is appended is not there until it is flushed, whose length has to be right."""
    file = lake.create_file("f")
    file.append_data(b"cd", offset=2)
    file.append_data(b"ab", offset=0)
    assert file.get_file_properties().size == 0
    with pytest.raises(HttpResponseError, match="InvalidFlushPosition"):
        file.flush_data(3)
    etag = file.get_file_properties().etag
    file.flush_data(4)
    assert file.download_file().readall() == b"abcd"
    file.append_data(b"e", offset=4, flush=True)
    assert file.download_file().readall() == b"abcde"
    file.append_data(b"gap", offset=9)
    with pytest.raises(HttpResponseError, match="InvalidFlushPosition"):
        file.flush_data(12)
    with pytest.raises(HttpResponseError, match="InvalidFlushPosition"):
        file.append_data(b"before", offset=0)
    with pytest.raises(ResourceModifiedError):
        file.flush_data(5, etag=etag, match_condition=MatchConditions.IfNotModified)


def test_lists(backend: MemoryBackend, lake: FileSystemClient) -> None:
    """Folders that are there only because something is in them are listed too, page by page."""
    container = backend.container(f"{BLOBS}/lake")
    for name in ("a/b/c", "a-b", "a/d", "e"):
        container.put(name, BytesIO(b"12"))
    everything = [("a", True), ("a-b", False), ("a/b", True), ("a/b/c", False), ("a/d", False), ("e", False)]
    assert paths(lake) == everything
    assert paths(lake, max_results=2) == everything
    assert paths(lake, recursive=False) == [("a", True), ("a-b", False), ("e", False)]
    assert paths(lake, path="a", recursive=False) == [("a/b", True), ("a/d", False)]
    assert [path.content_length for path in lake.get_paths(path="a/b")] == [2]
    with pytest.raises(ResourceNotFoundError) as error:
        paths(lake, path="e")
    assert error.value.error_code == "PathNotFound"


def test_renaming(lake: FileSystemClient) -> None:
    """A file or a folder with all that is in it moves, and keeps what is known of it."""
    lake.get_file_client("a/b/f").upload_data(b"x", metadata={"k": "v"}, overwrite=True)
    lake.get_directory_client("a/b").rename_directory("lake/new name")
    assert paths(lake) == [("a", True), ("new name", True), ("new name/f", False)]
    moved = lake.get_file_client("new name/f").rename_file("lake/g")
    assert moved.get_file_properties().metadata == {"k": "v"}
    for source, target, expected in (
        ("none", "h", "SourcePathNotFound"),
        ("g", "no/such/folder", "RenameDestinationParentPathNotFound"),
    ):
        with pytest.raises(ResourceNotFoundError) as error:
            lake.get_file_client(source).rename_file(f"lake/{target}")
        assert error.value.error_code == expected
    lake.get_file_client("full/f").create_file()
    for source, target in (("a", "full"), ("a", "a/inside")):
        with pytest.raises(HttpResponseError) as refused:
            lake.get_directory_client(source).rename_directory(f"lake/{target}")
        assert refused.value.status_code == 409


def test_deleting(lake: FileSystemClient) -> None:
    """A folder goes with what is in it."""
    lake.get_file_client("a/b/f").create_file()
    lake.get_file_client("ab").create_file()
    lake.delete_directory("a")
    assert paths(lake) == [("ab", False)]
    with pytest.raises(ResourceNotFoundError) as error:
        lake.delete_file("a/b/f")
    assert error.value.error_code == "PathNotFound"


def test_what_is_not_emulated(lake: FileSystemClient) -> None:
    """Access control and leases are refused in so many words."""
    file = lake.create_file("f")
    for attempt in (file.get_access_control, lambda: file.set_access_control(permissions="0777"), file.acquire_lease):
        with pytest.raises(HttpResponseError) as error:
            attempt()
        assert (error.value.status_code, error.value.response.headers["x-ms-error-code"]) == (400, "NotEmulated")


def test_addresses_with_the_account_in_the_path(backend: MemoryBackend, lake: FileSystemClient) -> None:
    """A client that was led to a machine reaches both services of the account."""
    lake.create_file("a")
    base = "https://127.0.0.1:1234/account.dfs.local"
    key = {"account_name": "account", "account_key": KEY}
    there = datalake.FileSystemClient(base, "lake", key, **options(backend))
    there.get_file_client("b").upload_data(b"x", overwrite=True)
    assert there.get_file_client("b").download_file().readall() == b"x"
    assert paths(there) == [("a", False), ("b", False)]


def test_folders_have_signatures_of_their_own(backend: MemoryBackend, lake: FileSystemClient) -> None:
    """A signature for a folder opens what is in it, and nothing beside it."""
    for name in ("a/b/c/f", "a/f"):
        lake.create_file(name)
    soon = datetime.now(timezone.utc) + timedelta(hours=1)
    token = datalake.generate_directory_sas("account", "lake", "a/b", KEY, permission="rw", expiry=soon)
    there = datalake.FileSystemClient(LAKE, "lake", token, **options(backend))
    there.get_file_client("a/b/c/f").upload_data(b"x", overwrite=True)
    assert there.get_file_client("a/b/c/f").download_file().readall() == b"x"
    with pytest.raises(HttpResponseError) as error:
        there.get_file_client("a/f").get_file_properties()
    assert error.value.status_code == 403
