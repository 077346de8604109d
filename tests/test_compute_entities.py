"""Computes as values: what is kept, what is refused, what is read back."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest

import mlsdk
from mlsdk import constants
from mlsdk.entities import (
    AmlCompute,
    AmlComputeNodeInfo,
    AmlComputeSshSettings,
    AutoPauseSettings,
    AutoScaleSettings,
    Compute,
    ComputeInstance,
    ComputePowerAction,
    ComputeSchedules,
    ComputeStartStopSchedule,
    CronTrigger,
    CustomApplications,
    EndpointsSettings,
    IdentityConfiguration,
    ImageSettings,
    KubernetesCompute,
    ManagedIdentityConfiguration,
    NetworkSettings,
    RecurrencePattern,
    RecurrenceTrigger,
    SynapseSparkCompute,
    UnsupportedCompute,
    Usage,
    VirtualMachineCompute,
    VirtualMachineSshSettings,
    VmSize,
)
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from pathlib import Path

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net/subnets/one"
MACHINE = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/m"


def inner(compute: Compute) -> dict[str, Any]:
    """The part of the body that differs from type to type."""
    return mlsdk.to_wire(compute)["properties"]["properties"]  # type: ignore[no-any-return]


# -- types ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("AmlCompute", AmlCompute),
        ("amlcompute", AmlCompute),
        ("ComputeInstance", ComputeInstance),
        ("Kubernetes", KubernetesCompute),
        ("VirtualMachine", VirtualMachineCompute),
        ("SynapseSpark", SynapseSparkCompute),
        ("Databricks", UnsupportedCompute),
        (None, UnsupportedCompute),
    ],
)
def test_the_body_tells_the_class(word: str | None, expected: type[Compute]) -> None:
    """What comes from the service is of the class of its type, in whatever case the type is written."""
    assert type(mlsdk.from_wire(Compute, {"name": "a", "properties": {"computeType": word}})) is expected


def test_a_compute_of_an_unknown_type_can_be_read_but_not_sent() -> None:
    """It shows what every compute has, and refuses to be made, saying which one it is."""
    compute = mlsdk.from_wire(
        Compute,
        {
            "name": "bricks",
            "location": "eastus",
            "properties": {
                "computeType": "Databricks",
                "provisioningState": "Succeeded",
                "resourceId": "/r",
                "properties": {"workspaceUrl": "u"},
            },
        },
    )
    assert (compute.name, compute.location, compute.resource_id, compute.provisioning_state) == (
        "bricks",
        "eastus",
        "/r",
        "Succeeded",
    )
    with pytest.raises(ValidationException, match="bricks"):
        mlsdk.to_wire(compute)


def test_two_computes_are_two_even_if_they_look_alike() -> None:
    """Computes are compared as things, their settings as values."""
    assert AmlCompute(name="a") != AmlCompute(name="a")
    assert NetworkSettings(subnet="one") == NetworkSettings(subnet="one")
    assert ManagedIdentityConfiguration(resource_id="/r") != ManagedIdentityConfiguration(resource_id="/s")


def test_a_compute_survives_copying_and_pickling() -> None:
    """A copy sends the same body."""
    compute = AmlCompute(name="a", identity={"type": "system_assigned"}, ssh_settings={"admin_username": "me"})
    pickled = pickle.loads(pickle.dumps(compute))  # noqa: S301 - our own
    for other in (copy.deepcopy(compute), pickled, compute.evolve(description="d").evolve(description=None)):
        assert mlsdk.to_wire(other) == mlsdk.to_wire(compute)


# -- what is wrong ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: AmlCompute(name="a", sise="b"), "did you mean 'size'"),
        (lambda: AmlCompute(size="b"), "name"),
        (lambda: AmlCompute(name="a", tier="cheap"), "'dedicated'"),
        (lambda: AmlCompute(name="a", type="computeinstance"), "amlcompute"),
        (lambda: AmlCompute(name="a", min_instances="two"), "min_instances"),
        (lambda: AmlCompute(name="a", ssh_settings={"admin_user": "me"}), "admin_username"),
        (lambda: IdentityConfiguration(type="both"), "system_assigned,user_assigned"),
        (lambda: ComputeStartStopSchedule(action="restart"), "'start', 'stop'"),
        (lambda: RecurrenceTrigger(frequency="yearly", interval=1), "'month'"),
        (lambda: EndpointsSettings(target=80, published=8787), r"target.*80.*1026 and 65534"),
        (lambda: EndpointsSettings(target=8787, published=65535), r"published.*65535"),
    ],
)
def test_a_wrong_argument_is_named_with_what_is_allowed(make: Any, told: str) -> None:
    """The error names the parameter and the words or range it takes."""
    with pytest.raises((TypeError, ValidationException), match=told):
        make()


def test_a_wrong_assignment_is_refused_like_a_wrong_argument() -> None:
    """A value is checked whenever it is set, and a mistyped attribute is not made."""
    compute = AmlCompute(name="a")
    with pytest.raises(ValidationException, match="tier"):
        compute.tier = "cheap"
    with pytest.raises(AttributeError):
        compute.teir = "dedicated"  # type: ignore[attr-defined]
    compute.network_settings = {"subnet": "one"}  # type: ignore[assignment]
    assert compute.network_settings == NetworkSettings(subnet="one")


@pytest.mark.parametrize("word", ["dedicated", "Dedicated", "low_priority", "LowPriority", "low-priority"])
def test_the_tier_may_be_spelled_as_the_service_spells_it(word: str) -> None:
    """Both spellings mean the same and are sent as the service's own."""
    compute = AmlCompute(name="a", tier=word)
    assert inner(compute)["vmPriority"] in ("Dedicated", "LowPriority")
    assert compute.to_dict()["tier"] in ("dedicated", "low_priority")


def test_secrets_of_a_machine_are_never_shown() -> None:
    """A password stands in the body and in the file that the user asked for, and nowhere else."""
    cluster = AmlCompute(name="a", ssh_settings=AmlComputeSshSettings(admin_username="me", admin_password="hunter2!"))
    machine = VirtualMachineCompute(
        name="a",
        resource_id=MACHINE,
        ssh_settings=VirtualMachineSshSettings(admin_username="me", admin_password="hunter2!"),
    )
    for compute in (cluster, machine):
        assert "hunter2!" not in f"{compute!r} {compute}"
        assert "hunter2!" in str(mlsdk.to_wire(compute))
        assert "hunter2!" in str(compute.to_dict())


def test_applications_share_neither_name_nor_port() -> None:
    """The service would refuse two, so they are refused before anything is sent."""

    def application(name: str, port: int) -> CustomApplications:
        return CustomApplications(
            name=name, image=ImageSettings(reference="r"), endpoints=[EndpointsSettings(target=8787, published=port)]
        )

    for others, told in (([("a", 8001), ("a", 8002)], "name 'a'"), ([("a", 8001), ("b", 8001)], "published port 8001")):
        compute = ComputeInstance(name="i", custom_applications=[application(*one) for one in others])
        with pytest.raises(ValidationException, match=told):
            mlsdk.to_wire(compute)


def test_a_file_tells_everything_that_is_wrong_with_its_place(tmp_path: Path) -> None:
    """One reading finds all mistakes, each with line and column and what was meant."""
    file = tmp_path / "cluster.yml"
    file.write_text(
        "name: a\ntype: amlcompute\nszie: b\ntier: LowPriority\nmin_instances: two\nidentity: {type: both}\n",
        encoding="utf-8",
    )
    with pytest.raises(ValidationException) as caught:
        mlsdk.load_compute(file)
    lines = str(caught.value).splitlines()
    assert [line.split(":")[-3:][0] and line.removeprefix(f"{file}:").split(": ")[0] for line in lines] == [
        "3:1",
        "4:7",
        "5:16",
        "6:18",
    ]
    assert "did you mean 'size'" in lines[0]
    assert "did you mean 'low_priority'" in lines[1]


@pytest.mark.parametrize(
    ("trigger", "told"),
    [
        ("{type: cron, expression: 0 1 * * *, end_time: '2024-01-01'}", "no end"),
        (
            "{type: recurrence, frequency: day, interval: 1, schedule: {hours: [1], minutes: [0], month_days: [1]}}",
            "days of the month",
        ),
        (
            "{type: recurrence, frequency: day, interval: 1, schedule: {hours: 1, minutes: [0]}}",
            "hours: expected a list",
        ),
        ("{type: daily}", "cron, recurrence"),
    ],
)
def test_the_schedule_of_a_compute_knows_less_than_that_of_a_job(trigger: str, told: str, tmp_path: Path) -> None:
    """What the service would ignore is refused in a file."""
    file = tmp_path / "instance.yml"
    file.write_text(
        "name: a\ntype: computeinstance\nschedules:\n  compute_start_stop:\n"
        f"  - action: stop\n    trigger: {trigger}\n",
        encoding="utf-8",
    )
    with pytest.raises(ValidationException, match=told):
        mlsdk.load_compute(file)


# -- regions and subnets -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("cls", [AmlCompute, ComputeInstance])
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (NetworkSettings(vnet_name="net", subnet="one"), {"id": SUBNET}),
        (NetworkSettings(subnet=SUBNET), {"id": SUBNET}),
        (NetworkSettings(), None),
        (None, None),
    ],
)
def test_a_subnet_is_sent_as_its_resource_id(
    cls: Any, settings: NetworkSettings | None, expected: dict[str, str] | None
) -> None:
    """Names are looked up in the workspace's resource group; the compute itself stays as it was."""
    compute = cls(name="a", network_settings=settings)
    placed = compute.placed("westus", GROUP)
    assert inner(placed).get("subnet") == expected
    assert placed.location == "westus"
    assert (compute.subnet, compute.location) == (None, None)


@pytest.mark.parametrize(
    ("settings", "missing"),
    [(NetworkSettings(vnet_name="net"), "needs subnet"), (NetworkSettings(subnet="one"), "needs vnet_name")],
)
def test_half_a_subnet_is_refused(settings: NetworkSettings, missing: str) -> None:
    """A network without a subnet, or a subnet's name without a network, leads nowhere."""
    with pytest.raises(ValidationException, match=missing):
        AmlCompute(name="a", network_settings=settings).placed("westus", GROUP)


def test_a_cluster_is_where_its_nodes_are() -> None:
    """The service tells the region of the resource and that of the nodes; the latter counts and is sent."""
    body = {"name": "a", "location": "eastus", "properties": {"computeType": "AmlCompute", "computeLocation": "westus"}}
    cluster = mlsdk.from_wire(Compute, body)
    assert cluster.location == "westus"
    assert mlsdk.to_wire(cluster)["location"] == "westus"
    assert "computeLocation" not in mlsdk.to_wire(cluster)["properties"]


# -- what comes back ---------------------------------------------------------------------------------------------------
def test_what_was_read_and_changed_is_sent_with_all_the_rest() -> None:
    """Get, change one thing, put: nothing else changes, fields of tomorrow included."""
    body: dict[str, Any] = {
        "id": "/i",
        "name": "a",
        "location": "eastus",
        "sku": {"name": "new"},
        "properties": {
            "computeType": "ComputeInstance",
            "provisioningState": "Succeeded",
            "disableLocalAuth": False,
            "tomorrow": 1,
            "properties": {
                "vmSize": "STANDARD_DS3_V2",
                "subnet": {"id": SUBNET, "tomorrow": 2},
                "applicationSharingPolicy": "Personal",
                "sshSettings": {"sshPublicAccess": "Enabled", "adminPublicKey": "k", "sshPort": 22, "tomorrow": 3},
                "connectivityEndpoints": {"publicIpAddress": "10.0.0.1", "tomorrow": 4},
                "schedules": {
                    "computeStartStop": [
                        {
                            "id": "s",
                            "action": "Stop",
                            "status": "Enabled",
                            "triggerType": "Cron",
                            "tomorrow": 5,
                            "cron": {"expression": "0 1 * * *", "timeZone": "UTC", "tomorrow": 6},
                        }
                    ]
                },
                "customServices": [
                    {
                        "name": "n",
                        "image": {"type": "docker", "reference": "r", "tomorrow": 7},
                        "endpoints": [],
                        "environmentVariables": {
                            "A": {"type": "local", "value": "b"},
                            "B": {"type": "local", "value": "c", "tomorrow": 8},
                        },
                    }
                ],
                "tomorrow": 9,
            },
        },
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/r": {"clientId": "c", "tomorrow": 10}}},
    }
    instance = mlsdk.from_wire(ComputeInstance, copy.deepcopy(body))
    assert instance.network_settings is not None
    assert (instance.network_settings.subnet, instance.network_settings.public_ip_address) == (SUBNET, "10.0.0.1")
    instance.description = "changed"
    sent = mlsdk.to_wire(instance)
    expected = copy.deepcopy(body)
    del expected["id"], expected["name"], expected["properties"]["provisioningState"]
    expected["properties"]["description"] = "changed"
    settings = expected["properties"]["properties"]
    del (
        settings["sshSettings"]["sshPort"],
        settings["connectivityEndpoints"]["publicIpAddress"],
        settings["schedules"]["computeStartStop"][0]["id"],
    )
    settings["schedules"]["computeStartStop"][0]["cron"]["triggerType"] = "Cron"
    settings["customServices"][0] |= {"docker": {"privileged": True}}
    settings["computeInstanceAuthorizationType"] = "personal"
    del expected["identity"]["userAssignedIdentities"]["/r"]["clientId"]
    assert sent == expected


def test_what_the_service_leaves_out_is_none() -> None:
    """No default of this client is mistaken for what the service said, or sent back."""
    cluster = mlsdk.from_wire(
        AmlCompute, {"name": "a", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "s"}}}
    )
    assert (cluster.min_instances, cluster.max_instances, cluster.idle_time_before_scale_down) == (None, None, None)
    assert (cluster.enable_node_public_ip, cluster.network_settings, cluster.ssh_settings) == (None, None, None)
    assert "enableNodePublicIp" not in inner(cluster)


def test_an_open_question_about_ssh_stays_open() -> None:
    """`NotSpecified` is neither yes nor no, and goes back as it came."""
    body = {"properties": {"computeType": "AmlCompute", "properties": {"remoteLoginPortPublicAccess": "NotSpecified"}}}
    cluster = mlsdk.from_wire(AmlCompute, body)
    assert cluster.ssh_public_access_enabled is None
    assert inner(cluster)["remoteLoginPortPublicAccess"] == "NotSpecified"


def test_settings_of_a_kubernetes_cluster_keep_the_names_of_the_body() -> None:
    """They can be read, changed and removed, and nothing that was removed comes back."""
    cluster = mlsdk.from_wire(
        KubernetesCompute,
        {
            "properties": {
                "computeType": "Kubernetes",
                "properties": {"namespace": "n", "defaultInstanceType": "small", "vcName": "v"},
            }
        },
    )
    assert cluster.namespace == "n"
    cluster.namespace, cluster.properties = "other", {"defaultInstanceType": "large"}
    assert inner(cluster) == {"namespace": "other", "defaultInstanceType": "large"}


def test_a_dump_does_not_change_what_the_user_gave() -> None:
    """The user's own mappings stay as they are, whatever a body adds to them."""
    settings = {"defaultInstanceType": "small"}
    compute = KubernetesCompute(name="a", namespace="n", properties=settings)
    body = mlsdk.to_wire(compute)
    body["properties"]["properties"]["more"] = 1
    assert settings == {"defaultInstanceType": "small"}
    first, second = (
        mlsdk.to_wire(AmlCompute(name="a", max_instances=None, min_instances=None, idle_time_before_scale_down=None)),
        None,
    )
    first["properties"]["properties"].setdefault("scaleSettings", {})["x"] = 1
    second = mlsdk.to_wire(AmlCompute(name="b"))
    assert "x" not in second["properties"]["properties"]["scaleSettings"]


def test_a_schedule_says_one_thing_as_well_as_a_list() -> None:
    """One hour, minute or day is a list of one in a body and in a file."""
    pattern = RecurrencePattern(hours=8, minutes=0, week_days="monday", month_days=1)
    schedule = ComputeStartStopSchedule(
        action=ComputePowerAction.STOP,
        trigger=RecurrenceTrigger(frequency="week", interval=1, schedule=pattern, end_time="2025-01-01"),
    )
    instance = ComputeInstance(name="a", schedules=ComputeSchedules(compute_start_stop=[schedule]))
    assert inner(instance)["schedules"]["computeStartStop"] == [
        {
            "action": "Stop",
            "status": "Enabled",
            "triggerType": "Recurrence",
            "recurrence": {
                "triggerType": "Recurrence",
                "frequency": "week",
                "interval": 1,
                "timeZone": "UTC",
                "schedule": {"hours": [8], "minutes": [0], "weekDays": ["monday"]},
            },
        }
    ]
    assert instance.to_dict()["schedules"]["compute_start_stop"] == [
        {
            "action": "stop",
            "state": "enabled",
            "trigger": {
                "type": "recurrence",
                "frequency": "week",
                "interval": 1,
                "time_zone": "UTC",
                "schedule": {"hours": [8], "minutes": [0], "week_days": ["monday"]},
            },
        }
    ]


def test_a_trigger_of_a_job_may_end_and_have_days_of_the_month() -> None:
    """Outside computes a trigger is sent with all it says."""
    trigger = RecurrenceTrigger(
        frequency="month",
        interval=1,
        end_time="2025-01-01T00:00:00",
        schedule=RecurrencePattern(hours=8, minutes=0, month_days=[1, 15]),
    )
    body = mlsdk.to_wire(trigger)
    assert body["endTime"] == "2025-01-01T00:00:00"
    assert body["schedule"]["monthDays"] == [1, 15]
    assert mlsdk.to_wire(CronTrigger(expression="* * * * *", end_time="2025-01-01"))["endTime"] == "2025-01-01"


def test_a_machine_can_be_attached_without_ssh_settings() -> None:
    """They may be there already; the official client crashes here."""
    assert mlsdk.to_wire(VirtualMachineCompute(name="a", resource_id=MACHINE)) == {
        "properties": {"computeType": "VirtualMachine", "resourceId": MACHINE}
    }


def test_a_private_key_is_read_when_it_is_sent(tmp_path: Path) -> None:
    """The file's text is in the body, and in no other form; a file that is not there is named."""
    key = tmp_path / "key"
    key.write_text("PRIVATE", encoding="utf-8")
    machine = VirtualMachineCompute(
        name="a",
        resource_id=MACHINE,
        ssh_settings=VirtualMachineSshSettings(admin_username="me", ssh_private_key_file=str(key)),
    )
    assert inner(machine)["administratorAccount"] == {"username": "me", "privateKeyData": "PRIVATE"}
    assert "PRIVATE" not in f"{machine} {machine!r} {machine.to_dict()}"
    key.unlink()
    with pytest.raises(ValidationException, match="ssh_private_key_file"):
        mlsdk.to_wire(machine)


def test_what_synapse_decides_is_shown_and_not_sent() -> None:
    """The nodes of a Spark pool are set in Synapse."""
    pool = SynapseSparkCompute(
        name="a",
        resource_id="/p",
        node_count=2,
        scale_settings=AutoScaleSettings(min_node_count=1, enabled=True),
        auto_pause_settings=AutoPauseSettings(enabled=False),
    )
    assert mlsdk.to_wire(pool) == {"properties": {"computeType": "SynapseSpark", "resourceId": "/p"}}
    assert pool.scale_settings is not None
    assert pool.auto_pause_settings is not None
    assert (pool.scale_settings.auto_scale_enabled, pool.auto_pause_settings.auto_pause_enabled) == (True, False)
    pool.scale_settings.auto_scale_enabled = False
    pool.auto_pause_settings.auto_pause_enabled = True
    assert (pool.scale_settings.enabled, pool.auto_pause_settings.enabled) == (False, True)
    assert pool.to_dict()["scale_settings"] == {"min_node_count": 1, "auto_scale_enabled": False}


# -- what is told about computes --------------------------------------------------------------------------------------
def test_nodes_quotas_and_sizes_are_read_by_their_official_names() -> None:
    """Every attribute that the service fills in, and the form in a file."""
    node = mlsdk.from_wire(
        AmlComputeNodeInfo,
        {
            "nodeId": "n",
            "privateIpAddress": "10.0.0.4",
            "publicIpAddress": "1.2.3.4",
            "port": 50000,
            "nodeState": "running",
            "runId": "job",
        },
    )
    assert (node.node_id, node.port, node.current_job_name) == ("n", 50000, "job")
    assert node.to_dict() == {
        "node_id": "n",
        "private_ip_address": "10.0.0.4",
        "public_ip_address": "1.2.3.4",
        "port": "50000",
        "node_state": "running",
        "current_job_name": "job",
    }
    node.current_job_name = "other"
    assert node.run_id == "other"
    usage = mlsdk.from_wire(
        Usage,
        {
            "id": "/u",
            "amlWorkspaceLocation": "eastus",
            "type": "t",
            "unit": "Count",
            "currentValue": 0,
            "limit": 24,
            "name": {"value": "cores", "localizedValue": "Cores"},
        },
    )
    assert usage.name is not None
    assert (usage.current_value, usage.limit, usage.name.value, usage.name["localized_value"]) == (
        0,
        24,
        "cores",
        "Cores",
    )
    assert usage.unit == constants.UsageUnit.COUNT
    size = mlsdk.from_wire(
        VmSize, {"name": "s", "vCPUs": 4, "memoryGB": 14.0, "supportedComputeTypes": ["AmlCompute", "ComputeInstance"]}
    )
    assert (size.v_cp_us, size.memory_gb, size.supported_compute_types) == (4, 14.0, ["AmlCompute", "ComputeInstance"])
    assert size.to_dict()["supported_compute_types"] == "AmlCompute,ComputeInstance"


def test_members_of_an_enum_are_found_in_any_case() -> None:
    """As in the official client, and a mistyped one is told with those there are."""
    assert constants.ListViewType.all is constants.ListViewType["All"] is constants.ListViewType.ALL
    assert constants.TimeZone("UTC") == "UTC"
    with pytest.raises(AttributeError, match="ACTIVE_ONLY"):
        constants.ListViewType.NONE  # noqa: B018 - asking is the test
