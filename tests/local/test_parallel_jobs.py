"""What a parallel job's body says reaches the driver; what cannot be run here is refused with a sentence."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml

from mlsdk.local import parallel
from mlsdk.local.arguments import bash_words
from mlsdk.local.placeholders import substitute
from mlsdk.local.work import Given


@attrs.frozen
class Content:
    """A stored file in memory."""

    text: str
    path: Path | None = None

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.text)

    def open(self) -> BytesIO:
        """Its bytes."""
        return BytesIO(self.text.encode())


def body(type_: str = "uri_folder", mode: str | None = None, **said: Any) -> dict[str, Any]:
    """`properties` of a parallel job that cuts the input `data`."""
    task = {"type": "run_function", "entry_script": "score.py", **said.pop("task", {})}
    binding = {"jobInputType": type_, "uri": "azureml://x", **({"mode": mode} if mode else {})}
    return {"task": task, "input_data": "${{inputs.data}}", "inputs": {"data": binding}, **said}


def table(text: str) -> dict[str, Given]:
    """The input `data`, with an `MLTable` of this text."""
    return {"data": Given(files={"MLTable": Content(text)})}


def flags(properties: dict[str, Any], inputs: dict[str, Given] | None = None) -> dict[str, str]:
    """What the driver is told, by flag; what stands after `--` under that."""
    words = shlex.split(parallel.command(properties, inputs or {}))
    cut = words.index("--")
    own = words[3:cut]
    return {**dict(zip(own[::2], own[1::2], strict=True)), "--": " ".join(words[cut + 1 :])}


def test_every_setting_of_a_step_reaches_the_driver() -> None:
    """Processes are those of all nodes, sizes are numbers, keys are a list, whoever wrote them."""
    told = flags(
        body(
            mini_batch_size="10kb",
            mini_batch_error_threshold=1,
            error_threshold=-1,
            max_concurrency_per_instance="2",
            resources={"instanceCount": 3},
            retry_settings={"max_retries": 4, "timeout": 90},
            logging_level="debug",
            partition_keys='["a", "b"]',
            task={"append_row_to": "${{outputs.rows}}/all.csv", "program_arguments": "--model ${{inputs.model}}"},
        )
    )
    assert told == {
        "--entry-script": "score.py",
        "--input": "${{inputs.data}}",
        "--mini-batch-size": "10240",
        "--mini-batch-error-threshold": "1",
        "--error-threshold": "-1",
        "--max-retries": "4",
        "--timeout": "90",
        "--processes": "6",
        "--logging-level": "DEBUG",
        "--partition-keys": '["a", "b"]',
        "--append-row-to": "${{outputs.rows}}/all.csv",
        "--": "--model ${{inputs.model}}",
    }


def test_what_is_not_said_is_left_to_the_driver() -> None:
    """Its defaults are those of Azure; a size of 0 is one that nobody gave."""
    assert flags(body(mini_batch_size=0)) == {"--entry-script": "score.py", "--input": "${{inputs.data}}", "--": ""}
    assert flags(body(mini_batch_size="2mb"))["--mini-batch-size"] == "2097152"
    assert flags(body(partition_keys=["a"]))["--partition-keys"] == '["a"]'


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"task": {"entry_script": None}}, "task.entry_script"),
        ({"task": {"type": "model"}}, "run_function, not 'model'"),
        ({"input_data": None}, "input_data of a parallel job names the input that is cut"),
        ({"inputs": {"data": {"jobInputType": "literal", "value": "1"}}}, "only files and folders can be cut"),
        ({"mini_batch_size": "much"}, "mini_batch_size is a number of files"),
        ({"mini_batch_size": "${{parent.inputs.size}}"}, "mini_batch_size is a number of files"),
        ({"error_threshold": -2}, "error_threshold of a parallel job is a whole number from -1 on, not -2"),
        ({"retry_settings": {"timeout": 0}}, "retry_settings.timeout of a parallel job is a whole number from 1 on"),
        ({"max_concurrency_per_instance": "many"}, "max_concurrency_per_instance"),
        ({"logging_level": "LOUD"}, "logging_level is DEBUG, INFO or WARNING"),
        ({"task": {"program_arguments": "--x 'open"}}, "program_arguments"),
    ],
)
def test_a_job_that_cannot_be_run_is_refused(said: dict[str, Any], reason: str) -> None:
    """Before anything of it runs, and with the field that is wrong."""
    assert reason in (parallel.refusal(body(**said)) or "nothing")
    with pytest.raises(ValueError, match=r"\w"):
        parallel.command(body(**said), {})
    assert parallel.refusal(body()) is None


def test_an_input_that_another_step_gives_need_not_be_there_when_the_job_is_looked_at() -> None:
    """Steps are looked at before the first one runs; when they run, the input has to be there."""
    later = body(input_data="${{inputs.other}}")
    assert parallel.refusal(later) is None
    with pytest.raises(ValueError, match="names the input 'other', which the job does not have"):
        parallel.command(later, {})


# -- tables --------------------------------------------------------------------------------------------------
DELIMITED = """
paths: [{file: ./a.csv}, {pattern: ./b/*.csv}]
transformations:
  - read_delimited: {delimiter: ";", encoding: latin1, header: no_header}
  - keep_columns: [x, y]
  - drop_columns: y
"""


@pytest.mark.parametrize("mode", ["Direct", "direct", None])
def test_a_table_is_cut_as_its_mltable_says(mode: str | None) -> None:
    """The file MLTable is read here, so that the job's environment needs nothing but pandas."""
    assert json.loads(flags(body("mltable", mode), table(DELIMITED))["--table"]) == {
        "paths": [["file", "./a.csv"], ["pattern", "./b/*.csv"]],
        "rows": "delimited",
        "delimiter": ";",
        "encoding": "latin1",
        "header": "no_header",
        "keep": ["x", "y"],
        "drop": ["y"],
    }


@pytest.mark.parametrize("mode", ["EvalMount", "eval_mount", "ReadOnlyMount", "Download"])
def test_the_files_of_a_table_that_is_mounted_are_the_items(mode: str) -> None:
    """What their rows are is the script's business then."""
    told = flags(body("mltable", mode), table(DELIMITED))
    assert json.loads(told["--table"]) == {"paths": [["file", "./a.csv"], ["pattern", "./b/*.csv"]]}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "there is no file MLTable in its folder"),
        ("a: [", "is not YAML"),
        ("just text", "has no paths"),
        ("paths: [{file: 'azureml://datastores/x/paths/y'}]", "files are in the folder of the MLTable"),
        ("paths: [{file: 'https://x/y'}]", "files are in the folder of the MLTable"),
        ("paths: [x]", "a path of an MLTable is a file, a folder or a pattern, not 'x'"),
        ("paths: [{file: a}]\ntransformations: [{read_parquet: {}}]", "this one has read_parquet"),
        ("paths: [{file: a}]\ntransformations: [{filter: 'col(x)'}]", "this one has filter"),
    ],
)
def test_a_table_that_cannot_be_cut_here_is_refused(text: str | None, reason: str) -> None:
    """With what is the matter with it."""
    inputs = {"data": Given(files={})} if text is None else table(text)
    with pytest.raises(ValueError, match=reason.replace("(", r"\(")):
        parallel.command(body("mltable"), inputs)


# -- as a command --------------------------------------------------------------------------------------------
def run(command: str, known: dict[str, str], folder: Path, **environment: str) -> str:
    """What bash prints that runs a command in a folder, with placeholders put in as the runner does."""
    made = substitute(command, known)
    (folder / "bin").mkdir(exist_ok=True)
    if not (folder / "bin" / "python").exists():
        (folder / "bin" / "python").symlink_to(sys.executable)
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", made.text],  # noqa: S607 - as the runner finds it
        cwd=folder / "code",
        env={**os.environ, "PATH": path, **made.variables, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--name 'a b' --x \"c 'd'\"", ["--name", "a b", "--x", "c 'd'"]),
        ("--a $(touch bad) `id` ; rm * && echo $HOME > f", None),
        ("--m ${{inputs.value}}/sub --n 'x ${{ inputs.value }} y'", ["--m", "V/sub", "--n", "x V y"]),
        ("$[[--opt ${{inputs.none}}]] --is $[[--m ${{inputs.value}}]]", ["--is", "--m", "V"]),
        ("a[[0]] '' end", ["a[[0]]", "", "end"]),
        ("", []),
    ],
)
def test_program_arguments_are_words_and_nothing_in_them_is_run(arguments: str, expected: list[str] | None) -> None:
    """They part as a shell parts them; no substitution, no pattern, no operator means anything."""
    value = 'it\'s $(touch bad); "*"\nnext'
    made = substitute(f"printf '%s\\0' {bash_words(arguments)}", {"inputs.value": value}, {"inputs.none"})
    done = subprocess.run(
        ["bash", "-c", made.text],  # noqa: S607
        env={**os.environ, **made.variables},
        capture_output=True,
        text=True,
        check=True,
    )
    given = done.stdout.split("\0")[:-1] if bash_words(arguments) else []
    assert given == (shlex.split(arguments) if expected is None else [word.replace("V", value) for word in expected])


def test_the_scoring_example_runs(repository: Path, tmp_path: Path) -> None:
    """`examples/pipeline/scoring.yml`: the parallel step as it stands there, with the files that stand beside it."""
    example = repository / "examples" / "pipeline"
    shutil.copytree(example / "src", tmp_path / "code")
    (tmp_path / "a model").mkdir()
    flowers = [[[5.0, 3.4, 1.5, 0.2], "setosa"], [[6.0, 2.8, 4.5, 1.4], "versicolor"]]
    (tmp_path / "a model" / "model.json").write_text(json.dumps({"neighbours": 1, "flowers": flowers}))
    step = yaml.safe_load((example / "scoring.yml").read_text())["jobs"]["score"]
    properties = {**step, "inputs": {"fields": {"jobInputType": "uri_folder"}}, "resources": {"instanceCount": 1}}
    known = {
        "inputs.model": str(tmp_path / "a model"),
        "inputs.fields": str(example / "fields"),
        "outputs.kinds": str(tmp_path / "kinds.txt"),
    }
    assert parallel.refusal(properties) is None
    log = run(parallel.command(properties, {}), known, tmp_path)
    assert "3 of 3 mini batches done, 0 failed; 6 of 6 items done" in log
    rows = (tmp_path / "kinds.txt").read_text().splitlines()
    assert [row.split()[0] for row in rows] == [f"field_{number}.csv" for number in range(1, 7)]


def test_the_driver_runs_from_wherever_it_is_copied_to(tmp_path: Path) -> None:
    """In a container, or on another machine, mlsdk need not be installed."""
    moved = shutil.copytree(parallel.DRIVER, tmp_path / "else where" / "program")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "score.py").write_text("def run(mini_batch):\n    return ['done']\n")
    properties = body(task={"append_row_to": "${{outputs.o}}"})
    known = {"inputs.data": str(tmp_path / "code"), "outputs.o": str(tmp_path / "rows")}
    run(parallel.command(properties, {}, moved), known, tmp_path)
    assert (tmp_path / "rows").read_text() == "done\n"
