"""What jobs will send of distributions, resources and queues, beside what the official client sends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conformance.official import OFFICIAL, OURS, differences, official_body

import mlsdk

PARTS: list[tuple[str, dict[str, Any]]] = [
    ("MpiDistribution", {}),
    ("MpiDistribution", {"process_count_per_instance": 0}),
    ("PyTorchDistribution", {"process_count_per_instance": 2}),
    ("TensorFlowDistribution", {}),
    ("TensorFlowDistribution", {"parameter_server_count": None, "worker_count": 3}),
    ("RayDistribution", {"port": 1, "address": "a", "include_dashboard": False, "dashboard_port": 0}),
    ("RayDistribution", {"head_node_additional_args": "b", "worker_node_additional_args": "c"}),
    ("JobResourceConfiguration", {}),
    (
        "JobResourceConfiguration",
        {"locations": ["a"], "instance_count": 2, "instance_type": "b", "max_instance_count": 4},
    ),
    ("JobResourceConfiguration", {"docker_args": "-a", "shm_size": "2g", "instance_count": 0}),
    ("JobResourceConfiguration", {"docker_args": ["-a", "-b"]}),
    ("JobResourceConfiguration", {"properties": {"Singularity": {"x": 1}, "ITP": {"y": 2}, "own": 3}}),
    ("ResourceConfiguration", {"instance_count": 1, "instance_type": "b", "properties": {"singularity": {"x": 1}}}),
    ("QueueSettings", {"job_tier": "Spot", "priority": "HIGH"}),
    ("QueueSettings", {"job_tier": "null"}),
]


@pytest.mark.parametrize(("name", "arguments"), PARTS)
def test_a_part_of_a_job_is_sent_as_the_official_client_sends_it(name: str, arguments: dict[str, Any]) -> None:
    """Every distribution, and each setting of resources and queues, stands where the service looks for it."""
    expected = official_body(getattr(OFFICIAL, name)(**arguments))
    assert not [*differences(expected, json.loads(json.dumps(mlsdk.to_wire(getattr(OURS, name)(**arguments)))))]


@pytest.mark.parametrize(("name", "arguments"), PARTS)
def test_a_part_of_a_job_comes_back_as_it_was(name: str, arguments: dict[str, Any]) -> None:
    """What was sent is read to the same settings, words included."""
    body = mlsdk.to_wire(getattr(OURS, name)(**arguments))
    assert mlsdk.to_wire(mlsdk.from_wire(getattr(OURS, name), body)) == body
