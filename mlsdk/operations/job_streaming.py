"""A job followed until it has ended: its log as it is written, the statuses of its steps, then a summary."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from mlsdk.assets import places
from mlsdk.operations import job_logs
from mlsdk.operations.job_failures import failure, label
from mlsdk.operations.run_history import ENDED

if TYPE_CHECKING:
    from mlsdk.backends import Backend, Container
    from mlsdk.operations.run_history import RunHistory
    from mlsdk.operations.session import Session

JSON = dict[str, Any]

FIRST, IMPATIENT, PATIENT = 0.05, 0.4, 4.0
"""The first pause between two looks, the longest while there is news, and the longest of all, in polling intervals of the
client (0.25 s, 2 s and 20 s of 5 s)."""
SLOWER = 1.5
"""How much longer a pause is than the one before."""
PER_STEP = 0.01
"""For how long the steps are not asked for again, for each of them, in polling intervals of the client: all of them are told
of each time, so that the more there are, the more seldom they are asked for."""
WITHOUT_LOGS = frozenset({"NotStarted", "Queued", "Starting", "Provisioning", "Preparing"})
"""The statuses in which a job has printed nothing yet."""
WITH_STEPS = frozenset({"automl", "pipeline", "sweep"})
"""The types of jobs whose children are told of."""


class Pauses:
    """The pauses between two looks at a job: short at first and while something happens, longer while nothing does."""

    def __init__(self, backend: Backend, interval: float) -> None:
        """Begin with the shortest one."""
        self._backend, self._interval = backend, interval
        self._pause = FIRST * interval / SLOWER
        self.slept = 0.0
        """Seconds that have passed in pauses, on the backend's clock."""

    def pass_one(self, *, news: bool, longest: float | None = None) -> None:
        """Let a pause pass, of `longest` seconds at most."""
        self._pause = min(SLOWER * self._pause, (IMPATIENT if news else PATIENT) * self._interval)
        pause = self._pause if longest is None else min(self._pause, longest)
        passed = self._backend.sleep(pause)
        self.slept += pause if passed is None else passed


class Stream:
    """What is printed of one job while it is followed."""

    def __init__(self, session: Session, history: RunHistory, body: JSON, studio: str | None) -> None:
        """Follow the job with this body; `studio` is its page."""
        properties = body.get("properties") or {}
        self._session, self._history, self._studio = session, history, studio
        self._name: str = body["name"]
        self._job_type = str(properties.get("jobType")).lower()
        self._output = ((properties.get("outputs") or {}).get("default") or {}).get("uri")
        self._files: tuple[Container, str] | None = None
        self._backend = session.connection.backend
        self._logs = job_logs.Logs(self._job_type, self._opened)
        self._statuses: dict[str, str] = {}
        self._in_line = False
        self._last: str | None = None

    def follow(self) -> None:
        """Print until the job has ended. JobException when it has failed."""
        interval = self._session.connection.polling_interval
        pauses, due = Pauses(self._backend, interval), 0.0
        self._write(f"RunId: {self._name}\nWeb View: {self._studio}\n")
        status = None
        while True:
            details = self._history.details(self._name)
            news = details.get("status") != status
            status = details.get("status")
            ended = status in ENDED
            if ended or pauses.slept >= due:
                news = self._tell_steps() or news
                due = pauses.slept + PER_STEP * interval * len(self._statuses)
            news = self._tell_logs(details, ended=ended) or news
            sys.stdout.flush()
            if ended:
                break
            pauses.pass_one(news=news)
        self._summarize(details)
        if status == "Failed":
            raise failure(self._history, self._backend, self._job_type, details)

    def _tell_steps(self) -> bool:
        """A line for each step whose status has changed; gives whether there was one."""
        changed = False
        if self._job_type in WITH_STEPS:
            oldest_first = list(self._history.children(self._name, dict))[::-1]
            for step in sorted(oldest_first, key=lambda run: str(run.get("createdUtc"))):
                status = str(step.get("status"))
                if self._statuses.get(step["runId"]) != status:
                    self._statuses[step["runId"]] = status
                    self._write_line(f"Step {label(step)}: {status}")
                    self._last, changed = None, True
        return changed

    def _tell_logs(self, details: JSON, *, ended: bool) -> bool:
        """What is new in the logs, below the name of each; gives whether there was anything."""
        told = False
        for log, news in self._logs.news(self._addresses(details), ended=ended):
            for text in news:
                if self._last != log.name:
                    self._begin(log.name)
                self._write(text)
                told = True
        return told

    def _begin(self, name: str) -> None:
        self._write_line(f"\nStreaming {name}\n{'=' * (len(name) + len('Streaming '))}\n")
        self._last = name

    def _addresses(self, details: JSON) -> dict[str, str]:
        """The logs of the job, by name: those that run history names, else those among the job's own files."""
        found = details.get("logFiles") or {}
        if found or not self._output or details.get("status") in WITHOUT_LOGS:
            return dict(found)
        container, folder = self._own_files(self._output)
        names = (
            info.name
            for part in ("user_logs/", "azureml-logs/", "logs/azureml/")
            for info in container.list(folder + part)
        )
        return {name[len(folder) :]: name for name in names}

    def _own_files(self, uri: str) -> tuple[Container, str]:
        if self._files is None:
            container, path = places.stored(uri, self._session, None)
            self._files = container, f"{path.strip('/')}/"
        return self._files

    def _opened(self, address: str) -> tuple[Container, str]:
        if "://" not in address and self._files is not None:
            return self._files[0], address
        return job_logs.place(self._backend, address)

    def _summarize(self, details: JSON) -> None:
        self._write_line(f"\nExecution Summary\n=================\nRunId: {self._name}\nWeb View: {self._studio}")
        warnings = [each["message"] for each in details.get("warnings") or () if each.get("message")]
        if warnings:
            self._write("\nWarnings:\n" + "".join(f"{message}\n" for message in warnings))
        self._write("\n")
        sys.stdout.flush()

    def _write_line(self, text: str) -> None:
        """A line of its own, also after a log that has not ended its last one."""
        self._write(f"\n{text}\n" if self._in_line else f"{text}\n")

    def _write(self, text: str) -> None:
        if not text:
            return
        try:
            sys.stdout.write(text)
        except UnicodeEncodeError:  # a console that knows few letters: better some question marks than no log
            sys.stdout.write(text.encode(sys.stdout.encoding, "replace").decode(sys.stdout.encoding))
        self._in_line = not text.endswith("\n")
