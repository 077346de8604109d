"""Hashes name content: what counts changes them, what does not leaves them, and what cannot be hashed is named."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mlsdk import hashing
from mlsdk.exceptions import ValidationException

MODEL = {
    "MLmodel": "flavors: {}\n",
    "data/model.pkl": "weights",
    "Data.txt": "",
    "notes.log": "log",
    ".amlignore": "*.log\n",
}
Hash = Callable[[Path], str]
HASHES = (hashing.asset_hash, hashing.code_hash)


def write(folder: Path, files: dict[str, str]) -> Path:
    """Make the folder with these files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_hashes_stay_what_they_are(tmp_path: Path) -> None:
    """What was stored by any client, at any time, is found again: the hashes of a known folder and file are fixed."""
    folder = write(tmp_path / "model", MODEL)
    assert hashing.asset_hash(folder) == "10d5ce31a7c29c15774ebbb4e5c027eab47aabb301703a9554df43f4dc55c542"
    assert hashing.code_hash(folder) == "711e39eccc0dae99dda5c6d32d2abef89bcaced832c2423dae933fc273476975"
    assert hashing.asset_hash(folder / "MLmodel") == "36e66f5f9ad48d742f076e3d160ccf5776f2254995f747d8643198b9da30ec87"
    assert hashing.code_hash(folder / "MLmodel") == "51fd9c23fa302c93b06e404445c3e02450d33b90f360ca8484a980668af26ee2"


def test_names_from_content_stay_what_they_are() -> None:
    """What has no name is given the name that it was always given."""
    conda, inference, zeros = "name: e\n", "port: 80\n", "0" * 64
    image = hashing.environment_version("ubuntu:22.04")
    with_conda = hashing.environment_version("ubuntu:22.04", conda)
    with_both = hashing.environment_version("ubuntu:22.04", conda, inference)
    assert image == "8572c0d1256327d102a551a9efb331be20eb33dbb64beae87d71128fc5d457ff"
    assert with_conda == "f8713caa3911b253ea9963c68e2f9b54134e4d6c755407fb8a346cecf59d2b1c"
    assert with_both == "0ba48ad16ab6afd971c872ef0f78859f0c3cde108721b22f2f7eb22a92c69eae"
    double = "632500b1742987815bf1e7ebc49d1da6ed2dd9659623bef3f9b96bf5e75ab702"
    assert hashing.build_context_version(zeros) == hashing.model_name(hashing.model_name(zeros)) == double
    with_dockerfile = hashing.build_context_version(zeros, "Dockerfile")
    assert with_dockerfile == "5961268e269c25423a26e387ce80fa473dd8786ec27244d1b35bdf3776322d95"
    spec = {"name": "n", "version": "1", "id": "i", "command": "echo", "type": "command"}
    assert hashing.component_version(spec) == "51b5f1cd-e1c7-da5a-96ff-73332baab81e"
    assert hashing.client_component_hash(spec) == "4c41d16f-f389-4988-2b4b-6d136e5988d5"


def test_large_content_counts_in_its_order(tmp_path: Path) -> None:
    """Content that is hashed in batches beside the reading counts whole and in order: the hashes are their formulas."""
    contents = {f"{size}": os.urandom(size) for size in (0, 1, 2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20 + 5)}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    ordered = sorted(contents.items())
    seed = b"Initialize for october 2021 AML CLI version"
    asset = hashlib.sha256(seed + b"".join(name.encode() + content for name, content in ordered))
    heading = "6" + "".join(f"#{name}#{len(content)}" for name, content in ordered)
    code = hashlib.sha256(heading.encode() + b"".join(content for _, content in ordered))
    assert hashing.asset_hash(tmp_path) == asset.hexdigest()
    assert hashing.code_hash(tmp_path) == code.hexdigest()


@pytest.mark.parametrize("content_hash", HASHES)
def test_every_file_that_is_left_in_counts(tmp_path: Path, content_hash: Hash) -> None:
    """A changed content, a new name and a new file each change the hash; what is ignored does not."""
    folder = write(tmp_path / "model", MODEL)
    first = content_hash(folder)
    write(folder, {"notes.log": "other", "data/more.log": "new"})
    assert content_hash(folder) == first
    write(folder, {"data/model.pkl": "Weights"})
    changed = content_hash(folder)
    (folder / "data").rename(folder / "other")
    moved = content_hash(folder)
    write(folder, {"empty": ""})
    assert len({first, changed, moved, content_hash(folder)}) == 4


@pytest.mark.parametrize("content_hash", HASHES)
def test_links_count_as_what_they_lead_to(tmp_path: Path, content_hash: Hash) -> None:
    """A folder with links has the hash of the same folder without, and a link to it has it too."""
    plain = write(tmp_path / "plain", {"a/x": "1", "b": "2"})
    linked = write(tmp_path / "linked", {"elsewhere/x": "1", "elsewhere/y": "2"}) / "folder"
    linked.mkdir()
    (linked / "a").symlink_to(plain / "a")
    (linked / "b").symlink_to(linked.parent / "elsewhere" / "y")
    (tmp_path / "link").symlink_to(plain)
    assert content_hash(linked) == content_hash(plain) == content_hash(tmp_path / "link")


FILES = ["a.py", "a.log", "data/a.py", "data/deep/a.py", "sub/data/b.py"]


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        pytest.param({}, FILES, id="nothing is ignored"),
        pytest.param({".amlignore": "*.py"}, ["a.log"], id="a name at any depth"),
        pytest.param({".amlignore": "/*.py"}, FILES[1:], id="a leading slash means the root"),
        pytest.param({".amlignore": "data/"}, ["a.py", "a.log"], id="a folder's name"),
        pytest.param({".amlignore": "data/a.py"}, [*FILES[:2], *FILES[3:]], id="a path counts from the root"),
        pytest.param({".amlignore": "data/**/a.py"}, ["a.py", "a.log", "sub/data/b.py"], id="any folders between"),
        pytest.param({".amlignore": "**/"}, ["a.py", "a.log"], id="any folder"),
        pytest.param({".amlignore": "?.py"}, ["a.log"], id="one character"),
        pytest.param({".amlignore": "[!b].py"}, ["a.log", "sub/data/b.py"], id="any character but some"),
        pytest.param({".amlignore": "*.py\n!a.py"}, FILES[:4], id="an exclamation mark takes back in"),
        pytest.param({".amlignore": "!a.py\n*.py"}, ["a.log"], id="the last pattern decides"),
        pytest.param({".amlignore": "# *.py\n\n  *.log  \n"}, [FILES[0], *FILES[2:]], id="comments, blanks and spaces"),
        pytest.param({".gitignore": "*.py"}, ["a.log"], id=".gitignore without an .amlignore"),
        pytest.param({".amlignore": "*.log", ".gitignore": "*.py"}, [FILES[0], *FILES[2:]], id=".amlignore alone"),
        pytest.param({"data/.amlignore": "*.py"}, FILES, id="inner ignore files do not count"),
        pytest.param({".amlignore": "\ufeff*.py"}, ["a.log"], id="a byte order mark"),
    ],
)
def test_ignore_files_leave_files_out(tmp_path: Path, ignore: dict[str, str], left: list[str]) -> None:
    """Which files an upload takes follows from the ignore file at the root; that file itself is taken too."""
    folder = write(tmp_path, {**dict.fromkeys(FILES, ""), **ignore})
    expected = sorted([*left, *ignore])
    assert sorted(file.name for file in hashing.asset_source(folder).files) == expected
    assert sorted(file.name for file in hashing.code_source(folder).files) == expected


def test_further_patterns_come_after_the_ignore_file(tmp_path: Path) -> None:
    """A component's code leaves out compiled Python, even where its ignore file takes it in."""
    folder = write(tmp_path, {".amlignore": "!__pycache__", "a.py": "", "sub/__pycache__/a.pyc": ""})
    names = {file.name for file in hashing.code_source(folder, hashing.COMPONENT_IGNORES).files}
    assert names == {".amlignore", "a.py"}
    assert hashing.code_hash(folder, hashing.COMPONENT_IGNORES) != hashing.code_hash(folder)


@pytest.mark.parametrize("content_hash", HASHES)
@pytest.mark.parametrize("pattern", ["a\\", "!", "[z-a]"])
def test_a_line_that_is_no_pattern_is_shown(tmp_path: Path, content_hash: Hash, pattern: str) -> None:
    """A wrong line of an ignore file is an error that names file and line, not a file that is uploaded after all."""
    folder = write(tmp_path, {".amlignore": f"*.log\n{pattern}\n", "a": ""})
    place = re.escape(f"{folder}{os.sep}.amlignore:2: {pattern!r}")
    with pytest.raises(ValidationException, match=place):
        content_hash(folder)


def test_an_ignore_file_that_is_no_text_is_shown(tmp_path: Path) -> None:
    """An ignore file in another encoding is an error that names it."""
    (tmp_path / ".amlignore").write_bytes("größe".encode("latin-1"))
    with pytest.raises(ValidationException, match=r"\.amlignore is not UTF-8"):
        hashing.asset_hash(tmp_path)


@pytest.mark.parametrize("content_hash", HASHES)
def test_a_path_that_leads_nowhere_is_named(tmp_path: Path, content_hash: Hash) -> None:
    """Nothing has no hash."""
    with pytest.raises(ValidationException, match=re.escape(str(tmp_path / "missing"))):
        content_hash(tmp_path / "missing")


@pytest.mark.parametrize("content_hash", HASHES)
def test_a_folder_without_end_is_named(tmp_path: Path, content_hash: Hash) -> None:
    """A link back to a folder around it ends in an error, not in a walk without end."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "back").symlink_to(tmp_path / "a")
    with pytest.raises(ValidationException, match=r"back is a link back to"):
        content_hash(tmp_path)


def test_what_cannot_be_stored_is_named(tmp_path: Path) -> None:
    """A link to nothing and a pipe are errors, unless they are ignored."""
    folder = write(tmp_path / "folder", {"a": "1"})
    (folder / "link").symlink_to(tmp_path / "nothing")
    with pytest.raises(ValidationException, match=r"link is a link to .*nothing"):
        hashing.code_hash(folder)
    with pytest.raises(ValidationException, match=r"link is a link to .*nothing"):
        hashing.asset_source(folder)
    assert hashing.asset_hash(folder) != hashing.asset_hash(write(tmp_path / "plain", {"a": "1"}))
    write(folder, {".amlignore": "link"})
    assert {file.name for file in hashing.asset_source(folder).files} == {"a", ".amlignore"}
    os.mkfifo(folder / "pipe")
    with pytest.raises(ValidationException, match="pipe is neither a file nor a folder"):
        hashing.code_hash(folder)


@pytest.mark.parametrize("content_hash", HASHES)
def test_a_name_that_is_no_text_is_shown(tmp_path: Path, content_hash: Hash) -> None:
    """A file name that cannot be sent is an error that shows it."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")).write_text("")
    with pytest.raises(ValidationException, match=r"udcff.* is not UTF-8"):
        content_hash(tmp_path)


@pytest.mark.parametrize("content_hash", HASHES)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content_hash: Hash, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failing disk says which file it failed at."""
    folder = write(tmp_path, {"a": "1", "broken": "2"})
    read, broken = os.read, (folder / "broken").stat().st_ino

    def failing(descriptor: int, length: int) -> bytes:
        if os.fstat(descriptor).st_ino == broken:
            raise OSError(5, "Input/output error")
        return read(descriptor, length)

    monkeypatch.setattr(os, "read", failing)
    with pytest.raises(OSError, match=r"Input/output error: .*broken"):
        content_hash(folder)
