"""The nodes of a cluster: how many there are, and how many there are going to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.backends.memory.bodies import dig, dig_integer
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.clock import stamp
from mlsdk.backends.memory.errors import refusal

if TYPE_CHECKING:
    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.kinds import Body
    from mlsdk.backends.memory.state import Resource

COMPUTED = (
    "allocationState",
    "allocationStateTransitionTime",
    "currentNodeCount",
    "targetNodeCount",
    "nodeStateCounts",
)
"""What the service alone says of a cluster's nodes."""


def resize(call: Call, compute: Resource, inner: Body, *, at_once: bool) -> None:
    """Aim for the fewest nodes that the scale settings allow, and no more than the most."""
    known = compute.known
    lowest = dig_integer(inner, "scaleSettings.minNodeCount") or 0
    highest = dig(inner, "scaleSettings.maxNodeCount", lowest)
    present = known.get("nodes", 0)
    known["target"] = max(lowest, min(present, highest))
    known.setdefault("nodes", 0)
    known["since"] = stamp(call.now)
    if at_once:
        reached(known)


def reached(known: dict[str, Any]) -> None:
    """Let the cluster have the nodes it aims for."""
    known["nodes"] = known["target"]


def counts(known: dict[str, Any]) -> Body:
    """What a cluster's body says of its nodes."""
    present, target = known["nodes"], known["target"]
    states = dict.fromkeys(("running", "idle", "preparing", "unusable", "leaving", "preempted"), 0)
    states["idle"] = min(present, target)
    states["preparing"] = max(target - present, 0)
    states["leaving"] = max(present - target, 0)
    return {
        "allocationState": "Steady" if present == target else "Resizing",
        "allocationStateTransitionTime": known["since"],
        "currentNodeCount": present,
        "targetNodeCount": target,
        "nodeStateCounts": {f"{state}NodeCount": count for state, count in states.items()},
    }


def list_nodes(_call: Call, compute: Resource) -> Reply:
    """The nodes of a cluster, under `nodes` and not `value`."""
    known = compute.known
    if "nodes" not in known:
        raise refusal(400, f"Compute '{compute.name}' is not a cluster: it has no nodes to list.", "InvalidOperation")
    found = [
        {
            "nodeId": f"tvmps_{number:064x}_d",
            "privateIpAddress": f"10.0.{number // 250}.{number % 250 + 4}",
            "publicIpAddress": "20.0.0.4",
            "port": 50_000 + number,
            "nodeState": "idle",
            "runId": None,
        }
        for number in range(known["nodes"])
    ]
    return reply({"nodes": found})
