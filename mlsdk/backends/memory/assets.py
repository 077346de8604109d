"""What is peculiar to each versioned asset: its fields, its words, what of it may never change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from mlsdk.backends.memory.bodies import dig, dig_object, dig_text
from mlsdk.backends.memory.calls import Call
from mlsdk.backends.memory.errors import user_error
from mlsdk.backends.memory.kinds import Body
from mlsdk.backends.memory.state import Resource

READ_ONLY_NAMES = ("azureml-", "microsoft")
"""Curated environments: their names belong to the service."""

SPEC_MAY_CHANGE = frozenset({"display_name", "description", "tags", "$schema", "version", "name"})


# Neither compared nor shown: to compile what does that is most of the time that importing such a class takes.
@attrs.frozen(kw_only=True, eq=False, repr=False)
class Asset:
    """One asset: a container of versions."""

    plural: str
    """Its part of the path: `models`."""
    noun: str
    """What messages call it: `Model`."""
    definition: tuple[str, ...]
    """Properties which can never change, absent counts as a value."""
    if_given: tuple[str, ...] = ()
    """Properties which can never change either, but which an update may leave out."""
    required: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    defaults: Mapping[str, Any] = attrs.field(factory=dict)
    check: Callable[[Call, Body, Resource | None], None] | None = None
    """What else has to hold of the properties of a version."""
    compared: Callable[[str, Any], Any] = lambda _name, value: value
    """What of a property of the definition counts when two are compared."""


def _check_environment(call: Call, properties: Body, existing: Resource | None) -> None:
    if call.parent.name.lower().startswith(READ_ONLY_NAMES):
        message = (
            f"Environment name '{call.parent.name}' is not valid: names that start with 'AzureML-' or 'Microsoft' "
            "belong to curated environments, which are read-only. Register it under another name."
        )
        raise user_error(400, message)
    sources = [name for name in ("image", "build") if dig(properties, name) is not None]
    if len(sources) > 1:
        message = (
            "More than one of BaseImage, BaseDockerfile, and BuildContext were set; "
            "these are mutually exclusive properties."
        )
        raise user_error(400, message)
    if not sources and existing is None:
        raise user_error(
            400,
            "Request is invalid and/or missing fields. One of Image and Build is required ('properties').",
        )
    if dig(properties, "build") is not None and dig_text(properties, "build.contextUri") is None:
        field = "properties.build.contextUri"
        message = f"Request is invalid and/or missing fields. The ContextUri field is required ('{field}')."
        raise user_error(400, message)
    dig_text(properties, "image")
    dig_text(properties, "condaFile")


def _check_model(_call: Call, properties: Body, _existing: Resource | None) -> None:
    dig_text(properties, "modelUri")
    dig_object(properties, "flavors")


def _check_data(_call: Call, properties: Body, _existing: Resource | None) -> None:
    dig_text(properties, "dataUri")


def _check_code(_call: Call, properties: Body, _existing: Resource | None) -> None:
    dig_text(properties, "codeUri")


def _check_component(call: Call, properties: Body, _existing: Resource | None) -> None:
    spec = dig_object(properties, "componentSpec")
    if properties.get("componentSpec") is not None and not isinstance(spec.get("type"), str):
        message = (
            "Request is invalid and/or missing fields. The Type field is required ('properties.componentSpec.type')."
        )
        raise user_error(400, message)
    if spec:
        spec.update(name=spec.get("name") or call.parent.name, version=call.name)


def _spec(_name: str, value: Body) -> Body:
    """What of a component's definition can never change: not how it is shown, nor where the client read it."""
    return {key: item for key, item in value.items() if key not in SPEC_MAY_CHANGE and not key.startswith("_")}


ASSETS: tuple[Asset, ...] = (
    Asset(
        plural="models",
        noun="Model",
        definition=(),
        if_given=("modelUri", "modelType"),
        required=("properties.modelUri",),
        defaults={"properties.modelType": "custom_model", "properties.flavors": {}},
        check=_check_model,
    ),
    Asset(
        plural="data",
        noun="Data",
        definition=(),
        if_given=("dataUri", "dataType"),
        required=("properties.dataUri",),
        words={"properties.dataType": ("uri_file", "uri_folder", "mltable")},
        defaults={"properties.dataType": "uri_file"},
        check=_check_data,
    ),
    Asset(
        plural="environments",
        noun="Environment",
        definition=("image", "build", "condaFile", "inferenceConfig"),
        if_given=("osType",),
        words={"properties.osType": ("Linux", "Windows")},
        defaults={"properties.osType": "Linux", "properties.environmentType": "UserCreated"},
        check=_check_environment,
    ),
    Asset(
        plural="components",
        noun="Component",
        definition=(),
        if_given=("componentSpec",),
        required=("properties.componentSpec",),
        check=_check_component,
        compared=_spec,
    ),
    Asset(
        plural="codes",
        noun="Code",
        definition=(),
        if_given=("codeUri",),
        required=("properties.codeUri",),
        check=_check_code,
    ),
)
