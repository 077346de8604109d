"""Graphs and jobs as plain text that fits a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import attrs

from mlsdk.display.graph import CONTROL, PORTS
from mlsdk.display.texts import clean, duration, moment, number, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsdk.display.graph import Graph, Node
    from mlsdk.display.views import JobView, Port

WIDTH = 80
"""Columns of the narrowest terminal in common use."""
NAME = 34
"""Columns for the name of a step, with the room before it."""


def graph_lines(graph: Graph, indent: str = "") -> Iterator[str]:
    """A line for each step: what it is called, how it is, and what it needs."""
    if graph.name:
        yield shortened(f"{graph.name}  {graph.status or ''}".rstrip(), WIDTH)
        indent += "  "
    before: dict[str, list[str]] = {}
    for edge in graph.edges:
        source, target = graph.by_id.get(edge.source), graph.by_id.get(edge.target)
        if source is not None and target is not None and edge.source != edge.target and source.type not in PORTS:
            before.setdefault(edge.target, []).append(source.id if source.parent != target.parent else source.name)
    yield from _level(graph, None, indent, before) if graph.nodes or graph.clusters else (f"{indent}no steps",)


def _level(graph: Graph, parent: str | None, indent: str, before: dict[str, list[str]]) -> Iterator[str]:
    for node in graph.below(parent):
        if node.type in PORTS:
            continue
        yield node_line(node, indent, before.get(node.id, []))
        if node.error:
            yield from paragraph(node.error, indent + "    ")
        if node.metrics:
            told = ", ".join(f"{shortened(name, 24)} {number(value)}" for name, value in node.metrics.items())
            yield shortened_end(f"{indent}    {told}", WIDTH)
        yield from _level(graph, node.id, indent + "  ", before)


def node_line(node: Node, indent: str, before: Sequence[str] = ()) -> str:
    """A step in one line."""
    name = indent + shortened(node.name, max(NAME - len(indent), 12))
    needs = f"after {', '.join(dict.fromkeys(before))}" if before and not node.status else ""
    kind = node.type.replace("_", " ") if node.type in CONTROL or not node.status else ""
    said = ", ".join(part for part in (kind, node.detail, node.said, needs) if part)
    return shortened_end(f"{name:<{NAME}} {said}", WIDTH)


def shortened_end(text: str, most: int) -> str:
    """A line cut at its end, which keeps the room at its beginning."""
    return text.rstrip() if len(text.rstrip()) <= most else f"{text[: most - 3].rstrip()}..."


def paragraph(text: str, indent: str = "") -> Iterator[str]:
    """Sentences broken at `WIDTH`."""
    for line in text.splitlines():
        yield from textwrap.wrap(clean(line), WIDTH, initial_indent=indent, subsequent_indent=indent) or [""]


def view_lines(view: JobView) -> Iterator[str]:
    """A job in plain text."""
    yield shortened(f"{view.title}  {view.status or ''}".rstrip(), WIDTH)
    about = (
        ("name", view.name),
        ("type", view.type),
        ("experiment", view.experiment),
        ("compute", view.compute),
        ("created", moment(view.created)),
        ("started", moment(view.started)),
        ("ended", moment(view.ended)),
        ("duration", duration(view.seconds)),
        ("reused", f"took the results of {view.reused_from}" if view.reused_from else ""),
    )
    for name, value in about:
        if value:
            yield shortened_end(f"  {name:<12}{clean(value)}", WIDTH)
    if view.error:
        yield "Error"
        yield from paragraph(view.error, "  ")
    yield from _ports("Inputs", view.inputs)
    yield from _ports("Outputs", view.outputs)
    if view.metrics:
        yield "Metrics"
        for name, metric in view.metrics.items():
            yield f"  {shortened(name, 44):<44}  {number(metric.last)}"
    if view.graph is not None:
        yield "Steps"
        yield from graph_lines(attrs.evolve(view.graph, name=""), "  ")  # noqa: TID251 - a graph is no entity
    if view.trials:
        yield "Trials"
        yield from _trials(view)
    if view.log:
        yield "Log"
        for line in view.log:
            yield shortened_end(f"  {clean(line)}", WIDTH)


def _ports(heading: str, ports: Sequence[Port]) -> Iterator[str]:
    if ports:
        yield heading
    for port in ports:
        yield f"  {shortened(port.name, 20):<20}  {shortened(port.said, WIDTH - 24)}".rstrip()


def _trials(view: JobView) -> Iterator[str]:
    """The trials of a sweep: the best one marked by a star."""
    metric = view.primary_metric or ""
    yield f"    {'trial':<20} {'status':<12} {shortened(metric, 12):>12}  parameters"
    for trial in view.trials:
        mark = "*" if trial.best else " "
        value = "" if trial.value is None else number(trial.value)
        row = f"  {mark} {shortened(trial.name, 20):<20} {shortened(trial.status, 12):<12} {value:>12}  {trial.drawn}"
        yield shortened_end(row, WIDTH)
