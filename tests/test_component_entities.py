"""Components, their inputs and outputs as Python objects and files: what a user sees of them."""

from __future__ import annotations

import copy
import pickle
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

import mlsdk
from mlsdk.entities import (
    CommandComponent,
    Component,
    Environment,
    Input,
    JobResourceConfiguration,
    MpiDistribution,
    Output,
    PyTorchDistribution,
    QueueSettings,
    ValidationResult,
)
from mlsdk.exceptions import UnknownArgumentWarning, ValidationException

if TYPE_CHECKING:
    from pathlib import Path

SOME: dict[str, Any] = {"name": "train", "command": "echo", "environment": "azureml:sklearn:1"}
HEAD = "name: train\ncommand: echo\nenvironment: azureml:sklearn:1\n"


def _spec(component: Component) -> dict[str, Any]:
    return mlsdk.to_wire(component)["properties"]["componentSpec"]  # type: ignore[no-any-return]


def _file(folder: Path, text: str) -> Path:
    path = folder / "component.yml"
    path.write_text(text, encoding="utf-8")
    return path


def _full(folder: Path) -> CommandComponent:
    (folder / "src").mkdir(exist_ok=True)
    return CommandComponent(
        **SOME,
        version="3",
        description="d",
        tags={"a": "b"},
        properties={"p": "q"},
        code="src",
        base_path=str(folder),
        inputs={
            "rate": Input(type="number", default=0, min=0, max=1.5),
            "data": Input(type="uri_folder", optional=True),
        },
        outputs={"model": Output(type="mlflow_model", description="m"), "score": Output(type="number")},
        distribution=PyTorchDistribution(process_count_per_instance=2),
        resources=JobResourceConfiguration(instance_count=2, properties={"x": {"y": 1}}),
        queue_settings=QueueSettings(job_tier="spot"),
        additional_includes=["../shared"],
    )


# -- forms -------------------------------------------------------------------------------------------------------
def test_the_definition_in_a_body_is_the_yaml_form(tmp_path: Path) -> None:
    """What is sent as `componentSpec` is what is written to a file, but for the word that says who made it."""
    component = _full(tmp_path)
    assert _spec(component) == {**component.to_dict(), "_source": "CLASS"}


def test_a_component_that_was_written_to_a_file_is_read_to_the_same(tmp_path: Path) -> None:
    """`dump`, then `load_component`: nothing is lost on the way."""
    component = _full(tmp_path)
    component.dump(tmp_path / "component.yml")
    assert mlsdk.load_component(tmp_path / "component.yml").to_dict() == component.to_dict()


def test_an_answer_of_the_service_is_read_to_typed_attributes(tmp_path: Path) -> None:
    """Defaults come back in the type of their input, references without their prefix, parts as their classes."""
    component = mlsdk.from_wire(Component, mlsdk.to_wire(_full(tmp_path)))
    assert isinstance(component, CommandComponent)
    assert (component.inputs.rate.default, component.inputs.rate.max, component.inputs.data.optional) == (
        0.0,
        1.5,
        True,
    )
    assert component.environment == "sklearn:1"
    assert component.distribution == PyTorchDistribution(process_count_per_instance=2)
    assert component.instance_count == 2
    assert component.client_component_hash
    assert component.description == "d"


def test_what_a_newer_service_says_is_sent_back_at_every_level(tmp_path: Path) -> None:
    """A key that this version does not know survives a change of something else."""
    body = mlsdk.to_wire(_full(tmp_path))
    spec = body["properties"]["componentSpec"]
    new = {"added": {"later": [1, None]}}
    for place in (
        body["properties"],
        body["properties"]["properties"],
        spec,
        spec["inputs"]["rate"],
        spec["outputs"]["score"],
        spec["distribution"],
        spec["resources"],
        spec["queue_settings"],
    ):
        place.update(copy.deepcopy(new))
    component = mlsdk.from_wire(Component, copy.deepcopy(body))
    component.description = "changed"
    again = mlsdk.to_wire(component)
    assert again["properties"]["description"] == again["properties"]["componentSpec"]["description"] == "changed"
    for one in (again, body):
        one["properties"].pop("description")
        one["properties"]["componentSpec"].pop("description")
        one["properties"]["properties"].pop("client_component_hash")
    assert again == body


def test_tags_changed_since_are_those_of_the_asset() -> None:
    """Where the asset's own tags and those in its definition differ, the asset's are newer."""
    body = mlsdk.to_wire(CommandComponent(**SOME, tags={"a": "old"}))
    body["properties"]["tags"] = {"a": "new"}
    assert mlsdk.from_wire(Component, body).tags == {"a": "new"}


def test_tags_are_sent_as_text() -> None:
    """The service knows no other; the official client sends numbers beside the definition and texts in it."""
    body = mlsdk.to_wire(CommandComponent(**SOME, tags={"a": 1, "b": True, "c": None}))["properties"]
    assert body["tags"] == body["componentSpec"]["tags"] == {"a": "1", "b": "True"}


def test_a_component_says_where_it_comes_from(tmp_path: Path) -> None:
    """`_source` tells the service: Python, a file, a workspace, a registry."""
    made = CommandComponent(**SOME)
    body = mlsdk.to_wire(made)
    ids = {
        "REMOTE.WORKSPACE.COMPONENT": "/subscriptions/s/resourceGroups/g/components/train/versions/1",
        "REMOTE.REGISTRY": "azureml://registries/r/components/train/versions/1",
    }
    assert _spec(made)["_source"] == "CLASS"
    assert _spec(mlsdk.load_component(_file(tmp_path, HEAD)))["_source"] == "YAML.COMPONENT"
    for word, found in ids.items():
        assert _spec(mlsdk.from_wire(Component, {**copy.deepcopy(body), "id": found}))["_source"] == word


def test_a_type_of_a_later_version_is_kept_whole() -> None:
    """A component that this version cannot make may still be listed, read and sent back."""
    body = mlsdk.to_wire(CommandComponent(**SOME))
    body["properties"]["componentSpec"].update(type="later", steps={"a": 1})
    body["properties"]["componentSpec"].pop("command")
    component = mlsdk.from_wire(Component, copy.deepcopy(body))
    assert (type(component), component.type, component.name) == (Component, "later", "train")
    again = mlsdk.to_wire(component)
    for one in (again, body):
        one["properties"]["properties"].pop("client_component_hash")
    assert again == body


def test_a_list_of_components_says_their_names() -> None:
    """What a list holds is the component itself, of which no version is meant."""
    component = mlsdk.from_wire(Component, {"name": "train", "properties": {"description": "d", "tags": {"a": "b"}}})
    assert (component.name, component.description, component.tags) == ("train", "d", {"a": "b"})


# -- names and versions ------------------------------------------------------------------------------------------
def test_a_component_without_a_name_is_named_by_its_definition() -> None:
    """The same definition has the same version, another one another; a named component keeps its own."""
    first, same, other = (CommandComponent(command=text, environment="e:1") for text in ("a", "a", "b"))
    assert first.name == "azureml_anonymous"
    assert first.named().version == same.named().version != other.named().version
    assert mlsdk.to_wire(first.named())["properties"]["isAnonymous"] is True
    assert _spec(first.named())["version"] == "1"
    named = CommandComponent(**SOME)
    assert named.named() is named


def test_the_hash_of_a_named_component_leaves_its_version_out() -> None:
    """Two versions of one definition have one hash, so that a client can tell that nothing changed."""
    one, two, other = (
        mlsdk.to_wire(CommandComponent(**{**SOME, **more}))["properties"]["properties"]["client_component_hash"]
        for more in ({"version": "1"}, {"version": "2"}, {"command": "other"})
    )
    assert one == two != other


def test_a_version_without_a_name_is_refused() -> None:
    """A version of nothing cannot be meant."""
    with pytest.raises(ValidationException, match="needs a name"):
        CommandComponent(version="1")


# -- inputs and outputs ------------------------------------------------------------------------------------------
def test_inputs_answer_by_key_and_by_attribute() -> None:
    """`component.inputs["x"]` and `component.inputs.x` are the same, and a wrong name says what there is."""
    component = CommandComponent(**SOME, inputs={"rate": {"type": "number"}})
    assert component.inputs.rate is component.inputs["rate"]
    component.inputs.data = Input(type="uri_file")
    assert list(component.inputs) == ["rate", "data"]
    assert "rate" in dir(component.inputs)
    with pytest.raises(AttributeError, match="did you mean 'rate'"):
        component.inputs.rat  # noqa: B018 - asking is the test
    del component.inputs.rate
    with pytest.raises(AttributeError):
        del component.inputs.rate
    assert list(component.inputs.copy()) == ["data"]


def test_inputs_survive_copies_and_pickles() -> None:
    """A copied component has inputs of its own."""
    component = CommandComponent(**SOME, inputs={"rate": Input(type="number", default=1)})
    for other in (copy.deepcopy(component), pickle.loads(pickle.dumps(component))):  # noqa: S301 - our own bytes
        assert other.to_dict() == component.to_dict()
        other.inputs.rate.default = 2
    assert component.inputs.rate.default == 1


def test_assigned_mappings_become_inputs() -> None:
    """What may be given at construction may be assigned too."""
    component = CommandComponent(**SOME)
    component.inputs = {"rate": {"type": "integer", "default": "3"}}  # type: ignore[assignment]
    assert component.inputs.rate == Input(type="integer", default=3)
    with pytest.raises(ValidationException, match=r"Component\(inputs=…\): rate: expected Input"):
        component.inputs = {"rate": 3}  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"type": "integer", "default": "x"}, r"Input\(default=…\): expected a whole number.*str 'x'"),
        ({"type": "integer", "default": 1.5}, "expected a whole number"),
        ({"type": "integer", "default": "1.5"}, "expected a whole number"),
        ({"type": "integer", "default": True}, "expected a whole number"),
        ({"type": "number", "default": float("nan")}, "expected a finite number"),
        ({"type": "boolean", "default": "maybe"}, "expected true or false"),
        ({"type": "number", "min": "low"}, r"Input\(min=…\): .*expected a number, got str 'low'"),
        ({"type": "string", "max": 3}, "has no max; only numbers and integers have"),
        ({"type": "string", "path": "p"}, "has no path"),
        ({"type": "uri_file", "default": "x"}, "has no default; only boolean, integer, number, string have"),
        ({"type": "uri_file", "max": 1}, "has no max"),
    ],
)
def test_a_wrong_input_is_refused_by_name(arguments: dict[str, Any], told: str) -> None:
    """The error names the argument, and what was expected of it."""
    with pytest.raises(ValidationException, match=told):
        Input(**arguments)


@pytest.mark.parametrize("arguments", [{"name": "a b"}, {"name": "a" * 256}, {"version": "1"}])
def test_an_output_is_registered_under_a_name_that_is_allowed(arguments: dict[str, Any]) -> None:
    """Letters, digits, hyphens and underscores; a version needs a name."""
    with pytest.raises(ValidationException, match="name"):
        Output(**arguments)


def test_inputs_and_outputs_have_the_manners_of_a_mapping() -> None:
    """`x["path"]`, `x.get(…)` and `dict(x)` work, as public code uses them."""
    given = Input(type="uri_file", path="p")
    assert (given["path"], given.get("nothing", 1), dict(given)["type"]) == ("p", 1, "uri_file")
    given["mode"] = "download"
    assert given.mode == "download"
    assert given == Input(type="uri_file", path="p", mode="download")


def test_unknown_arguments_are_warned_of() -> None:
    """The official client swallows them; a slip of the pen should not go unseen."""
    with pytest.warns(
        UnknownArgumentWarning, match=r"Input\(optinal=…\) is not known and left out; did you mean 'optional'"
    ):
        assert Input(optinal=True) == Input()  # type: ignore[call-arg]
    with pytest.warns(UnknownArgumentWarning, match="instance_coun"):
        CommandComponent(**SOME, resources={"instance_coun": 2})
    with pytest.warns(
        UnknownArgumentWarning, match=r"descripton=…\) is not known and sent as it is; did you mean 'description'"
    ):
        assert _spec(CommandComponent(**SOME, descripton="d"))["descripton"] == "d"  # type: ignore[call-arg]


# -- nothing is lost ---------------------------------------------------------------------------------------------
def test_what_a_component_does_not_know_is_sent_as_it_is() -> None:
    """Keys at the top of a component are open; only what has no value is left out, lists keep their length."""
    component = CommandComponent(**SOME, stage="dev", more={"a": None, "b": [1, None, {"c": None}], "e": {}})  # type: ignore[call-arg]
    assert {key: component.to_dict()[key] for key in ("stage", "more")} == {
        "stage": "dev",
        "more": {"b": [1, None, {}], "e": {}},
    }
    assert _spec(component)["more"] == component.to_dict()["more"]
    assert mlsdk.from_wire(Component, mlsdk.to_wire(component)).to_dict() == component.to_dict()
    assert component.evolve(version="2").to_dict()["stage"] == "dev"


@pytest.mark.parametrize(
    ("written", "sent"), [("3", "3"), ("1.10", "1.10"), ("010", "010"), ("0x1F", "0x1F"), ("true", "True")]
)
def test_a_default_of_a_text_keeps_its_digits(tmp_path: Path, written: str, sent: str) -> None:
    """`{type: string, default: 1.10}` is the text "1.10"; the official client sends "1.1", and "3.0" for 3."""
    path = _file(tmp_path, f"{HEAD}inputs:\n  x: {{type: string, default: {written}}}\n")
    assert _spec(mlsdk.load_component(path))["inputs"]["x"]["default"] == sent


@pytest.mark.parametrize(("written", "value"), [("010", 8), ("0x1F", 31), ("1_000", 1000)])
def test_a_default_of_a_number_is_its_value(tmp_path: Path, written: str, value: int) -> None:
    """However YAML writes a whole number."""
    path = _file(tmp_path, f"{HEAD}inputs:\n  x: {{type: integer, default: {written}, max: {written}}}\n")
    port = mlsdk.load_component(path).inputs.x
    assert (port.default, port.max) == (value, value)


def test_properties_of_resources_are_sent() -> None:
    """The official client drops them from components without a word."""
    component = CommandComponent(**SOME, resources={"instance_count": 1, "properties": {"a": {"b": 1}}})
    assert _spec(component)["resources"] == {"instance_count": 1, "properties": {"a": {"b": 1}}}


def test_queue_settings_are_sent(tmp_path: Path) -> None:
    """The official client takes them from a file, and then fails to send them."""
    component = mlsdk.load_component(_file(tmp_path, f"{HEAD}queue_settings: {{job_tier: Spot, priority: LOW}}\n"))
    assert _spec(component)["queue_settings"] == {"job_tier": "spot", "priority": "low"}


def test_local_code_is_sent_with_its_whole_path_also_when_it_is_not_there(tmp_path: Path) -> None:
    """The official client sends `azureml:nope`, as if it were a snapshot's name."""
    component = CommandComponent(**SOME, code="./nope", base_path=str(tmp_path))
    assert component.to_dict()["code"] == str(tmp_path / "nope")
    assert component.code == "./nope"


# -- files -------------------------------------------------------------------------------------------------------
def test_all_that_is_wrong_with_a_file_is_told_at_once(tmp_path: Path) -> None:
    """Each problem with its place, what it is, and what was probably meant."""
    path = _file(
        tmp_path,
        "name: Train\n"
        "command: echo\n"
        "environment: sklearn:1\n"
        "code: ./nope\n"
        "tags: {n: 1}\n"
        "description:\n"
        "inputs:\n"
        "  a: {type: uri_flie}\n"
        "  b: {type: number, mode: direct}\n"
        "  c:\n"
        "  d: {type: integer, default: x}\n"
        "  e: {type: string, enum: [1]}\n"
        "  f: {type: uri_file, mode: Mount, colour: red}\n"
        "outputs:\n"
        "  o: {type: uri_file, early_available: true}\n"
        "resources: {instance_count: }\n",
    )
    with pytest.raises(ValidationException) as caught:
        mlsdk.load_component(path)
    told = [line.removeprefix(f"{path}:") for line in str(caught.value).splitlines()]
    expected = [
        ("1:7", "name: 'Train' cannot be the name of a component"),
        ("3:14", "environment: str 'sklearn:1' is not azureml:name:version"),
        ("4:7", "code: str './nope' is not a file or folder"),
        ("5:11", "tags.n: expected a text, got int 1; put it in quotes"),
        ("6:13", "description: has no value"),
        ("8:13", "inputs.a.type: str 'uri_flie' is not one of"),
        ("9:21", "inputs.b.mode: not for the inputs of type 'number' of a component"),
        ("10:5", "inputs.c: has no value"),
        ("11:6", "inputs.d: Input(default=…): expected a whole number"),
        ("12:27", "inputs.e.enum: expected a list of texts"),
        ("13:29", "inputs.f.mode: str 'Mount' is not one of"),
        ("13:36", "inputs.f.colour: unknown field"),
        ("15:23", "outputs.o.early_available: not for the outputs of type 'uri_file'"),
        ("16:29", "resources.instance_count: has no value"),
    ]
    assert [line.split(": ")[0] for line in told] == [place for place, _ in expected]
    for line, (_, what) in zip(told, expected, strict=True):
        assert what in line
    assert "did you mean 'uri_file'" in told[5]


def test_an_unknown_type_says_which_are_known(tmp_path: Path) -> None:
    """The types of components that this version can make."""
    with pytest.raises(ValidationException, match=r"'comand' is not one of command, .*; did you mean 'command'"):
        mlsdk.load_component(_file(tmp_path, f"{HEAD}type: comand\n"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("resources: {instances: 2}", "resources.instances is not known and left out"),
        ("distribution: {type: mpi, worker_count: 2}", "distribution.worker_count is not known and left out"),
        ("outputs:\n  o: {type: string, is_control: true}", "outputs.o.is_control is not known and left out"),
        ("descripton: d", "did you mean 'description'"),
    ],
)
def test_what_a_file_says_and_nobody_knows_is_warned_of(tmp_path: Path, text: str, told: str) -> None:
    """The official client leaves it out, or sends it, without a word."""
    with pytest.warns(UnknownArgumentWarning, match=told):
        mlsdk.load_component(_file(tmp_path, f"{HEAD}{text}\n"))


def test_an_environment_in_a_file_is_anonymous(tmp_path: Path) -> None:
    """Its name counts for nothing; its version is the hash of what it says."""
    text = "name: train\ncommand: echo\nenvironment: {name: mine, version: 7, image: i}\n"
    environment = mlsdk.load_component(_file(tmp_path, text)).to_dict()["environment"]
    assert environment == {"name": "CliV2AnonymousEnvironment", "image": "i", "version": Environment(image="i").version}


# -- what operations ask -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, {}),
        ({"name": "Train"}, {"name": "'Train' cannot be the name"}),
        ({"command": None, "environment": None}, {"command": "is required", "environment": "is required"}),
        ({"command": "${{inputs.x}} ${{ outputs.y }} ${{name}}"}, {"command": "inputs.x, outputs.y: no such input"}),
        ({"command": "${{inputs.word}}", "inputs": {"words": Input()}}, {"command": "; did you mean 'inputs.words'?"}),
        ({"command": "${{inputs.a.b}} ${{inputs.a}} ${{inputs}}", "inputs": {"a": Input()}}, {}),
        ({"command": "${{inputs.g.b}}", "inputs": {"g.b": Input()}}, {}),
        ({"inputs": {"1a": Input()}}, {"inputs.1a": "cannot be a name"}),
        ({"inputs": {"A": Input(), "a": Input()}}, {"inputs.a": "'a' and 'A' differ by case only"}),
        ({"inputs": {"a": Input(type="uri_flie")}}, {"inputs.a.type": "did you mean 'uri_file'"}),
        ({"outputs": {"o": Output(mode="Upload")}}, {"outputs.o.mode": "did you mean 'upload'"}),
        ({"outputs": {"o": Output(early_available=True)}}, {"outputs.o": "early_available is for"}),
        ({"code": "nope"}, {"code": "no such file or folder"}),
        ({"code": "git+https://github.com/a/b"}, {"code": "a git address is not supported"}),
        ({"code": "azureml:c:1"}, {}),
        ({"code": "/subscriptions/s/codes/c/versions/1"}, {}),
        ({"code": "src", "additional_includes": ["shared.txt"]}, {}),
        ({"code": "src", "additional_includes": ["nope"]}, {"additional_includes": "no such file or folder"}),
        (
            {"code": "src", "additional_includes": ["other/train.py"]},
            {"additional_includes": "train.py is in the code folder"},
        ),
        ({"additional_includes": ["other.zip"]}, {}),
    ],
)
def test_what_is_wrong_is_found_before_anything_is_sent(
    tmp_path: Path, arguments: dict[str, Any], expected: dict[str, str]
) -> None:
    """Each problem under the place that it is about."""
    _folders(tmp_path)
    found = ValidationResult.of(CommandComponent(**{**SOME, **arguments}, base_path=str(tmp_path)).problems())
    assert list(found.error_messages) == list(expected)
    assert found.passed is not bool(expected)
    for place, told in expected.items():
        assert told in found.error_messages[place]


def test_a_result_shows_what_is_wrong() -> None:
    """Several problems of one place are told together."""
    result = ValidationResult.of([("a", "one"), ("b", "two"), ("a", "three")])
    assert result.error_messages == {"a": "one; three", "b": "two"}
    assert repr(result) == "ValidationResult(passed=False)\n  a: one; three\n  b: two"


@pytest.mark.parametrize("arguments", [{"inputs": {"a": Input(type="uri_flie")}}, {"outputs": {"o": Output(mode="x")}}])
def test_an_impossible_input_is_never_sent(arguments: dict[str, Any]) -> None:
    """Nothing that the service cannot read leaves this side."""
    with pytest.raises(ValidationException, match="is not one of"):
        mlsdk.to_wire(CommandComponent(**SOME, **arguments))


def test_instance_count_is_a_part_of_resources() -> None:
    """It may be given and set in the place of resources, not beside them."""
    component = CommandComponent(**SOME, instance_count=2)
    assert component.resources == JobResourceConfiguration(instance_count=2)
    component.instance_count = 3
    assert component.resources is not None
    assert component.resources.instance_count == component.evolve().instance_count == 3
    with pytest.raises(ValidationException, match="not both"):
        CommandComponent(**SOME, instance_count=1, resources={})


def test_a_distribution_may_be_a_mapping() -> None:
    """The type tells which; a wrong one says which there are."""
    component = CommandComponent(**SOME, distribution={"type": "MPI", "process_count_per_instance": 2})
    assert component.distribution == MpiDistribution(process_count_per_instance=2)
    with pytest.raises(ValidationException, match="'mpii' is not one of mpi, pytorch, tensorflow, ray"):
        component.distribution = {"type": "mpii"}  # type: ignore[assignment]


# -- additional includes -----------------------------------------------------------------------------------------
def _folders(root: Path) -> None:
    for name, text in {
        "src/train.py": "1",
        "src/.amlignore": "*.log\n",
        "src/run.log": "x",
        "src/__pycache__/train.pyc": "x",
        "shared.txt": "2",
        "other/train.py": "3",
        "other/deep/a.txt": "4",
        "other/deep/a.log": "x",
        "other/.gitignore": "b.txt\n",
        "other/b.txt": "x",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_includes_are_put_beside_the_code(tmp_path: Path) -> None:
    """Files and folders come together in one folder, without what ignore files leave out; it is gone afterwards."""
    _folders(tmp_path)
    component = CommandComponent(
        **SOME, code="src", additional_includes=["shared.txt", "./other"], base_path=str(tmp_path)
    )
    with component.code_folder() as folder:
        assert folder is not None
        assert folder.name == "code_with_additional_includes"
        assert _content(folder) == {
            "train.py": "1",
            ".amlignore": "*.log\n",
            "shared.txt": "2",
            "other/train.py": "3",
            "other/deep/a.txt": "4",
            "other/.gitignore": "b.txt\n",
        }
    assert not folder.exists()


@pytest.mark.parametrize(("code", "expected"), [(None, {}), ("shared.txt", {"shared.txt": "2"})])
def test_includes_need_no_code_folder(tmp_path: Path, code: str | None, expected: dict[str, str]) -> None:
    """Code may be one file, or nothing but what is included."""
    _folders(tmp_path)
    component = CommandComponent(**SOME, code=code, additional_includes=["src/train.py"], base_path=str(tmp_path))
    with component.code_folder() as folder:
        assert folder is not None
        assert _content(folder) == {"train.py": "1", **expected}


def test_a_folder_is_packed_where_its_zip_is_asked_for(tmp_path: Path) -> None:
    """`other.zip` packs the folder `other`, with the same bytes each time."""
    _folders(tmp_path)
    component = CommandComponent(**SOME, code="src", additional_includes=["other.zip"], base_path=str(tmp_path))
    packed = []
    for _ in range(2):
        with component.code_folder() as folder:
            assert folder is not None
            packed.append((folder / "other.zip").read_bytes())
            with zipfile.ZipFile(folder / "other.zip") as file:
                names = file.namelist()
    assert packed[0] == packed[1]
    assert names == ["other/", "other/.gitignore", "other/deep/a.txt", "other/train.py"]


def test_a_missing_include_fails_before_anything_is_uploaded(tmp_path: Path) -> None:
    """The error says where it was looked for."""
    component = CommandComponent(**SOME, additional_includes=["nope"], base_path=str(tmp_path))
    with pytest.raises(ValidationException, match="nope"), component.code_folder():
        pass


def test_a_snapshot_holds_its_includes_already(tmp_path: Path) -> None:
    """A registered component may be changed where its includes are not."""
    code = "/subscriptions/s/resourceGroups/g/providers/p/workspaces/w/codes/c/versions/1"
    component = CommandComponent(**SOME, code=code, additional_includes=["nope"], base_path=str(tmp_path))
    assert list(component.problems()) == []
    with component.code_folder() as folder:
        assert folder is None


def test_code_alone_is_uploaded_where_it_is(tmp_path: Path) -> None:
    """Without includes nothing is copied."""
    with CommandComponent(**SOME, code=str(tmp_path)).code_folder() as folder:
        assert folder is None
    with Component(name="a").code_folder() as folder:
        assert folder is None


def test_a_component_is_shown_as_its_file() -> None:
    """`print(component)` shows the YAML form."""
    assert str(CommandComponent(**SOME)) == (
        "name: train\ntype: command\nis_deterministic: true\ncommand: echo\nenvironment: azureml:sklearn:1\n"
    )


def test_a_component_made_with_an_id_is_the_registered_one() -> None:
    """Where it comes from follows from the id."""
    for found, word in (
        ("azureml://registries/r/components/c", "REMOTE.REGISTRY"),
        ("/subscriptions/s", "REMOTE.WORKSPACE.COMPONENT"),
    ):
        assert _spec(CommandComponent(**SOME, id=found))["_source"] == word
