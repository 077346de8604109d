"""What can be read from a class: its options, and a JSON schema that its files satisfy."""

from __future__ import annotations

from typing import Any, Literal

import jsonschema
import pytest

from mlsdk import entities
from mlsdk.entities import AmlCompute, Compute, Datastore, Model
from mlsdk.schema.describe import json_schema, options, type_name


def test_options_tell_type_default_place_and_help() -> None:
    """One row for each attribute, with the text that stands under it."""
    rows = {option.name: option for option in options(AmlCompute)}
    assert rows["name"].required
    assert (rows["max_instances"].default, rows["max_instances"].path) == (
        4,
        "properties.properties.scaleSettings.maxNodeCount",
    )
    assert rows["size"].help
    assert "dedicated" in rows["tier"].choices
    assert not rows["provisioning_state"].ours


def test_secrets_are_marked() -> None:
    """So that nothing made from a description shows them."""
    rows = {option.name: option for option in options(entities.AccountKeyConfiguration)}
    assert rows["account_key"].secret


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (dict[str, Any], "dict[str, Any]"),
        (list[int], "list[int]"),
        (Literal["a", "b"], "'a' | 'b'"),
        (Model, "Model"),
        (type(None), "None"),
        (int | None, "int | None"),
    ],
)
def test_types_are_written_as_one_would(kind: Any, text: str) -> None:
    """Without modules."""
    assert type_name(kind) == text


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        (Compute, {"name": "c", "type": "amlcompute", "size": "S", "min_instances": 0, "tags": {"a": "1"}}),
        (
            Datastore,
            {
                "name": "d",
                "type": "azure_blob",
                "account_name": "a",
                "container_name": "c",
                "credentials": {"account_key": "k"},
            },
        ),
        (Model, {"$schema": "x", "name": "m", "version": 1, "path": "./m", "type": "mlflow_model"}),
    ],
)
def test_a_right_file_satisfies_the_schema_and_a_wrong_one_does_not(kind: Any, form: dict[str, Any]) -> None:
    """Editors that check files by the schema say what mlsdk says."""
    schema = json_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(form, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**form, "nmae": "x"}, schema)


def test_every_public_class_has_a_schema() -> None:
    """None of them breaks the description."""
    for name in entities.__all__:
        cls = getattr(entities, name)
        if hasattr(cls, "__attrs_attrs__"):
            jsonschema.Draft202012Validator.check_schema(json_schema(cls))
