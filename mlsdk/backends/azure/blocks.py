"""Large files in blocks, several on their way at once, which become a file together when the last has arrived.

A block's name holds its number and its MD5, so blocks that an upload left behind when it broke off are taken again by the
next one of the same content, and two uploads of the same content at once are no trouble to each other.
"""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from azure.core import MatchConditions
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobBlock, ContentSettings

from mlsdk.backends.azure.storage_errors import code_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from concurrent.futures import Future

    from azure.storage.blob import BlobClient

SIZE = 4 << 20
"""Bytes of a block, as in the official client."""
MOST = 50_000
"""How many blocks a file may have."""
AT_ONCE = 4
"""How many blocks of one file are on their way at a time."""
CONTENT_TYPE = "application/octet-stream"


def size_for(total: int | None) -> int:
    """Bytes of a block for a file of `total` bytes: larger ones only where the service's limit asks for them."""
    return SIZE if total is None else max(SIZE, -(-total // MOST))


def store(blob: BlobClient, pieces: Iterable[bytes], *, metadata: Mapping[str, str] | None, overwrite: bool) -> None:
    """Store the pieces as one file, with the MD5 of the whole. What reading them raises comes out, and no file is made.

    Azure's own error when there is a file already, unless `overwrite`.
    """
    there = _left_behind(blob)
    names, whole = [], hashlib.md5(usedforsecurity=False)
    under_way: deque[Future[Any]] = deque()
    with ThreadPoolExecutor(AT_ONCE, "mlsdk-blocks") as pool:
        for number, piece in enumerate(pieces):
            whole.update(piece)
            digest = hashlib.md5(piece, usedforsecurity=False).digest()
            name = f"{number:05}{digest.hex()}"
            names.append(name)
            if there.get(name) == len(piece):
                continue
            if len(under_way) == AT_ONCE:
                under_way.popleft().result()
            checked = {"Content-MD5": base64.b64encode(digest).decode()}
            under_way.append(pool.submit(blob.stage_block, name, piece, headers=checked))
        for block in under_way:
            block.result()
    conditions: dict[str, Any] = {} if overwrite else {"match_condition": MatchConditions.IfMissing}
    blob.commit_block_list(
        [BlobBlock(name) for name in names],
        content_settings=ContentSettings(content_type=CONTENT_TYPE, content_md5=bytearray(whole.digest())),
        metadata=dict(metadata or {}),
        **conditions,
    )


def _left_behind(blob: BlobClient) -> dict[str, int]:
    """The blocks that wait for a file of this name, and their sizes."""
    try:
        _, waiting = blob.get_block_list("uncommitted")
    except ResourceNotFoundError as error:
        if code_of(error) != "BlobNotFound":
            raise
        return {}
    return {str(block.id): block.size for block in waiting}
