"""Where a container engine answers, jobs run in the image of their environment.

Docker and Podman take the same commands. A job's folder and its inputs are in the container at the paths that they have on
this machine, so that nothing in the job's command differs; the network is the host's, so that what listens on loopback (the
tracking of runs) is reached; the user is the one who runs this program, so that outputs are theirs.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import attrs

from mlsdk.local import contained
from mlsdk.local.builds import CLOSED, Build, EnvironmentBuildError, Programs, hidden
from mlsdk.local.locks import held

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ENGINES = ("docker", "podman")
"""The programs that are looked for, in this order."""

_SECONDS_TO_ANSWER = 20

_IMAGE = re.compile(r"[A-Za-z0-9][\w./:@-]*")
"""What the name of an image may be: nothing that an engine takes for an option, or a Dockerfile for another line."""

_OF_HOST = frozenset({"LC_CTYPE", "OLDPWD", "PATH", "PWD", "SHLVL", "VIRTUAL_ENV", "_"})
"""Environment variables that mean something on this machine only, whoever set them."""

_CONDA_FILE = "MLSDK_CONDA_FILE"
"""The environment variable through which an engine reads the conda file: an address in it may hold a secret, which would stay
in the image if the file were copied there."""

_PREFIX = "/opt/mlsdk-environment"
"""Where the packages of a conda file are in an image."""

UNTIL_ALONE = (
    '{ trap "" TERM INT; while read -r _; do :; done; kill -KILL "$$" 2>/dev/null; } <&0 & exec "$@" </dev/null'
)
"""Runs a command in the container, and ends it when nobody is left who holds the other end of its input."""


@attrs.frozen(kw_only=True)
class Engine:
    """A container engine that answers."""

    program: Path
    """Its command line."""
    is_podman: bool = False
    is_rootless: bool = False
    """Whether it runs as a user, who is root within its containers."""

    @property
    def user(self) -> tuple[str, ...]:
        """The options by which a container's files belong to the user of this process."""
        if self.is_podman:
            ids = ("--user", f"{os.getuid()}:{os.getgid()}")
            return ("--userns", "keep-id", *ids) if self.is_rootless else ids
        return ("--user", "0:0" if self.is_rootless else f"{os.getuid()}:{os.getgid()}")


def find_engine() -> Engine:
    """The first engine that answers; `EnvironmentBuildError` says of each why it does not, and what to do."""
    said: list[str] = []
    for name in ENGINES:
        found = shutil.which(name)
        if found is None:
            said.append(f"{name} is not installed")
            continue
        try:
            answer = subprocess.run(  # noqa: S603 - an engine, with its arguments one by one
                [found, "info", "--format", "{{json .}}"],
                capture_output=True,
                text=True,
                timeout=_SECONDS_TO_ANSWER,
                check=False,
            )
        except subprocess.TimeoutExpired:
            said.append(f"{name} does not answer within {_SECONDS_TO_ANSWER} s")
            continue
        if answer.returncode == 0:
            return _engine(Path(found), json.loads(answer.stdout))
        said.append(f"{name} says: {answer.stderr.strip() or f'exit status {answer.returncode}'}")
    message = (
        f"no container engine answers ({'; '.join(said)}): start or install Docker or Podman, or run jobs without one, with "
        'LocalRunner(python="built") or LocalRunner(python="current")'
    )
    raise EnvironmentBuildError(message)


def _engine(program: Path, info: Mapping[str, Any]) -> Engine:
    """An engine by what it tells of itself."""
    if "host" in info:
        return Engine(program=program, is_podman=True, is_rootless=bool(info["host"]["security"]["rootless"]))
    return Engine(program=program, is_rootless="name=rootless" in (info.get("SecurityOptions") or ()))


def wrapper(
    engine: Engine,
    image: str,
    *,
    name: str,
    mounts: Mapping[Path, Literal["ro", "rw"]],
    of_host: Iterable[str] = (),
    shared_memory: str = "2g",
    arguments: Sequence[str] = (),
) -> tuple[str, ...]:
    """The command line to put before bash, for `Task.wrapper`: bash then runs in a container of `image`.

    `mounts`: the absolute paths of this machine that the container has under the same paths, to be changed (`rw`) or not
    (`ro`); what is below one that is mounted needs none of its own. `of_host`: the names of the environment variables of
    this machine, which stay out, as `PATH` always does; all others that the process has then go in, their values on no command
    line. `shared_memory`: the size of `/dev/shm`, as `resources.shm_size` of a job has it. `arguments`: further ones for the
    engine, as `resources.docker_args` has them.

    The container is named by the job and the process, starts in the folder that the process is in, and is gone when the job
    has ended, was stopped, or was killed with all its processes.
    """
    options = [
        *("--rm", "--init", "--interactive", "--network", "host", "--shm-size", shared_memory),
        *engine.user,
        # Where SELinux labels files, a container may not read those of the host unless it has no label.
        *("--security-opt", "label=disable"),
        # A signal goes to all processes of the job, as it does without a container.
        *("--env", "TINI_KILL_PROCESS_GROUP=1"),
    ]
    kept_out = _OF_HOST.union(of_host)
    if "HOME" in kept_out:
        # The user is often none that the image knows, and then has no folder to write in.
        options += ["--env", "HOME=/tmp"]
    for path, mode in sorted(mounts.items()):
        options += ["--mount", _mount(path, mode)]
    return (
        # No name of a variable has a `=` in it.
        *(sys.executable, "-I", contained.__file__, name, "=".join(sorted(kept_out)), str(engine.program)),
        *options,
        *arguments,
        *("--entrypoint", "bash", _checked(image), "-c", UNTIL_ALONE, "mlsdk"),
    )


@attrs.frozen(kw_only=True)
class Image:
    """An image that the engine has."""

    name: str
    log: Path | None = None
    """What the engine said when it fetched or built it for these jobs; None where it had it before."""


class Images:
    """The images of environments, made by an engine of this machine. Threads and processes may share the folder."""

    def __init__(self, root: Path, engine: Engine) -> None:
        """Keep logs in `root / "images"`."""
        self._folder = root.absolute() / "images"
        self._engine = engine
        self._programs = Programs()
        self._had: dict[str, Image] = {}

    def image(self, environment: Mapping[str, Any], *, context: Path | None = None) -> Image:
        """The image of an environment, by `properties` of its version's body; the engine has it then.

        An `image` alone is fetched; with a `condaFile`, conda, which must be in the image, installs that on top of it; a
        `build` is built from the files in the folder `context`. That takes seconds to minutes the first time.
        `EnvironmentBuildError` says why it cannot be had.
        """
        base, conda_file, build = (environment.get(name) for name in ("image", "condaFile", "build"))
        if build is not None:
            return self._from_context(context, build.get("dockerfilePath") or "Dockerfile")
        if not base:
            message = "the environment has no image: give it one (`image`), or use LocalRunner(python='built')"
            raise EnvironmentBuildError(message)
        name = _checked(base)
        return self._on_top(name, conda_file) if conda_file else self._made(name, _key(name), ("pull", name))

    def close(self) -> None:
        """Stop what is being fetched or built; who waits for it gets an `EnvironmentBuildError`."""
        self._programs.close()

    def _from_context(self, context: Path | None, file: str) -> Image:
        """The image of a folder with a Dockerfile."""
        if context is None:
            message = (
                "the files of the environment's build context are not on this machine: give its `build` a local path"
            )
            raise EnvironmentBuildError(message)
        if not (context / file).is_file():
            message = f"the environment's build context has no {file}: name its Dockerfile by `dockerfile_path`"
            raise EnvironmentBuildError(message)
        key = _key(file, *_contents(context))
        tag = _tag(key)
        return self._made(tag, key, ("build", "--tag", tag, "--file", str(context / file), str(context)))

    def _on_top(self, base: str, conda_file: str) -> Image:
        """The image with what a conda file lists."""
        # An address's secret tells no image from another.
        key = _key(base, hidden(conda_file))
        tag = _tag(key)
        folder = self._folder / key / "context"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "Dockerfile").write_text(dockerfile(base, key), encoding="utf-8")
        command = ("build", "--tag", tag, "--secret", f"id=conda_file,env={_CONDA_FILE}", str(folder))
        return self._made(tag, key, command, source=conda_file, variables={_CONDA_FILE: conda_file})

    def _made(
        self,
        name: str,
        key: str,
        command: Sequence[str],
        *,
        source: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> Image:
        """The image `name`, which a command of the engine makes where the engine does not have it."""
        if name in self._had:
            return self._had[name]
        folder = self._folder / key
        folder.mkdir(parents=True, exist_ok=True)
        with held(folder / "lock", self._programs.closed) as is_held:
            if not is_held:
                raise EnvironmentBuildError(CLOSED)
            log = folder / "build.log"
            if not self._is_there(name):
                log.unlink(missing_ok=True)
                build = Build(self._programs, log, source)
                # What is built needs the features of BuildKit, which older engines have but do not use unasked.
                status, said = build.run(
                    self._engine.program, *command, variables={"DOCKER_BUILDKIT": "1", **(variables or {})}
                )
                if status != 0:
                    what = f"the image {name} of the environment could not be had; {self._engine.program.name} said"
                    advice = "Correct the environment, or sign in to the registry of its image"
                    raise build.failure(what, said, advice)
            image = self._had[name] = Image(name=name, log=log if log.exists() else None)
        return image

    def _is_there(self, name: str) -> bool:
        """Whether the engine has an image."""
        command = [str(self._engine.program), "image", "inspect", name]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - no shell


def dockerfile(base: str, key: str) -> str:
    """The Dockerfile that installs a conda file, given as a secret of the build, on top of an image that has conda.

    `key` changes with the conda file, so that the engine does not take what it kept of another one.
    """
    without = (
        f"{base} has no conda to install the conda file with: take an image with it, such as Azure Machine Learning's"
    )
    return f"""FROM {base}
LABEL mlsdk.environment={key}
USER root
RUN --mount=type=secret,id=conda_file,target=/run/mlsdk/conda.yaml,required=true \\
    {{ command -v conda >/dev/null || {{ echo "{without}" >&2; exit 1; }}; }} \\
    && conda env create --prefix {_PREFIX} --file /run/mlsdk/conda.yaml \\
    && conda clean --all --yes
ENV PATH={_PREFIX}/bin:$PATH CONDA_PREFIX={_PREFIX} CONDA_DEFAULT_ENV={_PREFIX}
"""


def _mount(path: Path, mode: str) -> str:
    """A mount as engines read it: fields in the manner of CSV, so that a path may hold a comma."""
    fields = ["type=bind", f"source={path}", f"target={path}", *(["readonly"] if mode == "ro" else [])]
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(fields)
    return line.getvalue()


def _checked(image: str) -> str:
    """The name of an image that is one."""
    if not _IMAGE.fullmatch(image):
        message = (
            f"{image!r} is no name of an image: write it as in `mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04`"
        )
        raise EnvironmentBuildError(message)
    return image


def _key(*parts: str) -> str:
    """A name by content."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def _tag(key: str) -> str:
    """The name of an image that is made here; no registry has it."""
    return f"localhost/mlsdk-environment:{key}"


def _contents(folder: Path) -> list[str]:
    """The paths, modes and contents of the files in a folder, in a fixed order."""
    found: list[str] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        found += [path.relative_to(folder).as_posix(), str(path.stat().st_mode & 0o111), digest]
    return found
