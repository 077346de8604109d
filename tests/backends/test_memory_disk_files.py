"""Files of a container that stay on this machine's disk: read in parts, while they grow, and never written."""

from __future__ import annotations

import os
import tracemalloc
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from azure.storage.blob import BlobServiceClient
from storage_clients import BLOBS, LAKE, Http, Token, code, options

from mlsdk.backends.memory import MemoryBackend

if TYPE_CHECKING:
    from pathlib import Path

    from mlsdk.backends.memory.stored_files import StoredFiles

CONTAINER = f"{BLOBS}/con"
LOG = b"first line\nsecond line\n"
NOW = 1.0


@pytest.fixture
def http() -> Http:
    """An account with an empty container, on the system's clock."""
    backend = MemoryBackend()
    backend.add_storage_account("account", containers=["con"])
    return Http(backend)


@pytest.fixture
def files(http: Http) -> StoredFiles:
    """What is in the container."""
    return http.backend.state.accounts["account"].containers["blob/con"]


@pytest.fixture
def log(files: StoredFiles, tmp_path: Path) -> Path:
    """A log on disk, which grows under the name `job/log.txt`."""
    path = tmp_path / "log.txt"
    path.write_bytes(LOG)
    files.link("job/log.txt", path, NOW, growing=True)
    return path


def test_a_log_is_read_while_it_grows(http: Http, log: Path) -> None:
    """Its size is that of the moment, in the container's own interface and over HTTP; another size has another etag."""
    container = http.backend.container(CONTAINER)
    before = http("HEAD", "/con/job/log.txt")
    assert before.headers["content-length"] == str(len(LOG))
    with log.open("ab") as stream:
        stream.write(b"third line\n")
    info = container.head("job/log.txt")
    assert info is not None
    assert (info.size, info.content_md5) == (len(LOG) + 11, None)
    assert container.get("job/log.txt", len(LOG)) == b"third line\n"
    after = http("GET", "/con/job/log.txt", {"Range": f"bytes={len(LOG)}-"})
    assert (after.status, after.body) == (206, b"third line\n")
    assert after.headers["content-range"] == f"bytes {len(LOG)}-{len(LOG) + 10}/{len(LOG) + 11}"
    assert after.headers["etag"] != before.headers["etag"]
    assert http("GET", "/con/job/log.txt", {"If-Match": before.headers["etag"]}).status == 412
    assert http("GET", "/con/job/log.txt").body == LOG + b"third line\n"


def test_what_does_not_change_keeps_its_etag(http: Http, log: Path) -> None:
    """As long as nobody writes the file; also a change that keeps its size is seen."""
    first = http("HEAD", "/con/job/log.txt").headers
    assert http("HEAD", "/con/job/log.txt").headers["etag"] == first["etag"]
    assert http("GET", "/con/job/log.txt", {"If-None-Match": first["etag"]}).status == 304
    log.write_bytes(LOG.upper())
    os.utime(log, (2_000_000_000, 2_000_000_000))
    changed = http("HEAD", "/con/job/log.txt").headers
    assert changed["etag"] != first["etag"]
    assert changed["last-modified"] == "Wed, 18 May 2033 03:33:20 GMT"


def test_a_range_reads_only_the_range(http: Http, files: StoredFiles, tmp_path: Path) -> None:
    """Of 100 MB, what is in memory is what was asked for."""
    large = tmp_path / "large"
    with large.open("wb") as stream:
        stream.truncate(100 << 20)
    files.link("large", large, NOW)
    container = http.backend.container(CONTAINER)
    tracemalloc.start()
    try:
        assert len(container.get("large", 50 << 20, 1 << 20)) == 1 << 20
        assert http("GET", "/con/large", {"Range": "bytes=99999999-100000098"}).body == bytes(100)
        assert [info.size for info in container.list()] == [100 << 20]
        assert http("HEAD", "/con/large").headers["content-length"] == str(100 << 20)
        assert b"<Content-Length>104857600</Content-Length>" in http("GET", "/con?restype=container&comp=list").body
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


def test_a_large_file_is_downloaded_by_azures_own_client(http: Http, files: StoredFiles, tmp_path: Path) -> None:
    """In ranges, all of which are of the same state of it."""
    content = os.urandom(300_000)
    (tmp_path / "model").write_bytes(content)
    files.link("model", tmp_path / "model", NOW)
    with BlobServiceClient(
        BLOBS, Token(), max_single_get_size=100_000, max_chunk_get_size=70_000, **options(http.backend)
    ) as client:
        blob = client.get_blob_client("con", "model")
        assert blob.download_blob(max_concurrency=3).readall() == content
        assert blob.get_blob_properties().size == 300_000


def test_a_file_that_vanished_is_not_there(http: Http, files: StoredFiles, log: Path) -> None:
    """FileNotFoundError, 404, no entry in a list; the name is free for another file."""
    container = http.backend.container(CONTAINER)
    log.unlink()
    assert container.head("job/log.txt") is None
    assert list(container.list()) == []
    with pytest.raises(FileNotFoundError, match=r"job/log\.txt"):
        container.get("job/log.txt")
    with pytest.raises(FileNotFoundError, match=r"job/log\.txt"):
        container.set_metadata("job/log.txt", {})
    for method in ("GET", "HEAD", "DELETE"):
        reply = http(method, "/con/job/log.txt")
        assert (reply.status, reply.headers["x-ms-error-code"]) == (404, "BlobNotFound")
        assert http(method, "/con/job/log.txt", base=LAKE).status == 404
    assert http("PUT", "/con/copy", {"x-ms-copy-source": f"{CONTAINER}/job/log.txt"}).status == 404
    assert b"<Blob>" not in http("GET", "/con?restype=container&comp=list").body
    assert b"log.txt" not in http("GET", "/con?resource=filesystem&recursive=true", base=LAKE).body
    http.put("/con/job/log.txt", b"new", **{"If-None-Match": "*"})
    assert container.get("job/log.txt") == b"new"
    assert [info.name for info in container.list()] == ["job/log.txt"]
    assert not log.exists()
    assert len(files.names("")) == 1


def test_a_file_that_vanishes_while_it_is_asked_for(files: StoredFiles, log: Path) -> None:
    """404 too: whoever holds what was known of it gets an error when it reads, not something else."""
    held = files.get("job/log.txt")
    assert held is not None
    log.unlink()
    for look in (held.open, held.read, lambda: held.size, lambda: held.etag, lambda: held.content):
        with pytest.raises(FileNotFoundError, match=r"log\.txt"):
            look()
    assert not held.is_there


def test_a_log_may_be_named_before_it_is_there(http: Http, files: StoredFiles, tmp_path: Path) -> None:
    """It is there from its first byte on."""
    files.link("soon", tmp_path / "soon", NOW, growing=True)
    assert code(http("GET", "/con/soon")) == "BlobNotFound"
    (tmp_path / "soon").write_bytes(b"")
    assert http("GET", "/con/soon").status == 200
    (tmp_path / "soon").write_bytes(b"x")
    assert http("GET", "/con/soon").body == b"x"


@pytest.mark.parametrize("base", [BLOBS, LAKE])
def test_no_operation_touches_the_file_on_disk(http: Http, log: Path, base: str) -> None:
    """Its metadata is set, it is appended to, overwritten and deleted, and on disk it is as it was."""
    container = http.backend.container(CONTAINER)
    container.set_metadata("job/log.txt", {"kind": "log"})
    assert http("HEAD", "/con/job/log.txt").headers["x-ms-meta-kind"] == "log"
    if base == LAKE:
        append = f"/con/job/log.txt?action=append&position={len(LOG)}&flush=true"
        assert http("PATCH", append, body=b"third\n", base=LAKE).status == 202
        assert container.get("job/log.txt") == LOG + b"third\n"
    container.put("job/log.txt", BytesIO(b"other"), overwrite=True)
    assert container.get("job/log.txt") == b"other"
    assert http("DELETE", "/con/job/log.txt", base=base).status in (200, 202)
    assert container.head("job/log.txt") is None
    assert log.read_bytes() == LOG


def test_an_append_blob_on_disk_goes_on_in_memory(http: Http, files: StoredFiles, log: Path) -> None:
    """What is appended over the storage API is not written to the file of a job."""
    files.link("job/log.txt", log, NOW, type="AppendBlob", growing=True)
    assert http("PUT", "/con/job/log.txt?comp=appendblock", body=b"more").status == 201
    assert http("GET", "/con/job/log.txt").body == LOG + b"more"
    assert log.read_bytes() == LOG


def test_copies_outlive_a_log_and_share_what_does_not_grow(http: Http, files: StoredFiles, log: Path) -> None:
    """A copy of a log is what it was; a copy of any other file is not read until somebody asks for it."""
    (log.parent / "model").write_bytes(b"weights")
    files.link("model", log.parent / "model", NOW, origin="run-1/model")
    for name in ("job/log.txt", "model"):
        assert http("PUT", f"/con/copies/{name}", {"x-ms-copy-source": f"{CONTAINER}/{name}"}).status == 202
    log.write_bytes(b"anew")
    assert http("GET", "/con/copies/job/log.txt").body == LOG
    copied = files.get("copies/model")
    assert copied is not None
    assert (copied.path, copied.origin, copied.content) == (log.parent / "model", "run-1/model", b"weights")
    source = {"x-ms-copy-source": f"{CONTAINER}/model", "x-ms-source-range": "bytes=1-3"}
    assert http("PUT", "/con/blocks?comp=block&blockid=AAAA", source).status == 201
    listed = b"<BlockList><Latest>AAAA</Latest></BlockList>"
    assert http("PUT", "/con/blocks?comp=blocklist", body=listed).status == 201
    assert http("GET", "/con/blocks").body == b"eig"
    assert http("PUT", "/con/moved", {"x-ms-rename-source": "/con/model"}, base=LAKE).status == 201
    assert http("GET", "/con/moved").body == b"weights"


def test_other_content_is_not_what_it_came_from(http: Http, files: StoredFiles, log: Path) -> None:
    """What tells an origin is gone once other bytes are in its place; metadata changes nothing of that."""
    files.link("model", log, NOW, origin="run-1/model")
    http.backend.container(CONTAINER).set_metadata("model", {"a": "b"})
    changed = files.get("model")
    assert changed is not None
    assert changed.origin == "run-1/model"
    http("PATCH", f"/con/model?action=append&position={len(LOG)}&flush=true", body=b"x", base=LAKE)
    changed = files.get("model")
    assert changed is not None
    assert (changed.origin, changed.path) == ("", None)


def test_where_folders_are_real_a_linked_file_makes_them(tmp_path: Path) -> None:
    """And a file stands in the way of a folder as any other does."""
    backend = MemoryBackend()
    backend.add_storage_account("account", containers=["con"], hierarchical=True)
    files = backend.state.accounts["account"].containers["blob/con"]
    (tmp_path / "x").write_bytes(b"x")
    files.link("a/b/x", tmp_path / "x", NOW)
    assert files.is_folder("a/b")
    with pytest.raises(FileExistsError, match="'a/b' is a folder"):
        files.link("a/b", tmp_path / "x", NOW)
    with pytest.raises(FileExistsError, match="'a/b/x' is a file"):
        files.link("a/b/x/y", tmp_path / "x", NOW)


def test_a_snapshot_keeps_the_path(http: Http, log: Path) -> None:
    """What is restored shows the file on disk as it is then."""
    snapshot = http.backend.snapshot()
    http.backend.container(CONTAINER).put("job/log.txt", BytesIO(b"other"), overwrite=True)
    http.backend.restore(snapshot)
    log.write_bytes(b"later")
    assert http.backend.container(CONTAINER).get("job/log.txt") == b"later"


def test_a_file_that_may_not_be_read_is_a_refusal(http: Http, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """403 with the path on disk, also where the file exists and can be listed."""

    def forbidden(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(type(log), "open", forbidden)
    reply = http("GET", "/con/job/log.txt")
    assert (reply.status, code(reply)) == (403, "AuthorizationPermissionMismatch")
    assert str(log) in reply.body.decode()
