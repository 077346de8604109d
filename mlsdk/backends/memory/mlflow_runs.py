"""MLflow's own REST API, which the tracking of a workspace speaks: runs with their metrics and parameters, experiments."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, TypeVar

from mlsdk.backends.memory import arm, families, run_bodies
from mlsdk.backends.memory.bodies import dig_text
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.errors import ServiceError, not_emulated, refusal, user_error
from mlsdk.backends.memory.live_jobs import tracked_of
from mlsdk.local.work import Metric, Tracked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource

PATH = re.compile(
    r"/mlflow/v[12]\.0"
    r"(?P<workspace>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.MachineLearningServices/workspaces/[^/]+)"
    r"/api/2\.0/(?:mlflow|preview/mlflow)/(?P<rest>.+)",
    re.IGNORECASE,
)
STATUSES = {
    "Completed": "FINISHED",
    "Failed": "FAILED",
    "Canceled": "KILLED",
    "NotStarted": "SCHEDULED",
    "Queued": "SCHEDULED",
}
"""How MLflow calls the statuses of jobs; every other is RUNNING."""
Item = TypeVar("Item")
OF_PARENT = re.compile(r"""tags\.[`"]?mlflow\.parentRunId[`"]?\s*=\s*['"](?P<name>[^'"]+)['"]""")


def answer(call: Call) -> Reply:
    """Answer a request of an MLflow client."""
    matched = PATH.fullmatch(call.path)
    function = ROUTES.get(f"{call.method} {matched['rest'].lower()}") if matched is not None else None
    if matched is None or function is None:
        raise not_emulated(400, f"{call.method} of '{call.path}'")
    call.parts = matched["workspace"].strip("/").split("/")
    return function(call, arm.reach(call, matched["workspace"]))


def _jobs(workspace: Resource) -> Iterator[Resource]:
    """All runs of a workspace, newest first."""
    jobs = workspace.existing(workspace.kind.children["jobs"])
    return reversed(list(jobs.items.values())) if jobs is not None else iter(())


def _job(call: Call, workspace: Resource) -> Resource:
    name = call.param("run_id") or call.param("run_uuid")
    if not name:
        raise user_error(400, "Request is invalid and/or missing fields. The run_id field is required.")
    jobs = workspace.existing(workspace.kind.children["jobs"])
    job = jobs.find(name) if jobs is not None else None
    if job is None:
        message = f"Run '{name}' not found in workspace '{workspace.name}'."
        raise _absent(message)
    return job


def _absent(message: str) -> ServiceError:
    return user_error(404, message)


def _milliseconds(job: Resource, *statuses: str) -> int | None:
    times = [job.known["times"][status] for status in statuses if status in job.known["times"]]
    return round(min(times) * 1000) if times else None


def _run(call: Call, job: Resource) -> Body:
    """A run as MLflow has it, each metric with its last value."""
    properties, workspace = job.stored["properties"], job.parent or job
    logged = _logged(call, job)
    # As MLflow has it, the last one is that of the latest step.
    last = [
        _value(name, max(values, key=lambda each: (each.step, each.timestamp, each.value)))
        for name, values in logged.metrics.items()
        if values
    ]
    inputs = properties.get("inputs") or {}
    params = {name: str(each.get("value")) for name, each in inputs.items() if each.get("value") is not None}
    params.update({name: str(value) for name, value in (properties.get("parameters") or {}).items()})
    params.update(logged.params)
    tags: dict[str, Any] = {
        **(properties.get("tags") or {}),
        **(properties.get("properties") or {}),
        **logged.tags,
        "mlflow.user": call.backend.user,
        "mlflow.runName": properties["displayName"],
        "mlflow.rootRunId": families.root(job).name,
    }
    above = families.find(job, job.known.get("above"))
    if above is not None:
        tags["mlflow.parentRunId"] = above.name
    host = str(workspace.stored["properties"]["mlFlowTrackingUri"]).removeprefix("azureml://").partition("/")[0]
    experiment = run_bodies.experiment_id(job)
    home = f"azureml://{host}/mlflow/v2.0{workspace.id}/experiments/{experiment}/runs/{job.name}"
    info = {
        "run_id": job.name,
        "run_uuid": job.name,
        "run_name": properties["displayName"],
        "experiment_id": experiment,
        "user_id": call.backend.user,
        "status": STATUSES.get(job.known["status"], "RUNNING"),
        "start_time": _milliseconds(job, "Running") or _milliseconds(job, "NotStarted"),
        "end_time": _milliseconds(job, *families.ENDED),
        "artifact_uri": f"{home}/artifacts",
        "lifecycle_stage": "deleted" if job.archived else "active",
    }
    data: Body = {"metrics": last, "params": _pairs(params), "tags": _pairs(tags)}
    return {
        "info": {name: value for name, value in info.items() if value is not None},
        "data": {name: value for name, value in data.items() if value},
    }


def _pairs(texts: dict[str, Any]) -> list[Body]:
    return [{"key": name, "value": str(value)} for name, value in texts.items()]


def _logged(call: Call, job: Resource) -> Tracked:
    """What a job has logged until now; one that does not really run logs a step of each metric after the other."""
    tracked = tracked_of(call.backend, job)
    if tracked is not None:
        return tracked
    at = _milliseconds(job, "Running") or 0
    told = (job.known.get("metrics") or {}).items()
    return Tracked(
        metrics={
            name: [Metric(value=value, step=step, timestamp=at) for step, value in enumerate(values)]
            for name, values in told
        }
    )


def _value(metric: str, logged: Metric) -> Body:
    """One value of a metric, as text where JSON has no number for it."""
    value: Any = logged.value
    if not math.isfinite(value):
        value = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return {"key": metric, "value": value, "timestamp": logged.timestamp, "step": logged.step}


def _get_run(call: Call, workspace: Resource) -> Reply:
    return reply({"run": _run(call, _job(call, workspace))})


def _history(call: Call, workspace: Resource) -> Reply:
    job, metric = _job(call, workspace), call.param("metric_key")
    if not metric:
        raise user_error(400, "Request is invalid and/or missing fields. The metric_key field is required.")
    values = _logged(call, job).metrics.get(metric) or ()
    found, following = _part(values, call.param("page_token"), call.param("max_results"))
    return reply(
        {"metrics": [_value(metric, each) for each in found], **({"next_page_token": following} if following else {})}
    )


def _part(items: Sequence[Item], token: str | None, most: Any) -> tuple[Sequence[Item], str | None]:
    """One page of a list, and what asks for the next one; ServiceError (400) for a token or number that is none."""
    texts = (str(token or "0"), str(most or "1000"))
    if not all(text.isdigit() for text in texts):
        raise refusal(400, f"'page_token={texts[0]}' or 'max_results={texts[1]}' is not valid.", "InvalidParameter")
    start, size = int(texts[0]), max(1, int(texts[1]))
    end = start + size
    return items[start:end], str(end) if end < len(items) else None


def _experiments(workspace: Resource) -> dict[str, Body]:
    """The experiments that jobs have named, by id, the latest one first."""
    found: dict[str, Body] = {}
    for job in _jobs(workspace):
        identity, created = run_bodies.experiment_id(job), round(job.created * 1000)
        one = found.setdefault(
            identity,
            {
                "experiment_id": identity,
                "name": job.stored["properties"]["experimentName"],
                "artifact_location": "",
                "lifecycle_stage": "active",
                "last_update_time": created,
            },
        )
        one["creation_time"] = created
    return found


def _get_experiment(call: Call, workspace: Resource) -> Reply:
    wanted = call.param("experiment_id") or ""
    found = _experiments(workspace).get(wanted)
    if found is None:
        message = f"Experiment '{wanted}' not found in workspace '{workspace.name}'."
        raise _absent(message)
    return reply({"experiment": found})


def _experiment_by_name(call: Call, workspace: Resource) -> Reply:
    wanted = call.param("experiment_name") or ""
    for found in _experiments(workspace).values():
        if found["name"].lower() == wanted.lower():
            return reply({"experiment": found})
    message = f"Experiment '{wanted}' not found in workspace '{workspace.name}'."
    raise _absent(message)


def _search_experiments(call: Call, workspace: Resource) -> Reply:
    wanted = call.json() if call.method == "POST" else dict(call.params)
    if wanted.get("filter"):
        raise not_emulated(400, f"the filter '{wanted['filter']}' in a search for experiments")
    found, following = _part(
        list(_experiments(workspace).values()), wanted.get("page_token"), wanted.get("max_results")
    )
    return reply({"experiments": found, **({"next_page_token": following} if following else {})})


def _search_runs(call: Call, workspace: Resource) -> Reply:
    wanted = call.json()
    text = dig_text(wanted, "filter") or ""
    of_parent = OF_PARENT.fullmatch(text.strip())
    if text.strip() and of_parent is None:
        raise not_emulated(400, f"the filter '{text}' in a search for runs, only \"tags.mlflow.parentRunId = '...'\"")
    experiments = wanted.get("experiment_ids") or []
    if not isinstance(experiments, list):
        raise refusal(400, "The request content was invalid: 'experiment_ids' has to be a list.")
    jobs = [
        job
        for job in _jobs(workspace)
        if run_bodies.experiment_id(job) in experiments
        and not job.archived
        and (of_parent is None or str(job.known.get("above")).lower() == of_parent["name"].lower())
    ]
    found, following = _part([_run(call, job) for job in jobs], wanted.get("page_token"), wanted.get("max_results"))
    return reply({"runs": found, **({"next_page_token": following} if following else {})})


def list_experiments(_call: Call, workspace: Resource, _found: re.Match[str]) -> Reply:
    """The experiments as run history lists them."""
    shown = [
        {"experimentId": one["experiment_id"], "name": one["name"], "description": None, "tags": {}}
        for one in _experiments(workspace).values()
    ]
    return reply({"value": shown, "continuationToken": None, "nextLink": None})


ROUTES: dict[str, Callable[[Call, Resource], Reply]] = {
    "GET runs/get": _get_run,
    "POST runs/search": _search_runs,
    "GET metrics/get-history": _history,
    "GET experiments/get": _get_experiment,
    "GET experiments/get-by-name": _experiment_by_name,
    "GET experiments/search": _search_experiments,
    "POST experiments/search": _search_experiments,
}
"""Method and path, and what answers."""
