"""The YAML form inside a body: what is read of it, and what is kept of what is not."""

from __future__ import annotations

from typing import Any, Literal, Union

import pytest

from mlsdk.schema.fields import Entity, choice, entity, tag, wire
from mlsdk.schema.forms import form_of, form_reader
from mlsdk.schema.mappings import Names


@entity
class Leaf(Entity):
    """Something small."""

    size: int | None = wire(None, default=1)
    deep: str | None = wire(None, default=None, file="inner.deep")
    nowhere: str | None = wire(None, default=None, file=None)
    tags: dict[str, Any] = wire(None, factory=dict, missing=dict)


@entity
class Round(Entity):
    """One of two shapes."""

    type: Literal["round"] = tag(None, default="round")
    radius: int | None = wire(None, default=None)


@entity
class Square(Entity):
    """The other."""

    type: Literal["square"] = tag(None, default="square")
    side: int | None = wire(None, default=None)


Shape = Union[Round, Square]
choice(Shape, at="type")


@entity
class Tree(Entity):
    """Something that holds others."""

    leaf: Leaf | str | None = wire(None, default=None)
    leaves: list[Leaf] | None = wire(None, default=None)
    named: Names[Leaf] | None = wire(None, default=None)
    shape: Shape | None = wire(None, default=None)
    plain: dict[str, Any] | None = wire(None, default=None)


def test_a_form_is_read_at_every_level() -> None:
    """Entities in mappings, lists, unions and choices; what is left out is None, a default at construction is not made up."""
    tree = form_reader(Tree)(
        {
            "leaf": {"size": 2, "inner": {"deep": "d"}},
            "leaves": [{"size": 3}, {}],
            "named": {"a": {"size": 4}},
            "shape": {"type": "Square", "side": 5},
            "plain": {"x": 1},
        }
    )
    assert (tree.leaf.size, tree.leaf.deep, tree.leaf.nowhere, tree.leaf.tags) == (2, "d", None, {})
    assert [leaf.size for leaf in tree.leaves] == [3, None]
    assert tree.named.a.size == 4
    assert tree.shape == Square(side=5)
    assert tree.plain == {"x": 1}


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        (Leaf, "text"),
        (Leaf | str, "azureml:leaf:1"),
        (Shape, {"type": "oval"}),
        (Shape, "round"),
        (Names[Leaf], ["a"]),
        (list[Leaf], {"a": 1}),
        (tuple, (1,)),
    ],
)
def test_a_form_that_does_not_fit_stays_as_it_is(kind: Any, form: Any) -> None:
    """What the service says is never refused and never lost."""
    assert form_reader(kind)(form) == form


def test_unknown_keys_are_written_again() -> None:
    """A newer service may say more."""
    codec = form_of(Leaf)
    assert codec.dump(codec.load({"size": 2, "later": {"a": None}})) == {"size": 2, "tags": {}, "later": {"a": None}}
    assert codec.dump("as it is") == "as it is"
