"""A failed job says why, in words that its user can act on."""

from __future__ import annotations

import errno
import os
import shutil
import signal
from pathlib import Path

from mlsdk.redaction import redacted

_TAIL = 4096
"""Bytes at the end of a log that are looked at."""
_WIDTH = 500
"""Characters that are shown of a line which is longer than that."""
_LINES = 12
"""Lines of it that are shown."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FULL_TEXTS = ("No space left on device", "Disk quota exceeded", "Errno 28]")
_LITTLE = 1 << 20
"""Bytes: where fewer are free, a disk is as good as full."""


def of_exit(code: int, log: Path, process: int | None = None) -> str:
    """Why a process failed that ended with an exit code; `process` is its rank where there are several."""
    tail = last_lines(log)
    who = "The command" if process is None else f"Process {process}"
    number = -code if code < 0 else code - 128 if 128 < code < 128 + 65 else 0
    if number:
        said = f"{who} was ended by {_signal(number)}"
    elif code == 127:
        said = f"{who} ended with exit code 127: a program was not found"
    elif code == 126:
        said = f"{who} ended with exit code 126: a file cannot be executed (is it a program, with the right to be executed?)"
    else:
        said = f"{who} ended with exit code {code}"
    return f"{said}{_of_disk(log.parent, tail)}. {shown(log, tail)}"


def _signal(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
    if number == signal.SIGKILL:
        return f"{name}, which the system sends where memory runs out"
    return name


def _of_disk(folder: Path, tail: str) -> str:
    """What is to be said of the disk."""
    free = shutil.disk_usage(folder).free
    if free < _LITTLE or any(text in tail for text in _FULL_TEXTS):
        return f"; a disk is full: {_size(free)} are free at {folder}"
    return ""


def of_time(seconds: float, log: Path) -> str:
    """Why a task failed whose time was over."""
    return f"It ran longer than {seconds:g} s, its limit (limits.timeout), and was ended. {shown(log, last_lines(log))}"


def of_system(error: OSError, folder: Path, doing: str) -> str:
    """Why something could not be done, by what the system said of it."""
    if error.errno in _FULL:
        return (
            f"The disk is full: {_free(folder)} while {doing}; make room, or let LocalRunner(root=…) name another disk"
        )
    if error.errno == errno.E2BIG:
        return "Its inputs and environment variables are longer than what a process can be given: put long values into files"
    where = f": {error.filename}" if error.filename else ""
    said = f"{doing[:1].upper()}{doing[1:]} failed: {error.strerror or error}{where}"
    if error.filename and isinstance(error.filename, str) and Path(error.filename) in (folder, *folder.parents):
        said += ". Let LocalRunner(root=…), or MLSDK_LOCAL_ROOT, name a folder that can be written"
    return redacted(said)


def of_exception(error: BaseException) -> str:
    """Why something failed, by an exception whose text says it."""
    return redacted(str(error) or type(error).__name__)


def _free(folder: Path) -> str:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return f"{_size(shutil.disk_usage(folder).free)} are free at {folder}"


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"


def last_lines(log: Path) -> str:
    """The end of a log, without secrets; empty where there is none."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            text = file.read(_TAIL).decode(errors="replace")
    except FileNotFoundError:
        return ""
    lines = text.splitlines()
    if size > _TAIL and lines:
        if len(lines) > 1:
            del lines[0]  # of which only the end is here
        else:
            lines[0] = f"…{lines[0][-_WIDTH:]}"
    return redacted("\n".join(lines[-_LINES:]))


def shown(log: Path, tail: str) -> str:
    """The end of a log as part of a reason."""
    return f"The last lines of its log ({log.name}):\n{tail}" if tail else f"It printed nothing ({log.name} is empty)."
