"""The workspaces, hubs and projects of a resource group."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import attrs

from mlsdk import ids
from mlsdk.entities.network import ManagedNetwork, ManagedNetworkProvisionStatus
from mlsdk.entities.workspace import WORKSPACE, Project, Workspace
from mlsdk.entities.workspace_answers import DiagnoseResponseResult, DiagnoseResponseResultValue, WorkspaceKeys
from mlsdk.entities.workspace_bodies import update_body
from mlsdk.operations.group import Group
from mlsdk.schema.bodies import from_body
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from azure.core.paging import ItemPaged
    from azure.core.polling import LROPoller

JSON = dict[str, Any]


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
            self._connection.exchange(
                "POST", f"{self._path_of(name)}/listKeys", self.kind.api_version, repeatable=True
            ).body,
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
        *,
        resource_group: str | None = None,
        create_resource_group: bool = False,
        remove_on_failure: bool = False,
        **kwargs: Any,
    ) -> LROPoller[Workspace]:
        """Start to make a workspace and, side by side, what it stands on; change it when it exists.

        Storage account, key vault, Log Analytics and Application Insights are made unless the workspace names its own; a
        project uses its hub's. The service makes a container registry when it first needs one and none was named. Without a
        location it is made in its resource group's region; the group has to exist, unless `create_resource_group`.

        ResourceNotFoundError at once, with nothing made, when the group or something that the workspace names is not there.
        When something fails later, `result()` raises what it was and tells what was made so far, or with
        `remove_on_failure` that it was removed again. The work is done here, not by the service: a program that ends waits
        for it.
        """
        _warn_of_unknown("begin_create", kwargs)
        self._expect(workspace)
        group = resource_group or workspace.resource_group
        path = self._path_of(self._check_name(workspace.name), group)
        found = self._connection.find(path, self.kind.api_version)
        if found is not None:
            return self._merge(workspace, found, update_dependent_resources=update_dependent_resources, group=group)
        from mlsdk.operations.background import in_steps
        from mlsdk.operations.workspace_creation import Creation

        creation = Creation(
            self._connection,
            workspace,
            path,
            self.kind.api_version,
            create_resource_group=create_resource_group,
            remove_on_failure=remove_on_failure,
        )
        creation.prepare()
        show = self._connection.show_progress
        return in_steps(
            lambda: self._load(creation.run()),
            creation.status,
            creation.so_far,
            f"making workspace {workspace.name}",
            show=show,
        )

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
        self,
        name: str,
        *,
        delete_dependent_resources: bool,
        permanently_delete: bool = False,
        resource_group: str | None = None,
        **kwargs: Any,
    ) -> LROPoller[None]:
        """Start to delete a workspace.

        It can be recovered for 14 days and its name stays taken, unless `permanently_delete`. With
        `delete_dependent_resources` what it stands on is deleted after it, for good and whoever else uses it: storage
        account, key vault, container registry, Application Insights and their logs; never what belongs to a project's hub.
        `result()` waits for all, and when some could not be deleted raises an error that names them.
        """
        _warn_of_unknown("begin_delete", kwargs)
        path = self._path_of(name, resource_group)
        found = self._found(name, resource_group)
        purge = {"forceToPurge": permanently_delete}
        if not delete_dependent_resources:
            return self._connection.begin("DELETE", path, self.kind.api_version, params=purge)
        from mlsdk.operations.background import in_steps
        from mlsdk.operations.workspace_deletion import Deletion

        deletion = Deletion.planned(self._connection, found, self.kind.api_version)
        # A refusal is raised here, before anything else is deleted.
        deleted: LROPoller[None] = self._connection.begin("DELETE", path, self.kind.api_version, params=purge)
        show = self._connection.show_progress
        return in_steps(
            lambda: deletion.run(deleted), deletion.status, deletion.so_far, f"deleting workspace {name}", show=show
        )

    # -- inside ------------------------------------------------------------------------------------------------
    def _path_of(self, name: str | None, group: str | None = None) -> str:
        """The path of a workspace, the client's own when `name` is None, in its group or another one.

        ValidationException for a group that would lead somewhere else as part of an address.
        """
        scope = self._scope
        if group is not None:
            scope = attrs.evolve(scope, resource_group_name=group)  # noqa: TID251 - a scope is no entity
        return scope.workspace(quote(self._named(name), safe="") if name is not None else None)

    def _found(self, name: str | None, group: str | None) -> JSON:
        path = self._path_of(name, group)
        if self._scope.workspace_name and path.lower() == self._scope.workspace().lower():
            return self._session.workspace()
        return self._connection.exchange("GET", path, self.kind.api_version).body  # type: ignore[no-any-return]

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


def _warn_of_unknown(method: str, unknown: JSON) -> None:
    """Warn of keywords that are left out, where the official client leaves them out without a word."""
    if unknown:
        from mlsdk.exceptions import UnknownArgumentWarning

        named = ", ".join(f"{name}=…" for name in unknown)
        warnings.warn(f"{method}({named}) is not known and left out", UnknownArgumentWarning, stacklevel=3)
