"""Large files go to a blob server in blocks, whole or not at all."""

from __future__ import annotations

import io
import os
import threading
from typing import TYPE_CHECKING

import pytest

from mlsdk.backends import BlobInfo
from mlsdk.backends.azure import blocks, storage
from mlsdk.exceptions import AssetException
from mlsdk.sources import open_source, single_file

if TYPE_CHECKING:
    from pathlib import Path

    from azurite import Azurite

    from mlsdk.backends.azure.storage import BlobContainer

from storage_transports import Counting, md5

pytest_plugins = ["azurite"]


@pytest.fixture
def in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of more than 100 kB go in blocks of 40 kB."""
    monkeypatch.setattr(storage, "SINGLE", 100_000)
    monkeypatch.setattr(blocks, "SIZE", 40_000)


@pytest.mark.parametrize("size", [100_000, 100_001, 400_000, 410_000])
@pytest.mark.usefixtures("in_blocks")
def test_a_large_file_goes_in_blocks(azurite: Azurite, tmp_path: Path, size: int) -> None:
    """A file over the limit goes in blocks and is one file after; a stream whose size nobody knows likewise."""
    transport, content = Counting(), os.urandom(size)
    container = azurite.container(transport=transport)
    (tmp_path / "file").write_bytes(content)
    with (tmp_path / "file").open("rb") as stream:
        container.put("file", stream, metadata={"a": "1"})
    container.put("stream", io.BytesIO(content))
    for name, metadata in (("file", {"a": "1"}), ("stream", {})):
        assert container.head(name) == BlobInfo(name, size, metadata, md5(content))
        assert container.get(name) == content
    sent = transport.count("PUT", "comp=block&")
    assert (sent == 0) if size <= 100_000 else (sent >= 2 * size / 40_000)


@pytest.mark.usefixtures("in_blocks")
def test_a_large_file_that_is_there_is_not_sent(azurite: Azurite) -> None:
    """Nothing of a large file travels when one of its name is there; with `overwrite` it is replaced."""
    transport = Counting()
    container = azurite.container(transport=transport)
    container.put("file", io.BytesIO(b"small"))
    with pytest.raises(FileExistsError):
        container.put("file", io.BytesIO(bytes(200_000)))
    assert transport.count("PUT", "comp=block") == 0
    container.put("file", io.BytesIO(bytes(200_000)), overwrite=True)
    assert container.get("file") == bytes(200_000)


class Breaking(io.BytesIO):
    """A stream that cannot be read to its end."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, but not all."""
        if self.tell() > 250_000 or size is None or size < 0:
            message = "the file changed meanwhile"
            raise OSError(message)
        return super().read(size)


@pytest.mark.parametrize("size", [50_000, 400_000])
@pytest.mark.usefixtures("in_blocks")
def test_what_cannot_be_read_is_not_stored(container: BlobContainer, size: int) -> None:
    """What reading raises comes out as it is, and there is no file, or the one from before."""

    class Stream(Breaking):
        def read(self, size: int | None = -1, /) -> bytes:
            content = super().read(size)
            if len(self.getvalue()) == 50_000:
                message = "the file changed meanwhile"
                raise OSError(message)
            return content

    with pytest.raises(OSError, match="changed meanwhile"):
        container.put("file", Stream(os.urandom(size)))
    assert container.head("file") is None
    container.put("file", io.BytesIO(b"before"), overwrite=True)
    with pytest.raises(OSError, match="changed meanwhile"):
        container.put("file", Stream(os.urandom(size)), overwrite=True)
    assert container.get("file") == b"before"


@pytest.mark.parametrize("left", [0, 10_000])
def test_a_file_cut_short_after_it_was_opened_is_not_stored(
    container: BlobContainer, tmp_path: Path, left: int
) -> None:
    """A file that became shorter between its hash and its upload is an error, and nothing is stored."""
    (tmp_path / "file").write_bytes(os.urandom(90_000))
    with open_source(single_file(str(tmp_path / "file"))) as stream:
        os.truncate(tmp_path / "file", left)
        with pytest.raises(AssetException, match="changed while it was being uploaded"):
            container.put("file", stream)
    assert container.head("file") is None


@pytest.mark.usefixtures("in_blocks")
def test_blocks_that_were_sent_are_not_sent_again(azurite: Azurite) -> None:
    """After an upload that broke off, the next one of the same content sends only what is missing."""
    transport, content, url = Counting(), os.urandom(400_000), azurite.new()
    container = azurite.container(url, transport=transport)
    with pytest.raises(OSError, match="changed"):
        container.put("file", Breaking(content))
    assert transport.count("PUT", "comp=block&") >= 5
    container.put("file", io.BytesIO(content))
    with azurite.official(url) as client:
        stored, left = client.get_blob_client("file").get_block_list("all")
    assert (len(stored), len(left)) == (transport.count("PUT", "comp=block&"), 0)
    assert container.get("file") == content
    assert container.head("file") == BlobInfo("file", 400_000, {}, md5(content))


@pytest.mark.usefixtures("in_blocks")
def test_two_large_uploads_of_one_content_at_once(azurite: Azurite) -> None:
    """Two uploads of one large file do not break each other: one stores it, the other is told that it is there."""
    url, content = azurite.new(), os.urandom(400_000)
    barrier, outcomes = threading.Barrier(2), []

    class Together(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() == 0:
                barrier.wait(20)
            return super().read(size)

    def put() -> None:
        try:
            azurite.container(url).put("file", Together(content))
            outcomes.append("stored")
        except FileExistsError:
            outcomes.append("there")

    threads = [threading.Thread(target=put) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["stored", "there"]
    assert azurite.container(url).get("file") == content
