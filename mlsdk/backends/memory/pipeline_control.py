"""What the service checks of the nodes of a pipeline that steer others: conditions and loops."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.bodies import dig_integer, dig_object
from mlsdk.backends.memory.errors import user_error
from mlsdk.backends.memory.job_bindings import missing
from mlsdk.backends.memory.pipeline_graphs import CONTROL, steered, type_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsdk.backends.memory.kinds import Body

MOST_ROUNDS = 1000


def check(jobs: Mapping[str, Any], name: str, node: Body, where: str) -> None:
    """A condition has something to decide on and a loop something to repeat: ServiceError (400)."""
    type_ = type_of(node)
    named = {key: steered(node, key) for key in CONTROL[type_]}
    if not any(named.values()):
        raise missing(CONTROL[type_][0], f"properties.{where}")
    for key, steps in named.items():
        for step in steps:
            if step not in jobs or step == name:
                raise user_error(400, f"The {key} of the node '{where}' is '{step}', and there is no such node.")
    if type_ == "parallel_for":
        _check_items(node, where)
        return
    if node.get("condition") is None:
        field = "condition"
        raise missing(field, f"properties.{where}")
    if not isinstance(node["condition"], (str, bool)):
        raise user_error(400, f"The condition of the node '{where}' has to be an expression, or true or false.")
    if type_ == "do_while":
        rounds = dig_integer(dig_object(node, "limits"), "max_iteration_count")
        if rounds is not None and not 1 <= rounds <= MOST_ROUNDS:
            raise user_error(
                400, f"'{where}.limits.max_iteration_count' has to be from 1 to {MOST_ROUNDS}, not {rounds}."
            )
    elif set(named["true_block"]) & set(named["false_block"]):
        raise user_error(400, f"The node '{where}' has the same step in its true_block and its false_block.")


def _check_items(node: Body, where: str) -> None:
    items = node.get("items")
    if items is None:
        field = "items"
        raise missing(field, f"properties.{where}")
    if isinstance(items, str) and "${{" not in items:
        try:
            items = json.loads(items)
        except ValueError:
            message = f"The items of the node '{where}' are neither a list nor an object in JSON: '{items}'."
            raise user_error(400, message) from None
    if not isinstance(items, str) and (not isinstance(items, (list, dict)) or not items):
        raise user_error(400, f"The items of the node '{where}' have to be a list or an object with something in it.")
