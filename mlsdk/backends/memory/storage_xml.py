"""The documents of XML that the blob service answers and takes."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from mlsdk.backends.memory.clock import http_date
from mlsdk.backends.memory.storage_errors import StorageError
from mlsdk.backends.memory.storage_exchange import resource_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlsdk.backends.memory.stored_file import StoredFile
    from mlsdk.backends.memory.stored_files import StoredFiles

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no document of XML can hold, not even escaped."""
SETTING_TAGS = {
    "content-type": "Content-Type",
    "content-encoding": "Content-Encoding",
    "content-language": "Content-Language",
    "content-disposition": "Content-Disposition",
    "cache-control": "Cache-Control",
}
LEASE = "<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState>"


def _tag(name: str, text: object) -> str:
    return f"<{name}>{escape(str(text))}</{name}>"


def _name(text: str) -> str:
    """The name of a blob, in percent-encoding where XML cannot hold it."""
    if ILLEGAL.search(text):
        return f'<Name Encoded="true">{escape(quote(text, safe="/"))}</Name>'
    return _tag("Name", text)


def _metadata(metadata: Mapping[str, str]) -> str:
    return f"<Metadata>{''.join(_tag(name, value) for name, value in metadata.items())}</Metadata>"


def page(
    endpoint: str, container: str | None, asked: Mapping[str, str], content: str, next_marker: str | None
) -> str:  # fmt: skip
    """A page of a list: whose, what was asked for (by the names of the elements), what was found, and where it goes on."""
    attributes = f"ServiceEndpoint={quoteattr(endpoint)}"
    if container is not None:
        attributes += f" ContainerName={quoteattr(container)}"
    said = "".join(_tag(name, value) for name, value in asked.items() if value)
    return (
        f"<EnumerationResults {attributes}>{said}{content}{_tag('NextMarker', next_marker or '')}</EnumerationResults>"
    )


def containers(found: Iterable[tuple[str, StoredFiles]], now: float, *, metadata: bool) -> str:
    """The containers in a list of them; one that nobody has asked after yet was made `now`."""
    items = []
    for name, files in found:
        modified = now if files.modified is None else files.modified
        properties = (
            _tag("Last-Modified", http_date(modified))
            + _tag("Etag", f'"{files.etag}"')
            + LEASE
            + "<HasImmutabilityPolicy>false</HasImmutabilityPolicy><HasLegalHold>false</HasLegalHold>"
        )
        more = _metadata(files.metadata) if metadata else ""
        items.append(f"<Container>{_tag('Name', name)}<Properties>{properties}</Properties>{more}</Container>")
    return f"<Containers>{''.join(items)}</Containers>"


def blobs(found: Sequence[str | StoredFile], *, metadata: bool, typed: bool) -> str:
    """The blobs and common prefixes in a list of them; `typed` where names are hierarchical and folders are listed too."""
    return f"<Blobs>{''.join(_blob(item, metadata=metadata, typed=typed) for item in found)}</Blobs>"


def _blob(item: str | StoredFile, *, metadata: bool, typed: bool) -> str:
    if isinstance(item, str):
        return f"<BlobPrefix>{_name(item)}</BlobPrefix>"
    md5 = "" if item.content_md5 is None else base64.b64encode(item.content_md5).decode()
    properties = [
        _tag("Creation-Time", http_date(item.created)),
        _tag("Last-Modified", http_date(item.modified)),
        _tag("Etag", item.etag),
        _tag("ResourceType", resource_type(item)) if typed else "",
        _tag("Content-Length", item.size),
        *(_tag(tag, item.settings.get(header, "")) for header, tag in SETTING_TAGS.items()),
        _tag("Content-MD5", md5),
        _tag("BlobType", item.type),
        tier(item),
        LEASE,
        "<ServerEncrypted>true</ServerEncrypted>",
    ]
    more = _metadata(item.metadata) if metadata else ""
    return f"<Blob>{_name(item.name)}<Properties>{''.join(properties)}</Properties>{more}</Blob>"


def tier(item: StoredFile) -> str:
    """The access tier, which is the account's own where none was set; append blobs have none."""
    if item.type != "BlockBlob":
        return ""
    inferred = "" if item.tier else "<AccessTierInferred>true</AccessTierInferred>"
    return _tag("AccessTier", item.tier or "Hot") + inferred


def block_list(committed: Iterable[tuple[str, int]] | None, waiting: Iterable[tuple[str, int]] | None) -> str:
    """The blocks of a blob: those it consists of, and those that wait; None for what was not asked for."""
    parts = ""
    for name, blocks in (("CommittedBlocks", committed), ("UncommittedBlocks", waiting)):
        if blocks is not None:
            items = "".join(f"<Block>{_tag('Name', block)}{_tag('Size', size)}</Block>" for block, size in blocks)
            parts += f"<{name}>{items}</{name}>"
    return f"<BlockList>{parts}</BlockList>"


def delegation_key(fields: Mapping[str, str]) -> str:
    """A user's key to sign with."""
    return f"<UserDelegationKey>{''.join(_tag(name, value) for name, value in fields.items())}</UserDelegationKey>"


def read_block_list(body: bytes) -> list[tuple[str, str]]:
    """The blocks that a blob is to consist of: where each is found (`Committed`, `Uncommitted`, `Latest`) and its name."""
    root = _read(body, "BlockList")
    if any(item.tag not in ("Committed", "Uncommitted", "Latest") for item in root):
        raise StorageError(400, "InvalidXmlDocument")
    return [(item.tag, (item.text or "").strip()) for item in root]


def read_key_info(body: bytes) -> tuple[str, str]:
    """From when and until when a user's key is to hold, as it was written."""
    root = _read(body, "KeyInfo")
    return (root.findtext("Start") or "").strip(), (root.findtext("Expiry") or "").strip()


def _read(body: bytes, name: str) -> ET.Element:
    try:
        root = ET.fromstring(body)  # noqa: S314 -- what this process sends to itself
    except (ET.ParseError, ValueError, LookupError):
        raise StorageError(400, "InvalidXmlDocument") from None
    if root.tag != name:
        raise StorageError(400, "InvalidXmlDocument")
    return root
