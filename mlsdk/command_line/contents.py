"""What is in a workspace, as tables: a column for what tells its resources apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mlsdk.command_line.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsdk.client import MLClient

Columns = Mapping[str, Callable[[Any], Any]]
"""The heads of a table, and what stands below each for one resource."""
CURATED = "AzureML-"
"""How the names of the environments start that the service itself offers."""
PLACES = ("account_name", "store_name", "container_name", "file_share_name", "filesystem")
"""Where a datastore's files are: account, then what is in it; each kind has some of these."""


def show(client: MLClient) -> Iterator[str]:
    """The client's workspace and all that is in it, a table for each kind."""
    yield from _table("Workspace", [client.workspaces.get()], WORKSPACE)
    yield from _table("Computes", client.compute.list(), COMPUTES)
    yield from _table("Datastores", client.datastores.list(), DATASTORES)
    curated = sum(str(asset.name).startswith(CURATED) for asset in client.environments.list())
    title = f"Environments, beside {curated} that Azure Machine Learning offers"
    yield from _table(title, _versions(client.environments), ENVIRONMENTS)
    yield from _table("Data", _versions(client.data), DATA)
    yield from _table("Components", _versions(client.components), COMPONENTS)
    yield from models(client)


def models(client: MLClient) -> Iterator[str]:
    """The models that are registered."""
    yield from _table("Models", _versions(client.models), MODELS)


def _versions(group: Any) -> Iterator[Any]:
    """Every version of every asset of a group but the curated ones; a list of assets alone names no version."""
    for asset in group.list():
        if not asset.name.startswith(CURATED):
            yield from group.list(asset.name)


def _table(title: str, resources: Any, columns: Columns) -> Iterator[str]:
    rows = [[value(resource) for value in columns.values()] for resource in resources]
    yield from table(title, list(columns), rows)
    yield ""


def _named(resource_id: str | None) -> str | None:
    """The name of a resource: the last part of its id."""
    return resource_id.rstrip("/").rpartition("/")[2] if resource_id else None


def _scale(compute: Any) -> str | None:
    """How few and how many nodes a cluster may have."""
    most = getattr(compute, "max_instances", None)
    return None if most is None else f"{compute.min_instances} to {most}"


def _place(datastore: Any) -> str | None:
    """The container, share or filesystem of a datastore in its account."""
    parts = [getattr(datastore, name, None) for name in PLACES]
    return "/".join(part for part in parts if part) or None


def _stored(asset: Any) -> str:
    """The path of an asset's files in its datastore; other addresses as they are."""
    path = str(asset.path)
    return path.partition("/paths/")[2] or path


def _tags(asset: Any) -> str:
    return ", ".join(f"{name}={value}" for name, value in (asset.tags or {}).items())


def _names(values: Mapping[str, Any] | None) -> str:
    return ", ".join(values or {})


WORKSPACE: Columns = {
    "Name": lambda it: it.name,
    "Location": lambda it: it.location,
    "Resource group": lambda it: it.resource_group,
    "Storage": lambda it: _named(it.storage_account),
}
COMPUTES: Columns = {
    "Name": lambda it: it.name,
    "Type": lambda it: it.type,
    "Size": lambda it: getattr(it, "size", None),
    "Nodes": _scale,
    "State": lambda it: it.provisioning_state,
}
DATASTORES: Columns = {"Name": lambda it: it.name, "Type": lambda it: it.type, "Place": _place}
ENVIRONMENTS: Columns = {"Name": lambda it: it.name, "Version": lambda it: it.version, "Image": lambda it: it.image}
DATA: Columns = {
    "Name": lambda it: it.name,
    "Version": lambda it: it.version,
    "Type": lambda it: it.type,
    "Path": _stored,
}
COMPONENTS: Columns = {
    "Name": lambda it: it.name,
    "Version": lambda it: it.version,
    "Type": lambda it: it.type,
    "Inputs": lambda it: _names(it.inputs),
    "Outputs": lambda it: _names(it.outputs),
}
MODELS: Columns = {
    "Name": lambda it: it.name,
    "Version": lambda it: it.version,
    "Type": lambda it: it.type,
    "Tags": _tags,
}
