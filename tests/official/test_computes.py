"""Computes: clusters and instances, through the official client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.ai.ml.entities import (
    AmlCompute,
    AmlComputeSshSettings,
    ComputeInstance,
    ComputeInstanceSshSettings,
    IdentityConfiguration,
    KubernetesCompute,
    ManagedIdentityConfiguration,
    NetworkSettings,
    SynapseSparkCompute,
    VirtualMachineCompute,
    VirtualMachineSshSettings,
)
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


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("compute.begin_create_or_update", "compute.begin_update", "compute.get")
def test_each_field_of_a_cluster_shows(client: MLClient) -> None:
    """What a cluster is made with comes back, but for its password."""
    wanted = AmlCompute(
        name="full",
        size="STANDARD_DS3_V2",
        description="all of it",
        tags={"team": "a"},
        location="westus",
        tier="low_priority",
        min_instances=1,
        max_instances=2,
        idle_time_before_scale_down=600,
        identity=IdentityConfiguration(
            type="user_assigned", user_assigned_identities=[ManagedIdentityConfiguration(resource_id="/me")]
        ),
        ssh_settings=AmlComputeSshSettings(admin_username="admin", admin_password="made-up"),
        ssh_public_access_enabled=True,
        network_settings=NetworkSettings(vnet_name="net", subnet="inner"),
        enable_node_public_ip=False,
    )
    client.compute.begin_create_or_update(wanted).result()
    found = client.compute.get("full")
    assert (found.description, found.tags, found.location) == ("all of it", {"team": "a"}, "westus")
    assert (found.tier, found.min_instances, found.idle_time_before_scale_down) == ("low_priority", 1, 600)
    assert found.identity.user_assigned_identities[0].resource_id == "/me"
    assert (found.ssh_settings.admin_username, found.ssh_settings.admin_password) == ("admin", None)
    assert (found.ssh_public_access_enabled, found.enable_node_public_ip) == (True, False)
    assert found.network_settings.subnet.endswith("/virtualNetworks/net/subnets/inner")
    found.identity = IdentityConfiguration(type="system_assigned")
    client.compute.begin_update(found).result()
    assert client.compute.get("full").identity.principal_id


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("compute.begin_create_or_update", "compute.get", "compute.list")
@pytest.mark.simulates("compute.list_sizes", "compute.list_usage", "compute.enable_sso")
def test_lists_of_one_kind_and_place(client: MLClient) -> None:
    """Computes are listed by type, sizes and usage by region."""
    wanted = ComputeInstance(
        name="ci-one",
        size="Standard_DS3_v2",
        ssh_public_access_enabled=True,
        ssh_settings=ComputeInstanceSshSettings(ssh_key_value="ssh-rsa x"),
        idle_time_before_shutdown_minutes=30,
        description="mine",
    )
    made = client.compute.begin_create_or_update(wanted).result()
    assert (made.ssh_public_access_enabled, made.idle_time_before_shutdown_minutes) == (True, 30)
    assert made.ssh_settings.ssh_port is not None
    assert [one.name for one in client.compute.list(compute_type="ComputeInstance")] == ["ci-one"]
    assert [one.name for one in client.compute.list(compute_type="AMLCompute")] == ["cpu-cluster"]
    every = {one.name for one in client.compute.list_sizes(location="westus")}
    assert {one.name for one in client.compute.list_sizes(compute_type="AMLCompute")} <= every
    assert list(client.compute.list_usage(location="westus"))
    client.compute.enable_sso(name="ci-one", enable_sso=True)
    client.compute.begin_delete("ci-one", action="Delete").result()
    assert [one.name for one in client.compute.list()] == ["cpu-cluster"]


@pytest.mark.emulates("compute.begin_attach", "compute.begin_create_or_update", "compute.begin_delete")
def test_clusters_of_other_services_are_attached(azure: MemoryBackend, client: MLClient) -> None:
    """A Kubernetes cluster and a Spark pool are used where they are."""
    cluster = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/k8s"
    synapse = f"{GROUP}/providers/Microsoft.Synapse/workspaces/synapse"
    pool = f"{synapse}/bigDataPools/pool"
    for path in (cluster, synapse, pool):
        azure.create(path, {"location": "eastus"})
    attached = KubernetesCompute(name="k8s", resource_id=cluster, namespace="ml")
    assert client.compute.begin_attach(attached).result().namespace == "ml"
    spark = SynapseSparkCompute(name="spark", resource_id=pool, identity=IdentityConfiguration(type="system_assigned"))
    assert client.compute.begin_create_or_update(spark).result().resource_id == pool
    assert client.compute.get("k8s").type == "kubernetes"
    for name in ("k8s", "spark"):
        client.compute.begin_delete(name, action="Detach").result()
    assert [one.name for one in client.compute.list()] == ["cpu-cluster"]
    assert azure.find(pool) is not None


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
