"""How a workspace goes together with what it stands on: the workspace first, so that a refusal leaves it whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from mlsdk.arm.management import Management
from mlsdk.operations.attempt import reasons, remove, say_more
from mlsdk.operations.surroundings import dependents, of_project

if TYPE_CHECKING:
    from azure.core.polling import LROPoller
    from typing_extensions import Self

    from mlsdk.arm.connection import Connection

JSON = dict[str, Any]


@attrs.define(eq=False)
class Deletion:
    """One workspace on its way out, and what goes with it."""

    management: Management
    path: str
    """The id of the workspace."""
    others: dict[str, str]
    """The api-versions of what goes with it, by id."""
    workspace_gone: bool = attrs.field(default=False, init=False)

    @classmethod
    def planned(cls, connection: Connection, workspace: JSON, api_version: str) -> Self:
        """What goes with `workspace`, looked up while it is there; raises when that cannot be known."""
        management = Management(connection)
        hub = (workspace.get("properties") or {}).get("hubResourceId")
        if hub:
            return cls(management, workspace["id"], of_project(management, workspace, management.get(hub, api_version)))
        # What a project of an unknown hub stands on is not its own.
        project = str(workspace.get("kind")).lower() == "project"
        return cls(management, workspace["id"], {} if project else dependents(management, workspace))

    def status(self) -> str:
        """What is being deleted now, in words."""
        return "workspace" if not self.workspace_gone else f"{len(self.others)} resources around it"

    def so_far(self) -> list[str]:
        """What is being deleted, by its ids."""
        return [f"being deleted: {', '.join([self.path, *self.others])}"]

    def run(self, deleted: LROPoller[None]) -> None:
        """Wait for the workspace's own deletion, then delete the others side by side.

        When some cannot be deleted, the first error is raised and names them all.
        """
        try:
            deleted.result()
        except BaseException as refused:
            say_more(refused, "what it stands on was left as it is")
            raise
        self.workspace_gone = True
        errors = remove(self.management, self.others)
        for error in errors.values():
            gone = [one for one in self.others if one not in errors]
            say_more(
                error,
                f"deleted: {', '.join([self.path, *gone])}",
                f"not deleted, and still there: {reasons(errors)}",
            )
            raise error
