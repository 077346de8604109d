"""What a job has left is taken over by the same job later: the same code, inputs, command and environment.

A result is a small file that is written, whole, after all that it tells of; it tells size and time of every file, and counts
only while each is still there as it was. So nothing is taken over that is half written, or was changed since.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from mlsdk.local.outputs import OutputError, files_of
from mlsdk.local.work import Metric, Tracked, Value

_LAYOUT = 1
"""Counts the ways in which results were written; one of another way is not found."""


@attrs.frozen(kw_only=True)
class Result:
    """What a run has left."""

    run: str
    """The name of the job that left it."""
    outputs: Mapping[str, Path | Value]
    files: Mapping[str, Path]
    tracked: Tracked


class Results:
    """The results of jobs by what told the job from any other. Threads and processes may share the folder."""

    def __init__(self, folder: Path) -> None:
        """Keep results in `folder`, which is made when it is first needed."""
        self._folder = folder

    def find(self, key: str) -> Result | None:
        """What is there of the job with this key; None where there is nothing, or it is not as it was."""
        try:
            said = json.loads((self._folder / f"{key}.json").read_bytes())
            for path, files in said["states"].items():
                if _state(Path(path)) != files:
                    return None
            return Result(
                run=said["run"],
                outputs={
                    name: Path(output["path"]) if "path" in output else output["value"]
                    for name, output in said["outputs"].items()
                },
                files={name: Path(path) for name, path in said["files"].items()},
                tracked=Tracked(
                    metrics={name: [Metric(**each) for each in series] for name, series in said["metrics"].items()},
                    params=said["params"],
                    tags=said["tags"],
                ),
            )
        except (OSError, OutputError, ValueError, KeyError, TypeError):
            return None  # not there, or damaged: the job is run again

    def keep(self, key: str, result: Result) -> None:
        """Keep what a job has left, in the place of what the same one left before; OSError where it cannot be written."""
        paths = [output for output in result.outputs.values() if isinstance(output, Path)]
        said = {
            "run": result.run,
            "outputs": {
                name: {"path": str(output)} if isinstance(output, Path) else {"value": output}
                for name, output in result.outputs.items()
            },
            "files": {name: str(path) for name, path in result.files.items()},
            "states": {str(path): _state(path) for path in [*paths, *result.files.values()]},
            "metrics": {
                name: [attrs.asdict(each) for each in series] for name, series in result.tracked.metrics.items()
            },
            "params": dict(result.tracked.params),
            "tags": dict(result.tracked.tags),
        }
        unfinished = self._folder / f".{key}-{secrets.token_hex(4)}"
        text = json.dumps(said)
        try:
            unfinished.write_text(text, encoding="utf-8")
        except FileNotFoundError:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(self._folder / f"{key}.json")


def _state(path: Path) -> dict[str, list[int]]:
    """Tells the files below a path from what they were before."""
    return {name: [found.st_size, found.st_mtime_ns] for name, found in files_of(path).items()}


def key(said: Mapping[str, Any]) -> str:
    """The key of a job by everything that may change what it leaves, as JSON."""
    text = json.dumps({"layout": _LAYOUT, **said}, sort_keys=True, default=os.fspath)
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=20).hexdigest()
