"""Uploads to and downloads from a real blob server: many files, large ones, those that break off, and the official client's."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mlsdk.downloads import download
from mlsdk.hashing import asset_source
from mlsdk.uploads import Upload, upload

if TYPE_CHECKING:
    from azurite import Azurite

    from mlsdk.backends.azure.storage import BlobContainer
    from mlsdk.sources import Source

pytest_plugins = ["azurite"]

MARK = {"upload_status": "completed", "name": "iris", "version": "1"}

UPLOADS_TEN_FILES_AND_WAITS = """
import sys, time
from mlsdk.backends.azure.storage import BlobContainer
from mlsdk.hashing import asset_source
from mlsdk.uploads import upload

class Slow(BlobContainer):
    done = 0
    def put(self, *given, **options):
        if self.done == 10:
            print("ten are stored", flush=True)
            time.sleep(600)
        super().put(*given, **options)
        self.done += 1

source = asset_source(sys.argv[1])
upload(Slow(sys.argv[2], sys.argv[3]), source, f"LocalUpload/{source.digest}", name="iris", version="1", threads=1)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of 40 files at two levels, the first of them empty, with an ignore file and what it ignores."""
    folder = tmp_path / "content"
    (folder / "deep").mkdir(parents=True)
    for number in range(38):
        (folder / "deep" / f"{number:02}.bin").write_bytes(os.urandom(number))
    (folder / ".amlignore").write_bytes(b"*.log\n")
    (folder / "größe.txt").write_bytes(b"1")
    (folder / "ignored.log").write_bytes(b"2")
    return folder


def store(container: BlobContainer, source: Source, **options: Any) -> Upload:
    """Upload as an asset of a datastore."""
    return upload(container, source, f"LocalUpload/{source.digest}", name="iris", version="1", **options)


def files_of(folder: Path) -> dict[str, bytes]:
    """The files below a folder by their paths."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def counting(container: BlobContainer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are sent to a container from now on."""
    sent: list[str] = []
    put = container.put

    def counted(name: str, *given: Any, **options: Any) -> None:
        sent.append(name)
        put(name, *given, **options)

    monkeypatch.setattr(container, "put", counted)
    return sent


@pytest.mark.parametrize("content", [b"", b"1"])
def test_a_file_of_no_byte_or_one(azurite: Azurite, tmp_path: Path, content: bytes) -> None:
    """The smallest files go up, carry the mark, and come back."""
    container = azurite.container()
    (tmp_path / "small").write_bytes(content)
    stored = store(container, asset_source(tmp_path / "small"))
    found = container.head(stored.path)
    assert found is not None
    assert (found.size, found.metadata) == (len(content), MARK)
    assert found.content_md5 == hashlib.md5(content, usedforsecurity=False).digest()
    download(container, stored.path, tmp_path / "back")
    assert files_of(tmp_path / "back") == {"small": content}


def test_a_thousand_files(azurite: Azurite, tmp_path: Path) -> None:
    """A thousand files go up and come back, all of them, and again nothing is sent."""
    folder, container = tmp_path / "many", azurite.container()
    folder.mkdir()
    for number in range(1000):
        (folder / f"{number:04}").write_bytes(os.urandom(1000))
    told: list[tuple[int, int]] = []
    stored = store(container, asset_source(folder), progress=lambda *steps: told.append(steps))
    assert told == [(1000 * number, 1_000_000) for number in range(1, 1001)]
    assert not store(container, asset_source(folder)).is_new
    assert len(download(container, stored.path, tmp_path / "back")) == 1000
    assert files_of(tmp_path / "back") == files_of(folder)


def test_a_file_of_300_megabytes(azurite: Azurite, tmp_path: Path) -> None:
    """A large file goes up in blocks and comes back in pieces, both told in small steps, and its MD5 is stored."""
    large, container = tmp_path / "large", azurite.container()
    with large.open("wb") as file:
        for number in range(3):
            file.seek(number * 100_000_000)
            file.write(os.urandom(1000))
        file.truncate(300_000_000)
    up: list[tuple[int, int]] = []
    down: list[tuple[int, int]] = []
    source = asset_source(large)
    stored = store(container, source, progress=lambda *steps: up.append(steps))
    found = container.head(stored.path)
    assert found is not None
    assert (found.size, found.metadata) == (300_000_000, MARK)
    assert found.content_md5 is not None
    download(container, stored.path, tmp_path / "back", progress=lambda *steps: down.append(steps))
    assert asset_source(tmp_path / "back" / "large").digest == source.digest
    for told in (up, down):
        assert len(told) > 30
        assert told == sorted(told)
        assert told[-1] == (300_000_000, 300_000_000)


def test_an_upload_that_was_killed_is_completed(
    azurite: Azurite, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a kill nothing is marked; the second try sends only what is missing, and then all is there."""
    url, source = azurite.new(), asset_source(folder)
    with subprocess.Popen(
        [sys.executable, "-c", UPLOADS_TEN_FILES_AND_WAITS, str(folder), url, azurite.key],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ten are stored\n"
        process.send_signal(signal.SIGKILL)
    container = azurite.container(url)
    left = list(container.list())
    assert len(left) == 10
    assert not any(info.metadata for info in left)
    sent = counting(container, monkeypatch)
    stored = store(container, source)
    assert (stored.is_new, len(sent)) == (True, 30)
    assert not {info.name for info in left} & set(sent)
    download(container, stored.path, folder.parent / "back")
    expected = files_of(folder)
    del expected["ignored.log"]
    assert files_of(folder.parent / "back") == expected
    assert not store(container, source).is_new


def test_what_a_broken_upload_left_wrong_is_replaced(azurite: Azurite, folder: Path) -> None:
    """A file of the right name and size but other content is sent again."""
    container, source = azurite.container(), asset_source(folder)
    wrong = f"LocalUpload/{source.digest}/content/deep/07.bin"
    with (folder / "deep" / "08.bin").open("rb") as other:
        other.seek(1)
        container.put(wrong, other)
    store(container, source)
    assert container.get(wrong) == (folder / "deep" / "07.bin").read_bytes()


def test_two_uploads_of_one_content_at_once(azurite: Azurite, folder: Path) -> None:
    """Two uploads of one folder at the same moment both succeed, and everything is there once."""
    url, source = azurite.new(), asset_source(folder)
    barrier = threading.Barrier(2)
    outcomes: list[Upload] = []

    def run() -> None:
        container = azurite.container(url)
        barrier.wait(20)
        outcomes.append(store(container, source))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({stored.path for stored in outcomes}) == 1
    assert len(outcomes) == 2
    stored = {info.name: info for info in azurite.container(url).list()}
    assert len(stored) == 40
    assert stored[outcomes[0].indicator].metadata == MARK


def test_a_folder_of_an_account_with_true_folders_is_marked(azurite: Azurite, folder: Path) -> None:
    """For Data Lake Gen2 the mark is on the folder of the hash; the same content under another name is stored beside."""
    container, source = azurite.container(), asset_source(folder)
    stored = store(container, source, mark="folder")
    assert stored.indicator == f"LocalUpload/{source.digest}"
    marked = [info for info in container.list() if info.metadata]
    assert [(info.name, info.size) for info in marked] == [(stored.indicator, 0)]
    assert marked[0].metadata == {"hdi_isfolder": "true", **MARK}
    assert not store(container, source, mark="folder").is_new
    other = asset_source(folder.rename(folder.with_name("renamed")))
    assert other.digest == source.digest
    again = store(container, other, mark="folder")
    assert (again.is_new, again.path) == (True, f"LocalUpload/{source.digest}/renamed")
    assert len(download(container, again.path, folder.parent / "back")) == 40


# -- with the official client ------------------------------------------------------------------------------------


@pytest.fixture
def official(azurite: Azurite) -> Any:
    """The official client's own upload to a container: called with the address of the container."""
    helper = pytest.importorskip("azure.ai.ml._artifacts._blob_storage_helper", reason="azure-ai-ml is not installed")
    from azure.ai.ml._utils._asset_utils import get_ignore_file, get_object_hash

    def store_officially(url: str, source: Path) -> dict[str, str]:
        account, _, container = url.rpartition("/")
        client = helper.BlobStorageClient(azurite.key, account, container)
        ignored = get_ignore_file(source)
        digest = get_object_hash(source, ignored)
        return client.upload(  # type: ignore[no-any-return]
            str(source), "iris", "1", asset_hash=digest, ignore_file=ignored, show_progress=False
        )

    return store_officially


@pytest.mark.parametrize("inside", ["", "deep/07.bin"])
def test_what_the_official_client_uploaded_is_there_for_ours(
    azurite: Azurite, official: Any, folder: Path, inside: str
) -> None:
    """A file or folder that the official client uploaded is found under its place and its mark, and nothing is sent."""
    url = azurite.new()
    theirs = official(url, folder / inside)
    ours = store(azurite.container(url), asset_source(folder / inside))
    assert (ours.path, ours.indicator) == (theirs["remote path"], theirs["indicator file"])
    assert (ours.name, ours.version, ours.is_new) == ("iris", "1", False)


@pytest.mark.parametrize("inside", ["", "deep/07.bin"])
def test_what_ours_uploaded_is_there_for_the_official_client(
    azurite: Azurite, official: Any, folder: Path, inside: str
) -> None:
    """The official client finds our upload done, and what both store is the same to the MD5 and the metadata."""
    ours, theirs = azurite.new(), azurite.new()
    stored = upload(
        azurite.container(ours), source := asset_source(folder / inside), f"LocalUpload/{source.digest}",
        name="other", version="7",
    )  # fmt: skip
    found = official(ours, folder / inside)
    assert (found["remote path"], found["indicator file"]) == (stored.path, stored.indicator)
    assert (found["name"], found["version"]) == ("other", "7")
    official(theirs, folder / inside)
    marks = [{info.name: info.metadata for info in azurite.container(url).list()} for url in (ours, theirs)]
    sums = [
        {info.name: (info.size, info.content_md5) for info in azurite.container(url).list()} for url in (ours, theirs)
    ]
    assert sums[0] == sums[1]
    assert marks[0] == {
        name: {**mark, "name": "other", "version": "7"} if mark else {} for name, mark in marks[1].items()
    }
