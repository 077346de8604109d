"""Where a job is shown while it is followed: below a notebook's cell, in a terminal, or line by line."""

from __future__ import annotations

import os
import sys
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from mlsdk.display.graph_runs import with_news
from mlsdk.display.states import RUNNING, look
from mlsdk.display.texts import clean, number

if TYPE_CHECKING:
    from mlsdk.display.views import JobView


NOT_BEGUN = frozenset({"NotStarted", "Scheduled"})
"""The statuses of steps and trials that need no line of their own."""


class Screen(Protocol):
    """What shows a job that changes."""

    def show(self, view: JobView) -> None:
        """Show how it is now."""
        ...

    def end(self, view: JobView) -> None:
        """Show how it ended."""
        ...

    def close(self) -> None:
        """Leave standing what was shown; calling it twice is fine."""
        ...


def screen() -> Screen:
    """The best that this process has: a notebook's cell, a terminal with `rich`, else lines on stdout."""
    ipython = sys.modules.get("IPython")
    if ipython is not None and hasattr(ipython.get_ipython(), "kernel"):
        return Cell()
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and find_spec("rich") is not None:
        return Terminal()
    return Lines()


class Cell:
    """One picture below a notebook's cell, replaced when something has changed."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self._handle: Any = None
        self._shown = ""

    def show(self, view: JobView) -> None:
        """Show how it is now."""
        bundle = view._repr_mimebundle_()
        if bundle["text/html"] == self._shown:
            return
        self._shown = bundle["text/html"]
        if self._handle is None:
            self._handle = sys.modules["IPython"].display.display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    def end(self, view: JobView) -> None:
        """Show how it ended."""
        self.show(view)

    def close(self) -> None:
        """The last picture stays."""


class Terminal:
    """A tree of steps that is drawn anew in place, then the whole job."""

    def __init__(self, console: Any = None) -> None:
        """Draw on this console of `rich`; on stdout when None."""
        from rich.console import Console
        from rich.live import Live

        self._console = Console() if console is None else console
        self._view: JobView | None = None
        self._at = 0.0
        self._live = Live(console=self._console, get_renderable=self._now, refresh_per_second=2, transient=True)

    def _now(self) -> Any:
        """What is shown at this moment: the seconds go on between two looks at the job."""
        from mlsdk.display.terminal import live

        return "" if self._view is None else live(later(self._view, time.monotonic() - self._at))

    def show(self, view: JobView) -> None:
        """Show how it is now."""
        self._view, self._at = view, time.monotonic()
        if self._live.is_started:
            self._live.refresh()
        else:
            self._live.start()

    def end(self, view: JobView) -> None:
        """Show the whole of it, in the place of the tree."""
        self.close()
        self._console.print(view)

    def close(self) -> None:
        """Draw no more."""
        self._live.stop()


def later(view: JobView, seconds: float) -> JobView:
    """A job as it is some seconds later, if nothing has happened: what runs has run for longer."""
    if view.status is None or look(view.status) is not RUNNING or view.seconds is None:
        return view
    graph = view.graph
    if graph is not None:
        running = {
            node.id: {"seconds": node.seconds + seconds}
            for node in graph.by_id.values()
            if node.seconds is not None and look(node.status) is RUNNING
        }
        graph = with_news(graph, running)
    return attrs.evolve(view, seconds=view.seconds + seconds, graph=graph)  # noqa: TID251 - a view is no entity


class Lines:
    """A line for each change: for pipes, logs of continuous integration, and where there is no `rich`."""

    def __init__(self) -> None:
        """Print nothing yet."""
        self._told: dict[str, str | None] = {}

    def show(self, view: JobView) -> None:
        """Print what is new: of the job first when it begins, last when it has ended."""
        if not view.has_ended:
            self._tell(view.name, view.status, f"{view.title}: {view.status}")
        self._show_parts(view)
        self._tell(view.name, view.status, f"{view.title}: {view.status}")

    def _show_parts(self, view: JobView) -> None:
        for node in view.graph.by_id.values() if view.graph is not None else ():
            if node.runs and node.status not in NOT_BEGUN:
                told = f"  {clean(node.id)}: {node.said}"
                # How long it runs is said once it has ended: else there would be a line for each look at it.
                self._tell(
                    node.id, f"{node.status} {node.ended}", told if node.ended else f"  {clean(node.id)}: {node.status}"
                )
        for trial in view.trials:
            if trial.status in NOT_BEGUN:
                continue
            value = "" if trial.value is None else f", {view.primary_metric} {number(trial.value)}"
            self._tell(trial.name, trial.status, f"  {clean(trial.name)}: {trial.status}{value}")

    def _tell(self, what: str, state: str | None, line: str) -> None:
        if self._told.get(what) != state:
            self._told[what] = state
            write(f"{line}\n")

    def end(self, view: JobView) -> None:
        """Print the whole of it."""
        self.show(view)
        write(f"\n{view}\n")

    def close(self) -> None:
        """Nothing is left open."""


def write(text: str) -> None:
    """Print, with question marks for the letters that a console does not know."""
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        sys.stdout.write(text.encode(sys.stdout.encoding, "replace").decode(sys.stdout.encoding))
    sys.stdout.flush()
