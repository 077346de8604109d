"""A graph joined with run history: which run is which step, how it is, and for how long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import attrs

from mlsdk.display.graph import CONTROL, PORTS, Cluster, Graph, Node
from mlsdk.display.states import ENDED, NEVER_RAN, together
from mlsdk.redaction import redacted

JSON = dict[str, Any]


def time_of(text: Any) -> datetime | None:
    """A moment as the service writes it; None where it writes none."""
    if not isinstance(text, str) or not text:
        return None
    try:
        # Python 3.10 reads neither a `Z` nor seven digits after the point.
        whole, _, rest = text.replace("Z", "+00:00").partition(".")
        digits = len(rest) - len(rest.lstrip("0123456789"))
        found = datetime.fromisoformat(f"{whole}.{rest[:digits][:6]:0<6}{rest[digits:]}" if rest else whole)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=timezone.utc)


def seconds_of(run: JSON, now: float) -> float | None:
    """How long a run has run, until `now` (seconds since 1970) or until it ended; None before it began."""
    began, ended = time_of(run.get("startTimeUtc")), time_of(run.get("endTimeUtc"))
    if began is None:
        return None
    until = ended.timestamp() if ended is not None else now
    return None if ended is None and run.get("status") in ENDED else max(0.0, until - began.timestamp())


def is_reused(run: JSON) -> bool:
    """Whether a run took the results of an earlier one."""
    return str((run.get("properties") or {}).get("azureml.isreused")).lower() == "true"


def error_of(run: JSON) -> str:
    """Why a run failed, as far as it says itself; without secrets."""
    error = run.get("error")
    while isinstance(error, Mapping) and isinstance(error.get("error"), Mapping):
        error = error["error"]
    message = error.get("message") if isinstance(error, Mapping) else None
    return redacted(str(message)) if message else ""


def assigned(graph: Graph, parent: str | None, runs: Sequence[JSON]) -> dict[str, list[JSON]]:
    """The runs of a pipeline's steps by the ids of the nodes, those of each oldest first.

    Run history names no steps: a run is known by its display name, which is the step's own or that of its component, else by
    the component. Where several steps are called the same, the runs go to them in the order in which they were made. A run
    that fits none comes under an id of its own.
    """
    nodes = [node for node in graph.below(parent) if node.type not in PORTS]
    names: tuple[Callable[[Node], str | None], ...] = (
        lambda node: node.name,
        lambda node: node.display_name,
        lambda node: (node.component or "").partition(":")[0] or None,
    )
    found: dict[str, list[JSON]] = defaultdict(list)
    looped = {edge.target for edge in graph.edges if edge.kind == "body"}
    for run in sorted(runs, key=lambda run: str(run.get("createdUtc"))):
        shown = str(run.get("displayName") or "")
        module = str((run.get("properties") or {}).get("azureml.moduleName") or "")
        fitting: list[Node] = []
        for name_of in names:
            fitting = fitting or [node for node in nodes if shown and name_of(node) == shown]
        for name_of in names[::-1]:
            fitting = fitting or [node for node in nodes if module and name_of(node) == module]
        free = [node for node in fitting if node.id not in found] or [node for node in fitting if node.id in looped]
        if free:
            found[free[0].id].append(run)
        else:
            found[f"{parent}/{run['runId']}" if parent else str(run["runId"])].append(run)
    return found


def joined(graph: Graph, runs: Mapping[str, Sequence[JSON]], *, status: str | None, now: float) -> Graph:
    """The graph with how each of its nodes is.

    `runs` are the runs of each node by its id, as `assigned` gives them, those within nested pipelines too; `status` is that
    of the whole pipeline, `now` seconds since 1970.
    """
    known = graph.by_id
    new = [(id_, each[0]) for id_, each in runs.items() if id_ not in known]
    made = [*graph.nodes, *(_unknown(id_, run, len(known) + place) for place, (id_, run) in enumerate(new))]
    ended = status in ENDED
    # A node within which there are runs of others is a pipeline, though its graph is not known.
    around = {id_.rpartition("/")[0] for id_ in runs if "/" in id_}
    clusters = [*graph.clusters]
    for node in [*made]:
        if node.id in around and node.id not in {cluster.id for cluster in clusters}:
            made.remove(node)
            about: JSON = {field.name: getattr(node, field.name) for field in attrs.fields(Node)}
            about["type"] = "pipeline"
            clusters.append(Cluster(**about))
    return Graph(
        name=graph.name,
        status=status,
        edges=graph.edges,
        nodes=tuple(_with_runs(node, runs.get(node.id, ()), ended=ended, now=now) for node in made),
        clusters=tuple(
            _with_runs(cluster, runs.get(cluster.id, ()), ended=ended, now=now)
            for cluster in sorted(clusters, key=lambda each: each.id.count("/"))
        ),
    )


def _unknown(id_: str, run: JSON, place: int) -> Node:
    """A node for a run of which the graph knows nothing."""
    parent, _, name = id_.rpartition("/")
    shown = str(run.get("displayName") or name)
    return Node(id=id_, name=shown, type="step", place=place, parent=parent or None)


def _with_runs(node: Any, runs: Sequence[JSON], *, ended: bool, now: float) -> Any:
    if not runs:
        if node.type in PORTS or node.type in CONTROL:
            return node
        return _changed(node, status=NEVER_RAN if ended else "NotStarted")
    statuses = [str(run.get("status")) for run in runs]
    times = [seconds for run in runs if (seconds := seconds_of(run, now)) is not None]
    errors = [error for run in runs if run.get("status") == "Failed" and (error := error_of(run))]
    status = together(statuses)
    # One that was stopped before it began was never run: it shows as what it is, without a time.
    return _changed(
        node,
        status=status,
        seconds=sum(times) if times else None,
        reused=all(map(is_reused, runs)),
        runs=tuple(str(run["runId"]) for run in runs),
        ended=sum(each in ENDED for each in statuses),
        error=errors[0] if errors else "",
    )


def _changed(node: Any, **changes: Any) -> Any:
    return attrs.evolve(node, **changes)  # noqa: TID251 - a node is no entity


def with_news(graph: Graph, news: Mapping[str, Mapping[str, Any]]) -> Graph:
    """The graph with other attributes of some of its nodes, by their ids: `{"train": {"log": "epoch 3"}}`."""

    def changed(nodes: Sequence[Any]) -> Iterator[Any]:
        return (_changed(node, **news[node.id]) if node.id in news else node for node in nodes)

    nodes, clusters = tuple(changed(graph.nodes)), tuple(changed(graph.clusters))
    return Graph(name=graph.name, status=graph.status, edges=graph.edges, nodes=nodes, clusters=clusters)
