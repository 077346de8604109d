"""Computes: clusters, instances and attached ones, through their lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from mlsdk import MLClient, to_wire
from mlsdk.backends.memory import ManualClock, MemoryBackend
from mlsdk.entities import (
    AmlCompute,
    AmlComputeSshSettings,
    Compute,
    ComputeInstance,
    ComputeSchedules,
    ComputeStartStopSchedule,
    CronTrigger,
    IdentityConfiguration,
    KubernetesCompute,
    NetworkSettings,
    SynapseSparkCompute,
    VirtualMachineCompute,
    VirtualMachineSshSettings,
)
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from operations.conftest import Reached, Unique

SIZE = "STANDARD_DS3_v2"
OTHER = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers"
ATTACHED: list[Compute] = [
    KubernetesCompute(name="k8s", resource_id=f"{OTHER}/Microsoft.Kubernetes/connectedClusters/arc", namespace="ml"),
    VirtualMachineCompute(
        name="machine",
        resource_id=f"{OTHER}/Microsoft.Compute/virtualMachines/vm",
        ssh_settings=VirtualMachineSshSettings(admin_username="me", admin_password="s3cret"),
    ),
    SynapseSparkCompute(name="spark", resource_id=f"{OTHER}/Microsoft.Synapse/workspaces/w/bigDataPools/p"),
]


@pytest.mark.shows("compute.begin_create_or_update", "compute.get")
def test_a_cluster_is_made_in_every_manner_of_waiting(slow_backend: MemoryBackend, reached: Reached) -> None:
    """Whether the service answers at once, by an operation, a location or the resource itself, the result is the same."""
    slow_backend.add_workspace("s", "rg", "ws", location="eastus")
    client = MLClient(None, "s", "rg", "ws", backend=reached(slow_backend), polling_interval=0.01)
    wanted = AmlCompute(
        name="cluster",
        size=SIZE,
        min_instances=0,
        max_instances=2,
        idle_time_before_scale_down=120,
        tier="low_priority",
        tags={"a": "1"},
        ssh_public_access_enabled=True,
        ssh_settings=AmlComputeSshSettings(admin_username="me", admin_password="s3cret"),
        identity=IdentityConfiguration(type="system_assigned"),
    )
    poller = client.compute.begin_create_or_update(wanted)
    made = poller.result()
    found = client.compute.get("cluster")
    for compute in (made, found):
        assert isinstance(compute, AmlCompute)
        assert (compute.min_instances, compute.max_instances, compute.idle_time_before_scale_down) == (0, 2, 120)
        assert (compute.tier, compute.size, compute.location, compute.tags) == (
            "low_priority",
            SIZE,
            "eastus",
            {"a": "1"},
        )
        assert compute.ssh_public_access_enabled is True
        assert compute.provisioning_state == "Succeeded"
        assert compute.identity is not None
        assert compute.identity.principal_id
        assert compute.ssh_settings is not None
        assert compute.ssh_settings.admin_password is None
    assert poller.done()
    assert wanted.location is None


@pytest.mark.shows("compute.begin_create_or_update")
def test_a_cluster_takes_its_time_on_a_clock_that_is_moved_by_hand(reached: Reached) -> None:
    """It is being created until the clock has passed, and waiting moves the clock."""
    clock = ManualClock()
    backend = MemoryBackend(clock=clock, long_running="async")
    backend.add_workspace("s", "rg", "ws", location="eastus")
    client = MLClient(None, "s", "rg", "ws", backend=reached(backend))
    before = clock.now()
    poller = client.compute.begin_create_or_update(AmlCompute(name="cluster", size=SIZE))
    assert poller.result().provisioning_state == "Succeeded"
    assert clock.now() > before


@pytest.mark.shows("compute.begin_update", "compute.begin_create_or_update")
def test_a_cluster_is_scaled(client: MLClient) -> None:
    """Get, change, put: what was not changed stays, what the service owns is not sent."""
    client.compute.begin_create_or_update(
        AmlCompute(name="cluster", size=SIZE, max_instances=2, tags={"a": "1"})
    ).result()
    cluster = client.compute.get("cluster")
    assert isinstance(cluster, AmlCompute)
    cluster.max_instances, cluster.min_instances = 8, 1
    updated = client.compute.begin_update(cluster).result()
    assert isinstance(updated, AmlCompute)
    assert (updated.max_instances, updated.min_instances, updated.tags, updated.size) == (8, 1, {"a": "1"}, SIZE)


@pytest.mark.shows("compute.list_nodes")
def test_a_cluster_has_as_many_nodes_as_it_keeps(client: MLClient) -> None:
    """Nodes appear with the minimum and have addresses and states."""
    client.compute.begin_create_or_update(AmlCompute(name="cluster", size=SIZE, min_instances=2)).result()
    nodes = list(client.compute.list_nodes("cluster"))
    assert len(nodes) == 2
    assert {node.node_state for node in nodes} == {"idle"}
    assert len({node.node_id for node in nodes}) == 2


@pytest.mark.shows(
    "compute.begin_create_or_update", "compute.begin_stop", "compute.begin_start", "compute.begin_restart"
)
def test_an_instance_is_stopped_and_started(client: MLClient) -> None:
    """Only what runs can be stopped, only what is stopped started."""
    schedules = ComputeSchedules(
        compute_start_stop=[
            ComputeStartStopSchedule(trigger=CronTrigger(expression="0 18 * * *", time_zone="UTC"), action="stop")
        ]
    )
    made = client.compute.begin_create_or_update(ComputeInstance(name="mine", size=SIZE, schedules=schedules)).result()
    assert isinstance(made, ComputeInstance)
    assert made.state == "Running"
    assert made.schedules is not None
    client.compute.begin_stop("mine").result()
    assert client.compute.get("mine").state == "Stopped"  # type: ignore[attr-defined]
    with pytest.raises(HttpResponseError):
        client.compute.begin_restart("mine")
    client.compute.begin_start("mine").result()
    client.compute.begin_restart("mine").result()
    assert client.compute.get("mine").state == "Running"  # type: ignore[attr-defined]


@pytest.mark.shows("compute.enable_sso")
def test_single_sign_on_is_switched(client: MLClient) -> None:
    """The instance says so afterwards."""
    client.compute.begin_create_or_update(ComputeInstance(name="mine", size=SIZE)).result()
    client.compute.enable_sso(name="mine", enable_sso=False)
    assert client.compute.get("mine").enable_sso is False  # type: ignore[attr-defined]


@pytest.mark.shows("compute.begin_attach", "compute.begin_delete")
@pytest.mark.parametrize("compute", ATTACHED, ids=lambda compute: compute.name)
def test_what_is_outside_is_attached_and_detached(client: MLClient, compute: Compute) -> None:
    """It comes back as its class with its id, in the workspace's region, and detaching takes it out."""
    made = client.compute.begin_attach(compute).result()
    found = client.compute.get(compute.name)
    assert type(made) is type(found) is type(compute)
    assert (found.resource_id, found.location) == (compute.resource_id, "eastus")
    assert "s3cret" not in str(found.to_dict())
    client.compute.begin_delete(compute.name, action="Detach").result()
    with pytest.raises(ResourceNotFoundError):
        client.compute.get(compute.name)


@pytest.mark.shows("compute.list")
def test_computes_are_listed_by_type(client: MLClient) -> None:
    """Each as its class; a type keeps its own only."""
    client.compute.begin_create_or_update(AmlCompute(name="cluster", size=SIZE)).result()
    client.compute.begin_create_or_update(ComputeInstance(name="mine", size=SIZE)).result()
    assert {type(compute) for compute in client.compute.list()} == {AmlCompute, ComputeInstance}
    assert [compute.name for compute in client.compute.list(compute_type="AmlCompute")] == ["cluster"]


@pytest.mark.shows("compute.begin_delete")
def test_a_deleted_cluster_is_gone(client: MLClient, unique: Unique) -> None:
    """A cluster is deleted, not detached."""
    client.compute.begin_create_or_update(AmlCompute(name=unique("cluster"), size=SIZE)).result()
    with pytest.raises(HttpResponseError):
        client.compute.begin_delete(unique("cluster"), action="Detach").result()
    client.compute.begin_delete(unique("cluster")).result()
    with pytest.raises(ResourceNotFoundError):
        client.compute.get(unique("cluster"))
    with pytest.raises(ValidationException, match="allowed are 'Delete' and 'Detach'"):
        client.compute.begin_delete(unique("cluster"), action="Remove")


@pytest.mark.shows("compute.list_sizes", "compute.list_usage")
@pytest.mark.usefixtures("unique")  # it makes nothing
def test_sizes_and_usage_of_a_region_are_listed(client: MLClient) -> None:
    """Of the workspace's region when none is named; by type when asked."""
    sizes = {size.name: size for size in client.compute.list_sizes()}
    assert sizes["Standard_DS3_v2"].v_cp_us == 4
    assert sizes["Standard_DS3_v2"].memory_gb == 14
    assert {size.name for size in client.compute.list_sizes(location="westus", compute_type="ComputeInstance")} <= set(
        sizes
    )
    usage = list(client.compute.list_usage())
    assert usage
    assert all(row.limit is not None and row.current_value is not None and row.name is not None for row in usage)


def test_a_subnet_is_sent_as_its_id(client: MLClient) -> None:
    """The names of network and subnet become the id in the workspace's group; an id stays as it is."""
    network = NetworkSettings(vnet_name="net", subnet="sub")
    made = client.compute.begin_create_or_update(
        AmlCompute(name="cluster", size=SIZE, network_settings=network)
    ).result()
    assert isinstance(made, AmlCompute)
    assert made.network_settings is not None
    assert made.network_settings.subnet == f"{OTHER}/Microsoft.Network/virtualNetworks/net/subnets/sub"
    assert network.subnet == "sub"


@pytest.mark.parametrize("name", ["1abc", "ab", "a" * 25, "has_underscore", "ends-5"])
def test_a_name_is_checked_before_anything_is_sent(client: MLClient, backend: MemoryBackend, name: str) -> None:
    """The error gives the service's rule in words."""
    before = len(backend.requests)
    with pytest.raises(ValidationException, match="3 to 24"):
        client.compute.begin_create_or_update(AmlCompute(name=name, size=SIZE))
    assert len(backend.requests) == before


def test_the_service_refuses_an_unknown_size(client: MLClient, unique: Unique) -> None:
    """With its code and text."""
    with pytest.raises(HttpResponseError, match="Standard_None") as error:
        client.compute.begin_create_or_update(AmlCompute(name=unique("cluster"), size="Standard_None"))
    assert error.value.status_code == 400


def test_a_failure_while_waiting_is_raised_with_the_services_code(reached: Reached) -> None:
    """What goes wrong after the request was taken comes out of `result()`."""
    backend = MemoryBackend(long_running="async")
    backend.add_workspace("s", "rg", "ws", location="eastus")
    client = MLClient(None, "s", "rg", "ws", backend=reached(backend), polling_interval=0.01)
    backend.fail(
        method="PUT", path="*/computes/*", code="ClusterCoreQuotaReached", message="no cores left", operation=True
    )
    with pytest.raises(HttpResponseError, match="no cores left") as error:
        client.compute.begin_create_or_update(AmlCompute(name="cluster", size=SIZE)).result()
    assert error.value.error is not None
    assert error.value.error.code == "ClusterCoreQuotaReached"


def test_a_cluster_that_is_got_and_put_again_tells_the_service_nothing_of_its_state(
    client: MLClient, unique: Unique
) -> None:
    """How many nodes it has at the moment is the service's own; what the user set is sent."""
    name = unique("cpu")
    client.begin_create_or_update(AmlCompute(name=name, size="STANDARD_DS3_V2", max_instances=2)).result()
    sent = to_wire(client.compute.get(name))["properties"]["properties"]
    assert {"allocationState", "currentNodeCount", "targetNodeCount", "nodeStateCounts"}.isdisjoint(sent)
    assert sent["scaleSettings"]["maxNodeCount"] == 2
