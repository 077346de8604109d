"""What was asked of the backend: a bounded log without bodies, headers or signatures."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import overload

import attrs

SECRET_PARAMETERS = frozenset({"sig", "signature", "token", "code", "key", "password"})
WRITING = frozenset({"PUT", "PATCH", "POST", "DELETE"})


@attrs.frozen
class LoggedRequest:
    """One request and the status it was answered with; None when no answer came back."""

    method: str
    path: str
    params: Mapping[str, str]
    status: int | None

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.method} {self.path}{'?' if query else ''}{query} -> {self.status or 'no answer'}"


class RequestLog(Sequence[LoggedRequest]):
    """The latest requests, oldest first; when full, the oldest one goes."""

    def __init__(self, limit: int) -> None:
        self._entries: deque[tuple[str, str, Mapping[str, str], int | None]] = deque(maxlen=limit)

    def add(self, method: str, path: str, params: Mapping[str, str], status: int | None) -> None:
        """Write one request down."""
        if not SECRET_PARAMETERS.isdisjoint(params):
            params = {key: "***" if key in SECRET_PARAMETERS else value for key, value in params.items()}
        self._entries.append((method, path, params, status))

    @overload
    def __getitem__(self, index: int) -> LoggedRequest: ...
    @overload
    def __getitem__(self, index: slice) -> list[LoggedRequest]: ...
    def __getitem__(self, index: int | slice) -> LoggedRequest | list[LoggedRequest]:
        """One request, or several by a slice."""
        if isinstance(index, slice):
            return list(self)[index]
        return LoggedRequest(*self._entries[index])

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[LoggedRequest]:
        return (LoggedRequest(*entry) for entry in list(self._entries))

    @property
    def writes(self) -> int:
        """How many of them were meant to change something."""
        return sum(entry[0] in WRITING for entry in list(self._entries))

    def clear(self) -> None:
        """Forget all requests so far."""
        self._entries.clear()

    def __str__(self) -> str:
        return "\n".join(str(entry) for entry in self)

    def __repr__(self) -> str:
        return f"<{len(self)} requests, {self.writes} of them writes>"
