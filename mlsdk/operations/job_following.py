"""Jobs after they were submitted: found, watched, waited for, and what they leave fetched."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlsdk.constants import ListViewType
from mlsdk.entities.base_job import BASE, BaseJob
from mlsdk.entities.job_services import ServiceInstance
from mlsdk.entities.jobs import JOB, Job
from mlsdk.entities.run_metrics import RunMetric, RunMetrics
from mlsdk.operations.group import Group, archived
from mlsdk.operations.job_lists import AtMost, for_service, wanted
from mlsdk.operations.run_history import ENDED, RunHistory, job_body
from mlsdk.schema.bodies import from_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from os import PathLike

    from azure.core.paging import ItemPaged

    from mlsdk.display.views import JobView
    from mlsdk.exceptions import JobException, JobTimeoutError
    from mlsdk.operations.job_viewing import JobViewing
    from mlsdk.operations.session import Session

JSON = dict[str, Any]


class JobFollowing(Group[Job]):
    """Find, watch and wait for jobs, and fetch what they leave."""

    kind = JOB

    def __init__(self, session: Session) -> None:
        """Work for one client."""
        super().__init__(session)
        self._history = RunHistory(session)

    def get(self, name: str) -> Job:
        """The job called `name`; a step of a pipeline as far as run history knows it.

        ResourceNotFoundError when there is none.
        """
        return self._load(self._body(name))

    def _load(self, body: JSON) -> Job:
        """A job, or what run history knows of one."""
        if body["properties"].get("jobType") == BASE:
            return from_body(BaseJob, body)
        return super()._load(body)

    def _body(self, name: str) -> JSON:
        """The body of a job; that of a step, of which the service says nothing itself, from run history."""
        found = self._fetch(name)
        if found.get("properties"):
            return found
        return job_body(self._history.run(name), self._scope.workspace())

    # -- finding -----------------------------------------------------------------------------------------------
    def list(
        self,
        *,
        parent_job_name: str | None = None,
        list_view_type: ListViewType | str = ListViewType.ACTIVE_ONLY,
        status: str | Iterable[str] | None = None,
        experiment_name: str | None = None,
        compute: str | None = None,
        tags: Mapping[str, str | None] | None = None,
        created_after: datetime | str | None = None,
        max_results: int | None = None,
        **kwargs: Any,
    ) -> ItemPaged[Job]:
        """The jobs of the workspace, or the steps and trials of one of them, page by page as they are read.

        Parameters
        ----------
        parent_job_name
            The job whose children are shown: what run history knows of them.
        list_view_type
            Whether archived ones are shown: `ActiveOnly`, `ArchivedOnly` or `All`. Children have no such view.
        status
            One status or several, such as `"Running"` or `["Failed", "Canceled"]`.
        experiment_name, compute
            The name of the experiment, and of the compute; `"serverless"` for those that name none.
        tags
            The tags that a job has to have; `{"team": None}` asks for one with any value.
        created_after
            A moment, or its text in ISO 8601; a datetime without a zone is local time.
        max_results
            How many at most; no page is read after the last one that is needed.
        kwargs
            `job_type`, `schedule_defined`, `scheduled_job_name` and `tag`, which the official client hands to the service.

        The service evaluates the view, the name of one tag and what `kwargs` hands to it; the rest is looked at here.

        """
        keep = wanted(
            status=status, experiment_name=experiment_name, compute=compute, tags=tags, created_after=created_after
        )
        if parent_job_name is not None:
            listed = self._children(self._body(parent_job_name), keep, max_results if keep is None else None)
        else:
            params = {
                "listViewType": archived(list_view_type),
                "tag": next(iter(tags)) if tags else None,
                **for_service(kwargs),
            }
            listed = self._connection.pages(
                self._collection(), self.kind.api_version, self._load, params=params, keep=keep
            )
        return listed if max_results is None else AtMost(listed, max_results)

    def children(self, name: str) -> ItemPaged[Job]:
        """The steps of a pipeline, or the trials of a sweep, page by page as they are read.

        A child has what run history knows of it: its name, status, tags, properties and compute, not what it runs.
        """
        return self._children(self._body(name))

    def _children(self, parent: JSON, keep: Any = None, top: int | None = None) -> ItemPaged[Job]:
        workspace, experiment = self._scope.workspace(), parent["properties"].get("experimentName")

        def body(run: JSON) -> JSON:
            return job_body(run, workspace, experiment)

        return self._history.children(
            parent["name"],
            lambda run: self._load(body(run)),
            keep=None if keep is None else lambda run: keep(body(run)),
            top=top,
        )

    # -- watching ----------------------------------------------------------------------------------------------
    def stream(self, name: str) -> None:
        """Print the log of a job as it is written, and the statuses of its steps, until the job has ended.

        The whole log of a job that has ended already is printed. Ctrl-C ends the printing, not the job: JobException says
        how to stop the job itself. JobException when the job has failed, with the service's error as `error` and the last
        lines of the log in its text.
        """
        from mlsdk.operations.job_streaming import Stream

        body = self._body(name)
        try:
            Stream(self._session, self._history, body, self._load(body).studio_url).follow()
        except KeyboardInterrupt as interrupt:
            raise _left(name) from interrupt

    def wait(self, name: str, timeout: float | None = None) -> Job:
        """Wait until a job has completed, and give it as it is then.

        JobException when it ended otherwise (`Failed`, `Canceled`, `NotResponding`, `Paused`), as `stream` raises it.
        JobTimeoutError when it has not ended after `timeout` seconds; the job goes on.
        """
        from mlsdk.operations.job_streaming import Pauses

        name, backend = self._named(name), self._connection.backend
        pauses = Pauses(backend, self._connection.polling_interval)
        began, status = time.monotonic(), None
        while True:
            details = self._history.details(name)
            news, status = details.get("status") != status, details.get("status")
            if status in ENDED:
                break
            left = None
            if timeout is not None:
                # A clock moved by hand passes in the pauses alone, that of this machine also while answers are awaited.
                left = timeout - max(pauses.slept, time.monotonic() - began)
                if left <= 0:
                    raise _late(name, str(status), timeout)
            pauses.pass_one(news=news, longest=left)
        body = self._body(name)
        if status != "Completed":
            from mlsdk.operations.job_failures import failure

            raise failure(self._history, backend, str(body["properties"].get("jobType")), details)
        return self._load(body)

    def view(self, name: str) -> JobView:
        """A job to look at: how it is, what went in and came out, what it logged; its graph, or its trials.

        In a notebook it shows itself as a page, in a terminal with the package `rich` as tables, as plain text by `str()`.
        ResourceNotFoundError when there is no such job.
        """
        return self._viewing(name).view()

    def watch(self, name: str, *, timeout: float | None = None) -> JobView:
        """Show how a job goes on until it has ended, and give it as it is then.

        In a notebook one picture below the cell is replaced when something has changed: the graph of a pipeline with the states
        of its steps, curves, trials. In a terminal, with the package `rich`, a tree of steps is drawn anew in place; elsewhere
        there is a line for each change. Ctrl-C ends the showing, not the job: JobException says how to go on.
        JobException when the job has failed, as `stream` raises it. JobTimeoutError when it has not ended after `timeout`
        seconds; the job goes on. ResourceNotFoundError when there is no such job.
        """
        from mlsdk.operations.job_watching import Watch

        name = self._named(name)
        try:
            return Watch(self._session, self._history, partial(self._viewing, name)).follow(timeout, _late)
        except KeyboardInterrupt as interrupt:
            raise _left(name, "watch") from interrupt

    def _viewing(self, name: str) -> JobViewing:
        from mlsdk.operations.job_viewing import JobViewing

        body = self._body(self._named(name))
        return JobViewing(self._session, self._history, self._load(body), body)

    def metrics(self, name: str) -> RunMetrics:
        """What a job has logged so far, by name: `client.jobs.metrics(name)["loss"].last`.

        The last values come at once, the others of a metric when they are first looked at. ResourceNotFoundError when there
        is no such job.
        """
        name = self._named(name)
        return RunMetrics(
            [RunMetric(row, partial(self._history.metric, name, row["key"])) for row in self._history.metrics(name)]
        )

    def show_services(self, name: str, node_index: int = 0) -> dict[str, ServiceInstance] | None:
        """The services that run beside a job on one of its nodes, by name; None where there are none."""
        found = self._history.services(self._named(name), node_index)
        return {each: _service(service, node_index) for each, service in found.items()} or None

    # -- fetching ----------------------------------------------------------------------------------------------
    def download(
        self,
        name: str,
        *,
        download_path: PathLike[str] | str = ".",
        output_name: str | None = None,
        all: bool = False,
    ) -> None:
        """Write the files of a job that has ended below `download_path`.

        They are the job's own files, with its logs, below `artifacts/`; with `output_name` one output, below
        `named-outputs/<name>/`; with `all` both. Of a sweep they are those of its best trial, and below `hd-artifacts/` those
        of the sweep itself. JobException while the job has not ended, ResourceNotFoundError when there is nothing.
        """
        from mlsdk.operations.job_downloads import JobDownload

        JobDownload(self._session, self._history, self._body, Path(download_path)).run(name, output_name, every=all)


def _service(found: JSON, node: int) -> ServiceInstance:
    """A service as it runs on one node, whose number stands in its address."""
    error = found.get("error")
    if isinstance(error, dict):
        error = (error.get("error") or {}).get("message")
    endpoint = found.get("endpoint")
    return ServiceInstance(
        type=found.get("type"),
        port=found.get("port"),
        status=found.get("status"),
        error=error,
        endpoint=endpoint.replace("<nodeIndex>", str(node)) if endpoint else endpoint,
        properties=found.get("properties"),
    )


def _left(name: str, follow: str = "stream") -> JobException:
    from mlsdk.exceptions import ErrorCategory, ErrorTarget, JobException

    message = (
        f"job {name!r} is followed no more, but it goes on. client.jobs.{follow}({name!r}) follows it again, "
        f"client.jobs.begin_cancel({name!r}) stops it."
    )
    return JobException(message, message, target=ErrorTarget.JOB, error_category=ErrorCategory.USER_ERROR)


def _late(name: str, status: str, timeout: float) -> JobTimeoutError:
    from mlsdk.exceptions import ErrorCategory, ErrorTarget, JobTimeoutError

    message = f"job {name!r} is {status} after {timeout:g} seconds; it goes on, so wait again or stop it"
    return JobTimeoutError(message, message, target=ErrorTarget.JOB, error_category=ErrorCategory.USER_ERROR)
