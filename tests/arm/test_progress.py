"""The line that tells of long waits and transfers: where it stands, what it says, when there is none."""

from __future__ import annotations

import io
import os
import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from arm.scripted import COMPUTE, HOST, Scripted, connect, operation, started, state

from mlsdk.arm import longrunning, progress
from mlsdk.arm.progress import duration, line, transfer_line
from mlsdk.backends import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

STATUS = f"{HOST}/operations/1"


class Terminal(io.StringIO):
    """A terminal; `rows` shows what stands on it."""

    def isatty(self) -> bool:
        """It is one."""
        return True

    @property
    def rows(self) -> list[str]:
        """Its lines, as they look after everything was written over."""
        shown: list[str] = []
        for row in self.getvalue().split("\n"):
            cells: list[str] = []
            for part in row.split("\r"):
                cells[: len(part)] = part
            shown.append("".join(cells).rstrip())
        return shown


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are shown at once, and again each time they are told to."""
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(longrunning, "LOOK", 0.005)
    monkeypatch.delenv("TERM", raising=False)
    for kind in (progress.Line, progress._TerminalLine, progress._CellLine):
        monkeypatch.setattr(kind, "every", 0.0)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Stderr, a terminal of 80 columns."""
    made = Terminal()
    write_to(monkeypatch, made)
    return made


def write_to(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None) -> None:
    """Make it the stderr of the lines; pytest puts its own in the place of everybody's between fixture and test."""
    monkeypatch.setattr(progress, "sys", types.SimpleNamespace(stderr=stream, modules=sys.modules))


def slow(*answers: Any) -> Scripted:
    """A backend whose operation goes on until `held` is set."""
    backend = Scripted(started({"name": "cpu"}, 201, azure_asyncoperation=STATUS), *answers)
    backend.held.clear()
    return backend


def wait_for(backend: Scripted, *, url: str = COMPUTE, show: bool | None = None, timeout: float | None = None) -> Any:
    """Begin and wait; the operation goes on after a moment unless the wait has a timeout."""
    poller = connect(backend, show_progress=show).begin("PUT", url, "v", body={}, load=lambda body: body["name"])
    if timeout is None:
        threading.Timer(0.05, backend.held.set).start()
    return poller.result(timeout)


DONE = (operation("Resizing"), operation("Succeeded"), state("Succeeded"))


def test_who_waits_at_a_terminal_sees_one_line(terminal: Terminal) -> None:
    """What is waited for, its state in the service's word, the time; at the end how it ended."""
    assert wait_for(slow(*DONE)) == "cpu"
    assert terminal.rows == ["making compute cpu: Succeeded, 0 s", ""]
    assert "making compute cpu: Resizing, 0 s" in terminal.getvalue()


def test_a_failure_leaves_its_line_and_raises_below_it(terminal: Terminal) -> None:
    """What is written next begins a line of its own."""
    with pytest.raises(Exception, match="no quota"):
        wait_for(slow(operation("Resizing"), operation("Failed", error={"code": "Q", "message": "no quota"})))
    assert terminal.rows == ["making compute cpu: Failed, 0 s", ""]


def test_a_wait_that_is_given_up_leaves_the_state_so_far(terminal: Terminal) -> None:
    """And the line is free for the next wait."""
    backend = slow(*DONE)
    assert wait_for(backend, timeout=0.05) == "cpu"
    assert terminal.rows == ["making compute cpu: Resizing, 0 s", ""]
    backend.held.set()
    with line("next", None) as following:
        assert following is not None


@pytest.mark.parametrize("show", [None, True])
def test_what_ends_at_once_says_nothing(terminal: Terminal, show: bool | None) -> None:
    """Also when a line was asked for."""
    assert wait_for(Scripted(state("Succeeded")), show=show) == "cpu"
    assert terminal.getvalue() == ""


def test_what_ends_within_a_second_says_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that flashes up tells nobody anything."""
    monkeypatch.setattr(progress, "PATIENCE", 1.0)
    wait_for(slow(*DONE))
    assert terminal.getvalue() == ""


@pytest.mark.parametrize(("columns", "width"), [(80, 79), (40, 39), (0, 79)])
def test_a_line_stays_one_line(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, columns: int, width: int) -> None:
    """A long name is shortened to the width of the terminal, never the state and the time."""
    monkeypatch.setattr(terminal, "fileno", lambda: 2)
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((columns, 24)))
    wait_for(slow(*DONE), url=f"{COMPUTE}{'x' * 100}")
    assert len(terminal.rows[0]) == width
    assert terminal.rows[0].startswith("making compute cpux")
    assert terminal.rows[0].endswith("...: Succeeded, 0 s")


def test_a_shorter_text_leaves_nothing_of_a_longer_one(terminal: Terminal) -> None:
    """The line is written over whole."""
    with line("x", None) as shown:
        assert shown is not None
        shown.tell(lambda: "a long state")
        shown.tell(lambda: "short")
        shown.end(lambda: "short")
    assert terminal.rows == ["x: short", ""]


@pytest.mark.parametrize("case", ["not a terminal", "not wanted", "dumb", "no stderr"])
def test_there_is_no_line_where_nobody_would_see_it(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """In a file, where it was declined, on a terminal that cannot write over, in a program without stderr."""
    if case == "not a terminal":
        monkeypatch.setattr(terminal, "isatty", lambda: False)
    elif case == "dumb":
        monkeypatch.setenv("TERM", "dumb")
    elif case == "no stderr":
        write_to(monkeypatch, None)
    assert wait_for(slow(*DONE), show=False if case == "not wanted" else None) == "cpu"
    assert terminal.getvalue() == ""


def test_a_log_gets_whole_lines_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """`show_progress=True` where nothing can be written over."""
    log = io.StringIO()
    write_to(monkeypatch, log)
    wait_for(slow(*DONE), show=True)
    assert log.getvalue() == "making compute cpu: Resizing, 0 s\nmaking compute cpu: Succeeded, 0 s\n"


def test_only_the_main_thread_has_a_line(terminal: Terminal) -> None:
    """What another waits for is a step of something larger, or a program's business."""
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(wait_for, slow(*DONE), show=True).result() == "cpu"
    assert terminal.getvalue() == ""


def test_one_line_at_a_time(terminal: Terminal) -> None:
    """A second one, begun inside the first, is not shown."""
    with line("outer", None) as outer, line("inner", None) as inner:
        assert outer is not None
        assert inner is None
    assert terminal.getvalue() == ""


class Notebook:
    """What a kernel shows below a cell."""

    kernel = object()

    def __init__(self) -> None:
        self.displays: list[list[str]] = []
        """Each display, with the versions of its text."""

    def display(self, content: dict[str, str], *, raw: bool, display_id: bool) -> Any:
        """Show it, and give what replaces it."""
        assert raw
        assert display_id
        versions = [content["text/plain"]]
        self.displays.append(versions)

        def update(content: dict[str, str], *, raw: bool) -> None:
            assert raw
            versions.append(content["text/plain"])

        return types.SimpleNamespace(update=update)

    @property
    def module(self) -> Any:
        """`IPython` as it is imported in a kernel."""
        return types.SimpleNamespace(
            get_ipython=lambda: self, display=types.SimpleNamespace(display=self.display), __spec__=None
        )


def test_a_notebook_keeps_the_last_version_only(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """One display that is replaced; nothing goes to stderr."""
    notebook = Notebook()
    monkeypatch.setitem(sys.modules, "IPython", notebook.module)
    wait_for(slow(*DONE))
    assert notebook.displays == [["making compute cpu: Resizing, 0 s", "making compute cpu: Succeeded, 0 s"]]
    assert terminal.getvalue() == ""


def test_ipython_in_a_terminal_is_a_terminal(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """And where no shell runs at all, though IPython was imported."""
    for shell in (types.SimpleNamespace(), None):
        module: Any = types.SimpleNamespace(get_ipython=lambda shell=shell: shell, __spec__=None)
        monkeypatch.setitem(sys.modules, "IPython", module)
        wait_for(slow(*DONE))
    assert terminal.rows == ["making compute cpu: Succeeded, 0 s"] * 2 + [""]


# -- transfers -------------------------------------------------------------------------------------------------


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set the time, in seconds."""
    now = 0.0
    monkeypatch.setattr(progress, "time", types.SimpleNamespace(monotonic=lambda: now))

    def set_to(seconds: float) -> None:
        nonlocal now
        now = seconds

    return set_to


def test_a_transfer_tells_share_size_speed_and_time(terminal: Terminal, at: Callable[[float], None]) -> None:
    """From whatever thread it is told."""
    with transfer_line("uploading data", None) as told:
        assert told is not None
        at(20)
        teller = threading.Thread(target=told, args=(500_000_000, 2_000_000_000))
        teller.start()
        teller.join()
        assert terminal.rows == ["uploading data: 25 % of 2 GB, 25 MB/s, 20 s"]
        at(80)
        told(2_000_000_000, 2_000_000_000)
    assert terminal.rows == ["uploading data: 100 % of 2 GB, 25 MB/s, 1 min 20 s", ""]


def test_a_transfer_of_nothing_is_whole(terminal: Terminal) -> None:
    """Empty files divide by nothing."""
    with transfer_line("uploading data", None) as told:
        assert told is not None
        told(0, 0)
    assert terminal.rows[0].startswith("uploading data: 100 % of 0 B, 0 B/s")


def test_a_transfer_that_is_not_shown_has_nobody_to_tell(terminal: Terminal) -> None:
    """None, as the functions that move files take it."""
    with transfer_line("uploading data", show=False) as told:
        assert told is None
    assert terminal.getvalue() == ""


def test_a_transfer_that_fails_leaves_its_line(terminal: Terminal) -> None:
    """The error begins a line of its own, and the next transfer has a line again."""

    def fail() -> None:
        with transfer_line("downloading m", None) as told:
            assert told is not None
            told(10, 100)
            message = "gone"
            raise OSError(message)

    for _ in range(2):
        with pytest.raises(OSError, match="gone"):
            fail()
    assert [row[:25] for row in terminal.rows] == ["downloading m: 10 % of 10"] * 2 + [""]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (7500, "2 h 5 min")]
)
def test_time_is_told_as_people_do(seconds: float, text: str) -> None:
    """In two parts at most."""
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (999_700, "1 MB"), (2.345e9, "2.35 GB"), (5e13, "50 TB")],
)
def test_sizes_are_told_in_three_digits(count: float, text: str) -> None:
    """In units of a thousand."""
    assert progress._bytes(count) == text


def test_waiting_costs_no_line_where_none_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is looked at meanwhile."""
    write_to(monkeypatch, io.StringIO())
    backend = Scripted(started(location="/r"), Reply(202), Reply(204))
    monkeypatch.setattr(longrunning.Poller, "_watch", None)
    assert connect(backend, show_progress=None).begin("DELETE", COMPUTE, "v").result() is None
