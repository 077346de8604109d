"""What a stored file holds: bytes in memory, or a file on this machine's disk that is read when somebody asks."""

from __future__ import annotations

import io
import stat
from pathlib import Path
from typing import IO, Union

import attrs


@attrs.frozen
class InMemory:
    """Bytes, which never change."""

    data: bytes = attrs.field(repr=False)

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data)

    @property
    def path(self) -> None:
        """It is nowhere on disk."""
        return

    @property
    def is_there(self) -> bool:
        """Always."""
        return True

    @property
    def changed(self) -> tuple[int, int] | None:
        """Never: None."""
        return None

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Up to `length` bytes from `offset` on, all of the rest when None; fewer at the end."""
        if offset == 0 and (length is None or length >= len(self.data)):
            return self.data
        return self.data[offset:] if length is None else self.data[offset : offset + length]

    def open(self) -> IO[bytes]:
        """Its bytes, from the first one on."""
        return io.BytesIO(self.data)

    def copied(self) -> InMemory:
        """What a copy of it holds: the same, as it never changes."""
        return self


@attrs.frozen
class OnDisk:
    """A file on this machine's disk. It is only ever read, and asked anew each time: it may grow, change and vanish.

    Where it has vanished, everything but `is_there` raises FileNotFoundError.
    """

    path: Path
    growing: bool = False
    """Whether somebody may still be writing it, as the log of a job that runs: a copy of it is made of the bytes of that
    moment. A copy of any other only notes the same path."""

    @property
    def size(self) -> int:
        """Bytes, now."""
        return self.path.stat().st_size

    @property
    def is_there(self) -> bool:
        """Whether there is a file at the path now."""
        try:
            return stat.S_ISREG(self.path.stat().st_mode)
        except OSError:
            return False

    @property
    def changed(self) -> tuple[int, int] | None:
        """Its size, and when it was last written in nanoseconds since 1970: what tells one state of it from another."""
        found = self.path.stat()
        return found.st_size, found.st_mtime_ns

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Up to `length` bytes from `offset` on, all of the rest when None; fewer at the end. Nothing else of it is read."""
        with self.path.open("rb", buffering=0) as stream:
            stream.seek(offset)
            if length is None:
                return stream.readall()
            pieces, left = list[bytes](), length
            while left and (piece := stream.read(left)):  # the system reads at most 2 GiB at once
                pieces.append(piece)
                left -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def open(self) -> IO[bytes]:
        """Its bytes, from the first one on."""
        return self.path.open("rb")

    def copied(self) -> InMemory | OnDisk:
        """What a copy of it holds: the same file, or the bytes of now where it grows."""
        return InMemory(self.read()) if self.growing else self


Held = Union[InMemory, OnDisk]
"""What a stored file holds."""
