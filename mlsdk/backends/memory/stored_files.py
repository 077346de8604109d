"""The files of one container: what each holds, what is known of it, and their names in order."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, insort
from collections.abc import Mapping
from typing import Any

import attrs

from mlsdk.backends import BlobInfo

CONTENT_TYPE = "application/octet-stream"
FOLDER_MARK = "hdi_isfolder"
"""The metadata that makes an empty file stand for a folder, in Data Lake and in Hadoop's clients."""


@attrs.frozen(kw_only=True)
class StoredFile:
    """One file. It is never changed in place: whoever holds one keeps what was stored when it asked."""

    name: str
    content: bytes = attrs.field(repr=False)
    metadata: Mapping[str, str]
    content_md5: bytes | None
    etag: str
    """Without the quotation marks it has in headers."""
    created: float
    modified: float
    type: str = "BlockBlob"
    """`BlockBlob` or `AppendBlob`."""
    settings: Mapping[str, str] = attrs.field(factory=lambda: {"content-type": CONTENT_TYPE})
    """Headers that reading it brings: `content-type`, `content-encoding`, `content-language`, `content-disposition`,
    `cache-control`; those that were set."""
    blocks: tuple[tuple[str, int], ...] = ()
    """The blocks it was put together from, in order: names (in Base64) and sizes. For an append blob, what was appended."""
    tier: str | None = None
    """The access tier that was set; None while it is the account's own."""
    copied: Mapping[str, str] = attrs.field(factory=dict)
    """What tells of the copy it came from, `x-ms-copy-…`."""

    @property
    def info(self) -> BlobInfo:
        """A description of its own for every caller."""
        return BlobInfo(self.name, len(self.content), dict(self.metadata), self.content_md5)

    @property
    def is_folder(self) -> bool:
        """Whether it only stands for a folder."""
        return not self.content and any(
            key.lower() == FOLDER_MARK and value.lower() == "true" for key, value in self.metadata.items()
        )


class StoredFiles:
    """The files of one container, what waits to become files, and what is known of the container itself."""

    def __init__(self) -> None:
        self.files: dict[str, StoredFile] = {}
        self.metadata: dict[str, str] = {}
        self.modified: float | None = None
        """When the container was made or its metadata changed; told the first time that somebody asks."""
        self.etag = ""
        self.staged: dict[str, dict[str, bytes]] = {}
        """Blocks that wait to be put together, by the file's name and their own."""
        self.appended: dict[str, dict[int, bytes]] = {}
        """What was appended in the data lake's way and waits to be flushed, by the file's name and its place."""
        self._names: list[str] | None = None
        self._revision = 0

    def __repr__(self) -> str:
        return f"StoredFiles({len(self.files)})"

    def put(self, name: str, content: bytes, metadata: Mapping[str, str], now: float, **known: Any) -> StoredFile:
        """Take a whole file in, in the place of one of the same name; what waited for that name is forgotten."""
        before = self.files.get(name)
        if before is None and self._names is not None:
            insort(self._names, name)
        known.setdefault("content_md5", hashlib.md5(content, usedforsecurity=False).digest())
        stored = self.files[name] = StoredFile(
            name=name,
            content=content,
            metadata=dict(metadata),
            etag=self.next_etag(now),
            created=now if before is None else before.created,
            modified=now,
            **known,
        )
        self.staged.pop(name, None)
        self.appended.pop(name, None)
        return stored

    def change(self, name: str, now: float, **changes: Any) -> StoredFile:
        """Change what is known of a file; KeyError without one. A folder stays one whatever metadata it is given."""
        before = self.files[name]
        if before.is_folder and "metadata" in changes:
            changes["metadata"] = {**changes["metadata"], FOLDER_MARK: "true"}
        stored = self.files[name] = attrs.evolve(  # noqa: TID251 -- no entity: nothing to keep beside its fields
            before, modified=now, etag=self.next_etag(now), **changes
        )
        return stored

    def retier(self, name: str, tier: str) -> None:
        """Move a file to another access tier, which changes nothing else; KeyError without one."""
        self.files[name] = attrs.evolve(self.files[name], tier=tier)  # noqa: TID251 -- no entity

    def take(self, stored: StoredFile, name: str) -> None:
        """Take a file in as it is, under another name, in the place of one that has it."""
        if name not in self.files and self._names is not None:
            insort(self._names, name)
        self.files[name] = attrs.evolve(stored, name=name)  # noqa: TID251 -- no entity

    def remove(self, name: str) -> None:
        """Forget a file; KeyError without one."""
        del self.files[name]
        self.appended.pop(name, None)
        if self._names is not None:
            del self._names[bisect_left(self._names, name)]

    def next_etag(self, now: float) -> str:
        """An etag that no file of this container had before, whatever was restored in between."""
        self._revision += 1
        return f"0x8{int(now * 1e6) & 0xFFFFFFFFF:09X}{self._revision & 0xFFFFF:05X}"

    def names(self, prefix: str) -> list[str]:
        """The names that start with `prefix`, sorted."""
        names = self._sorted()
        begin = bisect_left(names, prefix)
        end = begin
        while end < len(names) and names[end].startswith(prefix):
            end += 1
        return names[begin:end]

    def page(self, prefix: str, delimiter: str, start: str, limit: int) -> tuple[list[str | StoredFile], str | None]:
        """Up to `limit` files whose name starts with `prefix`, from the name `start` on, and the name that comes next.

        With a delimiter, all names that go on after it are one text, the common prefix, instead of files.
        """
        names = self._sorted()
        position = bisect_left(names, max(prefix, start))
        found: list[str | StoredFile] = []
        while position < len(names) and names[position].startswith(prefix):
            name = names[position]
            if len(found) == limit:
                return found, name
            cut = name.find(delimiter, len(prefix)) if delimiter else -1
            if cut < 0:
                found.append(self.files[name])
                position += 1
            else:
                folder = name[: cut + len(delimiter)]
                found.append(folder)
                position = bisect_left(names, folder[:-1] + chr(ord(folder[-1]) + 1))
        return found, None

    def _sorted(self) -> list[str]:
        if self._names is None:
            self._names = sorted(self.files)
        return self._names
