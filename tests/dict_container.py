"""A container in a dict, which remembers what was asked of it."""

from __future__ import annotations

import hashlib
import threading
from typing import IO, TYPE_CHECKING

from mlsdk.backends import BlobInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class DictContainer:
    """The smallest container that keeps its promises."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self.files: dict[str, bytes] = dict(files or {})
        self.metadata: dict[str, dict[str, str]] = {}
        self.puts: list[str] = []
        self.lock = threading.Lock()

    def put(
        self, name: str, stream: IO[bytes], *, metadata: Mapping[str, str] | None = None, overwrite: bool = False
    ) -> None:
        """Store all of `stream` or nothing."""
        content = stream.read()
        with self.lock:
            if name in self.files and not overwrite:
                raise FileExistsError(name)
            self.files[name] = content
            self.metadata[name] = dict(metadata or {})
            self.puts.append(name)

    def get(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        """Give a piece of a file."""
        if name not in self.files:
            raise FileNotFoundError(name)
        return self.files[name][offset : None if length is None else offset + length]

    def head(self, name: str) -> BlobInfo | None:
        """Say what is known of a file."""
        if name not in self.files:
            return None
        content = self.files[name]
        digest = hashlib.md5(content, usedforsecurity=False).digest()
        return BlobInfo(name, len(content), self.metadata.get(name, {}), digest)

    def list(self, prefix: str = "") -> Iterator[BlobInfo]:
        """Give the files whose names begin with `prefix`."""
        return iter([info for name in sorted(self.files) if name.startswith(prefix) and (info := self.head(name))])

    def set_metadata(self, name: str, metadata: Mapping[str, str]) -> None:
        """Replace the metadata of a file."""
        if name not in self.files:
            raise FileNotFoundError(name)
        self.metadata[name] = dict(metadata)
