"""A job is watched until it has ended: in a notebook, in a terminal, line by line."""

from __future__ import annotations

import io
import sys
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from display.pipelines import nested, steered
from display.test_views import sweep, training
from rich.console import Console

from mlsdk.backends.memory import JobOutcome
from mlsdk.display import Graph, JobView, Node, screens
from mlsdk.display.screens import Cell, Lines, Terminal, later
from mlsdk.exceptions import JobException, JobTimeoutError
from mlsdk.operations.job_viewing import clock_of

if TYPE_CHECKING:
    from display.conftest import Clock, Counting

    from mlsdk import MLClient

    Outcomes = dict[str, JobOutcome]
    Capture = pytest.CaptureFixture[str]


class Notebook:
    """A kernel that keeps what is displayed."""

    kernel = True

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []
        self.displays = 0

    def display(self, bundle: dict[str, str], *, raw: bool, display_id: bool) -> Notebook:
        """Begin a display."""
        assert raw
        assert display_id
        self.displays += 1
        self.shown.append(bundle)
        return self

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        """Replace what it shows."""
        assert raw
        self.shown.append(bundle)


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """`IPython` as it is imported in a kernel."""
    made = Notebook()
    module = SimpleNamespace(get_ipython=lambda: made, display=SimpleNamespace(display=made.display), __spec__=None)
    monkeypatch.setitem(sys.modules, "IPython", module)
    return made


def submitted(client: MLClient, job: Any) -> str:
    """The name of a job that was just submitted."""
    return str(client.jobs.create_or_update(job).name)


# -- line by line ----------------------------------------------------------------------------------------------
def test_where_there_is_no_terminal_each_change_is_a_line(
    client: MLClient, outcomes: Outcomes, capsys: Capture
) -> None:
    """Then comes the whole job; nothing of it is a control sequence."""
    outcomes["fit"] = JobOutcome(seconds=30, metrics={"loss": 0.4})
    view = client.jobs.watch(submitted(client, nested()))
    printed = capsys.readouterr().out
    told, _, whole = printed.partition("\n\n")
    lines = told.splitlines()
    assert lines[0] == "Nested: NotStarted"
    assert lines[-1] == "Nested: Completed"
    assert lines.count("  prepare: Running") == 1
    assert (
        lines.index("  prepare: Completed, 35 s")
        < lines.index("  learn: Running")
        < lines.index("  learn/few/fit: Running")
    )
    assert lines.index("  learn/few/fit: Completed, 35 s") < lines.index("  compare: Completed, 35 s")
    assert len(lines) == len(set(lines))
    assert whole == f"{view}\n"
    assert "        loss 0.4\n" in whole
    assert "\x1b" not in printed
    assert view.status == "Completed"


def test_a_job_that_has_ended_is_shown_at_once(
    client: MLClient, clock: Clock, outcomes: Outcomes, capsys: Capture
) -> None:
    """Nothing is waited for."""
    del outcomes
    name = submitted(client, training())
    clock.advance(3600)
    clock.busy = lambda: pytest.fail("it waits")
    assert client.jobs.watch(name).status == "Completed"
    assert capsys.readouterr().out.startswith("train: Completed\n\ntrain  Completed\n")


def test_a_console_of_few_letters_gets_question_marks(
    client: MLClient, clock: Clock, outcomes: Outcomes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the others, rather than no lines at all."""
    job = training()
    job.display_name = "größe 日本"
    outcomes["größe 日本"] = JobOutcome()
    name = submitted(client, job)
    clock.advance(3600)
    console = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(console, encoding="latin-1"))
    client.jobs.watch(name)
    assert console.getvalue().startswith("größe ??: Completed".encode("latin-1"))


# -- notebooks -------------------------------------------------------------------------------------------------
def test_in_a_notebook_one_picture_is_replaced_when_something_changed(
    client: MLClient, outcomes: Outcomes, notebook: Notebook, capsys: Capture
) -> None:
    """The graph with the states of its steps, from the first look to the end; nothing is printed."""
    del outcomes
    view = client.jobs.watch(submitted(client, nested()))
    pages = [bundle["text/html"] for bundle in notebook.shown]
    assert notebook.displays == 1
    assert pages[-1] == view._repr_html_()
    assert all(one != other for one, other in pairwise(pages))
    assert "command · NotStarted" in pages[0]
    assert any("▶ prepare" in page for page in pages)
    assert "▶" not in pages[-1]
    assert pages[-1].count("✓ ") >= 6
    assert notebook.shown[-1]["text/plain"] == str(view)
    assert capsys.readouterr().out == ""


def test_curves_grow_while_the_job_runs(
    client: MLClient, backend: Counting, outcomes: Outcomes, notebook: Notebook
) -> None:
    """What was logged before is asked for once, then only the last values are."""
    outcomes["train"] = JobOutcome(seconds=300, metrics={"loss": [0.9, 0.6, 0.4]})
    name = submitted(client, training())
    backend.asked.clear()
    client.jobs.watch(name)
    running = [bundle["text/html"] for bundle in notebook.shown if "▶ Running" in bundle["text/html"]]
    assert running
    assert all("loss: 3 values, last 0.4" in page for page in running)
    assert sum("get-history" in asked for asked in backend.asked) == 2  # while it ran, and the whole at its end


# -- terminals -------------------------------------------------------------------------------------------------
@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Console:
    """A terminal of 80 columns and 24 lines."""
    console = Console(width=80, height=24, file=io.StringIO(), force_terminal=True, color_system=None, record=True)
    monkeypatch.setattr(screens, "screen", lambda: Terminal(console))
    monkeypatch.setattr("mlsdk.operations.job_watching.screen", lambda: Terminal(console))
    return console


def test_a_terminal_shows_a_live_tree_and_leaves_the_whole_job(
    client: MLClient, clock: Clock, outcomes: Outcomes, terminal: Console
) -> None:
    """States, seconds, the last line of the log of the step that runs, and what it logs."""
    outcomes["fit"] = JobOutcome(seconds=120, log="epoch 1\nepoch 2", metrics={"loss": [0.9, 0.4]})
    view = client.jobs.watch(submitted(client, nested()))
    file: Any = terminal.file
    shown = file.getvalue()
    assert "▶ fit  Running" in shown
    assert "loss 0.4" in shown
    assert "epoch 2" in shown
    assert "○ compare  NotStarted" in shown
    assert shown.rindex("✓ compare  Completed, 35 s") > shown.rindex("Steps  ")
    assert view.status == "Completed"
    assert clock.now() > 0


def test_the_tree_is_never_higher_than_the_terminal() -> None:
    """Steps that have ended well give way first; what failed and what runs stays."""
    from mlsdk.display.terminal import live

    statuses = ["Completed"] * 60 + ["Running"] * 2 + ["Failed"] + ["NotStarted"] * 10
    nodes = tuple(
        Node(id=f"s{place}", name=f"s{place}", type="command", status=status, error="x" if status == "Failed" else "")
        for place, status in enumerate(statuses)
    )
    view = JobView(name="many", status="Running", graph=Graph(nodes=nodes))
    console = Console(width=80, height=24, file=io.StringIO())
    console.print(live(view))
    file: Any = console.file
    lines = file.getvalue().splitlines()
    assert len(lines) <= 24
    assert sum("Running" in line for line in lines) >= 3
    assert any("s62  Failed" in line for line in lines)
    assert any("and 58 Completed" in line for line in lines)


def test_seconds_go_on_between_two_looks() -> None:
    """Of what runs, and of nothing else."""
    nodes = (
        Node(id="a", name="a", type="command", status="Running", seconds=5.0),
        Node(id="b", name="b", type="command", status="Completed", seconds=5.0),
    )
    view = later(JobView(name="x", status="Running", seconds=60.0, graph=Graph(nodes=nodes)), 2.0)
    assert view.graph is not None
    assert (view.seconds, [node.seconds for node in view.graph.nodes]) == (62.0, [7.0, 5.0])
    ended = JobView(name="x", status="Completed", seconds=60.0)
    assert later(ended, 2.0) is ended


def test_the_screen_is_what_this_process_has(monkeypatch: pytest.MonkeyPatch, notebook: Notebook) -> None:
    """A notebook before a terminal, and lines where there is neither, or no package to draw with."""
    del notebook
    assert isinstance(screens.screen(), Cell)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None, __spec__=None))
    assert isinstance(screens.screen(), Lines)
    monkeypatch.setattr("sys.stdout", SimpleNamespace(isatty=lambda: True, write=str, flush=int, encoding="utf-8"))
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(screens.screen(), Terminal)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(screens.screen(), Lines)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(screens, "find_spec", lambda _: None)
    assert isinstance(screens.screen(), Lines)


# -- how it ends -----------------------------------------------------------------------------------------------
def test_a_failed_job_is_shown_and_raised(client: MLClient, outcomes: Outcomes, capsys: Capture) -> None:
    """As `stream` raises it: with the steps that failed and the end of their logs."""
    outcomes["compare"] = JobOutcome(status="Failed", error="exit code 1", log="ValueError: no rows")
    with pytest.raises(
        JobException, match=r"step 'compare' .*exit code 1\nThe last lines of .*\n  ValueError: no rows"
    ):
        client.jobs.watch(submitted(client, nested()))
    assert "  compare                          Failed, 1 min 5 s\n      exit code 1\n" in capsys.readouterr().out


def test_a_job_that_somebody_stops_ends_its_watch(client: MLClient, clock: Clock, outcomes: Outcomes) -> None:
    """That is no failure."""
    outcomes["train"] = JobOutcome(seconds=3600)
    name = submitted(client, training())

    def stop() -> None:
        clock.busy = None
        client.jobs.begin_cancel(name).result()

    clock.busy = stop
    assert client.jobs.watch(name).status == "Canceled"


def test_an_interrupted_watch_leaves_the_job_alone(client: MLClient, clock: Clock, outcomes: Outcomes) -> None:
    """The error says how to go on."""

    def interrupt() -> None:
        clock.busy = None
        raise KeyboardInterrupt

    outcomes["train"] = JobOutcome(seconds=3600)
    name = submitted(client, training())
    clock.busy = interrupt
    with pytest.raises(JobException, match=rf"client\.jobs\.watch\('{name}'\) follows it again") as left:
        client.jobs.watch(name)
    assert isinstance(left.value.__cause__, KeyboardInterrupt)
    assert client.jobs.get(name).status not in ("Canceled", "CancelRequested")


def test_a_watch_ends_when_its_time_is_over(client: MLClient, outcomes: Outcomes) -> None:
    """The job goes on."""
    outcomes["train"] = JobOutcome(seconds=3600)
    name = submitted(client, training())
    with pytest.raises(JobTimeoutError, match="after 90 seconds; it goes on"):
        client.jobs.watch(name, timeout=90)
    assert client.jobs.get(name).status == "Running"


def test_a_sweep_tells_of_its_trials(client: MLClient, outcomes: Outcomes, capsys: Capture, terminal: Console) -> None:
    """In a terminal how many have ended, and which is the best so far."""
    del outcomes
    view = client.jobs.watch(submitted(client, sweep()))
    file: Any = terminal.file
    assert "2 of 4 trials have ended" in file.getvalue()
    assert [trial.status for trial in view.trials] == ["Completed"] * 4
    assert capsys.readouterr().out == ""


def test_a_look_costs_few_requests(client: MLClient, backend: Counting, clock: Clock, outcomes: Outcomes) -> None:
    """One for all steps, not one for each: what a look asks does not grow with the pipeline."""
    outcomes["check"] = JobOutcome(outputs={"good": True})
    outcomes["train"] = JobOutcome(outputs={"go_on": False})
    name = submitted(client, steered())
    looks: list[int] = []

    def count() -> None:
        looks.append(len(backend.asked))
        backend.asked.clear()

    backend.asked.clear()
    clock.busy = count
    client.jobs.watch(name)
    assert max(looks[1:]) <= 5
    assert len(looks) < 120


def test_time_is_that_of_the_machine_where_a_backend_tells_none() -> None:
    """Azure's clock is the world's."""
    assert clock_of(SimpleNamespace()) is __import__("time").time  # type: ignore[arg-type]
