"""YAML documents as plain data, strictly: no key twice, numbers that remember their digits, dates as text, and places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import cache
from itertools import pairwise
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from mlsdk.schema.values import Number, Whole

if TYPE_CHECKING:
    from mlsdk.schema.files import Problem


class Malformed(ValueError):
    """A text that is not one YAML mapping; it says where."""


@cache
def _loader() -> Any:
    """The strict loader, made when the first document is read."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    scalar, text = yaml.ScalarNode, "tag:yaml.org,2002:str"

    class Loader(base):  # type: ignore[misc]
        """PyYAML's safe loader with the strictness above; texts, which most nodes are, take a short way through it."""

        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            if kind is not scalar:
                return super().resolve(kind, value, implicit)
            if implicit[0]:
                for tag, pattern in self.yaml_implicit_resolvers.get(value[:1], ()):
                    if pattern.match(value):
                        return tag
            return text

        def construct_object(self, node: Any, deep: bool = False) -> Any:
            if node.tag == text and node.__class__ is scalar:
                return node.value
            return super().construct_object(node, deep)

    Loader.add_constructor("tag:yaml.org,2002:float", _decimal)
    Loader.add_constructor("tag:yaml.org,2002:int", _whole)
    Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
    Loader.add_constructor("tag:yaml.org,2002:timestamp", Loader.construct_yaml_str)
    return Loader


def _decimal(loader: Any, node: Any) -> Any:
    value = Number(loader.construct_yaml_float(node))
    value.text = node.value
    return value


def _whole(loader: Any, node: Any) -> Any:
    value = loader.construct_yaml_int(node)
    if str(value) != node.value:
        value = Whole(value)
        value.text = node.value
    return value


def _mapping(loader: Any, node: Any) -> Any:
    seen, merges = set(), False
    for key, _ in node.value:
        name = key.value
        if name.__class__ is not str:
            continue
        if name in ("<<", "="):
            merges = True  # YAML's own keys, if they are not in quotes
            if name == "<<":
                continue
        if name in seen:
            from yaml.constructor import ConstructorError

            raise ConstructorError(None, None, f"key {name!r} is given twice", key.start_mark)
        seen.add(name)
    if merges:
        loader.flatten_mapping(node)
    make = loader.construct_object
    return {make(key, deep=True): make(item, deep=True) for key, item in node.value}


def parse(text: str, name: str) -> dict[str, Any]:
    """The mapping in a YAML text; Malformed with `name:line:column: what is wrong` when it holds none."""
    import yaml

    try:
        data = yaml.load(text, _loader())  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        message = f"{name}:{place}: {error.problem or error.context}"
        raise Malformed(message) from None
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        message = f"{name}:1:1: {str(error).splitlines()[0]}"
        raise Malformed(message) from None
    if data is None:
        message = f"{name}:1:1: the document is empty"
        raise Malformed(message)
    if not isinstance(data, dict):
        message = f"{name}:1:1: expected a mapping of keys and values, got a {type(data).__name__}"
        raise Malformed(message)
    return data


_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def override(data: dict[str, Any], path: str, value: Any) -> None:
    """Set what stands at a dotted path (`resources.instance_count`, `rules[0].name`), making mappings on the way.

    ValidationException when the path leads through a text, such as a reference to something defined elsewhere.
    """
    steps: list[Any] = [found[1] if found[1] is not None else int(found[2]) for found in _STEP.finditer(path)]
    here: Any = data
    for step, following in pairwise(steps):
        below = (
            here.get(step)
            if isinstance(here, dict)
            else here[step]
            if isinstance(step, int) and step < len(here)
            else None
        )
        if below is None:
            below = [] if isinstance(following, int) else {}
            _put(here, step, below)
        elif not isinstance(below, (dict, list)):
            from mlsdk.exceptions import ValidationException

            message = f"params_override: {path!r} leads through {step!r}, which is the text {str(below)[:80]!r}"
            raise ValidationException(message)
        here = below
    _put(here, steps[-1], value)


def _put(here: Any, step: Any, value: Any) -> None:
    if isinstance(here, list):
        here.extend([None] * (step + 1 - len(here)))
    here[step] = value


# -- places ------------------------------------------------------------------------------------------------------
def located(text: str, name: str, problems: Iterable[Problem]) -> list[str]:
    """Each problem as `name:line:column: path: what is wrong`, in the order of the text."""
    problems = list(problems)
    if not problems:
        return []
    import yaml

    root = yaml.compose(text, _loader())
    lines: list[tuple[int, int, str]] = []
    elsewhere = [problem.what for problem in problems if problem.file is not None]
    for problem in problems:
        if problem.file is None:
            mark = _mark(root, problem.steps, at_key=problem.at_key)
            lines.append((mark.line + 1, mark.column + 1, str(problem)))
    return [f"{name}:{line}:{column}: {what}" for line, column, what in sorted(lines)] + elsewhere


def compose(text: str) -> Any:
    """The nodes of a YAML text, for `mark_at`; Malformed when it is none."""
    import yaml

    try:
        return yaml.compose(text, _loader())
    except yaml.YAMLError as error:
        raise Malformed(str(error)) from None


def mark_at(root: Any, path: str) -> Any:
    """Where in a text what a dotted path leads to starts; the nearest thing around it when it is not in the text.

    Keys may have points in them. A step that is not in the text is passed over, as a component is that a step writes out.
    """
    node, mark, steps = root, root.start_mark, path.split(".") if path else []
    start = 0
    while start < len(steps):
        end, found = _longest(node, steps, start)
        if found is None:
            start += 1
            continue
        node, start = found, end
        mark = node.start_mark
    return mark


def _longest(node: Any, steps: list[str], start: int) -> tuple[int, Any]:
    """The value in a node under the longest key that the steps begin with, and where they go on."""
    values = node.value if isinstance(node.value, list) else []
    if values and not isinstance(values[0], tuple):
        index = int(steps[start]) if steps[start].isdecimal() else len(values)
        return (start + 1, values[index]) if index < len(values) else (start, None)
    pairs = {key.value: item for key, item in reversed([*_flat(values)])}
    for end in range(len(steps), start, -1):
        found = pairs.get(".".join(steps[start:end]))
        if found is not None:
            return end, found
    return start, None


def _mark(node: Any, steps: tuple[Any, ...], *, at_key: bool) -> Any:
    """Where in the text the value at `steps` starts, or its key; the nearest thing around it when it is not in the text."""
    mark = node.start_mark
    for index, step in enumerate(steps):
        pairs = node.value if isinstance(node.value, list) else []
        if pairs and isinstance(pairs[0], tuple):
            found = next(((key, item) for key, item in _flat(pairs) if key.value == str(step)), None)
            if found is None:
                return mark
            node = found[1]
            mark = (found[0] if at_key and index == len(steps) - 1 else node).start_mark
        elif isinstance(step, int) and step < len(pairs):
            node = pairs[step]
            mark = node.start_mark
        else:
            return mark
    return mark


def _flat(pairs: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """The pairs of a mapping, those it merges in by `<<` after its own."""
    merged = []
    for key, item in pairs:
        if key.value == "<<":
            merged += (
                item.value
                if isinstance(item.value, list) and item.value and isinstance(item.value[0], tuple)
                else [pair for one in item.value for pair in one.value]
            )
        else:
            yield key, item
    yield from _flat(merged) if merged else ()


# -- out -----------------------------------------------------------------------------------------------------------
def plain(value: Any) -> Any:
    """A value without what only reading needed: numbers without their digits, enums as their value, paths as text."""
    if value.__class__ in (str, int, bool, float, type(None)):
        return value
    if isinstance(value, Mapping):
        return (
            {key: plain(item) for key, item in value.items()}
            if not isinstance(value, dict) or _special(value.values())
            else value
        )
    if isinstance(value, list):
        return [plain(item) for item in value] if _special(value) else value
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Number):
        return float(value)
    if isinstance(value, Whole):
        return int(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, PathLike):
        return fspath(value)
    return value


def _special(items: Iterable[Any]) -> bool:
    """Whether any of the values would change, so that a mapping of the user's stays the same object where none does."""
    return any(plain(item) is not item for item in items)


def write(data: dict[str, Any]) -> str:
    """Plain data as one YAML document that `parse` reads back to the same data."""
    import yaml

    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, default_flow_style=False)
