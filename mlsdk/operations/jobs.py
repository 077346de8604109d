"""The jobs of a workspace: checked, submitted, changed, stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk.assets.job_references import Shortening
from mlsdk.assets.jobs import anew, resolve_job, submitted
from mlsdk.assets.submission import changed
from mlsdk.entities.bindings import is_binding
from mlsdk.entities.compute import COMPUTE
from mlsdk.entities.job import LOCAL
from mlsdk.entities.job_checks import step_problems
from mlsdk.entities.jobs import JOB, Job, PipelineJob
from mlsdk.entities.validation import ValidationResult
from mlsdk.exceptions import PipelineChildJobError
from mlsdk.operations.job_following import JobFollowing
from mlsdk.schema.bodies import to_body
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from azure.core.polling import LROPoller

JSON = dict[str, Any]

READ = {"FineTuning": "2024-10-01-preview"}
"""The api-version of jobs that `JOB.api_version`, in which all others are read, tells too little of (wire.md §10)."""
WRITTEN = {
    "Command": "2025-01-01-preview",
    "Pipeline": "2024-01-01-preview",
    "Sweep": "2024-01-01-preview",
    "AutoML": "2024-01-01-preview",
    "FineTuning": "2024-10-01-preview",
}
"""The api-version that jobs of a type are sent in (wire.md §10)."""
OTHERS = "2023-04-01-preview"
"""That of all other types, of stopping and of deleting."""


class JobOperations(JobFollowing):
    """Check, submit, find, follow, change and stop jobs."""

    def create_or_update(
        self,
        job: Job,
        *,
        description: str | None = None,
        compute: str | None = None,
        tags: Mapping[str, Any] | None = None,
        experiment_name: str | None = None,
        skip_validation: bool = False,
        **kwargs: Any,  # noqa: ARG002 - taken as the official client takes them
    ) -> Job:
        """Submit a job, or change what may change of one that was submitted: its texts, tags and properties.

        Its code and data of this machine are uploaded, unless the same content is there; environments and components that are
        written out are registered. The keyword arguments win over what the job says; the job itself stays as it was.
        A job that was read from the service is changed under its name, and submitted anew under another one. Under its
        name only its texts, tags and properties are sent: what else was set on it stays as the service has it.
        ValidationException lists all that is wrong, unless `skip_validation`.
        """
        self._expect(job)
        said = {"description": description, "compute": compute, "tags": tags, "experiment_name": experiment_name}
        wanted = changed(submitted(job), **{name: value for name, value in said.items() if value is not None})
        if compute is None and experiment_name is None and self._is_here(wanted):
            return self._change(
                str(wanted.name),
                "create_or_update",
                display_name=wanted.display_name,
                description=wanted.description,
                tags=wanted.tags,
                properties=wanted.properties,
            )
        if wanted.id:
            wanted = anew(wanted)
        if wanted.name:
            self._check_name(wanted.name)
        if wanted.compute == LOCAL and self._connection.backend.distant:
            message = (
                "a job with compute 'local' runs on this machine, which Azure does not lead: submit it to a client whose "
                "backend is 'memory' (MLClient(..., backend=\"memory\"), or MLSDK_BACKEND=memory), or name a compute"
            )
            raise wrong(message)
        if not skip_validation:
            self.validate(wanted, raise_on_failure=True)
        return self._submit(resolve_job(wanted, self._session))

    def _submit(self, job: Job) -> Job:
        body = to_body(job)
        kind, identity = str(body["properties"]["jobType"]), body["properties"].get("identity") or {}
        reply = self._connection.exchange(
            "PUT",
            self._path(str(job.name)),
            self._version(WRITTEN.get(kind, OTHERS)),
            body=body,
            user_token=kind == "Pipeline" or identity.get("identityType") == "UserIdentity",
        )
        return self._load(reply.body)

    def _version(self, ours: str) -> str:
        return self._connection.api_version(self.kind.collection, ours)

    def _is_here(self, job: Job) -> bool:
        """Whether a job was read from this workspace under the name that it has."""
        return bool(job.id) and bool(job.name) and str(job.id).lower() == f"{self._collection()}/{job.name}".lower()

    # -- reading -----------------------------------------------------------------------------------------------
    def _fetch(self, name: str) -> JSON:
        """A job's body; steps of pipelines have no `properties` there."""
        body = super()._fetch(name)
        kind = (body.get("properties") or {}).get("jobType")
        if kind in READ and self.kind is JOB:
            body = self._connection.exchange("GET", self._path(name), READ[kind]).body
        return body

    def _load(self, body: JSON) -> Job:
        """A job with the names of its workspace in short."""
        return Shortening(self._scope.workspace()).job(super()._load(body))

    # -- checking ----------------------------------------------------------------------------------------------
    def validate(self, job: Job, *, raise_on_failure: bool = False, **kwargs: Any) -> ValidationResult:  # noqa: ARG002 - as the official client takes them
        """All that can be seen to be wrong with a job before it is sent, with its place in the file that the job is from.

        Where this side finds nothing, the computes that a pipeline names are looked up. Raised as ValidationException when
        asked for.
        """
        self._expect(job)
        wanted = submitted(job)
        found = wanted.problems() if isinstance(wanted, PipelineJob) else step_problems(wanted)
        result = ValidationResult.of(found, wanted)
        if result.passed and isinstance(wanted, PipelineJob):
            result = ValidationResult.of(self._missing_computes(wanted), wanted)
        if raise_on_failure:
            result.raise_for_problems()
        return result

    def _missing_computes(self, job: PipelineJob) -> Iterator[tuple[str, str]]:
        places: dict[str, list[str]] = {}
        named = {"compute": job.compute, "settings.default_compute": job.settings.default_compute}
        named |= {f"jobs.{name}.compute": getattr(step, "compute", None) for name, step in (job.jobs or {}).items()}
        for place, name in named.items():
            if isinstance(name, str) and not is_binding(name) and "/" not in name and name.lower() not in _NOWHERE:
                places.setdefault(name.removeprefix("azureml:"), []).append(place)
        path, version = (
            f"{self._scope.workspace()}/computes",
            self._connection.api_version(COMPUTE.collection, COMPUTE.api_version),
        )
        for name, where in places.items():
            if self._connection.find(f"{path}/{name}", version, expected=True) is None:
                for place in where:
                    yield place, f"there is no compute {name!r} in workspace {self._scope.workspace_name!r}"

    # -- changing ----------------------------------------------------------------------------------------------
    def update(
        self,
        name: str,
        *,
        display_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> Job:
        """Change the texts of a submitted job, and add to its tags and properties; gives it as it is then.

        What is None stays as it is. A tag that is there gets the new value; properties can be added, never changed.
        """
        changes = {"display_name": display_name, "description": description, "tags": tags, "properties": properties}
        if all(value is None for value in changes.values()):
            message = f"update({name!r}): give display_name, description, tags or properties"
            raise wrong(message)
        return self._change(name, "update", **changes)

    def archive(self, name: str) -> None:
        """Hide a job from lists; it stays what it is."""
        self._change_run(name, "archive", {"hidden": True})

    def restore(self, name: str) -> None:
        """Show an archived job in lists again."""
        self._change_run(name, "restore", {"hidden": False})

    def _change(self, name: str, command: str, *, display_name: Any, **changes: Any) -> Job:
        self._change_run(name, command, {"displayName": display_name, **changes})
        return self._load(self._fetch(name))

    def _change_run(self, name: str, command: str, changes: JSON) -> None:
        body = self._fetch(name)
        if body.get("properties") is None:
            raise PipelineChildJobError(str(body.get("id") or name), command)
        self._history.change(str(body["properties"]["experimentName"]), self._named(name), changes)

    # -- stopping ----------------------------------------------------------------------------------------------
    def begin_cancel(self, name: str, **kwargs: Any) -> LROPoller[None]:  # noqa: ARG002 - taken as the official client takes them
        """Stop a job; `result()` waits until the service has taken note. One that has ended stays as it is."""
        path = f"{self._path(name)}/cancel"
        return self._connection.begin("POST", path, self._version(OTHERS), load=_nothing, repeatable=True)

    def begin_delete(self, name: str, **kwargs: Any) -> LROPoller[None]:  # noqa: ARG002 - as above
        """Delete a job and its run; `result()` waits until it is gone."""
        return self._connection.begin("DELETE", self._path(name), self._version(OTHERS), load=_nothing)


_NOWHERE = frozenset({"", LOCAL, "serverless"})
"""What names no compute of the workspace."""


def _nothing(_: JSON) -> None:
    """What a deletion or cancellation gives."""
