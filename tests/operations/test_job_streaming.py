"""A job is followed: its log as it is written, and why it failed."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from dict_container import DictContainer
from operations.jobs import files_of, submitted

from mlsdk import MLClient
from mlsdk.backends.memory import JobOutcome, ManualClock, MemoryBackend
from mlsdk.exceptions import JobException
from mlsdk.operations.job_logs import PIECE, Log, last_lines, place, to_follow

if TYPE_CHECKING:
    from collections.abc import Callable

    from operations.conftest import Reached

    from mlsdk.backends import Reply, Request

    Capture = pytest.CaptureFixture[str]

LOG = "user_logs/std_log.txt"


class BusyClock(ManualClock):
    """A clock that does something each time it is slept on."""

    def __init__(self) -> None:
        super().__init__()
        self.busy: list[Callable[[], None]] = []
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let time pass, and do the next thing."""
        super().sleep(seconds)
        self.slept.append(seconds)
        if self.busy:
            self.busy.pop(0)()


@pytest.fixture
def clock() -> BusyClock:
    """A clock that is moved by hand."""
    return BusyClock()


@pytest.fixture
def backend(clock: BusyClock) -> MemoryBackend:
    """A backend with that clock."""
    return MemoryBackend(clock=clock)


@pytest.fixture
def client(reached: Reached, backend: MemoryBackend) -> MLClient:
    """A client of a workspace."""
    backend.add_workspace("s", "rg", "ws")
    return MLClient(None, "s", "rg", "ws", backend=reached(backend))


@pytest.mark.shows("jobs.stream")
def test_the_log_of_a_job_is_printed_below_its_name_and_page(
    client: MLClient, backend: MemoryBackend, capsys: Capture
) -> None:
    """First who it is, then what it prints, then a summary, in the words of the official client."""
    backend.run_jobs_with(lambda _: JobOutcome(log="training\nloss 0.1\n", seconds=300))
    name = submitted(client)
    client.jobs.stream(name)
    page = client.jobs.get(name).studio_url
    header = f"\nStreaming {LOG}\n{'=' * 31}\n\ntraining\nloss 0.1\n"
    assert capsys.readouterr().out == (
        f"RunId: {name}\nWeb View: {page}\n{header}\nExecution Summary\n=================\nRunId: {name}\nWeb View: {page}\n\n"
    )
    assert client.jobs.get(name).status == "Completed"


@pytest.mark.shows("jobs.stream")
def test_what_a_running_job_writes_is_printed_once_and_as_it_comes(
    client: MLClient, backend: MemoryBackend, clock: BusyClock, capsys: Capture
) -> None:
    """A log that grows is read on; one that was begun anew is printed from its beginning."""
    backend.run_jobs_with(lambda _: JobOutcome(log="first\n", seconds=300))
    name = submitted(client)
    files = files_of(client, backend, "workspaceartifactstore")
    path, printed = f"ExperimentRun/dcid.{name}/{LOG}", []

    def write(text: str) -> None:
        printed.append(capsys.readouterr().out)
        files.put(path, io.BytesIO(text.encode()), overwrite=True)

    def begin() -> None:
        if client.jobs.get(name).status != "Running":
            clock.busy.insert(0, begin)

    clock.busy = [
        begin,
        lambda: write("first\nsecö"),
        lambda: write("first\nsecönd\nthird\n"),
        lambda: write("anew\n"),
    ]
    client.jobs.stream(name)
    printed.append(capsys.readouterr().out)
    assert [text.rpartition("\n\n")[2] for text in printed[:1]] == ["first\n"]
    assert printed[1:3] == ["secö", "nd\nthird\n"]
    assert printed[3].startswith("anew\n\nExecution Summary\n")


@pytest.mark.shows("jobs.stream")
def test_the_log_of_a_job_that_has_ended_is_printed_whole(
    client: MLClient, backend: MemoryBackend, clock: BusyClock, capsys: Capture
) -> None:
    """Who comes late reads the same."""
    backend.run_jobs_with(lambda _: JobOutcome(log="done\n"))
    name = submitted(client)
    clock.advance(3600)
    client.jobs.stream(name)
    assert "done\n" in capsys.readouterr().out
    assert clock.slept == []


@pytest.mark.shows("jobs.stream")
def test_a_failed_job_says_why_and_shows_the_end_of_its_log(
    client: MLClient, backend: MemoryBackend, capsys: Capture
) -> None:
    """The error has the service's code and message, and the lines that come last."""
    log = "".join(f"line {number}\n" for number in range(100)) + "ValueError: no rows"
    backend.run_jobs_with(lambda _: JobOutcome(status="Failed", log=log, error="exit code 1"))
    name = submitted(client)
    with pytest.raises(JobException) as failed:
        client.jobs.stream(name)
    text = str(failed.value)
    assert text.startswith(f"job {name!r} failed: (UserError) exit code 1\nThe last lines of {LOG}:\n  line 81\n")
    assert text.endswith("  line 99\n  ValueError: no rows")
    assert (failed.value.error.code, failed.value.error.message) == ("UserError", "exit code 1")
    assert (failed.value.error_category, failed.value.target) == ("UserError", "Job")
    assert capsys.readouterr().out.count("ValueError: no rows\n\nExecution Summary\n") == 1


@pytest.mark.shows("jobs.stream")
def test_a_job_that_is_stopped_ends_its_stream(
    client: MLClient, backend: MemoryBackend, clock: BusyClock, capsys: Capture
) -> None:
    """Somebody stopped it: that is no failure."""
    backend.run_jobs_with(lambda _: JobOutcome(seconds=3600))
    name = submitted(client)
    clock.busy = [lambda: client.jobs.begin_cancel(name).result()]
    client.jobs.stream(name)
    assert "Execution Summary" in capsys.readouterr().out
    assert client.jobs.get(name).status == "Canceled"


def test_an_interrupted_stream_leaves_the_job_alone(client: MLClient, backend: MemoryBackend, clock: BusyClock) -> None:
    """The error says that the job goes on, and how to stop it."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    backend.run_jobs_with(lambda _: JobOutcome(seconds=3600))
    name = submitted(client)
    clock.busy = [interrupt]
    with pytest.raises(JobException, match=rf"it goes on.*begin_cancel\('{name}'\) stops it") as left:
        client.jobs.stream(name)
    assert isinstance(left.value.__cause__, KeyboardInterrupt)
    assert client.jobs.get(name).status not in ("Canceled", "CancelRequested")


def test_a_job_in_which_nothing_happens_is_looked_at_less_and_less(
    client: MLClient, backend: MemoryBackend, clock: BusyClock
) -> None:
    """From a quarter of a second to twenty, and after two when there is news."""
    backend.run_jobs_with(lambda _: JobOutcome(log="x\n", seconds=600))
    client.jobs.stream(submitted(client))
    assert clock.slept[0] == 0.25
    assert max(clock.slept) == 20
    assert clock.slept.count(2) > 1
    assert len(clock.slept) < 60


class OtherDetails(MemoryBackend):
    """A backend whose run history tells something else of every run."""

    changes: dict[str, Any]

    def send(self, request: Request) -> Reply:
        """Answer, and change what is told."""
        reply = super().send(request)
        if request.url.partition("?")[0].endswith("/details"):
            reply.body.update(self.changes)
        return reply


@pytest.fixture
def told(reached: Reached, clock: BusyClock) -> tuple[OtherDetails, MLClient]:
    """Such a backend, and a client of a workspace in it."""
    backend = OtherDetails(clock=clock)
    backend.changes = {}
    backend.add_workspace("s", "rg", "ws")
    return backend, MLClient(None, "s", "rg", "ws", backend=reached(backend))


@pytest.mark.shows("jobs.stream")
def test_a_log_that_run_history_does_not_name_is_found_among_the_jobs_files(
    told: tuple[OtherDetails, MLClient], capsys: Capture
) -> None:
    """It is where all jobs write it."""
    backend, client = told
    backend.run_jobs_with(lambda _: JobOutcome(log="here\n", files={"user_logs/other.txt": "x"}, seconds=60))
    backend.changes = {"logFiles": {}}
    client.jobs.stream(submitted(client))
    printed = capsys.readouterr().out
    assert f"Streaming {LOG}\n" in printed
    assert printed.count("here\n") == 1


def test_the_warnings_of_a_run_stand_in_the_summary(told: tuple[OtherDetails, MLClient], capsys: Capture) -> None:
    """Below the summary, as in the official client."""
    backend, client = told
    backend.changes = {"warnings": [{"source": "x", "message": "spot node lost"}, {"source": "y"}]}
    client.jobs.stream(submitted(client))
    assert capsys.readouterr().out.endswith("\nWarnings:\nspot node lost\n\n")


def test_a_failure_without_a_reason_says_so(told: tuple[OtherDetails, MLClient]) -> None:
    """The logs may say more."""
    backend, client = told
    backend.run_jobs_with(lambda _: JobOutcome(status="Failed"))
    backend.changes = {"error": None}
    with pytest.raises(JobException, match="the service does not say why") as failed:
        client.jobs.stream(submitted(client))
    assert (failed.value.error, failed.value.error_category) == (None, "SystemError")


def test_why_a_job_failed_is_told_where_its_log_cannot_be_read(told: tuple[OtherDetails, MLClient]) -> None:
    """The storage of many workspaces lets nobody in from outside their network."""
    backend, client = told
    backend.run_jobs_with(lambda _: JobOutcome(status="Failed", error="exit code 1"))
    backend.changes = {"logFiles": {LOG: f"https://elsewhere.blob.core.windows.net/box/{LOG}?sig=x"}}
    with pytest.raises(JobException, match=rf"exit code 1\nIts log {LOG} cannot be read: .*elsewhere"):
        client.jobs.wait(submitted(client))


def test_a_console_that_knows_few_letters_shows_the_log(
    client: MLClient, backend: MemoryBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With question marks for the others, rather than ending the stream."""
    backend.run_jobs_with(lambda _: JobOutcome(log="größe ✓\n"))
    name, console = submitted(client), io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(console, encoding="latin-1"))
    client.jobs.stream(name)
    assert "größe ?\n".encode("latin-1") in console.getvalue().replace(b"\r\n", b"\n")


class CountingContainer(DictContainer):
    """A container that counts the bytes it gives away."""

    given = 0

    def get(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        """Give a piece of a file, and count it."""
        found = super().get(name, offset, length)
        self.given += len(found)
        return found


def news(log: Log, container: Any) -> str:
    """All that is new in a log."""
    return "".join(log.news(container, "log"))


def test_only_what_is_new_in_a_log_is_read() -> None:
    """A log of megabytes is not read again for each line."""
    container, log = CountingContainer({"log": b"x" * (2 * PIECE + 5)}), Log("log")
    assert len(news(log, container)) == 2 * PIECE + 5
    first = container.given
    container.files["log"] += b"more\n"
    assert news(log, container) == "more\n"
    assert news(log, container) == ""
    assert container.given - first < 200


def test_a_log_that_was_begun_anew_is_read_from_its_beginning() -> None:
    """Whether it is shorter now or longer; and half a letter waits for its other half."""
    container, log = DictContainer({"log": "old lög\n".encode()}), Log("log")
    assert news(log, container) == "old lög\n"
    container.files["log"] = b"new\n"
    assert news(log, container) == "new\n"
    container.files["log"] = b"another, and longer\n"
    assert news(log, container) == "another, and longer\n"
    container.files["log"] += "ö".encode()[:1]
    assert news(log, container) == ""
    container.files["log"] += "ö".encode()[1:]
    assert news(log, container) == "ö"
    del container.files["log"]
    assert news(log, container) == ""


def test_a_signed_address_leads_to_a_file_of_a_container() -> None:
    """Also one that speaks of a data lake, whose files are blobs too."""
    opener: Any = SimpleNamespace(container=lambda url: url)
    for kind in ("blob", "dfs"):
        found = place(opener, f"https://account.{kind}.core.windows.net/box/a%20b/log.txt?sig=x")
        assert found == ("https://account.blob.core.windows.net/box?sig=x", "a b/log.txt")


def test_the_logs_worth_following_are_those_of_the_first_process() -> None:
    """By the names that computes of today and of yesterday give them."""
    logs = ["user_logs/std_log_process_00.txt", "user_logs/std_log_process_01.txt", "system_logs/x.txt"]
    assert to_follow(logs, "command") == logs[:1]
    older = ["azureml-logs/70_driver_log.txt", "azureml-logs/20_image_build_log.txt", "azureml-logs/hyperdrive.txt"]
    assert to_follow(older, "Command") == [older[1], older[0]]
    assert to_follow(older, "sweep") == [older[2]]
    assert to_follow(["logs/azureml/executionlogs.txt"], "pipeline") == ["logs/azureml/executionlogs.txt"]
    assert to_follow(older, "spark") == []


def test_the_last_lines_of_a_long_log_are_whole_lines() -> None:
    """The line that the read part begins in is left out."""
    text = "".join(f"{number:0>99}\n" for number in range(1000))
    assert last_lines(DictContainer({"log": text.encode()}), "log", 3) == text.splitlines()[-3:]
    lines = last_lines(DictContainer({"log": text.encode()}), "log", 1000)
    assert len(lines) > 100
    assert {len(line) for line in lines} == {99}
    assert last_lines(DictContainer({"log": b""}), "log", 3) == []
    assert last_lines(DictContainer(), "log", 3) == []
