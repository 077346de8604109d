"""Blob Storage over HTTP, as azure-storage-blob sees it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.blob import (
    BlobClient,
    BlobServiceClient,
    ContainerClient,
    ContentSettings,
    StandardBlobTier,
    generate_account_sas,
    generate_blob_sas,
    generate_container_sas,
)
from storage_clients import BLOBS, KEY, Token, options

from mlsdk.backends.memory import ManualClock, MemoryBackend

NOW = datetime(2025, 1, 1, tzinfo=timezone.utc)
SOON = NOW + timedelta(hours=1)


@pytest.fixture
def backend() -> MemoryBackend:
    """An account with a key that is known, and one container."""
    backend = MemoryBackend(clock=ManualClock())
    backend.add_storage_account("account", containers=["con"], key=KEY)
    return backend


@pytest.fixture
def service(backend: MemoryBackend) -> BlobServiceClient:
    """The account, opened by its key."""
    return BlobServiceClient(BLOBS, KEY, **options(backend))


@pytest.fixture
def container(service: BlobServiceClient) -> ContainerClient:
    """The container in it."""
    return service.get_container_client("con")


def test_containers(service: BlobServiceClient) -> None:
    """Containers are made, found, described, listed and deleted."""
    container = service.create_container("new", metadata={"Purpose": "test"})
    assert container.exists()
    assert container.get_container_properties().metadata == {"Purpose": "test"}
    with pytest.raises(ResourceExistsError) as error:
        service.create_container("new")
    assert error.value.error_code == "ContainerAlreadyExists"
    assert [(item.name, item.metadata or None) for item in service.list_containers(include_metadata=True)] == [
        ("con", None),
        ("new", {"Purpose": "test"}),
    ]
    container.set_container_metadata({"a": "1"})
    assert container.get_container_properties().metadata == {"a": "1"}
    container.delete_container()
    assert not container.exists()


@pytest.mark.parametrize(
    "name", ["plain", "a/b c/d.txt", "ümläut/ß", "a+b%20&=?#'", "x" * 1024, "tail/", "a//b", "..a"]
)
def test_names(container: ContainerClient, name: str) -> None:
    """A blob is found under whatever name it was stored, and listed under it."""
    container.upload_blob(name, b"x")
    assert container.download_blob(name).readall() == b"x"
    assert [item.name for item in container.list_blobs()] == [name]


def test_uploads_say_what_they_store(container: ContainerClient) -> None:
    """Metadata, type and MD5 come back with the properties and in lists."""
    settings = ContentSettings(content_type="text/plain", cache_control="no-store")
    blob = container.upload_blob(
        "a", b"hello", metadata={"Name": "x"}, content_settings=settings, validate_content=True
    )
    found = blob.get_blob_properties()
    (listed,) = container.list_blobs(include=["metadata"])
    for properties in (found, listed):
        assert (properties.size, properties.metadata) == (5, {"Name": "x"})
        assert properties.content_settings.content_type == "text/plain"
        assert properties.content_settings.cache_control == "no-store"
        assert len(properties.content_settings.content_md5 or b"") == 16
        assert properties.creation_time == properties.last_modified == NOW
        assert properties.blob_tier == "Hot"
        assert properties.server_encrypted
    assert found.etag.strip('"') == listed.etag


def test_uploads_do_not_overwrite(container: ContainerClient) -> None:
    """A second upload is refused unless it says that it may, or knows what it replaces."""
    first = container.upload_blob("a", b"1").get_blob_properties().etag
    with pytest.raises(ResourceExistsError) as error:
        container.upload_blob("a", b"2")
    assert error.value.error_code == "BlobAlreadyExists"
    container.upload_blob("a", b"3", overwrite=True)
    blob = container.get_blob_client("a")
    with pytest.raises(ResourceModifiedError) as error:
        blob.upload_blob(b"4", overwrite=True, etag=first, match_condition=MatchConditions.IfNotModified)
    assert error.value.error_code == "ConditionNotMet"
    assert blob.download_blob().readall() == b"3"
    assert blob.get_blob_properties().creation_time == NOW


def test_large_files_travel_in_blocks(backend: MemoryBackend) -> None:
    """What is larger than one request goes up in blocks, from several threads, and comes back in ranges."""
    sizes: dict[str, Any] = {"max_single_put_size": 1000, "max_block_size": 700, "max_single_get_size": 900}
    container = ContainerClient(BLOBS, "con", KEY, **sizes, max_chunk_get_size=500, **options(backend))
    content = bytes(range(256)) * 40
    blob = container.upload_blob("large", content, max_concurrency=4, validate_content=True, metadata={"a": "1"})
    assert blob.download_blob(max_concurrency=4, validate_content=True).readall() == content
    committed, waiting = blob.get_block_list("all")
    assert sum(block.size for block in committed) == len(content)
    assert waiting == []
    assert blob.download_blob(offset=1000, length=2000).readall() == content[1000:3000]
    assert any("blocklist" in request.params.get("comp", "") for request in backend.requests)
    with pytest.raises(ResourceExistsError):
        container.upload_blob("large", content)


@pytest.mark.parametrize("content", [b"", b"x"])
def test_small_files(container: ContainerClient, content: bytes) -> None:
    """An empty blob can be downloaded too."""
    container.upload_blob("a", content)
    assert container.download_blob("a").readall() == content


def test_lists(container: ContainerClient) -> None:
    """Lists go by prefix, by page and by folder."""
    for name in ("a/1", "a/2", "a/b/3", "ab", "c"):
        container.upload_blob(name, b"")
    assert [item.name for item in container.list_blobs("a/", results_per_page=1)] == ["a/1", "a/2", "a/b/3"]
    assert [item.name for item in container.walk_blobs(results_per_page=2)] == ["a/", "ab", "c"]
    assert [item.name for item in container.walk_blobs("a/")] == ["a/b/", "a/1", "a/2"]
    assert list(container.list_blobs("zz")) == []
    assert list(container.list_blob_names(name_starts_with="ab")) == ["ab"]


def test_changes(container: ContainerClient) -> None:
    """Metadata, headers and tiers can be set, and blobs be deleted."""
    blob = container.upload_blob("a", b"x")
    blob.set_blob_metadata({"upload_status": "completed"})
    blob.set_http_headers(ContentSettings(content_type="text/css"))
    blob.set_standard_blob_tier(StandardBlobTier.COOL)
    found = blob.get_blob_properties()
    assert found.metadata == {"upload_status": "completed"}
    assert found.content_settings.content_type == "text/css"
    assert found.blob_tier == "Cool"
    blob.delete_blob(delete_snapshots="include")
    assert not blob.exists()
    with pytest.raises(ResourceNotFoundError) as error:
        blob.delete_blob()
    assert error.value.error_code == "BlobNotFound"


def test_copies_and_appends(container: ContainerClient) -> None:
    """Copies are done when they are begun; append blobs grow."""
    source = container.upload_blob("a b", b"x", metadata={"a": "1"})
    copy = container.get_blob_client("copy")
    assert copy.start_copy_from_url(source.url)["copy_status"] == "success"
    assert copy.get_blob_properties().copy.status == "success"
    assert copy.get_blob_properties().metadata == {"a": "1"}
    container.get_blob_client("again").upload_blob_from_url(source.url)
    assert container.download_blob("again").readall() == b"x"
    container.upload_blob("log", b"1", blob_type="AppendBlob")
    container.upload_blob("log", b"2", blob_type="AppendBlob")
    assert container.download_blob("log").readall() == b"12"


@pytest.mark.parametrize("credential", [KEY, Token(), "sas"])
def test_many_are_deleted_at_once(backend: MemoryBackend, container: ContainerClient, credential: Any) -> None:
    """A batch deletes each of its blobs, and says which were not there."""
    for name in ("a", "b c", "d/ü"):
        container.upload_blob(name, b"")
    if credential == "sas":
        credential = generate_container_sas("account", "con", account_key=KEY, permission="dl", expiry=SOON)
    client = ContainerClient(BLOBS, "con", credential, **options(backend))
    answers = client.delete_blobs("a", "b c", "none", "d/ü", raise_on_any_failure=False)
    assert [answer.status_code for answer in answers] == [202, 202, 404, 202]
    assert list(container.list_blobs()) == []


def test_a_wrong_key_opens_nothing(backend: MemoryBackend) -> None:
    """A request signed with another key is refused, and so is one of another account's."""
    for credential in ("b3RoZXI=", {"account_name": "other", "account_key": KEY}):
        client = ContainerClient(BLOBS, "con", credential, **options(backend))
        with pytest.raises(ClientAuthenticationError) as error:
            client.upload_blob("a", b"x", metadata={"b_c": "1", "a": "2"})
        assert (error.value.status_code, error.value.error_code) == (403, "AuthenticationFailed")


def test_the_second_key_and_a_token_open_an_account(backend: MemoryBackend) -> None:
    """Both keys of an account are good, and so is whoever is signed in; nobody else is."""
    second = backend.state.accounts["account"].keys[1]
    for credential in (second, Token()):
        metadata = {"b_c": "1", "a1": "2", "a_": "3", "B": "4"}
        client = ContainerClient(BLOBS, "con", credential, **options(backend))
        client.upload_blob("a", b"x", metadata=metadata, overwrite=True)
        assert client.get_blob_client("a").get_blob_properties().metadata == metadata
    with pytest.raises(ClientAuthenticationError):
        ContainerClient(BLOBS, "con", None, **options(backend)).get_container_properties()


def signatures(backend: MemoryBackend) -> dict[str, str]:
    """Signatures that let the blob `a` be read for an hour."""
    common: dict[str, Any] = {"permission": "r", "expiry": SOON}
    signed_in = BlobServiceClient(BLOBS, Token(), **options(backend))
    with pytest.raises(ClientAuthenticationError):
        BlobServiceClient(BLOBS, KEY, **options(backend)).get_user_delegation_key(NOW, SOON)
    user: dict[str, Any] = {**common, "user_delegation_key": signed_in.get_user_delegation_key(NOW, SOON)}
    return {
        "blob": generate_blob_sas("account", "con", "a", account_key=KEY, **common),
        "container": generate_container_sas("account", "con", account_key=KEY, start=NOW, **common),
        "account": generate_account_sas("account", KEY, "sco", **common),
        "user's": generate_blob_sas("account", "con", "a", **user),
    }


@pytest.mark.parametrize("kind", ["blob", "container", "account", "user's"])
def test_signatures(backend: MemoryBackend, container: ContainerClient, kind: str) -> None:
    """A shared access signature opens what it is for, in the time it is for, for what it allows, as it was given out."""
    container.upload_blob("a", b"x")
    container.upload_blob("b", b"x")
    token = signatures(backend)[kind]

    def client(name: str, token: str = token) -> BlobClient:
        return BlobClient(BLOBS, "con", name, credential=token, **options(backend))

    assert client("a").download_blob().readall() == b"x"
    with pytest.raises(HttpResponseError) as error:
        client("a").upload_blob(b"y", overwrite=True)
    assert (error.value.status_code, error.value.error_code) == (403, "AuthorizationPermissionMismatch")
    for other in (
        token.replace("sp=r", "sp=w"),
        token.replace("2025-01-01T01", "2025-01-01T02"),
        token[:-9] + "AAAAAA%3D",
    ):
        assert other != token
        with pytest.raises(ClientAuthenticationError):
            client("a", other).download_blob()
    if kind in ("blob", "user's"):
        with pytest.raises(ClientAuthenticationError):
            client("b").download_blob()
    backend.clock.sleep(3601)
    with pytest.raises(ClientAuthenticationError) as error:
        client("a").download_blob()
    assert (error.value.status_code, error.value.error_code) == (403, "AuthenticationFailed")


def test_a_signature_may_say_how_a_blob_is_read(backend: MemoryBackend, container: ContainerClient) -> None:
    """Headers in a signature replace the blob's own."""
    container.upload_blob("a", b"x")
    token = generate_blob_sas(
        "account", "con", "a", account_key=KEY, permission="r", expiry=SOON, content_type="text/html"
    )
    found = BlobClient(BLOBS, "con", "a", credential=token, **options(backend)).get_blob_properties()
    assert found.content_settings.content_type == "text/html"


def test_signatures_of_the_service(backend: MemoryBackend) -> None:
    """What `startPendingUpload` gives out opens its container, to write, to list and to read."""
    account = backend.state.accounts["account"]
    client = ContainerClient.from_container_url(
        f"{BLOBS}/con?{account.sign('con', backend.clock.now())}", **options(backend)
    )
    client.upload_blob("a", b"x").set_blob_metadata({"a": "1"})
    assert [item.name for item in client.list_blobs()] == ["a"]
    with pytest.raises(HttpResponseError):
        client.delete_container()


def test_signatures_from_elsewhere_are_trusted() -> None:
    """A signature that the account was told to accept is accepted, whatever the client adds to the query."""
    backend = MemoryBackend()
    backend.add_storage_account("account", containers=["con"], sas=["?sv=2020-01-01&sig=a%2Bb%3D", "nothing"])
    client = ContainerClient(BLOBS, "con", "sv=2020-01-01&sig=a%2Bb%3D", **options(backend))
    client.upload_blob("a", b"x")
    assert [item.name for item in client.list_blobs()] == ["a"]
    with pytest.raises(ClientAuthenticationError):
        ContainerClient(BLOBS, "con", "sv=2020-01-01&sig=other", **options(backend)).upload_blob("a", b"x")


def test_addresses_with_the_account_in_the_path(backend: MemoryBackend) -> None:
    """A client that was led to a machine signs the path with the account in it, and is let in."""
    key = {"account_name": "account", "account_key": KEY}
    service = BlobServiceClient("https://127.0.0.1:1234/account.blob.local", key, **options(backend))
    container = service.get_container_client("con")
    container.upload_blob("a b", b"x")
    assert container.download_blob("a b").readall() == b"x"
    assert [item.name for item in service.list_containers()] == ["con"]


def test_faults_reach_the_client(backend: MemoryBackend, container: ContainerClient) -> None:
    """A fault is the client's own error, and gone the next time."""
    backend.fail(method="PUT", path="*/LocalUpload/*", status=403, code="AuthorizationFailure")
    with pytest.raises(HttpResponseError) as error:
        container.upload_blob("LocalUpload/a", b"x")
    assert (error.value.status_code, error.value.error_code) == (403, "AuthorizationFailure")
    container.upload_blob("LocalUpload/a", b"x")
