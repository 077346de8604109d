"""The official client gives the same hashes to the same files, and would store them under the same names."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from azure.ai.ml._utils._asset_utils import (
    get_content_hash,
    get_ignore_file,
    get_object_hash,
    get_upload_files_from_folder,
)
from azure.ai.ml._utils._pathspec import GitWildMatchPattern, GitWildMatchPatternError
from azure.ai.ml._utils.utils import hash_dict
from azure.ai.ml.entities import BuildContext, Environment
from azure.ai.ml.entities._component.code import ComponentIgnoreFile
from azure.ai.ml.entities._util import get_sha256_string
from hypothesis import given
from hypothesis import strategies as st

from mlsdk import hashing, uploads
from mlsdk.ignore import ignore_rules, translate
from mlsdk.sources import folder_files

NAMES = st.sampled_from(
    [
        "a",
        "A",
        "b",
        "B.py",
        "b.py",
        "data",
        "Data",
        "é",
        "É.txt",
        "ß",
        "日本",
        ".hidden",
        "a b",
        "Σς",
        "x.log",
        "__pycache__",
    ]
)
CONTENT = st.one_of(st.just(b""), st.binary(max_size=40), st.just(b"x" * 3000))
TREES = st.recursive(
    st.dictionaries(NAMES, CONTENT, max_size=4),
    lambda inner: st.dictionaries(NAMES, st.one_of(CONTENT, inner), max_size=5),
    max_leaves=12,
)
GLOBS = [
    "a",
    "b.py",
    "*",
    "**",
    "*.py",
    "?",
    "[ab]",
    "[!a]",
    "[^a]",
    "data",
    "d*",
    ".hidden",
    "x.log",
    "É.txt",
    "a b",
    "日*",
]
PATTERNS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "!", "# ", "  "]),
    st.sampled_from(["", "/"]),
    st.lists(st.sampled_from(GLOBS), min_size=1, max_size=3).map("/".join),
    st.sampled_from(["", "/", "  "]),
)
IGNORE_FILES = st.dictionaries(
    st.sampled_from([".amlignore", ".gitignore", "data/.amlignore"]), st.lists(PATTERNS, max_size=4).map("\n".join)
)
LINKS = st.lists(st.tuples(NAMES, st.integers(0, 30)), max_size=3)


def write(folder: Path, tree: dict[str, Any]) -> None:
    """Make the folder with what the tree holds."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in tree.items():
        if isinstance(content, dict):
            write(folder / name, content)
        else:
            (folder / name).write_bytes(content)


def build(base: Path, tree: dict[str, Any], ignores: dict[str, str], links: list[tuple[str, int]]) -> Path:
    """A folder with a tree, ignore files, and links at its root to files and folders of its own and outside."""
    root = base / "Root"
    write(root, tree)
    write(base / "outside", {"a": b"outside", "data": {"b.py": b"deep", "x.log": b"log"}})
    for name, text in ignores.items():
        if (root / name).parent.is_dir():
            (root / name).write_text(text, encoding="utf-8")
    targets = [*sorted(root.rglob("*")), base / "outside", base / "outside" / "data", base / "outside" / "a"]
    for name, choice in links:
        if not os.path.lexists(root / f"link {name}"):
            (root / f"link {name}").symlink_to(targets[choice % len(targets)])
    return root


@given(TREES, IGNORE_FILES, LINKS)
def test_folders_have_the_official_hashes(
    tree: dict[str, Any], ignores: dict[str, str], links: list[tuple[str, int]]
) -> None:
    """Both hashes of a folder are the official ones, whatever its names, links and ignore files."""
    with tempfile.TemporaryDirectory() as base:
        root = build(Path(base).resolve(), tree, ignores, links)
        assert hashing.asset_hash(root) == get_object_hash(root, get_ignore_file(root))
        assert hashing.code_hash(root) == get_content_hash(root, get_ignore_file(root))
        assert hashing.asset_source(root).digest == hashing.asset_hash(root)
        assert hashing.code_source(root).digest == hashing.code_hash(root)
        component = get_content_hash(root, ComponentIgnoreFile(root))
        assert hashing.code_hash(root, hashing.COMPONENT_IGNORES) == component


@given(TREES, IGNORE_FILES, LINKS)
def test_folders_are_stored_under_the_official_names(
    tree: dict[str, Any], ignores: dict[str, str], links: list[tuple[str, int]]
) -> None:
    """The same files go to the same names, and the mark to the same file."""
    with tempfile.TemporaryDirectory() as base:
        root = build(Path(base).resolve(), tree, ignores, links)
        official = sorted(get_upload_files_from_folder(root, prefix="Root/", ignore_file=get_ignore_file(root)))
        ours = folder_files(str(root), ignore_rules(str(root)))
        assert sorted((file.path, f"Root/{file.name}") for file in ours) == official
        if official:
            container = Mock(**{"head.return_value": None, "list.return_value": []})
            stored = uploads.upload(container, hashing.code_source(root), "", name="name")
            assert (stored.path, stored.indicator) == ("Root", official[0][1])


@given(TREES, IGNORE_FILES)
def test_folders_reached_over_a_link_have_the_official_hash(tree: dict[str, Any], ignores: dict[str, str]) -> None:
    """A link to a folder, and an ignore file that is a link, count as they do there."""
    with tempfile.TemporaryDirectory() as base:
        root = build(Path(base).resolve(), tree, {}, [])
        for name, text in ignores.items():
            if "/" not in name:
                (root.parent / name).write_text(text, encoding="utf-8")
                (root / name).symlink_to(root.parent / name)
        link = root.parent / "link"
        link.symlink_to(root)
        assert hashing.asset_hash(link) == get_object_hash(link, get_ignore_file(link))
        assert hashing.code_hash(link) == get_content_hash(link, get_ignore_file(link))


@given(CONTENT)
def test_single_files_have_the_official_hashes(content: bytes) -> None:
    """A file, and a link to it, have the official hashes."""
    with tempfile.TemporaryDirectory() as base:
        file, link = Path(base).resolve() / "File.bin", Path(base).resolve() / "link"
        file.write_bytes(content)
        link.symlink_to(file)
        for path in (file, link):
            assert hashing.asset_hash(path) == get_object_hash(path, get_ignore_file(path))
            assert hashing.code_hash(path) == get_content_hash(path, get_ignore_file(path))


def test_large_files_have_the_official_hashes(tmp_path: Path) -> None:
    """Content that is read and hashed in several pieces comes out the same."""
    for number, size in enumerate([1, 2**20 - 1, 2**20, 2**20 + 1, 5 * 2**20 + 17]):
        (tmp_path / f"{number}").write_bytes(os.urandom(size))
    assert hashing.asset_hash(tmp_path) == get_object_hash(tmp_path)
    assert hashing.code_hash(tmp_path) == get_content_hash(tmp_path)


TOKENS = [
    "a",
    "b",
    "*",
    "**",
    "?",
    "/",
    "!",
    "[ab]",
    "[!a]",
    "[^a]",
    "[]a]",
    "[",
    "]",
    "\\",
    "#",
    " ",
    ".",
    "É",
    "a-c",
    "&&",
]
PATHS = st.lists(
    st.sampled_from(["a", "b", "ab", ".a", "a.b", "É", "!", "^", "]", "..", "a-c", "&"]), min_size=1, max_size=4
)


@given(st.lists(st.sampled_from(TOKENS), max_size=6).map("".join), PATHS.map("/".join))
def test_patterns_mean_what_they_mean_officially(pattern: str, path: str) -> None:
    """A line of an ignore file matches the same paths, or is refused, as by the official client."""
    try:
        official = GitWildMatchPattern(pattern)
    except GitWildMatchPatternError:
        with pytest.raises(ValueError, match=r"escapes nothing|nothing follows"):
            translate(pattern)
        return
    expression, leaves_out = translate(pattern) or (None, None)
    assert leaves_out == official.include
    if expression is not None:
        assert bool(re.match(expression, path)) == bool(official.match_file(path))


@pytest.mark.parametrize("conda", [None, {"name": "e", "dependencies": ["python=3.11", {"pip": ["numpy"]}]}])
@pytest.mark.parametrize("inference", [None, {"liveness_route": {"port": 80, "path": "/"}}])
def test_anonymous_environments_have_the_official_version(conda: Any, inference: Any) -> None:
    """An environment without a name is named by its image, its conda file and its inference configuration."""
    import yaml

    official = Environment(image="ubuntu:22.04", conda_file=conda, inference_config=inference)
    official._is_anonymous = True
    conda_yaml = official._translated_conda_file if conda else None
    official._generate_anonymous_name_version("image", conda_file=conda_yaml, inference_config=inference)
    inference_yaml = yaml.dump(inference, sort_keys=True) if inference else None
    assert hashing.environment_version("ubuntu:22.04", conda_yaml, inference_yaml) == official.version


@pytest.mark.parametrize("dockerfile", [None, "docker/Dockerfile"])
def test_anonymous_build_contexts_have_the_official_version(tmp_path: Path, dockerfile: str | None) -> None:
    """An environment with a build context is named by its files and its Dockerfile."""
    (tmp_path / "Dockerfile").write_text("FROM scratch")
    official = Environment(build=BuildContext(path=tmp_path, dockerfile_path=dockerfile))
    official._upload_hash = hashing.asset_hash(tmp_path)
    official._generate_anonymous_name_version("build")
    given_dockerfile = official.build.dockerfile_path
    assert hashing.build_context_version(hashing.asset_hash(tmp_path), given_dockerfile) == official.version


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(min_size=1), inner, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["name", "id", "version", "command", "inputs", "é"]), JSON))
def test_components_have_the_official_hash(spec: dict[str, Any]) -> None:
    """The version of an anonymous component, and the hash that a named one carries, are the official ones."""
    assert hashing.component_version(spec) == hash_dict(spec, keys_to_omit=["name", "id", "version"])
    assert hashing.client_component_hash(spec) == hash_dict(spec, keys_to_omit=["version"])


def test_anonymous_models_have_the_official_name() -> None:
    """A model without a name is named by the hash of its hash."""
    assert hashing.model_name("0" * 64) == get_sha256_string("0" * 64)
