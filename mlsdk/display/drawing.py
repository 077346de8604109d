"""Graphs drawn by ourselves, where there is no Graphviz: plain boxes and lines as SVG."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from mlsdk.display.layout import Box, Layout, layout
from mlsdk.display.states import look
from mlsdk.display.texts import escaped, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsdk.display.graph import Edge, Graph, Node

WIDEST = 30
"""Characters of a name, and of a label, that are shown."""
LETTER, SMALL = 7.3, 6.1
"""Pixels that a letter takes, in the two sizes of text."""
HEIGHT, EDGE = 42.0, 24.0
"""Pixels: the height of a box, and the distance of the picture from its edge."""
GREY = "#848d97"
MOST_LABELS = 4
"""Lines of text that stand at one line."""
Point = tuple[float, float]
_DASHES = {"dashed": ' stroke-dasharray="6 4"', "dotted": ' stroke-dasharray="2 3"'}
_FONT = "font-family='Helvetica,Arial,sans-serif'".replace("'", '"')


def _about(node: Node) -> str:
    return " · ".join(part for part in (node.type.replace("_", " "), node.detail, node.said) if part)


def _title(graph: Graph, node: Node) -> str:
    """What a box is called: its step, behind the pipelines that it is in."""
    names, parent = [node.name], node.parent
    while parent is not None and parent in graph.by_id:
        names.insert(0, graph.by_id[parent].name)
        parent = graph.by_id[parent].parent
    sign = look(node.status, reused=node.reused).sign
    return f"{sign} {shortened(' / '.join(names), WIDEST)}".strip()


def svg(graph: Graph) -> str:
    """A graph as SVG to stand within a page, in the page's own colour of text."""
    sizes = {
        node.id: (
            max(len(_title(graph, node)) * LETTER, len(shortened(_about(node), 44)) * SMALL, 60) + 24,
            HEIGHT,
        )
        for node in graph.nodes
    }
    longest = max((len(shortened(label, WIDEST)) for edge in graph.edges for label in edge.labels), default=0)
    most = max((len(edge.labels) for edge in graph.edges), default=0)
    wide = layout(graph, sizes, gap=22, between=0).across
    between = longest * SMALL + 40 if wide else 34 + 13 * min(most, MOST_LABELS)
    placed = layout(graph, sizes, gap=22 if not wide else 18, between=between)
    width, height = placed.width + 2 * EDGE, placed.height + 2 * EDGE
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="{-EDGE:.0f} {-EDGE:.0f} {width:.0f} {height:.0f}"'
    parts = [
        f'<svg role="img" aria-label="{escaped(f"graph of {graph.name}")}" {size} {_FONT}>',
        *_lines(graph, placed),
        *(_box(graph, box) for box in placed.boxes),
        "</svg>",
    ]
    return "\n".join(parts)


def _box(graph: Graph, box: Box) -> str:
    node = graph.by_id[box.id]
    looks = look(node.status, reused=node.reused)
    left, top, right, bottom = (
        box.x - box.width / 2,
        box.y - box.height / 2,
        box.x + box.width / 2,
        box.y + box.height / 2,
    )
    thick = 3 if looks.line == "bold" else 1.3
    paint = (
        f'fill="{looks.colour}" fill-opacity="0.14" stroke="{looks.colour}" stroke-width="{thick}"'
        f"{_DASHES.get(looks.line, '')}"
    )
    radius = 20 if node.type in ("input", "output") else 6
    if node.type in ("if_else", "do_while", "parallel_for"):
        above, below = f"{left + 14},{top} {right - 14},{top}", f"{right - 14},{bottom} {left + 14},{bottom}"
        corners = f"{left},{box.y} {above} {right},{box.y} {below}"
        shape = f'<polygon points="{corners}" {paint}/>'
    else:
        shape = _rectangle(left, top, box.width, box.height, radius, paint)
        if looks.line == "double":
            shape += _rectangle(
                left - 4, top - 4, box.width + 8, box.height + 8, radius + 3, paint.replace("0.14", "0")
            )
    whole = " · ".join(part for part in (node.id, node.display_name, node.component, node.said, node.error) if part)
    return (
        f"<g><title>{escaped(whole)}</title>{shape}"
        f'<text x="{box.x:.1f}" y="{box.y - 4:.1f}" text-anchor="middle" font-size="13" font-weight="600" '
        f'fill="currentColor">{escaped(_title(graph, node))}</text>'
        f'<text x="{box.x:.1f}" y="{box.y + 12:.1f}" text-anchor="middle" font-size="11" '
        f'fill="currentColor" fill-opacity="0.8">{escaped(shortened(_about(node), 44))}</text></g>'
    )


def _rectangle(x: float, y: float, width: float, height: float, radius: float, paint: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius}" {paint}/>'


def _lines(graph: Graph, placed: Layout) -> Iterator[str]:
    taken = [(box.x - box.width / 2, box.y - box.height / 2, box.width, box.height) for box in placed.boxes]
    for line in placed.lines:
        edge, (first, *passed, last) = graph.edges[line.edge], line.points
        on = 1 if last.rank >= first.rank else -1
        points = [_side(first, on, across=placed.across)]
        points += [(box.x, box.y) for box in passed]
        points.append(_side(last, -on, across=placed.across))
        dashed = ' stroke-dasharray="5 4"' if edge.kind in ("condition", "again") else ""
        thick = 2.2 if edge.kind in ("true", "false", "body") else 1.2
        yield (
            f'<path d="{_curve(points, across=placed.across)}" fill="none" stroke="{GREY}" stroke-width="{thick}"{dashed}>'
            f"<title>{escaped(', '.join(edge.labels))}</title></path>"
        )
        yield _arrow(points[-1], on, across=placed.across)
        yield from _label(edge, points, taken)


def _side(box: Box, towards: int, *, across: bool) -> tuple[float, float]:
    """Where a line leaves or meets a box."""
    return (box.x + towards * box.width / 2, box.y) if across else (box.x, box.y + towards * box.height / 2)


def _curve(points: list[Point], *, across: bool) -> str:
    """A smooth way through all points."""
    found = f"M{points[0][0]:.1f},{points[0][1]:.1f}"
    for (x, y), (to_x, to_y) in pairwise(points):
        one = ((x + to_x) / 2, y) if across else (x, (y + to_y) / 2)
        other = ((x + to_x) / 2, to_y) if across else (to_x, (y + to_y) / 2)
        found += f" C{one[0]:.1f},{one[1]:.1f} {other[0]:.1f},{other[1]:.1f} {to_x:.1f},{to_y:.1f}"
    return found


def _arrow(end: tuple[float, float], on: int, *, across: bool) -> str:
    x, y = end
    corners = (
        ((x, y), (x - 8 * on, y - 4), (x - 8 * on, y + 4))
        if across
        else ((x, y), (x - 4, y - 8 * on), (x + 4, y - 8 * on))
    )
    return f'<polygon points="{" ".join(f"{one:.1f},{other:.1f}" for one, other in corners)}" fill="{GREY}"/>'


def _label(edge: Edge, points: list[Point], taken: list[tuple[float, float, float, float]]) -> Iterator[str]:
    """The names at a line, where nothing else stands; where there is no room, the pointer tells them."""
    labels = [shortened(label, WIDEST) for label in edge.labels]
    if len(labels) > MOST_LABELS:
        labels = [*labels[: MOST_LABELS - 1], f"and {len(labels) - MOST_LABELS + 1} others"]
    if not labels:
        return
    width, height = max(map(len, labels)) * SMALL * 0.95, 13.0 * len(labels)
    for x, y in _along(points):
        place = (x - width / 2, y - height / 2, width, height)
        if not any(_meet(place, other) for other in taken):
            break
    else:
        return
    taken.append(place)
    for number, label in enumerate(labels):
        yield (
            f'<text x="{x:.1f}" y="{place[1] + 13 * number + 10:.1f}" text-anchor="middle" font-size="10.5" '
            f'fill="currentColor" fill-opacity="0.75">{escaped(label)}</text>'
        )


def _along(points: list[Point]) -> Iterator[Point]:
    """Places on a line, the middle of its last part first."""
    for (x, y), (to_x, to_y) in list(pairwise(points))[::-1]:
        for part in (0.5, 0.6, 0.4, 0.7, 0.3):
            smooth = part * part * (3 - 2 * part)
            yield x + (to_x - x) * smooth, y + (to_y - y) * part


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Whether two rectangles overlap."""
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )
