"""`mlsdk demo`: a pipeline, or a component, from its YAML to a registered model, run for real, as a user sees it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mlsdk
from mlsdk.__main__ import main
from mlsdk.command_line import component_demo, demo, pipeline_demo, tables
from mlsdk.exceptions import ValidationException

PIPELINE = demo.example()
IRIS = PIPELINE.parent / "iris"
KINDS = ("Workspace", "Computes", "Datastores", "Environments", "Data", "Components", "Models")


def command(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, in `folder`."""
    return subprocess.run(
        [sys.executable, "-m", "mlsdk", *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(mlsdk.__file__).parent.parent),
            "PYTHONIOENCODING": "utf-8",
            **environment,
        },
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


def printed(factory: pytest.TempPathFactory, *arguments: str) -> str:
    """What the command prints in a folder and with a folder for temporary files that are empty, and stay so."""
    folder, temporary = factory.mktemp("empty"), factory.mktemp("temporary")
    ended = command(folder, *arguments, TMPDIR=str(temporary))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert not [*folder.iterdir(), *temporary.iterdir()], "the demo left something behind"
    return ended.stdout


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the demo prints in an empty folder."""
    return printed(tmp_path_factory, "demo")


@pytest.fixture(scope="module")
def shown_iris(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What it prints of the folder with a component."""
    return printed(tmp_path_factory, "demo", str(IRIS))


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    """A copy of the pipeline to be changed, with the data that it reads beside it."""
    shutil.copytree(IRIS, tmp_path / "iris")
    return Path(shutil.copytree(PIPELINE, tmp_path / "pipeline"))


@pytest.fixture
def iris(tmp_path: Path) -> Path:
    """A copy of the example to be changed."""
    return Path(shutil.copytree(IRIS, tmp_path / "iris"))


def replace(file: Path, old: str, new: str) -> None:
    """Change one place of a file."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def rows(shown: str, title: str) -> list[list[str]]:
    """The cells of the table that starts with `title`; of cells that go on in the next line the first."""
    lines = shown.splitlines()
    start = next(
        number
        for number, line in enumerate(lines[:-1])
        if re.match(rf"{title}\b.*\nName ", line + "\n" + lines[number + 1])
    )
    columns = [found.span() for found in re.finditer("-+", lines[start + 2])]
    table = lines[start + 3 : lines.index("", start)]
    return [[line[first:end].strip() for first, end in columns] for line in table if not line.startswith(" ")]


def failure(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the command says on the standard error when it fails with exit code 1."""
    assert main(arguments) == 1
    return capsys.readouterr().err


# -- the pipeline ----------------------------------------------------------------------------------------------------
def test_the_demo_runs_the_pipeline_of_the_examples(shown: str) -> None:
    """Its graph, each step with its end, the metrics, the report and the model that was registered are shown."""
    graph, _, run = shown.partition("after prepare")
    assert re.search(r"^ +prepare ", graph, re.MULTILINE)
    for step in ("prepare", "train", "evaluate"):
        assert re.search(rf"^ +{step} .*Completed", run, re.MULTILINE), step
    assert "Completed" in run
    assert '"flowers": 45' in shown
    assert rows(shown, "Models") == [["flowers", "1", "custom_model", "-"]]


def test_the_metrics_are_those_of_the_steps(shown: str, tmp_path: Path) -> None:
    """The accuracy on flowers that the model has not seen is that of the scripts run by hand, and it is a good one."""
    told = re.search(r'"test_accuracy": ([0-9.]+)', shown)
    assert told is not None
    for script, *words in (
        ("prepare", "--flowers", IRIS / "data/iris.csv", "--training", tmp_path / "a", "--test", tmp_path / "b"),
        ("train", "--training", tmp_path / "a", "--model", tmp_path / "m"),
        ("evaluate", "--model", tmp_path / "m", "--test", tmp_path / "b", "--report", tmp_path / "report.json"),
    ):
        code = PIPELINE / "src" / f"{script}.py"
        without_mlflow = ["-c", f"import runpy, sys; sys.modules['mlflow'] = None; runpy.run_path({str(code)!r})"]
        runs = [sys.executable, *without_mlflow, *map(str, words)]
        subprocess.run(runs, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(code.parent)})
    by_hand = json.loads((tmp_path / "report.json").read_text())["test_accuracy"]
    assert float(told[1]) == by_hand > 0.9
    assert f"test_accuracy {by_hand:.4g}" in " ".join(shown.split())


def test_without_mlflow_it_says_where_the_metrics_are(
    flowers: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine without MLflow the pipeline runs all the same, and how to see its metrics is told."""
    monkeypatch.setattr(pipeline_demo, "find_spec", lambda _: None)
    replace(flowers / "src" / "metrics.py", "    import mlflow\nexcept", "    raise ImportError\nexcept")
    assert main(["demo", str(flowers)]) == 0
    shown = capsys.readouterr().out
    assert "pip install 'mlsdk[local]'" in shown
    assert '"test_accuracy": ' in shown
    assert rows(shown, "Models") == [["flowers", "1", "custom_model", "-"]]


def test_a_pipeline_that_was_changed_runs_as_it_is(flowers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The files of the folder are what counts; those that the pipeline does without need not be there."""
    (flowers / "compute.yml").unlink()
    replace(flowers / "pipeline.yml", "azureml:cpu-cluster", "azureml:local")
    replace(flowers / "pipeline.yml", "name: flowers\n  report", "name: petals\n  report")
    assert main(["demo", str(flowers)]) == 0
    assert rows(capsys.readouterr().out, "Models") == [["petals", "1", "custom_model", "-"]]


def test_a_step_that_fails_says_why(flowers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The step's name, its exit code and the end of its log are told; the last step has not run."""
    replace(flowers / "src" / "train.py", "given = parser", "raise SystemExit('no rows')\ngiven = parser")
    assert main(["demo", str(flowers)]) == 1
    told = capsys.readouterr()
    assert "train: The command ended with exit code 1" in told.err
    assert "no rows" in told.err
    assert "Traceback" not in told.err
    assert not re.search("evaluate +Completed", told.out)


def test_mistakes_in_a_pipeline_are_told_before_anything_is_made(
    flowers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of the pipeline and of the compute together, with file and line."""
    replace(flowers / "pipeline.yml", "default_compute: azureml:", "default_compute: ")
    replace(flowers / "compute.yml", "max_instances", "max_instance")
    assert main(["demo", str(flowers)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert re.search(r"pipeline\.yml:18:20: settings\.default_compute: .* is no reference", told.err)
    assert "compute.yml:6:1" in told.err


def test_a_job_that_is_no_pipeline_is_refused(flowers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A `pipeline.yml` with another job in it is named with what it is."""
    shutil.copy(flowers / "sweep.yml", flowers / "pipeline.yml")
    assert "expected a job of type pipeline, found one of type sweep" in failure(capsys, "demo", str(flowers))


def test_what_it_wrote_is_shown_where_it_is_text(flowers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of long and of binary files only the size is told."""
    replace(flowers / "src" / "evaluate.py", "given.report.write_text(", "given.report.write_bytes(bytes(7))\nstr(")
    replace(flowers / "src" / "evaluate.py", ', encoding="utf-8"\n)', "\n)")
    assert main(["demo", str(flowers)]) == 0
    assert re.search(r"report: \S+, 7 bytes\n\n", capsys.readouterr().out)


# -- what it shows ---------------------------------------------------------------------------------------------------
def test_a_folder_shows_a_table_for_each_kind(shown_iris: str) -> None:
    """Every kind of the example stands in its table under its name."""
    shown = shown_iris
    assert [kind for kind in KINDS if not any(line.startswith(kind) for line in shown.splitlines())] == []
    assert rows(shown, "Workspace")[0][:2] == ["iris-demo", "eastus"]
    assert rows(shown, "Computes") == [["cpu-cluster", "amlcompute", "STANDARD_DS3_V2", "0 to 2", "Succeeded"]]
    assert ["flower_measurements", "AzureBlob", "flowermeasurements/incoming"] in rows(shown, "Datastores")
    assert [row[:2] for row in rows(shown, "Environments")] == [["plain-python", "1"]]
    assert [row[:3] for row in rows(shown, "Data")] == [["iris", "1", "uri_file"]]
    assert [row[:3] for row in rows(shown, "Components")] == [["train_iris", "1", "command"]]
    assert [row[:3] for row in rows(shown, "Models")] == [["iris-model", "1", "custom_model"]]


def test_the_datastores_of_azure_are_there_too(shown_iris: str) -> None:
    """A workspace in memory comes with the four datastores that Azure gives it."""
    names = {row[0] for row in rows(shown_iris, "Datastores")}
    assert names >= {"workspaceblobstore", "workspaceartifactstore", "workspacefilestore", "workspaceworkingdirectory"}


@pytest.mark.parametrize("which", ["shown", "shown_iris"])
def test_the_demo_fits_a_terminal(which: str, request: pytest.FixtureRequest) -> None:
    """No line is wider than 80 columns."""
    assert max(map(len, request.getfixturevalue(which).splitlines())) <= 80


def test_the_demo_takes_seconds(tmp_path: Path) -> None:
    """From the shell to the last line it takes less than ten seconds of this machine's work, MLflow's import included."""
    started = os.times()
    assert command(tmp_path, "demo").returncode == 0
    ended = os.times()
    assert ended.children_user + ended.children_system - started.children_user - started.children_system < 10


def test_the_model_is_what_the_script_wrote(shown_iris: str, tmp_path: Path) -> None:
    """The accuracy in the model's tags is that of the script run by hand, and it is a good one."""
    by_hand = [sys.executable, str(IRIS / "src/train.py"), "--data", str(IRIS / "data/iris.csv")]
    subprocess.run([*by_hand, "--model", tmp_path, "--metrics", tmp_path], check=True, stdout=subprocess.DEVNULL)
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["accuracy"] > 0.9
    assert f"accuracy={metrics['accuracy']:.4g}" in shown_iris.replace(",", " ").split()
    model = json.loads((tmp_path / "model.json").read_text())
    assert model["classes"] == ["setosa", "versicolor", "virginica"]


def test_the_data_are_the_real_ones() -> None:
    """150 flowers, 50 of each species, the first and the last as Fisher's table has them."""
    header, *flowers = (IRIS / "data/iris.csv").read_text().splitlines()
    assert header == "sepal_length,sepal_width,petal_length,petal_width,species"
    assert (flowers[0], flowers[-1]) == ("5.1,3.5,1.4,0.2,setosa", "5.9,3.0,5.1,1.8,virginica")
    assert [sum(row.endswith(name) for row in flowers) for name in ("setosa", "versicolor", "virginica")] == [50] * 3


# -- another folder --------------------------------------------------------------------------------------------------
def test_another_folder_is_applied(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the YAML of the folder says is what is made, and optional inputs and defaults reach the script."""
    replace(iris / "workspace.yml", "name: iris-demo", "name: mine")
    replace(iris / "data.yml", "name: iris\n", "name: petals\n")
    replace(iris / "component.yml", "    optional: true\n", "    optional: true\n    default: species\n")
    replace(iris / "component.yml", "default: 0.3", "default: 0.5")
    assert main(["demo", str(iris)]) == 0
    shown = capsys.readouterr().out
    assert "75 rows to learn from, 75 to measure" in shown
    assert rows(shown, "Workspace")[0][0] == "mine"
    assert [row[0] for row in rows(shown, "Models")] == ["petals-model"]


def test_a_folder_of_data_comes_back_as_it_was(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Data may be a folder; the script is given the folder that was registered."""
    (iris / "data" / "more").mkdir()
    (iris / "data" / "more" / "note.txt").write_text("nothing")
    replace(iris / "data.yml", "uri_file\npath: data/iris.csv", "uri_folder\npath: data")
    replace(iris / "component.yml", "    type: uri_file\n", "    type: uri_folder\n")
    replace(iris / "component.yml", "--data ${{inputs.data}}", "--data ${{inputs.data}}/iris.csv")
    assert main(["demo", str(iris)]) == 0
    assert [row[2] for row in rows(capsys.readouterr().out, "Data")] == ["uri_folder"]


# -- what goes wrong ---------------------------------------------------------------------------------------------------
def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A wrong folder ends with a sentence that names it, exit code 1 and no traceback."""
    ended = command(tmp_path, "demo", "nowhere")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("mlsdk demo: nowhere is no folder")
    assert ended.stderr.count("\n") == 1


def test_every_mistake_in_the_yaml_is_told_before_anything_is_made(
    iris: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mistakes in two files and a third file that is missing are told together, with file and line."""
    replace(iris / "compute.yml", "max_instances", "max_instance")
    replace(iris / "data.yml", "type: uri_file", "type: uri_fil")
    (iris / "environment.yml").unlink()
    assert main(["demo", str(iris)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "compute.yml:6:1" in told.err
    assert "max_instances" in told.err
    assert "data.yml:4:" in told.err
    assert "environment.yml: no such file" in told.err


def test_a_script_that_fails(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The script's own words are told with its exit code."""
    replace(iris / "data" / "iris.csv", "5.1,3.5,1.4,0.2,setosa\n4.9", "5.1,long,1.4,0.2,setosa\n4.9")
    told = failure(capsys, "demo", str(iris))
    assert "exit code 1" in told
    assert "Traceback" not in told
    assert "line 2, sepal_width: 'long' is no number" in told


def test_a_script_that_writes_no_model(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A model that is empty is not registered: the job has failed, and says so with the end of its log."""
    (iris / "src" / "train.py").write_text("print('nothing to do')")
    told = failure(capsys, "demo", str(iris))
    assert "the output 'model' was not written" in told
    assert "nothing to do" in told


def test_a_script_without_metrics(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A model is registered too when the script measures nothing."""
    (iris / "src" / "train.py").write_text("import sys; open(sys.argv[-1] + '/weights', 'w').write('1')")
    replace(iris / "component.yml", "  --metrics ${{outputs.metrics}}", "")
    text = (iris / "component.yml").read_text(encoding="utf-8")
    (iris / "component.yml").write_text(re.sub(r"  metrics:\n(    .*\n)+", "", text), encoding="utf-8")
    assert main(["demo", str(iris)]) == 0
    assert rows(capsys.readouterr().out, "Models") == [["iris-model", "1", "custom_model", "data=iris:1"]]


def test_a_component_that_has_no_model(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A component none of whose outputs is a model is refused by name."""
    replace(iris / "component.yml", "type: custom_model", "type: uri_folder")
    assert "component 'train_iris' writes no model" in failure(capsys, "demo", str(iris))


def test_an_input_that_nothing_fills(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A required input without a default is named."""
    replace(iris / "component.yml", "    default: 0.5\n", "")
    assert "input 'learning_rate' of component 'train_iris'" in failure(capsys, "demo", str(iris))


def test_what_the_service_refuses(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the service refuses is told once, with its code."""
    replace(iris / "compute.yml", "STANDARD_DS3_V2", "STANDARD_DX9_V2")
    told = failure(capsys, "demo", str(iris))
    assert told.count("STANDARD_DX9_V2") == 1
    assert "(InvalidVmSize)" in told


def test_data_that_are_not_there(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A path in the YAML that leads nowhere is named."""
    (iris / "data" / "iris.csv").unlink()
    assert "iris.csv" in failure(capsys, "demo", str(iris))


def test_data_that_are_elsewhere(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Data that would have to come from the network are refused by their address."""
    replace(iris / "data.yml", "path: data/iris.csv", "path: https://example.org/iris.csv")
    assert "https://example.org/iris.csv" in failure(capsys, "demo", str(iris))


def test_a_mistake_of_the_program_itself(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that was not meant for a user is named, and the way to its traceback told."""
    monkeypatch.setattr(demo, "read", lambda _: {}["a key"])
    assert failure(capsys, "demo") == "mlsdk demo: KeyError: 'a key' (--debug shows where)\n"


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt(), 130), (PermissionError(13, "Denied", "a file"), 1)])
def test_what_interrupts_it(raised: BaseException, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C and a machine that refuses end it without a traceback."""

    def read(_: Path) -> None:
        raise raised

    monkeypatch.setattr(demo, "read", read)
    assert main(["demo"]) == code


def test_ctrl_c_while_the_pipeline_runs_stops_it(
    flowers: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its Azure is gone with it, so that nothing is said of a job which goes on."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mlsdk.operations.job_watching.Watch.follow", interrupt)
    assert main(["demo", str(flowers)]) == 130
    assert capsys.readouterr().err == "mlsdk demo: stopped, with all that ran\n"


def test_debug_shows_where_it_failed() -> None:
    """With --debug the error is raised as it is."""
    with pytest.raises(ValidationException, match="nowhere is no folder"):
        main(["demo", "nowhere", "--debug"])


def test_files_that_change_on_the_way_are_noticed(iris: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that come back otherwise than they were sent end the demo."""
    fetch = component_demo.assets.download

    def spoiled(uri: str, destination: Path, *rest: object) -> object:
        found = fetch(uri, destination, *rest)
        next(destination.iterdir()).write_text("other")
        return found

    monkeypatch.setattr(component_demo.assets, "download", spoiled)
    with pytest.raises(mlsdk.exceptions.MlException, match=r"data 'iris' came back otherwise .*: iris\.csv"):
        list(demo.run(iris))


# -- the command ---------------------------------------------------------------------------------------------------
def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    """`mlsdk --version` says the package's version."""
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"mlsdk {mlsdk.__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_the_help_lists_the_commands(arguments: list[str], tmp_path: Path) -> None:
    """`mlsdk` alone and `mlsdk --help` tell what there is."""
    ended = command(tmp_path, *arguments)
    assert ended.returncode == 0
    assert "demo" in ended.stdout


def test_the_demo_ends_quietly_when_nobody_reads_on(tmp_path: Path) -> None:
    """`mlsdk demo | head` shows no traceback."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mlsdk", "demo"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(mlsdk.__file__).parent.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr as told:
        assert told.read() == b""
    assert process.wait(timeout=60) == 1


# -- its parts -------------------------------------------------------------------------------------------------------
def test_a_table_gives_way_where_it_is_widest() -> None:
    """A long cell loses its middle, short columns stay whole, and nothing is wider than 80 columns."""
    _, _, _, line = tables.table("Title", ["Name", "Path"], [["short", "start" + "x" * 100 + "end"]])
    assert len(line) == 80
    assert line.split()[0] == "short"
    assert line.split()[1].startswith("start")
    assert line.split()[1].endswith("end")


def test_an_empty_table_says_so() -> None:
    """No rows are told rather than shown as heads alone."""
    assert list(tables.table("Models", ["Name"], [])) == ["Models", "  none"]
