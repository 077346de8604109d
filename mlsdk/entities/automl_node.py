"""AutoML jobs as steps of pipelines: a body whose words are those of the file form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlsdk.entities.inputs import Input
from mlsdk.entities.node_ports import OUT, outputs_of_node, outputs_to_node
from mlsdk.schema.bodies import merge
from mlsdk.schema.fields import JSON, Entity, fields, find_choice
from mlsdk.schema.forms import form_reader

DATA = ("training_data", "validation_data", "test_data")
_OWN = (*DATA, "outputs")
"""What a step says in words of its own."""


# -- out -----------------------------------------------------------------------------------------------------
def node_form(job: Any) -> JSON:
    """What the `jobs` of a pipeline's body, and of its file form, say of an AutoML job."""
    form = job.to_dict()
    for name in DATA:
        given = getattr(job, name, None)
        if given is not None:
            form[name] = _data(given)
    form["outputs"] = outputs_to_node(job.outputs or {})
    _add_kept(form, job)
    return {key: value for key, value in form.items() if key != "status"}


def _data(value: Any) -> Any:
    if not isinstance(value, Input):
        return str(value)
    said = {"type": "mltable", "path": None if value.path is None else str(value.path), "mode": value.mode}
    return {key: item for key, item in said.items() if item is not None}


def _add_kept(form: Any, value: Any) -> None:
    """Add to a form, at every level, what a newer service said."""
    if isinstance(value, list) and isinstance(form, list):
        for one, part in zip(form, value, strict=True):
            _add_kept(one, part)
    if not isinstance(value, Entity) or not isinstance(form, dict):
        return
    merge(form, value._extra or {})  # noqa: SLF001 - what is kept of an entity belongs to its forms
    for attribute, _, mark in fields(type(value)):
        if mark.file is not None and mark.file[0] not in _OWN:
            _add_kept(form.get(mark.file[0]), getattr(value, attribute.name))


# -- in ------------------------------------------------------------------------------------------------------
def job_of_node(base: type[Entity], body: Mapping[str, Any]) -> Any:
    """The AutoML job that the `jobs` of a pipeline's body describe; `base` is the class that all tasks share."""
    chosen = find_choice(base)
    members = chosen.file_words() if chosen is not None else {}
    cls: Any = members.get(str(body.get("task")).lower(), base)
    made = form_reader(cls)({key: value for key, value in body.items() if key not in _OWN})
    for name in DATA:
        if hasattr(made, name) and body.get(name) is not None:
            setattr(made, name, _data_of_node(body[name]))
    made.outputs = outputs_of_node(body.get("outputs"))
    return made


def _data_of_node(value: Any) -> Any:
    """A table of a step: an expression, or what names it."""
    if not isinstance(value, Mapping):
        return value
    known = {key: value.get(key) for key in ("path", "mode", "path_on_compute", "datastore")}
    return Input(type="mltable", **known)


def is_spoken(value: Any) -> bool:
    """Whether an output is written as in a body, as the file form of a pipeline has it."""
    return isinstance(value, Mapping) and (OUT in value or value.get("type") == "literal")
