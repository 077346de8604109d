"""Jobs that go wrong, as a user of the client meets them: each fails with a reason to act on, and leaves nothing behind."""

from __future__ import annotations

import json
import re
import resource
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from local.leftovers import ended
from local.submitting import ENVIRONMENT, LONG, backend_in, client_of, end, job, processes_of, submit

from mlsdk import Input, MLClient, Output, command, load_job
from mlsdk.dsl import pipeline
from mlsdk.exceptions import JobException, ValidationException

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlsdk.backends.memory import MemoryBackend

FOLDER = "uri_folder"


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[MemoryBackend]:
    """A backend whose jobs run here."""
    made = backend_in(tmp_path / "root")
    yield made
    made.close()


@pytest.fixture
def client(backend: MemoryBackend) -> MLClient:
    """A client of it."""
    return client_of(backend)


def script(folder: Path, text: str, **more: Any) -> Any:
    """A command that runs a script of Python, which finds what `more` gives it in `sys.argv`."""
    code = folder / "code"
    code.mkdir()
    (code / "main.py").write_text(text, encoding="utf-8")
    given = " ".join(f"${{{{inputs.{name}}}}}" for name in more.get("inputs", {}))
    made = " ".join(f"${{{{outputs.{name}}}}}" for name in more.get("outputs", {}))
    return job(f"python -I -S main.py {given} {made}", code=code, **more)


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path) -> Iterator[None]:
    """No process of any job outlives it, and no result of a job that went wrong is kept."""
    yield
    for process in processes_of(f"{tmp_path}/root/"):
        assert ended(process)


def fails(client: MLClient, submitted: Any, pattern: str) -> str:
    """A job fails, with a reason that is like the pattern, wherever it is asked for."""
    name = submit(client, submitted)
    with pytest.raises(JobException, match=re.compile(pattern, re.DOTALL)) as caught:
        client.jobs.stream(name)
    assert client.jobs.get(name).status == "Failed"
    return str(caught.value)


class TestReasons:
    @pytest.mark.parametrize(
        ("text", "outputs", "pattern"),
        [
            ("no-such-program --all", {}, "exit code 127: a program was not found.*no-such-program"),
            ("true", {"out": FOLDER}, "'out' was not written"),
            (
                "ln -s /etc ${{outputs.out}}/all",
                {"out": FOLDER},
                "'out' is outside its folder: 'all' is a link to /etc",
            ),
            ("ln -s ../../code ${{outputs.out}}/up", {"out": FOLDER}, "'out' is outside its folder"),
            ("ln -s . ${{outputs.out}}/loop", {"out": FOLDER}, "'out' is outside its folder"),
            ("echo hi > ${{outputs.out}}/../beside", {"out": FOLDER}, "'out' was not written"),
            ("kill -9 $$", {}, "SIGKILL"),
        ],
    )
    def test_a_command_that_goes_wrong(
        self, client: MLClient, text: str, outputs: dict[str, str], pattern: str
    ) -> None:
        """A program that is not there, an output that is not written or is elsewhere, a kill."""
        fails(client, job(text, outputs={name: Output(type=type_) for name, type_ in outputs.items()}), pattern)

    def test_a_step_that_goes_wrong_is_not_taken_over(self, client: MLClient, tmp_path: Path) -> None:
        """The pipeline tells the step and its reason; nothing of it is kept for a later run, which runs it again."""
        bad = command(
            name="bad",
            command=f"echo x >> {tmp_path}/times; echo half > ${{{{outputs.out}}}}/x; exit 3",
            outputs={"out": Output(type=FOLDER)},
            environment=ENVIRONMENT,
        )
        after = command(
            name="after",
            command="ls ${{inputs.given}} > ${{outputs.out}}/y",
            inputs={"given": Input(type=FOLDER)},
            outputs={"out": Output(type=FOLDER)},
            environment=ENVIRONMENT,
        )

        @pipeline(default_compute="cpu")
        def both() -> None:
            first = bad()
            after(given=first.outputs.out)

        for _ in range(2):
            fails(client, both(), "first: The command ended with exit code 3")
        assert (tmp_path / "times").read_text(encoding="utf-8") == "x\nx\n"
        assert not list((tmp_path / "root").glob("results/*"))

    def test_a_file_that_grows_too_long(self, client: MLClient, tmp_path: Path) -> None:
        """What the system refuses a script to write is in the reason, as the script met it."""
        text = "import sys; open(sys.argv[1] + '/x', 'wb').write(b'x' * 100_000)"
        submitted = script(tmp_path, text, outputs={"out": Output(type=FOLDER)})
        submitted.command = "ulimit -f 8; " + submitted.command
        fails(client, submitted, "File too large|SIGXFSZ")

    def test_a_full_disk(self, client: MLClient, tmp_path: Path) -> None:
        """A write that finds no room says so, and how much is free."""
        text = "print('x', file=open('/dev/full', 'w'), flush=True)"
        fails(client, script(tmp_path, text), r"a disk is full: [\d,.]+ MB are free")

    def test_a_runner_that_may_write_no_more(self, client: MLClient, tmp_path: Path) -> None:
        """A snapshot that cannot be written is the job's failure; once it can be, the same job runs."""
        code = tmp_path / "much"
        code.mkdir()
        (code / "much.txt").write_text("x" * 500_000, encoding="utf-8")
        submitted = job("wc -c < much.txt", code=code)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        try:
            fails(client, submitted, "too large")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        client.jobs.stream(submit(client, job("wc -c < much.txt", code=code)))

    def test_a_job_that_destroys_what_it_logs_to(self, client: MLClient) -> None:
        """It ends all the same, as does the next one, which cannot be made ready."""
        text = "d=${MLFLOW_TRACKING_URI#file://}; rm -rf $d; touch $d"
        fails(client, job(text), "Keeping what the job left failed: Not a directory: .*/mlruns/")
        fails(client, job("true"), "Making the job ready failed: Not a directory: .*/mlruns/")

    def test_a_pipeline_that_gets_no_folder(self, client: MLClient, tmp_path: Path) -> None:
        """It fails with what the system says of that."""
        (tmp_path / "root").mkdir()
        (tmp_path / "root" / "jobs").touch()
        step = command(name="step", command="true", environment=ENVIRONMENT)

        @pipeline(default_compute="cpu")
        def one() -> None:
            step()

        fails(client, one(), "Making its folder failed: Not a directory: .*/root/jobs/.*MLSDK_LOCAL_ROOT")
        fails(client, job("true"), "Not a directory: .*/root/jobs/.*MLSDK_LOCAL_ROOT")


class TestInputs:
    def test_an_input_that_cannot_be_read(self, client: MLClient, tmp_path: Path) -> None:
        """The reason names the input and where it should be."""
        missing = tmp_path / "missing.csv"
        missing.write_text("x", encoding="utf-8")
        # Of a path in a datastore nobody knows whether it is there before the job wants it.
        given = Input(type="uri_file", path="azureml://datastores/workspaceblobstore/paths/no/such.csv")
        fails(client, job("cat ${{inputs.data}}", inputs={"data": given}), "'data'.*no/such.csv")

    def test_names_of_any_kind(self, client: MLClient, tmp_path: Path) -> None:
        """Spaces, quotes, letters of all alphabets and line breaks in the names of files are no trouble."""
        names = [
            "a b.txt",
            "héllo wörld.txt",
            "日本.txt",
            "it's $HOME `x`;.txt",
            'say "hi".txt',
            "-n",
            "new\nline",
            "#%25?.txt",
        ]
        data = tmp_path / "my data"
        (data / "sub folder").mkdir(parents=True)
        for name in names:
            (data / "sub folder" / name).write_text(name, encoding="utf-8")
        text = (
            "import os, shutil, sys\n"
            "folder = sys.argv[1] + '/sub folder'\n"
            "for name in os.listdir(folder):\n"
            "    assert open(folder + '/' + name).read() == name\n"
            "    shutil.copyfile(folder + '/' + name, sys.argv[2] + '/' + name)\n"
        )
        submitted = script(
            tmp_path, text, inputs={"data": Input(type=FOLDER, path=data)}, outputs={"out": Output(type=FOLDER)}
        )
        name = submit(client, submitted)
        client.jobs.stream(name)
        client.jobs.download(name, download_path=tmp_path / "got", output_name="out")
        assert {path.name for path in (tmp_path / "got").rglob("*") if path.is_file()} == set(names)

    @pytest.mark.parametrize(
        ("target", "reason"), [(".", "is a link back to .*, so the folder has no end"), ("no", "which cannot be read")]
    )
    def test_code_with_a_link_that_leads_nowhere(
        self, client: MLClient, tmp_path: Path, target: str, reason: str
    ) -> None:
        """One in a circle, or to nothing, is named before anything is sent."""
        submitted = script(tmp_path, "print('ran')")
        (tmp_path / "code" / "link").symlink_to(target)
        with pytest.raises(ValidationException, match=f"code/link {reason}|code/link is a link .*{reason}"):
            client.jobs.create_or_update(submitted)
        assert not list(client.jobs.list())

    def test_a_thousand_files(self, client: MLClient, tmp_path: Path) -> None:
        """All of them come to the next step, and to who downloads them."""
        make = command(
            name="make",
            command="for i in $(seq 1000); do echo $i > ${{outputs.out}}/$i; done",
            outputs={"out": Output(type=FOLDER)},
            environment=ENVIRONMENT,
        )
        count = command(
            name="count",
            command="cat ${{inputs.given}}/* | wc -l > ${{outputs.out}}/count",
            inputs={"given": Input(type=FOLDER)},
            outputs={"out": Output(type=FOLDER)},
            environment=ENVIRONMENT,
        )

        @pipeline(default_compute="cpu")
        def both() -> Any:
            made = make()
            return {"all": made.outputs.out, "count": count(given=made.outputs.out).outputs.out}

        name = submit(client, both())
        client.jobs.stream(name)
        client.jobs.download(name, download_path=tmp_path / "got", all=True)
        assert next((tmp_path / "got").rglob("count/count")).read_text(encoding="utf-8").strip() == "1000"
        assert len(list(next((tmp_path / "got").rglob("all")).iterdir())) == 1000


class TestValues:
    """Literal inputs reach `sys.argv` as they were written, and run nothing."""

    VALUES = (
        "it's",
        'say "hi"',
        "two\nlines\n",
        "$(touch ran)",
        "`touch ran`",
        "; touch ran;",
        "&& touch ran",
        "$HOME ${HOME} $$ !!",
        "\\n\\",
        "*",
        "-x --y=1",
        "日本 é 🎉",
        "${{inputs.other}}",
        " spaces  in ",
        "a\tb\rc",
        "%s %d {0} #",
        "true",
        "007",
        "~",
    )
    SCRIPT = "import json, sys; json.dump(sys.argv[1:-1], open(sys.argv[-1] + '/x', 'w'))"

    def _argv(self, client: MLClient, name: str, folder: Path) -> list[str]:
        client.jobs.stream(name)
        client.jobs.download(name, download_path=folder / name, output_name="out")
        found: list[str] = json.loads(next((folder / name).rglob("x")).read_text(encoding="utf-8"))
        return found

    def test_from_python(self, client: MLClient, tmp_path: Path) -> None:
        """As arguments of `command`."""
        given = {f"v{number}": value for number, value in enumerate(self.VALUES)}
        submitted = script(tmp_path, self.SCRIPT, inputs=given, outputs={"out": Output(type=FOLDER)})
        name = submit(client, submitted)
        assert self._argv(client, name, tmp_path / "got") == list(self.VALUES)
        assert not list(tmp_path.rglob("ran"))

    def test_from_a_file(self, client: MLClient, tmp_path: Path) -> None:
        """As text in YAML."""
        import yaml

        given = {f"v{number}": value for number, value in enumerate(self.VALUES)}
        names = " ".join(f"${{{{inputs.{name}}}}}" for name in given)
        (tmp_path / "main.py").write_text(self.SCRIPT, encoding="utf-8")
        said = {
            "type": "command",
            "code": "main.py",
            "command": f"python -I -S main.py {names} ${{{{outputs.out}}}}",
            "inputs": given,
            "outputs": {"out": {"type": FOLDER}},
            "environment": f"azureml:{ENVIRONMENT}",
            "compute": "azureml:cpu",
        }
        (tmp_path / "job.yml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
        name = submit(client, load_job(tmp_path / "job.yml"))
        assert self._argv(client, name, tmp_path / "got") == list(self.VALUES)
        assert not list(tmp_path.rglob("ran"))

    def test_through_a_pipeline(self, client: MLClient, tmp_path: Path) -> None:
        """As inputs of a pipeline that are handed on to a step."""
        values = [value for value in self.VALUES if "{{" not in value]  # a reference, in a pipeline
        given = {f"v{number}": value for number, value in enumerate(values)}
        step = script(
            tmp_path,
            self.SCRIPT,
            inputs={name: Input(type="string") for name in given},
            outputs={"out": Output(type=FOLDER)},
        )
        step.name = "step"

        @pipeline(default_compute="cpu")
        def hands_on(value: str) -> Any:
            return {"out": step(**{**given, "v0": value}).outputs.out}

        name = submit(client, hands_on(value="$(touch ran) it's\n"))
        assert self._argv(client, name, tmp_path / "got") == ["$(touch ran) it's\n", *values[1:]]

    def test_a_zero_byte_is_refused(self, client: MLClient, tmp_path: Path) -> None:
        """No process can be given one, which the reason says."""
        submitted = script(tmp_path, self.SCRIPT, inputs={"v": "a\0b"}, outputs={"out": Output(type=FOLDER)})
        fails(client, submitted, "zero byte|NUL|null")

    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=5))
    def test_any_text(self, client: MLClient, tmp_path: Path, values: list[str]) -> None:
        """Whatever it is."""
        given = {f"v{number}": value for number, value in enumerate(values)}
        names = " ".join(f"${{{{inputs.{name}}}}}" for name in given)
        code = tmp_path / "main.py"
        code.write_text(self.SCRIPT, encoding="utf-8")
        submitted = job(
            f"python -I -S main.py {names} ${{{{outputs.out}}}}",
            code=code,
            inputs=given,
            outputs={"out": Output(type=FOLDER)},
        )
        name = submit(client, submitted)
        assert self._argv(client, name, tmp_path / "got") == values


class TestStopping:
    STUBBORN = """import os, signal, time
for each in (2, 15, 1): signal.signal(each, signal.SIG_IGN)
print('up', flush=True)
time.sleep(1000)
"""

    def _when_up(self, client: MLClient, tmp_path: Path, name: str) -> None:
        until = time.monotonic() + LONG
        while not any("up" in log.read_text(encoding="utf-8") for log in (tmp_path / "root").rglob("std_log.txt")):
            assert client.jobs.get(name).status in ("Queued", "Preparing", "Running", "Starting")
            assert time.monotonic() < until
            time.sleep(0.01)

    def _when(self, client: MLClient, name: str, status: str) -> None:
        until = time.monotonic() + LONG
        while client.jobs.get(name).status != status:
            assert time.monotonic() < until
            time.sleep(0.005)

    def test_a_step_that_ignores_its_signals_is_canceled(self, client: MLClient, tmp_path: Path) -> None:
        """It is killed after the grace."""
        name = submit(client, script(tmp_path, self.STUBBORN))
        self._when_up(client, tmp_path, name)
        client.jobs.begin_cancel(name).result(LONG)
        assert end(client, name) == "Canceled"
        assert not processes_of(f"{tmp_path}/root/")

    def test_a_step_that_ignores_its_signals_runs_out_of_time(self, client: MLClient, tmp_path: Path) -> None:
        """The reason tells the limit."""
        submitted = script(tmp_path, self.STUBBORN)
        submitted.set_limits(timeout=1)
        fails(client, submitted, "It ran longer than 1 s, its limit")

    def test_a_daemon_that_a_step_leaves(self, client: MLClient, tmp_path: Path) -> None:
        """It is gone soon after the job, which has completed."""
        text = f"setsid sleep 1000 & echo $! > {tmp_path}/daemon"
        name = submit(client, job(text))
        client.jobs.stream(name)
        assert client.jobs.get(name).status == "Completed"
        assert ended(int((tmp_path / "daemon").read_text(encoding="utf-8")))

    def test_a_job_is_canceled_while_it_waits(self, client: MLClient, tmp_path: Path) -> None:
        """One for which there is no room yet never runs."""
        busy = [submit(client, job("echo up; sleep 1000")) for _ in range(2)]
        for name in busy:
            self._when(client, name, "Running")
        waits = submit(client, job(f"touch {tmp_path}/ran"))
        self._when(client, waits, "Preparing")
        for name in (waits, *busy):
            client.jobs.begin_cancel(name).result(LONG)
            assert end(client, name) == "Canceled"
        assert not (tmp_path / "ran").exists()

    def test_a_job_is_canceled_at_any_moment(self, client: MLClient) -> None:
        """From the moment of its submission to that after its end: it ends, either way, and only once."""
        for number in range(15):
            name = submit(client, job("true", inputs={"n": number}))
            time.sleep(number / 500)
            client.jobs.begin_cancel(name).result(LONG)
            status = end(client, name)
            assert status in ("Canceled", "Completed")
            assert client.jobs.get(name).status == status


class TestLogs:
    def test_a_long_line(self, client: MLClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """5 MB without a line break are streamed whole."""
        text = "import sys\nfor _ in range(50): sys.stdout.write('x' * 100_000); sys.stdout.flush()\nsys.exit(4)"
        reason = fails(client, script(tmp_path, text), "exit code 4")
        assert re.search(r"The last lines of its log \(std_log\.txt\):\n…x{500}\n", reason)
        assert capsys.readouterr().out.count("x") >= 5_000_000

    def test_bytes_that_are_no_text(self, client: MLClient, capsys: pytest.CaptureFixture[str]) -> None:
        """They are shown as far as they can be."""
        fails(client, job(r"printf '\377\376 here \200\n\0\n'; exit 4"), "exit code 4.*here")
        assert "here" in capsys.readouterr().out
