"""The content of files and folders as hashes, the official client's, so that the same content is stored once.

Two hashes of files (`asset_hash` for what goes to a datastore, `code_hash` for code snapshots), and the names that
things without a name are given from their content.
"""

# Paths as text: for thousands of files they are several times as fast as Path objects.
# ruff: noqa: PTH100, PTH112, PTH119

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mlsdk.ignore import IgnoreRules, ignore_rules
from mlsdk.sources import Source, SourceFile, existing, folder_files, linked_folder, single_file, unusable

COMPONENT_IGNORES = ("__pycache__",)
"""Patterns that count for a component's code beside those of its ignore file."""

Update = Callable[[bytes], object]
"""Takes the next bytes into a hash."""

_ASSET_SEED = b"Initialize for october 2021 AML CLI version"
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_FIRST = 1 << 16
"""Bytes read at first: most files are smaller, and so much room is found sooner than for a piece."""
_PIECE = 1 << 20


def asset_hash(path: str | os.PathLike[str]) -> str:
    """The hash that names the place of a file or folder in a datastore: 64 hexadecimal digits.

    A folder counts by the names and contents of all that its ignore file leaves in. ValidationException when there is
    nothing at `path`.
    """
    return _asset_digest(existing(path))


def asset_source(path: str | os.PathLike[str]) -> Source:
    """A file or folder with its `asset_hash` and what an upload of it stores."""
    text = existing(path)
    # Looked at before it is hashed: what changes from here on no longer is what was looked at, and the upload sees it.
    if not os.path.isdir(text):
        file = single_file(text)
        return Source(_name(text), is_folder=False, digest=_asset_digest(text), files=(file,))
    files = tuple(folder_files(text, ignore_rules(text)))
    hashed: set[str] = set()
    digest = _asset_digest(text, hashed)
    unhashed = frozenset(file.name for file in files if file.path not in hashed)
    return Source(_name(os.path.realpath(text)), is_folder=True, digest=digest, files=files, unhashed=unhashed)


def code_hash(path: str | os.PathLike[str], also_ignored: tuple[str, ...] = ()) -> str:
    """The hash by which a code snapshot is found again: 64 hexadecimal digits.

    `also_ignored` are patterns after those of the ignore file (`COMPONENT_IGNORES` for a component's code).
    ValidationException when there is nothing at `path`.
    """
    return _code_digest(_code_files(existing(path), also_ignored))


def code_source(path: str | os.PathLike[str], also_ignored: tuple[str, ...] = ()) -> Source:
    """A file or folder with its `code_hash` and what an upload of it stores."""
    text = existing(path)
    files = _code_files(text, also_ignored)
    folder = os.path.isdir(text)
    name = _name(os.path.realpath(text) if folder else text)
    return Source(name, is_folder=folder, digest=_code_digest(files), files=tuple(files))


def _name(path: str) -> str:
    return os.path.basename(os.path.abspath(path))


# -- files and folders ---------------------------------------------------------------------------------------------
def _asset_digest(path: str, hashed: set[str] | None = None) -> str:
    """The asset hash; the real paths of the files that count are added to `hashed`."""
    digest = hashlib.sha256(_ASSET_SEED)
    if os.path.isdir(path):
        rules, real = ignore_rules(path), os.path.realpath(path)
        # The rules are asked with the path as given: where that leads over a link, the official client's do not match.
        _hash_folder(digest.update, real, rules.prefix(path), rules, (real,), hashed)
    else:
        _hash_file(digest.update, path)
    return digest.hexdigest()


def _hash_folder(
    update: Update, folder: str, prefix: str, rules: IgnoreRules, above: tuple[str, ...], hashed: set[str] | None
) -> None:
    """Add all entries in the order of their names, and what they hold; nothing separates one from the next.

    `folder` is without links; `prefix` is how the rules know it, and `above` are it and the folders around it.
    """
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=_lower_name)
    for entry in ordered:
        name, path = entry.name, entry.path
        if rules.rules and rules.exclude(prefix + name):
            continue
        update(_encoded(name, path))
        linked = entry.is_symlink()
        if entry.is_file():
            _hash_file(update, path)
            if hashed is not None:
                hashed.add(os.path.realpath(path) if linked else path)
        elif entry.is_dir():
            inside = linked_folder(path, above) if linked else path
            below = rules.prefix(inside) if linked else f"{prefix}{name}/"
            _hash_folder(update, inside, below, rules, (*above, inside), hashed)


def _lower_name(entry: os.DirEntry[str]) -> str:
    return entry.name.lower()


def _hash_file(update: Update, path: str) -> None:
    """Add the content of a file. OSError, with the path, when it cannot be read."""
    descriptor = os.open(path, _READ)
    try:
        piece = os.read(descriptor, _FIRST)
        while piece:
            update(piece)
            piece = os.read(descriptor, _PIECE)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    finally:
        os.close(descriptor)


def _code_files(path: str, also_ignored: tuple[str, ...]) -> list[SourceFile]:
    if os.path.isdir(path):
        real = os.path.realpath(path)
        return folder_files(real, ignore_rules(real, also_ignored))
    return [single_file(path)]


def _code_digest(files: list[SourceFile]) -> str:
    """The count, then every name and size, then every content; in the order of the names."""
    ordered = sorted(files, key=lambda file: file.name.lower())
    heading = [str(len(ordered)).encode()]
    heading += [b"#%b#%d" % (_encoded(file.name, file.path), file.size) for file in ordered]
    digest = hashlib.sha256(b"".join(heading))
    for file in ordered:
        _hash_file(digest.update, file.path)
    return digest.hexdigest()


def _encoded(name: str, path: str) -> bytes:
    try:
        return name.encode()
    except UnicodeEncodeError:
        message = f"{path!r} has a name that is not UTF-8; rename it"
        raise unusable(message) from None


# -- names from content --------------------------------------------------------------------------------------------
def model_name(digest: str) -> str:
    """The name of a model without one, from the `asset_hash` of its files."""
    return _sha256(digest)


def environment_version(image: str, conda_yaml: str | None = None, inference_yaml: str | None = None) -> str:
    """The version of an environment without a name: of its image and its YAML texts, whose keys are sorted."""
    parts = [_sha256(text) for text in (image, inference_yaml, conda_yaml) if text]
    return _sha256(_interleaved(parts))


def build_context_version(digest: str, dockerfile_path: str | None = None) -> str:
    """The version of an environment without a name: of its build context's `asset_hash` and the Dockerfile in it."""
    return _sha256(_interleaved([_sha256(text) for text in (digest, dockerfile_path) if text]))


def component_version(spec: Mapping[str, Any]) -> str:
    """The version of a component without a name: a UUID of its definition, with the ids of code and environment."""
    return _uuid_of(spec, ("name", "id", "version"))


def pipeline_component_version(spec: Mapping[str, Any]) -> str:
    """The version of a pipeline component without a name: a UUID of its `componentSpec`, its steps resolved."""
    return _uuid_of(spec, ("name", "_source", "id", "version"))


def client_component_hash(spec: Mapping[str, Any]) -> str:
    """What a named component sends as `properties.client_component_hash`: a UUID of all but its version."""
    return _uuid_of(spec, ("version",))


def _interleaved(digests: list[str]) -> str:
    """Each digest put between all characters of the next, from the first on: odd, but what the service knows."""
    text = ""
    for digest in digests:
        text = text.join(digest)
    return text


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _uuid_of(spec: Mapping[str, Any], omitted: Iterable[str]) -> str:
    import json
    import uuid

    left = {key: value for key, value in spec.items() if key not in omitted}
    return str(uuid.UUID(hashlib.sha256(json.dumps(left, sort_keys=True).encode()).hexdigest()[:32]))
