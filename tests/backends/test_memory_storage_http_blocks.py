"""Blob Storage over HTTP: blobs that are put together from blocks, or appended to."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from storage_clients import BLOBS, code, document

if TYPE_CHECKING:
    from storage_clients import Http

BLOCK = base64.b64encode(b"block-1").decode()
LONGER = base64.b64encode(b"block-10").decode()


def test_blocks_become_a_blob(http: Http) -> None:
    """Blocks wait, out of sight; a list puts them together in its own order, and later lists take committed ones again."""
    one, two, three = (base64.b64encode(f"block-{number}".encode()).decode() for number in (1, 2, 3))

    def block(name: str, content: bytes) -> None:
        assert http("PUT", f"/con/blob?comp=block&blockid={quote(name, safe='')}", {}, content).status == 201

    def commit(*rows: str) -> Any:
        items = "".join(f"<{row.partition(' ')[0]}>{row.partition(' ')[2]}</{row.partition(' ')[0]}>" for row in rows)
        return http("PUT", "/con/blob?comp=blocklist", {"x-ms-meta-a": "1"}, f"<BlockList>{items}</BlockList>".encode())

    def listed(kind: str) -> list[tuple[str | None, str | None]]:
        found = document(http("GET", "/con/blob?comp=blocklist&blocklisttype=all"))
        return [(item.findtext("Name"), item.findtext("Size")) for item in found.findall(f"{kind}Blocks/Block")]

    block(one, b"one")
    block(two, b"zwei")
    assert http("GET", "/con/blob").status == 404
    assert listed("Uncommitted") == [(one, "3"), (two, "4")]
    assert commit(f"Latest {two}", f"Uncommitted {one}").status == 201
    stored = http("GET", "/con/blob")
    assert (stored.body, stored.headers["x-ms-meta-a"]) == (b"zweione", "1")
    assert "content-md5" not in stored.headers
    assert listed("Committed") == [(two, "4"), (one, "3")]
    assert listed("Uncommitted") == []
    block(three, b"3")
    block(one, b"uno")
    assert commit(f"Committed {one}", f"Latest {one}", f"Latest {two}", f"Latest {three}").status == 201
    assert http("GET", "/con/blob").body == b"oneunozwei3"
    block(three, b"forgotten")
    http.put("/con/blob", b"whole")
    assert listed("Uncommitted") == []
    assert code(commit(f"Committed {one}")) == "InvalidBlockList"


def test_names_of_blocks_have_one_length(http: Http) -> None:
    """A block whose name is longer than those that wait is refused."""
    assert http("PUT", f"/con/blob?comp=block&blockid={BLOCK}", {}, b"1").status == 201
    assert code(http("PUT", f"/con/blob?comp=block&blockid={LONGER}", {}, b"1")) == "InvalidBlobOrBlock"


def test_blocks_of_another_blob(http: Http) -> None:
    """A block can be a part of what stands at an address."""
    headers = {"x-ms-copy-source": f"{BLOBS}/con/ten", "x-ms-source-range": "bytes=2-4"}
    assert http("PUT", f"/con/part?comp=block&blockid={BLOCK}", headers).status == 201
    body = f"<BlockList><Latest>{BLOCK}</Latest></BlockList>".encode()
    assert http("PUT", "/con/part?comp=blocklist", {}, body).status == 201
    assert http("GET", "/con/part").body == b"234"


def test_append_blobs(http: Http) -> None:
    """Appending tells where it began and how many blocks there are."""
    for offset, content in ((0, b"ab"), (2, b"c")):
        reply = http("PUT", "/con/log?comp=appendblock", {"x-ms-blob-condition-appendpos": str(offset)}, content)
        assert (reply.status, reply.headers["x-ms-blob-append-offset"]) == (201, str(offset))
    read = http("GET", "/con/log")
    assert (read.body, read.headers["x-ms-blob-committed-block-count"]) == (b"abc", "2")
