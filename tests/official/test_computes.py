"""Computes: clusters and instances, through the official client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.ai.ml.entities import AmlCompute, ComputeInstance, VirtualMachineCompute, VirtualMachineSshSettings
from azure.core.exceptions import ResourceNotFoundError

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

    from mlsdk.backends.memory import MemoryBackend

GROUP = "/subscriptions/sub/resourceGroups/rg"


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates(
    "compute.begin_create_or_update", "compute.begin_update", "compute.get", "compute.list", "compute.begin_delete"
)
def test_the_life_of_a_cluster(client: MLClient) -> None:
    """A cluster is made, read, listed, resized and deleted."""
    wanted = AmlCompute(name="gpu", size="STANDARD_NC6S_V3", max_instances=3, idle_time_before_scale_down=300)
    made = client.compute.begin_create_or_update(wanted).result()
    assert (made.name, made.size.lower(), made.max_instances) == ("gpu", "standard_nc6s_v3", 3)
    assert made.provisioning_state == "Succeeded"
    assert {one.name for one in client.compute.list()} == {"cpu-cluster", "gpu"}
    made.max_instances = 5
    client.compute.begin_update(made).result()
    assert client.compute.get("gpu").max_instances == 5
    client.compute.begin_delete("gpu").result()
    with pytest.raises(ResourceNotFoundError):
        client.compute.get("gpu")


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("compute.begin_create_or_update")
@pytest.mark.simulates("compute.begin_start", "compute.begin_stop", "compute.begin_restart", "compute.enable_sso")
def test_an_instance_starts_and_stops(client: MLClient) -> None:
    """An instance is in the state that was asked for."""
    made = client.compute.begin_create_or_update(ComputeInstance(name="ci-one", size="Standard_DS3_v2")).result()
    assert made.state == "Running"
    client.compute.begin_stop("ci-one").result()
    assert client.compute.get("ci-one").state == "Stopped"
    client.compute.begin_start("ci-one").result()
    client.compute.begin_restart("ci-one").result()
    assert client.compute.get("ci-one").state == "Running"
    client.compute.enable_sso(name="ci-one", enable_sso=False)


@pytest.mark.usefixtures("azure")
@pytest.mark.simulates("compute.list_nodes", "compute.list_sizes", "compute.list_usage")
def test_nodes_sizes_and_usage(client: MLClient) -> None:
    """A cluster has as many nodes as its smallest size, and the sizes of a region can be listed."""
    cluster = AmlCompute(name="busy", size="Standard_DS3_v2", min_instances=2, max_instances=4)
    client.compute.begin_create_or_update(cluster).result()
    assert len(list(client.compute.list_nodes("busy"))) == 2
    assert any(one.name == "Standard_DS3_v2" for one in client.compute.list_sizes())
    assert list(client.compute.list_usage())


@pytest.mark.emulates("compute.begin_attach", "compute.begin_delete")
def test_a_compute_of_ones_own_is_attached(azure: MemoryBackend, client: MLClient) -> None:
    """What runs elsewhere is attached by its id, and detached again."""
    machine = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/machine"
    azure.create(machine, {"location": "eastus"})
    settings = VirtualMachineSshSettings(admin_username="admin", admin_password="made-up")
    wanted = VirtualMachineCompute(name="machine", resource_id=machine, ssh_settings=settings)
    made = client.compute.begin_attach(wanted).result()
    assert made.resource_id == machine
    client.compute.begin_delete("machine", action="Detach").result()
    assert {one.name for one in client.compute.list()} == {"cpu-cluster"}
    assert azure.find(machine) is not None
