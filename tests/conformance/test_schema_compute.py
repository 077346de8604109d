"""What mlsdk sends for a compute, beside the published ARM schema: no property that no published version knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.cases_compute import CASES, CLUSTER, ROBOT
from conformance.official import OURS, our_body

from mlsdk.entities.compute import COMPUTE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"

EXEMPT = {
    "properties.properties.schedules.computeStartStop.*.cron.triggerType": "a trigger repeats its type, as officially",
    "properties.properties.schedules.computeStartStop.*.recurrence.triggerType": "the same",
    "properties.properties.customServices.*.environmentVariables.N": "a number that the user gave stays a number",
    "properties.properties.scaleSettings": "the service asks for a most; None leaves it out, as in the official client",
}
"""Places that the schema refuses in some case, each with the reason to send it all the same."""


def _sent() -> Iterator[dict[str, Any]]:
    """The body of each compute of the cases that can be sent, in a region and with its subnet as an id."""
    for name, arguments in CASES:
        try:
            yield our_body(getattr(OURS, name)(**arguments(OURS)).placed("westus", GROUP))
        except (TypeError, ValueError):
            continue


def _without(body: Any, steps: list[str]) -> bool:
    """Take a place out of a body, `*` standing for every item of a list; whether it was there."""
    step, *rest = steps
    if step == "*":
        return sum(_without(item, rest) for item in body) > 0
    if not isinstance(body, dict) or step not in body:
        return False
    if rest:
        return _without(body[step], rest)
    del body[step]
    return True


def test_a_body_has_no_property_that_the_service_does_not_publish(
    problems: Callable[[str, dict[str, Any]], list[str]],
) -> None:
    """Each field alone, set and falsy; what is refused is what is listed, no more and no less."""
    met = set()
    for body in _sent():
        if problems(COMPUTE.schema, body):
            met |= {place for place in EXEMPT if _without(body, place.split("."))}
            assert not problems(COMPUTE.schema, body)
    assert met == set(EXEMPT)


def test_an_attached_cluster_is_sent_by_published_names(problems: Callable[[str, dict[str, Any]], list[str]]) -> None:
    """Everything that can be said of a Kubernetes cluster at once."""
    compute = OURS.KubernetesCompute(
        name="kube",
        resource_id=CLUSTER,
        namespace="training",
        description="d",
        tags={"purpose": "demo"},
        properties={"defaultInstanceType": "small"},
        identity={"type": "user_assigned", "user_assigned_identities": [{"resource_id": ROBOT}]},
    )
    body = our_body(compute.placed("westus", GROUP))
    assert not problems(COMPUTE.schema, body)
    assert body == {
        "location": "westus",
        "tags": {"purpose": "demo"},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {ROBOT: {}}},
        "properties": {
            "computeType": "Kubernetes",
            "description": "d",
            "resourceId": CLUSTER,
            "computeLocation": "westus",
            "properties": {"namespace": "training", "defaultInstanceType": "small"},
        },
    }
