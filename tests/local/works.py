"""A job that notes what it is told, as the memory backend's do."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from mlsdk.local.work import Given, Tracked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import IO

WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
LONG = 60.0
"""Seconds after which a test gives up to wait for what takes a moment."""


@attrs.frozen
class InMemory:
    """A stored file that is in memory only."""

    content: bytes
    path: Path | None = None

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)

    def open(self) -> IO[bytes]:
        """Its bytes."""
        return io.BytesIO(self.content)


def given(files: Mapping[str, str], **more: Any) -> Given:
    """Files in memory."""
    return Given(
        files={name: InMemory(text.encode()) for name, text in files.items()}, **{"identity": repr(files), **more}
    )


class Job:
    """A job of the type Command, or what `body` makes of it."""

    def __init__(
        self,
        command: str = "true",
        *,
        name: str = "job",
        code: Given | None = None,
        inputs: Mapping[str, Given] | None = None,
        values: Mapping[str, Any] | None = None,
        outputs: Mapping[str, str] | None = None,
        modes: Mapping[str, str] | None = None,
        may_reuse: bool = False,
        **body: Any,
    ) -> None:
        self.name, self.code, self.inputs, self.may_reuse = name, code, inputs or {}, may_reuse
        self.environment: Mapping[str, Any] | None = None
        self.context: Given | None = None
        self.workspace, self.parent = WORKSPACE, None
        said = {key: {"jobInputType": "literal", "value": value} for key, value in (values or {}).items()}
        for key, each in self.inputs.items():
            type_ = "uri_file" if each.is_file else "uri_folder"
            said[key] = {"jobInputType": type_, "uri": "azureml://…", "mode": (modes or {}).get(key)}
        self.properties: dict[str, Any] = {
            "jobType": "Command",
            "command": command,
            "inputs": said,
            "outputs": {key: {"jobOutputType": type_} for key, type_ in (outputs or {}).items()},
            **body,
        }
        self.is_canceled = False
        self._stops: list[Callable[[], None]] = []
        self.told: list[str] = []
        """What it was told, in order."""
        self.logs: Mapping[str, Path] = {}
        self.track: Callable[[], Tracked] = Tracked
        self.outputs: Mapping[str, Any] = {}
        self.files: Mapping[str, Path] = {}
        self.reason = ""
        self.reused_run: str | None = None
        self.tracked: Tracked | None = None
        self.has_begun, self.has_ended = threading.Event(), threading.Event()

    def preparing(self) -> None:
        """Its folder is being made ready."""
        self.told.append("preparing")

    def running(self, logs: Mapping[str, Path], track: Callable[[], Tracked]) -> None:
        """Its processes have begun."""
        self.told.append("running")
        self.logs, self.track = dict(logs), track
        self.has_begun.set()

    def completed(self, outputs: Mapping[str, Any], files: Mapping[str, Path]) -> None:
        """It has done what it was to do."""
        self.outputs = outputs
        self._end("completed", files)

    def reused(self, run: str, outputs: Mapping[str, Any], files: Mapping[str, Path], tracked: Tracked) -> None:
        """It takes over what another run left."""
        self.reused_run, self.outputs, self.tracked = run, outputs, tracked
        self._end("reused", files)

    def failed(self, reason: str, files: Mapping[str, Path]) -> None:
        """It has failed."""
        self.reason = reason
        self._end("failed", files)

    def canceled(self, files: Mapping[str, Path]) -> None:
        """It was stopped."""
        self._end("canceled", files)

    def _end(self, how: str, files: Mapping[str, Path]) -> None:
        self.told.append(how)
        self.files = files
        self.has_ended.set()

    def when_canceled(self, stop: Callable[[], None]) -> None:
        """Call `stop` when somebody wants it stopped."""
        if self.is_canceled:
            stop()
        self._stops.append(stop)

    def cancel(self) -> None:
        """Have it stopped."""
        self.is_canceled = True
        for stop in self._stops:
            stop()

    @property
    def log(self) -> str:
        """What it has printed."""
        return self.logs["user_logs/std_log.txt"].read_text(encoding="utf-8")
