"""Curves of what a job has logged, as SVG within a page: each metric in a picture of its own, so that each has its scale."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlsdk.display.texts import escaped, number, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH, HEIGHT = 300, 150
"""Pixels of a picture."""
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 26, 20
POINTS = 400
"""How many points of a curve are drawn; of longer ones the highest and lowest of each part are."""
DOTTED = 30
"""Curves of so few points show each of them."""
COLOUR, GREY = "#2f81f7", "#848d97"

Row = tuple[float, float]


def series(values: Iterable[Sequence[object]]) -> list[Row]:
    """Pairs of a step and a value from values as they were logged; numbered where all were logged for one step."""
    rows = [(float(str(step)), float(str(value))) for step, value, *_ in values]
    if len({step for step, _ in rows}) < len(rows):
        rows = [(float(place), value) for place, (_, value) in enumerate(rows)]
    return rows


def thinned(rows: Sequence[Row], most: int = POINTS) -> list[Row]:
    """At most about `most` rows: of each part the first, the lowest and highest and the last, so that no peak is lost."""
    if len(rows) <= most:
        return list(rows)
    size = math.ceil(len(rows) / (most // 4))
    found: list[Row] = []
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        finite = [place for place, (_, value) in enumerate(part) if math.isfinite(value)]
        kept = {0, len(part) - 1}
        if finite:
            kept |= {min(finite, key=lambda place: part[place][1]), max(finite, key=lambda place: part[place][1])}
        found += [part[place] for place in sorted(kept)]
    return found


def curve(name: str, rows: Sequence[Row]) -> str:
    """One metric as a picture: what it began and ended with, its lowest and highest value, and the way between."""
    finite = [row for row in rows if math.isfinite(row[1])]
    last = number(rows[-1][1]) if rows else "no values"
    odd = len(rows) - len(finite)
    told = f"{name}: {len(rows)} value{'s' if len(rows) != 1 else ''}, last {last}"
    if odd:
        told += f", {odd} not finite"
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    font = 'font-family="Helvetica,Arial,sans-serif" font-size="10" fill="currentColor"'
    parts = [
        f'<svg role="img" aria-label="{escaped(told)}" {size} {font}>',
        f"<title>{escaped(told)}</title>",
        f'<text x="4" y="14" font-size="12" font-weight="600">{escaped(shortened(name, 30))}</text>',
        f'<text x="{WIDTH - RIGHT}" y="14" font-size="12" text-anchor="end">{escaped(last)}</text>',
    ]
    parts += _drawn(rows, finite) if finite else [_words("no finite value" if rows else "no values")]
    if odd and finite:
        middle = (LEFT + WIDTH - RIGHT) / 2
        parts.append(f'<text x="{middle}" y="{HEIGHT - 6}" text-anchor="middle" fill="{GREY}">{odd} not finite</text>')
    return "".join([*parts, "</svg>"])


def _words(text: str) -> str:
    return f'<text x="{WIDTH / 2}" y="{HEIGHT / 2}" text-anchor="middle" fill="{GREY}">{text}</text>'


def _drawn(rows: Sequence[Row], finite: Sequence[Row]) -> list[str]:
    low, high = min(value for _, value in finite), max(value for _, value in finite)
    first, last = rows[0][0], rows[-1][0]
    bottom, top = HEIGHT - BOTTOM, TOP
    right = WIDTH - RIGHT

    def x(step: float) -> float:
        return LEFT + (right - LEFT) * ((step - first) / (last - first) if last > first else 0.5)

    def y(value: float) -> float:
        share = 0.5
        if high > low:
            # The difference of the largest numbers there are is infinite, that of their halves is not.
            part = 1.0 if math.isfinite(high - low) else 0.5
            share = (value * part - low * part) / (high * part - low * part)
        return bottom - (bottom - top) * share

    parts = [
        f'<path d="M{LEFT},{top} V{bottom} H{right}" fill="none" stroke="{GREY}" stroke-width="1" stroke-opacity="0.6"/>',
        f'<path d="M{LEFT},{top} H{right}" stroke="{GREY}" stroke-width="1" stroke-opacity="0.25"/>',
    ]
    marks = [(high, top + 4), (low, bottom)] if high > low else [(low, y(low) + 3)]
    parts += [
        f'<text x="{LEFT - 4}" y="{at:.1f}" text-anchor="end">{escaped(number(value))}</text>' for value, at in marks
    ]
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 6}">{escaped(number(first))}</text>')
    if last > first:
        parts.append(f'<text x="{right}" y="{HEIGHT - 6}" text-anchor="end">{escaped(number(last))}</text>')
    for stretch in _stretches(thinned(rows)):
        if len(stretch) > 1:
            points = " ".join(f"{x(step):.1f},{y(value):.1f}" for step, value in stretch)
            parts.append(
                f'<polyline points="{points}" fill="none" stroke="{COLOUR}" stroke-width="1.6" stroke-linejoin="round"/>'
            )
        if len(stretch) == 1 or len(rows) <= DOTTED:
            parts += [
                f'<circle cx="{x(step):.1f}" cy="{y(value):.1f}" r="2.4" fill="{COLOUR}"/>' for step, value in stretch
            ]
    return parts


def _stretches(rows: Iterable[Row]) -> list[list[Row]]:
    """The parts of a curve between which there are values that are no numbers."""
    found: list[list[Row]] = [[]]
    for row in rows:
        if math.isfinite(row[1]):
            found[-1].append(row)
        elif found[-1]:
            found.append([])
    return [stretch for stretch in found if stretch]
