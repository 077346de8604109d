"""Graphs in Mermaid's language, whatever their names hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsdk.display.states import LOOKS, look
from mlsdk.display.texts import clean, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsdk.display.graph import Edge, Graph, Node

WIDEST = 36
"""Characters of a name that are shown."""
SHAPES = {
    "input": ("([", "])"),
    "output": ("([", "])"),
    "if_else": ("{", "}"),
    "do_while": ("{{", "}}"),
    "parallel_for": ("{{", "}}"),
    "pipeline": ("[[", "]]"),
}
_LINES = {
    "solid": "stroke-width:1.5px",
    "bold": "stroke-width:4px",
    "double": "stroke-width:4px,stroke-dasharray:10 2",
    "dashed": "stroke-width:1.5px,stroke-dasharray:6 4",
    "dotted": "stroke-width:1.5px,stroke-dasharray:2 3",
}
_ARROWS = {"condition": "-.->", "true": "==>", "false": "==>", "body": "==>", "again": "-.->"}
BACKSLASH = "\N{REVERSE SOLIDUS OPERATOR}"
"""What stands for a backslash: Mermaid breaks the line at a backslash and an n, however they are written."""
_SPECIAL = re.compile(rf"[^\w .,/+=·→…{BACKSLASH}{''.join(one.sign for one in LOOKS)}-]")


def quoted(text: str) -> str:
    """A text as a label: everything that means something to Mermaid or to a page stands as a number."""
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", clean(text).replace("\\", BACKSLASH))


def text(graph: Graph) -> str:
    """A graph as a Mermaid flowchart.

    States are told by colour, and by the line around a step and the word in it.
    """
    return "\n".join([f"flowchart {'LR' if _is_wide(graph) else 'TB'}", *_body(graph)]) + "\n"


def _is_wide(graph: Graph) -> bool:
    from mlsdk.display.layout import ranks

    return max((len(row) for row in ranks(graph)), default=0) > 4


def _body(graph: Graph) -> Iterator[str]:
    short = {
        id_: f"{'c' if node.type == 'pipeline' else 'n'}{count}"
        for count, (id_, node) in enumerate(graph.by_id.items())
    }
    yield from _level(graph, None, short, "    ")
    for edge in graph.edges:
        yield f"    {_edge(edge, short)}"
    used = {look(node.status, reused=node.reused) for node in graph.by_id.values()}
    for one in LOOKS:
        if one in used:
            # The fill is nearly clear: text keeps the colour that the page's theme gives it.
            yield f"    classDef {one.kind} stroke:{one.colour},fill:{one.colour}22,{_LINES[one.line]}"


def _level(graph: Graph, parent: str | None, short: dict[str, str], indent: str) -> Iterator[str]:
    clusters = {cluster.id for cluster in graph.clusters}
    for node in graph.below(parent):
        name, kind = short[node.id], look(node.status, reused=node.reused).kind
        if node.id in clusters:
            yield f'{indent}subgraph {name}["{_title(node, " · ")}"]'
            yield from _level(graph, node.id, short, indent + "    ")
            yield f"{indent}end"
            yield f"{indent}class {name} {kind}"
            continue
        before, after = SHAPES.get(node.type, ("[", "]"))
        yield f'{indent}{name}{before}"{_title(node)}"{after}:::{kind}'


def _title(node: Node, between: str = "<br/>") -> str:
    sign = look(node.status, reused=node.reused).sign
    first = quoted(f"{sign} {shortened(node.name, WIDEST)}".strip())
    rest = [node.type.replace("_", " "), node.detail, node.said]
    return f"{first}{between}{quoted(' · '.join(part for part in rest if part))}"


def _edge(edge: Edge, short: dict[str, str]) -> str:
    arrow = _ARROWS.get(edge.kind, "-->")
    label = "<br/>".join(quoted(shortened(each, WIDEST)) for each in edge.labels)
    middle = f'{arrow}|"{label}"|' if label else arrow
    return f"{short[edge.source]} {middle} {short[edge.target]}"
