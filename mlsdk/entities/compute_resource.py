"""What every compute has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlsdk import ids
from mlsdk.entities.identity import IdentityConfiguration, with_type
from mlsdk.entities.resource import Resource, SystemData
from mlsdk.schema.fields import UNSET, Codec, Entity, entity, output, wire
from mlsdk.schema.mappings import Field

if TYPE_CHECKING:
    from typing_extensions import Self


@entity
class NetworkSettings(Entity):
    """The subnet in which the nodes of a compute stand.

    >>> NetworkSettings(vnet_name="network", subnet="computes")
    """

    vnet_name: str | None = wire(None, default=None)
    """The virtual network, in the workspace's resource group."""
    subnet: str | None = wire("subnet.id", default=None, sent=False)
    """The subnet's name in `vnet_name`, or the resource id of any subnet."""
    public_ip_address: str | None = output("connectivityEndpoints.publicIpAddress", file="public_ip_address")
    private_ip_address: str | None = output("connectivityEndpoints.privateIpAddress", file="private_ip_address")

    def subnet_id(self, resource_group: str) -> str | None:
        """The resource id of the subnet; names are looked up below `resource_group`, an id itself.

        ValidationException when only one of the two names is there.
        """
        if self.subnet and ids.is_arm_id(self.subnet):
            return self.subnet
        if not self.subnet and not self.vnet_name:
            return None
        if not self.subnet or not self.vnet_name:
            from mlsdk.exceptions import ValidationException

            missing, given = ("subnet", "vnet_name") if not self.subnet else ("vnet_name", "subnet")
            message = f"NetworkSettings: {given}={getattr(self, given)!r} needs {missing}, or a subnet's resource id"
            raise ValidationException(message)
        return f"{resource_group}/providers/Microsoft.Network/virtualNetworks/{self.vnet_name}/subnets/{self.subnet}"


def _place_of_subnet(settings: NetworkSettings | None) -> Any:
    """The place of a subnet's id in a body, there before the id is known."""
    return {} if settings is not None and settings.subnet else UNSET


def _first_error(errors: Any) -> Any:
    """The code of the first error that the service tells."""
    return errors[0].get("error", {}).get("code") if isinstance(errors, list) and errors else None


def _identity_of_file(data: Any) -> Any:
    """An identity in the file of a compute: of each user-assigned one only the resource id counts."""
    if not isinstance(data, dict):
        return data
    read_only = {"principal_id", "client_id", "tenant_id"}
    made = {key: value for key, value in with_type(data).items() if value is None or key not in read_only}
    assigned = made.get("user_assigned_identities")
    if isinstance(assigned, list) and all(isinstance(one, dict) for one in assigned):
        made["user_assigned_identities"] = [
            {key: value for key, value in one.items() if value is None or key not in read_only} for one in assigned
        ]
    return made


identity_in_file = Codec(lambda identity: identity, _identity_of_file)
"""How the file of a compute says its identity; what only the service sets is passed over."""


@entity(eq=False)
class Compute(Resource):
    """A machine, a cluster or a pool that jobs run on: what all of them have.

    Its subclasses are `AmlCompute`, `ComputeInstance`, `KubernetesCompute`, `VirtualMachineCompute` and
    `SynapseSparkCompute`.
    """

    creation_context: SystemData | None = output("systemData")
    name: str = wire("name", sent=False)
    """3 to 24 letters, digits and hyphens, unique in the workspace."""
    location: str | None = wire("location", default=None)
    """The Azure region; the workspace's when left out. Only an `AmlCompute` may be in another one."""
    description: str | None = wire("properties.description", default=None)
    resource_id: str | None = wire("properties.resourceId", default=None, sent=False)
    """The resource id of what was attached."""
    tags: dict[str, str] | None = wire("tags", default=None)
    provisioning_state: str | None = output("properties.provisioningState", file="provisioning_state")
    """`Creating`, `Succeeded`, `Failed`, `Updating`, `Deleting` or `Canceled`."""
    provisioning_errors: str | None = output(
        "properties.provisioningErrors", codec=Codec(lambda code: code, _first_error), file="provisioning_errors"
    )
    """The code of the first error, when it could not be made."""
    created_on: str | None = output("properties.createdOn", file="created_on")
    """When it was made, ISO 8601."""

    if TYPE_CHECKING:  # each class below has its own word; a slot here would stand in their way

        @property
        def type(self) -> str | None:
            """The type of compute: `amlcompute`, `computeinstance`, …."""
            ...

    def placed(self, location: str, resource_group: str) -> Self:  # noqa: ARG002 - those in a subnet need the group
        """A copy as it is sent: in the region `location`, its subnet as a resource id.

        `resource_group` is the id of the group whose virtual networks are meant by name.
        """
        return self.evolve(location=location)


@entity(eq=False)
class NodesCompute(Compute):
    """A compute that the service makes of virtual machines: a cluster or an instance."""

    size: str | None = wire("properties.properties.vmSize", default=None, absent="STANDARD_DS3_V2")
    """The VM size of its nodes; `STANDARD_DS3_V2` when left out. `client.compute.list_sizes()` knows all."""
    network_settings: Field[NetworkSettings | None, NetworkSettings | Mapping[str, Any] | None] = wire(
        "properties.properties", default=None, also={"properties.properties.subnet": _place_of_subnet}
    )
    """The subnet for its nodes; one that the service manages when left out."""
    subnet: str | None = wire("properties.properties.subnet.id", default=None, file=None)
    """The resource id of the subnet; it follows from `network_settings` when the compute is sent."""
    identity: Field[IdentityConfiguration | None, IdentityConfiguration | Mapping[str, Any] | None] = wire(
        "identity", default=None, file_codec=identity_in_file
    )
    """What jobs on it act as towards data and registries."""
    enable_node_public_ip: bool | None = wire("properties.properties.enableNodePublicIp", default=True)
    """Whether its nodes have public addresses; without them the workspace needs a private link or a managed network."""

    def placed(self, location: str, resource_group: str) -> Self:
        """A copy as it is sent; see `Compute.placed`."""
        settings = self.network_settings
        subnet = settings.subnet_id(resource_group) if settings is not None else None
        return self.evolve(location=location, subnet=subnet)
