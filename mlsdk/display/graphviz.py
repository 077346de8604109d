"""Graphs in the language of Graphviz, and drawn by it where it is on this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from mlsdk.display.layout import MOST_IN_A_ROW, ranks
from mlsdk.display.states import look
from mlsdk.display.texts import clean, escaped, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsdk.display.graph import Edge, Graph, Node

WIDEST = 36
"""Characters of a name that are shown."""
PATIENCE = 5
"""Seconds that `dot` may take for a picture."""
TEXT, GREY, CLEAR = "#1f2329", "#848d97", "#00000000"
"""Text stands in a colour of its own, which a page replaces by the one that it writes in."""
SHAPES = {
    "input": "cylinder",
    "output": "cylinder",
    "if_else": "diamond",
    "do_while": "hexagon",
    "parallel_for": "hexagon",
}
_STYLES = {
    "solid": "filled",
    "bold": "filled",
    "double": "filled",
    "dashed": "filled,dashed",
    "dotted": "filled,dotted",
}
_TITLE = re.compile(r"<title>([^<]*)</title>")


def is_there() -> bool:
    """Whether Graphviz can draw: the package `graphviz` and the program `dot` are installed."""
    return find_spec("graphviz") is not None and shutil.which("dot") is not None


def source(graph: Graph) -> str:
    """A graph in DOT.

    MlException where the package `graphviz` is not installed; the program is not needed.
    """
    return str(_digraph(graph).source)


def _digraph(graph: Graph) -> Any:
    try:
        graphviz: Any = import_module("graphviz")
    except ImportError as error:
        from mlsdk.exceptions import MlException

        message = "a graph in the language of Graphviz needs the package graphviz: pip install 'mlsdk[display]'"
        raise MlException(message) from error
    wide = max((len(row) for row in ranks(graph)), default=0) > MOST_IN_A_ROW
    font = {"fontname": "Helvetica,Arial,sans-serif", "fontcolor": TEXT}
    made = graphviz.Digraph(
        graph_attr={
            **font,
            "rankdir": "LR" if wide else "TB",
            "bgcolor": CLEAR,
            "compound": "true",
            "fontsize": "12",
            "labeljust": "l",
            "nodesep": "0.2",
        },
        node_attr={**font, "fontsize": "12", "shape": "box", "margin": "0.16,0.08"},
        edge_attr={**font, "fontsize": "10", "color": GREY, "arrowsize": "0.7"},
    )
    short = _short(graph)
    _level(made, graph, None, short, graphviz)
    first = _first_inside(graph)
    for edge in graph.edges:
        _edge(made, edge, short, first, graphviz)
    return made


def _short(graph: Graph) -> dict[str, str]:
    """Names that mean nothing to Graphviz; those of clusters have to begin with `cluster`."""
    clusters = {cluster.id for cluster in graph.clusters}
    return {id_: f"cluster_{count}" if id_ in clusters else f"n{count}" for count, id_ in enumerate(graph.by_id)}


def _first_inside(graph: Graph) -> dict[str, str]:
    """A node in each cluster, which edges to the cluster really lead to."""
    found: dict[str, str] = {}
    for node in graph.nodes:
        parent = node.parent
        while parent is not None and parent not in found:
            found[parent] = node.id
            parent = graph.by_id[parent].parent if parent in graph.by_id else None
    return found


def _level(made: Any, graph: Graph, parent: str | None, short: dict[str, str], graphviz: Any) -> None:
    clusters = {cluster.id for cluster in graph.clusters}
    for node in graph.below(parent):
        looks = look(node.status, reused=node.reused)
        sign = f"{looks.sign} " if looks.sign else ""
        about = [node.type.replace("_", " "), node.detail, node.said]
        lines = [sign + shortened(node.name, WIDEST), " · ".join(part for part in about if part)]
        label = _text([" · ".join(lines)] if node.id in clusters else lines, graphviz)
        if node.id in clusters:
            with made.subgraph(name=short[node.id]) as inner:
                inner.attr(
                    label=label,
                    color=looks.colour,
                    style="rounded,dashed" if looks.line in ("dashed", "dotted") else "rounded",
                    penwidth="2.5" if looks.line == "bold" else "1.2",
                    peripheries="1",
                )
                _level(inner, graph, node.id, short, graphviz)
            continue
        made.node(
            short[node.id],
            label,
            color=looks.colour,
            fillcolor=looks.colour + "26",
            penwidth="2.5" if looks.line == "bold" else "1.2",
            peripheries="2" if looks.line == "double" else "1",
            style=("rounded," if SHAPES.get(node.type) is None else "") + _STYLES[looks.line],
            **({"shape": SHAPES[node.type]} if node.type in SHAPES else {}),
        )


def _text(lines: Sequence[str], graphviz: Any) -> str:
    """Lines as a label: neither backslashes, brackets nor the entities of HTML mean anything in it."""
    return "\n".join(str(graphviz.escape(line.replace("&", "&amp;"))) for line in lines)


def _edge(made: Any, edge: Edge, short: dict[str, str], first: dict[str, str], graphviz: Any) -> None:
    ends = {"tail": edge.source, "head": edge.target}
    about = {f"l{end}": short[id_] for end, id_ in ends.items() if id_ in first}
    source_id, target_id = (first.get(id_, id_) for id_ in ends.values())
    label = _text([shortened(each, WIDEST) for each in edge.labels], graphviz)
    if edge.kind != "data":
        about.update(style="dashed" if edge.kind in ("condition", "again") else "bold")
    made.edge(short[source_id], short[target_id], label=f" {label}" if label else "", **about)


def svg(graph: Graph) -> str:
    """A graph as Graphviz draws it, to stand within a page: without a heading, in the page's own colour of text.

    CalledProcessError or TimeoutExpired where it does not succeed. Ask `is_there` before.
    """
    done = subprocess.run(  # noqa: S603 - what is drawn goes in as text, not as arguments
        [str(shutil.which("dot")), "-Tsvg"],
        input=source(graph).encode(),
        capture_output=True,
        check=True,
        timeout=PATIENCE,
    )
    drawn = done.stdout.decode()
    names = {short: id_ for id_, short in _short(graph).items()}

    def title(found: Any) -> str:
        """What the pointer tells of a node: its whole name."""
        node = graph.by_id.get(names.get(found[1], ""))
        return "" if node is None else f"<title>{escaped(_told(node))}</title>"

    drawn = _TITLE.sub(title, drawn[drawn.index("<svg") :])
    drawn = re.sub(r"<!--.*?-->\n?", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r'\sxmlns(:xlink)?="[^"]*"', "", drawn)
    return drawn.replace(TEXT, "currentColor").strip()


def _told(node: Node) -> str:
    return clean(
        " · ".join(part for part in (node.id, node.display_name, node.component, node.said, node.error) if part)
    )
