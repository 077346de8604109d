"""The runs of jobs are kept in an MLflow file store: what a script logs by `mlflow` lands in its job's run.

The store is a folder in the format of MLflow's own `FileStore`, which every version of MLflow has written and read since the
first, mlflow-skinny alone included; files are appended to, so that nothing stands between processes that log side by side
and none of them can leave the others a lock. Newer versions of MLflow ask that one allows it
(`MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri <folder>`); a job is given that along with its run.
"""

from __future__ import annotations

import getpass
import os
import posixpath
import re
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import attrs

from mlsdk.local.logged_files import LoggedFiles
from mlsdk.local.work import Tracked

STATUSES = {"Completed": 3, "Failed": 4, "Canceled": 5}
"""How jobs end, and the numbers by which the store calls it."""
RUNNING = 1

META = "meta.yaml"
PARTS = ("metrics", "params", "tags", "artifacts")
"""The folders that MLflow wants to find in that of a run, even if the artifacts are elsewhere."""
DEFAULT = ("Default", "0")
"""The experiment that MLflow brings itself: its name and its id."""
NO_EXPERIMENTS = (".trash", "models")
"""The folders of a store that hold no experiment."""

_IN_AN_ID = re.compile(r"[^A-Za-z0-9_-]+")
_TAG = re.compile(r"[/\w.\- ]{1,250}")
_NOT_QUOTED = re.compile(r'[^ -~]|["\\]')
"""A character that does not stand for itself within double quotes, or may not."""
_STATUS = re.compile(r"^status: .*$", re.MULTILINE)
_END = re.compile(r"^end_time: .*$", re.MULTILINE)
_WHOLE = re.compile(r"^user_id: .*\n\Z", re.MULTILINE)
"""The last line of a run's `meta.yaml`, whose keys are sorted."""


@attrs.frozen
class _Begun:
    """A run that this process began and has not ended."""

    folder: Path
    facts: Mapping[str, str]
    """The lines of its `meta.yaml` as they were at first."""
    logged: LoggedFiles


class RunStore:
    """The runs of jobs in one folder, which several processes may share.

    Nothing here imports MLflow. A run that is there is a whole one, whenever the process that began it was killed. May be
    used by several threads.
    """

    def __init__(self, folder: Path) -> None:
        """Keep runs in `folder`, such as `mlruns`, which is made with the first of them, as is `.<its name>-new` beside it."""
        self.folder = folder.resolve()
        self._new = self.folder.with_name(f".{self.folder.name}-new")
        self._begun: dict[str, _Begun] = {}
        self._experiments: dict[str, tuple[str, int]] = {}
        """The ids of experiments by name, each with the time at which its `meta.yaml` was written."""
        self._user = _user()

    @property
    def uri(self) -> str:
        """The store's address for MLflow: `mlflow.MlflowClient(tracking_uri=...)`."""
        return self.folder.as_uri()

    def begin(
        self,
        run: str,
        *,
        name: str,
        experiment: str,
        artifacts: Path,
        parent: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """Make a run for a job, and give the environment variables by which `mlflow` in its script logs into it.

        Parameters
        ----------
        run
            The id that the run should have, the job's name for example. Where another one has it, `-2`, `-3`, … is added:
            `MLFLOW_RUN_ID` of the answer is the id by which `end`, `tracked` and MLflow know the run.
        name
            What it is shown as.
        experiment
            The name of its experiment, which is made when it is not there.
        artifacts
            The folder for what the script logs as files; it need not be there.
        parent
            The id of the run that it is a part of.
        tags
            Tags that it has from the start. Those whose names MLflow has no place for (letters, digits and `_-. /` only, no
            `..`) are left out.

        OSError when the store cannot be written.

        """
        name, experiment = _writable(name), _writable(experiment)
        tags = {**(tags or {}), "mlflow.runName": name, **({"mlflow.parentRunId": parent} if parent else {})}
        made = self._new / os.urandom(8).hex()
        self._make(made, *PARTS)
        for key, value in _tags(tags):
            file = made / "tags" / key
            if "/" in key:
                file.parent.mkdir(parents=True, exist_ok=True)
            _write(file, _writable(value))
        with self._held():
            experiment_id = self._experiment(experiment)
            identity = self._free(_IN_AN_ID.sub("-", run).lstrip("-_")[:200] or "run")
            facts = {
                "artifact_uri": _quoted(artifacts.absolute().as_uri()),
                "end_time": "null",
                "entry_point_name": "''",
                "experiment_id": _quoted(experiment_id),
                "lifecycle_stage": "active",
                "run_id": _quoted(identity),
                "run_name": _quoted(name),
                "run_uuid": _quoted(identity),
                "source_name": "''",
                "source_type": "4",
                "source_version": "''",
                "start_time": str(_now()),
                "status": str(RUNNING),
                "tags": "[]",
                "user_id": _quoted(self._user),
            }
            _write(made / META, _lines(facts))
            folder = self.folder / experiment_id / identity
            made.rename(folder)
        self._begun[identity] = _Begun(folder, facts, LoggedFiles(folder))
        found = {
            "MLFLOW_TRACKING_URI": self.uri,
            "MLFLOW_REGISTRY_URI": self.uri,
            "MLFLOW_RUN_ID": identity,
            "MLFLOW_EXPERIMENT_ID": experiment_id,
            "MLFLOW_ALLOW_FILE_STORE": "true",
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }
        if not {"'", "\0"} & set(experiment):  # MLflow cannot look for such a name; the id alone is enough for it.
            found["MLFLOW_EXPERIMENT_NAME"] = experiment
        return found

    def end(self, run: str, status: str) -> None:
        """Note how a run has ended: `Completed`, `Failed` or `Canceled`, whatever its script said.

        No process of the job may be left. Does nothing where the run was removed. ValueError for any other status.
        """
        if status not in STATUSES:
            message = f"a run ends as {', '.join(STATUSES)}, not as {status!r}"
            raise ValueError(message)
        begun = self._begun.pop(run, None)
        folder = begun.folder if begun is not None else self._find(run)
        try:
            text = (folder / META).read_text(encoding="utf-8", errors="replace") if folder is not None else None
        except FileNotFoundError:
            return
        if folder is None or text is None:
            return
        if begun is not None and _WHOLE.search(text) is None:  # MLflow was killed while it copied the file here.
            text = _lines(begun.facts)
        text = _END.sub(f"end_time: {_now()}", _STATUS.sub(f"status: {STATUSES[status]}", text))
        written = folder / f".{META}"
        _write(written, text)
        written.replace(folder / META)

    def tracked(self, run: str) -> Tracked:
        """What a run has logged until now, its tags with those it had from the start; nothing where there is no such run.

        Cheap while the run is one that this object began and has not ended: only what came since is read then.
        """
        begun = self._begun.get(run)
        if begun is not None:
            return begun.logged.read()
        folder = self._find(run)
        return LoggedFiles(folder).read() if folder is not None else Tracked()

    # -- the store -----------------------------------------------------------------------------------------------
    @contextmanager
    def _held(self) -> Generator[None, None, None]:
        """Have the names in the store to oneself, among all who begin runs in it, for a moment."""
        import fcntl

        path = self.folder / ".begin.lock"
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _make(self, folder: Path, *parts: str) -> None:
        """Make a new folder, where nobody sees it yet, with others in it."""
        try:
            folder.mkdir()
        except FileNotFoundError:
            folder.mkdir(parents=True)
        for part in parts:
            os.mkdir(f"{folder}/{part}")  # noqa: PTH102 - a Path takes as long as the folder

    def _experiment_folders(self) -> Iterator[Path]:
        """The folders of all experiments, also of those that were deleted, which MLflow searches for runs too."""
        for top in (self.folder, self.folder / ".trash"):
            try:
                entries = list(os.scandir(top))
            except FileNotFoundError:
                continue
            for entry in entries:
                if entry.name not in NO_EXPERIMENTS and entry.is_dir():
                    yield Path(entry.path)

    def _find(self, run: str) -> Path | None:
        """The folder of a run, in whatever experiment it is."""
        if _IN_AN_ID.search(run) or not run:
            return None
        return next((path for each in self._experiment_folders() if (path := each / run).is_dir()), None)

    def _free(self, wanted: str) -> str:
        """An id that no run has, in whatever experiment."""
        identity, count = wanted, 1
        folders = [str(each) for each in self._experiment_folders()]
        while any(os.path.lexists(f"{folder}/{identity}") for folder in folders):
            count += 1
            identity = f"{wanted}-{count}"
        return identity

    def _experiment(self, name: str) -> str:
        """The id of an experiment, which is made when it is not there. The store is held."""
        identity, written = self._experiments.get(name, ("", 0))
        if identity and _written(self.folder / identity / META) == written:
            return identity
        self._experiments = self._named()
        if name not in self._experiments:
            self._make_experiment(name)
        return self._experiments[name][0]

    def _named(self) -> dict[str, tuple[str, int]]:
        """The experiments that are there and not deleted, as MLflow and others have left them."""
        import yaml

        found = {}
        for folder in self._experiment_folders():
            written = _written(folder / META) if folder.parent == self.folder else None
            if written is not None:
                try:
                    facts = yaml.safe_load((folder / META).read_text(encoding="utf-8", errors="replace"))
                except yaml.YAMLError:  # another one's experiment that is damaged is none for us
                    continue
                if isinstance(facts, dict) and facts.get("name") is not None:
                    found[str(facts["name"])] = (folder.name, written)
        return found

    def _make_experiment(self, name: str) -> None:
        identity = DEFAULT[1]
        if name != DEFAULT[0] or os.path.lexists(self.folder / identity):
            identity = str(int.from_bytes(os.urandom(8), "big") % 10**18)
        made, folder = self._new / os.urandom(8).hex(), self.folder / identity
        self._make(made)
        now = str(_now())
        facts = {
            "artifact_location": _quoted(folder.as_uri()),
            "creation_time": now,
            "experiment_id": _quoted(identity),
            "last_update_time": now,
            "lifecycle_stage": "active",
            "name": _quoted(name),
        }
        _write(made / META, _lines(facts))
        made.rename(folder)
        self._experiments[name] = (identity, _written(folder / META) or 0)


def _user() -> str:
    """Who runs jobs here; a number in a container that has no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _now() -> int:
    """Milliseconds since 1970."""
    return round(time.time() * 1000)


def _written(path: Path) -> int | None:
    """When a file was written last; None where there is none."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _write(path: Path, text: str) -> None:
    with open(path, "wb", buffering=0) as file:  # noqa: PTH123 - a Path takes as long as the writing
        file.write(text.encode())


def _lines(facts: Mapping[str, str]) -> str:
    """A YAML mapping of keys to what stands for their values, as MLflow writes it: a line for each, sorted by key."""
    return "".join(f"{key}: {value}\n" for key, value in facts.items())


def _writable(text: str) -> str:
    """A text without the halves of characters that JSON may hold and UTF-8 may not."""
    return text.encode(errors="replace").decode()


def _quoted(text: str) -> str:
    """A text as YAML has it within double quotes, whatever is in it."""
    return f'"{_NOT_QUOTED.sub(_escaped, text)}"'


def _escaped(character: re.Match[str]) -> str:
    return f"\\U{ord(character[0]):08x}"


def _tags(tags: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The tags that can be kept as files named after them: all others would keep MLflow from reading the run at all."""
    for key, value in tags.items():
        is_path = posixpath.normpath(key) == key and not key.startswith(("/", "..")) and key != "."
        is_folder = any(other.startswith(f"{key}/") for other in tags)
        if _TAG.fullmatch(key) and is_path and not is_folder and len(key.encode()) <= 250:
            yield key, str(value)
