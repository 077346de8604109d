"""`mlsdk demo`: the iris example from its YAML to a model that was read back, as a user sees it."""

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
from mlsdk.command_line import demo, step, tables
from mlsdk.exceptions import JobException, ValidationException

IRIS = demo.example()
KINDS = ("Workspace", "Computes", "Datastores", "Environments", "Data", "Components", "Models")


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, in `folder`."""
    return subprocess.run(
        [sys.executable, "-m", "mlsdk", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(mlsdk.__file__).parent.parent), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the demo prints in an empty folder."""
    folder = tmp_path_factory.mktemp("empty")
    ended = command(folder, "demo")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert not list(folder.iterdir()), "the demo left something behind"
    return ended.stdout


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


# -- what it shows ---------------------------------------------------------------------------------------------------
def test_the_demo_shows_a_table_for_each_kind(shown: str) -> None:
    """Every kind of the example stands in its table under its name."""
    assert [kind for kind in KINDS if not any(line.startswith(kind) for line in shown.splitlines())] == []
    assert rows(shown, "Workspace")[0][:2] == ["iris-demo", "eastus"]
    assert rows(shown, "Computes") == [["cpu-cluster", "amlcompute", "STANDARD_DS3_V2", "0 to 2", "Succeeded"]]
    assert ["flower_measurements", "AzureBlob", "flowermeasurements/incoming"] in rows(shown, "Datastores")
    assert [row[:2] for row in rows(shown, "Environments")] == [["plain-python", "1"]]
    assert [row[:3] for row in rows(shown, "Data")] == [["iris", "1", "uri_file"]]
    assert [row[:3] for row in rows(shown, "Components")] == [["train_iris", "1", "command"]]
    assert [row[:3] for row in rows(shown, "Models")] == [["iris-model", "1", "custom_model"]]


def test_the_datastores_of_azure_are_there_too(shown: str) -> None:
    """A workspace in memory comes with the four datastores that Azure gives it."""
    names = {row[0] for row in rows(shown, "Datastores")}
    assert names >= {"workspaceblobstore", "workspaceartifactstore", "workspacefilestore", "workspaceworkingdirectory"}


def test_the_demo_fits_a_terminal(shown: str) -> None:
    """No line is wider than 80 columns, and all is plain ASCII."""
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.isascii()


def test_the_demo_takes_seconds(tmp_path: Path) -> None:
    """From the shell to the last table it takes less than five seconds of this machine's work."""
    started = os.times()
    assert command(tmp_path, "demo").returncode == 0
    ended = os.times()
    assert ended.children_user + ended.children_system - started.children_user - started.children_system < 5


def test_the_model_is_what_the_script_wrote(shown: str, tmp_path: Path) -> None:
    """The accuracy in the model's tags is that of the script run by hand, and it is a good one."""
    by_hand = [sys.executable, str(IRIS / "src/train.py"), "--data", str(IRIS / "data/iris.csv")]
    subprocess.run([*by_hand, "--model", tmp_path, "--metrics", tmp_path], check=True, stdout=subprocess.DEVNULL)
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["accuracy"] > 0.9
    assert f"accuracy={metrics['accuracy']:.4g}" in shown.replace(",", " ").split()
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
    assert "line 2, sepal_width: 'long' is no number" in told


def test_a_script_that_writes_no_model(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A model that is empty is not registered."""
    (iris / "src" / "train.py").write_text("print('nothing to do')")
    assert "wrote nothing to its output 'model'" in failure(capsys, "demo", str(iris))


def test_a_script_without_metrics(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A model is registered too when the script measures nothing."""
    (iris / "src" / "train.py").write_text("import sys; open(sys.argv[-1] + '/weights', 'w').write('1')")
    replace(iris / "component.yml", "  --metrics ${{outputs.metrics}}", "")
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


def test_debug_shows_where_it_failed() -> None:
    """With --debug the error is raised as it is."""
    with pytest.raises(ValidationException, match="nowhere is no folder"):
        main(["demo", "nowhere", "--debug"])


def test_files_that_change_on_the_way_are_noticed(iris: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that come back otherwise than they were sent end the demo."""
    fetch = demo.assets.download

    def spoiled(uri: str, destination: Path, *rest: object) -> object:
        found = fetch(uri, destination, *rest)
        next(destination.iterdir()).write_text("other")
        return found

    monkeypatch.setattr(demo.assets, "download", spoiled)
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
def test_values_stay_one_word() -> None:
    """A path with spaces and quotes is one argument, and no shell reads what is in it."""
    words = step.arguments(
        "fit --data ${{ inputs.data }} --note 'a b' -o${{outputs.model}}",
        {"data": "/my files/it's; rm -r $HOME.csv"},
        {"model": "/out"},
    )
    assert words == ["fit", "--data", "/my files/it's; rm -r $HOME.csv", "--note", "a b", "-o/out"]


def test_an_optional_part_stands_only_with_its_input() -> None:
    """`$[[…]]` is left out when its input is not given."""
    line = "fit $[[--label ${{inputs.label}}]] --rate ${{inputs.rate}}"
    assert step.arguments(line, {"label": None, "rate": "0"}, {}) == ["fit", "--rate", "0"]
    assert step.arguments(line, {"label": "", "rate": "0"}, {}) == ["fit", "--label", "", "--rate", "0"]


def test_python_is_the_one_that_runs() -> None:
    """`python` in a command is this interpreter, whatever the PATH has."""
    assert step.arguments("python  train.py", {}, {}) == [sys.executable, "train.py"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "is empty"),
        ("fit && report", "'&&'"),
        ("fit; report", "';'"),
        ("fit > log", "'>'"),
        ("fit 'a", "No closing quotation"),
        ("fit ${{inputs.nothing}}", "inputs with one: rate"),
        ("fit ${{outputs.nothing}}", "outputs with one: none"),
    ],
)
def test_a_command_that_cannot_be_run_is_refused(line: str, why: str) -> None:
    """What needs a shell, or has no value, is told before anything starts."""
    with pytest.raises(ValidationException, match=why):
        step.arguments(line, {"rate": "1", "label": None}, {})


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """A command that does not exist is named."""
    with pytest.raises(JobException, match="no-such-program"):
        step.run(["no-such-program"], tmp_path)


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
