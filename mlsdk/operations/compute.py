"""The computes of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mlsdk.entities.compute import COMPUTE, AmlCompute, AmlComputeNodeInfo, Compute, Usage, VmSize
from mlsdk.operations.group import Group
from mlsdk.schema.bodies import from_body, to_body
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from collections.abc import Iterable

    from azure.core.paging import ItemPaged
    from azure.core.polling import LROPoller

JSON = dict[str, Any]

SSO_VERSION = "2024-04-01-preview"
"""The api-version of single sign-on for compute instances (wire.md §6)."""


class ComputeOperations(Group[Compute]):
    """Make, find, start, stop and remove computes."""

    kind = COMPUTE

    def begin_create_or_update(self, compute: Compute) -> LROPoller[Compute]:
        """Start to make a compute, or to change the one of this name; `result()` waits and gives it as it is then.

        It is made in the workspace's region unless an AmlCompute names another one.
        """
        self._expect(compute)
        name = self._check_name(compute.name)
        body = to_body(self._placed(compute))
        return self._connection.begin("PUT", self._path(name), self.kind.api_version, body=body, load=self._load)

    def begin_attach(self, compute: Compute, **kwargs: Any) -> LROPoller[Compute]:  # noqa: ARG002 - taken as the official client takes them
        """Start to attach a compute that exists outside the workspace, named by its `resource_id`."""
        return self.begin_create_or_update(compute)

    def begin_update(self, compute: Compute) -> LROPoller[Compute]:
        """Start to change a cluster's scale, identity or tags."""
        return self.begin_create_or_update(compute)

    def get(self, name: str) -> Compute:
        """The compute called `name`, as the class of its type."""
        return self._load(self._fetch(name))

    def list(self, *, compute_type: str | None = None) -> ItemPaged[Compute]:
        """The computes, or those of one type (`amlcompute`, `computeinstance`, …), page by page as they are read."""

        def wanted(body: JSON) -> bool:
            return compute_type is None or str(body["properties"].get("computeType")).lower() == compute_type.lower()

        return self._connection.pages(self._collection(), self.kind.api_version, self._load, keep=wanted)

    def begin_delete(self, name: str, *, action: str = "Delete") -> LROPoller[None]:
        """Start to delete a compute; `action="Detach"` only takes an attached one out of the workspace."""
        words = {"delete": "Delete", "detach": "Detach"}
        if str(action).lower() not in words:
            message = f"action is {action!r}; allowed are 'Delete' and 'Detach'"
            raise wrong(message)
        return self._connection.begin(
            "DELETE",
            self._path(name),
            self.kind.api_version,
            params={"underlyingResourceAction": words[str(action).lower()]},
        )

    def begin_start(self, name: str) -> LROPoller[None]:
        """Start a stopped compute instance."""
        return self._act(name, "start")

    def begin_stop(self, name: str) -> LROPoller[None]:
        """Stop a running compute instance; it keeps its disk."""
        return self._act(name, "stop")

    def begin_restart(self, name: str) -> LROPoller[None]:
        """Restart a running compute instance."""
        return self._act(name, "restart")

    def list_nodes(self, name: str) -> ItemPaged[AmlComputeNodeInfo]:
        """The nodes that a cluster has at the moment."""
        return self._connection.pages(
            f"{self._path(name)}/listNodes",
            self.kind.api_version,
            lambda body: from_body(AmlComputeNodeInfo, body),
            items="nodes",
            method="POST",
            repeatable=True,
        )

    def list_usage(self, *, location: str | None = None) -> ItemPaged[Usage]:
        """What is used of the quota in a region, the workspace's when none is named."""
        return self._connection.pages(
            self._regional(location, "usages"), self.kind.api_version, lambda body: from_body(Usage, body)
        )

    def list_sizes(self, *, location: str | None = None, compute_type: str | None = None) -> Iterable[VmSize]:
        """The VM sizes of a region (the workspace's when none is named), or those that one type of compute can use."""
        reply = self._connection.exchange("GET", self._regional(location, "vmSizes"), self.kind.api_version)
        sizes = [from_body(VmSize, body) for body in reply.body.get("value") or []]
        if compute_type is None:
            return sizes
        wanted = compute_type.lower()
        return [size for size in sizes if wanted in (known.lower() for known in size.supported_compute_types or [])]

    def enable_sso(self, *, name: str, enable_sso: bool = True, **kwargs: Any) -> None:  # noqa: ARG002 - taken as the official client takes them
        """Switch single sign-on of a compute instance on or off."""
        self._connection.exchange("POST", f"{self._path(name)}/enableSso", SSO_VERSION, body={"enableSSO": enable_sso})

    def _act(self, name: str, action: str) -> LROPoller[None]:
        return self._connection.begin("POST", f"{self._path(name)}/{action}", self.kind.api_version)

    def _regional(self, location: str | None, collection: str) -> str:
        place = quote(location or self._workspace_location(), safe="")
        return (
            f"/subscriptions/{self._scope.need('subscription_id')}/providers/Microsoft.MachineLearningServices"
            f"/locations/{place}/{collection}"
        )

    def _workspace_location(self) -> str:
        return str(self._session.workspace()["location"])

    def _placed(self, compute: Compute) -> Compute:
        """The compute in its region, its subnet as a resource id."""
        location = compute.location if isinstance(compute, AmlCompute) else None
        return compute.placed(location or self._workspace_location(), self._scope.resource_group())
