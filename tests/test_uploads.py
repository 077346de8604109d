"""Uploads store each content once, at a place named by it, and never anything that was not hashed."""

from __future__ import annotations

import errno
import io
import os
import re
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest
from dict_container import DictContainer

from mlsdk import uploads
from mlsdk.exceptions import AssetException, EmptyDirectoryError, ValidationException
from mlsdk.hashing import asset_source, code_source
from mlsdk.sources import open_source
from mlsdk.transfers import Stopped
from mlsdk.uploads import Upload, upload

if TYPE_CHECKING:
    from mlsdk.sources import Source

MARK = {"upload_status": "completed", "name": "iris", "version": "1"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three files, one ignored."""
    folder = tmp_path / "model"
    (folder / "Data").mkdir(parents=True)
    (folder / "Data" / "empty").write_bytes(b"")
    (folder / "model.pkl").write_bytes(b"weights")
    (folder / "notes.log").write_bytes(b"log")
    (folder / ".amlignore").write_bytes(b"*.log")
    return folder


def store(container: DictContainer, source: Source, **options: Any) -> Upload:
    """Upload as an asset of a datastore."""
    return upload(container, source, f"LocalUpload/{source.digest}", name="iris", version="1", **options)


def test_a_folder_is_stored_below_its_hash_and_name(folder: Path) -> None:
    """Every file that is not ignored is stored, and the first by its local path is marked with the asset."""
    container, source = DictContainer(), asset_source(folder)
    stored = store(container, source)
    place = f"LocalUpload/{source.digest}/model"
    assert container.files == {
        f"{place}/.amlignore": b"*.log",
        f"{place}/Data/empty": b"",
        f"{place}/model.pkl": b"weights",
    }
    assert {name: kept for name, kept in container.metadata.items() if kept} == {f"{place}/.amlignore": MARK}
    assert stored == Upload(place, f"{place}/.amlignore", source.digest, "iris", "1", is_new=True)


def test_a_file_is_stored_below_its_hash(folder: Path) -> None:
    """A file keeps its name and carries the mark itself."""
    container, source = DictContainer(), asset_source(folder / "model.pkl")
    stored = store(container, source)
    assert stored.path == stored.indicator == f"LocalUpload/{source.digest}/model.pkl"
    assert container.files == {stored.path: b"weights"}
    assert container.metadata == {stored.path: MARK}


def test_code_is_stored_at_the_root(folder: Path) -> None:
    """Where a container was lent for the upload, the folder stands in it by its name."""
    container = DictContainer()
    stored = upload(container, code_source(folder), "", name="code", version="1")
    assert stored.path == "model"
    assert sorted(container.files) == ["model/.amlignore", "model/Data/empty", "model/model.pkl"]


def test_without_a_version_the_mark_says_none(folder: Path) -> None:
    """The mark carries the text None for an asset whose version the service chooses, as the official client's does."""
    container, source = DictContainer(), asset_source(folder)
    stored = upload(container, source, "LocalUpload/x", name="iris")
    assert container.metadata[stored.indicator]["version"] == "None"


def test_the_same_content_is_stored_once(folder: Path) -> None:
    """A second upload finds the first, uploads nothing, and says for which asset it was."""
    container, source = DictContainer(), asset_source(folder)
    first = store(container, source)
    container.puts.clear()
    second = upload(container, asset_source(folder), f"LocalUpload/{source.digest}", name="other", version="2")
    assert (second.path, second.name, second.version, second.is_new) == (first.path, "iris", "1", False)
    assert container.puts == []
    assert container.metadata[first.indicator] == MARK


@pytest.mark.parametrize("begun", [".amlignore", "model.pkl"])
def test_an_upload_that_broke_off_is_completed(folder: Path, begun: str) -> None:
    """Without the mark, files are stored again where they differ, whether or not the one to be marked is there."""
    container, source = DictContainer(), asset_source(folder)
    place = f"LocalUpload/{source.digest}/model"
    container.files[f"{place}/{begun}"] = b"half"
    stored = store(container, source)
    assert stored.is_new
    assert container.files[f"{place}/.amlignore"] == b"*.log"
    assert container.files[f"{place}/model.pkl"] == b"weights"
    assert container.metadata[stored.indicator] == MARK


def test_two_uploads_of_one_content_at_once_both_succeed(folder: Path) -> None:
    """What another upload stored in the meantime is taken as stored."""
    source, other = asset_source(folder), DictContainer()

    class Raced(DictContainer):
        def head(self, name: str) -> Any:
            found = super().head(name)
            if not self.files:  # the other upload comes right after the first look
                self.files.update(other.files)
            return found

    store(other, source)
    container = Raced()
    stored = store(container, source)
    assert stored.is_new
    assert container.puts == []
    assert container.files == other.files
    assert container.metadata[stored.indicator] == MARK


def test_many_threads_store_every_file(tmp_path: Path) -> None:
    """Files go up in parallel, all of them, and the progress told only grows, up to the whole."""
    for number in range(300):
        (tmp_path / f"{number}").write_bytes(os.urandom(number))
    container, told = DictContainer(), []
    source = asset_source(tmp_path)
    stored = store(container, source, progress=lambda *steps: told.append(steps), threads=8)
    assert {name.rpartition("/")[2]: content for name, content in container.files.items()} == {
        path.name: path.read_bytes() for path in tmp_path.iterdir()
    }
    assert container.metadata[stored.indicator] == MARK
    assert told == sorted(told)
    assert told[-1] == (source.size, source.size)
    assert len(told) == 300


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    """A folder without a file, or with none that is not ignored, is an error before anything is stored."""
    container = DictContainer()
    (tmp_path / "inner").mkdir()
    with pytest.raises(EmptyDirectoryError, match="is empty"):
        store(container, asset_source(tmp_path))
    assert container.files == {}


def test_a_missing_path_is_refused(tmp_path: Path) -> None:
    """There is nothing to upload where there is nothing, and the error says where."""
    with pytest.raises(ValidationException, match="missing"):
        asset_source(tmp_path / "missing")


@pytest.mark.parametrize("content", [b"WEIGHTS", b"weights and more", b""])
def test_a_file_that_changed_after_it_was_hashed_is_not_stored(folder: Path, content: bytes) -> None:
    """What is stored below a hash is what was hashed; a change in between is an error that names the file."""
    container, source = DictContainer(), asset_source(folder)
    (folder / "model.pkl").write_bytes(content)
    os.utime(folder / "model.pkl", ns=(0, 0))
    with pytest.raises(AssetException, match=r"model\.pkl changed while it was being uploaded"):
        store(container, source)
    assert not any(name.endswith("model.pkl") for name in container.files)
    assert not any(container.metadata.values())


@pytest.mark.parametrize("piece", [None, 1, 3, 7])
def test_a_file_that_changes_while_it_is_read_is_not_stored(folder: Path, piece: int | None) -> None:
    """A change is found at the latest with the last byte, however the file is read, so that nothing is stored."""

    class Slow(DictContainer):
        def put(self, name: str, stream: IO[bytes], **options: Any) -> None:
            head = stream.read(0 if piece is None else piece)
            (folder / "model.pkl").write_bytes(b"WEIGHTS")
            os.utime(folder / "model.pkl", ns=(0, 0))
            while more := stream.read(-1 if piece is None else piece):
                head += more
            super().put(name, stream, **options)

    container = Slow()
    with pytest.raises(AssetException, match=r"model\.pkl changed"):
        store(container, asset_source(folder / "model.pkl"))
    assert container.files == {}


def test_a_large_file_is_stored_whole(tmp_path: Path) -> None:
    """A file that is read in many pieces arrives byte for byte."""
    content = os.urandom(300_000)
    (tmp_path / "large").write_bytes(content)

    class Slow(DictContainer):
        def put(self, name: str, stream: IO[bytes], **options: Any) -> None:
            pieces = iter(lambda: stream.read(7000), b"")
            super().put(name, io.BytesIO(b"".join(pieces)), **options)

    container = Slow()
    stored = store(container, asset_source(tmp_path / "large"))
    assert container.files == {stored.path: content}


def test_a_file_that_cannot_be_opened_is_named(folder: Path) -> None:
    """A file that is gone by the time it is uploaded is an error with its path, and nothing is marked."""
    container, source = DictContainer(), asset_source(folder)
    (folder / "model.pkl").unlink()
    with pytest.raises(FileNotFoundError, match=r"model\.pkl"):
        store(container, source)
    assert not any(container.metadata.values())


@pytest.mark.parametrize("name", ["inner", "inner/file"])
def test_what_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A folder or file that may not be read is an error with its path, never left out."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "file").write_bytes(b"1")
    locked = str(tmp_path / name)
    if os.geteuid():
        Path(locked).chmod(0)
    else:  # nothing is locked for root

        def refusing(call: Any) -> Any:
            def refuse(path: Any, *given: Any, **options: Any) -> Any:
                if os.fspath(path) == locked:
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), locked)
                return call(path, *given, **options)

            return refuse

        monkeypatch.setattr(os, "scandir", refusing(os.scandir))
        monkeypatch.setattr(os, "open", refusing(os.open))
    with pytest.raises(PermissionError, match=f"Permission denied: '{re.escape(locked)}'"):
        asset_source(tmp_path)


def test_progress_is_told_within_large_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large file tells its bytes as they are read, none of them twice when it is sent again."""
    monkeypatch.setattr(uploads, "LARGE", 1000)
    (tmp_path / "large").write_bytes(os.urandom(300_000))

    class Slow(DictContainer):
        def put(self, name: str, stream: IO[bytes], *, overwrite: bool = False, **options: Any) -> None:
            content = b"".join(iter(lambda: stream.read(70_000), b""))
            if not overwrite:
                raise FileExistsError(name)
            super().put(name, io.BytesIO(content), overwrite=overwrite, **options)

    told: list[tuple[int, int]] = []
    store(Slow(), asset_source(tmp_path / "large"), progress=lambda *steps: told.append(steps))
    assert told == sorted(set(told))
    assert len(told) > 3
    assert told[-1] == (300_000, 300_000)


def test_a_file_that_is_read_whole_tells_its_steps_too(tmp_path: Path) -> None:
    """Before it is read, so that what failed elsewhere stops it, and after."""
    (tmp_path / "large").write_bytes(b"x" * 300_000)
    told: list[int] = []
    with open_source(asset_source(tmp_path / "large").files[0], told.append) as stream:
        assert len(stream.read()) == 300_000
    assert (told[0], sum(told)) == (0, 300_000)

    def stopped(_: int) -> None:
        raise Stopped

    with open_source(asset_source(tmp_path / "large").files[0], stopped) as stream, pytest.raises(Stopped):
        stream.read()


def test_what_is_there_is_not_sent_again(folder: Path) -> None:
    """An upload that broke off is found in one listing, and only what differs or is missing is sent."""
    container, source = DictContainer(), asset_source(folder)
    place = f"LocalUpload/{source.digest}/model"
    container.files |= {f"{place}/model.pkl": b"weights", f"{place}/.amlignore": b"*.LOG"}
    assert store(container, source).is_new
    assert sorted(container.puts) == [f"{place}/.amlignore", f"{place}/Data/empty"]
    assert container.files[f"{place}/.amlignore"] == b"*.log"


def test_a_mark_on_the_folder_is_found_under_any_name(folder: Path) -> None:
    """A mark on the folder speaks for its content, but a file or folder of another name is stored under its own."""
    container, source = DictContainer(), asset_source(folder / "model.pkl")
    first = store(container, source, mark="folder")
    assert first.indicator == f"LocalUpload/{source.digest}"
    assert container.metadata[first.indicator] == {"hdi_isfolder": "true", **MARK}
    assert (store(container, source, mark="folder").is_new, len(container.puts)) == (False, 2)
    other = asset_source((folder / "model.pkl").rename(folder / "other.pkl"))
    second = store(container, other, mark="folder")
    assert (second.is_new, container.files[second.path]) == (True, b"weights")
    assert container.metadata[first.indicator] == {"hdi_isfolder": "true", **MARK}


@pytest.mark.parametrize("name", ["model", "model/model.pkl"])
def test_a_file_that_vanished_is_not_marked(folder: Path, name: str) -> None:
    """Where the file to be marked was removed meanwhile, that is an error, and nothing is made up in its place."""

    class Swept(DictContainer):
        def set_metadata(self, name: str, metadata: Any) -> None:
            del self.files[name]
            super().set_metadata(name, metadata)

    container, source = Swept(), asset_source(folder.parent / name)
    with pytest.raises(FileNotFoundError):
        store(container, source)
    assert not any(container.metadata[stored] for stored in container.files)
    assert len(container.files) == len(source.files) - 1


def test_the_mark_carries_any_name(folder: Path) -> None:
    """A name beyond ASCII is escaped in the mark, which travels as a header, and comes back as it was."""
    container, source = DictContainer(), asset_source(folder)
    stored = upload(container, source, "LocalUpload/x", name="größe 1", version="1.0+b")
    assert container.metadata[stored.indicator] == {
        "upload_status": "completed", "name": "gr%C3%B6%C3%9Fe 1", "version": "1.0+b",
    }  # fmt: skip
    again = upload(container, source, "LocalUpload/x", name="other", version="2")
    assert (again.name, again.version, again.is_new) == ("größe 1", "1.0+b", False)


def test_the_first_failure_stops_the_upload(tmp_path: Path) -> None:
    """After a failure no further file is begun, and it is the failure that is raised."""
    for number in range(500):
        (tmp_path / f"{number:03}").write_bytes(b"x")

    class Full(DictContainer):
        def put(self, name: str, stream: IO[bytes], **options: Any) -> None:
            super().put(name, stream, **options)
            if name.endswith("/010"):
                raise ConnectionError(name)

    container = Full()
    with pytest.raises(ConnectionError):
        store(container, asset_source(tmp_path), threads=2)
    assert len(container.files) < 500
    assert not any(container.metadata.values())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("mlsdk-files")]


def test_a_failure_stops_large_files_under_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has failed is told soon: a large file that is on its way is given up, not first sent to its end."""
    monkeypatch.setattr(uploads, "LARGE", 1000)
    for name in ("bad", "good"):
        (tmp_path / name).write_bytes(bytes(1_000_000))
    begun, read = threading.Barrier(2), []

    class Failing(DictContainer):
        def put(self, name: str, stream: IO[bytes], **options: Any) -> None:
            begun.wait(20)
            if name.endswith("/bad"):
                raise ConnectionError(name)
            while piece := stream.read(100_000):
                read.append(len(piece))
                time.sleep(0.1)
            super().put(name, io.BytesIO(), **options)

    container = Failing()
    with pytest.raises(ConnectionError):
        store(container, asset_source(tmp_path))
    assert sum(read) < 1_000_000
    assert container.files == {}


def test_a_mark_on_other_content_is_refused(folder: Path) -> None:
    """A place that no hash names is trusted only if it holds the same, so that code is never run in another version."""
    container = DictContainer()
    upload(container, code_source(folder), "", name="code", version="1")
    assert not upload(container, code_source(folder), "", name="code", version="2").is_new
    (folder / "model.pkl").write_bytes(b"WEIGHTS")
    with pytest.raises(AssetException, match=r"model is stored already with other content of .*model\.pkl"):
        upload(container, code_source(folder), "", name="code", version="2")


def test_content_that_the_hash_leaves_out_is_compared(tmp_path: Path) -> None:
    """A file taken back in from an ignored folder is stored but not hashed; a change of it is not passed over."""
    (tmp_path / "keep").mkdir()
    (tmp_path / "keep" / "me").write_bytes(b"1")
    (tmp_path / ".amlignore").write_bytes(b"keep\n!keep/me")
    container, source = DictContainer(), asset_source(tmp_path)
    assert source.unhashed == {"keep/me"}
    assert store(container, source).is_new
    assert not store(container, asset_source(tmp_path)).is_new
    (tmp_path / "keep" / "me").write_bytes(b"2")
    changed = asset_source(tmp_path)
    assert changed.digest == source.digest
    with pytest.raises(AssetException, match="not part of the hash"):
        store(container, changed)


def test_links_are_stored_as_what_they_lead_to(tmp_path: Path) -> None:
    """A linked folder is stored under the name of the link, a link as the whole source under the folder's own."""
    (tmp_path / "real" / "inner").mkdir(parents=True)
    (tmp_path / "real" / "inner" / "x").write_bytes(b"1")
    (tmp_path / "top").mkdir()
    (tmp_path / "top" / "link").symlink_to(tmp_path / "real")
    (tmp_path / "alias").symlink_to(tmp_path / "top")
    container = DictContainer()
    stored = store(container, asset_source(tmp_path / "alias"))
    assert container.files == {f"{stored.path}/link/inner/x": b"1"}
    assert stored.path.endswith("/top")


def test_metadata_of_a_service_that_knows_no_md5_is_enough(folder: Path) -> None:
    """Where a service has no MD5, the size decides whether what another upload stored is the same."""

    class Sparse(DictContainer):
        def head(self, name: str) -> Any:
            found = super().head(name)
            return found and type(found)(found.name, found.size, found.metadata)

    container, source = Sparse(), asset_source(folder)
    container.files[f"LocalUpload/{source.digest}/model/model.pkl"] = b"weights"
    store(container, source)
    assert sorted(name.rpartition("/")[2] for name in container.puts) == [".amlignore", "empty"]
