"""Environments before they are sent, and as others refer to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsdk import hashing, ids
from mlsdk.assets.places import upload_to_datastore, upload_to_registry
from mlsdk.assets.references import is_remote, local_path, parse_reference, prefixed, versioned

if TYPE_CHECKING:
    from mlsdk.assets.session import Session
    from mlsdk.entities.environment import Environment

CURATED = "AzureML-"
"""How the names of Azure's own environments begin, which the service finds by their names."""


def resolve_environment(environment: Environment, session: Session) -> Environment:
    """An environment whose build context is in the workspace's storage; without a name it is named by its definition."""
    environment = environment.named()
    build = environment.build
    if build is None or build.path is None or is_remote(build.path):
        return versioned(environment, session)
    here = local_path(build.path, environment.base_path)
    source = hashing.asset_source(here)
    if session.in_registry:
        versioned(environment, session)
        address = upload_to_registry(session, source, "environments", str(environment.name), str(environment.version))
    else:
        where, stored = upload_to_datastore(
            session, source, datastore=environment.datastore, name=str(environment.name), version=environment.version
        )
        address = f"{where.account_url}/{where.container_name}/{stored}"
    return environment.evolve(build=build.evolve(path=f"{address}/"))


def environment_id(environment: str | Environment, session: Session) -> str:
    """`azureml:` and the id of an environment: one that is written out is registered, a reference looked up."""
    if not isinstance(environment, str):
        if environment.id:
            return prefixed(str(environment.id))
        made = session.environments.create_or_update(environment)
        return prefixed(str(made.id))
    text = environment
    if text.removeprefix("azureml:").startswith(CURATED):
        return prefixed(text)
    if text.startswith("azureml://") or ids.is_arm_id(text.removeprefix("azureml:")):
        return text if text.startswith("azureml:") else prefixed(text)
    name, version, label = parse_reference(text)
    if version is None:
        version = session.environments.get(name, label=label or "latest").version
    return prefixed(f"{session.assets()}/environments/{name}/versions/{version}")
