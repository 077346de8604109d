"""The driver of parallel jobs, run as the program that it is: what scripts see, what may go wrong, and what is left."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import attrs
import pytest

from mlsdk.local.parallel import DRIVER

NAMES = "import os\ndef run(mini_batch):\n    return [os.path.basename(path) for path in mini_batch]\n"


@attrs.frozen
class Ended:
    """How a run of the driver ended."""

    code: int
    log: str
    rows: list[str] | None

    @property
    def last(self) -> str:
        """The last line of the log."""
        return self.log.splitlines()[-1]

    def count(self, what: str) -> int:
        """The number before some words of the last line."""
        found = re.search(rf"(\d+) {what}", self.last)
        assert found is not None, self.last
        return int(found[1])


@attrs.frozen
class Job:
    """A parallel job whose code and input are in a folder."""

    folder: Path

    def write(self, script: str, count: int = 0) -> Job:
        """The entry script, and an input of so many files: `item_00.txt` and so on."""
        self.code.mkdir(exist_ok=True)
        (self.code / "score.py").write_text(script, encoding="utf-8")
        self.input.mkdir(exist_ok=True)
        for number in range(count):
            (self.input / f"item_{number:02}.txt").write_text(str(number), encoding="utf-8")
        return self

    @property
    def code(self) -> Path:
        """Where it runs."""
        return self.folder / "code"

    @property
    def input(self) -> Path:
        """What is cut into mini batches."""
        return self.folder / "in put"

    def command(self, *flags: str, arguments: tuple[str, ...] = ()) -> list[str]:
        """The command line."""
        given = [*flags] if "--input" in flags else ["--input", str(self.input), *flags]
        return [sys.executable, str(DRIVER), "--entry-script", "score.py", *given, "--", *arguments]

    def run(self, *flags: str, arguments: tuple[str, ...] = (), append: bool = True) -> Ended:
        """Run it."""
        target = self.folder / "outputs" / "rows.txt"
        more = ["--append-row-to", str(target)] if append else []
        done = subprocess.run(
            self.command(*flags, *more, arguments=arguments),
            cwd=self.code,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=60,
        )
        rows = target.read_text(encoding="utf-8").splitlines() if target.exists() else None
        return Ended(done.returncode, done.stdout, rows)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A parallel job in a folder of its own."""
    return Job(tmp_path)


# -- mini batches and rows -----------------------------------------------------------------------------------
@pytest.mark.parametrize("processes", [1, 4])
def test_rows_stand_in_the_order_of_the_files_however_many_processes_there_are(job: Job, processes: int) -> None:
    """What `run` returns is appended in the order of the mini batches, also when later ones are done first."""
    script = """
import os, time
def run(mini_batch):
    names = [os.path.basename(path) for path in mini_batch]
    time.sleep(0.2 if "item_00.txt" in names else 0)
    return names
"""
    ended = job.write(script, 11).run("--mini-batch-size", "2", "--processes", str(processes))
    assert ended.code == 0
    assert ended.rows == [f"item_{number:02}.txt" for number in range(11)]
    assert ended.last.startswith("parallel: 6 of 6 mini batches done, 0 failed; 11 of 11 items done, 0 failed")
    assert ended.count("processes started") == processes


def test_a_mini_batch_has_as_many_files_as_its_size_says_and_one_where_nothing_is_said(job: Job) -> None:
    """Folders are cut by the number of files, the last mini batch has what is left."""
    job.write("def run(mini_batch):\n    return [len(mini_batch)] * len(mini_batch)\n", 5)
    assert job.run("--mini-batch-size", "3").rows == ["3", "3", "3", "2", "2"]
    assert job.run().rows == ["1"] * 5


def test_files_in_folders_below_and_behind_links_are_items_too(job: Job) -> None:
    """All files in and below the folder are met once, also where a link leads back to it."""
    job.write(NAMES, 2)
    (job.input / "below" / "deeper").mkdir(parents=True)
    (job.input / "below" / "deeper" / "z with space.txt").write_text("z")
    (job.input / "below" / "back").symlink_to(job.input)
    (job.input / "linked.txt").symlink_to(job.input / "item_00.txt")
    assert sorted(job.run().rows or []) == ["item_00.txt", "item_01.txt", "linked.txt", "z with space.txt"]


def test_an_input_that_is_one_file_is_one_item(job: Job) -> None:
    """A `uri_file` is a mini batch of its one file."""
    job.write(NAMES, 2)
    assert job.run("--input", str(job.input / "item_01.txt")).rows == ["item_01.txt"]


def test_an_empty_folder_fails_with_a_sentence(job: Job) -> None:
    """Nothing to do is a mistake in the input, not a success."""
    ended = job.write(NAMES).run()
    assert ended.code == 2
    assert "there is no file in the input" in ended.last
    assert ended.rows is None


def test_an_output_that_is_a_folder_gets_the_file_that_azure_makes_there(job: Job) -> None:
    """`append_row_to` a `uri_folder` writes `parallel_run_step.txt` in it."""
    job.write(NAMES, 1)
    (job.folder / "outputs" / "rows.txt").mkdir(parents=True)
    done = subprocess.run(
        job.command("--append-row-to", str(job.folder / "outputs" / "rows.txt")), cwd=job.code, check=False
    )
    assert done.returncode == 0
    assert (job.folder / "outputs" / "rows.txt" / "parallel_run_step.txt").read_text() == "item_00.txt\n"


def test_without_append_row_to_results_are_counted_only(job: Job) -> None:
    """A script that writes its output by itself still has to say how many items it did."""
    ended = job.write("def run(mini_batch):\n    return [None] * len(mini_batch)\n", 3).run(append=False)
    assert (ended.code, ended.rows) == (0, None)
    assert ended.count("of 3 items done") == 3


@pytest.mark.parametrize("returned", ["tuple(map(str, mini_batch))", "[{'a': 1}]", "[('x', 2.5)]"])
def test_lists_and_tuples_of_anything_are_rows(job: Job, returned: str) -> None:
    """Each result is a line, as `str` has it."""
    ended = job.write(f"def run(mini_batch):\n    return {returned}\n", 1).run()
    assert ended.code == 0
    assert ended.rows is not None
    assert len(ended.rows) == 1


def test_a_frame_is_written_with_spaces_and_with_its_columns_where_that_is_asked(job: Job) -> None:
    """A DataFrame's rows are written as Azure does: parted by spaces, headed with `--append_row_dataframe_header true`."""
    script = """
class Frame:
    columns = ["name", "count"]
    def __init__(self, rows): self.rows = rows
    def __len__(self): return len(self.rows)
    def to_csv(self, stream, sep, header, index):
        assert not header and not index
        stream.writelines(sep.join(row) + "\\n" for row in self.rows)
def run(mini_batch):
    return Frame([("a", path[-6:-4]) for path in mini_batch])
"""
    job.write(script, 2)
    assert job.run().rows == ["a 00", "a 01"]
    assert job.run(arguments=("--append_row_dataframe_header", "True")).rows == ["name count", "a 00", "a 01"]


# -- what the script sees ------------------------------------------------------------------------------------
def test_arguments_with_spaces_and_quotes_reach_the_script_as_they_are(job: Job) -> None:
    """All that stands after `--` is in `sys.argv`, Azure's own arguments among it."""
    script = """
import argparse
def init():
    global given
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    given, rest = parser.parse_known_args()
    print("rest", rest)
def run(mini_batch):
    return [given.model]
"""
    model = 'a b\'s "model"; $(touch x) `id` \\ *'
    ended = job.write(script, 1).run(arguments=("--model", model, "--error_threshold", "3", "--", "end"))
    assert ended.rows == [model]
    assert "rest ['--error_threshold', '3', " in ended.log
    assert not (job.code / "x").exists()


def test_init_is_called_once_in_each_process_and_shutdown_at_its_end(job: Job) -> None:
    """A model is loaded once for a process, not for each mini batch."""
    script = """
import os
def init(): print("init", os.getpid())
def run(mini_batch): return [os.getpid()]
def shutdown(): print("shutdown", os.getpid())
"""
    ended = job.write(script, 8).run("--processes", "2")
    began, ended_well = (re.findall(rf"\b{word} (\d+)", ended.log) for word in ("init", "shutdown"))
    assert max(Counter(began).values()) == max(Counter(ended_well).values()) == 1
    assert {*(ended.rows or [])} <= {*ended_well} <= {*began}


def test_init_and_shutdown_may_be_missing(job: Job) -> None:
    """A script needs only `run`."""
    assert job.write(NAMES, 1).run().code == 0


def test_modules_beside_the_script_and_in_the_code_are_found(job: Job) -> None:
    """The script's folder and the working folder are searched; the driver's own modules are not."""
    job.write("import beside, settings\ndef run(mini_batch):\n    return [beside.x + settings.y]\n", 1)
    (job.code / "beside.py").write_text("x = 'found '")
    (job.code / "settings.py").write_text("y = 'here'")
    assert job.run().rows == ["found here"]


def test_a_script_that_takes_a_context_is_told_the_number_of_its_mini_batch(job: Job) -> None:
    """`run(mini_batch, mini_batch_context)` is called with both."""
    job.write("def run(mini_batch, mini_batch_context):\n    return [mini_batch_context.minibatch_index]\n", 3)
    assert job.run().rows == ["0", "1", "2"]


def test_the_entry_script_helper_of_azure_is_there(job: Job) -> None:
    """`azureml_user.parallel_run.EntryScript` has a logger, the name of the process and a folder for logs."""
    script = """
from pathlib import Path
from azureml_user.parallel_run import EntryScript
def run(mini_batch):
    entry = EntryScript()
    entry.logger.info("told by the logger")
    entry.logger.debug("too much")
    Path(entry.log_dir).mkdir(parents=True, exist_ok=True)
    (Path(entry.log_dir) / f"{entry.agent_name}_x.txt").write_text("x")
    return [Path(entry.output_dir).name]
"""
    ended = job.write(script, 1).run()
    assert ended.rows == ["outputs"]
    assert "told by the logger" in ended.log
    assert "too much" not in ended.log
    assert (job.code / "logs/user/entry_script_log/0/process000_x.txt").exists()


def test_what_processes_print_has_their_number_in_front_and_is_whole_lines(job: Job) -> None:
    """Lines of several processes do not run into one another, none is lost, and what is no text passes too."""
    script = """
import sys
def run(mini_batch):
    for number in range(2000):
        print("line", mini_batch[0][-6:-4], number, "x" * 50)
    sys.stdout.flush()
    sys.stdout.buffer.write(b"\\xff without an end")
    return [1]
"""
    job.write(script, 4)
    done = subprocess.run(job.command("--processes", "3"), cwd=job.code, stdout=subprocess.PIPE, check=True)
    lines = re.findall(rb"^\[process \d\] (?:\xff without an end)?line (\d\d) (\d+) x{50}$", done.stdout, re.MULTILINE)
    assert len(set(lines)) == 4 * 2000
    assert done.stdout.count(b"\xff without an end") == 4


def test_a_very_long_line_is_passed_on(job: Job) -> None:
    """A progress bar that never ends its line neither blocks nor is lost."""
    ended = job.write("def run(mini_batch):\n    print('y' * 3_000_000)\n    return [1]\n", 1).run()
    assert ended.log.count("y") >= 3_000_000
    assert ended.code == 0


# -- tries ---------------------------------------------------------------------------------------------------
FAILS_ONCE = """
import os, pathlib, signal, sys, time
def run(mini_batch):
    mark = pathlib.Path(pathlib.Path(mini_batch[0]).name + ".tried")
    if not mark.exists():
        mark.touch()
        {how}
    return list(map(os.path.basename, mini_batch))
"""


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("raise ValueError('once')", "ValueError: once"),
        ("return []", "run() returned 0 results for 1 items"),
        ("return 'text'", "TypeError: run() has to return a list, tuple or DataFrame"),
        ("return None", "TypeError: run() has to return a list, tuple or DataFrame"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "its process was ended by SIGKILL"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "its process was ended by SIGSEGV"),
        ("sys.exit(3)", "its process ended with exit code 3"),
        ("os._exit(0)", "its process ended with exit code 0"),
        ("time.sleep(600)", "run() took longer than 1 s (retry_settings.timeout)"),
    ],
)
@pytest.mark.runs_here("parallel.retries")
def test_whatever_goes_wrong_in_a_try_is_one_failed_try(job: Job, how: str, why: str) -> None:
    """An exception, too few results, a killed process and one that hangs: the mini batch is tried again, and goes well."""
    ended = job.write(FAILS_ONCE.format(how=how), 2).run("--max-retries", "1", "--timeout", "1", "--processes", "2")
    assert ended.rows == ["item_00.txt", "item_01.txt"]
    assert ended.code == 0
    assert f"failed and is repeated: {why}" in ended.log
    assert ended.count("tries repeated") == 2


def test_a_hanging_process_is_killed_with_what_it_has_started(job: Job) -> None:
    """Nothing of a try that took too long runs on."""
    script = """
import pathlib, subprocess
def run(mini_batch):
    child = subprocess.Popen(["bash", "-c", "trap '' TERM; sleep 600 & echo $! > grandchild; wait"])
    pathlib.Path("child").write_text(str(child.pid))
    child.wait()
"""
    ended = job.write(script, 1).run("--max-retries", "0", "--timeout", "1")
    assert ended.code == 1
    for name in ("child", "grandchild"):
        status = Path("/proc", (job.code / name).read_text().strip(), "stat")
        assert not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.runs_here("parallel.retries")
def test_a_mini_batch_is_tried_as_often_as_retries_say(job: Job) -> None:
    """`max_retries` counts the tries after the first one."""
    ended = job.write("def run(mini_batch):\n    print('trying')\n    raise ValueError('never')\n", 1).run(
        "--max-retries", "2"
    )
    assert ended.log.count("trying") == 3
    assert ended.count("tries repeated") == 2
    assert "ValueError: never" in ended.log
    assert 'score.py", line 3, in run' in ended.log


def test_a_process_that_cannot_begin_is_replaced_until_that_is_hopeless(job: Job) -> None:
    """`init` that fails once is called again in a new process; one that always fails ends the job."""
    once = """
import pathlib
def init():
    mark = pathlib.Path("tried")
    if not mark.exists():
        mark.touch()
        raise RuntimeError("no model")
def run(mini_batch): return [1]
"""
    ended = job.write(once, 2).run("--processes", "1")
    assert (ended.code, ended.rows) == (0, ["1", "1"])
    always = "def init(): raise RuntimeError('no model')\ndef run(mini_batch): return [1]\n"
    (job.folder / "outputs" / "rows.txt").unlink()
    ended = job.write(always).run("--processes", "2")
    assert (ended.code, ended.rows) == (1, None)
    assert "processes failed to begin 6 times in a row, the last one with: RuntimeError: no model" in ended.last


def test_an_init_that_hangs_is_ended(job: Job) -> None:
    """The time in which processes have to begin is an argument, as on Azure."""
    ended = job.write("import time\ndef init(): time.sleep(600)\ndef run(mini_batch): return [1]\n", 1).run(
        arguments=("--first_task_creation_timeout", "0.3")
    )
    assert ended.code == 1
    assert "init() took longer than 0.3 s" in ended.last


def test_a_shutdown_that_fails_or_hangs_does_not_spoil_what_was_done(job: Job) -> None:
    """All mini batches are done by then."""
    job.write("import time\ndef run(mini_batch): return [1]\ndef shutdown(): raise ValueError('late')\n", 1)
    ended = job.run()
    assert (ended.code, ended.rows) == (0, ["1"])
    assert "ValueError: late" in ended.log
    job.write("import time\ndef run(mini_batch): return [1]\ndef shutdown(): time.sleep(600)\n")
    ended = job.run("--timeout", "1")
    assert (ended.code, ended.rows) == (0, ["1"])
    assert "shutdown() took longer than 1 s" in ended.log


# -- how much may go wrong -----------------------------------------------------------------------------------
SOME_FAIL = """
import os
def run(mini_batch):
    number = int(os.path.basename(mini_batch[0])[5:7])
    if number < {fail}:
        raise ValueError("bad item")
    return [number] * len(mini_batch)
"""
NO_RETRIES = ("--max-retries", "0", "--processes", "2")


@pytest.mark.parametrize(
    ("flags", "arguments", "reason"),
    [
        (("--mini-batch-error-threshold", "-1"), (), None),
        (("--mini-batch-error-threshold", "3"), (), None),
        (("--mini-batch-error-threshold", "2"), (), "3 mini batches failed, more than the 2 that mini_batch_error_th"),
        (("--mini-batch-error-threshold", "0"), (), "1 mini batches failed, more than the 0 that mini_batch_error_th"),
        (("--error-threshold", "3"), (), None),
        (("--error-threshold", "2"), (), "3 items failed, more than the 2 that error_threshold allows"),
        ((), ("--error_threshold", "2"), "3 items failed, more than the 2 that error_threshold allows"),
        (("--error-threshold", "0"), ("--error_threshold", "-1"), None),
        ((), ("--allowed_failed_percent", "30"), None),
        (
            (),
            ("--allowed_failed_percent", "29"),
            "3 of 10 mini batches failed, more than the 29 % that --allowed_failed",
        ),
    ],
)
@pytest.mark.runs_here("parallel.errors")
def test_a_job_fails_when_more_went_wrong_than_may(
    job: Job, flags: tuple[str, ...], arguments: tuple[str, ...], reason: str | None
) -> None:
    """Thresholds of mini batches, of items and in percent; -1 lets all go, and so does saying nothing."""
    ended = job.write(SOME_FAIL.format(fail=3), 10).run(*NO_RETRIES, *flags, arguments=arguments)
    if reason is None:
        assert ended.code == 0
        assert ended.rows == [str(number) for number in range(3, 10)]
        assert ended.last.startswith("parallel: 7 of 10 mini batches done, 3 failed; 7 of 10 items done, 3 failed")
    else:
        assert ended.code == 1
        assert ended.rows is None
        assert f"parallel: the job failed: {reason}" in ended.last
        assert "the last one: ValueError: bad item" in ended.last


def test_fewer_results_than_items_are_that_many_failed_items(job: Job) -> None:
    """The mini batch counts as failed, what it gave is kept, and only the missing items count."""
    script = "def run(mini_batch):\n    return ['ok'] * (len(mini_batch) - 1)\n"
    ended = job.write(script, 6).run("--mini-batch-size", "3", "--max-retries", "0", "--error-threshold", "2")
    assert (ended.code, ended.rows) == (0, ["ok"] * 4)
    assert ended.last.startswith("parallel: 0 of 2 mini batches done, 2 failed; 4 of 6 items done, 2 failed")
    ended = job.run("--mini-batch-size", "3", "--max-retries", "0", "--error-threshold", "1")
    assert "2 items failed, more than the 1 that error_threshold allows" in ended.last


def test_a_job_whose_mini_batches_all_failed_has_nothing_to_append_and_fails(job: Job) -> None:
    """As on Azure, also where all failures are ignored."""
    ended = job.write(SOME_FAIL.format(fail=9), 2).run(*NO_RETRIES)
    assert ended.code == 1
    assert "run() returned no result for any mini batch" in ended.last


# -- jobs that cannot be run ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("def init(): pass\n", "the entry script score.py has no function run(mini_batch)"),
        ("def run(:\n", "SyntaxError"),
        ("import a_module_that_is_not_there\n", "No module named 'a_module_that_is_not_there'"),
        (None, "the entry script score.py is not in the code"),
    ],
)
def test_a_script_that_cannot_be_loaded_ends_the_job_at_once(job: Job, script: str | None, reason: str) -> None:
    """There is no use in trying again."""
    job.write(script or "", 3)
    if script is None:
        (job.code / "score.py").unlink()
    ended = job.run("--processes", "1")
    assert ended.code == 2
    assert "parallel: the job cannot be run: " in ended.last
    assert reason in ended.last
    assert ended.count("processes started") == 1


def test_a_table_without_pandas_is_refused_with_what_is_missing(job: Job) -> None:
    """Mini batches of tables are DataFrames."""
    job.write(NAMES)
    (job.code / "pandas.py").write_text("raise ImportError('not here')")
    (job.input / "a.csv").write_text("x,y\n1,2\n")
    ended = job.run("--table", json.dumps({"paths": [["file", "./a.csv"]], "rows": "delimited"}))
    assert ended.code == 2
    assert "which need pandas in the job's environment: pip install pandas" in ended.last


def test_the_files_that_an_mltable_names_are_items(job: Job) -> None:
    """An `mltable` that is mounted is a list of files: by name, by folder or by pattern."""
    job.write(NAMES, 3)
    (job.input / "more").mkdir()
    (job.input / "more" / "image [1].png").write_text("")
    (job.input / "MLTable").write_text("")
    paths = [["pattern", "./item_0[12].txt"], ["folder", "./more"], ["file", "item_00.txt"], ["file", "./item_01.txt"]]
    assert job.run("--table", json.dumps({"paths": paths})).rows == [
        "item_01.txt",
        "item_02.txt",
        "image [1].png",
        "item_00.txt",
    ]
    ended = job.run("--table", json.dumps({"paths": [["file", "./gone.csv"]]}))
    assert (ended.code, "the MLTable names './gone.csv', which is not there" in ended.last) == (2, True)


def test_partition_keys_of_a_folder_are_refused(job: Job) -> None:
    """Only tables are cut by what is in their columns."""
    ended = job.write(NAMES, 1).run("--partition-keys", '["a"]')
    assert (ended.code, "partition_keys cut tables" in ended.last) == (2, True)


# -- stopping ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_job_whose_group_is_ended_leaves_no_process_and_no_output(job: Job, number: signal.Signals) -> None:
    """All processes of a job are of one group, and what was not finished is not taken for an output."""
    script = """
import time
def run(mini_batch):
    if mini_batch[0].endswith("item_00.txt"):
        return [1]
    print("hanging", flush=True)
    time.sleep(600)
"""
    target = job.write(script, 3).folder / "rows.txt"
    command = job.command("--processes", "2", "--append-row-to", str(target))
    with subprocess.Popen(command, cwd=job.code, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        seen = b""
        while seen.count(b"hanging") < 2:
            assert select.select([process.stdout], [], [], 30)[0], seen
            seen += os.read(process.stdout.fileno(), 4096)
        os.killpg(process.pid, number)
        # Its end: nobody has the pipe open any more.
        process.stdout.read()
        assert process.wait(30) == -number
    assert not target.exists()
    assert not [*job.folder.glob("*.unfinished")]


def test_processes_end_by_themselves_when_the_driver_is_killed(job: Job) -> None:
    """Nothing waits for a driver that is gone."""
    script = "import time\ndef run(mini_batch):\n    print('in run', flush=True)\n    time.sleep(0.2)\n    return [1]\n"
    job.write(script, 50)
    with subprocess.Popen(job.command("--processes", "2"), cwd=job.code, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], 30)[0]
        process.kill()
        process.stdout.read()
