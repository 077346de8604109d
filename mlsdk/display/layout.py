"""Where the nodes of a graph stand in a picture: in ranks, each after all that it needs, with few lines that cross."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mlsdk.display.graph import Graph, Node

SWEEPS = 4
"""How often the order within ranks is bettered."""
MOST_IN_A_ROW = 4
"""A graph with more nodes beside one another is drawn from left to right."""


@attrs.define
class Box:
    """A node, or the place where a line passes a rank."""

    id: str
    width: float
    height: float
    rank: int = 0
    x: float = 0
    y: float = 0
    """Its middle."""


@attrs.frozen
class Line:
    """What leads from one node to another, over the ranks between them."""

    edge: int
    """Its place among the edges of the graph."""
    points: tuple[Box, ...]


@attrs.frozen
class Layout:
    """Boxes at their places, from 0, 0 to `width`, `height`."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: float
    height: float
    across: bool
    """Whether it is drawn from left to right."""


def _ends(graph: Graph) -> list[tuple[int, str, str]]:
    """Edges between nodes, by their places; one from or to a cluster leads to a node in it."""
    clusters = {cluster.id for cluster in graph.clusters}

    def inside(id_: str) -> str | None:
        if id_ not in clusters:
            return id_ if id_ in graph.by_id else None
        for node in graph.below(id_):
            found = inside(node.id)
            if found is not None:
                return found
        return None

    found = []
    for place, edge in enumerate(graph.edges):
        source, target = inside(edge.source), inside(edge.target)
        if source is not None and target is not None and source != target:
            found.append((place, source, target))
    return found


def _rank_of(ids: Sequence[str], ends: Iterable[tuple[int, str, str]]) -> dict[str, int]:
    """How far each node is from the beginning; what goes back in a circle does not count."""
    after: dict[str, list[str]] = {id_: [] for id_ in ids}
    for _, source, target in ends:
        after[source].append(target)
    state: dict[str, int] = {}
    order: list[str] = []
    back: set[tuple[str, str]] = set()
    for first in ids:
        path = [(first, iter(after[first]))] if first not in state else []
        state.setdefault(first, 1)
        while path:
            here, rest = path[-1]
            following = next(rest, None)
            if following is None:
                state[here] = 2
                order.append(here)
                path.pop()
            elif state.get(following) == 1:
                back.add((here, following))
            elif following not in state:
                state[following] = 1
                path.append((following, iter(after[following])))
    rank = dict.fromkeys(ids, 0)
    for here in reversed(order):
        for following in after[here]:
            if (here, following) not in back:
                rank[following] = max(rank[following], rank[here] + 1)
    for here in order:  # what only brings something in stands just before those who need it
        later = [rank[following] for following in after[here] if (here, following) not in back]
        if later and not any(here == target for _, _, target in ends):
            rank[here] = min(later) - 1
    return rank


def ranks(graph: Graph) -> list[list[Node]]:
    """The nodes rank by rank."""
    ends = _ends(graph)
    rank = _rank_of([node.id for node in graph.nodes], ends)
    rows: list[list[Node]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for node in graph.nodes:
        rows[rank[node.id]].append(node)
    return rows


def layout(graph: Graph, sizes: dict[str, tuple[float, float]], gap: float, between: float) -> Layout:
    """Places for all nodes.

    `sizes` are the widths and heights of nodes by their ids, `gap` what is left between two of one rank, `between` what is
    left between two ranks; all in pixels.
    """
    ends = _ends(graph)
    rank = _rank_of([node.id for node in graph.nodes], ends)
    across = max((len(row) for row in ranks(graph)), default=0) > MOST_IN_A_ROW
    boxes = {node.id: Box(node.id, *sizes[node.id], rank[node.id]) for node in graph.nodes}
    rows: list[list[Box]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for node in sorted(graph.nodes, key=lambda node: _families(graph, node)):
        rows[rank[node.id]].append(boxes[node.id])
    lines, beside = [], {id(box): list[Box]() for row in rows for box in row}
    for place, source, target in ends:
        first, last = boxes[source], boxes[target]
        step = 1 if last.rank >= first.rank else -1
        passed = [Box("", 8, 8, number) for number in range(first.rank + step, last.rank, step)]
        points = (first, *passed, last)
        for box in passed:
            rows[box.rank].append(box)
            beside[id(box)] = []
        for one, other in pairwise(points):
            beside[id(one)].append(other)
            beside[id(other)].append(one)
        lines.append(Line(place, points))
    _order(rows, beside)
    width, height = _place(rows, beside, gap, between, across=across)
    return Layout(tuple(boxes.values()), tuple(lines), width, height, across)


def _families(graph: Graph, node: Node) -> tuple[int, ...]:
    """Where the pipelines that a node is in stand, so that their steps stay together."""
    places = {cluster.id: place for place, cluster in enumerate(graph.clusters)}
    found, parent = [], node.parent
    while parent in places:
        found.append(places[parent])
        parent = graph.by_id[parent].parent
    return (*reversed(found),)


def _order(rows: list[list[Box]], beside: dict[int, list[Box]]) -> None:
    """Order each rank by where the neighbours of its boxes stand, down and up again."""
    place = {id(box): number for row in rows for number, box in enumerate(row)}
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in rows[1:] if down else rows[-2::-1]:
            seen: dict[int, float] = {}
            for box in row:
                others = [
                    place[id(one)] for one in beside[id(box)] if (one.rank < box.rank) == down and one.rank != box.rank
                ]
                seen[id(box)] = sum(others) / len(others) if others else place[id(box)]
            row.sort(key=lambda box: seen[id(box)])
            place.update({id(box): number for number, box in enumerate(row)})


def _place(
    rows: list[list[Box]], beside: dict[int, list[Box]], gap: float, between: float, *, across: bool
) -> tuple[float, float]:
    """Give every box its middle; gives the size of the whole."""

    def breadth(box: Box) -> float:
        return box.height if across else box.width

    middle: dict[int, float] = {}
    for row in rows:
        at = 0.0
        for box in row:
            middle[id(box)] = at + breadth(box) / 2
            at += breadth(box) + (gap if box.id else gap / 3)
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            _near(row, beside, middle, breadth, gap)
    low = min((middle[id(box)] - breadth(box) / 2 for row in rows for box in row), default=0.0)
    high = max((middle[id(box)] + breadth(box) / 2 for row in rows for box in row), default=0.0)
    at = 0.0
    for row in rows:
        deep = max(box.width if across else box.height for box in row)
        for box in row:
            along, side = at + deep / 2, middle[id(box)] - low
            box.x, box.y = (along, side) if across else (side, along)
        at += deep + between
    along, side = max(at - between, 0.0), high - low
    return (along, side) if across else (side, along)


def _near(
    row: list[Box], beside: dict[int, list[Box]], middle: dict[int, float], breadth: Callable[[Box], float], gap: float
) -> None:
    """Move the boxes of a rank to where their neighbours are, as far as they leave room to one another."""
    wanted = []
    for box in row:
        others = [middle[id(one)] for one in beside[id(box)]]
        wanted.append(sum(others) / len(others) if others else middle[id(box)])
    # Boxes that want the same room share it: those that touch are moved as one, to the mean of what they want.
    groups: list[tuple[float, float, int]] = []  # the sum of where the first one's middle would be, its mean, how many
    offsets, at = [], 0.0
    for number, box in enumerate(row):
        if number:
            at += (breadth(row[number - 1]) + breadth(box)) / 2 + (gap if box.id and row[number - 1].id else gap / 3)
        offsets.append(at)
    for number, want in enumerate(wanted):
        total, count = want - offsets[number], 1
        while groups and groups[-1][1] >= total / count:
            before, _, many = groups.pop()
            total, count = total + before, count + many
        groups.append((total, total / count, count))
    number = 0
    for _, mean, count in groups:
        for _ in range(count):
            middle[id(row[number])] = mean + offsets[number]
            number += 1
