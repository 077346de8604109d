"""A job as somebody looks at it: how it is, what went in and came out, what it logged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import attrs

from mlsdk.display.graph import Graph
from mlsdk.display.states import ENDED
from mlsdk.display.texts import clean, value_text


class Metric(Protocol):
    """What a job has logged of one metric: rows of a step, a value and a moment; and the last value."""

    @property
    def last(self) -> float:
        """The value that was logged last."""
        ...

    def __iter__(self) -> Iterator[Sequence[Any]]: ...

    def __len__(self) -> int: ...


@attrs.frozen(kw_only=True)
class Port:
    """An input or an output of a job."""

    name: str
    type: str = ""
    """`uri_file`, `custom_model` …; empty for a plain value."""
    value: str = ""
    """Where the data is, or the value; without secrets."""
    asset: str = ""
    """What an output is registered as: `flowers:3`."""

    @property
    def said(self) -> str:
        """All of it in one line."""
        return "  ".join(part for part in (self.type, self.asset, self.value) if part)


@attrs.frozen(kw_only=True)
class Trial:
    """One trial of a sweep, or one model that automated machine learning tried."""

    name: str
    status: str
    parameters: Mapping[str, Any] = attrs.field(factory=dict)
    """What was drawn for it."""
    value: float | None = None
    """Its primary metric, as it was logged last."""
    seconds: float | None = None
    best: bool = False

    @property
    def drawn(self) -> str:
        """Its parameters in one line: `rate=0.1, depth=3`."""
        return ", ".join(f"{clean(name)}={value_text(value)}" for name, value in self.parameters.items())


@attrs.frozen(kw_only=True)
class JobView:
    """A job to look at: in a notebook it shows itself as a page, in a terminal by `rich`, as text by `str()`.

    It is as the job was when it was asked for, and asks for nothing more.
    """

    name: str
    display_name: str | None = None
    type: str | None = None
    status: str | None = None
    experiment: str | None = None
    compute: str | None = None
    created: datetime | None = None
    started: datetime | None = None
    """When it began to run; None before."""
    ended: datetime | None = None
    seconds: float | None = None
    """How long it has run, until now or until it ended."""
    reused_from: str | None = None
    """The run whose results it took instead of running."""
    inputs: Sequence[Port] = ()
    outputs: Sequence[Port] = ()
    error: str = ""
    """Why it failed, in the service's words; empty where it did not."""
    metrics: Mapping[str, Metric] = attrs.field(factory=dict, repr=False)
    """What it logged, by name."""
    step_metrics: Mapping[str, Mapping[str, Metric]] = attrs.field(factory=dict, repr=False)
    """Of a pipeline: what its steps logged, by the id of the step in `graph`, then by name."""
    graph: Graph | None = attrs.field(default=None, repr=False)
    """Of a pipeline: its steps, and how they are."""
    trials: Sequence[Trial] = attrs.field(default=(), repr=False)
    """Of a sweep, or of automated machine learning: the best first, then as they were made."""
    primary_metric: str | None = None
    """What the trials are measured by."""
    log: Sequence[str] = attrs.field(default=(), repr=False)
    """The last lines of its log, while it runs or where it failed."""
    studio_url: str | None = attrs.field(default=None, repr=False)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of it by itself."""
        return self.status in ENDED

    @property
    def title(self) -> str:
        """What it is called."""
        return clean(self.display_name or self.name)

    def __str__(self) -> str:
        """Plain text for 80 columns."""
        from mlsdk.display.lines import view_lines

        return "\n".join(view_lines(self))

    def __rich__(self) -> Any:
        """What the package `rich` prints."""
        from mlsdk.display.terminal import view

        return view(self)

    def _repr_html_(self) -> str:
        from mlsdk.display.html_page import page

        return page(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook may choose from: a page, or plain text."""
        del include, exclude  # which leave to us what we give
        return {"text/html": self._repr_html_(), "text/plain": str(self)}
