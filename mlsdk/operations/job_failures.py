"""Why a job failed: what the service says, of the job and of the steps in it that failed, and the last lines of their logs."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError

from mlsdk.exceptions import ErrorCategory, ErrorTarget, JobException
from mlsdk.operations import job_logs
from mlsdk.operations.run_history import failure_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsdk.backends import Backend
    from mlsdk.operations.run_history import RunHistory

JSON = dict[str, Any]

LINES = 20
"""How many lines of a log an error shows."""
TOLD = 10
"""How many of them a reason has in it that needs no more of them below it."""
STEPS = 5
"""How many failed steps an error tells of."""
UNEXPLAINED = "the service does not say why; its logs may"


def failure(history: RunHistory, backend: Backend, job_type: str, details: JSON) -> JobException:
    """The error for a job that has ended without completing."""
    name, status, error = details["runId"], details.get("status"), failure_of(details)
    if status != "Failed":
        message = f"job {name!r} has not completed: it is {status}"
        return _exception(f"{message}: {error}" if error is not None else message, None, ErrorCategory.USER_ERROR)
    whole = str(error or UNEXPLAINED)
    below = list(itertools.islice(_failed_below(history, name), STEPS + 1))
    of_steps: list[str] = []
    repeats = False
    for step, of_step in below[:STEPS]:
        reason = failure_of(of_step)
        log = _end_of_log(backend, "base", of_step)
        if reason is not None and reason.message in whole and _is_told(log, whole):
            repeats = True
            of_steps.append(f"step {label(step)!r} is {step['runId']}")
            continue
        of_steps.append(f"step {label(step)!r} ({step['runId']}) failed: {reason or UNEXPLAINED}")
        of_steps += [] if _is_told(log, str(reason)) else log
    if len(below) > STEPS:
        of_steps.append("Other steps failed too.")
    own = [] if repeats else _end_of_log(backend, job_type, details)
    lines = [f"job {name!r} failed: {whole}", *([] if _is_told(own, whole) else own), *of_steps]
    blame = ErrorCategory.USER_ERROR if getattr(error, "code", None) == "UserError" else ErrorCategory.SYSTEM_ERROR
    return _exception("\n".join(lines), error, blame)


def label(run: JSON) -> str:
    """What a step is called: the name it has in its pipeline."""
    return str(run.get("displayName") or run.get("name") or run["runId"])


def _exception(message: str, error: Any, blame: str) -> JobException:
    made = JobException(message, "A job has failed.", target=ErrorTarget.JOB, error_category=blame)
    made.error = error
    return made


def _failed_below(history: RunHistory, name: str) -> Iterator[tuple[JSON, JSON]]:
    """The steps that failed, with their details: the innermost ones, since a step fails with what is in it."""
    for step in history.children(name, dict, keep=lambda run: run.get("status") == "Failed"):
        inner = list(_failed_below(history, step["runId"]))
        if inner:
            yield from inner
            continue
        details = history.details(step["runId"])
        yield step, {**details, "error": details.get("error") or step.get("error")}


def _is_told(log: Sequence[str], reason: str) -> bool:
    """Whether a reason has the end of a log in it, as that of a job on this machine has."""
    return len(log) > 1 and all(line.strip() in reason for line in log[1:][-TOLD:])


def _end_of_log(backend: Backend, job_type: str, details: JSON) -> list[str]:
    """The last lines of the last log, indented, below a line that says whose they are; or why it cannot be read."""
    addresses = details.get("logFiles") or {}
    for name in reversed(job_logs.to_follow(addresses, job_type)):
        try:
            found = job_logs.last_lines(*job_logs.place(backend, addresses[name]), LINES)
        except AzureError as error:  # the storage may let nobody in from here; why the job failed is known all the same
            return [f"Its log {name} cannot be read: {error}"]
        if found:
            return [f"The last lines of {name}:", *(f"  {line}" for line in found)]
    return []
