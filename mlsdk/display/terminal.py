"""Jobs in a terminal, by the package `rich`: a tree of steps, tables of metrics and trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.display.graph import CONTROL, PORTS
from mlsdk.display.states import look
from mlsdk.display.texts import clean, duration, moment, number, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsdk.display.graph import Graph, Node
    from mlsdk.display.views import JobView

ROOM = 8
"""Lines of a terminal that are not the tree's."""
METRICS = 6
"""Metrics of a step that are shown beside it."""


def view(job: JobView) -> Any:
    """A whole job."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    parts: list[Any] = [heading(job), _about(job)]
    if job.error:
        parts += [
            Text("Error", style="bold"),
            *(Padding(Text(clean(line), style="red"), (0, 0, 0, 2)) for line in job.error.splitlines()),
        ]
    if job.graph is not None:
        parts.append(Tree(job))
    if job.trials:
        parts.append(_trials(job))
    if job.metrics:
        parts.append(_metrics(job))
    for name, ports in (("Inputs", job.inputs), ("Outputs", job.outputs)):
        if ports:
            parts.append(_grid(name, [(port.name, port.said) for port in ports]))
    if job.log:
        parts.append(Text("Log", style="bold"))
        parts += [_line(f"  {clean(line)}", "dim") for line in job.log]
    return Group(*parts)


def _line(text: str, style: str = "") -> Any:
    """Text in one line, cut at its end."""
    from rich.text import Text

    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


def _signed(status: str | None, *, reused: bool, ascii_only: bool) -> tuple[str, str]:
    looks = look(status, reused=reused)
    return (looks.plain if ascii_only else looks.sign) or " ", looks.rich


def heading(job: JobView) -> Any:
    """What it is called, and how it is."""
    found = _line(shortened(job.title, 48), "bold")
    looks = look(job.status)
    found.append(f"  {job.status or ''}", style=looks.rich)
    if job.seconds is not None:
        found.append(f"  {duration(job.seconds)}", style="dim")
    return found


def _about(job: JobView) -> Any:
    rows = [
        ("name", job.name),
        ("type", job.type),
        ("experiment", job.experiment),
        ("compute", job.compute),
        ("started", moment(job.started)),
        ("ended", moment(job.ended)),
    ]
    return _grid("", [(name, str(value)) for name, value in rows if value])


def _grid(title: str, rows: Sequence[tuple[str, str]]) -> Any:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim", max_width=28)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(f"  {shortened(name, 26)}"), Text(clean(value)))
    return Group(Text(title, style="bold"), table) if title else table


def _metrics(job: JobView) -> Any:
    return _grid("Metrics", [(name, number(metric.last)) for name, metric in job.metrics.items()])


def _trials(job: JobView) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Trials", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in ("", "trial", "status"):
        table.add_column(name, no_wrap=True)
    table.add_column(Text(clean(job.primary_metric or "")), no_wrap=True, justify="right")
    table.add_column("parameters", overflow="fold")
    for trial in job.trials:
        table.add_row(
            "*" if trial.best else "",
            Text(shortened(trial.name, 28)),
            Text(trial.status, style=look(trial.status).rich),
            "" if trial.value is None else number(trial.value),
            Text(trial.drawn),
            style="bold" if trial.best else "",
        )
    return table


class Tree:
    """The steps of a pipeline as a tree, a line for each; as high as the terminal where it is `short`."""

    def __init__(self, job: JobView, *, short: bool = False) -> None:
        """Show the steps of a job."""
        self._job, self._short = job, short

    def __rich_console__(self, console: Any, options: Any) -> Any:
        """The tree for a console: without signs that it cannot write."""
        from rich.tree import Tree as RichTree

        graph = self._job.graph
        if graph is None:
            return
        ascii_only = options.ascii_only
        hidden = self._hidden(graph, console.size.height) if self._short else frozenset[str]()
        root = RichTree(_counts(graph), guide_style="dim")
        _grow(root, graph, None, hidden, ascii_only=ascii_only)
        yield root

    @staticmethod
    def _hidden(graph: Graph, height: int) -> frozenset[str]:
        """The steps for which there is no room: those that have ended well first, then those that have not begun."""
        steps = [node for node in graph.by_id.values() if node.type not in PORTS]
        lines = sum(1 + bool(node.log) + bool(node.metrics) + bool(node.error) for node in steps)
        hidden: list[str] = []
        for kinds in (("completed", "reused"), ("notrun", "canceled"), ("waiting",), ("preparing",), ("running",)):
            for node in steps:
                if lines - len(hidden) <= height - ROOM:
                    return frozenset(hidden)
                if look(node.status, reused=node.reused).kind in kinds and node.type != "pipeline":
                    hidden.append(node.id)
        return frozenset(hidden)


def _counts(graph: Graph) -> Any:
    """How many steps are how."""
    from collections import Counter

    counts = Counter(str(node.status) for node in graph.steps if node.status)
    found = _line("Steps", "bold")
    for status, count in counts.items():
        found.append(f"  {count} {status}", style=look(status).rich)
    return found


def _grow(branch: Any, graph: Graph, parent: str | None, hidden: frozenset[str], *, ascii_only: bool) -> None:
    clusters = {cluster.id for cluster in graph.clusters}
    nodes = [node for node in graph.below(parent) if node.type not in PORTS]
    for node in nodes:
        if node.id in hidden:
            continue
        grown = branch.add(_step(node, ascii_only=ascii_only))
        if node.error:
            grown.add(_line(clean(node.error), "red"))
        if node.metrics:
            told = [f"{shortened(name, 24)} {number(value)}" for name, value in list(node.metrics.items())[:METRICS]]
            grown.add(_line(", ".join(told), "dim"))
        if node.log:
            grown.add(_line(clean(node.log), "italic dim"))
        if node.id in clusters:
            _grow(grown, graph, node.id, hidden, ascii_only=ascii_only)
    left_out = [node for node in nodes if node.id in hidden]
    if left_out:
        from collections import Counter

        counts = Counter(str(node.status) for node in left_out)
        branch.add(_line("and " + ", ".join(f"{count} {status}" for status, count in counts.items()), "dim"))


def _step(node: Node, *, ascii_only: bool) -> Any:
    sign, style = _signed(node.status, reused=node.reused, ascii_only=ascii_only)
    found = _line(f"{sign} ", style)
    found.append(f"{shortened(node.name, 34)}  ", style="default not bold not italic")
    kind = node.type.replace("_", " ") if node.type in CONTROL else ""
    told = ", ".join(part for part in (kind, node.detail, node.said) if part)
    found.append(told, style=style)
    return found


def live(job: JobView) -> Any:
    """What changes while a job runs: how it is, its steps or the end of its log, what it logs."""
    from rich.console import Group

    parts: list[Any] = [heading(job)]
    if job.graph is not None:
        parts.append(Tree(job, short=True))
    done = [trial for trial in job.trials if trial.value is not None]
    if job.trials:
        ended = sum(trial.status in ("Completed", "Failed", "Canceled") for trial in job.trials)
        parts.append(_line(f"  {ended} of {len(job.trials)} trials have ended"))
        best = next((trial for trial in done if trial.best), None)
        if best is not None and best.value is not None:
            parts.append(_line(f"  best so far: {shortened(best.name, 30)}, {job.primary_metric} {number(best.value)}"))
    parts += [_line(f"  {clean(line)}", "dim") for line in job.log[-5:]]
    if job.metrics:
        told = ", ".join(f"{shortened(name, 24)} {number(metric.last)}" for name, metric in job.metrics.items())
        parts.append(_line(f"  {told}"))
    return Group(*parts)
