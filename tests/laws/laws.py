"""The laws: each takes an entity and tells what does not hold for it, nothing when it holds."""

from __future__ import annotations

import copy
import io
import json
import pickle
import re
from typing import TYPE_CHECKING, Any, get_args, get_origin

import attrs
from laws.declared import DECLARED, TOLD
from laws.entities import parts
from laws.interpreted import interpreted

from mlsdk import from_wire, to_wire
from mlsdk.entities.component_spec import UNSHOWN
from mlsdk.entities.network import shown_only
from mlsdk.entities.node import Node
from mlsdk.entities.node_ports import NodeOutputs
from mlsdk.entities.resource import Asset
from mlsdk.schema import files
from mlsdk.schema.fields import Entity, fields, is_entity

if TYPE_CHECKING:
    from collections.abc import Iterator

TOMORROW = "fieldOfTomorrow"


def through_json(body: Any) -> Any:
    """What is left of a body after it has travelled."""
    return json.loads(json.dumps(body))


def differences(before: Any, after: Any, at: str = "") -> Iterator[str]:
    """The places at which two bodies or forms differ, each with what stands there."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            here = f"{at}.{key}" if at else str(key)
            if key not in after:
                yield f"{here} is lost: {before[key]!r}"
            elif key not in before:
                yield f"{here} is added: {after[key]!r}"
            else:
                yield from differences(before[key], after[key], here)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{at}[{index}]")
    elif before != after or type(before) is not type(after):
        yield f"{at} is changed: {before!r} to {after!r}"


# -- bodies --------------------------------------------------------------------------------------------------
def loaded_bodies_are_sent_again(entity: Entity) -> Iterator[str]:
    """dump(load(dump(x))) == dump(x)."""
    body = through_json(to_wire(entity))
    yield from differences(body, through_json(to_wire(from_wire(type(entity), copy.deepcopy(body)))))


def what_is_sent_is_read_back(entity: Entity) -> Iterator[str]:
    """Each attribute that is sent has its value again when the body is loaded."""
    loaded = from_wire(type(entity), through_json(to_wire(entity)))
    for attribute, _, mark in fields(type(entity)):
        value = getattr(entity, attribute.name)
        if mark.sent and mark.path and value is not None and (mark.empty or value not in ({}, [])):
            yield from differences(_plain(value), _plain(getattr(loaded, attribute.name)), attribute.name)


def _plain(value: Any) -> Any:
    """A value with its entities as the bodies they send; outputs of jobs as those of which something is said."""
    if isinstance(value, NodeOutputs):
        said = {name: port.data for name, port in value.items() if port.data is not None or port.named}
        return {name: {} if data is None else _plain(data) for name, data in said.items()}
    if isinstance(value, Node):
        return value.node_body()
    if isinstance(value, Entity):
        return to_wire(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def with_more(body: Any, *, top: bool = True) -> Any:
    """The body with a field that nobody knows in each of its objects that holds something, those in lists too.

    It is a text, or an object at the top and where there are only objects.
    """
    if isinstance(body, dict) and body:
        more: Any = (
            {"of": {"what": [0, None]}} if top or all(isinstance(one, dict) for one in body.values()) else "text"
        )
        return {**{key: with_more(value, top=False) for key, value in body.items()}, TOMORROW: more}
    if isinstance(body, list):
        return [with_more(item, top=False) for item in body]
    return body


def fields_of_tomorrow_survive(entity: Entity) -> Iterator[str]:
    """dump(load(b)) == b for a body with unknown fields at every level."""
    body = with_more(through_json(to_wire(entity)))
    yield from differences(body, through_json(to_wire(from_wire(type(entity), copy.deepcopy(body)))))


def _told(name: str, kind: Any) -> Any:
    """What the service may tell of an attribute that only it sets."""
    if name in TOLD:
        return TOLD[name]
    if any(is_entity(one) for one in (kind, *get_args(kind))):
        return {TOMORROW: 1}
    shapes = {one if isinstance(one, type) else get_origin(one) for one in (kind, *get_args(kind))}
    return {"told": 1} if dict in shapes else [{"told": 1}] if list in shapes else "told"


def what_the_service_tells_is_read_and_not_sent(entity: Entity) -> Iterator[str]:
    """dump(load(b)) says nothing of the attributes that only the service sets, and all else."""
    body = through_json(to_wire(entity))
    told = copy.deepcopy(body)
    outputs = [
        (attribute, kind, mark.path) for attribute, kind, mark in fields(type(entity)) if not mark.ours and mark.path
    ]
    for attribute, kind, path in outputs:
        here = told
        for step in path[:-1]:
            here = here.setdefault(step, {})
        here[path[-1]] = _told(attribute.name, kind)
    loaded = from_wire(type(entity), copy.deepcopy(told))
    for attribute, _, path in outputs:
        if getattr(loaded, attribute.name) is None:
            yield f"{attribute.name} is not read from {'.'.join(path)}"
    yield from differences(body, through_json(to_wire(loaded)))


def bodies_are_what_the_declarations_say(entity: Entity) -> Iterator[str]:
    """Compiled and interpreted agree."""
    yield from differences(interpreted(entity), to_wire(entity))


# -- files ---------------------------------------------------------------------------------------------------
def as_a_file_says(value: Any) -> Any:
    """What the constructors make of that part of an entity which a file brings back.

    That is not what has no place in a file or is only shown there, and not None, which is not written.
    """
    if isinstance(value, Entity):
        arguments = {}
        for attribute, _, mark in fields(type(value)):
            said = getattr(value, attribute.name)
            read = (
                mark.file is not None
                and mark.read
                and mark.file_codec not in (shown_only, UNSHOWN)
                and said is not None
            )
            if attribute.init and mark.word is None and (read or attribute.default is attrs.NOTHING):
                arguments[attribute.alias] = as_a_file_says(said)
        return type(value)(**arguments)
    if isinstance(value, dict):
        return {key: as_a_file_says(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_a_file_says(item) for item in value]
    return value


def files_are_read_as_they_were_written(entity: Entity) -> Iterator[str]:
    """Entity -> YAML -> entity gives the same form, and the same body."""
    if isinstance(entity, Asset) and (not entity.name or getattr(entity, "is_anonymous", False)):
        entity = entity.evolve(name="named")  # a file has to name what it is about
    said = as_a_file_says(entity)
    written = io.StringIO()
    said.dump(written)
    again = files.loads(written.getvalue(), type(entity))
    yield from differences(said.to_dict(), again.to_dict(), "form")
    yield from differences(to_wire(said), to_wire(again), "body")


# -- Python --------------------------------------------------------------------------------------------------
def copies_send_the_same(entity: Entity) -> Iterator[str]:
    """A deep copy, and what was pickled, send the same body."""
    body = to_wire(entity)
    yield from differences(body, to_wire(copy.deepcopy(entity)), "deepcopy")
    yield from differences(body, to_wire(pickle.loads(pickle.dumps(entity))), "pickle")  # noqa: S301 - our own


def nothing_secret_is_shown(entity: Entity) -> Iterator[str]:
    """No value of a secret attribute stands in repr or str, at any depth."""
    shown = repr(entity) + str(entity)
    for part in parts(entity):
        for attribute, _, mark in fields(type(part)):
            value = getattr(part, attribute.name)
            if mark.secret and isinstance(value, str) and value in shown:
                yield f"{attribute.name} is shown"


LAWS = (
    loaded_bodies_are_sent_again,
    what_is_sent_is_read_back,
    fields_of_tomorrow_survive,
    what_the_service_tells_is_read_and_not_sent,
    bodies_are_what_the_declarations_say,
    files_are_read_as_they_were_written,
    copies_send_the_same,
    nothing_secret_is_shown,
)


def broken(entity: Entity) -> list[str]:
    """Every law that an entity breaks and how; what is declared for its class, or for one in it, is left out."""
    names = {type(part).__name__ for part in parts(entity)}
    found = []
    for law in LAWS:
        try:
            wrong = [*law(entity)]
        except Exception as error:  # noqa: BLE001 - which law it was belongs to what is told
            wrong = [f"{type(error).__name__}: {error}"]
        allowed = [what for name, of, what in DECLARED if of == law.__name__ and name in names]
        found += [
            f"{law.__name__}: {one}" for one in wrong if not any(re.search(what, one, re.DOTALL) for what in allowed)
        ]
    return found
