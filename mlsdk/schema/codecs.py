"""Values whose form in a body differs from the one in Python and in files."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mlsdk.ids import segment as id_segment
from mlsdk.schema.fields import Codec
from mlsdk.schema.values import BINDING, described, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

_DURATION = re.compile(
    r"P(?:(?P<days>\d+(?:\.\d+)?)D)?(?:T(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?$"
)


def _to_duration(seconds: Any) -> Any:
    """ISO 8601 as the official client writes it: `PT1H30M`, days apart, nothing but `PT0S` for none."""
    if isinstance(seconds, str):
        return seconds
    whole = int(seconds)
    days, rest = divmod(whole, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    clock = "".join(f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if count)
    return f"P{days}D" * bool(days) + ("" if days and not clock else ("T" if days else "PT") + (clock or "0S"))


def _from_duration(text: Any) -> Any:
    found = _DURATION.match(text) if isinstance(text, str) else None
    if not found or text in ("P", "PT"):
        return text
    parts = {unit: float(count or 0) for unit, count in found.groupdict().items()}
    return int(parts["days"] * 86400 + parts["hours"] * 3600 + parts["minutes"] * 60 + parts["seconds"])


seconds = Codec(_to_duration, _from_duration)
"""Whole seconds, `PT2M` in a body."""


def _minutes(text: Any) -> Any:
    count = _from_duration(text)
    return count // 60 if isinstance(count, int) and count % 60 == 0 else text


minutes = Codec(lambda value: value if isinstance(value, str) else _to_duration(value * 60), _minutes)
"""Whole minutes, `PT30M` in a body."""


def words(**pairs: str) -> Codec:
    """A vocabulary by its word in Python and in bodies; a word this version does not know passes unchanged.

    Bodies are compared without case.
    """
    back = {theirs.lower(): ours for ours, theirs in pairs.items()}
    return Codec(lambda value: pairs.get(value, value), lambda value: back.get(str(value).lower(), value))


def snake_to_pascal(text: Any) -> Any:
    """`allow_internet_outbound` as `AllowInternetOutbound`; an expression stays as it is."""
    if not isinstance(text, str) or BINDING.search(text):
        return text
    return "".join(part[:1].upper() + part[1:] for part in text.split("_"))


def pascal_to_snake(text: Any) -> Any:
    """`AllowInternetOutbound` as `allow_internet_outbound`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower() if isinstance(text, str) else text


def snake_to_camel(text: str) -> str:
    """`user_assigned` as `userAssigned`."""
    return re.sub(r"_([a-zA-Z0-9])", lambda found: found[1].upper(), text)


pascal = Codec(snake_to_pascal, pascal_to_snake)
"""Words in snake case whose form in a body is PascalCase."""

enabled = Codec(
    lambda value: "Enabled" if value is True else "Disabled" if value is False else value,
    lambda value: {"enabled": True, "disabled": False}.get(str(value).lower()),
)
"""A flag that a body spells `Enabled` or `Disabled`; another word there is None."""


def segment(kind: str) -> Codec:
    """The name that follows `/kind/` in a resource id."""
    return Codec(str, lambda value: id_segment(value, kind))


text = Codec(str, str)
"""A plain value that bodies carry as text."""


def _to_timestamp(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _from_timestamp(value: Any) -> Any:
    """A datetime from ISO 8601; seven digits of a second, which the service writes, are cut to Python's six."""
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:  # Python 3.10 reads neither seven digits nor Z
        trimmed = re.sub(r"(\.\d{6})\d+", r"\1", value).replace("Z", "+00:00")
    try:
        return datetime.fromisoformat(trimmed)
    except ValueError:
        return value


timestamp = Codec(_to_timestamp, _from_timestamp)
"""A moment, ISO 8601 in bodies and files."""


def _one_of(known: tuple[str, ...], brought: Callable[[str], str]) -> Callable[[Any], str]:
    """Reads one of the words `known`, whose spellings `brought` brings together; ValueError otherwise."""

    def load(word: Any) -> str:
        found = brought(word) if isinstance(word, str) else None
        if found in known:
            return found
        message = f"{described(word)} is not one of {', '.join(map(repr, known))}{did_you_mean(found, known)}"
        raise ValueError(message)

    return load


def file_words(*known: str) -> Codec:
    """A closed list of words in files, in lower case there and read in any case."""
    return Codec(lambda word: word.lower() if isinstance(word, str) else word, _one_of(known, str.lower))


def exact_words(*known: str) -> Codec:
    """A closed list of words in files, read only as they are written."""
    return Codec(lambda word: word, _one_of(known, str))


def snake_words(*known: str) -> Codec:
    """A closed list of words in files, in snake case there and read in camel case too; several are parted by commas."""

    def brought(words: str) -> str:
        return ",".join(snake(word.strip()) for word in words.split(",")) if "," in words else snake(words)

    return Codec(pascal_to_snake, _one_of(known, brought))


def snake(word: str) -> str:
    """`AllowInternetOutbound` as `allow_internet_outbound`, `Allow_Internet` as `allow__internet`, which no word is."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", "_", word).lower()
