"""How a workspace comes into being: what it needs is looked up, what it stands on is made, then the workspace itself."""

from __future__ import annotations

from typing import Any

import attrs
from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError

from mlsdk import ids
from mlsdk._version import __version__
from mlsdk.arm.connection import Connection
from mlsdk.arm.management import Management
from mlsdk.entities.workspace import Workspace
from mlsdk.entities.workspace_bodies import creation_body
from mlsdk.operations.attempt import Attempt, reasons, remove, say_more
from mlsdk.operations.surroundings import Surroundings, check_given, check_id
from mlsdk.schema.refusals import wrong

JSON = dict[str, Any]

SUBSCRIPTION_VERSION = "2020-01-01"

TOOLKIT = f"mlsdk-{__version__}"
"""What the tag `createdByToolkit` of a new workspace says."""

KEYWORDS = {"storageAccount": "storage_account", "keyVault": "key_vault", "applicationInsights": "application_insights"}
"""What is made when it is not given: the property of the body, and the argument of the workspace."""


@attrs.define(eq=False)
class Creation:
    """One workspace on its way."""

    connection: Connection
    workspace: Workspace
    path: str
    """The id that it will have."""
    api_version: str
    create_resource_group: bool
    remove_on_failure: bool
    management: Management = attrs.field(init=False)
    attempt: Attempt = attrs.field(init=False)
    new_group: bool = attrs.field(default=False, init=False)
    """Whether the resource group is still to be made."""
    made_group: bool = attrs.field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self.management = Management(self.connection)
        self.attempt = Attempt(self.management)

    @property
    def group(self) -> str:
        """The name of the resource group."""
        return ids.names(self.path)["resourcegroups"]

    @property
    def group_path(self) -> str:
        """The id of the resource group."""
        return self.path.partition("/providers/")[0]

    # -- before anything is made -------------------------------------------------------------------------------
    def prepare(self) -> None:
        """Look up what the workspace refers to, and fill in its region; raises when something is not there.

        A project has its hub's region and network access, another workspace the region of its resource group.
        """
        creation_body(self.workspace)  # ValidationException for what cannot be made
        if self.workspace.kind == "project":
            check_id("hub_id", self.workspace.hub_id, f"{ids.PROVIDER}/workspaces")
        check_given(self.management, self.workspace)
        if self.workspace.kind == "project":
            hub = self.management.get(str(self.workspace.hub_id), self.api_version)
            access = (hub.get("properties") or {}).get("publicNetworkAccess") or self.workspace.public_network_access
            self.workspace = self.workspace.evolve(location=hub["location"], public_network_access=access)
        region = self._region_of_group()
        if not self.workspace.location:
            self.workspace = self.workspace.evolve(location=region)

    def _region_of_group(self) -> str | None:
        """Where the resource group stands; None when it is still to be made, or may not be looked at."""
        try:
            return self.management.location_of_group(self.group)
        except ResourceNotFoundError as error:
            if not self.create_resource_group:
                hint = (
                    f"nothing was made. Create the resource group {self.group!r} first, name another one, or say "
                    "begin_create(…, create_resource_group=True) to have it made in the workspace's location"
                )
                say_more(error, hint)
                raise
            if not self.workspace.location:
                message = f"resource group {self.group!r} is to be made: it needs the location of the workspace"
                raise wrong(message) from None
            self.new_group = True
        except HttpResponseError as error:
            if error.status_code != 403 or not self.workspace.location:
                raise
        return None

    # -- making ------------------------------------------------------------------------------------------------
    def run(self) -> JSON:
        """Make it all; the body of the workspace. When that fails, the error tells what is left."""
        try:
            return self._make()
        except BaseException as error:
            say_more(error, *(self._undo() if self.remove_on_failure else self._left()))
            raise

    def status(self) -> str:
        """What is being made now, in words."""
        return self.attempt.status()

    def _make(self) -> JSON:
        body = creation_body(self.workspace, toolkit=TOOLKIT)
        properties = body["properties"]
        missing = self._missing(properties)
        tenant = self._tenant() if "keyVault" in missing else ""
        if self.new_group:
            self.management.make_group(self.group, str(self.workspace.location))
            self.made_group = True
        isolated = properties.get("managedNetwork", {}).get("isolationMode", "Disabled") != "Disabled"
        around = Surroundings(
            self.attempt,
            self.group_path,
            str(self.workspace.name),
            body["location"],
            body["tags"],
            tenant,
            private=isolated or properties["publicNetworkAccess"] == "Disabled",
            hierarchical=self.workspace.kind == "featurestore",
        )
        properties.update(around.make(missing))
        return self.attempt.put("workspace", self.path, self.api_version, body, own_name=False)

    def _tenant(self) -> str:
        """The GUID of the subscription's directory."""
        subscription = f"/subscriptions/{ids.names(self.path)['subscriptions']}"
        return str(self.connection.exchange("GET", subscription, SUBSCRIPTION_VERSION).body["tenantId"])

    def _missing(self, properties: JSON) -> list[str]:
        """What has to be made: a project has its hub's, and a hub is without Application Insights unless it names one."""
        needed = {"project": [], "hub": ["storageAccount", "keyVault"]}.get(str(self.workspace.kind), [*KEYWORDS])
        return [name for name in needed if not properties.get(name)]

    def so_far(self) -> list[str]:
        """What was made until now, and what is being made, by their ids."""
        made = [*([self.group_path] if self.made_group else []), *list(self.attempt.made)]
        begun = list(self.attempt.perhaps)
        return [
            f"{words}: {', '.join(found)}" for words, found in (("made so far", made), ("being made", begun)) if found
        ]

    # -- when it failed ----------------------------------------------------------------------------------------
    def _left(self) -> list[str]:
        """What is still there, and what can be done about it."""
        made = [*([self.group_path] if self.made_group else []), *self.attempt.made]
        notes = []
        if made:
            notes.append(f"made before it failed, and still there: {', '.join(made)}")
        if self.attempt.perhaps:
            notes.append(f"perhaps there, as its making was begun: {', '.join(self.attempt.perhaps)}")
        if notes:
            notes.append(
                f"Another attempt makes new ones, unless they are given to the workspace as {', '.join(KEYWORDS.values())}; "
                "begin_create(…, remove_on_failure=True) removes what a failed attempt made."
            )
        return notes

    def _undo(self) -> list[str]:
        """Remove what was made, the workspace first; what was removed, and what was not."""
        begun = {**self.attempt.made, **self.attempt.perhaps}
        notes = []
        if begun.pop(self.path, None):
            try:
                mine = self._remove_workspace()
            except AzureError as error:
                return [f"not removed: {reasons({self.path: error})}", *self._left()]
            if not mine:
                notes.append(f"a workspace of this name is there, perhaps made by another one: {self.path}")
        errors = remove(self.management, begun)
        gone = [one for one in begun if one not in errors]
        if self.made_group and not errors:
            errors = self._remove_group()
            gone += [self.group_path] if not errors else []
        if gone:
            notes.append(f"removed again: {', '.join(gone)}")
        if errors:
            notes.append(f"not removed, and still there: {reasons(errors)}")
        return notes

    def _remove_workspace(self) -> bool:
        """Delete the workspace if it was made half way; False when it may be another one of the same name."""
        found = self.connection.find(self.path, self.api_version)
        if found is None:
            return True
        # The names of what was made for it are no one else's: a workspace that stands on them is this one.
        properties = found.get("properties") or {}
        stands_on = {str(properties.get(name)).lower() for name in KEYWORDS}
        if not stands_on & {one.lower() for one in self.attempt.made}:
            return False
        self.connection.begin("DELETE", self.path, self.api_version, params={"forceToPurge": True}).result()
        return True

    def _remove_group(self) -> dict[str, BaseException]:
        """Delete the resource group that was made, unless something stands in it; what was raised."""
        try:
            if not self.management.is_empty(self.group):
                message = "it holds other resources now"
                return {self.group_path: RuntimeError(message)}
            self.management.delete_group(self.group)
        except AzureError as error:
            return {self.group_path: error}
        return {}
