"""What a job has logged: curves and numbers by name."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple, overload

JSON = dict[str, Any]


class MetricValue(NamedTuple):
    """One value that was logged."""

    step: int
    value: float
    timestamp: datetime
    """When it was logged, in UTC."""


def _value(row: JSON) -> MetricValue:
    """A value from its row; what JSON has no number for (`NaN`, `Infinity`) comes as text."""
    logged = datetime.fromtimestamp(int(row.get("timestamp") or 0) / 1000, timezone.utc)
    return MetricValue(int(row.get("step") or 0), float(row["value"]), logged)


class RunMetric(Sequence[MetricValue]):
    """The values of one metric, by step: `for step, value, timestamp in metrics["loss"]`.

    All but the last one are asked for when they are first looked at, and kept.
    """

    __slots__ = ("_ask", "_last", "_values", "name")

    def __init__(self, last: JSON, ask: Callable[[], Iterable[JSON]]) -> None:
        """Hold the last value, from the service's row of it; `ask` gives the rows of all."""
        self.name: str = last["key"]
        self._last = _value(last)
        self._ask = ask
        self._values: tuple[MetricValue, ...] | None = None

    @property
    def last(self) -> float:
        """The value that was logged last, which needs no further exchange."""
        return self._last.value

    @property
    def values(self) -> list[float]:
        """The values alone, by step, to plot them."""
        return [each.value for each in self]

    def _all(self) -> tuple[MetricValue, ...]:
        if self._values is None:
            self._values = tuple(sorted(map(_value, self._ask()), key=lambda each: (each.step, each.timestamp)))
        return self._values

    @overload
    def __getitem__(self, index: int) -> MetricValue: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[MetricValue, ...]: ...
    def __getitem__(self, index: int | slice) -> MetricValue | tuple[MetricValue, ...]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return f"<RunMetric {self.name!r}, last {self.last!r}>"


class RunMetrics(Mapping[str, RunMetric]):
    """What a job has logged, by name: `metrics["loss"].last`, `metrics["loss"].values`, `metrics.last`."""

    __slots__ = ("_metrics",)

    def __init__(self, metrics: Iterable[RunMetric] = ()) -> None:
        """Hold the metrics under their names, in this order."""
        self._metrics = {metric.name: metric for metric in metrics}

    @property
    def last(self) -> dict[str, float]:
        """The value of each metric that was logged last."""
        return {name: metric.last for name, metric in self._metrics.items()}

    def __getitem__(self, name: str) -> RunMetric:
        return self._metrics[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._metrics)

    def __len__(self) -> int:
        return len(self._metrics)

    def __repr__(self) -> str:
        return f"<RunMetrics {', '.join(f'{name}={value!r}' for name, value in self.last.items()) or 'none'}>"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{html.escape(name)}</td><td>{value!r}</td></tr>" for name, value in self.last.items())
        return f"<table><tr><th>Metric</th><th>Last</th></tr>{rows}</table>"
