"""What a backend asks of this machine: jobs to be run, each with what it is given and with somebody to tell how it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol, Union

import attrs

Value = Union[bool, int, float, str]
"""The value of an output that steers other steps."""


class StoredContent(Protocol):
    """One stored file, in memory or on this machine's disk."""

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    @property
    def path(self) -> Path | None:
        """Where it is on this machine's disk; None while it is only in memory."""
        ...

    def open(self) -> IO[bytes]:
        """Its bytes, from the first one on."""
        ...


@attrs.frozen(kw_only=True)
class Given:
    """The files that a job is given as one input, as its code, or as its environment's build context."""

    files: Mapping[str, StoredContent]
    """By path below the folder; one whose path is its own name where the input is a file."""
    is_file: bool = False
    """Whether the script gets the path of a file, not that of a folder."""
    folder: Path | None = None
    """The folder on this machine in which all of `files` are, and nothing else, under these paths; None where there is no
    such folder. An output of another job that ran here has one."""
    identity: str = ""
    """Tells its content from any other: equal where the content is the same."""


@attrs.frozen(kw_only=True)
class Metric:
    """One value that was logged of a metric."""

    value: float
    step: int = 0
    timestamp: int = 0
    """Milliseconds since 1970."""


@attrs.frozen(kw_only=True)
class Tracked:
    """What a job has logged until now."""

    metrics: Mapping[str, Sequence[Metric]] = attrs.field(factory=dict)
    params: Mapping[str, str] = attrs.field(factory=dict)
    tags: Mapping[str, str] = attrs.field(factory=dict)


class Work(Protocol):
    """A job to be run here: what it is, and whom to tell. Every method may be called from any thread.

    The backend makes one for each job that is no pipeline and no sweep (those it leads itself: they come as the jobs that
    they are made of), once all that the job needs is there. `completed`, `failed` or `canceled` is told once, and last; what
    is told after it is not heard.
    """

    @property
    def name(self) -> str:
        """The job's name, which is its run's too."""
        ...

    @property
    def properties(self) -> Mapping[str, Any]:
        """`properties` of the job's body, nothing in it waiting for another job: every input is a literal or in `inputs`."""
        ...

    @property
    def code(self) -> Given | None:
        """The snapshot of its code.

        This and the next two are looked up, and downloaded, when they are first asked for; an exception says in its text what
        is not there.
        """
        ...

    @property
    def inputs(self) -> Mapping[str, Given]:
        """Those that are files; literals are in `properties`."""
        ...

    @property
    def environment(self) -> Mapping[str, Any] | None:
        """`properties` of its environment's version (`image`, `condaFile` …); None where it names none that is known here."""
        ...

    @property
    def context(self) -> Given | None:
        """The folder with a Dockerfile that its environment is built from; None where there is none. Looked up as `code`."""
        ...

    @property
    def workspace(self) -> str:
        """The id of the workspace."""
        ...

    @property
    def parent(self) -> str | None:
        """The name of the job that it is a part of."""
        ...

    @property
    def may_reuse(self) -> bool:
        """Whether it may take over what the same job left before, as steps of pipelines do."""
        ...

    def preparing(self) -> None:
        """Its folder is being made ready."""
        ...

    def running(self, logs: Mapping[str, Path], track: Callable[[], Tracked]) -> None:
        """Its processes have begun.

        `logs` are written while it runs (`{"user_logs/std_log.txt": path}`); `track` tells what it has logged until now,
        cheaply, and may be called at any time, also after the job has ended.
        """
        ...

    def completed(self, outputs: Mapping[str, Path | Value], files: Mapping[str, Path]) -> None:
        """It has done what it was to do.

        `outputs`: the file, the folder, or the value of each named output; `files`: what else is in its own folder, by path
        (`outputs/model.pkl`, `logs/x.txt`). They belong to the backend now and stay where they are.
        """
        ...

    def reused(
        self, run: str, outputs: Mapping[str, Path | Value], files: Mapping[str, Path], tracked: Tracked
    ) -> None:
        """It takes over what the run `run` left; instead of `completed`, and of all that is told before it."""
        ...

    def failed(self, reason: str, files: Mapping[str, Path]) -> None:
        """It has failed; `reason` is what a person can act on. `files` as of `completed`."""
        ...

    def canceled(self, files: Mapping[str, Path]) -> None:
        """It was stopped, and no process of it is left."""
        ...

    @property
    def is_canceled(self) -> bool:
        """Whether somebody wants it stopped."""
        ...

    def when_canceled(self, stop: Callable[[], None]) -> None:
        """Call `stop` when somebody wants it stopped: at once where somebody does already. It must not wait for anything."""
        ...


class JobRunner(Protocol):
    """What runs a backend's jobs."""

    @property
    def room(self) -> int:
        """How many of them it runs at once."""
        ...

    def refusal(self, properties: Mapping[str, Any]) -> str | None:
        """Why a job cannot be run here, by `properties` of its body; None when it can.

        Asked when it is submitted; of a pipeline for each of its steps, by what its node says beside `jobType`.
        """
        ...

    def folder(self, job: str) -> Path:
        """A new folder for what the backend itself writes of a job (the log of a pipeline)."""
        ...

    def start(self, work: Work) -> None:
        """Have a job run; gives back at once."""
        ...

    def wait(self) -> None:
        """Wait until nothing runs."""
        ...

    def close(self) -> None:
        """Stop all that runs and leave no process behind; calling it twice is fine."""
        ...
