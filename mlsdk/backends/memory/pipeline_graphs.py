"""The graph of a pipeline: which of its steps refers to which, and the order in which they can run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EXPRESSION = re.compile(r"\$\{\{\s*(?P<path>[^{}]*?)\s*\}\}")
OF_STEP = re.compile(r"parent\.jobs\.(?P<step>[^.]+)(?:\.(?P<side>inputs|outputs)\.(?P<name>.+))?")
OF_PIPELINE = re.compile(r"parent\.(?P<side>inputs|outputs)\.(?P<name>.+)")
CONTROL = {"if_else": ("true_block", "false_block"), "do_while": ("body",), "parallel_for": ("body",)}
"""The nodes that steer others, by type, and what they name those others with."""


def type_of(node: Mapping[str, Any]) -> str:
    """The type of a node in lower case."""
    return str(node.get("type")).lower()


def expressions(value: Any) -> Iterator[str]:
    """The paths in all expressions in a part of a body."""
    if isinstance(value, str):
        yield from (found["path"] for found in EXPRESSION.finditer(value))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from expressions(key)
            yield from expressions(item)
    elif isinstance(value, list):
        for item in value:
            yield from expressions(item)


def steered(node: Mapping[str, Any], key: str) -> list[str]:
    """The steps that a node steers under a key; it names one or several by an expression or by name."""
    value = node.get(key)
    named = value if isinstance(value, list) else [value]
    found = []
    for each in named:
        if isinstance(each, str) and each:
            matched = EXPRESSION.fullmatch(each)
            step = OF_STEP.fullmatch(matched["path"]) if matched is not None else None
            found.append(step["step"] if step is not None else each)
    return found


def refers(node: Mapping[str, Any]) -> dict[str, set[str]]:
    """The steps whose outputs a node takes, with the names of those outputs."""
    blocks = CONTROL.get(type_of(node), ())
    found: dict[str, set[str]] = {}
    for key, value in node.items():
        if key in blocks or key in ("outputs", "componentId", "mapping"):
            continue
        for path in expressions(value):
            matched = OF_STEP.fullmatch(path)
            if matched is not None:
                names = found.setdefault(matched["step"], set())
                if matched["side"] == "outputs":
                    names.add(matched["name"])
    return found


def owners(jobs: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """The node that steers each steered step, and the key under which it names it."""
    return {
        step: (name, key)
        for name, node in jobs.items()
        for key in CONTROL.get(type_of(node), ())
        for step in steered(node, key)
    }


def needs(jobs: Mapping[str, Mapping[str, Any]]) -> dict[str, set[str]]:
    """What of a pipeline has to come before each node of it."""
    steering = owners(jobs)
    found = {name: set(refers(node)) for name, node in jobs.items()}
    for name, (owner, _) in steering.items():
        if name in found and owner in found:
            found[name] |= found[owner] - {name}
    for name, node in jobs.items():
        for key in CONTROL.get(type_of(node), ()):
            found[name] |= set(steered(node, key))
    for name, (owner, _) in steering.items():
        if name in found:
            found[name] -= {owner, name} | set(steered_by(jobs, owner))
    return found


def steered_by(jobs: Mapping[str, Mapping[str, Any]], owner: str) -> Iterator[str]:
    """All steps that a node steers."""
    for key in CONTROL.get(type_of(jobs[owner]), ()):
        yield from steered(jobs[owner], key)


def order(jobs: Mapping[str, Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """The nodes of a pipeline in an order in which they can run, and those of which there is none: they wait for each other."""
    waits = {name: {step for step in before if step in jobs and step != name} for name, before in needs(jobs).items()}
    followers: dict[str, list[str]] = {}
    for name, before in waits.items():
        for step in before:
            followers.setdefault(step, []).append(name)
    found = [name for name, before in waits.items() if not before]
    for name in found:  # grows while it is walked
        for follower in followers.get(name, ()):
            waits[follower].discard(name)
            if not waits[follower]:
                found.append(follower)
    done = set(found)
    return found, [name for name in jobs if name not in done]
