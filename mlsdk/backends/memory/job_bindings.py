"""The inputs and outputs that the body of a job declares: each says of which type it is, and has what that type needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsdk.backends.memory.bodies import dig_object, dig_text
from mlsdk.backends.memory.errors import refusal, user_error

if TYPE_CHECKING:
    from mlsdk.backends.memory.errors import ServiceError
    from mlsdk.backends.memory.kinds import Body

INPUTS = ("uri_file", "uri_folder", "mltable", "custom_model", "mlflow_model", "triton_model", "literal")
OUTPUTS = INPUTS[:-1]


def check(properties: Body, where: str = "") -> None:
    """Every input and output of a job is well-formed: ServiceError (400)."""
    check_inputs(dig_object(properties, "inputs"), f"{where}inputs")
    check_outputs(dig_object(properties, "outputs"), f"{where}outputs")


def check_inputs(inputs: Body, where: str) -> None:
    """Every input is well-formed: ServiceError (400)."""
    for name in inputs:
        check_input(inputs, name, f"{where}.{name}")


def check_input(holder: Body, name: str, where: str, types: tuple[str, ...] = INPUTS) -> None:
    """An input has a type, and the value or the place that it needs: ServiceError (400)."""
    binding = _object(holder, name, where)
    type_ = _type(binding, "jobInputType", where, types)
    dig_text(binding, "uri")
    wanted = "value" if type_ == "literal" else "uri"
    if binding.get(wanted) is None:
        label = wanted.capitalize()
        raise user_error(400, f"Request is invalid and/or missing fields. The {label} field is required ('{where}').")


def check_outputs(outputs: Body, where: str) -> None:
    """Every output is well-formed: ServiceError (400)."""
    for name in outputs:
        binding = _object(outputs, name, f"{where}.{name}")
        _type(binding, "jobOutputType", f"{where}.{name}", OUTPUTS)
        dig_text(binding, "uri")


def _object(holder: Body, name: str, where: str) -> Body:
    binding = holder.get(name)
    if not isinstance(binding, dict):
        raise refusal(400, f"The request content was invalid: 'properties.{where}' has to be an object.")
    return binding


def _type(binding: Body, key: str, where: str, types: tuple[str, ...]) -> str:
    type_ = (dig_text(binding, key) or "").lower()
    if type_ not in types:
        field = f"{where}.{key}"
        raise wrong_word(field, types)
    return type_


def wrong_word(field: str, words: tuple[str, ...]) -> ServiceError:
    """The refusal of a word that is none of a closed list."""
    return user_error(
        400, f"The value provided is not a valid enum value. Field: {field}. Allowed values: {','.join(words)}."
    )


def required(body: Body, path: str, where: str = "properties") -> str:
    """The text at a path, which has to be there: ServiceError (400)."""
    text = dig_text(body, path)
    if not text:
        raise missing(path, where)
    return text


def required_object(body: Body, path: str, where: str = "properties") -> Body:
    """The object at a path, which has to be there: ServiceError (400)."""
    found = dig_object(body, path)
    if not found:
        raise missing(path, where)
    return found


def missing(path: str, where: str = "properties") -> ServiceError:
    """The refusal of a body without a part that it needs."""
    name = path.rpartition(".")[2]
    label = f"{name[:1].upper()}{name[1:]}"
    message = f"Request is invalid and/or missing fields. The {label} field is required ('{where}.{path}')."
    return user_error(400, message)


def word(body: Body, path: str, words: tuple[str, ...], where: str = "properties") -> str | None:
    """The word of a closed list at a path, as the list writes it; None where nothing stands. ServiceError (400) for another."""
    text = dig_text(body, path)
    if text is None:
        return None
    found = next((each for each in words if each.lower() == text.lower()), None)
    if found is None:
        raise wrong_word(f"{where}.{path}".removeprefix("properties."), words)
    return found


def required_word(body: Body, path: str, words: tuple[str, ...], where: str = "properties") -> str:
    """The word of a closed list at a path, which has to be there: ServiceError (400)."""
    found = word(body, path, words, where)
    if found is None:
        raise missing(path, where)
    return found
