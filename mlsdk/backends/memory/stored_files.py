"""The files of one container: what waits to become one, and their names in order."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlsdk.backends.memory.held import Held
    from mlsdk.backends.memory.stored_file import StoredFile


class StoredFiles:
    """The files of one container, what waits to become files, and what is known of the container itself.

    Where names are `hierarchical`, every folder above a file is there as well, as an empty file that is marked as a folder,
    and stays when what was in it is gone.
    """

    def __init__(self, *, hierarchical: bool = False) -> None:
        self.hierarchical = hierarchical
        self.files: dict[str, StoredFile] = {}
        """By name, those too whose file on disk has vanished; `get` and `page` leave them out."""
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

    def get(self, name: str) -> StoredFile | None:
        """The file of a name; None when there is none, also where its file on disk has vanished."""
        found = self.files.get(name)
        return found if found is not None and found.is_there else None

    def put(
        self, name: str, content: bytes | Held, metadata: Mapping[str, str], now: float, **known: Any
    ) -> StoredFile:
        """Take a whole file in, in the place of one of the same name; what waited for that name is forgotten.

        `content` is its bytes, or what another file holds; of a file on disk there is no MD5 but one that `known` has. Where
        names are hierarchical, FileExistsError when a file is where a folder has to be, or a folder where a file has to.
        """
        import hashlib

        from mlsdk.backends.memory.held import InMemory
        from mlsdk.backends.memory.stored_file import StoredFile, marks_folder

        held = InMemory(content) if isinstance(content, bytes) else content
        before = self.get(name)
        if self.hierarchical:
            if before is not None and before.is_folder and (not marks_folder(metadata) or held.size):
                message = f"{name!r} is a folder"
                raise FileExistsError(message)
            self.make_folders(name, now)
        if name not in self.files and self._names is not None:
            insort(self._names, name)
        if "content_md5" not in known:
            data = held.data if isinstance(held, InMemory) else None
            known["content_md5"] = None if data is None else hashlib.md5(data, usedforsecurity=False).digest()
        stored = self.files[name] = StoredFile(
            name=name,
            held=held,
            metadata=dict(metadata),
            noted_etag=self.next_etag(now),
            created=now if before is None else before.created,
            noted_modified=now,
            **known,
        )
        self.staged.pop(name, None)
        self.appended.pop(name, None)
        return stored

    def link(self, name: str, path: Path, now: float, *, growing: bool = False, **known: Any) -> StoredFile:
        """Take in a file of this machine's disk, in the place of one of the same name. It is not read, and never written.

        Parameters
        ----------
        name
            Its name in the container.
        path
            Where it is, absolute. It need not be there yet: until then there is no file of this name.
        now
            The time of the backend's clock, in seconds since 1970.
        growing
            Whether somebody may still be writing it. Its size is looked up each time anyway; this makes a copy of it one of
            the bytes of that moment.
        known
            What else is known of it: `origin`, `content_md5`, `type` …, as `StoredFile` has it.

        FileExistsError as of `put`.
        """
        from mlsdk.backends.memory.held import OnDisk

        return self.put(name, OnDisk(path, growing), {}, now, **known)

    def make_folder(self, name: str, metadata: Mapping[str, str], now: float) -> StoredFile:
        """Make a folder, in the place of one of the same name; what is in that stays."""
        from mlsdk.backends.memory.stored_file import FOLDER_MARK

        return self.put(name, b"", {**metadata, FOLDER_MARK: "true"}, now, content_md5=None)

    def is_folder(self, name: str) -> bool:
        """Whether something is a folder: it was made as one, or something is in it."""
        stored = self.get(name)
        if stored is not None:
            return stored.is_folder
        found, _ = self.page(f"{name}/", "", "", 1)
        return bool(found)

    def file_above(self, name: str) -> str | None:
        """The first file that stands where a folder above `name` would have to be; None when nothing is in the way."""
        parts = name.split("/")
        for depth in range(1, len(parts)):
            above = "/".join(parts[:depth])
            stored = self.get(above)
            if stored is not None and not stored.is_folder:
                return above
        return None

    def make_folders(self, name: str, now: float) -> None:
        """Make the folders above a name that are missing; FileExistsError when a file is in the way."""
        above = name.rpartition("/")[0]
        if not above:
            return
        stored = self.get(above)
        if stored is not None and stored.is_folder:  # then those above it are there too
            return
        in_the_way = self.file_above(name)
        if in_the_way is not None:
            message = f"{in_the_way!r} is a file, in which nothing can be"
            raise FileExistsError(message)
        parts = above.split("/")
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            if self.get(folder) is None:
                self.make_folder(folder, {}, now)

    def change(self, name: str, now: float, **changes: Any) -> StoredFile:
        """Change what is known of a file, or (`held`) what it holds; KeyError without one.

        A folder stays one whatever metadata it is given; what else holds other bytes is no longer what it came from.
        """
        import attrs

        from mlsdk.backends.memory.stored_file import FOLDER_MARK

        before = self.files[name]
        if before.is_folder and "metadata" in changes:
            changes["metadata"] = {**changes["metadata"], FOLDER_MARK: "true"}
        if "held" in changes:
            changes["origin"] = ""
        stored = self.files[name] = attrs.evolve(  # noqa: TID251 -- no entity: nothing to keep beside its fields
            before, noted_modified=now, noted_etag=self.next_etag(now), **changes
        )
        return stored

    def retier(self, name: str, tier: str) -> None:
        """Move a file to another access tier, which changes nothing else; KeyError without one."""
        import attrs

        self.files[name] = attrs.evolve(self.files[name], tier=tier)  # noqa: TID251 -- no entity

    def take(self, stored: StoredFile, name: str) -> None:
        """Take a file in as it is, under another name, in the place of one that has it."""
        import attrs

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
        """The names that start with `prefix`, sorted, those too whose file on disk has vanished."""
        names = self._sorted()
        begin = bisect_left(names, prefix)
        end = begin
        while end < len(names) and names[end].startswith(prefix):
            end += 1
        return names[begin:end]

    def page(self, prefix: str, delimiter: str, start: str, limit: int) -> tuple[list[str | StoredFile], str | None]:
        """Up to `limit` files whose name starts with `prefix`, from the name `start` on, and the name that comes next.

        With a delimiter, all names that go on after it are one text, the common prefix, instead of files. Where names are
        hierarchical and `/` is the delimiter, each folder is one, whatever is in it.
        """
        folders = self.hierarchical and delimiter == "/"
        names = self._sorted()
        position = bisect_left(names, max(prefix, start))
        found: list[str | StoredFile] = []
        while position < len(names) and names[position].startswith(prefix):
            name = names[position]
            if len(found) == limit:
                return found, name
            cut = name.find(delimiter, len(prefix)) if delimiter else -1
            if cut < 0:
                stored = self.get(name)
                position += 1
                if stored is None:
                    continue
                found.append(f"{name}/" if folders and stored.is_folder else stored)
            elif folders:  # the folder is there itself, and was found under its own name
                position = bisect_left(names, name[:cut] + chr(ord("/") + 1))
            else:
                folder = name[: cut + len(delimiter)]
                found.append(folder)
                position = bisect_left(names, folder[:-1] + chr(ord(folder[-1]) + 1))
        return found, None

    def _sorted(self) -> list[str]:
        if self._names is None:
            self._names = sorted(self.files)
        return self._names
