"""A job as a page: nothing of it comes from elsewhere, nothing in it runs, and all text in it is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsdk.display import curves, pictures
from mlsdk.display.states import look, word
from mlsdk.display.texts import clean, duration, escaped, moment, number, shortened, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlsdk.display.views import JobView, Metric, Port

CURVES = 24
"""How many curves a page shows; of further metrics it shows the last values."""
LINE = "border-bottom:1px solid rgba(132,141,151,.35)"
CELL = f'style="text-align:left;vertical-align:top;padding:2px 12px 2px 0;{LINE}"'
HEAD = 'style="margin:14px 0 4px;font-size:1.05em"'
TABLE = 'style="border-collapse:collapse;border:0;margin:0"'
LINK = "#2f81f7"
CODE = "overflow-wrap:anywhere;background:none;color:inherit"
BOX = "white-space:pre-wrap;overflow-wrap:anywhere;margin:0;padding:6px 10px;border-left:4px solid"


def page(view: JobView) -> str:
    """A job as HTML to stand within another page; its text has that page's colours, light or dark."""
    return f'<div style="max-width:76em;line-height:1.45">{"".join(_parts(view))}</div>'


def badge(status: str | None, *, reused: bool = False) -> str:
    """A status: its sign and word in its colour."""
    looks = look(status, reused=reused)
    if not status:
        return ""
    return (
        f'<span style="color:{looks.colour};border:1px solid {looks.colour};border-radius:9px;padding:1px 8px;'
        f'font-weight:600;white-space:nowrap">{looks.sign} {escaped(word(status, reused=reused))}</span>'
    )


def _parts(view: JobView) -> Iterator[str]:
    yield (
        f'<div style="display:flex;flex-wrap:wrap;gap:10px;align-items:center"><strong style="font-size:1.2em">'
        f"{escaped(view.title)}</strong>{badge(view.status, reused=bool(view.reused_from))}</div>"
    )
    yield _about(view)
    if view.error:
        colour = look("Failed").colour
        # Each line is cleaned by itself: what an error says stands in lines.
        text = "\n".join(escaped(line) for line in view.error.splitlines())
        yield f'<h4 {HEAD}>Error</h4><pre style="{BOX} {colour};color:inherit;background:{colour}1a">{text}</pre>'
    if view.graph is not None:
        yield f"<h4 {HEAD}>Steps</h4>{pictures.framed(view.graph)}"
        yield from _failed_steps(view)
    if view.trials:
        yield f"<h4 {HEAD}>Trials</h4>{_trials(view)}"
    if view.metrics or view.step_metrics:
        yield f"<h4 {HEAD}>Metrics</h4>{''.join(_metrics(view))}"
    ports = [_ports(heading, ports) for heading, ports in (("Inputs", view.inputs), ("Outputs", view.outputs)) if ports]
    if ports:
        yield f'<div style="display:flex;flex-wrap:wrap;gap:0 40px">{"".join(ports)}</div>'
    if view.log:
        text = "\n".join(escaped(line) for line in view.log)
        yield f'<h4 {HEAD}>Log</h4><pre style="{BOX} #848d97;color:inherit;background:rgba(132,141,151,.1)">{text}</pre>'


def _about(view: JobView) -> str:
    rows = [
        ("Name", escaped(view.name)),
        ("Type", escaped(view.type or "")),
        ("Experiment", escaped(view.experiment or "")),
        ("Compute", escaped(view.compute or "")),
        ("Created", moment(view.created)),
        ("Started", moment(view.started)),
        ("Ended", moment(view.ended)),
        ("Duration", duration(view.seconds)),
        ("Reused", f"took the results of {escaped(view.reused_from)}" if view.reused_from else ""),
        ("Studio", _link(view.studio_url)),
    ]
    cells = "".join(
        f'<span style="white-space:nowrap"><span style="opacity:.65">{name}</span> {value}</span>'
        for name, value in rows
        if value
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:2px 22px;margin-top:6px">{cells}</div>'


def _link(address: str | None) -> str:
    if not address or not address.startswith("https://"):
        return ""
    return f'<a href="{escaped(address)}" target="_blank" rel="noopener" style="color:{LINK}">open</a>'


def _failed_steps(view: JobView) -> Iterator[str]:
    failed = [node for node in view.graph.steps if node.error] if view.graph is not None else []
    if failed:
        rows = "".join(
            f"<tr><td {CELL}>{escaped(node.id)}</td><td {CELL}>{badge(node.status)}</td><td {CELL}>"
            f"{'<br>'.join(escaped(line) for line in node.error.splitlines())}</td></tr>"
            for node in failed
        )
        yield f"<table {TABLE}>{rows}</table>"


def _ports(heading: str, ports: Sequence[Port]) -> str:
    rows = "".join(
        f"<tr><td {CELL}>{escaped(port.name)}</td><td {CELL}>{escaped(port.type)}</td>"
        f"<td {CELL}>{escaped(port.asset)}{'<br>' if port.asset and port.value else ''}"
        f'<code style="{CODE}">{escaped(shortened(port.value, 160))}</code></td></tr>'
        for port in ports
    )
    return f"<div><h4 {HEAD}>{heading}</h4><table {TABLE}>{rows}</table></div>"


def _metrics(view: JobView) -> Iterator[str]:
    left = CURVES
    groups = [("", view.metrics), *view.step_metrics.items()]
    for title, metrics in groups:
        if not metrics:
            continue
        if title:
            yield f'<div style="margin-top:8px;opacity:.75">{escaped(title)}</div>'
        shown = dict(list(metrics.items())[:left])
        left -= len(shown)
        drawn = "".join(curves.curve(clean(name), curves.series(metric)) for name, metric in shown.items())
        yield f'<div style="display:flex;flex-wrap:wrap;gap:8px 18px">{drawn}</div>'
        yield _last_values({name: metric for name, metric in metrics.items() if name not in shown})


def _last_values(metrics: Mapping[str, Metric]) -> str:
    if not metrics:
        return ""
    rows = "".join(
        f"<tr><td {CELL}>{escaped(name)}</td><td {CELL}>{escaped(number(metric.last))}</td></tr>"
        for name, metric in metrics.items()
    )
    return f"<details><summary>{len(metrics)} further metrics</summary><table {TABLE}>{rows}</table></details>"


def _trials(view: JobView) -> str:
    names = list(dict.fromkeys(name for trial in view.trials for name in trial.parameters))
    heads = ["", "Trial", "Status", view.primary_metric or "", *names, "Duration"]
    rows = []
    for trial in view.trials:
        weight = "font-weight:600" if trial.best else ""
        cells = [
            "★ best" if trial.best else "",
            escaped(trial.name),
            badge(trial.status),
            "" if trial.value is None else escaped(number(trial.value)),
            *(escaped(shortened(value_text(trial.parameters.get(name, "")), 40)) for name in names),
            duration(trial.seconds),
        ]
        rows.append(f'<tr style="{weight}">{"".join(f"<td {CELL}>{cell}</td>" for cell in cells)}</tr>')
    head = "".join(f"<th {CELL}>{escaped(each)}</th>" for each in heads)
    return f'<div style="overflow:auto;max-height:40em"><table {TABLE}><tr>{head}</tr>{"".join(rows)}</table></div>'
