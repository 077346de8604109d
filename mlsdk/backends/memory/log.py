"""What was asked of the backend: a bounded log, with bodies where they are wanted, and without secrets."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import attrs

from mlsdk.backends.memory.kept_bodies import kept, shown
from mlsdk.redaction import redacted_parameters

WRITING = frozenset({"PUT", "PATCH", "POST", "DELETE"})
ASKING = ("list", "get", "batchget", "query")
"""How the last word of a POST begins that only asks for something: `listKeys`, `batchGetResolvedUris`."""
ASKING_WORDS = frozenset({"rundata", "checknameavailability"})
"""The same, whole words."""


@attrs.frozen
class LoggedRequest:
    """One request and the status it was answered with; None when no answer came back."""

    method: str
    path: str
    params: Mapping[str, str]
    status: int | None
    host: str = ""
    """Scheme and host: `https://management.azure.com`."""
    body: Any = attrs.field(default=None, repr=False)
    """The JSON that was sent, without secrets, or how many bytes; None unless the backend keeps bodies."""
    answer: Any = attrs.field(default=None, repr=False)
    """The same of what came back; the reason of a refusal is always there."""

    @property
    def writes(self) -> bool:
        """Whether it was meant to change something."""
        return _writes(self.method, self.path)

    @property
    def details(self) -> str:
        """The request with its host, body and answer, on several lines."""
        lines = [f"{self.method} {self.host}{self._target}"]
        lines += [] if self.body is None else [_indented(self.body)]
        lines.append(f"-> {self.status or 'no answer'}")
        lines += [] if self.answer is None else [_indented(self.answer)]
        return "\n".join(lines)

    @property
    def _target(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.path}{'?' if query else ''}{query}"

    def __str__(self) -> str:
        return f"{self.method} {self._target} -> {self.status or 'no answer'}"


_Entry = tuple[str, str, Mapping[str, str], "int | None", str, "str | None", "str | None"]


class RequestLog(Sequence[LoggedRequest]):
    """The latest requests, oldest first; when full, the oldest one goes."""

    def __init__(self, limit: int, *, bodies: bool = False) -> None:
        self._entries: deque[_Entry] = deque(maxlen=limit)
        self.bodies = bodies
        """Whether what is sent and answered is kept too, from now on."""

    def add(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        status: int | None,
        host: str = "",
        body: Any = None,
        answer: Any = None,
    ) -> None:
        """Write one request down."""
        params = redacted_parameters(params)
        if self.bodies:
            self._entries.append((method, path, params, status, host, kept(body), kept(answer)))
        else:  # why a request was refused is always kept
            reason = kept(answer) if status is not None and status >= 400 else None
            self._entries.append((method, path, params, status, host, None, reason))

    @overload
    def __getitem__(self, index: int) -> LoggedRequest: ...
    @overload
    def __getitem__(self, index: slice) -> list[LoggedRequest]: ...
    def __getitem__(self, index: int | slice) -> LoggedRequest | list[LoggedRequest]:
        """One request, or several by a slice."""
        if isinstance(index, slice):
            return list(self)[index]
        return _shown(self._entries[index])

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[LoggedRequest]:
        return (_shown(entry) for entry in list(self._entries))

    @property
    def writes(self) -> int:
        """How many of them were meant to change something; a POST that only asks (`listKeys`) is none."""
        return sum(_writes(entry[0], entry[1]) for entry in list(self._entries))

    def clear(self) -> None:
        """Forget all requests so far."""
        self._entries.clear()

    def __str__(self) -> str:
        return "\n".join(str(entry) for entry in self)

    def __repr__(self) -> str:
        return f"<{len(self)} requests, {self.writes} of them writes>"


def _writes(method: str, path: str) -> bool:
    if method != "POST":
        return method in WRITING
    word = path.rstrip("/").rpartition("/")[2].lower()
    return not (word.startswith(ASKING) or word in ASKING_WORDS)


def _shown(entry: _Entry) -> LoggedRequest:
    method, path, params, status, host, body, answer = entry
    return LoggedRequest(method, path, params, status, host, shown(body), shown(answer))


def _indented(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return "\n".join(f"    {line}" for line in text.splitlines())
