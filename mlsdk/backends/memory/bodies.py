"""Bodies of requests: copied on the way in and out, read by dotted path."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from mlsdk.backends.memory.errors import refusal

MISSING: Any = object()
PLAIN = frozenset({str, int, bool, type(None)})


def twin(body: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a stored body that shares nothing which could be changed; it is known to be plain JSON."""
    copied = dict(body)
    for key, value in copied.items():
        kind = type(value)
        if kind is dict:
            copied[key] = twin(value)
        elif kind is list:
            copied[key] = _twins(value)
    return copied


def _twins(values: list[Any]) -> list[Any]:
    return [twin(one) if type(one) is dict else _twins(one) if type(one) is list else one for one in values]


def copy(value: Any, where: str = "$") -> Any:
    """A copy of what was sent, made of plain dicts, lists, text, numbers, booleans and None only.

    Raises ServiceError (400) for anything that could not have travelled as JSON, saying where it stands.
    """
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind is dict:
        try:
            "".join(value)  # the quickest way to see that every name is text
        except TypeError:
            odd = next(key for key in value if not isinstance(key, str))
            message = f"The request content was invalid: {odd!r} at '{where}' is not a name, names are text."
            raise refusal(400, message) from None
        return {key: item if type(item) in PLAIN else copy(item, key) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [item if type(item) in PLAIN else copy(item, where) for item in value]
    return _copy_unusual(value, where)


def _copy_unusual(value: Any, where: str) -> Any:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise refusal(400, f"The request content was invalid: {value!r} at '{where}' is not a JSON number.")
        return float(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping):
        return copy(dict(value), where)
    kind = type(value).__name__
    raise refusal(400, f"The request content was invalid: a value of type {kind} at '{where}' is not JSON.")


def json_object(body: Any) -> dict[str, Any]:
    """The JSON object a request carries, as a copy that is the receiver's own.

    Raises ServiceError (400, `InvalidRequestContent`) when it carries none.
    """
    if isinstance(body, (bytes, bytearray)):
        try:
            body = json.loads(body)
        except ValueError as error:
            raise refusal(400, f"The request content was invalid and could not be deserialized: '{error}'.") from None
    elif hasattr(body, "read"):
        return json_object(body.read())
    if not isinstance(body, Mapping):
        found = "nothing" if body is None else f"{type(body).__name__}"
        raise refusal(400, f"The request content was invalid: a JSON object was expected, {found} was sent.")
    copied: dict[str, Any] = copy(body)
    return copied


def dig(body: Mapping[str, Any], path: str, default: Any = None) -> Any:
    """What stands at a dotted path, `default` where nothing does; null counts as absent.

    Raises ServiceError (400) when something on the way is not an object.
    """
    value: Any = body
    for key in path.split("."):
        if not isinstance(value, dict):
            raise refusal(400, f"The request content was invalid: an object was expected above '{key}' of '{path}'.")
        value = value.get(key)
        if value is None:
            return default
    return value


def dig_object(body: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The object at a dotted path, an empty one where nothing stands; ServiceError (400) where it is something else."""
    value = dig(body, path)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise refusal(400, f"The request content was invalid: '{path}' has to be an object.")
    return value


def dig_text(body: Mapping[str, Any], path: str) -> str | None:
    """The text at a dotted path, None where nothing stands; ServiceError (400) where it is something else."""
    value = dig(body, path)
    if value is not None and not isinstance(value, str):
        raise refusal(400, f"The request content was invalid: '{path}' has to be text.")
    return value


def dig_texts(body: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The map of texts at a dotted path, an empty one where nothing stands; ServiceError (400) for another map.

    As the service reads them, numbers and truth values in it become text, in place.
    """
    texts = dig_object(body, path)
    for name, value in texts.items():
        if isinstance(value, (dict, list)):
            raise refusal(400, f"The request content was invalid: '{path}.{name}' has to be text.")
        if value is not None and not isinstance(value, str):
            texts[name] = json.dumps(value)
    return texts


def dig_integer(body: Mapping[str, Any], path: str) -> int | None:
    """The whole number at a dotted path, None where nothing stands; ServiceError (400) where it is something else."""
    value = dig(body, path)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise refusal(400, f"The request content was invalid: '{path}' has to be a whole number.")
    return value


def place(body: dict[str, Any], path: str, value: Any) -> None:
    """Set a value at a dotted path, making the objects above it."""
    *above, last = path.split(".")
    for key in above:
        inner = body.get(key)
        if not isinstance(inner, dict):
            inner = body[key] = {}
        body = inner
    body[last] = value


def take(body: dict[str, Any], path: str) -> Any:
    """Remove and give what stands at a dotted path; MISSING where nothing does."""
    *above, last = path.split(".")
    for key in above:
        inner = body.get(key)
        if not isinstance(inner, dict):
            return MISSING
        body = inner
    return body.pop(last, MISSING)


def merge(body: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Apply a JSON merge patch to `body` in place: objects merge, null removes, anything else replaces."""
    for key, value in changes.items():
        if value is None:
            body.pop(key, None)
        elif isinstance(value, dict) and isinstance(body.get(key), dict):
            merge(body[key], value)
        else:
            body[key] = value
    return body


def tree(paths: Mapping[str, Any]) -> dict[str, Any]:
    """Values by dotted path as one nested object: `{"a.b": 1, "a.c": 2}` is `{"a": {"b": 1, "c": 2}}`."""
    found: dict[str, Any] = {}
    for path, value in paths.items():
        place(found, path, value)
    return found


def complete(body: dict[str, Any], defaults: Mapping[str, Any]) -> None:
    """Fill in what `body` does not have, at every level; null counts as absent."""
    for key, value in defaults.items():
        present = body.get(key)
        if present is None:
            body[key] = copy(value)
        elif value and type(value) is dict and type(present) is dict:
            complete(present, value)
