"""Programs that build what jobs run in: each line they say is kept in a log, no secret is, and none outlives its runner."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import signal
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from mlsdk.exceptions import ErrorCategory, ErrorTarget, JobException
from mlsdk.local.guard import VARIABLE
from mlsdk.local.guarding import GUARDIAN
from mlsdk.redaction import HIDDEN, redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

CLOSED = "the environment was not built: its runner was closed"
"""The error of who waited for a build."""

_LAST_LINES = 12
"""How much of what a program says is in the error."""

_USER_OF_ADDRESS = re.compile(r"(://)(?!git@)[^/\s@]+@")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")


class EnvironmentBuildError(JobException):
    """An environment that cannot be had here; the text says what the program said, where its log is, and what to do."""

    def __init__(self, message: str) -> None:
        """Say `message`."""
        super().__init__(message, message, target=ErrorTarget.ENVIRONMENT, error_category=ErrorCategory.USER_ERROR)


def hidden(text: str, source: str = "") -> str:
    """A text without the secrets of addresses, and without what variables in `source` stand for (`${TOKEN}`)."""
    for name in _VARIABLE.findall(source):
        if value := os.environ.get(name):
            text = text.replace(value, HIDDEN)
    return redacted(_USER_OF_ADDRESS.sub(rf"\g<1>{HIDDEN}@", text))


class Programs:
    """The programs of one runner that build something."""

    def __init__(self) -> None:
        """None runs yet."""
        self.closed = threading.Event()
        """Whether no more may begin."""
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()

    def run(
        self,
        command: Sequence[str],
        said: Callable[[str], None],
        *,
        folder: Path,
        variables: Mapping[str, str],
        text: str,
    ) -> int:
        """Run a program that reads `text`, tell line by line what it says, and give its exit status."""
        token = secrets.token_hex(8)
        GUARDIAN.begins(token)
        try:
            process = self._started(command, folder, {**variables, VARIABLE: f"{variables.get(VARIABLE, '')}:{token}"})
            GUARDIAN.group(token, process.pid)
            try:
                status = _followed(process, said, text)
            finally:
                with self._lock:
                    self._running.discard(process)
        finally:
            GUARDIAN.over(token)
        if status < 0:
            self._check()
        return status

    def close(self) -> None:
        """Stop all of them; calling it twice is fine."""
        with self._lock:
            self.closed.set()
            running = [*self._running]
        for process in running:
            _kill(process)

    def _started(self, command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> subprocess.Popen[str]:
        """Start a program, unless no more is to run."""
        with self._lock:
            self._check()
            process = subprocess.Popen(  # noqa: S603 - no shell, and its arguments one by one
                command,
                cwd=folder,
                env=variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
            self._running.add(process)
        return process

    def _check(self) -> None:
        """Raise where no more is to run."""
        if self.closed.is_set():
            raise EnvironmentBuildError(CLOSED)


@attrs.frozen
class Build:
    """One build, and its log."""

    programs: Programs
    log: Path
    source: str = attrs.field(repr=False)
    """The text that it is made from; what its variables stand for is secret."""

    def say(self, line: str) -> None:
        """Write a line of the log."""
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{hidden(line, self.source)}\n")

    def run(
        self,
        *command: str | Path,
        text: str = "",
        without: Iterable[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> tuple[int, list[str]]:
        """Run a program in the folder of the log; its exit status and the lines that it said, without secrets.

        It reads `text`, and has the environment variables of this process but those `without`, and `variables`.
        """
        lines: list[str] = []

        def said(line: str) -> None:
            lines.append(hidden(line, self.source))
            self.say(line)

        program, *arguments = map(str, command)
        self.say(f"$ {Path(program).name} {shlex.join(arguments)}")
        for line in text.splitlines():
            self.say(f"> {line}")
        inherited = {name: value for name, value in os.environ.items() if name not in {*without}}
        status = self.programs.run(
            [program, *arguments],
            said,
            folder=self.log.parent,
            variables={**inherited, "NO_COLOR": "1", **(variables or {})},
            text=text,
        )
        return status, lines

    def failure(self, what: str, said: Sequence[str], advice: str) -> EnvironmentBuildError:
        """The error that a program's last words are of; `what` tells what could not be done."""
        shown = "\n".join(f"  {line}" for line in said[-_LAST_LINES:])
        return EnvironmentBuildError(
            hidden(f"{what}:\n{shown}\n{advice}. The whole log is in {self.log}.", self.source)
        )


def _followed(process: subprocess.Popen[str], said: Callable[[str], None], text: str) -> int:
    """Give a process its input, tell what it says, and give its exit status."""
    with process:
        try:
            assert process.stdin is not None  # noqa: S101 - a pipe was asked for
            assert process.stdout is not None  # noqa: S101 - the same
            # One that ends before it has read all says itself why, and its exit status does.
            with suppress(BrokenPipeError), process.stdin as given:
                given.write(text)
            for line in process.stdout:
                said(line.rstrip("\n"))
            return process.wait()
        finally:
            # An exception that is not the program's, such as an interrupt from the keyboard, ends it too.
            _kill(process)


def _kill(process: subprocess.Popen[str]) -> None:
    """End a process and those that it began, if it has not ended."""
    if process.poll() is None:
        # Between the two lines another thread may have seen it end.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
