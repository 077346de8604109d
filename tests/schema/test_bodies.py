"""Entities and ARM bodies: what is sent, what is kept, what is never echoed."""

from __future__ import annotations

import copy
import pickle
from typing import Any, Literal

import attrs
import pytest

from mlsdk.schema import codecs
from mlsdk.schema.bodies import WireError, from_body, to_body
from mlsdk.schema.fields import UNSET, Entity, choice, constant, entity, output, tag, wire


@entity
class Lock(Entity):
    user: str = wire("userName")
    password: str | None = wire("userPassword", default=None, secret=True)


@entity
class Shelf(Entity):
    """A base class."""

    name: str = wire("name", sent=False)
    tags: dict[str, Any] = wire("tags", factory=dict, missing=dict)
    id: str | None = output("id")
    state: str | None = output("properties.provisioningState")


@entity(constants=(constant("properties.osType", "Linux"),))
class Crate(Shelf):
    type: Literal["crate"] = tag("properties.kind", default="crate", wire="Crate")
    size: int | None = wire("properties.deep.size", default=4)
    idle: int | None = wire("properties.deep.idle", default=None, codec=codecs.seconds)
    open: bool | None = wire(
        "properties.port",
        default=None,
        codec=codecs.enabled,
        absent="NotSpecified",
        also={"properties.closed": lambda value: not value, "properties.never": lambda _: UNSET},
    )
    lock: Lock | None = wire("properties.lock", default=None)
    locks: list[Lock] | None = wire("properties.locks", default=None)
    named: dict[str, Lock] | None = wire("properties.named", default=None)
    notes: dict[str, Any] | None = wire("properties.notes", default=None, empty=False)


@entity
class Basket(Shelf):
    type: Literal["basket"] = tag("properties.kind", default="basket", wire="Basket")


choice(Crate | Basket, at="properties.kind", base=Shelf)


@entity
class Holder(Entity):
    value: Lock | str | None = wire("value", default=None)


def test_a_body_carries_what_was_set_at_its_paths() -> None:
    """Each attribute stands at its own place, tags, constants and derived places included."""
    body = to_body(Crate(name="c", size=3, idle=90, open=True, lock=Lock(user="u", password="p")))
    assert body == {
        "tags": {},
        "properties": {
            "kind": "Crate",
            "osType": "Linux",
            "port": "Enabled",
            "closed": False,
            "deep": {"size": 3, "idle": "PT1M30S"},
            "lock": {"userName": "u", "userPassword": "p"},
        },
    }


@pytest.mark.parametrize(("size", "open_"), [(0, False), (None, None)])
def test_falsy_values_are_sent_and_none_is_not(size: int | None, open_: bool | None) -> None:
    """Zero and false reach the service; None is absence, which may have its own word."""
    properties = to_body(Crate(name="c", size=size, open=open_))["properties"]
    assert ("deep" in properties) is (size is not None)
    assert properties["port"] == ("Disabled" if open_ is False else "NotSpecified")
    assert properties["closed"] is True


def test_an_empty_mapping_is_sent_unless_declared_otherwise() -> None:
    """Tags are sent empty; notes are not."""
    body = to_body(Crate(name="c", notes={}))
    assert body["tags"] == {}
    assert "notes" not in body["properties"]


def test_absent_on_load_is_none_and_never_a_default_of_this_client() -> None:
    """A service that says no size keeps its own choice when the entity is sent back."""
    crate = from_body(Crate, {"name": "c", "properties": {"kind": "Crate"}})
    assert crate.size is None
    assert "deep" not in to_body(crate)["properties"]


def test_fields_of_a_newer_service_come_back_at_every_level() -> None:
    """What this version does not know is sent back as it came, in lists and mappings of entities too."""
    body = {
        "new": 1,
        "properties": {
            "kind": "Crate",
            "new": 2,
            "deep": {"size": 1, "new": 3},
            "lock": {"userName": "u", "new": 4},
            "locks": [{"userName": "a", "new": 5}],
            "named": {"x": {"userName": "b", "new": 6}},
        },
    }
    crate = from_body(Crate, body)
    crate.size = 2
    sent = to_body(crate)
    assert sent["new"] == 1
    assert sent["properties"]["new"] == 2
    assert sent["properties"]["deep"] == {"size": 2, "new": 3}
    assert sent["properties"]["lock"]["new"] == 4
    assert sent["properties"]["locks"][0]["new"] == 5
    assert sent["properties"]["named"]["x"]["new"] == 6


def test_a_replaced_part_takes_its_unknown_fields_with_it() -> None:
    """A new lock has nothing of the old one."""
    crate = from_body(Crate, {"properties": {"kind": "Crate", "lock": {"userName": "u", "new": 4}}})
    crate.lock = Lock(user="v")
    assert to_body(crate)["properties"]["lock"] == {"userName": "v"}


def test_what_the_service_owns_is_never_echoed() -> None:
    """Id, name, etag, system data and provisioning state stay out of a PUT."""
    body = {
        "id": "/i",
        "name": "c",
        "type": "t",
        "etag": "e",
        "systemData": {"createdBy": "x"},
        "properties": {"kind": "Crate", "provisioningState": "Succeeded", "createdOn": "now"},
    }
    sent = to_body(from_body(Crate, body))
    assert set(sent) == {"tags", "properties"}
    assert set(sent["properties"]) == {"kind", "osType", "port", "closed"}


def test_a_constant_yields_to_what_the_service_said() -> None:
    """A Windows resource stays one when it is changed."""
    crate = from_body(Crate, {"properties": {"kind": "Crate", "osType": "Windows"}})
    assert to_body(crate)["properties"]["osType"] == "Windows"


def test_a_base_class_loads_the_member_that_the_body_names() -> None:
    """The tag's word is compared without case; an unknown one is an error that lists the known."""
    assert isinstance(from_body(Shelf, {"properties": {"kind": "basket"}}), Basket)
    with pytest.raises(WireError, match=r"properties.kind is 'Sack'; this version knows basket, crate"):
        from_body(Shelf, {"properties": {"kind": "Sack"}})


def test_a_body_that_does_not_fit_names_the_place() -> None:
    """The error says which class and where."""
    with pytest.raises(WireError, match=r"Crate: properties\.locks"):
        from_body(Crate, {"properties": {"locks": 3}})


def test_keys_of_a_mapping_are_the_users_own() -> None:
    """No key is renamed, whatever it looks like."""
    notes = {"someKey": 1, "other_key": {"inner_Key": [1]}, "with.dot": None}
    sent = to_body(Crate(name="c", notes=notes))["properties"]["notes"]
    assert sent == notes
    assert from_body(Crate, {"properties": {"kind": "Crate", "notes": notes}}).notes == notes


def test_a_reference_or_an_entity_may_stand_in_one_place() -> None:
    """A text stays a text, an entity becomes its body."""
    assert to_body(Holder(value="azureml:x:1")) == {"value": "azureml:x:1"}
    assert to_body(Holder(value=Lock(user="u"))) == {"value": {"userName": "u"}}
    assert from_body(Holder, {"value": {"userName": "u"}}).value == Lock(user="u")


def test_evolve_keeps_what_the_service_set() -> None:
    """A changed copy still has its id, its state and the fields this version does not know."""
    crate = from_body(
        Crate, {"id": "/i", "name": "c", "properties": {"kind": "Crate", "provisioningState": "Succeeded", "new": 1}}
    )
    other = crate.evolve(size=9)
    assert (other.id, other.state, other.name, crate.size) == ("/i", "Succeeded", "c", None)
    assert to_body(other)["properties"]["new"] == 1


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])  # noqa: S301 - our own pickle
def test_copies_and_pickles_are_equal(again: Any) -> None:
    """An entity survives copying with everything it holds."""
    crate = Crate(name="c", size=1, lock={"user": "u"}, tags={"a": 1})  # type: ignore[arg-type]
    assert again(crate) == crate
    assert to_body(again(crate)) == to_body(crate)


def test_loading_does_not_share_or_change_the_body() -> None:
    """The body given is as it was."""
    body = {"name": "c", "properties": {"kind": "Crate", "deep": {"size": 1}}}
    before = copy.deepcopy(body)
    from_body(Crate, body).size = 5
    assert body == before


def test_every_slot_is_filled_after_loading() -> None:
    """No attribute is missing, private ones included."""
    crate = from_body(Crate, {})
    assert all(hasattr(crate, attribute.name) for attribute in attrs.fields(Crate))
