"""What the published ARM schema says of a body, place by place.

`tools/arm_schema.py` says whether a body fits; where a union does not, it cannot say why. This walk goes into the member of
a union that the body names, and so tells each place that does not fit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JSON = dict[str, Any]
_TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
_READ = {
    "$ref",
    "additionalProperties",
    "allOf",
    "const",
    "description",
    "enum",
    "items",
    "maxLength",
    "minLength",
    "minimum",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "type",
    "unevaluatedProperties",
}


def misfits(schema: Mapping[str, Any], resource: str, body: JSON) -> list[str]:
    """Each place of a body that one version of the schema does not take, with what is wrong there."""
    return [*_of(schema["$defs"], schema["resources"][resource], body, "$")]


def _parts(definitions: Mapping[str, Any], schema: Mapping[str, Any], value: Any) -> Iterator[Mapping[str, Any]]:
    """The plain schemas that a value has to fit together; of a union the members that the value names."""
    unread = set(schema) - _READ
    if unread:
        message = f"the walk does not know the keywords {sorted(unread)}"
        raise NotImplementedError(message)
    yield schema
    if "$ref" in schema:
        yield from _parts(definitions, definitions[schema["$ref"].rpartition("/")[2]], value)
    for part in schema.get("allOf", ()):
        yield from _parts(definitions, part, value)
    for member in schema.get("oneOf", ()):
        found = [*_parts(definitions, member, value)]
        if all(_same(constant, value.get(key)) for part in found for key, constant in _constants(part)):
            yield from found


def _constants(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, part in schema.get("properties", {}).items():
        if "const" in part:
            yield key, part["const"]


def _same(one: Any, other: Any) -> bool:
    """The service reads words without regard to case."""
    return one.lower() == other.lower() if isinstance(one, str) and isinstance(other, str) else bool(one == other)


def _of(definitions: Mapping[str, Any], schema: Mapping[str, Any], value: Any, at: str) -> Iterator[str]:
    parts = [*_parts(definitions, schema, value if isinstance(value, dict) else {})]
    for part in parts:
        yield from _plain(part, value, at)
    if isinstance(value, list):
        for index, item in enumerate(value):
            for part in parts:
                if "items" in part:
                    yield from _of(definitions, part["items"], item, f"{at}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            known = [part["properties"][key] for part in parts if key in part.get("properties", {})]
            known = known or [part["additionalProperties"] for part in parts if "additionalProperties" in part]
            if not known and any(part.get("unevaluatedProperties") is False for part in parts):
                yield f"{at}.{key}: is not known"
            for one in known:
                if isinstance(one, dict):
                    yield from _of(definitions, one, item, f"{at}.{key}")
                elif one is False:
                    yield f"{at}.{key}: is not known"


def _plain(schema: Mapping[str, Any], value: Any, at: str) -> Iterator[str]:
    """What a schema says of a value itself."""
    wanted = schema.get("type")
    if wanted is not None:
        fits = isinstance(value, _TYPES[wanted]) and (wanted == "boolean" or not isinstance(value, bool))
        if not fits and not (wanted == "integer" and isinstance(value, float) and value.is_integer()):
            yield f"{at}: {value!r} is no {wanted}"
            return
    words = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if words is not None and not any(_same(word, value) for word in words):
        yield f"{at}: {value!r} is none of {', '.join(map(str, words))}"
    if isinstance(value, str):
        size = (schema.get("minLength", 0), schema.get("maxLength", len(value)))
        pattern = schema.get("pattern")
        if not size[0] <= len(value) <= size[1] or (pattern is not None and re.search(pattern, value) is None):
            yield f"{at}: {value!r} is not written as the schema asks"
    if isinstance(value, (int, float)) and value < schema.get("minimum", value):
        yield f"{at}: {value!r} is too small"
    if isinstance(value, dict):
        for key in schema.get("required", ()):
            if key not in value:
                yield f"{at}.{key}: is required"
