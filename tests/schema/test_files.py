"""YAML files: every problem at once with its place, numbers that keep their digits, nothing lost on the way back."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Literal

import attrs
import pytest

from mlsdk.exceptions import ValidationException
from mlsdk.schema import files
from mlsdk.schema.bodies import to_body
from mlsdk.schema.fields import Entity, choice, entity, output, tag, wire

if TYPE_CHECKING:
    from pathlib import Path


@entity
class Target(Entity):
    id: str = wire("id")
    ready: bool = wire("ready", default=False)


@entity
class Rule(Entity):
    name: str = wire("name")
    state: str | None = output("state", file="state")


@entity
class LinkRule(Rule):
    type: Literal["link"] = tag("type", default="link", wire="Link")
    resource: str = wire("destination.resource", file="destination.resource_id")
    ready: bool = wire("destination.ready", default=False, file="destination.ready")


@entity
class NameRule(Rule):
    type: Literal["name"] = tag("type", default="name", wire="Name")
    destination: str = wire("destination")


choice(LinkRule | NameRule, at="type", base=Rule)


@entity
class KeyCredentials(Entity):
    key: str = wire("key", secret=True)


@entity
class TokenCredentials(Entity):
    token: str = wire("token", secret=True)


@entity
class Said(Entity):
    name: str = wire("name")
    tags: dict[str, str] | None = wire("tags", default=None)
    labels: list[str] | None = wire("labels", default=None)
    level: Literal["low", "high"] | None = wire("level", default=None)
    note: str | None = wire("note", default=None, nullable=True)
    free: dict[str, Any] | None = wire("free", default=None)


Credentials = KeyCredentials | TokenCredentials
choice(Credentials, at=None, file=None)


@entity
class Plan(Entity):
    name: str = wire("name")
    version: str | None = wire("version", default=None)
    count: int = wire("count", default=4)
    tags: dict[str, Any] = wire("tags", factory=dict)
    rules: list[Rule] | None = wire("rules", default=None)
    target: Target | str | None = wire("target", default=None)
    credentials: Credentials | None = wire("credentials", default=None)
    base_path: str = attrs.field(default=".", kw_only=True)


def problems(text: str) -> list[str]:
    """What is wrong with a plan, line by line."""
    with pytest.raises(ValidationException) as error:
        files.loads(text, Plan, "plan.yml")
    return str(error.value).splitlines()


def test_every_problem_is_told_at_once_with_line_and_column() -> None:
    """Unknown keys, wrong values, missing and doubled things are all found in one reading."""
    assert problems("""\
nmae: x
count: many
rules:
  - name: a
    type: link
    destination:
      resource_id: /r
      raedy: true
  - name: b
    type: lnk
  - type: name
    destination: [1]
target: {ready: maybe}
credentials: 3
""") == [
        "plan.yml:1:1: 'name' is required",
        "plan.yml:1:1: nmae: unknown field; did you mean 'name'?",
        "plan.yml:2:8: count: expected a whole number, got str 'many'",
        "plan.yml:8:7: rules.0.destination.raedy: unknown field; did you mean 'ready'?",
        "plan.yml:10:11: rules.1.type: str 'lnk' is not one of link, name; did you mean 'link'?",
        "plan.yml:11:5: rules.2: 'name' is required",
        "plan.yml:12:18: rules.2.destination: expected a text, got list",
        "plan.yml:13:9: target: 'id' is required",
        "plan.yml:13:17: target.ready: expected true or false, got str 'maybe'",
        "plan.yml:14:14: credentials: expected a mapping, got int",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: a\nname: b\n", "plan.yml:2:1: key 'name' is given twice"),
        ("name: [a\n", "plan.yml:2:1: "),
        ("", "plan.yml:1:1: the document is empty"),
        ("- a\n", "plan.yml:1:1: expected a mapping"),
        ("name: a\n---\nname: b\n", "plan.yml:2:1: "),
        ("name: !!python/object:os.system x\n", "plan.yml:1:7: "),
    ],
)
def test_a_text_that_is_no_mapping_says_where(text: str, told: str) -> None:
    """Broken YAML is an error of the same form as a wrong value."""
    assert problems(text)[0].startswith(told)


def test_numbers_keep_their_digits_where_a_text_stands() -> None:
    """`1.10` is the version 1.10; in free mappings numbers stay numbers."""
    plan = files.loads("name: 007\nversion: 1.10\ntags: {a: 1.50, b: 0x10, c: 2024-01-02, d: 12:30:00}\n", Plan)
    assert (plan.name, plan.version) == ("007", "1.10")
    assert plan.tags == {"a": 1.5, "b": 16, "c": "2024-01-02", "d": 45000}
    assert type(plan.tags["a"]) is float


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name:", "1:6: name: has no value; give one, or leave the key out"),
        ("name: a\ntags: {x: }", "tags.x: has no value"),
        ("name: a\nlabels: [x, null]", "labels.1: has no value"),
        ("name: a\nlevel: ' low'", "level: str ' low' is not one of 'low', 'high'"),
    ],
)
def test_a_key_without_a_value_and_a_word_spelled_another_way_are_mistakes_in_a_file(text: str, told: str) -> None:
    """A file says what it means; a key is left out, or has a value."""
    with pytest.raises(ValidationException) as caught:
        files.loads(text, Said)
    assert told in str(caught.value)
    found = files.loads("name: a\nlevel: High\nnote:\nfree: {a: }", Said)
    assert found == Said(name="a", level="high", note=None, free={"a": None})


def test_a_reference_or_its_definition_may_be_written() -> None:
    """A text is a reference, a mapping the thing itself."""
    assert files.loads("name: a\ntarget: azureml:x:1\n", Plan).target == "azureml:x:1"
    assert files.loads("name: a\ntarget: {id: /t}\n", Plan).target == Target(id="/t")


def test_the_member_of_a_union_is_told_by_its_word_or_by_its_keys() -> None:
    """Rules by their type, credentials by what they hold."""
    plan = files.loads("name: a\nrules: [{name: r, type: NAME, destination: d}]\ncredentials: {token: t}\n", Plan)
    assert plan.rules == [NameRule(name="r", destination="d")]
    assert plan.credentials == TokenCredentials(token="t")
    assert problems("name: a\nrules: [{name: r}]\n") == ["plan.yml:2:9: rules.0: 'type' is required: one of link, name"]


def test_another_file_may_be_named_and_its_problems_carry_its_name(tmp_path: Path) -> None:
    """`file:` reads a part from beside the file; what is wrong in there is told with that file's lines."""
    (tmp_path / "target.yml").write_text("id: /t\n")
    (tmp_path / "plan.yml").write_text("name: a\ntarget: file:target.yml\n")
    plan = files.load(tmp_path / "plan.yml", Plan)
    assert plan.target == Target(id="/t")
    assert plan.base_path == str(tmp_path)
    (tmp_path / "target.yml").write_text("id: /t\nreadi: 1\n")
    with pytest.raises(ValidationException, match=r"target\.yml:2:1: readi: unknown field; did you mean 'ready'"):
        files.load(tmp_path / "plan.yml", Plan)
    (tmp_path / "target.yml").unlink()
    with pytest.raises(ValidationException, match=r"plan\.yml:2:9: target: cannot read 'target\.yml'"):
        files.load(tmp_path / "plan.yml", Plan)


def test_values_are_replaced_by_dotted_path() -> None:
    """`params_override` reaches into mappings and lists and makes what is missing."""
    text = "name: a\nrules: [{name: r, type: name, destination: d}]\ntarget: azureml:x\n"
    overrides = [{"name": "b", "tags.owner.team": "me"}, {"rules[0].destination": "e"}]
    plan = files.loads(text, Plan, overrides=overrides)
    assert (plan.name, plan.tags, plan.rules[0].destination) == ("b", {"owner": {"team": "me"}}, "e")
    with pytest.raises(ValidationException, match="leads through 'target'"):
        files.loads(text, Plan, overrides=[{"target.id": "/t"}])


def test_a_source_may_be_a_path_or_an_open_file(tmp_path: Path) -> None:
    """All four ways to name a file give the same."""
    path = tmp_path / "p.yml"
    path.write_text("name: ä\n", encoding="utf-8-sig")
    with path.open(encoding="utf-8-sig") as text, path.open("rb") as binary:
        made = [files.load(source, Plan) for source in (path, str(path), text, binary)]
    assert {plan.name for plan in made} == {"ä"}
    assert files.load(io.StringIO("name: x\n"), Plan).base_path == "."


@pytest.mark.parametrize(
    ("content", "told"), [(None, "cannot read .*: No such file"), (b"\xff\xfe\xff", "not UTF-8 text")]
)
def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path, content: bytes | None, told: str) -> None:
    """Missing and foreign files are told as such."""
    path = tmp_path / "p.yml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValidationException, match=told):
        files.load(path, Plan)


def test_what_is_written_reads_back_to_the_same(tmp_path: Path) -> None:
    """`dump` and `load` are each other's reverse; an existing file is never overwritten."""
    plan = Plan(
        name="a",
        version="1.10",
        count=0,
        tags={"yes": "no", "n": "1"},
        rules=[LinkRule(name="r", resource="/x", ready=True)],
        credentials={"key": "k"},
    )  # type: ignore[arg-type]
    plan.dump(tmp_path / "p.yml")
    again = files.load(tmp_path / "p.yml", Plan)
    assert again.evolve(base_path=".") == plan
    assert again.to_dict() == plan.to_dict()
    assert to_body(again) == to_body(plan)
    with pytest.raises(FileExistsError):
        plan.dump(tmp_path / "p.yml")
    stream = io.StringIO()
    plan.dump(stream)
    assert stream.getvalue() == (tmp_path / "p.yml").read_text()


def test_what_only_the_service_sets_is_shown_and_passed_over_when_read() -> None:
    """A file written from an answer of the service can be sent again."""
    rule = files.loads("name: r\ntype: name\ndestination: d\nstate: Active\n", Rule)
    assert rule.state is None
    assert "state" not in rule.to_dict()


def test_merge_keys_are_followed() -> None:
    """YAML anchors work, and a problem in a merged mapping is told where it stands."""
    text = "name: a\ntags: &t {x: 1}\ntarget:\n  <<: {id: /t}\n  ready: true\n"
    assert files.loads(text, Plan).target == Target(id="/t", ready=True)
