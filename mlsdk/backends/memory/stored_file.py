"""One file of a container: what it holds and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, TYPE_CHECKING

import attrs

from mlsdk.backends.memory.held import Held

if TYPE_CHECKING:
    from pathlib import Path

CONTENT_TYPE = "application/octet-stream"
FOLDER_MARK = "hdi_isfolder"
"""The metadata that makes an empty file stand for a folder, in Data Lake and in Hadoop's clients."""


@attrs.frozen(kw_only=True)
class StoredFile:
    """One file, in memory or on this machine's disk.

    What is known of it is never changed in place: whoever holds one keeps what was stored when it asked. Bytes on disk are read
    when they are asked for, and may have grown or gone since.

    It is what `mlsdk.local.work.StoredContent` describes. Where its file on disk has vanished, everything that looks at the
    bytes (`size`, `etag`, `modified`, `read`, `open`, `content`) raises FileNotFoundError; `StoredFiles.get` gives none then.
    """

    name: str
    held: Held
    """The bytes, or the path on disk where they are."""
    metadata: Mapping[str, str]
    content_md5: bytes | None
    """None where nobody has told or computed it, as of most files on disk."""
    noted_etag: str
    """The etag, of a file on disk its beginning only."""
    created: float
    noted_modified: float
    """When this backend last wrote it or what is known of it."""
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
    origin: str = ""
    """Tells the content from any other, where whoever linked the file knew something that does: equal where the content is
    the same. Empty where nothing was said."""

    @property
    def size(self) -> int:
        """Bytes; of a file on disk, as it is now."""
        return self.held.size

    @property
    def path(self) -> Path | None:
        """Where it is on this machine's disk; None while it is only in memory."""
        return self.held.path

    @property
    def is_there(self) -> bool:
        """Whether it can be read: a file on disk may have vanished."""
        return self.held.is_there

    @property
    def etag(self) -> str:
        """Without the quotation marks it has in headers. Another one whenever the file on disk is not as it was before."""
        changed = self.held.changed
        return self.noted_etag if changed is None else f"{self.noted_etag}-{changed[0]:X}-{changed[1]:X}"

    @property
    def modified(self) -> float:
        """When it, or what is known of it, was last written, in seconds since 1970."""
        changed = self.held.changed
        return self.noted_modified if changed is None else max(self.noted_modified, changed[1] / 1e9)

    @property
    def content(self) -> bytes:
        """All of its bytes; `read` and `open` spare the memory where it is on disk."""
        return self.held.read()

    @property
    def is_folder(self) -> bool:
        """Whether it only stands for a folder."""
        return marks_folder(self.metadata) and not self.size

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Up to `length` bytes from `offset` on, all of the rest when None; fewer at the end."""
        return self.held.read(offset, length)

    def open(self) -> IO[bytes]:
        """Its bytes, from the first one on."""
        return self.held.open()


def marks_folder(metadata: Mapping[str, str]) -> bool:
    """Whether metadata says of an empty file that it stands for a folder."""
    return any(key.lower() == FOLDER_MARK and value.lower() == "true" for key, value in metadata.items())
