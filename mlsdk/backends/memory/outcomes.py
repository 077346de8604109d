"""How a job ends: what a test says of it beforehand, since the memory backend runs no code."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union

import attrs

Content = Union[str, bytes]
Number = Union[bool, int, float]
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


def _outputs(outputs: Mapping[str, Any]) -> dict[str, Content | Number | dict[str, Content]]:
    return {
        name: content if isinstance(content, (str, bytes, bool, int, float)) else _files(content)
        for name, content in outputs.items()
    }


def _metrics(metrics: Any) -> dict[str, tuple[float, ...]]:
    """Values by metric, one after the other; TypeError where they are something else."""
    if not isinstance(metrics, Mapping):
        message = f"metrics are given as a mapping of names to numbers, not as {metrics!r}"
        raise TypeError(message)
    found = {}
    for name, values in metrics.items():
        series = values if isinstance(values, Sequence) and not isinstance(values, (str, bytes)) else (values,)
        if not isinstance(name, str) or not all(isinstance(value, (int, float)) for value in series):
            message = f"a metric is a name with a number, or with several of them, not {name!r} with {values!r}"
            raise TypeError(message)
        found[name] = tuple(float(value) for value in series)
    return found


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
    outputs: Mapping[str, Union[Content, Number, Mapping[str, Content]]] = attrs.field(
        factory=dict, repr=False, converter=_outputs
    )
    """The named outputs: the files by path, the content where the output is one file, the value of one that steers others."""
    metrics: Mapping[str, Union[float, Sequence[float]]] = attrs.field(factory=dict, converter=_metrics)
    """What it logs: a number, or several one after the other. The best trial of a sweep is told by them."""
    reuses: str | None = None
    """The run whose results a step of a pipeline takes instead of running."""
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

    @property
    def files_of_outputs(self) -> dict[str, Union[Content, Mapping[str, Content]]]:
        """The outputs that are files."""
        return {name: content for name, content in self.outputs.items() if isinstance(content, (str, bytes, Mapping))}

    @property
    def values_of_outputs(self) -> dict[str, Number]:
        """The outputs that steer other steps."""
        return {name: content for name, content in self.outputs.items() if isinstance(content, (bool, int, float))}


Runner = Callable[[Mapping[str, Any]], JobOutcome]
"""Gets the body of a job (`id`, `name` and `properties`) and says what becomes of it."""
STEERING = ("boolean", "integer", "number", "string")
"""The types of outputs that are values, not files: other steps are steered by them."""


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
    if outcome.reuses is not None and job["properties"].get("parentJobName") is None:
        message = f"the job {job['name']!r} is no step of a pipeline, and cannot reuse {outcome.reuses!r}"
        raise ValueError(message)
    declared = job["properties"]["outputs"]
    unknown = sorted(set(outcome.outputs) - set(declared))
    if unknown:
        message = (
            f"the runner gives the job {job['name']!r} the outputs {unknown}, "
            f"which it does not declare: {sorted(declared)}"
        )
        raise ValueError(message)
    for name, content in outcome.outputs.items():
        _check_content(job["name"], name, str(declared[name]["jobOutputType"]).lower(), content)
    return outcome


def _check_content(job: str, name: str, type_: str, content: Any) -> None:
    """ValueError where what a runner gives for an output is not of the output's type."""
    given = "files by path" if isinstance(content, Mapping) else "one content"
    if isinstance(content, (bool, int, float)):
        given, wrong = f"the value {content!r}", type_ not in STEERING
    elif isinstance(content, Mapping):
        wrong = type_ == "uri_file" or type_ in STEERING
    else:
        wrong = type_ in ("uri_folder", "mltable")
    if wrong:
        message = f"the runner gives the output {name!r} of the job {job!r} {given}, but it is a {type_}"
        raise ValueError(message)


def _of_a_client(error: Exception) -> bool:
    """Whether a client would take an error for that of a connection, or of an answer."""
    from azure.core.exceptions import AzureError
    from requests.exceptions import RequestException
    from urllib3.exceptions import HTTPError

    return isinstance(error, (AzureError, RequestException, HTTPError))
