"""A job looked at until it has ended: as a picture, a tree or lines, whatever there is to show it on."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from mlsdk.display.graph_runs import with_news
from mlsdk.display.screens import screen
from mlsdk.display.states import RUNNING, look
from mlsdk.entities.run_metrics import MetricValue, RunMetric
from mlsdk.operations.job_failures import failure
from mlsdk.operations.job_streaming import PER_STEP, Pauses
from mlsdk.operations.job_viewing import LOG_LINES, OF_RUNS, TRIED, WAITING
from mlsdk.operations.run_history import ENDED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mlsdk.display.views import JobView
    from mlsdk.exceptions import JobTimeoutError
    from mlsdk.operations.job_viewing import JobViewing
    from mlsdk.operations.run_history import RunHistory
    from mlsdk.operations.session import Session

JSON = dict[str, Any]


class Growing:
    """A metric of a running job: what was logged before is asked for when somebody draws it, the rest is added as it comes."""

    def __init__(self, row: JSON, ask: Callable[[], Iterable[JSON]]) -> None:
        """Begin with the last row that is known."""
        self._name, self._ask = row["key"], ask
        self._before: tuple[MetricValue, ...] | None = None
        self._rows = [row]

    def add(self, row: JSON) -> bool:
        """Take in the last row as it is now; gives whether it is a new one."""
        new = row != self._rows[-1]
        if new:
            self._rows.append(row)
        return new

    def _known(self) -> list[MetricValue]:
        if self._before is None:
            self._before = tuple(RunMetric(self._rows[-1], self._ask))
        since = [RunMetric(row, lambda row=row: [row])[0] for row in self._rows]  # type: ignore[misc]
        return [*self._before, *(value for value in since if value not in self._before)]

    @property
    def last(self) -> float:
        """The value that was logged last."""
        return float(self._rows[-1]["value"])

    def __iter__(self) -> Iterator[MetricValue]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())


class Watch:
    """One job while it is looked at."""

    def __init__(self, session: Session, history: RunHistory, viewing: Callable[[], JobViewing]) -> None:
        """Look at the job that `viewing` reads anew."""
        self._history, self._anew = history, viewing
        self._viewing = viewing()
        self._name = self._viewing.name
        self._connection = session.connection
        self._metrics: dict[str, Growing] = {}
        self._log: tuple[str | None, list[str]] = (None, [])
        self._told: Any = None
        self._rows: list[JSON] = []
        self._logged: dict[str, list[JSON]] = {}
        self._due = 0.0

    def follow(self, timeout: float | None, late: Callable[[str, str, float], JobTimeoutError]) -> JobView:
        """Show the job until it has ended, and give it as it is then.

        JobException when it has failed; what `late` makes when it has not ended after `timeout` seconds.
        """
        pauses = Pauses(self._connection.backend, self._connection.polling_interval)
        began, shown = time.monotonic(), screen()
        try:
            while True:
                details = self._history.details(self._name)
                status = str(details.get("status"))
                if status in ENDED:
                    break
                view = self._look(details, pauses.slept)
                shown.show(view)
                left = None
                if timeout is not None:
                    # A clock moved by hand passes in the pauses alone, that of this machine also while answers are awaited.
                    left = timeout - max(pauses.slept, time.monotonic() - began)
                    if left <= 0:
                        raise late(self._name, status, timeout)
                pauses.pass_one(news=self._is_news(view), longest=left)
            # What the workspace says of a job (its outputs, its best trial) may have changed with its end.
            self._viewing = self._anew()
            view = self._viewing.view()
            shown.end(view)
        finally:
            shown.close()
        if status == "Failed":
            raise failure(self._history, self._connection.backend, str(view.type), details)
        return view

    def _is_news(self, view: JobView) -> bool:
        """Whether something has happened since the last look; that time has passed is no news."""
        nodes = view.graph.by_id.values() if view.graph is not None else ()
        told = (
            view.status,
            [(node.id, node.status, node.ended, node.log, dict(node.metrics)) for node in nodes],
            [(trial.name, trial.status, trial.value) for trial in view.trials],
            list(view.log),
            {name: metric.last for name, metric in view.metrics.items()},
        )
        news = bool(told != self._told)
        self._told = told
        return news

    def _look(self, details: JSON, slept: float) -> JobView:
        """The job as it is, in few requests: one for all of its steps, one for what all of them logged."""
        status = str(details.get("status"))
        kind = self._viewing.kind(details)
        if kind not in OF_RUNS.values():
            began = status not in WAITING
            rows = self._history.metrics(self._name) if began else []
            log = self._viewing.log(details, LOG_LINES) if began else []
            return self._viewing.made(details, metrics=self._grown(rows), log=log)
        if slept >= self._due:
            self._rows = list(self._history.children(self._name, dict))
            self._due = slept + PER_STEP * self._connection.polling_interval * len(self._rows)
            # Those below a job are in its experiment; nothing has logged before something runs.
            begun = next((run for run in self._rows if run.get("status") not in WAITING), None)
            self._logged = self._viewing.logged(begun) if begun is not None else {}
        if kind in TRIED:
            return self._viewing.made(details, trials=self._viewing.trials(self._rows, self._logged, kind))
        runs = self._viewing.runs(self._rows)
        graph = self._viewing.graph(runs, status, self._logged)
        line = self._running_line(runs)
        return self._viewing.made(details, graph=with_news(graph, line) if line else graph)

    def _grown(self, rows: list[JSON]) -> dict[str, Growing]:
        for row in rows:
            name = row["key"]
            if name in self._metrics:
                self._metrics[name].add(row)
            else:
                self._metrics[name] = Growing(row, partial(self._history.metric, self._name, name))
        return self._metrics

    def _running_line(self, runs: dict[str, list[JSON]]) -> dict[str, JSON]:
        """The last line of the log of the step that began last, of those that run."""
        running = [
            (str(run.get("startTimeUtc")), id_, run)
            for id_, found in runs.items()
            for run in found
            if look(str(run.get("status"))) is RUNNING and str(run.get("runType")).lower() not in OF_RUNS
        ]
        if not running:
            return {}
        _, id_, run = max(running, key=lambda each: each[:2])
        lines = self._viewing.log(self._history.details(run["runId"]), 1)
        return {id_: {"log": lines[-1]}} if lines else {}
