"""Jobs: what all types of them have."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from mlsdk.entities.job_services import ServiceMap, service_map
from mlsdk.entities.kind import Kind, name_rule
from mlsdk.entities.resource import Resource, own
from mlsdk.redaction import redacted, redacted_json
from mlsdk.schema import files
from mlsdk.schema.fields import Codec, constant, entity, output, wire
from mlsdk.schema.mappings import Field

PREFIX = "azureml:"
LOCAL = "local"
"""The compute of a job that runs on the machine it is submitted from."""
_LEFT_OUT = ("tags", "properties", "environment_variables")
_ID = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)/providers/[^/]+/workspaces/"
    r"(?P<workspace>[^/]+)/jobs/(?P<name>[^/]+)",
    re.IGNORECASE,
)
_STUDIO = (
    "https://ml.azure.com/runs/{name}?wsid=/subscriptions/{subscription}/resourcegroups/{group}/workspaces/{workspace}"
)


def _compute_name(value: Any) -> Any:
    """A compute as attributes have it: its name, for what is in the same workspace; without `azureml:`."""
    return value.removeprefix(PREFIX) if isinstance(value, str) else value


COMPUTE = Codec(_compute_name, _compute_name)
COMPUTE_FILE = Codec(
    lambda value: value if not value or value == LOCAL or value.startswith("${{") else PREFIX + _compute_name(value),
    _compute_name,
)
"""A compute in files: `azureml:cpu-cluster`."""


def _shown(key: str, value: Any) -> Any:
    """A value of a mapping in the file form: the properties of a job are texts."""
    return str(value) if key == "properties" and isinstance(value, (int, float)) else value


_ABOUT = (
    "type",
    "name",
    "display_name",
    "description",
    "experiment_name",
    "tags",
    "properties",
    "compute",
    "parent_job_name",
)


def flags(inputs: Any, form: Any) -> dict[str, Any]:
    """The inputs of a file form with true and false as such, which the official client writes as numbers."""
    if not isinstance(form, dict) or not isinstance(inputs, Mapping):
        return {}
    return {"inputs": {k: inputs[k] if isinstance(inputs.get(k), bool) else v for k, v in form.items()}}


@entity(eq=False, constants=(constant("properties.isArchived", False),))
class Job(Resource):
    """Work that a workspace does, or did.

    Its subclasses say what is run; this one holds jobs of a type that this version does not know.
    """

    name: str | None = wire("name", default=None, sent=False, kw_only=False)
    """Its name in the workspace, unique for all time; made when None."""
    display_name: str | None = wire("properties.displayName", default=None, kw_only=False)
    """What the studio shows."""
    description: str | None = wire("properties.description", default=None, kw_only=False)
    tags: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.tags", default=None, missing=dict, given=own, kw_only=False
    )
    properties: Field[dict[str, Any], Mapping[str, Any] | None] = wire(
        "properties.properties", default=None, missing=dict, given=own, kw_only=False
    )
    experiment_name: str | None = wire("properties.experimentName", default=None, kw_only=False)
    """The experiment that it is a run of; that of the current folder's name when None."""
    compute: str | None = wire(
        "properties.computeId", default=None, codec=COMPUTE, file_codec=COMPUTE_FILE, kw_only=False
    )
    """Where it runs: the name of a compute of the workspace, `serverless`, or `local`."""
    services: Field[ServiceMap | None, Mapping[str, Any] | None] = wire(
        "properties.services", default=None, given=service_map, kw_only=False
    )
    """What may be opened while it runs, by name: `{"lab": JupyterLabJobService()}`; and those that the service adds."""
    status: str | None = output("properties.status", file="status")
    """`NotStarted`, `Queued`, `Preparing`, `Running`, `Finalizing`, `Completed`, `Failed`, `Canceled`, and others."""
    log_files: dict[str, str] | None = output(None, file="log_files")

    def to_dict(self) -> dict[str, Any]:
        """The file form; without tags and properties where there are none."""
        form = super().to_dict()
        for key in _LEFT_OUT:
            said = {
                name: _shown(key, value) for name, value in (form.pop(key, None) or {}).items() if value is not None
            }
            if said:
                form[key] = said
        return form

    def __str__(self) -> str:
        """The file form without secrets: keys, tokens and signed addresses, also in what the user named."""
        return files.text(redacted_json(self.to_dict()))

    def __repr__(self) -> str:
        return redacted(super().__repr__())

    def __file_form__(self) -> dict[str, Any]:
        """What `dump` writes: a file that loads as the same job; the official client's form leaves parts of it out."""
        about = files.to_dict(self)
        form = self.to_dict()
        kept = {key: about[key] for key in _ABOUT if about.get(key) is not None}
        whole = {key: about[key] for key in _LEFT_OUT if about.get(key)}
        return {**kept, **form, **whole, **flags(getattr(self, "inputs", None), form.get("inputs"))}

    @property
    def type(self) -> str | None:
        """What kind of job it is, in the service's word where this version does not know the kind."""
        said = ((self._extra or {}).get("properties") or {}).get("jobType")
        return said if isinstance(said, str) else None

    @property
    def studio_url(self) -> str | None:
        """The page of the job in Azure Machine Learning studio; None before it is submitted."""
        service = None if self.services is None else self.services.get("Studio")
        if service is not None:
            return service.endpoint
        found = _ID.fullmatch(self.id or "")
        return None if found is None else _STUDIO.format_map(found.groupdict())

    def _repr_html_(self) -> str:
        rows = [
            ("Experiment", self.experiment_name),
            ("Name", self.name),
            ("Type", self.type),
            ("Status", self.status),
        ]
        cells = "".join(f"<td>{html.escape(str(value))}</td>" for _, value in rows)
        heads = "".join(f"<th>{head}</th>" for head, _ in rows)
        if self.studio_url:
            heads += "<th>Details Page</th>"
            link = html.escape(self.studio_url, quote=True)
            cells += (
                f'<td><a href="{link}" target="_blank" rel="noopener">Link to Azure Machine Learning studio</a></td>'
            )
        return f"<table><tr>{heads}</tr><tr>{cells}</tr></table>"


JOB = Kind(
    label="job",
    entity=Job,
    collection="jobs",
    api_version="2024-01-01-preview",
    schema="workspaces_jobs",
    name_rule=name_rule(
        r"[a-zA-Z0-9][a-zA-Z0-9\-_]{0,254}",
        "1 to 255 letters, digits, hyphens or underscores, the first a letter or digit",
    ),
)
