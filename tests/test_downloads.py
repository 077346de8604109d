"""Downloads write what was stored, whole and checked, and never outside the folder asked for."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from dict_container import DictContainer
from hypothesis import given
from hypothesis import strategies as st

from mlsdk import downloads
from mlsdk.downloads import download
from mlsdk.exceptions import AssetException
from mlsdk.hashing import asset_source
from mlsdk.uploads import upload

FILES = {"m/a": b"1", "m/deep/b": b"2", "m/empty": b"", "m2/c": b"3", "single": b"4"}


def written(folder: Path) -> dict[str, bytes]:
    """The files below a folder by their paths."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("m", {"a": b"1", "deep/b": b"2", "empty": b""}),
        ("m/", {"a": b"1", "deep/b": b"2", "empty": b""}),
        ("m/deep/b", {"b": b"2"}),
        ("single", {"single": b"4"}),
        ("", FILES),
    ],
)
def test_a_path_comes_whole(tmp_path: Path, path: str, expected: dict[str, bytes]) -> None:
    """A file comes under its name, a folder with all below it and nothing beside it, the root with everything."""
    files = download(DictContainer(FILES), path, tmp_path / "new" / "folder")
    assert written(tmp_path) == {f"new/folder/{name}": content for name, content in expected.items()}
    assert files == [tmp_path / "new" / "folder" / name for name in sorted(expected)]


NAMES = st.text(st.characters(exclude_characters="/\0\\:", exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda name: name not in {".", ".."} and len(name.encode()) < 200
)
TREES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map(tuple), st.binary(max_size=50), min_size=1, max_size=6
)


@given(TREES)
def test_what_was_uploaded_comes_back_byte_for_byte(tree: dict[tuple[str, ...], bytes]) -> None:
    """Any folder is the same after an upload and a download."""
    with tempfile.TemporaryDirectory() as base:
        source, back = Path(base, "source"), Path(base, "back")
        source.mkdir()
        for parts, content in tree.items():
            target = source.joinpath(*parts)
            if not any(parent.is_file() for parent in target.parents) and not target.is_dir():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        (source / ".amlignore").write_bytes(b"")
        container = DictContainer()
        stored = upload(container, asset_source(source), "LocalUpload/x", name="n", version="1")
        download(container, stored.path, back)
        assert written(back) == written(source)


def test_large_files_come_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large file is asked for piece by piece and put together, whatever is left for the last."""
    asked = []

    class Asked(DictContainer):
        def get(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
            asked.append((offset, length))
            return super().get(name, offset, length)

    monkeypatch.setattr(downloads, "PIECE", 1000)
    content = os.urandom(2500)
    download(Asked({"large": content}), "large", tmp_path)
    assert (tmp_path / "large").read_bytes() == content
    assert sorted(asked) == [(0, 1000), (1000, 1000), (2000, 500)]


def test_several_pieces_of_a_large_file_come_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of one file are fetched side by side and written in order, and the progress told within the file grows."""
    together, told = threading.Barrier(4), []

    class Waiting(DictContainer):
        def get(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
            together.wait(20)
            return super().get(name, offset, length)

    monkeypatch.setattr(downloads, "PIECE", 1000)
    monkeypatch.setattr(downloads, "AT_ONCE", 4)
    content = os.urandom(7500)
    download(Waiting({"large": content}), "large", tmp_path, progress=lambda *steps: told.append(steps))
    assert (tmp_path / "large").read_bytes() == content
    assert told == [(done, 7500) for done in (1000, 2000, 3000, 4000, 5000, 6000, 7000, 7500)]


@pytest.mark.parametrize("path", ["missing", "m/missing", "m/dee", "singl"])
def test_nothing_to_download_is_an_error(tmp_path: Path, path: str) -> None:
    """Where there is nothing, also where a name only begins like it, it is an error that says so, never silence."""
    with pytest.raises(ResourceNotFoundError, match=path):
        download(DictContainer(FILES), path, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_an_empty_container_is_an_error(tmp_path: Path) -> None:
    """A download of everything from a container without a file is an error."""
    with pytest.raises(ResourceNotFoundError):
        download(DictContainer(), "", tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "m/../../escaped",
        "m/..",
        "m//escaped",
        "m/./escaped",
        "m//tmp/escaped",
        "m/..\\..\\escaped",
        "m/a\\..\\..\\escaped",
        "m/C:\\escaped",
        "m/C:/escaped",
        "m/\\\\server\\share\\escaped",
        "m/nul\0escaped",
    ],
)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    """A stored name that leads out of the folder, here or on Windows, is an error before anything is written."""
    with pytest.raises(AssetException, match="does not stay inside"):
        download(DictContainer({"m/a": b"1", name: b"2"}), "m", tmp_path / "folder")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["/etc/escaped", "../escaped"])
def test_absolute_names_are_refused(tmp_path: Path, name: str) -> None:
    """A download of a whole container does not follow names out of the folder either."""
    with pytest.raises(AssetException, match="does not stay inside"):
        download(DictContainer({name: b"2"}), "", tmp_path / "folder")
    assert list(tmp_path.iterdir()) == []


def test_two_files_for_one_place_are_refused(tmp_path: Path) -> None:
    """Where a file and a folder have one name, neither is quietly lost."""
    with pytest.raises(AssetException, match="'m' and 'm/m' would both become"):
        download(DictContainer({"m": b"1", "m/m": b"2"}), "m", tmp_path / "folder")


@pytest.mark.parametrize("deeper", ["m/a/b", "m/a/b/c"])
def test_a_file_in_the_place_of_a_folder_is_refused_before_anything_is_written(tmp_path: Path, deeper: str) -> None:
    """A container without true folders may hold both; and one may stand here from before."""
    folder = tmp_path / "folder"
    with pytest.raises(AssetException, match=r"'m/a' would become .*, which is a folder; download one of them alone"):
        download(DictContainer({"m/a": b"1", deeper: b"2"}), "m", folder)
    assert not folder.exists()
    (folder / "a").mkdir(parents=True)
    with pytest.raises(AssetException, match="which is a folder"):
        download(DictContainer({"m/a": b"1"}), "m", folder)


def test_links_in_the_folder_lead_nowhere(tmp_path: Path) -> None:
    """A link to a folder outside is not followed, and one in the place of a file is replaced, not written through."""
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (outside / "kept").write_bytes(b"kept")
    (folder / "a").symlink_to(outside / "kept")
    download(DictContainer({"m/a": b"new"}), "m", folder)
    assert ((folder / "a").read_bytes(), (outside / "kept").read_bytes()) == (b"new", b"kept")
    (folder / "deep").symlink_to(outside)
    for name in ("m/deep/b", "m/deep/inner/b"):
        with pytest.raises(AssetException, match="leads out of"):
            download(DictContainer({name: b"2"}), "m", folder)
    assert written(outside) == {"kept": b"kept"}
    (tmp_path / "alias").symlink_to(folder)
    download(DictContainer({"m/a": b"newer"}), "m", tmp_path / "alias")
    assert (folder / "a").read_bytes() == b"newer"


class Broken(DictContainer):
    """Gives other content than it says."""

    def get(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        """Give a wrong piece of every file `bad…`."""
        content = super().get(name, offset, length)
        return content if "bad" not in name else content[:-1] if "short" in name else content.swapcase()


@pytest.mark.parametrize(("name", "said"), [("bad short", "bytes instead of"), ("bad", "MD5")])
def test_wrong_content_is_never_written(tmp_path: Path, name: str, said: str) -> None:
    """A file that comes short or altered is an error; the file from before stays, and nothing half is left."""
    (tmp_path / name).write_bytes(b"before")
    with pytest.raises(AssetException, match=said):
        download(Broken({f"m/{name}": b"after"}), "m", tmp_path)
    assert written(tmp_path) == {name: b"before"}


def test_a_download_replaces_what_is_there(tmp_path: Path) -> None:
    """Files of the same name are replaced, other files stay."""
    (tmp_path / "a").write_bytes(b"a much longer content from before")
    (tmp_path / "other").write_bytes(b"other")
    download(DictContainer(FILES), "m/a", tmp_path)
    assert written(tmp_path) == {"a": b"1", "other": b"other"}


def test_markers_of_folders_become_folders(tmp_path: Path) -> None:
    """The empty files that stand for folders in hierarchical accounts are not written as files."""
    container = DictContainer({"m": b"", "m/empty": b"", "m/other/": b"", "m/deep": b"", "m/deep/b": b"2"})
    for name in ("m", "m/empty", "m/deep"):
        container.metadata[name] = {"hdi_isfolder": "true"}
    download(container, "m", tmp_path)
    assert written(tmp_path) == {"deep/b": b"2"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "empty", "other"]


def test_progress_is_told(tmp_path: Path) -> None:
    """The bytes told grow up to the whole, on many threads too."""
    told: list[Any] = []
    container = DictContainer({f"m/{number}": os.urandom(number) for number in range(100)})
    download(container, "m", tmp_path, progress=lambda *steps: told.append(steps), threads=4)
    assert told == sorted(told)
    assert told[-1] == (4950, 4950)
    assert len(written(tmp_path)) == 100
