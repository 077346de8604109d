"""Graphs as a notebook, a page or a file shows them."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from mlsdk.display import drawing, graphviz
from mlsdk.display.states import look
from mlsdk.display.texts import escaped

if TYPE_CHECKING:
    from mlsdk.display.graph import Graph

LARGEST = 400
"""Nodes and edges that Graphviz is given: of many that are wired to one another it takes long to tell the best places."""
SMALLEST = 0.65
"""To what share of its size a picture is made smaller."""
_WIDTH = re.compile(r'width="([\d.]+)')
_INK, _PAPER = "#1f2329", "#ffffff"


def inline(graph: Graph) -> str:
    """A graph as SVG within a page, by Graphviz where it is there and succeeds."""
    if graphviz.is_there() and len(graph.nodes) + len(graph.edges) <= LARGEST:
        try:
            return graphviz.svg(graph)
        except (
            OSError,
            subprocess.SubprocessError,
        ):  # a broken installation takes nobody's graph away: it is drawn below
            pass
    return drawing.svg(graph)


def standalone(graph: Graph) -> str:
    """A graph as a file of its own: dark on white, since nobody knows what it will lie on."""
    drawn = inline(graph).replace("currentColor", _INK)
    start = drawn.index(">", drawn.index("<svg")) + 1
    opening = drawn[:start].replace("<svg", f'<svg xmlns="http://www.w3.org/2000/svg" style="background:{_PAPER}"', 1)
    return f"{opening}{drawn[start:]}\n"


def framed(graph: Graph) -> str:
    """A graph in a frame that scrolls where it is larger than the page."""
    if not graph.nodes and not graph.clusters:
        return "<p>It has no steps.</p>"
    drawn = inline(graph)
    found = _WIDTH.search(drawn)
    width = float(found[1]) if found is not None else 0.0
    # A picture that is a little too wide is made smaller; one that could not be read then is moved in its frame.
    fitted = drawn.replace("<svg", f'<svg style="max-width:100%;min-width:{SMALLEST * width:.0f}px;height:auto"', 1)
    return f'<div style="overflow:auto;max-height:60em">{fitted}</div>'


def page(graph: Graph) -> str:
    """A graph below its name and status."""
    looks = look(graph.status)
    status = (
        f' <span style="color:{looks.colour};font-weight:600">{looks.sign} {escaped(graph.status)}</span>'
        if graph.status
        else ""
    )
    title = f"<strong>{escaped(graph.name)}</strong>" if graph.name else ""
    return f"<div>{title}{status}{framed(graph)}</div>"


def bundle(graph: Graph, html: str) -> dict[str, str]:
    """What a notebook may choose from: a page that needs nothing from elsewhere, Mermaid's text, and plain text."""
    return {"text/html": html, "text/vnd.mermaid": graph.to_mermaid(), "text/plain": str(graph)}
