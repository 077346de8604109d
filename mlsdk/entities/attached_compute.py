"""Computes that exist outside the workspace and are attached to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from mlsdk.entities.compute_resource import Compute, identity_in_file
from mlsdk.entities.identity import IdentityConfiguration
from mlsdk.entities.resource import own
from mlsdk.schema.fields import UNSET, Entity, entity, output, tag, wire
from mlsdk.schema.mappings import Field


# -- Kubernetes ------------------------------------------------------------------------------------------------
@entity(eq=False)
class KubernetesCompute(Compute):
    """A Kubernetes cluster: on Azure, or anywhere that Azure Arc reaches.

    >>> KubernetesCompute(name="kube", resource_id="/subscriptions/…/managedClusters/kube", namespace="training")
    """

    type: Literal["kubernetes"] = tag("properties.computeType", default="kubernetes", wire="Kubernetes")
    location: str | None = wire(
        "location", default=None, also={"properties.computeLocation": lambda place: UNSET if place is None else place}
    )
    """The Azure region, which is the workspace's."""
    resource_id: str | None = wire("properties.resourceId", default=None)
    """The resource id of the cluster."""
    namespace: str = wire("properties.properties.namespace", default="default")
    """The namespace in which jobs run."""
    properties: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.properties", default=None, missing=dict, given=own
    )
    """Further settings, by their names in a body: `defaultInstanceType`, `instanceTypes`, …"""
    identity: Field[IdentityConfiguration | None, IdentityConfiguration | Mapping[str, Any] | None] = wire(
        "identity", default=None, file_codec=identity_in_file
    )


# -- virtual machines ------------------------------------------------------------------------------------------
def _private_key(file: Any) -> Any:
    """The text of a key file; ValidationException when it cannot be read."""
    if file is None:
        return UNSET
    try:
        return Path(file).read_text(encoding="utf-8")
    except OSError as error:
        from mlsdk.exceptions import ValidationException

        message = f"VirtualMachineSshSettings: ssh_private_key_file={str(file)!r} cannot be read: {error.strerror}"
        raise ValidationException(message) from None


@entity
class VirtualMachineSshSettings(Entity):
    """How a virtual machine is reached by SSH: with a password, or with a private key."""

    admin_username: str | None = wire("administratorAccount.username")
    admin_password: str | None = wire("administratorAccount.password", default=None, secret=True)
    ssh_port: int | None = wire("sshPort", default=22)
    ssh_private_key_file: str | None = wire(
        None, default=None, also={"administratorAccount.privateKeyData": _private_key}
    )
    """A file with the private key, relative to the current folder; it is read when the compute is sent."""


@entity(eq=False)
class VirtualMachineCompute(Compute):
    """A virtual machine that is there already.

    >>> VirtualMachineCompute(name="machine", resource_id="/subscriptions/…/virtualMachines/machine",
    ...                       ssh_settings=VirtualMachineSshSettings(admin_username="me", ssh_private_key_file="key"))
    """

    type: Literal["virtualmachine"] = tag("properties.computeType", default="virtualmachine", wire="VirtualMachine")
    resource_id: str | None = wire("properties.resourceId")
    """The resource id of the machine."""
    ssh_settings: Field[VirtualMachineSshSettings | None, VirtualMachineSshSettings | Mapping[str, Any] | None] = wire(
        "properties.properties", default=None
    )
    public_key_data: str | None = wire(
        "properties.properties.administratorAccount.publicKeyData", default=None, file=None
    )
    """The public key of the machine's account."""
    compute_location: str | None = output("properties.computeLocation", file="compute_location")
    """The region of the machine, told by the service."""


# -- Synapse Spark ---------------------------------------------------------------------------------------------
@entity
class AutoScaleSettings(Entity):
    """Between how many nodes a Spark pool scales; it is set in Synapse and only shown here."""

    min_node_count: int | None = wire("minNodeCount", default=None, read=False)
    max_node_count: int | None = wire("maxNodeCount", default=None, read=False)
    enabled: bool | None = wire("enabled", default=None, read=False, file="auto_scale_enabled")

    @property
    def auto_scale_enabled(self) -> bool | None:
        """Whether it scales by itself: another name of `enabled`."""
        return self.enabled

    @auto_scale_enabled.setter
    def auto_scale_enabled(self, value: bool | None) -> None:
        self.enabled = value


@entity
class AutoPauseSettings(Entity):
    """When an idle Spark pool pauses; it is set in Synapse and only shown here."""

    delay_in_minutes: int | None = wire("delayInMinutes", default=None, read=False)
    enabled: bool | None = wire("enabled", default=None, read=False, file="auto_pause_enabled")

    @property
    def auto_pause_enabled(self) -> bool | None:
        """Whether it pauses by itself: another name of `enabled`."""
        return self.enabled

    @auto_pause_enabled.setter
    def auto_pause_enabled(self, value: bool | None) -> None:
        self.enabled = value


@entity(eq=False)
class SynapseSparkCompute(Compute):
    """A Spark pool of a Synapse workspace. The size and number of its nodes are set there, and only shown here.

    >>> SynapseSparkCompute(name="spark", resource_id="/subscriptions/…/bigDataPools/spark")
    """

    type: Literal["synapsespark"] = tag("properties.computeType", default="synapsespark", wire="SynapseSpark")
    resource_id: str | None = wire("properties.resourceId", default=None, required=True)
    """The resource id of the pool."""
    identity: Field[IdentityConfiguration | None, IdentityConfiguration | Mapping[str, Any] | None] = wire(
        "identity", default=None, file_codec=identity_in_file
    )
    node_count: int | None = wire("properties.properties.nodeCount", default=None, sent=False, read=False)
    node_family: str | None = wire("properties.properties.nodeSizeFamily", default=None, sent=False, read=False)
    """`MemoryOptimized`, `None`."""
    node_size: str | None = wire("properties.properties.nodeSize", default=None, sent=False, read=False)
    """`Small`, `Medium`, `Large`, …"""
    spark_version: str | None = wire("properties.properties.sparkVersion", default=None, sent=False, read=False)
    scale_settings: Field[AutoScaleSettings | None, AutoScaleSettings | Mapping[str, Any] | None] = wire(
        "properties.properties.autoScaleProperties", default=None, sent=False
    )
    auto_pause_settings: Field[AutoPauseSettings | None, AutoPauseSettings | Mapping[str, Any] | None] = wire(
        "properties.properties.autoPauseProperties", default=None, sent=False
    )
