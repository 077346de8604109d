"""A job gathered to be looked at: what the workspace, run history and MLflow know of it, in few requests."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError, HttpResponseError

from mlsdk import ids
from mlsdk.display.graph import Graph
from mlsdk.display.graph_reading import graph_of
from mlsdk.display.graph_runs import assigned, error_of, is_reused, joined, seconds_of, time_of
from mlsdk.display.views import JobView, Port, Trial
from mlsdk.entities.base_job import BASE
from mlsdk.entities.run_metrics import RunMetric, RunMetrics
from mlsdk.operations import job_logs
from mlsdk.operations.run_history import ENDED
from mlsdk.redaction import redacted_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlsdk.backends import Backend
    from mlsdk.entities.jobs import Job
    from mlsdk.operations.run_history import RunHistory
    from mlsdk.operations.session import Session

JSON = dict[str, Any]

CURVES = 24
"""How many curves are fetched, a request for each; of further metrics there is the last value."""
LOG_LINES = 20
"""How many lines of a log are shown."""
OF_RUNS = {"azureml.pipelinerun": "pipeline", "hyperdrive": "sweep", "automl": "automl"}
"""The types of jobs that are made of others, by what run history calls their runs."""
OWN_FILES = "default"
"""The output that stands for the job's own folder, which no job names."""
TRIED = frozenset({"automl", "sweep"})
WAITING = frozenset({"NotStarted", "Queued", "Scheduled"})


def clock_of(backend: Backend) -> Callable[[], float]:
    """The time where a backend's jobs run, in seconds since 1970: that of its own clock, where it lets that be read."""
    clock = getattr(backend, "clock", None)
    return time.time if clock is None else clock.now


class JobViewing:
    """Looks at one job, again and again where it is followed: what does not change is asked for once."""

    def __init__(self, session: Session, history: RunHistory, job: Job, body: JSON) -> None:
        """Look at the job with this body, which was loaded as `job`."""
        self._session, self._history, self._job, self._body = session, history, job, body
        self.name: str = body["name"]
        self._backend = session.connection.backend
        self._now = clock_of(self._backend)
        self._graph: Graph | None = None
        self._ended: dict[str, list[JSON]] = {}
        """The steps of nested pipelines that have ended."""

    # -- the whole -------------------------------------------------------------------------------------------------
    def view(self) -> JobView:
        """The job with all that is known of it."""
        run = self._history.run(self.name)
        kind = self.kind(run)
        rows = list(self._history.children(self.name, dict)) if kind in OF_RUNS.values() else []
        own = self._curves(self.name, self._history.metrics(self.name))
        status = run.get("status")
        log: list[str] = []
        # The log of a job that is made of others tells which of these it began, which is seen here better.
        if not rows and (status == "Failed" or (status not in ENDED and status not in WAITING)):
            log = self.log(self._history.details(self.name), LOG_LINES)
        logged = self._logged(run, self.name) if rows else {}
        runs: dict[str, list[JSON]] = {}
        graph = None
        if kind == "pipeline":
            runs = self.runs(rows)
            for each in [run for found in runs.values() for run in found if self._is_pipeline(run)]:
                logged.update(self._logged(run, each["runId"]))
            graph = self.graph(runs, status, logged)
        steps = {}
        left = CURVES - len(own)
        for id_, found in runs.items():
            measured = [(each["runId"], row) for each in found for row in logged.get(each["runId"], ())]
            # Where a loop runs a step several times, the curves are those of its last run.
            mine = {
                row["key"]: RunMetric(row, partial(self._history.metric, name, row["key"])) for name, row in measured
            }
            if mine:
                steps[id_] = _fetched(RunMetrics(mine.values()), left)
                left -= len(mine)
        return self.made(
            run, metrics=own, step_metrics=steps, graph=graph, log=log, trials=self.trials(rows, logged, kind)
        )

    def made(self, run: JSON, **parts: Any) -> JobView:
        """The view of the job from its run, and from what was gathered beside it."""
        job, properties = self._job, run.get("properties") or {}
        status, error = run.get("status"), error_of(run)
        return JobView(
            name=self.name,
            display_name=job.display_name,
            type=self.kind(run),
            status=status,
            experiment=job.experiment_name,
            compute=job.compute or _default_compute(job) or run.get("target"),
            created=time_of(run.get("createdUtc")),
            started=time_of(run.get("startTimeUtc")),
            ended=time_of(run.get("endTimeUtc")),
            seconds=seconds_of(run, self._now()),
            reused_from=properties.get("azureml.reusedrunid") if is_reused(run) else None,
            inputs=_ports(getattr(job, "inputs", None)),
            outputs=_ports(getattr(job, "outputs", None)) or _ports_of_run(run),
            error=error if status in ("Failed", "NotResponding", "Canceled") else "",
            primary_metric=self._objective()[0] if parts.get("trials") else None,
            studio_url=job.studio_url,
            **parts,
        )

    def kind(self, run: JSON) -> str:
        """The type of the job; of a step that is made of other jobs, from its run."""
        kind = str(self._body["properties"].get("jobType") or "").lower()
        return OF_RUNS.get(str(run.get("runType")).lower(), "step") if kind == BASE.lower() else kind

    # -- metrics ---------------------------------------------------------------------------------------------------
    def _curves(self, name: str, rows: list[JSON]) -> RunMetrics:
        metrics = RunMetrics([RunMetric(row, partial(self._history.metric, name, row["key"])) for row in rows])
        return _fetched(metrics, CURVES)

    def _logged(self, run: JSON, parent: str) -> dict[str, list[JSON]]:
        """The last values of all metrics of a job's children, by their names."""
        experiment = run.get("experimentId")
        return self._history.metrics_below(experiment, parent) if experiment else {}

    def logged(self, run: JSON) -> dict[str, list[JSON]]:
        """The last values of all metrics of the job's own children, by their names: one request."""
        return self._logged(run, self.name)

    # -- logs ------------------------------------------------------------------------------------------------------
    def log(self, details: JSON, count: int) -> list[str]:
        """The last lines of a run's log; none where its storage does not let us read them."""
        addresses = details.get("logFiles") or {}
        for name in reversed(job_logs.to_follow(addresses, str(self._body["properties"].get("jobType")).lower())):
            try:
                found = job_logs.last_lines(*job_logs.place(self._backend, addresses[name]), count)
            except AzureError as error:  # a view is worth having where the storage lets nobody in from here
                return [f"{name} cannot be read: {type(error).__name__}"]
            if found:
                return found
        return []

    # -- steps -----------------------------------------------------------------------------------------------------
    def runs(self, rows: list[JSON]) -> dict[str, list[JSON]]:
        """The runs of all steps by the ids of their nodes, those within nested pipelines too: a request for each of these."""
        found: dict[str, list[JSON]] = {}
        self._add_runs(None, rows, found)
        return found

    def _add_runs(self, parent: str | None, rows: list[JSON], found: dict[str, list[JSON]]) -> None:
        for id_, mine in assigned(self._outline(), parent, rows).items():
            found.setdefault(id_, []).extend(mine)
            for run in mine:
                if self._is_pipeline(run) and run.get("status") not in WAITING:
                    self._add_runs(id_, self._rows_of(run), found)

    def _is_pipeline(self, run: JSON) -> bool:
        return OF_RUNS.get(str(run.get("runType")).lower()) == "pipeline"

    def _rows_of(self, run: JSON) -> list[JSON]:
        name = run["runId"]
        if name in self._ended:
            return self._ended[name]
        rows = list(self._history.children(name, dict))
        if run.get("status") in ENDED:
            self._ended[name] = rows
        return rows

    def _outline(self) -> Graph:
        """The graph of the pipeline without states, which is read once."""
        if self._graph is None:
            job: Any = self._job
            self._expand(job, frozenset())
            self._graph = graph_of(job) if hasattr(job, "jobs") else Graph(name=str(job.display_name or self.name))
        return self._graph

    def _expand(self, step: Any, seen: frozenset[str]) -> None:
        """Have a pipeline, and those in it, know their steps where these stand in a registered component."""
        component = getattr(step, "component", None)
        if isinstance(component, str) and step.type == "pipeline" and not getattr(step, "jobs", None):
            if component in seen:
                return
            seen |= {component}
            found = self._component(component)
            if found is not None:
                step.component = component = found
        steps = getattr(step, "jobs", None) or getattr(component, "jobs", None) or {}
        for inner in steps.values():
            self._expand(inner, seen)

    def _component(self, reference: str) -> Any:
        """A registered component of the workspace; None for one that cannot be had, which is shown as one node."""
        name, version = ids.segment(reference, "components"), ids.segment(reference, "versions")
        if not reference.startswith("/"):
            name, _, version = reference.rpartition(":")
        if not name or not version or "/" in name:
            return None
        try:
            return self._session.components.get(name, version)
        except HttpResponseError:  # it was deleted, or may not be read: the job is there all the same
            return None

    def graph(
        self, runs: Mapping[str, list[JSON]], status: str | None, logged: Mapping[str, list[JSON]] | None = None
    ) -> Graph:
        """The graph with how each step is and what it logged last."""
        from mlsdk.display.graph_runs import with_news

        made = joined(self._outline(), runs, status=status, now=self._now())
        news: dict[str, JSON] = {}
        for id_, found in runs.items():
            rows = [row for run in found for row in (logged or {}).get(run["runId"], ())]
            if rows:
                news[id_] = {"metrics": {row["key"]: float(row["value"]) for row in rows}}
        return with_news(made, news) if news else made

    # -- trials ----------------------------------------------------------------------------------------------------
    def _objective(self) -> tuple[str | None, bool]:
        """What the trials are measured by, and whether more of it is better."""
        objective = getattr(self._job, "objective", None)
        if objective is not None:
            return objective.primary_metric, str(objective.goal).lower() == "maximize"
        metric = getattr(self._job, "primary_metric", None)
        return (None if metric is None else str(metric)), not str(metric).endswith("error")

    def trials(self, rows: list[JSON], logged: Mapping[str, list[JSON]], kind: str) -> list[Trial]:
        """The trials, the best first: that which the service names, while it names none the best so far."""
        if kind not in TRIED:
            return []
        metric, more = self._objective()
        values = {
            name: float(row["value"]) for name, found in logged.items() for row in found if _same(row["key"], metric)
        }
        properties = self._job.properties or {}
        best = properties.get("best_child_run_id") or properties.get("automl_best_child_run_id")
        if best is None and values:
            numbers = {name: value for name, value in values.items() if value == value}  # noqa: PLR0124 - nan is not itself
            best = max(numbers, key=lambda name: numbers[name] if more else -numbers[name], default=None)
        made = [
            Trial(
                name=run["runId"],
                status=str(run.get("status")),
                parameters=_parameters(run),
                value=values.get(run["runId"]),
                seconds=seconds_of(run, self._now()),
                best=run["runId"] == best,
            )
            for run in sorted(rows, key=lambda run: (str(run.get("createdUtc")), len(run["runId"]), run["runId"]))
        ]
        return sorted(made, key=lambda trial: not trial.best)


def _fetched(metrics: RunMetrics, most: int) -> RunMetrics:
    """Metrics whose first curves are here already."""
    for metric in list(metrics.values())[: max(most, 0)]:
        len(metric)
    return metrics


def _same(one: str, other: str | None) -> bool:
    """Whether two names mean one metric: bodies write those of automated machine learning in a case of their own."""
    return other is not None and one.replace("_", "").lower() == other.replace("_", "").lower()


def _parameters(run: JSON) -> JSON:
    """What a trial was given: by the service, as JSON in a tag; of automated machine learning, its algorithm."""
    said = (run.get("tags") or {}).get("hyperparameters")
    try:
        found = json.loads(said) if isinstance(said, str) else said
    except ValueError:
        found = {"hyperparameters": said}
    if isinstance(found, dict):
        return found
    algorithm = (run.get("properties") or {}).get("run_algorithm")
    return {"algorithm": algorithm} if algorithm else {}


def _default_compute(job: Any) -> str | None:
    """Where the steps of a pipeline run that name no compute."""
    settings = getattr(job, "settings", None)
    found = getattr(settings, "default_compute", None)
    return str(found).rpartition("/")[2] if found else None


def _ports(ports: Any) -> list[Port]:
    """Inputs or outputs as they are shown."""
    found = []
    for name, port in (ports or {}).items():
        if port is None or name == OWN_FILES:
            continue
        plain = isinstance(port, (str, bool, int, float))
        value = port if plain else getattr(port, "path", None)
        asset, version = (None, None) if plain else (getattr(port, "name", None), getattr(port, "version", None))
        found.append(
            Port(
                name=name,
                type="" if plain else str(getattr(port, "type", None) or ""),
                value=str(redacted_json("" if value is None else str(value), name)),
                asset=f"{asset}:{version}" if asset and version else str(asset or ""),
            )
        )
    return found


def _ports_of_run(run: JSON) -> list[Port]:
    """The outputs of a step, as run history has them."""
    return [
        Port(name=name, type=str(output.get("type") or ""), value=str(output.get("assetId") or ""))
        for name, output in (run.get("outputs") or {}).items()
        if isinstance(output, dict)
    ]
