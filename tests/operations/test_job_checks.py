"""`jobs.validate`: all that is wrong with a job at once, each with its place in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlsdk import Input, MLClient, command, load_component, load_job
from mlsdk.dsl import pipeline
from mlsdk.entities import AmlCompute, CommandComponent
from mlsdk.exceptions import InputTypeWarning, ValidationException

if TYPE_CHECKING:
    from pathlib import Path

    from mlsdk.backends.memory import MemoryBackend

TRAIN = """\
name: train
type: command
code: ./src
environment: {image: 'python:3.11'}
inputs:
  data: {type: uri_folder}
  rate: {type: number, default: 0.1, min: 0, max: 1}
  count: {type: integer, optional: true}
outputs:
  model: {type: uri_folder}
command: >-
  python train.py ${{inputs.data}} ${{inputs.rate}}
  $[[--count ${{inputs.count}}]] ${{outputs.model}}
"""
FILE = """\
type: pipeline
inputs:
  rows: {type: uri_folder, path: ./data}
  table: {type: uri_file, path: 'https://a.b/c.csv'}
  many: 3
outputs:
  model: {type: uri_folder}
settings:
  default_compute: azureml:cpu
jobs:
  first:
    type: command
    component: ./train.yml
    inputs:
      data: ${{parent.inputs.rows}}
  second:
    type: command
    component: ./train.yml
    inputs:
      data: ${{parent.jobs.first.outputs.model}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with code, data and a component."""
    for folder in ("src", "data"):
        (tmp_path / folder).mkdir()
    (tmp_path / "src" / "train.py").write_text("")
    (tmp_path / "data" / "rows.csv").write_text("")
    (tmp_path / "train.yml").write_text(TRAIN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def lab(client: MLClient, project: Path) -> MLClient:  # noqa: ARG001 - the folder that it works in
    """A client of a workspace with a compute."""
    client.compute.begin_create_or_update(AmlCompute(name="cpu", size="Standard_DS3_v2")).result()
    return client


def found(client: MLClient, project: Path, *changes: tuple[str, str], of: str = FILE) -> list[str]:
    """What is told of a pipeline's file after texts in it were replaced: `line:column: place: what`."""
    text = of
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (project / "pipeline.yml").write_text(text)
    result = client.jobs.validate(load_job(project / "pipeline.yml"))
    shown = repr(result).splitlines()[1:]
    assert result.passed is not bool(shown)
    return [line.strip().removeprefix("pipeline.yml:") for line in shown]


@pytest.mark.shows("jobs.validate")
def test_a_pipeline_that_is_right_passes(lab: MLClient, project: Path) -> None:
    """Nothing is found, and nothing raised."""
    assert found(lab, project) == []


SECOND = "data: ${{parent.jobs.first.outputs.model}}"
ROWS = "data: ${{parent.inputs.rows}}"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([(ROWS, "rate: 0")], ["15:7: jobs.first.inputs.data: is required: the component has no default for it"]),
        ([(ROWS, "data: ${{parent.inputs.row}}")], ["15:13: jobs.first.inputs.data: the pipeline has no input 'row'; did"]),
        (
            [(SECOND, "data: ${{parent.jobs.frist.outputs.model}}")],
            ["20:13: jobs.second.inputs.data: there is no step 'frist'; did you mean 'first'?"],
        ),
        (
            [(SECOND, "data: ${{parent.jobs.first.outputs.modle}}")],
            ["20:13: jobs.second.inputs.data: the step 'first' has no output 'modle'; did you mean 'model'?"],
        ),
        (
            [(ROWS, "data: ${{parent.jobs.second.outputs.model}}")],
            ["12:5: jobs.first: waits for itself: first -> second -> first"],
        ),
        ([(ROWS, "data: ${{parent.inputs.many}}")], ["15:13: jobs.first.inputs.data: is ", "of type integer, but"]),
        ([(ROWS, f"{ROWS}\n      rate: ${{{{parent.inputs.rows}}}}")], ["16:13: jobs.first.inputs.rate: is ", "wants number"]),
        ([(ROWS, f"{ROWS}\n      rate: fast")], ["16:13: jobs.first.inputs.rate: expected a finite number", "'fast'"]),
        ([(ROWS, f"{ROWS}\n      rate: 7")], ["16:13: jobs.first.inputs.rate: is 7, but the component wants at most 1.0"]),
        ([(ROWS, f"{ROWS}\n      rat: 1")], ["16:12: jobs.first.inputs.rat: is no input", "did you mean 'rate'?"]),
        (
            [(SECOND, f"{SECOND}\n  third:\n    type: command\n    component: ./train.yml\n    inputs: {{data: a, rate: 1}}")],
            ["24:20: jobs.third.inputs.data: is 'a', but the component wants data of type uri_folder"],
        ),
        (
            [(SECOND, f"{SECOND}\n    outputs: {{model: '${{{{parent.outputs.modle}}}}'}}")],
            ["21:22: jobs.second.outputs.model: the pipeline has no output 'modle'; did you mean 'model'?"],
        ),
        ([("./data}", "./dta}")], ["3:34: inputs.rows.path: no such file or folder:"]),
        ([("  rows: {type: uri_folder, path: ./data}", "  rows: {type: uri_folder}")], ["3:9: inputs.rows: ", "has no path"]),
        ([("settings:\n  default_compute: azureml:cpu\n", "")], ["jobs.first.compute: is required", "jobs.second.compute"]),
        ([("azureml:cpu", "azureml:gpu")], ["9:20: settings.default_compute: there is no compute 'gpu' in workspace"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(
    lab: MLClient, project: Path, changes: list[tuple[str, str]], told: list[str]
) -> None:
    """The file, line and column, the step and the field, and what was meant."""
    lines = found(lab, project, *changes)
    for words in told:
        assert words in "\n".join(lines), lines


def test_all_is_told_at_once_in_the_order_of_the_file(lab: MLClient, project: Path) -> None:
    """Each problem is a line; `create_or_update` raises the same, and sends nothing."""
    lines = found(
        lab, project, ("./data}", "./dta}"), (ROWS, "rate: 2"), (SECOND, "data: ${{parent.jobs.x.outputs.y}}")
    )
    assert [line.partition(": ")[0] for line in lines] == ["3:34", "15:7", "15:13", "20:13"]
    with pytest.raises(ValidationException) as raised:
        lab.jobs.create_or_update(load_job("pipeline.yml"))
    assert [line.removeprefix("pipeline.yml:") for line in str(raised.value).splitlines()] == lines
    with pytest.raises(ValidationException, match="3:34"):
        lab.jobs.validate(load_job("pipeline.yml"), raise_on_failure=True)


def test_what_is_wrong_in_the_file_of_a_component_is_told_there(lab: MLClient, project: Path) -> None:
    """Once, however many steps run it."""
    (project / "train.yml").write_text(TRAIN.replace("train.py", "trian.py"))
    lines = found(lab, project)
    assert len(lines) == 1
    assert lines[0].startswith("train.yml:11:10: jobs.first.component.command: there is no 'trian.py' in the code")
    assert "did you mean 'train.py'?" in lines[0]


def test_a_step_that_is_written_out_is_told_of_where_it_stands(lab: MLClient, project: Path) -> None:
    """Its command names an input that it does not have."""
    step = "command: echo ${{inputs.rate}}\n    environment: azureml:env:1\n"
    lines = found(lab, project, ("component: ./train.yml\n", step))
    assert any(line.startswith("13:14: jobs.first.") and "inputs.rate" in line for line in lines), lines


def test_a_nested_pipeline_is_checked_too(lab: MLClient, project: Path) -> None:
    """What is wrong inside is told with its own file."""
    nested = (
        "type: pipeline\nname: sub\ninputs:\n  data: {type: uri_folder}\noutputs:\n  model: {type: uri_folder}\njobs:\n"
        "  one:\n    type: command\n    component: ./train.yml\n    inputs: {data: '${{parent.inputs.dat}}'}\n"
    )
    (project / "sub.yml").write_text(nested)
    lines = found(
        lab, project, ("type: command\n    component: ./train.yml", "type: pipeline\n    component: ./sub.yml")
    )
    assert len(lines) == 1
    assert lines[0].startswith(
        "sub.yml:11:20: jobs.first.component.jobs.one.inputs.data: the pipeline has no input 'dat'"
    )


def test_a_parameter_of_a_nested_pipeline_says_its_type(lab: MLClient) -> None:
    """Without one the service would be told of no such input, and what the step is given would be lost."""
    plain = command(command="echo ${{inputs.number}}", environment="azureml:env:1", inputs={"number": 1}, compute="cpu")

    @pipeline()
    def inner(number, rate: float, times=3):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - as users write it
        plain(number=number)
        plain(number=rate)
        plain(number=times)

    @pipeline()
    def outer() -> None:
        inner(number=1, rate=2, times=4)

    result = lab.jobs.validate(outer())
    assert list(result.error_messages) == ["jobs.inner.inputs.number"]
    assert "its type is not known" in result.error_messages["jobs.inner.inputs.number"]


def test_a_file_that_was_changed_since_is_told_of_without_lines(lab: MLClient, project: Path) -> None:
    """What is wrong is told all the same."""
    (project / "pipeline.yml").write_text(FILE.replace(ROWS, "rate: 0"))
    job = load_job("pipeline.yml")
    (project / "pipeline.yml").unlink()
    result = lab.jobs.validate(job)
    assert list(result.error_messages) == ["jobs.first.inputs.data"]
    assert result.places == {}


@pytest.mark.parametrize(
    "given",
    ["data: ${{parent.inputs.table}}", "data: {type: uri_file, path: 'https://a.b/c'}"],
    ids=["wired", "written"],
)
def test_a_file_where_a_folder_is_declared_is_a_warning(lab: MLClient, project: Path, given: str) -> None:
    """Azure takes it, as public pipelines show, so it is sent; the script may count on a folder, so it is said."""
    with pytest.warns(InputTypeWarning, match=r"jobs\.first\.inputs\.data: is .* but the component wants uri_folder"):
        assert not found(lab, project, (ROWS, given))


def test_what_python_builds_is_checked_as_well(lab: MLClient) -> None:
    """A pipeline that a function writes: a wire of the wrong type, an input that is not given."""
    train = load_component("train.yml")

    @pipeline(default_compute="cpu")
    def steps(rows: Any, number: int) -> None:
        train(data=number)
        train(data=rows, rate="quick")

    job = steps(number=3)  # type: ignore[call-arg]
    messages = lab.jobs.validate(job).error_messages
    assert set(messages) == {"inputs.rows", "jobs.train.inputs.data", "jobs.train_1.inputs.rate"}
    assert messages["inputs.rows"].startswith("is required: jobs.train_1.inputs.data takes it")


def test_an_optional_input_cannot_be_all_that_a_required_one_gets(lab: MLClient) -> None:
    """The pipeline may be run without it, the step may not."""
    train = load_component("train.yml")

    def steps(rows: Any, count: Any) -> None:
        train(data=rows, count=count)

    steps.__annotations__ = {
        name: Input(type=kind, optional=True) for name, kind in (("rows", "uri_folder"), ("count", "integer"))
    }
    messages = lab.jobs.validate(pipeline(default_compute="cpu")(steps)()).error_messages  # type: ignore[call-arg]
    assert list(messages) == ["inputs.rows"]
    assert "is optional, but" in messages["inputs.rows"]


def test_inputs_may_be_added_to_a_command_later(lab: MLClient) -> None:
    """What the command names is there then."""
    job: Any = command(command="echo ${{inputs.a}} ${{inputs.b}}", environment="env:1", compute="cpu", inputs={"a": 1})
    assert not lab.jobs.validate(job).passed
    job.inputs["b"] = 2
    assert lab.jobs.validate(job).passed


def test_scripts_that_a_command_makes_first_are_not_missed(lab: MLClient) -> None:
    """Only what has to be in the code folder is looked for."""
    for text in (
        "curl -o x.py https://a.b/x.py && python x.py",
        "python -m x.y",
        "cd sub && python x.py",
        "python /opt/x.py",
    ):
        assert lab.jobs.validate(command(command=text, code="./src", environment="env:1")).passed, text
    for text in ("pip install -r x.txt && python -u x.py", "A=1 python x.py", "python3 ./x.py --a 1"):
        assert not lab.jobs.validate(command(command=text, code="./src", environment="env:1")).passed, text


def test_nothing_is_sent_for_a_job_that_is_wrong(lab: MLClient, backend: MemoryBackend, project: Path) -> None:
    """Computes are looked up only when this side found nothing."""
    before = len(backend.requests)
    found(lab, project, (ROWS, "rate: 0"))
    assert len(backend.requests) == before
    found(lab, project)
    assert [one.path.rpartition("/")[2] for one in backend.requests[before:]] == ["cpu"]


def test_the_check_can_be_left_out(lab: MLClient) -> None:
    """With `skip_validation` the service judges."""
    component = CommandComponent(
        name="c", command="echo ${{inputs.x}}", environment="azureml:AzureML-sklearn-1.5@latest"
    )

    @pipeline(default_compute="cpu")
    def steps() -> None:
        component()

    assert not lab.jobs.validate(steps()).passed
    assert lab.jobs.create_or_update(steps(), skip_validation=True).name
