"""What is made under faults: an entity of each kind, by the calls that a user writes, and what may go wrong on the way."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import ServiceRequestError, ServiceResponseError

from mlsdk import Input, MLClient
from mlsdk.entities import (
    AccountKeyConfiguration,
    AmlCompute,
    AzureBlobDatastore,
    BuildContext,
    CommandComponent,
    ComputeInstance,
    Data,
    Environment,
    Model,
    Workspace,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipelines import Fault

IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04"
REMOTE = "azureml://datastores/workspaceblobstore/paths/x/"
SIZE = "STANDARD_DS3_v2"

CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1735689600"}}}'
CHALLENGE = (
    'Bearer authorization_uri="https://login.microsoftonline.com/", error="insufficient_claims", '
    f'claims="{base64.b64encode(CLAIMS.encode()).decode()}"'
)
"""What Azure answers to a token which was revoked, and the claims inside."""

FAULTS: dict[str, Callable[[], Fault]] = {
    "throttled": lambda: {"status": 429, "headers": {"Retry-After": "7"}},
    "throttled, no time told": lambda: {"status": 429},
    "broken": lambda: {"status": 500},
    "broken after all": lambda: {"status": 500, "after": True},
    "unavailable": lambda: {"status": 503, "headers": {"Retry-After": "7"}},
    "gateway lost the answer": lambda: {"status": 504, "after": True},
    "never arrived": lambda: {"exception": ServiceRequestError("connection refused")},
    "answer lost": lambda: {"exception": ServiceResponseError("connection reset"), "after": True},
    "token revoked": lambda: {"status": 401, "headers": {"WWW-Authenticate": CHALLENGE}},
}
"""What may go wrong with one exchange and be right the next time. Of those with `after`, the service has done its part."""


def component(**more: Any) -> CommandComponent:
    """A component with an environment of its own."""
    return CommandComponent(
        name="train",
        command="python train.py ${{inputs.rate}}",
        environment=Environment(image=IMAGE),
        inputs={"rate": Input(type="number", default=0.0)},
        **more,
    )


def datastore(name: str = "store", secret: str = "s3cret") -> AzureBlobDatastore:
    """A datastore with a secret."""
    key = AccountKeyConfiguration(account_key=secret)
    return AzureBlobDatastore(name=name, account_name="account", container_name="c", credentials=key)


def two_models(client: MLClient, folder: Path) -> None:
    """Two versions, neither of them named."""
    for word in ("a", "b"):
        client.models.create_or_update(Model(name="iris", path=folder, description=word))


def archived_data(client: MLClient, _: Path) -> None:
    """Data which was archived."""
    client.data.create_or_update(Data(name="raw", version="1", path=REMOTE))
    client.data.archive("raw", "1")


def cluster(client: MLClient, _: Path) -> None:
    """A cluster."""
    client.compute.begin_create_or_update(AmlCompute(name="cluster", size=SIZE, max_instances=1)).result()


def scaled_cluster(client: MLClient, folder: Path) -> None:
    """A cluster that was changed."""
    cluster(client, folder)
    found = client.compute.get("cluster")
    found.max_instances = 8  # type: ignore[attr-defined]
    client.compute.begin_update(found).result()


def deleted_cluster(client: MLClient, folder: Path) -> None:
    """A cluster that is gone again."""
    cluster(client, folder)
    client.compute.begin_delete("cluster").result()


def deleted_datastore(client: MLClient, _: Path) -> None:
    """A datastore that is gone again."""
    client.datastores.create_or_update(datastore())
    client.datastores.delete("store")


def workspace(client: MLClient, _: Path) -> None:
    """A workspace with all that it stands on; what a failed attempt made is removed."""
    client.workspaces.begin_create(Workspace(name="other", location="eastus"), remove_on_failure=True).result()


def registered(client: MLClient, folder: Path) -> None:
    """A model in a registry, where even that takes its time."""
    MLClient(None, registry_name="shop", backend=client._session.connection.backend).models.create_or_update(
        Model(name="iris", version="1", path=folder)
    )


MAKING: dict[str, Callable[[MLClient, Path], Any]] = {
    "model": lambda client, folder: client.models.create_or_update(Model(name="iris", version="1", path=folder)),
    "model without a version": lambda client, folder: client.models.create_or_update(Model(name="iris", path=folder)),
    "two models": two_models,
    "model without a name": lambda client, folder: client.models.create_or_update(Model(path=folder)),
    "model in a registry": registered,
    "data": lambda client, folder: client.data.create_or_update(Data(name="raw", version="1", path=folder)),
    "data without a version": lambda client, _: client.data.create_or_update(Data(name="raw", path=REMOTE)),
    "archived data": archived_data,
    "environment": lambda client, _: client.environments.create_or_update(Environment(name="env", image=IMAGE)),
    "environment to be built": lambda client, folder: client.environments.create_or_update(
        Environment(name="env", version="1", build=BuildContext(path=folder))
    ),
    "component": lambda client, _: client.components.create_or_update(component(version="1")),
    "component without a version": lambda client, _: client.components.create_or_update(component()),
    "component with code": lambda client, folder: client.components.create_or_update(component(code=folder)),
    "datastore": lambda client, _: client.datastores.create_or_update(datastore()),
    "deleted datastore": deleted_datastore,
    "cluster": cluster,
    "instance": lambda client, _: client.compute.begin_create_or_update(
        ComputeInstance(name="mine", size=SIZE)
    ).result(),
    "scaled cluster": scaled_cluster,
    "deleted cluster": deleted_cluster,
    "workspace": workspace,
}
"""Calls that leave something behind, or take it away, by the words for it."""
SLOW = ("model in a registry", "cluster", "instance", "scaled cluster", "deleted cluster", "workspace")
"""What the service may take its time for."""
