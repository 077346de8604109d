"""One row of the table, and the table: what was measured beside what is to be reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def fraction(value: float) -> str:
    """A ratio as it is best read: `1/37`, or `0.62` when it is not that small."""
    return f"1/{1 / value:.0f}" if value < 0.2 else f"{value:.2f}"


def factor(value: float) -> str:
    """How many times as much."""
    return f"{value:.2f} x"


def milliseconds(value: float) -> str:
    """Seconds, shown in thousandths."""
    return f"{value * 1e3:.2g} ms"


def megabytes(value: float) -> str:
    """Bytes, shown in millions (of 1024 times 1024)."""
    return f"{value / 2**20:.1f} MB"


@dataclass(frozen=True)
class Figure:
    """A measured value and the limit it has to keep."""

    what: str
    value: float
    limit: float | None
    """The largest value that is good enough; None where the figure only informs."""
    shown: Callable[[float], str] = fraction
    parts: Mapping[str, float] = field(default_factory=dict)
    """The ratios that a mean was made of."""

    @property
    def reached(self) -> bool:
        """Whether the value keeps its limit."""
        return self.limit is None or self.value <= self.limit

    @property
    def wanted(self) -> str:
        """The limit as text."""
        return "" if self.limit is None else f"≤ {self.shown(self.limit)}"

    @property
    def verdict(self) -> str:
        """Whether it is reached, as text."""
        return "" if self.limit is None else "yes" if self.reached else "**no**"


def table(figures: Iterable[Figure]) -> str:
    """All figures as a Markdown table, and those that are means once more part by part."""
    figures = list(figures)
    lines = ["| what | to reach | measured | reached |", "|---|---|---|---|"]
    lines += [f"| {row.what} | {row.wanted} | {row.shown(row.value)} | {row.verdict} |" for row in figures]
    means = [row for row in figures if row.parts]
    if means:
        kinds = list(dict.fromkeys(kind for row in means for kind in row.parts))
        lines += ["", "| kind by kind | " + " | ".join(kinds) + " |", "|---" * (len(kinds) + 1) + "|"]
        for row in means:
            lines.append(f"| {row.what} | " + " | ".join(row.shown(row.parts[kind]) for kind in kinds) + " |")
    return "\n".join(lines)
