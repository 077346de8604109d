"""Run history: what the workspace's services know of a job's run, beside the job itself (wire.md §10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mlsdk.entities.base_job import BASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azure.core.paging import ItemPaged

    from mlsdk.operations.session import Session

JSON = dict[str, Any]

VERSION = "v1.0"
"""The api-version of run history; the other services have none."""
PLACES = {"data": "dataversion", "modelregistry": "models"}
"""The services that know where assets are, and what they call them."""

ENDED = frozenset({"Completed", "Failed", "Canceled", "NotResponding", "Paused"})
"""The statuses after which nothing more comes of a run by itself, as the official client counts them."""


class RunHistory:
    """The services of one workspace that know of runs."""

    def __init__(self, session: Session) -> None:
        """Ask nothing yet."""
        self._session = session

    def _exchange(self, method: str, rest: str, body: Any = None) -> JSON:
        """One exchange with run history, whose changes say what is to be there then, so that they may be repeated."""
        url = f"{self._session.service('history')}/{rest}"
        reply = self._session.connection.exchange(
            method, url, VERSION, body=body, audience="ml", repeatable=True if body is not None else None
        )
        return reply.body  # type: ignore[no-any-return]

    # -- runs --------------------------------------------------------------------------------------------------
    def run(self, name: str) -> JSON:
        """A run, also of what is no job by itself: the steps of pipelines, the trials of sweeps."""
        return self._exchange("GET", _run(name))

    def change(self, experiment: str, name: str, changes: JSON) -> None:
        """Change the texts of a run, add to its tags and properties, or hide it; what is None stays as it is."""
        said = {key: value for key, value in changes.items() if value is not None}
        self._exchange("PATCH", f"experiments/{quote(experiment, safe='')}/{_run(name)}", said)

    def details(self, name: str) -> JSON:
        """How a run is, where its logs are, and what made it fail."""
        return self._exchange("GET", f"{_run(name)}/details")

    def children(
        self,
        name: str,
        load: Callable[[JSON], Any],
        *,
        keep: Callable[[JSON], bool] | None = None,
        top: int | None = None,
    ) -> ItemPaged[Any]:
        """The runs below a run, page by page as they are read; `top` is how many a page may have."""
        url = f"{self._session.service('history')}/{_run(name)}/children"
        return self._session.connection.pages(url, VERSION, load, params={"$top": top}, keep=keep, audience="ml")

    def outputs(self, name: str) -> Mapping[str, JSON]:
        """What a run left behind, by name: the id of an asset as `assetId`, and its `type`."""
        wanted = {"runId": name, "selectRunMetadata": True, "selectRunDefinition": True, "selectJobSpecification": True}
        metadata = self._exchange("POST", "rundata", wanted).get("runMetadata") or {}
        return metadata.get("outputs") or {}

    def services(self, name: str, node: int) -> Mapping[str, JSON]:
        """The services that run beside a job on one of its nodes, by name."""
        return self._exchange("GET", f"{_run(name)}/serviceinstances/{node}").get("instances") or {}

    # -- beside run history ------------------------------------------------------------------------------------
    def places(self, service: str, assets: list[str]) -> Mapping[str, JSON]:
        """Where assets are, by their ids: `data` tells the `uri` of data, `modelregistry` the `path` of models."""
        url = f"{self._session.service(service)}/{PLACES[service]}/batchGetResolvedUris"
        reply = self._session.connection.exchange("POST", url, body={"values": assets}, audience="ml", repeatable=True)
        return reply.body.get("values") or {}

    def metrics(self, name: str) -> list[JSON]:
        """What a run has logged: each `key` with the last `value`, its `step` and `timestamp` (milliseconds since 1970)."""
        found = self._mlflow("runs/get", {"run_id": name}).get("run") or {}
        return (found.get("data") or {}).get("metrics") or []

    def metric(self, name: str, key: str) -> Iterator[JSON]:
        """Every value that a run has logged of one metric, by step."""
        asked = {"run_id": name, "metric_key": key}
        while True:
            page = self._mlflow("metrics/get-history", asked)
            yield from page.get("metrics") or ()
            if not page.get("next_page_token"):
                return
            asked["page_token"] = page["next_page_token"]

    def metrics_below(self, experiment: str, parent: str) -> dict[str, list[JSON]]:
        """What each run below a run has logged, as `metrics` gives it, by the names of the runs; a request for all of them.

        `experiment` is the id of their experiment.
        """
        asked: JSON = {"experiment_ids": [experiment], "filter": f"tags.mlflow.parentRunId = '{parent}'"}
        found: dict[str, list[JSON]] = {}
        while True:
            page = self._mlflow("runs/search", None, asked)
            for run in page.get("runs") or ():
                rows = (run.get("data") or {}).get("metrics")
                if rows:
                    found[run["info"]["run_id"]] = rows
            if not page.get("next_page_token"):
                return found
            asked["page_token"] = page["next_page_token"]

    def _mlflow(self, rest: str, asked: Mapping[str, str] | None, body: JSON | None = None) -> JSON:
        """One question to the workspace's MLflow server, which takes the token of Azure Resource Manager."""
        url = f"{self._session.service('mlflow')}/api/2.0/mlflow/{rest}"
        if body is not None:
            return self._session.connection.exchange("POST", url, body=body, repeatable=True).body  # type: ignore[no-any-return]
        return self._session.connection.exchange("GET", url, params=asked).body  # type: ignore[no-any-return]


def _run(name: str) -> str:
    return f"runs/{quote(name, safe='')}"


def job_body(run: JSON, workspace: str, experiment: str | None = None) -> JSON:
    """The body of the job behind a run, as far as run history knows it: what ran there it does not tell.

    `workspace` is the path of the workspace. A run has its experiment's id, not its name, which stands there unless
    `experiment` says it.
    """
    made = {"createdAt": run.get("createdUtc"), "lastModifiedAt": run.get("lastModifiedUtc")}
    if isinstance(run.get("createdBy"), Mapping):
        made["createdBy"] = run["createdBy"].get("userName")
    services = {
        name: {
            "jobServiceType": found.get("type"),
            **{key: found.get(key) for key in ("endpoint", "status", "port", "properties", "errorMessage")},
        }
        for name, found in (run.get("services") or {}).items()
    }
    properties: JSON = {
        "jobType": BASE,
        "displayName": run.get("displayName"),
        "description": run.get("description"),
        "tags": run.get("tags") or {},
        "properties": run.get("properties") or {},
        "experimentName": experiment or run.get("experimentId"),
        "computeId": (run.get("compute") or {}).get("target") or run.get("target"),
        "services": services,
        "status": run.get("status"),
        "isArchived": bool(run.get("hidden")),
    }
    return {
        "id": f"{workspace}/jobs/{run['runId']}",
        "name": run["runId"],
        "systemData": {key: value for key, value in made.items() if value is not None},
        "properties": properties,
    }


def failure_of(run: JSON) -> Any:
    """What a run says of why it failed, with `code` and `message`, None when it does not; secrets are not shown."""
    from mlsdk.arm.envelopes import ServiceErrorFormat

    error = run.get("error")
    if not isinstance(error, Mapping):
        return None
    try:
        return ServiceErrorFormat(error)
    except ValueError:
        return None
