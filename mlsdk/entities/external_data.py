"""Data outside of Azure Machine Learning: databases and file systems that a connection opens."""

from __future__ import annotations

from typing import Any, Literal, Union

from mlsdk.schema.bodies import from_body
from mlsdk.schema.fields import Entity, Mapped, choice, entity, tag, wire
from mlsdk.schema.mappings import Field


@entity
class StoredProcedureParameter(Mapped, Entity):
    """A parameter of a stored procedure: `StoredProcedureParameter(name="job", value="engineer", type="String")`."""

    name: str | None = wire("name", default=None, required=True)
    value: str | None = wire("value", default=None, required=True)
    type: str | None = wire("type", default=None, required=True)
    """The database's word for its type."""


@entity
class Database(Mapped, Entity):
    """A database, read by a query, a table's name or a stored procedure.

    >>> Database(connection="azureml:my_snowflake", query="select * from people")
    """

    name: str | None = wire(None, default=None, file=None)
    type: Literal["database"] = tag("type", default="database")
    query: str | None = wire("query", default=None)
    table_name: str | None = wire("table_name", default=None)
    stored_procedure: str | None = wire("stored_procedure", default=None)
    stored_procedure_params: Field[
        list[StoredProcedureParameter] | None, list[StoredProcedureParameter] | list[dict[str, Any]] | None
    ] = wire("stored_procedure_params", default=None)
    connection: str | None = wire("connection", default=None, required=True)
    """The connection that opens it: `azureml:name`."""


@entity
class FileSystem(Mapped, Entity):
    """Files in another cloud: `FileSystem(connection="azureml:my_s3", path="folder")`."""

    name: str | None = wire(None, default=None, file=None)
    type: Literal["file_system"] = tag("type", default="file_system")
    path: str | None = wire("path", default=None)
    connection: str | None = wire("connection", default=None, required=True)
    """The connection that opens them: `azureml:name`."""


ExternalData = Union[Database, FileSystem]
choice(ExternalData, at="type", default=FileSystem)


def external_of_body(body: Any) -> Any:
    """What a body says is outside."""
    kind: Any = ExternalData
    return from_body(kind, body)
