"""How a job ends: what a test says of it beforehand, since the memory backend runs no code."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Union

import attrs

Content = Union[str, bytes]
ENDS = ("Completed", "Failed", "Canceled")


class RunnerError(RuntimeError):
    """A function given to `run_jobs_with` failed with an error of a client that it used.

    Raised as it is, it would look to the client that submits the job like an error of its own request, which clients make
    again: the function would be called several times for one job.
    """


def _files(files: Any) -> dict[str, Content]:
    """Files by path; TypeError or ValueError where they are something else."""
    if not isinstance(files, Mapping):
        message = f"files are given as a mapping of paths to text or bytes, not as {files!r}"
        raise TypeError(message)
    for path, content in files.items():
        if not isinstance(path, str) or not isinstance(content, (str, bytes)):
            message = f"a file is a path with text or bytes, not {path!r} with {type(content).__name__}"
            raise TypeError(message)
        if not path or path.startswith("/") or any(part in ("", ".", "..") for part in path.split("/")):
            message = f"{path!r} is not the path of a file below a folder"
            raise ValueError(message)
    return dict(files)


def _outputs(outputs: Mapping[str, Any]) -> dict[str, Content | dict[str, Content]]:
    return {
        name: content if isinstance(content, (str, bytes)) else _files(content) for name, content in outputs.items()
    }


@attrs.frozen(kw_only=True)
class JobOutcome:
    """What a job does and leaves behind.

    A default one completes at once (on a clock moved by hand: after about a minute and a half), with an empty log.
    """

    status: str = "Completed"
    """`Completed`, `Failed` or `Canceled`."""
    log: str = attrs.field(default="", repr=False, validator=attrs.validators.instance_of(str))
    """What the job prints: `user_logs/std_log.txt`."""
    files: Mapping[str, Content] = attrs.field(factory=dict, repr=False, converter=_files)
    """Other files in the job's own folder by path, such as `outputs/model.pkl`: `jobs.download(name)` fetches them."""
    outputs: Mapping[str, Union[Content, Mapping[str, Content]]] = attrs.field(
        factory=dict, repr=False, converter=_outputs
    )
    """The named outputs: the files by path, or the content where the output is one file."""
    error: str = attrs.field(default="The job failed.", validator=attrs.validators.instance_of(str))
    """Why it failed, where it did."""
    seconds: float | None = None
    """How long it is `Running`; by default no time at all, and a minute on a clock moved by hand."""

    def __attrs_post_init__(self) -> None:
        if self.status not in ENDS:
            message = f"a job ends as {', '.join(ENDS)}, not as {self.status!r}"
            raise ValueError(message)
        if self.seconds is not None and not 0 <= self.seconds < math.inf:
            message = f"a job runs for some seconds or none, not for {self.seconds!r}"
            raise ValueError(message)


Runner = Callable[[Mapping[str, Any]], JobOutcome]
"""Gets the body of a job that was submitted (`id`, `name` and `properties`) and says what becomes of it."""


def complete(_job: Mapping[str, Any]) -> JobOutcome:
    """Every job completes at once and prints nothing."""
    return JobOutcome()


def outcome_by(runner: Runner, job: Mapping[str, Any]) -> JobOutcome:
    """What a runner says of a job, which has to be possible: TypeError or ValueError when it is not."""
    outcome: Any
    try:
        outcome = runner(job)
    except Exception as error:
        if _of_a_client(error):
            message = f"the function given to run_jobs_with() raised {type(error).__name__}: {error}"
            raise RunnerError(message) from error
        raise
    if not isinstance(outcome, JobOutcome):
        message = f"the function given to run_jobs_with() has to give a JobOutcome, not {outcome!r}"
        raise TypeError(message)
    declared = job["properties"]["outputs"]
    unknown = sorted(set(outcome.outputs) - set(declared))
    if unknown:
        message = (
            f"the runner gives the job {job['name']!r} the outputs {unknown}, "
            f"which it does not declare: {sorted(declared)}"
        )
        raise ValueError(message)
    for name, content in outcome.outputs.items():
        type_ = str(declared[name]["jobOutputType"]).lower()
        if (type_ == "uri_file" and isinstance(content, Mapping)) or (
            type_ in ("uri_folder", "mltable") and not isinstance(content, Mapping)
        ):
            given = "files by path" if isinstance(content, Mapping) else "one content"
            message = f"the runner gives the output {name!r} of the job {job['name']!r} {given}, but it is a {type_}"
            raise ValueError(message)
    return outcome


def _of_a_client(error: Exception) -> bool:
    """Whether a client would take an error for that of a connection, or of an answer."""
    from azure.core.exceptions import AzureError
    from requests.exceptions import RequestException
    from urllib3.exceptions import HTTPError

    return isinstance(error, (AzureError, RequestException, HTTPError))
