"""One file of a container: what it holds and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

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
    def is_folder(self) -> bool:
        """Whether it only stands for a folder."""
        return not self.content and marks_folder(self.metadata)


def marks_folder(metadata: Mapping[str, str]) -> bool:
    """Whether metadata says of an empty file that it stands for a folder."""
    return any(key.lower() == FOLDER_MARK and value.lower() == "true" for key, value in metadata.items())
