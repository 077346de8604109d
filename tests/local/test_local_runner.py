"""Jobs run on this machine, and tell how they went."""

from __future__ import annotations

import errno
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from local.leftovers import ended
from local.works import LONG, Job, given

from mlsdk.local import LocalRunner, ProcessExecutor, snapshots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = "uri_folder"


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[LocalRunner]:
    """A runner with a folder of its own."""
    found = LocalRunner(tmp_path / "root", max_workers=2, grace=0.5)
    yield found
    found.close()


@pytest.fixture
def run(runner: LocalRunner) -> Callable[[Job], Job]:
    """Runs a job to its end."""

    def run_job(job: Job) -> Job:
        runner.start(job)
        assert job.has_ended.wait(LONG), job.told
        return job

    return run_job


class TestWhatAJobIsGiven:
    def test_it_runs_in_a_clean_folder_with_its_code(self, run: Callable[[Job], Job]) -> None:
        """The snapshot is copied anew for each run, so that nothing of an earlier one is there."""
        code = given({"main.sh": "#!/bin/sh\nls; echo new > written; mkdir sub/more", "sub/a.txt": "a"})
        first, second = (run(Job("./main.sh; cat sub/a.txt", code=code)) for _ in range(2))
        assert first.log == second.log == "logs\nmain.sh\noutputs\nsub\na"

    def test_nobody_else_can_look_into_its_folder(self, run: Callable[[Job], Job], runner: LocalRunner) -> None:
        """What it prints and is given is that of the user who submitted it, however open the user's other files are."""
        run(Job("true"))
        assert runner.root.stat().st_mode & 0o777 == 0o700

    def test_inputs_are_there_as_files_and_folders(self, run: Callable[[Job], Job], tmp_path: Path) -> None:
        """A file comes by its own name, a folder with all that is in it, one on disk as it is."""
        (tmp_path / "there.txt").write_text("on disk", encoding="utf-8")
        job = run(
            Job(
                "cat ${{inputs.file}} ${{inputs.folder}}/below/b.txt ${{inputs.there}}; basename ${{inputs.file}}",
                inputs={
                    "file": given({"data.csv": "1,2\n"}, is_file=True),
                    "folder": given({"below/b.txt": "b\n"}),
                    "there": given({"there.txt": "not read"}, is_file=True, folder=tmp_path),
                },
            )
        )
        assert job.log == "1,2\nb\non diskdata.csv\n"

    def test_an_input_that_is_downloaded_may_be_changed(self, run: Callable[[Job], Job]) -> None:
        """The copy is the job's own: another job finds the input as it was."""
        inputs = {"data": given({"a.txt": "a\n"})}
        command = "cat ${{inputs.data}}/a.txt; echo changed > ${{inputs.data}}/a.txt"
        for _ in range(2):
            assert run(Job(command, inputs=inputs, modes={"data": "Download"})).log == "a\n"

    def test_values_reach_it_as_they_are(self, run: Callable[[Job], Job]) -> None:
        """Nothing in a value is run; numbers and booleans come as text; so does what a sweep drew."""
        value = 'it\'s; $(echo run) "x" \n`y`'
        job = run(
            Job(
                "printf '%s|' ${{inputs.text}} ${{inputs.rate}} ${{search_space.rate}} $[[--none ${{inputs.none}}]]",
                values={"text": value, "rate": 0.5},
            )
        )
        assert job.log == f"{value}|0.5|0.5|"

    def test_variables_tell_it_where_it_is(self, run: Callable[[Job], Job]) -> None:
        """What the job asks for and what Azure sets is there, beside what this program has; nothing is buffered."""
        job = run(
            Job(
                "echo $MINE $AZUREML_RUN_ID $AZUREML_ARM_WORKSPACE_NAME $PYTHONUNBUFFERED $AZURE_ML_INPUT_x",
                values={"x": "1"},
                environmentVariables={"MINE": "my own"},
                name="told",
            )
        )
        assert job.log == "my own told ws 1 1\n"

    @pytest.mark.runs_here("environments.current")
    def test_python_is_the_interpreter_of_this_program(self, run: Callable[[Job], Job]) -> None:
        """`python` in a command is the one whose packages this program has."""
        assert run(Job("python -c 'import sys; print(sys.prefix)'")).log == f"{sys.prefix}\n"

    def test_nothing_reads_the_terminal(self, run: Callable[[Job], Job]) -> None:
        """Standard input is empty."""
        assert run(Job("cat")).told[-1] == "completed"

    def test_a_command_may_be_very_long(self, run: Callable[[Job], Job]) -> None:
        """Longer than an argument of a process may be."""
        assert run(Job("true " + "x" * 200_000 + "\necho ${{inputs.x}}", values={"x": "end"})).log == "end\n"


class TestWhatAJobLeaves:
    def test_outputs_are_files_folders_and_values(self, run: Callable[[Job], Job]) -> None:
        """Each comes as what it was declared, files read-only from then on."""
        job = run(
            Job(
                "echo a > ${{outputs.folder}}/a; echo b > ${{outputs.file}}; echo true > ${{outputs.flag}}; "
                "echo 3 > ${{outputs.count}}; echo 0.5 > ${{outputs.rate}}; echo 'a text' > ${{outputs.text}}",
                outputs={
                    "folder": FOLDER,
                    "file": "uri_file",
                    "flag": "boolean",
                    "count": "integer",
                    "rate": "number",
                    "text": "string",
                },
            )
        )
        assert job.told == ["preparing", "running", "completed"]
        folder, file = job.outputs["folder"], job.outputs["file"]
        assert [job.outputs[name] for name in ("flag", "count", "rate", "text")] == [True, 3, 0.5, "a text"]
        assert ((folder / "a").read_text(encoding="utf-8"), file.read_text(encoding="utf-8")) == ("a\n", "b\n")
        assert [stat.S_IMODE(path.stat().st_mode) & 0o222 for path in (folder / "a", file)] == [0, 0]

    def test_a_file_is_called_as_its_address_ends(self, run: Callable[[Job], Job]) -> None:
        """`path: …/table.csv` of an output is the name the script finds."""
        job = Job("echo a > ${{outputs.file}}")
        uri = "azureml://datastores/store/paths/a/table.csv"
        job.properties["outputs"] = {"file": {"jobOutputType": "uri_file", "uri": uri}}
        assert run(job).outputs["file"].name == "table.csv"

    def test_its_own_folders_are_kept(self, run: Callable[[Job], Job]) -> None:
        """`outputs` and `logs` in the working folder, as on Azure; of a job that failed too."""
        job = run(
            Job("mkdir -p outputs/a logs; echo m > outputs/a/model; echo l > logs/l.txt; ln -s /etc outputs/out; false")
        )
        assert {path: file.read_text(encoding="utf-8") for path, file in job.files.items()} == {
            "outputs/a/model": "m\n",
            "logs/l.txt": "l\n",
        }
        assert job.told[-1] == "failed"

    def test_the_log_is_written_while_it_runs(self, runner: LocalRunner, tmp_path: Path) -> None:
        """What was printed is in the log at once, both streams in order."""
        fifo = tmp_path / "fifo"
        os.mkfifo(fifo)
        job = Job(f"echo one; echo two >&2; echo told > '{fifo}'; cat '{fifo}'; echo three")
        runner.start(job)
        assert fifo.read_text(encoding="utf-8") == "told\n"
        assert job.has_begun.wait(LONG)
        assert job.log == "one\ntwo\n"
        fifo.write_text("", encoding="utf-8")
        assert job.has_ended.wait(LONG)
        assert job.log == "one\ntwo\nthree\n"


class TestReuse:
    def _job(self, name: str, value: str = "v", **more: object) -> Job:
        return Job(
            "cat ${{inputs.data}}/a > ${{outputs.o}}/a; echo ${{inputs.x}} >> ${{outputs.o}}/a",
            name=name,
            values={"x": value},
            inputs={"data": given({"a": "a\n"})},
            outputs={"o": FOLDER},
            may_reuse=True,
            **more,  # type: ignore[arg-type]
        )

    def test_the_same_step_is_not_run_again(self, run: Callable[[Job], Job]) -> None:
        """It gets what the first one left, and says whose that is."""
        first, second = run(self._job("first")), run(self._job("second"))
        assert second.told == ["preparing", "reused"]
        assert (second.reused_run, second.outputs) == ("first", first.outputs)
        assert "user_logs/std_log.txt" in second.files

    def test_any_change_runs_it(self, run: Callable[[Job], Job]) -> None:
        """Another value, command, code, input, variable or environment is another step."""
        run(self._job("first"))
        others = [self._job(f"other-{number}") for number in range(5)]
        others[0].properties["inputs"]["x"]["value"] = "w"
        others[1].properties["command"] += "; true"
        others[2].code = given({"new.py": ""})
        others[3].inputs = {"data": given({"a": "b\n"})}
        others[4].environment = {"image": "another"}
        assert [run(job).told[-1] for job in others] == ["completed"] * 5

    def test_what_was_changed_since_is_not_taken_over(self, run: Callable[[Job], Job]) -> None:
        """An output that was written, removed or added to is not what the step left."""
        changes: list[Callable[[Path], object]] = [
            lambda folder: ((folder / "a").chmod(0o644), (folder / "a").write_text("other", encoding="utf-8")),
            lambda folder: (folder / "a").unlink(),
            lambda folder: (folder / "b").touch(),
        ]
        for number, change in enumerate(changes):
            change(run(self._job(f"job-{number}")).outputs["o"])
        assert run(self._job("last")).told[-1] == "completed"

    def test_a_failed_step_is_run_again(self, run: Callable[[Job], Job]) -> None:
        """Nothing of it is kept."""
        for _ in range(2):
            assert (
                run(Job("echo a > ${{outputs.o}}/a; false", outputs={"o": FOLDER}, may_reuse=True)).told[-1] == "failed"
            )

    def test_it_can_be_turned_off(self, tmp_path: Path) -> None:
        """`reuse=False` runs every step."""
        runner = LocalRunner(tmp_path, reuse=False)
        jobs = [self._job("first"), self._job("second")]
        for job in jobs:
            runner.start(job)
        runner.wait()
        assert [job.told[-1] for job in jobs] == ["completed", "completed"]

    def test_another_runner_finds_it(self, tmp_path: Path, run: Callable[[Job], Job]) -> None:
        """Results are on disk, for all who share the folder."""
        run(self._job("first"))
        other, job = LocalRunner(tmp_path / "root"), self._job("second")
        other.start(job)
        other.wait()
        assert job.told[-1] == "reused"


class TestFailures:
    @pytest.mark.parametrize(
        ("command", "outputs", "reason"),
        [
            ("no-such-program --x", {}, r"127: a program was not found.*no-such-program: command not found"),
            ("./main.py", {}, r"No such file or directory"),
            ("echo why; exit 3", {}, r"exit code 3\. The last lines of its log \(std_log\.txt\):\nwhy$"),
            ("kill -9 $$", {}, r"SIGKILL, which the system sends where memory runs out"),
            ("bash -c 'kill -SEGV $$'; exit $?", {}, r"ended by SIGSEGV"),
            ("echo a > /dev/full", {}, r"a disk is full: [\d,.]+ MB are free"),
            ("true", {"o": FOLDER}, r"'o' was not written: the folder \$\{\{outputs\.o\}\} is empty"),
            ("true", {"o": "uri_file"}, r"'o' was not written: nothing is at"),
            ("true", {"o": "integer"}, r"'o' was not written"),
            ("rmdir ${{outputs.o}}", {"o": FOLDER}, r"'o' was removed"),
            ("mkdir ${{outputs.o}}", {"o": "uri_file"}, r"'o' is a folder, and was declared as uri_file"),
            ("echo many > ${{outputs.o}}", {"o": "integer"}, r"'o' is declared as integer.*'many'"),
            (
                "ln -s /etc/passwd ${{outputs.o}}/a",
                {"o": FOLDER},
                r"'o' is outside its folder: 'a' is a link to /etc/passwd",
            ),
            ("ln -s .. ${{outputs.o}}/up", {"o": FOLDER}, r"'o' is outside its folder: 'up' is a link"),
            ("rmdir ${{outputs.o}}; ln -s /etc ${{outputs.o}}", {"o": FOLDER}, r"'o' is outside its folder"),
            ("ln -s /etc/passwd ${{outputs.o}}", {"o": "uri_file"}, r"'o' is outside its folder"),
            ("echo ${{inputs.none}}", {}, r"\$\{\{inputs\.none\}\} in the command stands for nothing"),
            ("python -c 'import no_such_module'", {}, r"LocalRunner\(python=\"built\"\)"),
        ],
    )
    def test_a_failed_job_says_why(
        self, run: Callable[[Job], Job], command: str, outputs: dict[str, str], reason: str
    ) -> None:
        """A reason names what was wrong, where, and what to do, with the end of the log."""
        job = run(Job(command, outputs=outputs))
        assert job.told[-1] == "failed"
        assert re.search(f"(?s){reason}", job.reason), job.reason

    def test_reasons_hold_no_secrets(self, run: Callable[[Job], Job]) -> None:
        """What a log shows of a key is not shown again."""
        job = run(Job("echo AccountKey=abcdefghijklmnopqrst; false"))
        assert "abcdefghij" not in job.reason
        assert "AccountKey=***" in job.reason

    def test_a_full_disk_is_named_with_what_is_free(
        self, run: Callable[[Job], Job], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where its folder cannot be made ready since a disk is full, the reason says which and how full."""

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(snapshots, "_write", full)
        job = run(Job("true", code=given({"a": "a"})))
        assert job.told[-1] == "failed"
        assert re.search(r"The disk is full: [\d,.]+ MB are free at /.*make room", job.reason)

    def test_a_snapshot_that_was_not_finished_is_not_used(
        self, run: Callable[[Job], Job], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Once there is room again, the same job has all of its files."""
        code, write = given({"a": "a\n", "b": "b\n"}), snapshots._write

        def full_at_b(content: object, target: Path) -> None:
            if target.name == "b":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            write(content, target)  # type: ignore[arg-type]

        monkeypatch.setattr(snapshots, "_write", full_at_b)
        assert run(Job("cat a b", code=code)).told[-1] == "failed"
        monkeypatch.undo()
        assert run(Job("cat a b", code=code)).log == "a\nb\n"

    def test_what_cannot_be_given_fails_with_its_reason(self, run: Callable[[Job], Job]) -> None:
        """An input that the backend cannot find is the job's failure, in the backend's words."""

        class Lost(Job):
            @property
            def inputs(self) -> dict[str, object]:  # type: ignore[override]
                if self.has_been_made:
                    msg = "input 'data' is not in the datastore"
                    raise LookupError(msg)
                return {}

            @inputs.setter
            def inputs(self, value: object) -> None:
                pass

            has_been_made = False

        job = Lost()
        job.has_been_made = True
        assert run(job).reason == "input 'data' is not in the datastore"

    def test_a_stored_file_may_not_lead_out_of_its_folder(self, run: Callable[[Job], Job]) -> None:
        """A path with `..` in a snapshot writes nothing elsewhere."""
        assert "outside of its folder" in run(Job(code=given({"../out": "x"}))).reason

    @pytest.mark.parametrize("damage", ["printf '\\xff\\xfe' > meta.yaml", "rm -r metrics; touch metrics", "rm -r ."])
    def test_a_job_ends_whatever_it_has_done_to_its_run(self, run: Callable[[Job], Job], damage: str) -> None:
        """What a script writes over its run in the store is its own loss: the job is told of, and the program ends."""
        where = 'cd "${MLFLOW_TRACKING_URI#file://}/$MLFLOW_EXPERIMENT_ID/$MLFLOW_RUN_ID"'
        assert run(Job(f"{where}; {damage}; true")).told[-1] in {"completed", "failed"}

    def test_a_pipe_is_no_output(self, run: Callable[[Job], Job]) -> None:
        """Nobody would ever read it to its end."""
        for type_, text in (
            ("uri_file", "mkfifo ${{outputs.o}}"),
            ("string", "mkfifo ${{outputs.o}}"),
            (FOLDER, "mkfifo ${{outputs.o}}/p"),
        ):
            job = run(Job(text, outputs={"o": type_}))
            assert job.told[-1] == "failed"
            assert "the output 'o' was not written" in job.reason

    @pytest.mark.parametrize("side", ["inputs", "outputs"])
    def test_no_name_leads_out_of_the_job_s_folder(self, run: Callable[[Job], Job], tmp_path: Path, side: str) -> None:
        """An input or an output that is called like a path is refused before a folder is made for it."""
        name = "../../../../../elsewhere"
        own: dict[str, Any] = (
            {"outputs": {name: FOLDER}}
            if side == "outputs"
            else {"inputs": {name: given({"a": "b"})}, "modes": {name: "download"}}
        )
        job = run(Job("true", **own))
        assert (job.told[-1], "elsewhere" in job.reason) == ("failed", True)
        assert not list(tmp_path.rglob("elsewhere"))

    def test_what_a_job_writes_into_its_input_is_seen_by_no_other(self, run: Callable[[Job], Job]) -> None:
        """The next job with the same input gets the files that were given, and no others."""
        inputs = {"data": given({"a.txt": "a", "b.txt": "b"})}
        damages = ("touch ${{inputs.data}}/c.txt", "rm -f ${{inputs.data}}/a.txt", "ln -s a.txt ${{inputs.data}}/link")
        for damage in damages:
            run(Job(damage, inputs=inputs))
            assert run(Job("ls ${{inputs.data}}", inputs=inputs)).log == "a.txt\nb.txt\n"

    @pytest.mark.parametrize("variables", [{"A=B": "c"}, {"A": "b\0"}])
    def test_a_variable_that_no_system_has_is_named(self, run: Callable[[Job], Job], variables: dict[str, str]) -> None:
        """The reason says which one, and not its value."""
        job = run(Job("true", environmentVariables=variables))
        assert f"the environment variable {next(iter(variables))!r} cannot be set" in job.reason


class TestStopping:
    def test_a_job_that_runs_too_long_is_ended(self, run: Callable[[Job], Job]) -> None:
        """Its limit is in the reason."""
        job = run(Job("echo begun; sleep 1000", limits={"timeout": "PT0.2S"}))
        assert "ran longer than 0.2 s, its limit (limits.timeout)" in job.reason
        assert job.log == "begun\n"

    def test_a_stopped_job_may_finish_what_it_does(self, runner: LocalRunner) -> None:
        """Its processes are asked first, also those that a shell began."""
        code = """import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print('saved'), sys.exit()))
print('ready')
time.sleep(1000)
"""
        job = Job("python main.py; true", code=given({"main.py": code}))
        runner.start(job)
        follow(job, "ready")
        job.cancel()
        assert job.has_ended.wait(LONG)
        assert job.told[-1] == "canceled"
        assert job.log == "ready\nsaved\n"

    @pytest.mark.parametrize("ignoring", ["trap '' TERM;", "trap '' TERM; setsid"])
    def test_what_ignores_its_signal_is_killed(self, runner: LocalRunner, ignoring: str) -> None:
        """After the grace nothing of a stopped job is left, in whatever session it is."""
        job = Job(f"{ignoring} bash -c 'echo $$; sleep 1000 & echo $!; wait' & wait")
        runner.start(job)
        processes = [int(line) for line in follow(job, "\\d+\\n\\d+\n").split()]
        job.cancel()
        assert job.has_ended.wait(LONG)
        assert job.told[-1] == "canceled"
        assert [ended(process) for process in processes] == [True, True]

    @pytest.mark.parametrize(
        "leaving", ["sleep 1000 &", "setsid sleep 1000 &", "setsid bash -c 'sleep 1000 & echo $!' &"]
    )
    def test_what_a_job_leaves_running_is_killed(self, run: Callable[[Job], Job], leaving: str) -> None:
        """A job that has ended has no processes, be they in sessions of their own."""
        job = run(Job(f"{leaving} echo $!; sleep 0.1"))
        assert job.told[-1] == "completed"
        assert all(ended(int(process)) for process in job.log.split())

    def test_a_job_that_has_not_begun_is_stopped_too(self, runner: LocalRunner) -> None:
        """One that waits for its turn never runs."""
        jobs = [Job("sleep 1000", name=f"job-{number}") for number in range(3)]
        for job in jobs[:2]:
            runner.start(job)
            assert job.has_begun.wait(LONG)
        runner.start(jobs[2])
        for job in reversed(jobs):
            job.cancel()
            assert job.has_ended.wait(LONG)
        assert [job.told[-1] for job in jobs] == ["canceled"] * 3
        assert "running" not in jobs[2].told

    def test_closing_stops_all(self, runner: LocalRunner) -> None:
        """After `close` nothing runs; what is started then runs again."""
        jobs = [Job("sleep 1000", name=f"job-{number}") for number in range(3)]
        for job in jobs:
            runner.start(job)
        assert any(job.has_begun.wait(LONG / len(jobs)) for job in jobs)
        runner.close()
        assert [job.told[-1] for job in jobs] == ["canceled"] * 3
        runner.close()
        again = Job()
        runner.start(again)
        runner.wait()
        assert again.told[-1] == "completed"


class TestSeveralProcesses:
    SHOW = "echo $RANK $LOCAL_RANK $WORLD_SIZE $NODE_RANK $OMPI_COMM_WORLD_RANK $MASTER_ADDR"

    def _logs(self, job: Job) -> list[str]:
        return [job.logs[f"user_logs/std_log_process_{rank}.txt"].read_text(encoding="utf-8") for rank in range(4)]

    def test_pytorch(self, run: Callable[[Job], Job]) -> None:
        """Instances times processes run side by side, each with its rank and its log."""
        distribution = {"distributionType": "PyTorch", "processCountPerInstance": 2}
        job = run(Job(self.SHOW, distribution=distribution, resources={"instanceCount": 2}))
        assert self._logs(job) == [f"{rank} {rank} 4 0 127.0.0.1\n" for rank in range(4)]

    def test_mpi(self, run: Callable[[Job], Job]) -> None:
        """The variables of Open MPI tell the ranks."""
        distribution = {"distributionType": "Mpi", "processCountPerInstance": 4}
        assert self._logs(run(Job(self.SHOW, distribution=distribution))) == [
            f"{rank} {rank} 4 0 {rank} 127.0.0.1\n" for rank in range(4)
        ]

    def test_tensorflow(self, run: Callable[[Job], Job]) -> None:
        """`TF_CONFIG` has the workers, the parameter servers and which of them a process is."""
        distribution = {"distributionType": "TensorFlow", "workerCount": 3, "parameterServerCount": 1}
        show = "import json, os; c = json.loads(os.environ['TF_CONFIG']); print(len(c['cluster']['worker']), c['task'])"
        job = run(Job(f'python -c "{show}"', distribution=distribution))
        roles = [("worker", 0), ("worker", 1), ("worker", 2), ("ps", 0)]
        assert self._logs(job) == [f"3 {{'type': '{role}', 'index': {index}}}\n" for role, index in roles]

    def test_they_have_met(self, run: Callable[[Job], Job]) -> None:
        """The first process listens where the others find it."""
        code = """import os, socket
address = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
if os.environ["RANK"] == "0":
    with socket.create_server(address) as server:
        print(server.accept()[0].recv(9).decode())
else:
    while True:
        try:
            socket.create_connection(address).sendall(b"hello")
            break
        except ConnectionRefusedError:
            pass
"""
        distribution = {"distributionType": "PyTorch", "processCountPerInstance": 2}
        job = run(Job("python main.py", code=given({"main.py": code}), distribution=distribution))
        assert job.logs["user_logs/std_log_process_0.txt"].read_text(encoding="utf-8") == "hello\n"

    def test_one_that_fails_stops_the_others(self, run: Callable[[Job], Job]) -> None:
        """The reason is that of the first that failed."""
        distribution = {"distributionType": "PyTorch", "processCountPerInstance": 3}
        job = run(Job("if [ $RANK = 1 ]; then echo why; exit 7; fi; sleep 1000", distribution=distribution))
        assert re.search(r"Process 1 ended with exit code 7\..*std_log_process_1.*why", job.reason, re.DOTALL)


class TestRefusals:
    @pytest.mark.parametrize(
        "type_", ["AutoML", "DataTransfer", "data_transfer", "FineTuning", "Distillation", "Import"]
    )
    def test_what_needs_azure_is_refused(self, runner: LocalRunner, type_: str) -> None:
        """One sentence says what it is and that it needs Azure."""
        assert re.fullmatch(r"[^.]*service of Azure: submit it to Azure\.", str(runner.refusal({"jobType": type_})))

    def test_commands_are_not_refused(self, runner: LocalRunner) -> None:
        """A command runs here, also where not all of it is known."""
        assert runner.refusal({"jobType": "Command"}) is None

    def test_a_limit_that_is_no_duration_is_refused(self, runner: LocalRunner) -> None:
        """It is found before the job begins."""
        assert "limits.timeout: 'soon'" in str(runner.refusal({"jobType": "Command", "limits": {"timeout": "soon"}}))

    def test_windows_is_refused(self, runner: LocalRunner, monkeypatch: pytest.MonkeyPatch) -> None:
        """Jobs run on Linux and macOS."""
        monkeypatch.setattr(sys, "platform", "win32")
        assert "Windows Subsystem for Linux" in str(runner.refusal({"jobType": "Command"}))

    def test_containers_need_an_engine(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without one, jobs are refused with what to do."""
        monkeypatch.setenv("PATH", os.path.dirname("/bin/bash"))  # noqa: PTH120
        monkeypatch.setattr("mlsdk.local.containers.ENGINES", ("no-such-engine",))
        refused = str(LocalRunner(tmp_path, python="container").refusal({"jobType": "Command"}))
        assert "no container engine answers" in refused

    @pytest.mark.parametrize(
        "wrong", [{"python": "other"}, {"max_workers": 0}, {"executor": ProcessExecutor(), "max_workers": 2}]
    )
    def test_wrong_arguments_are_refused(self, tmp_path: Path, wrong: dict[str, object]) -> None:
        """What is wrong is said when the runner is made."""
        with pytest.raises(ValueError, match=r"python is|max_workers is"):
            LocalRunner(tmp_path, **wrong)  # type: ignore[arg-type]


ENGINE = """#!/bin/bash
case $1 in
info) echo '{}' ;;
image) [ "$3" = fake/image:1 ] ;;
run)
    echo "$@" > "$(dirname "$0")/arguments"
    until [ "$1" = fake/image:1 ]; do shift; done
    shift
    exec bash "$@"
    ;;
esac
"""


class TestInterpreters:
    @pytest.mark.runs_here("environments.container")
    def test_a_container_has_the_image_of_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The command runs by the engine, with the job's folder, what it reads, and as much shared memory as it asks for."""
        engine = tmp_path / "bin" / "docker"
        engine.parent.mkdir()
        engine.write_text(ENGINE, encoding="utf-8")
        engine.chmod(0o755)
        monkeypatch.setenv("PATH", os.pathsep.join([str(engine.parent), os.environ["PATH"]]))
        runner = LocalRunner(tmp_path / "root", python="container", grace=0.5)
        assert runner.refusal({"jobType": "Command"}) is None
        job = Job(
            "echo ${{inputs.x}} > ${{outputs.o}}",
            values={"x": "a; b"},
            outputs={"o": "uri_file"},
            resources={"shmSize": "3g", "dockerArgs": "--gpus 'all of them'"},
        )
        job.environment = {"image": "fake/image:1"}
        runner.start(job)
        runner.wait()
        assert job.told[-1] == "completed", job.reason
        assert job.outputs["o"].read_text(encoding="utf-8") == "a; b\n"
        said = (engine.parent / "arguments").read_text(encoding="utf-8")
        assert "--shm-size 3g" in said
        assert "--gpus all of them" in said
        assert f"source={tmp_path / 'root' / 'jobs'}" in said

    def test_an_environment_that_cannot_be_built_is_the_reason(self, tmp_path: Path) -> None:
        """A conda file that is none fails the job, not the program."""
        runner, job = LocalRunner(tmp_path, python="built"), Job()
        job.environment = {"condaFile": "dependencies: 3"}
        runner.start(job)
        runner.wait()
        assert job.told[-1] == "failed"
        assert "conda file" in job.reason

    def test_python_is_found_where_it_is_called_otherwise(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`python` in a command is this interpreter, also where its folder has a `python3` only."""
        only = tmp_path / "it's" / "python3"
        only.parent.mkdir()
        only.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
        only.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(only))
        runner, job = LocalRunner(tmp_path / "root"), Job("python -c 'print(1 + 1)'")
        runner.start(job)
        runner.wait()
        assert job.log == "2\n"


PROGRAM = """
import sys
from pathlib import Path
from local.works import Job
from mlsdk.local import LocalRunner

runner = LocalRunner(sys.argv[1], grace=0.2)
job = Job(sys.argv[2])
runner.start(job)
job.has_begun.wait(60)
print("started", flush=True)
"""


def follow(job: Job, pattern: str) -> str:
    """The log of a job as soon as it matches; it is looked at while it grows."""
    assert job.has_begun.wait(LONG)
    while not re.search(pattern, job.log):
        assert not job.has_ended.wait(0.01), (job.told, job.reason)
    return job.log


class TestTheEndOfTheProgram:
    def _start(self, tmp_path: Path, command: str, more: str = "") -> subprocess.Popen[str]:
        found = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM + more, str(tmp_path / "root"), command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": found},
        )

    def test_it_waits_for_its_jobs(self, tmp_path: Path) -> None:
        """They go on when the script is over, as on Azure, and one line says so; further ones may begin then."""
        fifo = tmp_path / "fifo"
        os.mkfifo(fifo)
        more = """
def next_job(outputs, files):
    job.__class__.completed(job, outputs, files)
    for number in range(4):
        runner.start(Job(f"echo {number} > {sys.argv[1]}/done-{number}"))
job.completed = next_job
"""
        # Not before the program has begun to wait, which is when it has said so.
        program = self._start(tmp_path, f"cat '{fifo}'", more)
        assert program.stderr is not None
        said = program.stderr.readline()
        fifo.write_text("", encoding="utf-8")
        out, more_said = program.communicate(timeout=LONG)
        assert (out, more_said, program.returncode) == ("started\n", "", 0)
        assert said == "mlsdk: waiting for jobs on this machine: job; Ctrl-C stops them\n"
        assert sorted(path.name for path in (tmp_path / "root").glob("done-*")) == [f"done-{n}" for n in range(4)]

    def test_ctrl_c_stops_them(self, tmp_path: Path) -> None:
        """The processes are gone then, without a traceback."""
        fifo = tmp_path / "fifo"
        os.mkfifo(fifo)
        program = self._start(tmp_path, f"trap '' TERM INT; echo $$ > '{fifo}'; sleep 1000")
        assert program.stderr is not None
        program.stderr.readline()
        process = int(fifo.read_text(encoding="utf-8"))
        program.send_signal(signal.SIGINT)
        assert program.communicate(timeout=LONG) == ("started\n", "")
        assert ended(process)

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
    def test_no_process_outlives_it(self, tmp_path: Path, number: int) -> None:
        """`kill -9` of the program ends all that its jobs began, in whatever session, and forks of it do not matter."""
        pids = [tmp_path / "a", tmp_path / "b", tmp_path / "c"]
        command = (
            f"trap '' TERM HUP; echo $$ > '{pids[0]}'; sleep 1000 & echo $! > '{pids[1]}'; "
            f"setsid sleep 1000 & echo $! > '{pids[2]}'; echo all; wait"
        )
        more = """
import os, time
if os.fork() == 0:
    os.close(1)
    os.close(2)
    os.read(0, 1)
    os._exit(0)
os.write(1, b"forked\\n")
while "all" not in job.log:
    time.sleep(0.01)
print("ready", flush=True)
"""
        program = self._start(tmp_path, command, more)
        assert program.stdin is not None
        assert program.stdout is not None
        while program.stdout.readline() != "ready\n":
            assert program.poll() is None
        program.send_signal(number)
        program.wait(LONG)
        assert [ended(int(path.read_text(encoding="utf-8"))) for path in pids] == [True, True, True]
        program.stdin.close()
        program.stdout.close()
        assert program.stderr is not None
        program.stderr.close()
