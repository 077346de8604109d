"""Computes: clusters and their nodes, instances that start and stop, attached ones, sizes and quotas."""

from __future__ import annotations

from typing import Any

import pytest

from mlsdk.backends.memory import ManualClock, MemoryBackend

LOCATION = "/subscriptions/sub/providers/Microsoft.MachineLearningServices/locations/eastus"


def cluster(lowest: int = 0, highest: int = 2, size: str = "STANDARD_DS3_v2", **more: Any) -> dict[str, Any]:
    """The body of a cluster."""
    scale = {"minNodeCount": lowest, "maxNodeCount": highest}
    return {"properties": {"computeType": "AmlCompute", "properties": {"vmSize": size, "scaleSettings": scale, **more}}}


def instance(**more: Any) -> dict[str, Any]:
    """The body of an instance."""
    return {"properties": {"computeType": "ComputeInstance", "properties": {"vmSize": "Standard_DS3_v2", **more}}}


def test_a_cluster_has_its_fewest_nodes(azure: Any) -> None:
    """It is made with 201, at its least size, in the location of the workspace; a PUT scales it with 200."""
    assert azure("PUT", "computes/cpu", cluster(1, 3)).status == 201
    body = azure.get("computes/cpu")
    inner = body["properties"]["properties"]
    assert body["location"] == "eastus"
    assert body["properties"]["provisioningState"] == "Succeeded"
    assert (inner["allocationState"], inner["currentNodeCount"], inner["targetNodeCount"]) == ("Steady", 1, 1)
    assert inner["nodeStateCounts"]["idleNodeCount"] == 1
    assert inner["vmSize"] == "STANDARD_DS3_v2"
    assert len(azure.post("computes/cpu/listNodes")["nodes"]) == 1
    assert azure("PUT", "computes/cpu", cluster(2, 3)).status == 200
    assert azure.get("computes/cpu")["properties"]["properties"]["currentNodeCount"] == 2
    azure.put("computes/cpu", cluster(0, 1))
    assert [node["nodeState"] for node in azure.post("computes/cpu/listNodes")["nodes"]] == ["idle"]


def test_scale_settings_are_completed(azure: Any) -> None:
    """What is not said has a value: no nodes at least, two minutes of idling."""
    azure.put(
        "computes/cpu", {"properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2"}}}
    )
    scale = azure.get("computes/cpu")["properties"]["properties"]["scaleSettings"]
    assert (scale["minNodeCount"], scale["nodeIdleTimeBeforeScaleDown"]) == (0, "PT120S")
    assert scale["maxNodeCount"] >= 1


def test_an_update_may_leave_the_size_out(azure: Any) -> None:
    """The size stays what it was; tags and nulls in a PATCH set and remove what they name."""
    azure.put("computes/cpu", cluster(0, 2))
    azure.put("computes/cpu", cluster(1, 2, None))  # type: ignore[arg-type]
    azure("PATCH", "computes/cpu", {"tags": {"a": "b"}, "properties": {"description": "words"}})
    body = azure("PATCH", "computes/cpu", {"properties": {"description": None}}).body
    assert body["properties"]["properties"]["vmSize"] == "STANDARD_DS3_v2"
    assert body["tags"] == {"a": "b"}
    assert "description" not in body["properties"]
    vm = {"computeType": "VirtualMachine", "resourceId": "/x/y"}
    azure.put("computes/vm-a", {"properties": vm})
    assert azure("PATCH", "computes/vm-a", {"tags": {"c": "d"}}).body["tags"] == {"c": "d"}


def test_a_patch_scales(azure: Any) -> None:
    """PATCH changes the scale settings and leaves the rest."""
    azure.put("computes/cpu", cluster(0, 2))
    scale = {"scaleSettings": {"minNodeCount": 2, "maxNodeCount": 4}}
    assert azure("PATCH", "computes/cpu", {"properties": {"properties": scale}}).status == 200
    inner = azure.get("computes/cpu")["properties"]["properties"]
    assert (inner["currentNodeCount"], inner["scaleSettings"]["maxNodeCount"]) == (2, 4)
    other = {"properties": {"properties": {"vmSize": "Standard_DS2_v2"}}}
    assert azure.error("PATCH", "computes/cpu", other)[1] == "PropertyChangeNotAllowed"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (cluster(3, 2), "minNodeCount"),
        (cluster(-1, 2), "minNodeCount"),
        (cluster("1", 2), "whole number"),  # type: ignore[arg-type]
        (cluster(size="Standard_Huge"), "Standard_Huge"),
        (cluster(size=None), "vmSize"),  # type: ignore[arg-type]
        (cluster(vmPriority="Cheap"), "Dedicated,LowPriority"),
        ({"properties": {"computeType": "Mainframe"}}, "AmlCompute"),
        ({"properties": {}}, "computeType"),
        ({"properties": {"computeType": "Kubernetes", "properties": {}}}, "resourceId"),
        ({"properties": {"computeType": "AmlCompute", "properties": []}}, "object"),
    ],
)
def test_computes_that_cannot_be(azure: Any, body: dict[str, Any], says: str) -> None:
    """The error names the property and what would do, and nothing is made."""
    status, _, message = azure.error("PUT", "computes/cpu", body)
    assert status == 400
    assert says in message
    assert azure.names("computes") == []


@pytest.mark.parametrize("name", ["ab", "1cpu", "cpu-1", "a" * 25, "cpu_a"])
def test_compute_names(azure: Any, name: str) -> None:
    """3 to 24 letters, digits and hyphens, a letter first, not ending in a hyphen and digits."""
    assert azure.error("PUT", f"computes/{name}", cluster())[:2] == (400, "InvalidResourceName")


def test_size_and_type_cannot_be_changed(azure: Any) -> None:
    """Another size or type for a compute that exists is refused; another spelling of the same is not."""
    azure.put("computes/cpu", cluster())
    for body in (cluster(size="Standard_DS2_v2"), instance(), cluster(vmPriority="LowPriority")):
        assert azure.error("PUT", "computes/cpu", body)[:2] == (400, "PropertyChangeNotAllowed")
    assert azure("PUT", "computes/cpu", cluster(size="standard_ds3_V2")).status == 200


def test_what_the_service_runs_is_deleted_not_detached(azure: Any) -> None:
    """Detaching is for what was attached."""
    azure.put("computes/cpu", cluster())
    assert azure.error("DELETE", "computes/cpu", underlyingResourceAction="Detach")[0] == 400
    assert azure.error("DELETE", "computes/cpu")[0] == 400
    assert azure("DELETE", "computes/cpu", underlyingResourceAction="Delete").status == 200
    assert azure.error("GET", "computes/cpu")[:2] == (404, "ResourceNotFound")
    vm = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm"
    azure.put("computes/vm-a", {"properties": {"computeType": "VirtualMachine", "resourceId": vm}})
    assert azure.get("computes/vm-a")["properties"]["isAttachedCompute"] is True
    assert azure("DELETE", "computes/vm-a", underlyingResourceAction="Detach").status == 200


@pytest.mark.parametrize("type_", ["Kubernetes", "VirtualMachine", "SynapseSpark", "Databricks", "DataFactory"])
def test_computes_are_attached(azure: Any, type_: str) -> None:
    """Everything that the service does not run itself is attached by the id of a resource."""
    properties = {"computeType": type_, "resourceId": "/subscriptions/s/x", "properties": {"namespace": "default"}}
    body = azure.put("computes/attached", {"properties": properties})
    assert body["properties"]["properties"]["namespace"] == "default"
    assert azure.error("POST", "computes/attached/start")[0] == 400
    assert azure.error("POST", "computes/attached/listNodes")[0] == 400


def test_passwords_are_never_shown(azure: Any) -> None:
    """No read, list or log shows a password; an update without it keeps it; `listKeys` gives what was attached with."""
    user = {"adminUserName": "me", "adminUserPassword": "s3cret-a", "adminUserSshPublicKey": "ssh-rsa"}
    azure.put("computes/cpu", cluster(userAccountCredentials=user))
    account = {"username": "root", "password": "s3cret-b"}
    attached = {"computeType": "VirtualMachine", "resourceId": "/x/y", "properties": {"administratorAccount": account}}
    reply = azure("PUT", "computes/machine", {"properties": attached})
    log = azure.backend.requests
    seen = [reply, reply.body, azure.get("computes"), azure.get("computes/cpu"), str(log), list(log)]
    assert "s3cret" not in repr(seen)
    assert azure.get("computes/cpu")["properties"]["properties"]["userAccountCredentials"]["adminUserName"] == "me"
    assert azure.post("computes/machine/listKeys")["administratorAccount"] == {"password": "s3cret-b"}


def test_an_instance_starts_stops_and_restarts(azure: Any) -> None:
    """Only from the states it can; start, stop and restart answer 202."""
    assert azure("PUT", "computes/mine", instance()).status == 201
    states = []
    for action in ("stop", "start", "restart", "stop"):
        assert azure("POST", f"computes/mine/{action}").status == 202
        states.append(azure.get("computes/mine")["properties"]["properties"]["state"])
    assert states == ["Stopped", "Running", "Running", "Stopped"]
    for action in ("stop", "restart"):
        status, _, message = azure.error("POST", f"computes/mine/{action}")
        assert status == 409
        assert "Stopped" in message
    azure("POST", "computes/mine/start")
    assert azure.error("POST", "computes/mine/start")[0] == 409


def test_an_instance_tells_about_itself(azure: Any) -> None:
    """Applications, addresses, its last operation and SSH settings are there."""
    azure.put("computes/mine", instance(sshSettings={"sshPublicAccess": "Enabled"}))
    inner = azure.get("computes/mine")["properties"]["properties"]
    assert {one["displayName"] for one in inner["applications"]} == {"Jupyter", "Jupyter Lab", "RStudio"}
    assert set(inner["connectivityEndpoints"]) == {"publicIpAddress", "privateIpAddress"}
    assert (inner["lastOperation"]["operationName"], inner["lastOperation"]["operationStatus"]) == (
        "Create",
        "Succeeded",
    )
    assert (inner["sshSettings"]["adminUserName"], inner["sshSettings"]["sshPort"]) == ("azureuser", 50000)
    azure("POST", "computes/mine/stop")
    inner = azure.get("computes/mine")["properties"]["properties"]
    assert inner["lastOperation"]["operationName"] == "Stop"
    assert "connectivityEndpoints" not in inner
    assert azure.post("computes/mine/enableSso", {"enableSSO": False})["properties"]["properties"]["enableSSO"] is False
    assert azure.error("POST", "computes/mine/enableSso", {"enableSSO": "no"})[0] == 400


def test_identities_of_a_compute_get_their_ids(azure: Any) -> None:
    """The service fills in what the directory knows."""
    identity = {"type": "SystemAssigned,UserAssigned", "userAssignedIdentities": {"/subscriptions/s/id": {}}}
    azure.put("computes/cpu", {**cluster(), "identity": identity})
    shown = azure.get("computes/cpu")["identity"]
    assert shown["principalId"]
    assert set(shown["userAssignedIdentities"]["/subscriptions/s/id"]) == {"principalId", "clientId"}


def test_sizes_usages_and_quotas(azure: Any) -> None:
    """The sizes of a location are those that computes may have; clusters count against the quota of their family."""
    sizes = {one["name"]: one for one in azure.get(f"{LOCATION}/vmSizes")["value"]}
    assert len(sizes) >= 20
    assert (sizes["Standard_DS3_v2"]["vCPUs"], sizes["Standard_NC6s_v3"]["gpus"]) == (4, 1)
    azure.put("computes/cpu", cluster(2, 2))
    usages = {one["name"]["value"]: one for one in azure.get(f"{LOCATION}/usages")["value"]}
    assert usages["standardDSv2Family"]["currentValue"] == 8
    assert usages["totalCores"]["currentValue"] == 8
    assert usages["Clusters"]["currentValue"] == 1
    elsewhere = azure.get(f"{LOCATION.replace('eastus', 'westus')}/usages")["value"]
    assert {one["currentValue"] for one in elsewhere} == {0}
    quota = f"{LOCATION}/quotas/standardDSv2Family"
    azure.post(f"{LOCATION}/updateQuotas", {"value": [{"id": quota, "limit": 7}]})
    quotas = {one["name"]["value"]: one["limit"] for one in azure.get(f"{LOCATION}/quotas")["value"]}
    assert quotas["standardDSv2Family"] == 7
    assert azure.error("POST", f"{LOCATION}/updateQuotas", {"value": "all"})[0] == 400


def test_by_a_clock_moved_by_hand_a_cluster_takes_its_time(wired: Any) -> None:
    """It is `Creating` and without nodes until the clock has passed its two minutes."""
    clock = ManualClock()
    azure = wired(MemoryBackend(clock=clock, long_running="async"))
    azure.put("computes/cpu", cluster(2, 2))
    clock.advance(60)
    body = azure.get("computes/cpu")
    assert body["properties"]["provisioningState"] == "Creating"
    assert body["properties"]["properties"]["allocationState"] == "Resizing"
    assert body["properties"]["properties"]["currentNodeCount"] == 0
    assert azure.error("PUT", "computes/cpu", cluster(0, 2))[:2] == (409, "AnotherOperationInProgress")
    clock.advance(61)
    body = azure.get("computes/cpu")
    assert body["properties"]["provisioningState"] == "Succeeded"
    assert body["properties"]["properties"]["currentNodeCount"] == 2


def test_by_a_clock_moved_by_hand_an_instance_goes_through_states(wired: Any) -> None:
    """Stopping and starting pass through states of their own."""
    clock = ManualClock()
    azure = wired(MemoryBackend(clock=clock, long_running="async"))
    azure.put("computes/mine", instance())
    states = [azure.get("computes/mine")["properties"]["properties"]["state"]]
    for action in ("", "stop", "start", "restart"):
        if action:
            assert azure("POST", f"computes/mine/{action}").status == 202
            states.append(azure.get("computes/mine")["properties"]["properties"]["state"])
        clock.advance(200)
        states.append(azure.get("computes/mine")["properties"]["properties"]["state"])
    assert states == ["Creating", "Running", "Stopping", "Stopped", "Starting", "Running", "Restarting", "Running"]
