"""In what a job's commands run: this interpreter, one that was built for it, or a container."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mlsdk.local.containers import Engine, Images
    from mlsdk.local.environments import Environments

Python = Literal["current", "built", "container"]


@attrs.frozen(kw_only=True)
class Interpreter:
    """What is put around a job's command."""

    environment: Mapping[str, str] = attrs.field(factory=dict)
    """Environment variables that lead to its Python."""
    wrapper: tuple[str, ...] = ()
    """What is put before bash."""
    logs: Mapping[str, Path] = attrs.field(factory=dict)
    """What was said while it was made, by the path in the job's folder."""


class Interpreters:
    """Gives each job what it runs in. May be used by several threads."""

    def __init__(self, root: Path, python: Python) -> None:
        """Keep what is built below `root`."""
        self._root, self._python = root, python
        self._environments: Environments | None = None
        self._engine: Engine | None = None
        self._images: Images | None = None

    def refusal(self) -> str | None:
        """Why no job can run; None when jobs can."""
        if sys.platform == "win32":
            return (
                "Jobs run on Linux and macOS, whose processes and shell their commands are written for: "
                "use the Windows Subsystem for Linux, or submit the job to Azure."
            )
        if shutil.which("bash") is None:
            return "Commands of jobs are run by bash, which is not on the PATH of this machine: install it."
        if self._python == "container" and self._engine is None:
            from mlsdk.local.builds import EnvironmentBuildError
            from mlsdk.local.containers import find_engine

            try:
                self._engine = find_engine()
            except EnvironmentBuildError as error:
                return str(error)
        return None

    def key(self, environment: Mapping[str, Any] | None) -> dict[str, Any]:
        """What of it may change what a job leaves."""
        said = {name: (environment or {}).get(name) for name in ("image", "condaFile", "build")}
        return {"python": self._python, "interpreter": [sys.executable, sys.version], "environment": said}

    def get(
        self,
        environment: Mapping[str, Any] | None,
        *,
        context: Callable[[], Path | None],
        job: str,
        own: Iterable[str],
        written: Iterable[Path],
        read: Iterable[Path],
        resources: Mapping[str, Any],
    ) -> Interpreter:
        """What a job runs in; it is built or fetched first where it is not there.

        Parameters
        ----------
        environment
            `properties` of the job's environment.
        context
            Gives the folder that its image is built from, which is asked for only where there is to be an image.
        job
            Its name.
        own
            The names of its environment variables which are not those of this machine.
        written, read
            The folders that it may write in, and what it reads.
        resources
            `resources` of the job's body, of which containers have their `shmSize` and `dockerArgs`.

        Raises
        ------
        mlsdk.local.builds.EnvironmentBuildError
            It cannot be built or fetched; the message says why, and what to do.
        """
        if self._python == "container" and environment is not None:
            return self._container(environment, context, job, own, written, read, resources)
        if self._python == "built":
            if self._environments is None:
                from mlsdk.local.environments import Environments

                self._environments = Environments(self._root)
            prepared = self._environments.prepared(environment)
            logs = {"azureml-logs/20_image_build_log.txt": prepared.log} if prepared.log is not None else {}
            found = self._leading_to(prepared.interpreter)
            if prepared.log is not None:
                found = {**found, "VIRTUAL_ENV": str(prepared.interpreter.parent.parent)}
            return Interpreter(environment=found, logs=logs)
        return Interpreter(environment=self._leading_to(Path(sys.executable)))

    def advice(self, reason: str) -> str:
        """What else there is to be said to somebody whose job failed."""
        if self._python == "current" and "ModuleNotFoundError: No module named" in reason:
            return (
                "\nThe job ran in the interpreter of this program, which has no such module: install it there, or let "
                'LocalRunner(python="built") build the environment of the job.'
            )
        return ""

    def _leading_to(self, interpreter: Path) -> dict[str, str]:
        """The environment variables with which `python` is an interpreter."""
        folder = interpreter.parent
        if not os.path.lexists(folder / "python"):
            # The system's own is called `python3` only. A link elsewhere would not find its packages; a script does.
            folder = self._root / "bin" / hashlib.blake2b(os.fsencode(interpreter), digest_size=8).hexdigest()
            script = folder / "python"
            if not script.exists():
                folder.mkdir(parents=True, exist_ok=True)
                unfinished = folder / f".python-{os.getpid()}"
                unfinished.write_text(f'#!/bin/sh\nexec {shlex.quote(str(interpreter))} "$@"\n', encoding="utf-8")
                unfinished.chmod(0o755)
                unfinished.replace(script)
        return {"PATH": os.pathsep.join([str(folder), os.environ.get("PATH", os.defpath)])}

    def _container(
        self,
        environment: Mapping[str, Any],
        context: Callable[[], Path | None],
        job: str,
        own: Iterable[str],
        written: Iterable[Path],
        read: Iterable[Path],
        resources: Mapping[str, Any],
    ) -> Interpreter:
        from mlsdk.local.containers import Images, find_engine, wrapper

        if self._engine is None:
            self._engine = find_engine()
        if self._images is None:
            self._images = Images(self._root, self._engine)
        image = self._images.image(environment, context=context())
        mounts: dict[Path, Literal["ro", "rw"]] = {path.absolute(): "ro" for path in read}
        mounts.update({path.absolute(): "rw" for path in written})
        around = wrapper(
            self._engine,
            image.name,
            name=job,
            mounts=mounts,
            of_host={*os.environ} - {*own},
            shared_memory=str(resources.get("shmSize") or "2g"),
            arguments=shlex.split(str(resources.get("dockerArgs") or "")),
        )
        return Interpreter(
            wrapper=around,
            logs={"azureml-logs/20_image_build_log.txt": image.log} if image.log is not None else {},
        )

    def close(self) -> None:
        """Stop what is being built; who waits for it gets an error."""
        environments, self._environments = self._environments, None
        images, self._images = self._images, None
        if environments is not None:
            environments.close()
        if images is not None:
            images.close()
