"""Computes: clusters here, and all of them under one name; what the service tells about sizes, quotas and nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from mlsdk.entities.attached_compute import KubernetesCompute, SynapseSparkCompute, VirtualMachineCompute
from mlsdk.entities.compute_instance import ComputeInstance, ImageMetadata
from mlsdk.entities.compute_resource import Compute, NetworkSettings, NodesCompute
from mlsdk.entities.kind import Kind, name_rule
from mlsdk.schema import codecs
from mlsdk.schema.fields import Codec, Entity, Mapped, choice, constant, entity, tag, wire
from mlsdk.schema.mappings import Field

__all__ = [
    "COMPUTE",
    "AmlCompute",
    "AmlComputeNodeInfo",
    "AmlComputeSshSettings",
    "Compute",
    "ImageMetadata",
    "NetworkSettings",
    "UnsupportedCompute",
    "Usage",
    "UsageName",
    "VmSize",
]

if TYPE_CHECKING:
    Tier = str
else:
    Tier = Literal["dedicated", "low_priority"]


@entity
class AmlComputeSshSettings(Entity):
    """The account that is made on each node of a cluster, for logging in by SSH."""

    admin_username: str = wire("adminUserName")
    admin_password: str | None = wire("adminUserPassword", default=None, secret=True)
    ssh_key_value: str | None = wire("adminUserSshPublicKey", default=None)
    """The public key, `ssh-rsa AAAA…`."""


def _no_scale(_: Any) -> dict[str, Any]:
    """The place of the scale settings, which the service asks for even if nothing is in it."""
    return {}


@entity(eq=False, constants=(constant("properties.properties.osType", "Linux"),))
class AmlCompute(NodesCompute):
    """A cluster that grows and shrinks with the jobs in its queue.

    >>> AmlCompute(name="cpu-cluster", size="STANDARD_DS3_V2", min_instances=0, max_instances=4)
    """

    type: Literal["amlcompute"] = tag("properties.computeType", default="amlcompute", wire="AmlCompute")
    location: str | None = wire("location", default=None, rather="properties.computeLocation")
    """The Azure region; the workspace's when left out."""
    tier: Tier | None = wire(
        "properties.properties.vmPriority",
        default=None,
        codec=codecs.words(dedicated="Dedicated", low_priority="LowPriority"),
        file_codec=codecs.file_words("low_priority", "dedicated"),
    )
    """`dedicated`, or `low_priority`: cheaper, and taken away when Azure needs the machines."""
    min_instances: int | None = wire(
        "properties.properties.scaleSettings.minNodeCount",
        default=0,
        also={"properties.properties.scaleSettings": _no_scale},
    )
    """How many nodes stay when there is nothing to do."""
    max_instances: int | None = wire("properties.properties.scaleSettings.maxNodeCount", default=4)
    idle_time_before_scale_down: int | None = wire(
        "properties.properties.scaleSettings.nodeIdleTimeBeforeScaleDown", default=120, codec=codecs.seconds
    )
    """How many seconds a node idles before it is taken away."""
    ssh_public_access_enabled: bool | None = wire(
        "properties.properties.remoteLoginPortPublicAccess", default=None, codec=codecs.enabled, absent="NotSpecified"
    )
    """Whether the SSH port of its nodes is open to the internet; when left out, it is unless they are in a subnet."""
    ssh_settings: Field[AmlComputeSshSettings | None, AmlComputeSshSettings | Mapping[str, Any] | None] = wire(
        "properties.properties.userAccountCredentials",
        default=None,
        also={"properties.disableLocalAuth": lambda settings: settings is None},
    )
    """The account for SSH; without it nobody can log in."""


@entity(eq=False)
class UnsupportedCompute(Compute):
    """A compute of a type that this version does not know: it can be looked at, but neither made nor changed."""

    type: Literal["*** unsupported compute type ***"] = tag(None, default="*** unsupported compute type ***")

    def __sendable__(self) -> None:
        from mlsdk.exceptions import ValidationException

        message = f"compute {self.name!r} is of a type that this version cannot make or change"
        raise ValidationException(message)


choice(
    AmlCompute | ComputeInstance | VirtualMachineCompute | KubernetesCompute | SynapseSparkCompute,
    at="properties.computeType",
    fallback=UnsupportedCompute,
    base=Compute,
)


# -- what the service tells -------------------------------------------------------------------------------------
@entity
class AmlComputeNodeInfo(Entity):
    """One node of a cluster."""

    node_id: str | None = wire("nodeId", default=None)
    private_ip_address: str | None = wire("privateIpAddress", default=None)
    public_ip_address: str | None = wire("publicIpAddress", default=None)
    port: int | None = wire("port", default=None, file_codec=codecs.text)
    """The port for SSH."""
    node_state: str | None = wire("nodeState", default=None)
    """`idle`, `running`, `preparing`, `unusable`, `leaving` or `preempted`."""
    run_id: str | None = wire("runId", default=None, file="current_job_name")
    """The name of the job that runs on it."""

    @property
    def current_job_name(self) -> str | None:
        """The name of the job that runs on it."""
        return self.run_id

    @current_job_name.setter
    def current_job_name(self, value: str | None) -> None:
        self.run_id = value


@entity
class UsageName(Mapped, Entity):
    """What a quota is for."""

    value: str | None = wire("value", default=None)
    localized_value: str | None = wire("localizedValue", default=None)


@entity
class Usage(Entity):
    """How much of a quota is used."""

    id: str | None = wire("id", default=None, kw_only=False)
    aml_workspace_location: str | None = wire("amlWorkspaceLocation", default=None, kw_only=False)
    type: str | None = wire("type", default=None, kw_only=False)
    unit: str | None = wire("unit", default=None, kw_only=False)
    """`Count`."""
    current_value: int | None = wire("currentValue", default=None, kw_only=False)
    limit: int | None = wire("limit", default=None, kw_only=False)
    """The most that may be used; -1 when there is no limit."""
    name: UsageName | None = wire("name", default=None, kw_only=False)


@entity
class VmSize(Entity):
    """A size of virtual machine, and what it has."""

    name: str | None = wire("name", default=None, kw_only=False)
    family: str | None = wire("family", default=None, kw_only=False)
    """The family that shares a quota."""
    v_cp_us: int | None = wire("vCPUs", default=None, kw_only=False)
    gpus: int | None = wire("gpus", default=None, kw_only=False)
    os_vhd_size_mb: int | None = wire("osVhdSizeMB", default=None, kw_only=False)
    max_resource_volume_mb: int | None = wire("maxResourceVolumeMB", default=None, kw_only=False)
    memory_gb: float | None = wire("memoryGB", default=None, kw_only=False)
    low_priority_capable: bool | None = wire("lowPriorityCapable", default=None, kw_only=False)
    premium_io: bool | None = wire("premiumIO", default=None, kw_only=False)
    supported_compute_types: list[str] | None = wire(
        "supportedComputeTypes",
        default=None,
        kw_only=False,
        file_codec=Codec(",".join, lambda names: names.split(",") if names else []),
    )
    """`AmlCompute`, `ComputeInstance`."""


COMPUTE = Kind(
    label="compute",
    entity=Compute,
    collection="computes",
    api_version="2023-08-01-preview",
    schema="workspaces_computes",
    long_running=True,
    name_rule=name_rule(
        r"[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9\-]{2,23}",
        "3 to 24 letters, digits or hyphens, the first a letter, and no hyphen before digits at its end",
    ),
)
