"""What a job of the service names by ids, in the short words that it was submitted with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mlsdk.assets.steps import DATA
from mlsdk.entities.inputs import Input

if TYPE_CHECKING:
    from mlsdk.entities.job import Job

_ID = re.compile(
    r"(?:azureml:)?(?P<workspace>/subscriptions/.+/workspaces/[^/]+)/[^/]+/(?P<name>[^/]+)"
    r"(?:/(?P<what>versions|labels)/(?P<which>[^/]+))?",
    re.IGNORECASE,
)


class Shortening:
    """Ids of one workspace in short: `cpu-cluster`, `sklearn:1`; what is elsewhere keeps its id."""

    def __init__(self, workspace: str) -> None:
        """Shorten the ids below the path `workspace`."""
        self._workspace = workspace.lower()

    def short(self, text: Any) -> Any:
        """An id in short; anything else as it is."""
        found = _ID.fullmatch(text) if isinstance(text, str) else None
        if found is None or found["workspace"].lower() != self._workspace:
            return text
        if found["which"] is None:
            return found["name"]
        return f"{found['name']}{':' if found['what'].lower() == 'versions' else '@'}{found['which']}"

    def job(self, job: Job) -> Job:
        """The job, just read, with short names in the place of ids."""
        self._parts(job)
        settings = getattr(job, "settings", None)
        for name in ("default_compute", "default_datastore"):
            if settings is not None:
                self._attribute(settings, name)
        for step in (getattr(job, "jobs", None) or {}).values():
            self._parts(step)
        return job

    def _parts(self, job: Any) -> None:
        for name in ("compute", "environment", "code"):
            self._attribute(job, name)
        if isinstance(getattr(job, "component", None), str):
            self._attribute(job, "component")
        for name in ("trial", "task"):
            part = getattr(job, name, None)
            for inner in ("environment", "code") if part is not None and not isinstance(part, str) else ():
                self._attribute(part, inner)
        inputs = [*(getattr(job, "inputs", None) or {}).values(), *(getattr(job, name, None) for name in DATA)]
        for value in inputs:
            if isinstance(value, Input):
                value.path = self.short(value.path)

    def _attribute(self, part: Any, name: str) -> None:
        value = getattr(part, name, None)
        found = self.short(value)
        if found != value:
            setattr(part, name, found)
