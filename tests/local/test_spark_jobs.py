"""A Spark job's body as a command; what is missing to run it is said in a sentence. `tests/spark` runs Spark itself."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from mlsdk.local import spark
from mlsdk.local.placeholders import substitute

if TYPE_CHECKING:
    from pathlib import Path


def body(**said: Any) -> dict[str, Any]:
    """`properties` of a Spark job that starts `main.py`."""
    return {"entry": {"sparkJobEntryType": "SparkJobPythonEntry", "file": "main.py"}, **said}


def submit(properties: dict[str, Any]) -> list[str]:
    """The words of the last line, which starts Spark."""
    return shlex.split(spark.command(properties).splitlines()[-1])


def after(words: list[str], flag: str) -> list[str]:
    """What stands after each occurrence of a flag."""
    return [words[place + 1] for place, word in enumerate(words) if word == flag]


@pytest.mark.runs_here("spark.conf")
def test_what_a_job_says_is_what_spark_is_started_with() -> None:
    """Files, settings and arguments of the script; a value that has spaces stays one word."""
    words = submit(
        body(
            args="--in ${{inputs.data}} --name 'a b'",
            pyFiles=["utils.zip", "more.py"],
            jars=["a.jar"],
            files=["my file.txt"],
            archives=["x.tar#here"],
            conf={"spark.app.name": "my app", "spark.driver.cores": "2", "spark.sql.shuffle.partitions": 4},
        )
    )
    assert words[:3] == ["exec", "bash", "$SPARK_HOME/bin/spark-submit"]
    assert [after(words, flag) for flag in ("--py-files", "--jars", "--files", "--archives")] == [
        ["utils.zip,more.py"],
        ["a.jar"],
        ["my file.txt"],
        ["x.tar#here"],
    ]
    assert {"spark.app.name=my app", "spark.driver.cores=2", "spark.sql.shuffle.partitions=4"} <= {
        *after(words, "--conf")
    }
    assert words[words.index("main.py") :] == ["main.py", "--in", "${{inputs.data}}", "--name", "a b"]


@pytest.mark.parametrize(
    ("conf", "master"),
    [
        ({}, "local[*]"),
        ({"spark.executor.cores": "2", "spark.executor.instances": "3"}, "local[6]"),
        ({"spark.executor.cores": 2}, "local[2]"),
        (
            {
                "spark.executor.cores": "1",
                "spark.executor.instances": "1",
                "spark.dynamicAllocation.enabled": "True",
                "spark.dynamicAllocation.maxExecutors": "4",
            },
            "local[4]",
        ),
        ({"spark.master": "yarn"}, "local[*]"),
    ],
)
def test_as_much_is_done_at_once_as_all_executors_would_do(conf: dict[str, Any], master: str) -> None:
    """Executors are threads of this machine."""
    words = submit(body(conf=conf))
    assert after(words, "--master") == [master]
    assert not [setting for setting in after(words, "--conf") if setting.startswith("spark.master")]


@pytest.mark.parametrize(
    ("driver", "executor", "memory"),
    [("2g", "1g", ["2g"]), ("512m", "8G", ["8G"]), (None, "3g", ["3g"]), (None, None, [])],
)
def test_the_one_process_has_the_larger_memory(driver: str | None, executor: str | None, memory: list[str]) -> None:
    """Driver and executors are one process here."""
    words = submit(body(conf={"spark.driver.memory": driver, "spark.executor.memory": executor}))
    assert after(words, "--driver-memory") == memory


def test_nothing_listens_but_on_this_machine_unless_the_job_says_so() -> None:
    """Neither Spark's pages nor its driver are reached from elsewhere."""
    settings = after(submit(body()), "--conf")
    assert {"spark.ui.enabled=false", "spark.driver.bindAddress=127.0.0.1"} <= {*settings}
    settings = after(submit(body(conf={"spark.ui.enabled": "true"})), "--conf")
    assert [setting for setting in settings if "ui.enabled" in setting] == ["spark.ui.enabled=true"]


def test_a_class_is_started_from_the_first_jar() -> None:
    """The service's schema has them, though the official client makes none."""
    words = submit(body(entry={"sparkJobEntryType": "SparkJobScalaEntry", "className": "a.B"}, jars=["x.jar", "y.jar"]))
    assert after(words, "--class") == ["a.B"]
    assert words[-1] == "x.jar"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"entry": {}}, "names the Python file that is started"),
        ({"entry": {"className": "a.B"}}, "jars names no jar"),
        ({"conf": {"spark.executor.cores": "two"}}, "spark.executor.cores of a Spark job is a whole number"),
        ({"conf": {"spark.driver.memory": "much"}}, "memory of a Spark job is written as '2g'"),
        ({"args": "--x 'open"}, "args"),
    ],
)
def test_a_job_that_cannot_be_run_is_refused(said: dict[str, Any], reason: str) -> None:
    """When it is submitted, with the field that is wrong."""
    assert reason in (spark.refusal(body(**said)) or "nothing")
    assert spark.refusal(body()) is None


def start(tmp_path: Path, known: dict[str, str], *, home: bool = True, **said: Any) -> subprocess.CompletedProcess[str]:
    """Run the command of a job whose Python has a pyspark, a `spark-submit` that says how it was started."""
    package = tmp_path / "site" / "pyspark"
    (package / "bin").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "bin" / "spark-submit").write_text('printf "%s\\n" "$PYSPARK_PYTHON" "$@"; env | grep SPARK_LOCAL_IP')
    for name in ("bin", "java/bin"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "java/bin" / "java").write_text("")
    (tmp_path / "java/bin" / "java").chmod(0o755)
    made = substitute(spark.command(body(**said)), known)
    environment = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", **made.variables}
    if home:
        environment |= {"PYTHONPATH": str(tmp_path / "site"), "JAVA_HOME": str(tmp_path / "java")}
    return subprocess.run(
        ["bash", "-c", made.text],  # noqa: S607 - as the runner finds it
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_spark_is_that_of_the_jobs_own_environment_and_values_are_not_run(tmp_path: Path) -> None:
    """Its pyspark is found without being imported, and its Python is Spark's too."""
    value = "a b; $(touch bad) 'x'"
    done = start(tmp_path, {"inputs.x": value}, args="--x ${{inputs.x}}")
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[0] == str(tmp_path / "bin" / "python")
    assert lines[-3:] == ["--x", value, "SPARK_LOCAL_IP=127.0.0.1"]
    assert not (tmp_path / "bad").exists()


def test_without_pyspark_the_job_fails_with_a_sentence(tmp_path: Path) -> None:
    """What to install, and nothing else, is what the log says."""
    done = start(tmp_path, {}, home=False)
    assert done.returncode == 1
    assert done.stderr == f"{spark.NO_PYSPARK}\n"


def test_what_this_interpreter_lacks_is_found_without_importing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First pyspark, then Java."""
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "site-packages" not in path])
    monkeypatch.setattr(sys, "meta_path", [one for one in sys.meta_path if "editable" not in repr(one).lower()])
    monkeypatch.delitem(sys.modules, "pyspark", raising=False)
    assert spark.missing() == spark.NO_PYSPARK
    (tmp_path / "pyspark").mkdir()
    (tmp_path / "pyspark" / "__init__.py").write_text("raise RuntimeError('imported')")
    # Not by syspath_prepend, which would put back this path without packages when the test is over.
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert spark.missing() == spark.NO_JAVA
    (tmp_path / "java").write_text("")
    (tmp_path / "java").chmod(0o755)
    assert spark.missing() is None


def test_empty_folders_made_for_outputs_are_taken_away_first(tmp_path: Path) -> None:
    """Spark writes folders that are not there yet; one with something in it stays, and Spark says what it thinks of it."""
    outputs = {name: {"jobOutputType": "uri_folder"} for name in ("new", "gone", "full")}
    outputs["file"] = {"jobOutputType": "uri_file"}
    for name in ("new", "full", "file"):
        (tmp_path / "out puts" / name).mkdir(parents=True)
    (tmp_path / "out puts" / "full" / "x").write_text("x")
    known = {f"outputs.{name}": str(tmp_path / "out puts" / name) for name in outputs}
    assert start(tmp_path, known, outputs=outputs).returncode == 0
    assert sorted(os.listdir(tmp_path / "out puts")) == ["file", "full"]  # noqa: PTH208
