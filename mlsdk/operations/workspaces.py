"""The workspaces, hubs and projects of a resource group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mlsdk import ids
from mlsdk._version import __version__
from mlsdk.entities.network import ManagedNetwork, ManagedNetworkProvisionStatus
from mlsdk.entities.workspace import WORKSPACE, Project, Workspace
from mlsdk.entities.workspace_answers import DiagnoseResponseResult, DiagnoseResponseResultValue, WorkspaceKeys
from mlsdk.entities.workspace_bodies import creation_body, update_body
from mlsdk.operations.group import Group
from mlsdk.operations.surroundings import Surroundings, remove
from mlsdk.schema.bodies import from_body
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from azure.core.paging import ItemPaged
    from azure.core.polling import LROPoller

JSON = dict[str, Any]

RESOURCE_GROUP_VERSION = "2020-06-01"
TOOLKIT = f"mlsdk-{__version__}"
"""What the tag `createdByToolkit` of a new workspace says."""


class WorkspaceOperations(Group[Workspace]):
    """Make, find, change and remove workspaces, hubs and projects."""

    kind = WORKSPACE

    def get(self, name: str | None = None, **kwargs: Any) -> Workspace:
        """A workspace, hub or project as its class; the client's own workspace when no name is given.

        `resource_group` looks in another one of the subscription. ResourceNotFoundError when there is none.
        """
        return self._load(self._found(name, kwargs.get("resource_group")))

    def list(
        self, *, scope: str = "resource_group", filtered_kinds: str | Sequence[str] | None = None
    ) -> ItemPaged[Workspace]:
        """The workspaces of the resource group, or with `scope="subscription"` of the subscription, page by page.

        `filtered_kinds` keeps some of `default`, `hub` and `project`.
        """
        if scope not in ("resource_group", "subscription"):
            message = f"scope is {scope!r}; allowed are 'resource_group' and 'subscription'"
            raise wrong(message)
        base = (
            self._scope.resource_group()
            if scope == "resource_group"
            else f"/subscriptions/{self._scope.need('subscription_id')}"
        )
        kinds = (
            filtered_kinds if filtered_kinds is None or isinstance(filtered_kinds, str) else ",".join(filtered_kinds)
        )
        return self._connection.pages(
            f"{base}/providers/{ids.PROVIDER}/workspaces", self.kind.api_version, self._load, params={"kind": kinds}
        )

    def get_keys(self, name: str | None = None) -> WorkspaceKeys:
        """The keys of a workspace's storage, registry and notebooks."""
        return from_body(
            WorkspaceKeys,
            self._connection.exchange("POST", f"{self._path_of(name)}/listKeys", self.kind.api_version).body,
        )

    def begin_sync_keys(self, name: str | None = None) -> LROPoller[None]:
        """Have the workspace read the keys of its resources anew, after they were changed."""
        return self._connection.begin("POST", f"{self._path_of(name)}/resyncKeys", self.kind.api_version)

    def begin_diagnose(self, name: str, **kwargs: Any) -> LROPoller[DiagnoseResponseResultValue]:
        """Have the service look for what is wrong with a workspace and the resources around it."""

        def load(body: JSON) -> DiagnoseResponseResultValue:
            result = from_body(DiagnoseResponseResult, body)
            return result.value if result.value is not None else DiagnoseResponseResultValue()

        return self._connection.begin(
            "POST",
            f"{self._path_of(name, kwargs.get('resource_group'))}/diagnose",
            self.kind.api_version,
            body={"value": {}},
            load=load,
        )

    def begin_provision_network(
        self,
        *,
        workspace_name: str | None = None,
        include_spark: bool = False,
        **kwargs: Any,  # noqa: ARG002 - taken as the official client takes them
    ) -> LROPoller[ManagedNetworkProvisionStatus]:
        """Build a workspace's managed network now rather than with its first compute; for Spark too when asked."""
        return self._connection.begin(
            "POST",
            f"{self._path_of(workspace_name)}/provisionManagedNetwork",
            self.kind.api_version,
            body={"includeSpark": include_spark},
            load=lambda body: from_body(ManagedNetworkProvisionStatus, body),
        )

    # -- making and changing -----------------------------------------------------------------------------------
    def begin_create(
        self,
        workspace: Workspace,
        update_dependent_resources: bool = False,
        **kwargs: Any,
    ) -> LROPoller[Workspace]:
        """Start to make a workspace and, side by side, what it stands on; change it when it exists.

        Storage account, key vault, Log Analytics and Application Insights are made unless the workspace names its own; a
        project uses its hub's. Without a location it is made in its resource group's region. When something fails, the error
        names what was made so far.
        """
        self._expect(workspace)
        group = kwargs.get("resource_group") or workspace.resource_group
        name = self._check_name(workspace.name)
        found = self._connection.find(self._path_of(name, group), self.kind.api_version)
        if found is not None:
            return self._merge(workspace, found, update_dependent_resources=update_dependent_resources, group=group)
        placed = workspace.evolve(location=workspace.location or self._location(workspace, group))
        from mlsdk.arm.longrunning import in_background

        return in_background(lambda: self._create(placed, group))

    def begin_update(
        self, workspace: Workspace, *, update_dependent_resources: bool = False, **kwargs: Any
    ) -> LROPoller[Workspace]:
        """Start to change a workspace: what is set in `workspace`, or given by keyword, replaces what is there.

        Another container registry or Application Insights may break what earlier jobs point to; it is refused with
        ValidationException unless `update_dependent_resources`.
        """
        self._expect(workspace)
        group = kwargs.pop("resource_group", None) or workspace.resource_group
        known = {name: value for name, value in kwargs.items() if hasattr(workspace, name)}
        unknown = sorted(set(kwargs) - set(known))
        if unknown:
            message = f"begin_update() has no argument {unknown[0]!r}"
            raise TypeError(message)
        if isinstance(known.get("managed_network"), str):
            known["managed_network"] = ManagedNetwork(isolation_mode=known["managed_network"])
        workspace = workspace.evolve(**known) if known else workspace
        found = self._found(workspace.name, group)
        self._refuse_quiet_replacement(workspace, found, allowed=update_dependent_resources)
        body = update_body(workspace, self._load(found))
        return self._connection.begin(
            "PATCH", self._path_of(workspace.name, group), self.kind.api_version, body=body, load=self._load
        )

    def begin_delete(
        self, name: str, *, delete_dependent_resources: bool, permanently_delete: bool = False, **kwargs: Any
    ) -> LROPoller[None]:
        """Start to delete a workspace.

        It can be recovered for 14 days and its name stays taken, unless `permanently_delete`; with
        `delete_dependent_resources` what it stands on is deleted too.
        """
        group = kwargs.get("resource_group")
        found = self._found(name, group)
        if delete_dependent_resources:
            remove(self._connection, found)
        return self._connection.begin(
            "DELETE", self._path_of(name, group), self.kind.api_version, params={"forceToPurge": permanently_delete}
        )

    # -- inside ------------------------------------------------------------------------------------------------
    def _path_of(self, name: str | None, group: str | None = None) -> str:
        return self._scope.workspace(quote(self._named(name), safe="") if name is not None else None, group)

    def _found(self, name: str | None, group: str | None) -> JSON:
        path = self._path_of(name, group)
        if self._scope.workspace_name and path.lower() == self._scope.workspace().lower():
            return self._session.workspace()
        return self._connection.exchange("GET", path, self.kind.api_version).body  # type: ignore[no-any-return]

    def _location(self, workspace: Workspace, group: str | None) -> str:
        """A project's is its hub's, another workspace's that of its resource group."""
        source, version = self._scope.resource_group(group), RESOURCE_GROUP_VERSION
        if isinstance(workspace, Project):
            source, version = str(workspace.hub_id), self.kind.api_version
        return str(self._connection.exchange("GET", source, version).body["location"])

    def _create(self, workspace: Workspace, group: str | None) -> Workspace:
        around = Surroundings(
            self._connection,
            self._scope.resource_group(group),
            str(workspace.name),
            str(workspace.location),
            dict(workspace.tags or {}),
        )
        try:
            body = creation_body(workspace, toolkit=TOOLKIT)
            if not isinstance(workspace, Project):
                given = {
                    "storageAccount": workspace.storage_account,
                    "keyVault": workspace.key_vault,
                    "applicationInsights": workspace.application_insights,
                }
                body["properties"].update(around.make(given, insights=body.get("kind", "default") == "default"))
            path = self._path_of(workspace.name, group)
            return self._connection.begin("PUT", path, self.kind.api_version, body=body, load=self._load).result()
        except Exception as error:
            if around.made:
                note = f"made before it failed, and still there: {', '.join(around.made)}"
                _add_note(error, note)
            raise

    def _merge(
        self, workspace: Workspace, found: JSON, *, update_dependent_resources: bool, group: str | None
    ) -> LROPoller[Workspace]:
        """Making what exists is changing it: tags are added, what is not said stays."""
        existing = self._load(found)
        tags = {key: value for key, value in (workspace.tags or {}).items() if key != "createdByToolkit"}
        changes: JSON = {"tags": {**(existing.tags or {}), **tags}}
        for name in ("container_registry", "application_insights", "identity", "primary_user_assigned_identity"):
            if getattr(workspace, name, None) is None and not isinstance(workspace, Project):
                changes[name] = getattr(existing, name)
        return self.begin_update(
            workspace.evolve(**changes), update_dependent_resources=update_dependent_resources, resource_group=group
        )

    @staticmethod
    def _refuse_quiet_replacement(workspace: Workspace, found: JSON, *, allowed: bool) -> None:
        properties = found.get("properties") or {}
        for ours, theirs in (
            ("container_registry", "containerRegistry"),
            ("application_insights", "applicationInsights"),
        ):
            wanted = getattr(workspace, ours, None)
            if wanted is not None and wanted != properties.get(theirs) and not allowed:
                message = (
                    f"changing {ours} of workspace {workspace.name!r} may break what earlier jobs and endpoints point to; "
                    "say update_dependent_resources=True if that is meant"
                )
                raise wrong(message)


def _add_note(error: Any, note: str) -> None:
    """Say more in an error's own text, since azure-core's errors print their message."""
    error.args = (f"{error.args[0] if error.args else error}\n{note}", *error.args[1:])
    if hasattr(error, "message"):
        error.message = f"{error.message}\n{note}"
