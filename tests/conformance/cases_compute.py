"""Computes: the arguments, files and answers that both clients are given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

Arguments = dict[str, Any]
Case = tuple[str, Callable[[Any], Arguments]]

POOL = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Synapse/workspaces/w/bigDataPools/p"
MACHINE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/m"
CLUSTER = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/k"
ROBOT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/robot"


def alone(name: str, values: dict[str, Any], **always: Any) -> list[Case]:
    """Each keyword by itself, beside those that are always given; a function is called with the client's names."""

    def given(key: str, value: Any) -> Callable[[Any], Arguments]:
        return lambda m: {
            name: one(m) if callable(one) else one for name, one in {"name": "a-compute", **always, key: value}.items()
        }

    return [
        (name, given(key, value))
        for key, found in values.items()
        for value in (found if isinstance(found, tuple) else (found,))
    ]


IDENTITIES = (
    lambda m: m.IdentityConfiguration(type="system_assigned"),
    lambda m: m.IdentityConfiguration(type="none"),
    lambda m: m.IdentityConfiguration(
        type="user_assigned", user_assigned_identities=[m.ManagedIdentityConfiguration(resource_id=ROBOT)]
    ),
    lambda m: m.IdentityConfiguration(
        type="system_assigned,user_assigned",
        principal_id="p",
        tenant_id="t",
        user_assigned_identities=[
            m.ManagedIdentityConfiguration(resource_id=ROBOT, client_id="c", object_id="o", principal_id="p"),
            m.ManagedIdentityConfiguration(resource_id=ROBOT + "2"),
        ],
    ),
)
EVERY_COMPUTE = {
    "description": ("what it is", ""),
    "tags": ({"purpose": "demo"}, {}),
    "location": "westus",
    "base_path": ".",
}


def schedules(*found: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The schedules of a compute instance, each made with the client's names."""
    return lambda m: m.ComputeSchedules(compute_start_stop=[one(m) for one in found])


def application(m: Any, **more: Any) -> Any:
    """An application, as far as it has to be said."""
    return m.CustomApplications(
        **{
            "name": "rstudio",
            "image": m.ImageSettings(reference="r/studio:1"),
            "endpoints": [m.EndpointsSettings(target=8787, published=8788)],
            **more,
        }
    )


PATTERN: dict[str, Any] = {"hours": [8], "minutes": [0, 30]}

CASES: list[Case] = [
    ("AmlCompute", lambda _: {"name": "a-compute", "type": "amlcompute"}),
    *alone(
        "AmlCompute",
        {
            **EVERY_COMPUTE,
            "size": "Standard_NC6",
            "tier": ("dedicated", "low_priority"),
            "min_instances": (0, 2, None),
            "max_instances": (0, 7),
            "idle_time_before_scale_down": (0, 45, 3600, 5400, 86400, 90061),
            "ssh_public_access_enabled": (True, False),
            "ssh_settings": (
                lambda m: m.AmlComputeSshSettings(admin_username="me"),
                lambda m: m.AmlComputeSshSettings(
                    admin_username="me", admin_password="secret", ssh_key_value="ssh-rsa A"
                ),
            ),
            "network_settings": (
                lambda m: m.NetworkSettings(vnet_name="net", subnet="one"),
                lambda m: m.NetworkSettings(subnet=CLUSTER),
                lambda m: m.NetworkSettings(vnet_name="net"),
                lambda m: m.NetworkSettings(),
            ),
            "identity": IDENTITIES,
            "enable_node_public_ip": False,
            "resource_id": CLUSTER,
            "sise": "wrong",
        },
    ),
    (
        "AmlCompute",
        lambda _: {
            "name": "a-compute",
            "min_instances": None,
            "max_instances": None,
            "idle_time_before_scale_down": None,
        },
    ),
    ("AmlCompute", lambda _: {}),
    ("ComputeInstance", lambda _: {"name": "a-compute"}),
    *alone(
        "ComputeInstance",
        {
            **EVERY_COMPUTE,
            "size": "Standard_D2",
            "ssh_public_access_enabled": (True, False),
            "ssh_settings": (
                lambda m: m.ComputeInstanceSshSettings(),
                lambda m: m.ComputeInstanceSshSettings(ssh_key_value="ssh-rsa A"),
            ),
            "create_on_behalf_of": lambda m: m.AssignedUserConfiguration(user_tenant_id="t", user_object_id="o"),
            "network_settings": lambda m: m.NetworkSettings(vnet_name="net", subnet="one"),
            "identity": IDENTITIES,
            "idle_time_before_shutdown": "PT15M",
            "idle_time_before_shutdown_minutes": (0, 15, 90),
            "enable_node_public_ip": False,
            "enable_sso": False,
            "enable_root_access": False,
            "release_quota_on_stop": True,
            "enable_os_patching": True,
            "resource_id": CLUSTER,
            "setup_scripts": (
                lambda m: m.SetupScripts(),
                lambda m: m.SetupScripts(
                    startup_script=m.ScriptReference(path="a.sh", command="-v", timeout_minutes=5)
                ),
                lambda m: m.SetupScripts(creation_script=m.ScriptReference(path="", command="", timeout_minutes=0)),
                lambda m: m.SetupScripts(creation_script=m.ScriptReference(path="a.sh")),
            ),
            "schedules": (
                lambda m: m.ComputeSchedules(),
                schedules(),
                schedules(lambda m: m.ComputeStartStopSchedule(action="stop")),
                schedules(
                    lambda m: m.ComputeStartStopSchedule(
                        action=m.ComputePowerAction.START,
                        state="disabled",
                        trigger=m.CronTrigger(
                            expression="0 18 * * *", start_time="2024-05-01T18:00:00", time_zone="Pacific Standard Time"
                        ),
                    )
                ),
                schedules(
                    lambda m: m.ComputeStartStopSchedule(
                        action="stop",
                        state=m.ScheduleState.DISABLED,
                        trigger=m.CronTrigger(
                            expression="0 18 * * *",
                            start_time=datetime(2024, 5, 1, 18),  # noqa: DTZ001 - the zone is said beside it
                            end_time="2025-05-01T18:00:00",
                            time_zone=m.TimeZone.PACIFIC_STANDARD_TIME,
                        ),
                    )
                ),
                schedules(
                    lambda m: m.ComputeStartStopSchedule(
                        action="stop", trigger=m.RecurrenceTrigger(frequency="day", interval=0, time_zone="UTC")
                    )
                ),
                schedules(
                    lambda m: m.ComputeStartStopSchedule(
                        action="stop",
                        trigger=m.RecurrenceTrigger(
                            frequency="Week",
                            interval=2,
                            schedule=m.RecurrencePattern(**PATTERN, week_days=["Monday", "friday"]),
                            start_time="2024-05-01T18:00:00",
                            time_zone="UTC",
                        ),
                    )
                ),
                schedules(
                    lambda m: m.ComputeStartStopSchedule(
                        action="stop",
                        trigger=m.RecurrenceTrigger(
                            frequency="week",
                            interval=1,
                            time_zone="UTC",
                            end_time="2025-05-01T18:00:00",
                            schedule=m.RecurrencePattern(hours=[8], minutes=[], week_days=["monday"], month_days=[1]),
                        ),
                    )
                ),
            ),
            "custom_applications": (
                [],
                lambda m: [application(m)],
                lambda m: [
                    application(
                        m,
                        environment_variables={"A": "b", "N": 1},
                        type="docker",
                        bind_mounts=[m.VolumeSettings(source="/a", target="/b")],
                    )
                ],
                lambda m: [application(m, environment_variables={}, bind_mounts=[], endpoints=[])],
                lambda m: [application(m), application(m)],
                lambda m: [application(m), application(m, name="other")],
                lambda m: [application(m, endpoints=[m.EndpointsSettings(target=80, published=8788)])],
                lambda m: [application(m, endpoints=[m.EndpointsSettings(target=1026, published=65535)])],
            ),
        },
    ),
    (
        "ComputeInstance",
        lambda m: {
            "name": "a-compute",
            "ssh_public_access_enabled": True,
            "ssh_settings": m.ComputeInstanceSshSettings(ssh_key_value="ssh-rsa A"),
        },
    ),
    (
        "ComputeInstance",
        lambda _: {"name": "a-compute", "idle_time_before_shutdown": "PT15M", "idle_time_before_shutdown_minutes": 30},
    ),
    ("KubernetesCompute", lambda _: {"name": "a-compute"}),
    *alone(
        "KubernetesCompute",
        {
            **EVERY_COMPUTE,
            "namespace": "training",
            "properties": ({"defaultInstanceType": "small", "instanceTypes": {"small": {"nodeSelector": {}}}}, {}),
            "identity": IDENTITIES,
        },
        resource_id=CLUSTER,
    ),
    (
        "KubernetesCompute",
        lambda _: {"name": "a-compute", "namespace": "training", "properties": {"namespace": "other"}},
    ),
    ("VirtualMachineCompute", lambda _: {"name": "a-compute"}),
    *alone(
        "VirtualMachineCompute",
        {
            **EVERY_COMPUTE,
            "public_key_data": "ssh-rsa A",
            "ssh_settings": (
                lambda m: m.VirtualMachineSshSettings(admin_username="me", admin_password="secret", ssh_port=0),
                lambda m: m.VirtualMachineSshSettings(admin_username="me", ssh_port=None),
                lambda m: m.VirtualMachineSshSettings(admin_username="me", ssh_private_key_file=__file__),
                lambda m: m.VirtualMachineSshSettings(admin_username=None, admin_password="secret"),
                lambda m: m.VirtualMachineSshSettings(),
                lambda m: m.VirtualMachineSshSettings(admin_username="me", ssh_private_key_file="missing.key"),
            ),
        },
        resource_id=MACHINE,
        ssh_settings=lambda m: m.VirtualMachineSshSettings(admin_username="me"),
    ),
    (
        "VirtualMachineCompute",
        lambda m: {
            "name": "a-compute",
            "resource_id": MACHINE,
            "public_key_data": "ssh-rsa A",
            "description": "d",
            "location": "westus",
            "tags": {"purpose": "demo"},
            "ssh_settings": m.VirtualMachineSshSettings(admin_username="me"),
        },
    ),
    ("SynapseSparkCompute", lambda _: {"name": "a-compute"}),
    *alone(
        "SynapseSparkCompute",
        {
            **EVERY_COMPUTE,
            "identity": IDENTITIES,
            "node_count": (2, 0),
            "node_family": "MemoryOptimized",
            "node_size": "Small",
            "spark_version": "3.4",
            "scale_settings": lambda m: m.AutoScaleSettings(min_node_count=0, max_node_count=2, enabled=False),
            "auto_pause_settings": lambda m: m.AutoPauseSettings(delay_in_minutes=3, enabled=True),
        },
        resource_id=POOL,
    ),
    ("UnsupportedCompute", lambda _: {"name": "a-compute"}),
]

AML = "name: a-compute\ntype: amlcompute\n"
INSTANCE = "name: a-compute\ntype: computeinstance\n"
KUBERNETES = "name: a-compute\ntype: kubernetes\n"
MACHINE_ALONE = f"name: a-compute\ntype: virtualmachine\nresource_id: {MACHINE}\n"
VIRTUAL_MACHINE = MACHINE_ALONE + "ssh_settings: {admin_username: me}\n"
SPARK = f"name: a-compute\ntype: synapsespark\nresource_id: {POOL}\n"
STOP = INSTANCE + "schedules: {compute_start_stop: [{action: stop, trigger: {%s, time_zone: UTC}}]}\n"
WEEKLY = STOP % "type: recurrence, frequency: week, interval: 1, schedule: {%s}"

_TRIGGER = INSTANCE + "schedules: {compute_start_stop: [{action: stop, trigger: {%s}}]}\n"
_APPLICATION = INSTANCE + "custom_applications: [{name: a, image: {reference: r}, endpoints: [%s]}]\n"

FILES: list[tuple[str, str]] = [
    ("compute", text)
    for text in (
        *(
            AML + f"{key}:\n"
            for key in ("description", "size", "tier", "tags", "identity", "$schema", "id", "created_on")
        ),
        *(AML + f"{key}:\n" for key in ("min_instances", "network_settings", "ssh_settings", "resource_id")),
        AML + "tags: {a: }\n",
        AML + "network_settings: {subnet: }\n",
        AML + "identity: {type: user_assigned, user_assigned_identities: }\n",
        AML + "identity: {type: user_assigned, user_assigned_identities: [null]}\n",
        *(
            AML + f"identity: {{type: {word}}}\n"
            for word in ("userAssigned", "User_Assigned", "userassigned", "user-assigned", "' none'", "SYSTEM_ASSIGNED")
        ),
        *(AML + f"enable_node_public_ip: {word}\n" for word in ("'no'", "'y'", "1", "'0'", "2", "enabled", "''")),
        KUBERNETES + "properties: {a: }\n",
        INSTANCE + "setup_scripts: {creation_script: {path: }}\n",
        INSTANCE + "schedules: {compute_start_stop: [null]}\n",
        _TRIGGER % "type: cron, expression: ",
        _TRIGGER % "type: cron, expression: x, time_zone: UTC, start_time: [x]",
        _TRIGGER % "type: cron, expression: x, time_zone: UTC, start_time: true",
        _TRIGGER % "type: recurrence, frequency: ' week', interval: 1, time_zone: UTC",
        _TRIGGER
        % "type: recurrence, frequency: week, interval: 1, time_zone: UTC, schedule: {hours: [null], minutes: [0]}",
        _APPLICATION % "null",
        _APPLICATION % "{target: , published: 8787}",
        AML,
        "$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json\n" + AML,
        "name: a-compute\ntype: AmlCompute\n",
        "name: a-compute\n",
        "type: amlcompute\n",
        "name: a-compute\ntype: databricks\n",
        AML + "szie: STANDARD_DS3_V2\n",
        AML
        + "size: Standard_D2\nmin_instances: 0\nmax_instances: 2\nidle_time_before_scale_down: 1800\ntier: Dedicated\n",
        AML + "description: d\nlocation: westus\ntags: {a: b}\nresource_id: r\n",
        AML + "id: /x\ncreated_on: x\nprovisioning_state: x\nprovisioning_errors: x\n",
        AML + "tier: DEDICATED\n",
        AML + "tier: LowPriority\n",
        AML + "tier: ''\n",
        AML + "tags: [a]\n",
        AML + "min_instances: '2'\n",
        AML + "min_instances: true\n",
        AML + "min_instances: two\n",
        AML + "idle_time_before_scale_down: PT2M\n",
        AML
        + "ssh_public_access_enabled: true\nssh_settings: {admin_username: me, admin_password: p, ssh_key_value: k}\n",
        AML + "ssh_public_access_enabled: enabled\n",
        AML + "ssh_settings: {admin_username: me}\n",
        AML + "ssh_settings: {admin_username: me, password: p}\n",
        AML + "ssh_settings: {}\n",
        AML + "enable_node_public_ip: false\nnetwork_settings: {vnet_name: net, subnet: one}\n",
        AML + "network_settings: {}\n",
        AML + "network_settings: {public_ip_address: 10.0.0.1, private_ip_address: 10.0.0.1}\n",
        AML + "identity: {type: system_assigned}\n",
        AML + "identity: {type: SystemAssigned}\n",
        AML + "identity: {type: 'SystemAssigned, UserAssigned'}\n",
        AML
        + "identity: {type: 'SystemAssigned,user_assigned', "
        + "user_assigned_identities: [{resource_id: a}, {resource_id: b}]}\n",
        AML
        + "identity: {type: user_assigned, user_assigned_identities: [{resource_id: a, client_id: c, tenant_id: t}]}\n",
        AML + "identity: {type: none, principal_id: p, tenant_id: t}\n",
        AML + "identity: {type: both}\n",
        AML + "identity: {}\n",
        AML + "identity: system_assigned\n",
        AML + "identity: {type: user_assigned, user_assigned_identities: {a: {}}}\n",
        INSTANCE,
        INSTANCE + "size: STANDARD_DS3_v2\ndescription: d\ntags: {a: b}\nlocation: westus\nresource_id: r\n",
        INSTANCE
        + "state: Running\nlast_operation: {a: b}\nservices: [{a: b}]\n"
        + "os_image_metadata: {latest_image_version: '1'}\n",
        INSTANCE
        + "ssh_public_access_enabled: true\nssh_settings: {ssh_key_value: k, ssh_port: '22', admin_username: me}\n",
        INSTANCE + "create_on_behalf_of: {user_tenant_id: t, user_object_id: o}\n",
        INSTANCE + "create_on_behalf_of: {user_tenant_id: t}\n",
        INSTANCE + "network_settings: {vnet_name: net, subnet: one}\nenable_node_public_ip: false\n",
        INSTANCE + "identity: {type: system_assigned}\n",
        INSTANCE + "idle_time_before_shutdown: PT15M\n",
        INSTANCE + "idle_time_before_shutdown_minutes: 15\n",
        INSTANCE
        + "enable_sso: false\nenable_root_access: false\nrelease_quota_on_stop: true\nenable_os_patching: true\n",
        INSTANCE + "setup_scripts: {}\n",
        INSTANCE + "setup_scripts: {creation_script: {path: a, command: b, timeout_minutes: 25}, startup_script: "
        "{path: c, timeout_minutes: 1}}\n",
        INSTANCE + "setup_scripts: {scripts: {}}\n",
        INSTANCE + "schedules: {}\n",
        INSTANCE + "schedules: {compute_start_stop: []}\n",
        INSTANCE + "schedules: {compute_start_stop: [{action: START, state: Disabled}]}\n",
        INSTANCE + "schedules: {compute_start_stop: [{state: disabled}]}\n",
        INSTANCE + "schedules: {compute_start_stop: [{action: restart}]}\n",
        STOP % "type: cron, expression: 0 18 * * *, start_time: '2024-05-01T18:00:00'",
        STOP % "type: Cron, expression: 0 18 * * *",
        STOP % "type: cron",
        STOP % "expression: 0 18 * * *",
        STOP % "type: cron, expression: 0 18 * * *, end_time: '2024-05-01T18:00:00'",
        STOP % "type: recurrence, frequency: day",
        STOP % "type: recurrence, frequency: yearly, interval: 1",
        WEEKLY % "hours: [8], minutes: [0, 30], week_days: [Monday, friday]",
        WEEKLY % "hours: [8], minutes: [0], month_days: [1]",
        WEEKLY % "hours: 8, minutes: [0]",
        WEEKLY % "hours: [8], minutes: [0], week_days: monday",
        WEEKLY % "hours: [8], minutes: [0], week_days: [mon]",
        WEEKLY % "hours: [8]",
        INSTANCE + "schedules: {compute_start_stop: [{action: stop, trigger: {type: cron, expression: 0 18 * * *}}]}\n",
        INSTANCE + "setup_scripts: {creation_script: {path: a}}\n",
        INSTANCE + "custom_applications: [{name: a, type: Docker, image: {reference: r}, "
        "endpoints: [{target: 8787, published: 8787}], environment_variables: {A: 1, B: 'true'}, "
        "bind_mounts: [{source: /a, target: /b}]}]\n",
        INSTANCE + "custom_applications: [{name: a, image: {reference: r}}]\n",
        INSTANCE + "custom_applications: [{name: a, endpoints: [{target: 8787, published: 8787}]}]\n",
        INSTANCE + "custom_applications: [{name: a, type: podman, image: {reference: r}, endpoints: []}]\n",
        INSTANCE
        + "custom_applications: [{name: a, image: {reference: r}, endpoints: [{target: 80, published: 8787}]}]\n",
        KUBERNETES,
        KUBERNETES + f"resource_id: {CLUSTER}\nlocation: westus\ndescription: d\ntags: {{a: b}}\nnamespace: n\n",
        KUBERNETES + "properties: {defaultInstanceType: small}\nidentity: {type: system_assigned}\n",
        KUBERNETES + "properties: small\n",
        VIRTUAL_MACHINE,
        VIRTUAL_MACHINE + "description: d\ntags: {a: b}\nlocation: westus\ncompute_location: westus\n",
        "name: a-compute\ntype: virtualmachine\nssh_settings: {admin_username: me}\n",
        MACHINE_ALONE + "ssh_settings: {}\n",
        MACHINE_ALONE + "ssh_settings: {admin_username: me, admin_password: p, ssh_port: 23}\n",
        MACHINE_ALONE + "ssh_settings: {admin_username: me, ssh_private_key_file: missing.key}\n",
        SPARK,
        "name: a-compute\ntype: synapsespark\n",
        SPARK + "identity: {type: system_assigned}\nlocation: westus\ndescription: d\ntags: {a: b}\n",
        SPARK
        + "node_count: 2\nnode_family: f\nnode_size: s\nspark_version: '3'\n"
        + "scale_settings: {min_node_count: 1}\nauto_pause_settings: {}\n",
    )
]

ANSWER: dict[str, Any] = {
    "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/computes/a",
    "name": "a-compute",
    "type": "Microsoft.MachineLearningServices/workspaces/computes",
    "location": "eastus",
    "tags": {"purpose": "demo"},
}
IDENTITY = {
    "type": "SystemAssigned,UserAssigned",
    "principalId": "p",
    "tenantId": "t",
    "userAssignedIdentities": {ROBOT: {"principalId": "pr", "clientId": "cr"}},
}


def answer(kind: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the service answers for a compute."""
    return {
        **ANSWER,
        "properties": {
            "computeType": kind,
            "provisioningState": "Succeeded",
            "isAttachedCompute": False,
            "disableLocalAuth": True,
            "description": "what it is",
            "properties": properties,
            **more,
        },
    }


SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/net/subnets/one"
ERRORS = [{"error": {"code": "QuotaExceeded", "message": "no cores left"}}]

ANSWERS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "Compute",
        "ComputeResource",
        {
            **answer(
                "AmlCompute",
                {
                    "osType": "Linux",
                    "vmSize": "STANDARD_DS3_V2",
                    "vmPriority": "LowPriority",
                    "enableNodePublicIp": True,
                    "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT2M"},
                    "remoteLoginPortPublicAccess": "Disabled",
                    "subnet": {"id": SUBNET},
                    "allocationState": "Steady",
                    "userAccountCredentials": {"adminUserName": "me", "adminUserSshPublicKey": "ssh-rsa A"},
                    "currentNodeCount": 0,
                    "targetNodeCount": 0,
                    "nodeStateCounts": {"idleNodeCount": 0},
                },
                computeLocation="westus",
            ),
            "identity": IDENTITY,
        },
    ),
    (
        "Compute",
        "ComputeResource",
        answer(
            "AmlCompute",
            {
                "vmSize": "STANDARD_DS3_V2",
                "vmPriority": "Dedicated",
                "remoteLoginPortPublicAccess": "Enabled",
            },
            provisioningState="Failed",
            provisioningErrors=ERRORS,
        ),
    ),
    (
        "Compute",
        "ComputeResource",
        answer(
            "AmlCompute",
            {"vmSize": "STANDARD_DS3_V2", "remoteLoginPortPublicAccess": "NotSpecified", "enableNodePublicIp": True},
        ),
    ),
    (
        "Compute",
        "ComputeResource",
        {
            **answer(
                "ComputeInstance",
                {
                    "vmSize": "STANDARD_DS3_V2",
                    "applicationSharingPolicy": "Personal",
                    "state": "Running",
                    "subnet": {"id": SUBNET},
                    "sshSettings": {
                        "sshPublicAccess": "Enabled",
                        "adminUserName": "azureuser",
                        "sshPort": 50000,
                        "adminPublicKey": "k",
                    },
                    "connectivityEndpoints": {"publicIpAddress": "10.0.0.1", "privateIpAddress": "10.0.0.2"},
                    "personalComputeInstanceSettings": {"assignedUser": {"objectId": "o", "tenantId": "t"}},
                    "applications": [{"displayName": "Jupyter", "endpointUri": "https://a"}],
                    "lastOperation": {
                        "operationName": "Start",
                        "operationStatus": "Succeeded",
                        "operationTrigger": "User",
                    },
                    "schedules": {
                        "computeStartStop": [
                            {
                                "id": "one",
                                "provisioningStatus": "Completed",
                                "status": "Enabled",
                                "action": "Stop",
                                "triggerType": "Cron",
                                "cron": {
                                    "startTime": "2024-05-01T18:00:00",
                                    "timeZone": "UTC",
                                    "expression": "0 18 * * *",
                                },
                            },
                            {
                                "id": "two",
                                "provisioningStatus": "Completed",
                                "status": "Disabled",
                                "action": "Start",
                                "triggerType": "Recurrence",
                                "recurrence": {
                                    "frequency": "Week",
                                    "interval": 1,
                                    "timeZone": "UTC",
                                    "schedule": {"hours": [8], "minutes": [0], "weekDays": ["Monday"]},
                                },
                            },
                        ]
                    },
                    "setupScripts": {
                        "scripts": {
                            "creationScript": {
                                "scriptSource": "workspaceStorage",
                                "scriptData": "a.sh",
                                "scriptArguments": "-v",
                                "timeout": "5m",
                            }
                        }
                    },
                    "idleTimeBeforeShutdown": "PT30M",
                    "enableNodePublicIp": False,
                    "enableSSO": False,
                    "osImageMetadata": {
                        "currentImageVersion": "1",
                        "latestImageVersion": "2",
                        "isLatestOsImageVersion": False,
                    },
                    "customServices": [
                        {
                            "name": "rstudio",
                            "image": {"type": "docker", "reference": "r"},
                            "docker": {"privileged": True},
                            "type": "docker",
                            "endpoints": [{"name": "connect", "target": 8787, "published": 8787, "protocol": "http"}],
                            "environmentVariables": {"A": {"type": "local", "value": "b"}},
                            "volumes": [{"type": "bind", "readOnly": False, "source": "/a", "target": "/b"}],
                        }
                    ],
                    "enableRootAccess": False,
                    "releaseQuotaOnStop": True,
                    "enableOSPatching": True,
                },
                resourceId=MACHINE,
            ),
            "identity": IDENTITY,
        },
    ),
    (
        "Compute",
        "ComputeResource",
        {
            **answer(
                "Kubernetes",
                {
                    "namespace": "training",
                    "defaultInstanceType": "small",
                    "vcName": "v",
                },
                resourceId=CLUSTER,
            ),
            "identity": IDENTITY,
        },
    ),
    (
        "Compute",
        "ComputeResource",
        answer(
            "VirtualMachine",
            {
                "sshPort": 22,
                "address": "10.0.0.1",
                "administratorAccount": {"username": "me", "publicKeyData": "k"},
            },
            resourceId=MACHINE,
        ),
    ),
    (
        "Compute",
        "ComputeResource",
        answer(
            "SynapseSpark",
            {
                "nodeCount": 3,
                "nodeSize": "Small",
                "nodeSizeFamily": "MemoryOptimized",
                "sparkVersion": "3.4",
                "poolName": "p",
                "autoScaleProperties": {"minNodeCount": 3, "maxNodeCount": 5, "enabled": True},
                "autoPauseProperties": {"delayInMinutes": 15, "enabled": False},
            },
            resourceId=POOL,
        ),
    ),
    ("Compute", "ComputeResource", answer("Databricks", {"workspaceUrl": "u"}, resourceId=POOL)),
]

FALSY = "what the user set is sent, falsy or not"
ZONE = "the official client writes the name of its own enum, which is no time zone when it is read again"
TIMEOUT = "no timeout is left out; the official client sends the word 'Nonem'"
SHOWN = "read from the answer, where the official client looks under other names and finds nothing"
HONEST = "what the service does not say is None, not a default of the client"

DEPARTURES: dict[tuple[str, str], str] = {
    ("AmlCompute", "body:$.properties.properties.scaleSettings.nodeIdleTimeBeforeScaleDown"): FALSY,
    ("ComputeInstance", "body:$.properties.properties.idleTimeBeforeShutdown"): FALSY,
    ("ComputeInstance", "body:$.properties.properties.customServices"): FALSY,
    ("ComputeInstance", "body:$.properties.properties.customServices[0].endpoints"): FALSY,
    ("ComputeInstance", "body:$.properties.properties.customServices[0].environmentVariables"): FALSY,
    ("ComputeInstance", "body:$.properties.properties.customServices[0].volumes"): FALSY,
    ("ComputeInstance", "body:$.properties.properties.setupScripts.scripts.creationScript.timeout"): TIMEOUT,
    ("ComputeInstance", "dict:$.schedules.compute_start_stop[0].trigger.time_zone"): ZONE,
    ("compute", "body:$.properties.properties.setupScripts.scripts.creationScript.timeout"): TIMEOUT,
    ("compute", "dict:$.schedules.compute_start_stop[0].trigger.time_zone"): ZONE,
    ("Compute", "attribute:$.subnet"): "sent back as it came, so that a change of something else does not lose it",
    ("Compute", "attribute:$.identity.user_assigned_identities[0].client_id"): SHOWN,
    ("Compute", "attribute:$.identity.user_assigned_identities[0].principal_id"): SHOWN,
    ("Compute", "attribute:$.enable_node_public_ip"): HONEST,
    ("Compute", "attribute:$.network_settings"): "None without a subnet, not an empty object",
    (
        "Compute",
        "attribute:$.ssh_public_access_enabled",
    ): "'NotSpecified' is None, which is sent back as that; the official client's False would close the port",
    ("Compute", "attribute:$.schedules.compute_start_stop[0].trigger.type"): "the same word whether made or read",
    ("Compute", "attribute:$.schedules.compute_start_stop[1].trigger.type"): "the same word whether made or read",
    ("Compute", "attribute:$.setup_scripts.creation_script.timeout_minutes"): "a number, as it was given, not its text",
}
