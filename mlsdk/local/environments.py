"""The Python in which a job runs is built from its environment's conda file once, and is there for all who ask for the same.

`uv` makes a virtual environment and installs the packages: those of the file's pip part as they stand, those of conda that
PyPI has too with their versions translated (`numpy=1.26` is `numpy==1.26.*`). What no Python package is (`gcc`, `cudatoolkit`)
is left out, and the build's log says so. An environment without a conda file has its packages in an image, which only a
container can run: its jobs get the interpreter that runs this program, and a note that says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import sys
import sysconfig
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from mlsdk.local.builds import CLOSED, Build, EnvironmentBuildError, Programs, hidden
from mlsdk.local.conda_files import CondaFile, CondaFileError, local_paths, read_conda_file
from mlsdk.local.locks import held

if TYPE_CHECKING:
    from collections.abc import Mapping

_LAYOUT = 1
"""Counts the ways in which builds were kept; a build of another way is not found."""

_OF_ANOTHER_PYTHON = (
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "UV_PYTHON",
    "UV_SYSTEM_PYTHON",
    "UV_BREAK_SYSTEM_PACKAGES",
    "UV_TARGET",
)
"""Environment variables that would lead uv to a Python that is not meant."""

_NO_NETWORK = re.compile(
    r"(?i)dns error|failed to lookup|tcp connect|connection refused|network is unreachable|error sending request|timed? ?out|"
    r"network connectivity is disabled"
)
_NOT_ON_INDEX = re.compile(
    r"(?i)because ([\w.-]+) was not found in the (?:package registry|provided package locations)"
)


@attrs.frozen(kw_only=True)
class Prepared:
    """A Python that is ready for jobs."""

    interpreter: Path
    """The interpreter. Its folder comes first in the `PATH` of a job, and `VIRTUAL_ENV` is the folder above."""
    notes: tuple[str, ...] = ()
    """A sentence for each thing that is not as the environment asks."""
    log: Path | None = None
    """What was said while it was built; None where nothing was."""


class Environments:
    """The Pythons that were built from conda files, in a folder of this machine.

    Threads and processes may share the folder: what several want at once, one builds while the others wait. A build that
    was killed is never taken for one that is done.
    """

    def __init__(self, root: Path, *, uv: Path | None = None) -> None:
        """Keep builds in `root / "environments"`; `uv` is the program to build with, found by itself where it is None."""
        self._folder = root.absolute() / "environments"
        self._uv = uv
        self._programs = Programs()

    def interpreter(self, environment: Mapping[str, Any] | None) -> Path:
        """The interpreter of an environment: `properties` of its version's body (`condaFile`: text; `image`; `build`), or None.

        It is built when it is not there yet, which takes seconds to minutes. `EnvironmentBuildError` says why it cannot be.
        """
        return self.prepared(environment).interpreter

    def prepared(self, environment: Mapping[str, Any] | None) -> Prepared:
        """The same with what is to be known of it."""
        text = (environment or {}).get("condaFile")
        if not text:
            return Prepared(interpreter=Path(sys.executable), notes=_without_conda_file(environment or {}))
        try:
            conda = read_conda_file(text)
        except CondaFileError as error:
            raise EnvironmentBuildError(hidden(str(error), text)) from None
        folder = self._folder / _key(conda)
        return self._ready(folder) or self._built(folder, conda)

    def close(self) -> None:
        """Stop what is being built and leave no process behind; who waits for it gets an `EnvironmentBuildError`."""
        self._programs.close()

    @staticmethod
    def _ready(folder: Path) -> Prepared | None:
        """What is in the folder of a build; None where none is done, or its Python is gone from this machine since."""
        try:
            done = json.loads((folder / "ready.json").read_bytes())
        except FileNotFoundError:
            return None
        interpreter = folder / done["venv"] / "bin" / "python"
        if not interpreter.exists():
            return None
        return Prepared(interpreter=interpreter, notes=tuple(done["notes"]), log=folder / "build.log")

    def _built(self, folder: Path, conda: CondaFile) -> Prepared:
        """Build in the folder, or wait for who does."""
        folder.mkdir(parents=True, exist_ok=True)
        with held(folder / "lock", self._programs.closed) as is_held:
            if not is_held:
                raise EnvironmentBuildError(CLOSED)
            if ready := self._ready(folder):
                return ready
            # A virtual environment cannot be moved, so it is made where it stays, under a name of its own: what a killed build
            # left, and may still be writing if its uv has outlived it, is in another folder. The file written last counts.
            (folder / "ready.json").unlink(missing_ok=True)
            for left in folder.glob("venv-*"):
                shutil.rmtree(left, ignore_errors=True)
            venv = folder / f"venv-{secrets.token_hex(4)}"
            log = folder / "build.log"
            log.unlink(missing_ok=True)
            build = Build(self._programs, log, "\n".join(conda.requirements))
            try:
                notes = _Building(build, conda, venv, self._program()).notes()
            except BaseException:
                shutil.rmtree(venv, ignore_errors=True)
                raise
            being_written = folder / f"{venv.name}.json"
            being_written.write_text(json.dumps({"venv": venv.name, "notes": notes}), encoding="utf-8")
            being_written.replace(folder / "ready.json")
        return Prepared(interpreter=venv / "bin" / "python", notes=notes, log=log)

    def _program(self) -> Path:
        """Where uv is."""
        if self._uv is not None:
            return self._uv
        try:
            return Path(import_module("uv").find_uv_bin())
        except (ImportError, FileNotFoundError):
            if found := shutil.which("uv"):
                return Path(found)
        message = (
            "environments are built with uv, which is not installed: pip install 'mlsdk[local]', "
            'or run jobs in this interpreter with LocalRunner(python="current")'
        )
        raise EnvironmentBuildError(message)


@attrs.frozen
class _Building:
    """The building of one conda file."""

    build: Build
    conda: CondaFile
    venv: Path
    uv: Path

    def notes(self) -> tuple[str, ...]:
        """Build, and say what is to be noted; `EnvironmentBuildError` where it fails."""
        began = time.monotonic()
        for note in self.conda.notes:
            self.build.say(note)
        notes = (*self.conda.notes, *self._make_venv())
        if self.conda.requirements:
            self._install()
        self.build.say(f"built in {time.monotonic() - began:.1f} s")
        return tuple(hidden(note, self.build.source) for note in notes)

    def _make_venv(self) -> tuple[str, ...]:
        """Make the virtual environment; what is to be noted of its Python."""
        asked = self.conda.python
        status, said = self._venv_of(asked)
        if status == 0:
            return ()
        if asked and re.fullmatch(r"\d+\.\d+\.\d+", asked):
            near = asked.rpartition(".")[0]
            note = f"Python {asked} is not to be had here: it is another {near}"
            self.build.say(note)
            status, said = self._venv_of(near)
            if status == 0:
                return (note,)
        raise self._failure(
            said,
            f"Install Python {asked} on this machine, or let uv fetch it on one with a network (`uv python install`), "
            "or change `python=` in the conda file",
        )

    def _venv_of(self, python: str | None) -> tuple[int, list[str]]:
        """Make the virtual environment with a Python, this program's own where that is asked for, or none is."""
        given = sys.executable if python is None or _is_this(python) else python
        return self._uv("venv", "--python", given, "--no-project", "--clear", str(self.venv))

    def _install(self) -> None:
        """Install the requirements. They reach uv through a pipe: an index's address may hold a secret, and no file shall."""
        arguments = [
            "pip",
            "install",
            "--python",
            str(self.venv / "bin" / "python"),
            "--no-progress",
            *self.conda.options,
        ]
        several = any(line.startswith("--extra-index-url") for line in self.conda.requirements)
        if several and not os.environ.get("UV_INDEX_STRATEGY"):
            # On Azure pip installs them, and pip looks for the best version in all indexes.
            arguments += ["--index-strategy", "unsafe-best-match"]
        status, said = self._uv(*arguments, "-r", "-", text="".join(f"{line}\n" for line in self.conda.requirements))
        if status == 0:
            return
        advice = "Correct its requirements"
        missing = _NOT_ON_INDEX.search("\n".join(said))
        if missing and missing[1].lower() in self.conda.conda_names:
            advice = (
                f"The index has no {missing[1]}: if it is a package of conda only, remove it where the code does without it, "
                "else name what PyPI calls it in the pip part"
            )
        elif any(map(_NO_NETWORK.search, said)):
            advice = (
                "The index cannot be reached from here: connect to the network, or name an index that can be reached, "
                "by `--index-url` in the pip part or by the environment variable UV_DEFAULT_INDEX"
            )
        raise self._failure(said, advice)

    def _uv(self, *arguments: str, text: str = "") -> tuple[int, list[str]]:
        return self.build.run(self.uv, *arguments, text=text, without=_OF_ANOTHER_PYTHON)

    def _failure(self, said: list[str], advice: str) -> EnvironmentBuildError:
        return self.build.failure(
            "the environment could not be built from its conda file; uv said",
            said,
            f'{advice}, or run jobs in this interpreter with LocalRunner(python="current")',
        )


def _without_conda_file(environment: Mapping[str, Any]) -> tuple[str, ...]:
    """What is to be noted of an environment that has none."""
    image = environment.get("image")
    if image or environment.get("build"):
        made = f"the image {image}" if image else "an image that is built from its Dockerfile"
        note = (
            f"the environment is {made}: the job runs in the interpreter of this program, with the packages that are "
            "there; LocalRunner(python='container') runs it in the image"
        )
        return (note,)
    return ()


def _key(conda: CondaFile) -> str:
    """The name of the folder of what a conda file comes to on this machine. Secrets do not tell builds apart."""
    content = {
        "layout": _LAYOUT,
        "platform": sysconfig.get_platform(),
        "python": conda.python or [sys.base_prefix, *sys.version_info[:3]],
        "requirements": [hidden(line) for line in conda.requirements],
        "options": conda.options,
        "files": [_identity(Path(path)) for path in local_paths(conda.requirements)],
    }
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:24]


def _identity(path: Path) -> list[Any]:
    """Tells the content of a file, or of a folder, from what it was before."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return [[str(file.relative_to(path)), file.stat().st_size, file.stat().st_mtime_ns] for file in files]
    return [hashlib.sha256(path.read_bytes()).hexdigest()] if path.is_file() else []


def _is_this(asked: str) -> bool:
    """Whether the interpreter of this program is the Python that is asked for."""
    parts = asked.split(".")
    return parts == [str(number) for number in sys.version_info[: len(parts)]]
