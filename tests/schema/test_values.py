"""What may be assigned: mapping forms, other spellings of a word, and the refusals that name the argument."""

from __future__ import annotations

import inspect
from enum import Enum
from pathlib import Path
from typing import Literal

import pytest

from mlsdk.exceptions import ValidationException
from mlsdk.schema.fields import Entity, Mapped, entity, tag, wire
from mlsdk.schema.values import Binding


class Tier(str, Enum):
    LOW = "LowPriority"


@entity
class Part(Entity, Mapped):
    key: str = wire("key", secret=True)
    note: str | None = wire("note", default=None)


@entity
class Thing(Entity):
    type: Literal["thing"] = tag("type", default="thing", wire="Thing")
    count: int | None = wire("count", default=None)
    ratio: float | None = wire("ratio", default=None)
    on: bool | None = wire("on", default=None)
    text: str | None = wire("text", default=None)
    tier: Literal["low_priority", "dedicated"] | None = wire("tier", default=None)
    part: Part | None = wire("part", default=None)
    parts: list[Part] | None = wire("parts", default=None)
    by_name: dict[str, Part] | None = wire("byName", default=None)
    size: int | Binding | None = wire("size", default=None)
    secret: int | None = wire("secret", default=None, secret=True)


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("count", "3", 3),
        ("count", 3.0, 3),
        ("ratio", 1, 1),
        ("ratio", "0.5", 0.5),
        ("on", "True", True),
        ("on", "off", False),
        ("on", 1, True),
        ("text", 1, "1"),
        ("text", Path("a"), "a"),
        ("tier", "LowPriority", "low_priority"),
        ("tier", Tier.LOW, "low_priority"),
        ("tier", "DEDICATED", "dedicated"),
        ("size", "${{inputs.n}}", "${{inputs.n}}"),
        ("size", "4", 4),
    ],
)
def test_other_spellings_of_a_value_are_taken(name: str, given: object, kept: object) -> None:
    """What clearly means an allowed value becomes it, in the constructor and on assignment."""
    assert getattr(Thing(**{name: given}), name) == kept  # type: ignore[arg-type]
    thing = Thing()
    setattr(thing, name, given)
    assert getattr(thing, name) == kept


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("count", "three", "expected a whole number, got str 'three'"),
        ("count", True, "expected a whole number, got bool True"),
        ("ratio", "much", "expected a number"),
        ("on", 2, "expected true or false"),
        ("text", True, "expected a text, got bool True"),
        ("text", ["a"], "expected a text, got list"),
        ("tier", "dedicate", "; did you mean 'dedicated'?"),
        ("part", {"kee": "x"}, "did you mean 'key'?"),
        ("part", 3, "expected Part or its mapping form, got int"),
        ("parts", {"key": "x"}, "expected a list"),
        ("by_name", {"a": {"note": "x"}}, "a: 'key' is required"),
        ("size", "many", "expected a whole number"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(name: str, given: object, told: str) -> None:
    """The error names class and argument and says what is expected, in the constructor and on assignment."""
    with pytest.raises(ValidationException) as error:
        Thing(**{name: given})  # type: ignore[arg-type]
    assert f"Thing({name}=…)" in str(error.value)
    assert told in str(error.value)
    thing = Thing()
    with pytest.raises(ValueError, match=r"Thing\("):
        setattr(thing, name, given)


def test_mapping_forms_become_entities_at_any_depth() -> None:
    """A mapping, a list of them and a mapping of them stand for the entity."""
    thing = Thing(part={"key": "a"}, parts=[{"key": "b"}, Part(key="c")], by_name={"d": {"key": "d"}})  # type: ignore[arg-type, list-item, dict-item]
    assert thing.part == Part(key="a")
    assert thing.parts == [Part(key="b"), Part(key="c")]
    assert thing.by_name == {"d": Part(key="d")}


def test_a_mistyped_keyword_or_attribute_is_refused_with_the_one_meant() -> None:
    """Nothing that is not known is swallowed."""
    with pytest.raises(TypeError, match=r"Thing\(\) has no argument 'cuont'; did you mean 'count'\?"):
        Thing(cuont=1)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        Thing().cuont = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match=r"Part\(\) missing 1 required keyword-only argument: 'key'"):
        Part()  # type: ignore[call-arg]


def test_a_tag_takes_its_own_word_only() -> None:
    """The type may be said, in any case; another type is refused."""
    assert Thing(type="Thing").type == "thing"  # type: ignore[arg-type]
    with pytest.raises(ValidationException, match="'other' is not one of 'thing'"):
        Thing(type="other")  # type: ignore[arg-type]


def test_secrets_stay_out_of_repr_text_and_errors() -> None:
    """Whatever shows an entity shows asterisks; the YAML form keeps the value."""
    part = Part(key="hunter2")
    thing = Thing(part=part, secret=7)
    assert "hunter2" not in repr(thing) + str(thing) + repr([part])
    assert "secret=7" not in repr(thing)
    assert part.to_dict() == {"key": "hunter2"}
    with pytest.raises(ValidationException) as error:
        Thing(secret="hunter2")  # type: ignore[arg-type]
    assert "hunter2" not in str(error.value)


def test_small_classes_have_the_manners_of_a_dictionary() -> None:
    """As in the official client, credentials and inputs answer by key."""
    part = Part(key="k")
    assert part["key"] == part.get("key") == "k"
    assert part.get("other", 3) == 3
    assert dict(part) == {"key": "k", "note": None}
    assert "note" in part
    assert part.has_key("key")
    part.update(note="n")
    part["key"] = "q"
    assert dict(part.items()) == {"key": "q", "note": "n"}
    with pytest.raises(KeyError):
        part["other"]
    del part["note"]
    assert (part.note, len(part), list(part)) == (None, 2, ["key", "note"])


def test_the_signature_of_a_constructor_tells_the_types() -> None:
    """Notebooks and editors show what each argument takes."""
    parameters = inspect.signature(Thing).parameters
    assert str(parameters["count"].annotation) == "int | None"
    assert parameters["tier"].kind is inspect.Parameter.KEYWORD_ONLY
