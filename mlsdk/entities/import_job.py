"""Import jobs: a preview that the service took once; their files are read and written, and they are not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Union

from mlsdk.entities.inline import Parts
from mlsdk.entities.inputs import Output
from mlsdk.entities.job import Job
from mlsdk.entities.job_ports import output_form
from mlsdk.schema.fields import JSON, Entity, Mapped, choice, entity, tag, wire
from mlsdk.schema.files import Problem
from mlsdk.schema.mappings import Field
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from collections.abc import Mapping


@entity
class _DatabaseImport(Mapped, Entity):
    """What imports from databases say."""

    connection: str | None = wire("connection", default=None, required=True)
    """The connection that opens it."""
    query: str | None = wire("query", default=None, required=True)


@entity
class AzureSqlImportSource(_DatabaseImport):
    """A query of an Azure SQL database."""

    type: Literal["azuresqldb"] = tag("type", default="azuresqldb")


@entity
class SynapseImportSource(_DatabaseImport):
    """A query of Azure Synapse Analytics."""

    type: Literal["azuresynapseanalytics"] = tag("type", default="azuresynapseanalytics")


@entity
class SnowflakeImportSource(_DatabaseImport):
    """A query of Snowflake."""

    type: Literal["snowflake"] = tag("type", default="snowflake")


@entity
class FileImportSource(Mapped, Entity):
    """Files in Amazon S3."""

    type: Literal["s3"] = tag("type", default="s3")
    connection: str | None = wire("connection", default=None, required=True)
    """The connection that opens them."""
    path: str | None = wire("path", default=None, required=True)


ImportSource = Union[AzureSqlImportSource, SynapseImportSource, SnowflakeImportSource, FileImportSource]
choice(ImportSource, at="type")


@entity(eq=False)
class ImportJob(Job):
    """Data brought in by a job of its own; `mlsdk.data_transfer.import_data` is what the service takes today."""

    type: Literal["import"] = tag(None, default="import")
    source: Field[ImportSource | None, ImportSource | dict[str, Any] | None] = wire(None, default=None, required=True)
    """What is read."""
    output: Field[Output | None, Output | dict[str, Any] | None] = wire(None, default=None, required=True)
    """What it is brought to."""

    def __sendable__(self) -> None:
        """The service takes no such job any more."""
        message = "import jobs cannot be submitted; import_data(...) of mlsdk.data_transfer makes a step of a pipeline"
        raise wrong(message)

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        """What is said; where it runs cannot be."""
        parts = Parts(data, base)
        if "compute" in data:
            parts.problems.append(Problem(("compute",), "import jobs have none", at_key=True))
        return parts.done()

    def to_dict(self) -> JSON:
        """The file form, with tags and properties where there are none too."""
        form = {**super().to_dict(), "tags": self.tags, "properties": self.properties}
        return form if self.output is None else {**form, "output": output_form(self.output)}
