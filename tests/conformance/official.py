"""The official client as a witness: what it makes of the same arguments and the same files."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from os import PathLike, fspath
from types import ModuleType
from typing import Any

import attrs

from mlsdk.entities.node_ports import NodeOutput
from mlsdk.schema.fields import Entity, Wire

JSON = dict[str, Any]
ABSENT = "<absent>"
CRASHES = (ImportError, AttributeError, TypeError, KeyError, IndexError, NotImplementedError)
"""What is no refusal but a crash: it counts as one only where the official client crashes too."""


class Names:
    """The public names of one client in one namespace, so that one function builds the same with either."""

    def __init__(self, *modules: str) -> None:
        """Look names up in `modules`, in their order; a module that is not there yet has no names."""
        self._modules = modules

    def __getattr__(self, name: str) -> Any:
        """The name in the first module that has it."""
        for module in self._modules:
            try:
                found = importlib.import_module(module)
            except ModuleNotFoundError as error:
                if error.name != module:
                    raise
                continue
            if hasattr(found, name) and not isinstance(getattr(found, name), ModuleType):
                return getattr(found, name)
        message = f"none of {', '.join(self._modules)} has {name!r}"
        raise AttributeError(message)


_PARTS = (
    "constants",
    "dsl",
    "automl",
    "sweep",
    "parallel",
    "identity",
    "finetuning",
    "model_customization",
    "data_transfer",
)
_THEIR_PRIVATE = (
    "entities._assets",
    "entities._assets.auto_delete_setting",
    "entities._job.finetuning.azure_openai_finetuning_job",
    "entities._job.distillation.distillation_job",
)
OFFICIAL = Names("azure.ai.ml.entities", "azure.ai.ml", *(f"azure.ai.ml.{part}" for part in (*_PARTS, *_THEIR_PRIVATE)))
_OUR_PRIVATE = (
    "entities.artifact",
    "entities.finetuning_job",
    "entities.distillation_job",
    "entities.serverless_connection",
)
OURS = Names("mlsdk.entities", "mlsdk", *(f"mlsdk.{part}" for part in (*_PARTS, *_OUR_PRIVATE)))


# -- forms ---------------------------------------------------------------------------------------------------
_BODIES = ("_to_rest_object", "_to_rest_online_endpoint", "_to_rest_batch_endpoint")


def official_body(entity: Any) -> JSON:
    """The body that the official client sends for its entity, nothing resolved; of a location it says `eastus`.

    Of a step, it is the body of the job that it would be submitted as.
    """
    if hasattr(entity, "_to_job"):
        entity = entity._to_job()
    for name in _BODIES:
        make = getattr(entity, name, None)
        if make is None:
            continue
        try:
            rest = make()
        except TypeError as error:
            if "location" not in str(error):
                raise
            rest = make("eastus")
        return plain(rest)
    message = f"{type(entity).__name__} has no body of its own"
    raise AttributeError(message)


def official_step(step: Any) -> JSON:
    """What the official client says of a step in the body of its pipeline."""
    return plain(step._to_rest_object())  # type: ignore[no-any-return]


def official_dict(entity: Any) -> JSON:
    """The YAML form that the official client writes for its entity."""
    return plain(entity._to_dict())


def plain(rest: Any) -> Any:
    """A model of any of the official client's generators as JSON, what only the service sets left out."""
    from azure.ai.ml._restclient.arm_ml_service._utils.model_base import Model, SdkJSONEncoder

    if not isinstance(rest, Model) and hasattr(rest, "serialize"):
        rest = rest.serialize()

    class Encoder(SdkJSONEncoder):  # type: ignore[misc]
        def default(self, value: Any) -> Any:
            if isinstance(value, PathLike):
                return fspath(value)
            if not isinstance(value, Model) and hasattr(value, "serialize"):
                return value.serialize()
            if hasattr(value, "_to_rest_object"):  # an entity in the place of an id
                return value._to_rest_object()
            return super().default(value)

    return json.loads(json.dumps(rest, cls=Encoder, exclude_readonly=True))


def our_body(entity: Any) -> JSON:
    """The body that mlsdk sends, as JSON."""
    import mlsdk

    return json.loads(json.dumps(mlsdk.to_wire(entity)))  # type: ignore[no-any-return]


def our_step(step: Any) -> JSON:
    """What mlsdk says of a step in the body of its pipeline."""
    return json.loads(json.dumps(step.node_body()))  # type: ignore[no-any-return]


def our_dict(entity: Any) -> JSON:
    """The YAML form that mlsdk writes, as JSON."""
    return json.loads(json.dumps(entity.to_dict()))  # type: ignore[no-any-return]


def rest_model(name: str, body: Mapping[str, Any]) -> Any:
    """The official client's model `name` of a body from the service."""
    from azure.ai.ml._restclient.arm_ml_service import models

    return models.__dict__[name]._deserialize(body, [])


# -- comparing -----------------------------------------------------------------------------------------------
def differences(expected: Any, found: Any, at: str = "$") -> Iterator[tuple[str, Any, Any]]:
    """Each place where two JSON values differ, with what was expected there and what was found."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({*expected, *found}, key=str):
            yield from differences(expected.get(key, ABSENT), found.get(key, ABSENT), f"{at}.{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, pair in enumerate(zip(expected, found, strict=True)):
            yield from differences(*pair, f"{at}[{index}]")
    elif isinstance(expected, bool) != isinstance(found, bool) or expected != found:
        yield at, expected, found


def told(error: BaseException) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"[:200]


def compared(theirs: Callable[[], Any], ours: Callable[[], Any], at: str) -> list[tuple[str, Any, Any]]:
    """Where two ways to make a form differ; a refusal is a form of its own, whatever its words."""
    expected, found, crashed = None, None, ""
    try:
        expected, refused_there = theirs(), ""
    except Exception as error:  # noqa: BLE001 - that it refuses, by whatever class, is the answer
        refused_there = told(error)
    try:
        found, refused_here = ours(), ""
    except Exception as error:  # noqa: BLE001 - the same
        refused_here = told(error)
        crashed = refused_here if isinstance(error, CRASHES) and not isinstance(error, TypeError) else ""
    if crashed:
        return [(f"{at}:refused", refused_there or expected, f"crash: {crashed}")]
    if bool(refused_there) != bool(refused_here):
        return [(f"{at}:refused", refused_there or expected, refused_here or found)]
    return [(f"{at}:{place}", one, other) for place, one, other in differences(expected, found)]


# -- attributes --------------------------------------------------------------------------------------------------
def attribute_differences(theirs: Any, ours: Any, at: str = "$") -> Iterator[tuple[str, Any, Any]]:
    """Each attribute that an entity of ours and one of theirs both have and that differs."""
    if isinstance(ours, NodeOutput):
        ours = ours.data
    if type(theirs).__name__ in ("NodeInput", "NodeOutput", "PipelineInput", "PipelineOutput"):
        theirs = theirs._data
    if isinstance(ours, Entity):
        if theirs is None:
            yield at, None, ours
            return
        for attribute in attrs.fields(type(ours)):
            if Wire in attribute.metadata and _has(theirs, attribute.name):
                yield from attribute_differences(
                    _get(theirs, attribute.name), getattr(ours, attribute.name), f"{at}.{attribute.name}"
                )
    elif isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for key in sorted({*ours, *theirs}):
            yield from attribute_differences(theirs.get(key, ABSENT), ours.get(key, ABSENT), f"{at}.{key}")
    elif isinstance(ours, (list, tuple)) and isinstance(theirs, (list, tuple)) and len(ours) == len(theirs):
        for index, pair in enumerate(zip(theirs, ours, strict=True)):
            yield from attribute_differences(*pair, f"{at}[{index}]")
    elif ((theirs is None or ours is None) and theirs is not ours) or _bare(theirs) != _bare(ours):
        yield at, theirs, ours


def _has(thing: Any, name: str) -> bool:
    return name in thing if isinstance(thing, Mapping) else hasattr(thing, name)


def _get(thing: Any, name: str) -> Any:
    return thing[name] if isinstance(thing, Mapping) else getattr(thing, name)


def _bare(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, PathLike):
        return fspath(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return value
