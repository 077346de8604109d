"""What is peculiar to each versioned asset: its fields, its words, what of it may never change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from mlsdk.backends.memory.bodies import dig, dig_object, dig_text
from mlsdk.backends.memory.calls import Call
from mlsdk.backends.memory.checks import missing_field
from mlsdk.backends.memory.errors import refusal, user_error
from mlsdk.backends.memory.kinds import Body
from mlsdk.backends.memory.references import exists, full_place
from mlsdk.backends.memory.state import Resource

READ_ONLY_NAMES = ("azureml-", "microsoft")
"""Curated environments: their names belong to the service."""

SPEC_MAY_CHANGE = frozenset(
    {"display_name", "description", "tags", "$schema", "version", "name", "id", "creation_context"}
)
"""What of a component's definition is not part of what it does: how it is shown, and what the client adds to what it read."""


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
    if "image" in sources:
        _sound(call, properties, "image")
    if "build" in sources:
        _sound(call, properties, "build.contextUri")
        dig_text(properties, "build.dockerfilePath")
    dig_text(properties, "condaFile")
    dig_object(properties, "inferenceConfig")


def _check_model(call: Call, properties: Body, _existing: Resource | None) -> None:
    for field in ("modelType", "stage", "jobName"):
        dig_text(properties, field)
    for flavor in dig_object(properties, "flavors"):
        dig_object(properties["flavors"], flavor)
    if properties.get("modelUri") is not None:
        uri = _sound(call, properties, "modelUri")
        properties["modelUri"], job = full_place(call, _home(call), uri)
        if job is not None:
            properties["jobName"] = job


def _check_data(call: Call, properties: Body, _existing: Resource | None) -> None:
    dig_object(properties, "autoDeleteSetting")
    if not isinstance(properties.get("referencedUris") or [], list):
        raise refusal(400, "The request content was invalid: 'properties.referencedUris' has to be a list.")
    if properties.get("dataUri") is not None:
        properties["dataUri"], _job = full_place(call, _home(call), _sound(call, properties, "dataUri"))


def _check_code(call: Call, properties: Body, _existing: Resource | None) -> None:
    if properties.get("codeUri") is not None:
        _sound(call, properties, "codeUri")


def _sound(call: Call, properties: Body, path: str) -> str:
    """The text at a dotted path; ServiceError (400) where there is none, or one without a letter or a digit."""
    text = dig_text(properties, path)
    if text is None or not any(character.isalnum() for character in text):
        raise missing_field(call.kind, f"properties.{path}")
    return text


def _home(call: Call) -> Resource:
    """The workspace or registry of the version that is asked for."""
    return call.parent.parent or call.parent


def _check_component(call: Call, properties: Body, _existing: Resource | None) -> None:
    spec = dig_object(properties, "componentSpec")
    if properties.get("componentSpec") is not None and not isinstance(spec.get("type"), str):
        raise missing_field(call.kind, "properties.componentSpec.type")
    if spec:
        spec.update(name=spec.get("name") or call.parent.name, version=call.name)
        for plural, reference in _references(spec):
            if reference.startswith(("azureml:", "/")) and not exists(call, _home(call), plural, reference):
                raise user_error(404, f"Could not find asset with ID '{reference}'.")


def _references(spec: Body) -> Iterator[tuple[str, str]]:
    """What a component refers to, and of which kind it is: its code, its environment, the components of its steps."""
    task = spec.get("task")
    for holder in (spec, task if isinstance(task, dict) else {}):  # a transfer of data has the name of one
        for field, plural in (("code", "codes"), ("environment", "environments")):
            if isinstance(holder.get(field), str):
                yield plural, holder[field]
    for name in dig_object(spec, "jobs"):
        step = dig_object(spec["jobs"], name)
        if isinstance(step.get("componentId"), str):
            yield "components", step["componentId"]


def _spec(_name: str, value: Body) -> Body:
    """What of a component's definition can never change."""
    return {
        key: item
        for key, item in value.items()
        if item is not None and key not in SPEC_MAY_CHANGE and not key.startswith("_")
    }


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
