"""Tables and paragraphs as plain text that fits a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDTH = 80
"""Columns of the narrowest terminal in common use."""
GAP = "  "
CUT = "..."
INDENT = " " * 12
"""Room for what was done, before the name of what it was done with."""


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """A title, heads, a rule and a line for each row, none wider than `WIDTH`.

    None shows as `-`. Where it does not fit, the widest columns give way: their cells go on in the next line, and a
    word that is too long loses its middle, since the start and the end of a path tell the most. A table without rows
    says so.
    """
    yield title
    if not rows:
        yield "  none"
        return
    cells = [[_text(value) for value in row] for row in rows]
    widths = _fitted([max(map(len, column)) for column in zip(heads, *cells, strict=True)])
    for row in (heads, ["-" * width for width in widths], *cells):
        yield from _lines(row, widths)


def said(what: str, name: Any, detail: str) -> str:
    """A line about one thing done."""
    return shortened(f"{what:<{len(INDENT)}}{name}: {detail}", WIDTH)


def paragraph(text: str, indent: str = "", then: str | None = None) -> Iterator[str]:
    """The lines of `text` broken at `WIDTH`, words that are too long too; continued lines start with `then`."""
    for line in text.splitlines():
        yield from textwrap.wrap(
            line,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent if then is None else then,
            break_on_hyphens=False,
        ) or [""]


def shortened(text: str, width: int) -> str:
    """`text` in at most `width` characters, its middle cut out where it is longer."""
    if len(text) <= width:
        return text
    kept = max(width - len(CUT), 0)
    return text[: kept // 2] + CUT + text[len(text) - (kept - kept // 2) :]


def _text(value: Any) -> str:
    return "-" if value is None or value == "" else " ".join(str(value).split())


def _fitted(widths: list[int]) -> list[int]:
    """Widths whose sum fits: what is too much is taken from the widest, until others are as wide."""
    room = WIDTH - len(GAP) * (len(widths) - 1)
    fitted = list(widths)
    while sum(fitted) > room:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def _lines(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """A row, as many lines as its longest cell takes."""
    columns = [
        [shortened(part, width) for part in textwrap.wrap(cell, width, break_long_words=False, break_on_hyphens=False)]
        for cell, width in zip(cells, widths, strict=True)
    ]
    for parts in zip_longest(*columns, fillvalue=""):
        yield GAP.join(part.ljust(width) for part, width in zip(parts, widths, strict=True)).rstrip()
